"""The day of publication where neither record nor page header gave it: from the address or the dateline.

A day without a year stays open; nothing is guessed.
"""

from __future__ import annotations

from datetime import date

import regex

from pipeline.stages.read.dates import parse_date

__all__ = ["from_dateline", "from_header", "from_url"]

_IN_URL = regex.compile(
    r"""
    (?<! \d ) (?P<year> (?:19|20) \d\d ) (?P<mark> [-/_.]? ) (?P<month> 0[1-9] | 1[0-2] ) [-/_.]?
    (?P<day> 0[1-9] | [12]\d | 3[01] ) (?! \d{1,5} (?: \D | \Z ) )
    """,
    regex.VERBOSE,
)

#: 新华社北京3月5日电, 本报讯 2014年3月5日, in the first lines; only with its year it is a date
_DATELINE = regex.compile(
    r"(?:社|报|网|台)[^\n，。,]{0,12}?(?P<day>(?:19|20)\d\d年\d{1,2}月\d{1,2}日)(?:[^\n，。,]{0,6}[电讯]|[^\n，。,]{0,12}版)"
)
_DATELINE_DAY = regex.compile(r"(?:社|网|报)\p{Han}{1,8}?(?P<month>\d{1,2})月(?P<day>\d{1,2})日[电讯]")
_YEAR_IN_URL = regex.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")

_HEAD = 400

#: a header or footer line with a date in full: its own line, or beside words that go with one
_DATED_LINE = regex.compile(
    r"""
    \s* (?: .{0,40} (?: 来源 | 发布 | 日期 | 时间 | 版 | 讯 | 记者 | 作者 | 通讯员 ) .{0,12} )?
    (?P<day> (?:19|20)\d\d [-/.年] \d{1,2} [-/.月] \d{1,2} 日?
      | [一二][〇○零一二三四五六七八九]{3} 年 [一二三四五六七八九十]{1,2} 月 [一二三四五六七八九十]{1,3} 日 )
    (?: \s .{0,60} | \s* )
    """,
    regex.VERBOSE,
)
_HEAD_LINES, _TAIL_LINES, _LONGEST_LINE = 6, 2, 90


def from_url(url: str | None) -> date | None:
    """The day that an address carries.

    >>> from_url("http://news.example/2014-03/05/c_1234.htm").isoformat()
    '2014-03-05'
    >>> from_url("https://paper.example/20140305/a.html").isoformat()
    '2014-03-05'
    >>> from_url("https://news.example/article/1357730303320") is None
    True
    """
    found = _IN_URL.search(url or "")
    return parse_date(f"{found['year']}-{found['month']}-{found['day']}") if found else None


def from_dateline(text: str, url: str | None = None) -> date | None:
    """The day of the dateline; where that has no year, with the only year that the address carries.

    >>> from_dateline("《晨报》2019年12月6日 第3版\\n今天……").isoformat()
    '2019-12-06'
    >>> from_dateline("新华社北京3月5日电 今天……", "https://news.example/2014/a.html").isoformat()
    '2014-03-05'
    >>> from_dateline("新华社北京3月5日电 今天……") is None
    True
    """
    head = text[:_HEAD]
    if found := _DATELINE.search(head):
        return parse_date(found["day"])
    found = _DATELINE_DAY.search(head)
    years = set(_YEAR_IN_URL.findall(url or ""))
    if found is None or len(years) != 1:
        return None
    return parse_date(f"{years.pop()}-{int(found['month']):02}-{int(found['day']):02}")


def from_header(text: str) -> date | None:
    """The day in a header or footer line.

    >>> from_header("标题\\n宜昌讯 2020年12月24日 来源：晚报\\n正文").isoformat()
    '2020-12-24'
    >>> from_header("通报\\n正文。\\n某县纪委\\n二〇二〇年十二月二十四日").isoformat()
    '2020-12-24'
    >>> from_header("截至2020年12月24日，立案5件。") is None
    True
    """
    lines = [line for line in text.split("\n") if line.strip()]
    for line in (*lines[:_HEAD_LINES], *lines[_HEAD_LINES:][-_TAIL_LINES:]):
        if len(line) <= _LONGEST_LINE and (found := _DATED_LINE.fullmatch(line)):
            return parse_date(found["day"])
    return None
