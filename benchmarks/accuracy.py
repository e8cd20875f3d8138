"""The worst error of every primitive in ulp: value, first and second derivative, over the whole domain.

Measured against 50 digits, at the points and with the allowances of the tests (``tests/sampling.py``,
``tests/reference.py``). Other packages are
measured at the same points with the same allowances, except where an argument or the exact result is
subnormal, which some of them flush to 0 by design.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd_mini.primitives.registry import PRIMITIVES
from autograd_mini.primitives.row import Primitive
from benchmarks.timing import peer, version_of
from tests.support.reference import LARGEST_TERM, REFERENCES, mp
from tests.support.sampling import SLOPES, compare, points, worst

Worst = tuple[float, float, float]
Arrays = tuple[Any, list[Any], list[list[Any]]]
Derive = Callable[[Callable[..., Any], list[Any]], Arrays]

SMALLEST_NORMAL = 2.2250738585072014e-308
SAME = {
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt", "hypot", "pow", "div", "logaddexp", "sin",
    "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
}  # fmt: skip
NUMPY = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "asinh": "arcsinh", "acosh": "arccosh",
    "atanh": "arctanh", "pow": "power", "div": "true_divide",
}  # fmt: skip


class Peer:
    """A package: its functions by our names, and its differentiation over arrays."""

    def __init__(self, name: str, version: str, functions: dict[str, Callable[..., Any]], derive: Derive) -> None:
        self.name, self.version, self.functions, self.derive = name, version, functions, derive

    def worst(self, row: Primitive, density: int) -> Worst | None:
        """Return its worst errors on ``row``, None where it has no such function or derivative."""
        function = self.functions.get(row.name)
        if function is None:
            return None
        sample = [args for args in points(row, density) if all(x == 0.0 or abs(x) >= SMALLEST_NORMAL for x in args)]
        columns = [np.array(column) for column in zip(*sample, strict=True)]
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # HIPS autograd on a second derivative that is 0
                value, gradient, hessian = self.derive(function, columns)
        except NotImplementedError:  # HIPS autograd has the value of some functions and not the derivative
            return None
        found = [0.0, 0.0, 0.0]
        for i, args in enumerate(sample):
            for order, exact, scale, j, k in expected(row, args):
                computed = value[i] if order == 0 else gradient[j][i] if order == 1 else hessian[j][k][i]
                error = compare(row, order, "", float(computed), exact, scale).ulp
                found[order] = max(found[order], error)
        return found[0], found[1], found[2]


def expected(row: Primitive, args: tuple[float, ...]) -> Iterator[tuple[int, Any, Any, int, int]]:
    """Yield (order, exact, scale, j, k) for every number at a point that is a normal float."""
    at = tuple(map(mp.mpf, args))
    value, gradient, hessian = REFERENCES[row.name](*at)
    scales = [LARGEST_TERM.get((row.name, order)) for order in range(3)]
    size, sizes, matrix = (scale and scale(*at) for scale in scales)
    n = range(len(args))
    everything = [(0, value, size, 0, 0)]
    everything += [(1, gradient[j], sizes and sizes[j], j, 0) for j in n]
    everything += [(2, hessian[j][k], matrix and matrix[j][k], j, k) for j in n for k in n]
    for entry in everything:
        if not 0 < abs(entry[1]) < SMALLEST_NORMAL:
            yield entry


def pytorch() -> Peer | None:
    torch = peer("torch")
    if torch is None:
        return None
    functional = torch.nn.functional
    functions = {name: getattr(torch, name) for name in SAME if hasattr(torch, name)}
    functions |= {name: getattr(torch, name) for name in ("erf", "erfc", "sigmoid")}
    functions |= {name: getattr(functional, name) for name in ("softplus", "silu", "gelu")}
    functions["normal_cdf"] = torch.special.ndtr

    def derive(function: Callable[..., Any], columns: list[Any]) -> Arrays:
        def slopes(out: Any, xs: Sequence[Any]) -> list[Any]:
            if not out.requires_grad:
                return [torch.zeros_like(x) for x in xs]
            found = torch.autograd.grad(out.sum(), xs, create_graph=True, allow_unused=True)
            return [torch.zeros_like(x) if d is None else d for x, d in zip(xs, found, strict=True)]

        xs = [torch.tensor(column, dtype=torch.float64, requires_grad=True) for column in columns]
        out = function(*xs)
        first = slopes(out, xs)
        second = [[d.detach().numpy() for d in slopes(slope, xs)] for slope in first]
        return out.detach().numpy(), [d.detach().numpy() for d in first], second

    return Peer("PyTorch", version_of("torch"), functions, derive)


def jax() -> Peer | None:
    library = peer("jax")
    if library is None:
        return None
    library.config.update("jax_enable_x64", True)
    numpy, special = library.numpy, library.scipy.special
    functions = {name: getattr(numpy, NUMPY.get(name, name)) for name in SAME}
    functions |= {"erf": special.erf, "erfc": special.erfc, "normal_cdf": special.ndtr}
    functions |= {name: getattr(library.nn, name) for name in ("sigmoid", "softplus", "silu")}
    functions["gelu"] = lambda x: library.nn.gelu(x, approximate=False)

    def derive(function: Callable[..., Any], columns: list[Any]) -> Arrays:
        which = tuple(range(len(columns)))
        first = library.grad(function, which)
        run = library.jit(library.vmap(lambda *xs: (function(*xs), first(*xs), library.jacrev(first, which)(*xs))))
        value, gradient, hessian = run(*columns)
        return np.asarray(value), list(map(np.asarray, gradient)), [list(map(np.asarray, line)) for line in hessian]

    return Peer("JAX", version_of("jax"), functions, derive)


def hips() -> Peer | None:
    library, numpy, special = peer("autograd"), peer("autograd.numpy"), peer("autograd.scipy.special")
    if library is None or numpy is None or special is None:
        return None
    functions = {}
    for name in SAME:
        function = getattr(numpy, NUMPY.get(name, name), None)
        if function is not None:
            functions[name] = function
    functions |= {"erf": special.erf, "erfc": special.erfc, "sigmoid": special.expit}

    def derive(function: Callable[..., Any], columns: list[Any]) -> Arrays:
        first = [library.elementwise_grad(function, j) for j in range(len(columns))]
        second = [[library.elementwise_grad(slope, k)(*columns) for k in range(len(columns))] for slope in first]
        return function(*columns), [slope(*columns) for slope in first], second

    return Peer("HIPS autograd", version_of("autograd"), functions, derive)


def cell(errors: Worst | None) -> str:
    return "–" if errors is None else " ".join(f"{max(error, 0.0):7.2g}" for error in errors)


def main(argv: list[str]) -> int:
    """Print the table; return the exit status."""
    parser = argparse.ArgumentParser(prog="benchmarks accuracy", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--density", type=int, default=4, help="how many points, about 400 times this (4)")
    parser.add_argument("names", nargs="*", help="primitives; all that are not comparisons by default")
    options = parser.parse_args(argv)
    unknown = [name for name in options.names if name not in PRIMITIVES]
    if unknown:
        print(f"no primitive named {', '.join(unknown)}; there are: {', '.join(PRIMITIVES)}", file=sys.stderr)
        return 2
    peers = [found for found in (pytorch(), jax(), hips()) if found is not None]
    rows = [row for row in PRIMITIVES.values() if not row.boolean and (not options.names or row.name in options.names)]
    table: dict[str, dict[str, Worst | None]] = {}
    if not options.json:
        heads = ["autograd_mini", *(f"{each.name} {each.version}" for each in peers)]
        print("Worst error in ulp: value, first derivative, second derivative\n")
        print(f"{'':14}" + "".join(f"{head:>26}" for head in heads))
    for row in rows:
        value, first, second = worst(row, options.density)
        line: dict[str, Worst | None] = {"autograd_mini": (value.ulp, first.ulp, second.ulp)}
        line |= {each.name: each.worst(row, options.density) for each in peers}
        table[row.name] = line
        if not options.json:
            mark = "′" if row.name in SLOPES else ""
            print(f"{row.name + mark:14}" + "".join(f"{cell(errors):>26}" for errors in line.values()), flush=True)
    if options.json:
        print(json.dumps({"versions": {each.name: each.version for each in peers}, "ulp": table}))
    else:
        print("\n′ a derivative that is a separate row: its first derivative is a function's second derivative")
        print("– no such function or derivative")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
