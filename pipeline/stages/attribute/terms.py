"""The verbs and nouns of a sentence that a figure may be told with, before any of its numbers is looked at."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from pipeline import lexicon
from pipeline.model import Sentence, Word
from pipeline.stages.attribute.frames import SentenceFrames
from pipeline.stages.attribute.name_clues import (
    of_noun_between,
    of_phrase,
    of_verb_between,
    of_verb_in_clause,
    of_word,
    plain,
)
from pipeline.stages.attribute.predicates import groups_of, stem
from pipeline.stages.linear import Group

__all__ = ["Term", "end_of_team", "is_frame", "is_nominal", "nouns", "term_of", "verbs", "with_quotes", "without_frame"]

#: Tags of words that can stand in a noun phrase, those of nouns apart.
_NOMINAL = frozenset({"b", "a", "j", "l", "i", "s", "f", "z", "g", "vn", "an", "k", "h", "eng", "zg"})

#: What a candidate is cut to at its edges.
_EDGES = "，、；：“”‘’（）() 的"
#: Words before a verb that say how it stands to the rest of the clause.
_LEADS = ("已", "共", "累计", "先后", "将", "被", "等", "把", "对", "为")
#: How far back they may stand.
_LEAD = 6

#: Groups of verbs that name no deed of their own.
_LIGHT = frozenset({"weak", "copula", "frame", "share", "unknown"})
_UNKNOWN = frozenset({"unknown"})

#: Tags of names of places, of localities and of directions.
_PLACES = frozenset({"ns", "f", "s"})

#: Tags of words that frame a noun phrase: of time, of place (中, 后), adverbs, prepositions, conjunctions, particles.
_FRAMING = frozenset({"t", "f", "d", "p", "c", "uj", "ul"})
#: Tags of words between a noun and its verb: 准确 in 卫星准确送入.
_BEFORE_VERB = frozenset({"a", "ad"})

#: The group of verbs that say what is meant to be.
_TARGET = frozenset({"target"})

#: A verb that names a thing has so many characters.
_SHORTEST = 2

#: What is quoted is no longer than this.
_QUOTED = 12


class Term(NamedTuple):
    """A verb or a string of nouns of a sentence with what does not depend on the number."""

    start: int
    end: int
    text: str
    tag: str
    clause: int
    clues: tuple[Group, ...]
    #: groups of a verb
    groups: frozenset[str] = frozenset()


def verbs(text: str, sentence: SentenceFrames) -> list[Term]:
    """The predicates of a sentence and its other words that are tagged as verbs, in order."""
    found = [(p.start, p.end, p.text, p.tag, p.groups or _UNKNOWN) for p in sentence.predicates]
    taken = {at for start, end, *_ in found for at in range(start, end)}
    found += [
        (w.start, w.end, w.text, w.tag, _UNKNOWN)
        for w in sentence.words
        if w.tag[0] == "v" and w.start not in taken and w.end - 1 not in taken
    ]
    found.sort(key=lambda verb: verb[:2])
    clauses = [_clause_of(sentence, start) for start, *_ in found]
    strong = [not groups <= _LIGHT for *_, groups in found]
    result = []
    for at, (start, end, word, tag, groups) in enumerate(found):
        others = [i for i, clause in enumerate(clauses) if clause == clauses[at]]
        deeds = [i for i in others if strong[i]]
        rank = ""
        if deeds and at in (deeds[0], deeds[-1]):
            rank = "only strong" if len(deeds) == 1 else "first strong" if at == deeds[0] else "last strong"
        clues = (
            of_word(word, tag, min(end - start, 4), groups),
            _between(text, sentence, start, end, clauses[at]),
            of_verb_in_clause(strong[at], min(len(deeds), 3), rank, at == others[0]),
        )
        result.append(Term(start, end, word, tag, clauses[at], clues, groups))
    return result


def _between(text: str, sentence: SentenceFrames, start: int, end: int, clause: int) -> Group:
    """Clues of the words next to a verb."""
    words = sentence.words
    # a place sorts before the word that starts there
    here, behind = bisect_left(words, (start,)), bisect_left(words, (end,))
    previous = words[here - 1].text[-2:] if here else ""
    following = words[behind] if behind < len(words) else None
    lead = text[max(sentence.sentence.clauses[clause].start, start - _LEAD) : start]
    return of_verb_between(
        previous,
        following.text[:2] if following else "",
        following.tag[0] if following else "",
        text[end : end + 1],
        tuple([word for word in _LEADS if word in lead]),
    )


def nouns(text: str, sentence: SentenceFrames) -> list[Term]:
    """The longest strings of words that can stand in a noun phrase, none across clauses.

    Verbal nouns at their edges may be the deed: 建立健全规章制度 is also 规章制度, 会议经费节约 is also 会议经费.
    """
    spans: set[tuple[int, int]] = set()
    words, first = sentence.words, 0
    clauses = [_clause_of(sentence, word.start) for word in words]
    while first < len(words):
        last = first
        while last < len(words) and is_nominal(words[last].tag, words[last].text) and clauses[last] == clauses[first]:
            last += 1
        if last > first:
            low, high = first, last
            while low < high and words[low].tag == "vn":
                low += 1
            while low < high and words[high - 1].tag == "vn":
                high -= 1
            edges = [(first, last)] if low == high else [(first, last), (low, last), (first, high)]
            spans |= {_stripped(text, words[one].start, words[other - 1].end) for one, other in edges}
        first = last + 1 if last == first else last
    spans |= {(words[at].start, words[at].end) for at in _verbs_as_nouns(words, clauses)}
    return [term_of(text, sentence, start, end) for start, end in sorted(spans) if start < end]


def _verbs_as_nouns(words: Sequence[Word], clauses: Sequence[int]) -> Iterator[int]:
    """Which words, tagged as verbs, name a thing: 酒驾 of 查获酒驾5起, 栽树 of 栽树3万棵, 投诉 of 投诉只有7件."""
    last = -1  # the clause of the last verb before
    for at, word in enumerate(words[:-1]):
        if word.tag[0] != "v":
            continue
        has_verb, last = last == clauses[at], clauses[at]
        if len(word.text) < _SHORTEST:
            continue
        following = words[at + 1]
        holds_thing = not groups_of(word.text) and bool(groups_of(word.text[0]))
        if (following.tag == "m" and (holds_thing or has_verb)) or (following.text in _levels() and not has_verb):
            yield at


@cache
def _levels() -> frozenset[str]:
    """Words that only lead to a number: 只有, 达, 占."""
    return frozenset(r["word"] for r in lexicon.table("function_words") if r["class"] == "level")


lexicon.on_change(_levels)


def term_of(text: str, sentence: SentenceFrames, start: int, end: int) -> Term:
    """A stretch of a sentence as a noun, with its clues."""
    words = sentence.words
    # a place sorts before the word that starts there
    first, last = bisect_left(words, (start,)), bisect_left(words, (end,))
    inside = words[first:last]
    previous, following = words[first - 1] if first else None, words[last] if last < len(words) else None
    number = _clause_of(sentence, start)
    clause = sentence.sentence.clauses[number]
    tag = inside[-1].tag if inside else ""
    clues = (
        of_phrase(text[start:end], tag),
        of_noun_between(
            previous.text[-2:] if previous else "",
            previous.tag[0] if previous else "",
            inside[0].tag if inside else "",
            text[end : end + 1],
        ),
        plain(
            f"all places={all(word.tag in _PLACES for word in inside)}",
            f"verb behind={following is not None and following.tag[0] == 'v'}",
            f"edges={start == clause.start},{end == clause.end}",
        ),
    )
    return Term(start, end, text[start:end], tag, number, clues)


def without_frame(words: Sequence[Word], start: int, end: int) -> tuple[int, int]:
    """A stretch without the words at its edges that are no part of a noun phrase, if something is left of it."""
    first, last = bisect_left(words, (start,)), bisect_left(words, (end,))
    low, high = first, last
    while low < high and is_frame(words[low]):
        low += 1
    while low < high and (is_frame(words[high - 1]) or words[high - 1].tag in _BEFORE_VERB):
        high -= 1
    if low == high:
        return start, end
    return (start if low == first else words[low].start), (end if high == last else words[high - 1].end)


def end_of_team(words: Sequence[Word], end: int) -> int:
    """Where a name of a team ends that begins with a noun and goes on with a verb: 县委|巡回|督查组."""
    at = bisect_left(words, (end,))
    if at + 1 < len(words) and words[at].start == end and words[at].tag[0] == "v":
        head = words[at + 1]
        return head.end if head.text.endswith(_teams()) else end
    return end


@cache
def _teams() -> tuple[str, ...]:
    return tuple(row["ending"] for row in lexicon.table("noun_endings") if row["class"] == "team")


lexicon.on_change(_teams)


def is_frame(word: Word) -> bool:
    """Whether a word frames a noun phrase: by its kind, or as a verb of targets (力争, 计划) or of shares (占)."""
    return word.tag in _FRAMING or word.text == "占" or (word.tag[0] in "vn" and groups_of(word.text) == _TARGET)


def with_quotes(text: str, sentence: Sentence, start: int, end: int) -> str:
    """A stretch with both quotes where it holds one of a pair: “小金库”问题 for 库”问题, 办件 for “办件."""
    phrase = text[start:end]
    opened, closed = phrase.count("“"), phrase.count("”")
    if opened < closed:
        begin = text.rfind("“", max(sentence.start, start - _QUOTED), start)
        return text[begin:end] if begin >= 0 else phrase.replace("”", "")
    if opened > closed:
        stop = text.find("”", end, min(sentence.end, end + _QUOTED))
        return text[start : stop + 1] if stop >= 0 else phrase.replace("“", "")
    return phrase


def is_nominal(tag: str, word: str) -> bool:
    """Whether a word can stand in a noun phrase, by its tag, and is no verb with what goes with it (追回来)."""
    return (tag in _NOMINAL or tag[0] == "n" or word in ("“", "”")) and not stem(word, tag)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    """A stretch without quotes and marks at its edges."""
    while start < end and text[start] in _EDGES:
        start += 1
    while start < end and text[end - 1] in _EDGES:
        end -= 1
    return start, end


def _clause_of(sentence: SentenceFrames, at: int) -> int:
    """The number of the clause that a place lies in or behind."""
    clauses = sentence.sentence.clauses
    return max(bisect_right(clauses, at, key=lambda clause: clause.start) - 1, 0)
