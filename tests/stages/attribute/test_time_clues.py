"""Clues of time: years named, and plans announced before a figure."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.model import Article, Options
from pipeline.stages.attribute.time_clues import plan_clues, year_clues, year_of
from pipeline.stages.extract import extract
from pipeline.stages.segment import segment


def article_of(text: str, published: date | None = None) -> Article:
    article = Article("any", text, text=text, published=published)
    for stage in (segment, extract):
        article = stage(article, Options())
    return article


@pytest.mark.parametrize(
    ("text", "published", "year"),
    [
        ("某县日报 2016年3月4日\n去年查处9件。", None, 2016),
        ("某县网 2019-08-14\n到2025年建成9座。", None, 2025),
        ("查处9件。", date(2014, 5, 1), 2014),
        ("查处9件。", None, 0),
    ],
)
def test_the_year_of_a_report(text: str, published: date | None, year: int) -> None:
    assert year_of(article_of(text, published)) == year


@pytest.mark.parametrize(
    ("text", "clues"),
    [
        ("到2020年新建公厕8座。", {"year before=ahead", "year in clause=ahead"}),
        ("2018年新建公厕8座。", {"year before=now", "year in clause=now"}),
        ("2017年底开工，新建公厕8座。", {"year before=last"}),
        ("新建公厕8座，2009年只有3座。", set()),
        ("新建公厕8座以迎接2009年检查。", {"year behind=past"}),
        ("新建公厕8座。", set()),
    ],
)
def test_years_stand_to_that_of_the_report(text: str, clues: set[str]) -> None:
    article = article_of(text)
    quantity = article.quantities[0]
    found = year_clues(article.text, article.sentences[quantity.sentence], quantity, 2018)
    assert set(found.names) == clues


@pytest.mark.parametrize(
    ("text", "clues"),
    [
        ("明年工作安排：新修水渠8公里。", {"plan announced"}),
        (
            "明年工作安排：抓好水利。新修水渠8公里。",
            {"plan announced before", "sentence before plans", "paragraph begins with plans"},
        ),
        ("县里计划修渠，已动工。新修水渠8公里。", {"sentence before plans, then done", "paragraph begins with plans"}),
        ("天气晴好。新修水渠8公里。", set()),
        ("明年工作安排：抓好水利。\n新修水渠8公里。", set()),
    ],
)
def test_plans_are_announced_in_a_paragraph(text: str, clues: set[str]) -> None:
    article = article_of(text)
    assert set(plan_clues(article, article.quantities[0].sentence).names) == clues


def test_a_heading_announces_plans() -> None:
    article = article_of("明年工作安排\n新修水渠8公里，改造旧桥2座。\n")
    assert article.sentences[0].heading
    assert set(plan_clues(article, article.quantities[0].sentence).names) == {"plan announced before"}
