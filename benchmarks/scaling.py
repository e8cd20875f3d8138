"""One training step on 1, 2 and 4 devices, a model of its cost fitted to them, and the model up to 1,024 devices.

The devices are made of this machine's processors, so a step cannot become faster than the processors allow. The
model is time = compute/devices + all-reduce(parameters); a ring of d devices takes log₂ d · latency + 2 (d − 1)/d ·
bytes/bandwidth for it.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

DEVICES = (1, 2, 4)
ROWS, INPUTS = 4096, 784
BYTES = 8
SMALL = 64  # numbers in an all-reduce that is nothing but latency
WORTH = 0.5  # efficiency below which more devices are not worth their price


@dataclass(frozen=True)
class Cost:
    """``compute`` seconds of a step on one device, ``latency`` seconds a stage, ``bandwidth`` bytes a second."""

    compute: float
    latency: float
    bandwidth: float
    parameters: int

    def reduce(self, devices: int, numbers: int) -> float:
        """Return the seconds of an all-reduce of so many numbers."""
        if devices == 1:
            return 0.0
        ring = 2.0 * (devices - 1) / devices * BYTES * numbers / self.bandwidth
        return self.latency * math.log2(devices) + ring

    def step(self, devices: int, processors: float = math.inf) -> float:
        """Return the seconds of a step, where so many devices can work at the same time."""
        return self.compute / min(devices, processors) + self.reduce(devices, self.parameters)

    def limit(self) -> int:
        """Return the largest power of two of devices that are still worth it."""
        devices = 1
        while devices < 1024 and self.step(1) / (2 * devices) / self.step(2 * devices) >= WORTH:
            devices *= 2
        return devices


def measure() -> dict[str, float]:
    """Return seconds of a step, and of all-reduces, on the devices of this process."""
    import jax

    from autograd_mini import Batch, losses, nn

    jax.config.update("jax_enable_x64", True)
    model = nn.network(INPUTS, "50:relu, 10:linear", rng=0)
    batch = Batch(
        lambda *row: losses.cross_entropy(model(list(row[:INPUTS])), row[INPUTS]), model.parameters(), INPUTS + 1,
        engine="jax",
    )  # fmt: skip
    rng = np.random.default_rng(0)
    rows = np.column_stack([rng.normal(size=(ROWS, INPUTS)), rng.integers(0, 10, ROWS)])
    theta = np.array([p.data for p in model.parameters()])
    mesh = jax.sharding.Mesh(np.array(jax.devices()), ("rows",))
    split = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("rows"))
    whole = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())
    found = {"parameters": float(len(theta)), "step": _best(lambda: batch.value_and_grad(rows, theta))}
    add = jax.jit(lambda x: x.sum(axis=0), in_shardings=split, out_shardings=whole)
    for name, numbers in (("small", SMALL), ("large", len(theta))):
        held = jax.device_put(np.ones((jax.device_count(), numbers)), split)
        found[name] = _best(lambda held=held: add(held).block_until_ready())
    return found


def _best(work: Any, rounds: int = 60) -> float:
    work()
    best = math.inf
    for _ in range(rounds):
        started = perf_counter()
        work()
        best = min(best, perf_counter() - started)
    return best


def fit(measured: dict[int, dict[str, float]]) -> Cost:
    """Return the cost whose all-reduces are nearest, in relation, to those measured beyond one device."""
    alone = measured[1]
    parameters = int(alone["parameters"])
    system, wanted = [], []
    for devices, found in measured.items():
        for name, numbers in (("small", SMALL), ("large", parameters)):
            seconds = found[name] - alone[name]  # without the call itself
            if devices > 1 and seconds > 0.0:
                ring = 2.0 * (devices - 1) / devices * BYTES * numbers
                system.append([math.log2(devices) / seconds, ring / seconds])
                wanted.append(1.0)
    latency, inverse = np.linalg.lstsq(np.array(system), np.array(wanted), rcond=None)[0].tolist()
    return Cost(alone["step"], max(latency, 1e-7), 1.0 / max(inverse, 1e-13), parameters)


def draw(measured: dict[int, dict[str, float]], cost: Cost, path: Path) -> None:
    """Draw what was measured, the model, and where it stops being worth it."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    counts = [2**i for i in range(11)]
    figure, axes = pyplot.subplots(figsize=(6.4, 3.6))
    axes.loglog(counts, [1e3 * cost.step(d) for d in counts], color="#1f5fa8", label="model: compute/d + all-reduce")
    axes.loglog(counts, [1e3 * cost.compute / d for d in counts], "--", color="#8a8f98", label="compute/d alone")
    axes.loglog(
        counts[1:],
        [1e3 * cost.reduce(d, cost.parameters) for d in counts[1:]],
        ":",
        color="#b3541e",
        label="all-reduce",
    )
    axes.loglog(
        list(measured), [1e3 * found["step"] for found in measured.values()], "o", color="black", label="measured"
    )
    axes.axvline(cost.limit(), color="#8a8f98", linewidth=0.8)
    axes.annotate(
        f"{cost.limit()} devices: half the efficiency ", (cost.limit(), 0.07), fontsize=8, ha="right",
        va="bottom",
    )  # fmt: skip
    axes.set_xlabel("devices")
    axes.set_ylabel("ms a step")
    axes.legend(frameon=False, fontsize=8, loc="upper right")
    figure.tight_layout()
    figure.savefig(path, dpi=150)


def main(argv: list[str]) -> int:
    """Measure in one process for each number of devices, fit, print, and draw where asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks scaling", description=__doc__)
    parser.add_argument("--out", type=Path, help="draw the figure there (.png, .svg)")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(argv)
    if asked.measure:
        print(json.dumps(measure()))
        return 0
    measured = {}
    for devices in DEVICES:
        flags = f"--xla_force_host_platform_device_count={devices}"
        made = subprocess.run(
            [sys.executable, "-m", "benchmarks", "scaling", "--measure"], check=True, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"},
        )  # fmt: skip
        measured[devices] = json.loads(made.stdout.splitlines()[-1])
    cost, processors = fit(measured), len(os.sched_getaffinity(0))
    if asked.out:
        draw(measured, cost, asked.out)
    if asked.json:
        print(json.dumps({"measured": measured, "cost": vars(cost), "worth": cost.limit()}))
        return 0
    print(f"{INPUTS}-50-10, {ROWS} rows a step, {cost.parameters:,} parameters, {processors} processors\n")
    print("devices   ms measured   ms by the model here   ms with a processor each")
    for devices in (*DEVICES, 16, 64, 256, 1024):
        seen = f"{1e3 * measured[devices]['step']:11.2f}" if devices in measured else " " * 11
        here = f"{1e3 * cost.step(devices, processors):20.2f}" if devices in measured else " " * 20
        print(f"{devices:7}   {seen}   {here}   {1e3 * cost.step(devices):24.3f}")
    print(f"\nlatency {1e6 * cost.latency:.0f} µs, bandwidth {cost.bandwidth / 1e9:.2f} GB/s")
    print(f"worth it up to {cost.limit()} devices (half the efficiency)")
    return 0
