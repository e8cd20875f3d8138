"""Tell code of the user, of this package and of libraries apart, by its file."""

from __future__ import annotations

import functools
import sys
import sysconfig
from pathlib import Path
from types import CodeType

__all__ = ["is_core_file", "is_own_class", "is_own_code", "is_own_file", "is_own_module", "is_package_file"]

PACKAGE = str(Path(__file__).resolve().parents[1])
CORE = tuple(str(Path(PACKAGE) / room) for room in ("primitives", "engine", "transforms", "program"))
LIBRARIES = tuple(
    {str(Path(path).resolve()) for name, path in sysconfig.get_paths().items() if name.endswith(("lib", "stdlib"))}
)
INSTALLED = ("/site-packages/", "/dist-packages/", "\\site-packages\\")


@functools.cache
def is_own_file(file: str) -> bool:
    """Tell whether a file is neither Python's, nor installed, nor this package's.

    Code from a prompt, a notebook cell or ``exec`` counts as the user's own.
    """
    if file.startswith("<"):
        return not file.startswith(("<frozen", "<autograd_mini", "<__array_function__"))
    path = str(Path(file).resolve())
    return not (any(each in path for each in INSTALLED) or path.startswith((*LIBRARIES, PACKAGE)))


@functools.cache
def is_package_file(file: str) -> bool:
    """Tell whether a file belongs to this package, or is code that it generated."""
    return file.startswith("<autograd_mini") or str(Path(file).resolve()).startswith(PACKAGE)


@functools.cache
def is_core_file(file: str) -> bool:
    """Tell whether a file belongs to the packages that handle numbers of Values: see ``CORE``."""
    return file.startswith("<autograd_mini") or str(Path(file).resolve()).startswith(CORE)


def is_own_code(code: CodeType) -> bool:
    """Tell whether the user wrote this code."""
    return is_own_file(code.co_filename)


def is_own_class(kind: type) -> bool:
    """Tell whether the user defined this class: in their own module, or in none."""
    return is_own_module(kind.__module__)


def is_own_module(name: str) -> bool:
    """Tell whether a module is the user's own, by its name."""
    file = _module(name)
    return file is None or is_own_file(file)


def _module(name: str) -> str | None:
    """Return the file of a module by its name; "<frozen" for a built-in module, None where it is unknown."""
    module = sys.modules.get(name)
    if module is None or name == "__main__":
        return None
    file = getattr(module, "__file__", None)
    if file is None:
        return "<frozen" if getattr(module, "__spec__", None) is not None or name == "builtins" else None
    return str(file)
