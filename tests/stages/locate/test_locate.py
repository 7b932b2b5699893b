from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from pipeline.lexicon import gazetteer
from pipeline.model import Article, Options, Quantity
from pipeline.stages import run_stages
from pipeline.stages.locate import locate
from pipeline.stages.locate.mentions import chains, count_votes, find, localities, resolve
from pipeline.stages.segment import segment

CASES = tomllib.loads((Path(__file__).parents[2] / "cases" / "locate.toml").read_text(encoding="utf-8"))
PASSING = [case for group in ("wild", "made", "negative") for case in CASES[group]]
#: the words of a number's measure word, as a case writes them behind the digits
UNIT = regex.compile(r"[\d.]*(?:万|亿)?(?P<unit>.*)")


def located(case: dict[str, Any]) -> Article:
    """The article of a case, its figures without their brackets as quantities."""
    text, spans = "", []
    for part in regex.split(r"(【[^】]*】)", case["text"]):
        inside = part.startswith("【")
        start = len(text)
        text += part[1:-1] if inside else part
        if inside:
            spans.append((start, len(text)))
    article = Article(
        "case",
        text,
        text=text,
        title=case.get("title"),
        outlet=case.get("outlet"),
        published=case.get("published", date(2020, 6, 30)),
    )
    article = segment(article, Options())
    return locate(_with(article, spans), Options())


def _with(article: Article, spans: list[tuple[int, int]]) -> Article:
    from dataclasses import replace

    quantities = []
    for start, end in spans:
        number, sentence = next((i, s) for i, s in enumerate(article.sentences) if s.start <= start < s.end)
        clause = max((i for i, c in enumerate(sentence.clauses) if c.start <= start), default=0)
        unit = UNIT.fullmatch(article.text[start:end])
        quantities.append(
            Quantity(start, end, 1.0, None, "exact", unit["unit"] if unit else "", "count", number, clause, "test")
        )
    return replace(article, quantities=tuple(quantities))


def _name(case: dict[str, Any]) -> str:
    return str(case["note"])


@pytest.mark.parametrize("case", PASSING, ids=_name)
def test_region_of_each_figure(case: dict[str, Any]) -> None:
    article = located(case)
    assert [x.region or "" for x in article.locations] == case["regions"]
    if "region" in case:
        assert article.region == case["region"]
    if "candidates" in case:
        assert list(article.locations[0].candidates) == case["candidates"]
        assert article.locations[0].confidence < 0.7


@pytest.mark.parametrize("case", CASES["known_failures"], ids=_name)
def test_known_failures_still_fail(case: dict[str, Any]) -> None:
    assert [x.region or "" for x in located(case).locations] != case["regions"]


def test_names_and_basis_of_a_location() -> None:
    article = located({"text": "吉林省白城市召开会议，查找问题【5个】，整改【4个】。其他地方待查。任务【3项】。"})
    first, second, third = article.locations
    assert (first.region_name, first.province, first.prefecture, first.county) == ("白城市", "吉林省", "白城市", None)
    assert [first.basis, second.basis, third.basis] == ["sentence", "sentence", "paragraph"]


def test_place_below_the_county() -> None:
    article = located({"text": "首阳镇化解纠纷【5起】，巩昌镇【4起】。", "title": "陇西县的调解"})
    assert [(x.region, x.place) for x in article.locations] == [("621122", "首阳镇"), ("621122", "巩昌镇")]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("今年以来,首阳镇化解纠纷【5起】。", "首阳镇"),
        ("修复水毁点,草河坝村党支部带头筹资【5万元】。", "草河坝村"),
        ("今年以来,约谈乡镇干部【5人】。", None),
        ("全县修路护路,硬化村道【5公里】。", None),
        ("其中,受处分人员中村干部【5人】。", None),
        ("督查中,暗访镇村【5个】。", None),
        ("问题里,发现村级问题【5个】。", None),
        ("一名原乡镇会计挪用【5万元】。", None),
    ],
)
def test_deeds_are_no_townships(text: str, place: str | None) -> None:
    article = located({"text": text, "title": "陇西县的调解"})
    assert [x.place for x in article.locations] == [place]


def test_places_of_townships_are_dealt_out_with_those_who_did_it() -> None:
    text = "巴南区各镇推进整治。木洞镇、姜家镇分别排查隐患45处、38处。其余镇街整改12处。"
    article = run_stages(Article("x", text))
    assert [place.place for place in article.locations] == ["木洞镇", "姜家镇", None]


def test_year_is_taken_from_the_text_where_the_date_is_unknown() -> None:
    article = located({"text": "2013年，潼南县查摆问题【6个】。", "published": None})
    assert article.locations[0].region == "500223"


def test_article_without_figures_has_a_region() -> None:
    article = located({"text": "仪陇县召开大会。"})
    assert article.locations == ()
    assert article.region == "511324"


def test_shadows_and_half_words_are_no_mentions() -> None:
    text = "上海合作组织、孙中山、大理石、文山会海、长治久安、某市"
    assert find(text, 2020) == []


def test_mentions_have_the_offsets_of_the_text() -> None:
    text = "据报道，河北省馆陶县、叶县和朝阳区"
    assert [text[m.start : m.end] for m in find(text, 2020)] == ["河北省", "馆陶县", "叶县", "朝阳区"]


def test_chain_is_the_lowest_part() -> None:
    text = "宁夏银川市金凤区纪委"
    found = find(text, 2020)
    (chain,) = chains(resolve(text, found, count_votes(found)))
    assert (text[chain.start : chain.end], chain.code) == ("宁夏银川市金凤区", "640106")


@pytest.mark.parametrize(
    "text",
    [
        "乡镇干部",
        "贫困村群众",
        "各镇书记",
        "每村一名",
        "新农村建设",
        "大力发展村镇公交",
        "萍乡市",
        "是侨乡",
        "带领村民",
    ],
)
def test_no_locality(text: str) -> None:
    assert localities(text, 0) == []


@given(st.text(alphabet="全市县区北京海南鼓楼叶，。；（）()【】、和分别0123件\n该我", max_size=60))
def test_any_text_is_located(text: str) -> None:
    article = segment(Article("any", text, text=text), Options())
    spans = [
        (m.start(), m.end())
        for m in regex.finditer(r"\d+件?", text)
        if any(s.start <= m.start() < s.end for s in article.sentences)
    ]
    result = locate(_with(article, spans), Options())
    assert len(result.locations) == len(spans)
    for place in result.locations:
        assert place.region is None or gazetteer.at(place.region) is not None
        assert 0 <= place.confidence <= 1


def test_marked_reports(shared: Path) -> None:
    """The marked figures of the made county papers: texts that the rules must not lose again."""
    import json

    right = of = 0
    for line in (shared / "gold" / "local.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        raw = (shared / "articles" / f"{gold['article_id']}.txt").read_bytes().decode("utf-8")
        if "來源" in raw or "(lái)" in raw or "縣" in raw:
            continue
        article = segment(Article("x", raw, text=raw, published=date.fromisoformat(gold["published"])), Options())
        article = locate(_with(article, [(f["start"], f["end"]) for f in gold["figures"]]), Options())
        for figure, place in zip(gold["figures"], article.locations, strict=True):
            if figure["role"] == "result" and figure["region"]:
                of += 1
                right += place.region in figure["region"].split("|")
    assert right / of >= 0.97
