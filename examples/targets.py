"""One expression in all four targets: the program traced from it, and its text for each.

Run with ``python -m examples.targets``; give a target's name to see that one alone.
"""

from __future__ import annotations

import sys
from typing import Any

from autograd_mini import jit, tanh, value_and_grad
from autograd_mini.program.targets import TARGETS


def neuron(w: Any, x: Any, b: Any) -> Any:
    return tanh(w * x + b)


def main(wanted: tuple[str, ...] = TARGETS) -> None:
    program = jit(value_and_grad(neuron, argnums=(0, 2))).program(0.5, 2.0, -0.25)
    print(f"tanh(w*x + b), and its derivatives by w and b, in {len(program)} instructions:\n\n{program}")
    for target in wanted:
        print(f"\n{'-' * 30} {target}\n")
        try:
            print(program.source(target).rstrip())
        except ImportError as error:  # llvmlite is an extra
            print(error)


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or TARGETS)
