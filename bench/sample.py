"""What is measured: a dump of news items of a given size, plain or as damaged pages carry it."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, count, cycle, islice, zip_longest
from pathlib import Path

ROOT = Path(__file__).parent.parent
#: one character in so many carries its reading behind it
READINGS_EVERY = 30

_SENTENCE = re.compile(r"[^。\n]+[。\n]*")
#: Items among which sentences are dealt anew.
_NEIGHBOURS = 500


def write_dump(file: Path, source: Path, megabytes: float, damaged: bool) -> float:
    """Write a JSONL dump of about that size and return the size of its texts in MB of UTF-8."""
    size = 0
    with file.open("w", encoding="utf-8") as out:
        for number, item in enumerate(endless(source)):
            text = damage(item["text"], seed=number) if damaged else item["text"]
            out.write(json.dumps({**item, "id": str(number), "text": text}, ensure_ascii=False) + "\n")
            size += len(text.encode())
            if size >= megabytes * 1e6:
                break
    return size / 1e6


def records(source: Path) -> Iterator[dict[str, str]]:
    """News items in turn from all JSONL files of a folder, or, for want of these, from ``data/raw`` over and over."""
    files = [source] if source.is_file() else sorted(source.glob("**/xwlb-*.jsonl.gz"))
    if not files:
        yield from cycle(list(_demonstration()))
    for together in zip_longest(*map(_lines, files)):
        yield from filter(None, together)


def endless(source: Path) -> Iterator[dict[str, str]]:
    """The news items; and when they are used up, new ones of their sentences, as often as wanted."""
    yield from records(source)
    for seed in count():
        yield from redealt(records(source), seed)


def redealt(items: Iterator[dict[str, str]], seed: int) -> Iterator[dict[str, str]]:
    """Items whose sentences were dealt anew among their neighbours: of the same sizes, and no reprints of any."""
    draw = random.Random(seed)
    while block := list(islice(items, _NEIGHBOURS)):
        sentences = [_SENTENCE.findall(item["text"]) for item in block]
        deck = list(chain.from_iterable(sentences))
        draw.shuffle(deck)
        cards = iter(deck)
        for item, own in zip(block, sentences, strict=True):
            yield {**item, "text": "".join(islice(cards, len(own)))}


def damage(text: str, seed: int) -> str:
    """As converted pages have it: traditional characters, a reading in brackets after some of them."""
    from pypinyin import Style, lazy_pinyin

    chosen = random.Random(seed)
    out = []
    for character in text.translate(_to_traditional()):
        out.append(character)
        if "\u4e00" <= character <= "\u9fff" and chosen.randrange(READINGS_EVERY) == 0:
            out.append(f"({lazy_pinyin(character, style=Style.TONE)[0]})")
    return "".join(out)


@cache
def _to_traditional() -> dict[int, str]:
    import opencc

    lines = (Path(opencc.__file__).parent / "dictionary" / "STCharacters.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in lines.splitlines())
    return {ord(simplified): traditional.split(" ")[0] for simplified, traditional in pairs}


def _lines(file: Path) -> Iterator[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _demonstration() -> Iterable[dict[str, str]]:
    from pipeline.model import Article
    from pipeline.stages.read import read, shards

    for item in chain.from_iterable(map(read, shards(ROOT / "data" / "raw"))):
        if isinstance(item, Article):
            yield {"title": item.title or "", "date": str(item.published or ""), "text": item.raw_text}
