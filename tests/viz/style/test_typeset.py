import math

import pytest

from viz.style.typeset import number, shorten, subscript, superscript, width


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (80.0, "80"), (0.0, "0"), (-0.0, "−0"), (None, "–"), (0.64432, "0.644"), (-1.60494, "−1.605"),
        (1234.56, "1235"), (999999.0, "999999"), (1e6, "1e6"), (12345678.0, "1.23e7"), (5e-4, "5e−4"),
        (-2.5e-5, "−2.5e−5"), (1e-300, "1e−300"), (9.9999, "10"), (0.00099996, "0.001"), (0.001234, "0.00123"),
        (math.nan, "nan"), (math.inf, "∞"), (-math.inf, "−∞"), (1e300, "1e300"),
    ],
)  # fmt: skip
def test_number(x, text):
    assert number(x) == text


def test_what_is_not_zero_never_reads_as_zero():
    for exponent in range(-320, 309):
        text = number(3.7 * 10.0**exponent)
        assert text.strip("0.−") != "", text
        assert len(text) <= 9


def test_width_knows_wide_and_combining_characters():
    assert width("重み", 10) == 20
    assert width("e\u0301", 10) == width("e", 10)
    assert width("Ab1", 1000) == 667 + 556 + 556
    assert width("Ab1", 1000, bold=True) == 722 + 611 + 556
    assert width("0.25", 10, mono=True) == 24


def test_shorten():
    assert shorten("short", 100, 10) == "short"
    cut = shorten("a very long label indeed", 60, 10)
    assert cut.startswith("a ver")
    assert cut.endswith("eed")
    assert "…" in cut
    assert width(cut, 10) <= 60


def test_raised_and_lowered_digits():
    assert superscript("-12") == "⁻¹²"
    assert superscript("−1") == "⁻¹"
    assert subscript("10") == "₁₀"
