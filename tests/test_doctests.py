"""Every example in a docstring runs."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import autograd_mini
import viz

NAMES = sorted(
    ".".join(path.relative_to(Path(package.__file__).parent.parent).with_suffix("").parts)
    for package in (autograd_mini, viz)
    for path in Path(package.__file__).parent.rglob("*.py")
    if path.stem not in ("__main__",) and ">>>" in path.read_text()
)


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("name", NAMES)
def test_doctest(name):
    module = import_module(name.removesuffix(".__init__"))
    failures, _ = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert failures == 0
