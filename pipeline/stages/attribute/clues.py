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
from pipeline.model import Article, Quantity, Sentence
from pipeline.stages.attribute.deeds import Deed
from pipeline.stages.attribute.frames import SentenceFrames
from pipeline.stages.attribute.plans import Leaders
from pipeline.stages.attribute.time_clues import moment_of, of_time, targets, time_signs, year_clues
from pipeline.stages.extract.numerals import CHINESE_DIGITS
from pipeline.stages.linear import Group

__all__ = ["all_clues"]

_DONE = regex.compile(r"已经?|共|累计|先后|截至|目前|至今|以来|据统计|全部|[了过]")
_RULE = regex.compile(r"不得|不少于|不低于|不超过|至少|每[年月周季人户天个]|人均|户均|平均|应当?|必须|原则上|规定")
_NEGATIVE = regex.compile(r"如果|若|倘若|即使|哪怕|假如|难道|据说|曾|当年|当时|那[年时]|原[来先有]")
_QUOTE_OPEN, _QUOTE_CLOSE = "“「『", "”」』"


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
    now = moment_of(article)
    leaders = Leaders(article, now)
    talk = next((c for c in shared.names if c.startswith("campaign_talk")), "")
    result: list[list[Group]] = [[] for _ in article.quantities]
    for sentence, heading in zip(sentences, _headings(article, sentences), strict=True):
        section = section_clues(article.text, sentence.sentence, heading, words_of_talk)
        number = article.quantities[sentence.frames[0].index].sentence
        led, position = leaders.clues(number), _position(article, number)
        signs, said = time_signs(sentence.words), _Said.of(article.text, sentence.sentence)
        clauses, words = sentence.sentence.clauses, _words_by_clause(article, sentence)
        for frame in sentence.frames:
            quantity, deed = article.quantities[frame.index], deeds[frame.index]
            whole = parents[frame.index]
            result[frame.index] = [
                shared,
                section,
                led,
                position,
                _of_order(min(frame.index - sentence.frames[0].index, 4), min(len(sentence.frames), 5)),
                _of_form(quantity.value, article.text[quantity.start] in CHINESE_DIGITS),
                year_clues(article.text, sentence.sentence, quantity, now),
                words[quantity.clause],
                _of_quantity(quantity.unit, quantity.kind, quantity.bound, _digits(quantity), talk),
                _of_deed(deed.action, deed.source, deed.object_source, deed.direction, deed.change, quantity.unit),
                _of_groups(deed.groups, deed.object[-2:], deed.source, quantity.unit, quantity.kind, talk),
                _of_thing(deed.object[-3:]),
                _of_left(frame.left[-3:]),
                _of_right(frame.right[:3], bool(frame.noun_right)),
                _of_place(said.around(quantity)),
                of_time(signs, clauses[quantity.clause], quantity),
                _of_neighbours(*_neighbours(sentence, quantity)),
                _of_units(quantity.unit, *_units_around(article, frame.index)),
                _of_links(None if whole is None else deeds[whole].groups, frame.joined is not None, frame.preposition),
            ]
    return result


def _position(article: Article, number: int) -> Group:
    """Where a sentence stands in the report and in its paragraph."""
    sentences = article.sentences
    paragraph, last = sentences[number].paragraph, sentences[-1].paragraph
    before = 0
    while before < _FAR and number > before and sentences[number - before - 1].paragraph == paragraph:
        before += 1
    edge = "first" if number < _EDGE else "last" if number >= len(sentences) - _EDGE else ""
    return _of_position(
        edge or str(3 * number // len(sentences)),
        before,
        "first" if paragraph <= 1 else "last" if paragraph == last else "middle",
    )


#: So many sentences are the first, and the last, of a report; sentences of a paragraph are told apart up to so many.
_EDGE, _FAR = 2, 3


@lru_cache(maxsize=256)
def _of_position(in_text: str, before: int, paragraph: str) -> Group:
    return Group([f"place in text={in_text}", f"sentences before={before}", f"paragraph={paragraph}"])


@lru_cache(maxsize=256)
def _of_order(order: int, numbers: int) -> Group:
    return Group([f"order in sentence={order},{numbers}"])


def _of_form(value: float, in_characters: bool) -> Group:
    """Clues of how a number is written: round, small, with a point, in Chinese characters."""
    whole = int(value)
    return _of_shape(whole % 10 == 0, whole % 100 == 0, value <= _FEW, value != whole, in_characters)


#: Numbers up to this are small.
_FEW = 3


@lru_cache(maxsize=64)
def _of_shape(tens: bool, hundreds: bool, small: bool, has_point: bool, in_characters: bool) -> Group:
    return Group(
        [
            f"round={tens},{hundreds}",
            f"small={small}",
            f"has a point={has_point}",
            f"in characters={in_characters}",
        ]
    )


def _digits(quantity: Quantity) -> int:
    """How many digits a number has before the point, 8 for more."""
    return min(len(str(int(quantity.value))), 8)


# Texts of clues are made once for what is alike, and so are their sums: reports say the same over and over.
_remembered = lru_cache(maxsize=2048)
_just_seen = lru_cache(maxsize=512)


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


@_just_seen
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


@_just_seen
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


@_just_seen
def _of_thing(end: str) -> Group:
    return Group([f"thing ends={end[-n:]}" for n in (1, 2, 3) if len(end) >= n] or ["no thing"])


@_just_seen
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
    """What stands before a quantity in its sentence and in its clause (``own``), and close behind."""

    targets: frozenset[str]
    own_targets: frozenset[str]
    #: clauses back to the last word of a target, and whether a word of what is done follows it; None without
    target: tuple[int, bool] | None
    done: frozenset[str]
    own_done: frozenset[str]
    own_rules: frozenset[str]
    doubts: frozenset[str]
    #: words of targets behind it in its clause, and in the next one
    targets_behind: frozenset[str]
    next_targets: frozenset[str]
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
        patterns = (targets(), _DONE, _RULE, _NEGATIVE)
        found = [
            [_Found(m.start(), m.end(), m.group()) for m in p.finditer(text, sentence.start, sentence.end)]
            for p in patterns
        ]
        return cls(text, sentence, *found)

    def around(self, quantity: Quantity) -> _Place:
        """What of it stands before a quantity of the sentence, and which targets close behind."""
        clauses = self.sentence.clauses
        clause = clauses[quantity.clause]
        start, first, end = self.sentence.start, clause.start, quantity.start
        last = clauses[min(quantity.clause + 1, len(clauses) - 1)].end
        return _Place(
            _between(self.targets, start, end),
            _between(self.targets, first, end),
            self._target_before(end) if self.targets else None,
            _between(self.done, start, end),
            _between(self.done, first, end),
            _between(self.rules, first, end),
            _between(self.doubts, start, end),
            _between(self.targets, quantity.end, clause.end),
            _between(self.targets, clause.end, last),
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
    found += [f"target behind={w[:2]}" for w in sorted(place.targets_behind)]
    found += [f"next target={w[:2]}" for w in sorted(place.next_targets)]
    found += [f"before done={w}" for w in sorted(place.done)]
    found += [f"clause done={w}" for w in sorted(place.own_done)]
    found += [f"rule={w}" for w in sorted(place.own_rules)]
    found += [f"doubt={w}" for w in sorted(place.doubts)]
    flags = {"heading": place.in_heading, "bracket": place.in_bracket, "in quotes": place.in_quotes}
    found += [name for name, holds in flags.items() if holds]
    return Group([*found, f"clause ends={place.mark}", f"clause number={place.clause_number}"])


def _words_by_clause(article: Article, sentence: SentenceFrames) -> dict[int, Group]:
    """What the clauses that hold quantities say, by the clause's number.

    Their nouns, verbs and adverbs, every two characters that follow each other, and how clause and sentence begin.
    """
    starts = [word.start for word in sentence.words]
    opening = _opening("sentence", article.text[sentence.sentence.start : sentence.sentence.end], (2, 3, 4))
    result: dict[int, Group] = {}
    for number in {article.quantities[frame.index].clause for frame in sentence.frames}:
        clause = sentence.sentence.clauses[number]
        inside = sentence.words[bisect_left(starts, clause.start) : bisect_left(starts, clause.end)]
        words = [f"word={w.text}" for w in inside if w.tag == "d" or (w.tag[0] in "nvja" and w.end - w.start > 1)]
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
