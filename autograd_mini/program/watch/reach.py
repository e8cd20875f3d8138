"""Reach: everything that the functions which ran can read.

The code of a function contains the names of the globals, closures and attributes that it uses. The
objects bound to them are noted and followed, through containers, objects, classes and modules, until
no new object is found; so the order does not matter. Of a Value only the binding is watched, because
a program reads its number at each call.
"""

from __future__ import annotations

import dis
import functools
import gc
import itertools
import os
import random
import sys
from collections import deque
from collections.abc import Callable, Iterable
from enum import Enum
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    FunctionType,
    GenericAlias,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any, TypeAlias

import numpy as np

from autograd_mini.engine.own import is_own_class, is_own_code, is_own_file, is_package_file
from autograd_mini.engine.value import Value
from autograd_mini.primitives.row import Primitive
from autograd_mini.program.record.traced import TraceError
from autograd_mini.program.watch.notes import ABSENT, ATOMS, PLAIN, Contents, Note, Numbers, is_context
from autograd_mini.program.watch.witness import Witness

__all__ = ["AnyNote", "Reach"]

AnyNote: TypeAlias = Note | Contents | Numbers
SETTLED = (
    Primitive, Value, np.ufunc, np.dtype, BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType,
    GetSetDescriptorType, MemberDescriptorType, CodeType, GenericAlias, CellType, range, slice, Enum, *ATOMS,
)  # fmt: skip
GENERATORS = (random.Random, np.random.Generator, np.random.RandomState, np.random.BitGenerator)
WRITERS = {
    "append",
    "add",
    "extend",
    "insert",
    "write",
    "appendleft",
}  # a container that is only written to is not read
LIMIT = 200_000  # objects that are followed; with more, checking them would take longer than the function


class Reach:
    """Everything that a function and the functions it calls can read besides arguments, as ``notes``.

    ``generators``  random generators in reach: a recording must not draw from them
    """

    def __init__(self, function: Callable[..., Any], witness: Witness) -> None:
        self.notes: dict[tuple[object, ...], AnyNote] = {}
        self.generators: list[Any] = []
        self._executed = witness.executed
        self._everything = witness.by_name
        self._code = {i: _Code(code) for i, (code, _) in witness.executed.items()}
        self._attributes = {name for code in self._code.values() for name in code.attributes}
        self._everything |= "__dict__" in self._attributes
        self._seen: set[int] = set()
        self._keep: list[Any] = []  # kept alive, so that no id is used twice
        self._left: deque[tuple[Any, str, bool]] = deque()
        self._met: set[int] = set()  # ids of codes whose function was reached
        self._look_at(function, getattr(function, "__name__", "the function"))
        for each in witness.selves:
            if is_own_class(each if isinstance(each, type) else type(each)):
                self._look_at(each, f"a {type(each).__name__}")
        if witness.environment:
            self._look_at(os.environ, "os.environ")
        for code, space in witness.executed.values():
            self._globals(code, space)
        self._work()
        self._unreached()

    # ------------------------------------------------------------ the work list

    def _look_at(self, item: Any, label: str, named: bool = True) -> None:
        if type(item) in PLAIN or isinstance(item, SETTLED) or id(item) in self._seen:
            return
        self._seen.add(id(item))
        self._keep.append(item)
        if len(self._keep) > LIMIT:
            raise TraceError(
                f"the function can reach more than {LIMIT:,} objects ({label}, …), which a compiled function would "
                "have to check at each call; pass what it needs as arguments"
            )
        self._left.append((item, label, named))

    def _work(self) -> None:
        while self._left:
            self._follow(*self._left.popleft())

    def _note(self, label: str, kind: str, holder: Any, name: str, seen: Any) -> None:
        note = Note(label, kind, holder, name, seen)
        self.notes.setdefault(note.key, note)

    def _unreached(self) -> None:
        """Follow the functions that ran but were not reached, for the contents of their closures."""
        inner = {id(each) for code, _ in self._executed.values() for each in code.co_consts}
        missing = [code for i, (code, _) in self._executed.items() if i not in self._met | inner and code.co_freevars]
        if missing:
            wanted = {id(code) for code in missing}
            for each in gc.get_referrers(*missing):
                if isinstance(each, FunctionType) and id(each.__code__) in wanted:
                    self._look_at(each, each.__qualname__)
            self._work()

    # ------------------------------------------------------------ by kind

    def _follow(self, item: Any, label: str, named: bool) -> None:
        if isinstance(item, FunctionType):
            self._function(item, label)
        elif isinstance(item, MethodType):
            self._look_at(item.__self__, label)
            self._look_at(item.__func__, label)
        elif isinstance(item, functools.partial):
            for name in ("func", "args", "keywords"):
                self._note(f"the {name} of {label}", "attribute", item, name, getattr(item, name))
                self._look_at(getattr(item, name), f"the {name} of {label}")
        elif isinstance(item, ModuleType):
            self._module(item)
        elif isinstance(item, type):
            self._class(item)
        elif isinstance(item, staticmethod | classmethod):
            self._look_at(item.__func__, label)
        elif isinstance(item, property):
            for each in (item.fget, item.fset):
                self._look_at(each, label)
        elif isinstance(item, GENERATORS):
            self.generators.append(item)
        elif is_context(item):
            self._note(label, "context", item, "", item.get(None))
            self._look_at(item.get(None), label)
        elif isinstance(item, np.ndarray | bytearray) or type(item).__module__ == "array":
            self._add(Numbers(label, item))
            if isinstance(item, np.ndarray) and item.dtype == object:
                self._elements(item.ravel().tolist(), label)
        else:
            self._container(item, label)
            wrapped = getattr(item, "__wrapped__", None)
            if wrapped is not None:
                self._look_at(wrapped, label)
            self._object(item, label, named)

    def _add(self, note: Contents | Numbers) -> None:
        self.notes.setdefault(note.key, note)

    def _container(self, item: Any, label: str) -> None:
        if isinstance(item, tuple | frozenset):
            self._elements(item, label)
        elif isinstance(item, list | set | deque | dict):
            self._add(Contents(label, item))
            self._elements(item.values() if isinstance(item, dict) else item, label)
            if isinstance(item, dict):
                self._elements(item.keys(), label)
        elif isinstance(item, MappingProxyType):
            for referent in gc.get_referents(item):
                self._look_at(referent, label)

    def _elements(self, items: Iterable[Any], label: str) -> None:
        if not {*map(type, items)} <= PLAIN:
            for i, each in enumerate(items):
                self._look_at(each, f"{label}[{i}]")

    def _function(self, function: FunctionType, label: str) -> None:
        code = function.__code__
        wrapped = getattr(function, "__wrapped__", None)
        if wrapped is not None:
            self._look_at(wrapped, label)
        ours = is_package_file(code.co_filename)
        if not ours and not is_own_code(code):
            return
        if not ours:
            if id(code) not in self._executed:
                return  # bound, but it did not run: what it reads does not matter
            self._met.add(id(code))
            self._note(f"the code of {label}", "attribute", function, "__code__", code)
        for name in ("__defaults__", "__kwdefaults__"):
            given = getattr(function, name)
            if given is not None and not ours:
                self._note(f"a default of {label}", "attribute", function, name, given)
            self._look_at(given, f"a default of {label}")
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            try:
                content = cell.cell_contents
            except ValueError:  # not bound yet
                continue
            if self._is_unread(code, name):
                continue
            if not ours:
                self._note(name, "cell", cell, "", content)
            self._look_at(content, name)

    def _is_unread(self, code: CodeType, name: str) -> bool:
        known = self._code.get(id(code))
        return known is not None and name in known.written

    def _globals(self, code: CodeType, space: dict[str, Any]) -> None:
        known = self._code[id(code)]
        builtin = space.get("__builtins__", {})
        names = vars(builtin) if isinstance(builtin, ModuleType) else builtin
        for name in known.globals:
            if name in space:
                content = space[name]
                if name in known.written:
                    continue
                self._note(name, "item", space, name, content)
                self._look_at(content, name)
            elif name in names:
                self._note(name, "item", space, name, ABSENT)
        for name in known.imports:
            module = sys.modules.get(name)
            if module is not None:
                self._look_at(module, name)

    def _module(self, module: ModuleType) -> None:
        space, own = vars(module), is_own_file(getattr(module, "__file__", None) or "<frozen")
        if module.__name__.partition(".")[0] == __name__.partition(".")[0]:
            return
        for name in self._attributes & space.keys():
            content = space[name]
            if own or not (isinstance(content, (*SETTLED, FunctionType, type)) and not isinstance(content, ATOMS)):
                self._note(f"{module.__name__}.{name}", "item", space, name, content)
                self._look_at(content, f"{module.__name__}.{name}")

    def _class(self, kind: type) -> None:
        for i, each in enumerate(kind.__mro__):
            if each is object or not is_own_class(each):
                continue
            between = kind.__mro__[:i]
            for name, entry in list(vars(each).items()):
                inner = entry.__func__ if isinstance(entry, staticmethod | classmethod) else entry
                label = f"{each.__name__}.{name}"
                if isinstance(inner, FunctionType):
                    if id(inner.__code__) in self._executed:
                        self._entry(kind, between, each, name, entry)
                        self._look_at(inner, label)
                elif isinstance(inner, property):
                    if any(id(getattr(f, "__code__", None)) in self._executed for f in (inner.fget, inner.fset)):
                        self._entry(kind, between, each, name, entry)
                        self._look_at(inner, label)
                elif isinstance(entry, MemberDescriptorType | GetSetDescriptorType) or _is_dunder(name):
                    continue
                elif self._everything or name in self._attributes:
                    self._entry(kind, between, each, name, entry)
                    self._look_at(entry, label)

    def _entry(self, kind: type, between: tuple[type, ...], owner: type, name: str, entry: Any) -> None:
        """Note the attribute of class ``kind`` with this name: by getattr, except for a descriptor."""
        label = f"{owner.__name__}.{name}"
        if not hasattr(type(entry), "__get__") or isinstance(entry, FunctionType | property):
            self._note(label, "attribute", kind, name, entry)
            return
        self._note(label, "entry", owner, name, entry)
        for each in between:
            self._note(label, "entry", each, name, ABSENT)

    def _object(self, item: Any, label: str, named: bool) -> None:
        """Note the attributes of an object, and follow them and its class."""
        kind = type(item)
        own = is_own_class(kind)
        if not own and hasattr(kind, "__next__"):
            if named and not isinstance(item, itertools.repeat):
                raise TraceError(
                    f"{label} is an iterator or a file ({kind.__name__}), which is used up by reading: a compiled "
                    "function cannot notice that; make it a list, or pass its contents as an argument"
                )
            return
        if own:
            self._note(f"the class of {label}", "attribute", item, "__class__", kind)
            self._class(kind)
        all_of = self._everything or any(not is_own_class(each) for each in kind.__mro__[:-1])
        space = getattr(item, "__dict__", None)
        if isinstance(space, dict):
            if self._everything or not (own or is_package_file(_file_of(kind))):
                self._look_at(space, label, named=False)  # its names too, which may be added and deleted
                return
            for name, content in list(space.items()):
                if (all_of or name in self._attributes) and name.isidentifier():
                    self._attribute(item, name, content, label, own)
            for name in self._attributes - space.keys() if own else ():
                found = getattr(kind, name, None)
                runs = not isinstance(found, FunctionType) or id(found.__code__) in self._executed
                if found is not None and runs and not hasattr(type(found), "__set__"):
                    self._note(f"{label}.{name}", "item", space, name, ABSENT)
        for each in kind.__mro__:
            slots = each.__dict__.get("__slots__", ())
            for name in (slots,) if isinstance(slots, str) else slots:
                if (all_of or name in self._attributes) and hasattr(item, name):
                    self._attribute(item, name, getattr(item, name), label, own)

    def _attribute(self, item: Any, name: str, content: Any, label: str, own: bool) -> None:
        self._note(f"{label}.{name}", "attribute", item, name, content)
        self._look_at(content, f"{label}.{name}", named=own)


class _Code:
    """The names that a code object uses: ``globals``, ``attributes``, ``imports``, and those it only writes to."""

    def __init__(self, code: CodeType) -> None:
        self.globals: set[str] = set()
        self.attributes: set[str] = set()
        self.imports: set[str] = set()
        self.read: set[str] = set()
        written: set[str] = set()
        steps = [step for step in dis.get_instructions(code) if step.opname not in ("PRECALL", "CACHE")]
        for step, after in itertools.pairwise([*steps, steps[-1]]):
            name = step.argval
            writes = after.opname in ("LOAD_METHOD", "LOAD_ATTR") and after.argval in WRITERS
            if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                self.globals.add(name)
                (written if writes else self.read).add(name)
            elif step.opname in ("LOAD_DEREF", "LOAD_CLASSDEREF"):
                (written if writes else self.read).add(name)
            elif step.opname in ("LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM") and not writes:
                self.attributes.add(name)
            elif step.opname == "IMPORT_NAME":
                self.imports.add(name)
        for each in code.co_consts:
            if isinstance(each, CodeType):
                inner = _Code(each)
                self.read |= inner.read
                written |= inner.written
        self.written: set[str] = written - self.read


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _file_of(kind: type) -> str:
    return getattr(sys.modules.get(kind.__module__), "__file__", None) or "<frozen"
