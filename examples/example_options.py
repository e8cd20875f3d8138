"""What every example understands: --out FOLDER for its figures, --fast for a run of seconds."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path


def parser(text: str | None) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--out", type=Path, default=Path("run"), help="folder for the figures (run)")
    made.add_argument("--fast", action="store_true", help="fewer epochs, samples and frames: a look in seconds")
    return made


def options(text: str | None, arguments: Sequence[str] | None) -> argparse.Namespace:
    return parser(text).parse_args(arguments)
