"""``autograd-mini draw``: the graph of a formula in a file."""

from __future__ import annotations

import argparse

from autograd_mini.cli.terminal import PICTURES, add_formula, draw, formula_and_values, save
from autograd_mini.format import brief
from autograd_mini.language import tell

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_formula(parser)
    parser.add_argument(
        "-o", "--output", metavar="FILE", required=True, help=tell("the file to write: {endings}", endings=PICTURES)
    )
    parser.add_argument(
        "--theme", choices=("light", "dark", "auto"), default="light", help=tell("colours (default: light)")
    )
    parser.add_argument(
        "--detail", default="auto", help=tell("level of detail (default: auto, by the size of the graph)")
    )


def run(options: argparse.Namespace) -> None:
    """Draw the graph with its values and gradients."""
    formula, values = formula_and_values(options)
    output, _ = formula.graph(**values)
    output.backward()
    drawing = draw(output, options.theme, options.detail)
    save(drawing, options.output)
    for note in drawing.notes:
        print(note)
    print(tell("drawn: {path}", path=brief(options.output, 200)))
