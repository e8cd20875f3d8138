"""Checking: whether every compiled result is compared with the plain function's."""

from __future__ import annotations

import os

__all__ = ["CompiledDiffersError", "checking"]


class CompiledDiffersError(RuntimeError):
    """A compiled result is not what the function itself gives."""


def checking() -> bool:
    """Tell whether the environment asks for it: AUTOGRAD_MINI_CHECK is set, and not 0."""
    return os.environ.get("AUTOGRAD_MINI_CHECK", "") not in ("", "0")
