"""A program with structure as loops in Python, over a list of its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from autograd_mini.program.ir import Program
from autograd_mini.program.nests.index import Index
from autograd_mini.program.nests.nest import Nests, Sum
from autograd_mini.program.nests.writer import COUNTERS, Forms, Writer, wrapped
from autograd_mini.program.targets.python.body import PythonBody, raises, twice
from autograd_mini.program.targets.python.words import literal

__all__ = ["PythonLoops"]

FORMS = Forms(
    loop="for {i} in range({n}):", end="", let="{a} = {b}", more="{a} += {b}", store="{a} = {b}",
    choice="{value} if 0.0 <= {n} < {width} and {n} % 1.0 == 0.0 else nan", whole="int({n})",
)  # fmt: skip
FACTORS = "abcd"
"""Names of the numbers that a sum reads in turn."""


class PythonLoops(Writer):
    """Writes nests; ``fast`` lines use functions of ``math``."""

    def __init__(self, nests: Nests, prefix: str) -> None:
        super().__init__(nests, FORMS, literal, {"work": "m", "outputs": "out"}, prefix)
        self.fast = True
        self.helpers: set[str] = set()
        self.called: dict[str, Callable[..., Any]] = {}

    def lane(self, lane: Program, names: Mapping[int, str]) -> Iterator[str]:
        """Yield a line for each instruction."""
        return PythonBody(lane, self.naming(names), helpers=self.helpers, called=self.called).steps(self.fast, {})

    def sum(self, found: Sum, counters: str, sizes: Mapping[str, int]) -> Iterator[str]:
        """Read the numbers of regular factors in turn, which is faster in Python than an index."""
        if len(found.inner) > 1 or any(not _in_turn(index) for index in found.factors):
            yield from super().sum(found, counters, sizes)
            return
        (count,), last = found.inner, len(counters)
        words, reads = [], []
        for name, index in zip(FACTORS, found.factors, strict=False):
            place = self.place(index, counters, sizes)
            step = index.strides[last]
            if not step:
                words.append(place)
                continue
            end = self.place(_moved(index, step * (count - 1) + 1), counters, sizes)
            words.append(name)
            reads.append(f"{place[:-1]} : {end.partition('[')[2][:-1]}{f' : {step}' * (step > 1)}]")
        names = ", ".join(word for word in words if word in FACTORS)
        numbers = reads[0] if len(reads) == 1 else f"zip({', '.join(reads)})"
        turns = f"for {names} in {numbers}:" if reads else self.forms.loop.format(i=COUNTERS[last], n=count)
        yield turns
        yield self.indent + self.forms.more.format(a=f"v{found.variable}", b=" * ".join(words))

    def function(self, name: str, *, whole: bool) -> Iterator[str]:
        """Yield the lines of a function of numbers; ``whole``: of all inputs, and its result is always a tuple."""
        program = self.nests.program
        least, most, outputs = len(program.arguments), program.count, len(program.outputs)
        yield f"def {name}(*x):"
        held = f", *{self.prefix}parameters[len(x) - {least} :]" if program.captured and not whole else ""
        if not whole:
            wrong = f"len(x) != {least}" if least == most else f"not {least} <= len(x) <= {most}"
            yield f"    if {wrong}:"
            yield f'        raise TypeError(f"{name} takes {self.takes()}, got {{len(x)}}")'
        work = self.nests.arrays.size - most

        def write(fast: bool) -> Iterator[str]:
            self.fast = fast
            yield f"m = [*x{held}{f', *[0.0] * {work}' * bool(work)}]"
            yield f"out = [0.0] * {outputs}"
            yield from self.lines()
            yield "return out[0]" if outputs == 1 and not whole else "return tuple(out)"

        raising = any(raises(nest.lane) for nest in self.nests.nests)
        yield from (f"    {line}" for line in (twice(write) if raising else write(True)))

    def definitions(self, *, whole: bool) -> Iterator[str]:
        """Yield the lines that define the constant arrays."""
        for name, words in self.constants():
            if not (whole and name == "parameters"):
                yield f"{self.prefix}{name} = (\n    {wrapped(words, self.indent)},\n)"


def _in_turn(index: Index) -> bool:
    """Tell whether the numbers of a sum's one loop are a slice of a list."""
    return index.strides[-1] >= 0 and not any(steps[-1] for _, steps in index.tables)


def _moved(index: Index, by: int) -> Index:
    return Index(index.array, index.base + by, index.strides, index.tables)
