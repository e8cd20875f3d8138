"""``autograd-mini predict``: a trained model on the rows of a table."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path

from autograd_mini.cli.samples import add_table_options, table
from autograd_mini.cli.terminal import Refused
from autograd_mini.data import DataError
from autograd_mini.language import tell
from autograd_mini.predictor import ModelError, Predictor

__all__ = ["configure", "run"]

EXAMPLES = """\
MODEL is the folder that train wrote, or the model.json in it. ROWS is a CSV file, or - for
standard input; its columns are found by name, other columns are ignored.

Prints CSV: the prediction, and for classes the probability of each. With --json, one object per
row: {"species": "cat", "probabilities": {"cat": 0.98, "dog": 0.02}}.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = tell(EXAMPLES)
    parser.add_argument("model", metavar="MODEL", help=tell("a folder written by train, or a model.json"))
    parser.add_argument("rows", metavar="ROWS", help=tell("a CSV file, or -"))
    parser.add_argument("--json", action="store_true", help=tell("one JSON object per row"))
    add_table_options(parser)


def run(options: argparse.Namespace) -> None:
    """Print a prediction for each row."""
    path = Path(options.model)
    try:
        predictor = Predictor.load(path / "model.json" if path.is_dir() else path)
        rows = table(options, sys.stdin.buffer if options.rows == "-" else options.rows)
        found, chosen = predictor.outputs(rows), predictor.predict(rows)
    except (ModelError, DataError) as error:
        raise Refused(str(error)) from None
    name, classes = predictor.target.name, predictor.target.classes
    if options.json:
        for prediction, numbers in zip(chosen, found.tolist(), strict=True):
            shares = {"probabilities": dict(zip(classes, numbers, strict=True))} if classes else {}
            print(json.dumps({name: prediction, **shares}, ensure_ascii=False))
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow([name, *(f"p({each})" for each in classes)])
    for prediction, numbers in zip(chosen, found.tolist(), strict=True):
        writer.writerow([prediction, *(numbers if classes else [])])
