"""Sentences and clauses: cases, and what holds for any text."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.model import Article, Options, Span
from pipeline.stages.segment import segment, sentences

LONGEST = 800


@pytest.mark.case_file("clauses")
def test_sentences_and_clauses(case: dict[str, Any]) -> None:
    text = case["input"]
    found = [
        [[text[c.start : c.end], c.mark, *([c.depth] if c.depth else [])] for c in sentence.clauses]
        for sentence in sentences(text)
    ]
    assert found == case["sentences"]


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("整改成效\n查处5个问题。", [True, False]),
        ("整改成效：\n查处5个问题。", [False, False]),
        ("最后一行", [False]),
        ("好。整改成效\n完", [False, False, False]),
        ("长" * 51 + "\n完。", [False, False]),
    ],
)
def test_a_heading_is_a_short_line_of_its_own_without_a_mark(text: str, headings: list[bool]) -> None:
    assert [s.heading for s in sentences(text)] == headings


def test_paragraphs_are_lines() -> None:
    assert [s.paragraph for s in sentences("甲。乙。\n\n丙。\n丁")] == [0, 0, 2, 3]


def test_furniture_is_left_out() -> None:
    text = "来源：日报\n查处5个。\n编辑：某某\n"
    found = segment(Article("a", text, text=text, furniture=(Span(0, 5), Span(12, len(text)))), Options())
    assert [text[s.start : s.end] for s in found.sentences] == ["查处5个。"]
    assert found.words == {}


def test_words_of_all_sentences_for_the_tokens_table() -> None:
    text = "会议强调。查处5个。"
    found = segment(Article("a", text, text=text), Options(tokens=True))
    assert {i: "".join(w.text for w in words) for i, words in found.words.items()} == {0: "会议强调。", 1: "查处5个。"}
    assert all(text[w.start : w.end] == w.text for words in found.words.values() for w in words)


@pytest.mark.parametrize(
    ("text", "ends_with"),
    [
        ("查处5个；处分3人，" * 200, "；"),
        ("查处5个，" * 300, "，"),
        ("查处5个 " * 300, "个"),
        ("查处5个" * 300, "查处"),
        ("字" * 2000, "字"),
    ],
)
def test_a_sentence_that_is_too_long_is_cut_where_it_hurts_least(text: str, ends_with: str) -> None:
    found = list(sentences(text))
    assert len(found) > 1
    assert all(text[: s.end].endswith(ends_with) for s in found[:-1])


TEXTS = st.text(alphabet="甲乙整改5９二一个，。；：！？、,:()（）[]“”…— \n\t　其中些", max_size=120)


@given(st.one_of(TEXTS, st.text(max_size=60)))
def test_sentences_hold_all_but_blanks_in_order(text: str) -> None:
    found = list(sentences(text))
    bounds = [0, *(at for s in found for at in (s.start, s.end)), len(text)]
    assert bounds == sorted(bounds)
    between = [text[a:b] for a, b in zip(bounds[::2], bounds[1::2], strict=True)]
    assert not "".join(between).strip()
    assert all(s.start < s.end for s in found)
    assert all(a.paragraph <= b.paragraph for a, b in pairwise(found))


@given(st.one_of(TEXTS, st.text(max_size=60)))
def test_clauses_lie_in_their_sentence_one_behind_the_other(text: str) -> None:
    for sentence in sentences(text):
        at = sentence.start
        for clause in sentence.clauses:
            assert at <= clause.start < clause.end <= sentence.end
            assert text.startswith(clause.mark, clause.end)
            assert clause.depth >= 0
            at = clause.end + len(clause.mark)


@settings(max_examples=40)
@given(TEXTS, st.integers(1, 40))
def test_long_texts_are_cut_without_loss(text: str, times: int) -> None:
    long = (text.replace("\n", "") + "5") * times * 10
    found = list(sentences(long))
    kept = "".join(long[s.start : s.end] for s in found)
    assert "".join(kept.split()) == "".join(long.split())
    assert max(s.end - s.start for s in found) <= LONGEST
