"""Reach: everything that the functions which ran can read.

The code of a function contains the names of the globals, closures and attributes that it uses. The
objects bound to them are noted and followed, through containers, objects, classes and modules, until
no new object is found; so the order does not matter. Of a Value only the binding is watched, because
a program reads its number at each call.
"""

from __future__ import annotations

import abc
import functools
import gc
import logging
import operator
import os
import weakref
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from contextvars import Context
from enum import Enum
from types import CellType, FunctionType, MappingProxyType, MethodType, ModuleType
from typing import Any

import numpy as np

from autograd_mini.engine.own import is_own_class
from autograd_mini.engine.value import Value
from autograd_mini.program.watch.atoms import PLAIN
from autograd_mini.program.watch.code import Names
from autograd_mini.program.watch.contents import Contents
from autograd_mini.program.watch.functions import Functions
from autograd_mini.program.watch.generators import GENERATORS, state
from autograd_mini.program.watch.libraries import check_partial, note_array, note_decimal, note_logger, note_shown
from autograd_mini.program.watch.members import AnyNote, Members
from autograd_mini.program.watch.notes import Answer, is_context
from autograd_mini.program.watch.numbers import LAYOUT, Numbers, layout
from autograd_mini.program.watch.witness import Witness, space_of

__all__ = ["AnyNote", "Reach"]

VIEWS: tuple[type, ...] = (MappingProxyType, type({}.keys()), type({}.values()), type({}.items()))
CACHED = type(functools.cache(len))
WRAPPED = type("".__len__)  # a method of an object, in C
ALL_OF = {"__dict__", "__getattribute__", "__getstate__", "__reduce__", "__reduce_ex__", "__dir__"}
"""Attributes that give all others."""
MACHINERY = {"__builtins__", "__loader__", "__spec__"}
STATES = {"state", "getstate", "get_state", "__getstate__", "bit_generator"}


class Reach:
    """Everything that a function and the functions it calls can read besides arguments, as ``notes``.

    ``generators``  random generators in reach: a recording must not draw from them
    """

    def __init__(self, function: Callable[..., Any], witness: Witness) -> None:
        self.generators: list[Any] = []
        self._witness, self._executed = witness, witness.executed
        self._code = {i: Names(code) for i, (code, _) in witness.executed.items()}
        attributes = {name for code in self._code.values() for name in code.attributes}
        attributes |= {f"_{name}_" for name in attributes & {"value", "name"}}  # of a member of an Enum
        by_name = witness.by_name or bool(ALL_OF & attributes) or any(code.by_name for code in self._code.values())
        while True:
            self.members = members = Members(witness.executed, witness.called)
            members.attributes = set(attributes)
            members.everything = by_name
            members.guarded = any(code.guarded for code in self._code.values())
            self._functions = Functions(members, witness.executed, self._code)
            self.generators.clear()
            self._from(function)
            if self._functions.further <= attributes and members.by_name <= by_name:
                break
            attributes |= self._functions.further
            by_name |= members.by_name
        self.notes: dict[tuple[object, ...], AnyNote] = members.notes

    def _from(self, function: Callable[..., Any]) -> None:
        witness, look_at = self._witness, self.members.look_at
        look_at(function, getattr(function, "__name__", "the function"))
        for each in witness.selves:
            if is_own_class(each if isinstance(each, type) else type(each)):
                look_at(each, f"a {type(each).__name__}")
        if witness.environment:
            look_at(os.environ, "os.environ")
        if witness.registrations:
            self.members.add(Answer("the classes registered with a base class", abc.get_cache_token, abc))
        for name in witness.imported:
            self._functions.imported(name)
        for code, space in witness.executed.values():
            self._functions.globals(code, space)
        self._work()
        self._functions.unreached()
        self._work()

    def _work(self) -> None:
        left = self.members.left
        while left:
            self._follow(*left.popleft())

    # ------------------------------------------------------------ by kind

    def _follow(self, item: Any, label: str, named: bool) -> None:
        members = self.members
        if isinstance(item, weakref.ReferenceType):
            members.note(label, "call", item, "", item())
        elif type(item) in weakref.ProxyTypes:
            self._proxy(item, label)
        elif isinstance(item, FunctionType):
            self._functions.function(item, label)
        elif isinstance(item, MethodType):
            members.look_at(item.__self__, label)
            members.look_at(item.__func__, label)
        elif isinstance(item, functools.partial):
            check_partial(item)
            for name in ("func", "args", "keywords"):
                members.note(f"the {name} of {label}", "attribute", item, name, getattr(item, name))
        elif isinstance(item, ModuleType):
            members.module(item)
            note_decimal(members, item)
        elif isinstance(item, type):
            members.class_(item)
            note_decimal(members, item)
        elif isinstance(item, staticmethod | classmethod):
            members.look_at(item.__func__, label)
        elif isinstance(item, property):
            for each in (item.fget, item.fset):
                members.look_at(each, label)
        elif isinstance(item, GENERATORS):
            self.generators.append(item)
            if STATES & members.attributes:
                members.add(Answer(f"the state of {label}", functools.partial(state, item), item))
        elif isinstance(item, CellType):
            if item != CellType():
                members.note(f"the contents of {label}", "cell", item, "", item.cell_contents)
        elif isinstance(item, Context):
            members.add(Answer(label, functools.partial(_pairs, item), item))
            for each in item.values():
                members.look_at(each, label)
        elif is_context(item):
            members.note(label, "context", item, "", item.get(None))
        elif type(item) is CACHED:
            self._functions.cached(item, label)
        elif isinstance(item, logging.Logger):
            note_logger(members, item, label)
        elif isinstance(item, operator.attrgetter):
            self._functions.further |= {part for name in item.__reduce__()[1] for part in name.split(".")}
        elif isinstance(item, WRAPPED):
            owner: Any = item.__self__  # type: ignore[attr-defined]
            self._functions.further.add(getattr(owner, "__name__", ""))
            members.look_at(owner, label)
        elif isinstance(item, np.ndarray | bytearray) or type(item).__module__ == "array":
            members.add(Numbers(label, item))
            if isinstance(item, np.ndarray):
                self._array(item, label)
        elif not (isinstance(item, Enum) and not is_own_class(type(item))):
            self._container(item, label, named)
            self._functions.wrapped(space_of(item) or {}, label)
            note_decimal(members, type(item))
            if hasattr(type(item), "__array__") and not is_own_class(type(item)):
                note_array(members, item, label)
                return
            members.object_(item, label, named)
            if not hasattr(type(item), "__next__"):
                note_shown(members, item, label)

    def _proxy(self, item: Any, label: str) -> None:
        try:
            target = item.__init__.__self__
        except ReferenceError:
            return
        self.members.look_at(target, label)

    def _array(self, item: Any, label: str) -> None:
        if item.dtype == object:
            self._elements(item.ravel().tolist(), label)
        elif item.dtype.hasobject:  # a structured array
            for name in item.dtype.names or ():
                self.members.look_at(item[name], f"{label}[{name!r}]")
        if LAYOUT & self.members.attributes:
            self.members.add(Answer(f"the layout of {label}", functools.partial(layout, item), item))
        if type(item) is not np.ndarray and space_of(item):
            self.members.look_at(space_of(item), label, named=False)

    def _container(self, item: Any, label: str, named: bool) -> None:
        if isinstance(item, tuple | frozenset):
            self._elements(item, label, named)
        elif isinstance(item, list | set | deque | dict):
            self.members.add(Contents(label, item))
            self._elements(_values(item) if isinstance(item, dict) else item, label, named)
            if isinstance(item, dict):
                self._elements(item.keys(), label, named)
            if isinstance(item, defaultdict):
                self.members.note(f"the factory of {label}", "attribute", item, "default_factory", item.default_factory)
        elif isinstance(item, VIEWS):
            for referent in gc.get_referents(item):
                self.members.look_at(referent, label)

    def _elements(self, items: Iterable[Any], label: str, named: bool = True) -> None:
        kinds = {*map(type, items)}
        if not kinds <= PLAIN or (Value in kinds and "label" in self.members.attributes):
            for i, each in enumerate(items):
                self.members.look_at(each, f"{label}[{i}]", named)


def _values(holder: dict[Any, Any]) -> Iterable[Any]:
    """Return the values of a dict; of a namespace without Python's own: how the module is imported, the builtins."""
    if "__builtins__" not in holder:
        return holder.values()
    return [value for name, value in holder.items() if name not in MACHINERY]


def _pairs(context: Context) -> list[Any]:
    return [each for pair in context.items() for each in pair]
