"""What a graph is made of: values, functions, and the edges between them.

Every kind of node is a ``Node``. What a coarser picture needs to know of one, the node itself
answers, so that no picture asks what kind it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from autograd_mini.engine.value import Value
from viz.style.typeset import number

__all__ = ["Edge", "Flow", "Function", "Node", "Quantity", "Role", "State"]

Role: TypeAlias = Literal["input", "parameter", "constant", "result", "output"]
State: TypeAlias = Literal["", "not finite", "dead", "saturated"]
Flow: TypeAlias = Literal["flows", "untaken", "unwanted"]

ANY = 1 << 30


class Node:
    """Something a picture shows. ``key`` tells it from all others."""

    __slots__ = ()
    key: str

    @property
    def size(self) -> int:
        """How many functions it stands for; 0 for a value."""
        return 0

    @property
    def called(self) -> str:
        """What it is called in a formula, "" where it has no name there."""
        return ""

    @property
    def strange(self) -> bool:
        """Whether something in it is nan or infinite."""
        return False

    @property
    def lanes(self) -> int:
        """How many edges may come from one place before they are drawn as a band."""
        return 1


@dataclass(frozen=True, slots=True)
class Quantity(Node):
    """A value: a circle. ``grad`` is None where no backward pass came, ``data`` where nothing ran."""

    key: str
    role: Role
    label: str
    data: float | None
    grad: float | None
    terms: tuple[float, ...] = ()
    """The contributions of the edges that leave it, where there are several."""
    source: Value | None = None
    barred: bool = False
    """True where a backward pass came by and no gradient flows here: an untaken branch, a condition."""
    name: str = ""
    """What the whole graph calls it, where this is a part or a coarser view of one; "" where nobody said yet."""

    @property
    def strange(self) -> bool:
        """Whether the value or its gradient is nan or infinite."""
        return any(
            x is not None and not math.isfinite(x) for x in (self.data, None if self.role == "constant" else self.grad)
        )

    @property
    def called(self) -> str:
        """Its label; of a constant without one, its number."""
        return self.label or (number(self.data) if self.role == "constant" else "")

    @property
    def lanes(self) -> int:
        """A value comes out of one function, by one edge for each of its uses."""
        return ANY


@dataclass(frozen=True, slots=True)
class Function(Node):
    """One application of a primitive: a square."""

    key: str
    name: str
    label: str
    state: State = ""
    group: tuple[tuple[str, int], ...] = ()
    """The groups it was made in, outermost first: a name, and a number that tells entries apart."""
    line: str = ""
    """The line of code that made it, "" where that was not recorded."""
    members: tuple[str, ...] = ()
    """The functions that it was put together from, where it is not one as it was written."""

    @property
    def size(self) -> int:
        """One, or as many as it was put together from."""
        return len(self.members) or 1

    @property
    def strange(self) -> bool:
        """Whether its result is nan or infinite."""
        return self.state == "not finite"

    @property
    def inside(self) -> tuple[str, ...]:
        """Its label, as that of a box of several functions."""
        return (self.label,)

    @property
    def lanes(self) -> int:
        """``x + x`` is two edges."""
        return 2


@dataclass(frozen=True, slots=True)
class Edge:
    """A value going into a function (``local`` is ∂out/∂value there), or coming out of one.

    ``grad`` is what flows back along it: ``upstream · local`` into a function, the gradient of the
    result out of one; None where nothing was computed.
    """

    key: str
    tail: str
    head: str
    data: float | None
    grad: float | None
    upstream: float | None = None
    local: float | None = None
    flow: Flow = "flows"
    name: str = ""
    """The label of the value, where the edge stands for it and no circle does."""
    slot: int = 0
    """Which argument it is; in a card, which row."""
    band: int = 1
    """How many edges it stands for."""
