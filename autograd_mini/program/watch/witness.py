"""Witness: notes which functions run while a function is recorded.

Python's profiling hook reports every call in this thread: which of the user's functions ran, on
which objects, and whether a clock, a file or a random generator was used. Other threads are neither
slowed nor observed.
"""

from __future__ import annotations

import datetime
import io
import itertools
import random
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from threading import get_ident
from types import CodeType, FrameType
from typing import Any

import numpy as np

from autograd_mini.engine.hidden import names_numbers
from autograd_mini.engine.own import is_core_file, is_own_file, is_package_file
from autograd_mini.program.record.pause import PAUSED, PAUSES, Hook
from autograd_mini.program.record.traced import Traced

__all__ = ["Witness"]

DRAW = (
    "draws random numbers ({}) while it is recorded; the compiled function would repeat this draw at each call: draw "
    "outside and pass the draw as an argument, as in f(x, noise)"
)
OUTSIDE = (
    "{} while it is recorded; the compiled function would keep the result and cannot notice a change: do "
    "it outside and pass the result as an argument"
)
CLOCKS = {
    *("time", "time_ns", "perf_counter", "perf_counter_ns", "monotonic", "monotonic_ns", "process_time"),
    *("process_time_ns", "thread_time", "thread_time_ns", "localtime", "gmtime", "ctime", "asctime"),
}
LOOKS = {"stat", "lstat", "listdir", "scandir", "getcwd", "read", "open", "access"}  # functions of the module posix
BY_NAME = {"getattr", "hasattr", "vars", "dir"}  # they read attributes whose names are not in the code
SEED = random.Random.seed.__code__
OWN, PACKAGE, LIBRARY, QUIET, RECORDER = range(5)
_QUIET = ("importlib", "linecache", "warnings", "logging", "traceback", "tokenize", "inspect")


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
    ``by_name``     True where they read attributes whose names are not in the code
    ``complaints``  messages about what a compiled function could not repeat
    """

    def __init__(self, reads_numbers: Callable[[], None]) -> None:
        self._reads_numbers = reads_numbers
        self.executed: dict[int, tuple[CodeType, dict[str, Any]]] = {}
        self._refs: dict[int, Callable[[], Any]] = {}
        self.environment = False
        self.by_name = False
        self.complaints: dict[str, None] = {}
        self._kinds: dict[int, tuple[int, CodeType]] = {}

    def __enter__(self) -> Witness:
        self._before: Any = sys.getprofile()
        self._numpy = _legacy_state()
        sys.setprofile(self._hook())
        return self

    def __exit__(self, *exception: object) -> None:
        PAUSED.pop(get_ident(), None)
        _restore(self._before)
        if self._numpy != _legacy_state():
            self.complaints[DRAW.format("numpy.random")] = None

    def _hook(self) -> Hook:
        """Return the hook that Python calls at each call and return; most calls return at once."""
        kinds, classify, meet, asked, drawn = self._kinds, self._classify, self._meet, self._asked, self._drawn

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
                elif code is SEED and frame.f_locals.get("a") is None:
                    self.complaints[DRAW.format("random.Random() without a seed")] = None
            elif event == "c_call":
                if kind == OWN:
                    asked(what)
                elif kind == LIBRARY:
                    drawn(what)

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
            name = str(frame.f_globals.get("__name__", ""))
            kind = QUIET if name.partition(".")[0].lstrip("_") in _QUIET or file.startswith("<frozen") else LIBRARY
            self.environment |= code.co_qualname == "_Environ.__getitem__"
        if kind in (OWN, PACKAGE) and names_numbers(code) and not is_core_file(file):
            self._reads_numbers()
        found = self._kinds[id(code)] = kind, code  # the code is kept alive, so that its id is not reused
        return found

    def _asked(self, what: Any) -> None:
        """Check a call of a built-in function by the user's code."""
        name, module, owner = what.__name__, getattr(what, "__module__", None), getattr(what, "__self__", None)
        if module == "builtins" and name in BY_NAME:
            self.by_name = True
        elif module == "builtins" and name in ("eval", "exec", "globals", "input"):
            self._complain(f"calls {name}()")
        elif (module == "time" and name in CLOCKS) or (
            name in ("now", "utcnow", "today") and isinstance(owner, type) and issubclass(owner, datetime.date)
        ):
            self._complain(f"asks the clock ({module or owner.__name__}.{name})")  # type: ignore[union-attr]
        elif (module in ("io", "_io") and name in ("open", "open_code")) or isinstance(owner, io.IOBase):
            if getattr(owner, "name", None) not in ("<stdout>", "<stderr>") and name not in ("write", "flush"):
                self._complain(f"reads a file ({name})")
        else:
            self._drawn(what)

    def _drawn(self, what: Any) -> None:
        name, module = what.__name__, getattr(what, "__module__", None)
        if module in ("posix", "nt"):
            if name in ("urandom", "getrandom"):
                self.complaints[DRAW.format("os.urandom")] = None
            elif name in LOOKS:
                self._complain(f"looks at the file system (os.{name})")
        elif name in ("random", "getrandbits", "choice", "shuffle") and getattr(what, "__self__", None) is _SHARED:
            self.complaints[DRAW.format("the module random")] = None

    def _complain(self, what: str) -> None:
        self.complaints[OUTSIDE.format(what)] = None


_SHARED: object = random.random.__self__  # type: ignore[attr-defined]  # the generator of the module random


def _legacy_state() -> object:
    """Return the state of NumPy's global generator in a form that can be compared."""
    kind, key, *rest = np.random.get_state(legacy=True)
    return kind, key.tobytes() if isinstance(key, np.ndarray) else key, *rest


def is_temporary(item: Any) -> bool:
    """Tell whether an object was made while recording: it contains traced numbers."""
    space = getattr(item, "__dict__", None)
    slots = (getattr(item, name, None) for each in type(item).__mro__ for name in each.__dict__.get("__slots__", ()))
    held: Iterator[Any] = itertools.chain(space.values() if isinstance(space, Mapping) else (), slots)
    return any(isinstance(each, Traced) for each in _flat(held))


def _flat(items: Iterable[Any], depth: int = 3) -> Iterator[Any]:
    for each in items:
        yield each
        if depth and isinstance(each, list | tuple):
            yield from _flat(each, depth - 1)
        elif depth and isinstance(each, dict):
            yield from _flat(each.values(), depth - 1)
