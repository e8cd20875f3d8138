"""A formula as a postfix program: numbers, variables, and functions applied to a stack.

The syntax tree of ``ast`` is translated node by node; only the listed kinds of nodes are allowed.
Translation and evaluation are loops, not recursive, so that deep formulas work.
"""

from __future__ import annotations

import ast
import difflib
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias, cast

from autograd_mini.expression.callables import (
    BINARY,
    COMPARISONS,
    CONSTANTS,
    all_of,
    any_of,
    chain,
    named_functions,
    power,
)
from autograd_mini.expression.scan import ExpressionError, scan
from autograd_mini.format import brief
from autograd_mini.language import tell
from autograd_mini.primitives import table as table
from autograd_mini.primitives.floats import as_number
from autograd_mini.primitives.row import Primitive, Reduction

__all__ = ["Apply", "Number", "Step", "Variable", "compile_formula", "run"]

MAX_DEPTH = 1_000  # of operations inside one another


class Number(NamedTuple):
    """A number of the formula; ``label`` is its name where it was written by name, as pi."""

    number: float
    label: str = ""
    plain: bool = False  # an exponent: remains a number where literals become Values


class Variable(NamedTuple):
    """A variable, whose value is given in each call."""

    name: str


class Apply(NamedTuple):
    """A function of the last ``arity`` values on the stack."""

    function: Callable[..., Any]
    arity: int


Step: TypeAlias = Number | Variable | Apply


def run(code: Iterable[Step], variables: Mapping[str, Any], literal: Callable[[Number], Any]) -> Any:
    """Evaluate a postfix program."""
    stack: list[Any] = []
    for step in code:
        if isinstance(step, Apply):
            arguments = stack[-step.arity :]
            del stack[-step.arity :]
            stack.append(step.function(*arguments))
        else:
            stack.append(literal(step) if isinstance(step, Number) else variables[step.name])
    return stack.pop()


def plain_literal(step: Number) -> float:
    """A literal as a plain number."""
    return step.number


class _Translator:
    """Translates a syntax tree into a postfix program; raises ExpressionError for nodes that are not allowed."""

    def __init__(self, source: str, clean: str, offset: int) -> None:
        self.source, self.encoded, self.offset = source, clean.encode(), offset
        self.code: list[Step] = []
        self.built: list[tuple[int, bool]] = []  # for each operand: where its code starts, whether it has a variable
        self.functions = named_functions()

    def error(self, reason: str, node: ast.AST, only_name: bool = False) -> ExpressionError:
        """Return the error at a node (``ast`` counts columns in bytes)."""
        node = node.func if only_name and isinstance(node, ast.Call) else node
        start, end = (
            self.offset + len(self.encoded[:column].decode())
            for column in (getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 1))
        )
        return ExpressionError(reason, self.source, start, end)

    def translate(self, root: ast.expr) -> tuple[Step, ...]:
        """Return the program; an explicit stack visits operands before their operation."""
        stack: list[tuple[ast.expr, int, bool, Apply | None]] = [(root, 1, False, None)]
        while stack:
            node, depth, condition, step = stack.pop()
            if step is not None:
                self.emit(step, node)
                continue
            if depth > MAX_DEPTH:
                reason = tell("operations are nested more than {most} deep; split the formula", most=MAX_DEPTH)
                raise ExpressionError(reason, self.source)  # no column: Python's parser may refuse first
            leaf = None if condition else self.leaf(node)
            if leaf is not None:
                self.built.append((len(self.code), isinstance(leaf, Variable)))
                self.code.append(leaf)
                continue
            apply, operands, conditions = self.condition(node) if condition else self.operation(node)
            if apply is not None:
                stack.append((node, depth, condition, apply))
            last = len(operands) - 1
            stack.extend((each, depth + 1, last - i < conditions, None) for i, each in enumerate(reversed(operands)))
        return tuple(self.code)

    def leaf(self, node: ast.expr) -> Number | Variable | None:
        """Return a number or a variable, None for anything else."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            inner = self.leaf(node.operand)
            return Number(-inner.number) if isinstance(inner, Number) else None
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return Number(as_number(node.value, "number"))
        if isinstance(node, ast.Name):
            label = {"pi": "π", "tau": "τ", "e": "e"}.get(node.id, "")
            return Number(CONSTANTS[node.id], label) if node.id in CONSTANTS else Variable(node.id)
        return None

    def operation(self, node: ast.expr) -> tuple[Apply | None, list[ast.expr], int]:
        """Return the function of a node, its operands, and how many of these, from the first, are conditions."""
        if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
            return Apply(BINARY[type(node.op)], 2), [node.left, node.right], 0
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return Apply(operator.neg, 1), [node.operand], 0
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd):
            return None, [node.operand], 0
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            row = self.function(node, node.func.id)
            function: Callable[..., Any] = row
            if row is table.power:
                function = power
            elif row.flatten is not None:
                function = lambda *args: cast(Reduction, row)(args)  # noqa: E731
            return Apply(function, len(node.args)), node.args, int(row is table.where)
        if isinstance(node, (ast.Compare, ast.BoolOp, ast.UnaryOp)):
            raise self.error(tell("a comparison is allowed only as the condition of where(condition, a, b)"), node)
        raise self.error(tell("this is not part of a formula; use numbers, names, + - * / ** ( ) and functions"), node)

    def condition(self, node: ast.expr) -> tuple[Apply | None, list[ast.expr], int]:
        """Return the same for the condition of ``where``: comparisons, and, or, not."""
        if isinstance(node, ast.Compare) and all(type(test) in COMPARISONS for test in node.ops):
            operands = [node.left, *node.comparators]
            return Apply(chain([COMPARISONS[type(test)] for test in node.ops]), len(operands)), operands, 0
        if isinstance(node, ast.BoolOp):
            function = all_of if isinstance(node.op, ast.And) else any_of
            return Apply(function, len(node.values)), node.values, len(node.values)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return Apply(table.logical_not, 1), [node.operand], 1
        raise self.error(tell("the condition of where must be a comparison, such as x > 0"), node)

    def function(self, node: ast.Call, name: str) -> Primitive:
        """Return the row that a call names, after checking the number of arguments."""
        row, count = self.functions.get(name), len(node.args)
        if row is None:
            near = [known for known in self.functions if sorted(known) == sorted(name)]  # tahn
            near = near or difflib.get_close_matches(name, self.functions, n=1)
            hint = tell("a product is written {name}*(…)", name=brief(name))
            if near:
                hint = tell("did you mean {name}?", name=repr(near[0]))
            raise self.error(
                tell("there is no function {name}; {hint}", name=repr(brief(name)), hint=hint), node, only_name=True
            )
        if row.outputs:
            raise self.error(
                tell("{name} has several results, a formula has one; use it in Python", name=name), node, only_name=True
            )
        if row.flatten is not None and count == 0:
            raise self.error(tell("{name} takes at least 1 argument, got 0", name=name), node, only_name=True)
        try:
            row.complete(((0.0,) * count,) if row.flatten is not None else (0.0,) * count)
        except TypeError as wrong:
            raise self.error(str(wrong), node, only_name=True) from None
        return row

    def emit(self, step: Apply, node: ast.expr) -> None:
        """Append an operation. An exponent without variables becomes a number, so that its rule needs no ln x."""
        operands = self.built[-step.arity :]
        del self.built[-step.arity :]
        static = step.function.static if isinstance(step.function, Primitive) else ()
        fixed = (1,) if step.function is power else static if step.function is not table.where else ()
        for position in fixed:
            start, varies = operands[position]
            if varies and step.function is not power:
                raise self.error(tell("argument {place} must be a number, without variables", place=position + 1), node)
            if not varies and position == step.arity - 1:
                value = run(self.code[start:], {}, plain_literal)
                self.code[start:] = [Number(float(value), plain=True)]
        self.code.append(step)
        self.built.append((operands[0][0], any(varies for _, varies in operands)))


def compile_formula(source: str) -> tuple[Step, ...]:
    """Return the program of a formula; raise ExpressionError where it is none."""
    clean = scan(source)
    stripped, offset = clean.strip(), len(clean) - len(clean.lstrip())
    try:
        tree = ast.parse(stripped, mode="eval")
    except (RecursionError, MemoryError):  # what Python's parser raises where a formula is too deep
        raise ExpressionError(
            tell("operations are nested more than {most} deep; split the formula", most=MAX_DEPTH), source
        ) from None
    except SyntaxError as wrong:
        place = offset + max((wrong.offset or 1) - 1, 0)
        raise ExpressionError(tell("this is not a formula; check the operators around it"), source, place) from None
    return _Translator(source, stripped, offset).translate(tree.body)
