"""``autograd-mini draw``: the graph of a formula in a file."""

from __future__ import annotations

import argparse

from autograd_mini.cli.terminal import PICTURES, add_formula, draw, formula_and_values, save
from autograd_mini.format import brief

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_formula(parser)
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help=f"the file to write: {PICTURES}")
    parser.add_argument("--theme", choices=("light", "dark", "auto"), default="light", help="colours (default: light)")
    parser.add_argument("--detail", default="auto", help="level of detail (default: auto, by the size of the graph)")


def run(options: argparse.Namespace) -> None:
    """Draw the graph with its values and gradients."""
    formula, values = formula_and_values(options)
    output, _ = formula.graph(**values)
    output.backward()
    drawing = draw(output, options.theme, options.detail)
    save(drawing, options.output)
    for note in drawing.notes:
        print(note)
    print(f"drawn: {brief(options.output, 200)}")
