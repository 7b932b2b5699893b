"""Wholes, weighed: among the numbers close by, the one that most speaks for being the whole of a part.

The rules of :mod:`.parts` name at most one whole for each quantity. That is one clue; others are how the two stand
to each other (units, sizes, deeds, things, what is between), what is a part of the candidate already, and whether
the candidate still has room. A linear model (``lexicon/weights_wholes.tsv``) weighs them; a quantity is a part
where some candidate scores above nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache

import regex

from pipeline.model import Article
from pipeline.stages.attribute.deeds import SHARES, Deed
from pipeline.stages.attribute.frames import Frame, SentenceFrames
from pipeline.stages.attribute.parts import Marker, alike, family, markers
from pipeline.stages.linear import Clues, Group, LinearModel, load

__all__ = ["WHOLE", "Pairs", "decided_before", "possible", "weigh"]

#: The label of the model.
WHOLE = "whole"

#: Candidates: so many quantities before, and behind in the same sentence; farther ones only of the same unit.
_BACK, _AHEAD, _FAR = 6, 3, 24

#: A sum that closes a list of its parts: 共, 合计.
_TOTAL = regex.compile(r"[共总]|合计|累计|合起来|一起")

_SIGNS = regex.compile(
    r"其中|已|占|率|其余|剩|余下|另有|尚|还有|中|里|正在|分别|各|[每人]均|[共总]|合计|余|目前|涉及|含|包括"
)

#: Words for the whole of a division, or of many.
_ALL = regex.compile(r"[全我本][国省市县区州旗镇乡村院校]|各(?:地|级|县|市|省|镇|村)|累计|[共总]计")

#: What a sentence begins with that surveys the parts of something said before: 从级别看, 按类型分.
_SURVEY = regex.compile(r"[^，。；]{0,4}?(?:从|按|分)[^，。；]{1,8}?(?:看|分|统计|划分|分布)?[,，：:]")

Parents = Sequence[int | None]


def weigh(
    article: Article,
    sentences: Sequence[SentenceFrames],
    deeds: Sequence[Deed],
    by_rule: Parents,
    roles: Sequence[str],
) -> list[int | None]:
    """The index of the whole of every quantity, or None; context keeps what the rules say."""
    pairs = Pairs(article, sentences, deeds, by_rule, roles)
    model = load("wholes")
    decided: list[int | None] = list(by_rule)
    for index, role in enumerate(roles):
        if role != "context":
            decided[index] = _best(pairs, model, index, decided)
    return decided


def _best(pairs: Pairs, model: LinearModel, index: int, decided: Parents) -> int | None:
    """The candidate with the highest score, if that is above nothing; of equals the nearest."""
    best, most = None, 0.0
    for whole in possible(pairs, index, decided):
        score = model.score(pairs.clues(whole, index, decided))
        if score > most:
            best, most = whole, score
    return best


def possible(pairs: Pairs, part: int, decided: Parents) -> Iterator[int]:
    """The candidates for the whole of a quantity that are no parts of it themselves, the nearest first."""
    return (
        whole for whole in pairs.candidates(part) if not _leads_back(decided, whole, part, pairs.first_beside(part))
    )


def decided_before(by_rule: Parents, weighed: Parents, part: int) -> list[int | None]:
    """What :func:`weigh` goes by when it comes to a quantity: weighed wholes before it, wholes by rule from it on.

    >>> decided_before([None, 0, 1], [None, None, 0], 2)
    [None, None, 1]
    """
    return [*weighed[:part], *by_rule[part:]]


def _leads_back(parents: Parents, whole: int, part: int, first: int) -> bool:
    """Whether the part would become the whole of its own whole.

    A whole behind its part is of the same sentence: from before ``first``, the first of the part's sentence, no way
    leads back to it.
    """
    seen = 0
    at: int | None = whole
    while at is not None and at >= first and seen < len(parents):
        if at == part:
            return True
        at, seen = parents[at], seen + 1
    return False


# What many pairs share is made once.
@lru_cache(maxsize=1024)
def _standing(rule: str, place: str, unit: str) -> Group:
    return Group([f"rule={rule}", f"rule,unit={rule},{unit}", f"place={place}", f"place,unit={place},{unit}"])


@lru_cache(maxsize=4096)
def _terms(steps: int, unit: str, kind: str, roles: str) -> Group:
    return Group([f"steps={steps}", f"unit={unit},{kind}", f"roles={roles}"])


@lru_cache(maxsize=8192)
def _of_groups(whole: frozenset[str], part: frozenset[str], unit: str) -> Group:
    return Group([f"groups={a}>{b},{unit}" for a in sorted(whole) for b in sorted(part)])


class Pairs:
    """All pairs of part and possible whole of one article, and their clues."""

    def __init__(
        self,
        article: Article,
        sentences: Sequence[SentenceFrames],
        deeds: Sequence[Deed],
        by_rule: Parents,
        roles: Sequence[str],
    ) -> None:
        self._article, self._deeds, self._by_rule, self._roles = article, deeds, by_rule, roles
        self._quantities = article.quantities
        self._units = [family(q.unit) for q in article.quantities]
        self._frames: dict[int, Frame] = {f.index: f for s in sentences for f in s.frames}
        self._sentences = {f.index: s for s in sentences for f in s.frames}
        self._markers: dict[int, list[Marker]] = {}
        self._known: dict[tuple[int, str], Group] = {}
        self._scopes: dict[int, str] = {}
        self._found_places: dict[int, tuple[list[int], list[int]]] = {}

    def candidates(self, part: int) -> Iterator[int]:
        """The quantities that can be the whole of one, the nearest first."""
        for whole in range(part - 1, max(-1, part - _FAR - 1), -1):
            near = part - whole <= _BACK or whole == self._by_rule[part]
            if (near or self._units[whole] == self._units[part]) and self._may_hold(whole, part):
                yield whole
        for whole in range(part + 1, min(len(self._quantities), part + _AHEAD + 1)):
            same = self._quantities[whole].sentence == self._quantities[part].sentence
            if same and self._units[whole] == self._units[part] and self._may_hold(whole, part):
                yield whole

    def first_beside(self, part: int) -> int:
        """The first quantity of the sentence of a part."""
        return self._sentences[part].frames[0].index

    def _may_hold(self, whole: int, part: int) -> bool:
        """Shares have no parts but counts; a part is not larger than a whole of its unit."""
        if self._units[whole] in SHARES:
            return False
        alike_units = self._units[whole] == self._units[part]
        return not alike_units or self._quantities[whole].value >= self._quantities[part].value

    def clues(self, whole: int, part: int, parents: Parents) -> Clues:
        """The clues that a quantity is the whole of another, given the wholes decided before."""
        unit = self._unit(whole, part)
        roles = f"{self._roles[whole]}>{self._roles[part]}"
        found = [*self._of_size(whole, part, unit), *self._of_family(whole, part, parents, unit)]
        found += self._of_deeds(whole, part, unit)
        found += self._between(whole, part, unit)
        found += self._of_survey(whole, part, unit)
        if unit == "share":
            found += self._of_share(whole, part, parents)
        return Clues(
            (
                _standing(self._rule(whole, part), self._place(whole, part), unit),
                _terms(min(abs(part - whole), 7), unit, self._quantities[part].kind, roles),
                _of_groups(self._deeds[whole].groups, self._deeds[part].groups, unit),
                self._of_part(part, unit),
                Group(found),
            )
        )

    def _unit(self, whole: int, part: int) -> str:
        if self._units[part] in SHARES:
            return "share"
        return "same" if self._units[whole] == self._units[part] else "other"

    def _rule(self, whole: int, part: int) -> str:
        if self._by_rule[part] is None:
            return "none"
        return "this" if self._by_rule[part] == whole else "another"

    def _place(self, whole: int, part: int) -> str:
        here, there = self._quantities[part], self._quantities[whole]
        if whole > part:
            return "behind"
        if here.sentence == there.sentence:
            return "clause" if here.clause == there.clause else f"sentence {min(here.clause - there.clause, 4)}"
        sentences = self._article.sentences
        apart = min(here.sentence - there.sentence, 4)
        if sentences[here.sentence].paragraph == sentences[there.sentence].paragraph:
            return f"paragraph {apart}"
        return f"article {apart}"

    def _of_size(self, whole: int, part: int, unit: str) -> Iterator[str]:
        if unit != "same":
            return
        ratio = self._quantities[part].value / max(self._quantities[whole].value, 1e-9)
        size = "equal" if ratio == 1 else sum(ratio > bound for bound in (0.05, 0.3, 0.6, 0.9))
        yield f"size={size}"
        between = range(min(whole, part) + 1, max(whole, part))
        yield f"of its unit between={min(sum(self._units[i] == self._units[part] for i in between), 3)}"
        if whole > part and _TOTAL.search(self._frames[whole].left):
            yield "total behind"

    def _of_family(self, whole: int, part: int, parents: Parents, unit: str) -> Iterator[str]:
        """What is a part of the candidate already, and of what the candidate is a part."""
        if parents[whole] is not None:
            yield f"is a part,unit={unit}"
        before = part - 1
        if before >= 0 and before != whole:
            sibling = parents[before] == whole
            same = self._units[before] == self._units[part]
            yield f"before it={'sibling' if sibling else 'no sibling'},{'same' if same else 'other'},{unit}"
            if sibling and self._frames[part].joined == before:
                yield "joined to a sibling"
        if self._frames[part].joined == whole:
            yield f"joined,unit={unit}"
        if unit == "same":
            yield from self._of_room(whole, part, parents)

    def _of_room(self, whole: int, part: int, parents: Parents) -> Iterator[str]:
        earlier = range(max(0, part - 12), part)
        taken = sum(
            self._quantities[i].value for i in earlier if parents[i] == whole and self._units[i] == self._units[whole]
        )
        total, value = self._quantities[whole].value, self._quantities[part].value
        if taken:
            yield "fills" if taken + value == total else "has room" if taken + value < total else "has no room"

    def _of_deeds(self, whole: int, part: int, unit: str) -> Iterator[str]:
        one, other = self._deeds[whole], self._deeds[part]
        thing = "open" if other.object_source != "own" else "alike" if alike(one.object, other.object) else "new"
        yield f"thing={thing},{unit}"
        deed = "same" if other.action and one.action == other.action else "other"
        yield f"deed={deed},{thing},{unit}"
        yield f"deed from={other.source},{unit}"
        for flag in (other.change, other.direction):
            if flag:
                yield f"change={flag}"
        if one.change:
            yield f"whole change={one.change}"

    def _of_survey(self, whole: int, part: int, unit: str) -> Iterator[str]:
        """How the places of the two stand to each other (全省, 甲市), and whether a survey of parts begins between."""
        yield f"places={self._scope(whole)}>{self._scope(part)},{unit}"
        here, there = self._quantities[part], self._quantities[whole]
        sentence = self._article.sentences[here.sentence]
        if _SURVEY.match(self._article.text, sentence.start, here.start):
            yield f"survey={'inside' if there.start >= sentence.start else 'before'},{unit}"
        if whole == 0 or self._quantities[whole - 1].sentence != there.sentence:
            yield f"first of its sentence,{unit}"

    def _scope(self, index: int) -> str:
        """Whether a number is told of all, of a place, or of nothing named, by its clause, else by its sentence."""
        if index not in self._scopes:
            quantity, sentence = self._quantities[index], self._sentences[index]
            clause = sentence.sentence.clauses[quantity.clause].start
            self._scopes[index] = self._named(sentence, clause, quantity.start) or (
                f"sentence {named}" if (named := self._named(sentence, sentence.sentence.start, clause)) else "none"
            )
        return self._scopes[index]

    def _named(self, sentence: SentenceFrames, start: int, end: int) -> str:
        alls, places = self._places_of(sentence)
        if bisect_left(alls, start) < bisect_left(alls, end):
            return "all"
        return "place" if bisect_left(places, start) < bisect_left(places, end) else ""

    def _places_of(self, sentence: SentenceFrames) -> tuple[list[int], list[int]]:
        """Where a sentence has words for all, and names of places; looked for once."""
        at = sentence.sentence.start
        if at not in self._found_places:
            alls = [m.start() for m in _ALL.finditer(self._article.text, at, sentence.sentence.end)]
            self._found_places[at] = alls, [w.start for w in sentence.words if w.tag == "ns"]
        return self._found_places[at]

    def _of_share(self, whole: int, part: int, parents: Parents) -> Iterator[str]:
        """Whether a share is said of the count before it, or as that one of their whole: 占, 整改率."""
        before = next((i for i in range(part - 1, max(-1, part - 7), -1) if self._units[i] not in SHARES), None)
        if before is None:
            return
        of = "it" if before == whole else "its whole" if parents[before] == whole else "another"
        alone = "" if parents[before] is None else ",which is a part"
        frame, groups = self._frames[part], self._deeds[part].groups
        said = "占" if "share" in groups else "率" if "率" in frame.left[-4:] else "the rest"
        yield f"share of={of}{alone}"
        yield f"share of={of}{alone},{said}"

    def _of_part(self, part: int, unit: str) -> Group:
        """The clues that a part has with every whole whose unit stands so to its own."""
        if (part, unit) not in self._known:
            left = self._frames[part].left
            found = [f"sign={sign},{unit}" for sign in sorted(set(_SIGNS.findall(left)))]
            if left:
                found.append(f"left={left[-1]},{unit}")
            here = self._quantities[part]
            clause = self._article.sentences[here.sentence].clauses[here.clause]
            self._known[part, unit] = Group([*found, f"depth={min(clause.depth, 1)},{unit}"])
        return self._known[part, unit]

    def _between(self, whole: int, part: int, unit: str) -> Iterator[str]:
        """What stands between the two, and whether a list begins there."""
        here, there = self._quantities[part], self._quantities[whole]
        if whole < part and here.sentence == there.sentence:
            between = self._article.text[there.end : here.start]
            for mark in "；;、：:()（）":
                if mark in between:
                    yield f"between={mark},{unit}"
            yield f"behind the whole={between[:1]},{unit}"
        for marker in self._markers_of(part):
            if marker.start <= here.start < marker.end:
                inside = "in" if there.start >= marker.start else "before"
                yield f"marker={marker.kind},{inside},{unit}"

    def _markers_of(self, part: int) -> list[Marker]:
        at = self._quantities[part].sentence
        if at not in self._markers:
            self._markers[at] = markers(self._article.text, self._sentences[part])
        return self._markers[at]
