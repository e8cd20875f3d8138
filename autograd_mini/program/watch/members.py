"""The attributes that recorded functions could read: of objects, classes, functions and modules."""

from __future__ import annotations

import itertools
import operator
import sys
from collections import deque
from collections.abc import Callable
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GenericAlias,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.engine.own import is_own_class, is_own_module, is_package_file
from autograd_mini.engine.value import Value
from autograd_mini.primitives.row import Primitive
from autograd_mini.program.record.traced import TraceError
from autograd_mini.program.watch.atoms import PLAIN, is_atom
from autograd_mini.program.watch.contents import Contents
from autograd_mini.program.watch.foreign import check_called, is_buffer, is_output
from autograd_mini.program.watch.notes import ABSENT, Answer, Note
from autograd_mini.program.watch.numbers import Numbers
from autograd_mini.program.watch.witness import slots_of, space_of

__all__ = ["AnyNote", "Members", "found_in"]

AnyNote: TypeAlias = Note | Contents | Numbers | Answer
SETTLED = (
    Primitive, Value, np.ufunc, np.dtype, BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType,
    GetSetDescriptorType, MemberDescriptorType, CodeType, GenericAlias, range, slice,
)  # fmt: skip
LIMIT = 200_000  # objects that are followed; with more, checking them would take longer than the function
BY_NAME = {*map(id, (getattr, hasattr, vars, dir, operator.attrgetter, operator.methodcaller))}
OF_FUNCTIONS = {
    "__name__", "__qualname__", "__doc__", "__module__", "__annotations__", "__defaults__", "__kwdefaults__",
    "__closure__", "__code__", "__globals__",
}  # fmt: skip
OF_CLASSES = {"__name__", "__qualname__", "__doc__", "__bases__", "__mro__"}


class Members:
    """A list of things to follow, and what is noted of the attributes of each.

    ``attributes``  the names that executed code reads of anything
    ``everything``  True where it also reads by names that it does not spell out
    ``guarded``     True where it also matters what is not there
    ``by_name``     True once something was met that reads attributes by names in strings
    ``executed``    id → code that ran
    ``called``      id → object in C, and the method of it that was called
    """

    def __init__(self, executed: dict[int, Any], called: dict[int, tuple[Any, str]]) -> None:
        self.notes: dict[tuple[object, ...], AnyNote] = {}
        self.executed, self.called = executed, called
        self.attributes: set[str] = set()
        self.everything = self.guarded = self.by_name = False
        self._seen: set[int] = set()
        self._keep: list[Any] = []  # kept alive, so that no id is used twice
        self.left: deque[tuple[Any, str, bool]] = deque()

    def look_at(self, item: Any, label: str, named: bool = True) -> None:
        """Follow an item, if there is anything in it to follow."""
        if type(item) is Value and "label" in self.attributes:
            self.add(Note(f"the label of {label}", "attribute", item, "label", item.label))
        if type(item) in PLAIN or id(item) in self._seen:
            return
        self.by_name |= id(item) in BY_NAME
        if isinstance(item, SETTLED) or is_atom(item):
            self.behind(item, label)
            return
        self._seen.add(id(item))
        self._keep.append(item)
        if len(self._keep) > LIMIT:
            raise TraceError(
                f"the function can reach more than {LIMIT:,} objects ({label}, …), which a compiled function would "
                "have to check at each call; pass what it needs as arguments"
            )
        self.left.append((item, label, named))

    def behind(self, item: Any, label: str) -> None:
        """Follow the object that a built-in method belongs to."""
        owner = getattr(item, "__self__", None) if isinstance(item, BuiltinFunctionType) else None
        if owner is not None and not isinstance(owner, ModuleType):
            self.look_at(owner, label)

    def note(self, label: str, kind: str, holder: Any, name: str, seen: Any) -> None:
        """Note what is bound to a name, and follow it."""
        note = Note(label, kind, holder, name, seen)
        if self.notes.setdefault(note.key, note) is note and seen is not ABSENT:
            self.look_at(seen, label)

    def add(self, note: AnyNote) -> None:
        """Note something, without following it."""
        self.notes.setdefault(note.key, note)

    # ------------------------------------------------------------ functions and modules

    def function_attributes(self, function: FunctionType, label: str) -> None:
        """Note what a function keeps in attributes."""
        space = vars(function)
        if self.everything and space:
            self.look_at(space, label, named=False)
        for name in self.attributes & (space.keys() | OF_FUNCTIONS):
            self.note(f"{label}.{name}", "attribute", function, name, getattr(function, name))
        if self.guarded:
            self._absent(label, [function], self.attributes - space.keys())

    def module(self, module: ModuleType) -> None:
        """Note what a module binds to the names that are read of anything."""
        space, own = vars(module), is_own_module(module.__name__)
        if module.__name__.partition(".")[0] == __name__.partition(".")[0]:
            return
        for name in self.attributes & space.keys():
            self.note(f"{module.__name__}.{name}", "item", space, name, space[name])
        if own and self.everything:
            self.look_at(space, module.__name__, named=False)
        if own and (self.guarded or "__getattr__" in space):
            for name in self.attributes - space.keys():
                self.note(f"{module.__name__}.{name}", "item", space, name, ABSENT)

    # ------------------------------------------------------------ classes

    def class_(self, kind: type) -> None:
        """Note what a class and its bases say."""
        self.look_at(type(kind), f"the class of {kind.__name__}")
        for i, each in enumerate(kind.__mro__):
            if each is object or not is_own_class(each):
                continue
            between = kind.__mro__[:i]
            for name, entry in list(vars(each).items()):
                inner = entry.__func__ if isinstance(entry, staticmethod | classmethod) else entry
                if self._matters(name, entry, inner):
                    self._entry(kind, between, each, name, entry)
                    self.look_at(inner, f"{each.__name__}.{name}")
            if self.everything:
                self.add(Answer(f"the names of {each.__name__}", _names_of(each), each))
        if is_own_class(kind):
            for name in self.attributes & OF_CLASSES:
                self.note(f"{kind.__name__}.{name}", "attribute", kind, name, getattr(kind, name))
            if self.guarded or "__getattr__" in _names(type(kind)):
                self._absent(kind.__name__, kind.__mro__, self.attributes)

    def _matters(self, name: str, entry: Any, inner: Any) -> bool:
        if isinstance(inner, FunctionType):
            return id(inner.__code__) in self.executed or name in self.attributes
        if isinstance(inner, property):
            return any(id(getattr(f, "__code__", None)) in self.executed for f in (inner.fget, inner.fset))
        if isinstance(entry, MemberDescriptorType | GetSetDescriptorType):
            return False
        return name in self.attributes or (self.everything and not _is_dunder(name))

    def _entry(self, kind: type, between: tuple[type, ...], owner: type, name: str, entry: Any) -> None:
        """Note the attribute of class ``kind`` with this name: by getattr, except for a descriptor."""
        label = f"{owner.__name__}.{name}"
        is_plain = not hasattr(type(entry), "__get__") or isinstance(entry, FunctionType | property)
        if is_plain and type(kind) is type:
            self.note(label, "attribute", kind, name, entry)
            return
        self.note(label, "entry", owner, name, entry)
        for each in between:
            self.note(label, "entry", each, name, ABSENT)

    def _absent(self, label: str, holders: Any, names: set[str]) -> None:
        """Note the names that none of these has."""
        spaces = [each for each in holders if each is not object]
        for name in names:
            if not any(name in each.__dict__ for each in spaces):
                for each in spaces:
                    if not isinstance(each, type) or is_own_class(each):
                        self.note(f"{label}.{name}", "entry", each, name, ABSENT)

    # ------------------------------------------------------------ objects

    def object_(self, item: Any, label: str, named: bool) -> None:
        """Note the attributes of an object, and follow them and its class."""
        kind = type(item)
        own = is_own_class(kind)
        if not own and hasattr(kind, "__next__"):
            if named and not isinstance(item, itertools.repeat) and not is_output(item):
                raise TraceError(
                    f"{label} is an iterator or a file ({kind.__name__}), which is used up by reading: a compiled "
                    "function cannot notice that; make it a list, or pass its contents as an argument"
                )
            return
        if own:
            self.note(f"the class of {label}", "attribute", item, "__class__", kind)
        space, slots = space_of(item), dict(slots_of(item))
        if not space and not slots and (not own or hasattr(kind, "_length_")):  # the latter: an array of ctypes
            if is_buffer(item):
                self.add(Numbers(label, item))
            else:
                check_called(item, label, self.called.get(id(item), (None, ""))[1])
            return
        all_of = self.everything or any(not is_own_class(each) for each in kind.__mro__[:-1])
        if space is not None:
            if self.everything or not (own or is_package_file(_file_of(kind))):
                self.look_at(space, f"an attribute of {label}", named=False)  # its names too: they may come and go
            else:
                self._attributes_of(item, space, label, own, all_of)
        for name, content in slots.items():
            if all_of or name in self.attributes:
                self.note(f"{label}.{name}", "attribute", item, name, content)

    def _attributes_of(self, item: Any, space: dict[str, Any], label: str, own: bool, all_of: bool) -> None:
        kind = type(item)
        is_plain = not any("__getattribute__" in vars(each) for each in kind.__mro__ if is_own_class(each))
        for name, content in list(space.items()):
            if (all_of or name in self.attributes) and name.isidentifier():
                reads, holder = ("attribute", item) if is_plain else ("item", space)
                self._follow_attribute(f"{label}.{name}", reads, holder, name, content, own)
        if not own:
            return
        for name in self.attributes - space.keys():
            found = found_in(kind, name)
            runs = not isinstance(found, FunctionType) or id(found.__code__) in self.executed
            if (
                self.guarded or (found is ABSENT and "__getattr__" in _names(kind)) or (found is not ABSENT and runs)
            ) and not hasattr(type(found), "__set__"):
                self.note(f"{label}.{name}", "item", space, name, ABSENT)

    def _follow_attribute(self, label: str, reads: str, holder: Any, name: str, content: Any, own: bool) -> None:
        if not own:
            self.look_at(content, label, named=False)
        self.note(label, reads, holder, name, content)


def found_in(kind: type, name: str) -> Any:
    """Return what a class or a base of it has under a name; no code runs."""
    return next((each.__dict__[name] for each in kind.__mro__ if name in each.__dict__), ABSENT)


def _names(kind: type) -> set[str]:
    return {name for each in kind.__mro__ if is_own_class(each) for name in vars(each)}


def _names_of(kind: type) -> Callable[[], tuple[str, ...]]:
    return lambda: tuple(vars(kind))


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _file_of(kind: type) -> str:
    return getattr(sys.modules.get(kind.__module__), "__file__", None) or "<frozen"
