"""Atomic writing of files: a reader sees the complete old content or the complete new one."""

from __future__ import annotations

import glob
import os
import socket
import tempfile
from pathlib import Path

__all__ = ["as_path", "replace"]


def as_path(path: object, owner: str) -> Path:
    """Return ``path`` as a Path; TypeError where it is not one."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"{owner}: {path!r} is a {type(path).__name__}; the path of a file is needed")
    if not os.fspath(path):
        raise ValueError(f"{owner}: the path is empty; the path of a file is needed")
    return Path(path)


def replace(path: str | Path, content: str | bytes) -> None:
    """Replace the file ``path`` by ``content`` (text as UTF-8) atomically, also if the process is killed.

    The content is first written to a file in the same folder that ends in .part. If a process of
    this machine was killed and left such a file, the next save of the same path removes it.
    """
    path = as_path(path, "save")
    machine = socket.gethostname().replace(".", "-")
    _sweep(path, machine)
    mine = f".{path.name}.{machine}.{os.getpid()}."
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=mine, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)  # mkstemp's 0600 would keep others from reading it
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if hasattr(os, "O_DIRECTORY"):  # the rename itself must reach the disk too
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _sweep(path: Path, machine: str) -> None:
    """Remove the unfinished files of this path whose process has ended."""
    start = f".{path.name}.{machine}."
    for left in path.parent.glob(f"{glob.escape(start)}*.part"):
        process = left.name[len(start) :].split(".")[0]
        if process.isdigit() and not _is_running(int(process)):
            left.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    """Tell whether a process is running; True on Windows, where the test would be a signal that ends it."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
