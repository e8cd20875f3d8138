"""The primitives: the class of a row (``row``), the rows (``table``), IEEE arithmetic (``ieee``)."""

from autograd_mini.primitives.registry import PRIMITIVES, primitive
from autograd_mini.primitives.row import NO_FLOW, Primitive
from autograd_mini.primitives.table import *  # noqa: F403  (the table lists its public rows)
from autograd_mini.primitives.table import __all__ as _rows

__all__ = ["NO_FLOW", "PRIMITIVES", "Primitive", "primitive"]
__all__ += _rows
