"""Automatic differentiation of scalars: one graph of a computation, with its gradient, picture and compiled program.

>>> from autograd_mini import Value, tanh
>>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
>>> c = tanh(a * b + 7)
>>> c.backward()
>>> print(f"{c.data:.4f} {a.grad:.4f}")
0.7616 -1.2599
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import autograd_mini.primitives.table as _rows
from autograd_mini.check.anomaly import AnomalyError, detect_anomaly
from autograd_mini.engine import Value, group, parameter, source_lines, topological_order
from autograd_mini.primitives import NO_FLOW, PRIMITIVES, Primitive, primitive
from autograd_mini.primitives.table import *  # noqa: F403  (the table lists its public rows)
from autograd_mini.transforms import grad, gradients, hessian, hvp, jacobian, jvp, value_and_grad, vjp

if TYPE_CHECKING:  # loaded on first use, by __getattr__ below
    from autograd_mini.check import check_gradients as check_gradients
    from autograd_mini.program import TARGETS as TARGETS
    from autograd_mini.program.batch import Batch as Batch
    from autograd_mini.program.jit import jit as jit
    from autograd_mini.program.pure import to_jax as to_jax
    from autograd_mini.training import Trainer as Trainer

try:
    __version__ = version("autograd_mini")
except PackageNotFoundError:  # run from a source tree that is not installed
    __version__ = "0+unknown"

__all__ = [
    "Value", "parameter", "topological_order",
    "grad", "value_and_grad", "gradients", "vjp", "jvp", "jacobian", "hessian", "hvp",
    "jit", "to_jax", "Batch", "check_gradients", "detect_anomaly", "AnomalyError",
    "primitive", "Primitive", "PRIMITIVES", "NO_FLOW", "group", "source_lines",
]  # fmt: skip
# Type checkers read these forms. A star import leaves the builtins abs, pow and round alone.
__all__ += _rows.__all__
__all__.remove("abs")
__all__.remove("pow")
__all__.remove("round")

_LATER = {
    "TARGETS": "autograd_mini.program",
    "jit": "autograd_mini.program.jit",
    "to_jax": "autograd_mini.program.pure",
    "Batch": "autograd_mini.program.batch",
    "check_gradients": "autograd_mini.check",
    "Trainer": "autograd_mini.training",
}
_SUBMODULES = {
    "checkpoint", "check", "data", "expression", "losses", "nn", "optim", "program", "schedules", "testing", "training",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import on first use what the core does not need, so that ``import autograd_mini`` is fast."""
    if name in _LATER:
        found = getattr(import_module(_LATER[name]), name)
    elif name in _SUBMODULES:
        found = import_module(f"autograd_mini.{name}")
    else:
        raise AttributeError(f"module 'autograd_mini' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER, *_SUBMODULES})
