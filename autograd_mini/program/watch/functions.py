"""Functions: those that ran, and what each can read by the names in its code."""

from __future__ import annotations

import gc
import sys
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any

from autograd_mini.engine.own import is_own_code, is_package_file
from autograd_mini.program.watch.code import Names
from autograd_mini.program.watch.members import Members
from autograd_mini.program.watch.notes import ABSENT, Answer

__all__ = ["Functions"]


class Functions:
    """The functions that ran, or may run.

    ``code``     id of a code → its names
    ``further``  attributes that were found to be read only while following
    ``met``      ids of codes whose function was reached
    """

    def __init__(self, members: Members, executed: dict[int, Any], code: dict[int, Names]) -> None:
        self.members, self._executed, self.code = members, executed, code
        self.further: set[str] = set()
        self.met: set[int] = set()

    def unreached(self) -> None:
        """Follow the functions that ran but were not reached, for the contents of their closures."""
        inner = {id(each) for code, _ in self._executed.values() for each in code.co_consts}
        missing = [code for i, (code, _) in self._executed.items() if i not in self.met | inner and code.co_freevars]
        if missing:  # referenced only by an object in C: rare, so all objects are searched
            wanted = {id(code) for code in missing}
            for each in gc.get_referrers(*missing):
                if isinstance(each, FunctionType) and id(each.__code__) in wanted:
                    self.members.look_at(each, each.__qualname__)

    def wrapped(self, space: dict[str, Any], label: str) -> None:
        """Follow what a wrapper wraps; ``space`` holds its attributes."""
        if "__wrapped__" in space:
            self.members.look_at(space["__wrapped__"], label)

    def cached(self, item: Any, label: str) -> None:
        """Note whether a cache was cleared or filled, and what its function would read: it need not have run."""
        wrapped = getattr(item, "__wrapped__", None)
        if isinstance(wrapped, FunctionType) and is_own_code(wrapped.__code__):
            self._suppose(wrapped)
            self.members.add(Answer(f"the cache of {label}", lambda: item.cache_info()[1:], item))
        self.wrapped(vars(item), label)

    def _suppose(self, function: FunctionType) -> None:
        """Take a function, and those it names, for executed."""
        code, space = function.__code__, function.__globals__
        if id(code) not in self._executed and is_own_code(code):
            self._executed[id(code)] = code, space
            names = self.code[id(code)] = Names(code)
            self.further |= names.attributes
            self.globals(code, space)
            for each in map(space.get, names.globals):
                if isinstance(each, FunctionType):
                    self._suppose(each)

    def function(self, function: FunctionType, label: str) -> None:
        """Note a function's code and defaults, and the contents of its cells, if it ran."""
        code = function.__code__
        self.wrapped(vars(function), label)
        self.members.function_attributes(function, label)
        ours, own = is_package_file(code.co_filename), is_own_code(code)
        if own:
            if id(code) not in self._executed:
                return  # bound, but it did not run: what it reads does not matter
            self.met.add(id(code))
            self.members.note(f"the code of {label}", "attribute", function, "__code__", code)
        for name in ("__defaults__", "__kwdefaults__"):
            given = getattr(function, name)
            if given is not None and own:
                self.members.note(f"a default of {label}", "attribute", function, name, given)
            elif ours:
                self.members.look_at(given, f"a default of {label}")
        for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            self._cell(code, name, cell, ours)

    def _cell(self, code: CodeType, name: str, cell: CellType, ours: bool) -> None:
        try:
            content = cell.cell_contents
        except ValueError:  # not bound yet
            return
        known = self.code.get(id(code))
        if known is not None and name in known.written:
            return
        if ours:
            self.members.look_at(content, name)
        else:
            self.members.note(name, "cell", cell, "", content)

    def globals(self, code: CodeType, space: dict[str, Any]) -> None:
        """Note the globals that a code names, in its namespace."""
        known = self.code[id(code)]
        builtin = space.get("__builtins__", {})
        names = vars(builtin) if isinstance(builtin, ModuleType) else builtin
        for name in known.globals - known.written:
            if name in space:
                self.members.note(name, "item", space, name, space[name])
            elif name in names:
                self.members.note(name, "builtin", space, name, names[name])
            else:
                self.members.note(name, "item", space, name, ABSENT)
                self.members.note(name, "item", names, name, ABSENT)
        for name in known.imports:
            self.imported(name)

    def imported(self, name: str) -> None:
        """Note the module that a name is imported as."""
        module = sys.modules.get(name)
        if module is None:
            self.members.note(f"the module {name}", "item", sys.modules, name, ABSENT)
        else:
            self.members.note(f"the module {name}", "item", sys.modules, name, module)
            self._parents(name)

    def _parents(self, name: str) -> None:
        while "." in name:  # import a.b binds a
            name = name.rpartition(".")[0]
            self.members.look_at(sys.modules.get(name), name)
