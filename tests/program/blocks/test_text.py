"""A block program as a page."""

from autograd_mini import parameter
from autograd_mini.primitives import relu, softmax
from autograd_mini.program.blocks.recover import recover
from autograd_mini.program.record.trace import trace
from tests.support.block_programs import dense, weights


def test_shapes_and_names():
    w, b = weights(4, 3, 0), [parameter(0.0, f"b{i}") for i in range(4)]

    def share(x, y, z):
        return softmax([relu(h) for h in dense(w, (x, y, z), b)])[0]

    program = recover(trace(share, [1.0, 2.0, 3.0], "xyz"))
    assert str(program).splitlines() == [
        "program(x, y, z)",
        "  given x₃…x₁₈  (read at each call)",
        "  x₁₉…x₂₂ = 4 × dot of 3: [x₃, x₅, x₆] … [x₁₅, x₁₇, x₁₈]; x, y, z; b0…(step 4)…b3",
        "  x₂₃…x₂₆ = 4 × relu: x₁₉…x₂₂",
        "  x₂₇…x₃₀ = softmax of 4: x₂₃…x₂₆",
        "  return x₂₇",
    ]
