"""Multiply: matrix products as native code, for sides that lie as they are needed elsewhere.

The columns of the right side are packed a few vectors at a time into a panel that stays in the cache; each tile of
results stays in registers while its sums run along the panel. BLAS packs both sides, which takes as long as the
product itself where the left side has few rows.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_mini.program.loops.reductions import lanes_below, masked_load, masked_store
from autograd_mini.program.loops.writer import Writer
from autograd_mini.program.targets.llvm.call import product_call
from autograd_mini.program.targets.llvm.kernel import Kernel
from autograd_mini.program.targets.llvm.text import transpose

__all__ = ["multiply", "panel"]

VECTORS = 3  # of a tile's columns
ROWS = {8: 8, 4: 4, 2: 4}  # of a tile, by lanes: as many sums as there are registers for
WIDEST = 8  # lanes


def panel(width: int) -> Any:
    """Return memory for the panel of a product of two sides of this width, aligned for vectors."""
    memory = np.empty(width * WIDEST * VECTORS + WIDEST)
    start = -memory.ctypes.data % 64 // memory.itemsize
    return memory[start : start + width * WIDEST * VECTORS]


@functools.cache
def multiply() -> Callable[..., Any]:
    """Return the function (a (M, K), b (K, N), c (M, N), panel) that writes a·b to c.

    The arrays may have any strides, but c has neighbours along N; ``panel(K)`` gives the memory that it works in.
    """
    from autograd_mini.program.targets.llvm.builtin import as_function  # loads llvmlite
    from autograd_mini.program.targets.llvm.compile import Processor, compile_text

    processor = Processor.host()
    writer = Writer(processor.lanes, "+fma" in processor.features.split(","))
    heights = [ROWS[writer.lanes] >> k for k in range(ROWS[writer.lanes].bit_length())]
    for height in heights:
        _tile(writer, height, VECTORS, whole=True)
        for vectors in range(1, VECTORS + 1):
            _tile(writer, height, vectors, whole=False)
    _pack_rows(writer)
    _pack_columns(writer)
    _pack_any(writer)
    _product(writer, heights)
    held = Kernel("", 1, 0, 0, 0, (), (), frozenset(), frozenset(writer.declared))
    code = compile_text([held], "\n".join([*writer.lines, product_call()]), processor)
    return as_function(code, b"The product of two matrices.")


def _tile(writer: Writer, height: int, vectors: int, whole: bool) -> None:
    """C = A · panel for some rows and vectors; unless ``whole`` the last vector has only %left numbers."""
    lanes, kind = writer.lanes, writer.type(writer.lanes)
    writer.begin(
        f"void @{_tile_name(height, vectors, whole)}(i64 %K, ptr noalias %a, i64 %sm, i64 %sk, ptr noalias %p, "
        "ptr noalias %c, i64 %ldc, i64 %left)"
    )
    rows = [writer.times(r, "%sm") for r in range(height)]

    def term(k: str, *totals: str) -> list[str]:
        at = writer.times(k, lanes * VECTORS)
        columns = [writer.load("%p", writer.add(at, lanes * v), lanes) for v in range(vectors)]
        along = writer.times(k, "%sk")
        found = []
        for r, row in enumerate(rows):
            x = writer.splat(writer.load("%a", writer.add(row, along)), lanes)
            mine = totals[r * vectors : (r + 1) * vectors]
            found += [writer.multiply_add(x, y, total, lanes) for y, total in zip(columns, mine, strict=True)]
        return found

    totals = writer.loop(0, "%K", term, 1, ["zeroinitializer"] * (height * vectors), kind)
    mask = "" if whole else lanes_below(writer, "%left")
    for r in range(height):
        for v in range(vectors):
            at, total = writer.add(writer.times(r, "%ldc"), lanes * v), totals[r * vectors + v]
            if whole or v < vectors - 1:
                writer.store(total, "%c", at, lanes)
            else:
                masked_store(writer, total, "%c", at, mask)
    writer.end()


def _tile_name(height: int, vectors: int, whole: bool) -> str:
    return f"tile{height}.{vectors}{'' if whole else '.rest'}"


PACK = "(i64 %K, i64 %count, ptr noalias %b, i64 %sk, i64 %sn, ptr noalias %p)"
"""Copy ``%count`` columns of B, at most as many as fit, to the panel, column k of A's after column k."""


def _pack_rows(writer: Writer) -> None:
    """The numbers of a row of B are neighbours."""
    lanes = writer.lanes
    writer.begin(f"void @pack.rows{PACK}")

    def row(k: str) -> None:
        at, to = writer.times(k, "%sk"), writer.times(k, lanes * VECTORS)

        def some(n: str) -> None:
            mask = lanes_below(writer, writer.let(f"sub nsw i64 %count, {n}"))
            number = masked_load(writer, "%b", writer.add(at, n), mask, "zeroinitializer")
            writer.store(number, "%p", writer.add(to, n), lanes)

        writer.loop(0, "%count", some, lanes)

    writer.loop(0, "%K", row)
    writer.end()


def _pack_columns(writer: Writer) -> None:
    """The numbers of a column of B are neighbours: squares are turned in registers."""
    lanes = writer.lanes
    writer.begin(f"void @pack.columns{PACK}")
    whole = writer.let(f"and i64 %K, {-lanes}")
    last = writer.let("sub nsw i64 %count, 1")
    one = writer.type_of("i64", 1)

    def vector(n: str) -> None:
        begins = []
        for r in range(lanes):  # beyond the last column there are as many numbers, which nobody reads
            column = writer.add(n, r)
            inside = writer.let(f"icmp slt {one} {column}, {last}")
            column = writer.let(f"select i1 {inside}, {one} {column}, {one} {last}")
            begins.append(writer.times(column, "%sn"))

        def square(k: str) -> None:
            writer.fresh += 1
            rows = [writer.load("%b", writer.add(begin, k), lanes) for begin in begins]
            text, columns = transpose(rows, f"q{writer.fresh}.")
            writer.lines.append(text)
            for c, column in enumerate(columns):
                to = writer.add(writer.times(writer.add(k, c), lanes * VECTORS), n)
                writer.store(column, "%p", to, lanes)

        def single(k: str) -> None:
            for r, begin in enumerate(begins):
                to = writer.add(writer.add(writer.times(k, lanes * VECTORS), n), r)
                writer.store(writer.load("%b", writer.add(begin, k)), "%p", to)

        writer.loop(0, whole, square, lanes)
        writer.loop(whole, "%K", single)

    writer.loop(0, "%count", vector, lanes)
    writer.end()


def _pack_any(writer: Writer) -> None:
    """B has no neighbours."""
    writer.begin(f"void @pack.any{PACK}")

    def row(k: str) -> None:
        def number(n: str) -> None:
            at = writer.add(writer.times(k, "%sk"), writer.times(n, "%sn"))
            to = writer.add(writer.times(k, writer.lanes * VECTORS), n)
            writer.store(writer.load("%b", at), "%p", to)

        writer.loop(0, "%count", number)

    writer.loop(0, "%K", row)
    writer.end()


def _product(writer: Writer, heights: list[int]) -> None:
    """Panel after panel of C's columns, tile after tile of its rows."""
    lanes, wide = writer.lanes, writer.lanes * VECTORS
    writer.begin(
        "void @product(i64 %M, i64 %N, i64 %K, ptr noalias %a, i64 %sm, i64 %ska, ptr noalias %b, i64 %skb, i64 %sn, "
        "ptr noalias %c, i64 %ldc, ptr noalias %p)"
    )
    by_rows, by_columns = writer.let("icmp eq i64 %sn, 1"), writer.let("icmp eq i64 %skb, 1")
    turned = writer.let(f"select i1 {by_columns}, ptr @pack.columns, ptr @pack.any")
    pack = writer.let(f"select i1 {by_rows}, ptr @pack.rows, ptr {turned}")
    writer.declared.add("declare i64 @llvm.smin.i64(i64, i64)")

    def columns(n: str) -> None:
        count = writer.let(f"call i64 @llvm.smin.i64(i64 {writer.let(f'sub nsw i64 %N, {n}')}, i64 {wide})")
        begin = writer.at("%b", writer.times(n, "%sn"))
        writer.do(f"call void {pack}(i64 %K, i64 {count}, ptr {begin}, i64 %skb, i64 %sn, ptr %p)")
        vectors = writer.let(f"sdiv i64 {writer.let(f'add nsw i64 {count}, {lanes - 1}')}, {lanes}")
        before = writer.let(f"mul nsw i64 {writer.let(f'sub nsw i64 {vectors}, 1')}, {lanes}")
        left = writer.let(f"sub nsw i64 {count}, {before}")
        whole = writer.let(f"icmp eq i64 {count}, {wide}")
        first: str | int = 0
        for height in heights:
            chosen = f"@{_tile_name(height, VECTORS, False)}"
            for fewer in range(1, VECTORS):
                is_so = writer.let(f"icmp eq i64 {vectors}, {fewer}")
                chosen = writer.let(f"select i1 {is_so}, ptr @{_tile_name(height, fewer, False)}, ptr {chosen}")
            chosen = writer.let(f"select i1 {whole}, ptr @{_tile_name(height, VECTORS, True)}, ptr {chosen}")

            def tile(m: str, chosen: str = chosen) -> None:
                a, c = writer.at("%a", writer.times(m, "%sm")), writer.add(writer.times(m, "%ldc"), n)
                writer.do(
                    f"call void {chosen}(i64 %K, ptr {a}, i64 %sm, i64 %ska, ptr %p, ptr {writer.at('%c', c)}, "
                    f"i64 %ldc, i64 {left})"
                )

            stop = writer.let(f"and i64 %M, {-height}")
            writer.loop(first, stop, tile, height)
            first = stop

    writer.loop(0, "%N", columns, wide)
    writer.end()
