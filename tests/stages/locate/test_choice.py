"""Divisions, weighed: what is weighed, by which clues, and what becomes of the location."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from pipeline.model import Article, Location, Options
from pipeline.stages import extract, linear, locate, segment
from pipeline.stages.linear import CONSTANT, LinearModel
from pipeline.stages.locate import choices_of
from pipeline.stages.locate.choice import MARGIN, REGION

TEXT = "湖南株洲的企业少跑了腿。五年来，先后取消审批事项618项。"


def read(text: str, outlet: str = "新闻联播", title: str | None = None) -> Article:
    article = Article("x", text, text=text, outlet=outlet, title=title)
    for stage in (segment.segment, extract.extract):
        article = stage(article, Options())
    return article


def weigh(article: Article, weights: Mapping[str, float]) -> list[Location]:
    """The locations under weights made by hand."""
    rows = {CONSTANT: [0.0]} | {clue: [weight] for clue, weight in weights.items()}
    linear.use({"regions": LinearModel([REGION], rows)})
    return list(locate.locate(article, Options()).locations)


@pytest.fixture(autouse=True)
def shipped_weights() -> Iterator[None]:
    yield
    linear.use({})


def test_without_weights_the_choice_of_the_rules_stays() -> None:
    article = read(TEXT)
    assert [found.region for found in weigh(article, {})] == [choices_of(article).rule(0)] == ["430200"]


def test_another_division_must_be_ahead_by_the_margin() -> None:
    article = read(TEXT)
    assert weigh(article, {"level=country": MARGIN - 0.05})[0].region == "430200"
    assert weigh(article, {"level=country": MARGIN + 0.05})[0].region == "100000"


def test_candidates_are_what_is_named_what_holds_it_and_the_country() -> None:
    assert set(choices_of(read(TEXT)).candidates(0)) == {"430200", "430000", "100000"}
    behind = choices_of(read("全国收到线索9件，来自贵州毕节。")).candidates(0)
    assert {code: seen.where if seen else None for code, seen in behind.items()} == {
        "520500": "later",
        "520000": None,
        "100000": None,
    }


def test_a_report_of_one_place_is_left_to_the_rules() -> None:
    local = read("株洲市通报\n株洲市立案40件。", outlet="株洲日报")
    assert weigh(local, {"level=country": 9.0})[0].region == "430200"


def test_a_number_right_behind_the_name_of_a_place_is_its_own() -> None:
    article = read("各省通报案件：江西12起、福建9起。")
    assert [found.region for found in weigh(article, {"level=country": 9.0})] == ["360000", "350000"]


def test_abroad_stays_without_a_division() -> None:
    article = read("美国发生枪击案，警方逮捕嫌疑人3名。美国总统讲话。", title="美国枪击案")
    assert [found.region for found in weigh(article, {"level=country": 9.0})] == [None]


def test_doubt_is_told() -> None:
    found = weigh(read(TEXT), {"level=country": MARGIN + 0.05})[0]
    assert (found.region, found.region_name, found.province) == ("100000", "全国", None)
    assert found.candidates == ("100000", "430200")
    assert 0.3 <= found.confidence < 0.6


def test_a_division_that_is_far_ahead_is_as_sure_as_its_place_in_the_text() -> None:
    article = read("湖南株洲的企业少跑了腿。\n贵州毕节也是如此。\n取消审批事项618项。")
    found = weigh(article, {"level=prefecture": 9.0, "named=paragraph before,prefecture": 9.0})[0]
    assert (found.region, found.basis, found.confidence, found.candidates) == ("520500", "article", 0.88, ())


def test_clues_of_a_candidate() -> None:
    choices = choices_of(read(TEXT, title="株洲：放管服"))
    candidates = choices.candidates(0)
    country = set(choices.clues("100000", candidates, 0))
    assert {"is=country", "level=country", "part named=sentence before,country", "title=above,country"} <= country
    here = set(choices.clues("430200", candidates, 0))
    assert {"is=rule", "named=sentence before,prefecture", "right=的,far", "title=same,prefecture"} <= here
