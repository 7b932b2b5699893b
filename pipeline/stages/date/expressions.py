"""Every time that a text names, found in one pass with one pattern.

The pattern is composed of named parts: a moment (``moments.moment_pattern``), a range of two, a span of years
or months, a named period, with what stands before (截至, 自, 比) and behind (以来, 前, 同期). What an
expression is good for is its ``kind``; which figures it governs is decided in :mod:`pipeline.stages.date.scope`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

import regex

from pipeline import lexicon
from pipeline.model import Span
from pipeline.stages.date.moments import (
    NUMERAL,
    YEAR,
    Moment,
    Stretch,
    lay,
    moment_pattern,
    read,
    shift_months,
    words_of,
)
from pipeline.stages.extract.numerals import value

__all__ = ["TimeExpression", "find"]


class TimeExpression(NamedTuple):
    """A time that the text names, at its offsets, with first and last day where they are known.

    ``kind`` is one of

    - ``as_of``: the state or running total at the end of a day (截至10月底, 目前)
    - ``since``: from a day until publication (7月27日以来, 今年以来)
    - ``event``: since an event that is not a date (活动开展以来, 督察组进驻后)
    - ``period``: a stretch of time (1至6月, 去年, 第一季度)
    - ``day``: a single day (12月3日, 昨天)
    - ``deadline``: by when something is to be (年底前)
    - ``base``: what is compared with (比去年同期, 较上年)
    - ``same``: the same stretch of an earlier year as a time of its own (去年同期为20起), with the days of that year
    - ``vague``: 近日, 近年来
    """

    start: int
    end: int
    kind: str
    stretch: Stretch


_UNNAME = regex.compile(r"\(\?P<\w+>")

#: What stands before a moment and makes something else of it; read backwards from where the moment begins.
_LEAD = regex.compile(
    r"""(?r)
    (?: (?P<base> (?<! [相对类] ) (?: 比 | 较 | 与 | 同 | 跟 | 和 ) 上? )
      | (?P<until> 截 [至止] 到? | 到 | 至 )
      | (?P<from> 自 从? | 从 | 由 | 于 )
    ) \s* \Z
    """,
    regex.VERBOSE,
)


@cache
def _pattern() -> regex.Pattern[str]:
    moment = _UNNAME.sub("(?:", moment_pattern())
    names = sorted((r["name"] for r in lexicon.table("period_names")), key=lambda n: (-len(n), n))
    to = r"\s* (?: 至 | 到 | [-—－–~～]{1,2} ) \s*"
    return regex.compile(
        rf"""
        (?: (?P<bare> (?: {YEAR}年 | {words_of("year", "same_year")} ) 的? {NUMERAL} )   # 今年1至6月
              {to} (?P<last> {moment} )
          | (?P<one> {moment} ) (?: {to} (?P<last> {moment} ) )?+
          | (?<! [0-9０-９.第] ) (?P<bare> {NUMERAL} | {YEAR} ) {to} (?P<last> {moment} )   # 1至6月, 2019—2021年
        )
        (?: (?P<since> [^，。；：、！？!?,;:（）()“”\d\n的]{{0,10}} 以来 | 起 (?! [来点步草诉色] ) )
          | (?P<before> 之?前 (?! [三两个\d] ) | 以前 )
          | (?P<same> 的? 同期 )
        )?+
      | (?: 近 | 过去 | 最近 ) 的? (?P<ago> {NUMERAL} ) (?P<unit> 年 | 个月 ) 多? (?: 以来 | 来 | 间 | 时间 )?
      | (?P<ago> {NUMERAL} ) [多余]? (?P<unit> 年 | 个月 | 个多月 ) 多? 来
      | (?P<now> (?: {words_of("now")} ) (?! [年天日] ) )
      | (?P<vague> {words_of("vague")} )
      | (?P<named> {"|".join(map(regex.escape, names))} ) [”"]?
          (?: 召开 | 胜利召开 | 出台 | 实施 | 发生 )? (?P<after> 以来 | 期间 | 时期 )
      | (?P<event> {words_of("event")} )
        """,
        regex.VERBOSE,
    )


#: A number before a sign (年, 月, 日, 季度), with the first number of a range and what opens a span; read backwards.
_NUMBER = regex.compile(
    r"""(?r)
    (?: (?: 近 | 过去 | 最近 ) 的? | 前 | 第 )?
    (?: [0-9０-９一二两三四五六七八九十〇○零]{1,4} \s* (?: 至 | 到 | [-—－–~～]{1,2} ) \s* )?
    [0-9０-９一二两三四五六七八九十〇○零]{1,4} [多余]?
    """,
    regex.VERBOSE,
)


class _Signs(NamedTuple):
    """Finds the words that times are known by, a hundred times faster than the pattern finds times."""

    find: Callable[[str], list[tuple[int, int, int]]]
    #: whether a word, by its number, needs a number before it (True), may have one (None), or has none (False)
    numbered: tuple[bool | None, ...]


@cache
def _planned() -> regex.Pattern[str]:
    """Words beside a time that tell of a plan: 四季度计划, 力争全年."""
    return regex.compile(f"(?:{words_of('plan')})(?!近)")


@cache
def _signs() -> _Signs:
    from daachorse import MATCH_KIND_LEFTMOST_LONGEST, CharwiseDoubleArrayAhoCorasick

    needs: dict[str, bool | None] = {r["name"]: False for r in lexicon.table("period_names")}
    for row in lexicon.table("period_words"):
        if row["kind"] == "plan":
            continue
        needs[row["word"]] = {"sign": True, "turn": None}.get(row["kind"], False)
    return _Signs(CharwiseDoubleArrayAhoCorasick(list(needs), MATCH_KIND_LEFTMOST_LONGEST).find, tuple(needs.values()))


def find(text: str, spans: Iterable[Span], published: date | None) -> Iterator[list[TimeExpression]]:
    """Find the times in each span of the text, in their order; the spans are sentences, in text order.

    A moment without a year that follows a dated one in the sentence is not laid before it.

    >>> text = "今年1至6月立案5件，截至10月底办结3件"
    >>> (times,) = find(text, [Span(0, len(text))], date(2024, 11, 2))
    >>> for t in times:
    ...     print(text[t.start:t.end], t.kind, t.stretch.first, t.stretch.last)
    今年1至6月 period 2024-01-01 2024-06-30
    截至10月底 as_of None 2024-10-31
    """
    signs = _signs()
    hits = signs.find(text)
    at = 0
    for start, end in spans:
        while at < len(hits) and hits[at][0] < start:
            at += 1
        first = at
        while at < len(hits) and hits[at][0] < end:
            at += 1
        yield list(_times(text, start, end, hits[first:at], signs.numbered, published))


def _times(
    text: str,
    start: int,
    end: int,
    hits: list[tuple[int, int, int]],
    numbered: tuple[bool | None, ...],
    published: date | None,
) -> Iterator[TimeExpression]:
    """The times of one sentence, tried where a sign stands."""
    pattern = _pattern()
    before: date | None = None
    read_to = start
    for begin, _, word in hits:
        if begin < read_to:
            continue
        number = None if numbered[word] is False else _NUMBER.match(text, read_to, begin)
        if number is None and numbered[word]:
            continue
        match = pattern.match(text, number.start() if number else begin, end)
        if match is None:
            continue
        first, read_to = match.span()
        lead = _LEAD.search(text, start, first)
        planned = _planned().search(text, max(start, first - 4), read_to + 4) is not None
        of_noun = text.startswith("的", read_to)
        found = _reading(match[0], lead[0] if lead else "", of_noun, planned, published, before)
        if found is None:
            continue
        yield TimeExpression(lead.start() if lead and found.with_lead else first, read_to, found.kind, found.stretch)
        if found.dated:
            before = found.stretch.first or found.stretch.last or before


class _Reading(NamedTuple):
    """What the words of a time say; the offsets are added by the caller."""

    kind: str
    stretch: Stretch
    #: the word before (截至, 比) is part of it
    with_lead: bool = False
    #: a later moment of the sentence is not laid before it
    dated: bool = False


@lru_cache(16384)
def _reading(
    words: str, lead: str, of_noun: bool, planned: bool, published: date | None, before: date | None
) -> _Reading | None:
    """Read the words of a time, which recur in every report, with the word before and what follows."""
    match = _pattern().fullmatch(words)
    if match is None:
        return None
    if match["now"]:
        return _Reading("as_of", Stretch(None, published))
    if match["vague"]:
        return _Reading("vague", Stretch(None, None))
    if match["event"]:
        return _Reading("event", Stretch(None, published))
    if match["named"]:
        return _named(match, published)
    if match["ago"]:
        return _span(match, published)
    return _dated(match, lead.strip(), of_noun, planned, published, before)


def _named(match: regex.Match[str], published: date | None) -> _Reading:
    row = lexicon.row("period_names", match["named"])
    assert row is not None  # the pattern is made of the rows
    first, last = date.fromisoformat(row["start"]), date.fromisoformat(row["end"])
    if match["after"] == "以来":
        return _Reading("since", Stretch(first, published))
    return _Reading("period", Stretch(first, last))


def _span(match: regex.Match[str], published: date | None) -> _Reading:
    """近五年, 三年来, 两个月来: so long up to publication."""
    length = int(value(match["ago"]) or 0) * (12 if match["unit"] == "年" else 1)
    first = shift_months(published, -length) + timedelta(days=1) if published else None
    return _Reading("since", Stretch(first, published))


def _dated(
    match: regex.Match[str], lead: str, of_noun: bool, planned: bool, published: date | None, before: date | None
) -> _Reading | None:
    """A moment or a range of two, as what its surroundings make of it."""
    sense = _LEAD.fullmatch(lead)
    until = bool(sense and sense["until"])
    # 9月底前 and 到10月底 may lie ahead, 截至10月底 cannot
    ahead = bool(match["before"]) or planned or (until and not lead.startswith("截"))
    stretch = _stretch(match, published, before, ahead=ahead)
    if stretch is None:
        return None
    # 由去年的1.32元提高到1.35元 names the time of the level that something rose or fell from
    level_before = of_noun and lead in ("由", "从")
    if match["same"] and not lead and not of_noun:
        return _Reading("same", stretch)
    if match["same"] or level_before or (sense and sense["base"]):
        return _Reading("base", stretch, with_lead=True)
    if match["since"] and (match["since"] != "起" or (sense and sense["from"])):
        first = None if _begins_within(match) else stretch.first
        return _Reading("since", Stretch(first, published), with_lead=True, dated=True)
    if match["before"]:
        return _Reading("deadline", Stretch(None, stretch.last), with_lead=True)
    if until:
        late = published and stretch.last and stretch.last > published + _SOON
        kind = "deadline" if late else "as_of"
        return _Reading(kind, Stretch(None, stretch.last), with_lead=True, dated=not late)
    one_day = stretch.first is not None and stretch.first == stretch.last and "底" not in match[0]
    return _Reading("day" if one_day else "period", stretch, dated=True)


#: 截至10月底 may stand in a report of some days before.
_SOON = timedelta(days=15)
_NOT_LONG = timedelta(days=120)


def _stretch(match: regex.Match[str], published: date | None, before: date | None, *, ahead: bool) -> Stretch | None:
    if not match["last"]:
        moment = read(match["one"])
        return None if moment is None else lay(moment, published, before, ahead=ahead)
    last = read(match["last"])
    first = _first_of_range(match["one"] or match["bare"], last) if last else None
    if first is None or last is None:
        return None
    return _lay_range(first, last, published, before)


def _first_of_range(words: str, last: Moment) -> Moment | None:
    """The first moment of a range; a bare number takes its unit from the last: 1至6月, 2019—2021年, 20日至25日."""
    if (moment := read(words)) is not None:
        return moment
    unit = {"year": "年", "day": "日" if not last.months[0] else "月"}.get(last.unit, "月")
    return read(words + unit)


def _lay_range(first: Moment, last: Moment, published: date | None, before: date | None) -> Stretch:
    """Lay both ends; an end without a year, or month, takes it from the other."""
    if first.dated or not last.months[0]:
        return _from(first, last, published, before)
    if last.dated or published is None or before is not None:
        end = lay(last, published, before).last
        return Stretch(lay(first, end or published).first, end)
    now = _from(first._replace(year=published.year), last, published, before)
    if now.first and now.last and (now.last <= published + _SOON or _is_running(first, now, published)):
        return now
    return _from(first._replace(year=published.year - 1), last, published, before)


def _from(first: Moment, last: Moment, published: date | None, before: date | None) -> Stretch:
    """The range from its first moment on; the last is the next such moment after it."""
    begin = lay(first, published, before).first
    end = lay(last, None, begin).last if begin else None
    if begin and end and end < begin:
        end = lay(last._replace(year=begin.year + 1), None).last
    return Stretch(begin, end)


def _is_running(first: Moment, stretch: Stretch, published: date) -> bool:
    """Whether a range that is not over began not long ago: 5月21日到9月30日 in a report of May."""
    return bool(first.months[0] > 1 and stretch.first and stretch.first <= published < stretch.first + _NOT_LONG)


def _begins_within(match: regex.Match[str]) -> bool:
    """今年春季学期以来 began within the year but not with it, while 4月铺开以来 began in April."""
    moment = read(match["one"]) if match["one"] else None
    return moment is not None and moment.unit == "year" and match["since"] not in ("以来", "起")


for _cached in (_pattern, _planned, _signs, _reading):
    lexicon.on_change(_cached)
