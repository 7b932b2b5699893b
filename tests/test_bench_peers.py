"""Answers of other packages in our terms, and how they are held against marked figures.

The packages themselves belong to the extra ``bench``: where they are not installed, what reads them is tested with
made answers.
"""

from __future__ import annotations

import doctest
import importlib
from datetime import date
from typing import Any

import pytest

from bench import answers, beside, install
from bench.answers import Loaded, Numbers, Places, Said, Words
from bench.beside import Line, agrees, lines, number_word, writing
from bench.marked import Marked
from pipeline.model import Article

# 50个 was found in the county, 71.6% in a county of another name, and 两 belongs to the whole country
TEXT = "贵溪市查处问题5０个。\n信丰县整改率达71.6%。\n推动两岸交流。2024年3月，我市处分干部三百二十人。"


def figure(quote: str, value: float, unit: str, region: str, **other: Any) -> dict[str, Any]:
    start = TEXT.index(quote)
    base = {"quote": quote, "start": start, "end": start + len(quote), "value": value, "unit": unit, "region": region}
    return base | {"role": "result", "bound": "exact"} | other


def report() -> Marked:
    figures = [
        figure("5０个", 50, "个", "360681"),
        figure("71.6%", 71.6, "%", "360722"),
        figure("两", 2, "", "100000", role="context"),
        figure("三百二十人", 320, "人", "360681"),
    ]
    return Marked("made", Article("x", TEXT, published=date(2024, 3, 5)), figures)


@pytest.fixture(scope="module")
def found() -> list[Line]:
    return lines(report())


@pytest.mark.parametrize("module", [answers, beside, install])
def test_examples_of_the_docstrings(module: Any) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0 and result.failed == 0


def test_marks_stand_in_their_sentences(found: list[Line]) -> None:
    said = [line.text[mark.start : mark.end] for line in found for mark in line.marks]
    # 5０个 as it is repaired
    assert said == ["50个", "71.6%", "两", "三百二十人"]
    assert [code for line in found for code in line.in_report][:2] == ["360681", "360722"]


@pytest.mark.parametrize(
    ("quote", "word"),
    [
        ("1,234.5万元", "1,234.5万"),
        ("１２.５％", "12.5"),
        ("上百人", "百"),
        ("几十家", "几十"),
        ("七成五", "七成五"),
        ("一点五亿元", "一点五亿"),
        ("12万2800人", "12万2800"),
    ],
)
def test_the_number_word_of_a_figure(quote: str, word: str) -> None:
    assert number_word(quote) == word


@pytest.mark.parametrize(
    ("quote", "unit", "bound", "way"),
    [
        ("1348个", "个", "exact", beside.DIGITS),
        ("７１.６％", "%", "exact", beside.DIGITS),
        ("2千多人", "人", "over", beside.MIXED),
        ("两千三百余人", "人", "over", beside.CHINESE),
        ("一半", "%", "exact", beside.SHARES),
        ("数十名", "名", "vague", beside.VAGUE),
    ],
)
def test_ways_of_writing(quote: str, unit: str, bound: str, way: str) -> None:
    assert writing({"quote": quote, "unit": unit, "bound": bound, "role": "target"}) == way


def test_a_share_may_be_said_as_a_fraction_and_a_count_may_not() -> None:
    third = {"value": 33.3333, "unit": "%"}
    assert agrees(1 / 3, third) and agrees(33.3333, third) and not agrees(3, third)
    assert not agrees(0.5, {"value": 50, "unit": "个"}) and not agrees(None, third)


def test_numbers_are_right_by_place_and_value_and_the_rest_is_no_figure(found: list[Line]) -> None:
    def find(sentence: str) -> list[Said]:
        says = {"查处": [Said(7, 9, 50)], "整改": [Said(7, 11, 17.6)], "年": [Said(0, 4, 2024), Said(5, 6, 3)]}
        return next((said for word, said in says.items() if word in sentence), [])

    ways, extra = beside.numbers(found, {"peer": Loaded(Numbers(find), 0.0)})
    assert {title: table["peer"]["share"] for title, table in ways.items()} == {
        beside.DIGITS: 0.5,
        beside.CHINESE: 0.0,
        "all these": 0.3333,
        "background": 0.0,
    }
    assert ways["all these"]["zhanbao"]["share"] == 1.0
    assert extra["peer"] == {"dates": 2000 / len(found), "others": 0.0}


def test_a_converter_gets_the_number_words(found: list[Line]) -> None:
    given: list[str] = []

    def convert(word: str) -> float | None:
        given.append(word)
        return 320 if word == "三百二十" else None

    ways, extra = beside.numbers(found, {"peer": Loaded(Words(convert), 0.0)})
    assert given == ["50", "71.6", "两", "三百二十"]
    assert ways[beside.CHINESE]["peer"]["share"] == 1.0
    assert "peer" not in extra


def test_places_are_right_wrong_or_not_said(found: list[Line]) -> None:
    codes = {"贵溪": "360681", "信丰": "360000"}

    def one(sentences: Any) -> list[str | None]:
        return [next((code for name, code in codes.items() if name in s), None) for s in sentences]

    peer = Places(one, lambda sentence: ["360000", "360722"] if "信丰" in sentence else [])
    tables = beside.places(found, {"peer": Loaded(peer, 0.0)})
    assert tables["all"]["figures"]["n"] == 3, "the country's figure is not asked for"
    assert tables["named in its sentence"]["peer"] == {"right": 0.5, "wrong": 0.5, "silent": 0.0, "among": 1.0}
    assert tables["not named there"]["peer"] == {"right": 0.0, "wrong": 0.0, "silent": 1.0, "among": 0.0}
    assert tables["named in its sentence"]["zhanbao, sentence alone"]["right"] == 1.0
    assert tables["not named there"]["zhanbao, sentence alone"]["silent"] == 1.0


@pytest.mark.parametrize(
    ("code", "division"),
    [("330110", "330110"), ("500200", "500000"), ("130199", "130100"), ("", None), (None, None), (float("nan"), None)],
)
def test_a_code_that_is_no_division_means_what_it_lies_in(code: object, division: str | None) -> None:
    assert answers.known(code) == division


@pytest.mark.parametrize(
    ("province", "city", "county", "code"),
    [
        ("江苏省", "南京市", "鼓楼区", "320106"),
        ("福建省", "福州市", "鼓楼区", "350102"),
        ("上海市", "上海市", None, "310000"),
        ("浙江省", "杭州市", "没有的区", "330100"),
        (None, None, None, None),
    ],
)
def test_names_become_codes(province: str | None, city: str | None, county: str | None, code: str | None) -> None:
    assert answers.code_of({"province": province, "city": city, "county": county}) == code


def test_a_code_of_another_year_is_the_same_unit() -> None:
    units = frozenset({"500223"})
    lineages = frozenset(d.lineage for d in (answers.gazetteer.at("500152"),) if d)
    assert beside.same_unit("500223", lineages) and beside.same_unit("500152", lineages)
    assert not beside.same_unit(None, units)


def test_a_peer_that_breaks_is_left_out_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Words:
        raise ImportError("cannot import name 'X'")

    works = Words(lambda word: None)
    monkeypatch.setattr(answers, "PEERS", {"broken": broken, "works": lambda: works})
    peers, missing = answers.load()
    assert peers["works"].peer is works
    assert missing == {"broken": "ImportError: cannot import name 'X'"}


@pytest.mark.parametrize("package", ["recognizers_number", "cn2an", "cpca"])
def test_installed_peers_answer(package: str) -> None:
    try:
        importlib.import_module(package)
    except ImportError as error:
        pytest.skip(f"belongs to the extra bench: {error}")
    sentence = "贵溪市第一批处分１２人，占百分之七十"
    match package:
        case "recognizers_number":
            said = {(sentence[s.start : s.end], s.value) for s in answers.recognizers().find(sentence)}
            assert ("１２", 12.0) in said and ("百分之七十", 70.0) in said
            assert not any("一" in text for text, _ in said), "ordinals are left out"
        case "cn2an":
            convert = answers.cn2an().convert
            assert [convert(w) for w in ("两千三百", "2.3万", "百分之七十", "几十")] == [2300, 23000, 70, None]
        case "cpca":
            places = answers.cpca()
            assert places.one([sentence, "没有地名"]) == ["360681", None]
            assert places.every(sentence) == ["360681"] and places.every("没有") == []
