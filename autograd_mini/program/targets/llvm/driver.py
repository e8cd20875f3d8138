"""The driver of a native program: the loops over the rows around its kernel.

``columns`` takes one array (or one number) per argument and fills one per output. ``sums`` takes
the rows of a table and returns the sum of every output over them.

Rows are computed in chunks of one vector. One chunk may be partial: its loads and stores are masked,
so that nothing outside the arrays is accessed; sums take it first, with only the lanes that are rows.
"""

from __future__ import annotations

from autograd_mini.program.targets.llvm.kernel import Kernel
from autograd_mini.program.targets.llvm.text import loop, mask, masked, splat, transpose, vector, vector_type

__all__ = ["columns_driver", "group_size", "sums_driver"]

GROUP, GROUP_BYTES = 8, 1 << 20  # at most so many chunks in a group, and so much work memory for them
MINIMUM = "declare i64 @llvm.smin.i64(i64, i64)\ndeclare i64 @llvm.smax.i64(i64, i64)"


def group_size(kernel: Kernel, lanes: int) -> int:
    """Return how many chunks run through one block before the next block.

    A long program does not fit the instruction cache; so each block runs on many chunks once its code
    is loaded. With more chunks, sums are also loaded and stored less often.
    """
    if len(kernel.blocks) == 1 and not kernel.tallies:
        return 1
    return max(1, min(GROUP, GROUP_BYTES // (8 * lanes * kernel.slots)))


def columns_driver(kernel: Kernel, lanes: int) -> str:
    """Return ``columns(rows, inputs, strides, outputs, theta, work)``.

    ``inputs`` and ``outputs`` are tables of addresses, ``strides`` the step in bytes from one row
    to the next, 0 for a number that is the same in each row.
    """
    whole = vector_type(lanes)
    store, declaration = masked("store", lanes)
    read = f"""\
  %base.at = getelementptr ptr, ptr %inputs, i64 %i
  %base = load ptr, ptr %base.at
  %stride.at = getelementptr i64, ptr %strides, i64 %i
  %stride = load i64, ptr %stride.at
  %slot = getelementptr {whole}, ptr %l.work, i64 %i
  call void @fetch(ptr %base, i64 %stride, i64 %l.row, i64 %l.left, ptr %slot)"""
    write = f"""\
  %place = add i64 %k, {kernel.columns}
  %result.at = getelementptr {whole}, ptr %s.work, i64 %place
  %result = load {whole}, ptr %result.at, align {8 * lanes}
  %out.at = getelementptr ptr, ptr %outputs, i64 %k
  %out = load ptr, ptr %out.at
  %to = getelementptr double, ptr %out, i64 %s.row
  call void {store}({whole} %result, ptr %to, i32 8, <{lanes} x i1> %mask)"""
    group = f"""\
{_chunks(kernel, lanes)}
{loop("l", 0, "%chunks", _chunk("l", kernel, lanes) + loop("i", 0, kernel.columns, read))}
  call void @run(ptr %work, ptr %theta, ptr null, i64 %chunks, i64 {lanes})
{loop("s", 0, "%chunks", _chunk("s", kernel, lanes) + _mask("%s.left", lanes) + loop("k", 0, kernel.outputs, write))}"""
    return f"""
{declaration}
{MINIMUM}
{_fetch(lanes)}
{_run(kernel, lanes)}
define void @columns(i64 %rows, ptr %inputs, ptr %strides, ptr %outputs, ptr %theta, ptr %work) #0 {{
{loop("first", 0, "%rows", group, lanes * group_size(kernel, lanes))}
  ret void
}}
"""


def sums_driver(kernel: Kernel, lanes: int, once: Kernel | None = None) -> str:
    """Return ``sums(rows, table, row_stride, column_stride, theta, work, sums, once, divisor, results)``.

    Strides are in bytes. ``results`` receives each output summed over the rows, over ``divisor``,
    plus the output of the kernel ``once``, a kernel of one lane that reads theta alone. ``sums``
    has room for one vector per output, their number rounded up to a multiple of the lanes.
    The function returns whether all results are finite (i1).
    """
    whole, bits, outputs = vector_type(lanes), vector_type(lanes, "i64"), kernel.outputs
    odd = f"  %odd = phi {bits} [ zeroinitializer, %k.begin ], [ %odd.more, %k.again ]"
    calls = "\n".join(f"  call void {block}(ptr %once, ptr %theta)" for block in (once.blocks if once else ()))
    tile = f"""\
  %corner.skip = mul i64 %j, 8
  %corner = getelementptr i8, ptr %at, i64 %corner.skip
  %tile = getelementptr {whole}, ptr %l.work, i64 %j
  call void @tile(ptr %corner, i64 %row_stride, ptr %tile)"""
    read = f"""\
  %offset = mul i64 %i, %column_stride
  %base = getelementptr i8, ptr %table, i64 %offset
  %slot = getelementptr {whole}, ptr %l.work, i64 %i
  call void @fetch(ptr %base, i64 %row_stride, i64 %start, i64 %valid, ptr %slot)"""
    # The partial chunk comes first, as if it began at a negative row.
    load = f"""\
{_chunk("l", kernel, lanes)}\
  %start = call i64 @llvm.smax.i64(i64 %l.row, i64 0)
  %missing = sub i64 %start, %l.row
  %valid = sub i64 {lanes}, %missing
  %full = icmp eq i64 %missing, 0
  %dense = icmp eq i64 %column_stride, 8
  %square = and i1 %full, %dense
  %tiled = select i1 %square, i64 {kernel.columns // lanes * lanes}, i64 0
  %down = mul i64 %start, %row_stride
  %at = getelementptr i8, ptr %table, i64 %down
{loop("j", 0, "%tiled", tile, lanes)}
{loop("i", "%tiled", kernel.columns, read)}"""
    group = f"""\
{_chunks(kernel, lanes)}
{loop("l", 0, "%chunks", load)}
  %ahead = call i64 @llvm.smin.i64(i64 %first, i64 0)
  %whole = add i64 %ahead, {lanes}
  call void @run(ptr %work, ptr %theta, ptr %sums, i64 %chunks, i64 %whole)"""
    return f"""
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
{MINIMUM}
{masked("store", lanes)[1]}
{_fetch(lanes)}
{_tile(lanes)}
{_run(kernel, lanes)}
define i1 @sums(i64 %rows, ptr %table, i64 %row_stride, i64 %column_stride, ptr %theta, ptr %work, ptr %sums, \
ptr %once, double %divisor, ptr %results) #0 {{
{calls}
  call void @llvm.memset.p0.i64(ptr align {8 * lanes} %sums, i8 0, i64 {8 * lanes * outputs}, i1 false)
  %over = srem i64 %rows, {lanes}
  %none = icmp eq i64 %over, 0
  %before = sub i64 %over, {lanes}
  %begin = select i1 %none, i64 0, i64 %before
{loop("first", "%begin", "%rows", group, lanes * group_size(kernel, lanes))}
{splat("%by", "double", "%divisor", lanes)}
{loop("k", 0, outputs, _reduce(lanes, outputs, once is not None), lanes, odd)}
  %some = icmp ne {bits} %odd, zeroinitializer
  %any = bitcast <{lanes} x i1> %some to i{lanes}
  %finite = icmp eq i{lanes} %any, 0
  ret i1 %finite
}}
"""


def _reduce(lanes: int, outputs: int, once: bool) -> str:
    """Add the lanes of each sum, as many sums at a time as there are lanes, and store the results from %k on.

    %odd.more gets bits where a result is not finite: only then its difference from itself is not 0.
    """
    whole, bits = vector_type(lanes), f"<{lanes} x i1>"
    lines = []
    for i in range(lanes):
        lines.append(f"  %place{i} = add i64 %k, {i}")
        lines.append(f"  %sum{i}.at = getelementptr {whole}, ptr %sums, i64 %place{i}")
        lines.append(f"  %sum{i} = load {whole}, ptr %sum{i}.at, align {8 * lanes}")
    text, parts = transpose([f"%sum{i}" for i in range(lanes)], "turned")
    lines.append(text)
    while len(parts) > 1:
        half = len(parts) // 2
        lines += [f"  %part{half}.{i} = fadd {whole} {parts[i]}, {parts[i + half]}" for i in range(half)]
        parts = [f"%part{half}.{i}" for i in range(half)]
    lines.append(f"  %mean = fdiv {whole} {parts[0]}, %by")
    lines.append(f"  %count = sub i64 {outputs}, %k\n{mask(lanes)}")
    found = "%mean"
    if once:
        load = masked("load", lanes)[0]
        lines.append("  %extra.at = getelementptr double, ptr %once, i64 %k")
        lines.append(f"  %extra = call {whole} {load}(ptr %extra.at, i32 8, {bits} %mask, {whole} zeroinitializer)")
        lines.append(f"  %result = fadd {whole} %mean, %extra")
        found = "%result"
    words = f"<{lanes} x i64>"
    lines.append(f"  %difference = fsub {whole} {found}, {found}")
    lines.append(f"  %read = select {bits} %mask, {whole} %difference, {whole} zeroinitializer")
    lines.append(f"  %odd.here = bitcast {whole} %read to {words}\n  %odd.more = or {words} %odd, %odd.here")
    lines.append("  %result.at = getelementptr double, ptr %results, i64 %k")
    lines.append(f"  call void {masked('store', lanes)[0]}({whole} {found}, ptr %result.at, i32 8, {bits} %mask)")
    return "\n".join(lines)


def _tile(lanes: int) -> str:
    """``tile(corner, row_stride, slot)``: fill slots with a square of the table, a column in each."""
    whole = vector_type(lanes)
    lines = ["define internal void @tile(ptr %corner, i64 %row_stride, ptr %slot) #0 {"]
    for i in range(lanes):
        lines.append(f"  %skip{i} = mul i64 %row_stride, {i}")
        lines.append(f"  %row{i}.at = getelementptr i8, ptr %corner, i64 %skip{i}")
        lines.append(f"  %row{i} = load {whole}, ptr %row{i}.at, align 8")
    text, columns = transpose([f"%row{i}" for i in range(lanes)], "turned")
    lines.append(text)
    for i, column in enumerate(columns):
        lines.append(f"  %slot{i} = getelementptr {whole}, ptr %slot, i64 {i}")
        lines.append(f"  store {whole} {column}, ptr %slot{i}, align {8 * lanes}")
    return "\n".join([*lines, "  ret void\n}"])


def _chunks(kernel: Kernel, lanes: int) -> str:
    """Set %chunks, those of the group that begins at row %first."""
    return f"""\
  %left = sub i64 %rows, %first
  %up = add i64 %left, {lanes - 1}
  %all = sdiv i64 %up, {lanes}
  %chunks = call i64 @llvm.smin.i64(i64 %all, i64 {group_size(kernel, lanes)})"""


def _chunk(name: str, kernel: Kernel, lanes: int) -> str:
    """Place chunk %name of a group: its first row, the rows left, its work memory."""
    return f"""\
  %{name}.offset = mul i64 %{name}, {lanes}
  %{name}.row = add i64 %first, %{name}.offset
  %{name}.left = sub i64 %rows, %{name}.row
  %{name}.skip = mul i64 %{name}, {8 * lanes * kernel.slots}
  %{name}.work = getelementptr i8, ptr %work, i64 %{name}.skip
"""


def _mask(count: str, lanes: int) -> str:
    return f"  %count = add i64 {count}, 0\n{mask(lanes)}\n"


def _run(kernel: Kernel, lanes: int) -> str:
    """``run(work, theta, sums, chunks, count)``: each block over the chunks of a group, then the tallies.

    In the first chunk only ``count`` lanes are rows and are added.
    """
    again = f"""\
  %skip = mul i64 %chunk, {8 * lanes * kernel.slots}
  %there = getelementptr i8, ptr %work, i64 %skip
  call void %block(ptr %there, ptr %theta)"""
    tally = "ptr %work, ptr %theta, ptr %sums, i64 %chunks, i64 %count"
    calls = [f"  call void @repeat(ptr {block}, ptr %work, ptr %theta, i64 %chunks)" for block in kernel.blocks]
    calls += [f"  call void {each}({tally})" for each in kernel.tallies]
    return f"""
define internal void @repeat(ptr %block, ptr %work, ptr %theta, i64 %chunks) #0 {{
{loop("chunk", 0, "%chunks", again)}
  ret void
}}
define internal void @run({tally}) #0 {{
{chr(10).join(calls)}
  ret void
}}"""


def _fetch(lanes: int) -> str:
    """``fetch(base, stride, row, count, slot)``: fill a slot with ``count`` numbers from ``row`` on, or all lanes."""
    whole, bits = vector_type(lanes), f"<{lanes} x i1>"
    load, load_declaration = masked("load", lanes)
    gather, gather_declaration = masked("gather", lanes)
    return f"""
{load_declaration}
{gather_declaration}
define internal void @fetch(ptr %base, i64 %stride, i64 %row, i64 %count, ptr %slot) #0 {{
{mask(lanes)}
  %skip = mul i64 %row, %stride
  %first = getelementptr i8, ptr %base, i64 %skip
  %dense = icmp eq i64 %stride, 8
  br i1 %dense, label %load, label %gather
load:
  %loaded = call {whole} {load}(ptr %first, i32 8, {bits} %mask, {whole} zeroinitializer)
  store {whole} %loaded, ptr %slot, align {8 * lanes}
  ret void
gather:
{splat("%step", "i64", "%stride", lanes)}
  %offsets = mul <{lanes} x i64> {vector(range(lanes))}, %step
  %places = getelementptr i8, ptr %first, <{lanes} x i64> %offsets
  %gathered = call {whole} {gather}(<{lanes} x ptr> %places, i32 8, {bits} %mask, {whole} zeroinitializer)
  store {whole} %gathered, ptr %slot, align {8 * lanes}
  ret void
}}"""
