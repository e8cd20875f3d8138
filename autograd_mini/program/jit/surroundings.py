"""What a function reads besides its arguments: globals, closures, and what lies in them.

A program keeps the numbers a function found there when it was recorded. When one of them is
bound anew, or a list grows, the program would go on with the old ones in silence; so what the
function's code can name is noted, and a change makes it be recorded again. Values need no
watching but their binding: a program reads them at each call. Containers are followed, and the
attributes of objects whose class is this package's or stands beside the function; objects of
other libraries are taken for what they were.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from itertools import chain
from operator import is_
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from autograd_mini.engine.value import Value
from autograd_mini.primitives.row import Primitive

__all__ = ["Surroundings"]

PACKAGE = __name__.partition(".")[0]
FIXED = (ModuleType, Primitive, type, np.ufunc, BuiltinFunctionType)


class Surroundings:
    """A note of everything ``function`` can name, and whether it is still the same."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.globals: list[tuple[dict[str, Any], str, Any]] = []
        self.cells: list[tuple[CellType, Any]] = []
        self.places: list[Any] = []  # lists, sets, views of dicts…
        self.held: list[Any] = []  # … and what all of them held
        self.sizes: list[int] = []
        self.arrays: list[tuple[Any, Any]] = []  # each with a copy of its numbers
        self._homes = {PACKAGE}
        self._seen: set[int] = set()
        self._keep: list[Any] = []  # so that no id is used twice
        self._look_into(function)
        self.sizes = [*map(len, self.places)]
        self.held = [*chain.from_iterable(self.places)]

    def changed(self) -> bool:
        """Tell whether anything is bound or filled otherwise than when it was noted."""
        return (
            any(space.get(name, self) is not seen for space, name, seen in self.globals)
            or any(_content(cell) is not seen for cell, seen in self.cells)
            or self.refilled()
        )

    def refilled(self) -> bool:
        """Tell whether a container or an array holds something else."""
        return (
            [*map(len, self.places)] != self.sizes
            or not all(map(is_, chain.from_iterable(self.places), self.held))
            or any(_numbers(array) != seen for array, seen in self.arrays)
        )

    def checks(self, mark: str, space: dict[str, Any]) -> Iterator[str]:
        """Yield Python text for each note, true where it does not hold; put the objects in ``space``."""
        for i, (names, name, seen) in enumerate(self.globals):
            space[f"_g{mark}_{i}"], space[f"_s{mark}_{i}"] = names, seen
            yield f"_g{mark}_{i}.get({name!r}) is not _s{mark}_{i}"
        for i, (cell, seen) in enumerate(self.cells):
            space[f"_e{mark}_{i}"], space[f"_t{mark}_{i}"] = cell, seen
            yield f"_content{mark}(_e{mark}_{i}) is not _t{mark}_{i}"
        space[f"_content{mark}"] = _content
        if self.places or self.arrays:
            space[f"_refilled{mark}"] = self.refilled
            yield f"_refilled{mark}()"

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
            self._homes.add(_home(type(item.__self__)))
            self._look_into(item.__self__)
        elif isinstance(item, FunctionType):
            self._function(item)
        elif isinstance(item, dict):
            self.places += [item.keys(), item.values()]
            for each in [*item.values()]:
                self._look_into(each)
        elif isinstance(item, list | tuple | set):
            self.places += [item] * (not isinstance(item, tuple))
            for each in [*item]:
                self._look_into(each)
        elif isinstance(item, np.ndarray):
            self.arrays.append((item, _numbers(item)))
        elif not isinstance(item, Value) and _home(type(item)) in self._homes and hasattr(item, "__dict__"):
            self.places.append(vars(item).values())
            for each in [*vars(item).values()]:
                self._look_into(each)

    def _function(self, function: FunctionType) -> None:
        ours = _home(function) == PACKAGE
        self._homes.add(_home(function))
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
                if not isinstance(content, FIXED) and not (
                    isinstance(content, FunctionType) and _home(content) == PACKAGE
                ):
                    self.globals.append((space, name, content))


def _names(code: CodeType) -> set[str]:
    inner = (each for each in code.co_consts if isinstance(each, CodeType))
    return set(code.co_names).union(*map(_names, inner))


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not bound yet
        return None


def _numbers(array: np.ndarray[Any, Any]) -> Any:
    return (array.shape, array.dtype, [*map(id, array.ravel())] if array.dtype == object else array.tobytes())


def _home(item: Any) -> str:
    """Return the top package or module something is defined in."""
    return str(getattr(item, "__module__", None) or "").partition(".")[0]
