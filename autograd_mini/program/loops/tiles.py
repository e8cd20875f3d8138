"""Small matrix products over the rows of a batch, as tiles in registers: weights by what varies, and sums over rows.

For small ones a call of BLAS, and copies into the order that it needs, take longer than the product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from autograd_mini.program.blocks.access import Strided
from autograd_mini.program.loops.columns import Reader
from autograd_mini.program.loops.memory import Index
from autograd_mini.program.loops.reductions import lanes_below, masked_load, masked_store
from autograd_mini.program.loops.writer import Writer
from autograd_mini.program.targets.llvm.text import transpose

__all__ = ["write_product", "write_repeated", "write_sums", "write_summed_product"]

TILE = 8  # results that share a load of what varies
DOWN = 2  # rows of a tile of sums; its columns are as many as there are lanes

Load: TypeAlias = Callable[[Index, str, str | None], list[str]]
"""(number of the sequence, row of the batch, mask) → neighbouring applications, each for lanes of rows."""


def write_product(
    writer: Writer, fixed: Reader, varying: Reader, bias: Reader | None, out: Reader, fixed_first: bool
) -> None:
    """Write Σ w·x along axis 1 for each row of ``fixed`` (p, width) and of ``varying`` (q, width), plus a bias.

    The rows of ``fixed`` are regular. Application i·q + j has the rows (i, j), else, unless ``fixed_first``, i + j·p.
    """
    (p, width), q = fixed.shape, varying.shape[0]
    assert fixed.rule is not None
    assert fixed.source is not None
    base, step_down = fixed.source.base, fixed.rule.strides[0]

    def tile(first: Index, j: str, size: int, row: str, lanes: int) -> None:
        def term(k: str, *totals: str) -> list[str]:
            x = varying.load(writer, j, k, row, lanes)
            at = writer.at(base, fixed.index(writer, first, k))
            numbers = [writer.splat(writer.load(at, t * step_down), lanes) for t in range(size)]
            return [writer.multiply_add(w, x, total, lanes) for w, total in zip(numbers, totals, strict=True)]

        start = [writer.constant(-0.0, lanes)] * size
        for t, total in enumerate(writer.loop(0, width, term, 1, start, writer.type(lanes))):
            i = writer.add(first, t)
            place = writer.add(writer.times(i, q), j) if fixed_first else writer.add(i, writer.times(j, p))
            if bias is not None:
                total = writer.apply("fadd", total, bias.load(writer, place, None, row, lanes), lanes)
            out.store(writer, place, None, row, lanes, total)

    def column(j: str) -> None:
        whole = p // TILE * TILE

        def rows(row: str, lanes: int) -> None:  # what varies stays in the first cache for all its tiles
            writer.loop(0, whole, lambda first: tile(first, j, TILE, row, lanes), TILE)
            if whole < p:
                tile(whole, j, p - whole, row, lanes)

        writer.rows("%n", rows)

    writer.loop(0, q, column)


def write_summed_product(writer: Writer, a: Reader, b: Reader, places: Strided) -> None:
    """Write %scale · Σ a·b, over axis 1 and over the rows of the batch, for each row of ``a`` and of ``b``.

    Both vary; the result for the rows (i, j) goes to %result at ``places`` (p, q).
    """
    (p, width), q = a.shape, b.shape[0]
    lanes, kind = writer.lanes, writer.type(writer.lanes)

    def tile(i: Index, down: int, j: Index, across: int) -> None:
        left, right = _loads(writer, a, i, down), _loads(writer, b, j, across)

        def rows(row: str, mask: str | None, totals: Sequence[str]) -> list[str]:
            def term(k: Index, *totals: str) -> list[str]:
                xs, ys = left(k, row, mask), right(k, row, mask)
                pairs = [(x, y) for x in xs for y in ys]
                return [writer.multiply_add(x, y, t, lanes) for (x, y), t in zip(pairs, totals, strict=True)]

            return term(0, *totals) if width == 1 else writer.loop(0, width, term, 1, totals, kind)

        totals = _over_rows(writer, rows, down * across)
        for t in range(down):
            at = writer.add(_place(writer, places, writer.add(i, t)), writer.times(j, places.strides[1]))
            _store(writer, totals[t * across : (t + 1) * across], at, places.strides[1])

    def across(i: Index, down: int) -> None:
        whole = q // lanes * lanes
        writer.loop(0, whole, lambda j: tile(i, down, j, lanes), lanes)
        if whole < q:
            tile(i, down, whole, q - whole)

    whole = p // DOWN * DOWN
    writer.loop(0, whole, lambda i: across(i, DOWN), DOWN)
    if whole < p:
        across(whole, p - whole)


def write_sums(writer: Writer, x: Reader, places: Strided) -> None:
    """Write %scale · Σ x over the rows of the batch for each application, which varies, to %result at ``places``."""
    lanes, (count,) = writer.lanes, x.shape

    def tile(i: Index, size: int) -> None:
        load = _loads(writer, x, i, size)

        def rows(row: str, mask: str | None, totals: Sequence[str]) -> list[str]:
            return [writer.apply("fadd", t, y, lanes) for t, y in zip(totals, load(0, row, mask), strict=True)]

        _store(writer, _over_rows(writer, rows, size), _place(writer, places, i), places.strides[0])

    whole = count // lanes * lanes
    writer.loop(0, whole, lambda i: tile(i, lanes), lanes)
    if whole < count:
        tile(whole, count - whole)


def write_repeated(writer: Writer, x: Reader, places: Strided) -> None:
    """Write %scale · n · x for each application, which is the same in all n rows, to %result at ``places``."""
    times = writer.apply("fmul", "%scale", writer.let("sitofp i64 %n to double"))

    def application(i: str) -> None:
        found = writer.apply("fmul", x.load(writer, i, None, "0", 1), times)
        writer.store(found, "%result", _place(writer, places, i))

    writer.loop(0, x.shape[0], application)


def _place(writer: Writer, places: Strided, i: Index) -> Index:
    return writer.add(places.base, writer.times(i, places.strides[0]))


def _loads(writer: Writer, x: Reader, first: Index, size: int) -> Load:
    """Return what loads ``size`` applications from ``first`` on; of regular ones the addresses differ by constants."""
    assert x.source is not None
    base, lanes, nary = x.source.base, writer.lanes, len(x.shape) == 2
    offsets: list[Index] = []
    if x.rule is not None:
        offsets = [writer.times(t * x.rule.strides[0], "%n") for t in range(size)]

    def load(k: Index, row: str, mask: str | None) -> list[str]:
        number = k if nary else None

        def at(i: Index) -> Index:
            return writer.add(writer.times(x.index(writer, i, number), "%n"), row)

        if offsets:
            start = writer.at(base, at(first))
            places = [(start, each) for each in offsets]
        else:
            places = [(base, at(writer.add(first, t))) for t in range(size)]
        if mask is None:
            return [writer.load(pointer, index, lanes) for pointer, index in places]
        return [masked_load(writer, pointer, index, mask, "zeroinitializer") for pointer, index in places]

    return load


def _over_rows(
    writer: Writer, body: Callable[[str, str | None, Sequence[str]], list[str]], count: int
) -> Sequence[str]:
    """Return ``count`` sums over the rows of the batch, in lanes; of the last rows only those that exist are read."""
    lanes, kind = writer.lanes, writer.type(writer.lanes)
    whole = writer.let(f"and i64 %n, {-lanes}")
    start = ["zeroinitializer"] * count
    totals = writer.loop(0, whole, lambda row, *held: body(row, None, held), lanes, start, kind)

    def rest(row: str, *held: str) -> list[str]:
        return body(row, lanes_below(writer, writer.let(f"sub nsw i64 %n, {row}")), held)

    return writer.loop(whole, "%n", rest, lanes, totals, kind)


def _store(writer: Writer, totals: Sequence[str], at: Index, step: int) -> None:
    """Add the lanes of each total, and store %scale times the sums at ``at`` and on, ``step`` apart."""
    lanes, kind, size = writer.lanes, writer.type(writer.lanes), len(totals)
    writer.fresh += 1
    text, parts = transpose([*totals, *["zeroinitializer"] * (lanes - size)], f"q{writer.fresh}.")
    writer.lines.append(text)
    while len(parts) > 1:
        half = len(parts) // 2
        parts = [writer.apply("fadd", parts[k], parts[k + half], lanes) for k in range(half)]
    found = writer.apply("fmul", parts[0], writer.splat("%scale", lanes), lanes)
    if step == 1 and size == lanes:
        writer.store(found, "%result", at, lanes)
    elif step == 1:
        masked_store(writer, found, "%result", at, lanes_below(writer, str(size)))
    else:
        for k in range(size):
            one = writer.let(f"extractelement {kind} {found}, i64 {k}")
            writer.store(one, "%result", writer.add(at, k * step))
