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
    Known(
        "autograd_mini/program/passes/simplify.py",
        "    if _is(a, -0.0):\n        return b\n    if _is(b, -0.0):",
        "    if _is(a, 0.0):\n        return b\n    if _is(b, -0.0):",
        "tests/program/passes/test_simplify.py",
    ),
    Known(  # the sums of adjoints round in another order than in Value.backward
        "autograd_mini/program/passes/adjoint.py",
        "before = (makers[x] for x in reversed(step.operands) if",
        "before = (makers[x] for x in step.operands if",
        "tests/program/passes/test_adjoint.py",
    ),
    Known(  # a tangent through the branch that was not taken: 0·inf
        "autograd_mini/transforms/sweep.py",
        """            partial * moved[parent]
            for parent, recorded, partial in zip(
                node.parents, node.partials, _partials(node, create_graph), strict=True
            )
            if parent in moved and recorded is not NO_FLOW and partial is not NO_FLOW
""",
        """            (partial or 0.0) * moved[parent]
            for parent, recorded, partial in zip(
                node.parents, node.partials, _partials(node, create_graph), strict=True
            )
            if parent in moved
""",
        "tests/primitives/test_edges.py",
    ),
    Known(
        "autograd_mini/primitives/table.py",
        'complement = primitive("complement", None, (-1.0, NO_FLOW)',
        'complement = primitive("complement", None, lambda x, y, out: (-1.0, 0.0 * y)',
        "tests/primitives",
    ),
    Known(
        "autograd_mini/program/jit/jitted.py",
        "if path.given.guards and not found.pop() and not is_new:",
        "if path.given.guards and not found.pop():",
        "tests/program/jit",
    ),
    Known("autograd_mini/program/jit/columns.py", "        holds[0] |= is_new\n", "", "tests/program/jit"),
    Known(
        "autograd_mini/program/recorded.py", "            holds[0] |= is_new\n", "", "tests/program/jit/test_doors.py"
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
