"""Dots as loops: matrix products through a shared kernel, other sums over vectors of applications."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from autograd_mini.program.blocks.access import Codes
from autograd_mini.program.blocks.grid import grid_of
from autograd_mini.program.loops.memory import Memory, Operand
from autograd_mini.program.loops.writer import Writer

__all__ = ["PRODUCT", "write_dots", "write_total"]

Term: TypeAlias = Callable[[str, str, str, int, int], str]
"""(application, number of its sequence, total, lanes, axis of the lanes) → total with one more term."""

WIDE = 16  # numbers in a row from which on few applications are summed along the row
PRODUCT = 64  # multiplications from which on a grid is worth the shared kernel


def write_dots(writer: Writer, memory: Memory, a: Codes, b: Codes, bias: Codes | None, first: int) -> None:
    """Write Σ a·b along axis 1, plus the bias if there is one, to the numbers from address ``first`` on."""
    grid = grid_of(a, b) if len(a) > 1 and a.size >= PRODUCT else None
    if grid is not None:
        outer, inner = (grid.a, grid.b) if grid.across else (grid.b, grid.a)
        if len(inner) >= 2 and len(outer) >= 2:
            _product(writer, memory, outer, inner, bias, first)
            return
    left, right = Operand(memory, a), Operand(memory, b)
    extra = None if bias is None else Operand(memory, bias)

    def term(i: str, j: str, total: str, lanes: int, along: int) -> str:
        x, y = (_load(writer, side, i, j, lanes, along) for side in (left, right))
        return writer.multiply_add(x, y, total, lanes)

    _sums(writer, len(a), a.shape[1], term, extra, first)


def write_total(writer: Writer, memory: Memory, table: Codes, first: int) -> None:
    """Write the sum of each row of ``table`` to the numbers from address ``first`` on."""
    operand = Operand(memory, table)

    def term(i: str, j: str, total: str, lanes: int, along: int) -> str:
        return writer.apply("fadd", total, _load(writer, operand, i, j, lanes, along), lanes)

    _sums(writer, len(table), table.shape[1], term, None, first)


def _load(writer: Writer, operand: Operand, i: str, j: str, lanes: int, along: int) -> str:
    """Load lanes along applications (0) or along the sequence (1)."""
    if along == 0 or lanes == 1:
        return operand.load(writer, i, j, lanes)
    return operand.load_along(writer, i, j, lanes)


def _sums(writer: Writer, count: int, width: int, term: Term, extra: Operand | None, first: int) -> None:
    """Loop over the applications and their sequences, vectors along the longer of the two."""
    lanes = writer.lanes
    zero = "zeroinitializer"

    def finish(total: str, i: str, lanes: int) -> None:
        if extra is not None:
            total = writer.apply("fadd", total, extra.load(writer, i, None, lanes), lanes)
        writer.store(total, "%w", writer.add(first, i), lanes)

    if count < lanes and width >= WIDE:
        whole = width // lanes * lanes

        def row(i: str) -> None:
            (total,) = writer.loop(
                0, whole, lambda j, total: [term(i, j, total, lanes, 1)], lanes, [zero], writer.type(lanes)
            )
            start = writer.sum_of_lanes(total, lanes)
            (total,) = writer.loop(whole, width, lambda j, total: [term(i, j, total, 1, 1)], 1, [start])
            finish(total, i, 1)

        writer.loop(0, count, row)
        return
    whole = count // lanes * lanes
    for width_of, start, stop in ((lanes, 0, whole), (1, whole, count)):
        if start == stop:
            continue

        def rows(i: str, width_of: int = width_of) -> None:
            kind = writer.type(width_of)
            begin = zero if width_of > 1 else "0.0"
            (total,) = writer.loop(0, width, lambda j, total: [term(i, j, total, width_of, 0)], 1, [begin], kind)
            finish(total, i, width_of)

        writer.loop(start, stop, rows, width_of)


def _product(writer: Writer, memory: Memory, outer: Codes, inner: Codes, bias: Codes | None, first: int) -> None:
    """C (outer × inner) = A · Bᵀ by the shared kernel, which reads B with its rows side by side."""
    rows, columns, width = len(outer), len(inner), outer.shape[1]
    left, right = Operand(memory, outer), Operand(memory, inner)
    if left.base is None:
        place = memory.scratch(rows * width)
        _pack(writer, left, rows, width, place, width, 1)
        a = (place, width, 1)
    else:
        a = (left.base, left.strides[0], left.strides[1])
    if right.base is None or right.strides[0] != 1:
        place = memory.scratch(columns * width)
        if right.base is not None and right.strides[1] == 1:
            writer.do(
                f"call void @transpose(i64 {columns}, i64 {width}, ptr {writer.at('%w', right.base)}, "
                f"i64 {right.strides[0]}, ptr {writer.at('%w', place)}, i64 {columns})"
            )
        else:
            _pack(writer, right, columns, width, place, 1, columns)
        b = (place, columns)
    else:
        b = (right.base, right.strides[1])
    if bias is not None:
        extra = Operand(memory, bias)
        writer.loop(0, rows * columns, lambda i: writer.store(extra.load(writer, i), "%w", writer.add(first, i)))
    writer.do(
        f"call void @product(i64 {rows}, i64 {columns}, i64 {width}, ptr {writer.at('%w', a[0])}, i64 {a[1]}, "
        f"i64 {a[2]}, ptr {writer.at('%w', b[0])}, i64 {b[1]}, ptr {writer.at('%w', first)}, i64 {columns}, "
        f"i1 {'true' if bias is not None else 'false'})"
    )


def _pack(writer: Writer, operand: Operand, rows: int, width: int, place: int, row_step: int, step: int) -> None:
    """Copy a table's numbers to scratch, with the strides given."""

    def row(i: str) -> None:
        def number(j: str) -> None:
            at = writer.add(writer.add(place, writer.times(i, row_step)), writer.times(j, step))
            writer.store(operand.load(writer, i, j), "%w", at)

        writer.loop(0, width, number)

    writer.loop(0, rows, row)
