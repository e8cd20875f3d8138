"""The llvm target: the bits of eager arithmetic, at every width, on any number of rows."""

import ctypes
import functools
import itertools
import math
import mmap
import platform
import random
import struct
import subprocess
import sys
import threading

import numpy as np
import pytest

from autograd_mini.engine.value import Value
from autograd_mini.primitives import table as rows
from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.program.ir import Instruction, Program
from autograd_mini.program.targets.llvm import compile as native
from autograd_mini.program.targets.llvm.builtin import compile_scalar
from autograd_mini.program.targets.llvm.rows import compile_columns, compile_sums
from autograd_mini.program.targets.llvm.steps import BLOCK
from autograd_mini.program.targets.llvm.vector_math import POINTS, agrees
from autograd_mini.program.targets.llvm.words import word

HOST = native.Processor.host()
TARGETS = [HOST]
if platform.machine() in ("x86_64", "AMD64"):
    if HOST.lanes == 8:
        TARGETS.append(native.Processor("haswell", "+avx2,+fma", 4))
    TARGETS.append(native.Processor("x86-64", "", 2))
lanes = pytest.mark.parametrize("target", TARGETS, ids=lambda target: f"{target.cpu}-{target.lanes}")

EXACT = ("fadd", "fsub", "fmul", "fdiv", "fneg", "fcmp", "and", "or", "not", "select", "llvm.")
"""Spellings whose results are correctly rounded, so that every bit is fixed."""
SPELLED = [row for row in PRIMITIVES.values() if word(row) is not None]


def program(row, *operands, inputs=None):
    """One instruction; ``inputs`` inputs unless the operands say how many."""
    count = inputs if inputs is not None else len(operands)
    return Program(tuple(range(count)), (Instruction(row, operands, (count,)),), (count,))


def bits(x):
    return "nan" if math.isnan(x) else struct.pack("<d", x)


def same(row, ours, reference):
    if (word(row) or "").startswith(EXACT):
        return bits(ours) == bits(float(reference))
    return agrees(ours, float(reference))


def edges(row):
    """Argument tuples: every special number in one, a smaller set in all combinations of several."""
    if row.arity == 1:
        return [(x,) for x in POINTS]
    if row.boolean and row.name.startswith("logical"):
        return list(itertools.product((0.0, 1.0), repeat=row.arity))
    few = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -3.0, math.inf, -math.inf, math.nan, 5e-324, -1e-310, 1e300, -1e300, 7.5)
    if row.name == "where":
        return list(itertools.product((0.0, 1.0), few, few))
    return list(itertools.product(few, repeat=row.arity))


@pytest.mark.parametrize("row", SPELLED, ids=lambda row: row.name)
def test_every_row_at_its_edges_called_once(row):
    one = program(row, *range(row.arity))
    function = compile_scalar(one)
    wrong = [
        (args, function(*args), row.evaluate(args))
        for args in edges(row)
        if not same(row, *function(*args), row.evaluate(args))
    ]
    assert not wrong


@lanes
@pytest.mark.parametrize("row", SPELLED, ids=lambda row: row.name)
def test_every_row_at_its_edges_in_lanes(row, target):
    points = edges(row)
    (out,) = compile_columns(program(row, *range(row.arity)), target)(
        [np.array(column) for column in zip(*points, strict=True)]
    )
    wrong = [
        (args, ours, row.evaluate(args))
        for args, ours in zip(points, out.tolist(), strict=True)
        if not same(row, ours, row.evaluate(args))
    ]
    assert not wrong


@lanes
@pytest.mark.parametrize("row", [rows.maximum, rows.minimum], ids=lambda row: row.name)
@pytest.mark.parametrize("number", [0.0, -0.0, 1.0, math.inf, -math.inf, math.nan])
def test_extremum_with_a_literal(row, number, target):
    for operands in ((0, number), (number, 0)):
        one = program(row, *operands, inputs=1)
        (out,) = compile_columns(one, target)([np.array(POINTS)])
        scalar = compile_scalar(one)
        for x, ours in zip(POINTS, out.tolist(), strict=True):
            args = tuple(x if operand == 0 and isinstance(operand, int) else operand for operand in operands)
            assert bits(ours) == bits(row.evaluate(args)), args
            assert bits(scalar(x)[0]) == bits(ours)


# ---------------------------------------------------------------- whole programs


def random_program(length, inputs, captured, seed, library=True):
    """A program of ``length`` instructions with sharing, literals, choices and outputs of every kind."""
    chance = random.Random(seed)
    numbers, truths, instructions = list(range(inputs)), [], []
    choices = [rows.add, rows.sub, rows.mul, rows.maximum, rows.minimum, rows.abs, rows.neg, rows.less, rows.where]
    choices += [rows.tanh, rows.sin] if library else []

    def number():
        if chance.random() < 0.1:
            return chance.choice((0.5, -1.25, 0.0, -0.0))
        return chance.choice(numbers[-40:] if chance.random() < 0.8 else numbers)

    for index in range(inputs, inputs + length):
        row = chance.choice(choices)
        if row is rows.where:
            if not truths:
                row = rows.add
            else:
                operands = (chance.choice(truths), number(), number())
        if row is not rows.where:
            operands = tuple(number() for _ in range(row.arity))
        instructions.append(Instruction(row, operands, (index,)))
        (truths if row.boolean else numbers).append(index)
    outputs = (*numbers[-5:], 0, inputs - 1, 2.5, numbers[-1], numbers[inputs + length // 9])
    holders = tuple(Value(0.0) for _ in range(captured))
    return Program(tuple(range(inputs)), tuple(instructions), outputs, holders)


def run(program, numbers):
    """The outputs of a program, by the rows' own values."""
    held = dict(zip(program.inputs, numbers, strict=True))
    for step in program.instructions:
        args = tuple(held[x] if isinstance(x, int) else x for x in step.operands)
        (result,) = step.results
        held[result] = step.primitive.evaluate(args)
    return [float(held[x]) if isinstance(x, int) else x for x in program.outputs]


def table(count, columns, seed=0):
    return np.random.default_rng(seed).uniform(-1.5, 1.5, (count, columns))


@pytest.mark.parametrize("length", [1, 7, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 3])
def test_a_long_program_is_cut_and_still_has_the_bits_of_python(length):
    made = random_program(length, 6, 2, seed=length, library=False)
    arrays = table(11, 4)
    theta = [0.7, -0.3]
    expected = [run(made, [*row, *theta]) for row in arrays.tolist()]
    scalar = compile_scalar(made)
    assert [list(map(bits, scalar(*row, *theta))) for row in arrays.tolist()] == [list(map(bits, e)) for e in expected]
    for target in TARGETS:
        columns = compile_columns(made, target)([*arrays.T, *theta])
        assert [list(map(bits, row)) for row in np.array(columns).T.tolist()] == [list(map(bits, e)) for e in expected]


@lanes
def test_remainders(target):
    made = random_program(60, 5, 1, seed=3)
    columns, sums = compile_columns(made, target), compile_sums(made, target)
    for count in range(1, 18):
        arrays = table(count, 4)
        out = np.array(columns([*arrays.T, 0.25]))
        expected = np.array([run(made, [*row, 0.25]) for row in arrays.tolist()])
        np.testing.assert_allclose(out.T, expected, rtol=1e-13, atol=1e-15)
        found = sums(arrays, np.array([0.25]), 2.0)
        np.testing.assert_allclose(found, expected.sum(axis=0) / 2.0, rtol=1e-12, atol=1e-13)


@functools.cache
def long_program():
    """A program long enough to go block by block, 150 rows, and what it makes of each."""
    made = random_program(12 * BLOCK, 5, 1, seed=4, library=False)
    arrays = table(150, 4)
    return made, arrays, np.array([run(made, [*row, 0.25]) for row in arrays.tolist()])


@lanes
def test_sums_of_a_program_long_enough_to_go_block_by_block(target):
    made, arrays, expected = long_program()
    columns, sums, theta = compile_columns(made, target), compile_sums(made, target), np.array([0.25])
    for count in (1, 3, 8, 17, 63, 64, 65, 71, 150):
        rows = arrays[:count]
        assert np.array(columns([*rows.T, 0.25])).T.tobytes() == expected[:count].tobytes()
        np.testing.assert_allclose(sums(rows, theta), expected[:count].sum(axis=0), rtol=1e-12, atol=1e-12)
        assert sums(rows, theta).tobytes() == sums(rows, theta).tobytes()


@lanes
def test_nan_in_lanes_beyond_the_last_row_does_not_reach_a_sum(target):
    made = Program((0,), (Instruction(rows.div, (1.0, 0), (1,)), Instruction(rows.mul, (1, 0.0), (2,))), (1, 2))
    (total, zero) = compile_sums(made, target)(np.array([[2.0]]), np.empty(0))
    assert (total, zero) == (0.5, 0.0)


def test_strides_and_numbers_as_inputs():
    made = program(rows.sub, 0, 1)
    x = np.arange(20.0)
    function = compile_columns(made)
    assert function([x[::2], 1.0])[0].tolist() == (x[::2] - 1.0).tolist()
    assert function([x[::-1], x])[0].tolist() == (x[::-1] - x).tolist()
    assert function([3, np.float64(1.0)])[0].tolist() == [2.0]
    assert function([2.0, 1.0], 3)[0].tolist() == [1.0, 1.0, 1.0]
    assert function([np.empty(0), 1.0])[0].tolist() == []
    sums = compile_sums(made)
    for order in "CF":
        assert sums(np.array([[3.0, 1.0], [5.0, 4.0]], order=order), np.empty(0)).tolist() == [3.0]
    assert sums(np.arange(24.0).reshape(6, 4)[::2, ::3], np.empty(0)).tolist() == [-9.0]


def test_products_are_not_contracted_into_fused_operations():
    x = 1.0 + 2.0**-30
    made = Program((0, 1), (Instruction(rows.mul, (0, 0), (2,)), Instruction(rows.add, (2, 1), (3,))), (3,))
    assert compile_scalar(made)(x, -1.0) == (x * x - 1.0,)
    assert compile_columns(made)([np.full(9, x), -1.0])[0].tolist() == [x * x - 1.0] * 9


def test_huge_angles():
    for row in (rows.sin, rows.cos, rows.tan):
        angles = np.array([1e5, 1e15, 1e22, 1e300, -1e308, 8.0, 1e10, 3e7, 2.0**1023])
        (out,) = compile_columns(program(row, 0))([angles])
        assert all(agrees(ours, row.evaluate((x,))) for ours, x in zip(out.tolist(), angles.tolist(), strict=True))


# ---------------------------------------------------------------- memory


@pytest.fixture
def fenced():
    """Make arrays that end where readable memory ends: one number further is a fault."""
    if sys.platform != "linux":
        pytest.skip("memory protection is asked of Linux")
    page = mmap.PAGESIZE
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    protect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    maps = []

    def make(numbers):
        numbers = np.asarray(numbers, dtype=np.float64)
        memory = mmap.mmap(-1, 3 * page)
        buffer = np.frombuffer(memory, dtype=np.float64)
        for at in (0, 2 * page):
            assert protect(buffer.ctypes.data + at, page, 0) == 0
        maps.append((memory, buffer))
        array = buffer[2 * page // 8 - numbers.size : 2 * page // 8].reshape(numbers.shape)
        array[...] = numbers
        return array

    yield make
    for _, buffer in maps:
        assert protect(buffer.ctypes.data, 3 * page, mmap.PROT_READ | mmap.PROT_WRITE) == 0


@lanes
def test_nothing_beyond_the_arrays_is_touched(target, fenced):
    steps = (Instruction(rows.mul, (0, 1), (3,)), Instruction(rows.add, (3, 2), (4,)))
    made = Program((0, 1, 2), steps, (4,), (Value(0.0),))
    columns, sums = compile_columns(made, target), compile_sums(made, target)
    for count in range(1, 18):
        x, y, out = fenced(np.arange(count)), fenced(np.ones(2 * count)), fenced(np.zeros((1, count)))
        columns.into([x, y[1::2], 1.0], out)
        assert out.tolist() == [[i + 1.0 for i in range(count)]]
        assert sums(fenced(np.ones((count, 2))), fenced([1.0])).tolist() == [2.0 * count]


def test_work_memory_of_a_long_call_comes_from_the_heap():
    steps = tuple(Instruction(rows.add, (0, float(i)), (i,)) for i in range(1, 4000))
    made = Program((0,), steps, tuple(range(1, 4000)))
    assert compile_scalar(made)(1.0) == tuple(1.0 + i for i in range(1, 4000))


# ---------------------------------------------------------------- calls, errors, threads


def test_a_call_from_python():
    function = compile_scalar(program(rows.add, 0, 1))
    assert function(1, True) == (2.0,)
    assert function(np.float64(1.0), 2.0) == (3.0,)
    assert function(-1.0, 0.0) == (-1.0,)  # -1.0 is also how C reports an error
    with pytest.raises(TypeError, match="expected 2 numbers, got 3"):
        function(1.0, 2.0, 3.0)
    with pytest.raises(TypeError, match="must be real number, not str"):
        function(1.0, "2")
    assert function(1.0, 2.0) == (3.0,)
    assert compile_scalar(Program((), (), (2.0, -0.0)))() == (2.0, -0.0)


def test_calls_do_not_leak_references():
    function = compile_scalar(program(rows.add, 0, 1))
    x = 1234.5
    before = sys.getrefcount(x)
    for _ in range(100):
        function(x, 2.0)
        with pytest.raises(TypeError):
            function(x, None)
    assert sys.getrefcount(x) == before


def test_code_lives_as_long_as_its_function():
    function = compile_scalar(program(rows.mul, 0, 0, inputs=1))
    for i in range(50):
        compile_scalar(program(rows.add, 0, float(i), inputs=1))
    assert function(3.0) == (9.0,)


def test_equal_programs_share_their_code():
    one, other = (compile_columns(program(rows.hypot, 0, 1)) for _ in range(2))
    assert one._code is other._code


def test_wrong_arrays_are_refused():
    function = compile_columns(Program((0, 1), (), (0,), (Value(0.0),)))
    with pytest.raises(TypeError, match="expected 2 inputs, got 1"):
        function([1.0])
    with pytest.raises(TypeError, match=r"input 0 is an array of float32 of shape \(3,\); arguments are numbers or"):
        function([np.zeros(3, dtype=np.float32), 1.0])
    with pytest.raises(TypeError, match="captured inputs are numbers"):
        function([np.zeros(3), np.zeros(3)])
    sums = compile_sums(Program((0, 1), (), (0,), (Value(0.0),)))
    with pytest.raises(TypeError, match=r"rows are an array of float64 of shape \(3, 2\); .* shape \(n, 1\) is needed"):
        sums(np.zeros((3, 2)), np.zeros(1))
    with pytest.raises(TypeError, match=r"theta is an array of float64 of shape \(2,\); .* shape \(1,\) is needed"):
        sums(np.zeros((3, 1)), np.zeros(2))


def test_threads_share_one_function():
    made = random_program(300, 4, 0, seed=5)
    columns, sums, scalar = compile_columns(made), compile_sums(made), compile_scalar(made)
    failures = []

    def work(seed):
        arrays = table(101, 4, seed)
        expected, total, one = columns([*arrays.T]), sums(arrays, np.empty(0)), scalar(*arrays[0])
        for _ in range(200):
            if (
                np.array(columns([*arrays.T])).tobytes() != np.array(expected).tobytes()
                or sums(arrays, np.empty(0)).tobytes() != total.tobytes()
                or scalar(*arrays[0]) != one
            ):
                failures.append(seed)  # noqa: PERF401

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_an_interrupted_compilation_can_be_repeated(monkeypatch):
    made = program(rows.add, 0, 0.1234567, inputs=1)

    def interrupted(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(native.llvm, "create_mcjit_compiler", interrupted)
        for build in (compile_scalar, compile_columns, compile_sums):
            with pytest.raises(KeyboardInterrupt):
                build(made)
    assert compile_scalar(made)(1.0) == (1.1234567,)
    assert compile_columns(made)([np.ones(3)])[0].tolist() == [1.1234567] * 3


def test_a_program_beyond_the_limit_is_refused():
    steps = tuple(Instruction(rows.add, (0, 1.0), (i,)) for i in range(1, native.LIMIT + 2))
    made = Program((0,), steps, (1,))
    for build in (compile_scalar, compile_columns, compile_sums, native.emit_llvm):
        with pytest.raises(
            ValueError, match=r"500,001 instructions is too long .* takes up to 500,000; choose engine="
        ):
            build(made)


@pytest.mark.slow
def test_200_000_instructions_compile():
    made = random_program(200_000, 4, 0, seed=6, library=False)
    arrays = table(9, 4)
    out = np.array(compile_columns(made)([*arrays.T]))
    expected = [run(made, row) for row in arrays.tolist()]  # some overflow, and become nan
    assert [list(map(bits, row)) for row in out.T.tolist()] == [list(map(bits, row)) for row in expected]


def test_a_row_without_a_spelling_is_named():
    with pytest.raises(NotImplementedError, match="primitive 'sigmoid' has no llvm spelling"):
        native.emit_llvm(program(rows.sigmoid, 0))


def test_the_text_reads_like_the_program():
    text = native.emit_llvm(program(rows.mul, 0, 1))
    assert f"fmul <{HOST.lanes} x double>" in text


def test_without_llvmlite_one_line_says_what_to_install():
    code = "import sys; sys.modules['llvmlite'] = None; import autograd_mini.program.targets.llvm.compile"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert found.stderr.splitlines()[-1] == (
        "ImportError: the llvm engine needs llvmlite; install it with: pip install autograd_mini[jit]"
    )


def test_a_vector_function_that_errs_is_not_trusted(monkeypatch):
    """Put the cosine in the place of the sine: the scalar function is called for each lane instead."""
    if native.vector_address("sin", 1, HOST.lanes) is None:
        pytest.skip("this system has no vector maths library")
    native._trusted.cache_clear()
    wrong = native.vector_address("cos", 1, HOST.lanes)
    with monkeypatch.context() as patch:
        patch.setattr(native, "vector_address", lambda *key: wrong)
        assert not native._trusted("sin", 1, HOST)
        (out,) = compile_columns(program(rows.sin, 0))([np.array([0.5, 2.0])])
        assert out.tolist() == [math.sin(0.5), math.sin(2.0)]
    native._trusted.cache_clear()
    assert native._trusted("sin", 1, HOST)
