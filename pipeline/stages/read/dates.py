"""The date of publication, from what records and pages hold for it."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache

import regex

__all__ = ["parse_date"]

#: dates are those of China, which has had one time zone and no summer time since 1992
CHINA = timezone(timedelta(hours=8))

_DAY = regex.compile(
    r"""
    (?<![\d.])
    (?: (?P<republic> [民中][國国华華]?[民]?[國国] ) \s* (?P<era> \d{2,3} )   # 民國103年 = 2014
      | (?P<year> \d{4} ) )
    (?: \s* [-/.年‐–－／．] \s* (?P<month> \d{1,2} ) \s* [-/.月‐–－／．] \s* (?P<day> \d{1,2} ) (?! \d )
      | (?P<month> \d{2} ) (?P<day> \d{2} ) (?! \d ) )                        # 20140305
    (?: \s* 日? [T\s]+ (?P<time> \d{1,2} : \d{2} (?: : \d{2} )? ) (?: [.,] \d+ )? \s*
        (?P<zone> Z | [+-] \d{2} :? \d{2} ) )?
    """,
    regex.VERBOSE,
)

#: 二〇一四年三月五日, with numerals read one by one in the year and as tens and units after it
_HANZI_DAY = regex.compile(
    r"(?P<year>[〇○零一二三四五六七八九]{4})年(?P<month>[一二三四五六七八九十]{1,2})月(?P<day>[一二三四五六七八九十廿卅]{1,3})日"
)
_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"○": 0, "零": 0}

_STAMP = regex.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}|\d{16}")

#: reports of no other years are expected; what lies outside is a wrong reading
_FIRST, _LAST = 1900, 2100


def parse_date(value: object) -> date | None:
    """Read a date in any of the ways that records give it, None where it cannot be read.

    Moments in time (timestamps in seconds, milliseconds or microseconds, ISO with a zone) become the day in China.

    >>> parse_date("2014年3月5日 08:30").isoformat(), parse_date("2014/3/5").isoformat()
    ('2014-03-05', '2014-03-05')
    >>> parse_date("2014-03-04T16:30:00Z").isoformat(), parse_date(1393950600000).isoformat()
    ('2014-03-05', '2014-03-05')
    >>> parse_date("二〇一四年三月五日").isoformat(), parse_date("民國103年3月5日").isoformat()
    ('2014-03-05', '2014-03-05')
    >>> parse_date("昨天"), parse_date("2014-13-01"), parse_date(None)
    (None, None, None)
    """
    if isinstance(value, datetime):
        return _in_range((value.astimezone(CHINA) if value.tzinfo else value).date())
    if isinstance(value, date):
        return _in_range(value)
    if isinstance(value, (int, float)):
        return _of_text(f"{value:.0f}") if value == value and abs(value) < 1e17 else None
    return _of_text(value.strip()[:200]) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def _of_text(text: str) -> date | None:
    if _STAMP.fullmatch(text):
        return _of_stamp(text)
    if found := _DAY.search(text):
        return _of_groups(found.groupdict())
    if found := _HANZI_DAY.search(text):
        year = int("".join(str(_DIGITS[c]) for c in found["year"]))
        return _day(year, _tens(found["month"]), _tens(found["day"]))
    return _of_mail_date(text)


def _of_stamp(text: str) -> date | None:
    """Seconds, milliseconds or microseconds since 1970, by the number of digits."""
    digits = text.partition(".")[0]
    seconds = int(digits) / {9: 1, 10: 1, 12: 1e3, 13: 1e3, 16: 1e6}[len(digits)]
    return _in_range(datetime.fromtimestamp(seconds, CHINA).date())


def _of_groups(found: dict[str, str | None]) -> date | None:
    year = int(found["year"] or 0) or int(found["era"] or 0) + 1911
    day = _day(year, int(found["month"] or 0), int(found["day"] or 0))
    if day is None or not found["zone"]:
        return day
    try:
        moment = datetime.fromisoformat(f"{day.isoformat()}T{(found['time'] or '').zfill(5)}{found['zone']}")
        return moment.astimezone(CHINA).date()
    except (ValueError, OverflowError):
        # an impossible time of day; the day itself was given
        return day


def _of_mail_date(text: str) -> date | None:
    """Wed, 05 Mar 2014 08:30:00 +0800, as in RSS."""
    try:
        return _in_range(parsedate_to_datetime(text).astimezone(CHINA).date())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _tens(numeral: str) -> int:
    """Read a numeral up to 39: 十二, 二十一, 廿一."""
    numeral = numeral.replace("廿", "二十").replace("卅", "三十")
    tens, ten, units = numeral.rpartition("十")
    if not ten:
        return _DIGITS[numeral] if len(numeral) == 1 else 0
    if len(tens) > 1 or len(units) > 1:
        return 0
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[units] if units else 0)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return _in_range(date(year, month, day))
    except ValueError:
        return None


def _in_range(day: date) -> date | None:
    return day if _FIRST <= day.year <= _LAST else None
