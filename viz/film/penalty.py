"""The penalty of a run as two strengths, which the playground has knobs for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_mini.engine.value import Value

__all__ = ["penalty_data"]

CLOSE = 1e-9


def penalty_data(penalty: Callable[[Sequence[Value]], Value] | None, count: int) -> dict[str, Any]:
    """Return the strengths l1 and l2 of l1·Σ|w| + l2·Σw² over all ``count`` parameters, which ``penalty`` is.

    They are read off its gradient, which is l1·sign(w) + 2·l2·w. "penalty" is True where it is none of these.
    """
    none = {"l1": 0.0, "l2": 0.0, "penalty": penalty is not None}
    if penalty is None or not count:
        return none
    weights = np.where(np.arange(count) % 3 == 1, -1.0, 1.0) * (0.5 + np.arange(count) % 7)
    parameters = [Value(x) for x in weights.tolist()]
    penalty(parameters).backward()
    slopes = np.array([parameter.grad for parameter in parameters])
    columns = np.column_stack([np.sign(weights), 2.0 * weights])
    (l1, l2), *_ = np.linalg.lstsq(columns, slopes, rcond=None)
    if min(l1, l2) < -CLOSE or np.abs(columns @ (l1, l2) - slopes).max() > CLOSE * max(1.0, np.abs(slopes).max()):
        return none
    return {"l1": _rounded(l1), "l2": _rounded(l2), "penalty": False}


def _rounded(strength: float) -> float:
    """The strength without the dust of the fit."""
    return float(f"{strength:.12g}") if strength > CLOSE else 0.0
