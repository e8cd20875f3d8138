"""The small expression through a compiled call, value and gradient; and a million rows of another.

One call is that of an optimiser or a user's loop: numbers in, numbers out.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.eager import A, B, expression
from benchmarks.timing import Row, on_one_core, peer, race, report, version_of

Call = Callable[[], tuple[float, float, float]]
ROWS = 10**6


def contestants() -> dict[str, tuple[str, Call]]:
    """Return name → (version, value and gradient at A, B) for this project and the peers installed."""
    from autograd_mini import jit, relu, value_and_grad

    jitted = jit(value_and_grad(lambda a, b: expression(a, b, relu), (0, 1)))

    def ours() -> tuple[float, float, float]:
        value, (da, db) = jitted(A, B)
        return value, da, db

    found: dict[str, tuple[str, Call]] = {"autograd_mini jit": (version_of("autograd_mini"), ours)}
    if jax := peer("jax"):
        jax.config.update("jax_enable_x64", True)
        slopes = jax.jit(jax.value_and_grad(lambda a, b: expression(a, b, lambda v: jax.numpy.maximum(v, 0.0)), (0, 1)))

        def through_jax() -> tuple[float, float, float]:
            value, (da, db) = slopes(A, B)
            return float(value), float(da), float(db)

        found["JAX jit"] = version_of("jax"), through_jax
    if casadi := peer("casadi"):
        a, b = casadi.SX.sym("a"), casadi.SX.sym("b")
        g = expression(a, b, lambda v: casadi.fmax(v, 0.0))
        function = casadi.Function("g", [a, b], [g, casadi.gradient(g, a), casadi.gradient(g, b)])

        def through_casadi() -> tuple[float, float, float]:
            value, da, db = function(A, B)
            return float(value), float(da), float(db)

        found["CasADi function"] = version_of("casadi"), through_casadi
    if engine := peer("micrograd.engine"):

        def micrograd() -> tuple[float, float, float]:
            a, b = engine.Value(A), engine.Value(B)
            g = expression(a, b, engine.Value.relu)
            g.backward()
            return g.data, a.grad, b.grad

        found["micrograd"] = version_of("micrograd"), micrograd
    return found


def bump(x: Any, y: Any, z: Any, exp: Callable[[Any], Any], tanh: Callable[[Any], Any]) -> Any:
    """Return the expression of three inputs that is computed for a million rows."""
    return tanh(x * y + z) * exp(-x * x) + y / (1.0 + z * z)


def columns() -> dict[str, tuple[str, Callable[[], Any]]]:
    """Return name → (version, value and gradient of ``bump`` over ROWS rows)."""
    from autograd_mini import exp, jit, tanh, value_and_grad

    chance = np.random.default_rng(0)
    arrays = [chance.uniform(-2.0, 2.0, ROWS) for _ in range(3)]
    jitted = jit(value_and_grad(lambda x, y, z: bump(x, y, z, exp, tanh), (0, 1, 2)))

    def ours() -> Any:
        value, slopes = jitted(*arrays)
        return value, *slopes

    found: dict[str, tuple[str, Callable[[], Any]]] = {"autograd_mini jit": (version_of("autograd_mini"), ours)}
    if jax := peer("jax"):
        jax.config.update("jax_enable_x64", True)
        jnp = jax.numpy
        each = jax.value_and_grad(lambda x, y, z: bump(x, y, z, jnp.exp, jnp.tanh), (0, 1, 2))
        batched, held = jax.jit(jax.vmap(each)), [jnp.array(array) for array in arrays]

        def through_jax() -> Any:
            value, slopes = batched(*held)
            return jax.block_until_ready((value, *slopes))

        found["JAX jit, vmap"] = version_of("jax"), through_jax
    if torch := peer("torch"):
        torch.set_num_threads(1)

        def through_torch() -> Any:
            leaves = [torch.tensor(array, requires_grad=True) for array in arrays]
            value = bump(*leaves, torch.exp, torch.tanh)
            value.sum().backward()
            return value.detach().numpy(), *(leaf.grad.numpy() for leaf in leaves)

        found["PyTorch"] = version_of("torch"), through_torch

    def by_hand() -> Any:
        x, y, z = arrays
        t, e, d = np.tanh(x * y + z), np.exp(-x * x), 1.0 + z * z
        slope = (1.0 - t * t) * e
        return t * e + y / d, slope * y - 2.0 * x * t * e, slope * x + 1.0 / d, slope - 2.0 * y * z / (d * d)

    found["NumPy by hand"] = version_of("numpy"), by_hand
    return found


def main(argv: list[str]) -> int:
    """Print two tables; return the exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks call", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object per table")
    parser.add_argument("--budget", type=float, default=2.0, help="seconds per contestant (2)")
    options = parser.parse_args(argv)
    on_one_core()
    calls = contestants()
    want = calls["autograd_mini jit"][1]()
    for name, (_, call) in calls.items():
        got = call()
        assert all(math.isclose(x, y, rel_tol=1e-12) for x, y in zip(got, want, strict=True)), (name, got, want)
    best = race({name: call for name, (_, call) in calls.items()}, options.budget)
    rows = [Row(name, version, best[name] * 1e6) for name, (version, _) in calls.items()]
    report("One small expression, compiled, value and gradient (µs)", rows, ["values asserted equal"], options.json)

    batches = columns()
    wanted = batches["autograd_mini jit"][1]()
    for name, (_, call) in batches.items():
        for got, expected in zip(call(), wanted, strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12, err_msg=name)
    best = race({name: call for name, (_, call) in batches.items()}, options.budget)
    rows = [Row(name, version, best[name] * 1e6) for name, (version, _) in batches.items()]
    notes = ["values asserted equal", f"this project: {best['autograd_mini jit'] / ROWS * 1e9:.1f} ns per row"]
    report(f"Three inputs, {ROWS:,} rows, value and gradient (µs)", rows, notes, options.json)
    return 0
