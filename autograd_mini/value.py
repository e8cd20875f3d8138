"""Value: a number that remembers how it was made.

Forward, each operation makes a node that records its parents and the local derivative to
each of them. Backward, the nodes are visited from the output to the leaves and the chain
rule is applied: parent.grad += node.grad · partial.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from threading import get_ident
from typing import Any, Protocol, TypeAlias

import numpy as np

from autograd_mini import primitives as table
from autograd_mini.primitive import NO_FLOW, PRIMITIVES, Primitive, as_number, on_primitive

__all__ = ["Number", "Observer", "Value", "constant", "observed_by", "parameter", "topological_order"]

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

    def apply(self, primitive: Primitive, args: tuple[Any, ...]) -> Any: ...
    def compare(self, primitive: Primitive, a: Any, b: Any) -> Any: ...
    def truth(self, value: Value) -> bool: ...
    def backward(self, output: Value, gradient: float) -> None: ...


_observers: dict[int, Observer] = {}
"""The observer of each thread that has one. Operations look only whether any exists."""


class observed_by:
    """Context in which every operation of this thread is answered by ``observer``."""

    def __init__(self, observer: Observer | None) -> None:
        self.observer = observer

    def __enter__(self) -> None:
        thread = get_ident()
        self.outer = _observers.pop(thread, None)
        if self.observer is not None:
            _observers[thread] = self.observer

    def __exit__(self, *exception: object) -> None:
        thread = get_ident()
        _observers.pop(thread, None)
        if self.outer is not None:
            _observers[thread] = self.outer


def observer() -> Observer | None:
    """Return the observer of this thread, if any."""
    return _observers.get(get_ident())


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
    >>> round(a.grad, 4), round(b.grad, 4)
    (-1.26, 0.84)
    """

    __slots__ = ("data", "grad", "parents", "partials", "op", "_label", "tag")
    data: float
    grad: float
    parents: tuple[Value, ...]
    partials: tuple[float, ...]
    op: Primitive | None
    _label: str  # unset where there is none; a node then costs less to make
    tag: object  # unset on most nodes: a leaf's role, or the group a node belongs to

    def __init__(self, data: Number, label: str = "") -> None:
        self.data = data if data.__class__ is float else as_number(data, "Value")  # type: ignore[assignment]
        if not isinstance(label, str):
            raise TypeError(f"Value: label is a {type(label).__name__}; a string is needed, as in Value(2.0, label='a')")
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
        if _observers and (watching := observer()) is not None:
            return watching.backward(self, gradient)
        if not self.parents:
            self.grad += gradient
            return
        # Every node but the leaves starts afresh and counts its uses after the first.
        uses: dict[Value, int] = {self: 0}
        nodes = [self]
        for node in nodes:  # grows as it goes
            node.grad = UNSET
            for parent in node.parents:
                if parent.parents:
                    if parent in uses:
                        uses[parent] += 1
                    else:
                        uses[parent] = 0
                        nodes.append(parent)
        # A node hands its gradient on once all its uses have added to it.
        self.grad = gradient
        ready = [self]
        for node in ready:
            grad, parents = node.grad, node.parents
            if len(parents) == 2:
                left, right = parents
                to_left, to_right = node.partials
                if grad is not UNSET:  # else only an untaken branch led here
                    left.grad += grad * to_left
                    if to_right is not NO_FLOW:
                        right.grad += grad * to_right
                if left.parents:
                    if uses[left]:
                        uses[left] -= 1
                    else:
                        ready.append(left)
                if right.parents:
                    if uses[right]:
                        uses[right] -= 1
                    else:
                        ready.append(right)
            else:
                for parent, derivative in zip(parents, node.partials):  # noqa: B905  (equal by construction)
                    if derivative is not NO_FLOW and grad is not UNSET:
                        parent.grad += grad * derivative
                    if parent.parents:
                        if uses[parent]:
                            uses[parent] -= 1
                        else:
                            ready.append(parent)

    # ------------------------------------------------------------ protocols

    @staticmethod
    def __apply__(primitive: Primitive, args: tuple[Any, ...]) -> Any:
        """Apply ``primitive`` to Values and numbers; the general, careful path."""
        if any(isinstance(arg, np.ndarray) and arg.ndim for arg in args):
            return elementwise(primitive, args)
        if _observers and (watching := observer()) is not None:
            return watching.apply(primitive, args)
        return record(primitive, args)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        function = _ufuncs.get(ufunc.__name__)
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
        if _observers and (watching := observer()) is not None:
            return watching.truth(self)
        return self.data != 0.0

    def __float__(self) -> float:
        raise TypeError(
            "a Value is not converted to float in silence, because the gradient would be cut; use the function of "
            "autograd_mini in place of math's (autograd_mini.exp(v), or v.exp()), or read v.data for the number"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (_freeze(self),)

    __hash__ = object.__hash__

    def __pow__(self, exponent: Value | Number) -> Value:
        return (_pow if isinstance(exponent, Value) else _power)(self, exponent)

    def __rpow__(self, base: Number) -> Value:
        left = constant(base)
        return _decline(table.pow, base, self) if left is None else _pow(left, self)

    def __pos__(self) -> Value:
        return self

    def __round__(self, digits: None = None) -> Value:
        return _round(self)


_new: Callable[[], Value] = partial(object.__new__, Value)  # type: ignore[arg-type]  # a node without __init__: half the time


def constant(number: Any) -> Value | None:
    """Return a constant leaf for a plain number, None for anything else."""
    if number.__class__ is not float:
        if number.__class__ is int and -INT_LIMIT < number < INT_LIMIT:
            number = float(number)
        else:
            try:
                number = as_number(number, "constant")
            except TypeError:
                return None
    leaf = _new()
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
    made = _new()
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


# ---------------------------------------------------------------- methods from the table
# One factory per arity, holding the row's functions: a generic call would cost 2 to 4 times as much.


def _unary(primitive: Primitive) -> Callable[[Value], Value]:
    value, rule = primitive.float_value, primitive.float_partials
    slope = rule if callable(rule) else None
    (fixed,) = rule if isinstance(rule, tuple) else (0.0,)

    def method(self: Value) -> Value:
        if _observers:
            return Value.__apply__(primitive, (self,))  # type: ignore[no-any-return]
        x = self.data
        made = _new()
        try:
            made.data = out = value(x)
            made.partials = (slope(x, out) if slope else fixed,)
        except ArithmeticError:
            made.data = out = primitive.evaluate((x,))
            made.partials = primitive.derivatives((x,), out)
        made.grad = UNSET
        made.parents = (self,)
        made.op = primitive
        return made

    return _named(method, primitive)


def _binary(primitive: Primitive) -> Callable[[Value, Any], Value]:
    value, rule = primitive.float_value, primitive.float_partials
    partials = rule if callable(rule) else None

    def method(self: Value, other: Any) -> Value:
        if _observers:
            return _careful(primitive, self, other)  # type: ignore[no-any-return]
        if other.__class__ is not Value and not isinstance(other, Value):
            leaf = constant(other)
            if leaf is None:
                return _decline(primitive, self, other)  # type: ignore[no-any-return]
            other = leaf
        x = self.data
        y = other.data
        made = _new()
        try:
            made.data = out = value(x, y)
            made.partials = partials(x, y, out) if partials else rule
        except ArithmeticError:
            made.data = out = primitive.evaluate((x, y))
            made.partials = primitive.derivatives((x, y), out)
        made.grad = UNSET
        made.parents = (self, other)
        made.op = primitive
        return made

    return _named(method, primitive)


def _careful(primitive: Primitive, left: Any, right: Any) -> Any:
    for arg in (left, right):
        if not isinstance(arg, Value) and constant(arg) is None:
            return _decline(primitive, left, right)
    return Value.__apply__(primitive, (left, right))


def _decline(primitive: Primitive, left: object, right: object) -> Any:
    """Leave an operand that may have arithmetic of its own to answer; refuse Python's own types by name."""
    strangers = [each for each in (left, right) if not isinstance(each, Value)]
    if all(type(each).__module__ != "builtins" for each in strangers):
        return NotImplemented
    raise TypeError(
        f"unsupported operand types for {_symbol(primitive)}: {type(left).__name__!r} and {type(right).__name__!r}; "
        "a Value combines with Values and real numbers (int, float, NumPy scalar or array)"
    )


def _symbol(primitive: Primitive) -> str:
    sign = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "power": "**"}.get(primitive.name)
    return primitive.name if sign is None else f"{sign} ({primitive.name})"


def _reflected(primitive: Primitive) -> Callable[[Value, Any], Value]:
    method = _binary(primitive)

    def reflected(self: Value, other: Any) -> Value:
        left = constant(other)
        return _decline(primitive, other, self) if left is None else method(left, self)

    return _named(reflected, primitive)


def _general(primitive: Primitive) -> Callable[..., Any]:
    def method(*args: Any) -> Any:
        return primitive(*args)

    return _named(method, primitive)


def _comparison(primitive: Primitive, swapped: bool = False) -> Callable[[Value, Any], Any]:
    test = primitive.value

    def method(self: Value, other: Any) -> Any:
        if not isinstance(other, Value) and constant(other) is None:
            return NotImplemented
        if _observers and (watching := observer()) is not None:
            return watching.compare(primitive, *((other, self) if swapped else (self, other)))
        x, y = self.data, other.data if isinstance(other, Value) else as_number(other, primitive.name)
        return test(y, x) if swapped else test(x, y)

    return method


def _named(method: Callable[..., Any], primitive: Primitive) -> Callable[..., Any]:
    method.__name__ = method.__qualname__ = primitive.name
    method.__doc__ = primitive.__doc__
    return method


_ufuncs: dict[str, Callable[..., Any]] = {
    "power": operator.pow,
    "square": lambda v: v * v,
    "reciprocal": lambda v: 1.0 / v,
    "positive": operator.pos,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}


def _install(primitive: Primitive) -> None:
    """Give Value the methods of a row; NumPy's ufuncs of those names find them too."""
    if primitive.boolean or primitive.arity is None:
        _ufuncs.setdefault(primitive.name, primitive.value)
        return
    names = (primitive.name, *primitive.aliases)
    for name in names:
        if hasattr(Value, name):
            raise ValueError(f"primitive {primitive.name!r}: Value already has an attribute {name!r}; choose another name")
    general = primitive.arity > 2 or primitive.defaults or primitive.static
    method = _general(primitive) if general else (_unary if primitive.arity == 1 else _binary)(primitive)
    for name in names:
        setattr(Value, name, method)
        _ufuncs[name] = primitive


on_primitive(_install)
for _name, _row in {"add": table.add, "sub": table.sub, "mul": table.mul, "truediv": table.div}.items():
    setattr(Value, f"__{_name}__", _binary(_row))
    setattr(Value, f"__r{_name}__", _reflected(_row))
for _name, _row in {"neg": table.neg, "abs": table.abs, "floor": table.floor, "ceil": table.ceil}.items():
    setattr(Value, f"__{_name}__", _unary(_row))
for _name, _row in {"lt": table.less, "le": table.less_equal, "eq": table.equal, "ne": table.not_equal}.items():
    setattr(Value, f"__{_name}__", _comparison(_row))
for _name, _row in {"gt": table.less, "ge": table.less_equal}.items():
    setattr(Value, f"__{_name}__", _comparison(_row, swapped=True))
_pow, _power, _round = _binary(table.pow), _binary(table.power), _unary(table.round)
Value.__hash__ = object.__hash__  # type: ignore[method-assign]  # by identity, beside a numeric ==


# ---------------------------------------------------------------- copying and pickling


def _freeze(output: Value) -> list[tuple[Any, ...]]:
    """Return the graph as flat records; leaves stay objects, so that shared leaves stay shared."""
    order = topological_order(output)
    place = {item: i for i, item in enumerate(order)}
    return [
        (
            item.data,
            None if item.grad is UNSET else item.grad,
            tuple(place[parent] for parent in item.parents),
            tuple(None if partial is NO_FLOW else partial for partial in item.partials),
            None if item.op is None else (item.op.name, item.op.index),
            item.label,
            getattr(item, "tag", None),
        )
        for item in order
    ]


def _restore(records: list[tuple[Any, ...]]) -> Value:
    made: list[Value] = []
    for data, grad, parents, partials, op, label, tag in records:
        item = Value(data, label)
        if grad is not None:
            item.grad = grad
        if op is not None:
            name, index = op
            if name not in PRIMITIVES:
                raise ValueError(f"this graph uses the primitive {name!r}, which is not defined here; define it first")
            item.op = PRIMITIVES[name] if index is None else PRIMITIVES[name].component(index)
            item.parents = tuple(made[i] for i in parents)
            item.partials = tuple(NO_FLOW if partial is None else partial for partial in partials)
        if tag is not None:
            item.tag = {CONSTANT: CONSTANT, PARAMETER: PARAMETER}.get(tag, tag)
        made.append(item)
    return made[-1]
