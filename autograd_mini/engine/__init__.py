"""The eager engine: ``Value`` with its operators, backward pass and copies. Also micrograd's import path.

``from autograd_mini.engine import Value``
"""

from autograd_mini.engine import copying as _copying  # noqa: F401  (lets graphs be copied)
from autograd_mini.engine import micrograd as _micrograd  # noqa: F401  (lets micrograd's programs run)
from autograd_mini.engine import operators as _operators  # noqa: F401  (gives Value its operators)
from autograd_mini.engine import record as _record  # noqa: F401  (lets primitives take Values)
from autograd_mini.engine.backward import topological_order
from autograd_mini.engine.groups import group
from autograd_mini.engine.origin import source_lines
from autograd_mini.engine.value import NODE, Value, parameter

compiled: bool = NODE is not None
"""True where nodes are made in C; False where the extension was not built or AUTOGRAD_MINI_PURE=1 is set."""

__all__ = ["compiled", "Value", "group", "parameter", "source_lines", "topological_order"]
