"""The node in C: the same bits and the same words as the one in Python, no deeper than a stack, nothing leaked."""

import contextlib
import gc
import json
import math
import os
import random
import shutil
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_mini
from autograd_mini import Value, affine, softmax
from autograd_mini.engine import compiled, rules
from autograd_mini.engine.methods import TABLE
from autograd_mini.engine.operators import INNER
from autograd_mini.engine.record import record
from autograd_mini.primitives import ieee
from autograd_mini.primitives.registry import PRIMITIVES

ROOT = Path(__file__).parents[2]
PACKAGE = Path(autograd_mini.__file__).parent
SOURCE = PACKAGE / "primitives/table.py"
in_c = pytest.mark.skipif(not compiled, reason="the node in C is not built here, or AUTOGRAD_MINI_PURE=1")


def report(pure: bool, *arguments: str) -> dict:
    """What tests/support/node_report.py says in a process of its own."""
    out = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.support.node_report", *arguments],
        check=True, capture_output=True, text=True, cwd=ROOT,
        env={**os.environ, "AUTOGRAD_MINI_PURE": str(int(pure)), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    found: dict = json.loads(out.stdout)
    return found


@in_c
@pytest.mark.long
def test_two_thousand_graphs_have_the_same_bits_and_refusals_the_same_words():
    """So do graphs that one engine pickled and the other read."""
    c, python = report(False, "2000"), report(True, "2000")
    assert (c.pop("compiled"), python.pop("compiled")) == (True, False)
    pickles = c.pop("pickle"), python.pop("pickle")
    for place, (a, b) in enumerate(zip(c["graphs"], python["graphs"], strict=True)):
        assert a == b, place
    assert c == python
    (a,), (b,) = report(True, "0", pickles[0])["received"], report(False, "0", pickles[1])["received"]
    assert a == b
    assert len(a) > 10


def test_asking_for_python_gives_python():
    assert report(True, "1")["compiled"] is False


with_source = pytest.mark.skipif(
    not (PACKAGE / "engine/_node.c").exists(), reason="the package is installed, without the source in C"
)


def test_the_rules_of_the_build_are_those_of_the_table():
    """The build reads the table as text and translates it."""
    table = SOURCE.read_text(encoding="utf-8")
    found = rules.rules(table)
    assert rules.count(table) == len(TABLE)
    assert "n->data = x / y;" in found["div"]
    assert "n->to[0] = (1.0 / y);\nn->to[1] = ((-out) / y);" in found["div"]
    assert "n->to[0] = (-1.0);" in found["neg"]
    assert "n->stops |= 2;" in found["power"]


@with_source
def test_what_was_built_is_of_this_source():
    text = rules.header(PACKAGE)
    assert all(rule in text for rule in rules.rules(SOURCE.read_text(encoding="utf-8")).values())
    if compiled:
        from autograd_mini.engine import _node

        assert _node.stamp == rules.stamp(PACKAGE)


def test_a_rule_that_c_cannot_have_stops_the_build():
    table = SOURCE.read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="the table has no rule that C can have for sub"):
        rules.rules('\nadd = primitive("add", operator.add, (1.0, 1.0), infix="+")')
    with pytest.raises(ValueError, match=r"C can have for mul: TypeError\('an expression \[y\]'\)"):
        rules.rules(table.replace('operator.mul, "y, x"', 'operator.mul, "[y], x"'))
    with pytest.raises(ValueError, match=r"C can have for power: TypeError\('a statement while c: *\\n"):
        rules.rules(table.replace("    if c == 0.0:\n        return NO_FLOW", "    while c:\n        return NO_FLOW"))


@with_source
def test_a_node_of_other_source_is_noticed(tmp_path):
    """What was built in place is older than its source: one sentence, and nodes in Python."""
    copy = tmp_path / "autograd_mini"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    if not compiled:
        (copy / "engine/_node.py").write_text("Value = None\n")
    with (copy / "engine/_node.c").open("a") as file:
        file.write("/* newer */\n")
    command = "import autograd_mini.engine as engine; print(engine.compiled, (engine.Value(3.0) ** 2).data)"

    def run(**more: str) -> tuple[str, str]:
        environment = {**os.environ, "PYTHONPATH": str(tmp_path), "AUTOGRAD_MINI_PURE": "0", **more}
        done = subprocess.run(
            [sys.executable, "-c", command], check=True, capture_output=True, text=True, env=environment, cwd=tmp_path
        )
        return done.stdout, done.stderr

    out, said = run()
    assert out == "False 9.0\n"
    assert "RuntimeWarning: the node in C was built from other source than is here, so nodes are made in Python" in said
    assert "build it again: pip install --editable ." in said
    assert run(AUTOGRAD_MINI_PURE="1") == ("False 9.0\n", "")
    (copy / "engine/_node.c").unlink()  # installed, without source: what came with it is right
    if compiled:
        assert run() == ("True 9.0\n", "")


EXTREME = [5e-324, 1e-310, 1e-160, 0.3, 1.0, 1.7, 3.0, 1e155, 1.7976931348623157e308, math.inf, math.nan, 0.0]
EXPONENTS: list[Any] = [*EXTREME, 2, -1, 0, 3, -2.5, 16, 17, 1 / 3, True, 10**400, np.float64(0.5), np.int64(2)]


@pytest.mark.parametrize("exponent", EXPONENTS, ids=repr)
def test_a_power_with_a_constant_exponent_has_the_bits_of_its_row(exponent):
    """The operator takes a short way; the row is applied the long way."""
    row = PRIMITIVES["power"]
    for x in (sign * size for size in EXTREME for sign in (1.0, -1.0)):
        quick, general = Value(x) ** exponent, record(row, (Value(x), exponent))
        assert quick.op is general.op is row
        assert repr((quick.data, quick.partials)) == repr((general.data, general.partials)), x


@pytest.mark.long
def test_random_powers_have_the_bits_of_their_row():
    """x**2 is pow(x, 2.0) of the C library in every engine, which is not always x·x."""
    chance, row = random.Random(10), PRIMITIVES["power"]
    for i in range(40_000):
        x = 10.0 ** chance.uniform(*(-320, 308) if i % 2 else (-3, 3))
        exponent = chance.choice((2, 2.0, 3, -1, 0.5, 1.5, chance.uniform(-20, 20)))
        quick, general = Value(x) ** exponent, record(row, (Value(x), exponent))
        assert (quick.data, quick.partials) == (general.data, general.partials), (x, exponent)
        assert quick.data == ieee.power(x, float(exponent))


def shallow(work) -> None:
    """Run ``work`` in a thread with the smallest stack."""
    failed = []

    def guarded():
        try:
            work()
        except BaseException as error:
            failed.append(error)

    before = threading.stack_size(256 * 1024)
    try:
        worker = threading.Thread(target=guarded)
        worker.start()
        worker.join()
    finally:
        threading.stack_size(before)
    assert not failed, failed


@pytest.mark.long
@pytest.mark.parametrize("shape", ["chain", "two arms", "wide", "joints"])
def test_a_million_deep_in_the_smallest_stack(shape):
    """A chain of 10⁶ where nodes are in C, other shapes and Python's nodes 10⁵."""

    def work():
        x = y = Value(1.0)
        for _ in range(10**6 if compiled and shape == "chain" else 10**5):
            if shape == "chain":
                y = y * x
            elif shape == "two arms":
                y = y * 0.5 + y * 0.5
            elif shape == "wide":
                y = affine([y, x], [0.5, 0.5], 0.0)
            else:
                y = softmax([y, x])[0]
        y.backward()
        assert x.grad == x.grad
        del y
        gc.collect()

    shallow(work)


def test_a_node_is_at_most_80_bytes_in_c_and_140_in_python():
    """All that a node of a chain holds after its backward pass: its number and its gradient too."""
    x = y = Value(1.0)
    y = y * x
    gc.collect()
    tracemalloc.start()
    try:
        for _ in range(10_000):
            y = y * x
        y.backward()
        held = tracemalloc.get_traced_memory()[0] / 10_000
    finally:
        tracemalloc.stop()
    assert held <= (81 if compiled else 141)  # the list of the pass, once, among 10,000


def test_a_method_called_by_name_or_by_function_is_the_same_row():
    x, y = Value(0.5), Value(-1.5)
    for row in PRIMITIVES.values():
        if row.arity in (1, 2) and row.name not in INNER and not (row.boolean or row.static or row.defaults):
            operands = (x, y)[: row.arity]
            a, b = row(*operands), getattr(x, row.name)(*operands[1:])
            assert (a.op, b.op) == (row, row)
            assert [repr(n) for n in (a.data, *a.partials)] == [repr(n) for n in (b.data, *b.partials)], row.name
            with pytest.raises(TypeError, match=f"{row.name} takes {row.arity} argument"):
                row(*operands, x)


def build(i: int) -> None:
    x, w = Value(float(i % 7), "x"), autograd_mini.parameter(0.5)
    y = ((x * w + 3).tanh() * 2 - w / 4 + x**2 + 2.0**w).relu() + softmax([x, w, 1.0])[1] + affine([w], [x], w)
    y.label = "loss"
    y.backward()
    for stranger in ("s", None):
        for refused in (lambda s=stranger: y * s, lambda s=stranger: s / y, lambda s=stranger: Value(s)):
            with contextlib.suppress(TypeError):
                refused()
    by_hand = Value(1.0, (x, y), "own")
    by_hand._backward = lambda: by_hand  # leads back to its node: a ring
    by_hand.backward()


@in_c
@pytest.mark.long
def test_thirty_thousand_graphs_leave_nothing():
    """Errors, labels and rings through a function of the user's among them."""

    def blocks(count: int) -> int:
        for i in range(count):
            build(i)
        gc.collect()
        return sys.getallocatedblocks()

    blocks(3000)
    before = blocks(1)
    assert blocks(30_000) - before < 1000  # some caches of the interpreter, nothing per graph


@in_c
def test_subclasses_keep_their_own_data():
    class Named(Value):
        __slots__ = ("note",)

    x = Named(2.0, "x")
    x.note = "mine"
    y = x * x + 1.0
    y.backward()
    assert (type(y), x.note, x.grad, x.label, y.parents[0].parents[0] is x) == (Value, "mine", 4.0, "x", True)
