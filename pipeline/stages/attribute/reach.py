"""What place a number is told of, and how far that reaches: 全省, 荆州市, 昆山; whether one such place holds another.

A number told of a county may be part of one told of its province. Which division a name means is settled later, by
:mod:`pipeline.stages.locate`; here a name stands for all divisions that bear it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise, zip_longest
from typing import NamedTuple

import regex

from pipeline import lexicon
from pipeline.lexicon import gazetteer
from pipeline.model import Article, Word
from pipeline.stages.attribute.frames import SentenceFrames

__all__ = ["Place", "Reach", "is_division", "relation"]

#: Words for the whole of a division, with its kind.
_ALL = regex.compile(r"[全我本](?P<kind>国|省|自治区|市|州|盟|县|区|旗|镇|乡|村)")

#: Words for the whole of a division, or of many.
_OF_ALL = regex.compile(r"[全我本][国省市县区州旗镇乡村院校]|各(?:地|级|县|市|省|镇|村)|累计|[共总]计")

#: The level of a kind of division: 0 the country, 3 a county, 4 and 5 what is below. 市 and 区 are of several levels.
_LEVELS = {"国": 0, "省": 1, "自治区": 1, "州": 2, "盟": 2, "市": 2, "县": 3, "区": 3, "旗": 3}
_BELOW = {"镇": 4, "乡": 4, "街道": 4, "办事处": 4, "村": 5, "社区": 5}

#: Tags of names of places, and of names that a tagger without a gazetteer of townships takes them for.
_PLACE, _NAMES = "ns", frozenset({"ns", "nr", "nz"})

#: A township or village at the beginning of a clause.
_TOWN = regex.compile(r"(?:其中|以及|和)?(?P<name>\p{Han}{2,5}?(?:街道|[镇乡村](?!\p{Han}?[镇乡村])))")

#: A name of a township has more characters than this.
_SHORTEST = 2

#: A short name that is an everyday word.
_WORD = "word"


class Place(NamedTuple):
    """A place that a number is told of."""

    #: 0 the country, 1 a province, 2 a prefecture, 3 a county, 4 a township, 5 a village; -1 where none is named
    level: int
    #: codes of the divisions that may be meant, each without the noughts at its end
    codes: frozenset[str] = frozenset()


_NOWHERE = Place(-1)


class _Named:
    """Where a sentence names places, and where it has words for all; looked for once."""

    def __init__(self, text: str, sentence: SentenceFrames) -> None:
        start, end = sentence.sentence.start, sentence.sentence.end
        words = [w for w in sentence.words if w.tag == _PLACE]
        self.names, self.alls = [w.start for w in words], [m.start() for m in _OF_ALL.finditer(text, start, end)]
        found = [(m.start(), Place(_level(m["kind"]))) for m in _ALL.finditer(text, start, end)]
        found += [(start, place) for start, name in _names(sentence.words) if (place := _place(name)) is not None]
        found += [(start, Place(level)) for start, level in _below(sentence.words)]
        self._found = sorted(found, key=lambda one: one[0])

    def last(self, start: int, end: int) -> Place:
        """The last place named in a stretch."""
        return next((place for at, place in reversed(self._found) if start <= at < end), _NOWHERE)

    def divisions(self, start: int, end: int) -> list[Place]:
        """The divisions named in a stretch, in order."""
        return [place for at, place in self._found if start <= at < end and place.codes]

    def kind(self, start: int, end: int) -> str:
        """Whether a stretch speaks of all, of a place, or of neither."""
        return "all" if _any_in(self.alls, start, end) else "place" if _any_in(self.names, start, end) else ""


def _any_in(places: Sequence[int], start: int, end: int) -> bool:
    return bisect_left(places, start) < bisect_left(places, end)


class Reach:
    """The places that the quantities of an article are told of: by the clause of each, else by its sentence."""

    def __init__(self, article: Article, sentences: Mapping[int, SentenceFrames]) -> None:
        self._article, self._sentences = article, sentences
        self._named: dict[int, _Named] = {}
        self._places: dict[int, Place] = {}
        self._kinds: dict[int, str] = {}
        self._owns: dict[int, tuple[list[Place], str]] = {}

    def place(self, index: int) -> Place:
        """The last place named before a quantity."""
        if index not in self._places:
            named, sentence, clause, start = self._of(index)
            near = named.last(clause, start)
            self._places[index] = near if near is not _NOWHERE else named.last(sentence, clause)
        return self._places[index]

    def kind(self, index: int) -> str:
        """Whether a quantity is told of all, of a place, or of nothing named."""
        if index not in self._kinds:
            named, sentence, clause, start = self._of(index)
            found = named.kind(clause, start)
            before = "" if found else named.kind(sentence, clause)
            self._kinds[index] = found or (f"sentence {before}" if before else "none")
        return self._kinds[index]

    def are_beside(self, one: int, other: int) -> bool:
        """Whether two quantities are told, each in its clause, of places of one level: 甲县立案5件，乙县4件."""
        (here, town), (there, other_town) = self._own(one), self._own(other)
        if here and there:
            return all(relation(place, there[-1]) == "beside" for place in here)
        return bool(town and other_town) and town != other_town and town[-1] == other_town[-1]

    def _own(self, index: int) -> tuple[list[Place], str]:
        """The divisions that the clause of a quantity names before it, and the township that it begins with."""
        if index not in self._owns:
            named, _, clause, start = self._of(index)
            town = _TOWN.match(self._article.text, clause, start)
            self._owns[index] = named.divisions(clause, start), town["name"] if town else ""
        return self._owns[index]

    def _of(self, index: int) -> tuple[_Named, int, int, int]:
        """What the sentence of a quantity names, and where sentence, clause and quantity start."""
        quantity, sentence = self._article.quantities[index], self._sentences[index]
        if quantity.sentence not in self._named:
            self._named[quantity.sentence] = _Named(self._article.text, sentence)
        clause = sentence.sentence.clauses[quantity.clause].start
        return self._named[quantity.sentence], sentence.sentence.start, clause, quantity.start


def relation(whole: Place, part: Place) -> str:
    """How the place of a number stands to that of another.

    >>> relation(Place(2, frozenset({"3205"})), Place(3, frozenset({"320583"})))
    'holds'
    >>> relation(Place(3, frozenset({"320582"})), Place(3, frozenset({"320583"})))
    'beside'
    """
    if whole.level < 0 or part.level < 0:
        return f"{'none' if whole.level < 0 else 'some'}>{'none' if part.level < 0 else 'some'}"
    if whole.codes & part.codes:
        return "same"
    if any(one.startswith(other) for one in part.codes for other in whole.codes):
        return "holds"
    return "higher" if whole.level < part.level else "beside" if whole.level == part.level else "lower"


def is_division(name: str) -> bool:
    """Whether a division bears a name, with its kind or without."""
    return _place(name) is not None


def _names(words: Sequence[Word]) -> Iterator[tuple[int, str]]:
    """The names of divisions among words, with a kind that the tagger has cut off: 江津 | 区."""
    for word, following in zip_longest(words, words[1:]):
        if word.tag == _PLACE:
            is_kind = following is not None and following.start == word.end and following.text in _LEVELS
            yield word.start, word.text + following.text if is_kind and following else word.text


def _place(name: str) -> Place | None:
    codes = _codes().get(name) or (_codes().get(name[:-1]) if name[-1] in _LEVELS else None)
    return Place(min(len(code) for code in codes) // 2, codes) if codes else None


def _below(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Where names of townships and villages stand, with their level: 双甸镇, 河口 | 村."""
    for word in words:
        if word.tag in _NAMES and len(word.text) > _SHORTEST:
            yield from [(word.start, level) for kind, level in _BELOW.items() if word.text.endswith(kind)]
    for name, kind in pairwise(words):
        if kind.text in _BELOW and name.tag in _NAMES and name.end == kind.start:
            yield name.start, _BELOW[kind.text]


def _level(kind: str) -> int:
    return _LEVELS.get(kind, _BELOW.get(kind, 4))


@cache
def _codes() -> Mapping[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for division in gazetteer.divisions():
        code = division.code.removesuffix("00").removesuffix("00")
        found[division.name].add(code)
        if len(division.short) > 1 and division.caution != _WORD:
            found[division.short].add(code)
    return {name: frozenset(codes) for name, codes in found.items()}


lexicon.on_change(_codes)
