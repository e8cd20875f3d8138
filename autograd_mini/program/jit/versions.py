"""Versions: a jitted function has one for each shape of its arguments."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from autograd_mini.program.jit.arguments import Arguments, Shape
from autograd_mini.program.jit.paths import Version
from autograd_mini.program.jit.recordings import MOST, too_many_versions
from autograd_mini.program.record.traced import NeedsIntError, WholeArray

__all__ = ["Versions"]

Result = TypeVar("Result")
STAGES = 3  # shapes that one call may have: of columns, of whole arrays, of whole arrays and ints


class Versions:
    """The versions of a function, found by the arguments of a call.

    ``known``  shape → version; no more are kept than are compiled
    """

    def __init__(
        self,
        name: str,
        signature: inspect.Signature | None,
        parameters: Sequence[str] | None,
        lock: threading.RLock,
    ) -> None:
        self.name, self.signature, self.parameters, self._lock = name, signature, parameters or (), lock
        self.known: dict[Shape, Version] = {}

    @property
    def recorded(self) -> int:
        """How many versions have a path."""
        return sum(bool(each.paths) for each in list(self.known.values()))  # a copy: other threads add some

    def is_first(self, version: Version) -> bool:
        """Tell whether a version is the one of the first call."""
        return version is next(iter(self.known.values()), None)

    def settled(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], run: Callable[[list[Any], Version], Result]
    ) -> tuple[Result, Version]:
        """Return ``run(leaves, version)`` and the version, which may turn out to need whole arrays, or ints as ints."""
        while True:
            leaves, version, has_ints = self.of(args, kwargs)
            try:
                return run(leaves, version), version
            except WholeArray:
                version.is_whole = True
            except NeedsIntError:
                if version.needs_ints or not has_ints:
                    raise
                version.needs_ints = True

    def of(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[list[Any], Version, bool]:
        """Return the scalars of the arguments, the version for their shape, and whether there are ints."""
        if kwargs and self.signature is not None:  # keyword and positional forms are the same call
            bound = self.signature.bind(*args, **kwargs)
            args, kwargs = bound.args, bound.kwargs
        tops = [*zip(self._tops(len(args)), args, strict=True), *kwargs.items()]
        given = Arguments(self.name)
        version = self._of(tops, len(args), given)
        if version.is_whole or version.needs_ints:
            given = Arguments(self.name, whole=version.is_whole, ints=version.needs_ints)
            version = self._of(tops, len(args), given)
            if version.needs_ints and not given.ints:
                given = Arguments(self.name, whole=given.whole, ints=True)
                version = self._of(tops, len(args), given)
        return given.leaves, version, given.has_ints and not given.ints

    def _of(self, tops: list[tuple[str, Any]], count: int, arguments: Arguments) -> Version:
        shapes = [arguments.take(tree, name) for name, tree in tops]
        key = (count, arguments.has_columns, tuple(name for name, _ in tops[count:]), *shapes)
        version = self.known.get(key)
        if version is None:
            with self._lock:
                if len(self.known) >= STAGES * MOST:
                    raise too_many_versions()
                named = [(name, shape) for (name, _), shape in zip(tops, shapes, strict=True)]
                version = self.known.setdefault(key, Version(key, named, arguments.has_columns))
        return version

    def _tops(self, count: int) -> list[str]:
        known = self.parameters
        return [known[i] if i < len(known) else f"x{i}" for i in range(count)]
