"""Is the gradient check itself right? Random functions with a planted fault, and without: false passes, false alarms.

``python -m tests.support.faults 2000`` prints both.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.primitives.row import NO_FLOW, Primitive
from autograd_mini.testing import check_gradients
from autograd_mini.transforms.functions import value_and_grad
from tests.support.random_graphs import KINKED, SMOOTH, Graph, draw

__all__ = ["FAULTS", "Tally", "faulty", "tally"]

FAULTS = ("sign", "factor", "swapped operands", "dropped term")


def faulty(row: Primitive, fault: str, chance: random.Random) -> Primitive:
    """Return a primitive with the same value and one wrong derivative."""
    factor = chance.choice((0.5, 2.0, 0.9, 1.1, 0.99, 3.0))
    pick = chance.random()

    def spoil(partials: tuple[Any, ...]) -> tuple[Any, ...]:
        places = [i for i, p in enumerate(partials) if p is not NO_FLOW]
        if not places:
            return partials
        found, i = list(partials), places[int(pick * len(places))]
        if fault == "sign":
            found[i] = -found[i]
        elif fault == "factor":
            found[i] = factor * found[i]
        elif fault == "swapped operands":
            other = places[(places.index(i) + 1) % len(places)]
            found[i], found[other] = found[other], found[i]
        else:
            found[i] = 0.0
        return tuple(found)

    def partials(*args: Any) -> tuple[Any, ...]:
        if row.outputs:
            xs, outs, index = args
            return spoil(row.derivatives(xs, outs, index))
        return spoil(row.derivatives(args[0] if row.arity is None else args[:-1], args[-1]))

    return Primitive(
        f"faulty_{row.name}", row.value, partials, arity=row.arity, label=row.label, domain=row.domain,
        defaults=row.defaults, static=row.static, flatten=row.flatten, outputs=row.outputs,
    )  # fmt: skip


@dataclass
class Tally:
    """What the check said of many functions."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    harmless: int = 0
    """Faults that change no derivative here: a factor on 0, a swap of equals."""
    blamed: int = 0
    """Faults found whose primitive was named."""
    false_passes: list[str] = field(default_factory=list)
    false_alarms: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        right, wrong = sum(self.right.values()), sum(self.wrong.values())
        return (
            f"right gradients: {right}, {dict(self.right)}; false alarms {len(self.false_alarms)}\n"
            f"planted faults:  {wrong}, {dict(self.wrong)}; false passes {len(self.false_passes)}; "
            f"{self.blamed} of {self.wrong['fail']} blamed on the right primitive; {self.harmless} changed nothing"
        )


def matters(graph: Graph, rows: dict[str, Any], spoiled: Graph) -> bool:
    """Tell whether a fault changes a derivative by more than a pass allows: see ``PROMISE``."""
    places = tuple(range(len(graph.inputs)))
    value, right = value_and_grad(graph.function(rows), places)(*graph.inputs)
    _, wrong = value_and_grad(spoiled.function(rows), places)(*graph.inputs)
    return any(abs(a - b) > 2e-3 * abs(a) + 2e-6 * max(1.0, abs(value)) for a, b in zip(right, wrong, strict=True))


def tally(count: int, seed: int = 0) -> Tally:
    """Check ``count`` random functions as they are, and as many with a fault planted in one operation."""
    found = Tally()
    planted = 0
    while sum(found.right.values()) < count or sum(found.wrong.values()) < count:
        seed += 1
        chance = random.Random(seed)
        graph = draw(chance, chance.randint(1, 12), SMOOTH | KINKED, inputs=2)
        if sum(found.right.values()) < count:
            verdict = check_gradients(graph.function(PRIMITIVES), *graph.inputs).verdict
            found.right[verdict] += 1
            if verdict == "fail":
                found.false_alarms.append(str(graph))
        place = chance.randrange(len(graph.steps))
        step = graph.steps[place]
        fault = FAULTS[planted % len(FAULTS)]
        rows = {**PRIMITIVES, "faulty": faulty(PRIMITIVES[step.name], fault, chance)}
        steps = list(graph.steps)
        steps[place] = step._replace(name="faulty")
        spoiled = replace(graph, steps=tuple(steps), standing={"faulty": step.name})
        if not matters(graph, rows, spoiled):
            found.harmless += 1
            continue
        planted += 1
        report = check_gradients(spoiled.function(rows), *graph.inputs)
        found.wrong[report.verdict] += 1
        if report.verdict == "pass":
            found.false_passes.append(f"{fault} in {step.name}\n{graph}")
        if report.verdict == "fail" and report.suspect is not None:
            found.blamed += report.suspect.primitive.removeprefix("faulty_") == step.name
    return found


if __name__ == "__main__":
    result = tally(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
    print(result)
    sys.exit(bool(result.false_passes) or len(result.false_alarms) > 0.005 * sum(result.right.values()))
