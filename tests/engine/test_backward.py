"""The pass: threads, interrupts, and gradients that are not computed."""

import gc
import importlib
import itertools
import signal
import sys
import threading

import pytest

from autograd_mini import Value, parameter, softmax, topological_order, where
from autograd_mini.engine import compiled

module = importlib.import_module("autograd_mini.engine.backward")


def diamond(leaves: int = 3, depth: int = 60):
    xs = [Value(0.5 + i) for i in range(leaves)]
    layer = xs
    for _ in range(depth):
        layer = [layer[i - 1] * 0.5 + layer[i] * 0.25 for i in range(leaves)]
    return xs, sum(layer[1:], layer[0])


def test_sixteen_threads_over_one_graph_each_add_once():
    xs, y = diamond()
    y.backward()
    once = [x.grad for x in xs]
    for x in xs:
        x.zero_grad()
    gate = threading.Barrier(16)

    def work():
        gate.wait()
        for _ in range(32):
            y.backward()

    workers = [threading.Thread(target=work) for _ in range(16)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [x.grad / g for x, g in zip(xs, once, strict=True)] == pytest.approx([512.0] * 3, rel=1e-12)


def test_several_outputs_over_a_shared_part_in_threads():
    x = Value(3.0)
    shared = x * x
    outputs = [shared * float(i) for i in range(16)]
    workers = [threading.Thread(target=lambda y=y: [y.backward() for _ in range(50)]) for y in outputs]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert x.grad == 6.0 * 50 * sum(range(16))


@pytest.mark.skipif(compiled, reason="the pass in C runs no line of Python that could be interrupted")
@pytest.mark.parametrize("moment", [1, 2, 30, 100, 300, 500, 700, 900, 1000])
def test_a_pass_interrupted_anywhere_does_not_mislead_a_later_one(moment):
    """The interrupt comes at the n-th line that the pass runs, on its way down or up."""
    xs, y = diamond(depth=4)
    y.backward()
    right = [(node, node.grad) for node in topological_order(y) if not node.is_leaf]
    slopes = [x.grad for x in xs]
    lines = itertools.count(1)

    def interrupt(frame, event, argument):
        if frame.f_code.co_filename == module.__file__ and event == "line" and next(lines) == moment:
            raise KeyboardInterrupt
        return interrupt

    tracer = sys.gettrace()
    sys.settrace(interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            y.backward()
    finally:
        sys.settrace(tracer)
    for x in xs:
        x.zero_grad()
    y.backward()
    assert [x.grad for x in xs] == slopes
    assert all(node.grad == grad for node, grad in right)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_a_pass_that_an_error_ends_does_not_mislead_a_later_one(error):
    xs, y = diamond(depth=4)
    made = Value(1.0, (y,), "own")
    z = made * 2.0 + y
    angry = [True]

    def own():
        if angry:
            raise error("no")
        y.grad += made.grad

    made._backward = own
    with pytest.raises(error):
        z.backward()
    angry.clear()
    for x in xs:
        x.zero_grad()
    z.backward()
    slopes = [x.grad for x in xs]
    for x in xs:
        x.zero_grad()
    y.backward(3.0)
    assert [x.grad for x in xs] == pytest.approx(slopes, rel=1e-12)


def test_a_handler_that_runs_a_pass_of_its_own_does_not_wait_for_itself():
    x = Value(2.0)
    y = x * x

    def handler(number, frame):
        (x * 5.0).backward()

    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 1e-4)
        for _ in range(20_000):
            y.backward()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert x.grad == 4.0 * 20_000 + 5.0


def test_not_computed_reads_zero_and_is_told_apart():
    x, c = parameter(2.0), Value(1.0)
    y = where(c > 0, x * x, x.exp())
    assert (y.grad, y.has_grad) == (0.0, False)
    y.backward()
    untaken = [node for node in topological_order(y) if node.op is not None and node.op.name == "exp"]
    assert [(node.grad, node.has_grad) for node in untaken] == [(0.0, False)]
    assert (x.has_grad, c.has_grad) == (True, False)
    x.grad = 0.0
    assert x.has_grad
    x.grad = None
    assert (x.grad, x.has_grad) == (0.0, False)
    x.grad = 3
    assert (x.grad, type(x.grad)) == (3.0, float)
    with pytest.raises(TypeError, match="grad: unsupported operand type 'str'"):
        x.grad = "3"


def test_softmax_is_linear_in_its_size():
    """Nodes and numbers held per output do not grow with the number of outputs."""

    def numbers(n):
        xs = [Value(0.001 * i) for i in range(n)]
        shares = softmax(xs)
        loss = shares[0].log() + shares[-1].log()
        gc.collect()
        before = len(gc.get_objects())
        loss.backward()
        return len(gc.get_objects()) - before, sum(x.grad for x in xs)

    for n in (10, 1000):
        held, total = numbers(n)
        assert held < 50
        assert total == pytest.approx(0.0, abs=1e-12)


def test_softmax_pulls_back_all_outputs_or_one():
    xs = [Value(x) for x in (0.5, -1.0, 2.0)]
    shares = softmax(xs)
    (shares[0] * 2.0 + shares[2] * 3.0).backward()
    want = [2.0 * a + 3.0 * b for a, b in zip(shares[0].partials, shares[2].partials, strict=True)]
    assert [x.grad for x in xs] == pytest.approx(want, rel=1e-15)
    assert shares[0].parents == tuple(xs)
    assert len(topological_order(shares[0])) == 4
