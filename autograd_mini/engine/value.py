"""Value: a number that records how it was computed.

Each operation makes a node with its parents and the local derivative with respect to each parent:
``record`` and ``operators`` make nodes, ``backward`` applies the chain rule to them.

The class in this file is the reference. Where ``_node.c`` was built, its class replaces this one (see
``built``): it gives the same bits and the same errors, and takes all other methods from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias, overload

import numpy as np

from autograd_mini.engine.built import in_place_of
from autograd_mini.engine.observer import observer, observers
from autograd_mini.primitives.floats import as_number
from autograd_mini.primitives.row import Primitive

__all__ = ["NODE", "Number", "Value", "install", "parameter"]

Number: TypeAlias = float | np.number[Any]

CONSTANT, PARAMETER = "constant", "parameter"


class Many:
    """The type of MANY, the mark in ``right`` that ``left`` and ``to_left`` hold any number of edges."""

    __slots__ = ()


MANY: Final = Many()


class Note:
    """What stands in ``kind`` where a node has a label or a tag beside its primitive; most nodes have neither."""

    __slots__ = ("label", "op", "tag")

    def __init__(self, op: Primitive | None, label: str = "", tag: object = None) -> None:
        self.op, self.label, self.tag = op, label, tag


CONSTANT_LEAF: Final = Note(None, tag=CONSTANT)
"""The ``kind`` of every leaf that a plain number became."""


if TYPE_CHECKING:

    def _unary(self: Value) -> Value: ...
    def _binary(self: Value, other: Value | Number) -> Value: ...
    def _comparison(self: Value, other: Value | Number) -> bool: ...
    @overload
    def _operator(self: Value, other: Value | Number) -> Value: ...
    @overload
    def _operator(self: Value, other: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]: ...
    def _operator(self: Value, other: Any) -> Any: ...


class Value:
    """A scalar in a computation graph.

    ``data``      the number (float)
    ``grad``      ∂output/∂self after ``output.backward()``; 0.0 until a backward pass reaches it
    ``parents``   the Values it was computed from, () for a leaf
    ``partials``  ∂self/∂parent for each parent, from the forward pass; None where no adjoint flows
    ``op``        the primitive that made it, None for a leaf
    ``label``     a name for pictures and messages

    In arithmetic and comparisons it behaves as a Python float; it also works with NumPy scalars and
    arrays. micrograd's attributes work too: ``Value(x, children, op)``, ``_prev``, ``_op``,
    ``_backward``. Raises TypeError where the number is not real, and for ``float(value)`` and
    ``math.exp(value)``, which would cut the gradient.

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> c = (a * b + 7.0).tanh()
    >>> c.backward()
    >>> print(f"{a.grad:.4f} {b.grad:.4f}")
    -1.2599 0.8399
    """

    # One or two edges have their own slots, which are cheaper than tuples.
    #   a leaf      left None
    #   unary       left, to_left; right None
    #   binary      left, right, to_left, to_right
    #   any number  right MANY; left a tuple of Values, to_left a tuple of partials, or see ``edges``
    __slots__ = ("data", "_grad", "kind", "left", "right", "to_left", "to_right")
    data: float
    _grad: Any  # a float; None before any backward pass; else the mark of a running or interrupted pass
    kind: Primitive | Note | None  # its primitive, None for a leaf; a Note where there is more to say
    left: Any
    right: Any
    to_left: Any
    to_right: Any

    if TYPE_CHECKING:  # installed by ``backward``, ``record`` and ``operators``
        _descend: Callable[..., None]

        def backward(self, gradient: Number = 1.0) -> None: ...  # noqa: D102
        @staticmethod
        def __apply__(primitive: Primitive, args: tuple[Any, ...]) -> Any: ...

        __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _operator
        __pow__ = __rpow__ = __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = _operator
        __neg__ = __pos__ = __abs__ = __floor__ = __ceil__ = __trunc__ = conjugate = _unary
        __lt__ = __le__ = __gt__ = __ge__ = _comparison

        def __divmod__(self, other: Value | Number) -> tuple[Value, Value]: ...
        def __rdivmod__(self, other: Value | Number) -> tuple[Value, Value]: ...
        def __round__(self, digits: int | None = None) -> Value: ...

        sign = step = floor = ceil = round = rint = trunc = abs = identity = stop_gradient = detach = _unary
        exp = exp2 = expm1 = log = log2 = log10 = log1p = sqrt = cbrt = _unary
        sin = cos = tan = asin = acos = atan = sinh = cosh = tanh = asinh = acosh = atanh = _unary
        erf = erfc = lgamma = digamma = logit = sigmoid = log_sigmoid = softplus = relu = gelu = silu = _unary
        maximum = minimum = fmod = mod = floordiv = pow = hypot = atan2 = logaddexp = _binary

        def round_to(self, digits: int) -> Value: ...  # noqa: D102
        def clip(self, low: Value | Number, high: Value | Number) -> Value: ...  # noqa: D102
        def where(self, a: Value | Number, b: Value | Number) -> Value: ...  # noqa: D102
        def leaky_relu(self, slope: Value | Number = 0.01) -> Value: ...  # noqa: D102
        def elu(self, alpha: Value | Number = 1.0) -> Value: ...  # noqa: D102

    def __init__(
        self, data: Number, label: str | Iterable[Value] = "", _op: str | Sequence[float] = "", *,
        _children: Iterable[Value] = (),
    ) -> None:  # fmt: skip
        self.data = data if type(data) is float else as_number(data, "Value")
        self._grad = None
        self.left = self.kind = None
        if type(label) is str and not _children:
            if label:
                self.kind = Note(None, label)
        else:
            self._descend(label, _op, _children)

    @property
    def grad(self) -> float:
        """∂output/∂self; 0.0 until a backward pass reaches it. Assigning None resets it."""
        grad = self._grad
        return grad if type(grad) is float else 0.0

    @grad.setter
    def grad(self, grad: Number | None) -> None:
        self._grad = grad if grad is None or type(grad) is float else as_number(grad, "grad")

    @property
    def parents(self) -> tuple[Value, ...]:
        """The Values it was computed from, () for a leaf."""
        left, right = self.left, self.right if self.left is not None else None
        if isinstance(right, Value):
            return (left, right)
        if right is MANY:
            return left[0].left if type(self.to_left) is int else left  # type: ignore[no-any-return]
        return () if left is None else (left,)

    @property
    def partials(self) -> tuple[float | None, ...]:
        """∂self/∂parent for each parent, from the forward pass; None where no adjoint flows."""
        left, right = self.left, self.right if self.left is not None else None
        if isinstance(right, Value):
            return (self.to_left, self.to_right)
        if right is MANY:
            to_left = self.to_left
            return left[0].to_left.partials(to_left) if type(to_left) is int else tuple(to_left)
        return () if left is None else (self.to_left,)

    @property
    def op(self) -> Primitive | None:
        """The primitive that made it, None for a leaf."""
        kind = self.kind
        return kind.op if type(kind) is Note else kind  # type: ignore[return-value]

    @property
    def label(self) -> str:
        """The name in pictures and messages, "" where none was given."""
        kind = self.kind
        return kind.label if type(kind) is Note else ""

    @label.setter
    def label(self, label: str) -> None:
        self.kind = Note(self.op, label, self.tag)

    @property
    def tag(self) -> object:
        """A leaf's role, or where a node was made; None on most."""
        kind = self.kind
        return kind.tag if type(kind) is Note else None

    @tag.setter
    def tag(self, tag: object) -> None:
        self.kind = Note(self.op, self.label, tag)

    def __repr__(self) -> str:
        if observers and (watching := observer()) is not None and (text := watching.text(self, "")):
            return text
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self.data!r}, grad={self.grad!r}{label})"

    def __format__(self, spec: str) -> str:
        if not spec:
            return repr(self)
        if observers and (watching := observer()) is not None:
            watching.text(self, spec)
        return format(self.data, spec)

    @property
    def is_leaf(self) -> bool:
        """True for a Value that no operation made."""
        return self.op is None

    @property
    def is_constant(self) -> bool:
        """True for a leaf that was made from a plain number in an expression."""
        return self.op is None and self.tag is CONSTANT

    @property
    def is_parameter(self) -> bool:
        """True for a leaf made by ``parameter``, which an optimiser may change."""
        return self.op is None and self.tag is PARAMETER

    @property
    def has_grad(self) -> bool:
        """True once a backward pass has reached this node (or ``grad`` was assigned)."""
        return type(self._grad) is float

    def zero_grad(self) -> None:
        """Reset the gradient: it becomes 0.0, and ``has_grad`` False."""
        self._grad = None

    def __bool__(self) -> bool:
        if observers and (watching := observer()) is not None:
            return watching.truth(self)
        return self.data != 0.0

    def __float__(self) -> float:
        raise TypeError(
            "a Value cannot be converted to float, because that would cut the gradient; use the function of "
            "autograd_mini in place of math's (autograd_mini.exp(v), or v.exp()), or read v.data for the number"
        )

    def __int__(self) -> int:
        raise TypeError(
            "a Value cannot be converted to int, because that would cut the gradient; use round(v), math.floor(v) or "
            "math.trunc(v), which are Values, or int(v.data) for the number"
        )

    __hash__ = object.__hash__


_known = {"observers": observers, "as_number": as_number, "many": MANY, "constant_leaf": CONSTANT_LEAF}
NODE = in_place_of(Value, _known)
if NODE is not None:
    globals()["Value"] = NODE.Value


def install(methods: Mapping[str, object]) -> None:
    """Give Value attributes that are defined in modules above this one."""
    for name, method in methods.items():
        setattr(Value, name, method)


def parameter(data: Number, label: str = "") -> Value:
    """Return a leaf with the number ``data`` that is marked as a parameter, which optimisers may change.

    Pictures draw it with a double ring. Raises TypeError where ``data`` is not a real number.
    """
    leaf = Value(data, label)
    leaf.tag = PARAMETER
    return leaf
