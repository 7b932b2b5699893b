"""Layout: what typesetting put into a text, blanks around numbers, broken lines, other forms of digits and points.

None of it is damage to a reader, but all of it stands between a number and its words: 14.29 万元, 共１２件, a figure
that goes on in the next line. How a text is set is told by the text as a whole.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import regex

from pipeline.stages.repair.mend import Mend

__all__ = ["blanks", "decimal_points", "full_stops", "line_breaks", "other_forms", "suspected"]

_BLANK = r"[ \u00a0\u2000-\u200a\u202f\u205f]"
_HAN = r"[\u4e00-\u9fff]"
_MARK = "，、；：。！？”）》"

#: Any character that the steps below look at, but for dots and line ends; one class, for that is the fastest search.
_SIGN = re.compile(r"[ \u00a0\u2000-\u200a\u202f\u205f０-９﹐-﹪︰·•‧・∙．]")
#: ... and where they stand for something
_PLACE = re.compile(
    rf"[０-９﹐-﹪︰]|[0-9%％]{_BLANK}|{_BLANK}[0-9%％]|[，、；：。！？]{_BLANK}[{_HAN[1:-1]}“（《]"
    rf"|{_BLANK}{_HAN}{_BLANK}{_HAN}{_BLANK}|[0-9][·•‧・∙﹒][0-9]"
)


def suspected(text: str) -> bool:
    """True if layout may stand between a number and its words.

    >>> suspected("共立案12件。"), suspected("共立案 12 件。"), suspected("共立案１２件。")
    (False, True, True)
    """
    if (found := _SIGN.search(text)) is not None and _PLACE.search(text, max(0, found.start() - 1)) is not None:
        return True
    return "。" not in text or next(line_breaks(text), None) is not None


# Forms of characters

#: Zeros among Chinese digits (二０一四年) are of them, but not those of a number (１０); digits with the points
#: between them; small marks.
_FORM = re.compile(
    r"(?P<zeros>(?<![０-９．])(?:(?<=[一二三四五六七八九〇])０+|０+(?=[一二三四五六七八九〇]))(?![０-９．]))"
    r"|[０-９]+(?:．[０-９]+)?|[﹐﹑﹔﹕﹖﹗﹙﹚﹪︰]"
)
_TO_COMMON = str.maketrans("０１２３４５６７８９．﹐﹑﹔﹕﹖﹗﹙﹚﹪︰", "0123456789.，、；：？！（）%：")

#: 14·29万元 and 98·5%, but neither 3·15晚会 nor 5·12地震
_DECIMAL_POINT = regex.compile(
    r"(?<=[0-9])[·•‧・∙﹒](?=[0-9]++\ ?+(?:[余餘多]?[万萬亿億千百亩畝公]|[%％‰元吨噸倍米]|[个個]百分|平方|立方))"
)

#: a dot behind a Chinese character, a percentage or a bracket, where a sentence may end
_DOT = re.compile(rf"[．.](?<=[\u4e00-\u9fff%％”）)][．.])(?:{_BLANK}+(?={_HAN}|[0-9“])|(?=\s|[”“）)]|{_HAN}|\Z))")
#: 一．加强领导: the dot behind the number of an item
_ITEM = re.compile(r"(?:\A|\n)\s*[（(]?[一二三四五六七八九十百]{1,4}[．.]")
_FEWEST_STOPS = 2


def other_forms(text: str) -> Iterator[Mend]:
    """Make full-width digits, with the points between them, those of ASCII (１２．５), and small marks common ones."""
    if _SIGN.search(text) is None:
        return
    for match in _FORM.finditer(text):
        after = "〇" * len(match[0]) if match["zeros"] else match[0].translate(_TO_COMMON)
        yield Mend(match.start(), match.end(), after, "form")


def decimal_points(text: str) -> Iterator[Mend]:
    """Make a raised dot a decimal point where a unit follows: 98·5%."""
    for match in _DECIMAL_POINT.finditer(text):
        yield Mend(match.start(), match.end(), ".", "decimal-point")


def full_stops(text: str) -> Iterator[Mend]:
    """Make the dots of a text that has no Chinese full stop what they stand for."""
    if "。" in text:
        return
    items = {match.end() - 1 for match in _ITEM.finditer(text)}
    found = [match for match in _DOT.finditer(text) if match.start() not in items]
    if len(found) >= _FEWEST_STOPS:
        for match in found:
            yield Mend(match.start(), match.end(), "。", "full-stop")


# Blanks

#: a blank beside a number, not beside a day or an hour (2022-01-14 10:20 来源)
_BESIDE_NUMBER = regex.compile(
    rf"(?<={_HAN}){_BLANK}(?=[0-9](?!\d{{3}}[-/.]\d|\d?:\d))"
    rf"|(?<=[0-9%％])(?<!\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d:\d\d){_BLANK}(?={_HAN}|[%％‰℃])"
)
_ENDS_NUMBER = frozenset("0123456789%％")
_NO_BLANK = re.compile(rf"(?<={_HAN})[0-9]|(?<=[0-9%％]){_HAN}")
#: ... or between a number and a mark
_BESIDE_MARK = re.compile(rf"(?<=[（“《{_MARK}]){_BLANK}(?=[0-9])|(?<=[0-9%％]){_BLANK}(?=[（“《{_MARK}])")
#: what is one word with the number before it, in whatever text
_ONE_WORD = re.compile(
    rf"(?<=[0-9]){_BLANK}(?=[万萬亿億%％‰年月日余餘多]|[个個]百分)|(?<=[0-9][年月]){_BLANK}(?=[0-9])"
)
#: the digits of a long number in groups of three (GB/T 15835), before a word: 1 256 元
_GROUPS = re.compile(
    rf"(?<![0-9.,])(?<![0-9]{_BLANK})[0-9]{{1,3}}(?:{_BLANK}[0-9]{{3}})+(?=(?:\.[0-9]+)?{_BLANK}?{_HAN})"
)
#: behind a Chinese mark there is none
_BEHIND_MARK = re.compile(rf"(?<=[，、；。！？]){_BLANK}(?={_HAN}|[“（《])")

#: 全 市 立 案: letter-spaced, the blanks between words included
_SPREAD = re.compile(rf"(?<={_HAN}){_BLANK}(?={_HAN})")
_TIGHT = re.compile(rf"(?<={_HAN}){_HAN}")
_FEWEST_SPREAD, _SHARE_SPREAD = 10, 0.8
_BETWEEN_ALL = re.compile(rf"(?<=[^\sA-Za-z]){_BLANK}(?=[^\sA-Za-z])")


def blanks(text: str) -> Iterator[Mend]:
    """Remove the blanks inside sentences.

    Between numbers and Chinese characters where a text is set with them (共立案 12 件), elsewhere only those
    inside what is one word (14.29 万, 7 月); behind marks; and all single ones of a letter-spaced text.
    """
    if _SIGN.search(text) is None:
        return
    for start, end in sorted(_blanks(text)):
        yield Mend(start, end, "", "blank")


def _blanks(text: str) -> set[tuple[int, int]]:
    spread = sum(1 for _ in _SPREAD.finditer(text))
    if spread >= _FEWEST_SPREAD and spread >= _SHARE_SPREAD * (spread + sum(1 for _ in _TIGHT.finditer(text))):
        return {match.span() for match in _BETWEEN_ALL.finditer(text)}
    found = {match.span() for match in _BESIDE_NUMBER.finditer(text)}
    # in columns no word stands behind a number
    behind = any(text[start - 1] in _ENDS_NUMBER for start, _ in found)
    if behind and len(found) > sum(1 for _ in _NO_BLANK.finditer(text)):
        found |= {match.span() for match in _BESIDE_MARK.finditer(text)}
    else:
        found = {match.span() for match in _ONE_WORD.finditer(text)}
    for match in _GROUPS.finditer(text):
        found |= {(at, at + 1) for at in range(*match.span()) if not text[at].isdigit()}
    return found | {match.span() for match in _BEHIND_MARK.finditer(text)}


# Broken lines

#: Broken text has so many full lines or more, in so large a share of all lines.
_FEWEST_FULL, _SHARE_FULL = 3, 0.4
#: ... of which so many do not end a sentence, and so few have columns.
_SHARE_OPEN, _SHARE_COLUMNS = 0.6, 0.2
#: ... and of all lines so few are wider.
_SHARE_WIDER = 0.05
#: ... and of the lines that end a broken paragraph so many end a sentence.
_SHARE_SENTENCES = 0.5
#: Widths that texts are broken to.
_NARROWEST, _WIDEST = 20, 160

_CLOSED = ("。", "！", "？", "!", "?", "；", ";", "：", ":", "”", "》", "）", ")")
_COLUMNS = re.compile(r"\S(?:[ \u3000]{2,}|\t)\S")
#: what begins a paragraph: an indent, a header with its label or the day, the number of a heading or an item
_BEGINS = re.compile(
    r"""\s
    | .{0,20} (?: [来來]源 | [时時][间間] | 日期 | 作者 | [记記]者 | [编編][辑輯] ) [:：]
    | .{0,20} (?:19|20)[0-9]{2} [-/.] [0-9]{1,2} [-/.] [0-9]
    | [（(]? [一二三四五六七八九十]{1,3} [、）)．.]
    | [0-9]{1,2} [、．.)）] (?![0-9])
    | 第 [一二三四五六七八九十]+ [章条條]
    """,
    re.VERBOSE,
)
_OPEN_BRACKET = re.compile(r"[(（][^()（）]{0,8}\Z")


class _Line(NamedTuple):
    text: str
    end: int
    #: in cells, of which a Chinese character has two, or in characters
    width: int


class _Broken(NamedTuple):
    """A text as lines of a width; without any line for one whose lines are its paragraphs."""

    lines: Sequence[_Line]
    narrowest: int
    widest: int


def line_breaks(text: str) -> Iterator[Mend]:
    """Join the lines of a text that was broken to a width, within its paragraphs."""
    ends = text.count("\n")
    lines_open = ends - sum(text.count(mark + "\n") for mark in _CLOSED)
    if lines_open < max(_FEWEST_FULL, _SHARE_FULL * ends) * _SHARE_OPEN:
        return
    lines, narrowest, widest = max((_broken(text, *measure) for measure in _MEASURES), key=_full_lines)
    for line, following in pairwise(lines):
        if narrowest <= line.width <= widest and following.text and not _BEGINS.match(following.text):
            yield Mend(line.end, line.end + 1, " " if _are_words(line.text, following.text) else "", "line-break")


def _are_words(before: str, behind: str) -> bool:
    """Whether a line ends and the next begins with a word of letters, that is no reading in brackets."""
    are_letters = all(letter.isascii() and letter.isalpha() for letter in (before[-1:], behind[0]))
    return are_letters and not _OPEN_BRACKET.search(before)


def _cells(line: str) -> int:
    # a Chinese character and its punctuation are two bytes in GBK
    return len(line.encode("gbk", "replace"))


#: What a line was measured in when it was broken, and by how much a full one may be narrower.
_MEASURES: tuple[tuple[Callable[[str], int], int], ...] = ((_cells, 6), (len, 0))


def _full_lines(broken: _Broken) -> int:
    return sum(broken.narrowest <= line.width <= broken.widest for line in broken.lines)


def _broken(text: str, measure: Callable[[str], int], ragged: int) -> _Broken:
    lines, end = [], -1
    for line in text.split("\n"):
        end += len(line) + 1
        lines.append(_Line(line, end, measure(line.rstrip())))
    filled = [line for line in lines if line.width]
    of_width = Counter(line.width for line in filled)
    widths = [width for width in of_width if _NARROWEST <= width <= _WIDEST]
    if not widths:
        return _Broken((), 0, 0)
    width = max(widths, key=lambda w: (sum(of_width[w - less] for less in range(ragged + 1)), w))
    broken = _Broken(lines, width - ragged, width)
    return broken if _is_broken(broken, filled) else _Broken((), 0, 0)


def _is_broken(broken: _Broken, filled: Sequence[_Line]) -> bool:
    """Whether the full lines are many and go on in the next, and the others end paragraphs."""
    full = [line for line in filled if broken.narrowest <= line.width <= broken.widest]
    last = [line for before, line in pairwise(filled) if line.width < broken.narrowest <= before.width]
    return (
        len(full) >= max(_FEWEST_FULL, _SHARE_FULL * len(filled))
        and sum(not _is_closed(line) for line in full) >= _SHARE_OPEN * len(full)
        and sum(line.width > broken.widest for line in filled) <= _SHARE_WIDER * len(filled)
        and sum(_COLUMNS.search(line.text.strip()) is not None for line in full) <= _SHARE_COLUMNS * len(full)
        and sum(_is_closed(line) for line in last) >= max(1, _SHARE_SENTENCES * len(last))
    )


def _is_closed(line: _Line) -> bool:
    return line.text.rstrip().endswith(_CLOSED)
