"""Observer: what answers the operations on Values in place of the plain engine.

Tracing, anomaly detection and groups are observers. Each thread and each asyncio task has its
own (a ``ContextVar``), and an observer answers only while its context is open: whatever a
cancelled task or a generator left open leaves in a context variable is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, TypeAlias

from autograd_mini.primitives.row import Primitive

__all__ = ["Observer", "Sweep", "innermost", "observed_by", "observer", "observers"]

Sweep: TypeAlias = Callable[[Sequence[Any], Sequence[Any], Sequence[Any], bool], list[Any]]


class Observer:
    """Answers operations, comparisons, truth and reverse sweeps; each default asks the next observer out.

    ``outer`` is that next observer, None where the plain engine comes next. A subclass
    overrides what it has something to say about, and calls ``super()`` for the work itself.
    """

    outer: Observer | None = None

    def apply(self, primitive: Primitive, args: tuple[Any, ...]) -> Any:
        """Answer ``primitive(*args)``: a Value, or a list of Values where it has several outputs."""
        operand = next(arg for arg in args if hasattr(arg, "__apply__"))
        with observed_by(self.outer):
            return operand.__apply__(primitive, args)

    def compare(self, primitive: Primitive, a: Any, b: Any) -> Any:
        """Answer a comparison."""
        with observed_by(self.outer):
            return primitive.value(a, b)

    def truth(self, value: Any) -> bool:
        """Answer ``bool(value)``."""
        with observed_by(self.outer):
            return bool(value)

    def backward(self, output: Any, gradient: float) -> None:
        """Answer ``output.backward(gradient)``."""
        with observed_by(self.outer):
            output.backward(gradient)

    def pull(
        self, outputs: Sequence[Any], seeds: Sequence[Any], inputs: Sequence[Any], create_graph: bool, sweep: Sweep
    ) -> list[Any]:
        """Answer the reverse sweep of a transform: Σ seed · ∂output/∂input for each input.

        ``sweep`` is the plain engine's; it takes the same arguments but itself.
        """
        with observed_by(self.outer):
            if self.outer is None:
                return sweep(outputs, seeds, inputs, create_graph)
            return self.outer.pull(outputs, seeds, inputs, create_graph, sweep)


class _Entry:
    """One entry of a context: its observer, the entry around it, and whether the context is still open."""

    __slots__ = ("context", "observer", "open", "outer")

    def __init__(self, context: observed_by, observer: Observer | None, outer: _Entry | None) -> None:
        self.context, self.observer, self.outer, self.open = context, observer, outer, True


innermost: ContextVar[_Entry | None] = ContextVar("autograd_mini observer", default=None)
"""The innermost entry of this thread or task; it may be closed already."""

observers: set[_Entry] = set()
"""The open entries that have an observer, of all threads and tasks. Operations look only whether there is any."""


class observed_by:
    """Context in which the operations of this thread or task are answered by ``observer``; None: by nobody."""

    def __init__(self, observer: Observer | None = None) -> None:
        self._observer = observer
        self._entries: list[_Entry] = []

    def answers(self) -> Observer | None:
        """Return who observes from now on; asked at each entering."""
        return self._observer

    def __enter__(self) -> None:
        entry = _Entry(self, self.answers(), _open())
        self._entries.append(entry)
        if entry.observer is not None:
            observers.add(entry)
        innermost.set(entry)

    def __exit__(self, *exception: object) -> None:
        entry = innermost.get()
        while entry is not None and not (entry.open and entry.context is self):
            entry = entry.outer
        if entry is None:  # left from elsewhere, as when the collector closes a generator: the newest entry ends
            entry = self._entries[-1]
        self._entries.remove(entry)
        observers.discard(entry)
        entry.open, entry.observer = False, None
        innermost.set(_open())


def _open() -> _Entry | None:
    """Return the innermost entry of this thread or task whose context is still open."""
    entry = innermost.get()
    while entry is not None and not entry.open:
        entry = entry.outer
    return entry


def observer() -> Observer | None:
    """Return the observer of this thread or task, if any."""
    entry = _open()
    return None if entry is None else entry.observer
