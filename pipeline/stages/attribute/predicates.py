"""The predicates of a sentence: verbs of the lexicon of actions, and other words tagged as verbs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from pipeline import lexicon
from pipeline.model import Word

if TYPE_CHECKING:
    from daachorse import CharwiseDoubleArrayAhoCorasick

__all__ = ["HIDDEN", "Predicate", "groups_of", "predicates", "stem"]


class Predicate(NamedTuple):
    """A verb with its place in the text and its groups of the lexicon (none for a verb that it lacks)."""

    start: int
    end: int
    text: str
    groups: frozenset[str]
    #: part of speech of the word that it begins with: v, vn, n …
    tag: str


@cache
def _matcher() -> tuple[CharwiseDoubleArrayAhoCorasick, tuple[frozenset[str], ...]]:
    import daachorse

    rows = lexicon.table("actions")
    automaton = daachorse.CharwiseDoubleArrayAhoCorasick(
        [r["verb"] for r in rows], daachorse.MATCH_KIND_LEFTMOST_LONGEST
    )
    return automaton, tuple(frozenset(r["groups"].split()) for r in rows)


lexicon.on_change(_matcher)


@cache
def _auxiliaries() -> frozenset[str]:
    return frozenset(r["word"] for r in lexicon.table("function_words") if r["class"] == "auxiliary")


lexicon.on_change(_auxiliaries)


@cache
def _adverbs() -> frozenset[str]:
    return frozenset(r["word"] for r in lexicon.table("function_words") if r["class"] == "adverb")


lexicon.on_change(_adverbs)


def groups_of(verb: str) -> frozenset[str]:
    """The groups of a verb, none if the lexicon lacks it."""
    found = lexicon.row("actions", verb)
    return frozenset(found["groups"].split()) if found else frozenset()


def predicates(text: str, words: Sequence[Word]) -> list[Predicate]:
    """All predicates of a sentence, in order, not overlapping. ``text`` is the article, ``words`` the sentence's.

    A verb of the lexicon that lies inside a longer noun (检查 in 检查组) is none; a verb of one character
    must be a word of its own.
    """
    if not words:
        return []
    found: list[Predicate] = []
    for begin, stop, groups, first, last in _matches(text, words):
        if _is_hidden(begin, stop, first, last):
            found.append(Predicate(begin, stop, text[begin:stop], groups, HIDDEN))
        elif first.tag != "p" and _is_word_of_its_own(text, begin, stop, first, last):
            found.append(Predicate(begin, stop, text[begin:stop], groups, first.tag))
    return _with_other_verbs(found, words)


def _matches(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int, frozenset[str], Word, Word]]:
    """The verbs of the lexicon in a sentence: start, end, groups, the words in which they begin and end.

    None ends inside a verb that is a word of its own: 共|建成 is no 共建, 办|成立 no 办成.
    """
    start, end = words[0].start, words[-1].end
    covering = [w for w in words for _ in range(w.end - w.start)]
    matcher, groups = _matcher()
    at = start
    while at < end:
        base, at = at, end
        for begin, stop, identity in matcher.find(text[base:end]):
            first, last = covering[begin + base - start], covering[stop - 1 + base - start]
            if first is not last and stop + base < last.end and last.tag[0] == "v":
                at = last.start
                break
            yield begin + base, stop + base, groups[identity], first, last


#: The tag of a verb that a longer noun holds (投入 in 财政投入, 冻结 in 冻结资金): the last to be chosen.
HIDDEN = "hidden"


@cache
def _complements() -> tuple[str, ...]:
    """What follows a verb of one character, and no noun."""
    return tuple(r["word"] for r in lexicon.table("function_words") if r["class"] == "complement")


lexicon.on_change(_complements)


#: What a rate or level is named by: 满意|度, 办结|率, 浏览|量.
_OF_LEVEL = frozenset("率度量")


def _is_hidden(begin: int, stop: int, first: Word, last: Word) -> bool:
    if first is not last or first.tag[0] not in "nlij" or stop - begin != 2:
        return False
    if first.end - first.start < 4:
        return first.start == begin and first.text[-1] in _OF_LEVEL and first.end == stop + 1
    return first.start == begin or first.end == stop


def _is_word_of_its_own(text: str, begin: int, stop: int, first: Word, last: Word) -> bool:
    if first is last:
        exact = first.start == begin and first.end == stop
        if exact and stop - begin == 1 and first.tag[0] in "nmqtf":
            # 省 is a province, but in 省下 and 省出
            return text.startswith(_complements(), stop)
        if first.text[0] == "共" and begin == first.start + 1 and stop == first.end:
            return True
        ends_phrase = first.end == stop and first.end - first.start >= 4 and first.tag[0] in "li"
        return exact if stop - begin == 1 else exact or ends_phrase or first.tag[0] not in "nlijtmrs"
    # across words: it must not end inside a noun that goes on (发展现…)
    starts_word = first.start == begin or text[first.start : begin] in _adverbs()
    return starts_word and (last.end == stop or last.tag[0] != "n")


def _with_other_verbs(found: list[Predicate], words: Sequence[Word]) -> list[Predicate]:
    """Add the verbs that the lexicon lacks, by their part of speech and what follows them."""
    taken = {at for p in found for at in range(p.start, p.end)}
    others = [
        verb
        for word, following in zip_longest(words, words[1:])
        if word.start not in taken and word.end - 1 not in taken and (verb := _other(word, following)) is not None
    ]
    return sorted(found + others) if others else found


def _other(word: Word, following: Word | None) -> Predicate | None:
    """The verb that a word is by its part of speech: 巡回; 建 of 建了; 栽树, hidden in a noun, before a number."""
    text, tag = word.text, word.tag
    if tag in ("v", "vi", "vd"):
        if text in _auxiliaries() or text[0] == "率" or (len(text) == 1 and not _carries(following)):
            return None
        return Predicate(word.start, word.end, text, frozenset(), tag)
    if tag[0] == "n":
        hidden = len(text) == 2 and following is not None and following.tag == "m" and groups_of(text[0])
        return Predicate(word.start, word.end, text, hidden, HIDDEN) if hidden else None
    if verb := stem(text, tag):
        return Predicate(word.start, word.start + len(verb), verb, groups_of(verb), "v")
    return None


def stem(text: str, tag: str) -> str:
    """The verb of a word that the segmenter made of a verb and what goes with it, or nothing.

    >>> stem("建了", "ul"), stem("养着", "uz"), stem("栽上", "f"), stem("追回来", "l"), stem("路上", "s")
    ('建', '养', '栽', '追', '')
    """
    if tag in _PARTICLES:
        return text[0] if len(text) == 2 else ""
    return _without_direction(text) if tag[0] in "bflst" else ""


@lru_cache(maxsize=8192)
def _without_direction(text: str) -> str:
    for end in _directions():
        if len(end) < len(text) and text.endswith(end):
            verb = text[: -len(end)]
            return verb if len(end) > 1 or groups_of(verb) else ""
    return ""


#: The tags that jieba gives to a verb with 了, 着, 过 or 得 behind it.
_PARTICLES = frozenset({"ul", "uz", "ug", "ud"})


@cache
def _directions() -> tuple[str, ...]:
    """Where a deed goes to, the longest first: 摸上来, 栽上."""
    return tuple(sorted((r["word"] for r in lexicon.table("function_words") if r["class"] == "direction"), key=len))[
        ::-1
    ]


lexicon.on_change(_directions)
lexicon.on_change(_without_direction)


def _carries(following: Word | None) -> bool:
    """Whether a verb of one character says something: before a number, or with 了, 出 and the like behind it."""
    return following is not None and (following.tag == "m" or following.text.startswith((*_complements(), "了")))
