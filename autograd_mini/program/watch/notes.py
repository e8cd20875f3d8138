"""Notes: one object that a recorded function read, and the condition that it is unchanged.

The condition is Python text, so that the conditions of hundreds of notes become one function without
a loop. Numbers and strings are compared by type and value, other objects by identity: an equal list
in the same place is another list.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Collection
from contextvars import ContextVar
from dataclasses import dataclass
from operator import is_, itemgetter
from types import ModuleType
from typing import Any

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.program.watch.stamp import Parts

__all__ = ["ABSENT", "ATOMS", "Answer", "Contents", "Note", "Numbers", "same"]

ATOMS = (float, int, bool, str, bytes, complex, type(None), np.number, np.bool_)
PLAIN = {float, int, bool, str, bytes, type(None), Value}
"""Types whose == is known; lists with elements of other types are compared one by one."""
SHORT = 8  # lists up to this length are compared element by element in the text
FIXED_SIGNS = 64  # so many zeros of a long list have their signs compared one by one
ABSENT: Any = object()
"""The object for a name that is not bound."""

READ = {
    "item": "{holder}[{name!r}]",
    "attribute": "{holder}.{name}",
    "entry": "{holder}.__dict__[{name!r}]",
    "cell": "{holder}.cell_contents",
    "context": "{holder}.get(None)",
    "call": "{holder}()",
}
"""Kind of a note → the expression that reads its object."""

Name = Callable[[object], str]
"""Object → its identifier in the text."""


def same(now: object, seen: object) -> bool:
    """Tell whether two numbers or strings have the same type, value, and sign of zero."""
    return (
        now.__class__ is seen.__class__
        and isinstance(seen, ATOMS)
        and (now == seen or now != now)
        and (repr(now) == repr(seen))
    )


def equal(read: str, seen: object, name: Name) -> str:
    """Return the condition that ``read`` gives ``seen``."""
    if isinstance(seen, ATOMS) and not isinstance(seen, bool) and seen is not None:
        return f"({read} is {name(seen)} or {name(same)}({read}, {name(seen)}))"
    return f"{read} is {name(seen)}"


@dataclass(frozen=True, slots=True)
class Note:
    """A name that was bound to ``seen``.

    ``label``   its name in messages
    ``kind``    how it is read: see ``READ``; "builtin" is a global name that is not bound
    ``holder``  the namespace, the object, the cell
    """

    label: str
    kind: str
    holder: Any
    name: str
    seen: Any

    @property
    def key(self) -> tuple[object, ...]:
        """The key that identifies the note."""
        return self.kind, id(self.holder), self.name

    def text(self, name: Name, read: str = "") -> str:
        """Return the condition; ``read`` is a shorter expression for the object, if there is one."""
        if self.seen is ABSENT:
            return f"{self.name!r} not in {name(self.holder)}{'.__dict__' * (self.kind == 'entry')}"
        if self.kind == "builtin" and not read:
            found = equal(f"{name(_builtins(self.holder))}[{self.name!r}]", self.seen, name)
            return f"({self.name!r} not in {name(self.holder)} and {found})"
        return equal(read or READ[self.kind].format(holder=name(self.holder), name=self.name), self.seen, name)


def _builtins(space: dict[str, Any]) -> dict[str, Any]:
    found: Any = space["__builtins__"]
    return vars(found) if isinstance(found, ModuleType) else found


class Answer:
    """What a function of no arguments answered, compared by equality."""

    def __init__(self, label: str, ask: Callable[[], Any], about: Any) -> None:
        self.label, self.holder, self.seen, self._about = label, ask, ask(), about

    @property
    def key(self) -> tuple[object, ...]:
        """The key that identifies the note."""
        return "answer", id(self._about)

    def text(self, name: Name) -> str:
        """Return the condition."""
        return f"{name(self.holder)}() == {name(self.seen)}"


class Contents:
    """The elements of a list, a set, a deque or a dict, in order.

    ``is_bulk``  True where the list is compared together with many other lists
    """

    def __init__(self, label: str, holder: Collection[Any]) -> None:
        self.label, self.holder = label, holder
        self.seen = [*holder]
        self.values = [*holder.values()] if isinstance(holder, dict) else []
        held = self.values if isinstance(holder, dict) else self.seen
        self.plain = {*map(type, self.seen)} | {*map(type, self.values)} <= PLAIN
        self.nested = type(holder) is list and bool(self.seen) and all(_of_values(each) for each in self.seen)
        self.with_values = self.nested or Value in {*map(type, held)}
        self.is_short = len(self.seen) <= SHORT and (isinstance(holder, list | deque) or type(holder) is dict)
        # a list of lists of Values too: another inner list of the very same Values means the same program, and is
        # compared again at the next call
        self.is_bulk = not self.is_short and (self.nested or (self.plain and type(holder) in (list, Parts)))
        self.zeros: list[int] = []
        self.signs: tuple[Callable[[Any], Any] | None, bytes] | None = None  # of many zeros: what picks them, the bits
        if self.is_bulk and 0.0 in self.seen:
            self.zeros = [i for i, each in enumerate(self.seen) if type(each) is float and each == 0.0]
            if len(self.zeros) > FIXED_SIGNS:
                pick = itemgetter(*self.zeros) if len(self.zeros) < len(self.seen) else None
                self.zeros, self.signs = [], (pick, array("d", pick(self.seen) if pick else self.seen).tobytes())

    @property
    def key(self) -> tuple[object, ...]:
        """The key that identifies the note."""
        return "contents", id(self.holder)

    def text(self, name: Name) -> str:
        """Return the condition."""
        here = name(self.holder)
        if self.is_short:
            size = f"len({here}) == {len(self.seen)}"
            if isinstance(self.holder, dict):
                keys = [f"(*{here},) == {name(tuple(self.seen))}"] if self.seen else [f"not {here}"]
                return " and ".join(
                    keys + [equal(f"{here}[{name(k)}]", v, name) for k, v in zip(self.seen, self.values, strict=True)]
                )
            return " and ".join([size, *(equal(f"{here}[{i}]", each, name) for i, each in enumerate(self.seen))])
        if self.is_bulk:  # the list is compared together with others; here only the signs of its zeros
            signs = [equal(f"{here}[{i}]", self.seen[i], name) for i in self.zeros]
            if self.signs is not None:
                pick, bits = self.signs
                zeros = f"{name(pick)}({here})" if pick else here
                signs.append(f"{name(array)}('d', {zeros}).tobytes() == {name(bits)}")
            return " and ".join(signs) or "True"
        return f"{name(self.holds)}()"

    def holds(self) -> bool:
        """Tell whether it has the same elements."""
        now = [*self.holder]
        if isinstance(self.holder, dict) and not _all_same([*self.holder.values()], self.values):
            return False
        return _all_same(now, self.seen)


def _all_same(now: list[Any], seen: list[Any]) -> bool:
    return len(now) == len(seen) and (
        all(map(is_, now, seen)) or all(a is b or same(a, b) for a, b in zip(now, seen, strict=True))
    )


class Numbers:
    """The numbers of an array or a buffer, compared bit by bit; the elements of an array of objects, by identity."""

    LARGE = 1 << 16  # bytes; larger arrays are compared without a copy

    def __init__(self, label: str, holder: Any) -> None:
        self.label, self.holder = label, holder
        self.seen = _content(holder)
        self.shape = getattr(holder, "shape", None)

    @property
    def key(self) -> tuple[object, ...]:
        """The key that identifies the note."""
        return "numbers", id(self.holder)

    def text(self, name: Name) -> str:
        """Return the condition."""
        here = name(self.holder)
        if type(self.holder) is np.ndarray and self.holder.dtype != object and self.holder.nbytes < self.LARGE:
            return f"{here}.tobytes() == {name(self.seen)} and {here}.shape == {name(self.shape)}"
        return f"{name(self.holds)}()"

    def holds(self) -> bool:
        """Tell whether the numbers are the same."""
        holder = self.holder
        if getattr(holder, "shape", None) != self.shape:
            return False
        if isinstance(holder, np.ndarray) and holder.dtype == object:
            return _all_same(holder.ravel().tolist(), self.seen)
        if isinstance(holder, np.ndarray) and holder.nbytes >= self.LARGE and holder.itemsize == 8:
            words = np.ascontiguousarray(holder).view(np.int64)
            return bool((words.reshape(-1) == np.frombuffer(self.seen, dtype=np.int64)).all())
        return bool(_content(holder) == self.seen)


def _of_values(item: Any, depth: int = 4) -> bool:
    """Tell whether ``item`` is a list of Values and of such lists, down to some depth."""
    if type(item) is not list or not item or not depth:
        return False
    return {*map(type, item)} == {Value} or all(type(x) is Value or _of_values(x, depth - 1) for x in item)


def _content(holder: Any) -> Any:
    if isinstance(holder, np.ndarray):
        return holder.ravel().tolist() if holder.dtype == object else holder.tobytes()
    return bytes(memoryview(holder))


def is_context(item: object) -> bool:
    """Tell whether ``item`` is a context variable, which is read by ``get``."""
    return isinstance(item, ContextVar)
