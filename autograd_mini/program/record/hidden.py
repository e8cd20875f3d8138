"""While a function is recorded, the numbers of Values from outside are hidden from its code.

A program reads captured Values at each call; ``w.data`` inside the function would be read once,
and frozen. A Value's slots cannot be watched, so properties stand in front of them, and only
while code runs that names ``.data`` or ``.grad``: a recording that does not read numbers costs
other threads nothing. The rooms that handle numbers (engine, rows, transforms, programs) see
through the properties, and so do other threads.
"""

from __future__ import annotations

import sys
import threading
from types import CodeType
from typing import Any

from autograd_mini.engine.observer import observer
from autograd_mini.engine.value import Value
from autograd_mini.program.record.own import is_core_file
from autograd_mini.program.record.recorder import Recorder, TraceError

__all__ = ["hidden_numbers", "names_numbers"]

SLOTS = {name: Value.__dict__[name] for name in ("data", "grad")}
BY_NAME = {"getattr", "setattr", "attrgetter", "__getattribute__", "__setattr__"}
_lock = threading.Lock()
_hidden = 0


def names_numbers(code: CodeType) -> bool:
    """Tell whether code may read or write a Value's number: it names the attribute, or none by name."""
    return not (SLOTS.keys() | BY_NAME).isdisjoint(code.co_names)


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
    if watching is None or is_core_file(sys._getframe(2).f_code.co_filename) or value.is_constant:
        return
    raise TraceError(
        f"the traced function {does} {value.label or 'a Value'}: the compiled program would keep this call's number "
        "for ever, and does not write into Values; compute with the Value itself, cut the gradient with "
        "stop_gradient(value), or do this outside the function"
    )


class hidden_numbers:
    """Context in which code under a recorder of this thread cannot read or write a Value's number.

    ``at_once`` False waits until ``hide`` is called: by who sees that such code begins to run.
    """

    def __init__(self, at_once: bool = True) -> None:
        self.at_once, self.is_hiding = at_once, False

    def hide(self) -> None:
        """Put the properties in front of the slots."""
        global _hidden
        self.at_once = True
        if not self.is_hiding:
            with _lock:
                self.is_hiding = True
                _hidden += 1
                if _hidden == 1:
                    for name in SLOTS:
                        setattr(Value, name, _window(name))

    def __enter__(self) -> None:
        if self.at_once:
            self.hide()

    def __exit__(self, *exception: object) -> None:
        global _hidden
        if self.is_hiding:
            with _lock:
                self.is_hiding = False
                _hidden -= 1
                if not _hidden:
                    for name, slot in SLOTS.items():
                        setattr(Value, name, slot)
