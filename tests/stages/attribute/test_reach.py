"""What place a number is told of, and how that stands to the place of another."""

from __future__ import annotations

import pytest

from pipeline.model import Article, Options
from pipeline.stages.attribute import words_of
from pipeline.stages.attribute.frames import frames
from pipeline.stages.attribute.reach import Reach, relation
from pipeline.stages.extract import extract
from pipeline.stages.segment import segment


def reach(text: str) -> Reach:
    article = Article("any", text, text=text)
    for stage in (segment, extract):
        article = stage(article, Options())
    sentences = frames(article, words_of(article, Options()))
    return Reach(article, {f.index: s for s in sentences for f in s.frames})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("江苏省排查隐患900处。苏州市排查120处。", "holds"),
        ("苏州市排查隐患900处。昆山排查120处。", "holds"),
        ("苏州市排查隐患900处。无锡市排查120处。", "beside"),
        ("苏州市排查隐患900处。苏州市已整改120处。", "same"),
        ("全省排查隐患900处。苏州市排查120处。", "higher"),
        ("昆山排查隐患900处。江苏省排查1200处。", "lower"),
        ("排查隐患900处。苏州市排查120处。", "none>some"),
        ("苏州市排查隐患900处。已整改120处。", "some>none"),
    ],
)
def test_the_place_of_the_whole_is_held_against_that_of_the_part(text: str, expected: str) -> None:
    found = reach(text)
    assert relation(found.place(0), found.place(1)) == expected


def test_the_place_is_that_of_the_clause_else_that_of_the_sentence() -> None:
    found = reach("全省排查隐患900处，苏州市整改120处，罚款30万元。")
    assert found.place(0).level == 1
    assert found.place(1) == found.place(2) and "3205" in found.place(2).codes
    assert (found.kind(0), found.kind(1), found.kind(2)) == ("all", "place", "sentence all")


def test_townships_and_villages_are_below_every_division() -> None:
    found = reach("全县排查隐患90处。大柳镇排查12处。")
    assert relation(found.place(0), found.place(1)) == "higher"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("巴南区立案5件，江津区4件。", True),
        ("木洞镇立案5件，姜家镇4件。", True),
        ("木洞镇排查隐患45处，木洞镇已整改44处。", False),
        ("巴南区、江津区两区立案9件，巴南区5件。", False),
        ("重庆市立案9件，巴南区5件。", False),
        ("排查隐患45处，已整改44处。", False),
    ],
)
def test_places_of_one_level_stand_beside_each_other(text: str, expected: bool) -> None:
    assert reach(text).are_beside(0, 1) is expected
