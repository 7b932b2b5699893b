"""The actor of a figure: who did it, and of which rank."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence, Set
from functools import cache, lru_cache

import regex

from pipeline import lexicon
from pipeline.model import Article, Quantity
from pipeline.stages.attribute.deeds import AND, IN_ORDER, Deed, series
from pipeline.stages.attribute.frames import Frame, SentenceFrames
from pipeline.stages.attribute.reach import is_division

__all__ = ["actors", "level_of", "named_level"]


def actors(
    article: Article,
    sentences: Sequence[SentenceFrames],
    deeds: Sequence[Deed],
    roles: Sequence[tuple[str, str, float]],
) -> list[tuple[str, str | None]]:
    """One (actor, level) a quantity: the subject of its clause, or the group with a count that did it."""
    result: list[tuple[str, str | None]] = [("", None)] * len(article.quantities)
    for sentence in sentences:
        subject, place = "", 0
        for position, frame in enumerate(sentence.frames):
            quantity = article.quantities[frame.index]
            if _is_new_entry(article.text, place, quantity.start):
                subject = ""
            place = quantity.end
            if roles[frame.index][0] == "actor":
                subject = deeds[frame.index].object
            elif own := _places_alone(article.text, sentence, frame, quantity) or _subject(
                article, sentence, position, deeds
            ):
                subject = own
            result[frame.index] = (subject, level_of(subject or deeds[frame.index].object))
        _distribute(sentence, result)
    return result


def _distribute(sentence: SentenceFrames, result: list[tuple[str, str | None]]) -> None:
    """Give those who stand before 分别 their numbers in order: A和B分别查摆问题6个、9个，整改5个、7个."""
    dealt: dict[str, list[str]] = {}
    for position, frame in enumerate(sentence.frames):
        group = result[frame.index][0]
        if frame.joined is not None or not (group in dealt or IN_ORDER.search(frame.left)):
            continue
        indices = series(sentence.frames, position)
        named = dealt.get(group) or [name for name in AND.split(group) if name]
        if len(named) == len(indices) > 1:
            dealt[group] = named
            for index, name in zip(indices, named, strict=True):
                result[index] = (name, level_of(name))


def _places_alone(text: str, sentence: SentenceFrames, frame: Frame, quantity: Quantity) -> str:
    """The places that are all that stands before a number, and nothing behind.

    甲镇立案5件，乙镇4件; 丙县、丁县分别为3件、2件.
    """
    found = _PLACES_ALONE.fullmatch(frame.left)
    if found is None or frame.noun_right or text[quantity.end : quantity.end + 1] not in _ENDS:
        return ""
    names: str = found["names"]
    alone = AND.split(names)
    if (len(alone) > 1) != (IN_ORDER.search(frame.left) is not None):
        return ""
    words, start = sentence.words, quantity.start - len(frame.left) + found.start("names")
    first = words[min(bisect_left(words, (start,)), len(words) - 1)]
    # 送来锦旗11面 is a deed and its thing, 乡镇94人 names no place
    return names if all(is_division(name) or (len(name) > _KIND and first.tag[0] == "n") for name in alone) else ""


#: A name of a township is longer than its kind and what goes with that: 乡镇, 街道.
_KIND = 2
_NAME = r"(?![全各本该我])\p{Han}{1,7}?(?:街道|自治[州县]|[省市县区旗州盟镇乡])"
_PLACES_ALONE = regex.compile(
    rf"(?:其中|以及|和|、)?[，,]?(?P<names>{_NAME}(?:[、和及与]{_NAME})*)(?:[两二三四五六][省市县区镇乡])?"
    r"(?:分别|依次|各)?(?:有|为|共|仅)?"
)
_ENDS = frozenset(("", *"，、；。,;（）()和及"))


def _is_new_entry(text: str, start: int, end: int) -> bool:
    """Whether a semicolon parts two numbers: the next entry has a subject of its own or none that is known."""
    return bool(start) and bool(_ENTRY.search(text, start, end))


_ENTRY = regex.compile(r"[;；]")

#: A bracket that closes before the name: (单位负责人)县委.
_CLOSED = regex.compile("[)）]")

#: What leads to a group: who says it, when it was, a word that joins it on.
_LEADING = regex.compile(
    r"""
    ^ (?: \p{Han}{2,8}? (?: 说|介绍|表示|告诉记者|透露 ) [，,：:]? )?
    (?: (?: 截至.*? | (?: [今去]年 | 近年 | 近[几两三] 年 | [0-9]{4}年 ) (?: 以来 | 来 | [初底末中] | [上下]半年 )?
          | [上下]半年 | 第?[一二三四]季度
          | [0-9一二三四五六七八九十]{1,3} 月份? | 前[0-9一二三四五六七八九十]{1,2}个?月
          | 目前 | 如今 | 其中 | 同时 | 全年 | 另外 | 随后 | 近日 | 日前 ) [，,]? )*
    [从由在按经]? (?= \p{Han}{2} )
    """,
    regex.VERBOSE,
)


def _subject(article: Article, sentence: SentenceFrames, position: int, deeds: Sequence[Deed]) -> str:
    """Who stands before the verb: the group with a count right before it, else the organisation that is named."""
    frame = sentence.frames[position]
    deed = deeds[frame.index]
    if deed.source != "before" or not frame.before:
        return ""
    start = article.quantities[frame.index].start - len(frame.left)
    verb = next((p for p in frame.before if deed.action.startswith(p.text)), frame.before[0])
    earlier = [p.end for p in frame.before if p.end <= verb.start]
    begin = max([start, *earlier])
    stretch = article.text[begin : verb.start]
    if not stretch.strip("共已累计还又分别") and position and not earlier:
        return _counted_before(article, sentence, position, deeds)
    ends = {word.end for word in sentence.words}
    found = _named(article.text, begin, verb.start, ends)
    if found is None:
        found = _named(article.text, frame.content_start, frame.before[0].start, ends)
    return found or ""


def _counted_before(article: Article, sentence: SentenceFrames, position: int, deeds: Sequence[Deed]) -> str:
    """The group that was counted right before the verb: 班子成员667人查找问题3128个."""
    quantity = article.quantities[sentence.frames[position].index]
    before = sentence.frames[position - 1].index
    same = article.quantities[before].clause == quantity.clause
    name = deeds[before].object
    # 县级发文 has a 县 in it, and is no group
    return name if same and any(m.end() == len(name) for m in _organisation().finditer(name)) else ""


def _named(text: str, start: int, end: int, ends: Set[int]) -> str | None:
    """A stretch up to the last word that ends with a group or an organisation, None if there is none.

    The 部 of 部队 is none; what leads to the group (从, 某某说) is no part of it. '' where something was done to it or
    for it (为群众办实事).
    """
    found = [m.end() for m in _organisation().finditer(text, start, end) if m.end() in ends]
    if not found:
        return None
    phrase = _CLOSED.split(text[start : found[-1]])[-1]
    name: str = _LEADING.sub("", phrase).strip(' 、，,“”"(（】—').rstrip("和").lstrip("的仅")
    is_word = text.rfind(name, start, found[-1]) + 1 in ends
    return "" if is_word and name[:1] in _DONE_FOR else name


#: Prepositions of those to whom something was done.
_DONE_FOR = frozenset("对向把将为给")


@cache
def _organisation() -> regex.Pattern[str]:
    words = sorted((r["word"] for r in lexicon.table("actors")), key=lambda w: (-len(w), w))
    return regex.compile("(?:" + "|".join(map(regex.escape, words)) + ")")


lexicon.on_change(_organisation)


@cache
def _levels() -> tuple[tuple[regex.Pattern[str], str], ...]:
    return tuple((regex.compile(r["pattern"]), r["level"]) for r in lexicon.table("actor_levels"))


lexicon.on_change(_levels)


@lru_cache(maxsize=8192)
def level_of(phrase: str) -> str | None:
    """The rank that a phrase names, by ``lexicon/actor_levels.csv``; None if it names none.

    >>> level_of("县处级以上干部")
    '县处级'
    """
    return named_level(phrase)[1]


lexicon.on_change(level_of)


def named_level(phrase: str) -> tuple[str, str | None]:
    """The words of a phrase that name a rank, and the rank; ('', None) if none do."""
    for pattern, level in _levels():
        if found := pattern.search(phrase):
            return found.group(), level
    return "", None
