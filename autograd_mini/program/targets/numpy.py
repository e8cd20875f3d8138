"""Programs as NumPy source: the same lines on whole columns of numbers."""

from __future__ import annotations

import builtins
import keyword
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd_mini.primitives import ieee
from autograd_mini.primitives.row import Primitive
from autograd_mini.program.ir import Operand, Program
from autograd_mini.program.text import identifiers

__all__ = ["compile_numpy", "source"]

LIMIT = 300_000  # instructions: beyond, Python's own compiler takes minutes and gigabytes
TAKEN = {*vars(ieee), *dir(builtins), *keyword.kwlist, "math", "np"}
WITHOUT_UFUNC = ("erf", "erfc")
"""Functions NumPy does not have: the standard library's, element by element."""


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
        spelling = row.spellings.get("numpy", "")
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

    Captured inputs are trailing parameters whose default is the number they hold now. One
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
