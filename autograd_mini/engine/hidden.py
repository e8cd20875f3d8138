"""Hide the numbers of Values from a function while it is recorded or differentiated.

A program reads captured Values at each call; ``w.data`` inside the function would be read once,
while recording, and become a constant. ``x.data`` of a differentiated argument would cut the
gradient. An observer with a method ``hides(value, does)`` is called first and may raise.

Access to a slot cannot be observed, so properties replace the slots, and only while code runs that
names ``.data`` or ``.grad``: a recording that does not read numbers costs other threads nothing.
For the packages that need the numbers (engine, primitives, transforms, program) and for other
threads the properties behave as the slots.
"""

from __future__ import annotations

import sys
import threading
from types import CodeType
from typing import Any

from autograd_mini.engine.observer import observer
from autograd_mini.engine.own import is_core_file
from autograd_mini.engine.value import Value, install

__all__ = ["TraceError", "hidden_numbers", "names_numbers"]

SLOTS = {name: Value.__dict__[name] for name in ("data", "grad")}
BY_NAME = {"getattr", "setattr", "attrgetter", "__getattribute__", "__setattr__"}
_lock = threading.Lock()
_hidden = 0


class TraceError(RuntimeError):
    """An operation that a recorded program could not repeat correctly, or that would cut a gradient."""


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
    while watching is not None and not hasattr(watching, "hides"):
        watching = watching.outer  # a group inside a recording
    if watching is None or is_core_file(sys._getframe(2).f_code.co_filename) or value.is_constant:
        return
    watching.hides(value, does)


class hidden_numbers:
    """Context in which code under such an observer in this thread cannot read or write the number of a Value.

    With ``at_once`` False it has no effect until ``hide`` is called, when code that names a number starts.
    """

    def __init__(self, at_once: bool = True) -> None:
        self.at_once, self.is_hiding = at_once, False

    def hide(self) -> None:
        """Replace the slots by the properties."""
        global _hidden
        self.at_once = True
        if not self.is_hiding:
            with _lock:
                self.is_hiding = True
                _hidden += 1
                if _hidden == 1:
                    install({name: _window(name) for name in SLOTS})

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
                    install(SLOTS)
