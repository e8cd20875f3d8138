"""Primitive: one row of the table of primitives.

A row holds the name, the value on floats, the partials, the label in pictures, and the domain in
which tests sample it. The rows themselves are in ``table.py``; no other file contains a derivative
rule. How a target writes a row is defined in the target (``program/targets``).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType, NoneType
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar, overload

import numpy as np

from autograd_mini.primitives.floats import OPERAND, as_number, by_ieee, mapped
from autograd_mini.primitives.rule import (
    NO_FLOW,
    Constants,
    Interval,
    Rule,
    read_partials,
    read_value,
)

__all__ = ["NO_FLOW", "Operand", "Primitive", "Reduction", "Several"]


class Operand(Protocol):
    """An object that is not a number and defines how primitives apply to it, such as a Value."""

    def __apply__(self, primitive: Primitive, args: tuple[Any, ...]) -> Any:
        """Return ``primitive`` applied to ``args``, of which ``self`` is one."""


V = TypeVar("V", bound=Operand)
Number: TypeAlias = float | np.number[Any]
Array: TypeAlias = np.ndarray[Any, Any]


class Primitive:
    """One row of the table; calling it applies it to numbers, Values or arrays of either.

    ``name``        identifier, also the name of the Value method
    ``value``       floats → float (a tuple of floats where ``outputs`` is set)
    ``partials``    ``(*args, out)`` → the local derivative, or a tuple of one per argument; a
                    tuple of numbers where they are constant. NO_FLOW where no adjoint flows.
                    Variadic rows take ``(args, out)``, those with several outputs ``(args, outs, index)``
    ``pull_back``   rows with several outputs: ``(args, outs, adjoints)`` → Σ adjoint·∂out/∂arg for
                    each argument, in one go; an adjoint is None where its output was not asked for
    ``text``        the partials as text in x, y and out where they were given so, as in ("y", "x");
                    ``value_text`` is the text of the value, as in "x * y"; both are valid in Python and in C
    ``arity``       number of arguments, ``None`` for variadic
    ``label``       the text in the square of a picture
    ``domain``      one open interval per argument, where tests sample
    ``aliases``     further method names (NumPy's spelling, where it differs)
    ``defaults``    values of trailing arguments that may be left out
    ``static``      positions of arguments that are plain numbers in rules and are not differentiated
    ``expand``      the value written in other primitives, for targets without code for the row
    ``infix``       the operator between two arguments, where Python, C and JavaScript share one
    ``spellings``   target → the user's code: a format in ``{0}``, ``{1}``… or the name of a function
    ``flatten``     variadic rows: how the user's arguments become the flat tuple of parents
    ``outputs``     True where there is one output per argument (softmax); the value is a tuple
    ``index``       the number of the output, for one output of such a primitive
    ``boolean``     True where the value is a truth value (comparisons)
    ``chooses``     True for ``where``: its branches may be partials, NO_FLOW among them
    ``doc``         the description; ``__doc__``, which help shows, also has the signature
    """

    def __init__(
        self,
        name: str,
        value: Callable[..., Any] | str,
        partials: Rule | Constants | str | None,
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
        chooses: bool = False,
        pull_back: Rule | None = None,
        doc: str = "",
    ) -> None:
        self.name = name
        self.value, self.value_text = read_value(value, infix)
        self.partials, self.text = read_partials(partials)
        self.pull_back = pull_back
        # the same code, bound to floats by ``bind_floats``
        self.float_value, self.float_partials, self.float_pull_back = self.value, self.partials, pull_back
        self.arity, self.label, self.domain = arity, label, domain
        self.aliases, self.defaults, self.static = aliases, defaults, static
        self.expand, self.infix, self.spellings = expand, infix, spellings
        self.flatten, self.outputs, self.index = flatten, outputs, index
        self.boolean, self.chooses = boolean, chooses
        self.method: tuple[type, Callable[..., Any]] | None = None  # a class, and what is quick for it: the engine's
        self._components: dict[int, Primitive] = {}
        self.doc = self.__doc__ = doc

    @property
    def __signature__(self) -> inspect.Signature:
        """The names of the arguments, from the function of the value, for help and completion."""
        try:
            names = [
                each.replace(annotation=inspect.Parameter.empty) for each in _parameters(self.flatten or self.value)
            ]
        except ValueError:  # a function in C without a signature
            kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
            names = [inspect.Parameter(name, kind) for name in "xyz"[: self.arity]]
        first = len(names) - len(self.defaults)
        given = [each.replace(default=self.defaults[i]) for i, each in enumerate(names[first:])]
        return inspect.Signature([*names[:first], *given])

    def __repr__(self) -> str:
        return f"<primitive {self.name}>" if self.index is None else f"<primitive {self.name}[{self.index}]>"

    # a type checker takes the first overload that fits: numbers, a Value among them, an array among them
    @overload
    def __call__(self, *args: Number) -> float: ...  # type: ignore[overload-overlap]
    @overload
    def __call__(self, *args: V | Number) -> V: ...  # type: ignore[overload-overlap]
    @overload
    def __call__(self, *args: V | Number | Array) -> Array: ...
    def __call__(self, *args: Any) -> Any:
        """Apply the primitive: numbers give a number, a Value among ``args`` gives a Value, arrays give an array.

        Raises TypeError for a wrong number of arguments and for an argument that is not a number.
        """
        for arg in args:
            if type(arg) is not float and type(arg) is not bool:
                return self._dispatch(args)
        return self.evaluate(self.complete(args))

    def _dispatch(self, args: tuple[Any, ...]) -> Any:
        if self.method is not None and len(args) == self.arity:
            kind, method = self.method
            if type(args[0]) is kind and type(args[-1]) is kind:  # a method takes one argument or two
                return method(*args)
        args = self.complete(args)
        if self.chooses and (args[1] is None or args[2] is None):
            return self._choose(*args)
        for arg in args:
            apply = getattr(arg, "__apply__", None)
            if apply is not None:
                return apply(self, args)
        if any(isinstance(arg, np.ndarray) and arg.ndim for arg in args):
            return np.frompyfunc(self, len(args), 1)(*args)
        numbers = tuple(as_number(arg, self.name, OPERAND) for arg in args)
        if any(isinstance(arg, np.float64) for arg in args):  # IEEE arithmetic: NumPy scalars give NumPy scalars
            return mapped(np.float64, self.evaluate(numbers))
        return self.evaluate(numbers)

    def _choose(self, condition: Any, a: Any, b: Any) -> Any:
        """Return the result of ``where(condition, partial, NO_FLOW)`` inside a rule."""
        apply = getattr(condition, "__apply__", None)
        if apply is not None:
            return apply(self, (condition, a, b))
        return a if condition else b

    def complete(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return ``args`` as a flat tuple with defaults filled in; raise TypeError for a wrong number of arguments."""
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
        """Return the value at floats by IEEE 754: no number raises an exception."""
        try:
            return self.float_value(*args)
        except ArithmeticError:  # Python floats raise for 1/0; NumPy's follow IEEE 754
            with np.errstate(all="ignore"):
                return mapped(float, self.value(*map(np.float64, args)))

    def derivatives(self, args: tuple[Any, ...], out: Any, index: int | None = None) -> tuple[Any, ...]:
        """Return the local derivatives at ``args``, one per argument, by this row's rule; None where no adjoint flows.

        Arguments may be floats, Values or anything else that does arithmetic; static ones
        must be plain numbers. For a row with several outputs ``out`` is the tuple of all outputs,
        and ``index`` is the number of the differentiated one.
        """
        rule = self.partials
        if isinstance(rule, tuple):
            return rule
        if rule is None:
            assert index is not None
            return self.pull(args, out, [1.0 if i == index else None for i in range(len(out))])
        given = args if self.arity is not None else (args,)
        result = by_ieee(rule, (*given, out) if index is None else (*given, out, index))
        return result if isinstance(result, tuple) else (result,)

    def pull(self, args: tuple[Any, ...], outs: Any, adjoints: Sequence[Any]) -> tuple[Any, ...]:
        """Return Σ adjoint·∂out/∂arg for each argument of a row with several outputs, or None.

        ``adjoints`` has one adjoint per output, None where no adjoint flows from it. Takes linear
        time in the number of outputs where the row has a ``pull_back``.
        """
        if self.pull_back is not None:
            numbers = all(type(arg) is float for arg in args) and all(type(u) in (float, NoneType) for u in adjoints)
            rule = self.float_pull_back if numbers else self.pull_back
            assert rule is not None
            return tuple(by_ieee(rule, (args, outs, adjoints)))
        found: list[Any] = [None] * len(args)
        for index, adjoint in enumerate(adjoints):
            for i, partial in enumerate(self.derivatives(args, outs, index) if adjoint is not None else ()):
                if partial is not None:
                    term = adjoint * partial
                    found[i] = term if found[i] is None else found[i] + term
        return tuple(found)

    def component(self, index: int) -> Primitive:
        """Return output ``index`` of a primitive with several outputs, as a primitive of its own."""
        found = self._components.get(index)
        if found is None:
            value = self.value
            found = self._components[index] = Primitive(
                self.name,
                lambda *xs: value(*xs)[index],
                lambda xs, out: self.derivatives(xs, self(xs), index),
                arity=None,
                label=self.label,
                domain=self.domain,
                expand=lambda *xs: value(*xs)[index],
                index=index,
                doc=self.doc,
            )
        return found


class Reduction(Primitive):
    """A row of any number of arguments, which users give as sequences: ``total(xs)``."""

    if TYPE_CHECKING:

        @overload
        def __call__(self, *args: Sequence[Number] | Number) -> float: ...  # type: ignore[overload-overlap]
        @overload
        def __call__(self, *args: Sequence[V | Number] | V | Number) -> V: ...
        @overload
        def __call__(self, *args: Sequence[Operand | Number] | Array | Operand | Number) -> Any: ...
        def __call__(self, *args: Any) -> Any: ...  # noqa: D102


class Several(Primitive):
    """A row with one output per argument, which users give as one sequence: ``softmax(xs)``."""

    if TYPE_CHECKING:

        @overload  # type: ignore[override]  # one sequence, where a plain row takes numbers
        def __call__(self, values: Sequence[Number], /) -> tuple[float, ...]: ...  # type: ignore[overload-overlap]
        @overload
        def __call__(self, values: Sequence[V | Number], /) -> list[V]: ...
        @overload
        def __call__(self, values: Sequence[Operand | Number] | Array, /) -> Any: ...
        def __call__(self, *args: Any) -> Any: ...  # noqa: D102


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(function).parameters.values())
