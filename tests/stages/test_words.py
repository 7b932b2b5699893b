from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import jieba
import pytest
import rjieba
from hypothesis import given
from hypothesis import strategies as st

from pipeline import lexicon
from pipeline.model import Word
from pipeline.stages.words import SEGMENTERS, load, tag, tag_around

#: a segmenter without the user dictionary
PLAIN = rjieba.Jieba()
USER_WORDS = lexicon.table("user_words")

#: runs on which rjieba and jieba are known to differ
HYPHENS_AND_DOTS = re.compile(r"[-.·]{2}|[A-Za-z0-9%+#&_][-.]|[-.][A-Za-z0-9%+#&_]")

characters = st.sampled_from(
    "发现问题整改主题教育处级干部立行的，。：%％.-·—1２一百两A c\n\r\t　 𠀀é\u200b"
) | st.characters(codec="utf-8")


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    for segmenter in SEGMENTERS:
        load(segmenter)


@pytest.mark.parametrize("segmenter", SEGMENTERS)
@given(text=st.text(characters), offset=st.integers(0, 10**6))
def test_words_are_the_whole_text(segmenter: str, text: str, offset: int) -> None:
    words = tag(text, segmenter, offset)
    assert "".join(word.text for word in words) == text
    assert all(word.text == text[word.start - offset : word.end - offset] != "" for word in words)
    assert [word.start for word in words[1:]] == [word.end for word in words[:-1]]
    assert not words or words[0].start == offset


@pytest.mark.parametrize("segmenter", SEGMENTERS)
@pytest.mark.parametrize("row", USER_WORDS, ids=lambda row: row["word"])
def test_user_word_is_one_word_and_was_not(segmenter: str, row: lexicon.Row) -> None:
    assert [(word.text, word.tag) for word in tag(row["word"], segmenter)] == [(row["word"], row["tag"])]
    if lexicon.row("actions", row["word"]) and len(row["word"]) > 2:
        # it would be given as a verb
        return
    # a word that the dictionary lacks may be guessed when it stands alone, and cut beside others (包联 in 包联积案)
    assert PLAIN.tag(row["word"]) != [(row["word"], row["tag"])] or not PLAIN.has_word(row["word"])


@pytest.mark.parametrize("segmenter", SEGMENTERS)
def test_long_verbs_of_the_lexicon_are_one_word(segmenter: str) -> None:
    verbs = [row["verb"] for row in lexicon.table("actions") if len(row["verb"]) > 2]
    assert len(verbs) > 10
    assert [verb for verb in verbs if len(tag(verb, segmenter)) != 1] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("已立行立改12件", "已 立行立改 12 件"),
        ("领导干部带头整改", "领导干部 带头 整改"),
        ("整治漠视侵害群众利益问题", "整治 漠视侵害群众利益 问题"),
        ("应急管理部门排查隐患", "应急管理部门 排查 隐患"),
        ("党总支书记说", "党总支 书记 说"),
        ("运用第四种形态处理9人", "运用 第四种形态 处理 9 人"),
        ("加大走访力度", "加大 走访 力度"),
        ("全面从严治党主体责任", "全面从严治党 主体责任"),
    ],
)
@pytest.mark.parametrize("segmenter", SEGMENTERS)
def test_cut(segmenter: str, text: str, words: str) -> None:
    assert " ".join(word.text for word in tag(text, segmenter)) == words


def test_unknown_segmenter_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'hanlp'.*rjieba, jieba"):
        tag("问题", "hanlp")


def test_no_text_no_words() -> None:
    assert tag("") == ()


def test_threads_share_a_segmenter() -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(tag, ["即知即改问题12个，占全部问题的71.6%"] * 40))
    assert set(found) == {found[0]}


def test_the_callers_own_jieba_is_left_as_it_was() -> None:
    load("jieba")
    assert "立行立改" not in jieba.lcut("立行立改")


def test_import_and_load_print_nothing() -> None:
    code = "import pipeline.stages.words as w, sys; assert not {'jieba', 'rjieba'} & set(sys.modules); w.load('jieba')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def sentences(shared: Path) -> Iterator[str]:
    for file in sorted((shared / "corpus").glob("xwlb-*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in islice(lines, 0, 3000, 100):
                yield from re.findall(r"[^。！？\n]+[。！？]?", json.loads(line)["text"])


def test_rjieba_cuts_corpus_sentences_as_jieba_does(shared: Path) -> None:
    sample = list(islice(sentences(shared), 0, None, 6))
    assert len(sample) > 250
    pairs = [(tag(text, "rjieba"), tag(text, "jieba")) for text in sample if not HYPHENS_AND_DOTS.search(text)]
    assert len(pairs) > len(sample) * 0.95
    assert all([word.text for word in fast] == [word.text for word in reference] for fast, reference in pairs)
    words = [word for pair in pairs for word in zip(*pair, strict=True)]
    assert sum(fast.tag == reference.tag for fast, reference in words) > 0.98 * len(words)


@pytest.mark.parametrize("segmenter", SEGMENTERS)
@given(pieces=st.lists(st.text(characters), min_size=1, max_size=5), sign=st.sampled_from(["", "", "\ue0ff"]))
def test_words_around_numbers_are_those_of_the_pieces(segmenter: str, pieces: list[str], sign: str) -> None:
    pieces[-1] += sign  # a text may have the character that stands for a number
    text = "共" + "3个".join(pieces)
    start = 1
    numbers, wanted, at = [], [], start
    for piece in pieces:
        wanted += tag(piece, segmenter, at)
        at += len(piece)
        if at < len(text):
            numbers.append((at, at + 2))
            wanted.append(Word(at, at + 2, "3个", "m"))
            at += 2
    assert tag_around(text, start, len(text), numbers, segmenter) == tuple(wanted)
