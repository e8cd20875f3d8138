"""Stamp: one comparison that shows that none of a thousand attributes was assigned.

``Stamped`` objects, and their lists of class ``Parts``, renew the stamp whenever they change. While
the stamp is the same, none of them needs to be checked. Changes that bypass them
(``vars(module)["w"] = …``) are not noticed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["STAMP", "Parts", "Stamp", "Stamped", "parts"]

T = TypeVar("T")


class Stamp:
    """``now`` is a new object after every change."""

    __slots__ = ("now",)
    now: object

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Record that something has changed."""
        self.now = object()


STAMP = Stamp()
"""The stamp of all stamped objects together."""


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
