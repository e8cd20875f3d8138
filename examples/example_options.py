"""The options of every example: --out FOLDER for its figures, --fast for a run of seconds."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path


def parser(text: str | None) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--out", type=Path, default=Path("run"), help="folder for the figures (run)")
    made.add_argument("--fast", action="store_true", help="fewer epochs, samples and frames: takes seconds")
    return made


def say_what_would_be_faster() -> None:
    """Print one line where llvmlite is not installed, so that training runs on NumPy."""
    if find_spec("llvmlite") is None:
        print("without llvmlite training runs on NumPy, about 20 times more slowly: pip install 'autograd_mini[jit]'")


def options(text: str | None, arguments: Sequence[str] | None) -> argparse.Namespace:
    say_what_would_be_faster()
    return parser(text).parse_args(arguments)
