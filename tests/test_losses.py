from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_mini import losses
from autograd_mini.engine.value import Value
from tests.support.finite_differences import assert_gradients

SCORES = [0.3, 2.9, 4.0]
CHANCES = [0.2, 0.5, 0.3]
SHARES = [0.01821127, 0.24519181, 0.73659691]

CASES: dict[str, tuple[Callable[..., Value], list[float], Any, float]] = {
    "sum of squares": (losses.sum_squared_error, [1.0, 4.0], [3.0, 1.0], 13.0),
    "mean of squares": (losses.mean_squared_error, [1.0, 4.0], [3.0, 1.0], 6.5),
    "binary, t = 1": (losses.binary_cross_entropy, [0.8], 1, -math.log(0.8)),
    "binary, t = 0": (losses.binary_cross_entropy, [0.8], 0, -math.log1p(-0.8)),
    "binary, t = 0.3": (losses.binary_cross_entropy, [0.8], 0.3, -0.3 * math.log(0.8) - 0.7 * math.log(0.2)),
    "binary, from a logit": (losses.binary_cross_entropy_with_logits, [1.5], 0.3, math.log1p(math.exp(1.5)) - 0.45),
    "scores, class 2": (losses.cross_entropy, SCORES, 2, -math.log(SHARES[2])),
    "scores, distribution": (
        losses.cross_entropy, SCORES, CHANCES,
        -math.fsum(t * math.log(p) for t, p in zip(CHANCES, SHARES, strict=True)),
    ),
    "probabilities, class 0": (losses.nll, CHANCES, 0, -math.log(0.2)),
    "probabilities, distribution": (losses.nll, CHANCES, [0.5, 0.5, 0.0], -0.5 * math.log(0.2) - 0.5 * math.log(0.5)),
    "hinge": (losses.hinge, [0.25], -1, 1.25),
    "hinge, several": (losses.hinge, [0.25, 3.0], [1, 1], 0.75),
    "KL": (losses.kl_divergence, CHANCES, [0.5, 0.5, 0.0], 0.5 * math.log(0.5 / 0.2)),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_closed_form_and_gradient(case: str) -> None:
    loss, outputs, target, expected = CASES[case]
    leaves = [Value(x) for x in outputs]
    assert loss(leaves, target).data == pytest.approx(expected, rel=1e-7)
    assert loss(np.array(leaves), np.array(target)).data == pytest.approx(expected, rel=1e-7)
    used = [leaf for leaf in leaves if loss(leaves, target).backward() is None and leaf.grad]  # type: ignore[func-returns-value]
    assert_gradients(lambda: loss(leaves, target), used)


@pytest.mark.parametrize("case", CASES)
def test_a_target_that_is_a_value_gives_the_same_loss_and_gradient(case: str) -> None:
    """As in a trace, where the target is not known yet."""
    loss, outputs, target, expected = CASES[case]
    plain, traced = [Value(x) for x in outputs], [Value(x) for x in outputs]
    boxed = [Value(t) for t in target] if isinstance(target, list) else Value(target)
    other = loss(traced, boxed)
    assert other.data == pytest.approx(expected, rel=1e-7)
    other.backward()
    loss(plain, target).backward()
    assert [v.grad for v in traced] == pytest.approx([v.grad for v in plain], rel=1e-14)


def test_a_class_there_is_not_is_never_free_of_charge() -> None:
    for target in (3, -1, 0.5):
        assert math.isnan(losses.cross_entropy([Value(s) for s in SCORES], Value(target)).data)


def test_gradient_of_cross_entropy_is_softmax_minus_target() -> None:
    scores = [Value(s) for s in SCORES]
    losses.cross_entropy(scores, 1).backward()
    assert [s.grad for s in scores] == pytest.approx([SHARES[0], SHARES[1] - 1, SHARES[2]], abs=5e-9)


def test_one_number_counts_as_a_row_of_one() -> None:
    y = Value(3.0)
    assert losses.sum_squared_error(y, 1.0).data == 4.0
    assert losses.hinge(y, -1).data == 4.0


def test_no_overflow_and_certain_rows_cost_nothing() -> None:
    assert losses.cross_entropy([Value(1e4), Value(-1e4)], 0).data == 0.0
    assert losses.cross_entropy([Value(1e4), Value(-1e4)], 1).data == 2e4
    assert losses.binary_cross_entropy_with_logits(Value(-1e4), 0).data == 0.0
    assert losses.binary_cross_entropy_with_logits(Value(1e4), 0).data == 1e4
    sure = [Value(1.0), Value(0.0)]
    for loss in (losses.nll, losses.kl_divergence, losses.binary_cross_entropy):
        out = loss(sure, [1.0, 0.0])
        out.backward()
        assert out.data == 0.0
        assert all(math.isfinite(y.grad) for y in sure)
    assert losses.kl_divergence([Value(x) for x in CHANCES], CHANCES).data == pytest.approx(0.0, abs=1e-16)


def test_penalties() -> None:
    ws = [Value(3.0), Value(-4.0)]
    losses.l1(ws, 0.5).backward()
    assert losses.l1(ws, 0.5).data == 3.5
    assert [w.grad for w in ws] == [0.5, -0.5]
    for w in ws:
        w.zero_grad()
    losses.l2(ws, 0.5).backward()
    assert losses.l2(ws, 0.5).data == 12.5
    assert [w.grad for w in ws] == [3.0, -4.0]


def test_any_function_of_values_is_a_loss() -> None:
    y = [Value(0.5), Value(-2.0)]
    assert_gradients(lambda: (y[0] * y[1]).tanh() + abs(y[1] - 1.0) ** 1.5, y)


def test_errors() -> None:
    with pytest.raises(ValueError, match="class 3 of 3; whole numbers 0 to 2 are legal"):
        losses.cross_entropy([Value(0.0)] * 3, 3)
    with pytest.raises(ValueError, match=r"nll: class 0\.5 of 3"):
        losses.nll([Value(0.5)] * 3, 0.5)
    with pytest.raises(ValueError, match="class -1 of 3"):
        losses.cross_entropy([Value(0.0)] * 3, -1)
    with pytest.raises(ValueError, match="mean_squared_error: 3 outputs and 2 targets"):
        losses.mean_squared_error([Value(0.0)] * 3, [1.0, 2.0])
    with pytest.raises(ValueError, match="0 outputs and 0 targets"):
        losses.hinge([], [])
    with pytest.raises(ValueError, match="cross_entropy: one output has no classes"):
        losses.cross_entropy(Value(1.0), 0)


def test_against_pytorch() -> None:
    torch = pytest.importorskip("torch", reason="torch is in the bench extra")
    F = torch.nn.functional
    double = {"dtype": torch.float64}

    def compare(ours: Callable[..., Value], theirs: Any, outputs: list[float], target: Any) -> None:
        leaves, tensor = [Value(x) for x in outputs], torch.tensor(outputs, requires_grad=True, **double)
        loss, expected = ours(leaves, target), theirs(tensor)
        loss.backward()
        expected.backward()
        assert loss.data == pytest.approx(expected.item(), rel=1e-13, abs=1e-15)
        assert [leaf.grad for leaf in leaves] == pytest.approx(tensor.grad.tolist(), rel=1e-12, abs=1e-15)

    t = torch.tensor(CHANCES, **double)
    q = [0.1, 0.6, 0.3]
    compare(losses.mean_squared_error, lambda y: F.mse_loss(y, t), SCORES, CHANCES)
    compare(losses.sum_squared_error, lambda y: F.mse_loss(y, t, reduction="sum"), SCORES, CHANCES)
    compare(losses.cross_entropy, lambda y: F.cross_entropy(y, torch.tensor(1)), SCORES, 1)
    compare(losses.cross_entropy, lambda y: F.cross_entropy(y, t), SCORES, CHANCES)
    compare(losses.nll, lambda y: F.nll_loss(y.log()[None], torch.tensor([1])), q, 1)
    compare(losses.binary_cross_entropy, lambda y: F.binary_cross_entropy(y, t, reduction="sum"), q, CHANCES)
    compare(
        losses.binary_cross_entropy_with_logits,
        lambda y: F.binary_cross_entropy_with_logits(y, t, reduction="sum"), SCORES, CHANCES,
    )  # fmt: skip
    compare(losses.kl_divergence, lambda y: F.kl_div(y.log(), t, reduction="sum"), q, CHANCES)
