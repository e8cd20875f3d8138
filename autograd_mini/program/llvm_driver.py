"""What surrounds the kernel of a native program: the loops over the rows.

``columns`` takes one array (or one number) per argument and fills one per output. ``sums`` takes
the rows of a table and returns the sum of every output over them.

Rows go in chunks of one vector. One chunk is rarely full: its loads and stores are masked, so
that nothing outside the arrays is touched; sums take it first and clear the lanes that are no
rows before they go on.
"""

from __future__ import annotations

from autograd_mini.program.llvm_kernel import Kernel
from autograd_mini.program.llvm_text import loop, mask, masked, splat, vector, vector_type

__all__ = ["columns_driver", "group_size", "lane_by_lane", "sums_driver", "try_driver"]

GROUP, GROUP_BYTES = 8, 1 << 20  # at most so many chunks in turn, and so much work memory for them
MINIMUM = "declare i64 @llvm.smin.i64(i64, i64)\ndeclare i64 @llvm.smax.i64(i64, i64)"


def group_size(kernel: Kernel, lanes: int) -> int:
    """Return how many chunks go through a block before the next block has its turn.

    A long program is more code than the instruction cache holds: block by block, it is fetched
    once for many chunks. And the more chunks, the more rarely sums go to memory and back.
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
    plus the output of the kernel ``once``, a kernel of one lane that reads theta alone.
    """
    whole, count = vector_type(lanes), kernel.outputs
    calls = "\n".join(f"  call void {block}(ptr %once, ptr %theta)" for block in (once.blocks if once else ()))
    read = f"""\
  %offset = mul i64 %i, %column_stride
  %base = getelementptr i8, ptr %table, i64 %offset
  %slot = getelementptr {whole}, ptr %l.work, i64 %i
  call void @fetch(ptr %base, i64 %row_stride, i64 %start, i64 %valid, ptr %slot)"""
    # The chunk that is not full comes first, as if it began at a negative row.
    clip = f"""\
  %start = call i64 @llvm.smax.i64(i64 %l.row, i64 0)
  %missing = sub i64 %start, %l.row
  %valid = sub i64 {lanes}, %missing
"""
    group = f"""\
{_chunks(kernel, lanes)}
{loop("l", 0, "%chunks", _chunk("l", kernel, lanes) + clip + loop("i", 0, kernel.columns, read))}
  %ahead = call i64 @llvm.smin.i64(i64 %first, i64 0)
  %whole = add i64 %ahead, {lanes}
  call void @run(ptr %work, ptr %theta, ptr %sums, i64 %chunks, i64 %whole)"""
    add = """\
  %extra.at = getelementptr double, ptr %once, i64 %k
  %extra = load double, ptr %extra.at
  %result = fadd double %mean, %extra"""
    if once is None:
        add = "  %result = fadd double %mean, -0.0"
    reduce = f"""\
  %sum.at = getelementptr {whole}, ptr %sums, i64 %k
  %v{lanes} = load {whole}, ptr %sum.at, align {8 * lanes}
{_halvings(lanes)}
  %mean = fdiv double %v1, %divisor
{add}
  %result.at = getelementptr double, ptr %results, i64 %k
  store double %result, ptr %result.at"""
    return f"""
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
{MINIMUM}
{_fetch(lanes)}
{_run(kernel, lanes)}
define void @sums(i64 %rows, ptr %table, i64 %row_stride, i64 %column_stride, ptr %theta, ptr %work, ptr %sums, \
ptr %once, double %divisor, ptr %results) #0 {{
{calls}
  call void @llvm.memset.p0.i64(ptr align {8 * lanes} %sums, i8 0, i64 {8 * lanes * count}, i1 false)
  %over = srem i64 %rows, {lanes}
  %none = icmp eq i64 %over, 0
  %before = sub i64 %over, {lanes}
  %begin = select i1 %none, i64 0, i64 %before
{loop("first", "%begin", "%rows", group, lanes * group_size(kernel, lanes))}
{loop("k", 0, count, reduce)}
  ret void
}}
"""


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

    Of the first chunk only ``count`` lanes are rows.
    """
    again = f"""\
  %skip = mul i64 %chunk, {8 * lanes * kernel.slots}
  %there = getelementptr i8, ptr %work, i64 %skip
  call void %block(ptr %there, ptr %theta)"""
    repeat = "ptr %work, ptr %theta, i64 %chunks"
    blocks = "\n".join(f"  call void @repeat(ptr {block}, {repeat})" for block in kernel.blocks)
    tally = "ptr %work, ptr %theta, ptr %sums, i64 %chunks, i64 %count"
    tallies = "\n".join(f"  call void {each}({tally})" for each in kernel.tallies)
    return f"""
define internal void @repeat(ptr %block, {repeat}) #0 {{
{loop("chunk", 0, "%chunks", again)}
  ret void
}}
define internal void @run({tally}) #0 {{
{blocks}
{tallies}
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


def _halvings(lanes: int) -> str:
    """Add the lanes of %v<lanes> to %v1, halves first: the same order every time."""
    lines = []
    while lanes > 1:
        half = lanes // 2
        for name, order in (("low", range(half)), ("high", range(half, lanes))):
            pair = f"<{lanes} x double> %v{lanes}, <{lanes} x double> poison"
            lines.append(f"  %{name}{half} = shufflevector {pair}, <{half} x i32> {vector(order, 32)}")
        lines.append(f"  %v{half}{'.0' * (half == 1)} = fadd <{half} x double> %low{half}, %high{half}")
        lanes = half
    return "\n".join([*lines, "  %v1 = extractelement <1 x double> %v1.0, i64 0"])


# ---------------------------------------------------------------- library functions


def lane_by_lane(name: str, arity: int, lanes: int) -> str:
    """Return a function of vectors that calls the scalar one of the same name for each lane."""
    whole = vector_type(lanes)
    letters = "xy"[:arity]
    lines = [f"define internal {whole} @{name}.{lanes}({', '.join(f'{whole} %{x}' for x in letters)}) #0 {{"]
    so_far = "poison"
    for i in range(lanes):
        lines += [f"  %{x}{i} = extractelement {whole} %{x}, i64 {i}" for x in letters]
        lines.append(f"  %f{i} = call double @{name}({', '.join(f'double %{x}{i}' for x in letters)})")
        lines.append(f"  %r{i} = insertelement {whole} {so_far}, double %f{i}, i64 {i}")
        so_far = f"%r{i}"
    return "\n".join([*lines, f"  ret {whole} {so_far}\n}}"])


def try_driver(name: str, arity: int, lanes: int) -> str:
    """Return ``attempt(n, x, y, out)``, which applies a vector function to n numbers, a multiple of the lanes."""
    whole, letters = vector_type(lanes), "xy"[:arity]
    loads = "\n".join(
        f"  %{x}.at = getelementptr double, ptr %{x}, i64 %i\n  %{x}.here = load {whole}, ptr %{x}.at, align 8"
        for x in letters
    )
    body = f"""\
{loads}
  %found = call {whole} @{name}({", ".join(f"{whole} %{x}.here" for x in letters)})
  %out.at = getelementptr double, ptr %out, i64 %i
  store {whole} %found, ptr %out.at, align 8"""
    return f"""
declare {whole} @{name}({", ".join([whole] * arity)})
define void @attempt(i64 %n, {", ".join(f"ptr %{x}" for x in letters)}, ptr %out) #0 {{
{loop("i", 0, "%n", body, lanes)}
  ret void
}}
"""
