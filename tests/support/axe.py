"""axe-core, which finds what hinders those who read a page by ear or by keys. npm installs it (package.json)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

__all__ = ["faults"]

SCRIPT = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


def faults(page: Any) -> list[str]:
    """Return what axe-core finds on a page, a line each; skip the test where axe-core is not installed."""
    if not SCRIPT.exists():
        pytest.skip("axe-core is not installed: npm ci brings it")
    page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {node['target']} {node['html'][:140]} {node['failureSummary'][:200]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
