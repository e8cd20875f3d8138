"""A scalar automatic differentiation engine: one graph, many lives.

>>> from autograd_mini import Value, tanh
>>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
>>> c = tanh(a * b + 7)
>>> c.backward()
>>> print(f"{c.data:.4f} {a.grad:.4f}")
0.7616 -1.2599
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from autograd_mini import methods as _methods  # noqa: F401  (gives Value its operators)
from autograd_mini import pickling as _pickling  # noqa: F401  (lets graphs be copied)
from autograd_mini.anomaly import AnomalyError, detect_anomaly
from autograd_mini.group import group
from autograd_mini.origin import source_lines
from autograd_mini.primitive import PRIMITIVES, Primitive, primitive
from autograd_mini.primitives import (
    abs as abs,
)
from autograd_mini.primitives import (
    acos,
    acosh,
    affine,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cbrt,
    ceil,
    clip,
    cos,
    cosh,
    elu,
    erf,
    erfc,
    exp,
    exp2,
    expm1,
    floor,
    gelu,
    hypot,
    identity,
    leaky_relu,
    log,
    log1p,
    log2,
    log10,
    log_softmax,
    logaddexp,
    logsumexp,
    maximum,
    minimum,
    relu,
    sigmoid,
    sign,
    silu,
    sin,
    sinh,
    softmax,
    softplus,
    sqrt,
    step,
    tan,
    tanh,
    total,
    where,
)
from autograd_mini.primitives import (
    pow as pow,
)
from autograd_mini.primitives import (
    round as round,
)
from autograd_mini.transforms import grad, gradients, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd_mini.value import Value, parameter, topological_order

try:
    __version__ = version("autograd_mini")
except PackageNotFoundError:  # run from a source tree that is not installed
    __version__ = "0+unknown"

# A star import leaves the builtins abs, pow and round alone.
__all__ = [
    "Value", "parameter", "topological_order",
    "grad", "value_and_grad", "gradients", "vjp", "jvp", "jacobian", "hessian", "hvp",
    "jit", "check_gradients", "detect_anomaly", "AnomalyError", "primitive", "Primitive", "PRIMITIVES",
    "group", "source_lines",
    "affine", "total", "where", "maximum", "minimum", "clip", "sign", "step", "floor", "ceil", "identity",
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt", "hypot",
    "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
    "erf", "erfc", "sigmoid", "softplus", "logaddexp", "relu", "leaky_relu", "elu", "gelu", "silu",
    "logsumexp", "softmax", "log_softmax",
]  # fmt: skip

_LATER = {
    "jit": "autograd_mini.program.jit",
    "check_gradients": "autograd_mini.check",
    "Trainer": "autograd_mini.training",
}
_SUBMODULES = {"checkpoint", "check", "data", "expression", "losses", "nn", "optim", "program", "schedules", "training"}


def __getattr__(name: str) -> Any:
    """Import on first use what the core does not need, so that ``import autograd_mini`` stays quick."""
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
