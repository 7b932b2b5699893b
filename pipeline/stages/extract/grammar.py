"""The grammar of quantities: one pattern, composed of named parts, for all forms of a number with its unit.

The pattern is matched where a text has a numeral; every repetition in it is bounded or possessive, so that the
time for a text grows with its length and with nothing else. What a match means is read in
:mod:`pipeline.stages.extract.meaning`; which matches are no figures is said in
:mod:`pipeline.stages.extract.exclusions`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import regex

from pipeline import lexicon
from pipeline.stages.extract.numerals import CHINESE_DIGITS, SCALES

__all__ = ["ANCHOR", "Grammar", "Unit", "grammar"]

_DIGIT = "[0-9０-９]"
_CN = "[" + "".join(CHINESE_DIGITS) + "]"
_QUOTES = "“「『‘《"

#: Where a quantity, or a quotation that hides numbers, can begin. The standard library scans a set fastest.
ANCHOR = re.compile(f"[0-9０-９{''.join(CHINESE_DIGITS)}{''.join(SCALES)}几数上半翻{_QUOTES}]")

#: A named part is used in the pattern as {name}.
_PARTS: dict[str, str] = {}

_PARTS["quoted"] = r"""
    “ [^“”，。；：！？\n]{1,16} ”          # a slogan or name, without a pause in it
  | ‘ [^‘’，。；：！？\n]{1,16} ’
  | 「 [^「」，。；：！？\n]{1,16} 」
  | 『 [^『』，。；：！？\n]{1,16} 』
  | 《 [^《》\n]{1,60} 》                  # a title
"""

_PARTS["arabic"] = rf"""
  (?: {_DIGIT}{{1,3}} (?: [,，] {_DIGIT}{{3}} )++ (?!{_DIGIT})     # 1,234,567
    | {_DIGIT}{{1,15}}+ (?!{_DIGIT})
  )
  (?: [.．] {_DIGIT}{{1,8}}+ )?+ (?! [.．·•]?{_DIGIT} )
"""

# 千 of 千瓦 and 百 of 百分点 belong to the unit.
_PARTS["thousand"] = "千 (?! [瓦克米伏赫帕卡焦乏] )"
_PARTS["hundred"] = "百 (?! 分点|帕|分之 )"
_PARTS["more"] = "[余多来几]"
_PARTS["myriads"] = "(?: (?: {thousand} | {hundred} | 十 )? (?: 万亿 | [万亿] ) )"

_PARTS["mixed"] = rf"""
  {{arabic}}
  (?: \ ? {{more}}? {{myriads}}                                    # 2.3万, 50多万, 3千万
      (?: {_DIGIT}{{1,8}}+ (?: \.{_DIGIT}{{1,4}}+ )?+ (?! [年月/-] ) (?: {{thousand}} | {{hundred}} )? 万? )?   # 12万2800, 3亿5000万
    | {{thousand}} | {{hundred}}
  )?
  {{more}}?
"""

_PARTS["chinese"] = rf"""
  (?: 上 (?= [十百千万亿] ) | 数 (?= [十百千万亿] ) | 几 (?= [十百千万亿] ) )?
  (?: [十万亿] | {_CN} | {{thousand}} | {{hundred}} | [拾佰仟] ){{1,24}}+
  (?: 几 | [余多来] )?
  (?: {{myriads}} )?
  (?: 点 {_CN}{{1,6}}+ (?! [十百千] ) [万亿]? )?+
  [余多来]?
"""

_PARTS["number"] = "(?> {mixed} | {chinese} )"

_PARTS["clock"] = rf"""
    {_DIGIT}{{1,2}} [时点] {_DIGIT}{{1,2}} 分?
  | {_DIGIT}{{1,2}} [:：] {_DIGIT}{{2}} (?: [:：] {_DIGIT}{{2}} )?
  | {_DIGIT}{{1,3}} (?: 小时 | 分 ) {_DIGIT}{{1,2}} (?: \.{_DIGIT}{{1,3}} )? [分秒]
  | [一二三四五六七八九十]{{1,3}} [时点] [零一二三四五六七八九十]{{1,3}} 分
"""

_PARTS["calendar"] = rf"""
    (?: 19 | 20 ) {_DIGIT}{{2}} (?: \ ?年 | [-/.] {_DIGIT}{{1,2}} [-/.] {_DIGIT}{{1,2}} (?!{_DIGIT}) )
  | {_DIGIT}{{1,2}} \ ? 月 (?: \ ? {_DIGIT}{{1,2}} [日号] )?
  | [〇零一二三四五六七八九]{{4}} 年
  | {_DIGIT}{{1,4}} (?: [·•] {_DIGIT}{{1,4}} )++                   # 3·15
"""

_PARTS["measure"] = r"""
  (?> 个 [多半] (?: 月 | 小时 | 星期 | 世纪 | 学期 | 季度 | 钟头 | 工作日 )
    | \L<measures> (?: / \L<measures> )?
  )
"""

_PARTS["joint"] = "(?: 至 | 到 | [-—–－~～] )"

# What stands behind the unit: 两倍多, 三成以上. 多 may also begin the next word (多次, 多名).
_PARTS["behind"] = r"""
  (?P<beyond> [余多] (?! [次名个种项家处起人方地元轮件场重样少样边极年数] ) )?+
  (?P<behind> \L<behind> (?! [游级联班] ) )?
"""

_PATTERN = r"""
    (?P<quoted> {quoted} )
  | (?P<phrase> \L<phrases> | {clock} | {calendar} )
  | (?P<doubled> 翻番 )
  | (?P<half> 半数 | 一半 | (?<= [过近超逾达] ) 半 (?! [年月天小个日夜径百斤亩壁路信边程导] ) ) {behind}
  | (?P<whole> 百 | 千 | 万 | [一二三四五六七八九十]{1,3} ) 分之
    (?P<part> {number} ) (?: {joint} (?: (?P=whole) 分之 )? (?P<part_max> {number} ) )? {behind}
  | (?P<number> {number} )
    (?: \ ? (?P<first_unit> {measure} )? \ ? (?P<joint> {joint} ) \ ? (?P<number_max> {number} ) )?
    (?: \ ?
        (?: (?P<noun> \L<nouns> ) | (?P<unit> {measure} ) )
        (?: (?<= 成 ) (?P<tenth> [一二三四五六七八九] ) (?! [一二三四五六七八九十百个名件] ) )?
    )?
    {behind}
"""


def _compose(pattern: str) -> str:
    """Put the named parts in their places, the parts of parts too."""
    while "{" in (pattern := _fill(pattern)) and any(f"{{{name}}}" in pattern for name in _PARTS):
        pass
    return pattern


def _fill(pattern: str) -> str:
    for name, part in _PARTS.items():
        pattern = pattern.replace(f"{{{name}}}", f"(?:{part}\n)")
    return pattern


class Unit(NamedTuple):
    """A row of the measure words or of the counted nouns."""

    #: count, people, money, measure, percent, duration, time or none
    kind: str
    #: whether it needs more than one Chinese digit before it
    several: bool


class Grammar(NamedTuple):
    """The compiled pattern with the lexicons it was built from."""

    pattern: regex.Pattern[str]
    units: dict[str, Unit]
    nouns: dict[str, Unit]
    #: approximators: word -> bound, directly before the number, before its verb, and behind the unit
    near: dict[str, str]
    far: dict[str, str]
    behind: dict[str, str]
    #: finds an approximator that stands before the verb, at the end of the text before a number
    far_before: regex.Pattern[str]
    #: cue -> its words, longest first
    cues: dict[str, tuple[str, ...]]


def _both_brackets(word: str) -> set[str]:
    return {word, word.translate(str.maketrans("()", "（）"))}


@cache
def grammar() -> Grammar:
    """The grammar over the lexicons in use, compiled once."""
    units = {
        word: Unit(row["kind"], row["after"] == "several")
        for row in lexicon.table("measure_words")
        for word in _both_brackets(row["word"])
    }
    nouns = {
        word: Unit(row["kind"], row["lone"] == "no")
        for row in lexicon.table("counted_nouns")
        for word in _both_brackets(row["noun"])
    }
    words = lexicon.table("approximators")
    behind = {r["word"]: r["bound"] for r in words if r["side"] == "after"}
    far = {r["word"]: r["bound"] for r in words if r["reach"] == "far"}
    pattern = regex.compile(
        _compose(_PATTERN),
        regex.VERBOSE,
        measures=[*units],
        nouns=[*nouns],
        behind=[*behind],
        phrases=[r["phrase"] for r in lexicon.table("set_phrases")],
    )
    return Grammar(
        pattern,
        units,
        nouns,
        {r["word"]: r["bound"] for r in words if r["side"] == "before"},
        far,
        behind,
        regex.compile(rf"(?P<far>{'|'.join(far)})[^，,。；;、：\d的]{{0,6}}+\Z"),
        _cues(),
    )


def _cues() -> dict[str, tuple[str, ...]]:
    cues: dict[str, list[str]] = {}
    for row in lexicon.table("quantity_cues"):
        cues.setdefault(row["cue"], []).append(row["word"])
    return {cue: tuple(words) for cue, words in cues.items()}


lexicon.on_change(grammar)
