"""How right peers and zhanbao are on the sentences of marked reports: numbers, and the divisions of figures.

All read the sentences as zhanbao repaired, simplified and cut them: peers do not set out to undo damage, and offsets
are offsets of these sentences.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import import_module
from math import isclose
from typing import Any, NamedTuple

from bench.answers import Loaded, Numbers, Places, Said, Words
from bench.marked import Marked
from pipeline.lexicon import gazetteer
from pipeline.model import Article, Options
from pipeline.stages import STAGES, run_stages

Figure = dict[str, Any]
#: contender -> table column -> number; and under "figures" how many there are
Table = dict[str, dict[str, float]]

OURS = "zhanbao"


class Mark(NamedTuple):
    """A marked figure in its sentence."""

    figure: Figure
    start: int
    end: int

    def overlaps(self, start: int, end: int) -> bool:
        """Whether a stretch of the sentence has a character in common with the figure."""
        return start < self.end and self.start < end


@dataclass
class Line:
    """A sentence of a marked report, with its figures; and what zhanbao made of it in its report."""

    text: str
    report: Marked
    marks: list[Mark] = field(default_factory=list)
    #: the code that zhanbao gave each of the marks when it read the whole report
    in_report: list[str | None] = field(default_factory=list)


def lines(report: Marked) -> list[Line]:
    """The sentences of a marked report as zhanbao repaired, simplified and cut it."""
    article = run_stages(report.article)
    starts = [sentence.start for sentence in article.sentences]
    found = [Line(article.text[s.start : s.end], report) for s in article.sentences]
    for figure in report.figures:
        start, end = article.offsets.text_span(figure["start"], figure["end"])
        index = max(0, bisect_right(starts, start) - 1)
        mark = Mark(figure, start - starts[index], end - starts[index])
        found[index].marks.append(mark)
        found[index].in_report.append(_region_at(article, start, end))
    return found


def _region_at(article: Article, start: int, end: int) -> str | None:
    for quantity, location in zip(article.quantities, article.locations, strict=True):
        if quantity.start < end and start < quantity.end:
            return location.region
    return None


DIGITS, MIXED, CHINESE, SHARES, VAGUE = WAYS = (
    "digits: 1348, 71.6",
    "with 万, 亿: 2.3万",
    "Chinese: 两千三百",
    "shares: 三成, 百分之七十",
    "vague: 数十, 几万",
)
#: Figures that a reader marked as background only; in general news many are the 两 of 两国.
BACKGROUND = "background"
_FOLD = str.maketrans("０１２３４５６７８９．，％", "0123456789.,%")
_MIXED = re.compile(r"\d[\d,.]*[十百千万亿]")
_NUMERALS = "0-9〇零一二三四五六七八九十百千万亿两半几数廿卅"
_WORD = re.compile(rf"(?:[百千万]分之)?[{_NUMERALS}]+(?:[.,点][{_NUMERALS}]+)*(?:分之[{_NUMERALS}]+|成[{_NUMERALS}]?)?")
#: What stands behind a number of a date.
_DATE = frozenset("年月日号时点分")


def writing(figure: Figure) -> str:
    """How the number of a marked figure is written, one of the five ways above; or that it is background.

    >>> figure = {"quote": "２.3万人", "unit": "人", "bound": "exact", "role": "result"}
    >>> writing(figure), writing(figure | {"quote": "三成", "unit": "%"})
    ('with 万, 亿: 2.3万', 'shares: 三成, 百分之七十')
    """
    if figure["role"] == "context":
        return BACKGROUND
    quote = figure["quote"].translate(_FOLD)
    if figure["bound"] == "vague":
        return VAGUE
    if figure["unit"] == "%" and "%" not in quote:
        return SHARES
    if _MIXED.search(quote):
        return MIXED
    return DIGITS if re.search(r"\d", quote) else CHINESE


def number_word(quote: str) -> str:
    """The number of a marked figure without measure word and 余; of a range the lower end.

    >>> [number_word(q) for q in ("2.3万余场次", "百分之七十", "3至5个", "三分之一")]
    ['2.3万', '百分之七十', '3', '三分之一']
    """
    found = _WORD.search(quote.translate(_FOLD))
    return found.group() if found else quote


def agrees(value: float | None, figure: Figure) -> bool:
    """Whether a value is the marked one; a share may be said as a fraction, 0.5 for 一半."""
    if value is None:
        return False
    said = (value, value * 100) if figure["unit"] == "%" else (value,)
    return any(isclose(one, figure["value"], rel_tol=1e-4) for one in said)


def counted(figure: Figure) -> bool:
    """Whether a figure counts: undecidable ones are left out, as everywhere."""
    return "|" not in figure["role"]


def numbers(found: Sequence[Line], peers: dict[str, Loaded]) -> tuple[dict[str, Table], Table]:
    """By way of writing, the share of marked figures whose value is found; and what is found that is no figure."""
    finders: dict[str, Callable[[str], Sequence[Said]]] = {OURS: _our_numbers}
    finders |= {name: loaded.peer.find for name, loaded in peers.items() if isinstance(loaded.peer, Numbers)}
    right: defaultdict[str, Counter[str]] = defaultdict(Counter)
    extra: Table = {}
    total = Counter(writing(m.figure) for line in found for m in line.marks if counted(m.figure))
    for name, find in finders.items():
        spare = Counter[str]()
        for line in found:
            said = find(line.text)
            right[name].update(_found(line, said))
            spare.update(_spare(line, said))
        extra[name] = {kind: round(1000 * spare[kind] / len(found), 1) for kind in ("dates", "others")}
    for name, loaded in peers.items():
        if isinstance(loaded.peer, Words):
            right[name].update(_converted(found, loaded.peer))
    columns = {way: (way,) for way in WAYS} | {"all these": WAYS, BACKGROUND: (BACKGROUND,)}
    return {title: _shares(ways, right, total) for title, ways in columns.items() if _sum(ways, total)}, extra


def _sum(ways: Iterable[str], counts: Counter[str]) -> int:
    return sum(counts[way] for way in ways)


def _shares(ways: Sequence[str], right: dict[str, Counter[str]], total: Counter[str]) -> Table:
    of = _sum(ways, total)
    table: Table = {"figures": {"n": of}}
    table.update({name: {"share": round(_sum(ways, counts) / of, 4)} for name, counts in right.items()})
    return table


def _our_numbers(sentence: str) -> list[Said]:
    return [Said(q.start, q.end, q.value) for q in read_to(sentence, "extract").quantities]


def read_to(text: str, last: str) -> Article:
    """A text walked through the stages as far as one of them, which is all that such a part of the job needs."""
    article = Article("", text)
    for stage in STAGES:
        article = getattr(import_module(f"pipeline.stages.{stage.name}"), stage.name)(article, Options())
        if stage.name == last:
            break
    return article


def _found(line: Line, said: Sequence[Said]) -> Iterator[str]:
    """The ways of writing of the figures whose value was said at their place."""
    for mark in line.marks:
        here = (s.value for s in said if mark.overlaps(s.start, s.end))
        if counted(mark.figure) and any(agrees(value, mark.figure) for value in here):
            yield writing(mark.figure)


def _spare(line: Line, said: Sequence[Said]) -> Iterator[str]:
    """For each number found where no figure is marked, whether it looks like one of a date."""
    end = 0
    for one in sorted(said):
        if one.start >= end and not any(mark.overlaps(one.start, one.end) for mark in line.marks):
            yield "dates" if line.text[one.end : one.end + 1] in _DATE else "others"
        end = max(end, one.end)


def _converted(found: Iterable[Line], words: Words) -> Iterator[str]:
    for line in found:
        for mark in line.marks:
            word = number_word(line.text[mark.start : mark.end])
            if counted(mark.figure) and agrees(words.convert(word), mark.figure):
                yield writing(mark.figure)


class Asked(NamedTuple):
    """A figure whose division is looked for, the units that are right, and whether the sentence names one."""

    line: Line
    mark: Mark
    units: frozenset[str]
    named: bool
    #: the code that zhanbao gave it in its report
    in_report: str | None


def asked(found: Iterable[Line]) -> Iterator[Asked]:
    """The figures that apply to a county, prefecture or province."""
    for line in found:
        published = line.report.article.published
        for mark, ours in zip(line.marks, line.in_report, strict=True):
            divisions = [gazetteer.at(c, published and published.year) for c in mark.figure["region"].split("|")]
            below = [d for d in divisions if d and d.code != gazetteer.COUNTRY]
            if counted(mark.figure) and below and len(below) == len(divisions):
                named = any(d.name in line.text or d.short in line.text for d in below)
                yield Asked(line, mark, frozenset(d.lineage for d in below), named, ours)


def same_unit(code: str | None, units: frozenset[str]) -> bool:
    """Whether a code, of any year, is that of one of the units."""
    division = gazetteer.at(code) if code else None
    return division is not None and division.lineage in units


class Reply(NamedTuple):
    """What a contender says of a figure's division: one code, and for a peer all codes of the sentence."""

    one: str | None
    every: Sequence[str] = ()


def places(found: Sequence[Line], peers: dict[str, Loaded]) -> dict[str, Table]:
    """Shares of the figures whose division is right, wrong or not said; where the sentence names it, and elsewhere."""
    questions = list(asked(found))
    replies = {
        f"{OURS}, whole report": [Reply(q.in_report) for q in questions],
        f"{OURS}, sentence alone": [Reply(_our_region(q)) for q in questions],
    }
    replies |= {n: _replies(questions, p.peer) for n, p in peers.items() if isinstance(p.peer, Places)}
    groups = {
        "named in its sentence": [i for i, q in enumerate(questions) if q.named],
        "not named there": [i for i, q in enumerate(questions) if not q.named],
        "all": list(range(len(questions))),
    }
    tables: dict[str, Table] = {}
    for group, chosen in groups.items():
        tables[group] = {"figures": {"n": len(chosen)}}
        for name, said in replies.items():
            tables[group][name] = _judged([(questions[i], said[i]) for i in chosen])
    return tables


def _replies(questions: Sequence[Asked], peer: Places) -> list[Reply]:
    sentences = sorted({q.line.text for q in questions})
    one = dict(zip(sentences, peer.one(sentences), strict=True))
    every = {sentence: peer.every(sentence) for sentence in sentences}
    return [Reply(one[q.line.text], every[q.line.text]) for q in questions]


def _our_region(question: Asked) -> str | None:
    article = _alone(question.line.text, question.line.report.article.published)
    return _region_at(article, question.mark.start, question.mark.end)


@cache
def _alone(sentence: str, published: date | None) -> Article:
    return run_stages(Article("", sentence, published=published))


def _judged(answers: Sequence[tuple[Asked, Reply]]) -> dict[str, float]:
    """Shares of right, wrong and no answers; ``among``: the right one is among all the places of the sentence."""
    counts = Counter[str]()
    for question, reply in answers:
        right = same_unit(reply.one, question.units)
        counts["right" if right else "wrong" if reply.one else "silent"] += 1
        counts["among"] += right or any(same_unit(code, question.units) for code in reply.every)
    return {name: round(counts[name] / len(answers), 4) for name in ("right", "wrong", "silent", "among") if answers}
