"""The frame of a quantity: the words around it that say what it counts and what was done.

A clause of a report packs its numbers in few shapes: the deed before the thing counted (查找问题5个), the
thing behind the number (选派6个督导组), the deed behind it (51家责令整改), no deed at all where an earlier one
goes on (党纪处分3人、政务处分2人), and a share or a change (整改率95%, 同比下降9%). A :class:`Frame` cuts
the clause into these pieces once; action, object, role, metric and part_of all read the pieces.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import regex

from pipeline import lexicon
from pipeline.model import Article, Quantity, Sentence, Word
from pipeline.stages.attribute.predicates import HIDDEN, Predicate, predicates, stem

__all__ = ["Frame", "SentenceFrames", "frames", "function_words", "number_end"]


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around one quantity. All texts are stretches of ``Article.text``."""

    #: index of the quantity
    index: int
    #: text of the clause before the number, back to the quantity before it or the start of the clause
    left: str
    #: text behind the measure word, up to the next quantity or the end of the clause
    right: str
    #: the noun phrase right behind the measure word (督导组 in 6个督导组), '' if none
    noun_right: str
    #: where the words before the number begin and end that say something (without 共, 累计, 已, 达)
    content_start: int
    content_end: int
    #: predicates of ``left``, in order
    before: tuple[Predicate, ...]
    #: predicates of ``right``, in order, those inside ``noun_right`` left out
    after: tuple[Predicate, ...]
    #: index of the quantity that this one is coordinated with (X人、Y人; 3件5人), or None
    joined: int | None
    #: the preposition that governs the number (对7家…给予警告), '' if none
    preposition: str

    @property
    def leads(self) -> bool:
        """Nothing but adverbs stands before the number."""
        return self.content_start == self.content_end


class SentenceFrames(NamedTuple):
    """The quantities of one sentence with their frames."""

    sentence: Sentence
    words: tuple[Word, ...]
    predicates: tuple[Predicate, ...]
    frames: tuple[Frame, ...]


@cache
def function_words(kind: str) -> frozenset[str]:
    """All function words of a class of ``lexicon/function_words.csv``."""
    return frozenset(r["word"] for r in lexicon.table("function_words") if r["class"] == kind)


lexicon.on_change(function_words)


#: Between two quantities that are coordinated stand only these.
_JOINT = regex.compile(r"^[\s、]*+(?:和|及|与|以及|或|、)?+\s*+$")

#: Tags of words that can stand in a noun phrase.
_NOMINAL = ("n", "b", "a", "j", "l", "i", "s", "f", "z", "g", "vn", "an", "uj", "k", "h", "ng", "eng", "ad", "zg")


def frames(article: Article, words_of: dict[int, tuple[Word, ...]]) -> list[SentenceFrames]:
    """The frames of all quantities, sentence by sentence."""
    by_sentence: dict[int, list[int]] = {}
    for index, quantity in enumerate(article.quantities):
        by_sentence.setdefault(quantity.sentence, []).append(index)
    return [_sentence_frames(article, s, indices, words_of.get(s, ())) for s, indices in by_sentence.items()]


def _sentence_frames(article: Article, at: int, indices: list[int], words: tuple[Word, ...]) -> SentenceFrames:
    found = tuple(predicates(article.text, words))
    reading = _Reading(article.text, article.sentences[at], words, found, [p.start for p in found])
    result: list[Frame] = []
    for place, index in enumerate(indices):
        following = article.quantities[indices[place + 1]] if place + 1 < len(indices) else None
        before = article.quantities[indices[place - 1]] if place else None
        taken = len(result[-1].noun_right) if result else 0
        result.append(_frame(reading, article.quantities[index], index, before, following, taken))
    return SentenceFrames(reading.sentence, words, found, tuple(result))


class _Reading(NamedTuple):
    """A sentence with its words and predicates."""

    text: str
    sentence: Sentence
    words: tuple[Word, ...]
    predicates: tuple[Predicate, ...]
    #: where the predicates start
    starts: list[int]

    def starting(self, start: int, end: int) -> tuple[Predicate, ...]:
        """The predicates that start in a stretch."""
        return self.predicates[bisect_left(self.starts, start) : bisect_left(self.starts, end)]


def _frame(
    reading: _Reading,
    quantity: Quantity,
    index: int,
    before: Quantity | None,
    following: Quantity | None,
    taken: int,
) -> Frame:
    """The frame of a quantity between two others; ``taken`` is the length of the noun that the one before took."""
    text, clause = reading.text, reading.sentence.clauses[quantity.clause]
    left_start, is_joined = _left(text, clause.start, quantity, before, taken)
    right_end = min(clause.end, following.start if following else clause.end)
    before_it = reading.starting(left_start, quantity.start)
    first, last = _content(reading.words, left_start, quantity.start, before_it)
    preposition = _preposition(reading.words, first, quantity.start, before_it)
    relative = text[left_start : quantity.start].rstrip("“ 约近超过").endswith("的")
    wanted = relative or preposition in function_words("governs") or _waits_for_object(text, before_it, quantity)
    noun_right, noun_end = _noun_behind(
        reading, number_end(text, quantity), right_end, wanted, before_number=right_end < clause.end
    )
    return Frame(
        index,
        left=text[left_start : quantity.start],
        right=text[quantity.end : right_end],
        noun_right=noun_right,
        content_start=first,
        content_end=last,
        before=before_it,
        after=reading.starting(noun_end, right_end),
        joined=index - 1 if is_joined else None,
        preposition="" if preposition == "为" and not noun_right else preposition,
    )


def _left(text: str, start: int, quantity: Quantity, before: Quantity | None, taken: int) -> tuple[int, bool]:
    """Where the words before a number begin that are its own, and whether it is coordinated with the one before."""
    if before is None or before.clause != quantity.clause:
        return max(start, before.end if before else 0), False
    if _JOINT.match(text[before.end : quantity.start]):
        return before.end, True
    return before.end + taken, False


def _waits_for_object(text: str, before: Sequence[Predicate], quantity: Quantity) -> bool:
    """Whether a verb that names a deed stands right before the number, so that its object must follow."""
    if not before or not before[-1].groups or before[-1].groups <= {"weak", "copula", "share", "change"}:
        return False
    return not text[before[-1].end : quantity.start].strip("了出到起近约超过逾共 ")


def number_end(text: str, quantity: Quantity) -> int:
    """Where the thing counted begins: a number without a measure word is marked with its noun's first word."""
    if (
        quantity.unit
        and lexicon.row("measure_words", quantity.unit) is None
        and text.endswith(quantity.unit, 0, quantity.end)
    ):
        return quantity.end - len(quantity.unit)
    if not quantity.unit:
        number = _NUMBER.match(text, quantity.start, quantity.end)
        return number.end() if number else quantity.end
    return quantity.end


_NUMBER = regex.compile(r"[0-9０-９,.，．〇零一二两三四五六七八九十百千万亿几数余多上]++")


def _content(words: tuple[Word, ...], start: int, end: int, before: Sequence[Predicate]) -> tuple[int, int]:
    """The stretch before the number without times, adverbs and marks at its edges (今年, 另, 共, 累计, 已, 达)."""
    inside = words[bisect_left(words, (start,)) : bisect_left(words, (end,))]
    low, high = 0, len(inside)
    while low < high and _is_filler(inside[low], before, opening="“‘《"):
        low += 1
    while low < high and _is_filler(inside[high - 1], before, opening="”’》"):
        high -= 1
    return (inside[low].start, inside[high - 1].end) if low < high else (end, end)


def _is_filler(word: Word, before: Sequence[Predicate], opening: str) -> bool:
    says_nothing = (
        word.text in _filler_words()
        or word.tag in ("t", "uj", "ul", "ug")
        or (word.tag == "d" and opening == "“‘《")
        or (word.tag == "x" and word.text not in opening)
    )
    return says_nothing and not any(verb.start <= word.start < verb.end for verb in before)


@cache
def _filler_words() -> frozenset[str]:
    return function_words("adverb") | function_words("time") | function_words("conjunction")


lexicon.on_change(_filler_words)


def _noun_behind(reading: _Reading, start: int, end: int, wanted: bool, before_number: bool) -> tuple[str, int]:
    """The noun phrase that begins right behind the measure word (and 以上, 的), and where it ends.

    ``wanted`` is true where a verb stands right before the number (组建42个…): its object must follow.
    """
    text, words = reading.text, reading.words
    if bound := _BOUND_BEHIND.match(text, start, end):
        start = bound.end()
    at = bisect_left(words, (start,))
    stop = start
    verbs = {p.start: p for p in reading.starting(start, end + 1) if p.tag != HIDDEN}
    while at < len(words) and words[at].start < end and _continues_noun(words, at, verbs, start, stop, end, wanted):
        stop = words[at].end
        at += 1
    phrase = text[start:stop].rstrip("的、和与及“ ")
    if before_number and stop >= end and "、" in phrase:
        # what stands right before the next number is counted by that one
        phrase = phrase[: phrase.rindex("、")]
    return phrase, start + len(phrase)


_BOUND_BEHIND = regex.compile(r"(?:以上|以下|以内|左右|上下|之多)?+的?+")


def _continues_noun(
    words: tuple[Word, ...],
    at: int,
    verbs: dict[int, Predicate],
    start: int,
    stop: int,
    end: int,
    wanted: bool,
) -> bool:
    word = words[at]
    if word.text.endswith("级") and word.end < end:
        return True
    if word.text in "“”‘’《》" or (word.text in ("、", "和", "及", "与", "等") and stop > start):
        return True
    if stop == start and _is_kind(words, at):
        return True
    if _heads_compound(words, at, end) or (wanted and _noun_to_the_end(words, at, end)):
        return True
    verb = verbs.get(word.start)
    if verb is not None and verb.end >= end:
        return False
    if verb is not None and verb.groups:
        if wanted and stop == start and not verb.groups <= {"weak", "copula", "frame"}:
            return True
        if verb.end > word.end or not word.tag.startswith("n"):
            # a verb goes on the phrase only as its modifier: 受处分的人, 检查组
            return stop == start and _modifies(words, at, end)
        # a noun that is a verb too (罚款) heads a phrase only if something of the phrase follows
        return at + 1 < len(words) and words[at + 1].start < end and words[at + 1].tag.startswith("n")
    if word.text in function_words("adverb") or word.text == "不":
        return wanted and stop == start and _modifies(words, at, end)
    if word.tag.startswith("v") and word.tag != "vn":
        return (wanted and stop == start) or _modifies(words, at, end)
    return word.tag.startswith(_NOMINAL) and not stem(word.text, word.tag)


def _is_kind(words: tuple[Word, ...], at: int) -> bool:
    """Whether a word of time says of what kind the noun behind it is: 日间 in 日间照料中心."""
    if words[at].tag != "t" or at + 1 == len(words) or not words[at + 1].tag.startswith("n"):
        return False
    return words[at].text not in function_words("adverb") and words[at].text not in function_words("time")


def _noun_to_the_end(words: tuple[Word, ...], at: int, end: int) -> bool:
    """Verbs inside a long name: nothing but nouns and verbs up to the end of the clause, the last one a noun."""
    rest = [w for w in words[at : at + 6] if w.end <= end]
    if not rest or rest.pop().text != "中":
        return False
    if not 1 < len(rest) < 6 or not rest[-1].tag.startswith("n"):
        return False
    return all(
        w.tag.startswith(("n", "v", "j", "l", "i", "b", "a")) and w.text not in ("进行", "实施", "被") for w in rest
    )


def _heads_compound(words: tuple[Word, ...], at: int, end: int) -> bool:
    """A verb right before a noun of one character is a compound: 巡视+组, 搬迁+点, 就医+率."""
    following = at + 1
    return (
        words[at].tag.startswith("v")
        and following < len(words)
        and words[following].end <= end
        and words[following].end - words[following].start == 1
        and words[following].tag in ("n", "ng", "k", "q", "nz")
        and words[following].text not in "于"
    )


def _modifies(words: tuple[Word, ...], at: int, end: int) -> bool:
    """Whether the verb at ``at`` is followed by 的 and a noun within a few words, before the clause ends."""
    for i in range(at + 1, min(at + 8, len(words) - 1)):
        if words[i].start >= end:
            return False
        if words[i].text == "的":
            return words[i + 1].tag.startswith(("n", "v", "l", "j")) and words[i + 1].end <= end
    return False


def _preposition(words: tuple[Word, ...], start: int, end: int, before: Sequence[Predicate]) -> str:
    """The preposition that is still open at the number: no verb stands between it and the number."""
    prepositions = function_words("preposition")
    since = before[-1].end if before else start
    for word in reversed(words[bisect_left(words, (since,)) : bisect_left(words, (end,))]):
        if word.text in prepositions:
            return word.text
    return ""
