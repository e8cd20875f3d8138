"""One memory for everything: literals, inputs, the results of each block, scratch.

An operand's address is base + strides·index where its table is regular, and an entry of an index
table else; all tables lie one after the other in memory of their own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_mini.program.blocks.access import Access, Codes, as_codes
from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.loops.writer import Writer

__all__ = ["Operand", "Memory"]

Index = str | int


class Memory:
    """The addresses of a block program's numbers in ``%w``, and its index tables in ``%t``."""

    def __init__(self, program: BlockProgram) -> None:
        self.literals = program.literals
        self.inputs = len(program.literals)  # where they begin
        self.size = self.inputs + program.next_variable
        self.tables: list[Codes] = []
        self.length = 0
        self._known: dict[bytes, int] = {}

    def addresses(self, codes: Codes) -> Codes:
        """Return where the codes are."""
        return as_codes(np.where(codes >= 0, codes + self.inputs, -1 - codes))

    def table(self, entries: Codes) -> int:
        """Return where a table of addresses begins."""
        flat = np.ascontiguousarray(entries.reshape(-1))
        key = flat.tobytes()
        if key not in self._known:
            self._known[key] = self.length
            self.tables.append(flat)
            self.length += flat.size
        return self._known[key]

    def scratch(self, size: int) -> int:
        """Return where so many numbers may be put aside."""
        self.size += size
        return self.size - size

    def work(self) -> Any:
        """Return new memory, the literals in their place."""
        made = np.empty(self.size)
        made[: self.inputs] = self.literals
        return made

    def all_tables(self) -> Any:
        """Return the tables as 32-bit numbers."""
        return np.concatenate([np.zeros(0, dtype=np.int64), *self.tables]).astype(np.int32)


class Operand:
    """What a loop over applications (and over a row's sequence) reads."""

    def __init__(self, memory: Memory, codes: Codes) -> None:
        self.memory, self.entries = memory, memory.addresses(codes)
        rule = Access(self.entries).strided
        self.base = None if rule is None else rule.base
        self.strides = () if rule is None else rule.strides

    def stride(self, axis: int) -> int | None:
        """Return the stride along an axis, None of a table."""
        return None if self.base is None else self.strides[axis]

    def index(self, writer: Writer, i: Index, j: Index | None = None) -> Index:
        """Return the address of application ``i`` (and number ``j`` of its sequence)."""
        if self.base is not None:
            found = writer.add(self.base, writer.times(i, self.strides[0]))
            return found if j is None else writer.add(found, writer.times(j, self.strides[1]))
        place = i
        if j is not None:  # tables lie sequence by sequence, so that neighbouring applications are neighbours
            place = writer.add(writer.times(j, len(self.entries)), i)
        at = writer.let(f"getelementptr i32, ptr %t, i64 {writer.add(self._start(), place)}")
        return writer.let(f"zext i32 {writer.let(f'load i32, ptr {at}, align 4')} to i64")

    def _start(self) -> int:
        return self.memory.table(self.entries.T)

    def load(self, writer: Writer, i: Index, j: Index | None = None, lanes: int = 1) -> str:
        """Load the operand of application i, or of ``lanes`` applications from i on."""
        if lanes == 1 or self.stride(0) in (0, 1):
            at = self.index(writer, i, j)
            return writer.load("%w", at, lanes) if self.stride(0) != 0 else writer.splat(writer.load("%w", at), lanes)
        return gather(writer, self._indices(writer, i, j, lanes), lanes)

    def load_along(self, writer: Writer, i: Index, j: Index, lanes: int) -> str:
        """Load ``lanes`` numbers of one sequence, from number j on."""
        stride = self.stride(1)
        if stride == 1:
            return writer.load("%w", self.index(writer, i, j), lanes)
        if stride == 0:
            return writer.splat(writer.load("%w", self.index(writer, i, j)), lanes)
        whole = f"<{lanes} x i64>"
        if stride is not None:
            first = writer.splat(str(self.index(writer, i, j)), lanes, "i64")
            steps = ", ".join(f"i64 {k * stride}" for k in range(lanes))
            return gather(writer, writer.let(f"add nsw {whole} {first}, <{steps}>"), lanes)
        found = "poison"
        for k in range(lanes):
            one = writer.load("%w", self.index(writer, i, writer.add(j, k)))
            found = writer.let(f"insertelement {writer.type(lanes)} {found}, double {one}, i64 {k}")
        return found

    def _indices(self, writer: Writer, i: Index, j: Index | None, lanes: int) -> str:
        whole = f"<{lanes} x i64>"
        if self.base is not None:
            first = writer.splat(str(self.index(writer, i, j)), lanes, "i64")
            steps = ", ".join(f"i64 {k * self.strides[0]}" for k in range(lanes))
            return writer.let(f"add nsw {whole} {first}, <{steps}>")
        place = i if j is None else writer.add(writer.times(j, len(self.entries)), i)
        at = writer.let(f"getelementptr i32, ptr %t, i64 {writer.add(self._start(), place)}")
        return writer.let(f"zext <{lanes} x i32> {writer.let(f'load <{lanes} x i32>, ptr {at}, align 4')} to {whole}")


def gather(writer: Writer, indices: str, lanes: int) -> str:
    """Load numbers from scattered addresses."""
    pointers = writer.let(f"getelementptr double, ptr %w, <{lanes} x i64> {indices}")
    kind = writer.type(lanes)
    return writer.call(
        f"llvm.masked.gather.v{lanes}f64.v{lanes}p0", kind,
        (f"<{lanes} x ptr>", pointers), ("i32", "8"), (f"<{lanes} x i1>", "splat (i1 true)"), (kind, "poison"),
    )  # fmt: skip
