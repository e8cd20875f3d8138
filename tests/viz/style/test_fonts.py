"""Labels in every script, on a machine that has fonts and on one that has none but those of packages."""

import warnings

import pytest

import viz
from autograd_mini import Value
from viz import plots
from viz.formats import png as raster
from viz.style import fonts

JAPANESE, ARABIC, HEBREW, NOWHERE = "重み", "وزن", "משקל", "\U000ffffd"  # the last is no character of any script


@pytest.fixture
def bare(monkeypatch):
    """A machine without fonts: matplotlib and resvg see only what packages bring."""
    import resvg_py
    from matplotlib import font_manager

    manager = font_manager.fontManager
    carried = [each for each in manager.ttflist if "mpl-data" in each.fname]
    monkeypatch.setattr(manager, "ttflist", carried)
    real = resvg_py.svg_to_bytes
    monkeypatch.setattr(resvg_py, "svg_to_bytes", lambda **options: real(**options, skip_system_fonts=True))
    forget()
    yield
    monkeypatch.undo()
    forget()


@pytest.fixture
def no_japanese(bare, monkeypatch):
    monkeypatch.setattr(fonts, "BROUGHT", {"matplotlib": fonts.BROUGHT["matplotlib"]})


def forget():
    from matplotlib import font_manager

    font_manager.fontManager._findfont_cached.cache_clear()
    for each in (fonts.drawn, fonts._with, raster._fonts, raster._seen):
        each.cache_clear()


def drawing(label):
    return viz.draw(Value(2.0, label) * 3.0)


@pytest.mark.parametrize("label", [JAPANESE, ARABIC, HEBREW, "😀", "w₁ − ∂∑"])
@pytest.mark.parametrize("kind", ["pdf", "png"])
def test_packages_bring_the_fonts(bare, label, kind):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = getattr(drawing(label), kind)()
    assert made != getattr(drawing(""), kind)()


@pytest.mark.parametrize("kind", ["pdf", "png"])
def test_what_no_font_draws_is_said_in_one_sentence(no_japanese, kind):
    with pytest.warns(UserWarning, match="no installed font draws") as caught:
        getattr(drawing(f"{JAPANESE} 🦄 w"), kind)()
    assert [str(each.message) for each in caught] == [
        "no installed font draws 重 (U+91CD), み (U+307F), 🦄 (U+1F984), so this picture has boxes or gaps there; "
        "install a font that has them (for Chinese, Japanese and Korean: pip install matplotlib-fontja (Japanese), or "
        "on Debian fonts-noto-cjk; for emoji: on Debian fonts-symbola), or save as .svg"
    ]


def test_many_are_counted():
    with pytest.warns(UserWarning, match=r"重 \(U\+91CD\), .*率 \(U\+7387\) and 3 more, so"):
        fonts.complain("重み学習率のを下重重")


def test_a_chart_says_it_too(no_japanese, tmp_path):
    with plots.dressed():
        chart, ax = plots.figure()
        ax.set_title(JAPANESE)
    with pytest.warns(UserWarning, match="no installed font draws") as caught:
        plots.save(chart, tmp_path / "chart.png")
    assert len(caught) == 1


def test_a_chart_has_the_fonts_of_packages(bare, tmp_path):
    with plots.dressed():
        chart, ax = plots.figure()
        ax.set_title(JAPANESE)
    plots.save(chart, tmp_path / "chart.png")


def test_a_font_that_no_stack_names_is_found(bare, monkeypatch):
    from matplotlib import font_manager

    [path] = fonts.brought("matplotlib_fontja")
    monkeypatch.setattr(fonts, "BROUGHT", {"matplotlib": fonts.BROUGHT["matplotlib"]})
    font_manager.fontManager.addfont(path)
    assert fonts.families("Arial", text=JAPANESE)[-1] == "IPAexGothic"


def test_a_bold_face_may_lack_what_the_regular_has(bare):
    names = tuple(fonts.families("Arial"))
    assert "𝖠" in fonts.drawn(names)
    assert "𝖠" not in fonts.drawn(names, bold=True)


def test_joiners_and_selectors_need_no_font():
    assert fonts.unseen("a\u200d\ufe0f \n", frozenset("a")) == []
    assert fonts.unseen("abba", frozenset("a")) == ["b"]
