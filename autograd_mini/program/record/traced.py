"""Traced: a number inside a function that is being recorded."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

import numpy as np

from autograd_mini.engine.hidden import TraceError
from autograd_mini.engine.own import is_own_file
from autograd_mini.engine.value import Value
from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import logical_and, logical_or
from autograd_mini.program.ir import Operand

__all__ = ["TracedColumn", "NeedsIntError", "Partial", "Recording", "TraceError", "Traced", "WholeArray"]


class Recording(Protocol):
    """The methods of a recorder that a traced number uses."""

    open: bool
    is_whole: bool
    names: dict[int, str]

    def traced(self, operand: Operand, boolean: bool | None = None) -> Traced:
        """Return ``operand`` as a Value to compute with."""


class NeedsIntError(TypeError):
    """A traced number was used where Python needs an int."""


class WholeArray(BaseException):
    """A function that runs over columns uses an array as a whole; internal, users never get it."""


class Traced(Value):
    """A number inside a function that is being recorded; one can compute with it, but not read it."""

    __slots__ = ("boolean", "operand", "recorder")
    recorder: Recording
    operand: Operand
    boolean: bool

    def refuse(self) -> NoReturn:
        """Raise TraceError: this number cannot be read, or its recording has ended."""
        what = self.label or "a number"
        if not self.recorder.open:
            raise TraceError(
                f"{what} of a traced call is used after that call: the function kept it (in a list, an attribute or a "
                "global) where the compiled program cannot renew it; return it from the function instead"
            )
        raise TraceError(
            f"{what} is read (.data, .grad or its graph) while the function is traced: the program would keep this "
            "call's number as a constant; compute with the Value itself, cut the gradient with stop_gradient(x), "
            "choose with where(...), take gradients with grad or value_and_grad, or read the number outside the jitted "
            "function"
        )

    data = property(lambda self: self.refuse(), lambda self, _: self.refuse())
    grad = property(lambda self: self.refuse(), lambda self, _: self.refuse())
    parents = property(lambda self: self.refuse())
    partials = property(lambda self: self.refuse())
    left = right = to_left = to_right = kind = partials
    op = property(lambda self: self.refuse())

    tag = property(lambda self: None, lambda self, _: None)  # a program does not keep where a number was made
    is_leaf = property(lambda self: False)
    is_constant = is_parameter = is_leaf

    def __init__(self) -> None:
        raise TraceError("a Traced is made by a recorder; use Value(x) for your own numbers")

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(traced{label})"

    @property
    def label(self) -> str:
        """The name of the variable in the program."""
        return self.recorder.names.get(self.operand, "") if isinstance(self.operand, int) else ""

    @label.setter
    def label(self, label: str) -> None:
        if isinstance(self.operand, int) and label:
            self.recorder.names[self.operand] = label

    def __index__(self) -> int:
        raise NeedsIntError(
            "a traced number cannot be an index, a length or an int: the program is the same for all numbers; "
            "pass an int (a jitted function keeps an int argument as it is where it needs one), "
            "fix it beforehand, as in jit(functools.partial(f, n=3)), or choose with take(values, index)"
        )

    def __getitem__(self, key: object) -> NoReturn:
        raise TypeError("a traced number has no elements; pass a list or an array where the function takes several")

    def __and__(self, other: Any) -> Any:
        return logical_and(self, other) if self.boolean else NotImplemented

    def __or__(self, other: Any) -> Any:
        return logical_or(self, other) if self.boolean else NotImplemented

    __rand__, __ror__ = __and__, __or__

    def __hash__(self) -> int:
        raise TypeError(
            "a traced number is unhashable: a set or a dict would look it up by identity, not by its number; compare "
            "with ==, or choose with where(...) or take(values, index)"
        )


class TracedColumn(Traced):
    """A traced number that represents one row of an array, any of its numbers.

    Operations on the array as a whole (its length, an element, a sum over it, a matrix product, a
    change in place) have no meaning for one row and raise ``WholeArray``: the function is then
    recorded again on all the numbers of the array.
    """

    __slots__ = ()

    def _whole(self, *_: Any, **__: Any) -> NoReturn:
        raise WholeArray

    __len__ = __iter__ = __getitem__ = __setitem__ = __contains__ = __reversed__ = __array__ = _whole
    __matmul__ = __rmatmul__ = __iadd__ = __isub__ = __imul__ = __itruediv__ = __ipow__ = __imod__ = _whole
    __ifloordiv__ = __iand__ = __ior__ = _whole
    __hash__ = Traced.__hash__

    @staticmethod
    def __apply__(primitive: Primitive, args: tuple[Any, ...]) -> Any:
        if any(isinstance(arg, np.ndarray) and arg.ndim for arg in args):
            raise WholeArray
        return Value.__apply__(primitive, args)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method != "__call__" or kwargs or any(isinstance(x, np.ndarray) and x.ndim for x in inputs):
            raise WholeArray
        result = super().__array_ufunc__(ufunc, method, *inputs)  # type: ignore[misc]
        if result is NotImplemented:  # matmul and the like
            raise WholeArray
        return result

    def __array_function__(self, function: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if function not in (np.where, np.clip, np.round, np.around):
            raise WholeArray
        return super().__array_function__(function, types, args, kwargs)  # type: ignore[misc]

    def __getattr__(self, name: str) -> NoReturn:
        if hasattr(np.ndarray, name):
            raise WholeArray
        raise AttributeError(f"a Value has no attribute {name!r}")

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """The class for isinstance: the user's function expects an array, which this is not.

        Raises no exception, which C code may ignore; a flag of the recorder is checked at the end.
        """
        code = sys._getframe(1).f_code
        if "isinstance" in code.co_names and is_own_file(code.co_filename):
            self.recorder.is_whole = True
        return TracedColumn


@dataclass(frozen=True, slots=True)
class Partial:
    """A local derivative that flows under a condition: ``where(live, value, NO_FLOW)`` of recorded numbers.

    A rule may only pass it to ``where`` again.
    """

    value: Any  # Traced, or a number
    live: Traced

    def __apply__(self, primitive: Primitive, args: tuple[Any, ...]) -> Any:
        if not primitive.chooses:
            raise TraceError(
                f"{primitive.name} of a partial that flows only under a condition; a rule returns "
                "where(condition, partial, NO_FLOW) as it is, and does its arithmetic inside the branches"
            )
        condition, a, b = args
        return a if condition else b
