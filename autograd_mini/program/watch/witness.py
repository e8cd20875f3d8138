"""Witness: notes which functions run while a function is recorded.

Python's profiling hook reports every call in this thread: which of the user's functions ran, on
which objects, and whether a clock, a file or a random generator was used. Other threads are neither
slowed nor observed.
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import random
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator
from threading import get_ident
from types import CodeType, FrameType, MemberDescriptorType, ModuleType, WrapperDescriptorType
from typing import Any

from autograd_mini.engine.hidden import names_numbers
from autograd_mini.engine.own import is_core_file, is_own_file, is_package_file
from autograd_mini.engine.value import Value
from autograd_mini.program.record.pause import PAUSED, PAUSES, Hook
from autograd_mini.program.record.traced import Traced
from autograd_mini.program.watch.generators import legacy_state
from autograd_mini.program.watch.outside import DRAW, HANDS_ON, INQUIRIES, OUTSIDE, asked_by_library, asked_by_user

__all__ = ["Witness", "slots_of", "space_of"]

BY_NAME = {"getattr", "hasattr", "vars", "dir", "format", "format_map", "dump", "dumps"}
"""Functions and methods in C that read attributes whose names are not in the code."""
SEED = random.Random.seed.__code__
IMPORT = importlib.import_module.__code__
CHECKS = ("ABCMeta.__instancecheck__", "ABCMeta.__subclasscheck__")
READERS = ("copy", "dataclasses", "inspect", "pprint", "string", "typing")
"""Libraries that read all attributes of what they are given."""
OWN, PACKAGE, LIBRARY, QUIET, RECORDER, INQUIRY = range(6)
_QUIET = {
    *("importlib", "frozen_importlib", "frozen_importlib_external", "zipimport", "linecache", "warnings", "logging"),
    *("traceback", "tokenize", "inspect", "gettext", "codecs", "encodings"),
}
STATELESS = {
    "_struct",
    "builtins",
    "collections",
    "itertools",
    "functools",
    "operator",
    "re",
    "datetime",
    "decimal",
    "numpy",
}
"""Packages whose objects in C either do not change or are watched."""


def _restore(profiler: Any) -> None:
    """Restore the previous hook: a function, None, or a profiler in C such as cProfile."""
    if profiler is None or callable(profiler):
        sys.setprofile(profiler)
    else:
        sys.setprofile(None)
        profiler.enable()


class Witness:
    """Context that notes the functions that run in this thread.

    ``reads_numbers``  called before code runs that names ``.data`` or ``.grad``
    ``executed``    id → (code, globals) of the user's own functions that ran
    ``imported``    modules that were imported by a name in a string
    ``called``      id → object in C, and the method of it that was called
    ``environment`` True where the environment of the process was read
    ``by_name``     True where attributes were read by names that are not in the code
    ``registrations`` True where it was asked whether a class is registered with another
    ``complaints``  messages about what a compiled function could not repeat
    """

    def __init__(self, reads_numbers: Callable[[], None]) -> None:
        self._reads_numbers = reads_numbers
        self.executed: dict[int, tuple[CodeType, dict[str, Any]]] = {}
        self._refs: dict[int, Callable[[], Any]] = {}
        self.imported: set[str] = set()
        self.called: dict[int, tuple[Any, str]] = {}
        self.environment = self.by_name = self.registrations = False
        self.complaints: dict[str, None] = {}
        self._kinds: dict[int, tuple[int, CodeType]] = {}

    def __enter__(self) -> Witness:
        self._before: Any = sys.getprofile()
        self._numpy = legacy_state()
        sys.setprofile(self._hook())
        return self

    def __exit__(self, *exception: object) -> None:
        PAUSED.pop(get_ident(), None)
        _restore(self._before)
        if self._numpy != legacy_state():
            self.complaints[DRAW.format("numpy.random")] = None

    def _hook(self) -> Hook:
        """Return the hook that Python calls at each call and return; most calls return at once."""
        kinds, classify, meet, inquired = self._kinds, self._classify, self._meet, self._inquired
        asked, drawn = self._asked, self._drawn

        def see(frame: FrameType, event: str, what: Any) -> None:
            if event == "return" or event == "c_return":
                return
            code = frame.f_code
            kind, _ = kinds.get(id(code)) or classify(frame)
            if event == "call":
                if kind == RECORDER:
                    PAUSED[get_ident()] = see
                    sys.setprofile(None)
                elif kind == OWN and code.co_argcount and code.co_varnames[0] in ("self", "cls"):
                    meet(frame.f_locals.get(code.co_varnames[0]))
                elif kind == INQUIRY:
                    inquired(frame)
            elif event == "c_call":
                if kind == OWN:
                    asked(what, frame)
                elif kind == LIBRARY:
                    drawn(what, frame)

        return see

    def _meet(self, item: Any) -> None:
        """Store the object of a method, unless it was made while recording."""
        if id(item) in self._refs or isinstance(item, tuple):
            return
        try:
            self._refs[id(item)] = weakref.ref(item)
        except TypeError:
            if not is_temporary(item):
                self._refs[id(item)] = lambda: item

    @property
    def selves(self) -> list[Any]:
        """The objects on which the user's methods ran, if they still exist."""
        return [item for ref in self._refs.values() if (item := ref()) is not None and not is_temporary(item)]

    def _classify(self, frame: FrameType) -> tuple[int, CodeType]:
        code = frame.f_code
        file = code.co_filename
        if file == "<string>":  # a method generated by dataclass or namedtuple, which belongs to its module
            file = str(frame.f_globals.get("__file__", file))
        if is_own_file(file):
            kind = OWN
            self.executed[id(code)] = code, frame.f_globals
        elif is_package_file(file):
            kind = RECORDER if id(code) in PAUSES else PACKAGE
        else:
            kind = self._of_library(frame)
        if kind in (OWN, PACKAGE) and names_numbers(code) and not is_core_file(file):
            self._reads_numbers()
        found = self._kinds[id(code)] = kind, code  # the code is kept alive, so that its id is not reused
        return found

    def _of_library(self, frame: FrameType) -> int:
        code, name = frame.f_code, str(frame.f_globals.get("__name__", ""))
        root = name.partition(".")[0]
        self.environment |= code.co_qualname == "_Environ.__getitem__"
        if (
            root in READERS
            or code is SEED
            or code is IMPORT
            or code.co_qualname in CHECKS
            or code.co_name in INQUIRIES.get(root, ())
            or code.co_name in HANDS_ON.get(root, ())
        ):
            return INQUIRY
        return QUIET if root.lstrip("_") in _QUIET else LIBRARY

    def _inquired(self, frame: FrameType) -> None:
        """Judge a call of a library's function that tells of the world."""
        code, caller = frame.f_code, frame.f_back
        root = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if code.co_name in HANDS_ON.get(root, ()):
            self.complaints[OUTSIDE.format("lets another thread or process compute, whose reads are not seen,")] = None
        elif code is SEED:
            if frame.f_locals.get("a") is None:
                self.complaints[DRAW.format("random.Random() without a seed")] = None
        elif code is IMPORT:
            self.imported.add(str(frame.f_locals.get("name")))
        elif caller is not None and is_own_file(caller.f_code.co_filename):
            if code.co_qualname in CHECKS:
                self.registrations = True
            elif root in READERS:
                self.by_name = True
            else:
                self.complaints[OUTSIDE.format(f"asks for a setting ({root}.{code.co_name})")] = None

    def _asked(self, what: Any, frame: FrameType) -> None:
        """Check a call of a built-in function by the user's code."""
        if what.__name__ in BY_NAME and getattr(what, "__module__", None) in ("builtins", "_pickle", None):
            self.by_name = True
        self._judged(asked_by_user(what), frame)
        owner = getattr(what, "__self__", None)
        if type(owner).__module__.partition(".")[0] not in STATELESS and not isinstance(owner, Value | ModuleType):
            self.called[id(owner)] = owner, what.__name__

    def _drawn(self, what: Any, frame: FrameType) -> None:
        self._judged(asked_by_library(what), frame)

    def _judged(self, complaint: str, frame: FrameType | None) -> None:
        """Keep a complaint, except about what happens while a module is imported, once."""
        while complaint and frame is not None and not is_package_file(frame.f_code.co_filename):
            if frame.f_code.co_filename.startswith("<frozen importlib"):
                return
            frame = frame.f_back
        if complaint:
            self.complaints[complaint] = None


def is_temporary(item: Any) -> bool:
    """Tell whether an object was made while recording: it contains traced numbers."""
    held = itertools.chain((space_of(item) or {}).values(), (content for _, content in slots_of(item)))
    return any(isinstance(each, Traced) for each in _flat(held))


def space_of(item: Any) -> dict[str, Any] | None:
    """Return the attributes of an object, None where it has no dict of them; no code of the user's runs."""
    read: Any = type(item).__getattribute__
    if not isinstance(read, WrapperDescriptorType):
        read = object.__getattribute__
    try:
        found: dict[str, Any] = read(item, "__dict__")
    except AttributeError:
        return None
    return found


def slots_of(item: Any) -> Iterator[tuple[str, Any]]:
    """Yield the slots of an object that are filled, and what is in them."""
    for each in type(item).__mro__:
        slots = each.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            slot = each.__dict__.get(f"_{each.__name__.lstrip('_')}{name}" if _is_private(name) else name)
            if isinstance(slot, MemberDescriptorType):
                with contextlib.suppress(AttributeError):
                    yield slot.__name__, slot.__get__(item)


def _is_private(name: str) -> bool:
    return name.startswith("__") and not name.endswith("__")


def _flat(items: Iterable[Any], depth: int = 3) -> Iterator[Any]:
    for each in items:
        yield each
        if depth and isinstance(each, list | tuple):
            yield from _flat(each, depth - 1)
        elif depth and isinstance(each, dict):
            yield from _flat(each.values(), depth - 1)
