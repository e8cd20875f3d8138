"""Value: a number that remembers how it was made.

Forward, each operation makes a node that records its parents and the local derivative to
each of them. Backward, the nodes are visited from the output to the leaves and the chain
rule is applied: parent.grad += node.grad · partial.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from threading import get_ident
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

from autograd_mini.primitives.row import NO_FLOW, Primitive, as_number

__all__ = ["Number", "Observer", "Value", "constant", "node", "observed_by", "parameter", "record", "topological_order"]

Number: TypeAlias = float | np.number[Any]

UNSET: float = float("0")
"""The gradient of a node that no backward pass has reached. It reads 0.0 and adds like it; a
drawing knows it by identity and writes "–"."""

INT_LIMIT = 10**300  # float() of a smaller int cannot overflow
CONSTANT, PARAMETER = "constant", "parameter"


class Observer(Protocol):
    """What a context (tracing, anomaly detection) answers in place of the plain engine.

    An observer may also have ``pull(outputs, seeds, inputs, create_graph)``, and then answers
    the reverse sweeps of ``transforms`` too.
    """

    def apply(self, primitive: Primitive, args: tuple[Any, ...]) -> Any:
        """Answer an operation."""

    def compare(self, primitive: Primitive, a: Any, b: Any) -> Any:
        """Answer a comparison."""

    def truth(self, value: Value) -> bool:
        """Answer ``bool(value)``."""
        raise NotImplementedError

    def backward(self, output: Value, gradient: float) -> None:
        """Answer ``output.backward(gradient)``."""


observers: dict[int, Observer] = {}
"""The observer of each thread that has one. Operations look only whether any exists."""


UFUNCS: dict[str, Callable[..., Any]] = {}
"""What NumPy's ufuncs mean on Values, by their names; ``methods`` fills it from the table."""


class observed_by:
    """Context in which every operation of this thread is answered by ``observer``."""

    def __init__(self, observer: Observer | None) -> None:
        self.observer = observer

    def __enter__(self) -> None:
        thread = get_ident()
        self.outer = observers.pop(thread, None)
        if self.observer is not None:
            observers[thread] = self.observer

    def __exit__(self, *exception: object) -> None:
        thread = get_ident()
        observers.pop(thread, None)
        if self.outer is not None:
            observers[thread] = self.outer


def observer() -> Observer | None:
    """Return the observer of this thread, if any."""
    return observers.get(get_ident())


if TYPE_CHECKING:

    def _unary(self: Value) -> Value: ...
    def _binary(self: Value, other: Value | Number) -> Value: ...
    def _comparison(self: Value, other: Value | Number) -> bool: ...
    def _general(self: Value, *args: Value | Number) -> Value: ...


class Value:
    """A scalar in a computation graph.

    ``data``      the number (float)
    ``grad``      ∂output/∂self after ``output.backward()``; 0.0 until a pass reaches it
    ``parents``   the Values it was computed from, () for a leaf
    ``partials``  ∂self/∂parent for each parent, taken at forward time
    ``op``        the primitive that made it, None for a leaf
    ``label``     a name for pictures and messages

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> c = (a * b + 7.0).tanh()
    >>> c.backward()
    >>> print(f"{a.grad:.4f} {b.grad:.4f}")
    -1.2599 0.8399
    """

    __slots__ = ("data", "grad", "parents", "partials", "op", "_label", "tag")
    data: float
    grad: float
    parents: tuple[Value, ...]
    partials: tuple[float, ...]
    op: Primitive | None
    _label: str  # unset where there is none; a node then costs less to make
    tag: object  # unset on most nodes: a leaf's role, or the group a node belongs to

    if TYPE_CHECKING:  # ``methods`` installs these from the table
        __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _binary
        __pow__ = __rpow__ = _binary
        __neg__ = __pos__ = __abs__ = __floor__ = __ceil__ = __round__ = _unary
        __lt__ = __le__ = __gt__ = __ge__ = _comparison
        sign = step = floor = ceil = round = rint = abs = exp = exp2 = expm1 = log = log2 = log10 = log1p = _unary
        sqrt = cbrt = sin = cos = tan = asin = acos = atan = sinh = cosh = tanh = asinh = acosh = atanh = _unary
        erf = erfc = sigmoid = softplus = silu = gelu = relu = identity = _unary
        maximum = minimum = hypot = atan2 = logaddexp = pow = _binary
        leaky_relu = elu = clip = _general

    def __init__(self, data: Number, label: str = "") -> None:
        self.data = data if type(data) is float else as_number(data, "Value")
        if not isinstance(label, str):
            raise TypeError(f"Value: label is a {type(label).__name__}, a string is needed: Value(2.0, label='a')")
        self.grad = UNSET
        self.parents = ()
        self.partials = ()
        self.op = None
        if label:
            self._label = label

    @property
    def label(self) -> str:
        """The name in pictures and messages, "" where none was given."""
        return getattr(self, "_label", "")

    @label.setter
    def label(self, label: str) -> None:
        self._label = label

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self.data!r}, grad={self.grad!r}{label})"

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    @property
    def is_leaf(self) -> bool:
        """True for a Value that no operation made."""
        return self.op is None

    @property
    def is_constant(self) -> bool:
        """True for the leaf that a plain number in an expression became."""
        return self.op is None and getattr(self, "tag", None) is CONSTANT

    @property
    def is_parameter(self) -> bool:
        """True for a leaf made by ``parameter``: something an optimiser may change."""
        return self.op is None and getattr(self, "tag", None) is PARAMETER

    @property
    def has_grad(self) -> bool:
        """True once a backward pass has reached this node (or ``grad`` was assigned)."""
        return self.grad is not UNSET

    def zero_grad(self) -> None:
        """Forget the gradient: it reads 0.0 and counts as not computed."""
        self.grad = UNSET

    def backward(self, gradient: float = 1.0) -> None:
        """Compute ∂self/∂node, times ``gradient``, for every node self depends on.

        Intermediate gradients are set afresh; leaf gradients accumulate, so that two losses
        over a shared subgraph add up and a repeated call adds once more, no more. Partials
        are those of forward time: changing ``.data`` afterwards changes nothing here.
        """
        gradient = as_number(gradient, "backward")
        if observers and (watching := observer()) is not None:
            watching.backward(self, gradient)
            return
        if not self.parents:
            self.grad += gradient
            return
        # Depth first, leaves left out: ``order`` gets every node after all it was computed from.
        # A zero of this pass's own marks a node as seen and as fresh.
        mark = float("0")
        order: list[Value] = []
        below: list[tuple[Value, Iterator[Value]]] = []
        node, parents = self, iter(self.parents)
        node.grad = mark
        while True:
            for parent in parents:
                if parent.grad is not mark and parent.parents:
                    below.append((node, parents))
                    node, parents = parent, iter(parent.parents)
                    node.grad = mark
                    break
            else:
                order.append(node)
                if not below:
                    break
                node, parents = below.pop()
        self.grad = gradient
        for node in reversed(order):
            grad, ends = node.grad, node.parents
            if grad is mark:  # only a branch not taken led here
                node.grad = UNSET
            elif len(ends) == 2:
                left, right = ends
                to_left, to_right = node.partials
                left.grad += grad * to_left
                if to_right is not NO_FLOW:
                    right.grad += grad * to_right
            else:
                for parent, derivative in zip(ends, node.partials):  # noqa: B905  (equal by construction)
                    if derivative is not NO_FLOW:
                        parent.grad += grad * derivative

    # ------------------------------------------------------------ protocols

    @staticmethod
    def __apply__(primitive: Primitive, args: tuple[Any, ...]) -> Any:
        """Apply ``primitive`` to Values and numbers; the general, careful path."""
        if any(isinstance(arg, np.ndarray) and arg.ndim for arg in args):
            return elementwise(primitive, args)
        if observers and (watching := observer()) is not None:
            return watching.apply(primitive, args)
        return record(primitive, args)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        function = UFUNCS.get(ufunc.__name__)
        out = kwargs.pop("out", (None,))[0]
        if method != "__call__" or function is None or kwargs:
            return NotImplemented
        if any(isinstance(x, np.ndarray) and x.ndim for x in inputs):
            result = elementwise(function, inputs)
        else:
            result = function(*(x.item() if isinstance(x, np.ndarray) else x for x in inputs))
        if out is None:
            return result
        out[...] = result
        return out

    def __bool__(self) -> bool:
        if observers and (watching := observer()) is not None:
            return watching.truth(self)
        return self.data != 0.0

    def __float__(self) -> float:
        raise TypeError(
            "a Value is not converted to float in silence, because the gradient would be cut; use the function of "
            "autograd_mini in place of math's (autograd_mini.exp(v), or v.exp()), or read v.data for the number"
        )

    __hash__ = object.__hash__


new: Callable[[], Value] = partial(object.__new__, Value)  # a node without __init__: half the time


def constant(number: Any) -> Value | None:
    """Return a constant leaf for a plain number, None for anything else."""
    if type(number) is not float:
        if type(number) is int and -INT_LIMIT < number < INT_LIMIT:
            number = float(number)
        else:
            try:
                number = as_number(number, "constant")
            except TypeError:
                return None
    leaf = new()
    leaf.data = number
    leaf.grad = UNSET
    leaf.parents = ()
    leaf.partials = ()
    leaf.op = None
    leaf.tag = CONSTANT
    return leaf


def parameter(data: Number, label: str = "") -> Value:
    """Return a leaf marked as a parameter: drawn with a double ring, changed by optimisers."""
    leaf = Value(data, label)
    leaf.tag = PARAMETER
    return leaf


def node(op: Primitive, data: float, parents: tuple[Value, ...], partials: tuple[float, ...]) -> Value:
    """Return a new node of the graph."""
    made = new()
    made.data = data
    made.grad = UNSET
    made.parents = parents
    made.partials = partials
    made.op = op
    return made


def elementwise(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """Return ``function`` of every element, broadcast as NumPy does, as an object array."""
    boxes = [arg if isinstance(arg, np.ndarray) else np.empty((), dtype=object) for arg in args]
    for box, arg in zip(boxes, args, strict=True):
        if box is not arg:
            box[()] = arg
    return np.frompyfunc(function, len(args), 1)(*boxes)


def record(primitive: Primitive, args: tuple[Any, ...]) -> Any:
    """Evaluate ``primitive`` and return its node, or a list of nodes where it has several outputs."""
    parents = tuple(arg if isinstance(arg, Value) else _operand(arg, primitive, args) for arg in args)
    values = tuple(parent.data for parent in parents)
    out = primitive.evaluate(values)
    if not primitive.outputs:
        return node(primitive, out, parents, primitive.derivatives(values, out))
    rule = primitive.partials
    assert callable(rule)
    return [node(primitive.component(i), y, parents, rule(values, out, i)) for i, y in enumerate(out)]


def _operand(arg: object, primitive: Primitive, args: tuple[Any, ...]) -> Value:
    leaf = constant(arg)
    if leaf is None:
        names = ", ".join(repr(type(each).__name__) for each in args[:4]) + ", …" * (len(args) > 4)
        raise TypeError(f"{primitive.name}: unsupported operand types ({names}); Values and real numbers are needed")
    return leaf


def topological_order(*outputs: Value) -> list[Value]:
    """Return every node the outputs depend on, parents before children; iterative, stable."""
    order: list[Value] = []
    seen: set[Value] = set()
    stack: list[tuple[Value, bool]] = [(output, False) for output in reversed(outputs)]
    while stack:
        item, expanded = stack.pop()
        if expanded:
            order.append(item)
        elif item not in seen:
            seen.add(item)
            stack.append((item, True))
            stack.extend((parent, False) for parent in reversed(item.parents) if parent not in seen)
    return order
