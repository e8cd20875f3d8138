"""group: name the part of a graph that a block of code makes, for pictures."""

from __future__ import annotations

from itertools import count

from autograd_mini.engine.origin import Tagger
from autograd_mini.engine.value import observed_by, observer

__all__ = ["group"]

_serial = count(1)


class group(observed_by):
    """Context in which every operation belongs to the group ``name``; groups nest.

    Numbers and gradients are what they are without it. A picture frames the group, or folds it
    to one box where the graph is large; entering twice makes two groups of one name.

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
        super().__init__(None)
        self.name = name

    def __enter__(self) -> None:
        outer = observer()
        entry = (self.name, next(_serial))
        if isinstance(outer, Tagger):
            self.observer = Tagger((*outer.groups, entry), outer.lines, outer.outer)
        else:
            self.observer = Tagger((entry,), False, outer)
        super().__enter__()
