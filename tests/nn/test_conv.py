from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import correlate2d

from autograd_mini import nn
from autograd_mini.engine.value import Value
from tests.support.finite_differences import assert_gradients


def image(channels: int, height: int, width: int, seed: int = 0) -> list[list[list[Value]]]:
    values = np.random.default_rng(seed).normal(size=(channels, height, width)).tolist()
    return [[[Value(x) for x in row] for row in plane] for plane in values]


def numbers(image: list[list[list[Value]]]) -> np.ndarray:
    return np.array([[[x.data for x in row] for row in plane] for plane in image])


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("kernel", [1, 3, (2, 3)])
def test_against_scipys_correlation(stride: int, padding: int, kernel: int | tuple[int, int]) -> None:
    x, conv = image(2, 6, 5), nn.Conv2d(2, 3, kernel, stride=stride, padding=padding, rng=1)
    w = np.array([[[[v.data for v in row] for row in plane] for plane in out] for out in conv.w])
    for b, number in zip(conv.b, (0.1, 0.2, 0.3), strict=True):
        b.data = number
    padded = np.pad(numbers(x), ((0, 0), (padding, padding), (padding, padding)))
    expected = np.array(
        [
            b.data + sum(correlate2d(padded[k], w[o, k], "valid")[::stride, ::stride] for k in range(2))
            for o, b in enumerate(conv.b)
        ]
    )
    out = conv(x)
    assert numbers(out) == pytest.approx(expected, rel=1e-12, abs=1e-13)


def test_each_pixel_is_one_affine_node_without_the_terms_beyond_the_border() -> None:
    out = nn.Conv2d(1, 1, 3, padding=1)(image(1, 3, 3))
    corner, middle = out[0][0][0], out[0][1][1]
    assert corner.op is not None
    assert corner.op.name == "affine"
    assert (len(corner.parents), len(middle.parents)) == (9, 19)


def test_gradients_against_finite_differences() -> None:
    x, conv = image(2, 4, 4), nn.Conv2d(2, 2, 3, stride=2, padding=1, rng=0)
    leaves = [*conv.parameters(), *(v for plane in x for row in plane for v in row)]

    def loss() -> Value:
        return sum(v.tanh() * (i + 1) for i, v in enumerate(nn.Flatten()(conv(x))))  # type: ignore[return-value, union-attr]

    assert_gradients(loss, leaves)


def test_names_labels_repr() -> None:
    conv = nn.Conv2d(1, 2, 2, stride=2, padding=1)
    assert next(iter(conv.state_dict())) == "w.0.0.0.0"
    assert conv.w[1][0][0][1].label == "w₂₁₁₂"
    assert len(conv.parameters()) == 10
    assert repr(conv) == "Conv2d(1, 2, 2, stride=2, padding=1)"
    assert repr(nn.Conv2d(1, 1, (2, 3))) == "Conv2d(1, 1, (2, 3))"


def test_errors() -> None:
    with pytest.raises(ValueError, match=r"Conv2d\(2, 1, 3\) takes 2 channels, got 1"):
        nn.Conv2d(2, 1, 3)(image(1, 4, 4))
    with pytest.raises(ValueError, match="the image of 2 × 2 is smaller than the kernel; add padding"):
        nn.Conv2d(1, 1, 3)(image(1, 2, 2))
    with pytest.raises(ValueError, match="padding is -1"):
        nn.Conv2d(1, 1, 3, padding=-1)
    with pytest.raises(ValueError, match="stride is 0"):
        nn.Conv2d(1, 1, 3, stride=0)
    with pytest.raises(ValueError, match="kernel is 0"):
        nn.Conv2d(1, 1, 0)
    with pytest.raises(ValueError, match="takes an image of channels"):
        nn.Conv2d(1, 1, 3)([1.0, 2.0])  # type: ignore[list-item]
