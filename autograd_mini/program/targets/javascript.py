"""Programs as JavaScript without dependencies: for the live page, and for Node.

JavaScript's numbers are IEEE doubles, and its operators give the same bits as Python's. Functions that
it lacks (erf, rounding halves to even, C's rules for pow) are copied into the text from maths.js.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from autograd_mini.primitives.row import Primitive
from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.program.nests.build import nests_of
from autograd_mini.program.nests.nest import Nests
from autograd_mini.program.nests.writer import Forms, Writer, wrapped
from autograd_mini.program.target import Target, add_target
from autograd_mini.program.text import identifiers

__all__ = ["TARGET", "WORDS", "literal", "source", "statements"]

WORDS = {
    "less": "{0} < {1}", "less_equal": "{0} <= {1}", "equal": "{0} === {1}", "not_equal": "{0} !== {1}",
    "logical_and": "{0} && {1}", "logical_or": "{0} || {1}", "logical_not": "!{0}", "where": "{0} ? {1} : {2}",
    "add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "div": "{0} / {1}", "neg": "-{0}",
    "floor": "Math.floor", "ceil": "Math.ceil", "round": "rint",
    "trunc": "Math.trunc", "fmod": "{0} % {1}", "abs": "Math.abs", "maximum": "Math.max",
    "minimum": "Math.min", "exp": "Math.exp", "exp2": "exp2", "expm1": "Math.expm1", "log": "Math.log",
    "log2": "Math.log2", "log10": "Math.log10", "log1p": "Math.log1p", "sqrt": "Math.sqrt", "cbrt": "Math.cbrt",
    "pow": "pow", "power": "pow", "hypot": "hypot", "sin": "Math.sin", "cos": "Math.cos", "tan": "Math.tan",
    "asin": "Math.asin", "acos": "Math.acos", "atan": "Math.atan", "atan2": "Math.atan2", "sinh": "Math.sinh",
    "cosh": "Math.cosh", "tanh": "Math.tanh", "asinh": "Math.asinh", "acosh": "Math.acosh", "atanh": "Math.atanh",
    "erf": "erf", "erfc": "erfc",
}  # fmt: skip

FORMS = Forms(
    loop="for (let {i} = 0; {i} < {n}; {i}++) {{", end="}", let="let {a} = {b};", more="{a} += {b};",
    store="{a} = {b};", choice="{n} >= 0 && {n} < {width} && {n} % 1 === 0 ? {value} : NaN", whole="{n}", indent="  ",
)  # fmt: skip

MATHS = Path(__file__).with_name("maths.js")


def _declarations() -> dict[str, str]:
    """Return name → declaration of everything in maths.js, in its order, without ``export``."""
    text = MATHS.read_text(encoding="utf-8")
    plain = re.sub(r"^export |/\*.*?\*/\n", "", text, flags=re.MULTILINE | re.DOTALL)
    found = (part.strip() for part in re.split(r"\n\s*\n", plain))
    return {part.split()[1].split("(")[0]: part for part in found if part}


def _needs(name: str) -> set[str]:
    """Return ``name`` and every declaration that its text uses, directly or not."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += HELPERS.keys() & set(re.findall(r"\w+", HELPERS[each]))
    return found


HELPERS = _declarations()
KEYWORDS = """
abstract arguments await boolean break byte case catch char class const continue debugger default delete do double else
enum eval export extends false final finally float for function goto if implements import in instanceof int interface
let long native new null package private protected public return short static super switch synchronized this throw
throws transient true try typeof undefined var void volatile while with yield Math Object Infinity NaN Number program
"""
RESERVED = {*HELPERS, *KEYWORDS.split()}


def literal(number: float) -> str:
    """Return a float as JavaScript text: the shortest decimal that reads back as the same bits."""
    if number != number:
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "(-Infinity)"
    text = repr(number).removesuffix(".0")
    return f"({text})" if math.copysign(1.0, number) < 0 else text


def source(program: Program, name: str = "program") -> str:
    """Return JavaScript text that defines ``name(arguments…)``, for a program lowered to "javascript".

    Captured inputs are trailing parameters whose default is their current number. A single
    output is returned as a number, several as an array. A program with structure is written as loops; its function
    takes ``...x``, the same numbers in the same order.
    """
    nests = nests_of(program, apart=False)
    if nests is not None:
        return _Loops(nests, f"{name}_").text(name)
    found = identifiers(program, RESERVED | {name})

    def text(operand: Operand) -> str:
        return literal(operand) if isinstance(operand, float) else found[operand]

    lines, helpers = statements(program, text)
    parameters = [found[x] for x in program.arguments]
    for x, value in zip(program.inputs[len(parameters) :], program.captured, strict=True):
        parameters.append(f"{found[x]} = {literal(value.data)}")
    outputs = [text(x) for x in program.outputs]
    result = outputs[0] if len(outputs) == 1 else f"[{', '.join(outputs)}]"
    head = f"function {name}({', '.join(parameters)}) {{"
    return "\n".join([*helpers, head, *(f"  {line}" for line in lines), f"  return {result};", "}", ""])


def statements(program: Program, text: Callable[[Operand], str]) -> tuple[list[str], list[str]]:
    """Return the instructions as lines, and the functions they call that JavaScript lacks.

    ``text`` writes an operand. For a program lowered to "javascript".
    """
    used: set[str] = set()
    return list(_lines(program, text, used)), _helpers(used)


def _lines(program: Program, text: Callable[[Operand], str], used: set[str]) -> Iterator[str]:
    """Yield the instructions as lines; add the functions they call that JavaScript lacks to ``used``."""
    for step in program.instructions:
        yield f"const {text(step.results[0])} = {_expression(step, [text(x) for x in step.operands], used)};"


def _helpers(used: set[str]) -> list[str]:
    """Return the declarations of ``used``, and of what these use."""
    wanted: set[str] = set().union(*map(_needs, used))
    return [f"{body}\n" for helper, body in HELPERS.items() if helper in wanted]


class _Loops(Writer):
    """Writes nests, over one array of all numbers, and stores the names of the functions they call."""

    def __init__(self, nests: Nests, prefix: str) -> None:
        super().__init__(nests, FORMS, literal, {"work": "m", "outputs": "out"}, prefix)
        self.used: set[str] = set()

    def lane(self, lane: Program, names: Mapping[int, str]) -> Iterator[str]:
        """Yield a line for each instruction."""
        return _lines(lane, self.naming(names), self.used)

    def text(self, name: str) -> str:
        """Return the function, its constant arrays and the helpers that it calls."""
        program = self.nests.program
        least, most, outputs = len(program.arguments), program.count, len(program.outputs)
        body = [
            f"if (x.length {f'!== {least}' if least == most else f'< {least} || x.length > {most}'}) {{",
            f"  throw new RangeError(`{name} takes {self.takes()}, got ${{x.length}}`);",
            "}",
            f"const m = new Float64Array({self.nests.arrays.size});",
            *[f"m.set({self.prefix}parameters, {least});"] * bool(program.captured),
            "m.set(x);",
            f"const out = new Array({outputs});",
            *self.lines(),
            "return out[0];" if outputs == 1 else "return out;",
        ]
        constants = [
            f"const {self.prefix}{each} = [\n  {wrapped(words, self.indent)}\n];" for each, words in self.constants()
        ]
        head = f"function {name}(...x) {{"
        return "\n".join([*_helpers(self.used), *constants, head, *(f"  {line}" for line in body), "}", ""])


def _expression(step: Instruction, operands: list[str], used: set[str]) -> str:
    row: Primitive = step.primitive
    spelling = TARGET.word(row)
    assert spelling is not None  # the program is lowered
    if "{" in spelling:
        return spelling.format(*operands)
    if spelling in HELPERS:
        used.add(spelling)
    return f"{spelling}({', '.join(operands)})"


TARGET = add_target(Target("javascript", WORDS, literal, source))
