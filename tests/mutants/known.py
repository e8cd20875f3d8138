"""Changes to other code that once passed the whole suite, and the test that each of them fails now.

``python -m tests.mutants known`` makes each in a copy of the repository and runs its test there.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

__all__ = ["KNOWN", "ROOT", "Known", "alive"]

ROOT = Path(__file__).parents[2]


class Known(NamedTuple):
    """A wrong line: in ``file``, ``right`` becomes ``wrong``; ``test`` fails then."""

    file: str
    right: str
    wrong: str
    test: str


KNOWN = (
    Known(
        "autograd_mini/primitives/table.py",
        'log = primitive("log", ieee.log, lambda x, y: 1.0 / nonnegative(x), domain=(POSITIVE,)',
        'log = primitive("log", ieee.log, lambda x, y: 1.0 / nonnegative(x), domain=((1.0, 2.0),)',
        "tests/primitives/test_primitives.py::test_a_row_does_not_choose_where_it_is_examined",
    ),
    Known(
        "autograd_mini/program/targets/numpy.py",
        '"maximum": "np.where(({0} == 0.0) & ({1} == 0.0), {0} + {1}, np.maximum({0}, {1}))"',
        '"maximum": "np.maximum({0}, {1})"',
        "tests/program/test_agreement.py::test_zeros_have_their_sign",
    ),
    Known(
        "autograd_mini/program/targets/numpy.py",
        '"minimum": "np.where(({0} == 0.0) & ({1} == 0.0), -(-{0} - {1}), np.minimum({0}, {1}))"',
        '"minimum": "np.minimum({0}, {1})"',
        "tests/program/test_agreement.py::test_zeros_have_their_sign",
    ),
    Known(
        "autograd_mini/program/passes/simplify.py",
        "return rows.where, condition, inner.operands[1], b",
        "return rows.where, condition, inner.operands[2], b",
        "tests/program/passes",
    ),
    Known(
        "autograd_mini/training/run.py",
        "self.epoch - self.best_epoch >= patience",
        "self.epoch - self.best_epoch > patience",
        "tests/training",
    ),
)


def alive(known: Known) -> bool:
    """Tell whether the test passes although the line is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", "images"))
        path = copy / known.file
        path.write_text(path.read_text().replace(known.right, known.wrong))
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", known.test]
        done = subprocess.run(
            command, cwd=copy, env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(copy)}, capture_output=True
        )
    return done.returncode == 0
