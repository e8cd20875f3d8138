"""The gradients of random functions by PyTorch and JAX, for the primitives whose rules there are sound.

Left out is what loses digits there (tanh, sigmoid, expm1, asinh, softplus, erf, gelu, and softmax where one share is
nearly 1), so that a difference beyond the running error bound is a fault of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from tests.support.random_graphs import Graph, Step

__all__ = ["PEERS", "SOUND", "installed"]

SOUND = {
    "add", "sub", "mul", "neg", "div", "exp", "exp2", "log", "log1p", "sqrt", "sin", "cos", "tan", "sinh", "cosh",
    "atan", "atan2", "hypot", "logaddexp", "pow", "total", "affine", "logsumexp", "abs", "relu",
    "maximum", "minimum", "leaky_relu", "elu", "clip", "where", "step",
}  # fmt: skip


def _call(module: Any, names: dict[str, str], logsumexp: Any, step: Step, args: list[Any]) -> Any:
    """Apply a step with the functions of a library, of which some have other names."""
    a, name = args[0], step.name
    match name:
        case "add" | "sub" | "mul" | "div" | "pow" | "neg":
            signs = {"add": "__add__", "sub": "__sub__", "mul": "__mul__", "div": "__truediv__", "pow": "__pow__"}
            return -a if name == "neg" else getattr(a, signs[name])(args[1])
        case "total":
            return args[0] + args[1] + args[2]
        case "affine":
            return args[4] + args[0] * args[2] + args[1] * args[3]
        case "logsumexp":
            return logsumexp(module.stack(args), 0)
        case "where":
            return module.where(a > 0.0, args[1], args[2])
        case "step":
            return module.where(a > 0.0, a * 0.0 + 1.0, a * 0.0)
        case "relu":
            return module.where(a > 0.0, a, a * 0.0)
        case "leaky_relu":
            return module.where(a > 0.0, a, args[1] * a)
        case "elu":
            return module.where(a > 0.0, a, args[1] * (module.exp(a) - 1.0))
    return getattr(module, names.get(name, name))(*args)


def by_pytorch(graph: Graph) -> list[float]:
    """Return the gradient of a graph by PyTorch."""
    import torch

    xs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in graph.inputs]
    out = graph.run(
        lambda step, args: _call(torch, {}, torch.logsumexp, step, args),
        xs,
        lambda c: torch.tensor(c, dtype=torch.float64),
    )
    if not out.requires_grad:
        return [0.0] * len(xs)
    found = torch.autograd.grad(out, xs, allow_unused=True)
    return [0.0 if each is None else each.item() for each in found]


def by_jax(graph: Graph) -> list[float]:
    """Return the gradient of a graph by JAX, in double precision."""
    import jax

    names = {"atan": "arctan", "atan2": "arctan2"}
    with jax.enable_x64(True):

        def function(*xs: Any) -> Any:
            return graph.run(
                lambda step, args: _call(jax.numpy, names, jax.nn.logsumexp, step, args), xs, jax.numpy.float64
            )

        places = tuple(range(len(graph.inputs)))
        return [float(each) for each in jax.grad(function, places)(*map(jax.numpy.float64, graph.inputs))]


PEERS: dict[str, Callable[[Graph], list[float]]] = {"torch": by_pytorch, "jax": by_jax}
"""Package → the gradient of a graph by it."""


def installed(package: str) -> bool:
    """Tell whether a peer can be asked here."""
    return find_spec(package) is not None
