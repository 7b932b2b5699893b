"""The sums of the measurements that hold zhanbao against itself, and the dumps for sizes beyond the corpus."""

from __future__ import annotations

import json
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from bench import growth, sample
from bench.growth import Times


def times(*clock: float) -> list[Times]:
    return [Times(seconds, seconds) for seconds in clock]


def test_rates_of_sizes_and_of_what_is_more() -> None:
    found = growth._growth({10.0: times(9, 5, 4), 1.0: times(1, 1, 1)})
    assert found == {"spread_percent": 100.0, "megabytes_per_second_between": {"1.0 to 10.0": 2.25}}


def test_gains_are_those_of_each_round() -> None:
    # the machine was busy in the second round, for both
    assert growth._gains({1: times(4, 40, 4), 2: times(2, 20, 4)}) == {2: 2.0}


def test_redealt_items_have_the_same_sentences_in_other_company() -> None:
    items = [{"id": str(i), "text": "".join(f"第{i}条的第{j}句。" for j in range(i % 5 + 1))} for i in range(40)]
    dealt = list(sample.redealt(iter(items), seed=1))
    cut = [sample._SENTENCE.findall(item["text"]) for item in items]
    cut_anew = [sample._SENTENCE.findall(item["text"]) for item in dealt]
    assert [len(sentences) for sentences in cut_anew] == [len(sentences) for sentences in cut]
    assert Counter(s for own in cut_anew for s in own) == Counter(s for own in cut for s in own)
    assert sum(one == other for one, other in zip(cut, cut_anew, strict=True)) < 10


def test_news_goes_on_when_the_corpus_ends(tmp_path: Path) -> None:
    source = tmp_path / "news.jsonl"
    source.write_text('{"id": "1", "text": "甲。乙。丙。丁。"}\n{"id": "2", "text": "戊。己。"}\n', encoding="utf-8")
    texts = [item["text"] for item in islice(sample.endless(source), 6)]
    assert texts[:2] == ["甲。乙。丙。丁。", "戊。己。"]
    assert [len(text) for text in texts] == [8, 4, 8, 4, 8, 4]
    assert all(sorted("".join(texts[i : i + 2])) == sorted("".join(texts[:2])) for i in (2, 4))


@pytest.mark.parametrize("files", [1, 3])
def test_a_dump_is_cut_into_files_without_loss(tmp_path: Path, files: int) -> None:
    source = tmp_path / "news.jsonl"
    source.write_text("".join(f'{{"id": "{i}", "text": "立案{i}件。"}}\n' for i in range(50)), encoding="utf-8")
    written = growth._written(tmp_path, source, 0.0005, files, False)
    parts = sorted((tmp_path / "0.0005").iterdir())
    items = [json.loads(line) for part in parts for line in part.read_text(encoding="utf-8").splitlines()]
    assert len(parts) == files and written >= 0.0005
    assert sorted(int(item["id"]) for item in items) == list(range(len(items)))
    assert sum(len(item["text"].encode()) for item in items) / 1e6 == pytest.approx(written)
