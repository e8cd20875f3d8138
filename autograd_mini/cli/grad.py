"""``autograd-mini grad``: value and gradient of a formula, compared with finite differences."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from autograd_mini.check.gradients import check_gradients
from autograd_mini.check.report import numeric_cells
from autograd_mini.cli.rows import as_json, grad_rows
from autograd_mini.cli.samples import add_table_options
from autograd_mini.cli.terminal import PICTURES, Refused, add_formula, draw, formula_and_values, narrate, paint, save
from autograd_mini.engine.value import Value
from autograd_mini.expression.expression import Expression
from autograd_mini.format import brief, columns, number
from autograd_mini.language import tell
from autograd_mini.transforms.functions import gradients

__all__ = ["configure", "run"]

PATIENCE = 100_000  # variables · operations; above it finite differences would take many seconds


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_formula(parser)
    parser.add_argument("--draw", metavar="FILE", help=tell("draw the graph too: {endings}", endings=PICTURES))
    parser.add_argument(
        "--theme", choices=("light", "dark", "auto"), default="light", help=tell("colours of the picture")
    )
    parser.add_argument(
        "--rows", metavar="FILE", help=tell("for each row of a CSV file (- for stdin): columns are variables")
    )
    parser.add_argument(
        "--json", action="store_true", help=tell("one JSON object (per row): value, and gradient by name")
    )
    add_table_options(parser)
    parser.add_argument("--narrate", action="store_true", help=tell("explain both passes step by step"))


def run(options: argparse.Namespace) -> None:
    """Print the value, and a table of the gradient beside finite differences."""
    if options.rows is not None:
        if options.draw or options.narrate:
            raise Refused(tell("--draw and --narrate are for one graph; leave --rows out"))
        grad_rows(*formula_and_values(options, partly=True), options)
        return
    formula, values = formula_and_values(options)
    output, leaves = formula.graph(**values)
    output.backward()
    account = narrate(output) if options.narrate else ""
    if options.draw:  # first, so that nothing else is printed where the file name is wrong
        save(draw(output, options.theme), options.draw)
    if options.json:
        derivatives = gradients(output, list(leaves.values()))
        print(as_json(output.data, dict(zip(leaves, derivatives, strict=True))))
        return
    print(f"{brief(formula.source, 100)} = {paint(number(output.data), 'value')}")
    if leaves:
        print()
        print("\n".join(_table(formula, output, leaves)))
    else:
        print(
            tell('no variables, so no gradient; name the numbers, as in: autograd-mini grad "(a + b)*c" a=3 b=5 c=10')
        )
    if account:
        print(f"\n{account}")
    if options.draw:
        print("\n" + tell("drawn: {path}", path=brief(options.draw, 200)))


def _table(formula: Expression, output: Value, leaves: dict[str, Value]) -> Iterator[str]:
    derivatives = gradients(output, list(leaves.values()))
    rows = [[tell("variable"), tell("value"), tell("gradient")]]
    rows += [[name, number(leaf.data), number(d)] for (name, leaf), d in zip(leaves.items(), derivatives, strict=True)]
    size = len(leaves) * len(formula)
    if size > PATIENCE:
        heading, *lines = columns(rows, "<..")
        yield from (paint(heading, "dim"), *lines)
        yield tell(
            "{variables} variables in {steps} steps: finite differences would take too long",
            variables=len(leaves), steps=len(formula),
        )  # fmt: skip
        return
    checked = check_gradients(formula, *(leaf.data for leaf in leaves.values()), raise_on_failure=False).derivatives
    seen = [numeric_cells(each.numeric) for each in checked]
    rows = [[*row, *cells] for row, cells in zip(rows, [[tell("differences"), "±"], *seen], strict=True)]
    heading, *lines = columns(rows, "<...<")
    yield paint(heading, "dim")
    yield from lines
    for each in checked:
        if each.note:
            text = f"{each.verdict} at {each.name} = {number(each.at)}: {each.note}"
            yield paint(text, "wrong") if each.verdict == "WRONG" else text
