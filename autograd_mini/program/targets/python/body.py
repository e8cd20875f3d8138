"""The instructions of a program as lines of Python.

The lines compute with ``math`` first. Where that raises for a number (1/0, exp(1000)), the same
lines run again with the functions of ``ieee.py``, which follow IEEE 754 and whose source is part of
the text.
"""

from __future__ import annotations

import builtins
import keyword
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from autograd_mini.primitives import ieee
from autograd_mini.primitives import table as rows
from autograd_mini.primitives.row import Primitive
from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.program.targets.python.maths import fast, helpers_text, ieee_statements
from autograd_mini.program.targets.python.words import WORDS, literal
from autograd_mini.program.text import identifiers

__all__ = ["LIMIT", "Names", "PythonBody", "namespace", "preamble", "raises", "twice"]

SHORT = 5_000  # instructions; with more, only the lines with IEEE functions are written
LIMIT = 300_000  # instructions; with more, Python's compiler takes minutes and gigabytes
NEVER_RAISE = {
    rows.add, rows.sub, rows.mul, rows.neg, rows.abs, rows.where, rows.less, rows.less_equal, rows.equal,
    rows.not_equal, rows.logical_and, rows.logical_or, rows.logical_not,
}  # fmt: skip
ONCE = {*NEVER_RAISE, rows.div}  # rows whose text has each operand once
DEEP = 8  # parentheses inside one another


def raises(program: Program) -> bool:
    """Tell whether the functions of ``math`` may raise for some numbers of ``program``."""
    return any(step.primitive not in NEVER_RAISE for step in program.instructions)


def twice(write: Callable[[bool], Iterable[str]]) -> Iterator[str]:
    """Yield the lines ``write(True)``, with functions of ``math``, and for where these raise ``write(False)``."""
    yield "try:"
    yield from (f"    {line}" for line in write(True))
    yield "except (ArithmeticError, ValueError):"
    yield "    pass"
    yield from write(False)


def _word(row: Primitive) -> str:
    return row.spellings.get("python", WORDS.get(row.name, ""))


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
    names: Callable[[Operand], str]
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

        def write(fast: bool) -> Iterator[str]:
            yield from self.steps(fast, otherwise or {})
            yield f"return {result}"

        raising = raises(program)
        yield from twice(write) if raising and len(program) <= SHORT else write(not raising)

    def steps(self, fast: bool, otherwise: Mapping[int, str]) -> Iterator[str]:
        """Yield a line for each instruction, with functions of ``math`` where it is ``fast``."""
        write = self._fast_text if fast else self._ieee_text
        outcomes = dict(self.program.guards)
        for step in self.program.instructions:
            made = step.results[0]
            if made in self.inner:
                continue
            yield f"{', '.join(map(self.names, step.results))} = {write(step)}"
            if made in otherwise:
                yield f"if {'not ' * outcomes[made]}{self.names(made)}:"
                yield f"    return {otherwise[made]}"

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
        spelling = _word(row)
        if fast(spelling):
            return f"{fast(spelling)}({', '.join(operands)})"
        if "{" in spelling:
            return spelling.format(*operands)
        return self._ieee_text(step)

    def _ieee_text(self, step: Instruction) -> str:
        row, operands = step.primitive, self._operands(step, self._ieee_text)
        spelling = _word(row)
        if row is rows.div:
            spelling = "divide"
        elif row in NEVER_RAISE:
            return spelling.format(*operands)
        if spelling in ieee_statements()[0]:
            self.helpers.add(spelling)
        else:  # a row of the user's own: its value, made total
            spelling = f"{self.prefix}{row.name}"
            self.called[spelling] = lambda *args: row.evaluate(args)
        return f"{spelling}({', '.join(operands)})"

    def namespace(self) -> dict[str, Any]:
        """Return the definitions that the lines need, as objects."""
        return namespace(self.helpers, self.called)


def preamble(helpers: Set[str], called: Iterable[str]) -> str:
    """Return the definitions that lines need, as text."""
    imports = ["import math", *["from collections.abc import Callable"] * bool(helpers)]
    asked = [f"# {name} is the value function of the primitive {name[1:]!r}; define it before use" for name in called]
    return "\n".join([*imports, "", helpers_text({*helpers, "inf", "nan"}), *asked])


def namespace(helpers: Set[str], called: Mapping[str, Callable[..., Any]]) -> dict[str, Any]:
    """Return the definitions that lines need, as objects."""
    found: dict[str, Any] = {"math": math, "inf": math.inf, "nan": math.nan, **called}
    found.update((name, getattr(ieee, name)) for name in helpers)
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
