"""Stamp: one comparison that tells of a thousand attributes that none of them was assigned.

Objects that are ``Stamped``, and lists that are ``Parts`` of them, renew the stamp whenever they
change. While it is the same, nothing need be asked of any of them. What goes around them
(``vars(module)["w"] = …``) is not seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["STAMP", "Parts", "Stamp", "Stamped", "parts"]

T = TypeVar("T")


class Stamp:
    """``now`` is another object after every change."""

    __slots__ = ("now",)
    now: object

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Say that something has changed."""
        self.now = object()


STAMP = Stamp()
"""Of all stamped objects together."""


class Stamped:
    """An object that renews the stamp when one of its attributes is assigned or deleted."""

    def __setattr__(self, name: str, item: Any) -> None:
        object.__setattr__(self, name, item)
        STAMP.renew()

    def __delattr__(self, name: str) -> None:
        object.__delattr__(self, name)
        STAMP.renew()


class Parts(list[T]):
    """A list that renews the stamp when it changes."""

    __slots__ = ()


def parts(item: Any) -> Any:
    """Return nested lists as nested ``Parts``."""
    return Parts(map(parts, item)) if isinstance(item, list) else item


def _renewing(name: str) -> Callable[..., Any]:
    original = getattr(list, name)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(self, *args, **kwargs)
        finally:
            STAMP.renew()

    method.__name__, method.__doc__ = name, original.__doc__
    return method


for _name in (
    "__setitem__", "__delitem__", "__iadd__", "__imul__", "append", "extend", "insert", "pop", "remove", "clear",
    "reverse", "sort", "__init__",
):  # fmt: skip
    setattr(Parts, _name, _renewing(_name))
