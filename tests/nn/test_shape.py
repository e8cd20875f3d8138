from __future__ import annotations

import numpy as np
import pytest

from autograd_mini import nn
from autograd_mini.nn.shape import image_shape, pair


def test_reshape_and_flatten_are_inverse() -> None:
    row = [float(i) for i in range(12)]
    image = nn.Reshape(2, 3, 2)(row)
    assert image[1][0] == [6.0, 7.0]
    assert nn.Flatten()(image) == row
    assert nn.Flatten()(np.array(image)) == row
    assert image_shape(image, "x") == (2, 3, 2)
    assert repr(nn.Reshape(2, 3, 2)) == "Reshape(2, 3, 2)"


def test_errors() -> None:
    with pytest.raises(ValueError, match=r"Reshape\(1, 2, 2\) takes 4 numbers, got 3"):
        nn.Reshape(1, 2, 2)([1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match="Flatten takes nested lists, got a float"):
        nn.Flatten()(1.0)
    with pytest.raises(ValueError, match=r"x takes an image of channels × height × width .* another shape"):
        image_shape([1.0, 2.0], "x")  # type: ignore[list-item]
    with pytest.raises(ValueError, match="rows of different lengths"):
        image_shape([[[1.0], [1.0, 2.0]]], "x")
    with pytest.raises(ValueError, match="more than three levels"):
        image_shape([[[[1.0]]]], "x")  # type: ignore[list-item]
    with pytest.raises(ValueError, match=r"size is \(1, 2, 3\); give one number or \(height, width\)"):
        pair((1, 2, 3), "x", "size")  # type: ignore[arg-type]
