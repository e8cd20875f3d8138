"""While a function is traced, the numbers of Values from outside are hidden from its code.

A program reads captured Values at each call; ``w.data`` inside the function would be read once,
and frozen. A Value's slots cannot be watched, so for the length of a trace properties stand in
front of them. Other threads, and the Value's own methods, see through them.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

from autograd_mini.engine.observer import observer
from autograd_mini.engine.value import Value
from autograd_mini.program.record.recorder import Recorder, TraceError

__all__ = ["hidden_numbers"]

SLOTS = {name: Value.__dict__[name] for name in ("data", "grad")}
INSIDE = {
    *(f"autograd_mini.engine.{name}" for name in ("value", "backward", "record", "operators", "arrays")),
    *(f"autograd_mini.program.record.{name}" for name in ("recorder", "hidden")),
}
_lock = threading.Lock()
_traces = 0


def _window(name: str) -> property:
    slot = SLOTS[name]

    def read(value: Value) -> Any:
        _refuse(value, f"reads .{name} of")
        return slot.__get__(value)

    def write(value: Value, number: Any) -> None:
        _refuse(value, f"assigns to .{name} of")
        slot.__set__(value, number)

    return property(read, write)


def _refuse(value: Value, does: str) -> None:
    watching: Any = observer()
    while watching is not None and not isinstance(watching, Recorder):
        watching = getattr(watching, "outer", None)  # a group names parts of what is being traced
    if watching is None or sys._getframe(2).f_globals.get("__name__") in INSIDE or value.is_constant:
        return
    raise TraceError(
        f"the traced function {does} {value.label or 'a Value'}: the compiled program would keep this call's number "
        "for ever, and does not write into Values; compute with the Value itself, or do this outside the function"
    )


class hidden_numbers:
    """Context in which code under a recorder of this thread cannot read or write a Value's number."""

    def __enter__(self) -> None:
        global _traces
        with _lock:
            _traces += 1
            if _traces == 1:
                for name in SLOTS:
                    setattr(Value, name, _window(name))

    def __exit__(self, *exception: object) -> None:
        global _traces
        with _lock:
            _traces -= 1
            if not _traces:
                for name, slot in SLOTS.items():
                    setattr(Value, name, slot)
