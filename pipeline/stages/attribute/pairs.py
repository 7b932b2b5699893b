"""Pairs of numbers of which one may be the whole of the other, and the clues that it is.

The rules of :mod:`.parts` name at most one whole for each quantity. That is one clue; others are how the two stand
to each other (units, sizes, deeds, things, places, what is between), what is a part of the candidate already, and
whether the numbers themselves add up (:mod:`.sums`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import regex

from pipeline.model import Article
from pipeline.stages.attribute.deeds import SHARES, Deed
from pipeline.stages.attribute.frames import Frame, SentenceFrames
from pipeline.stages.attribute.parts import Marker, alike, family, markers
from pipeline.stages.attribute.reach import Reach, relation
from pipeline.stages.attribute.sums import Sums
from pipeline.stages.linear import Clues, Group

__all__ = ["Pairs", "Parents"]

#: Candidates: so many quantities before, and behind in the same sentence; farther ones only of the same unit, or with a
#: share that comes out right.
_BACK, _AHEAD, _FAR = 6, 3, 24

#: So many sentences back a number is still close to a list.
_CLOSE = 2

#: From here on two equal numbers of one unit are hardly two things.
_DISTINCT = 10

#: A sum that closes a list of its parts: 共, 合计.
_TOTAL = regex.compile(r"[共总]|合计|累计|合起来|一起")

_SIGNS = regex.compile(
    r"其中|已|占|率|其余|剩|余下|另有|尚|还有|中|里|正在|分别|各|[每人]均|[共总]|合计|余|目前|涉及|含|包括"
)

#: What remains of a whole.
_REST = regex.compile(r"其余|剩|余下|余数|未|尚|还[有没剩]|仍[有在]|正在")

#: What a sentence begins with that surveys the parts of something said before: 从级别看, 按类型分.
_SURVEY = regex.compile(r"[^，。；]{0,4}?(?:从|按|分)[^，。；]{1,8}?(?:看|分|统计|划分|分布)?[,，：:]")

Parents = Sequence[int | None]


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
        self._sums = Sums(article.text, article.quantities, self._units)
        self._frames: dict[int, Frame] = {f.index: f for s in sentences for f in s.frames}
        self._sentences = {f.index: s for s in sentences for f in s.frames}
        self._markers: dict[int, list[Marker]] = {}
        self._known: dict[tuple[int, str], Group] = {}
        self._reach = Reach(article, self._sentences)
        self._again = self._said_again()
        self._candidates: dict[int, list[int]] = {}
        self._before_lists: dict[tuple[int, int], list[int]] = {}
        self._series: dict[int, list[int]] = {}

    def candidates(self, part: int) -> Sequence[int]:
        """The quantities that can be the whole of one, the nearest first."""
        if part not in self._candidates:
            self._candidates[part] = list(self._possible(part))
        return self._candidates[part]

    def _possible(self, part: int) -> Iterator[int]:
        for whole in range(part - 1, max(-1, part - _FAR - 1), -1):
            if self._quantities[whole].value >= _DISTINCT and self._again[whole] < part:
                continue  # 查处846人 … 846人中: the part is of the later one
            near = part - whole <= _BACK or whole == self._by_rule[part]
            known = near or self._units[whole] == self._units[part] or self._sums.fits(whole, part)
            if known and self._may_hold(whole, part):
                yield whole
        for whole in range(part + 1, min(len(self._quantities), part + _AHEAD + 1)):
            same = self._quantities[whole].sentence == self._quantities[part].sentence
            if same and self._units[whole] == self._units[part] and self._may_hold(whole, part):
                yield whole

    def _said_again(self) -> list[int]:
        """For each quantity the next one of its value and unit; one past the last where there is none."""
        following: dict[tuple[float, str], int] = {}
        result = [len(self._quantities)] * len(self._quantities)
        for index in range(len(self._quantities) - 1, -1, -1):
            key = self._quantities[index].value, self._units[index]
            result[index] = following.get(key, len(self._quantities))
            following[key] = index
        return result

    def first_beside(self, part: int) -> int:
        """The first quantity of the sentence of a part."""
        return self._sentences[part].frames[0].index

    def _may_hold(self, whole: int, part: int) -> bool:
        """Shares have no parts but counts; a part is not larger than a whole of its unit, nor of another place."""
        if self._units[whole] in SHARES or self._reach.are_beside(whole, part):
            return False
        alike_units = self._units[whole] == self._units[part]
        return not alike_units or self._quantities[whole].value >= self._quantities[part].value

    def clues(self, whole: int, part: int, parents: Parents) -> Clues:
        """The clues that a quantity is the whole of another, given the wholes decided before."""
        unit, near = self._unit(whole, part), self._near(whole, part)
        roles = f"{self._roles[whole]}>{self._roles[part]}"
        found = [*self._of_size(whole, part, unit), *self._of_family(whole, part, parents, unit)]
        found += self._of_deeds(whole, part, unit, near)
        found += self._between(whole, part, unit)
        found += self._of_places(whole, part, unit, near)
        found += self._of_survey(whole, part, unit)
        found += self._of_series(whole, part, unit)
        if unit == "same":
            found += self._of_sums(whole, part)
        if unit == "share":
            found += self._of_share(whole, part, parents)
            found += self._sums.of_share(whole, part, self.candidates(part))
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
        if any(self._is_alike(i, whole) for i in between):
            yield "said again between"
        first = min(whole, part)
        if any(self._is_alike(i, whole) for i in range(max(0, first - _BACK), first)):
            yield "said before"
        if whole > part and _TOTAL.search(self._frames[whole].left):
            yield "total behind"

    def _is_alike(self, one: int, other: int) -> bool:
        """Whether two numbers have the same value and unit."""
        return self._quantities[one].value == self._quantities[other].value and self._units[one] == self._units[other]

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

    def _of_deeds(self, whole: int, part: int, unit: str, near: str) -> Iterator[str]:
        one, other = self._deeds[whole], self._deeds[part]
        thing = "open" if other.object_source != "own" else "alike" if alike(one.object, other.object) else "new"
        deed = "same" if other.action and one.action == other.action else "other"
        yield f"thing={thing},{unit}"
        yield f"deed={deed},{thing},{unit}"
        yield f"deed,near={deed},{thing},{near},{unit}"
        yield f"deed from={other.source},{unit}"
        yield f"deeds={one.action}>{other.action},{unit}"
        yield from [f"change={flag}" for flag in (other.change, other.direction) if flag]
        if one.change:
            yield f"whole change={one.change}"
        if unit == "same":
            yield from [f"groups,near={a}>{b},{near}" for a in sorted(one.groups) for b in sorted(other.groups)]
        yield f"places,deed={self._reach.kind(whole)}>{self._reach.kind(part)},{deed},{thing},{unit}"

    def _near(self, whole: int, part: int) -> str:
        """How near a candidate is, and whether it is the nearest of its unit."""
        here, there = self._quantities[part], self._quantities[whole]
        between = range(min(whole, part) + 1, max(whole, part))
        nearest = not any(self._units[i] == self._units[whole] for i in between)
        where = {0: "same sentence", 1: "sentence before"}.get(here.sentence - there.sentence, "farther back")
        return f"{where} and nearest" if nearest else where

    def _of_places(self, whole: int, part: int, unit: str, near: str) -> Iterator[str]:
        """How the places of the two stand to each other: 全省 to 甲市, 甲市 to 乙市."""
        yield f"places={self._reach.kind(whole)}>{self._reach.kind(part)},{unit}"
        reach = relation(self._reach.place(whole), self._reach.place(part))
        yield f"reach={reach},{unit}"
        yield f"reach,near={reach},{near},{unit}"

    def _of_survey(self, whole: int, part: int, unit: str) -> Iterator[str]:
        """Whether a survey of parts begins between the two, and whether the candidate opens its sentence."""
        here, there = self._quantities[part], self._quantities[whole]
        sentence = self._article.sentences[here.sentence]
        if _SURVEY.match(self._article.text, sentence.start, here.start):
            yield f"survey={'inside' if there.start >= sentence.start else 'before'},{unit}"
        if whole == 0 or self._quantities[whole - 1].sentence != there.sentence:
            yield f"first of its sentence,{unit}"

    def _of_sums(self, whole: int, part: int) -> Iterator[str]:
        """Whether the numbers add up, and whether the part is said to be what remains."""
        frame = self._frames[part]
        rest = "rest" if _REST.search(frame.left) or _REST.search(frame.right) else "no rest"
        yield from self._sums.of_parts(whole, part, self.candidates(part), rest)

    def _of_series(self, whole: int, part: int, unit: str) -> Iterator[str]:
        """Whether the two have the same place in two series of one length: 5万栋、3万栋，其中危房413栋、267栋."""
        here, there = self._series_of(part), self._series_of(whole)
        if len(here) > 1 and len(here) == len(there) and part not in there:
            same = here.index(part) == there.index(whole)
            yield f"place in series={'same' if same else 'another'},{unit}"

    def _series_of(self, index: int) -> list[int]:
        """The quantities that one is coordinated with, itself among them, in order."""
        if index not in self._series:
            series, at = [index], index
            while (before := self._frames[at].joined) is not None:
                series.insert(0, at := before)
            while (behind := self._frames.get(series[-1] + 1)) is not None and behind.joined == series[-1]:
                series.append(behind.index)
            self._series.update(dict.fromkeys(series, series))
        return self._series[index]

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
                found.append(f"left={left[-2:]},{unit}")
                if unit == "share":
                    found.append(f"left={left[-3:]},{unit}")
            found.append(f"right={self._frames[part].right[:2]},{unit}")
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
                yield from self._at_marker(marker, whole, part, unit)

    def _at_marker(self, marker: Marker, whole: int, part: int, unit: str) -> Iterator[str]:
        """Whether a candidate is the last before a list, or the largest close by."""
        before = self._before(marker, part)
        if before and before[0] == whole:
            yield f"last before the list={marker.kind},{unit}"
        sentence = self._quantities[part].sentence
        close = [i for i in before if sentence - self._quantities[i].sentence < _CLOSE]
        if len(close) > 1 and max(close, key=lambda i: self._quantities[i].value) == whole:
            yield f"largest before the list={marker.kind},{unit}"

    def _before(self, marker: Marker, part: int) -> list[int]:
        """The candidates before a list, the last first, of the unit of the part unless that is a share."""
        key = marker.start, part
        if key not in self._before_lists:
            found = [i for i in self.candidates(part) if self._quantities[i].end <= marker.start]
            if self._units[part] not in SHARES:
                found = [i for i in found if self._units[i] == self._units[part]]
            self._before_lists[key] = found
        return self._before_lists[key]

    def _markers_of(self, part: int) -> list[Marker]:
        at = self._quantities[part].sentence
        if at not in self._markers:
            self._markers[at] = markers(self._article.text, self._sentences[part])
        return self._markers[at]
