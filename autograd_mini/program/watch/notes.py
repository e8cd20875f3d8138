"""Notes: one object that a recorded function read, and the condition that it is unchanged.

The condition is Python text, so that the conditions of hundreds of notes become one function without
a loop. Numbers and strings are compared by type and value, other objects by identity: an equal list
in the same place is another list.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from autograd_mini.program.watch.atoms import all_same, is_atom, same

__all__ = ["ABSENT", "Answer", "Name", "Note", "equal", "is_context"]

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


def equal(read: str, seen: object, name: Name) -> str:
    """Return the condition that ``read`` gives ``seen``."""
    if is_atom(seen) and not isinstance(seen, bool) and seen is not None:
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
    """What a function of no arguments answered: a list is compared element by element, all else by equality."""

    def __init__(self, label: str, ask: Callable[[], Any], about: Any) -> None:
        self.label, self.holder, self.seen, self._about = label, ask, ask(), about

    @property
    def key(self) -> tuple[object, ...]:
        """The key that identifies the note."""
        return "answer", id(self._about)

    def text(self, name: Name) -> str:
        """Return the condition."""
        if isinstance(self.seen, list):
            return f"{name(all_same)}({name(self.holder)}(), {name(self.seen)})"
        return f"{name(self.holder)}() == {name(self.seen)}"


def is_context(item: object) -> bool:
    """Tell whether ``item`` is a context variable, which is read by ``get``."""
    return isinstance(item, ContextVar)
