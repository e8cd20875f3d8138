"""Outside: calls whose result depends on something outside the program, and may differ next time.

Clocks, files, sources of randomness, internal settings of a library, objects in C that do not
show their state. Their results would become constants of the program.
"""

from __future__ import annotations

import datetime
import io
import random
from collections.abc import Callable
from typing import Any

__all__ = ["DRAW", "HANDS_ON", "INQUIRIES", "OUTSIDE", "asked_by_library", "asked_by_user"]

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
    *("process_time_ns", "thread_time", "thread_time_ns", "localtime", "gmtime", "ctime", "asctime", "strftime"),
    *("clock_gettime", "clock_gettime_ns"),
}
LOOKS = {"stat", "lstat", "listdir", "scandir", "getcwd", "read", "open", "access"}  # functions of the module posix
REFUSED = {"eval", "exec", "globals", "input", "__import__"}  # of the module builtins
SETTINGS = {
    "sys": {"getrecursionlimit", "getswitchinterval", "getrefcount", "gettrace", "getprofile", "getallocatedblocks"},
    "gc": {"isenabled", "get_count", "get_threshold", "get_debug", "get_stats", "get_objects", "get_referrers"},
    "_signal": {"getsignal", "getitimer"},
    "_thread": {"get_ident", "get_native_id", "_count"},
    "_locale": {"localeconv", "setlocale"},
    "_tracemalloc": {"is_tracing", "get_traced_memory", "get_tracemalloc_memory"},
    "_socket": {"gethostname", "gethostbyname", "getaddrinfo"},
    "posix": {"times", "getloadavg"},
    "resource": {"getrusage", "getrlimit"},
}
"""Module in C → its functions that return a setting."""

INQUIRIES = {
    "threading": {"active_count", "current_thread", "enumerate", "main_thread", "get_ident"},
    "signal": {"getsignal"},
    "locale": {"getlocale", "localeconv"},
    "numpy": {"geterr", "geterrcall", "get_printoptions", "getbufsize"},
}
"""Package → its functions that return a setting."""

HANDS_ON = {
    "asyncio": {"run_in_executor", "run_coroutine_threadsafe", "create_subprocess_exec", "create_subprocess_shell"},
    "concurrent": {"submit"},
    "multiprocessing": {"apply", "apply_async", "_map_async", "imap", "imap_unordered", "starmap_async"},
}
"""Package → its functions that let another thread or process compute."""

_SHARED: object = random.random.__self__  # type: ignore[attr-defined]  # the generator of the module random


def asked_by_user(what: Callable[..., Any]) -> str:
    """Return what is wrong with a call of a built-in function by the user's own code, "" where nothing is."""
    name, module, owner = what.__name__, getattr(what, "__module__", None), getattr(what, "__self__", None)
    if module == "builtins" and name in REFUSED:
        return OUTSIDE.format(f"calls {name}()")
    if (module == "time" and name in CLOCKS) or (
        name in ("now", "utcnow", "today") and isinstance(owner, type) and issubclass(owner, datetime.date)
    ):
        return OUTSIDE.format(f"asks the clock ({module or getattr(owner, '__name__', '')}.{name})")
    if name == "__subclasses__" and isinstance(owner, type):
        return OUTSIDE.format(f"asks for the subclasses of {owner.__name__}")
    if module in SETTINGS and name in SETTINGS[module]:
        return OUTSIDE.format(f"asks for a setting ({module.lstrip('_')}.{name})")
    return asked_by_library(what)


def asked_by_library(what: Callable[..., Any]) -> str:
    """Return what is wrong with a call of a built-in function by a library, "" where nothing is."""
    name, module, owner = what.__name__, getattr(what, "__module__", None), getattr(what, "__self__", None)
    if module == "_thread" and name.startswith("start_"):
        return OUTSIDE.format("starts a thread, whose reads are not seen,")
    if module == "_uuid":
        return DRAW.format("uuid")
    if module in ("posix", "nt"):
        if name in ("urandom", "getrandom"):
            return DRAW.format("os.urandom")
        return OUTSIDE.format(f"looks at the file system (os.{name})") if name in LOOKS else ""
    if name in ("random", "getrandbits", "choice", "shuffle") and owner is _SHARED:
        return DRAW.format("the module random")
    is_opening = (module in ("io", "_io") and name in ("open", "open_code")) or (module, name) == ("numpy", "fromfile")
    is_reading = isinstance(owner, io.IOBase) and name not in ("write", "flush")
    if is_opening or (is_reading and getattr(owner, "name", None) not in ("<stdout>", "<stderr>")):
        return OUTSIDE.format(f"reads a file ({name})")
    return ""
