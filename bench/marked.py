"""Marked reports, with their texts: those beside the checkout, and our own in ``bench/gold``.

``bench/gold/tv-*.jsonl`` marks items of the news corpus by id and offset, without their text; the text is read
from the corpus. ``bench/gold/made-*.jsonl`` marks the reports of ``bench/gold/made``, which were written for this
project: places are real, people and figures invented, and none of it may be shown as fact.

``bench/gold/read-*.tsv`` marks figures that the product had found: a reader judged role, metric and whole of each
unseen, and saw what the product had read of quantity, region, action and object, to correct it. They are many, to
learn from; what a reader lets pass makes them milder than sets marked from the bare text.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from pipeline.model import Article

GOLD = Path(__file__).parent / "gold"

#: Sets that are only reported on, never trained on.
REPORT = frozenset(
    {
        "tv-15",
        "made-e",
        "read-made-s",
        "read-made-y",
        "read-made-at",
        "read-made-av",
        "read-made-bb",
        "read-made-bc",
        "read-made-bd",
        "read-made-be",
        "read-tv-g",
        "read-tv-h",
        "read-tv-i",
        "read-tv-z",
    }
)

#: The sets whose texts are items of the news corpus.
_OF_CORPUS = ("tv-*.jsonl", "read-tv-*.tsv")


@dataclass(frozen=True)
class Marked:
    """One report with the figures that a reader marked in it."""

    set: str
    article: Article
    figures: list[dict[str, Any]]


def sets(shared: Path) -> dict[str, Path]:
    """All gold files by the name of their set."""
    found = {path.stem: path for path in sorted((shared / "gold").glob("*.jsonl"))}
    return found | {path.stem: path for path in [*sorted(GOLD.glob("*.jsonl")), *sorted(GOLD.glob("*.tsv"))]}


def marked(shared: Path, names: frozenset[str] | None = None) -> Iterator[Marked]:
    """All marked reports of the sets named, or of every set that is not kept for reporting.

    Raises:
        LookupError: the text of a marked report is nowhere, or a mark does not stand where it says.
    """
    texts = _texts(shared)
    for name, path in sets(shared).items():
        if name in REPORT if names is None else name not in names:
            continue
        for record in _records(path):
            yield _checked(name, record, texts)


def _records(path: Path) -> Iterator[dict[str, Any]]:
    """The marked reports of a file: ``article_id`` and ``figures``."""
    with path.open(encoding="utf-8", newline="") as lines:
        if path.suffix == ".jsonl":
            yield from map(json.loads, lines)
            return
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        for article, figures in groupby(rows, key=itemgetter("article_id")):
            yield {"article_id": article, "figures": [_figure(row) for row in figures]}


def _figure(row: dict[str, str]) -> dict[str, Any]:
    """A line of a table of marks as a figure of a gold file."""
    numbers = {
        "start": int(row["start"]),
        "end": int(row["end"]),
        "value": float(row["value"]),
        "value_max": float(row["value_max"]) if row["value_max"] else None,
        "part_of": int(row["part_of"]) if row["part_of"] else None,
    }
    return row | numbers


def _checked(name: str, record: dict[str, Any], texts: dict[str, tuple[str, str | None, str]]) -> Marked:
    identity = record["article_id"]
    if identity not in texts:
        raise LookupError(f"{name}: there is no text for {identity}")
    text, title, day = texts[identity]
    for figure in record["figures"]:
        # tables of marks leave out the blanks and line ends of a quote
        if "".join(text[figure["start"] : figure["end"]].split()) != "".join(figure["quote"].split()):
            raise LookupError(f"{name}: {identity} has no {figure['quote']} at {figure['start']}")
    published = date.fromisoformat(day) if day else None
    return Marked(name, Article(identity, text, title=title, published=published), record["figures"])


def _texts(shared: Path) -> dict[str, tuple[str, str | None, str]]:
    """Text, title and date of every report, by id."""
    texts: dict[str, tuple[str, str | None, str]] = {}
    for path in [*(shared / "articles").glob("*.txt"), *(GOLD / "made").glob("*.txt")]:
        texts[path.stem] = (path.read_bytes().decode("utf-8"), None, "")
    for path in (shared / "articles").glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            _add(texts, json.loads(line))
    wanted = {
        record["article_id"] for pattern in _OF_CORPUS for path in GOLD.glob(pattern) for record in _records(path)
    }
    for path in sorted((shared / "corpus").glob("xwlb-*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                if line[8:60].split('"')[0] in wanted or '"id"' not in line[:8]:
                    _add(texts, json.loads(line))
    return texts


def _add(texts: dict[str, tuple[str, str | None, str]], record: dict[str, Any]) -> None:
    texts[str(record["id"])] = (record["text"], record.get("title"), record.get("date") or "")
