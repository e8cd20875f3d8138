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

from autograd_mini.program.llvm_kernel import vector_type

__all__ = ["call_driver", "columns_driver", "lane_by_lane", "sums_driver"]

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


def call_driver(inputs: int, outputs: int, slots: int, release: bool) -> str:
    """Return ``call(self, args, count)``, a METH_FASTCALL function: numbers in, a tuple of floats out.

    ``release`` lets other threads run meanwhile.
    """
    heap = slots > STACK
    work = f"call ptr @PyMem_RawMalloc(i64 {8 * slots})" if heap else f"alloca [{slots + 1} x double], align 16"
    free = "  call void @PyMem_RawFree(ptr %work)\n" if heap else ""
    message = f"expected {inputs} number{'s' * (inputs != 1)}, got %zd"
    kernel = "  call void @kernel(ptr %work, ptr null, ptr null)"
    if release:
        kernel = f"""\
  %thread = call ptr @PyEval_SaveThread()
{kernel}
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
{kernel}
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


def columns_driver(lanes: int, columns: int, outputs: int) -> str:
    """Return ``columns(rows, inputs, strides, outputs, theta, work)``.

    ``inputs`` and ``outputs`` are tables of addresses, ``strides`` the step in bytes from one row
    to the next, 0 for a number that is the same in each row.
    """
    return f"""
{_fetch(lanes)}
{_masked("store", lanes)}
define void @columns(i64 %rows, ptr %inputs, ptr %strides, ptr %outputs, ptr %theta, ptr %work) #0 {{
entry:
  br label %chunk
chunk:
  %row = phi i64 [ 0, %entry ], [ %row.next, %stored ]
  %count = sub i64 %rows, %row
  %some = icmp sgt i64 %count, 0
  br i1 %some, label %load, label %done
load:
  %i = phi i64 [ 0, %chunk ], [ %i.next, %copy ]
  %more = icmp slt i64 %i, {columns}
  br i1 %more, label %copy, label %run
copy:
  %base.at = getelementptr ptr, ptr %inputs, i64 %i
  %base = load ptr, ptr %base.at
  %stride.at = getelementptr i64, ptr %strides, i64 %i
  %stride = load i64, ptr %stride.at
  %slot = getelementptr {vector_type(lanes)}, ptr %work, i64 %i
  call void @fetch(ptr %base, i64 %stride, i64 %row, i64 %count, ptr %slot)
  %i.next = add i64 %i, 1
  br label %load
run:
  call void @kernel(ptr %work, ptr %theta, ptr null)
{_mask(lanes)}
  br label %store
store:
  %k = phi i64 [ 0, %run ], [ %k.next, %write ]
  %left = icmp slt i64 %k, {outputs}
  br i1 %left, label %write, label %stored
write:
  %place = add i64 %k, {columns}
  %result.at = getelementptr {vector_type(lanes)}, ptr %work, i64 %place
  %result = load {vector_type(lanes)}, ptr %result.at, align {8 * lanes}
  %out.at = getelementptr ptr, ptr %outputs, i64 %k
  %out = load ptr, ptr %out.at
  %to = getelementptr double, ptr %out, i64 %row
  call void @llvm.masked.store.{_suffix(lanes)}.p0({vector_type(lanes)} %result, ptr %to, i32 8, {_bits(lanes)} %mask)
  %k.next = add i64 %k, 1
  br label %store
stored:
  %row.next = add i64 %row, {lanes}
  br label %chunk
done:
  ret void
}}
"""


def sums_driver(lanes: int, columns: int, outputs: int) -> str:
    """Return ``sums(rows, table, row_stride, column_stride, theta, work, sums, divisor, results)``.

    Strides are in bytes. ``results`` receives each output summed over the rows, over ``divisor``.
    """
    vector = vector_type(lanes)
    return f"""
{_fetch(lanes)}
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
define internal void @take(ptr %table, i64 %row_stride, i64 %column_stride, i64 %row, i64 %count, ptr %theta, \
ptr %work, ptr %sums) #0 {{
entry:
  br label %load
load:
  %i = phi i64 [ 0, %entry ], [ %i.next, %copy ]
  %more = icmp slt i64 %i, {columns}
  br i1 %more, label %copy, label %run
copy:
  %offset = mul i64 %i, %column_stride
  %base = getelementptr i8, ptr %table, i64 %offset
  %slot = getelementptr {vector}, ptr %work, i64 %i
  call void @fetch(ptr %base, i64 %row_stride, i64 %row, i64 %count, ptr %slot)
  %i.next = add i64 %i, 1
  br label %load
run:
  call void @kernel(ptr %work, ptr %theta, ptr %sums)
  ret void
}}
define void @sums(i64 %rows, ptr %table, i64 %row_stride, i64 %column_stride, ptr %theta, ptr %work, ptr %sums, \
double %divisor, ptr %results) #0 {{
entry:
  call void @llvm.memset.p0.i64(ptr align {8 * lanes} %sums, i8 0, i64 {8 * lanes * outputs}, i1 false)
  %count = srem i64 %rows, {lanes}
  %start = sub i64 %rows, %count
  %even = icmp eq i64 %count, 0
  br i1 %even, label %chunk, label %rest
rest:
  call void @take(ptr %table, i64 %row_stride, i64 %column_stride, i64 %start, i64 %count, ptr %theta, ptr %work, \
ptr %sums)
{_mask(lanes)}
  br label %clear
clear:
  %c = phi i64 [ 0, %rest ], [ %c.next, %clear ]
  %sum.at = getelementptr {vector}, ptr %sums, i64 %c
  %sum = load {vector}, ptr %sum.at, align {8 * lanes}
  %kept = select {_bits(lanes)} %mask, {vector} %sum, {vector} zeroinitializer
  store {vector} %kept, ptr %sum.at, align {8 * lanes}
  %c.next = add i64 %c, 1
  %unclear = icmp slt i64 %c.next, {outputs}
  br i1 %unclear, label %clear, label %chunk
chunk:
  %row = phi i64 [ 0, %entry ], [ 0, %clear ], [ %row.next, %full ]
  %some = icmp slt i64 %row, %start
  br i1 %some, label %full, label %reduce
full:
  call void @take(ptr %table, i64 %row_stride, i64 %column_stride, i64 %row, i64 {lanes}, ptr %theta, ptr %work, \
ptr %sums)
  %row.next = add i64 %row, {lanes}
  br label %chunk
reduce:
  %k = phi i64 [ 0, %chunk ], [ %k.next, %reduce ]
  %vector.at = getelementptr {vector}, ptr %sums, i64 %k
  %v{lanes} = load {vector}, ptr %vector.at, align {8 * lanes}
{_halvings(lanes)}
  %result = fdiv double %v1, %divisor
  %result.at = getelementptr double, ptr %results, i64 %k
  store double %result, ptr %result.at
  %k.next = add i64 %k, 1
  %left = icmp slt i64 %k.next, {outputs}
  br i1 %left, label %reduce, label %done
done:
  ret void
}}
"""


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
            lines.append(f"  %{name}{half} = shufflevector {vector} %v{lanes}, {vector} poison, <{half} x i32> {lanes_text}")
        total = f"%v{half}" if half > 1 else "%v1.0"
        lines.append(f"  {total} = fadd {part} %low{half}, %high{half}")
        lanes = half
    lines.append("  %v1 = extractelement <1 x double> %v1.0, i64 0")
    return "\n".join(lines)
