"""What a function reads besides its arguments: globals, closures, and what lies in them.

A program keeps the numbers a function found there when it was recorded. When one of them is
bound anew, or a list grows, the program would go on with the old ones in silence; so what the
function's code can name is noted, and a change makes it be recorded again. Values need no
watching but their binding: a program reads them at each call. What lies behind attributes of
objects is not followed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from autograd_mini.primitive import Primitive

__all__ = ["Surroundings"]

PACKAGE = __name__.partition(".")[0]
CONTAINERS = (list, tuple, dict, set)
FIXED = (ModuleType, Primitive, type, np.ufunc, BuiltinFunctionType)


class Surroundings:
    """A note of everything ``function`` can name, and whether it is still the same."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.globals: list[tuple[dict[str, Any], str, Any]] = []
        self.cells: list[tuple[CellType, Any]] = []
        self.contents: list[tuple[Any, Any]] = []  # container or array, and its snapshot
        self._seen: set[int] = set()
        self._keep: list[Any] = []  # so that no id is used twice
        self._look_into(function)

    def changed(self) -> bool:
        """Tell whether anything is bound or filled otherwise than when it was noted."""
        return (
            any(space.get(name, self) is not seen for space, name, seen in self.globals)
            or any(_content(cell) is not seen for cell, seen in self.cells)
            or any(_snapshot(item) != seen for item, seen in self.contents)
        )

    def checks(self, mark: str, space: dict[str, Any]) -> Iterator[str]:
        """Yield Python text for each note, true where it does not hold; put the objects in ``space``."""
        for i, (names, name, seen) in enumerate(self.globals):
            space[f"_g{mark}_{i}"], space[f"_s{mark}_{i}"] = names, seen
            yield f"_g{mark}_{i}.get({name!r}) is not _s{mark}_{i}"
        for i, (cell, seen) in enumerate(self.cells):
            space[f"_e{mark}_{i}"], space[f"_t{mark}_{i}"] = cell, seen
            yield f"_content{mark}(_e{mark}_{i}) is not _t{mark}_{i}"
        for i, (item, seen) in enumerate(self.contents):
            space[f"_i{mark}_{i}"], space[f"_n{mark}_{i}"] = item, seen
            yield f"_snapshot{mark}(_i{mark}_{i}) != _n{mark}_{i}"
        space[f"_content{mark}"], space[f"_snapshot{mark}"] = _content, _snapshot

    def _look_into(self, item: Any) -> None:
        """Follow functions, methods, partials and containers."""
        if id(item) in self._seen or isinstance(item, FIXED):
            return
        self._seen.add(id(item))
        self._keep.append(item)
        if isinstance(item, functools.partial):
            for each in (item.func, *item.args, *item.keywords.values()):
                self._look_into(each)
        elif isinstance(item, MethodType):
            self._look_into(item.__func__)
        elif isinstance(item, FunctionType):
            self._function(item)
        elif isinstance(item, CONTAINERS):
            if not isinstance(item, tuple):
                self.contents.append((item, _snapshot(item)))
            for each in item.values() if isinstance(item, dict) else item:
                self._look_into(each)
        elif isinstance(item, np.ndarray):
            self.contents.append((item, _snapshot(item)))

    def _function(self, function: FunctionType) -> None:
        ours = (function.__module__ or "").partition(".")[0] == PACKAGE
        wrapped = getattr(function, "__wrapped__", None)
        if wrapped is not None:
            self._look_into(wrapped)
        for each in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
            self._look_into(each)
        for cell in function.__closure__ or ():
            content = _content(cell)
            self._look_into(content)
            if not ours and not isinstance(content, FIXED) and content is not function:
                self.cells.append((cell, content))
        if ours:
            return
        space = function.__globals__
        for name in sorted(_names(function.__code__)):
            if name in space:
                content = space[name]
                self._look_into(content)
                package = (getattr(content, "__module__", None) or "").partition(".")[0] == PACKAGE
                if not isinstance(content, FIXED) and not (package and isinstance(content, FunctionType)):
                    self.globals.append((space, name, content))


def _names(code: CodeType) -> set[str]:
    inner = (each for each in code.co_consts if isinstance(each, CodeType))
    return set(code.co_names).union(*map(_names, inner))


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not bound yet
        return None


def _snapshot(item: Any) -> Any:
    """Return what ``item`` holds, so that equal means the same objects (of an array: the same numbers)."""
    if isinstance(item, np.ndarray):
        return (item.shape, item.dtype, item.tobytes() if item.dtype != object else [*map(id, item.ravel())])
    if isinstance(item, dict):
        return [(key if isinstance(key, str) else id(key), id(each)) for key, each in item.items()]
    return sorted(map(id, item)) if isinstance(item, set) else [*map(id, item)]
