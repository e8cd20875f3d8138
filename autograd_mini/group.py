"""group: name the part of a graph that a block of code makes, for pictures."""

from __future__ import annotations

from itertools import count
from typing import Any

from autograd_mini.primitive import Primitive
from autograd_mini.value import Value, observed_by, observer

__all__ = ["group"]

_serial = count(1)


class group(observed_by):
    """Context in which every operation belongs to the group ``name``; groups nest.

    Numbers and gradients are what they are without it. A picture frames the group, or folds it
    to one box where the graph is large; entering twice makes two groups of one name.

    >>> x = Value(2.0)
    >>> with group("square"):
    ...     y = x * x
    >>> y.tag[0][0]
    'square'
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name:
            raise TypeError(f"group: name is {name!r}; a string that is not empty is needed, as in group('encoder')")
        super().__init__(None)
        self.name = name

    def __enter__(self) -> None:
        outer = observer()
        path: tuple[tuple[str, int], ...] = ((self.name, next(_serial)),)
        if isinstance(outer, _Tagger):
            path, outer = outer.path + path, outer.outer
        self.observer = _Tagger(path, outer)
        super().__enter__()


class _Tagger:
    """The observer: lets whoever watched before (or nobody) do the work, then tags what came out."""

    def __init__(self, path: tuple[tuple[str, int], ...], outer: Any) -> None:
        self.path, self.outer = path, outer
        if hasattr(outer, "pull"):
            self.pull = self._pull

    def apply(self, primitive: Primitive, args: tuple[Any, ...]) -> Any:
        with observed_by(self.outer):
            made = Value.__apply__(primitive, args)
        for node in made if isinstance(made, list) else [made]:
            if isinstance(node, Value) and not node.is_leaf and getattr(node, "tag", None) is None:
                node.tag = self.path
        return made

    def compare(self, primitive: Primitive, a: Any, b: Any) -> Any:
        if self.outer is not None:
            with observed_by(self.outer):
                return self.outer.compare(primitive, a, b)
        return bool(primitive.value(*(each.data if isinstance(each, Value) else each for each in (a, b))))

    def truth(self, value: Value) -> bool:
        with observed_by(self.outer):
            return bool(value)

    def backward(self, output: Value, gradient: float) -> None:
        with observed_by(self.outer):
            output.backward(gradient)

    def _pull(self, *args: Any) -> Any:
        with observed_by(self.outer):
            return self.outer.pull(*args)
