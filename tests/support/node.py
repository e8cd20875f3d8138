"""Node, for what is tested of the scripts without a browser."""

import shutil
import subprocess

import pytest

__all__ = ["needs_node", "run_node"]

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed: scripts are not tested")


def run_node(script: str) -> str:
    """Return what a module of JavaScript writes; whatever it throws fails the test."""
    done = subprocess.run(
        ["node", "--input-type=module", "-"], input=script, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
