"""Level: one level of detail. A level returns a view of a graph, or None where it cannot show it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeAlias

from autograd_mini.language import counted, tell
from viz.graph.model import Model
from viz.levels.affine import recognised
from viz.levels.network import has_cards, with_cards

__all__ = ["Asked", "Level", "View"]


@dataclass(frozen=True, slots=True)
class View:
    """A graph at one level of detail: ``model`` in the classical form, ``pieces`` for the compact one.

    ``pieces`` is None where there is no other form: layers as heat maps.
    """

    model: Model
    level: str
    pieces: Model | None


@dataclass(frozen=True)
class Asked:
    """A request to the levels, with the notes they add.

    ``scalars``   the graph, every number and every function
    ``detail``    the requested level, or "auto"
    ``notes``     why the levels before this one could not show it
    ``by_hand``   False where sums of weighted inputs are to be cards however they were written
    """

    scalars: Model
    detail: str
    by_hand: bool
    notes: list[str] = field(default_factory=list)

    @property
    def is_free(self) -> bool:
        """Whether the level is chosen automatically."""
        return self.detail == "auto"

    @property
    def lines(self) -> int:
        """The number of edges, with which the size and the time of a layout grow."""
        return len(self.scalars.edges)

    @cached_property
    def named(self) -> Model:
        """The graph with its sums of weighted inputs recognised."""
        return self.scalars if self.by_hand else recognised(self.scalars)

    @cached_property
    def is_network(self) -> bool:
        """Whether anything in it is a card."""
        return has_cards(self.named)

    @cached_property
    def cards(self) -> Model:
        """The graph with its cards."""
        return with_cards(self.named)

    def said(self, small: Model) -> Model:
        """Return ``small`` with notes on its content and on what it folds."""
        scalars = self.scalars
        parameters = sum(node.role == "parameter" for node in scalars.quantities)
        held = counted(scalars.size, "{count:,} function", "{count:,} functions")
        if parameters:
            held = tell("{parameters:,} parameters, {functions}", parameters=parameters, functions=held)
        boxes = len(small.nodes) - len(small.quantities)
        inside = tell("{held} in {boxes} box.", held=held, boxes=1)
        if boxes != 1:
            inside = tell("{held} in {boxes} boxes.", held=held, boxes=boxes)
        folded = inside if boxes < scalars.size else tell("{held}.", held=held)
        later: Iterable[str] = small.notes[len(scalars.notes) :]
        return replace(small, notes=(*self.notes, *scalars.notes, folded, *later))


Level: TypeAlias = Callable[[Asked], View | None]
"""Returns a view of the request at its level; None where the next level, which folds more, must show it."""
