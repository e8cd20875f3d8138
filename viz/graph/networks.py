"""The nodes of a network drawn by its layers or by its neurons: vectors, maps between them, neurons."""

from __future__ import annotations

import math
from dataclasses import dataclass

from viz.graph.nodes import ANY, Node, Role
from viz.graph.parts import Card

__all__ = ["FEW", "Map", "Neuron", "Vector"]

FEW = 8
"""Up to so many numbers of a vector are written; more are cells."""


@dataclass(frozen=True, slots=True)
class Vector(Node):
    """Several values that go the same way, as one circle: the results of a layer, or its inputs."""

    key: str
    name: str
    role: Role
    data: tuple[float | None, ...]
    grads: tuple[float | None, ...]
    members: tuple[str, ...]
    """The keys of its values."""

    @property
    def called(self) -> str:
        """Its name."""
        return self.name

    @property
    def strange(self) -> bool:
        """Whether a number in it is nan or infinite."""
        return any(x is not None and not math.isfinite(x) for x in (*self.data, *self.grads))

    @property
    def lanes(self) -> int:
        """It comes out of one map, by one edge for each of its uses."""
        return ANY


@dataclass(frozen=True, slots=True)
class Map(Node):
    """Functions of one kind on the same vectors, as one square: a layer, an activation, a loss."""

    key: str
    label: str
    detail: str
    """Its parameters in words, "" where it has none."""
    members: tuple[str, ...]
    """The keys of its functions, in order of execution."""
    state: str = ""

    @property
    def size(self) -> int:
        """The number of functions in it."""
        return len(self.members)

    @property
    def strange(self) -> bool:
        """Whether a result in it is nan or infinite."""
        return self.state == "not finite"


@dataclass(frozen=True, slots=True)
class Neuron(Node):
    """A card as a circle of the node-link diagram; a line for each of its weights goes to it."""

    key: str
    card: Card

    @property
    def size(self) -> int:
        """The number of functions in it."""
        return self.card.size

    @property
    def called(self) -> str:
        """The name of its result."""
        return self.card.name

    @property
    def strange(self) -> bool:
        """Whether its result is nan or infinite."""
        return self.card.strange

    @property
    def lanes(self) -> int:
        """Every line is a weight of its own."""
        return ANY
