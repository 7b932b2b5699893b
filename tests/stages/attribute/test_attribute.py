"""What figures count, by which deed, whose they are and of which whole they are a part: cases, and any text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Article, Options
from pipeline.stages.attribute import attribute, words_of
from pipeline.stages.extract import extract
from pipeline.stages.segment import segment

Read = Callable[[str], Article]


def fields(article: Article) -> dict[str, dict[str, Any]]:
    """The fields that cases speak of, by the quote of the figure; every quote of a case stands once."""
    quotes = [article.text[q.start : q.end] for q in article.quantities]
    assert len(set(quotes)) == len(quotes), "a case must have different figures"
    return {
        quote: {
            "role": said.role,
            "action": said.action,
            "object": said.object,
            "actor": said.actor,
            "actor_level": said.actor_level or "",
            "direction": said.direction,
            "part_of": "" if said.part_of is None else quotes[said.part_of],
            "change": next(c for c in clues if c.startswith("change=")).removeprefix("change="),
        }
        for quote, said, clues in zip(quotes, article.attributions, article.clues, strict=True)
    }


def compare(article: Article, case: dict[str, Any]) -> None:
    found = fields(article)
    for wanted in case["figures"]:
        got = found[wanted["quote"]]
        assert wanted == {"quote": wanted["quote"], **{field: got[field] for field in wanted if field != "quote"}}


@pytest.mark.case_file("deeds")
def test_deeds(case: dict[str, Any], read: Read) -> None:
    compare(read(case["input"]), case)


@pytest.mark.case_file("parts")
def test_parts(case: dict[str, Any], read: Read) -> None:
    compare(read(case["input"]), case)


@pytest.mark.case_file("roles")
def test_roles(case: dict[str, Any], read: Read) -> None:
    compare(read(case["input"]), case)


@pytest.mark.case_file("actors")
def test_actors(case: dict[str, Any], read: Read) -> None:
    compare(read(case["input"]), case)


def attributed(text: str) -> Article:
    article = Article("any", text, text=text)
    for stage in (segment, extract, attribute):
        article = stage(article, Options())
    return article


PIECES = [
    *[
        "查找",
        "问题",
        "整改",
        "处分",
        "立案",
        "整改率",
        "满意率",
        "督导组",
        "全市",
        "甲县",
        "干部",
        "其余",
        "同比",
        "下降",
    ],
    *["其中", "分别", "依次", "占", "从级别看", "由", "减至", "已", "对", "为", "的", "等", "将", "被", "和", "共"],
    *["5个", "12人", "3件", "40%", "1.2万元", "7家", "100人", "2个百分点", "一半", "8", "三"],
    *["，", "、", "；", "：", "。", "（", "）", "(", ")", "“", "”", "\n", " "],
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@given(TEXTS)
def test_every_quantity_has_one_attribution_and_its_clues(text: str) -> None:
    article = attributed(text)
    assert len(article.attributions) == len(article.clues) == len(article.quantities)
    for said in article.attributions:
        assert said.role in ("result", "target", "actor", "context")
        assert said.direction in ("up", "down", "")
        assert 0 <= said.confidence <= 1


@given(TEXTS)
def test_parts_have_wholes_and_no_part_is_its_own_whole(text: str) -> None:
    parents = [said.part_of for said in attributed(text).attributions]
    for index in range(len(parents)):
        seen = {index}
        whole = parents[index]
        while whole is not None:
            assert 0 <= whole < len(parents)
            assert whole not in seen
            seen.add(whole)
            whole = parents[whole]


@given(TEXTS)
def test_the_same_text_is_read_the_same(text: str) -> None:
    first, second = attributed(text), attributed(text)
    assert first.attributions == second.attributions
    assert first.clues == second.clues


@given(TEXTS)
def test_words_are_the_whole_sentence_and_numbers_stay_whole(text: str) -> None:
    article = attributed(text)
    found = words_of(article, Options())
    assert set(found) == {q.sentence for q in article.quantities}
    for at, words in found.items():
        sentence = article.sentences[at]
        assert "".join(w.text for w in words) == text[sentence.start : sentence.end]
        assert all(text[w.start : w.end] == w.text for w in words)
    starts = {w.start for words in found.values() for w in words}
    assert starts >= {q.start for q in article.quantities}


def test_without_quantities_nothing_is_added() -> None:
    article = attributed("本报讯。会议强调，要抓好落实。")
    assert article.attributions == article.clues == ()


@pytest.mark.parametrize("part", ["（5个", "其中5个", "5个、", "查处5个", "5人。", "5%", "由5个减至3个，", "“5个"])
def test_hard_text_is_read_to_its_end(part: str) -> None:
    """A sentence never grows so long that holding its numbers against each other takes the square of the text."""
    article = attributed(part * (2000 // len(part)))
    most = max(s.end - s.start for s in article.sentences)
    assert most <= 800
    assert len(article.attributions) == len(article.quantities) > 100
