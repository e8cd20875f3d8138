"""Observer: handles the operations on Values in place of the plain engine.

Tracing, anomaly detection and groups are observers. Each thread and each asyncio task has its
own (a ``ContextVar``). An observer is used only while its context is open; an entry that a
cancelled task or a suspended generator left in the context variable is ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, TypeAlias

from autograd_mini.primitives.row import Primitive

__all__ = ["Observer", "Sweep", "innermost", "observed_by", "observer", "observers"]

Sweep: TypeAlias = Callable[[Sequence[Any], Sequence[Any], Sequence[Any], bool], list[Any]]


class Observer:
    """Handles operations, comparisons, ``bool`` and reverse sweeps; by default each passes to the next outer observer.

    ``outer`` is the next outer observer, None for the plain engine. A subclass overrides the
    methods that concern it, and calls ``super()`` to do the operation.
    """

    outer: Observer | None = None

    def apply(self, primitive: Primitive, args: tuple[Any, ...]) -> Any:
        """Return ``primitive(*args)``: a Value, or a list of Values where it has several outputs."""
        operand = next(arg for arg in args if hasattr(arg, "__apply__"))
        with observed_by(self.outer):
            return operand.__apply__(primitive, args)

    def compare(self, primitive: Primitive, a: Any, b: Any) -> Any:
        """Return the result of a comparison."""
        with observed_by(self.outer):
            return primitive.value(a, b)

    def truth(self, value: Any) -> bool:
        """Return ``bool(value)``."""
        with observed_by(self.outer):
            return bool(value)

    def text(self, value: Any, spec: str) -> str:
        """Return what ``repr`` shows of a Value in place of its number, "" for the number; ``format`` asks first."""
        return self.outer.text(value, spec) if self.outer is not None else ""

    def backward(self, output: Any, gradient: float) -> None:
        """Do ``output.backward(gradient)``."""
        with observed_by(self.outer):
            output.backward(gradient)

    def pull(
        self, outputs: Sequence[Any], seeds: Sequence[Any], inputs: Sequence[Any], create_graph: bool, sweep: Sweep
    ) -> list[Any]:
        """Return the result of a transform's reverse sweep: Σ seed · ∂output/∂input for each input.

        ``sweep`` is the plain engine's function, called with the other arguments.
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
"""The open entries with an observer, of all threads and tasks. Operations only check whether the set is empty."""


class observed_by:
    """Context in which ``observer`` handles the operations of this thread or task; None: no observer."""

    def __init__(self, observer: Observer | None = None) -> None:
        self._observer = observer
        self._entries: list[_Entry] = []

    def make_observer(self) -> Observer | None:
        """Return the observer of this entry; called each time the context is entered."""
        return self._observer

    def __enter__(self) -> None:
        entry = _Entry(self, self.make_observer(), _open())
        self._entries.append(entry)
        if entry.observer is not None:
            observers.add(entry)
        innermost.set(entry)

    def __exit__(self, *exception: object) -> None:
        entry = innermost.get()
        while entry is not None and not (entry.open and entry.context is self):
            entry = entry.outer
        if entry is None:  # left in another context, as when a generator is collected: the newest entry ends
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
