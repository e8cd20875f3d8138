"""The primitives: what a row is (``row``), the rows themselves (``table``), IEEE arithmetic (``ieee``)."""

from autograd_mini.primitives.row import NO_FLOW, PRIMITIVES, Primitive, primitive
from autograd_mini.primitives.table import *  # noqa: F403  (the table says itself which rows are public)
from autograd_mini.primitives.table import __all__ as _rows

__all__ = ["NO_FLOW", "PRIMITIVES", "Primitive", "primitive"]
__all__ += _rows
