"""The jax target: pure functions of arrays that JAX jits, maps, differentiates; by blocks, with our derivatives."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_mini as am
from autograd_mini import Batch, jit, losses, nn, parameter
from autograd_mini.program.arrays.rows import row_sums
from autograd_mini.program.blocks.ir import BlockProgram
from autograd_mini.program.devices import with_gradient
from autograd_mini.program.ir import Program
from autograd_mini.program.record.trace import trace
from autograd_mini.program.record.traced import TraceError
from autograd_mini.program.target import TARGETS
from autograd_mini.program.targets.jax import evaluation_of
from tests.support.edge_cases import CASES
from tests.support.program_targets import keeps, same

MISSING = TARGETS["jax"].missing()
pytestmark = [pytest.mark.skipif(bool(MISSING), reason=MISSING), pytest.mark.long]
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def jax() -> Any:
    return pytest.importorskip("jax")


def curve(x: Any, y: Any) -> Any:
    return am.tanh(x * y) + am.where(x > 0.0, am.sqrt(x), 0.0)


def test_a_program_is_a_pure_function(jax: Any) -> None:
    """Of numbers, of columns that broadcast, and of rows that hold all the arguments."""
    f = jit(curve).program(1.0, 2.0).to_jax()
    wanted = float(curve(0.5, 0.2))
    assert float(f(0.5, 0.2)) == pytest.approx(wanted, rel=1e-15)
    assert float(jax.jit(f)(0.5, 0.2)) == pytest.approx(wanted, rel=1e-15)
    xs, ys = np.linspace(-1.0, 2.0, 7), np.linspace(0.5, 1.0, 7)
    columns = [float(curve(x, y)) for x, y in zip(xs, ys, strict=True)]
    for found in (f(xs, ys), jax.vmap(f)(xs, ys), f(np.stack([xs, ys], axis=1))):
        np.testing.assert_allclose(found, columns, rtol=1e-14)
    assert f(xs[:, None], ys).shape == (7, 7)


def test_its_first_derivative_is_ours(jax: Any) -> None:
    """The branch not taken gives nothing, where JAX's own rule gives nan; a kink gives 0, where JAX gives ½."""
    f = am.to_jax(curve, 1.0, 2.0)
    assert float(jax.grad(f)(0.0, 0.3)) == 0.3
    assert float(jax.grad(am.to_jax(lambda x: am.maximum(x, 0.0), 1.0))(0.0)) == 0.5  # a tie of two arguments
    assert float(jax.grad(am.to_jax(am.relu, 1.0))(0.0)) == 0.0
    assert float(jax.grad(am.to_jax(am.abs, 1.0))(0.0)) == 0.0
    second = am.hessian(lambda v: curve(v[0], v[1]))([0.5, 0.2])
    np.testing.assert_allclose(np.array(jax.hessian(f, (0, 1))(0.5, 0.2)), np.array(second, dtype=float), rtol=1e-13)
    exact = am.to_jax(am.grad(am.grad(lambda x: am.where(x > 0.0, am.sqrt(x), x * x))), 1.0)
    assert float(exact(0.0)) == 2.0


def test_arguments_and_results_keep_their_structure(jax: Any) -> None:
    w = [parameter(1.0), parameter(2.0)]

    def g(v: Any, scale: dict[str, Any]) -> dict[str, Any]:
        s = sum(w[i % 2] * v[i] for i in range(len(v)))
        return {"first": am.tanh(s) * scale["k"], "second": [am.relu(s), v * 2.0]}

    f = am.to_jax(g, np.arange(4.0), {"k": 2.0})
    v = np.array([0.1, -0.2, 0.3, 0.05])
    found, wanted = f(v, {"k": 3.0}), g(v, {"k": 3.0})
    assert float(found["first"]) == pytest.approx(wanted["first"].data, rel=1e-14)
    assert float(found["second"][0]) == pytest.approx(wanted["second"][0].data, rel=1e-14)
    np.testing.assert_array_equal(found["second"][1], 2.0 * v)
    forward, backward = jax.jacfwd(f)(v, {"k": 3.0}), jax.jacrev(f)(v, {"k": 3.0})
    np.testing.assert_allclose(forward["second"][1], 2.0 * np.eye(4))
    np.testing.assert_allclose(forward["first"], backward["first"], rtol=1e-13)
    assert f.captured == tuple(w)
    slopes = jax.grad(lambda p: f(v, {"k": 3.0}, parameters=p)["first"])(np.array([1.0, 2.0]))
    wanted["first"].backward()
    np.testing.assert_allclose(slopes, [each.grad for each in w], rtol=1e-13)


def test_the_gradient_and_float32(jax: Any) -> None:
    program = jit(lambda x, y: x * y + am.exp(x)).program(1.0, 2.0)
    value, dx, dy = program.to_jax(gradient=True)(1.0, 2.0)
    assert [float(value), float(dx), float(dy)] == pytest.approx([2.0 + math.e, 2.0 + math.e, 1.0])
    single = program.to_jax("float32")
    assert single(1.0, 2.0).dtype == "float32"
    assert float(single(1.0, 2.0)) == pytest.approx(2.0 + math.e, rel=1e-6)
    assert jax.grad(single)(np.float32(1.0), np.float32(2.0)).dtype == "float32"


def test_what_is_refused(jax: Any) -> None:
    with pytest.raises(TraceError, match=r"to_jax: the function branches with `if` on a number.* where\(condition"):
        am.to_jax(lambda x: x if x > 0 else -x, 1.0)
    with pytest.raises(ValueError, match="dtype is 'float16'; 'float64', 'float32' are legal"):
        am.to_jax(am.sin, 1.0, dtype="float16")
    with pytest.raises(TypeError, match="to_jax takes a function, got 'int'"):
        am.to_jax(3)  # type: ignore[arg-type]
    f = am.to_jax(lambda v: v[0] * v[1], np.ones(2))
    with pytest.raises(TypeError, match=r"an array of shape \(2,\) is needed where .* got an array of shape \(3,\)"):
        f(np.ones(3))
    with pytest.raises(TypeError, match="takes 1 arguments, got 2"):
        f(1.0, 2.0)
    two = jit(lambda x, y: x * y).program(1.0, 2.0).to_jax()
    with pytest.raises(TypeError, match="takes 2 numbers, or one array with so many on its last axis; got 1 arguments"):
        two(1.0)
    with pytest.raises(ValueError, match=r"parameters has the shape \(1,\); one number for each of the 0 captured"):
        two(1.0, 2.0, parameters=np.ones(1))


def test_a_flat_program_too_large_for_xla_is_refused_by_a_sentence(jax: Any) -> None:
    def spiral(x: Any) -> Any:
        for i in range(2_000):
            x = am.sin(x) * (1.0 + i / 1e6) + 0.1
        return x

    with pytest.raises(ValueError, match=r"the program has .* little structure: .* blocks .* the jax target takes"):
        jit(spiral).program(1.0).to_jax()


def test_what_to_install_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd_mini.program.targets.jax.find_spec", lambda name: None)
    for attempt in (
        lambda: am.to_jax(am.sin, 1.0),
        lambda: jit(am.sin, engine="jax"),
        lambda: Batch(am.sin, [], 1, engine="jax"),
    ):
        with pytest.raises(ImportError, match=r"the jax engine needs JAX; .* pip install autograd_mini\[jax\]"):
            attempt()


def test_the_package_loads_no_jax() -> None:
    code = "import sys, autograd_mini as am; am.to_jax, am.TARGETS, am.Batch; print('jax' in sys.modules)"
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert made.stdout.strip() == "False"


@pytest.mark.parametrize("name", ["relu at 0", "abs at 0", "maximum tie", "sqrt at 0", "where", "hypot", "x ** 0"])
def test_edges(jax: Any, name: str) -> None:
    """Some of the edges that the agreement test holds every engine to; all of them in the slow tier."""
    found = 0
    for label, function, args, value, gradient, _ in CASES:
        if not label.startswith(name.split()[0]) or not keeps("jax", *args):
            continue
        found += 1
        program = trace(function, args).to_jax(gradient=True)
        got = [float(x) for x in program(*args)]
        assert all(same(a, b, 16.0) for a, b in zip(got, [value, *gradient], strict=True)), label
        if found == 3:
            break
    assert found


def test_source_is_text_that_runs(jax: Any) -> None:
    w = parameter(3.0, label="w")
    text = jit(lambda x, y: am.log1p(x * w) + am.hypot(x, y)).program(1.0, 2.0).source("jax", "f")
    space: dict[str, Any] = {}
    exec(text, space)
    assert float(space["f"](1.0, 2.0)) == pytest.approx(math.log(4.0) + math.sqrt(5.0), rel=1e-14)
    assert "jnp.log1p" in text


def network_blocks(inputs: int) -> tuple[Any, Program, BlockProgram]:
    model = nn.network(inputs, "50:relu, 10:linear", rng=0)

    def loss(*row: Any) -> Any:
        return losses.cross_entropy(model(list(row[:inputs])), row[inputs])

    program = trace(loss, [0.5] * inputs + [3.0])
    assert set(map(id, program.captured)) == set(map(id, model.parameters()))
    return loss, program, with_gradient(program, len(program.captured), loose=True)


def test_what_xla_compiles_grows_with_structure_not_with_size(jax: Any) -> None:
    """784-50-10 and its gradient are as many operations on arrays as 8-50-10, and sum to what NumPy's plan gives."""
    loss, program, blocks = network_blocks(784)
    texts = []
    for each, inputs in ((blocks, 784), (network_blocks(8)[2], 8)):
        with jax.enable_x64(True):
            sums = row_sums(evaluation_of(each))
            texts.append(
                str(
                    jax.make_jaxpr(lambda r, t, sums=sums: sums(r, t, None))(
                        np.zeros((4, inputs + 1)), np.zeros(each.count - inputs - 1)
                    )
                )
            )
    assert texts[0].count("dot_general") == texts[1].count("dot_general") <= 5
    assert texts[0].count(" = ") == texts[1].count(" = ") < 150
    rng = np.random.default_rng(0)
    rows = np.column_stack([rng.normal(size=(64, 784)), rng.integers(0, 10, 64)])
    theta = np.array([each.data for each in program.captured])
    with jax.enable_x64(True):
        found = np.asarray(jax.jit(row_sums(evaluation_of(blocks)))(rows, theta, None))
    batch = Batch(loss, program.captured, 785, engine="numpy", reduction="sum")
    value, gradient = batch.value_and_grad(rows)
    np.testing.assert_allclose(found, [value, *gradient], rtol=1e-11, atol=1e-12)
