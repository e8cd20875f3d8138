"""The attributes of micrograd's and microgpt's Value, so that code written for them runs.

``Value(x, children, op)``  a node with a derivative given by the user: ``op`` is a name, and
                            ``_backward`` is assigned a function; or ``op`` is the tuple of local
                            derivatives, as in microgpt
``_prev``, ``_children``    the parents, as a set and as a tuple
``_local_grads``            the partials, 0.0 in place of NO_FLOW
``_op``                     the name of the operation as micrograd writes it, "" for a leaf
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn

from autograd_mini.engine.copying import reduced
from autograd_mini.engine.edges import OwnBackward
from autograd_mini.engine.node import hang
from autograd_mini.engine.value import NODE, Value, install
from autograd_mini.primitives.row import Primitive

__all__: list[str] = []

FUNCTION = "to_right" if NODE is None else "_function"
"""The slot in which a node made by hand keeps its function."""

SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "relu": "ReLU", "neg": "neg"}


def _descend(
    self: Value, label: str | Iterable[Value], op: str | Sequence[float], children: Iterable[Value] = ()
) -> None:
    """Connect a new Value to its children; raise where the argument is neither a label nor children."""
    if isinstance(label, tuple | list | set | frozenset):
        children, label = label, ""
    elif not isinstance(label, str):
        raise TypeError(f"Value: label is a {type(label).__name__}, a string is needed: Value(2.0, label='a')")
    parents = tuple(children)
    for parent in parents:
        if not isinstance(parent, Value):
            raise TypeError(f"Value: a child is a {type(parent).__name__}; Values are needed: Value(x, (a, b), 'op')")
    if parents:
        _hang(self, parents, op)
    if label:
        self.label = label


def _hang(self: Value, parents: tuple[Value, ...], op: str | Sequence[float]) -> None:
    own = isinstance(op, str)
    if not own and len(op) != len(parents):
        raise ValueError(f"Value: {len(op)} local derivatives for {len(parents)} children; give one for each")
    name = op if isinstance(op, str) and op else "node"
    edges = OwnBackward([None] * len(parents)) if own else tuple(map(float, op))
    hang(self, Primitive(name, _unknown, _unknown, arity=None, label=name, domain=()), parents, edges)
    if own:
        setattr(self, FUNCTION, _nothing)


def _nothing() -> None:
    """The default ``_backward`` of a node, which does nothing."""


def _unknown(*args: object) -> NoReturn:
    raise TypeError(
        "a node made by hand, as Value(x, children, op), has no rule: neither its value at other numbers nor its "
        "second derivative is known; define the operation with primitive(...)"
    )


def _get_backward(self: Value) -> Callable[[], object]:
    return getattr(self, FUNCTION) if type(self.to_left) is OwnBackward else _nothing


def _set_backward(self: Value, function: Callable[[], object]) -> None:
    if self.is_leaf or type(self.to_left) is not OwnBackward:
        raise AttributeError(
            "_backward can be assigned to a node made by hand, as Value(x, children, 'op'); "
            "the rules of other nodes are in the table of primitives"
        )
    setattr(self, FUNCTION, function)


def _name(self: Value) -> str:
    if self.op is None:
        return ""
    if self.op.name == "power":
        return f"**{self.parents[1].data:g}"
    return SIGNS.get(self.op.name, self.op.name)


_VIEWS = {
    "_prev": property(lambda self: set(self.parents), doc="The parents, as a set."),
    "_children": property(lambda self: self.parents, doc="The parents."),
    "_local_grads": property(lambda self: tuple(d or 0.0 for d in self.partials), doc="The partials."),
    "_op": property(_name, doc="The operation as micrograd writes it."),
    "_backward": property(_get_backward, _set_backward, doc="The function of a node made by hand in a backward pass."),
    "_descend": _descend,
}
install(_VIEWS)

if NODE is not None:

    class HandMade(Value):
        """A node made by hand where nodes are in C: the garbage collector sees it, as its function may refer to it."""

        __slots__ = (FUNCTION,)

    NODE.setup({"by_hand": HandMade})
    copyreg.pickle(HandMade, reduced)
