"""What a primitive is, and the one call that adds one.

A primitive is a row: its name, its value on floats, its partials, how a
picture labels it, and the domain on which tests sample it. The rows themselves stand
in ``table.py``; nothing else in the package knows a derivative. How a target says a
row is the target's own affair (``program/targets``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from numbers import Real
from types import FunctionType, MappingProxyType
from typing import Any, Protocol, TypeAlias

import numpy as np

__all__ = ["NO_FLOW", "PRIMITIVES", "Operand", "Primitive", "primitive"]

Interval: TypeAlias = tuple[float, float]
Rule: TypeAlias = Callable[..., Any]
REALS: Interval = (-math.inf, math.inf)

NO_FLOW: float = float("0")
"""The partial of an argument to which no adjoint flows: a constant exponent, the branch
``where`` did not take. It reads 0.0; engines know it by identity and skip the edge, so that
an infinite partial further down cannot turn it into nan."""

_table: dict[str, Primitive] = {}
PRIMITIVES: Mapping[str, Primitive] = MappingProxyType(_table)
"""The table: every primitive by name, in the order of definition."""

_listeners: list[Callable[[Primitive], None]] = []


class Operand(Protocol):
    """Something other than a number that answers for itself when it meets a primitive."""

    def __apply__(self, primitive: Primitive, args: tuple[Any, ...]) -> Any:
        """Return ``primitive`` applied to ``args``, of which ``self`` is one."""


def as_number(arg: object, operation: str) -> float:
    """Return ``arg`` as a float, or raise TypeError naming the operation and the type."""
    if isinstance(arg, (Real, np.bool_)) or (isinstance(arg, np.ndarray) and not arg.ndim and arg.dtype.kind in "biuf"):
        try:
            return float(arg)
        except OverflowError:  # an int beyond the floats
            return math.inf if arg > 0 else -math.inf  # type: ignore[operator]  # an int, by the error it raised
    raise TypeError(
        f"{operation}: unsupported operand type {type(arg).__name__!r}; "
        "a Value or a real number (int, float, NumPy scalar) is needed"
    )


def _map(convert: Callable[[Any], Any], result: Any) -> Any:
    return tuple(map(convert, result)) if isinstance(result, tuple) else convert(result)


class Primitive:
    """One row of the table; calling it applies it to numbers, Values or arrays of either.

    ``name``        identifier, also the name of the Value method
    ``value``       floats → float (a tuple of floats where ``outputs`` is set)
    ``partials``    ``(*args, out)`` → the local derivative, or a tuple of one per argument; a
                    tuple of numbers where they are constant. Variadic rows take ``(args, out)``,
                    those with several outputs ``(args, outs, index)``
    ``arity``       number of arguments, ``None`` for variadic
    ``label``       what a picture writes in the square
    ``domain``      one open interval per argument, where tests sample
    ``aliases``     further method names (NumPy's spelling, where it differs)
    ``defaults``    values of trailing arguments that may be left out
    ``static``      positions whose argument is a plain number in rules and never differentiated
    ``expand``      the value written in other primitives, for targets without a word for the row
    ``infix``       the operator between two arguments, where Python, C and JavaScript share one
    ``spellings``   target → the user's own word: a format in ``{0}``, ``{1}``… or the name of a function
    ``flatten``     variadic rows: how the user's arguments become the flat tuple of parents
    ``outputs``     True where there is one output per argument (softmax); the value is a tuple
    ``index``       which output this is, for one output of such a primitive
    ``boolean``     True where the value is a truth value (comparisons)
    """

    def __init__(
        self,
        name: str,
        value: Callable[..., Any],
        partials: Rule | tuple[float, ...],
        *,
        arity: int | None,
        label: str,
        domain: tuple[Interval, ...],
        aliases: tuple[str, ...] = (),
        defaults: tuple[float, ...] = (),
        static: tuple[int, ...] = (),
        expand: Rule | None = None,
        infix: str = "",
        spellings: Mapping[str, str] = MappingProxyType({}),
        flatten: Callable[..., tuple[Any, ...]] | None = None,
        outputs: bool = False,
        index: int | None = None,
        boolean: bool = False,
        doc: str = "",
    ) -> None:
        self.name, self.value, self.partials = name, value, partials
        self.float_value, self.float_partials = value, partials  # the same code, bound to floats by ``bind_floats``
        self.arity, self.label, self.domain = arity, label, domain
        self.aliases, self.defaults, self.static = aliases, defaults, static
        self.expand, self.infix, self.spellings = expand, infix, spellings
        self.flatten, self.outputs, self.index, self.boolean = flatten, outputs, index, boolean
        self._components: dict[int, Primitive] = {}
        self.__doc__ = doc

    def __repr__(self) -> str:
        return f"<primitive {self.name}>" if self.index is None else f"<primitive {self.name}[{self.index}]>"

    def __call__(self, *args: Any) -> Any:
        """Return the primitive of ``args``: a number of numbers, a Value where any is a Value."""
        for arg in args:
            if type(arg) is not float and type(arg) is not bool:
                return self._dispatch(args)
        return self.evaluate(self.complete(args))

    def _dispatch(self, args: tuple[Any, ...]) -> Any:
        args = self.complete(args)
        for arg in args:
            apply = getattr(arg, "__apply__", None)
            if apply is not None:
                return apply(self, args)
        if any(isinstance(arg, np.ndarray) and arg.ndim for arg in args):
            return np.frompyfunc(self, len(args), 1)(*args)
        numbers = tuple(as_number(arg, self.name) for arg in args)
        if any(isinstance(arg, np.float64) for arg in args):  # IEEE arithmetic was asked for: keep it
            return _map(np.float64, self.evaluate(numbers))
        return self.evaluate(numbers)

    def complete(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return ``args`` flat and with defaults filled in; raise TypeError where the count is wrong."""
        if len(args) == self.arity:
            return args
        if self.flatten is not None:
            return self.flatten(*args)
        if self.arity is None:
            return args
        missing = self.arity - len(args)
        if 0 < missing <= len(self.defaults):
            return args + self.defaults[len(self.defaults) - missing :]
        least = self.arity - len(self.defaults)
        wanted = f"{self.arity}" if least == self.arity else f"{least} to {self.arity}"
        raise TypeError(f"{self.name} takes {wanted} argument{'s' * (self.arity > 1)}, got {len(args)}")

    def evaluate(self, args: tuple[float, ...]) -> Any:
        """Return the value at floats, by IEEE rules: no exception on a number."""
        try:
            return self.float_value(*args)
        except ArithmeticError:  # Python floats refuse 1/0; NumPy's answer as IEEE asks
            with np.errstate(all="ignore"):
                return _map(float, self.value(*map(np.float64, args)))

    def derivatives(self, args: tuple[Any, ...], out: Any) -> tuple[Any, ...]:
        """Return the local derivatives at ``args``, one per argument, by this row's rule.

        Arguments may be floats, Values or anything else that does arithmetic; static ones
        must be plain numbers.
        """
        rule = self.partials
        if isinstance(rule, tuple):
            return rule
        try:
            result = rule(args, out) if self.arity is None else rule(*args, out)
        except ArithmeticError:
            with np.errstate(all="ignore"):
                safe = tuple(map(np.float64, args))
                result = rule(safe, np.float64(out)) if self.arity is None else rule(*safe, np.float64(out))
                result = _map(lambda d: d if d is NO_FLOW else float(d), result)
        return result if isinstance(result, tuple) else (result,)

    def component(self, index: int) -> Primitive:
        """Return output ``index`` of a primitive with several outputs, as a primitive of its own."""
        found = self._components.get(index)
        if found is None:
            value, rule = self.value, self.partials
            assert callable(rule)
            found = self._components[index] = Primitive(
                self.name,
                lambda *xs: value(*xs)[index],
                lambda xs, out: rule(xs, self(xs), index),
                arity=None,
                label=self.label,
                domain=self.domain,
                expand=lambda *xs: value(*xs)[index],
                index=index,
                doc=self.__doc__ or "",
            )
        return found


def primitive(
    name: str,
    value: Callable[..., Any] | None = None,
    partials: Rule | tuple[float, ...] | None = None,
    *,
    arity: int | None = 1,
    label: str | None = None,
    domain: tuple[Interval, ...] | None = None,
    aliases: tuple[str, ...] = (),
    defaults: tuple[float, ...] = (),
    static: tuple[int, ...] = (),
    expand: Rule | None = None,
    infix: str = "",
    python: str | None = None,
    numpy: str | None = None,
    javascript: str | None = None,
    llvm: str | None = None,
    words: Mapping[str, str] = MappingProxyType({}),
    flatten: Callable[..., tuple[Any, ...]] | None = None,
    outputs: bool = False,
    boolean: bool = False,
    doc: str = "",
) -> Primitive:
    """Add a primitive to the table and return it; it is the function users call.

    ``value`` maps floats to a float. ``partials(*args, out)`` returns the local derivative (a
    tuple of them for several arguments), written with the package's own functions, so that it
    differentiates again; a tuple of numbers where the derivative is constant. ``expand`` is the
    value written in other primitives: every target can then run it, and ``value`` may be left
    out. ``python``, ``numpy``, ``javascript``, ``llvm`` say how that target writes the row (a
    format in ``{0}``, ``{1}``…, or the name of a function); ``words`` does for any target by name.
    They win over the target's own word.

    >>> cube = primitive("cube", lambda x: x * x * x, lambda x, out: 3.0 * x * x)
    >>> cube(2.0)
    8.0

    Raises ValueError for a name that is taken or no identifier, TypeError for a missing rule.
    """
    if not name.isidentifier():
        raise ValueError(f"primitive name {name!r} is not an identifier; use letters, digits and _, as in 'erf'")
    for taken in (name, *aliases):
        if taken in _table:
            raise ValueError(f"primitive {taken!r} exists already; choose another name")
    if value is None:
        value = expand
    if value is None:
        raise TypeError(f"primitive {name!r} needs a value: a function of floats, or expand=")
    if partials is None:
        raise TypeError(f"primitive {name!r} needs partials: a function of its arguments and output, or a tuple")
    spelled = {"python": python, "numpy": numpy, "javascript": javascript, "llvm": llvm, **words}
    row = Primitive(
        name, value, partials,
        arity=arity,
        label=label or name,
        domain=domain or (REALS,) * (arity or 1),
        aliases=aliases,
        defaults=defaults,
        static=static,
        expand=expand,
        infix=infix,
        spellings=MappingProxyType({target: text for target, text in spelled.items() if text is not None}),
        flatten=flatten,
        outputs=outputs,
        boolean=boolean,
        doc=doc,
    )  # fmt: skip
    for listener in _listeners:  # before the table, so that a refused row leaves no trace
        listener(row)
    _table[name] = row
    return row


def bind_floats(namespace: dict[str, Any]) -> None:
    """Bind the rows of a module to floats: the same code, finding bare float functions by its names.

    A rule such as ``dtanh(x)`` calls the table's functions, which ask each argument what it is.
    For floats that question costs more than the answer; here every rule and value defined in
    ``namespace`` (a module's globals) gets a twin whose names lead straight to the values.
    """
    bound = dict(namespace)

    def twin(function: Any) -> Any:
        if not isinstance(function, FunctionType) or function.__globals__ is not namespace:
            return function
        return FunctionType(function.__code__, bound, function.__name__, function.__defaults__, function.__closure__)

    for name, item in namespace.items():
        if isinstance(item, Primitive) and item.arity is not None:
            item.float_value, item.float_partials = twin(item.value), twin(item.partials)
            bound[name] = item.float_value
        else:
            bound[name] = twin(item)


def on_primitive(listener: Callable[[Primitive], None]) -> None:
    """Call ``listener`` with every row of the table, those there are and those to come."""
    for row in _table.values():
        listener(row)
    _listeners.append(listener)


def rows() -> Iterator[Primitive]:
    """Yield the rows of the table in the order of definition."""
    yield from _table.values()
