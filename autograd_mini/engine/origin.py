"""Origin: the groups of a node and the line of code that made it, for pictures."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from autograd_mini.engine.observer import Observer, Sweep, observed_by, observer
from autograd_mini.engine.value import Value
from autograd_mini.primitives.row import Primitive

__all__ = ["Origin", "Tagger", "caller", "origin", "source_lines"]

PACKAGE = str(Path(__file__).parent.parent)


class Origin(NamedTuple):
    """Where a node was made.

    ``groups``  the groups it was made in, outermost first: (name, number of the entry)
    ``line``    "file.py:12", "" unless made inside ``source_lines()``
    """

    groups: tuple[tuple[str, int], ...] = ()
    line: str = ""


def origin(node: Value) -> Origin:
    """Return the groups and the line of code in which ``node`` was made."""
    tag = node.tag
    return tag if isinstance(tag, Origin) else Origin()


def caller() -> tuple[str, int]:
    """Return (file, line) of the nearest frame outside this package."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith((PACKAGE, "<autograd_mini")):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


class source_lines(observed_by):
    """Context in which every node stores the line of code that made it; a live page shows it.

    Numbers and gradients do not change.

    >>> x = Value(2.0)
    >>> with source_lines():
    ...     y = x * x
    >>> origin(y).line.rpartition(":")[2].isdigit()
    True
    """

    def make_observer(self) -> Observer:
        """Return a tagger that stores lines of code, and the groups around it."""
        return Tagger(observer(), lines=True)


class Tagger(Observer):
    """Passes each operation to the outer observer or the engine, then tags the result.

    The innermost tagger writes last, so it includes the groups of the taggers around it.
    """

    def __init__(self, outer: Observer | None, group: tuple[str, int] | None = None, lines: bool = False) -> None:
        self.outer = around = outer
        while around is not None and not isinstance(around, Tagger):
            around = around.outer
        groups = () if around is None else around.groups
        self.groups: tuple[tuple[str, int], ...] = groups if group is None else (*groups, group)
        self.lines: bool = lines or (around is not None and around.lines)

    def apply(self, primitive: Primitive, args: tuple[Any, ...]) -> Any:
        """Do the operation, then store where its result was made."""
        made = super().apply(primitive, args)
        line = ""
        if self.lines:
            file, number = caller()
            line = f"{Path(file).name}:{number}"
        for node in made if isinstance(made, list) else [made]:
            if isinstance(node, Value) and not node.is_leaf and isinstance(node.tag, Origin | None):
                node.tag = Origin(self.groups, line)
        return made

    def pull(
        self, outputs: Sequence[Any], seeds: Sequence[Any], inputs: Sequence[Any], create_graph: bool, sweep: Sweep
    ) -> list[Any]:
        """Run the sweep; the nodes of a gradient belong to the group in which it is computed."""
        if self.outer is None:
            return sweep(outputs, seeds, inputs, create_graph)
        return super().pull(outputs, seeds, inputs, create_graph, sweep)
