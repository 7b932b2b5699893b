"""Numbers with a measure word that are no figures, by what stands around them.

Calendar, clock, set phrases and quoted names are parts of the grammar; here are the rest: ordinals, ranks,
一 as an article, powers of ten that only mean many, and durations.
"""

from __future__ import annotations

import regex

from pipeline.stages.extract.grammar import Grammar, Unit

__all__ = ["WINDOW", "counts", "is_ordinal", "is_power", "is_session", "many_only", "shortened", "single"]

#: Characters before a number that the checks look at.
WINDOW = 12

_ORDINAL = regex.compile(
    r"""
    (?: 第
      | 第 [一二三四五六七八九十0-9]{1,4} [、和及与至到-] (?: [一二三四五六七八九十0-9]{1,4} [、和及与至到-] ){0,4}
        | (?<! [目面日以之提此当年月天生事会眼跟门从先空战赛节课村底期午] ) 前   # 前三名, but not 目前三名
      | [A-Za-zＡ-Ｚａ-ｚ] [-—]?                        # G20, 歼-20
      | [+＋×/]
    ) \Z
    """,
    regex.VERBOSE,
)

#: 百 千 万 亿 and their products without a coefficient.
_POWER = regex.compile("[十百千万亿]+")

_WRITTEN_OUT = regex.compile("[一二三四五六七八九十百千万亿两零〇]+")

_MANY = regex.compile(r"(?:过|近|逾|超|约|达|超过|突破|不足|不到|接近|将近|大约|成|每)\Z")

_GOES_ON = regex.compile(r"(?:户|级|村|镇|店|楼|项目|企业|产业|俱乐部)")


def is_ordinal(before: str) -> bool:
    """Whether the number after ``before`` is an ordinal, a rank or part of a name.

    >>> is_ordinal("专项行动第"), is_ordinal("第二、"), is_ordinal("目前"), is_ordinal("排名前")
    (True, True, False, True)
    """
    return _ORDINAL.search(before) is not None


_SESSION = regex.compile("(?:全会|全体会议|会议|大会|代表大会|常委会)")


def is_session(unit: str, before: str, after: str) -> bool:
    """Whether 次 numbers a session of a body: 十八届中央纪委六次全会."""
    return unit == "次" and "届" in before and _SESSION.match(after) is not None


def is_power(number: str) -> bool:
    """Whether a number is 百, 千, 万, 亿 or a product of them, without a coefficient."""
    return _POWER.fullmatch(number) is not None


def counts(number: str, unit: Unit) -> bool:
    """Whether a number written so can stand before that unit or noun: 三面 and 二次 cannot, 3面 and 十二次 can."""
    if number == "零":
        return False
    if len(number) > 1 or not _WRITTEN_OUT.fullmatch(number):
        return True
    return not unit.several and not (number == "二" and unit.kind in ("count", "people"))


def single(before: str, after: str, unit: str, kind: str, grammar: Grammar) -> bool:
    """Whether a Chinese 一 with that unit counts; else it is an article (一个问题).

    It counts where a word of limit or of rate goes before (至少一次, 每月一场), where a deed is told of it (查处一起), and
    where the counted thing is left out (一家被吊销执照).
    """
    if kind not in ("count", "people"):
        return True
    clause = regex.split("[，,。；;：:、]", before)[-1]
    if any(cue in clause for cue in grammar.cues["single"]):
        return True
    if unit in ("起", "件", "人", "名", "家", "宗", "例", "户"):
        return clause.endswith(grammar.cues["deed"]) or after.startswith(("被", "受到", "因"))
    return False


def many_only(number: str, before: str, after: str, kind: str) -> bool:
    """Whether a bare 百, 千, 万 or 亿 only says many: 千家万户 and 百名, but not 百万家, 过万 or 万元以上."""
    if not _POWER.fullmatch(number) or number[0] == "十" and len(number) == 1 or _MANY.search(before):
        return False
    if kind == "money":
        return _GOES_ON.match(after) is not None
    return len(number) == 1 or kind == ""


def shortened(before: str, after: str, grammar: Grammar) -> bool:
    """Whether a duration is what a report achieved (办理时限压缩到3个工作日), not a time in which something happened."""
    cues = grammar.cues["shorten"]
    return before.endswith(cues) or (("由" in before or "从" in before) and after.startswith(cues))
