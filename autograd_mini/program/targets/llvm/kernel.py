"""The body of a native program: one chunk of rows, every scalar a vector of lanes.

Where numbers are stored while a chunk is computed:

``work``    memory in slots of one vector each: first the argument columns, then (unless they are
            summed) the outputs, then the values that one block passes to a later block
``theta``   the captured numbers, one double each, the same for every lane
``sums``    accumulators, one vector per output, where the outputs are summed over the rows

The steps are cut into blocks, functions of some hundred operations, because a compiler's
register allocation takes more than linear time in the length of a function. Inside a block a
number is an SSA register; values for later blocks are stored in memory. Sums are computed last, by
tallies: functions that loop over several chunks with a tile of sums in registers, so that the
gradient of a layer, one product per weight and row, takes one operation each and no store.

Where outputs are stored, nothing is contracted or reassociated, and a correctly rounded operation
gives the same bits as in Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograd_mini.program.ir import Program
from autograd_mini.program.targets.llvm.registers import Registers
from autograd_mini.program.targets.llvm.steps import Fused, Step, Term, blocks_of, steps_of, terms_of
from autograd_mini.program.targets.llvm.text import mask, vector_type

__all__ = ["Kernel", "emit_kernel", "emit_turn"]

TILE = {8: 16, 4: 8, 2: 8}  # sums held in registers, by lanes
TILES = 12  # in one function
PARAMETERS = "ptr noalias %work, ptr noalias %theta"


@dataclass(frozen=True, slots=True)
class Kernel:
    """The text of a kernel, and its requirements for the driver."""

    text: str
    lanes: int
    columns: int  # arguments, at the start of work memory
    outputs: int  # behind them, unless they are summed
    slots: int  # of work memory, in vectors
    blocks: tuple[str, ...]  # functions void (ptr work, ptr theta), in order
    tallies: tuple[str, ...]  # functions void (ptr work, ptr theta, ptr sums, i64 chunks, i64 count)
    functions: frozenset[tuple[str, int]]  # the maths library functions called: name, arguments
    intrinsics: frozenset[str]  # declarations


def emit_kernel(
    program: Program, lanes: int, *, uniform: int = 0, summed: bool = False, fma: bool = False, name: str = "block"
) -> Kernel:
    """Return the kernel of ``program`` for ``lanes`` rows at a time.

    The last ``uniform`` inputs are read from ``theta``. With ``summed`` the outputs are added to
    ``sums`` instead of stored; since a sum over rows need not be bit-exact, ``fma`` allows a product to be added
    without rounding. ``name`` is the prefix of each function's name.
    """
    return _Emitter(program, lanes, uniform, summed, fma, name).emit()


def emit_turn(program: Program, inputs: Sequence[str], fresh: int) -> tuple[list[str], list[str], int, Kernel]:
    """Write ``program`` as lines inside a function of the caller's, for one lane.

    ``inputs`` are the registers or literals of its inputs; new registers are numbered from ``fresh`` + 1 on.
    Returned are the lines, the registers of the outputs, the last number, and a kernel with what the lines call.
    """
    emitter = _Emitter(program, 1, 0, False, False, "")
    emitter.numbers, emitter.fresh = dict(zip(program.inputs, inputs, strict=True)), fresh
    for step in program.instructions:
        emitter._apply(step)
    outputs = [emitter._as_number(x) for x in program.outputs]
    called = Kernel("", 1, 0, 0, 0, (), (), frozenset(emitter.functions), frozenset(emitter.intrinsics))
    return emitter.lines, outputs, emitter.fresh, called


class _Emitter(Registers):
    """Writes one kernel."""

    def __init__(self, program: Program, lanes: int, uniform: int, summed: bool, fma: bool, name: str) -> None:
        columns = len(program.inputs) - uniform
        super().__init__(program.inputs[:columns], program.inputs[columns:], lanes, fma)
        self.program, self.name, self.columns = program, name, columns
        self.terms = terms_of(program) if summed else None
        self.slots = columns + (0 if summed else len(program.outputs))

    def emit(self) -> Kernel:
        """Write the blocks, then the tallies."""
        blocks = blocks_of(steps_of(self.program, self.terms)) or [()]
        outputs: dict[int, list[int]] = {}  # stored as soon as they are computed, so that they need no register later
        later: list[int] = []
        if self.terms is None:
            made = {result for step in self.program.instructions for result in step.results}
            for index, operand in enumerate(self.program.outputs):
                if isinstance(operand, int) and operand in made:
                    outputs.setdefault(operand, []).append(index)
                else:  # a literal or an input
                    later.append(index)
        kept = self._assign_slots(blocks)
        for index, block in enumerate(blocks):
            self._begin(f"@{self.name}{index}({PARAMETERS})")
            for step in block:
                if isinstance(step, Fused):
                    a, b, c = map(self._as_number, step.operands)
                    self.numbers[step.results[0]] = self._multiply_add(a, b, c)
                else:
                    self._apply(step)
                for result in step.results:
                    for place in outputs.get(result, ()):
                        self._store(self._as_number(result), "%work", self.columns + place)
                    if result in kept:
                        self._store(self._as_number(result), "%work", self.slot[result])
            for place in later if index == 0 else ():
                self._store(self._as_number(self.program.outputs[place]), "%work", self.columns + place)
            self.lines.append("  ret void\n}")
        tallies = [] if self.terms is None else self._write_tallies()
        return Kernel(
            "\n".join(self.lines), self.lanes, self.columns, len(self.program.outputs), self.slots,
            tuple(f"@{self.name}{i}" for i in range(len(blocks))), tuple(tallies),
            frozenset(self.functions), frozenset(self.intrinsics),
        )  # fmt: skip

    def _begin(self, signature: str) -> None:
        self.lines.append(f"define internal void {signature} #0 {{")
        self.numbers, self.truths, self.fresh = {}, {}, 0

    def _assign_slots(self, blocks: Sequence[Sequence[Step]]) -> set[int]:
        """Give a slot to each variable that a later block or a tally reads, reused after its last reader."""
        last: dict[int, int] = {}
        for index, block in enumerate(blocks):
            for step in block:
                last.update((variable, index) for variable in step.variables())
        last.update((x, len(blocks)) for term in self.terms or () for x in term if isinstance(x, int))
        kept: set[int] = set()
        free: list[int] = []
        expiring: list[list[int]] = [[] for _ in range(len(blocks) + 2)]
        for index, block in enumerate(blocks):
            free += expiring[index]
            for step in block:
                for result in step.results:
                    if last.get(result, -1) > index:
                        if not free:
                            free.append(self.slots)
                            self.slots += 1
                        self.slot[result] = free.pop()
                        kept.add(result)
                        expiring[last[result] + 1].append(self.slot[result])
        return kept

    # ------------------------------------------------------------ sums

    def _write_tallies(self) -> list[str]:
        """Write the functions that add the terms of a group of chunks to ``sums``."""
        assert self.terms is not None
        tile = TILE[self.lanes]
        tiles = [range(i, min(i + tile, len(self.terms))) for i in range(0, len(self.terms), tile)]
        names = []
        for start in range(0, len(tiles), TILES):
            names.append(f"@{self.name}.sum{start}")
            self._begin(
                f"{names[-1]}(ptr noalias %work, ptr noalias %theta, ptr noalias %sums, i64 %chunks, i64 %count)"
            )
            self.lines.append(mask(self.lanes))
            for number, places in enumerate(tiles[start : start + TILES]):
                self._write_tile(f"t{number}", places)
            self.lines.append("  ret void\n}")
        return names

    def _write_tile(self, name: str, places: range) -> None:
        """Add some terms over the chunks, with the sums in registers; in the first chunk only the lanes of %mask."""
        assert self.terms is not None
        before = [self._load("%sums", place) for place in places]
        self.lines.append(f"  br label %{name}.begin\n{name}.begin:\n  br label %{name}.test\n{name}.test:")
        self.lines.append(f"  %{name}.chunk = phi i64 [ 0, %{name}.begin ], [ %{name}.next, %{name}.body ]")
        bits = vector_type(self.lanes, "i1")
        all_lanes = f"[ splat (i1 true), %{name}.body ]"
        self.lines.append(f"  %{name}.mask = phi {bits} [ %mask, %{name}.begin ], {all_lanes}")
        sums = [f"%{name}.sum{place}" for place in places]
        added = [f"%{name}.added{place}" for place in places]
        for sum, first, more in zip(sums, before, added, strict=True):
            self.lines.append(f"  {sum} = phi {self.number} [ {first}, %{name}.begin ], [ {more}, %{name}.body ]")
        self.lines.append(f"  %{name}.more = icmp slt i64 %{name}.chunk, %chunks")
        self.lines.append(f"  br i1 %{name}.more, label %{name}.body, label %{name}.end\n{name}.body:")
        self.lines.append(f"  %{name}.skip = mul i64 %{name}.chunk, {8 * self.lanes * self.slots}")
        self.lines.append(f"  %{name}.work = getelementptr i8, ptr %work, i64 %{name}.skip")
        for place, sum, more in zip(places, sums, added, strict=True):
            total = self._add_term(self.terms[place], sum, f"%{name}.work")
            self.lines.append(f"  {more} = select {bits} %{name}.mask, {self.number} {total}, {self.number} {sum}")
        self.lines.append(f"  %{name}.next = add i64 %{name}.chunk, 1\n  br label %{name}.test\n{name}.end:")
        self.numbers = {}  # they belong to the body of the loop
        for place, sum in zip(places, sums, strict=True):
            self._store(sum, "%sums", place)

    def _add_term(self, term: Term, sum: str, work: str = "%work") -> str:
        registers = [self._as_number(x, work) for x in term]
        if len(registers) == 2:
            return self._multiply_add(registers[0], registers[1], sum)
        return self._line(f"fadd {self.number} {sum}, {registers[0]}")
