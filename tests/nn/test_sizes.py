from __future__ import annotations

import pytest

from autograd_mini import nn


def test_tables() -> None:
    assert nn.parse_layers("10:tanh, 2:softmax") == [(10, "tanh"), (2, "softmax")]
    assert nn.parse_layers("2:tanhx3,2:softmax") == [(2, "tanh")] * 3 + [(2, "softmax")]
    assert nn.parse_layers("3:relux2") == [(3, "relu")] * 2
    net = nn.network(2, "4:relu,1:linear", rng=0)
    assert repr(net) == "Sequential(Affine(2, 4), ReLU(), Affine(4, 1))"
    assert net.state_dict() == nn.network(2, [(4, "relu"), (1, "linear")], rng=0).state_dict()
    weights = [w.data for layer in (net[0], net[2]) for row in layer.w for w in row]  # type: ignore[attr-defined]
    assert len(set(weights)) == len(weights)


@pytest.mark.parametrize("bad", ["", "tanh", "2", "2:", ":tanh", "2:tan", "0:tanh", "-1:tanh", "2.5:tanh", "2:tanhx0",
                                 "2:tanh,", "1e9:tanh", "99999:tanh", "2:tanhx", "²:tanh"])  # fmt: skip
def test_bad_tables_say_what_is_legal(bad: str) -> None:
    with pytest.raises(ValueError, match=r"is not NODES:ACTIVATION, as in 10:tanh,2:softmax .* linear, tanh, sigmoid"):
        nn.parse_layers(bad)
