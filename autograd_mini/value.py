"""Value: a number that remembers how it was made.

Forward, each operation makes a node that records its parents and the local derivative to
each of them. Backward, the nodes are visited from the output to the leaves and the chain
rule is applied: parent.grad += node.grad · partial.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
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
        self.data = data if type(data) is float else as_number(data, "Value")  # type: ignore[assignment]
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
        return _rpow(self, base)

    def __pos__(self) -> Value:
        return self

    def __round__(self, digits: None = None) -> Value:
        return _round(self)


_new: Callable[[], Value] = partial(object.__new__, Value)  # type: ignore[arg-type]  # a node without __init__: half the time


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
# One template per arity, filled once for each row: a generic call on the hot path would cost
# two to four times as much. The row's own functions are called; nothing is derived here.

_MAKE = """
    made = new()
    try:
        made.data = out = {value}
        made.partials = {partials}
    except ArithmeticError:
        made.data = out = primitive.evaluate({values})
        made.partials = primitive.derivatives({values}, out)
    made.grad = UNSET
    made.parents = {parents}
    made.op = primitive
    return made
"""
_UNARY = """def method(self):
    if observers:
        return careful(primitive, {parents})
    x = self.data""" + _MAKE
_BINARY = """def method(self, other):
    if observers:
        return careful(primitive, {parents})
    if not isinstance(other, Value):
        if type(other) is float:
            leaf = new()
            leaf.data = other
            leaf.grad = UNSET
            leaf.parents = leaf.partials = ()
            leaf.op = None
            leaf.tag = CONSTANT
            other = leaf
        else:
            leaf = constant(other)
            if leaf is None:
                return decline(primitive, {parents})
            other = leaf
    {names} = self.data, other.data""" + _MAKE


def _unary(primitive: Primitive) -> Callable[..., Any]:
    return _fill(_UNARY, primitive, "x", "(self,)")


def _binary(primitive: Primitive) -> Callable[..., Any]:
    return _fill(_BINARY, primitive, "x, y", "(self, other)")


def _reflected(primitive: Primitive) -> Callable[..., Any]:
    return _fill(_BINARY, primitive, "x, y", "(other, self)", names="y, x")


def _fill(template: str, primitive: Primitive, xs: str, parents: str, names: str = "x, y") -> Callable[..., Any]:
    """Return the method of a row; an operator's value is written out, any other is called."""
    infix = primitive.spellings.get("python", "")
    rule, unary = primitive.float_partials, xs == "x"
    called = f"partials({xs}, out)"
    source = template.format(
        value=infix.format("x", "y") if infix.count(" ") == 2 else f"value({xs})",
        partials="partials" if isinstance(rule, tuple) else f"({called},)" if unary else called,
        values=f"({xs},)",
        parents=parents,
        names=names,
    )
    scope = {
        "observers": _observers, "careful": _careful, "decline": _decline, "constant": constant, "new": _new,
        "Value": Value, "UNSET": UNSET, "CONSTANT": CONSTANT, "primitive": primitive,
        "value": primitive.float_value, "partials": rule,
    }  # fmt: skip
    exec(compile(source, __file__, "exec"), scope)
    return _named(scope["method"], primitive)


def _careful(primitive: Primitive, parents: tuple[Any, ...]) -> Any:
    if any(not isinstance(each, Value) and constant(each) is None for each in parents):
        return _decline(primitive, parents)
    return Value.__apply__(primitive, parents)


def _decline(primitive: Primitive, parents: tuple[object, ...]) -> Any:
    """Leave an operand that may have arithmetic of its own to answer; refuse Python's own types by name."""
    strangers = [each for each in parents if not isinstance(each, Value)]
    left, right = parents
    if all(type(each).__module__ != "builtins" for each in strangers):
        return NotImplemented
    raise TypeError(
        f"unsupported operand types for {_symbol(primitive)}: {type(left).__name__!r} and {type(right).__name__!r}; "
        "a Value combines with Values and real numbers (int, float, NumPy scalar or array)"
    )


def _symbol(primitive: Primitive) -> str:
    sign = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "power": "**"}.get(primitive.name)
    return primitive.name if sign is None else f"{sign} ({primitive.name})"


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
_pow, _rpow, _power = _binary(table.pow), _reflected(table.pow), _binary(table.power)
_round = _unary(table.round)
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
