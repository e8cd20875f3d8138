"""Whole arrays go straight to native loops: the same numbers, fresh arrays, and nothing missed."""

import numpy as np
import pytest

from autograd_mini import exp, grad, jit, log, parameter, tanh, value_and_grad
from autograd_mini.program.jit import jitted as jitted_module

pytest.importorskip("llvmlite")
SIZE = 1500


def loss(x):
    return log(sum(exp(v) for v in x))


def jitted(f):
    return f.__globals__["_general"].__self__


def test_arrays_take_it_and_give_what_numpy_gives():
    f = jit(value_and_grad(loss), check=False)
    x = np.random.default_rng(0).standard_normal(SIZE)
    for _ in range(3):
        value, slopes = f(x)
        assert type(value) is float
        assert value == pytest.approx(np.log(np.exp(x).sum()), rel=1e-13)
        np.testing.assert_allclose(slopes, np.exp(x - value), rtol=1e-12)
        x = x[::-1]
    assert list(jitted(f)._direct) == [((SIZE,),)]
    assert jitted(f)._direct[((SIZE,),)] is not None
    first, second = f(x)[1], f(x)[1]
    second[:] = 0.0
    assert first.any()
    assert first.flags.writeable


def test_several_arrays_and_a_matrix_in_the_result():
    def products(a, b):
        return {"outer": np.outer(tanh(a), b), "sum": sum(a) + sum(b)}

    f = jit(products, check=False)
    for seed in range(3):
        a, b = np.random.default_rng(seed).standard_normal((2, 40))
        found = f(a, b)
        np.testing.assert_allclose(found["outer"], np.outer(np.tanh(a), b), rtol=1e-13)
        assert found["sum"] == pytest.approx(a.sum() + b.sum(), rel=1e-12)
    assert jitted(f)._direct[((40,), (40,))] is not None


def test_what_changes_around_is_noticed():
    w, scales = parameter(2.0), [1.0]
    f = jit(grad(lambda x: w * loss(x) * scales[0]), check=False)
    x = np.linspace(0.0, 1.0, SIZE)
    one = f(x)
    np.testing.assert_allclose(f(x), one)
    w.data = 4.0
    np.testing.assert_allclose(f(x), 2.0 * one, rtol=1e-13)
    scales[0] = 3.0
    np.testing.assert_allclose(f(x), 6.0 * one, rtol=1e-13)
    np.testing.assert_allclose(f(x[:-1]), 12.0 * np.exp(x[:-1]) / np.exp(x[:-1]).sum(), rtol=1e-12)
    np.testing.assert_allclose(f(x.tolist()), 6.0 * one, rtol=1e-13)


@pytest.mark.parametrize("size", [20, SIZE])
def test_the_paths_are_tried_in_turn_and_new_ones_recorded(size):
    def choose(x):
        return loss(x) if x[0] > 0.0 else -loss(x) if x[0] < -5.0 else 3.0 * loss(x)

    f = jit(grad(choose), check=False)
    x = np.linspace(1.0, 2.0, size)
    for point, factor in ((x, 1.0), (x, 1.0), (-x, 3.0), (x, 1.0), (-6.0 * x, -1.0), (-x, 3.0), (-6.0 * x, -1.0)):
        np.testing.assert_allclose(f(point), factor * np.exp(point) / np.exp(point).sum(), rtol=1e-12)
    (direct,) = jitted(f)._direct.values()
    assert len(direct.paths) == len(direct._ways) == 3


def test_small_programs_and_floats_beside_arrays_go_the_same_way():
    def energy(x, scale):
        return {"sum": sum(v * v for v in x) * scale, "cubes": x**3}

    f = jit(energy, check=False)
    for at in (1.0, 2.0, 3.0):
        x = np.array([[at, 2.0], [0.5, -1.0]]).ravel()
        found = f(x, 0.5 * at)
        assert found["sum"] == pytest.approx((x * x).sum() * 0.5 * at)
        assert type(found["sum"]) is float
        np.testing.assert_allclose(found["cubes"], x**3)
    (key,) = jitted(f)._direct
    assert key == ((4,), None)
    assert f(x, 1) == {"sum": f(x, 1.0)["sum"], "cubes": pytest.approx(x**3)}  # an int takes the general call


def test_columns_are_no_whole_arrays():
    f = jit(lambda x: x * x, check=False)
    for _ in range(3):
        assert f(np.array([1.0, 2.0])).tolist() == [1.0, 4.0]
    assert jitted(f)._direct == {}


def test_a_function_often_called_with_arrays_changes_over_to_native_code(monkeypatch):
    monkeypatch.setattr(jitted_module, "WARM", 5)
    f = jit(grad(lambda x: tanh(x[0] * x[1]) + x[2]), check=False)
    x = np.array([0.5, 0.25, 1.0])
    found = [f(x).tolist() for _ in range(8)]
    assert found == [found[0]] * 8
    (version,) = [each for each in jitted(f).versions.known.values() if each.paths]
    assert version.paths[0].whole.warm
