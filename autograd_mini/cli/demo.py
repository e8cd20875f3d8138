"""``autograd-mini demo``: two small graphs, their values, their gradients, and the steps that computed them."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograd_mini.cli.terminal import Refused, draw, narrate, paint, save
from autograd_mini.engine.backward import topological_order
from autograd_mini.engine.value import Value, parameter
from autograd_mini.format import brief, columns, number
from autograd_mini.language import tell
from autograd_mini.primitives.table import affine, tanh

__all__ = ["arithmetic", "configure", "neuron", "run"]

THEMES = ("light", "dark")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "--out", metavar="FOLDER", default="demo", help=tell("folder for the pictures (default: ./demo)")
    )


def arithmetic() -> Value:
    """Return the graph of (3 + 5) × 10."""
    a, b, k = Value(3.0, label="a"), Value(5.0, label="b"), Value(10.0, label="k")
    c = a + b
    c.label = "c"
    y = c * k
    y.label = "y"
    return y


def neuron() -> Value:
    """Return the squared loss of one neuron: L = (tanh(w·x + b) − t)²."""
    weights = [parameter(w, label) for w, label in ((0.4, "w₁"), (0.6, "w₂"), (-0.2, "w₃"))]
    inputs = [Value(x, label) for x, label in ((2.0, "x₁"), (-1.0, "x₂"), (0.5, "x₃"))]
    z = affine(weights, inputs, parameter(0.1, "b"))
    z.label = "z"
    y = tanh(z)
    y.label = "y"
    loss: Value = (y - Value(1.0, "t")) ** 2
    loss.label = "L"
    return loss


NEURON = "A neuron and its squared loss: L = (tanh(w₁x₁ + w₂x₂ + w₃x₃ + b) − t)²"
GRAPHS = {
    "arithmetic": ("(3 + 5) × 10", arithmetic),
    "neuron": (NEURON, neuron),
}


def run(options: argparse.Namespace) -> None:
    """Print and draw every graph of the demonstration."""
    folder = Path(options.out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(
            tell("cannot make the folder {path}: {why}", path=brief(options.out), why=error.strerror or error)
        ) from None
    written: list[Path] = []
    for name, (title, build) in GRAPHS.items():
        output = build()
        output.backward()
        print(paint(tell(NEURON) if title == NEURON else title, "bold"))
        print()
        print(_indent(_table(output)))
        print()
        print(_indent(narrate(output)))
        print()
        for theme in THEMES:
            path = folder / f"{name}-{theme}.svg"
            save(draw(output, theme), str(path))
            written.append(path)
    print(paint(tell("Pictures, to open in a browser"), "bold"))
    print(_indent("\n".join(str(path) for path in written)))
    print()
    print(paint(tell("Your own"), "bold"))
    print(_indent('autograd-mini grad "tanh(w*x + b)" w=0.5 x=2 b=-1 --narrate --draw graph.svg'))


def _table(output: Value) -> str:
    named = [node for node in topological_order(output) if node.label]
    rows = [[node.label, number(node.data), number(node.grad)] for node in named]
    heading, *lines = columns([["", tell("value"), f"∂{output.label}/∂"], *rows], "<..")
    return "\n".join((paint(heading, "dim"), *lines))


def _indent(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.split("\n"))
