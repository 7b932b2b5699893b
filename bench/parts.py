"""Rates of the parts, one core: conversion, words, every stage.

python -m bench.parts [SOURCE] [--megabytes 2] [--rounds 3]
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

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
    """Megabytes of UTF-8 a second, the median of the rounds."""
    work(sample[0])
    seconds = []
    for _ in range(rounds):
        begin = perf_counter()
        for text in sample:
            work(text)
        seconds.append(perf_counter() - begin)
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
    """Every stage on its own, on what the stages before it made."""
    from pipeline.model import Article
    from pipeline.stages import run_stages, warm_up

    warm_up()
    seconds: dict[str, float] = defaultdict(float)
    for number, text in enumerate(sample):
        run_stages(Article(str(number), text), seconds=seconds)
    size = sum(len(text.encode()) for text in sample) / 1e6
    rates = {stage: round(size / spent, 2) for stage, spent in seconds.items()}
    return {**rates, "all stages": round(size / sum(seconds.values()), 2)}


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
