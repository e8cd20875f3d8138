"""Compiled programs over many rows, as JavaScript with typed arrays.

A picture needs ten thousand points at once. So the loop is inside the function, and the parameters,
which are the same for all points, are read before it. A long program becomes several
loops, each over a tile of rows before the next: a browser does not optimise very long functions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from autograd_mini.engine.value import Value
from autograd_mini.program.ir import Operand, Program
from autograd_mini.program.targets.javascript import literal, statements

__all__ = ["gradient_loop", "row_loop"]

PART = 400
"""The largest number of instructions in one loop."""
TILE = 64
"""Rows of a tile, so that values passed from loop to loop stay in the processor's cache."""


def row_loop(name: str, program: Program, parameters: Sequence[Value]) -> str:
    """Return ``name(rows, n, theta, out)``: output j of row i goes to ``out[j·n + i]``.

    ``program`` is lowered to "javascript". ``theta`` holds ``parameters`` in order; other captured
    Values are literals, their current numbers.
    """
    width = len(program.arguments)
    loops = _Loops(program, parameters, "rows, n, theta, out", ("0", "n"))
    loops.sources |= {x: f"rows[{width} * i + {j}]" for j, x in enumerate(program.arguments)}
    for j, x in enumerate(program.outputs):
        loops.sinks[x].append(f"out[{j} * n + i] = {_text(x)};")
    return loops.source(name)


def gradient_loop(name: str, program: Program, parameters: Sequence[Value], places: Sequence[int]) -> str:
    """Return ``name(rows, chosen, from, to, theta, sums)``.

    For the rows ``chosen[from]`` to ``chosen[to − 1]`` the first output is added to ``sums[0]``, and
    each of the others to ``sums[1 + place]``, ``places`` being theirs in theta.
    """
    width = len(program.arguments)
    loops = _Loops(program, parameters, "rows, chosen, from, to, theta, sums", ("from", "to"))
    loops.sources |= {x: f"rows[{width} * chosen[i] + {j}]" for j, x in enumerate(program.arguments)}
    for slot, x in zip((0, *(place + 1 for place in places)), program.outputs, strict=True):
        loops.sinks[x].append(f"sums[{slot}] += {_text(x)};")
    return loops.source(name)


def _text(operand: Operand) -> str:
    return literal(operand) if isinstance(operand, float) else f"v{operand}"


class _Loops:
    """Writes the loops. ``sources`` maps arguments to text, ``sinks`` outputs to lines that store them."""

    def __init__(self, program: Program, parameters: Sequence[Value], head: str, limits: tuple[str, str]) -> None:
        self.program, self.head, self.limits = program, head, limits
        self.sources: dict[Operand, str] = {}
        self.sinks: dict[Operand, list[str]] = defaultdict(list)
        place = {id(value): i for i, value in enumerate(parameters)}
        bound = zip(program.inputs[len(program.arguments) :], program.captured, strict=True)
        self.fixed: dict[Operand, str] = {
            x: f"theta[{place[id(value)]}]" if id(value) in place else literal(value.data) for x, value in bound
        }
        steps = program.instructions
        self.starts = list(range(0, len(steps), PART)) or [0]
        self.maker = {result: i // PART for i, step in enumerate(steps) for result in step.results}
        self.reader: dict[Operand, int] = {}
        for i, step in enumerate(steps):
            self.reader.update((x, i // PART) for x in step.variables())
        self.slots, self.width = self._slots()

    def _slots(self) -> tuple[dict[Operand, int], int]:
        """Give every variable that a later loop reads a row of ``waiting``, which is reused after its last use."""
        slots: dict[Operand, int] = {}
        free: list[int] = []
        ends: dict[int, list[int]] = defaultdict(list)
        width = 0
        for part, start in enumerate(self.starts):
            free += ends[part]
            for step in self.program.instructions[start : start + PART]:
                for x in step.results:
                    if self.reader.get(x, part) > part:
                        slots[x] = free.pop() if free else width
                        width = max(width, slots[x] + 1)
                        ends[self.reader[x]].append(slots[x])
        return slots, width

    def source(self, name: str) -> str:
        """Return the text that defines ``name``."""
        lines, helpers = statements(self.program, _text)
        parts = [self._part(part, lines[start : start + PART]) for part, start in enumerate(self.starts)]
        calls = "".join(f"    part{part}({self.head}, base, stop);\n" for part in range(len(parts)))
        start, end = self.limits
        return (
            f"const {name} = (() => {{\n{''.join(helpers)}"
            f"const waiting = new Float64Array({self.width * TILE});\n{''.join(parts)}"
            f"return function ({self.head}) {{\n"
            f"  for (let base = {start}; base < {end}; base += {TILE}) {{\n"
            f"    const stop = Math.min(base + {TILE}, {end});\n{calls}  }}\n}};\n}})();\n"
        )

    def _part(self, part: int, lines: Sequence[str]) -> str:
        """One loop over a tile: the lines before it, the inputs of a row, its instructions, the outputs."""
        steps = self.program.instructions[self.starts[part] : self.starts[part] + PART]
        read = dict.fromkeys(x for step in steps for x in step.variables())
        made = [x for step in steps for x in step.results]
        sunk = [x for x in self.sinks if (self.maker.get(x) if isinstance(x, int) else None) == part]
        if part == len(self.starts) - 1:  # outputs that no instruction makes
            plain = [x for x in self.sinks if x not in self.maker]
            read.update(dict.fromkeys(x for x in plain if isinstance(x, int)))
            sunk += plain
        before = [f"const {_text(x)} = {self.fixed[x]};" for x in read if x in self.fixed]
        inner = [f"const {_text(x)} = {self.sources[x]};" for x in read if x in self.sources]
        inner += [f"const {_text(x)} = {self._wait(x)};" for x in read if self.maker.get(x, part) < part]
        inner += lines
        inner += [f"{self._wait(x)} = {_text(x)};" for x in made if x in self.slots]
        inner += [line for x in sunk for line in self.sinks[x]]
        return (
            f"function part{part}({self.head}, base, stop) {{\n"
            + "".join(f"  {line}\n" for line in before)
            + "  for (let i = base; i < stop; i++) {\n"
            + "".join(f"    {line}\n" for line in inner)
            + "  }\n}\n"
        )

    def _wait(self, x: Operand) -> str:
        return f"waiting[{self.slots[x] * TILE} + i - base]"
