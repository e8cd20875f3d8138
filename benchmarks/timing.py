"""Timing, imports of other packages and printing for the benchmarks."""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import sys
import timeit
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.metadata import version
from types import ModuleType

__all__ = ["MOMENT", "Row", "chosen", "load_note", "on_one_core", "peer", "race", "report", "seconds"]


MOMENT = 0.002
"""Seconds that compiled code is timed at a time."""


@dataclass
class Row:
    """One line of a table: a package, its time, and the ratio to this project's time."""

    name: str
    version: str
    microseconds: float
    ratio: float = 1.0


def chosen(
    argv: list[str], name: str, doc: str | None, kind: str, known: Iterable[str], budget: float
) -> tuple[list[str], float, bool]:
    """Read the arguments of a benchmark with one table for each of ``known``, which are called ``kind``.

    Return those that are asked for (all by default), the seconds per contestant, and whether JSON is wanted.
    """
    legal = list(known)
    parser = argparse.ArgumentParser(prog=f"benchmarks {name}", description=doc)
    parser.add_argument("--json", action="store_true", help=f"print one JSON object per {kind}")
    parser.add_argument("--budget", type=float, default=budget, help=f"seconds per contestant ({budget:g})")
    parser.add_argument("names", metavar=f"{kind}s", nargs="*", help=f"of {', '.join(legal)}; all by default")
    options = parser.parse_args(argv)
    if unknown := [each for each in options.names if each not in legal]:
        parser.error(f"no {kind} named {', '.join(unknown)}; there are: {', '.join(legal)}")
    return options.names or legal, options.budget, options.json


def seconds(function: Callable[[], object], budget: float = 1.0, repeats: int = 7) -> float:
    """Return the best time per call of ``repeats`` runs that share ``budget`` seconds.

    The garbage collector is on, as in any program, because garbage is part of the cost of a library.
    """
    timer = timeit.Timer(function, "import gc; gc.enable()")
    gc.collect()
    number, taken = 1, timer.timeit(1)
    while taken < 0.01 and number < 10**7:
        number *= 4
        taken = timer.timeit(number)
    number = max(1, int(number * budget / repeats / max(taken, 1e-9)))
    return min(timer.repeat(repeats, number)) / number


def race(
    runners: dict[str, Callable[[], object]], budget: float = 1.0, rounds: int = 12, block: float = 0.0
) -> dict[str, float]:
    """Return the best time per call of each runner, ``budget`` seconds each, alternately.

    Alternately, so that other load on this machine slows all of them equally. With ``block`` so many seconds are timed
    at a time: a few milliseconds find moments without other load, where no contestant leaves work to the garbage
    collector.
    """
    timers = {name: timeit.Timer(run, "import gc; gc.enable()") for name, run in runners.items()}
    best = dict.fromkeys(runners, math.inf)
    numbers = {}
    for name, timer in timers.items():
        timer.timeit(1)  # compiled, imported, allocated
        once = max(min(timer.timeit(1) for _ in range(5)), 1e-9)
        numbers[name] = max(1, int((block or budget / rounds) / once))
    rounds = max(rounds, int(budget / block)) if block else rounds
    for _ in range(rounds):
        for name, timer in timers.items():
            best[name] = min(best[name], timer.timeit(numbers[name]) / numbers[name])
    return best


def on_one_core() -> None:
    """Hold this process, and JAX once it is imported, to one core; use no compiled code from the disk."""
    os.environ["AUTOGRAD_MINI_CACHE"] = "0"
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def load_note() -> str:
    """Return a note on what else this machine does: ratios hold, but better on an idle one."""
    if not hasattr(os, "getloadavg"):
        return f"{os.cpu_count()} processors"
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"


def peer(name: str) -> ModuleType | None:
    """Import a peer, or say that it is missing and return None."""
    try:
        return import_module(name)
    except ImportError as error:
        print(f"{name}: not installed, skipped ({error})", file=sys.stderr)
        return None


def version_of(distribution: str) -> str:
    """Return the installed version of a distribution."""
    return version(distribution)


def report(title: str, rows: Sequence[Row], notes: Iterable[str] = (), as_json: bool = False) -> None:
    """Print the table, this project first; ratios are to the first row."""
    for row in rows:
        row.ratio = row.microseconds / rows[0].microseconds
    if as_json:
        print(json.dumps({"title": title, "rows": [asdict(row) for row in rows], "notes": list(notes)}))
        return
    print(f"\n{title}\n")
    print(f"{'':28}{'version':>14}{'µs':>14}{'ratio':>10}")
    for row in rows:
        print(f"{row.name:28}{row.version:>14}{row.microseconds:14,.2f}{row.ratio:9.2f}×")
    for note in notes:
        print(f"  {note}")
