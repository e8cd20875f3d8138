"""softmax, log_softmax and logsumexp, row by row, by shared kernels whose length is an argument.

m is the largest number of a row; exp(xᵢ − m) is summed without it, so that a small excess keeps its digits.
"""

from __future__ import annotations

from autograd_mini.primitives.row import Primitive
from autograd_mini.primitives.table import log_softmax, logsumexp, softmax
from autograd_mini.program.blocks.access import Codes
from autograd_mini.program.loops.memory import Memory, Operand
from autograd_mini.program.loops.writer import Writer
from autograd_mini.program.targets.llvm.text import literal, masked, transpose, vector

__all__ = ["KERNELS", "lanes_below", "masked_load", "masked_store", "write_reduction", "write_shared"]

KERNELS = {logsumexp: "logsumexp", softmax: "softmax", log_softmax: "log_softmax"}
LOWEST = literal(float("-inf"))


def write_reduction(writer: Writer, memory: Memory, row: Primitive, table: Codes, first: int) -> None:
    """Write a row's kernel for each application; rows that lie scattered are put aside first."""
    operand = Operand(memory, table)
    count, width = table.shape
    aside = None if operand.stride(1) == 1 or width == 1 else memory.scratch(width)

    def application(i: str) -> None:
        if aside is None:
            at = operand.index(writer, i, 0)
        else:
            writer.loop(0, width, lambda j: writer.store(operand.load(writer, i, j), "%w", writer.add(aside, j)))
            at = aside
        size = width if row.outputs else 1
        out = writer.at("%w", writer.add(first, writer.times(i, size)))
        writer.do(f"call void @{KERNELS[row]}(i64 {width}, ptr {writer.at('%w', at)}, ptr {out})")

    writer.loop(0, count, application)


def write_shared(writer: Writer) -> None:
    """Write the shared kernels: product, transpose, and those of the n-ary rows."""
    _product(writer)
    _transpose(writer)
    for kind in KERNELS:
        _nary(writer, kind)


def lanes_below(writer: Writer, left: str) -> str:
    """Return the mask of the first ``left`` lanes."""
    lanes = writer.lanes
    limit = writer.splat(left, lanes, "i64")
    return writer.let(f"icmp slt <{lanes} x i64> {vector(range(lanes))}, {limit}")


def masked_load(writer: Writer, base: str, at: str | int, mask: str, passed: str) -> str:
    """Load neighbours into the lanes of the mask; the others are ``passed``."""
    name, declaration = masked("load", writer.lanes)
    writer.declared.add(declaration)
    kind = writer.type(writer.lanes)
    return writer.let(
        f"call {kind} {name}(ptr {writer.at(base, at)}, i32 8, <{writer.lanes} x i1> {mask}, {kind} {passed})"
    )


def masked_store(writer: Writer, value: str, base: str, at: str | int, mask: str) -> None:
    """Store the lanes of the mask side by side."""
    name, declaration = masked("store", writer.lanes)
    writer.declared.add(declaration)
    kind = writer.type(writer.lanes)
    writer.do(f"call void {name}({kind} {value}, ptr {writer.at(base, at)}, i32 8, <{writer.lanes} x i1> {mask})")


def _nary(writer: Writer, row: Primitive) -> None:
    lanes, kind = writer.lanes, writer.type(writer.lanes)
    bits = f"<{lanes} x i1>"
    suffix = f"v{lanes}f64"
    writer.begin(f"void @{KERNELS[row]}(i64 %n, ptr noalias %x, ptr noalias %y)")
    lowest = f"splat (double {LOWEST})"

    def chunk(i: str, passed: str) -> tuple[str, str]:
        mask = lanes_below(writer, writer.let(f"sub nsw i64 %n, {i}"))
        return mask, masked_load(writer, "%x", i, mask, passed)

    def higher(i: str, largest: str) -> list[str]:
        _, x = chunk(i, lowest)
        return [writer.call(f"llvm.maximum.{suffix}", kind, (kind, largest), (kind, x))]

    (largest,) = writer.loop(0, "%n", higher, lanes, [lowest], kind)
    m = writer.call(f"llvm.vector.reduce.fmaximum.{suffix}", "double", (kind, largest))
    every = writer.splat(m, lanes)

    def exponentials(i: str, ties: str, excess: str) -> list[str]:
        mask, x = chunk(i, lowest)
        tie = writer.let(f"and {bits} {writer.let(f'fcmp oeq {kind} {x}, {every}')}, {mask}")
        d = writer.let(f"select {bits} {tie}, {kind} zeroinitializer, {kind} {writer.apply('fsub', x, every, lanes)}")
        e = writer.let(f"call {kind} @exp.{lanes}({kind} {d})")
        if row is not logsumexp:
            masked_store(writer, e if row is softmax else d, "%y", i, mask)
        rest = writer.let(f"select {bits} {tie}, {kind} zeroinitializer, {kind} {e}")
        rest = writer.let(f"select {bits} {mask}, {kind} {rest}, {kind} zeroinitializer")
        one = writer.let(f"select {bits} {tie}, {kind} splat (double 1.0), {kind} zeroinitializer")
        return [writer.apply("fadd", ties, one, lanes), writer.apply("fadd", excess, rest, lanes)]

    ties, excess = writer.loop(0, "%n", exponentials, lanes, ["zeroinitializer"] * 2, kind)
    others = writer.apply("fsub", writer.sum_of_lanes(ties, lanes), "1.0")
    over = writer.apply("fadd", others, writer.sum_of_lanes(excess, lanes))
    if row is softmax:
        divisor = writer.splat(writer.apply("fadd", over, "1.0"), lanes)

        def scaled(i: str) -> None:
            mask = lanes_below(writer, writer.let(f"sub nsw i64 %n, {i}"))
            e = masked_load(writer, "%y", i, mask, "zeroinitializer")
            masked_store(writer, writer.apply("fdiv", e, divisor, lanes), "%y", i, mask)

        writer.loop(0, "%n", scaled, lanes)
    else:
        log = writer.let(f"call double @log1p(double {over})")
        if row is logsumexp:
            writer.store(writer.apply("fadd", m, log), "%y", 0)
        else:
            all_logs = writer.splat(log, lanes)

            def lowered(i: str) -> None:
                mask = lanes_below(writer, writer.let(f"sub nsw i64 %n, {i}"))
                d = masked_load(writer, "%y", i, mask, "zeroinitializer")
                masked_store(writer, writer.apply("fsub", d, all_logs, lanes), "%y", i, mask)

            writer.loop(0, "%n", lowered, lanes)
    writer.end()


def _transpose(writer: Writer) -> None:
    """B[i, j] = A[j, i] for j < p and i < n: squares in registers, then what is left one by one."""
    lanes = writer.lanes
    writer.begin("void @transpose(i64 %p, i64 %n, ptr noalias %a, i64 %lda, ptr noalias %b, i64 %ldb)")

    def square(j: str, i: str) -> None:
        rows = [writer.load("%a", writer.add(writer.times(writer.add(j, k), "%lda"), i), lanes) for k in range(lanes)]
        text, columns = transpose(rows, "turned")
        writer.lines.append(text)
        for k, column in enumerate(columns):
            writer.store(column, "%b", writer.add(writer.times(writer.add(i, k), "%ldb"), j), lanes)

    def number(j: str | int, i: str) -> None:
        x = writer.load("%a", writer.add(writer.times(j, "%lda"), i))
        writer.store(x, "%b", writer.add(writer.times(i, "%ldb"), j))

    across, down = (writer.let(f"and i64 {size}, {-lanes}") for size in ("%n", "%p"))

    def rows(j: str) -> None:
        def rest(i: str) -> None:
            for k in range(lanes):
                number(writer.add(j, k), i)

        writer.loop(0, across, lambda i: square(j, i), lanes)
        writer.loop(across, "%n", rest)

    def row(j: str) -> None:
        writer.loop(0, "%n", lambda i: number(j, i))

    writer.loop(0, down, rows, lanes)
    writer.loop(down, "%p", row)
    writer.end()


def _product(writer: Writer) -> None:
    """C[m, n] (+)= Σₖ A[m, k] B[k, n]: tiles of 4 rows by 2 vectors in registers; B and C have unit stride in n."""
    lanes = writer.lanes
    kind = writer.type(lanes)
    writer.begin(
        "void @product(i64 %M, i64 %N, i64 %K, ptr noalias %a, i64 %sm, i64 %sk, ptr noalias %b, i64 %ldb, "
        "ptr noalias %c, i64 %ldc, i1 %more)"
    )

    def tile(m: str, rows: int, n: str, vectors: int, mask: str | None) -> None:
        def read(base: str, at: str | int) -> str:
            if mask is None:
                return writer.load(base, at, lanes)
            return masked_load(writer, base, at, mask, "zeroinitializer")

        begins = [writer.times(writer.add(m, r), "%sm") for r in range(rows)]

        def step(k: str, *totals: str) -> list[str]:
            at = writer.add(writer.times(k, "%ldb"), n)
            columns = [read("%b", writer.add(at, lanes * v)) for v in range(vectors)]
            along = writer.times(k, "%sk")
            found = []
            for r in range(rows):
                x = writer.splat(writer.load("%a", writer.add(begins[r], along)), lanes)
                mine = totals[r * vectors : (r + 1) * vectors]
                found += [writer.multiply_add(x, y, total, lanes) for y, total in zip(columns, mine, strict=True)]
            return found

        totals = writer.loop(0, "%K", step, 1, ["zeroinitializer"] * (rows * vectors), kind)
        for r in range(rows):
            for v in range(vectors):
                at = writer.add(writer.add(writer.times(writer.add(m, r), "%ldc"), n), lanes * v)
                total = totals[r * vectors + v]
                both = writer.apply("fadd", read("%c", at), total, lanes)
                total = writer.let(f"select i1 %more, {kind} {both}, {kind} {total}")
                if mask is None:
                    writer.store(total, "%c", at, lanes)
                else:
                    masked_store(writer, total, "%c", at, mask)

    fours = writer.let("and i64 %M, -4")
    pairs = writer.let(f"and i64 %N, {-2 * lanes}")

    def columns(n: str, vectors: int, mask: str | None) -> None:
        writer.loop(0, fours, lambda m: tile(m, 4, n, vectors, mask), 4)
        writer.loop(fours, "%M", lambda m: tile(m, 1, n, vectors, mask))

    writer.loop(0, pairs, lambda n: columns(n, 2, None), 2 * lanes)
    writer.loop(pairs, "%N", lambda n: columns(n, 1, lanes_below(writer, writer.let(f"sub nsw i64 %N, {n}"))), lanes)
    writer.end()
