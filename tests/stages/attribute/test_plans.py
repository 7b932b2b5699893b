"""Plans and results are told in lists, under headings and behind sentences that say so."""

from __future__ import annotations

import pytest

from pipeline.model import Article, Options
from pipeline.stages.attribute.plans import Leaders
from pipeline.stages.attribute.time_clues import Moment
from pipeline.stages.extract import extract
from pipeline.stages.segment import segment

NOW = Moment(2018, 2)


def clues_of_last(text: str, title: str | None = None) -> set[str]:
    """The clues of the sentence of the last figure of a text."""
    article = Article("any", text, text=text, title=title)
    for stage in (segment, extract):
        article = stage(article, Options())
    return set(Leaders(article, NOW).clues(article.quantities[-1].sentence).names)


@pytest.mark.parametrize(
    ("text", "clues"),
    [
        ("天气晴好，新修水渠8公里。", set()),
        ("明年工作安排：新修水渠8公里。", {"plan announced"}),
        ("天气晴好。新修水渠8公里。", set()),
        ("县里打算修渠。新修水渠8公里。", {"paragraph with=打算", "paragraph plans"}),
        ("县里打算修渠，已动工。新修水渠8公里。", {"paragraph with=打算", "paragraph plans, then done"}),
        ("天气晴好。2020年再看。新修水渠8公里。", {"last of=ahead"}),
        ("明年再办一批。\n新修水渠8公里。", {"before with=明年", "before plans"}),
    ],
)
def test_sentences_before_lead(text: str, clues: set[str]) -> None:
    assert clues_of_last(text) == clues


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("今年这样干：\n水渠修8公里。", 1),
        ("今年这样干：\n（一）水渠。修8公里。\n（二）道路。铺9公里。", 2),
        ("今年这样干：\n水渠修8公里；\n道路铺9公里；\n栽树7亩；\n建房6间。", 3),
        ("今年这样干：\n修渠。开挖8公里。\n铺路。硬化9公里。", 2),
    ],
)
def test_items_of_a_list_are_led_by_what_announces_it(text: str, item: int) -> None:
    assert clues_of_last(text) >= {"list with=这样干", "list of=now, early in it", f"item of a list={item}"}


@pytest.mark.parametrize(
    "text",
    [
        "今年这样干：\n（一）水渠。修8公里。\n（二）道路。铺9公里。\n会议由副县长主持，镇村干部90人到会，气氛热烈。",
        "去年发文12件，比上一年少了3件。",
    ],
)
def test_what_is_no_item_is_not_led_by_the_list(text: str) -> None:
    assert not [clue for clue in clues_of_last(text) if clue.startswith(("list", "item"))]


def test_titles_and_headings_lead() -> None:
    text = "全县水利工作会议召开\n二、目标\n新修水渠8公里。\n"
    assert clues_of_last(text) >= {"heading with=目标", "heading plans"}
    assert "title with=方案" in clues_of_last("新修水渠8公里。", title="水利实施方案")
