"""``make verify``: run every tier of evidence and write what it gave into docs/how-we-know.md.

``python -m tests.verify golden faults`` renews only these claims; the others keep the figure and the day of their last
run. Status 1 where a claim no longer holds.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import NamedTuple

__all__ = ["CLAIMS", "PAGE", "Claim", "lines", "main", "write"]

PAGE = Path(__file__).parents[1] / "docs" / "how-we-know.md"
PYTEST = "python -m pytest -q -n 2"


class Claim(NamedTuple):
    """What is claimed, the command that shows it, and the words of its output that are the figure."""

    key: str
    text: str
    command: str
    figure: str


PASSED = r"\d+ passed[^\n]*?(?= in |$)"
CLAIMS = (
    Claim(
        "exam",
        "Every primitive's value is right to 2 ulp, its first derivative to 4, its second to 8, against 50 digits, "
        "but for the exceptions that are named; kinks, poles and domains follow one table",
        f"{PYTEST} tests/primitives",
        PASSED,
    ),
    Claim(
        "golden",
        "38,525 points with their values and derivatives, to the last bit, hold on every engine",
        f"{PYTEST} tests/primitives/test_golden.py",
        PASSED,
    ),
    Claim(
        "mutants",
        "A table with one thing wrong in it is caught by the tests",
        "python -m tests.mutants",
        r"\d+ mutants, [^\n]*",
    ),
    Claim(
        "fuzz",
        "On random functions reverse mode, forward mode, 50 digits and the complex step agree, Hessians are symmetric, "
        "third derivatives right",
        "python -m tests.support.fuzz 1000000",
        r"\d+ random functions, [^\n]*",
    ),
    Claim(
        "faults",
        "The gradient check lets no planted fault by and raises no false alarm",
        "python -m tests.support.faults 2000",
        r"false alarms \d+[\s\S]*?false passes \d+",
    ),
    Claim(
        "known",
        "Problems with known answers are solved through these gradients",
        f"{PYTEST} tests/test_known_answers.py tests/test_least_squares.py tests/test_gradbench.py",
        PASSED,
    ),
    Claim("all", "The whole suite passes, the exhaustive tier too", f'{PYTEST} -m ""', PASSED),
)
HEAD = """# How we know

Each line is a claim, the command that anyone can run to test it, and the figure it gave on the day of its last run.
`make verify` runs them all and writes this page.

| claim | command | figure | run |
|---|---|---|---|
"""


def lines() -> dict[str, str]:
    """Return the page's lines by the command they show."""
    if not PAGE.exists():
        return {}
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and "`" in line]
    return {line.split("`")[1]: line for line in rows}


def run(claim: Claim) -> str:
    """Run a claim's command; return its line of the page, or raise RuntimeError where it fails."""
    began = time.monotonic()
    command = claim.command.replace("python", sys.executable, 1)
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    found = re.search(claim.figure, done.stdout)
    if done.returncode or found is None:
        raise RuntimeError(f"{claim.command} ended with {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-2000:]}")
    figure = " ".join(found.group().split())
    print(f"{claim.key}: {figure}, {time.monotonic() - began:.0f} s", flush=True)
    return f"| {claim.text} | `{claim.command}` | {figure} | {date.today().isoformat()} |"


def main(keys: list[str]) -> int:
    """Run claims, all where none is named, and write the page."""
    unknown = set(keys) - {claim.key for claim in CLAIMS}
    if unknown:
        print(f"there is no claim {', '.join(sorted(unknown))}; the claims are {', '.join(c.key for c in CLAIMS)}")
        return 2
    known, failed = lines(), False
    for claim in CLAIMS:
        if keys and claim.key not in keys:
            continue
        try:
            known[claim.command] = run(claim)
        except RuntimeError as error:
            print(f"{claim.key} does not hold: {error}", file=sys.stderr)
            known.pop(claim.command, None)
            failed = True
    write(known)
    return int(failed)


def write(known: dict[str, str]) -> None:
    """Write the page: the lines there are, and for other claims that they were not run yet."""
    PAGE.parent.mkdir(exist_ok=True)
    text = HEAD
    for claim in CLAIMS:
        line = known.get(claim.command, "")
        never = f"| {claim.text} | `{claim.command}` | not run yet | – |"
        text += (line if line.startswith(f"| {claim.text} | ") else never) + "\n"
    PAGE.write_text(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
