"""python -m benchmarks NAME: print one table of this project and its peers."""

from __future__ import annotations

import sys
from importlib import import_module

NAMES = {
    "eager": "one small expression, value and gradient, built and run each time",
    "call": "the same expression through jit; a million rows",
    "train": "one training step of small networks",
    "width": "one training step against the width of a network, as a figure",
    "gpt": "a GPT written in scalars, against NumPy and C by hand",
    "problems": "gradients of small problems, jitted, beside JAX",
    "compile": "compile time against program size",
    "scaling": "one training step on 1, 2 and 4 devices, and a model of it up to 1,024",
    "numeric": "reverse mode against numerical differentiation",
    "draw": "drawing graphs of 30 to 5,000 nodes",
    "accuracy": "worst error of every primitive in ulp",
}


def main(argv: list[str]) -> int:
    """Run one benchmark, or list them."""
    if not argv or argv[0] not in NAMES:
        print("usage: python -m benchmarks NAME [--json]\n")
        for name, what in NAMES.items():
            print(f"  {name:10}{what}")
        return 0 if not argv or argv[0] in ("-h", "--help") else 2
    status: int = import_module(f"benchmarks.{argv[0]}").main(argv[1:])
    return status


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
