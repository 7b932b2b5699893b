"""Rates of the parts, one core, in processor time: conversion, words, every stage, rows.

python -m bench.parts [SOURCE] [--megabytes 2] [--rounds 3]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from statistics import median
from time import process_time

from bench import record
from bench.sample import ROOT, damage, records

#: the slow ones get this share of the text
SMALL = 0.1


def texts(source: Path, megabytes: float) -> list[str]:
    """Texts of about that size."""
    found: list[str] = []
    size = 0.0
    for item in records(source):
        found.append(item["text"])
        size += len(item["text"].encode()) / 1e6
        if size >= megabytes:
            break
    return found


def rate(work: Callable[[str], object], sample: Sequence[str], rounds: int) -> float:
    """Megabytes of UTF-8 a second of processor time, the median of the rounds."""
    work(sample[0])
    seconds = []
    for _ in range(rounds):
        begin = process_time()
        for text in sample:
            work(text)
        seconds.append(process_time() - begin)
    return round(sum(len(text.encode()) for text in sample) / 1e6 / median(seconds), 2)


def conversion(traditional: Sequence[str], simplified: Sequence[str], rounds: int) -> dict[str, float]:
    """OpenCC's Python port against its dictionaries compiled."""
    from opencc import OpenCC

    from pipeline.model import Article, Options
    from pipeline.stages.simplify import convert, simplify

    def stage(text: str) -> Article:
        return simplify(Article("", text, text=text), Options())

    return {
        "t2s, opencc-python-reimplemented": rate(OpenCC("t2s").convert, _share(traditional), rounds),
        "t2s, compiled": rate(convert, traditional, rounds),
        "simplify, traditional text": rate(stage, traditional, rounds),
        "simplify, simplified text": rate(stage, simplified, rounds),
    }


def segmentation(simplified: Sequence[str], rounds: int) -> dict[str, float]:
    """jieba against rjieba, cutting and tagging."""
    import logging

    import jieba
    import jieba.posseg
    import rjieba

    from pipeline.stages.words import tag

    jieba.setLogLevel(logging.WARNING)
    return {
        "jieba.cut": rate(jieba.lcut, _share(simplified), rounds),
        "jieba.posseg": rate(jieba.posseg.lcut, _share(simplified), 1),
        "rjieba.cut": rate(rjieba.cut, simplified, rounds),
        "rjieba.tag": rate(rjieba.tag, simplified, rounds),
        "words.tag, rjieba": rate(tag, simplified, rounds),
        "words.tag, jieba": rate(lambda text: tag(text, "jieba"), _share(simplified), 1),
    }


def stages(sample: Sequence[str]) -> dict[str, float]:
    """Every stage on its own, on what the stages before it made, and the rows of the tables.

    What a stage loads on first use is loaded before: the first tenth of the texts is walked through untimed.
    """
    from pipeline import rows
    from pipeline.model import Article, Options
    from pipeline.stages import STAGES, run_stages

    for text in _share(sample):
        run_stages(Article("", text))
    articles = [Article(str(number), text) for number, text in enumerate(sample)]
    seconds: dict[str, float] = {}
    for stage in STAGES:
        work = getattr(import_module(f"pipeline.stages.{stage.name}"), stage.name)
        begin = process_time()
        articles = [work(article, Options()) for article in articles]
        seconds[stage.name] = process_time() - begin
    rows.figure_table(articles[:1])
    begin = process_time()
    rows.article_table(articles)
    rows.figure_table(articles)
    seconds["rows"] = process_time() - begin
    size = sum(len(text.encode()) for text in sample) / 1e6
    rates = {name: round(size / spent, 2) for name, spent in seconds.items()}
    return {**rates, "all": round(size / sum(seconds.values()), 2)}


def _share(sample: Sequence[str]) -> Sequence[str]:
    return sample[: max(1, int(len(sample) * SMALL))]


def show(title: str, rates: Iterable[tuple[str, float]]) -> None:
    """Print rates."""
    print(f"\n{title}")
    for name, value in rates:
        print(f"  {name:34} {value:9.2f} MB/s")


def main(arguments: list[str] | None = None) -> None:
    """Measure all parts; print and keep the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="?", type=Path, default=ROOT.parent / "shared", help="folder or JSONL file")
    parser.add_argument("--megabytes", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args(arguments)
    simplified = texts(chosen.source, chosen.megabytes)
    traditional = [damage(text, seed=number) for number, text in enumerate(simplified)]
    results = {
        "conversion": conversion(traditional, simplified, chosen.rounds),
        "words": segmentation(simplified, chosen.rounds),
        "stages, simplified text": stages(simplified),
        "stages, traditional text with readings": stages(traditional),
    }
    for title, rates in results.items():
        show(title, rates.items())
    print(f"\nwritten to {record.save('parts', {'megabytes_per_second': results}).relative_to(ROOT)}")


if __name__ == "__main__":
    main()
