"""Calls from Python into a native program: C functions with CPython's calling convention.

They use only the stable ABI (METH_FASTCALL, the buffer protocol). A call takes some tens of
nanoseconds; through ctypes it would take microseconds.
"""

from __future__ import annotations

from autograd_mini.program.targets.llvm.kernel import Kernel
from autograd_mini.program.targets.llvm.text import loop

__all__ = ["product_call", "rows_call", "scalar_call", "sums_call"]

STACK = 2048  # slots of work memory that a call takes from the stack; more come from the heap
VIEW, SHAPE, STRIDES = 80, 48, 56  # bytes of a Py_buffer and where its fields lie, on a 64-bit system
PYBUF_STRIDES = 24

RELEASED = """\
  %thread = call ptr @PyEval_SaveThread()
{work}
  call void @PyEval_RestoreThread(ptr %thread)"""
"""Run the work with the GIL released."""

ASK = f"""\
  %arg.at = getelementptr ptr, ptr %args, i64 %i
  %arg = load ptr, ptr %arg.at
  %offset = mul i64 %i, {VIEW}
  %view = getelementptr i8, ptr %views, i64 %offset
  %status = call i32 @PyObject_GetBuffer(ptr %arg, ptr %view, i32 {PYBUF_STRIDES})
  %refused = icmp slt i32 %status, 0
  br i1 %refused, label %release, label %granted
granted:"""
"""Asks an argument for its memory; on refusal the views taken so far are released."""
DROP = f"""\
  %drop.offset = mul i64 %drop, {VIEW}
  %dropped = getelementptr i8, ptr %views, i64 %drop.offset
  call void @PyBuffer_Release(ptr %dropped)"""


def scalar_call(kernel: Kernel, release: bool) -> str:
    """Return ``call(self, args, count)``: numbers in, a tuple of floats out; ``release`` lets other threads run."""
    inputs, outputs = kernel.columns, kernel.outputs
    memory = 8 * kernel.slots + 8
    heap = kernel.slots > STACK
    work = f"call ptr @PyMem_RawMalloc(i64 {memory})" if heap else f"alloca i8, i64 {memory}, align 16"
    free = "  call void @PyMem_RawFree(ptr %work)\n" if heap else ""
    message = f"expected {inputs} number{'s' * (inputs != 1)}, got %zd"
    run = "\n".join(f"  call void {block}(ptr %work, ptr null)" for block in kernel.blocks)
    convert = """\
  %arg.at = getelementptr ptr, ptr %args, i64 %i
  %arg = load ptr, ptr %arg.at
  %number = call double @PyFloat_AsDouble(ptr %arg)
  %slot = getelementptr double, ptr %work, i64 %i
  store double %number, ptr %slot
  %doubtful = fcmp oeq double %number, -1.0
  br i1 %doubtful, label %ask, label %converted
ask: ; -1 is also how an error is reported
  %error = call ptr @PyErr_Occurred()
  %failed = icmp ne ptr %error, null
  br i1 %failed, label %fail, label %converted
converted:"""
    wrap = f"""\
  %place = add i64 %k, {inputs}
  %result.at = getelementptr double, ptr %work, i64 %place
  %result = load double, ptr %result.at
  %object = call ptr @PyFloat_FromDouble(double %result)
  %wrapped = icmp ne ptr %object, null
  br i1 %wrapped, label %keep, label %drop
keep:
  %status = call i32 @PyTuple_SetItem(ptr %tuple, i64 %k, ptr %object)"""
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
@message = internal constant [{len(message) + 1} x i8] c"{message}\\00"
define ptr @call(ptr %self, ptr %args, i64 %count) #0 {{
  %work = {work}
  %memory = icmp ne ptr %work, null
  br i1 %memory, label %check, label %exhausted
check:
  %right = icmp eq i64 %count, {inputs}
  br i1 %right, label %read, label %wrong
read:
{loop("i", 0, inputs, convert)}
{RELEASED.format(work=run) if release else run}
  %tuple = call ptr @PyTuple_New(i64 {outputs})
  %made = icmp ne ptr %tuple, null
  br i1 %made, label %write, label %fail
write:
{loop("k", 0, outputs, wrap)}
{free}  ret ptr %tuple
drop:
  call void @Py_DecRef(ptr %tuple)
  br label %fail
wrong:
  %type = load ptr, ptr @PyExc_TypeError
  call ptr (ptr, ptr, ...) @PyErr_Format(ptr %type, ptr @message, i64 %count)
  br label %fail
fail:
{free}  ret ptr null
exhausted:
  %none = call ptr @PyErr_NoMemory()
  ret ptr null
}}
"""


def sums_call(sums_at: int, once_at: int) -> str:
    """Return ``call(self, args, count)``, the function ``sums`` for Python.

    It takes the arrays rows, theta, work and results, which the caller has checked, and the
    divisor, and returns results, or None where one of them is not finite. ``sums_at`` and
    ``once_at`` are the bytes of work where the accumulators begin, and the work memory of the
    kernel that runs once.
    """
    ready = f"""\
  %strides.at = getelementptr i8, ptr %views, i64 {STRIDES}
  %strides = load ptr, ptr %strides.at
  %row.stride = load i64, ptr %strides
  %column.at = getelementptr i64, ptr %strides, i64 1
  %column.stride = load i64, ptr %column.at
  %divisor.at = getelementptr ptr, ptr %args, i64 4
  %divisor.object = load ptr, ptr %divisor.at
  %divisor = call double @PyFloat_AsDouble(ptr %divisor.object)
  %sums = getelementptr i8, ptr %data2, i64 {sums_at}
  %once = getelementptr i8, ptr %data2, i64 {once_at}
"""
    work = """\
  %finite = call i1 @sums(i64 %rows, ptr %data0, i64 %row.stride, i64 %column.stride, ptr %data1, ptr %data2, \
ptr %sums, ptr %once, double %divisor, ptr %data3)"""
    choose = "  %given = select i1 %finite, ptr %results, ptr @_Py_NoneStruct\n"
    declared = "declare double @PyFloat_AsDouble(ptr)\n@_Py_NoneStruct = external global ptr"
    return declared + _on_arrays(4, ready, work, choose, "%given")


def rows_call() -> str:
    """Return ``call(self, args, count)``, the function ``rows`` for Python.

    It takes the arrays rows, theta, work, tables and out, which the caller has checked, and returns out.
    """
    work = "  call void @rows(i64 %rows, ptr %data0, ptr %data1, ptr %data2, ptr %data3, ptr %data4)"
    return _on_arrays(5, "", work)


def product_call() -> str:
    """Return ``call(self, args, count)``, the function ``product`` for Python.

    It takes the arrays a (M, K), b (K, N), c (M, N), whose strides it reads, and the memory of a panel, which it
    returns.
    """
    lines = []
    for array, names in enumerate((("M", "K"), ("", "N"), ("", ""))):
        for field, offset in (("shape", SHAPE), ("strides", STRIDES)):
            lines.append(f"  %{field}{array}.at = getelementptr i8, ptr %view{array}, i64 {offset}")
            lines.append(f"  %{field}{array} = load ptr, ptr %{field}{array}.at")
        for axis, name in enumerate(names):
            lines.append(f"  %s{array}{axis}.at = getelementptr i64, ptr %strides{array}, i64 {axis}")
            lines.append(f"  %s{array}{axis}.bytes = load i64, ptr %s{array}{axis}.at")
            lines.append(f"  %s{array}{axis} = ashr i64 %s{array}{axis}.bytes, 3")
            if name:
                lines.append(f"  %{name}.at = getelementptr i64, ptr %shape{array}, i64 {axis}")
                lines.append(f"  %{name} = load i64, ptr %{name}.at")
    work = """\
  call void @product(i64 %M, i64 %N, i64 %K, ptr %data0, i64 %s00, i64 %s01, ptr %data1, i64 %s10, i64 %s11, \
ptr %data2, i64 %s20, ptr %data3)"""
    return _on_arrays(4, "\n".join([*lines, ""]), work)


def _on_arrays(count: int, ready: str, work: str, choose: str = "", answer: str = "%results") -> str:
    """Return a ``call`` whose first ``count`` arguments are arrays, the last of them ``%results``.

    ``ready`` and ``work`` may use their memory, ``%data0`` and so on, and ``%rows``, the length of the
    first; ``work`` runs with the GIL released. ``choose`` are instructions before the ``answer`` is returned.
    """
    data = "\n".join(
        f"  %view{i} = getelementptr i8, ptr %views, i64 {VIEW * i}\n  %data{i} = load ptr, ptr %view{i}"
        for i in range(count)
    )
    return f"""
declare i32 @PyObject_GetBuffer(ptr, ptr, i32)
declare void @PyBuffer_Release(ptr)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)
declare void @Py_IncRef(ptr)
define ptr @call(ptr %self, ptr %args, i64 %count) #0 {{
  %views = alloca i8, i64 {count * VIEW}, align 16
{loop("i", 0, count, ASK)}
{data}
  %shape.at = getelementptr i8, ptr %views, i64 {SHAPE}
  %shape = load ptr, ptr %shape.at
  %rows = load i64, ptr %shape
{ready}{RELEASED.format(work=work)}
  %results.at = getelementptr ptr, ptr %args, i64 {count - 1}
  %results = load ptr, ptr %results.at
{choose}  call void @Py_IncRef(ptr {answer})
  br label %release
release:
  %taken = phi i64 [ %i, %i.body ], [ {count}, %i.end ]
  %answer = phi ptr [ null, %i.body ], [ {answer}, %i.end ]
{loop("drop", 0, "%taken", DROP)}
  ret ptr %answer
}}
"""
