"""What surrounds the kernel of a native program: the loop over the rows, and the way in from Python.

Three drivers, each the text of one function:

``call``     a C function in CPython's own calling convention, floats to a tuple of floats
``columns``  one array (or one number) per argument in, one array per output out
``sums``     the rows of a table in, the sum of every output over the rows out

The last chunk is rarely full. Its loads and stores are masked, so that nothing outside the
arrays is touched; sums take it first and clear the lanes beyond the last row before going on.
"""

from __future__ import annotations

from collections.abc import Iterable

from autograd_mini.program.llvm_kernel import Kernel, vector_type

__all__ = ["call_driver", "columns_driver", "group_size", "lane_by_lane", "sums_call", "sums_driver", "try_driver"]

LONG = 12  # blocks from which on a program is taken block by block
GROUP, GROUP_BYTES = 8, 1 << 20  # at most so many chunks in turn, and so much work memory for them
STACK = 2048  # slots of work memory that a call from Python takes from the stack; more come from malloc


def lane_by_lane(name: str, arity: int, lanes: int) -> str:
    """Return a function of vectors that calls the scalar one of the same name for each lane."""
    whole = vector_type(lanes)
    letters = "xy"[:arity]
    lines = [f"declare double @{name}({', '.join(['double'] * arity)})"]
    lines.append(f"define internal {whole} @{name}.{lanes}({', '.join(f'{whole} %{x}' for x in letters)}) #0 {{")
    so_far = "poison"
    for i in range(lanes):
        lines += [f"  %{x}{i} = extractelement {whole} %{x}, i64 {i}" for x in letters]
        lines.append(f"  %f{i} = call double @{name}({', '.join(f'double %{x}{i}' for x in letters)})")
        lines.append(f"  %r{i} = insertelement {whole} {so_far}, double %f{i}, i64 {i}")
        so_far = f"%r{i}"
    return "\n".join([*lines, f"  ret {whole} {so_far}\n}}"])


def try_driver(name: str, arity: int, lanes: int) -> str:
    """Return ``attempt(n, x, y, out)``, which applies a vector function to n numbers, a multiple of the lanes."""
    vector, letters = vector_type(lanes), "xy"[:arity]
    loads = "\n".join(
        f"""\
  %{x}.at = getelementptr double, ptr %{x}, i64 %i
  %{x}.here = load {vector}, ptr %{x}.at, align 8"""
        for x in letters
    )
    return f"""
declare {vector} @{name}({", ".join([vector] * arity)})
define void @attempt(i64 %n, {", ".join(f"ptr %{x}" for x in letters)}, ptr %out) #0 {{
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %i.next, %loop ]
{loads}
  %found = call {vector} @{name}({", ".join(f"{vector} %{x}.here" for x in letters)})
  %out.at = getelementptr double, ptr %out, i64 %i
  store {vector} %found, ptr %out.at, align 8
  %i.next = add i64 %i, {lanes}
  %more = icmp slt i64 %i.next, %n
  br i1 %more, label %loop, label %done
done:
  ret void
}}
"""


def call_driver(kernel: Kernel, release: bool) -> str:
    """Return ``call(self, args, count)``, a METH_FASTCALL function: numbers in, a tuple of floats out.

    ``release`` lets other threads run meanwhile.
    """
    inputs, outputs = kernel.columns, kernel.outputs
    memory = 8 * kernel.slots + 8
    heap = kernel.slots > STACK
    work = f"call ptr @PyMem_RawMalloc(i64 {memory})" if heap else f"alloca i8, i64 {memory}, align 16"
    free = "  call void @PyMem_RawFree(ptr %work)\n" if heap else ""
    message = f"expected {inputs} number{'s' * (inputs != 1)}, got %zd"
    run = "\n".join(f"  call void @block{i}(ptr %work, ptr null, ptr null)" for i in range(len(kernel.blocks)))
    if release:
        run = f"""\
  %thread = call ptr @PyEval_SaveThread()
{run}
  call void @PyEval_RestoreThread(ptr %thread)"""
    return f"""
declare double @PyFloat_AsDouble(ptr)
declare ptr @PyFloat_FromDouble(double)
declare ptr @PyErr_Occurred()
declare ptr @PyErr_NoMemory()
declare ptr @PyErr_Format(ptr, ptr, ...)
declare ptr @PyTuple_New(i64)
declare i32 @PyTuple_SetItem(ptr, i64, ptr)
declare void @Py_DecRef(ptr)
declare ptr @PyMem_RawMalloc(i64)
declare void @PyMem_RawFree(ptr)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)
@PyExc_TypeError = external global ptr
@count_text = internal constant [{len(message) + 1} x i8] c"{message}\\00"
define ptr @call(ptr %self, ptr %args, i64 %count) #0 {{
entry:
  %work = {work}
  %memory = icmp ne ptr %work, null
  br i1 %memory, label %check, label %exhausted
check:
  %right = icmp eq i64 %count, {inputs}
  br i1 %right, label %load, label %wrong
load:
  %i = phi i64 [ 0, %check ], [ %i.next, %loaded ]
  %more = icmp slt i64 %i, {inputs}
  br i1 %more, label %convert, label %run
convert:
  %arg.at = getelementptr ptr, ptr %args, i64 %i
  %arg = load ptr, ptr %arg.at
  %number = call double @PyFloat_AsDouble(ptr %arg)
  %doubtful = fcmp oeq double %number, -1.0
  br i1 %doubtful, label %ask, label %loaded
ask:
  %error = call ptr @PyErr_Occurred()
  %failed = icmp ne ptr %error, null
  br i1 %failed, label %fail, label %loaded
loaded:
  %slot = getelementptr double, ptr %work, i64 %i
  store double %number, ptr %slot
  %i.next = add i64 %i, 1
  br label %load
run:
{run}
  %tuple = call ptr @PyTuple_New(i64 {outputs})
  %made = icmp ne ptr %tuple, null
  br i1 %made, label %fill, label %fail
fill:
  %k = phi i64 [ 0, %run ], [ %k.next, %filled ]
  %left = icmp slt i64 %k, {outputs}
  br i1 %left, label %wrap, label %done
wrap:
  %place = add i64 %k, {inputs}
  %result.at = getelementptr double, ptr %work, i64 %place
  %result = load double, ptr %result.at
  %object = call ptr @PyFloat_FromDouble(double %result)
  %wrapped = icmp ne ptr %object, null
  br i1 %wrapped, label %filled, label %drop
filled:
  %status = call i32 @PyTuple_SetItem(ptr %tuple, i64 %k, ptr %object)
  %k.next = add i64 %k, 1
  br label %fill
done:
{free}  ret ptr %tuple
drop:
  call void @Py_DecRef(ptr %tuple)
  br label %fail
wrong:
  %type = load ptr, ptr @PyExc_TypeError
  call ptr (ptr, ptr, ...) @PyErr_Format(ptr %type, ptr @count_text, i64 %count)
  br label %fail
fail:
{free}  ret ptr null
exhausted:
  %none = call ptr @PyErr_NoMemory()
  ret ptr null
}}
"""


def group_size(kernel: Kernel, lanes: int) -> int:
    """Return how many chunks go through a block before the next block has its turn.

    A long program is more code than the instruction cache holds, and its accumulators more
    than the data cache: block by block, each is fetched once for many chunks.
    """
    if len(kernel.blocks) < LONG:
        return 1
    return max(1, min(GROUP, GROUP_BYTES // (8 * lanes * kernel.slots)))


def columns_driver(kernel: Kernel, lanes: int) -> str:
    """Return ``columns(rows, inputs, strides, outputs, theta, work)``.

    ``inputs`` and ``outputs`` are tables of addresses, ``strides`` the step in bytes from one row
    to the next, 0 for a number that is the same in each row.
    """
    vector, group = vector_type(lanes), group_size(kernel, lanes)
    return f"""
{_fetch(lanes)}
{_masked("store", lanes)}
{_run(kernel, lanes)}
define internal void @load(ptr %inputs, ptr %strides, i64 %row, i64 %count, ptr %work) #0 {{
entry:
  br label %copy
copy:
  %i = phi i64 [ 0, %entry ], [ %i.next, %each ]
  %more = icmp slt i64 %i, {kernel.columns}
  br i1 %more, label %each, label %done
each:
  %base.at = getelementptr ptr, ptr %inputs, i64 %i
  %base = load ptr, ptr %base.at
  %stride.at = getelementptr i64, ptr %strides, i64 %i
  %stride = load i64, ptr %stride.at
  %slot = getelementptr {vector}, ptr %work, i64 %i
  call void @fetch(ptr %base, i64 %stride, i64 %row, i64 %count, ptr %slot)
  %i.next = add i64 %i, 1
  br label %copy
done:
  ret void
}}
define internal void @store(ptr %outputs, i64 %row, i64 %count, ptr %work) #0 {{
entry:
{_mask(lanes)}
  br label %copy
copy:
  %k = phi i64 [ 0, %entry ], [ %k.next, %each ]
  %more = icmp slt i64 %k, {kernel.outputs}
  br i1 %more, label %each, label %done
each:
  %place = add i64 %k, {kernel.columns}
  %result.at = getelementptr {vector}, ptr %work, i64 %place
  %result = load {vector}, ptr %result.at, align {8 * lanes}
  %out.at = getelementptr ptr, ptr %outputs, i64 %k
  %out = load ptr, ptr %out.at
  %to = getelementptr double, ptr %out, i64 %row
  call void @llvm.masked.store.{_suffix(lanes)}.p0({vector} %result, ptr %to, i32 8, {_bits(lanes)} %mask)
  %k.next = add i64 %k, 1
  br label %copy
done:
  ret void
}}
define void @columns(i64 %rows, ptr %inputs, ptr %strides, ptr %outputs, ptr %theta, ptr %work) #0 {{
entry:
  br label %group
group:
  %first = phi i64 [ 0, %entry ], [ %first.next, %stored ]
  %some = icmp slt i64 %first, %rows
  br i1 %some, label %load, label %done
load:
  %l = phi i64 [ 0, %group ], [ %l.next, %load ]
{_chunk("l", lanes, kernel.slots)}
  call void @load(ptr %inputs, ptr %strides, i64 %l.row, i64 %l.count, ptr %l.work)
  %l.next = add i64 %l, 1
  %l.unread = icmp sgt i64 %l.count, {lanes}
  %l.room = icmp slt i64 %l.next, {group}
  %l.more = and i1 %l.unread, %l.room
  br i1 %l.more, label %load, label %run
run:
  call void @run(ptr %work, ptr %theta, ptr null, i64 %l.next, i64 {lanes})
  br label %store
store:
  %s = phi i64 [ 0, %run ], [ %s.next, %store ]
{_chunk("s", lanes, kernel.slots)}
  call void @store(ptr %outputs, i64 %s.row, i64 %s.count, ptr %s.work)
  %s.next = add i64 %s, 1
  %s.more = icmp slt i64 %s.next, %l.next
  br i1 %s.more, label %store, label %stored
stored:
  %first.next = add i64 %first, {lanes * group}
  br label %group
done:
  ret void
}}
"""


def sums_driver(kernel: Kernel, lanes: int) -> str:
    """Return ``sums(rows, table, row_stride, column_stride, theta, work, sums, divisor, results)``.

    Strides are in bytes. ``results`` receives each output summed over the rows, over ``divisor``.
    """
    vector, group = vector_type(lanes), group_size(kernel, lanes)
    accumulators = len(kernel.sums)
    order = ", ".join(f"i64 {index}" for index in kernel.sums)
    return f"""
{_fetch(lanes)}
{_run(kernel, lanes)}
@order = internal constant [{accumulators} x i64] [{order}]
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
define internal void @load(ptr %table, i64 %row_stride, i64 %column_stride, i64 %row, i64 %count, ptr %work) #0 {{
entry:
  br label %copy
copy:
  %i = phi i64 [ 0, %entry ], [ %i.next, %each ]
  %more = icmp slt i64 %i, {kernel.columns}
  br i1 %more, label %each, label %done
each:
  %offset = mul i64 %i, %column_stride
  %base = getelementptr i8, ptr %table, i64 %offset
  %slot = getelementptr {vector}, ptr %work, i64 %i
  call void @fetch(ptr %base, i64 %row_stride, i64 %row, i64 %count, ptr %slot)
  %i.next = add i64 %i, 1
  br label %copy
done:
  ret void
}}
define void @sums(i64 %rows, ptr %table, i64 %row_stride, i64 %column_stride, ptr %theta, ptr %work, ptr %sums, \
double %divisor, ptr %results) #0 {{
entry:
  call void @llvm.memset.p0.i64(ptr align {8 * lanes} %sums, i8 0, i64 {8 * lanes * accumulators}, i1 false)
  %over = srem i64 %rows, {lanes}
  %none = icmp eq i64 %over, 0
  %under = sub i64 %over, {lanes}
  %ahead = select i1 %none, i64 0, i64 %under
  br label %group
group: ; rows from the first on; the chunk that is not full comes before it, as if it began at a negative row
  %first = phi i64 [ %ahead, %entry ], [ %first.next, %run ]
  %some = icmp slt i64 %first, %rows
  br i1 %some, label %load, label %reduce
load:
  %l = phi i64 [ 0, %group ], [ %l.next, %load ]
{_chunk("l", lanes, kernel.slots)}
  %outside = icmp slt i64 %l.row, 0
  %start = select i1 %outside, i64 0, i64 %l.row
  %missing = sub i64 %start, %l.row
  %valid = sub i64 {lanes}, %missing
  call void @load(ptr %table, i64 %row_stride, i64 %column_stride, i64 %start, i64 %valid, ptr %l.work)
  %l.next = add i64 %l, 1
  %l.unread = icmp sgt i64 %l.count, {lanes}
  %l.room = icmp slt i64 %l.next, {group}
  %l.more = and i1 %l.unread, %l.room
  br i1 %l.more, label %load, label %run
run:
  %negative = icmp slt i64 %first, 0
  %valid.0 = add i64 %first, {lanes}
  %valid.first = select i1 %negative, i64 %valid.0, i64 {lanes}
  call void @run(ptr %work, ptr %theta, ptr %sums, i64 %l.next, i64 %valid.first)
  %first.next = add i64 %first, {lanes * group}
  br label %group
reduce:
  %k = phi i64 [ 0, %group ], [ %k.next, %reduce ]
  %vector.at = getelementptr {vector}, ptr %sums, i64 %k
  %v{lanes} = load {vector}, ptr %vector.at, align {8 * lanes}
{_halvings(lanes)}
  %result = fdiv double %v1, %divisor
  %output.at = getelementptr i64, ptr @order, i64 %k
  %output = load i64, ptr %output.at
  %result.at = getelementptr double, ptr %results, i64 %output
  store double %result, ptr %result.at
  %k.next = add i64 %k, 1
  %left = icmp slt i64 %k.next, {accumulators}
  br i1 %left, label %reduce, label %done
done:
  ret void
}}
"""


def sums_call(sums_at: int) -> str:
    """Return ``call(self, args, count)``: ``sums`` for Python; takes arrays (rows, theta, work, results) and the
    divisor, returns the results.

    The caller has checked the arrays; ``sums_at`` is the byte in work memory where the
    accumulators begin. A buffer is asked for by its strides; its fields lie as the stable ABI fixes.
    """
    offsets = {"shape": 48, "strides": 56}
    views = "\n".join(
        f"""\
  %view{i} = getelementptr i8, ptr %views, i64 {80 * i}
  %data{i} = load ptr, ptr %view{i}"""
        for i in range(4)
    )
    fields = "\n".join(
        f"""\
  %{name}.at = getelementptr i8, ptr %views, i64 {offset}
  %{name} = load ptr, ptr %{name}.at"""
        for name, offset in offsets.items()
    )
    return f"""
declare i32 @PyObject_GetBuffer(ptr, ptr, i32)
declare void @PyBuffer_Release(ptr)
declare double @PyFloat_AsDouble(ptr)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)
declare void @Py_IncRef(ptr)
define ptr @call(ptr %self, ptr %args, i64 %count) #0 {{
entry:
  %views = alloca [320 x i8], align 16
  br label %view
view:
  %i = phi i64 [ 0, %entry ], [ %i.next, %viewed ]
  %more = icmp slt i64 %i, 4
  br i1 %more, label %ask, label %ready
ask:
  %arg.at = getelementptr ptr, ptr %args, i64 %i
  %arg = load ptr, ptr %arg.at
  %offset = mul i64 %i, 80
  %view.at = getelementptr i8, ptr %views, i64 %offset
  %status = call i32 @PyObject_GetBuffer(ptr %arg, ptr %view.at, i32 24) ; PyBUF_STRIDES
  %refused = icmp slt i32 %status, 0
  br i1 %refused, label %release, label %viewed
viewed:
  %i.next = add i64 %i, 1
  br label %view
ready:
{views}
{fields}
  %rows = load i64, ptr %shape
  %row.stride = load i64, ptr %strides
  %column.at = getelementptr i64, ptr %strides, i64 1
  %column.stride = load i64, ptr %column.at
  %divisor.at = getelementptr ptr, ptr %args, i64 4
  %divisor.object = load ptr, ptr %divisor.at
  %divisor = call double @PyFloat_AsDouble(ptr %divisor.object)
  %sums = getelementptr i8, ptr %data2, i64 {sums_at}
  %thread = call ptr @PyEval_SaveThread()
  call void @sums(i64 %rows, ptr %data0, i64 %row.stride, i64 %column.stride, ptr %data1, ptr %data2, ptr %sums, \
double %divisor, ptr %data3)
  call void @PyEval_RestoreThread(ptr %thread)
  %arg3.at = getelementptr ptr, ptr %args, i64 3
  %arg3 = load ptr, ptr %arg3.at
  call void @Py_IncRef(ptr %arg3)
  br label %release
release:
  %taken = phi i64 [ %i, %ask ], [ 4, %ready ], [ %taken.next, %drop ]
  %answer = phi ptr [ null, %ask ], [ %arg3, %ready ], [ %answer, %drop ]
  %any = icmp sgt i64 %taken, 0
  br i1 %any, label %drop, label %done
drop:
  %taken.next = sub i64 %taken, 1
  %taken.offset = mul i64 %taken.next, 80
  %taken.view = getelementptr i8, ptr %views, i64 %taken.offset
  call void @PyBuffer_Release(ptr %taken.view)
  br label %release
done:
  ret ptr %answer
}}
"""


def _chunk(name: str, lanes: int, slots: int) -> str:
    """Instructions that place chunk %name of a group: its first row, the rows left, its work memory."""
    return f"""\
  %{name}.offset = mul i64 %{name}, {lanes}
  %{name}.row = add i64 %first, %{name}.offset
  %{name}.count = sub i64 %rows, %{name}.row
  %{name}.skip = mul i64 %{name}, {8 * lanes * slots}
  %{name}.work = getelementptr i8, ptr %work, i64 %{name}.skip"""


def _run(kernel: Kernel, lanes: int) -> str:
    """``run(work, theta, sums, chunks, valid)``: each block over the chunks of a group.

    Of the first chunk only ``valid`` lanes are rows; what the others added to sums is cleared.
    """
    vector = vector_type(lanes)
    calls = "\n".join(
        f"  call void @repeat(ptr @block{i}, ptr %work, ptr %theta, ptr %sums, i64 %chunks, i64 %valid, i64 {low}, i64 {high})"
        for i, (low, high) in enumerate(kernel.blocks)
    )
    return f"""
define internal void @repeat(ptr %block, ptr %work, ptr %theta, ptr %sums, i64 %chunks, i64 %count, i64 %low, \
i64 %high) #0 {{
entry:
  call void %block(ptr %work, ptr %theta, ptr %sums)
  %full = icmp eq i64 %count, {lanes}
  br i1 %full, label %next, label %partial
partial:
{_mask(lanes)}
  br label %clear
clear:
  %c = phi i64 [ %low, %partial ], [ %c.next, %each ]
  %more = icmp slt i64 %c, %high
  br i1 %more, label %each, label %next
each:
  %sum.at = getelementptr {vector}, ptr %sums, i64 %c
  %sum = load {vector}, ptr %sum.at, align {8 * lanes}
  %kept = select {_bits(lanes)} %mask, {vector} %sum, {vector} zeroinitializer
  store {vector} %kept, ptr %sum.at, align {8 * lanes}
  %c.next = add i64 %c, 1
  br label %clear
next:
  %chunk = phi i64 [ 1, %entry ], [ 1, %clear ], [ %chunk.next, %again ]
  %left = icmp slt i64 %chunk, %chunks
  br i1 %left, label %again, label %done
again:
  %skip = mul i64 %chunk, {8 * lanes * kernel.slots}
  %there = getelementptr i8, ptr %work, i64 %skip
  call void %block(ptr %there, ptr %theta, ptr %sums)
  %chunk.next = add i64 %chunk, 1
  br label %next
done:
  ret void
}}
define internal void @run(ptr %work, ptr %theta, ptr %sums, i64 %chunks, i64 %valid) #0 {{
{calls}
  ret void
}}"""


def _bits(lanes: int) -> str:
    return f"<{lanes} x i1>"


def _suffix(lanes: int) -> str:
    return f"v{lanes}f64"


def _vector(numbers: Iterable[int], bits: int) -> str:
    return "<" + ", ".join(f"i{bits} {n}" for n in numbers) + ">"


def _mask(lanes: int) -> str:
    """Instructions that set %mask to the lanes below %count."""
    whole = f"<{lanes} x i64>"
    return f"""\
  %limit.0 = insertelement {whole} poison, i64 %count, i64 0
  %limit = shufflevector {whole} %limit.0, {whole} poison, <{lanes} x i32> zeroinitializer
  %mask = icmp slt {whole} {_vector(range(lanes), 64)}, %limit"""


def _masked(what: str, lanes: int) -> str:
    vector = vector_type(lanes)
    return {
        "store": f"declare void @llvm.masked.store.{_suffix(lanes)}.p0({vector}, ptr, i32, {_bits(lanes)})",
        "load": f"declare {vector} @llvm.masked.load.{_suffix(lanes)}.p0(ptr, i32, {_bits(lanes)}, {vector})",
        "gather": f"declare {vector} @llvm.masked.gather.{_suffix(lanes)}.v{lanes}p0"
        f"(<{lanes} x ptr>, i32, {_bits(lanes)}, {vector})",
    }[what]


def _fetch(lanes: int) -> str:
    """A function that fills a slot with ``count`` (at most every lane) numbers from ``row`` on."""
    vector, bits, whole = vector_type(lanes), _bits(lanes), f"<{lanes} x i64>"
    return f"""
{_masked("load", lanes)}
{_masked("gather", lanes)}
define internal void @fetch(ptr %base, i64 %stride, i64 %row, i64 %count, ptr %slot) #0 {{
{_mask(lanes)}
  %skip = mul i64 %row, %stride
  %first = getelementptr i8, ptr %base, i64 %skip
  %dense = icmp eq i64 %stride, 8
  br i1 %dense, label %load, label %gather
load:
  %loaded = call {vector} @llvm.masked.load.{_suffix(lanes)}.p0(ptr %first, i32 8, {bits} %mask, {vector} zeroinitializer)
  store {vector} %loaded, ptr %slot, align {8 * lanes}
  ret void
gather:
  %step.0 = insertelement {whole} poison, i64 %stride, i64 0
  %step = shufflevector {whole} %step.0, {whole} poison, <{lanes} x i32> zeroinitializer
  %offsets = mul {whole} {_vector(range(lanes), 64)}, %step
  %places = getelementptr i8, ptr %first, {whole} %offsets
  %gathered = call {vector} @llvm.masked.gather.{_suffix(lanes)}.v{lanes}p0(<{lanes} x ptr> %places, i32 8, \
{bits} %mask, {vector} zeroinitializer)
  store {vector} %gathered, ptr %slot, align {8 * lanes}
  ret void
}}"""


def _halvings(lanes: int) -> str:
    """Instructions that add the lanes of %v<lanes> to %v1, halves first: the same order every time."""
    lines = []
    while lanes > 1:
        vector, half = vector_type(lanes), lanes // 2
        part = f"<{half} x double>"
        for name, order in (("low", range(half)), ("high", range(half, lanes))):
            lanes_text = _vector(order, 32)
            lines.append(
                f"  %{name}{half} = shufflevector {vector} %v{lanes}, {vector} poison, <{half} x i32> {lanes_text}"
            )
        total = f"%v{half}" if half > 1 else "%v1.0"
        lines.append(f"  {total} = fadd {part} %low{half}, %high{half}")
        lanes = half
    lines.append("  %v1 = extractelement <1 x double> %v1.0, i64 0")
    return "\n".join(lines)
