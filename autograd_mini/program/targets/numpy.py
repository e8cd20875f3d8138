"""Programs as NumPy source, which computes with whole columns of numbers."""

from __future__ import annotations

import builtins
import keyword
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd_mini.primitives import ieee
from autograd_mini.primitives.row import Primitive
from autograd_mini.program.ir import Operand, Program
from autograd_mini.program.target import Columns, Floats, Sums, Target, add_target
from autograd_mini.program.text import identifiers

__all__ = ["TARGET", "WORDS", "compile_numpy", "source"]

WORDS = {
    "less": "{0} < {1}", "less_equal": "{0} <= {1}", "equal": "{0} == {1}", "not_equal": "{0} != {1}",
    "logical_and": "np.logical_and({0}, {1})", "logical_or": "np.logical_or({0}, {1})",
    "logical_not": "np.logical_not({0})", "where": "np.where({0}, {1}, {2})", "add": "{0} + {1}", "sub": "{0} - {1}",
    "mul": "{0} * {1}", "div": "{0} / {1}", "neg": "-{0}", "floor": "np.floor", "ceil": "np.ceil", "round": "np.rint",
    "trunc": "np.trunc", "fmod": "np.fmod", "mod": "np.mod", "floordiv": "np.floor_divide",
    "abs": "np.abs", "maximum": "np.where(({0} == 0.0) & ({1} == 0.0), {0} + {1}, np.maximum({0}, {1}))",
    "minimum": "np.where(({0} == 0.0) & ({1} == 0.0), -(-{0} - {1}), np.minimum({0}, {1}))", "exp": "np.exp",
    "exp2": "np.exp2", "expm1": "np.expm1", "log": "np.log", "log2": "np.log2", "log10": "np.log10",
    "log1p": "np.log1p", "sqrt": "np.sqrt", "cbrt": "np.cbrt", "pow": "np.float_power", "power": "np.float_power",
    "hypot": "np.hypot", "sin": "np.sin", "cos": "np.cos", "tan": "np.tan", "asin": "np.arcsin", "acos": "np.arccos",
    "atan": "np.arctan", "atan2": "np.arctan2", "sinh": "np.sinh", "cosh": "np.cosh", "tanh": "np.tanh",
    "asinh": "np.arcsinh", "acosh": "np.arccosh", "atanh": "np.arctanh", "erf": "erf", "erfc": "erfc",
}  # fmt: skip

CHUNK = 8192  # rows computed at a time, so that columns stay in the cache and memory stays small
SUMMED = 256  # the same where rows are summed, because all outputs of all rows are in memory at once
LIMIT = 300_000  # instructions; with more, Python's compiler takes minutes and gigabytes
TAKEN = {*vars(ieee), *dir(builtins), *keyword.kwlist, "math", "np"}
WITHOUT_UFUNC = ("erf", "erfc")
"""Functions that NumPy lacks: those of the standard library are applied element by element."""


def literal(number: float) -> str:
    """Return a float as NumPy text."""
    if number != number:
        return "np.nan"
    if math.isinf(number):
        return "np.inf" if number > 0 else "(-np.inf)"
    return repr(number) if math.copysign(1.0, number) > 0 else f"({number!r})"


def _by_element(function: Callable[..., Any], count: int) -> Callable[..., Any]:
    elementwise = np.frompyfunc(function, count, 1)
    return lambda *args: np.asarray(elementwise(*args), dtype=float)


class _Body:
    def __init__(self, program: Program) -> None:
        if len(program) > LIMIT:
            raise ValueError(
                f"the program has {len(program):,} instructions, the numpy target takes {LIMIT:,}; use "
                "engine='llvm', or split the function"
            )
        self.program = program
        self.names = identifiers(program, TAKEN)
        self.called: dict[str, Callable[..., Any]] = {}
        self.library: set[str] = set()

    def __call__(self, operand: Operand) -> str:
        """Return the text of an operand."""
        return literal(operand) if isinstance(operand, float) else self.names[operand]

    def lines(self) -> Iterator[str]:
        """Yield one line per instruction, dropping each column after its last use."""
        last: dict[int, int] = {}
        for index, step in enumerate(self.program.instructions):
            last.update((x, index) for x in (*step.results, *step.variables()))
        for x in (*self.program.inputs, *self.program.outputs):
            if isinstance(x, int):
                last[x] = len(self.program)
        done: dict[int, list[str]] = {}
        for x, index in last.items():
            done.setdefault(index, []).append(self(x))
        for x in self.program.inputs:  # also of numbers: Python's own / raises at 0
            yield f"{self(x)} = np.float64({self(x)})"
        for index, step in enumerate(self.program.instructions):
            text = self.text(step.primitive, [self(x) for x in step.operands])
            yield f"{', '.join(map(self, step.results))} = {text}"
            if index in done:
                yield f"del {', '.join(done[index])}"

    def text(self, row: Primitive, operands: list[str]) -> str:
        spelling = TARGET.word(row) or ""
        if "{" in spelling:
            return spelling.format(*operands)
        if spelling in WITHOUT_UFUNC:
            self.library.add(spelling)
        elif not spelling.startswith("np."):
            spelling = f"_{row.name}"
            self.called[spelling] = _by_element(lambda *args: row.evaluate(args), len(operands))
        return f"{spelling}({', '.join(operands)})"


def source(program: Program, name: str = "program") -> str:
    """Return NumPy text that defines ``name(columns…)``, for a program lowered to "numpy".

    Captured inputs are trailing parameters whose default is their current number. A single
    output is returned as it is, several as a tuple; a constant output is a plain number.
    """
    body = _Body(program)
    lines = list(body.lines())
    parameters = [body(x) for x in program.arguments]
    for x, value in zip(program.inputs[len(parameters) :], program.captured, strict=True):
        parameters.append(f"{body(x)}={literal(value.data)}")
    outputs = [body(x) for x in program.outputs]
    result = outputs[0] if len(outputs) == 1 else f"({', '.join(outputs)})"
    head = ["import math", "", "import numpy as np", ""]
    for each in sorted(body.library):
        head.append(f"_{each} = np.frompyfunc(math.{each}, 1, 1)")
        head += ["", "", f"def {each}(x):", f"    return np.asarray(_{each}(x), dtype=float)", ""]
    head += [f"# {each} is the value function of the primitive {each[1:]!r}; define it" for each in body.called]
    inner = ["with np.errstate(all='ignore'):", *(f"    {line}" for line in lines), f"    return {result}"]
    return "\n".join([*head, "", f"def {name}({', '.join(parameters)}):", *(f"    {line}" for line in inner), ""])


def compile_numpy(program: Program) -> Callable[..., tuple[Any, ...]]:
    """Return the lowered program as a function of all its inputs (arrays or floats) → tuple of outputs."""
    body = _Body(program)
    outputs = "".join(f"{body(x)}, " for x in program.outputs)
    lines = [f"def program({', '.join(map(body, program.inputs))}):", *(f"    {line}" for line in body.lines())]
    namespace: dict[str, Any] = {"np": np, "inf": np.inf, "nan": np.nan, **body.called}
    namespace.update((each, _by_element(getattr(ieee, each), 1)) for each in body.library)
    exec(compile("\n".join([*lines, f"    return ({outputs})"]), "<autograd_mini program>", "exec"), namespace)
    made: Callable[..., tuple[Any, ...]] = namespace["program"]

    def quiet(*columns: Any) -> tuple[Any, ...]:
        with np.errstate(all="ignore"):
            return made(*columns)

    return quiet


def _columns(program: Program) -> Columns:
    vector = compile_numpy(program)

    def columns(inputs: Sequence[float | Floats], rows: int) -> Iterable[Floats]:
        out = np.empty((len(program.outputs), rows))
        for start in range(0, rows, CHUNK):
            part = slice(start, start + CHUNK)
            found = vector(*(x[part] if isinstance(x, np.ndarray) else x for x in inputs))
            for column, each in zip(out, found, strict=True):
                column[part] = each
        return out

    return columns


def _sums(program: Program, once: Program | None) -> Sums:
    vector = compile_numpy(program)
    extra = None if once is None else compile_numpy(once)

    def sums(rows: Floats, theta: Floats, divisor: float) -> Floats:
        total = np.zeros(len(program.outputs))
        numbers = theta.tolist()
        for start in range(0, len(rows), SUMMED):
            chunk = rows[start : start + SUMMED]
            found = vector(*chunk.T, *numbers)
            # an output that no column reaches is one number, the same for each row
            total += [out.sum() if isinstance(out, np.ndarray) and out.ndim else len(chunk) * out for out in found]
        return total / divisor if extra is None else total / divisor + extra(*numbers)

    return sums


TARGET = add_target(Target("numpy", WORDS, literal, source, None, _columns, _sums, calls=True, speed=2))
