"""A formula as text, "tanh(w*x + b)", turned into a function of Values; no text is executed.

The text is scanned (``scan``), parsed by ``ast`` and translated (``postfix``) into table
functions: numbers, names, + − * / **, calls of primitives, and comparisons as the condition of
``where``. Everything else is an ExpressionError that points at its column.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from autograd_mini.engine.node import constant
from autograd_mini.engine.value import Value
from autograd_mini.expression.postfix import Number, Variable, compile_formula, plain_literal, run
from autograd_mini.expression.scan import ExpressionError
from autograd_mini.format import brief
from autograd_mini.primitives.floats import as_number

__all__ = ["Expression", "ExpressionError", "parse"]


class Expression:
    """A formula that can be called with Values or numbers, by position or by keyword.

    ``source`` is the text, ``names`` its variables in order of appearance. Raises ExpressionError where
    the text is not a formula; TypeError where it is not a string.

    >>> f = parse("tanh(w*x + b)")
    >>> f.names
    ('w', 'x', 'b')
    >>> round(f(w=0.5, x=2.0, b=-1.0), 4), round(f(0.5, 2.0, 0.0), 4)
    (0.0, 0.7616)
    """

    def __init__(self, source: str) -> None:
        if not isinstance(source, str):
            raise TypeError(f"an expression is a string such as 'tanh(w*x + b)', got a {type(source).__name__}")
        self.source, self._code = source, compile_formula(source)
        self.names = tuple(dict.fromkeys(step.name for step in self._code if isinstance(step, Variable)))
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        self.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in self.names])

    def __repr__(self) -> str:
        return f"parse({self.source!r})"

    def __str__(self) -> str:
        return self.source

    def __len__(self) -> int:
        """The number of steps: numbers, variables and operations."""
        return len(self._code)

    def __bool__(self) -> bool:
        return True

    def __reduce__(self) -> tuple[Any, ...]:
        return parse, (self.source,)

    def __call__(self, /, *args: Any, **named: Any) -> Any:
        """Return the value: a float where all arguments are numbers, else a Value.

        Raises TypeError for a variable that is missing, unknown or given twice.
        """
        given = {name: _operand(value, name) for name, value in self._bind(args, named).items()}
        return run(self._code, given, plain_literal)

    def graph(self, /, **numbers: float) -> tuple[Value, dict[str, Value]]:
        """Return (output, variables): the graph of the formula at ``numbers``, labelled, for a drawing.

        Every number written in the formula is a leaf too: (3 + 5)*10 has three leaves. In a formula
        without variables these leaves are returned as the variables.
        """
        leaves = {name: Value(number, label=name) for name, number in self._bind((), numbers).items()}
        result: Value = run(self._code, leaves, self._literal)
        return result, leaves

    def _bind(self, args: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
        """Return the value of each variable, in order, or raise TypeError."""
        shown = brief(self.source)
        if len(args) > len(self.names):
            raise TypeError(f"{shown} takes {len(self.names)} values, got {len(args)}")
        given = dict(zip(self.names, args, strict=False))
        for name, value in named.items():
            if name in given or name not in self.names:
                problem = "got two values for" if name in given else "has no variable"
                raise TypeError(f"{shown} {problem} {name!r}; its variables are {', '.join(self.names) or 'none'}")
            given[name] = value
        missing = [name for name in self.names if name not in given]
        if missing:
            raise TypeError(f"{shown} needs a value for {', '.join(missing)}")
        return {name: given[name] for name in self.names}

    def _literal(self, step: Number) -> Value | float:
        if step.plain:
            return step.number
        leaf = constant(step.number) if self.names else Value(step.number)
        assert leaf is not None
        if step.label:
            leaf.label = step.label
        return leaf


def _operand(value: Any, name: str) -> Any:
    known = isinstance(value, np.ndarray) or hasattr(value, "__apply__")
    return value if known else as_number(value, name, "a Value or a real number")


def parse(source: str) -> Expression:
    """Return the formula ``source`` as a function of its variables.

    A formula consists of numbers, names, + − * / ** and parentheses, calls of the primitives by
    name (also ``max``, ``min``, ``sum``, ``ln``), the constants pi, e, tau, inf, nan, and, as the
    condition of ``where``, comparisons joined by and, or, not.

    Raises ExpressionError (a ValueError), which points at the column, for anything else.
    """
    return Expression(source)
