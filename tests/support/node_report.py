"""What the node does, as JSON: run once in C and once in Python, the two reports must be the same.

``python -m tests.support.node_report COUNT`` builds COUNT random graphs and prints values,
partials and gradients as hexadecimal, then what is refused and how, then a pickle.
"""

# ruff: noqa: B023  (each lambda is called where it is made)
from __future__ import annotations

import base64
import json
import math
import pickle
import random
import sys
from collections.abc import Callable
from typing import Any

import autograd_mini as am
from autograd_mini import Value, gradients, topological_order
from autograd_mini.engine import compiled

UNARY = [name for name, row in am.PRIMITIVES.items() if row.arity == 1 and hasattr(am.Value, name)]
BINARY = [
    name
    for name, row in am.PRIMITIVES.items()
    if row.arity == 2 and hasattr(am.Value, name) and not (row.static or row.defaults)
]
NUMBERS: list[Any] = [0.0, -0.0, 1, 2, -3, 0.5, 1e-310, 1e300, math.inf, -math.inf, math.nan, True, 10**400, 2**60]


def graph(chance: random.Random) -> list[Value]:
    """Return the nodes of a random graph over every operator, method and shape of node; the last is the output."""
    nodes: list[Value] = [Value(chance.choice((chance.gauss(0, 2), chance.choice(NUMBERS)))) for _ in range(3)]
    for _ in range(int(40 ** chance.random())):
        a, b = (chance.choice(nodes[-8:]) for _ in range(2))
        other: Any = chance.choice((b, chance.gauss(0, 1), chance.choice(NUMBERS), 3))
        made: Any = chance.choice((
            lambda: a + other, lambda: a * other, lambda: a - other, lambda: other - a, lambda: a / other,
            lambda: other / a, lambda: -a, lambda: abs(a), lambda: a**2, lambda: a ** chance.choice((0, 1, 3, -1, 0.5)),
            lambda: a**b, lambda: 2.0**a, lambda: getattr(a, chance.choice(UNARY))(),
            lambda: getattr(a, chance.choice(UNARY))(), lambda: getattr(a, chance.choice(BINARY))(other),
            lambda: am.where(a > b, a, b), lambda: am.clip(a, -1.0, other), lambda: am.affine([a, b], [b, 0.5], other),
            lambda: am.total([a, b, other]), lambda: am.softmax([a, b, a])[chance.randrange(3)],
            lambda: am.log_softmax([a, other])[0], lambda: am.logsumexp([a, b]), lambda: a.leaky_relu(),
            lambda: Value(a.data, (a, b), (0.25, -1.0)), lambda: a + True, lambda: round(a),
            lambda: a % other, lambda: other % a, lambda: a // other, lambda: other // a, lambda: divmod(a, other)[1],
            lambda: divmod(other, a)[0], lambda: round(a, chance.randrange(-3, 8)), lambda: math.trunc(a),
            lambda: am.take([a, b, other], chance.randrange(-3, 3)),
        ))()  # fmt: skip
        nodes.append(made)
    return nodes


def text(number: float | None) -> str:
    return "none" if number is None else "nan" if number != number else number.hex()


def account(nodes: list[Value], passes: int) -> list[str]:
    """Every number of a graph after some passes, and the leaves' gradients by another way."""
    output = nodes[-1] + nodes[len(nodes) // 2] * 0.5
    for _ in range(passes):
        output.backward()
    order = topological_order(output)
    found = [str(len(order))]
    for node in order:
        numbers = (node.data, node.grad, *node.partials)
        name = "leaf" if node.op is None else node.op.name
        found.append(" ".join([name, str(node.has_grad), str(node.is_constant), *map(text, numbers)]))
    return found + [text(each) for each in gradients(output, nodes[:3])]


def refusals() -> list[str]:
    """What is refused, with the words that say so."""
    x = Value(1.0, "x")
    strangers: list[Any] = ["s", None, 1j, [1.0], (), b"b", object()]
    tries: list[Callable[[], Any]] = [
        *(lambda s=s, f=f: f(x, s) for s in strangers for f in (
            lambda a, b: a + b, lambda a, b: b - a, lambda a, b: a * b, lambda a, b: b / a, lambda a, b: a**b,
            lambda a, b: b**a, lambda a, b: a.maximum(b), lambda a, b: a.hypot(b), lambda a, b: a < b,
            lambda a, b: a % b, lambda a, b: b % a, lambda a, b: a // b, lambda a, b: b // a,
            lambda a, b: divmod(a, b), lambda a, b: divmod(b, a),
        )),
        *(lambda s=s: round(x, s) for s in ("s", 1j, 1.5, [1.0])),  # an object() is shown with its address
        lambda: Value("1"), lambda: Value(None), lambda: Value(1.0, 3), lambda: Value(1.0, (2.0,)), lambda: Value(),
        lambda: float(x), lambda: math.exp(x), lambda: x.backward("1"),
        lambda: setattr(x, "grad", "1"), lambda: setattr(x, "parents", ()), lambda: hash(x) == hash(x),
        lambda: Value(1.0, label="l"), lambda: repr(Value(2, "n")), lambda: x.label, lambda: x.tag,
        *(lambda n=n, i=i: getattr(x, n)(*[2.0] * (i + 1)) for i in (-1, 0, 1) for n in UNARY + BINARY),
        *(lambda n=n: getattr(x, n)(further=1.0) for n in UNARY + BINARY), lambda: x.exp(1.0, 2.0, further=3.0),
        *(lambda n=n: getattr(x, n)(other=2.0) for n in BINARY), lambda: pow(x, 2, 3), lambda: pow(2, x, 3),
        lambda: (x * x)._backward, lambda: setattr(x * x, "_backward", print), lambda: x.clip(1.0),
    ]  # fmt: skip
    found = []
    for each in tries:
        try:
            got = each()
            found.append(got if isinstance(got, str) else type(got).__name__)
        except Exception as error:
            found.append(f"{type(error).__name__}: {error}")
    try:
        x.__add__()
    except TypeError as error:  # of a slot, where the words are the interpreter's
        found.append(type(error).__name__)
    return found


def main(count: int, other: str) -> None:
    """Print the report; ``other`` is a pickle that the other engine made."""
    chance = random.Random(7)
    graphs = [account(graph(chance), 1 + i % 2) for i in range(count)]
    made = am.softmax([Value(0.25, "a"), am.parameter(2.0) * 3.0, 1.0])[1].tanh() + 0.5
    made.backward()
    received = [account([*[Value(0.0)] * 3, pickle.loads(base64.b64decode(other))], 1)] if other else []
    report = {
        "graphs": graphs, "refusals": refusals(), "received": received, "compiled": compiled,
        "pickle": base64.b64encode(pickle.dumps(made)).decode(),
    }  # fmt: skip
    print(json.dumps(report))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
