"""``python -m tests.mutants [WORD…]``: try every mutant of the rule table, or those whose name has a word.

Each runs in a process of its own, forked before the package is loaded. It meets the cheapest evidence first: the
golden lines, the edge cases and the accuracy of the rows it concerns, called directly; what survives that meets pytest
with all tests of primitives and of the engines' agreement. ``quick`` before the words leaves out pytest, to see soon
what may live.
Status 1 where a mutant lives that ``equivalent.py`` does not explain.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import linecache
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from types import ModuleType

from tests.mutants.alter import TABLE, Mutant, mutants
from tests.mutants.equivalent import EQUIVALENT
from tests.mutants.known import KNOWN, alive

NAME = "autograd_mini.primitives.table"
PATIENCE = 1800  # seconds, after which a mutant counts as alive
GAMMAS, POWERS = {"lgamma", "digamma", "polygamma"}, {"pow", "dpow", "powlog"}
TESTS = ["tests/primitives", "tests/engine", "tests/program/test_agreement.py", "tests/transforms"]


class _Wrong(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Import the table from another source."""

    def __init__(self, source: str) -> None:
        self.source = source

    def find_spec(self, name: str, path: object = None, target: object = None) -> object:
        return importlib.util.spec_from_loader(name, self, origin=str(TABLE)) if name == NAME else None

    def get_filename(self, name: str) -> str:
        return str(TABLE)

    def get_data(self, path: str) -> bytes:
        return self.source.encode()

    def path_stats(self, path: str) -> dict[str, float]:
        raise OSError("not to be cached")

    def set_data(self, path: str, data: bytes) -> None:
        """Keep no byte code."""


def _forget() -> None:
    linecache.clearcache()  # and the text of methods that the first import wrote
    for name in [name for name in sys.modules if name.split(".")[0] in ("autograd_mini", "viz")]:
        del sys.modules[name]
    for name in [name for name in sys.modules if re.match(r"tests\.(?!mutants)", name)]:
        del sys.modules[name]


def verdict(mutant: Mutant, only_quick: bool = False) -> tuple[str, str]:
    """Return the mutant's name and what caught it; "" where nothing did."""
    signal.signal(signal.SIGALRM, signal.default_int_handler)  # as Ctrl-C, which no test takes for a failure
    signal.alarm(PATIENCE)
    try:
        return mutant.name, quick_verdict(mutant) or ("" if only_quick else _pytest(mutant))
    except KeyboardInterrupt:
        return mutant.name, ""
    except Exception as error:
        return mutant.name, f"import: {type(error).__name__}"
    finally:
        signal.alarm(0)
        sys.meta_path[:] = [each for each in sys.meta_path if not isinstance(each, _Wrong)]


def quick_verdict(mutant: Mutant) -> str:
    """Import the package with the mutant's table and return which of the quick checks catches it, "" for none."""
    os.environ["AUTOGRAD_MINI_PURE"] = "1"  # the class in C stays as it was at the first import: it has methods already
    _forget()
    sys.meta_path.insert(0, _Wrong(mutant.source))
    for what, check in _checks(mutant):
        try:
            check()
        except Exception as error:  # whatever a test raises is a catch
            return f"{what}: {type(error).__name__}"
    return ""


def _checks(mutant: Mutant) -> Iterator[tuple[str, object]]:
    """The quick checks, called directly: the same functions that pytest runs; the cheapest come first."""
    from tests.primitives import test_golden as golden
    from tests.support.golden import read

    lines = read(mutant.rows)
    yield "golden lines", lambda: golden.hold_eager(lines)
    yield "golden lines, expanded", lambda: golden.hold_expanded(lines)

    from tests.primitives import test_edges as edges
    from tests.primitives import test_expanded as expanded
    from tests.primitives import test_primitives as exam
    from tests.primitives import test_quotients as quotients

    rows = [row for row in exam.ROWS if row.name in mutant.rows]
    for row in rows:
        if row in expanded.ROWS:
            yield "both values", lambda row=row: expanded.hold(row)
        if not row.boolean:
            yield "nan in, nan out", lambda row=row: edges.test_nan_in_nan_out(row)
    for case in edges.CASES:
        yield f"edge {case[0]}", lambda case=case: edges.test_value_and_gradient(case)
        if case[5] is not None:
            yield f"edge {case[0]}", lambda case=case: edges.test_second_order(case)
    if not GAMMAS.isdisjoint(mutant.rows):
        yield "gamma", quotients.test_poles_and_limits_of_gamma
        yield "gamma", quotients.test_left_of_zero_by_reflection
    if not POWERS.isdisjoint(mutant.rows):
        yield "powers", exam.test_a_power_that_overflows_before_its_derivative_does
        for x, y in exam.POWERS:
            yield "powers", lambda x=x, y=y: exam.test_a_negative_number_to_a_whole_power(x, y)
    yield "golden lines, compiled", lambda: golden.hold_compiled("python scalar", lines)
    for row in rows:
        yield f"accuracy of {row.name}", lambda row=row: exam.hold(row, 2)


def _pytest(mutant: Mutant) -> str:
    import pytest

    class Catch:
        found = ""

        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed and not self.found:
                self.found = report.nodeid

        def pytest_collectreport(self, report: pytest.CollectReport) -> None:
            if report.failed and not self.found:
                self.found = f"import of {report.nodeid}"

    catch = Catch()
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not slow and not long"]
        options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # what is loaded already is loaded once, for all
        pytest.main([*options, *TESTS], plugins=[catch])
    return catch.found


def main(words: list[str]) -> int:
    """Try the mutants and print what lives; ``known`` tries those of ``known.py``."""
    if words == ["known"]:
        known = [each for each in KNOWN if alive(each)]
        print(f"{len(KNOWN)} known mutants, {len(KNOWN) - len(known)} caught", *known, sep="\n")
        return bool(known)
    only_quick = words[:1] == ["quick"]
    words = words[only_quick:]
    import hypothesis
    import mpmath
    import numpy
    import pytest

    assert all(isinstance(each, ModuleType) for each in (hypothesis, mpmath, numpy, pytest))  # loaded once, for all
    tried = [each for each in mutants() if not words or any(word in each.name for word in words)]
    tried = [each for each in tried if each.name not in EQUIVALENT]
    with ProcessPoolExecutor(
        1, mp_context=get_context("fork")
    ) as pool:  # the table itself must pass, or all are caught
        wrong = pool.submit(quick_verdict, replace(next(mutants()), source=TABLE.read_text(encoding="utf-8"))).result()
        if wrong:
            sys.exit(f"the table as it is does not pass: {wrong}")
    began, living = time.monotonic(), []
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork"), max_tasks_per_child=None) as pool:
        for count, (name, catch) in enumerate(pool.map(partial(verdict, only_quick=only_quick), tried), 1):
            if not catch:
                living.append(name)
                print(f"ALIVE  {name}", flush=True)
            if count % 100 == 0:
                print(f"{count} of {len(tried)}, {len(living)} alive, {time.monotonic() - began:.0f} s", flush=True)
    print(f"{len(tried)} mutants, {len(tried) - len(living)} caught, {len(EQUIVALENT)} equivalent, {len(living)} alive")
    return bool(living)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
