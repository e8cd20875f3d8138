"""Draw the figures of the site: every example that has one, into docs/figures."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLES = {
    "activations": [], "perceptrons": [], "forward_pass": [], "least_squares": [], "layers": [], "graphs": [],
    "numeric_vs_reverse": [], "boundaries": [], "steps": [], "watching": [], "digits": ["--fast"],
}  # fmt: skip


def main() -> None:
    """Run the examples; examples whose figures exist already are skipped."""
    out = HERE / "figures"
    sys.path.insert(0, str(HERE.parent / "examples"))
    for name, arguments in EXAMPLES.items():
        done = out / f".{name}"
        if not done.exists():
            importlib.import_module(name).main(["--out", str(out), *arguments])
            done.touch()


if __name__ == "__main__":
    main()
