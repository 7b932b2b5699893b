"""The candidates for deed and thing of a figure, and the choice among them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Article, Options
from pipeline.stages import linear
from pipeline.stages.attribute import read
from pipeline.stages.attribute.naming import Candidate, Names, best, weigh_names
from pipeline.stages.extract import extract
from pipeline.stages.linear import Clues, Group, LinearModel
from pipeline.stages.reason import family
from pipeline.stages.segment import segment

PIECES = [
    *[
        "查找",
        "问题",
        "整改",
        "建成",
        "便民服务点",
        "立案",
        "督导组",
        "全市",
        "甲县",
        "干部",
        "群众来信",
        "同比",
        "下降",
        "新建",
    ],
    *["其中", "分别", "占", "由", "减至", "已", "对", "为", "的", "被", "和", "共", "“", "”", "（", "）"],
    *["5个", "12人", "3件", "40%", "1.2万元", "46公里", "一半", "，", "、", "；", "。", "\n", " "],
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


def names_of(text: str) -> tuple[Article, Names, list[int]]:
    """An article with the candidates of its figures."""
    article = Article("any", text, text=text)
    for stage in (segment, extract):
        article = stage(article, Options())
    if not article.quantities:
        return article, Names(article, [], [], []), []
    sentences, deeds, parents, _ = read(article, Options())
    return article, Names(article, sentences, deeds, parents), list(range(len(article.quantities)))


@given(TEXTS)
def test_candidates_stand_where_they_say(text: str) -> None:
    article, names, indices = names_of(text)
    for index in indices:
        verbs = list(names.actions(index))
        for verb in (*verbs, None):
            for candidate in (*verbs, *names.objects(index, verb)):
                assert candidate.text
                if candidate.start >= 0:
                    assert article.text[candidate.start : candidate.end] == candidate.text
                    quantity = article.quantities[index]
                    assert candidate.end <= quantity.start or candidate.start >= quantity.end


@given(TEXTS)
def test_every_clue_has_words_to_tell_it(text: str) -> None:
    _, names, indices = names_of(text)
    for index in indices:
        for verb in names.actions(index):
            for candidate in (verb, *names.objects(index, verb)):
                assert all(family(clue, "word") for clue in candidate.clues)


def candidate(text: str, *clues: str) -> Candidate:
    return Candidate(text, -1, -1, Clues((Group(clues),)))


def test_the_heaviest_candidate_wins_and_of_equals_the_first() -> None:
    model = LinearModel(["right"], {"always": [0.0], "near": [1.0], "far": [-1.0]})
    one, other, far = candidate("查处", "near"), candidate("立案", "near"), candidate("达到", "far")
    assert best(model, [far, one, other]) == one
    assert best(model, [far]) == far
    assert best(model, []) is None


def test_sure_context_keeps_what_the_rules_say() -> None:
    text = "全市查找问题5个。"
    article = Article("any", text, text=text)
    for stage in (segment, extract):
        article = stage(article, Options())
    sentences, deeds, parents, _ = read(article, Options())
    weights = {"always": [0.0], "rule": [-9.0]}
    try:
        linear.use({name: LinearModel(["right"], weights) for name in ("actions", "objects")})
        sure, unsure, result = (
            weigh_names(article, sentences, deeds, parents, [said])
            for said in (("context", "", 0.95), ("context", "", 0.6), ("result", "", 0.95))
        )
    finally:
        linear.use({})
    assert sure == [(deeds[0].action, deeds[0].object, "")] == [("查找", "问题", "")]
    assert unsure == result != sure


@pytest.mark.parametrize(
    ("text", "cut", "whole"),
    [
        ("对“小金库”问题线索2批次进行核查。", "库”问题线索", "“小金库”问题线索"),
        ("关停“散乱污”企业12家。", "“散乱污", "“散乱污”"),
        ("关停散乱污”企业12家。", "散乱污”企业", "散乱污企业"),
        ("关停“散乱污企业12家。", "“散乱污企业", "散乱污企业"),
        ("关停“散乱污”企业12家。", "企业", "企业"),
    ],
)
def test_a_thing_has_both_quotes_or_none(text: str, cut: str, whole: str) -> None:
    _, names, _ = names_of(text)
    start = text.index(cut)
    assert names.whole(0, Candidate(cut, start, start + len(cut), Clues(()))) == whole
