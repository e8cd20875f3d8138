from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from autograd_mini import optim
from autograd_mini.engine.value import Value, parameter

GRADIENTS = [[0.5, -2.0], [1.0, 0.25], [-0.75, 3.0]]
KINDS: dict[str, tuple[type[optim.Optimizer], dict[str, Any]]] = {
    "SGD": (optim.SGD, {}),
    "SGD, decay": (optim.SGD, {"weight_decay": 0.1}),
    "momentum": (optim.SGD, {"momentum": 0.9}),
    "Nesterov": (optim.SGD, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    "AdaGrad": (optim.AdaGrad, {}),
    "RMSProp": (optim.RMSProp, {"decay": 0.9}),
    "Adam": (optim.Adam, {"betas": (0.8, 0.9)}),
    "Adam, decay": (optim.Adam, {"weight_decay": 0.1}),
    "AdamW": (optim.AdamW, {"weight_decay": 0.1}),
}


def run(optimizer: optim.Optimizer, gradients: list[list[float]] = GRADIENTS) -> list[float]:
    """Take steps over the Values with the given gradients; return the parameters."""
    for gradient in gradients:
        optimizer.zero_grad()
        for p, g in zip(optimizer.parameters, gradient, strict=True):
            p.grad = g
        optimizer.step()
    return [p.data for p in optimizer.parameters]


def two() -> list[Value]:
    return [parameter(1.0), parameter(-2.0)]


def test_by_hand() -> None:
    """θ = (1, −2), learning rate 0.1, the gradients above, each rule written out."""
    (a, b), (c, d), _ = GRADIENTS
    assert run(optim.SGD(two(), 0.1), GRADIENTS[:2]) == pytest.approx([1 - 0.1 * (a + c), -2 - 0.1 * (b + d)])
    assert run(optim.SGD(two(), 0.1, weight_decay=0.5), GRADIENTS[:1]) == pytest.approx([1 - 0.1 * 1.0, -2 + 0.1 * 3.0])
    momentum = [1 - 0.1 * a - 0.1 * (0.9 * a + c), -2 - 0.1 * b - 0.1 * (0.9 * b + d)]
    assert run(optim.SGD(two(), 0.1, momentum=0.9), GRADIENTS[:2]) == pytest.approx(momentum)
    ahead = [
        1 - 0.1 * (a + 0.9 * a) - 0.1 * (c + 0.9 * (0.9 * a + c)),
        -2 - 0.1 * 1.9 * b - 0.1 * (d + 0.9 * (0.9 * b + d)),
    ]
    assert run(optim.SGD(two(), 0.1, momentum=0.9, nesterov=True), GRADIENTS[:2]) == pytest.approx(ahead)
    ada = [1 - 0.1 - 0.1 * c / math.hypot(a, c), -2 + 0.1 - 0.1 * d / math.hypot(b, d)]
    assert run(optim.AdaGrad(two(), 0.1), GRADIENTS[:2]) == pytest.approx(ada, rel=1e-9)
    rms = [1 - 0.1 / math.sqrt(0.1), -2 + 0.1 / math.sqrt(0.1)]
    assert run(optim.RMSProp(two(), 0.1, decay=0.9), GRADIENTS[:1]) == pytest.approx(rms, rel=1e-7)
    assert run(optim.Adam(two(), 0.1), GRADIENTS[:1]) == pytest.approx([1 - 0.1, -2 + 0.1], rel=1e-7)
    m, v = (
        [0.09 * a + 0.1 * c, 0.09 * b + 0.1 * d],
        [0.000999 * a * a + 0.001 * c * c, 0.000999 * b * b + 0.001 * d * d],
    )
    step = [0.1 * (x / 0.19) / math.sqrt(y / 0.001999) for x, y in zip(m, v, strict=True)]
    assert run(optim.Adam(two(), 0.1), GRADIENTS[:2]) == pytest.approx([0.9 - step[0], -1.9 - step[1]], rel=1e-6)
    decayed = [1 - 0.1 - 0.1 * 0.2 * 1, -2 + 0.1 + 0.1 * 0.2 * 2]
    assert run(optim.AdamW(two(), 0.1, weight_decay=0.2), GRADIENTS[:1]) == pytest.approx(decayed, rel=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_flat_arrays_and_values_take_the_same_steps(kind: str) -> None:
    make, options = KINDS[kind]
    theta, flat = np.array([1.0, -2.0]), make(two(), lr=0.05, **options)
    for gradient in GRADIENTS:
        flat.update(theta, np.array(gradient))
    assert theta.tolist() == run(make(two(), lr=0.05, **options))
    assert theta.tolist() != [1.0, -2.0]


@pytest.mark.parametrize("kind", KINDS)
def test_state_goes_through_json_and_continues_to_the_same_bits(kind: str) -> None:
    make, options = KINDS[kind]
    whole = run(make(two(), lr=0.05, **options))
    first = make(two(), lr=0.05, **options)
    first.factor = 1.0
    run(first, GRADIENTS[:2])
    state = json.loads(json.dumps(first.state_dict()))
    second = make(first.parameters, lr=0.7, **options)
    second.load_state_dict(state)
    assert run(second, GRADIENTS[2:]) == whole
    assert second.state_dict()["steps"] == 3


def test_the_gradient_array_is_left_alone() -> None:
    for make, options in KINDS.values():
        gradient = np.array([0.5, 9.0])
        make(two(), lr=0.1, clip_norm=1.0, clip_value=2.0, **options).update(np.array([1.0, 2.0]), gradient)
        assert gradient.tolist() == [0.5, 9.0]


def test_clipping() -> None:
    assert optim.clip_norm(np.array([3.0, 4.0]), 1.0).tolist() == pytest.approx([0.6, 0.8])
    assert optim.clip_norm(np.array([3.0, 4.0]), 5.0).tolist() == [3.0, 4.0]
    assert optim.clip_norm(np.array([0.0, 0.0]), 1.0).tolist() == [0.0, 0.0]
    assert optim.clip_value(np.array([3.0, -4.0, 0.5]), 1.0).tolist() == [1.0, -1.0, 0.5]
    assert run(optim.SGD(two(), 1.0, clip_norm=0.5), [[3.0, 4.0]]) == pytest.approx([0.7, -2.4])
    assert run(optim.SGD(two(), 1.0, clip_value=0.5), [[3.0, -4.0]]) == [0.5, -1.5]


def test_factor_scales_the_learning_rate() -> None:
    optimizer = optim.SGD(two(), 0.1)
    optimizer.factor = 0.5
    assert run(optimizer, [[1.0, 1.0]]) == pytest.approx([0.95, -2.05])


def test_each_reaches_the_minimum_of_a_bowl() -> None:
    for kind, (make, options) in KINDS.items():
        if "weight_decay" in options:
            continue
        x, y = two()
        optimizer = make([x, y], lr={"AdaGrad": 0.5}.get(kind, 0.03), **options)
        for _ in range(400):
            optimizer.zero_grad()
            ((x - 3.0) ** 2 + 2.0 * (y + 1.0) ** 2).backward()
            optimizer.step()
        assert [x.data, y.data] == pytest.approx([3.0, -1.0], abs=0.05), kind


def test_against_pytorch() -> None:
    torch = pytest.importorskip("torch", reason="torch is in the bench extra")
    theirs = {
        "SGD": lambda p, o: torch.optim.SGD(p, 0.05, **o),
        "AdaGrad": lambda p, o: torch.optim.Adagrad(p, 0.05),
        "RMSProp": lambda p, o: torch.optim.RMSprop(p, 0.05, alpha=o["decay"]),
        "AdamW": lambda p, o: torch.optim.AdamW(p, 0.05, **o),
        "Adam": lambda p, o: torch.optim.Adam(p, 0.05, **o),
    }
    for kind, (make, options) in KINDS.items():
        tensor = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
        name = "SGD" if kind in ("momentum", "Nesterov") else kind.split(",")[0]
        optimizer = theirs[name]([tensor], options)
        for gradient in GRADIENTS:
            tensor.grad = torch.tensor(gradient, dtype=torch.float64)
            optimizer.step()
        assert run(make(two(), lr=0.05, **options)) == pytest.approx(tensor.tolist(), rel=1e-12), kind


def test_errors() -> None:
    with pytest.raises(ValueError, match="SGD: lr is -1; a finite number above 0 is needed"):
        optim.SGD(two(), -1)
    with pytest.raises(ValueError, match=r"SGD: momentum is 1\.0; a number in \[0, 1\) is needed"):
        optim.SGD(two(), 0.1, momentum=1.0)
    with pytest.raises(ValueError, match="nesterov needs a momentum above 0"):
        optim.SGD(two(), 0.1, nesterov=True)
    with pytest.raises(ValueError, match="Adam: clip_norm is 0"):
        optim.Adam(two(), 0.1, clip_norm=0)
    with pytest.raises(ValueError, match=r"AdamW: weight_decay is -0\.1; a finite number of at least 0"):
        optim.AdamW(two(), weight_decay=-0.1)
    with pytest.raises(TypeError, match=r"parameters must be Values, at least one; give model\.parameters"):
        optim.RMSProp([])
    with pytest.raises(ValueError, match="the state is that of SGD, this optimiser is Adam"):
        optim.Adam(two()).load_state_dict(optim.SGD(two()).state_dict())
    other = optim.Adam([parameter(1.0)])
    run(other, [[1.0]])
    with pytest.raises(ValueError, match="the state has mean of 1, squares of 1; Adam of 2 parameters needs"):
        optim.Adam(two()).load_state_dict(other.state_dict())
