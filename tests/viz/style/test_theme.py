import pytest

from viz.style.theme import DARK, LIGHT, contrast, mix, palettes, styles

PAIRS = [
    ("value_text", "value_fill"), ("function_text", "function_fill"), ("function_text", "card_fill"),
    ("function_text", "background"), ("function_text", "constant_fill"), ("constant_text", "constant_fill"),
    ("constant_text", "group_fill"), ("warning_text", "warning_fill"), ("warning_text", "background"),
    ("forward", "background"), ("gradient", "background"), ("muted", "background"), ("forward", "value_fill"),
    ("gradient", "value_fill"), ("value_text", "card_fill"), ("forward", "card_fill"), ("gradient", "card_fill"),
]  # fmt: skip


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda palette: palette.name)
@pytest.mark.parametrize(("ink", "paper"), PAIRS)
def test_text_contrast_is_at_least_4_5(palette, ink, paper):
    assert contrast(getattr(palette, ink), getattr(palette, paper)) >= 4.5


def test_contrast_of_black_on_white():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


def test_mix():
    assert mix("#000000", "#FFFFFF", 0.5) == "#808080"
    assert mix("#123456", "#FFFFFF", 0) == "#123456"


def test_both_palettes_dress_the_same_roles():
    assert styles(LIGHT).keys() == styles(DARK).keys()


def test_unknown_theme():
    with pytest.raises(ValueError, match="theme is 'blue'; 'light', 'dark' or 'auto' is needed"):
        palettes("blue")
