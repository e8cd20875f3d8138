"""Writer: loop nests as lines of a language, which has forms and straight lines of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from autograd_mini.program.ir import Operand, Program
from autograd_mini.program.nests.index import Index
from autograd_mini.program.nests.nest import Choice, Nest, Nests, Sum

__all__ = ["COUNTERS", "Forms", "Writer", "wrapped"]

COUNTERS = "ijkpqr"
WIDTH = 110  # characters of a line of numbers


@dataclass(frozen=True)
class Forms:
    """How a language writes what nests need.

    ``loop``    the line that begins a loop of {n} turns, with the counter {i}
    ``end``     the line that ends it, "" where the indentation does
    ``let``     the line that declares the number {a} as {b}
    ``more``    the line that adds {b} to it
    ``store``   the line that stores {b} at the place {a}
    ``choice``  {value} where {n} is one of 0 … {width} − 1, else nan
    ``whole``   the number {n} as an index
    """

    loop: str
    end: str
    let: str
    more: str
    store: str
    choice: str
    whole: str
    indent: str = "    "


class Writer:
    """Writes nests as lines; a subclass writes the straight lines of a lane.

    ``arrays``  name in an ``Index`` → name in the text; tables and numbers have ``prefix`` before them
    """

    def __init__(
        self, nests: Nests, forms: Forms, literal: Callable[[float], str], arrays: Mapping[str, str], prefix: str
    ) -> None:
        self.nests, self.forms, self.literal, self.arrays, self.prefix = nests, forms, literal, arrays, prefix
        self.indent = forms.indent
        self.number = 0  # of the nest that is written

    def lane(self, lane: Program, names: Mapping[int, str]) -> Iterator[str]:
        """Yield the straight lines of a flat program; ``names`` has its inputs, a result n is ``v{n}``."""
        raise NotImplementedError

    def naming(self, names: Mapping[int, str]) -> Callable[[Operand], str]:
        """Return the function that writes an operand of a lane."""
        return lambda x: self.literal(x) if isinstance(x, float) else names.get(x, f"v{x}")

    def lines(self) -> Iterator[str]:
        """Yield the lines of all nests."""
        work = self.arrays["work"]
        for place, number in self.nests.arrays.set.items():
            yield self.forms.store.format(a=f"{work}[{place}]", b=self.literal(number))
        for number, nest in enumerate(self.nests.nests):
            self.number = number
            yield from self._nest(nest)

    def _nest(self, nest: Nest) -> Iterator[str]:
        counters = COUNTERS[: len(nest.outer)]
        body = list(self._application(nest, counters))
        alone = (
            bool(self.forms.end) and len(body) > 1 and max(nest.outer) == 1
        )  # names are declared in braces of their own
        for carry in nest.carries:
            for variable, start in zip(carry.variables, carry.starts, strict=True):
                yield self.forms.let.format(a=self._state(variable), b=self._number(start, "i", {"i": 1}))
        yield from ["{"] * alone
        yield from self.looped(counters, nest.outer, (f"{self.indent * alone}{line}" for line in body))
        yield from ["}"] * alone

    def looped(self, counters: str, shape: Sequence[int], body: Iterator[str]) -> Iterator[str]:
        """Yield ``body`` in a loop for each axis that has more than one turn."""
        loops = [(counter, count) for counter, count in zip(counters, shape, strict=True) if count > 1]
        for depth, (counter, count) in enumerate(loops):
            yield self.indent * depth + self.forms.loop.format(i=counter, n=count)
        yield from (self.indent * len(loops) + line for line in body)
        if self.forms.end:
            yield from (self.indent * depth + self.forms.end for depth in reversed(range(len(loops))))

    def _application(self, nest: Nest, counters: str) -> Iterator[str]:
        names = {x: self._state(x) for carry in nest.carries for x in carry.variables}
        sizes = dict(zip(counters, nest.outer, strict=True))
        for each in nest.first:
            names[each.variable] = f"v{each.variable}"
            if isinstance(each, Choice):
                values = self.place(each.values, [*counters, "{}"], {**sizes, "{}": each.width})
                number = f"n{each.variable}"
                yield self.forms.let.format(a=number, b=self._number(each.number, counters, sizes))
                value = values.replace("{}", self.forms.whole.format(n=number))
                chosen = self.forms.choice.format(n=number, value=value, width=each.width)
                yield self.forms.let.format(a=f"v{each.variable}", b=chosen)
            else:
                yield self.forms.let.format(a=f"v{each.variable}", b=self._number(each.start, counters, sizes))
                yield from self.sum(each, counters, sizes)
        lane = nest.lane
        times = Counter(
            x for x in chain(lane.outputs, *(step.operands for step in lane.instructions)) if x.__class__ is int
        )
        for variable, index in nest.reads:
            place = self.place(index, counters, sizes)
            if times[variable] == 1:
                names[variable] = place
            else:
                names[variable] = f"v{variable}"
                yield self.forms.let.format(a=f"v{variable}", b=place)
        yield from self.lane(lane, names)
        text = self.naming(names)
        for index, made in zip(nest.writes, lane.outputs, strict=False):
            yield self.forms.store.format(a=self.place(index, counters, sizes), b=text(made))
        for carry in nest.carries:
            for older, newer in pairwise((*carry.variables, carry.result)):
                yield self.forms.store.format(a=text(older), b=text(newer))

    def _state(self, variable: int) -> str:
        """Return the name of what a loop in time carries; each nest has its own."""
        return f"s{self.number}_{variable}"

    def sum(self, found: Sum, counters: str, sizes: Mapping[str, int]) -> Iterator[str]:
        """Yield the lines that add the terms of a sum to its variable."""
        own = COUNTERS[len(counters) : len(counters) + len(found.inner)]
        every = {**sizes, **dict(zip(own, found.inner, strict=True))}
        term = " * ".join(self.place(index, counters + own, every) for index in found.factors)
        yield from self.looped(own, found.inner, iter([self.forms.more.format(a=f"v{found.variable}", b=term)]))

    def _number(self, number: Index | float, counters: str, sizes: Mapping[str, int]) -> str:
        return self.literal(number) if isinstance(number, float) else self.place(number, counters, sizes)

    def place(self, index: Index, counters: Sequence[str], sizes: Mapping[str, int]) -> str:
        """Return the text of a place in an array; ``sizes`` are the turns of each counter."""
        extent = len(counters)
        parts = [self._formula(index.strides[:extent], counters, sizes)]
        for table, steps in index.tables:
            parts.append(f"{self.prefix}places{table}[{self._formula(steps[:extent], counters, sizes) or 0}]")
        text = " + ".join(part for part in (*parts, str(index.base) * bool(index.base)) if part)
        name = self.arrays.get(index.array, f"{self.prefix}{index.array}")
        return f"{name}[{(text or '0').replace('+ -', '- ')}]"

    def _formula(self, strides: Sequence[int], counters: Sequence[str], sizes: Mapping[str, int]) -> str:
        terms = []
        for stride, counter in zip(strides, counters, strict=True):
            if stride and sizes[counter] > 1:
                terms.append(counter if stride == 1 else f"-{counter}" if stride == -1 else f"{stride} * {counter}")
        return " + ".join(terms)

    def takes(self) -> str:
        """Return what the function takes, for the message of an error."""
        arguments, captured = len(self.nests.program.arguments), len(self.nests.program.captured)
        return f"{arguments} numbers" + f", and up to {captured} parameters" * bool(captured)

    def constants(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the name and the numbers of each constant array: the parameters, then numbers, then tables."""
        captured = self.nests.program.captured
        if captured:
            yield "parameters", [self.literal(float(value.data)) for value in captured]
        for number, numbers in enumerate(self.nests.arrays.numbers):
            yield f"numbers{number}", list(map(self.literal, numbers))
        for number, places in enumerate(self.nests.arrays.tables):
            yield f"places{number}", list(map(str, places.tolist()))


def wrapped(words: Sequence[str], indent: str) -> str:
    """Return words with commas, in lines of a bearable width."""
    lines, length = [[]], 0  # type: list[list[str]], int
    for word in words:
        if length + len(word) > WIDTH:
            lines.append([])
            length = 0
        lines[-1].append(word)
        length += len(word) + 2
    return f",\n{indent}".join(", ".join(line) for line in lines)
