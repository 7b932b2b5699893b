"""Which words of a sentence are verbs, and which verbs may name a thing."""

from __future__ import annotations

import pytest

from pipeline.model import Article, Options
from pipeline.stages.attribute import read
from pipeline.stages.attribute.naming import Names
from pipeline.stages.attribute.predicates import HIDDEN
from pipeline.stages.extract import extract
from pipeline.stages.segment import segment


def article_of(text: str) -> Article:
    article = Article("any", text, text=text)
    for stage in (segment, extract):
        article = stage(article, Options())
    return article


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("镇里建了12个站点。", "建"),
        ("工会给工地发了300箱水。", "发"),
        ("村里架便桥3座，换了水管。", "换"),
        ("县里抄告车主120人次。", "抄告"),
        ("工作人员比对出疑点45条。", "比对"),
        ("全市共出动警力230人次。", "出动"),
    ],
)
def test_verbs_are_found(text: str, verb: str) -> None:
    sentences = read(article_of(text), Options()).sentences
    assert verb in [p.text for p in sentences[0].predicates if p.tag != HIDDEN]


@pytest.mark.parametrize(
    ("text", "verb"),
    [("群众满意度达95%。", "满意"), ("案件办结率为98%。", "办结"), ("村里种树600棵。", "种树")],
)
def test_verbs_that_a_noun_holds_come_last(text: str, verb: str) -> None:
    sentences = read(article_of(text), Options()).sentences
    assert (verb, HIDDEN) in [(p.text, p.tag) for p in sentences[0].predicates]


@pytest.mark.parametrize("text", ["全省近5个月下雨。", "达到12个标准。", "山坡上有树600棵。"])
def test_words_of_level_and_grammar_are_no_verbs_of_one_character(text: str) -> None:
    sentences = read(article_of(text), Options()).sentences
    assert not [p for s in sentences for p in s.predicates if p.text in ("近", "至", "上", "超")]


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("交警查获酒驾28起。", "酒驾"),
        ("镇里拆除违建1.3万平方米。", "违建"),
        ("全镇投诉只有9件。", "投诉"),
        ("干部走访2.4万户。", "户"),
        ("信访总量同比下降12%。", "信访总量"),
    ],
)
def test_things_are_among_the_candidates(text: str, thing: str) -> None:
    article = article_of(text)
    sentences, deeds, parents, _ = read(article, Options())
    names = Names(article, sentences, deeds, parents)
    assert thing in {names.whole(0, one) for verb in (None, *names.actions(0)) for one in names.objects(0, verb)}
