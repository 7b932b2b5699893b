"""Furniture of the page: lines around the report that say where it comes from, and are no part of it.

``2020-09-06 22:21:36  来源:掌上某地  作者:  阅读: 某报微信`` is a line of labels and values, ``记者丨某某`` a
byline, ``举报此信息`` a button. Such lines stand before the first or after the last sentence of the report;
bylines, photo credits and buttons also between. A line is furniture only if all of it is: a dateline
such as ``本报讯(记者 某某)`` before a sentence tells the author but stays in the body.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

import regex

from pipeline import lexicon
from pipeline.model import Span

__all__ = ["Found", "find"]

#: a longer line is text (characters)
_LONGEST = 160

#: a longer first line is no title, and a longer line without labels is text (characters)
_LONGEST_TITLE = 50

#: lines above the first sentence, and below the last, that are looked at
_MOST_LINES = 12

_FULL_STOP = "。"

_SENTENCE_END = ("。", "！", "？", "!", "?", "；", ";", "…", ",", "，", ":", "：")

_DATE = r"""
    (?P<year> (?: 19 | 20 ) \d\d ) \s? (?: [-/.] | 年 ) \s?
    (?P<month> 0?[1-9] | 1[0-2] ) \s? (?: [-/.] | 月 ) \s?
    (?P<day> 3[01] | [12]\d | 0?[1-9] ) (?! \d ) 日?
"""

_CLOCK = r"(?: [T\s]* (?: 星期. )? \s* [012]?\d [:：] [0-5]\d (?: [:：] [0-5]\d )? )?"

_NAME = r"[\u4e00-\u9fff·]{1,8}"

_NAMES = rf"{_NAME} (?: [ \u3000、,，/]{{1,3}} {_NAME} ){{0,6}}"

#: blanks of other widths, which are as good as a plain one here
_OTHER_BLANKS = re.compile(r"[\u00a0\u2000-\u200a\u202f\u205f]")

_ANY_DATE = regex.compile(_DATE, regex.VERBOSE)

#: 陈　曦: a name of two characters, set to the width of three
_SPACED_NAME = regex.compile(r"(?<![\u4e00-\u9fff·])([\u4e00-\u9fff])[\s\u3000]+([\u4e00-\u9fff])(?![\u4e00-\u9fff·])")

_BETWEEN_NAMES = regex.compile(r"[\s\u3000、,，/]+")

_OUTLET = r"[\u4e00-\u9fff]{2,12}? (?: 网 | 網 | 日报 | 日報 | 晚报 | 晚報 | 时报 | 社 | 电视台 | 電視台 | 融媒体中心 )"

_CALLING = r"(?: 记者 | 記者 | 通讯员 | 通訊員 | 实习生 )"

#: where the dateline of a report ends: 某某日报讯, 某某社某地1月1日电, 某某网消息, or a nameless 本报讯
_DATELINE_END = re.compile(r"(?:[讯訊电電]|消息)(?=[】\](（：: \u3000])")

#: characters within which it ends
_LONGEST_DATELINE = 30

#: who wrote it, in brackets behind
_WRITERS = regex.compile(
    rf"[】\]]? \s* [(（] (?P<names> [^()（）\n]{{0,12}} {_CALLING} [^()（）\n]{{2,60}} ) [)）]",
    regex.VERBOSE,
)

_KINDS_OF_CALLING = "(?: 本报 | 本報 | 本网 | 特约 | 全媒体 | 见习 | 首席 )"

_CALLINGS = regex.compile(rf"{_KINDS_OF_CALLING}? {_CALLING} [\s:：丨|]*", regex.VERBOSE)

_IN_BRACKETS = r"(?: [\[【(（〔] [^\n\[\]【】()（）〔〕]{0,40} [\]】)）〕] )"

_OUTLET_PREFIX = regex.compile(_OUTLET, regex.VERBOSE)

_BEFORE_DATELINE = " \u3000\t【["


@dataclass(frozen=True, slots=True)
class Found:
    """What the furniture of a text is, and what it tells; None for what it does not tell."""

    spans: tuple[Span, ...] = ()
    title: str | None = None
    author: str | None = None
    outlet: str | None = None
    published: date | None = None


_NOTHING = Found()


class _Line(NamedTuple):
    start: int
    text: str

    def span(self) -> Span:
        """Where the line stands, without the blanks around it."""
        start = self.start + len(self.text) - len(self.text.lstrip())
        return Span(start, start + len(self.text.strip()))


Items = Sequence["regex.Match[str]"]


def find(text: str) -> Found:
    """Find the furniture of a repaired text, in either script, and read it."""
    text = _OTHER_BLANKS.sub(" ", text)
    if all(_FULL_STOP in line or len(line) > _LONGEST for line in text.split("\n")):
        facts = dict(_dateline(text))
        return Found(author=facts.get("author"), outlet=facts.get("outlet")) if facts else _NOTHING
    lines = list(_lines(text))
    top = _top(lines)
    furniture = {i: items for i in top if (items := _items(lines[i].text))}
    body = top.stop
    furniture |= _bottom(lines, body)
    furniture |= _between(lines, range(body, len(lines)), furniture)
    told = list(_told(furniture[i] for i in sorted(furniture)))
    if body < len(lines):
        told += _dateline(lines[body].text)
    facts = dict(reversed(told))
    return Found(
        tuple(lines[i].span() for i in sorted(furniture)),
        facts.get("title") or _title(lines, furniture),
        facts.get("author"),
        facts.get("outlet"),
        _date(facts.get("date")),
    )


def _lines(text: str) -> Iterator[_Line]:
    """The lines that are not blank."""
    at = 0
    for line in text.split("\n"):
        if line and not line.isspace():
            yield _Line(at, line)
        at += len(line) + 1


def _is_text(line: str) -> bool:
    """True for a line that is a sentence, or too long for a heading; it may still turn out a line of labels."""
    return _FULL_STOP in line or len(line) > _LONGEST_TITLE


def _top(lines: Sequence[_Line]) -> range:
    """The lines above the first one that is text."""
    for i, line in enumerate(lines[:_MOST_LINES]):
        if _is_text(line.text) and not _items(line.text):
            return range(i)
    return range(min(len(lines), _MOST_LINES))


def _bottom(lines: Sequence[_Line], body: int) -> dict[int, Items]:
    """The furniture below the last line that is none."""
    found: dict[int, Items] = {}
    for i in range(len(lines) - 1, max(body, len(lines) - _MOST_LINES) - 1, -1):
        items = _items(lines[i].text)
        if not items:
            break
        found[i] = items
    return found


def _between(lines: Sequence[_Line], body: range, known: dict[int, Items]) -> dict[int, Items]:
    """Bylines, photo credits and buttons amid the report."""
    found: dict[int, Items] = {}
    for i in body:
        line = lines[i].text
        if i not in known and not _is_text(line) and (items := _items(line)) and not any(m["label"] for m in items):
            found[i] = items
    return found


def _items(line: str) -> Items:
    """The items that fill the line, none if they do not."""
    if len(line) > _LONGEST or _FULL_STOP in line:
        return ()
    line = line.strip()
    found: list[regex.Match[str]] = []
    at = 0
    while at < len(line):
        match = _item().match(line, at)
        if match is None or match.end() == at:
            return ()
        found.append(match)
        at = match.end()
    return found


@cache
def _alternatives(form: str) -> str:
    """The words of a form as one alternation, the longest first, with … for what varies."""
    words = {row["text"] for row in lexicon.table("furniture") if row["form"] == form}
    ordered = sorted(words, key=lambda w: (-len(w), w))
    escaped = (regex.escape(w).replace(r"\ ", r"\s*").replace(" ", r"\s*").replace("…", ".{0,40}?") for w in ordered)
    return "(?:" + "|".join(escaped) + ")"


lexicon.on_change(_alternatives)


@cache
def _item() -> regex.Pattern[str]:
    """One item of a line of furniture, with the ornaments around it."""
    label, byline, alone, issuer = map(_alternatives, ("label", "byline", "alone", "issuer"))
    next_label = rf"(?: {label} | {byline} ) \s* [:：丨|]"
    return regex.compile(
        rf"""
        [\s○●□■◆◇▲△※*|｜丨/·—_>》-]*+
        (?: [\[【(（〔] \s* )?
        (?:
            # 来源:某报, up to a wide gap, a bracket or the next label
            (?P<label> {label} ) \s* [:：丨|] [ \u3000]?
            (?P<value> (?: {_IN_BRACKETS} | (?! {next_label} ) [^\n。；！？\]】)）〕] ){{0,60}}? )
            (?= \s* (?: [\]】)）〕；;|丨] | \s\s | [\u3000\t] | \s* {next_label} | \s* \Z ) )
        |   (?P<date> {_DATE} {_CLOCK} )
            # 《某某日报》 or 某某日报 before a date or a page, 某县纪委监委 before a date
        |   [《〈]? (?P<paper> [\u4e00-\u9fff]{{2,12}} (?: 报 | 報 | 报社 | 网 | 網 ) ) [》〉]?
            (?= \s* (?: (?:19|20)\d\d | 第 ) )
        |   (?P<paper> [\u4e00-\u9fff]{{1,12}}? {issuer} ) (?= [ \u3000\t]+ {_DATE} )
            # 某地讯 before a date
        |   [\u4e00-\u9fff]{{2,8}} [讯訊电電] (?= \s* (?: 19 | 20 ) \d\d )
        |   第? \s* [0-9A-Z一二三四五六七八九十]{{1,3}} \s* 版
            # 记者 某某, 某某日报记者 某某, (记者某某)
        |   (?P<prefix> [\u4e00-\u9fff]{{2,12}}? )?? (?P<byline> {byline} )
            (?: \s* [:：丨|/／] \s* | [ \u3000]+ | (?= [\u4e00-\u9fff·]{{2,4}} \s* [)）\]】] ) )
            (?P<names> {_NAMES} )
            # 文/某某, 某某/图, 某某 摄
        |   (?: 文 | 图 | 圖 | 摄 | 攝 ){{1,2}} \s* [/／:：丨] \s* (?P<writers> {_NAMES} )
        |   [\u4e00-\u9fff]{{2,4}} \s* (?: [/／] \s* (?: 文 | 图 | 圖 ) | [/／ ] \s* (?: 摄 | 攝 ) )
            (?! [\u4e00-\u9fff] )
        |   (?P<alone> {alone} ) (?= [\s\[【(（〔|>»]  | \Z )
            # (某县融媒体中心整理)
        |   (?<= [(（\[] ) [\u4e00-\u9fff]{{2,20}} (?: 整理 | 供稿 | 提供 | 报送 | 供图 )
        )
        (?: \s* [\]】)）〕] )?
        [\s；;,，]*
        """,
        regex.VERBOSE,
    )


lexicon.on_change(_item)


@cache
def _fields() -> dict[str, str]:
    """What the value of a label or byline tells of the article."""
    rows = (row for row in lexicon.table("furniture") if row["form"] != "alone" and row["field"])
    return {row["text"]: row["field"] for row in rows}


lexicon.on_change(_fields)


def _told(furniture: Iterable[Items]) -> Iterator[tuple[str, str]]:
    """Fields of the article and their values, in the order of the page."""
    for items in furniture:
        for item in items:
            yield from _told_by(item)


def _told_by(item: regex.Match[str]) -> Iterator[tuple[str, str]]:
    if item["label"] and (field := _fields().get(item["label"])):
        value = item["value"].strip()
        if field == "author":
            value = _people(value)
        if value:
            yield field, value
    if item["byline"]:
        if _fields().get(item["byline"]) == "author":
            yield "author", _people(item["names"])
        if item["prefix"] and _OUTLET_PREFIX.fullmatch(item["prefix"]):
            yield "outlet", item["prefix"]
    if item["writers"]:
        yield "author", _people(item["writers"])
    if item["date"]:
        yield "date", item["date"]
    if item["paper"]:
        yield "outlet", item["paper"]


def _dateline(line: str) -> Iterator[tuple[str, str]]:
    """What the head of the first sentence tells."""
    end = _DATELINE_END.search(line, 0, _LONGEST_DATELINE)
    if end is None:
        return
    if outlet := _OUTLET_PREFIX.match(line[: end.start()].lstrip(_BEFORE_DATELINE)):
        yield "outlet", outlet[0]
    if writers := _WRITERS.match(line, end.end()):
        yield "author", _people(writers["names"])


def _people(names: str) -> str:
    """Names as one string: 记者 陈 曦 通讯员 武某某 is 陈曦、武某某."""
    bare = _SPACED_NAME.sub(r"\1\2", _CALLINGS.sub(" ", names).strip())
    return "、".join(filter(None, _BETWEEN_NAMES.split(bare)))


def _date(text: str | None) -> date | None:
    match = _ANY_DATE.search(text) if text else None
    if match is None:
        return None
    try:
        return date(*map(int, match.group("year", "month", "day")))
    except ValueError:
        # 2月30日: a slip of the page
        return None


def _title(lines: Sequence[_Line], furniture: dict[int, Items]) -> str | None:
    """The first line that is no furniture, if it is short, no sentence, and more lines follow."""
    for i, line in enumerate(lines):
        text = line.text.strip()
        if i in furniture or _is_column(text):
            continue
        is_title = not _is_text(text) and not text.endswith(_SENTENCE_END) and i + 1 < len(lines)
        return text if is_title else None
    return None


def _is_column(line: str) -> bool:
    """True for the name of a column over the title: 【某城快评】."""
    return line.startswith("【") and line.find("】") == len(line) - 1
