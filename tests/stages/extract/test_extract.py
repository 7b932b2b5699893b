"""The grammar of quantities, from tests/cases/quantities*.toml, and what holds for any text."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import lexicon
from pipeline.model import Article, Options, Sentence, Span
from pipeline.stages.extract import extract, measured
from pipeline.stages.extract.grammar import grammar
from pipeline.stages.segment import segment

FOLDER = Path(__file__).parents[2] / "cases"
CASES = tomllib.loads((FOLDER / "quantities.toml").read_text(encoding="utf-8"))
NEGATIVE = tomllib.loads((FOLDER / "quantities_negative.toml").read_text(encoding="utf-8"))["negative"]


def found(text: str) -> list[list[Any]]:
    """The quantities of a text in the form of the case file."""
    return [
        [text[q.start : q.end], q.value, q.bound, q.unit, *([] if q.value_max is None else [q.value_max])]
        for q in measured(text)
    ]


@pytest.mark.parametrize("case", [*CASES["wild"], *CASES["made"]], ids=lambda c: c["input"])
def test_quantities(case: dict[str, Any]) -> None:
    assert found(case["input"]) == case["expected"]


@pytest.mark.parametrize("case", CASES["known_failures"], ids=lambda c: c["input"])
@pytest.mark.xfail(strict=True)
def test_known_failures(case: dict[str, Any]) -> None:
    assert found(case["input"]) == case["expected"]


@pytest.mark.parametrize("text", NEGATIVE)
@pytest.mark.parametrize("frame", ["{}", "据悉，{}。", "抓好{}工作"])
def test_no_quantity(text: str, frame: str) -> None:
    assert found(frame.format(text)) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *[
            ("5人", "people"),
            ("5个", "count"),
            ("5元", "money"),
            ("5块钱", "money"),
            ("5块", "count"),
            ("8万", "count"),
        ],
        *[("5%", "percent"), ("七成", "percent"), ("三分之一", "percent"), ("5公里", "measure"), ("5倍", "measure")],
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert [q.kind for q in measured(text)] == [kind]


def placed(text: str, furniture: tuple[Span, ...] = ()) -> Article:
    return extract(segment(Article("a", text, text=text, furniture=furniture), Options()), Options())


def test_a_quantity_knows_its_sentence_and_clause() -> None:
    article = placed("查处5起。处分3人（其中移送1人），追缴2万元。\n共6家")
    where = [(article.text[q.start : q.end], q.sentence, q.clause) for q in article.quantities]
    assert where == [("5起", 0, 0), ("3人", 1, 0), ("1人", 1, 1), ("2万元", 1, 2), ("6家", 2, 0)]


def test_what_lies_in_furniture_is_dropped() -> None:
    text = "阅读500次\n查处5起。\n责任编辑3人"
    article = placed(text, (Span(0, 7), Span(13, len(text))))
    assert [q.value for q in article.quantities] == [5]


def test_without_sentences_there_are_no_quantities() -> None:
    assert extract(Article("a", "5人", text="5人"), Options()).quantities == ()


TEXTS = st.text(
    alphabet="0123456789，。、；：,.%-—一二两三十百千万亿半成倍几数上多余约近超过以"
    "元人个件次年月日第（）“”《》 \n到至分之",
    max_size=80,
)


@given(TEXTS)
def test_quantities_are_ordered_and_do_not_overlap(text: str) -> None:
    end = 0
    for q in measured(text):
        assert end <= q.start < q.end <= len(text)
        assert q.value_max is None or q.value_max > q.value
        assert (q.bound == "range") == (q.value_max is not None)
        end = q.end


@given(TEXTS)
def test_each_quantity_lies_in_its_sentence(text: str) -> None:
    article = placed(text)
    for q in article.quantities:
        sentence: Sentence = article.sentences[q.sentence]
        assert sentence.start <= q.start < q.end <= sentence.end


@given(
    st.integers(min_value=2, max_value=10**9), st.sampled_from(["件", "人", "元", "个百分点", "场次", "平方米"]), TEXTS
)
def test_a_planted_figure_is_found(number: int, unit: str, tail: str) -> None:
    planted = f"处理{number}{unit}。"
    first = next(iter(measured(planted + tail)))
    assert (first.start, first.end, first.value, first.unit) == (2, len(planted) - 1, number, unit)


@pytest.mark.parametrize(
    "part",
    ["9", "万", "1,234,", "一", "十", "（", "“", "其中", "1至", "百分之", "1/", "12:", "第", " 1 ", "几十", "3个到"],
)
def test_hard_text_takes_no_more_steps_than_characters(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step of the scan goes forward, so that no text can make it slow."""
    text = part * (20_000 // len(part))
    steps = 0
    search = grammar().anchor.search

    class Counting:
        def search(self, text: str, at: int) -> Any:
            nonlocal steps
            steps += 1
            return search(text, at)

    counted = grammar()._replace(anchor=Counting())  # type: ignore[arg-type]
    monkeypatch.setattr("pipeline.stages.extract.grammar", lambda: counted)
    list(measured(text))
    assert steps <= len(text) + 1


def test_a_user_can_add_a_measure_word(tmp_path: Path) -> None:
    (tmp_path / "measure_words.csv").write_text("word,kind,after,source\n蒙古包,count,any,mine\n", encoding="utf-8")
    assert found("搭建12蒙古包") == []
    lexicon.use([tmp_path])
    try:
        assert found("搭建12蒙古包") == [["12蒙古包", 12, "exact", "蒙古包"]]
    finally:
        lexicon.use([])


@pytest.mark.parametrize("name", ["measure_words", "counted_nouns", "approximators", "set_phrases", "quantity_cues"])
def test_lexicons_are_in_order(name: str) -> None:
    file = Path(lexicon.__file__).parent / f"{name}.csv"
    assert lexicon.check(file) == []
    rows = file.read_text(encoding="utf-8").splitlines()[1:]
    assert rows == sorted(rows, key=lambda row: row.split(",")[:2])
