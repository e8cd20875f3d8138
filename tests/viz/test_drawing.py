import builtins

import pytest

import viz
from tests.support import viz_graphs
from viz.formats import png as raster


@pytest.fixture
def drawing():
    return viz.draw(viz_graphs.states())


@pytest.mark.parametrize(
    ("ending", "start"),
    [
        (".svg", b"<svg "),
        (".dot", b"digraph"),
        (".txt", b"Forward\n"),
        (".png", b"\x89PNG"),
        (".pdf", b"%PDF"),
        (".SVG", b"<svg "),
    ],
)
def test_save(drawing, tmp_path, ending, start):
    path = drawing.save(tmp_path / f"picture{ending}")
    assert path.read_bytes().startswith(start)


def test_png_has_the_size_asked_for(drawing):
    data = drawing.png(scale=1)
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    assert (width, height) == pytest.approx((drawing.scene.width, drawing.scene.height), abs=1)


def test_pdf_is_the_same_twice(drawing):
    assert drawing.pdf() == viz.draw(viz_graphs.states()).pdf()


def test_unknown_ending(drawing, tmp_path):
    with pytest.raises(ValueError, match=r"cannot save a drawing as '.jpg'; use one of .svg, .dot, .txt, .png"):
        drawing.save(tmp_path / "x.jpg")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("module", "ending", "extra"), [("resvg_py", ".png", "png"), ("matplotlib", ".pdf", "plots")])
def test_a_missing_extra_is_named(drawing, tmp_path, monkeypatch, module, ending, extra):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.split(".")[0] == module:
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=rf"pip install 'autograd_mini\[{extra}\]'"):
        drawing.save(tmp_path / f"x{ending}")


def test_a_machine_without_fonts(monkeypatch):
    import resvg_py

    real = resvg_py.svg_to_bytes

    def fontless(**options):
        return real(**options, skip_system_fonts=True)

    monkeypatch.setattr(resvg_py, "svg_to_bytes", fontless)
    raster._fonts.cache_clear()
    try:
        assert raster._fonts()["sans_serif_family"] == "DejaVu Sans"
        raster._fonts.cache_clear()
        monkeypatch.setattr(raster, "brought", list)  # nor does any package bring one
        with pytest.raises(RuntimeError, match="no font is installed"):
            raster.png("<svg/>")
    finally:
        raster._fonts.cache_clear()


def test_shows_itself_in_a_notebook(drawing):
    bundle = drawing._repr_mimebundle_()
    assert bundle["image/svg+xml"] == drawing.svg
    assert bundle["text/plain"] == repr(drawing)
    assert len(repr(drawing)) < 200


def test_text_is_the_narration(drawing):
    assert drawing.text == viz.narrate(viz_graphs.states())
