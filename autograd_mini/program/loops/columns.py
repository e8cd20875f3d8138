"""Loops over the rows of a batch: one application at a time, vectors along the rows.

Memory that differs from row to row is (variables, n), row after row of the batch side by side; the rest has one
number for each variable. n is known at run time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import log_softmax, logsumexp, softmax
from autograd_mini.program.blocks.access import Strided
from autograd_mini.program.loops.memory import Index
from autograd_mini.program.loops.writer import Writer
from autograd_mini.program.targets.llvm.kernel import Kernel
from autograd_mini.program.targets.llvm.text import literal

__all__ = ["COLUMNS", "Reader", "Source", "functions", "write_choice", "write_dots", "write_reduction"]

COLUMNS = (logsumexp, softmax, log_softmax)
"""The n-ary rows, besides sums, that have loops here."""


@dataclass(frozen=True)
class Source:
    """A memory: its pointer, whether it differs from row to row, whether it holds truth values (bytes)."""

    base: str
    varying: bool
    truth: bool


@dataclass(frozen=True, eq=False)
class Reader:
    """What one operand of a block reads, or its results: of ``shape`` (applications,) or (applications, width).

    ``source``  None of a literal, which is ``number``
    ``rule``    the strides of the numbers; None where ``table`` is the start of a table of their addresses, width first
    """

    source: Source | None
    shape: tuple[int, ...]
    number: float = 0.0
    rule: Strided | None = None
    table: int = 0

    @property
    def is_flat(self) -> bool:
        """True of one number per application: where all of them, over all rows, are one long row, or one literal."""
        if self.source is None:
            return True
        rule = self.rule
        return rule is not None and self.source.varying and (self.shape[0] == 1 or rule.strides[0] == 1)

    def index(self, writer: Writer, i: Index, k: Index | None) -> Index:
        """Return the address of number ``k`` of application ``i``."""
        if self.rule is not None:
            found = writer.add(self.rule.base, writer.times(i, self.rule.strides[0]))
            return found if k is None else writer.add(found, writer.times(k, self.rule.strides[1]))
        place = i if k is None else writer.add(writer.times(k, self.shape[0]), i)
        at = writer.let(f"getelementptr i32, ptr %tables, i64 {writer.add(self.table, place)}")
        return writer.let(f"zext i32 {writer.let(f'load i32, ptr {at}, align 4')} to i64")

    def load(self, writer: Writer, i: Index, k: Index | None, j: Index, lanes: int) -> str:
        """Load number k of application i for ``lanes`` rows from row j on, as numbers: 1 and 0 for truth."""
        if self.source is None:
            return writer.constant(self.number, lanes)
        at, wide = self.index(writer, i, k), lanes if self.source.varying else 1
        if self.source.varying:
            at = writer.add(writer.times(at, "%n"), j)
        if not self.source.truth:
            found = writer.load(self.source.base, at, wide)
        else:
            byte, bit = writer.type_of("i8", wide), writer.type_of("i1", wide)
            place = writer.let(f"getelementptr i8, ptr {self.source.base}, i64 {at}")
            held = writer.let(f"load {byte}, ptr {place}, align 1")
            truth = writer.let(f"icmp ne {byte} {held}, zeroinitializer" if wide > 1 else f"icmp ne i8 {held}, 0")
            found = writer.let(f"uitofp {bit} {truth} to {writer.type(wide)}")
        return found if wide == lanes else writer.splat(found, lanes)

    def store(self, writer: Writer, i: Index, k: Index | None, j: Index, lanes: int, number: str) -> None:
        """Store number k of application i for rows from j on; a truth value is true where it is not 0."""
        assert self.source is not None
        at = writer.add(writer.times(self.index(writer, i, k), "%n"), j)
        if not self.source.truth:
            writer.store(number, self.source.base, at, lanes)
            return
        zero = "0.0" if lanes == 1 else "zeroinitializer"
        truth = writer.let(f"fcmp une {writer.type(lanes)} {number}, {zero}")
        byte = writer.type_of("i8", lanes)
        held = writer.let(f"zext {writer.type_of('i1', lanes)} {truth} to {byte}")
        place = writer.let(f"getelementptr i8, ptr {self.source.base}, i64 {at}")
        writer.do(f"store {byte} {held}, ptr {place}, align 1")


def functions(lanes: int) -> list[Kernel]:
    """Return what declares the maths functions that the loops here call."""
    called = frozenset({("exp", 1), ("log1p", 1)})
    return [Kernel("", each, 0, 0, 0, (), (), called, frozenset()) for each in (lanes, 1)]


def write_dots(writer: Writer, sides: Sequence[Reader], out: Reader) -> None:
    """Write Σ a·b + bias for each application (sides: a, b, bias), or Σ x (one side)."""

    def application(i: str) -> None:
        def rows(j: str, lanes: int) -> None:
            def term(k: str, total: str) -> list[str]:
                x = sides[0].load(writer, i, k, j, lanes)
                if len(sides) == 1:
                    return [writer.apply("fadd", total, x, lanes)]
                return [writer.multiply_add(x, sides[1].load(writer, i, k, j, lanes), total, lanes)]

            start = [writer.constant(-0.0, lanes)]
            (total,) = writer.loop(0, sides[0].shape[1], term, 1, start, writer.type(lanes))
            if len(sides) == 3:
                total = writer.apply("fadd", total, sides[2].load(writer, i, None, j, lanes), lanes)
            out.store(writer, i, None, j, lanes, total)

        writer.rows("%n", rows)

    writer.loop(0, out.shape[0], application)


def write_choice(writer: Writer, values: Reader, index: Reader, out: Reader) -> None:
    """Write values[index], nan where there is none, one row at a time."""
    width = values.shape[1]

    def application(i: str) -> None:
        def row(j: str) -> None:
            asked = index.load(writer, i, None, j, 1)
            number, right = writer.index(asked, width)
            value = values.load(writer, i, number, j, 1)
            found = writer.let(f"select i1 {right}, double {value}, double {literal(float('nan'))}")
            out.store(writer, i, None, j, 1, found)

        writer.loop(0, "%n", row)

    writer.loop(0, out.shape[0], application)


def write_reduction(writer: Writer, row: Primitive, x: Reader, out: Reader) -> None:
    """Write logsumexp, softmax or log_softmax of each application.

    The largest number m is set apart: Σ exp(xᵢ − m) − 1 is summed without it, so that a small excess keeps its digits.
    """

    def application(i: str) -> None:
        writer.rows("%n", lambda j, lanes: _reduce(writer, row, x, out, i, j, lanes))

    writer.loop(0, out.shape[0], application)


def _reduce(writer: Writer, row: Primitive, x: Reader, out: Reader, i: str, j: str, lanes: int) -> None:
    width, kind, bits = x.shape[1], writer.type(lanes), writer.type_of("i1", lanes)
    suffix = "f64" if lanes == 1 else f"v{lanes}f64"
    zero = writer.constant(0.0, lanes)

    def higher(k: str, largest: str) -> list[str]:
        return [writer.call(f"llvm.maximum.{suffix}", kind, (kind, largest), (kind, x.load(writer, i, k, j, lanes)))]

    (m,) = writer.loop(0, width, higher, 1, [writer.constant(float("-inf"), lanes)], kind)

    def exponentials(k: str, ties: str, excess: str) -> list[str]:
        number = x.load(writer, i, k, j, lanes)
        tie = writer.let(f"fcmp oeq {kind} {number}, {m}")  # also where both are the same infinity
        d = writer.let(f"select {bits} {tie}, {kind} {zero}, {kind} {writer.apply('fsub', number, m, lanes)}")
        e = writer.let(f"call {kind} @{'exp' if lanes == 1 else f'exp.{lanes}'}({kind} {d})")
        if row is not logsumexp:
            out.store(writer, i, k, j, lanes, e if row is softmax else d)
        one = writer.let(f"select {bits} {tie}, {kind} {writer.constant(1.0, lanes)}, {kind} {zero}")
        rest = writer.let(f"select {bits} {tie}, {kind} {zero}, {kind} {e}")
        return [writer.apply("fadd", ties, one, lanes), writer.apply("fadd", excess, rest, lanes)]

    ties, excess = writer.loop(0, width, exponentials, 1, [zero] * 2, kind)
    one = writer.constant(1.0, lanes)
    over = writer.apply("fadd", writer.apply("fsub", ties, one, lanes), excess, lanes)
    if row is softmax:
        divisor = writer.apply("fadd", over, one, lanes)
    else:
        log = writer.let(f"call {kind} @{'log1p' if lanes == 1 else f'log1p.{lanes}'}({kind} {over})")
        if row is logsumexp:
            out.store(writer, i, None, j, lanes, writer.apply("fadd", m, log, lanes))
            return

    def last(k: str) -> None:
        held = out.load(writer, i, k, j, lanes)
        found = writer.apply("fdiv", held, divisor, lanes) if row is softmax else writer.apply("fsub", held, log, lanes)
        out.store(writer, i, k, j, lanes, found)

    writer.loop(0, width, last)
