"""group: give a name to the nodes that a block of code makes, for pictures."""

from __future__ import annotations

from itertools import count

from autograd_mini.engine.observer import Observer, observed_by, observer
from autograd_mini.engine.origin import Tagger

__all__ = ["group"]

_serial = count(1)


class group(observed_by):
    """Context in which every operation belongs to the group ``name``; groups nest.

    Numbers and gradients do not change. A picture draws a frame around the group, or one box where
    the graph is large. Each entry makes a new group; groups may have equal names. Raises TypeError
    for a name that is not a string or is empty.

    >>> from autograd_mini import Value
    >>> x = Value(2.0)
    >>> with group("square"):
    ...     y = x * x
    >>> y.tag.groups[0][0]
    'square'
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name:
            raise TypeError(f"group: name is {name!r}; a string that is not empty is needed, as in group('encoder')")
        super().__init__()
        self.name = name

    def make_observer(self) -> Observer:
        """Return a tagger for this group and the groups around it."""
        return Tagger(observer(), group=(self.name, next(_serial)))
