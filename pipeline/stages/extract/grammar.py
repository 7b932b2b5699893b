"""The grammar of quantities: where a number can begin, how it is written, and the words that belong to it.

Two patterns are composed of named parts: :attr:`Grammar.anchor` runs over the whole text and stops only where a
figure can begin, and :data:`NUMBER` reads the number there. The words around a number (measure words, counted
nouns, approximators, set phrases) come from the lexicons and are looked up by their first character. Every
repetition is bounded or possessive, so that the time for a text grows with its length and with nothing else.
What a number means with its words is read in :mod:`pipeline.stages.extract.meaning`; which numbers are no figures
is said in :mod:`pipeline.stages.extract.exclusions`.

The patterns are compiled by the standard library, which scans for a set of characters four times as fast as
``regex`` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from pipeline import lexicon
from pipeline.stages.extract.numerals import CHINESE_DIGITS, SCALES

__all__ = ["NUMBER", "Grammar", "Unit", "Words", "grammar"]

_D = "[0-9０-９]"
_CN = f"[{''.join(CHINESE_DIGITS)}]"
_HAN = "".join(CHINESE_DIGITS) + "".join(SCALES)

#: Named parts; a part is used in a pattern as <name>.
_PARTS = {
    # 1,234,567 or 12345, with decimals
    "arabic": rf"""
        (?: {_D}{{1,3}}+ (?: [,，] {_D}{{3}} (?!{_D}) )++ | {_D}{{1,15}}+ (?!{_D}) )
        (?: [.．] {_D}{{1,8}}+ (?! [.．] ) )?+
    """,
    # 千 of 千瓦 and 百 of 百分点 belong to the unit
    "thousand": "千 (?! [瓦克米伏赫帕卡焦乏] )",
    "hundred": "百 (?! 分 (?!之) | 帕 )",
    # 余, 多, 来, 几 inside a number: 二百多, 十余万, 十几
    "more": "[余多来几]",
    "myriads": "(?: <thousand> | <hundred> | 十 )? (?: 万 [余多几]? 亿 | [万亿] )",
    # what may follow 万 and 亿 in digits: 12万2800, 2万5千, 3亿5000万, 5万7千8百, 2亿1千多万
    "rest": rf"""
        (?: {_D}{{1,8}}+ (?: \.{_D}{{1,4}}+ )?+ (?! [年月日号时点/-] )
            (?: <thousand> | <hundred> )? (?: [余多]? 万 )? ){{1,3}}
    """,
    "mixed": r"""
        <arabic> (?: \ ? <more>? <myriads> <rest>? | (?: <thousand> | <hundred> ) (?: [余多几] [万亿] )? )?
        (?: <more> (?! 自|源|电|访|信|函 ) )?
    """,
    # 上百, 数十, 几千; 二百二十, 一百五十多万, 十一点六
    "han": rf"""
        (?: [数几] (?= [十百千万亿] ) | 上 (?= [百千万亿] ) )?
        (?: [十万亿] | {_CN} | <thousand> | <hundred> ){{1,24}}+
        (?: <more> <myriads>? | 点 {_CN}{{1,6}}+ (?! [十百千分] ) [万亿]? )?
        (?: [余多] | 来 (?! 自|源|电|访|信|函|到|了 ) )?
    """,
    # 2013年, 8月20日, 15时, 3号; 日 not of 日元, 号 not of 号人
    "date": rf"""
        {_D}{{0,3}}+ \ ? (?: 年 | 月 (?: \ ?{_D}{{1,2}} [日号] )? | 日 (?! [元圆] ) | 号 (?! 人 ) | [时点] (?!{_D}) )
    """,
    # 15时30分, 8:30, 1分32秒
    "clock": rf"{_D}? (?: [时点] {_D}{{1,2}} 分? | [:：] {_D}{{2}} (?!{_D}) (?: [:：] {_D}{{2}} )? "
    rf"| (?: 小时 | 分 ) {_D}{{1,2}} (?: \.{_D}{{1,3}} )? [分秒] )",
    # 2018-05-03, 2018.5.3, 3·15
    "numeric_date": rf"{_D}{{0,3}}+ (?: [-/.] {_D}{{1,2}} [-/.] {_D}{{1,2}} (?!{_D}) | [·•] {_D}{{1,4}} )",
    # what may follow a sum without measure word: 要回三万八，
    "stop": r"[，。；、！？：,;!?）)”\n] | \Z",
    # a slogan, name or title in quotation marks, without a pause in it; the opening mark is read already
    "quoted": r"""
        (?<= “ ) [^“”，。；：！？\n]{1,16}+ ”
      | (?<= ‘ ) [^‘’，。；：！？\n]{1,16}+ ’
      | (?<= 「 ) [^「」，。；：！？\n]{1,16}+ 」
      | (?<= 『 ) [^『』，。；：！？\n]{1,16}+ 』
      | (?<= " ) [^"，。；：！？,\n]{1,16}+ "
      | (?<= 《 ) [^《》\n]{1,60}+ 》
    """,
}

#: Before 一 these make a word of it, or an article: 进一步, 统一, 同一个, 另一家.
_POINTING = "进统唯单专第同每这那此另某哪任之逐万新上下"

#: Begins with a set, so that the search runs at full speed; lookbehinds then tell what was found. Groups skip and
#: the empty groups digits, han and word say what to do.
_ANCHOR = rf"""
    [0-9０-９{_HAN}几数上半翻“‘「『"《]
    (?: (?<= {_D} )
        (?: (?P<skip> <date> | <clock> | <numeric_date> ) | (?P<digits>) )
      | (?<= [{_HAN}几数上] ) (?<! [{_HAN}] [{_HAN}] ) (?<! [{_POINTING}] 一 )
        (?: (?<! [几数上] ) | (?<! 上 ) (?= 十 ) | (?= [百千万亿] ) )
        (?: [{_HAN}几余多来点]{{1,40}}+
            (?: (?= [MANY\ 0-9] ) | (?<= [万亿] ) | (?<= 万 [一二三四五六七八九] ) (?= <stop> ) )
          | (?= [LONE\ ] ) | (?<= [万亿] ) )
        (?P<han>)
      | (?: (?<= [过近超逾达] 半 ) (?! [年月天小个日夜径百斤亩壁路信边程导] ) | (?<= 半 ) 数 | (?<= 翻 ) 番 ) (?P<word>)
      | (?P<name> <quoted> )
    )
"""

#: What can stand between the two numbers of a range.
JOINTS = frozenset("至到-—–－~～")


def _compose(pattern: str) -> re.Pattern[str]:
    """Put the named parts in their places, the parts of parts too, and compile."""
    while (filled := re.sub(r"(?<!\?P)<(\w+)>", lambda m: f"(?:{_PARTS[m[1]]})", pattern)) != pattern:
        pattern = filled
    return re.compile(pattern, re.VERBOSE)


#: A number without its measure word.
NUMBER = _compose("(?> <mixed> | <han> )")


class Unit(NamedTuple):
    """What the lexicons know of a measure word or counted noun."""

    #: count, people, money, measure, percent, duration, time or none
    kind: str
    #: whether it needs more than one Chinese digit before it
    several: bool
    noun: bool = False


class Words:
    """Words that are looked up at a place of a text, the longest first."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        lengths: dict[str, set[int]] = {}
        for word in self._words:
            lengths.setdefault(word[0], set()).add(len(word))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def each(self, text: str, start: int) -> list[str]:
        """The words that begin at ``start``, the longest first."""
        lengths = self._lengths.get(text[start : start + 1], ())
        return [word for length in lengths if (word := text[start : start + length]) in self._words]

    def at(self, text: str, start: int) -> str:
        """The longest of the words that begins at ``start``, or ''."""
        for length in self._lengths.get(text[start : start + 1], ()):
            if (word := text[start : start + length]) in self._words:
                return word
        return ""


class Grammar(NamedTuple):
    """The patterns and words built from the lexicons in use."""

    #: finds where a figure can begin
    anchor: re.Pattern[str]
    #: measure words and counted nouns
    units: Mapping[str, Unit]
    unit_words: Words
    #: set phrases from a numeral of theirs on -> what must stand before it
    phrases: Mapping[str, tuple[str, ...]]
    phrase_words: Words
    #: approximators: word -> bound; directly before the number, before its verb, and behind the unit
    near: Mapping[str, str]
    far: Mapping[str, str]
    behind: Mapping[str, str]
    behind_words: Words
    #: finds an approximator that stands before the verb, at the end of the text before a number
    far_before: re.Pattern[str]
    #: the first characters of such approximators
    far_first: frozenset[str]
    #: cue -> its words
    cues: Mapping[str, tuple[str, ...]]


@cache
def grammar() -> Grammar:
    """The grammar over the lexicons in use, built once."""
    units = _units()
    phrases = _phrases()
    words = lexicon.table("approximators")
    near = {r["word"]: r["bound"] for r in words if r["side"] == "before"}
    far = {r["word"]: r["bound"] for r in words if r["reach"] == "far"}
    behind = {r["word"]: r["bound"] for r in words if r["side"] == "after"}
    counting = {word: unit for word, unit in units.items() if unit.kind not in ("time", "none")}
    many = {word[0] for word in counting} | JOINTS | {"分", "半", "/"}
    lone = {word[0] for word, unit in counting.items() if not unit.several} | JOINTS | {"分", "半"}
    return Grammar(
        anchor=_compose(_ANCHOR.replace("MANY", _set(many)).replace("LONE", _set(lone))),
        units=units,
        unit_words=Words(units),
        phrases=phrases,
        phrase_words=Words(phrases),
        near=near,
        far=far,
        behind=behind,
        behind_words=Words(behind),
        far_before=re.compile(rf"(?P<far>{'|'.join(far)})[^，,。；;、：“”\d的]{{0,6}}+\Z"),
        far_first=frozenset(word[0] for word in far),
        cues=_cues(),
    )


lexicon.on_change(grammar)


def _set(characters: Iterable[str]) -> str:
    """The characters as the inside of a set of a verbose pattern."""
    return re.escape("".join(sorted(characters)))


def _units() -> dict[str, Unit]:
    units = {r["noun"]: Unit(r["kind"], r["lone"] == "no", noun=True) for r in lexicon.table("counted_nouns")}
    for row in lexicon.table("measure_words"):
        word, unit = row["word"], Unit(row["kind"], row["after"] == "several")
        units[word] = unit
        units[word.translate(str.maketrans("()", "（）"))] = unit
    return units


def _phrases() -> dict[str, tuple[str, ...]]:
    """Each set phrase from each of its numerals on -> what stands before, for a scan can stop at any of them."""
    phrases: dict[str, tuple[str, ...]] = {}
    for row in lexicon.table("set_phrases"):
        phrase = row["phrase"]
        for at, character in enumerate(phrase):
            if character in _HAN:
                phrases[phrase[at:]] = (*phrases.get(phrase[at:], ()), phrase[:at])
    return phrases


def _cues() -> dict[str, tuple[str, ...]]:
    cues: dict[str, tuple[str, ...]] = {}
    for row in lexicon.table("quantity_cues"):
        cues[row["cue"]] = (*cues.get(row["cue"], ()), row["word"])
    return cues
