"""What must hold for any bytes and any text; the fuzzer and the tests ask the same.

A target takes bytes and returns nothing; what it raises is a finding.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from math import isfinite
from pathlib import Path

from pipeline import rows
from pipeline.model import Article, Reject
from pipeline.offsets import OffsetMap
from pipeline.stages import read as reading
from pipeline.stages import run_stages
from pipeline.stages.extract import measured
from pipeline.stages.read import Limits, plan, read
from pipeline.stages.repair import Mended, mend, replay

__all__ = ["FORMS", "REASONS", "TARGETS", "items_hold", "measured_holds", "mended_holds", "walk_holds"]

#: what the first byte of an input for the readers chooses
FORMS = (
    *("x.txt", "x.html", "x.jsonl", "x.json", "x.csv", "x.tsv", "x.xlsx", "x.parquet", "x.zip", "x.tar"),
    *("x.txt.gz", "x.jsonl.zst", "x.tar.gz", "x.csv.gz", "x.json.gz", "x.tar.zst", "x.zip.gz", "x.xlsx.gz"),
)

#: the reasons of rejects that the documentation of the readers lists
REASONS = frozenset(
    line.split()[0]
    for line in (reading.__doc__ or "").partition("Reasons of rejects:")[2].splitlines()
    if line and not line.startswith("=")
)

#: small enough for the fuzzer to meet each of them
_LIMITS = Limits(record=20_000, page=10_000, held=100_000, ratio=50, free=200_000, depth=2)


def items_hold(items: Iterable[Article | Reject]) -> None:
    """What must hold for what the readers give."""
    items = list(items)
    assert items, "a file has vanished"
    for item in items:
        if isinstance(item, Reject):
            assert item.reason in REASONS, item
            assert item.detail and item.file
            item.detail.encode()
            item.file.encode()
        else:
            assert item.raw_text and not item.raw_text.isspace()
            for text in (item.article_id, item.raw_text, item.title, item.outlet, item.author, item.url):
                (text or "").encode()
            assert item.article_id


def mended_holds(raw: str) -> Mended:
    """Repair any text: it can be replayed, and every character that was kept is found at its place."""
    mended = mend(raw)
    assert replay(raw, mended.repairs) == mended.text
    at = raw_at = 0
    for change in mended.offsets.changes:
        assert at <= change.start <= change.end <= len(mended.text)
        assert raw_at <= change.raw_start <= change.raw_end <= len(raw)
        assert mended.text[at : change.start] == raw[raw_at : change.raw_start]
        at, raw_at = change.end, change.raw_end
    assert mended.text[at:] == raw[raw_at:]
    _maps_back(mended.offsets, mended.text, raw)
    return mended


def _maps_back(offsets: OffsetMap, text: str, raw: str) -> None:
    """Every character maps to a span of the raw text, in order, and the whole to what the parts map to."""
    last = 0
    for at in range(len(text)):
        start, end = offsets.raw_span(at, at + 1)
        assert last <= end and 0 <= start <= end <= len(raw)
        last = end
    if text:
        assert offsets.raw_span(0, len(text)) == (offsets.raw_span(0, 1)[0], last)


def measured_holds(text: str) -> None:
    """Read the quantities of any text: in order, apart, inside it, and with values that are numbers."""
    end = 0
    for found in measured(text):
        assert end <= found.start < found.end <= len(text)
        assert isfinite(found.value)
        assert found.value_max is None or (isfinite(found.value_max) and found.value_max > found.value), found
        assert (found.bound == "range") == (found.value_max is not None), found
        end = found.end


def walk_holds(text: str) -> Article:
    """Walk any text through all stages, with what must hold for the rows that come out."""
    done = run_stages(Article("a", text))
    spans = [done.offsets.raw_span(q.start, q.end) for q in done.quantities]
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    starts = [q.start for q in done.quantities]
    assert starts == sorted(starts)
    assert all(0 <= s.start < s.end <= len(done.text) for s in done.sentences)
    figures = rows.figure_rows(done)
    assert len(figures) == len(done.quantities) == len(done.attributions) == len(done.locations) == len(done.metrics)
    assert all(text[f.start : f.end] == f.quote for f in figures)
    assert len({f.figure_id for f in figures}) == len(figures)
    assert all(isfinite(f.value) for f in figures), "a value that is no number"
    assert all(0 <= f.confidence <= 1 for f in figures)
    assert all(f.part_of is None or f.part_of in {g.figure_id for g in figures} for f in figures)
    rows.article_table([done])
    rows.figure_table([done])
    return done


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="fuzz-"))


def _read(data: bytes) -> None:
    if not data:
        return
    file = _folder() / FORMS[data[0] % len(FORMS)]
    file.write_bytes(data[1:])
    try:
        items_hold(item for shard in plan(_folder()) for item in read(shard, limits=_LIMITS))
    finally:
        file.unlink()


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


TARGETS: dict[str, Callable[[bytes], object]] = {
    "read": _read,
    "repair": lambda data: mended_holds(_text(data)),
    "extract": lambda data: measured_holds(_text(data)),
    "pipeline": lambda data: walk_holds(_text(data)),
}
