"""Programs as Python source that needs only the standard library.

The text computes with ``math`` first. Where that raises for a number (1/0, exp(1000)), the same
lines run again with the functions of ``ieee.py``, which follow IEEE 754 and whose source is part of
the text.
"""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import keyword
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd_mini.primitives import ieee
from autograd_mini.primitives import table as rows
from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.program.target import Columns, Floats, Numbers, Sums, Target, add_target
from autograd_mini.program.text import identifiers

__all__ = ["TARGET", "WORDS", "Names", "PythonBody", "compile_python", "source"]

WORDS = {
    "less": "{0} < {1}", "less_equal": "{0} <= {1}", "equal": "{0} == {1}", "not_equal": "{0} != {1}",
    "logical_and": "{0} and {1}", "logical_or": "{0} or {1}", "logical_not": "not {0}", "where": "{1} if {0} else {2}",
    "add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "div": "{0} / {1}", "neg": "-{0}", "floor": "floor",
    "ceil": "ceil", "round": "rint", "trunc": "trunc",
    "fmod": "fmod", "mod": "mod", "floordiv": "floordiv", "round_to": "round_to",
    "abs": "abs({0})", "maximum": "maximum", "minimum": "minimum", "exp": "exp",
    "exp2": "exp2", "expm1": "expm1", "log": "log", "log2": "log2", "log10": "log10", "log1p": "log1p", "sqrt": "sqrt",
    "cbrt": "cbrt", "pow": "power", "power": "power", "hypot": "hypot", "sin": "sin", "cos": "cos", "tan": "tan",
    "asin": "asin", "acos": "acos", "atan": "atan", "atan2": "atan2", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh",
    "asinh": "asinh", "acosh": "acosh", "atanh": "atanh", "erf": "erf", "erfc": "erfc",
}  # fmt: skip
"""Operators, and functions of ``math`` and ``ieee.py`` by their names."""

SHORT = 5_000  # instructions; with more, only the lines with IEEE functions are written
LIMIT = 300_000  # instructions; with more, Python's compiler takes minutes and gigabytes
NEVER_RAISE = {
    rows.add, rows.sub, rows.mul, rows.neg, rows.abs, rows.where, rows.less, rows.less_equal, rows.equal,
    rows.not_equal, rows.logical_and, rows.logical_or, rows.logical_not,
}  # fmt: skip
ONCE = {*NEVER_RAISE, rows.div}  # rows whose text has each operand once
DEEP = 8  # parentheses inside one another


@functools.cache
def _ieee_statements() -> tuple[dict[str, ast.stmt], dict[str, str]]:
    """Return name → the statement of ieee.py that defines it, and name → the plain text of it."""
    text = inspect.getsource(ieee)
    found: dict[str, ast.stmt] = {}
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.FunctionDef):
            found[statement.name] = statement
        elif isinstance(statement, ast.Assign):
            for node in ast.walk(statement.targets[0]):
                if isinstance(node, ast.Name):
                    found[node.id] = statement
    return found, {name: ast.get_source_segment(text, statement) or "" for name, statement in found.items()}


def _helpers(needed: set[str]) -> str:
    """Return the part of ieee.py that defines ``needed``, in its order."""
    statements, texts = _ieee_statements()
    wanted: set[str] = set()
    stack = [name for name in needed if name in statements]
    while stack:
        name = stack.pop()
        if name not in wanted:
            wanted.add(name)
            inner = (node.id for node in ast.walk(statements[name]) if isinstance(node, ast.Name))
            stack.extend(each for each in inner if each in statements)
    parts: list[str] = []
    for text in dict.fromkeys(texts[name] for name in statements if name in wanted):
        far = text.startswith("def ") or (parts and parts[-1].startswith("def "))
        parts += [*[""] * (2 * bool(far)), text]
    return "\n".join(parts)


@functools.cache
def _fast(name: str) -> str:
    """Return the function of ``math`` that ``ieee.name`` calls first, or "" where there is none."""
    if name == "power":
        return "math.pow"
    statement = _ieee_statements()[0].get(name)
    if not isinstance(statement, ast.Assign):
        return ""
    value = statement.value
    if isinstance(value, ast.Call):
        called, *first = (value.func, *value.args[:1])
        direct = isinstance(called, ast.Name) and called.id == "total" and isinstance(first[0], ast.Attribute)
        return f"math.{name}" if direct else ""
    return f"math.{name}" if hasattr(math, name) and getattr(ieee, name) is getattr(math, name) else ""


def literal(number: float) -> str:
    """Return a float as Python text."""
    if number != number:
        return "nan"
    if math.isinf(number):
        return "inf" if number > 0 else "(-inf)"
    return repr(number) if math.copysign(1.0, number) > 0 else f"({number!r})"


class Names:
    """An identifier for every variable: its label where that is one, else v1, v2…"""

    def __init__(self, program: Program) -> None:
        self.of = identifiers(program, {*vars(ieee), *dir(builtins), *keyword.kwlist, "math", "np"})

    def __call__(self, operand: Operand) -> str:
        """Return the text of an operand."""
        if isinstance(operand, float):
            return literal(operand)
        return self.of[operand]


@dataclass
class PythonBody:
    """Writes the instructions of a lowered program as lines, and stores what they call."""

    program: Program
    names: Names
    prefix: str = "_"  # of the names of user rows
    inner: dict[int, Instruction] = field(init=False)  # what is written inside the branch that needs it
    helpers: set[str] = field(default_factory=set)
    called: dict[str, Callable[..., Any]] = field(default_factory=dict)  # user rows, by their name in the text

    def __post_init__(self) -> None:
        self.inner = _inner(self.program)

    def lines(self, result: str, otherwise: Mapping[int, str] | None = None) -> Iterator[str]:
        """Yield the lines of a function body that ends by returning ``result``.

        ``otherwise`` maps each guard's variable to the text returned where the guard fails.
        """
        program = self.program
        if len(program) > LIMIT:
            raise ValueError(
                f"the program has {len(program):,} instructions, the python target takes {LIMIT:,}; use "
                "engine='llvm', or split the function"
            )
        raising = any(step.primitive not in NEVER_RAISE for step in program.instructions)
        if raising and len(program) <= SHORT:
            yield "try:"
            yield from (f"    {line}" for line in self._run(self._fast_text, result, otherwise or {}))
            yield "except (ArithmeticError, ValueError):"
            yield "    pass"
        yield from self._run(self._ieee_text if raising else self._fast_text, result, otherwise or {})

    def _run(self, write: Callable[[Instruction], str], result: str, otherwise: Mapping[int, str]) -> Iterator[str]:
        outcomes = dict(self.program.guards)
        for step in self.program.instructions:
            made = step.results[0]
            if made in self.inner:
                continue
            yield f"{', '.join(map(self.names, step.results))} = {write(step)}"
            if made in otherwise:
                yield f"if {'not ' * outcomes[made]}{self.names(made)}:"
                yield f"    return {otherwise[made]}"
        yield f"return {result}"

    def _operands(self, step: Instruction, write: Callable[[Instruction], str]) -> list[str]:
        inner = self.inner
        return [
            _within(write(inner[x])) if x.__class__ is int and x in inner else self.names(x)  # 2.0 is no variable
            for x in step.operands
        ]

    def _fast_text(self, step: Instruction) -> str:
        row, operands = step.primitive, self._operands(step, self._fast_text)
        if row is rows.maximum and operands[1] == "0.0":
            return "0.0 if {0} <= 0.0 else {0}".format(*operands)
        spelling = TARGET.word(row) or ""
        if _fast(spelling):
            return f"{_fast(spelling)}({', '.join(operands)})"
        if "{" in spelling:
            return spelling.format(*operands)
        return self._ieee_text(step)

    def _ieee_text(self, step: Instruction) -> str:
        row, operands = step.primitive, self._operands(step, self._ieee_text)
        spelling = TARGET.word(row) or ""
        if row is rows.div:
            spelling = "divide"
        elif row in NEVER_RAISE:
            return spelling.format(*operands)
        if spelling in _ieee_statements()[0]:
            self.helpers.add(spelling)
        else:  # a row of the user's own: its value, made total
            spelling = f"{self.prefix}{row.name}"
            self.called[spelling] = lambda *args: row.evaluate(args)
        return f"{spelling}({', '.join(operands)})"

    def preamble(self) -> str:
        """Return the definitions that the lines need, as text."""
        imports = ["import math", *["from collections.abc import Callable"] * bool(self.helpers)]
        asked = [
            f"# {name} is the value function of the primitive {name[1:]!r}; define it before use"
            for name in self.called
        ]
        return "\n".join([*imports, "", _helpers({*self.helpers, "inf", "nan"}), *asked])

    def namespace(self) -> dict[str, Any]:
        """Return the definitions that the lines need, as objects."""
        found: dict[str, Any] = {"math": math, "inf": math.inf, "nan": math.nan, **self.called}
        found.update((name, getattr(ieee, name)) for name in self.helpers)
        return found


def _within(text: str) -> str:
    return f"({text})" if " " in text or text.startswith("-") else text


def _inner(program: Program) -> dict[int, Instruction]:
    """Return what only one ``where`` needs: written inside it, a branch costs nothing where it is not taken."""
    if not any(step.primitive is rows.where for step in program.instructions):
        return {}
    uses: Counter[Operand] = Counter(x for step in program.instructions for x in step.operands if x.__class__ is int)
    named = [x for x in program.outputs if isinstance(x, int)] + [x for x, _ in program.guards]
    uses.update(named + named)
    depths: dict[Operand, int] = {}
    inner: dict[int, Instruction] = {}
    for step in reversed(program.instructions):
        made = step.results[0]
        depth = depths.get(made, 0)
        if depth and len(step.results) == 1:
            inner[made] = step
        if depth < DEEP and (step.primitive is rows.where or (depth and step.primitive in ONCE)):
            depths.update((x, depth + 1) for x in step.operands if x.__class__ is int and uses[x] == 1)
    return inner


def source(program: Program, name: str = "program") -> str:
    """Return Python text that defines ``name(arguments…)``, for a program lowered to "python".

    Captured inputs are trailing parameters whose default is their current number. A single
    output is returned as a number, several as a tuple.
    """
    body = PythonBody(program, Names(program))
    lines = list(body.lines(_result(program, body.names)))
    head = f"{body.preamble().rstrip()}\n\n\n{_header(program, body.names, name)}\n"
    return head + "".join(f"    {line}\n" for line in lines)


def compile_python(program: Program) -> Numbers:
    """Return the lowered program as a function of all its inputs (captured ones too) → tuple of outputs."""
    body = PythonBody(program, Names(program))
    outputs = "".join(f"{body.names(x)}, " for x in program.outputs)
    lines = list(body.lines(f"({outputs})"))
    header = f"def program({', '.join(map(body.names, program.inputs))}):"
    namespace = body.namespace()
    exec(compile("\n    ".join([header, *lines]), "<autograd_mini program>", "exec"), namespace)
    made: Numbers = namespace["program"]
    return made


def _header(program: Program, names: Names, name: str) -> str:
    parameters = [names(x) for x in program.arguments]
    for variable, value in zip(program.inputs[len(parameters) :], program.captured, strict=True):
        parameters.append(f"{names(variable)}={literal(value.data)}")
    return f"def {name}({', '.join(parameters)}):"


def _result(program: Program, names: Names) -> str:
    outputs = [names(x) for x in program.outputs]
    return outputs[0] if len(outputs) == 1 else f"({', '.join(outputs)})"


def _columns(program: Program) -> Columns:
    function = compile_python(program)

    def columns(inputs: Sequence[float | Floats], rows: int) -> Iterable[Floats]:
        numbers = [np.broadcast_to(np.asarray(x, dtype=np.float64), (rows,)).tolist() for x in inputs]
        found = [function(*row) for row in zip(*numbers, strict=True)] if numbers else [function()] * rows
        return np.array(found, dtype=np.float64).reshape(rows, len(program.outputs)).T

    return columns


def _sums(program: Program, once: Program | None) -> Sums:
    function = compile_python(program)
    extra = None if once is None else compile_python(once)

    def sums(rows: Floats, theta: Floats, divisor: float) -> Floats:
        numbers = theta.tolist()
        total = np.zeros(len(program.outputs))
        with np.errstate(all="ignore"):
            for row in rows.tolist():
                total += function(*row, *numbers)
        return total / divisor if extra is None else total / divisor + extra(*numbers)

    return sums


TARGET = add_target(Target("python", WORDS, literal, source, compile_python, _columns, _sums, calls=True, speed=1))
