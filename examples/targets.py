"""One expression in every target: its program, and the text for each.

    python examples/targets.py                 # everything
    python examples/targets.py javascript      # one target

tanh(w·x + b) and its derivatives by w and b become one program. The Python text needs only
the standard library, the JavaScript text has no dependencies, and the C text needs the maths library,
so each can be copied into another program.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from autograd_mini import jit, tanh, value_and_grad
from autograd_mini.program import TARGETS


def neuron(w: Any, x: Any, b: Any) -> Any:
    return tanh(w * x + b)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Print one expression in every target.")
    parser.add_argument("targets", nargs="*", metavar="target", help=", ".join(TARGETS))
    wanted = parser.parse_args(arguments).targets or TARGETS
    if unknown := set(wanted) - set(TARGETS):
        parser.error(f"{', '.join(sorted(unknown))}: no such target; there are {', '.join(TARGETS)}")
    program = jit(value_and_grad(neuron, argnums=(0, 2))).program(0.5, 2.0, -0.25)
    print(f"tanh(w·x + b) and its derivatives by w and b, {len(program)} instructions\n\n{program}")
    for target in wanted:
        print(f"\n{f' {target} ':-^80}\n")
        try:
            print(program.source(target).rstrip())
        except ImportError as error:  # llvmlite is an extra
            print(error)


if __name__ == "__main__":
    main()
