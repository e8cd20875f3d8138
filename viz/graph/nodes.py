"""The parts of a graph: values, functions, and the edges between them.

Every kind of node is a ``Node``. Its properties give what coarser pictures need to know, so that no
picture depends on the kind of a node.
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
    """A node of a picture. ``key`` is unique."""

    __slots__ = ()
    key: str

    @property
    def size(self) -> int:
        """The number of functions that it represents; 0 for a value."""
        return 0

    @property
    def called(self) -> str:
        """Its name in a formula, "" where it has none."""
        return ""

    @property
    def strange(self) -> bool:
        """Whether a number in it is nan or infinite."""
        return False

    @property
    def lanes(self) -> int:
        """The number of edges from one place above which they are drawn as a band."""
        return 1


@dataclass(frozen=True, slots=True)
class Quantity(Node):
    """A value: a circle. ``grad`` is None without a backward pass, ``data`` without a forward pass."""

    key: str
    role: Role
    label: str
    data: float | None
    grad: float | None
    terms: tuple[float, ...] = ()
    """The contributions of its outgoing edges, where there are several."""
    source: Value | None = None
    barred: bool = False
    """True where a backward pass ran and no gradient flows here: a branch not taken, a condition."""
    name: str = ""
    """Its name in the whole graph, where this is a part or a coarser view of it; "" if not set."""

    @property
    def strange(self) -> bool:
        """Whether the value or its gradient is nan or infinite."""
        return any(
            x is not None and not math.isfinite(x) for x in (self.data, None if self.role == "constant" else self.grad)
        )

    @property
    def called(self) -> str:
        """Its label; for a constant without a label, its number."""
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
    """The groups it was made in, outermost first: (name, number of the entry)."""
    line: str = ""
    """The line of code that made it, "" where that was not recorded."""
    members: tuple[str, ...] = ()
    """The functions that it combines, where it was recognised from several."""
    whole: tuple[str, int] | None = None
    """The function of several operations that it is a part of, such as a loss: (name, a number of its own)."""

    @property
    def size(self) -> int:
        """1, or the number of functions that it combines."""
        return len(self.members) or 1

    @property
    def strange(self) -> bool:
        """Whether its result is nan or infinite."""
        return self.state == "not finite"

    @property
    def inside(self) -> tuple[str, ...]:
        """Its label, as a tuple like that of a box of several functions."""
        return (self.label,)

    @property
    def lanes(self) -> int:
        """``x + x`` is two edges."""
        return 2


@dataclass(frozen=True, slots=True)
class Edge:
    """A value going into a function (``local`` is ∂out/∂value there), or coming out of one.

    ``grad`` is the gradient along it: ``upstream · local`` into a function, the gradient of the result
    out of a function; None where nothing was computed.
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
    """The label of the value, where the edge represents it in place of a circle."""
    slot: int = 0
    """The position of the argument; in a card, the row."""
    band: int = 1
    """The number of edges that it represents."""
    weight: str = ""
    """The key of the parameter whose number and gradient it has, where it is the line of a weight."""
    parts: tuple[str, ...] = ()
    """The edges whose contributions add up to its gradient, where there are several: the uses of one value."""
