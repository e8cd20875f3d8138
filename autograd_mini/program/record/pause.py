"""Pause: a profiling hook sees what users' code does, and rests while a recorder writes an instruction down.

The hook is called for every call and every return. It switches itself off where code begins that
is known here (``pausing``), and notes that in ``PAUSED``; that code switches it on again when it
is done, or when it leaves to other code. The note belongs to a thread, as the hook does.
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
"""Thread → the hook that it is waiting for."""

PAUSES: dict[int, CodeType] = {}
"""The code at whose beginning a hook may rest, by id."""


def pausing(function: F) -> F:
    """Let hooks rest while ``function`` runs, which calls ``resume`` where PAUSED is not empty, on every way out."""
    code: CodeType = function.__code__
    PAUSES[id(code)] = code
    return function


def resume() -> None:
    """Switch the hook of this thread on again, where one is resting."""
    hook = PAUSED.pop(get_ident(), None)
    if hook is not None:
        sys.setprofile(hook)
