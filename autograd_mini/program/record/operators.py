"""The operators and methods of a traced number: each appends one instruction.

One closure per row, as for Value. Special cases (a truth value in place of a number, an operand of
another type, an observer before the recorder) use the general function, which calls
``Recorder.apply``.
"""

from __future__ import annotations

from collections.abc import Callable
from sys import setprofile
from threading import get_ident
from typing import Any

import numpy as np

from autograd_mini.engine.methods import LARGEST, TABLE
from autograd_mini.engine.observer import innermost, observer
from autograd_mini.engine.value import Value
from autograd_mini.primitives import table as rows
from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.primitives.row import Primitive
from autograd_mini.program.record.pause import PAUSED, pausing
from autograd_mini.program.record.traced import Traced, TracedColumn

__all__: list[str] = []

Method = Callable[..., Any]
new: Callable[[type[Value]], Any] = Value.__new__
PLAIN = {float, int, bool, np.float64, Value, Traced, TracedColumn}
"""Types of arguments that do not run code of their own in comparisons or conversions."""


def _unary(row: Primitive, general: Method) -> Method:
    value, evaluate = row.float_value, row.evaluate

    @pausing
    def method(self: Any) -> Any:
        try:
            recorder, a = self.recorder, self.operand
            if a.__class__ is int and not self.boolean and innermost.get() is recorder.entry:
                numbers = recorder.numbers
                if numbers is not None:
                    try:
                        numbers.append(value(numbers[a]))
                    except ArithmeticError:
                        numbers.append(evaluate((numbers[a],)))
                made = new(type(self))
                made.recorder, made.operand, made.boolean = recorder, recorder.fresh, False
                recorder.steps += row, (a,), recorder.fresh
                recorder.fresh += 1
                return made
        finally:
            if PAUSED and (hook := PAUSED.pop(get_ident(), None)) is not None:
                setprofile(hook)
        return general(self)

    return method


def _binary(row: Primitive, general: Method, reflected: bool = False) -> Method:
    value, evaluate, is_truth = row.float_value, row.evaluate, row.boolean

    @pausing
    def method(self: Any, other: Any) -> Any:
        try:
            recorder, a, kind = self.recorder, self.operand, type(other)
            if not self.boolean and innermost.get() is recorder.entry:
                b = None
                if kind is float:
                    b = other
                elif kind is type(self):
                    if other.recorder is recorder and not other.boolean:
                        b = other.operand
                elif kind is int:
                    if -LARGEST < other < LARGEST:
                        b = float(other)
                elif kind is Value:
                    b = recorder.operand(other)
                if b.__class__ is int or (a.__class__ is int and b is not None):
                    if reflected:
                        a, b = b, a
                    numbers = recorder.numbers
                    if numbers is not None:
                        x = numbers[a] if a.__class__ is int else a
                        y = numbers[b] if b.__class__ is int else b
                        try:
                            numbers.append(value(x, y))
                        except ArithmeticError:
                            numbers.append(evaluate((x, y)))
                    made = new(type(self))
                    made.recorder, made.operand, made.boolean = recorder, recorder.fresh, is_truth
                    if is_truth:
                        recorder.booleans.add(recorder.fresh)
                    recorder.steps += row, (a, b), recorder.fresh
                    recorder.fresh += 1
                    return made
        finally:
            if PAUSED and (hook := PAUSED.pop(get_ident(), None)) is not None:
                setprofile(hook)
        return general(self, other)

    return method


def _raised(constant: Method, varying: Method) -> Method:
    def method(self: Any, exponent: Any) -> Any:
        return varying(self, exponent) if isinstance(exponent, Value) else constant(self, exponent)

    return method


def _truth(general: Method) -> Method:
    @pausing
    def method(self: Any) -> bool:
        try:
            recorder, a = self.recorder, self.operand
            if self.boolean and recorder.numbers is not None and innermost.get() is recorder.entry:
                found: bool = recorder.guards.setdefault(a, bool(recorder.numbers[a]))
                return found
        finally:
            if PAUSED and (hook := PAUSED.pop(get_ident(), None)) is not None:
                setprofile(hook)
        answer: bool = general(self)
        return answer

    return method


def _applied(general: Method) -> Method:
    @pausing
    def apply(primitive: Primitive, args: tuple[Any, ...]) -> Any:
        hook = PAUSED.pop(get_ident(), None) if PAUSED else None
        try:
            if primitive.name in TABLE and all(map(PLAIN.__contains__, map(type, args))):
                watching = observer()
                if watching is not None:
                    return watching.apply(primitive, args)
        finally:
            if hook is not None:
                setprofile(hook)
        return general(primitive, args)

    return apply


def _is_plain(row: Primitive) -> bool:
    return row.arity in (1, 2) and not (row.defaults or row.static or row.outputs or row.boolean or row.chooses)


def _install(kind: type[Traced]) -> None:
    methods: dict[str, Any] = {"__apply__": staticmethod(_applied(Value.__apply__)), "__bool__": _truth(Value.__bool__)}
    for row in filter(_is_plain, PRIMITIVES.values()):
        general = getattr(Value, row.name, None)
        if general is None:  # a row that only rules use is no method
            continue
        method = (_unary if row.arity == 1 else _binary)(row, general)
        methods |= dict.fromkeys((row.name, *row.aliases), method)
    for name in ("neg", "abs", "floor", "ceil", "trunc"):
        methods[f"__{name}__"] = _unary(PRIMITIVES[name], getattr(Value, f"__{name}__"))
    pairs = {"add": rows.add, "sub": rows.sub, "mul": rows.mul, "truediv": rows.div, "mod": rows.mod}
    for name, row in {**pairs, "floordiv": rows.floordiv}.items():
        methods[f"__{name}__"] = _binary(row, getattr(Value, f"__{name}__"))
        methods[f"__r{name}__"] = _binary(row, getattr(Value, f"__r{name}__"), reflected=True)
    for name, row in {"lt": rows.less, "le": rows.less_equal, "eq": rows.equal, "ne": rows.not_equal}.items():
        methods[f"__{name}__"] = _binary(row, getattr(Value, f"__{name}__"))
    for name, row in {"gt": rows.less, "ge": rows.less_equal}.items():
        methods[f"__{name}__"] = _binary(row, getattr(Value, f"__{name}__"), reflected=True)
    power, reflected = Value.__pow__, Value.__rpow__
    methods["__pow__"] = _raised(_binary(rows.power, power), _binary(rows.pow, power))
    methods["__rpow__"] = _binary(rows.pow, reflected, reflected=True)
    for name, method in methods.items():
        setattr(kind, name, method)


_install(Traced)
setattr(TracedColumn, "__apply__", staticmethod(_applied(TracedColumn.__apply__)))  # noqa: B010  (a method is not assigned to)
