"""The names in the code of a function: the globals, attributes and imports that it can read."""

from __future__ import annotations

import dis
import itertools
from types import CodeType

__all__ = ["Names"]

WRITERS = {"append", "add", "extend", "insert", "write", "appendleft"}
"""Methods of a container; one that is only written to is not read."""


class Names:
    """The names that a code object uses.

    ``globals``     global names, read or written
    ``attributes``  attributes of anything
    ``imports``     modules imported inside it
    ``written``     names of containers that it only writes to
    ``by_name``     True where it reads attributes that it does not name: ``match`` with classes
    ``guarded``     True where it handles an exception, so that missing names matter too
    """

    def __init__(self, code: CodeType) -> None:
        self.globals: set[str] = set()
        self.attributes: set[str] = set()
        self.imports: set[str] = set()
        self.by_name = self.guarded = False
        self._read: set[str] = set()
        self._written: set[str] = set()
        steps = [step for step in dis.get_instructions(code) if step.opname not in ("PRECALL", "CACHE")]
        for step, after in itertools.pairwise([*steps, steps[-1]]):
            self._take(step, after.opname in ("LOAD_METHOD", "LOAD_ATTR") and after.argval in WRITERS)
        for each in code.co_consts:
            if isinstance(each, CodeType):
                inner = Names(each)
                self._read |= inner._read
                self._written |= inner._written
        self.written: set[str] = self._written - self._read

    def _take(self, step: dis.Instruction, is_write: bool) -> None:
        kind, name = step.opname, step.argval
        if kind in ("LOAD_GLOBAL", "LOAD_NAME"):
            self.globals.add(name)
            (self._written if is_write else self._read).add(name)
        elif kind in ("LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF"):
            (self._written if is_write else self._read).add(name)
        elif kind in ("LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM", "LOAD_SUPER_ATTR") and not is_write:
            self.attributes.add(name)
        elif kind == "IMPORT_NAME":
            self.imports.add(name)
        elif kind == "MATCH_CLASS":
            self.by_name = True
        elif kind == "PUSH_EXC_INFO":
            self.guarded = True
