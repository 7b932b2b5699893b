"""Times, campaigns and the day of publication, from tests/cases/periods.toml and campaigns.toml."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import date as Day
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import lexicon
from pipeline.model import Article, Attribution, Options, Span
from pipeline.stages.date import date
from pipeline.stages.date.campaigns import mentions
from pipeline.stages.date.expressions import find
from pipeline.stages.extract import extract
from pipeline.stages.segment import segment

FOLDER = Path(__file__).parents[2] / "cases"
PERIODS = tomllib.loads((FOLDER / "periods.toml").read_text(encoding="utf-8"))
CAMPAIGNS = tomllib.loads((FOLDER / "campaigns.toml").read_text(encoding="utf-8"))
OPTIONS = Options()


def article(text: str, published: str | None = "2024-11-05", **fields: Any) -> Article:
    """A text after the stages that date builds on."""
    made = Article("a", text, text=text, published=Day.fromisoformat(published) if published else None, **fields)
    return extract(segment(made, OPTIONS), OPTIONS)


def dated(case: dict[str, Any]) -> Article:
    return date(article(case["input"], case.get("published", "2024-11-05")), OPTIONS)


def periods(found: Article) -> list[list[str]]:
    """The times of a text's figures in the form of the case file."""
    return [
        [found.text[q.start : q.end], str(p.start or ""), str(p.end or ""), p.text]
        for q, p in zip(found.quantities, found.periods, strict=True)
    ]


@pytest.mark.parametrize("case", [*PERIODS["wild"], *PERIODS["made"], *PERIODS["negative"]], ids=lambda c: c["input"])
def test_periods(case: dict[str, Any]) -> None:
    assert periods(dated(case)) == case["expected"]


@pytest.mark.parametrize("case", PERIODS["known_failures"], ids=lambda c: c["input"])
@pytest.mark.xfail(strict=True)
def test_known_failures(case: dict[str, Any]) -> None:
    assert periods(dated(case)) == case["expected"]


@pytest.mark.parametrize(
    "case", [*CAMPAIGNS["wild"], *CAMPAIGNS["made"], *CAMPAIGNS["negative"]], ids=lambda c: c["input"]
)
def test_campaigns(case: dict[str, Any]) -> None:
    found = dated(case)
    assert list(found.campaigns) == case["expected"]
    if "figures" in case:
        assert [p.campaign or "" for p in found.periods] == case["figures"]


def test_a_running_total_begins_with_its_campaign() -> None:
    found = date(article("扫黑除恶专项斗争战果\n截至11月底，打掉团伙5个。", "2020-12-22"), OPTIONS)
    assert (found.periods[0].start, found.periods[0].end) == (Day(2018, 1, 11), Day(2020, 11, 30))


def test_an_event_of_a_batch_begins_with_the_batch() -> None:
    found = date(article("第二批“不忘初心、牢记使命”主题教育开展以来，走访5户。", "2019-12-06"), OPTIONS)
    assert found.periods[0].start == Day(2019, 9, 1)


def test_a_part_takes_the_time_of_its_whole() -> None:
    made = article("去年，立案20件。全县乡科级干部3件。")
    whole, part = Attribution("result"), Attribution("result", part_of=0)
    found = date(replace(made, attributions=(whole, part)), OPTIONS)
    assert found.periods[1].text == "去年"


def test_a_change_is_of_the_time_that_is_held_against_the_other() -> None:
    made = article("上半年立案30件，去年同期25件，增长20%")
    told = (Attribution("result"), Attribution("context"), Attribution("result", direction="up"))
    found = date(replace(made, attributions=told), OPTIONS)
    assert [period.text for period in found.periods] == ["上半年", "去年同期", "上半年"]


def test_a_target_keeps_the_days_that_are_still_to_come() -> None:
    made = article("全年计划修路9公里")
    target = date(replace(made, attributions=(Attribution("target"),)), OPTIONS)
    result = date(replace(made, attributions=(Attribution("result"),)), OPTIONS)
    assert (target.periods[0].end, result.periods[0].end) == (Day(2024, 12, 31), Day(2024, 11, 5))


@pytest.mark.parametrize(
    ("url", "text", "expected"),
    [
        ("http://news.example/2014-03/05/c_1.htm", "立案5件", Day(2014, 3, 5)),
        ("http://news.example/2014/a.htm", "新华社北京3月5日电 立案5件", Day(2014, 3, 5)),
        ("http://news.example/a.htm", "新华社北京3月5日电 立案5件", None),
        (None, "标题\n2014-03-05 来源：晚报\n立案5件", Day(2014, 3, 5)),
        (None, "标题\n立案5件，截至2014年3月5日全部办结。", None),
        ("http://news.example/20141335/a.htm", "立案5件", None),
    ],
)
def test_published(url: str | None, text: str, expected: Day | None) -> None:
    assert date(article(text, None, url=url), OPTIONS).published == expected


def test_published_of_the_record_comes_first() -> None:
    made = article("标题\n2014-03-05 来源：晚报\n立案5件", "2015-01-02", url="http://news.example/2016-01/01/a.htm")
    assert date(made, OPTIONS).published == Day(2015, 1, 2)


def test_no_figures_no_periods() -> None:
    found = date(article("扫黑除恶专项斗争开展以来，群众拍手称快。", "2020-12-22"), OPTIONS)
    assert found.periods == ()
    assert found.campaigns == ("扫黑除恶专项斗争",)


def test_a_digest_has_no_campaign_for_all_its_items() -> None:
    text = "某地开展打击盗猎专项行动\n打击盗猎专项行动抓获5人。\n新路通车\n新路全长9公里。\n粮食丰收\n总产量8万吨。\n"
    found = date(article(text, title="国内快讯"), OPTIONS)
    assert [p.campaign for p in found.periods] == ["打击盗猎专项行动", None, None]


@pytest.mark.parametrize("case", PERIODS["wild"], ids=lambda c: c["input"])
def test_times_keep_their_words_in_any_frame(case: dict[str, Any]) -> None:
    """What stands before and behind the sentence moves offsets and changes nothing else."""
    framed = dated(case | {"input": f"各地反响热烈。\n{case['input']}\n大家表示满意。"})
    assert periods(framed) == case["expected"]


@given(
    st.text(
        "今去年月日上下半第一二三季度以来截至到底前目近从由比较同期0123456789，。；的件（）“”活动开展专项行动",
        max_size=60,
    ),
    st.one_of(st.none(), st.dates(Day(1950, 1, 1), Day(2090, 1, 1))),
)
def test_any_text(text: str, published: Day | None) -> None:
    """Nothing crashes; times lie in the text, in order, without overlap, and do not end before they begin."""
    (times,) = find(text, [Span(0, len(text))], published)
    at = 0
    for time in times:
        assert at <= time.start < time.end <= len(text)
        at = time.end
    found = date(article(text, published.isoformat() if published else None), OPTIONS)
    assert len(found.periods) == len(found.quantities)
    assert all(p.start <= p.end for p in found.periods if p.start and p.end)
    assert all(text[m.start : m.end] == m.name for m in mentions(text) if m.name)


def test_a_users_campaign(tmp_path: Path) -> None:
    """A user's lexicon file makes a new name known at once."""
    (tmp_path / "campaigns.csv").write_text(
        "name,aliases,short,alone,start,end,batches,level,source\n春雷护水攻坚,护水攻坚,,,2024-03-01,,,county,made\n",
        encoding="utf-8",
    )
    text = "护水攻坚成效\n护水攻坚启动后，清淤9公里。"
    assert date(article(text), OPTIONS).campaigns == ()
    lexicon.use([tmp_path])
    try:
        found = date(article(text), OPTIONS)
        assert (found.periods[0].campaign, found.periods[0].start) == ("春雷护水攻坚", Day(2024, 3, 1))
    finally:
        lexicon.use([])


def test_campaigns_of_the_marked_reports(shared: Path) -> None:
    """Precision and recall of the campaigns that the marked county papers name."""
    from pipeline.stages.repair import repair
    from pipeline.stages.simplify import simplify

    hits = named = given_names = 0
    for line in (shared / "gold" / "local.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        text = (shared / "articles" / f"{gold['article_id']}.txt").read_bytes().decode("utf-8")
        made = simplify(repair(Article(gold["article_id"], text), OPTIONS), OPTIONS)
        found = date(extract(segment(made, OPTIONS), OPTIONS), OPTIONS)
        hits += len(set(found.campaigns) & set(gold["campaigns"]))
        named += len(found.campaigns)
        given_names += len(gold["campaigns"])
    assert hits / named >= 0.9
    assert hits / given_names >= 0.9
