"""One training step against the width of a network: 64 inputs, one hidden layer of 4 to 512 relu units, 10 classes.

Full batch of 104 rows, cross-entropy, in double precision on one core, as ``train`` does it; beside PyTorch, JAX and
NumPy by hand. The losses of the first steps are asserted equal before anything is timed. ``--plot`` draws the figure,
with a ring where another line crosses this project's.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np

from benchmarks.figure import crossings, draw
from benchmarks.timing import MOMENT, load_note, on_one_core, race, version_of
from benchmarks.train import RATE, STEPS, Step, Task, contestants

INPUTS, CLASSES, ROWS = 64, 10, 104
WIDTHS = (4, 8, 16, 32, 64, 128, 256, 512)
TITLE = f"One training step, {INPUTS}-width-{CLASSES} relu, {ROWS} rows (µs)"


def by_hand(task: Task) -> Step:
    """The step in NumPy: a layer is a matrix, the backward pass is written out."""
    layers = [(weights.copy(), biases.copy()) for weights, biases in task.layers]
    X, classes, n = task.X, task.y.astype(int), len(task.y)
    every = np.arange(n)

    def run() -> float:
        signals: list[Any] = [X]
        for weights, biases in layers[:-1]:
            signals.append(np.maximum(signals[-1] @ weights.T + biases, 0.0))
        scores = signals[-1] @ layers[-1][0].T + layers[-1][1]
        scores -= scores.max(axis=1, keepdims=True)
        shares = np.exp(scores)
        totals = shares.sum(axis=1, keepdims=True)
        loss = float(np.mean(np.log(totals[:, 0]) - scores[every, classes]))
        slope = shares / totals
        slope[every, classes] -= 1.0
        slope /= n
        for k in reversed(range(len(layers))):
            weights, biases = layers[k]
            steps = slope.T @ signals[k], slope.sum(axis=0)
            if k:
                slope = (slope @ weights) * (signals[k] > 0.0)
            weights -= RATE * steps[0]
            biases -= RATE * steps[1]
        return loss

    return run


def main(argv: list[str]) -> int:
    """Print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks width", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--plot", metavar="FILE", help="save a figure, and one for dark pages beside it")
    parser.add_argument("--budget", type=float, default=1.0, help="seconds per contestant and width (1)")
    parser.add_argument("widths", nargs="*", type=int, help=f"of the hidden layer ({', '.join(map(str, WIDTHS))})")
    options = parser.parse_args(argv)
    on_one_core()
    lines: dict[str, list[tuple[float, float]]] = {}
    versions: dict[str, str] = {}
    for width in options.widths or WIDTHS:
        task = Task(f"{INPUTS}-{width}-{CLASSES}", (INPUTS, width, CLASSES), "relu", ROWS)
        runners = contestants(task) | {"NumPy by hand": (version_of("numpy"), by_hand(task))}
        curves = {who: [step() for _ in range(STEPS)] for who, (_, step) in runners.items()}
        for who, curve in curves.items():
            np.testing.assert_allclose(curve, curves["autograd_mini"], rtol=1e-9, err_msg=f"{task.name}: {who}")
        best = race({who: step for who, (_, step) in runners.items()}, options.budget, block=MOMENT)
        for who, (version, _) in runners.items():
            lines.setdefault(who, []).append((width, best[who] * 1e6))
            versions[who] = version
    met = [f"{who} at width {size:.0f}" for who, size, _ in crossings(lines)]
    notes = [f"losses of the first {STEPS} steps equal", f"crossings: {', '.join(met) or 'none'}", load_note()]
    if options.json:
        print(json.dumps({"title": TITLE, "lines": lines, "versions": versions, "notes": notes}))
    else:
        print(f"\n{TITLE}\n")
        print(f"{'width':>8}" + "".join(f"{who:>22}" for who in lines))
        for row, (width, ours) in enumerate(lines["autograd_mini"]):
            texts = [f"{points[row][1]:,.1f} {points[row][1] / ours:7.2f}×" for points in lines.values()]
            print(f"{width:8}" + "".join(f"{text:>22}" for text in texts))
        for note in [*notes, ", ".join(f"{who} {version}" for who, version in versions.items())]:
            print(f"  {note}")
    if options.plot:
        draw(lines, options.plot, TITLE, "width of the hidden layer", "µs a step")
    return 0


if __name__ == "__main__":
    import sys

    raise SystemExit(main(sys.argv[1:]))
