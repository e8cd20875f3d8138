from __future__ import annotations

import numpy as np
import pytest

from autograd_mini import nn
from autograd_mini.engine.value import Value
from tests.support.finite_differences import assert_gradients

IMAGE = np.random.default_rng(4).normal(size=(2, 4, 5))


def by_hand(x: np.ndarray, size: int, deviation: float, epsilon: float) -> tuple[np.ndarray, np.ndarray]:
    """The formula in NumPy, window by window: (v, y)."""
    _, height, width = x.shape
    r = np.arange(height)[:, None, None, None] - np.arange(height)[None, None, :, None]
    c = np.arange(width)[None, :, None, None] - np.arange(width)[None, None, None, :]
    g = np.exp(-(r**2 + c**2) / (2 * deviation**2)) * (abs(r) <= size // 2) * (abs(c) <= size // 2)
    g = g / (g.sum(axis=(2, 3), keepdims=True) * len(x))
    v = x - np.einsum("ijrc,krc->ij", g, x)
    sigma = np.sqrt(epsilon + np.einsum("ijrc,krc->ij", g, v**2))
    return v, v / np.maximum(sigma, sigma.mean())


def test_against_the_formula() -> None:
    v, y = by_hand(IMAGE, 3, 0.75, 1e-8)
    assert np.array(nn.LocalContrastNorm(3)(IMAGE)) == pytest.approx(y, rel=1e-12)
    assert np.array(nn.LocalContrastNorm(3, divisive=False)(IMAGE)) == pytest.approx(v, rel=1e-12, abs=1e-14)
    _, y = by_hand(IMAGE, 5, 2.0, 1e-3)
    assert np.array(nn.LocalContrastNorm(5, deviation=2.0, epsilon=1e-3)(IMAGE)) == pytest.approx(y, rel=1e-12)


def test_brightness_and_contrast_go_away() -> None:
    norm = nn.LocalContrastNorm(5, epsilon=1e-12)
    assert np.array(norm(3.0 * IMAGE + 7.0)) == pytest.approx(np.array(norm(IMAGE)), rel=1e-6, abs=1e-8)


def test_a_flat_image_is_zero_with_finite_gradients() -> None:
    flat = [[[Value(2.0) for _ in range(3)] for _ in range(3)]]
    out = nn.LocalContrastNorm(3)(flat)
    assert max(abs(v.data) for row in out[0] for v in row) < 1e-10
    out[0][1][1].backward()
    assert all(np.isfinite(v.grad) for row in flat[0] for v in row)


@pytest.mark.parametrize("parts", [{}, {"divisive": False}, {"subtractive": False}])
def test_gradients_against_finite_differences(parts: dict[str, bool]) -> None:
    x = [[[Value(v) for v in row] for row in plane] for plane in IMAGE[:, :3, :3].tolist()]
    norm = nn.LocalContrastNorm(3, **parts)  # type: ignore[arg-type]
    leaves = [v for plane in x for row in plane for v in row]
    assert_gradients(lambda: sum(v * v * (i + 1) for i, v in enumerate(nn.Flatten()(norm(x)))), leaves)


def test_errors_and_repr() -> None:
    with pytest.raises(ValueError, match="size is 4; an odd number is needed"):
        nn.LocalContrastNorm(4)
    with pytest.raises(ValueError, match="neither subtractive nor divisive"):
        nn.LocalContrastNorm(3, subtractive=False, divisive=False)
    with pytest.raises(ValueError, match=r"deviation 0\.0, epsilon 1e-08; both must be above 0"):
        nn.LocalContrastNorm(3, deviation=0.0)
    assert repr(nn.LocalContrastNorm(3)) == "LocalContrastNorm(3, subtractive and divisive)"
