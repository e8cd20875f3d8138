"""Each language has every text, with the slots of the English one, and none that nobody says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograd_mini import Value, data, nn
from autograd_mini.cli import main
from autograd_mini.language import LANGUAGES, language, speaking, table, tell
from autograd_mini.training import Trainer
from tests.support.spoken import spoken
from viz import diff, draw, film, narrate

SPOKEN = spoken()
OTHERS = [lang for lang in LANGUAGES if lang != "en"]


def slots(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)[^{}]*\}", text))


@pytest.mark.parametrize("lang", OTHERS)
def test_no_text_is_missing_and_none_is_left_over(lang) -> None:  # type: ignore[no-untyped-def]
    missing = {text: place for text, place in SPOKEN.items() if text not in table(lang)}
    assert not missing, "add these to the table of the language"
    assert not set(table(lang)) - set(SPOKEN), "nobody says these"
    assert len(SPOKEN) > 250


@pytest.mark.parametrize("lang", OTHERS)
def test_a_translation_has_the_slots_of_the_text(lang) -> None:  # type: ignore[no-untyped-def]
    for english, text in table(lang).items():
        assert slots(text) == slots(english), english
        assert text, english
        assert english.count("\n") == text.count("\n"), "what stands in two lines does so in each language"


def test_japanese_is_japanese() -> None:
    """Kana or kanji stand in every text but those that are punctuation."""
    plain = {english for english, text in table("ja").items() if not re.search("[\u3040-\u30ff\u4e00-\u9fff]", text)}
    assert plain == {"; ", " at ", "{held}.", "{purpose}.", "{path}: {error}"}
    assert not any(re.search(r"[\u3040-\u9fff] ?[.,;] ?[\u3040-\u9fff]", text) for text in table("ja").values())


def test_a_text_nobody_translated_stays_english_and_no_other_language_is_legal() -> None:
    with speaking("ja"):
        assert tell("constant") == "定数"
        assert tell("a text of a user") == "a text of a user"
        with speaking("en"):
            assert (language(), tell("constant")) == ("en", "constant")
    assert language() == "en"
    with pytest.raises(ValueError, match="lang is 'jp'; 'en', 'ja' are legal"):
        draw(Value(1.0) * 2.0, lang="jp")  # type: ignore[arg-type]


def small() -> Value:
    x, w = Value(2.0, label="x"), Value(-0.5, label="w")
    y = (x * w).relu() + x
    y.label = "y"
    y.backward()
    return y


def test_a_drawing_speaks_japanese_in_its_legend_its_text_and_its_page() -> None:
    y = small()
    drawing = draw(y, lang="ja")
    assert all(word in drawing.svg for word in ("順伝播の値", "関数", "不活性：勾配を通さない", '" lang="ja"'))
    assert "forward value" not in drawing.svg
    assert drawing.text == narrate(y, lang="ja")
    assert narrate(y, lang="ja").startswith("順伝播\n")
    page = drawing.page()
    assert '<html lang="ja"' in page
    assert all(word in page for word in ("はじめ", "ノードを探す", "すべての経路を合わせた微分"))
    assert "Find a node" not in page
    english = draw(y).page()
    assert 'id="texts"' not in english
    assert not re.search("[\u3040-\u30ff]", english)
    assert "変化" in diff(draw(y), draw(y), lang="ja").text
    with speaking("ja"):
        assert draw(y).svg == drawing.svg


def test_a_film_speaks_japanese() -> None:
    X, y = data.moons(20)
    model = nn.network(2, "3:tanh, 2:softmax", rng=0)
    page = film(Trainer(model, "nll", "sgd", engine="numpy").fit(X, y, epochs=2, frames=1), lang="ja").page()
    assert all(
        word in page for word in ("<h1><bdi>学習の記録", "決定境界", "パラメータ 17 個 · 点 20 個", "学習率", "三日月")
    )
    assert not [text for text in ("Decision boundary<", ">Train<", "Learning rate", "Discretise") if text in page]


def test_the_command_line_speaks_japanese_by_lang_or_by_the_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    formula = ["grad", "tanh(w*x)", "w=0.5", "x=2"]
    assert main([*formula, "--lang", "ja"]) == 0
    assert re.search(r"変数 +値 +勾配 +数値微分", capsys.readouterr().out)
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    assert main(["grad", "tanh(w*x)", "w=0.5"]) == 2
    assert capsys.readouterr().err == "autograd-mini grad: エラー：x の値がありません。x=… を加えてください\n"
    assert main([*formula, "--lang=en"]) == 0
    assert "gradient" in capsys.readouterr().out
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert main(formula) == 0
    assert "gradient" in capsys.readouterr().out, "LC_ALL is above LANG"
    assert main(["train", "--help", "--lang", "ja"]) == 0
    told = capsys.readouterr().out
    assert all(word in told for word in ("学習率", "1行が1サンプル"))
    run = ["train", "moons", "--epochs", "3", "--no-figures", "--out", str(tmp_path), "--lang", "ja"]
    assert main(run) == 0
    told = capsys.readouterr().out
    assert all(word in told for word in ("学習用 150 サンプル", "エポック 3：損失", "正解 \\ 予測", "書き出しました："))
    assert language() == "en"


REFUSED = {
    "grad x^2 x=1": "べき乗は ** と書きます", "grad tahn(x) x=1": "'tanh' の間違いではありませんか",
    "grad 2x x=1": "演算子がありません", "grad x": "x の値がありません", "train nofile": "ファイルもありません",
    "train": "引数が足りません：DATA", "train spiral --optimizer foo": "'foo' は選べません",
    "train spiral --epochs -3": "1以上の整数", "draw x*y x=1 y=2 -o a.xyz": "'.xyz' としては保存できません",
    "nosuch": "というコマンドはありません", "predict nowhere rows.csv": "読み込めません",
    "train words.csv --target 品種": "1行目に列 '品種' がありません", "train one.csv": "特徴量になる列が残っていません",
    "train cp932.csv": "--encoding cp932", "train ragged.csv": "の 3 行目：列が 3 個ですが、1行目は 2 個です",
    "train gap.csv": "--missing mean（平均で補う）", "train spiral --layers 2:softmax --task regression": "合いません",
    "train spiral --wrong": "ここでは '--wrong' を解釈できません",
    "grad x*y y=2 --rows words.csv": "1行目（a, b）に列 'x' がありません",
}  # fmt: skip
FILES = {
    "words.csv": "a,b\n1,x\n2,y\n", "one.csv": "a\n1\n2\n3\n4\n5\n",
    "cp932.csv": "長さ,品種\n1,菊\n", "ragged.csv": "a,b\n1,2\n3,4,5\n",
    "gap.csv": "a,b\n1,x\n,y\n3,x\n4,y\n",
}  # fmt: skip


@pytest.mark.parametrize("command", REFUSED)
def test_what_the_command_line_refuses_is_said_in_japanese(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        Path(name).write_bytes(text.encode("cp932" if name.startswith("cp932") else "utf-8"))
    assert main([*command.split(), "--lang", "ja"]) == 2
    told = capsys.readouterr().err
    assert REFUSED[command] in told
    assert "エラー：" in told
    assert main(command.split()) == 2
    assert not re.search("[\u3040-\u309f]", capsys.readouterr().err), "English by default"


def test_a_call_that_does_not_fit_says_what_does() -> None:
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'colour'; it takes graph, detail, theme"):
        draw(Value(1.0), colour="red")
