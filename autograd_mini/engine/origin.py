"""Origin: where a node came from, for pictures: its groups, and the line of code that made it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

from autograd_mini.engine.value import Value, observed_by, observer
from autograd_mini.primitives.row import Primitive

__all__ = ["Origin", "Tagger", "caller", "origin", "source_lines"]

PACKAGE = str(Path(__file__).parent.parent)


class Origin(NamedTuple):
    """What is known of where a node was made.

    ``groups``  the groups it was made in, outermost first: a name, and a number that tells entries apart
    ``line``    "file.py:12", "" unless made inside ``source_lines()``
    """

    groups: tuple[tuple[str, int], ...] = ()
    line: str = ""


def origin(node: Value) -> Origin:
    """Return what is known of where ``node`` was made."""
    tag = getattr(node, "tag", None)
    return tag if isinstance(tag, Origin) else Origin()


def caller() -> tuple[str, int]:
    """Return (file, line) of the nearest frame outside this package."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


class source_lines(observed_by):
    """Context in which every node remembers the line of code that made it; a live page shows it.

    Numbers and gradients are what they are without it.

    >>> x = Value(2.0)
    >>> with source_lines():
    ...     y = x * x
    >>> origin(y).line.rpartition(":")[2].isdigit()
    True
    """

    def __init__(self) -> None:
        super().__init__(None)

    def __enter__(self) -> None:
        outer = observer()
        groups = outer.groups if isinstance(outer, Tagger) else ()
        self.observer = Tagger(groups, True, outer.outer if isinstance(outer, Tagger) else outer)
        super().__enter__()


class Tagger:
    """The observer: lets whoever watched before (or nobody) do the work, then tags what came out."""

    def __init__(self, groups: tuple[tuple[str, int], ...], lines: bool, outer: Any) -> None:
        self.groups, self.lines, self.outer = groups, lines, outer
        if hasattr(outer, "pull"):
            self.pull = self._pull

    def apply(self, primitive: Primitive, args: tuple[Any, ...]) -> Any:
        """Do the operation, then write down where it was made."""
        with observed_by(self.outer):
            made = Value.__apply__(primitive, args)
        line = ""
        if self.lines:
            file, number = caller()
            line = f"{Path(file).name}:{number}"
        for node in made if isinstance(made, list) else [made]:
            if isinstance(node, Value) and not node.is_leaf and getattr(node, "tag", None) is None:
                node.tag = Origin(self.groups, line)
        return made

    def compare(self, primitive: Primitive, a: Any, b: Any) -> Any:
        """Compare as without a tagger."""
        if self.outer is not None:
            with observed_by(self.outer):
                return self.outer.compare(primitive, a, b)
        return bool(primitive.value(*(each.data if isinstance(each, Value) else each for each in (a, b))))

    def truth(self, value: Value) -> bool:
        """Answer ``bool(value)`` as without a tagger."""
        with observed_by(self.outer):
            return bool(value)

    def backward(self, output: Value, gradient: float) -> None:
        """Run backward as without a tagger."""
        with observed_by(self.outer):
            output.backward(gradient)

    def _pull(self, *args: Any) -> Any:
        with observed_by(self.outer):
            return self.outer.pull(*args)
