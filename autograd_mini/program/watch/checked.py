"""The check mode, in which every compiled result is compared with the plain function's."""

from __future__ import annotations

import os

__all__ = ["CompiledDiffersError", "checking"]


class CompiledDiffersError(RuntimeError):
    """A compiled result differs from the result of the function itself."""


def checking() -> bool:
    """Tell whether check mode is the default: AUTOGRAD_MINI_CHECK is set, and not 0."""
    return os.environ.get("AUTOGRAD_MINI_CHECK", "") not in ("", "0")
