"""Clues of time: years named, and plans announced before a figure."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.model import Article, Options
from pipeline.stages.attribute.time_clues import Moment, moment_of, stands, year_clues
from pipeline.stages.extract import extract
from pipeline.stages.segment import segment


def article_of(text: str, published: date | None = None) -> Article:
    article = Article("any", text, text=text, published=published)
    for stage in (segment, extract):
        article = stage(article, Options())
    return article


@pytest.mark.parametrize(
    ("text", "published", "moment"),
    [
        ("某县日报 2016年3月4日\n去年查处9件。", None, Moment(2016, 3)),
        ("某县网 2019-08-14\n查处9件。", None, Moment(2019, 8)),
        ("某县网 2019-08-14\n到2025年建成9座。", None, Moment(2025, 0)),
        ("查处9件。", date(2014, 5, 1), Moment(2014, 5)),
        ("查处9件。", None, Moment(0, 0)),
    ],
)
def test_the_moment_of_a_report(text: str, published: date | None, moment: Moment) -> None:
    assert moment_of(article_of(text, published)) == moment


@pytest.mark.parametrize(
    ("text", "clues"),
    [
        ("到2020年新建公厕8座。", {"year before=ahead", "year in clause=ahead"}),
        ("2018年新建公厕8座。", {"year before=now", "year in clause=now"}),
        ("2017年底开工，新建公厕8座。", {"year before=last"}),
        ("新建公厕8座，2009年只有3座。", set()),
        ("新建公厕8座以迎接2009年检查。", {"year behind=past"}),
        ("新建公厕8座。", set()),
        ("2月底完工，新建公厕8座。", {"month before=past"}),
        ("4月新建公厕8座，5月建成。", {"month before=last", "month in clause=last"}),
        ("新建公厕8座于7月完工。", {"month behind=ahead"}),
        ("今年新建公厕8座。", set()),
    ],
)
def test_years_stand_to_that_of_the_report(text: str, clues: set[str]) -> None:
    article = article_of(text)
    quantity = article.quantities[0]
    found = year_clues(article.text, article.sentences[quantity.sentence], quantity, Moment(2018, 5))
    assert set(found.names) == clues


def test_what_is_said_of_the_year_early_in_it() -> None:
    article = article_of("今年新建公厕8座。")
    quantity = article.quantities[0]
    found = year_clues(article.text, article.sentences[0], quantity, Moment(2018, 2))
    assert set(found.names) == {"this year, early in it"}


@pytest.mark.parametrize(
    ("text", "now", "relation"),
    [
        ("到2020年完成以下任务：", Moment(2018, 5), "ahead"),
        ("2017年和2018年的安排", Moment(2018, 5), "now"),
        ("今年要把好四道关口。", Moment(2018, 3), "now, early in it"),
        ("2016年通报", Moment(2018, 1), "past"),
        ("2017年回顾", Moment(2018, 1), "last"),
        ("安排如下：", Moment(2018, 1), ""),
        ("到2020年完成", Moment(0, 0), ""),
    ],
)
def test_the_year_of_a_line_stands_to_that_of_the_report(text: str, now: Moment, relation: str) -> None:
    assert stands(text, now) == relation
