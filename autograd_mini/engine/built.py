"""The class of nodes in C, where ``_node.c`` was built, in place of the one in Python."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import MemberDescriptorType, ModuleType

from autograd_mini.engine.rules import stamp

__all__ = ["in_place_of"]

STALE = (
    "the node in C was built from other source than is here, so nodes are made in Python: the same results, several "
    "times slower; build it again: pip install --editable . (AUTOGRAD_MINI_PURE=1 asks for Python without this warning)"
)


def in_place_of(reference: type, names: Mapping[str, object]) -> ModuleType | None:
    """Return the module with the class in C, which gets all other attributes from ``reference`` and knows ``names``.

    None where it was not built, where AUTOGRAD_MINI_PURE is set, and, with a RuntimeWarning, where it is stale.
    """
    if os.environ.get("AUTOGRAD_MINI_PURE", "0") not in ("", "0"):
        return None
    try:
        from autograd_mini.engine import _node
    except ImportError:
        return None
    if _is_stale(_node):
        warnings.warn(STALE, RuntimeWarning, stacklevel=2)
        return None
    for name, attribute in vars(reference).items():
        if name not in vars(_node.Value) and name != "__slots__" and not isinstance(attribute, MemberDescriptorType):
            setattr(_node.Value, name, attribute)
    _node.Value.__name__, _node.Value.__doc__ = reference.__name__, reference.__doc__  # for messages and help
    _node.setup({**names, "initialise": vars(reference)["__init__"]})
    return _node


def _is_stale(node: ModuleType) -> bool:
    """Tell whether a module that was built in place is older than its source; installed, it comes without source."""
    folder = Path(__file__).parent
    return (folder / "_node.c").exists() and getattr(node, "stamp", "") != stamp(folder.parent)
