"""Times as reports write them (10月底, 2023年第一季度, 上半年, 去年), read and laid onto the calendar.

A :class:`Moment` is what the words alone say; :func:`lay` puts it onto the calendar with the help of the day
of publication and of the time that the text named before. What these do not settle stays open.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

import regex

from pipeline import lexicon
from pipeline.stages.extract.numerals import value

__all__ = ["NUMERAL", "YEAR", "Moment", "Stretch", "lay", "moment_pattern", "read", "shift_months", "words_of"]

#: months, days and spans of years
NUMERAL = r"(?:[0-9０-９]{1,2}|[一二两三四五六七八九十]{1,3})"
YEAR = r"(?:[12１２][0-9０-９]{3}|[一二][〇○零一二三四五六七八九]{3})"

#: Totals are reported up to this long before their period is over: 上半年 in the last days of June.
_EARLY = timedelta(days=15)

#: A deadline (6月底前) is the coming one, unless one of the same year was over so short a time before.
_JUST_OVER = timedelta(days=120)

#: Nobody writes 2月1日 in January for a day of the year before: it is the coming one.
_LONG_AGO = timedelta(days=300)

_FIRST_YEAR, _LAST_YEAR = 1900, 2100


class Stretch(NamedTuple):
    """First and last day of a time; None where the text does not settle it."""

    first: date | None
    last: date | None


class Moment(NamedTuple):
    """What the words of one time say, before anything is known of the day of publication."""

    #: year, months (a run of months within a year, such as a quarter), month, day, or near (上周, 昨天)
    unit: str
    year: int | None = None
    #: years from that of publication (去年: -1); for near, months, weeks or days
    offset: int | None = None
    #: years from the year that the text named last (当年: 0)
    same: int | None = None
    #: first and last month
    months: tuple[int, int] = (1, 12)
    day: int = 0
    #: 初, 上旬, 中旬, 下旬, 底, or for near: month, week, day
    part: str = ""

    @property
    def dated(self) -> bool:
        """Whether the words name the year themselves."""
        return self.year is not None or self.offset is not None


def words_of(*kinds: str) -> str:
    """An alternation of the lexicon's period words of these kinds, longest first."""
    words = [r["word"] for r in lexicon.table("period_words") if r["kind"] in kinds]
    return "|".join(regex.escape(w) for w in sorted(words, key=lambda w: (-len(w), w)))


@cache
def moment_pattern() -> str:
    """The verbose pattern of one moment, with the named groups that :func:`read` understands."""
    within = rf"""(?:
        第? (?P<quarter> [一二三四1-4] ) 季度
      | 前 (?P<quarters> [二两三23] ) 个? 季度
      | (?P<half> [上下] ) 半年
      | 前 (?P<run> {NUMERAL} ) 个?月
      | (?P<month> {NUMERAL} ) 月 (?! [龄嫂饼球] ) 份?
        (?: (?P<day> {NUMERAL} ) [日号] | (?P<part> 初 | [上中下]旬 | 底 | 末 ) )?
      | (?P<turn> 年? [初底末] | 年中 | 年内 | 全年 )
    )"""
    return rf"""(?:
        (?: (?P<year> {YEAR} ) 年度? | (?P<word> {words_of("year", "same_year")} ) ) (?: 的? {within} )?
      | (?<! [0-9０-９.第] ) {within.replace("年? [初底末]", "年[初底末]")}
      | (?P<near> {words_of("month", "week", "day")} )
      | (?<! [0-9０-９.第] ) (?P<day> [0-9０-９]{{1,2}} ) 日 (?! [内均间报常游夜之产处] )
    )"""


@cache
def _moment() -> regex.Pattern[str]:
    return regex.compile(moment_pattern(), regex.VERBOSE)


@cache
def _words() -> dict[str, tuple[str, int]]:
    return {r["word"]: (r["kind"], int(r["offset"])) for r in lexicon.table("period_words")}


def _number(text: str) -> int:
    found = value(text)
    return 0 if found is None else int(found)


@lru_cache(4096)
def read(words: str) -> Moment | None:
    """Read one moment; None where the words are none, or name no month or day of the calendar.

    >>> read("2023年第一季度"), read("今年10月底")
    (Moment(unit='months', year=2023, offset=None, same=None, months=(1, 3), day=0, part=''), \
Moment(unit='month', year=None, offset=0, same=None, months=(10, 10), day=0, part='底'))
    >>> read("13月") is None
    True
    """
    match = _moment().fullmatch(words)
    if match is None:
        return None
    found = match.groupdict()
    if near := found["near"]:
        kind, offset = _words()[near]
        return Moment("near", offset=offset, part=kind)
    moment = _within(found)
    if found["year"]:
        year = _number(found["year"])
        return moment._replace(year=year) if moment and _FIRST_YEAR <= year <= _LAST_YEAR else None
    if word := found["word"]:
        kind, offset = _words()[word]
        return moment and (moment._replace(offset=offset) if kind == "year" else moment._replace(same=offset))
    return moment


def _within(found: dict[str, str | None]) -> Moment | None:
    """The part of a moment that lies within a year."""
    if quarter := found["quarter"]:
        last = _number(quarter) * 3
        return Moment("months", months=(last - 2, last))
    if quarters := found["quarters"]:
        return Moment("months", months=(1, _number(quarters) * 3))
    if half := found["half"]:
        return Moment("months", months=(1, 6) if half == "上" else (7, 12))
    if run := found["run"]:
        return Moment("months", months=(1, _number(run))) if 1 <= _number(run) <= 12 else None
    if month := found["month"]:
        return _month(_number(month), _number(found["day"] or ""), found["part"] or "")
    if turn := found["turn"]:
        return _turn(turn.removeprefix("年"))
    if day := found["day"]:
        return Moment("day", months=(0, 0), day=_number(day)) if 1 <= _number(day) <= 31 else None
    return Moment("year")


def _month(month: int, day: int, part: str) -> Moment | None:
    if not 1 <= month <= 12 or day > 31:
        return None
    return Moment("day" if day else "month", months=(month, month), day=day, part=part.replace("末", "底"))


def _turn(turn: str) -> Moment:
    """年初, 年中, 年底, 年末; 年内 and 全年 are the year itself."""
    if turn == "初":
        return Moment("month", months=(1, 1))
    if turn in ("底", "末"):
        return Moment("month", months=(12, 12), part="底")
    return Moment("month", months=(6, 6)) if turn == "中" else Moment("year")


def lay(moment: Moment, published: date | None, before: date | None = None, *, ahead: bool = False) -> Stretch:
    """Lay a moment onto the calendar.

    A moment without a year is the last one that had begun on the day of publication; after a dated moment in
    the same sentence (``before``) it is the first that does not lie before that one.

    Args:
        moment: the moment.
        published: the day of publication, if known.
        before: the first day of the moment that the text named before, if it bears on this one.
        ahead: the words speak of a deadline (9月底前): the next one, or one just over.

    >>> lay(read("10月底"), date(2019, 11, 12))
    Stretch(first=datetime.date(2019, 10, 31), last=datetime.date(2019, 10, 31))
    >>> lay(read("上半年"), date(2024, 7, 23))
    Stretch(first=datetime.date(2024, 1, 1), last=datetime.date(2024, 6, 30))
    >>> lay(read("10月底"), None)
    Stretch(first=None, last=None)
    """
    if moment.unit == "near":
        return _near(moment, published)
    if not moment.months[0]:
        return _bare_day(moment.day, published, before)
    if (year := _year(moment, published, before)) is not None:
        return _on(moment, year)
    if published is None:
        return _on(moment, before.year) if before and moment.offset is None else Stretch(None, None)
    if ahead:
        coming = _on(moment, published.year)
        return coming if not coming.last or coming.last >= published - _JUST_OVER else _on(moment, published.year + 1)
    candidates = [_on(moment, published.year), _on(moment, published.year - 1)]
    if before is not None:
        later = [s for s in (_on(moment, before.year), _on(moment, before.year + 1)) if s.last and s.last >= before]
        if later and later[0].first and later[0].first <= published:
            return later[0]
    found = next((s for s in candidates if _has_come(moment, s, published)), candidates[-1])
    if moment.unit in ("day", "month") and found.last and published - found.last > _LONG_AGO:
        return _on(moment, published.year)
    return found


def _year(moment: Moment, published: date | None, before: date | None) -> int | None:
    """The year that the words name: themselves, from that of publication, or from the year named before."""
    if moment.year is not None:
        return moment.year
    if moment.offset is not None:
        return published.year + moment.offset if published else None
    if moment.same is not None:
        return before.year + moment.same if before else None
    return None


def _has_come(moment: Moment, stretch: Stretch, published: date) -> bool:
    """Whether a time had come when the report was published; for runs from January on, whether it was over."""
    if stretch.first is None or stretch.last is None:
        return False
    if moment.unit == "months" and moment.months[0] == 1 and published.month not in range(4, 7):
        return stretch.last - _EARLY <= published
    return stretch.first.replace(day=1) <= published


def _on(moment: Moment, year: int) -> Stretch:
    first_month, last_month = moment.months
    last_day = monthrange(year, last_month)[1]
    if moment.unit == "day":
        if moment.day > last_day:
            return Stretch(None, None)
        day = date(year, first_month, moment.day)
        return Stretch(day, day)
    first, last = {
        "初": (1, 10),
        "上旬": (1, 10),
        "中旬": (11, 20),
        "下旬": (21, last_day),
        "底": (last_day, last_day),
    }.get(moment.part, (1, last_day))
    return Stretch(date(year, first_month, first), date(year, last_month, last))


def _near(moment: Moment, published: date | None) -> Stretch:
    """昨天, 上周, 本月: counted from the day of publication, weeks from Monday; the present week ends with it."""
    if published is None or moment.offset is None:
        return Stretch(None, None)
    if moment.part == "day":
        day = published + timedelta(days=moment.offset)
        return Stretch(day, day)
    if moment.part == "week":
        monday = published - timedelta(days=published.weekday()) + timedelta(weeks=moment.offset)
        return Stretch(monday, published if moment.offset == 0 else monday + timedelta(days=6))
    first = shift_months(published.replace(day=1), moment.offset)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    return Stretch(first, published if moment.offset == 0 else last)


def _bare_day(day: int, published: date | None, before: date | None) -> Stretch:
    """25日: in the month named before, else the last such day up to publication."""
    if before is None:
        anchor, back = published, -1
    else:
        # 5月11日公布：截至10日晚 looks back, the end of a range (published is None then) only ahead
        anchor, back = before.replace(day=1) if published else before, -1 if published else 1
    if anchor is None:
        return Stretch(None, None)
    for month in (anchor.replace(day=1), shift_months(anchor.replace(day=1), back)):
        if day <= monthrange(month.year, month.month)[1]:
            found = month.replace(day=day)
            if (found <= published) if published else (before is None or found >= before):
                return Stretch(found, found)
    return Stretch(None, None)


def shift_months(day: date, months: int) -> date:
    """The day so many months later (earlier where negative), the last of the month where that has fewer days.

    >>> shift_months(date(2024, 3, 31), -1).isoformat()
    '2024-02-29'
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


for _cached in (moment_pattern, _moment, _words, read):
    lexicon.on_change(_cached)
