"""Pause: switch the profiling hook, which observes users' code, off while a recorder appends an instruction.

Python calls the hook at every call and return. At the start of a function marked ``pausing`` the
hook switches itself off and enters itself in ``PAUSED``; the function switches it on again when it
ends or calls other code. Hook and entry belong to one thread.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from threading import get_ident
from types import CodeType, FrameType
from typing import Any, TypeVar

__all__ = ["PAUSED", "PAUSES", "Hook", "pausing", "resume"]

F = TypeVar("F", bound=Callable[..., Any])
Hook = Callable[[FrameType, str, Any], None]

PAUSED: dict[int, Hook] = {}
"""Thread → its hook that is switched off."""

PAUSES: dict[int, CodeType] = {}
"""The code objects, by id, during which the hook is switched off."""


def pausing(function: F) -> F:
    """Switch hooks off while ``function`` runs; it must call ``resume`` at every exit where PAUSED is not empty."""
    code: CodeType = function.__code__
    PAUSES[id(code)] = code
    return function


def resume() -> None:
    """Switch the hook of this thread on again, if it is off."""
    hook = PAUSED.pop(get_ident(), None)
    if hook is not None:
        sys.setprofile(hook)
