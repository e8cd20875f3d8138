"""Programs as C99 that needs only the maths library: for microcontrollers, and to be called from other languages.

The function reads its inputs from one array and writes its outputs to another; it allocates no memory. A program
with structure is written as loops over static arrays: one call at a time may run. Compiled without contraction
of products (``-ffp-contract=off``, what ``-std=c99`` means to gcc), a correctly rounded operation gives the same
bits as in Python.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.program.nests.arrays import INPUTS, NUMBERS, OUTPUTS, PARAMETERS, WORK
from autograd_mini.program.nests.build import nests_of
from autograd_mini.program.nests.index import Index
from autograd_mini.program.nests.nest import Nests
from autograd_mini.program.nests.writer import Forms, Writer, wrapped
from autograd_mini.program.passes.simplify import part
from autograd_mini.program.target import Target, add_target

__all__ = ["TARGET", "WORDS", "literal", "source"]

WORDS = {
    "less": "{0} < {1}", "less_equal": "{0} <= {1}", "equal": "{0} == {1}", "not_equal": "{0} != {1}",
    "logical_and": "{0} && {1}", "logical_or": "{0} || {1}", "logical_not": "!{0}", "where": "{0} ? {1} : {2}",
    "add": "{0} + {1}", "sub": "{0} - {1}", "mul": "{0} * {1}", "div": "{0} / {1}", "neg": "-{0}",
    "floor": "floor", "ceil": "ceil", "round": "rint", "trunc": "trunc", "abs": "fabs", "fmod": "fmod",
    "maximum": "maximum", "minimum": "minimum", "exp": "exp", "exp2": "exp2", "expm1": "expm1", "log": "log",
    "log2": "log2", "log10": "log10", "log1p": "log1p", "sqrt": "sqrt", "cbrt": "cbrt", "pow": "pow", "power": "pow",
    "hypot": "hypot", "sin": "sin", "cos": "cos", "tan": "tan", "asin": "asin", "acos": "acos", "atan": "atan",
    "atan2": "atan2", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "asinh": "asinh", "acosh": "acosh",
    "atanh": "atanh", "erf": "erf", "erfc": "erfc",
}  # fmt: skip
HELPERS = {
    "maximum": """\
/* The larger of a and b; nan where either is nan; +0 above -0. */
static {real} {name}_maximum({real} a, {real} b) {{
    if (a > b || a != a) return a;
    return a == 0 && b == 0 ? a + b : b;
}}
""",
    "minimum": """\
/* The smaller of a and b; nan where either is nan; -0 below +0. */
static {real} {name}_minimum({real} a, {real} b) {{
    if (a < b || a != a) return a;
    return a == 0 && b == 0 ? -(-a - b) : b;
}}
""",
}
"""Functions that differ from C's library: fmax and fmin drop a nan."""
REALS = ("double", "float")
KEYWORDS = """
auto break case char const continue default do double else enum extern float for goto if inline int long register
restrict return short signed sizeof static struct switch typedef union unsigned void volatile while main
"""


def literal(number: float, real: str = "double") -> str:
    """Return a float as C text: the shortest decimal that reads back as the same bits, of a ``real``."""
    with np.errstate(over="ignore"):
        rounded = np.float32(number) if real == "float" else np.float64(number)
    if np.isnan(rounded):
        return "NAN"
    if np.isinf(rounded):
        return "INFINITY" if rounded > 0 else "(-INFINITY)"
    text = str(rounded) + ("f" if real == "float" else "")
    return f"({text})" if math.copysign(1.0, rounded) < 0 else text


def source(program: Program, name: str = "program", *, real: str = "double", header: bool = False) -> str:
    """Return C text that defines ``void name(inputs, parameters, outputs)``, for a program lowered to "c".

    ``inputs`` holds the arguments, ``outputs`` receives the outputs, in order. Captured inputs are read from
    ``parameters``; the constant array ``name_parameters`` holds their current numbers. A
    function without arguments, or without captured inputs, has no such array. ``real`` is "double" or
    "float"; with ``header`` the text is that of the header. Raises ValueError for a name that is not valid in C.
    """
    _check(name, real)
    if program.guards:  # C compilers warn of unused variables, such as those of a guard
        program = part(program)
    if header:
        return _header(program, name, real)
    nests = nests_of(program, apart=True)
    function = _Function(program, name, real)
    if nests is None:
        return function.text(function.straight(), function.unread())
    loops = _Loops(nests, function)
    return function.text(loops.function(), loops.unread(), loops.tables())


def _check(name: str, real: str) -> None:
    if not re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII) or name in KEYWORDS.split():
        raise ValueError(f"function name {name!r} is not valid in C; use letters, digits and _, no keyword, as in 'f'")
    if real not in REALS:
        raise ValueError(f"real is {real!r}; {', '.join(map(repr, REALS))} are legal")


def _arrays(program: Program) -> Iterator[tuple[str, int, str]]:
    """Yield name, length and qualifier of each array that the function takes; C has no arrays of length 0."""
    if program.arguments:
        yield "inputs", len(program.arguments), "const "
    if program.captured:
        yield "parameters", len(program.captured), "const "
    yield "outputs", len(program.outputs), ""


def _signature(program: Program, name: str, real: str) -> str:
    arrays = (f"{constant}{real} {array}[{length}]" for array, length, constant in _arrays(program))
    return f"void {name}({', '.join(arrays)})"


def _header(program: Program, name: str, real: str) -> str:
    mark = f"{name.upper()}_H"
    sizes = ", ".join(f"{name.upper()}_{array.upper()} = {length}" for array, length, _ in _arrays(program))
    numbers = f"extern const {real} {name}_parameters[{len(program.captured)}];\n" if program.captured else ""
    return (
        f'#ifndef {mark}\n#define {mark}\n\n#ifdef __cplusplus\nextern "C" {{\n#endif\n\n'
        f"enum {{ {sizes} }};\n\n{_comment(program)}{numbers}{_signature(program, name, real)};\n\n"
        f"#ifdef __cplusplus\n}}\n#endif\n\n#endif\n"
    )


def _comment(program: Program) -> str:
    """Return a comment that lists the named elements of the arrays."""
    found = []
    for array, variables in (("inputs", program.arguments), ("parameters", program.inputs[len(program.arguments) :])):
        named = [(i, program.names.get(x, "")) for i, x in enumerate(variables)]
        found += [f"{array}[{i}]: {label}" for i, label in named if re.fullmatch(r"\w+", label, re.ASCII)]
    return f"/* {wrapped(found, '   ')} */\n" if found else ""


class _Function:
    """Writes one function, and stores the names of the functions it calls."""

    def __init__(self, program: Program, name: str, real: str) -> None:
        self.program, self.name, self.real = program, name, real
        self.place = {x: f"inputs[{i}]" for i, x in enumerate(program.arguments)}
        captured = program.inputs[len(program.arguments) :]
        self.place.update((x, f"parameters[{i}]") for i, x in enumerate(captured))
        self.helpers: set[str] = set()

    def text(self, lines: Iterable[str], unread: Iterable[str], tables: Iterable[str] = ()) -> str:
        """Return the file: what ``lines`` call, the parameters, ``tables`` and the function."""
        program, name, real = self.program, self.name, self.real
        body = "".join(f"    {line}\n" for line in (*lines, *(f"(void){array};" for array in unread)))
        helpers = [text.format(real=real, name=name) for each, text in HELPERS.items() if each in self.helpers]
        numbers = wrapped([literal(float(value.data), real) for value in program.captured], "    ")
        numbers = f"\n    {numbers}\n" if "\n" in numbers else numbers  # a line has at most 4095 characters in C99
        given = f"const {real} {name}_parameters[{len(program.captured)}] = {{{numbers}}};\n" if numbers else ""
        # declared first, as it is in the header: a constant array would else be this file's own in C++
        head = f"extern {given.partition(' =')[0]};\n" if given else ""
        parts = ["#include <math.h>\n", *helpers, *([head + given] if given else []), *tables]
        return "\n".join([*parts, f"{_comment(program)}{_signature(program, name, real)} {{\n{body}}}\n"])

    def straight(self) -> Iterator[str]:
        """Yield a line for each instruction and each output."""
        yield from map(self.statement, self.program.instructions)
        yield from (f"outputs[{i}] = {self.operand(x)};" for i, x in enumerate(self.program.outputs))

    def unread(self) -> Iterator[str]:
        """Yield the arrays that no instruction reads: compilers warn of them."""
        read = {x for step in self.program.instructions for x in step.variables()}
        read.update(x for x in self.program.outputs if isinstance(x, int))
        for array, variables in (("inputs", self.program.arguments), ("parameters", self.captured)):
            if variables and read.isdisjoint(variables):
                yield array

    @property
    def captured(self) -> tuple[int, ...]:
        return self.program.inputs[len(self.program.arguments) :]

    def operand(self, operand: Operand) -> str:
        """Return the text of an operand."""
        if isinstance(operand, float):
            return literal(operand, self.real)
        return self.place.get(operand, f"v{operand}")

    def statement(self, step: Instruction) -> str:
        """Return the instruction as a line of C."""
        word, operands = TARGET.word(step.primitive), [self.operand(x) for x in step.operands]
        assert word is not None  # the program is lowered
        kind = "int" if step.primitive.boolean else self.real
        return f"const {kind} v{step.results[0]} = {self.expression(word, operands)};"

    def expression(self, word: str, operands: list[str]) -> str:
        if "{" in word:
            return word.format(*operands)
        if word in HELPERS:
            self.helpers.add(word)
            word = f"{self.name}_{word}"
        elif self.real == "float":
            word += "f"  # sinf, and so on
        return f"{word}({', '.join(operands)})"


class _Loops(Writer):
    """Writes nests, over static work memory and the arrays of the caller."""

    def __init__(self, nests: Nests, function: _Function) -> None:
        real = function.real
        floor = "floorf" if real == "float" else "floor"
        forms = Forms(
            loop="for (long {i} = 0; {i} < {n}; {i}++) {{", end="}", let=f"{real} {{a}} = {{b}};",
            more="{a} += {b};", store="{a} = {b};", whole="(long){n}",
            choice=f"{{n}} >= 0 && {{n}} < {{width}} && {{n}} == {floor}({{n}}) ? {{value}} : NAN",
        )  # fmt: skip
        arrays = {name: name for name in (WORK, INPUTS, PARAMETERS, OUTPUTS)}
        super().__init__(nests, forms, partial(literal, real=real), arrays, f"{function.name}_")
        self.target, self.real = function, real
        self.read: set[str] = set()

    def lane(self, lane: Program, names: Mapping[int, str]) -> Iterator[str]:
        """Yield a line for each instruction."""
        self.target.place = dict(names)
        return map(self.target.statement, lane.instructions)

    def place(self, index: Index, counters: Sequence[str], sizes: Mapping[str, int]) -> str:
        """Return the text of a place in an array, which is then known to be used."""
        self.read.add(index.array)
        return super().place(index, counters, sizes)

    def function(self) -> Iterator[str]:
        """Yield the lines of the function's body."""
        program, arrays = self.nests.program, self.nests.arrays
        if arrays.size:
            yield f"static {self.real} work[{arrays.size}];"
        first = 0
        for array, variables in (("inputs", program.arguments), ("parameters", program.captured)):
            if array in arrays.copied:
                start = f"i + {first}" if first else "i"
                single = [f"work[{first}] = {array}[0];"]
                copy = single if len(variables) == 1 else [f"work[{start}] = {array}[i];"]
                yield from self.looped("i", [len(variables)], iter(copy))
                first += len(variables)
                self.read.add(array)
        yield from self.lines()

    def unread(self) -> Iterator[str]:
        """Yield the arrays that no line reads: compilers warn of them. For after the function."""
        program = self.nests.program
        for array, variables in (("inputs", program.arguments), ("parameters", program.captured)):
            if variables and array not in self.read:
                yield array

    def tables(self) -> Iterator[str]:
        """Yield the constant arrays but the parameters, which have a line of their own."""
        for name, words in self.constants():
            if name != "parameters":
                kind = self.real if name.startswith(NUMBERS) else self._whole(name)
                numbers = wrapped(words, self.indent)
                yield f"static const {kind} {self.prefix}{name}[{len(words)}] = {{\n    {numbers}\n}};\n"

    def _whole(self, name: str) -> str:
        """Return the smallest type of the entries of a table."""
        largest = int(self.nests.arrays.tables[int(name.removeprefix("places"))].max())
        return "unsigned char" if largest < 2**8 else "unsigned short" if largest < 2**16 else "unsigned long"


TARGET = add_target(Target("c", WORDS, literal, source))
