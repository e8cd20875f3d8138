"""Origin: the groups of a node, the line of code that made it and the function it is the result of, for pictures."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from autograd_mini.engine.observer import Observer, Sweep, observed_by, observer
from autograd_mini.engine.value import Value
from autograd_mini.primitives.row import Primitive

__all__ = ["Origin", "Tagger", "Whole", "caller", "name_whole", "origin", "source_lines"]

PACKAGE = str(Path(__file__).parent.parent)


class Whole:
    """What the result of several operations that are one function, such as a loss, keeps: its name, where it began.

    It holds the ids of the Values that the function was given: they live as long as the result does, or are no part
    of its graph. A copy of the result, whose graph has other ids, has no whole.
    """

    __slots__ = ("_given", "_result", "name")

    def __init__(self, name: str, result: Value, given: Iterable[object]) -> None:
        self.name, self._result, self._given = name, id(result), frozenset(map(id, given))

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        return type(None), ()

    def nodes(self, result: Value) -> list[Value]:
        """Return the nodes that the function made, its result first; [] for a copy of the result."""
        if id(result) != self._result:
            return []
        found, waiting, seen = [], [result], set(self._given)
        while waiting:
            node = waiting.pop()
            if id(node) not in seen and not node.is_leaf:
                seen.add(id(node))
                found.append(node)
                waiting += node.parents
        return found


class Origin(NamedTuple):
    """Where a node was made.

    ``groups``  the groups it was made in, outermost first: (name, number of the entry)
    ``line``    "file.py:12", "" unless made inside ``source_lines()``
    ``whole``   what it is the result of, where several operations are one function; None for others
    """

    groups: tuple[tuple[str, int], ...] = ()
    line: str = ""
    whole: Whole | None = None


def origin(node: Value) -> Origin:
    """Return the groups and the line of code in which ``node`` was made."""
    tag = node.tag
    return tag if isinstance(tag, Origin) else Origin()


def name_whole(name: str, result: object, given: Iterable[object]) -> None:
    """Mark what was computed from ``given`` to ``result`` as one function; coarser pictures draw one box.

    Does nothing where ``result`` is a number or a leaf, or is traced: a program does not keep where a number was made.
    """
    if type(result) is Value and not result.is_leaf:
        made = origin(result)
        result.tag = Origin(made.groups, made.line, Whole(name, result, given))


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
