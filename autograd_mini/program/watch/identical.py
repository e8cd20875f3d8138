"""Whether containers still have the very objects that they had, in the same order."""

from __future__ import annotations

import os
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterable
from itertools import chain
from operator import is_
from typing import Any

__all__ = ["elements", "identical", "in_python", "is_direct"]

ITERATES: dict[type, Callable[[Any], Iterable[Any]]] = {
    OrderedDict: lambda holder: chain.from_iterable(OrderedDict.items(holder)),  # its order is not the dict's
    dict: lambda holder: chain.from_iterable(dict.items(holder)),
    list: list.__iter__,
    set: set.__iter__,
    deque: deque.__iter__,
}


def elements(holder: Collection[Any]) -> list[Any]:
    """Return the elements of a list, set or deque; of a dict each key, then its value.

    Methods of a subclass do not run: what they return depends on these elements, and on what is watched elsewhere.
    """
    return [*next(iterate for kind, iterate in ITERATES.items() if isinstance(holder, kind))(holder)]


def is_direct(holder: Collection[Any]) -> bool:
    """Tell whether ``identical`` takes this container."""
    return isinstance(holder, list) or type(holder) in (dict, set, deque)


def in_python(holders: list[Any], seen: list[list[Any]]) -> bool:
    """Tell whether each container has the very objects that were seen in it."""
    for holder, objects in zip(holders, seen, strict=True):
        now = elements(holder)
        if len(now) != len(objects) or not all(map(is_, now, objects)):
            return False
    return True


def _fastest() -> Callable[[list[Any], list[list[Any]]], bool]:
    if os.environ.get("AUTOGRAD_MINI_PURE", "0") not in ("", "0"):
        return in_python
    try:
        from autograd_mini.program.watch._identical import identical
    except ImportError:
        return in_python
    return identical


identical = _fastest()
"""``in_python``, in C where that was built."""
