"""Clues: the named features of a quantity from which its role and its metric are decided.

A clue is a short text such as ``unit=件`` or ``verb group=find``; the weights in ``lexicon/weights_*.csv`` speak
of clues by these names, so that every decision can be explained by the clues that made it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import regex

from pipeline import lexicon
from pipeline.model import Article, Clause, Quantity, Sentence, Word
from pipeline.stages.attribute.deeds import Deed
from pipeline.stages.attribute.frames import SentenceFrames, function_words
from pipeline.stages.linear import Group

__all__ = ["all_clues"]

_DONE = regex.compile(r"已经?|共|累计|先后|截至|目前|至今|以来|据统计|全部|[了过]")
_RULE = regex.compile(r"不得|不少于|不低于|不超过|至少|每[年月周季人户天个]|人均|户均|平均|应当?|必须|原则上|规定")
_NEGATIVE = regex.compile(r"如果|若|倘若|即使|哪怕|假如|难道|据说|曾|当年|当时|那[年时]|原[来先有]")
_QUOTE_OPEN, _QUOTE_CLOSE = "“「『", "”」』"


@cache
def _targets() -> regex.Pattern[str]:
    return regex.compile("|".join(f"(?:{r['pattern']})" for r in lexicon.table("target_words")))


lexicon.on_change(_targets)


@cache
def _talk() -> tuple[Callable[[str], Sequence[tuple[int, int, int]]], tuple[str, ...]]:
    """One matcher over the words of all lexicons of talk, and the lexicon of each word."""
    import daachorse

    names = {r["word"]: name for name in _LEVELS for r in lexicon.table(name)}
    matcher = daachorse.CharwiseDoubleArrayAhoCorasick(list(names), daachorse.MATCH_KIND_LEFTMOST_LONGEST)
    return matcher.find, tuple(names.values())


lexicon.on_change(_talk)


class _Talk:
    """The words of each lexicon of talk (campaign_talk, economy_talk, foreign_names) in a text."""

    def __init__(self, text: str) -> None:
        find, names = _talk()
        found = find(text)
        self._starts = [start for start, _, _ in found]
        self._names = [names[identity] for _, _, identity in found]

    def between(self, start: int, end: int) -> dict[str, int]:
        """How many of each stand in a stretch; no word of theirs goes on behind a sentence."""
        inside = self._names[bisect_left(self._starts, start) : bisect_left(self._starts, end)]
        return {name: inside.count(name) for name in sorted(set(inside))}


@cache
def _genres() -> dict[str, regex.Pattern[str]]:
    """A pattern of the words of each genre of ``lexicon/genre_words.csv``."""
    words: dict[str, list[str]] = {}
    for row in lexicon.table("genre_words"):
        words.setdefault(row["genre"], []).append(regex.escape(row["word"]))
    return {genre: regex.compile("|".join(found)) for genre, found in words.items()}


lexicon.on_change(_genres)


def article_clues(article: Article, talk: _Talk) -> list[str]:
    """Clues that hold for all figures of an article: what it talks of, its genre, how many numbers it has."""
    length = len(article.text) + 50
    found = []
    words = talk.between(0, len(article.text))
    for name, bounds in _LEVELS.items():
        share = 100 * words.get(name, 0) / length
        found.append(f"{name}={sum(share > bound for bound in bounds)}")
    density = 100 * len(article.quantities) / length
    found.append(f"density={sum(density > bound for bound in (0.5, 1.0, 2.0, 3.5))}")
    head = (article.title or "") + "\n" + article.text[:60]
    found += sorted(genre for genre, words in _genres().items() if words.search(head))
    return found


_LEVELS = {
    "campaign_talk": (0.3, 0.8, 1.5, 2.5, 4.0),
    "economy_talk": (0.3, 0.8, 1.5),
    "foreign_names": (0.1, 0.5, 1.2),
}


def section_clues(text: str, sentence: Sentence, heading: Sentence | None, talk: _Talk) -> Group:
    """Clues of the heading that the sentence stands under, and of what the sentence talks of."""
    found = [f"sentence {name}={min(count, 3)}" for name, count in talk.between(sentence.start, sentence.end).items()]
    if heading is not None:
        if _genres()["plan"].search(text, heading.start, heading.end):
            found.append("section plan")
        if "foreign_names" in talk.between(heading.start, heading.end):
            found.append("section foreign")
    return _of_section(*found)


@lru_cache(maxsize=1024)
def _of_section(*found: str) -> Group:
    return Group(found)


def _headings(article: Article, sentences: Sequence[SentenceFrames]) -> list[Sentence | None]:
    """For each sentence the last heading up to its paragraph, None if there is none."""
    headings = [s for s in article.sentences if s.heading]
    paragraphs = [heading.paragraph for heading in headings]
    places = [bisect_right(paragraphs, s.sentence.paragraph) for s in sentences]
    return [headings[place - 1] if place else None for place in places]


def all_clues(
    article: Article, sentences: Sequence[SentenceFrames], deeds: Sequence[Deed], parents: Sequence[int | None]
) -> list[list[Group]]:
    """The clues of every quantity of an article, in groups; what several quantities share is made once."""
    words_of_talk = _Talk(article.text)
    shared = Group(article_clues(article, words_of_talk))
    talk = next((c for c in shared.names if c.startswith("campaign_talk")), "")
    result: list[list[Group]] = [[] for _ in article.quantities]
    for sentence, heading in zip(sentences, _headings(article, sentences), strict=True):
        section = section_clues(article.text, sentence.sentence, heading, words_of_talk)
        signs, said = _signs(sentence.words), _Said.of(article.text, sentence.sentence)
        clauses, words = sentence.sentence.clauses, _words_by_clause(article, sentence)
        for frame in sentence.frames:
            quantity, deed = article.quantities[frame.index], deeds[frame.index]
            whole = parents[frame.index]
            result[frame.index] = [
                shared,
                section,
                words[quantity.clause],
                _of_quantity(quantity.unit, quantity.kind, quantity.bound, _digits(quantity), talk),
                _of_deed(deed.action, deed.source, deed.object_source, deed.direction, deed.change, quantity.unit),
                _of_groups(deed.groups, deed.object[-2:], deed.source, quantity.unit, quantity.kind, talk),
                _of_thing(deed.object[-3:]),
                _of_left(frame.left[-3:]),
                _of_right(frame.right[:3], bool(frame.noun_right)),
                _of_place(said.before(quantity, clauses[quantity.clause])),
                _of_time(signs, clauses[quantity.clause], quantity),
                _of_neighbours(*_neighbours(sentence, quantity)),
                _of_units(quantity.unit, *_units_around(article, frame.index)),
                _of_links(None if whole is None else deeds[whole].groups, frame.joined is not None, frame.preposition),
            ]
    return result


def _digits(quantity: Quantity) -> int:
    """How many digits a number has before the point, 8 for more."""
    return min(len(str(int(quantity.value))), 8)


# Texts of clues are made once for what is alike, and so are their sums: reports say the same over and over.
_remembered = lru_cache(maxsize=8192)


@_remembered
def _of_quantity(unit: str, kind: str, bound: str, digits: int, talk: str) -> Group:
    return Group(
        [
            f"unit={unit}",
            f"kind={kind}",
            f"bound={bound}",
            f"digits={digits}",
            f"kind,digits={kind},{digits}",
            f"kind,{kind},{talk}",
        ]
    )


@_remembered
def _of_deed(action: str, source: str, object_source: str, direction: str, change: str, unit: str) -> Group:
    return Group(
        [
            f"verb={action}",
            f"verb from={source}",
            f"thing from={object_source}",
            f"direction={direction}",
            f"change={change}",
            f"verb,unit={action},{unit}",
        ]
    )


@_remembered
def _of_groups(groups: frozenset[str], thing: str, source: str, unit: str, kind: str, talk: str) -> Group:
    """Clues of the groups of a verb; ``thing`` is the end of the thing counted."""
    if not groups:
        return Group([f"no group,{talk}"])
    found: list[str] = []
    for group in sorted(groups):
        found += [
            f"group,{group},{talk}",
            f"group={group}",
            f"group,unit={group},{unit}",
            f"group,kind={group},{kind}",
            f"group,from={group},{source}",
        ]
        if thing:
            found.append(f"group,thing={group},{thing}")
    return Group(found)


@_remembered
def _of_thing(end: str) -> Group:
    return Group([f"thing ends={end[-n:]}" for n in (1, 2, 3) if len(end) >= n] or ["no thing"])


@_remembered
def _of_left(left: str) -> Group:
    return Group([f"left={left[-n:]}" for n in (1, 2, 3) if len(left) >= n] or ["leads its stretch"])


@_remembered
def _of_right(right: str, thing_behind: bool) -> Group:
    found = [f"right={right[:n]}" for n in (1, 2, 3) if len(right) >= n]
    return Group([*found, "thing behind"] if thing_behind else found)


@_remembered
def _of_links(whole: frozenset[str] | None, joined: bool, preposition: str) -> Group:
    """Clues of what the quantity hangs on; ``whole`` are the groups of its whole's verb, None where it is no part."""
    found = [] if whole is None else ["part", *(f"whole group={g}" for g in sorted(whole))]
    if joined:
        found.append("joined")
    if preposition:
        found.append(f"preposition={preposition}")
    return Group(found)


class _Place(NamedTuple):
    """What stands before a quantity in its sentence (``before``) and in its clause (``own``)."""

    targets: frozenset[str]
    own_targets: frozenset[str]
    #: clauses back to the last word of a target, and whether a word of what is done follows it; None without
    target: tuple[int, bool] | None
    done: frozenset[str]
    own_done: frozenset[str]
    own_rules: frozenset[str]
    doubts: frozenset[str]
    in_heading: bool
    in_bracket: bool
    in_quotes: bool
    mark: str
    clause_number: int


class _Said(NamedTuple):
    """A sentence with its words of targets, of what is done, of rules and of doubt."""

    text: str
    sentence: Sentence
    targets: list[_Found]
    done: list[_Found]
    rules: list[_Found]
    doubts: list[_Found]

    @classmethod
    def of(cls, text: str, sentence: Sentence) -> _Said:
        """Look for the words."""
        patterns = (_targets(), _DONE, _RULE, _NEGATIVE)
        found = [
            [_Found(m.start(), m.end(), m.group()) for m in p.finditer(text, sentence.start, sentence.end)]
            for p in patterns
        ]
        return cls(text, sentence, *found)

    def before(self, quantity: Quantity, clause: Clause) -> _Place:
        """What of it stands before a quantity of the sentence."""
        start, first, end = self.sentence.start, clause.start, quantity.start
        return _Place(
            _between(self.targets, start, end),
            _between(self.targets, first, end),
            self._target_before(end) if self.targets else None,
            _between(self.done, start, end),
            _between(self.done, first, end),
            _between(self.rules, first, end),
            _between(self.doubts, start, end),
            self.sentence.heading,
            bool(clause.depth),
            _is_quoted(self.text, start, end),
            clause.mark,
            min(quantity.clause, 4),
        )

    def _target_before(self, end: int) -> tuple[int, bool] | None:
        last = next((target.end for target in reversed(self.targets) if target.end <= end), None)
        if last is None:
            return None
        marks = sum(self.text.count(mark, last, end) for mark in "，,；;")
        return min(marks, 4), _DONE.search(self.text, last, end) is not None


class _Found(NamedTuple):
    start: int
    end: int
    word: str


_NOTHING: frozenset[str] = frozenset()


def _between(found: Sequence[_Found], start: int, end: int) -> frozenset[str]:
    return frozenset([f.word for f in found if f.start >= start and f.end <= end]) if found else _NOTHING


def _is_quoted(text: str, start: int, end: int) -> bool:
    opened = sum(text.count(mark, start, end) for mark in _QUOTE_OPEN)
    return bool(opened) and opened > sum(text.count(mark, start, end) for mark in _QUOTE_CLOSE)


@_remembered
def _of_place(place: _Place) -> Group:
    found = [f"before target={w[:2]}" for w in sorted(place.targets)]
    found += [f"clause target={w[:2]}" for w in sorted(place.own_targets)]
    if place.target is not None:
        clauses_back, then_done = place.target
        found.append("target, then done" if then_done else "target")
        found.append(f"target clauses back={clauses_back}")
    found += [f"before done={w}" for w in sorted(place.done)]
    found += [f"clause done={w}" for w in sorted(place.own_done)]
    found += [f"rule={w}" for w in sorted(place.own_rules)]
    found += [f"doubt={w}" for w in sorted(place.doubts)]
    flags = {"heading": place.in_heading, "bracket": place.in_bracket, "in quotes": place.in_quotes}
    found += [name for name, holds in flags.items() if holds]
    return Group([*found, f"clause ends={place.mark}", f"clause number={place.clause_number}"])


class _Sign(NamedTuple):
    """A word that puts a verb into the future (将), or says that it is done (已)."""

    word: Word
    future: bool


def _signs(words: Sequence[Word]) -> list[_Sign]:
    """The signs of time among the words of a sentence.

    A verb, an adverb or a preposition must follow one of the future; before a noun 将 is 把.
    """
    future = function_words("future")
    signs = future | {"已", "已经"}
    return [
        _Sign(word, word.text in future)
        for at, word in enumerate(words[:-1])
        if word.text in signs and (word.text not in future or words[at + 1].tag[0] in "vdpa")
    ]


def _of_time(signs: Sequence[_Sign], clause: Clause, quantity: Quantity) -> Group:
    """Whether a verb is put into the future, before or behind the number, or is done behind it."""
    found: set[str] = set()
    for word, future in signs:
        if future and word.end <= quantity.start:
            near = "clause" if word.start >= clause.start else "sentence"
            found.add(f"future in {near}={word.text[-1]}")
        elif future and word.start >= quantity.end and word.end <= clause.end:
            found.add(f"future behind={word.text[-1]}")
        elif not future and quantity.end <= word.start < clause.end:
            found.add("done behind")
    return Group(sorted(found)) if found else _NO_CLUES


_NO_CLUES = Group([])


def _words_by_clause(article: Article, sentence: SentenceFrames) -> dict[int, Group]:
    """What the clauses that hold quantities say, by the clause's number.

    Their nouns and verbs, every two characters that follow each other, and how clause and sentence begin.
    """
    starts = [word.start for word in sentence.words]
    opening = _opening("sentence", article.text[sentence.sentence.start : sentence.sentence.end], (2, 3, 4))
    result: dict[int, Group] = {}
    for number in {article.quantities[frame.index].clause for frame in sentence.frames}:
        clause = sentence.sentence.clauses[number]
        inside = sentence.words[bisect_left(starts, clause.start) : bisect_left(starts, clause.end)]
        words = [f"word={w.text}" for w in inside if w.tag[0] in "nvja" and w.end - w.start > 1]
        said = article.text[clause.start : clause.end]
        pairs = [f"pair={pair}" for pair in _HAN_PAIR.findall(said, overlapped=True)]
        result[number] = Group([*words, *pairs, *opening, *_opening("clause", said, (1, 2, 3))])
    return result


_HAN_PAIR = regex.compile(r"\p{Han}{2}")


def _opening(name: str, stretch: str, lengths: Sequence[int]) -> list[str]:
    """How a sentence or a clause begins."""
    return [f"{name} opens={stretch[:length]}" for length in lengths]


def _units_around(article: Article, index: int) -> tuple[tuple[int, str, bool], ...]:
    """The numbers next to one in its sentence: places from it, unit, and whether its clause holds them."""
    here, found = article.quantities[index], []
    for steps in (-2, -1, 1, 2):
        if 0 <= index + steps < len(article.quantities):
            other = article.quantities[index + steps]
            if other.sentence == here.sentence:
                found.append((steps, other.unit, other.clause == here.clause))
    return tuple(found)


@_remembered
def _of_units(unit: str, *around: tuple[int, str, bool]) -> Group:
    found: list[str] = []
    for steps, other, same_clause in around:
        found += [f"unit {steps:+}={other},{unit}", f"number {steps:+}={'in clause' if same_clause else 'in sentence'}"]
    return Group(found)


def _neighbours(sentence: SentenceFrames, quantity: Quantity) -> tuple[frozenset[str], frozenset[str]]:
    """Groups of the verbs close by, before and behind, in the sentence."""
    before: set[str] = set()
    behind: set[str] = set()
    for verb in sentence.predicates:
        if not verb.groups:
            continue
        if verb.end <= quantity.start and verb.start >= quantity.start - 30:
            before |= verb.groups
        elif quantity.end <= verb.start <= quantity.end + 24:
            behind |= verb.groups
    return frozenset(before), frozenset(behind)


@_remembered
def _of_neighbours(before: frozenset[str], behind: frozenset[str]) -> Group:
    return Group([*(f"near before={g}" for g in sorted(before)), *(f"near behind={g}" for g in sorted(behind))])
