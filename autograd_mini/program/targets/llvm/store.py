"""Store: a cache of machine code on disk, shared by processes.

``AUTOGRAD_MINI_CACHE`` names the folder, or switches the store off where it is "0" or empty. By default it
is ``autograd_mini`` in the system's folder for caches. The name of a file is a digest of everything that its code
depends on (the text, the processor, the version of LLVM), and the file begins with a digest of its content, so that
a truncated or changed file is ignored. Files are written under another name and renamed, so that other processes see
only complete files. A folder that others can write to is not used. If the disk fails, code is compiled as usual.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

__all__ = ["Store"]

VARIABLE = "AUTOGRAD_MINI_CACHE"
MOST = 1000  # files in the folder; with more, the least recently used are deleted
DIGEST = hashlib.sha256().digest_size


class Store:
    """The files of one folder; without a folder it is empty and stores nothing."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    @staticmethod
    def chosen() -> Store:
        """Return the store that the environment chooses."""
        asked = os.environ.get(VARIABLE)
        if asked is not None:
            return Store(None if asked in ("", "0") else Path(asked))
        home = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
        if home:
            return Store(Path(home) / "autograd_mini")
        try:
            user = Path.home()
        except RuntimeError:  # a user without a home folder
            return Store(None)
        return Store(user / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "autograd_mini")

    def load(self, key: str) -> bytes | None:
        """Return what was kept under ``key``, None where there is no complete file."""
        if self.folder is None or not self._is_safe():
            return None
        path = self.folder / key
        try:
            content = path.read_bytes()
        except OSError:
            return None
        held, code = content[:DIGEST], content[DIGEST:]
        if hashlib.sha256(code).digest() != held:
            return None
        with suppress(OSError):
            os.utime(path)  # mark it as used
        return code

    def keep(self, key: str, code: bytes) -> None:
        """Keep ``code`` under ``key``, if the folder can be written."""
        if self.folder is None:
            return
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._is_safe():
                return
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".", delete=False) as file:
                file.write(hashlib.sha256(code).digest() + code)
            try:
                os.replace(file.name, self.folder / key)
            except OSError:
                os.unlink(file.name)
                raise
            self._prune(self.folder)
        except OSError:  # a full disk or a folder that cannot be written: the code is still in memory
            return

    def _is_safe(self) -> bool:
        """Tell whether only this user can write machine code here."""
        assert self.folder is not None
        if not hasattr(os, "getuid"):
            return True
        try:
            found = self.folder.stat()
        except OSError:
            return False
        return found.st_uid == os.getuid() and not found.st_mode & 0o022

    def _prune(self, folder: Path) -> None:
        names = os.listdir(folder)
        if len(names) <= MOST:
            return
        ages = []
        for name in names:
            with suppress(OSError):  # another process deleted it first
                ages.append((os.stat(folder / name).st_mtime, name))
        for _, name in sorted(ages)[: len(names) - MOST // 2]:
            with suppress(OSError):
                os.unlink(folder / name)
