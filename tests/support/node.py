"""Node, for what is tested of the scripts without a browser."""

import shutil

import pytest

__all__ = ["needs_node"]

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed: scripts are not tested")
