"""Divisions, weighed: among those that a text names, the one that most speaks for being a number's own.

The rules of :mod:`.scope` give each number one place. That is one clue; others are where each division of the text
is named (how near, what stands around it, what is named between), how it stands to the rules' choice, to the
article's own division, to title, heading and paragraph, and which words for the whole country stand close by. A
linear model (``lexicon/weights_regions.tsv``) weighs them. The rules' choice stays unless another division is ahead of
it by :data:`MARGIN`. Not weighed are reports of one place (there the rules are right but for one figure in some
hundred), figures of sure context, numbers right behind the name of a place, and those that the rules leave without a
division (abroad, or between namesakes).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from math import exp
from typing import NamedTuple

from pipeline import lexicon
from pipeline.lexicon import gazetteer
from pipeline.lexicon.gazetteer import COUNTRY
from pipeline.model import Article, Quantity, Sentence
from pipeline.stages.linear import Clues, Group, LinearModel, load
from pipeline.stages.locate.home import Home
from pipeline.stages.locate.mentions import Mention
from pipeline.stages.locate.scope import Scope

__all__ = ["MARGIN", "REGION", "Choice", "Choices", "Seen", "choose"]

#: The label of the model.
REGION = "region"

#: By so much another candidate must be ahead of the rules' choice (by cross-validation).
MARGIN = 0.6

#: Context that is as sure as this is not weighed.
_SURE = 0.9

#: Candidates are the divisions of so many mentions before a number, and behind it in its sentence.
_BACK, _AHEAD = 10, 2

#: Mentions that tell a division of their own.
_PLACES = frozenset({"place", "zone", "dateline"})

#: Words of a smaller place, and where they are looked for.
_LOCALITIES = "村镇乡"


class Seen(NamedTuple):
    """The mention of a candidate nearest to a number."""

    mention: Mention
    #: clause, sentence, sentence before, paragraph, paragraph before, heading, before heading, article, or behind the
    #: number: behind (in its clause), later (in its sentence)
    where: str
    #: how many other places are named between, and the kinds of words for other things
    between: int
    words: tuple[str, ...]


class Choice(NamedTuple):
    """What became of a number's place."""

    code: str
    #: the candidate's share among all, 0 to 1
    share: float
    #: the candidate that came second
    second: str
    #: the nearest mention of it or of a part, None where there is none
    seen: Seen | None


def choose(choices: Choices) -> list[Choice | None]:
    """The division of each number; None where nothing was weighed and the rules' choice stays."""
    numbers = range(choices.count)
    if not choices.is_open:
        return [None] * len(numbers)
    model = load("regions")
    return [_best(choices, model, index) if choices.is_doubtful(index) else None for index in numbers]


def _best(choices: Choices, model: LinearModel, index: int) -> Choice:
    """The candidate with the highest score, that of the rules raised by the margin; of equals the lowest code."""
    candidates = choices.candidates(index)
    scores = {code: model.score(choices.clues(code, candidates, index)) for code in candidates}
    scores[choices.rule(index) or COUNTRY] += MARGIN
    ranked = sorted(scores, key=lambda code: (-scores[code], code))
    share = 1 / sum([exp(score - scores[ranked[0]]) for score in scores.values()])
    second = ranked[1] if len(ranked) > 1 else ""
    return Choice(ranked[0], share, second, choices.nearest(ranked[0], candidates))


@lru_cache(maxsize=1 << 13)
def _relation(code: str, other: str | None) -> str:
    """How a division stands to another: same, above, below, beside (in one province), away; none without another.

    >>> _relation("130433", "130400"), _relation("130433", "130129"), _relation("100000", "130433")
    ('below', 'beside', 'above')
    """
    if not other:
        return "none"
    if code == other:
        return "same"
    if code in gazetteer.line(other):
        return "above"
    if other in gazetteer.line(code):
        return "below"
    return "beside" if code[:2] == other[:2] else "away"


@lru_cache(maxsize=1 << 13)
def _standing(code: str, rule: str | None) -> str:
    """How a candidate stands to the rules' choice: rule, country, above, below, beside or away."""
    if code == rule:
        return "rule"
    return "country" if code == COUNTRY else _relation(code, rule)


@lru_cache(maxsize=1 << 13)
def _level(code: str | None) -> str:
    return (gazetteer.level(code) or "none") if code else "none"


for _cached in (_relation, _standing, _level):
    lexicon.on_change(_cached)


def _step(count: int, bounds: Sequence[int]) -> int:
    return sum([count > bound for bound in bounds])


# Texts of clues are made once for what is alike, and so are their sums.
_remembered = lru_cache(maxsize=1 << 12)


@_remembered
def _of_standing(is_: str, basis: str, level: str, rule_level: str, home: str, home_level: str, outlet: str) -> Group:
    return Group(
        [
            f"is={is_}",
            f"is,basis={is_},{basis}",
            f"is,level={is_},{level},{rule_level}",
            f"is,home={is_},{home},{home_level}",
            f"is,home,basis={is_},{home},{basis}",
            f"is,outlet={is_},{outlet},{home_level}",
            f"home={home},{home_level}",
            f"level={level}",
        ]
    )


@_remembered
def _of_rule(kind: str, basis: str, several: bool) -> Group:
    return Group([f"rule by={kind},{basis}", *(["rule of several"] if several else [])])


@_remembered
def _of_unnamed(is_: str, home: str, part: str, level: str) -> Group:
    found = [f"unnamed={is_}", f"unnamed,home={home}"]
    return Group([*found, f"part named,is={part},{is_}", f"part named={part},{level}"])


@_remembered
def _of_named(where: str, is_: str, level: str, between: int, words: tuple[str, ...]) -> Group:
    found = [
        f"named,is={where},{is_}",
        f"named={where},{level}",
        f"named,between={where},{between}",
        f"named,between,is={where},{between},{is_}",
    ]
    found += [f"then={word},{where}" for word in words]
    return Group([*found, *(f"then,is={word},{is_}" for word in words)])


@_remembered
def _of_form(kind: str, form: str, where: str, count: int, length: int, zone: bool) -> Group:
    found = [f"named by={kind},{form},{where}", f"form={form},{count}", f"form,length={form},{length},{count}"]
    return Group([*found, "zone"] if zone else found)


@_remembered
def _of_sides(left: str, right: str, near: str, is_: str) -> Group:
    found = [f"left={left},{near}", f"left,is={left},{near},{is_}"]
    return Group([*found, f"right={right},{near}", f"right,is={right},{near},{is_}"])


@_remembered
def _of_gap(apart: int, is_: str) -> Group:
    return Group([f"apart={apart}", f"apart,is={apart},{is_}"])


@_remembered
def _of_mention(name: str, kind: str, relation: str, where: str, is_: str) -> Group:
    """Clues of a mention that stands out around the number: the last one before it, the first of its sentence …"""
    return Group([f"{name}={kind},{relation},{where}", f"{name},is={kind},{is_},{where}"])


@_remembered
def _of_counts(named: int, share: int, level: str) -> Group:
    return Group([f"count={named},{level}", f"share={share},{level}"])


@_remembered
def _of_title(title: str, is_: str, level: str) -> Group:
    return Group([f"title,is={title},{is_}", f"title={title},{level}"])


@_remembered
def _of_locality(where: str, level: str, is_: str) -> Group:
    return Group([f"locality={where},{level}", f"locality,is={where},{is_}"])


class _Around(NamedTuple):
    """What stands around one number, whatever the candidate."""

    #: places before, the nearest first, then those behind
    seen: Sequence[Seen]
    #: name, kind, code and place of the mentions that stand out
    mentions: Sequence[tuple[str, str, str | None, str]]
    basis: str
    rule_kind: str
    locality: str


class Choices:
    """The candidates of the numbers of one article, and their clues."""

    def __init__(
        self,
        article: Article,
        mentions: Sequence[Mention],
        title: Sequence[Mention],
        home: Home,
        found: Sequence[Scope],
    ) -> None:
        self._article, self._home, self._found = article, home, found
        self._mentions = [m for m in mentions if m.kind != "outlet"]
        self._starts = [m.start for m in self._mentions]
        self._title = [m.code for m in title if m.code and m.kind in _PLACES]
        self._counts = Counter([c for m in self._mentions if _tells(m) for c in gazetteer.line(m.code or "")])
        self._total = max(self._counts[COUNTRY], 1)
        self._outlet = "national" if home.national else "local"
        self._paragraphs: dict[int, int] = {}
        for sentence in reversed(article.sentences):
            self._paragraphs[sentence.paragraph] = sentence.start
        self._headings = _headings(article.sentences)
        self._around: dict[int, _Around] = {}

    def rule(self, index: int) -> str | None:
        """The division that the rules give a number."""
        return self._found[index].code

    @property
    def count(self) -> int:
        """The number of quantities."""
        return len(self._found)

    @property
    def is_open(self) -> bool:
        """Whether the report is of no single place, or its outlet of the whole country: elsewhere the rules decide."""
        return self._home.national or self._home.code in (None, COUNTRY)

    def is_doubtful(self, index: int) -> bool:
        """Whether there is something to weigh: the rules name a division, and not by its name right before a number.

        Figures of sure context stand in no table of divisions, and keep what the rules say.
        """
        said = self._article.attributions[index] if self._article.attributions else None
        if said is not None and said.role == "context" and said.confidence >= _SURE:
            return False
        start = self._article.quantities[index].start
        at = bisect_left(self._starts, start)
        beside = at > 0 and self._mentions[at - 1].end == start and _tells(self._mentions[at - 1])
        return self._found[index].code is not None and not beside and not self._found[index].dealt

    def candidates(self, index: int) -> dict[str, Seen | None]:
        """The divisions that a number may belong to, each with its nearest mention; the country among them."""
        named: dict[str, Seen | None] = {}
        for seen in self._of(index).seen:
            named.setdefault(seen.mention.code or "", seen)
        given = (self._found[index].code, self._home.default)
        for code in (*filter(None, given), *named):
            for above in gazetteer.line(code):
                named.setdefault(above, None)
        named.setdefault(COUNTRY, None)
        return named

    def nearest(self, code: str, candidates: Mapping[str, Seen | None]) -> Seen | None:
        """The nearest mention of a candidate, else of a part of it."""
        seen = candidates[code]
        return seen or next((s for c, s in candidates.items() if s and code in gazetteer.line(c)), None)

    def clues(self, code: str, candidates: Mapping[str, Seen | None], index: int) -> Clues:
        """The clues that a candidate is the division of a number."""
        around, scope, home = self._of(index), self._found[index], self._home
        is_, level, at_home = _standing(code, scope.code), _level(code), _relation(code, home.default)
        home_level = _level(home.default)
        groups = [
            _of_standing(is_, around.basis, level, _level(scope.code), at_home, home_level, self._outlet),
            self._of_count(code, level),
            _of_title(self._in_title(code), is_, level),
            _of_locality(around.locality, level, is_),
        ]
        if is_ == "rule":
            groups.append(_of_rule(around.rule_kind, around.basis, bool(scope.candidates)))
        seen = candidates[code]
        if seen is None:
            part = self.nearest(code, candidates)
            groups.append(_of_unnamed(is_, at_home, part.where if part else "none", level))
        else:
            groups += self._of_seen(seen, code, index, is_, level)
        for name, kind, other, where in around.mentions:
            groups.append(_of_mention(name, kind, _relation(code, other), where, is_))
        return Clues(tuple(groups))

    def _of_seen(self, seen: Seen, code: str, index: int, is_: str, level: str) -> Iterator[Group]:
        m, where = seen.mention, seen.where
        if where == "clause":
            apart = self._article.quantities[index].start - m.end
            yield _of_gap(_step(apart, (0, 2, 5, 10)), is_)
        text = self._article.text
        count = _step(self._counts[code], (1, 2))
        near = "far" if where in _FAR else "near"
        yield _of_named(where, is_, level, min(seen.between, 4), seen.words)
        yield _of_form(m.kind, m.form, where, count, min(m.end - m.start, 4), bool(m.zone))
        yield _of_sides(text[m.start - 1 : m.start].strip(), text[m.end : m.end + 1].strip(), near, is_)

    def _of_count(self, code: str, level: str) -> Group:
        count = self._counts[code]
        return _of_counts(_step(count, (0, 1, 2, 4, 8)), 4 * count // self._total, level)

    def _in_title(self, code: str) -> str:
        """How the candidate stands to the places of the title, by the closest of them."""
        found = {_relation(code, other) for other in self._title}
        return next(
            (relation for relation in ("same", "below", "above", "beside", "away") if relation in found), "none"
        )

    def _of(self, index: int) -> _Around:
        if index not in self._around:
            quantity, scope = self._article.quantities[index], self._found[index]
            seen = list(self._seen(quantity))
            self._around[index] = _Around(
                seen,
                list(self._standing_out(quantity, seen)),
                self._basis(quantity, scope),
                self._kind_at(scope.start),
                self._locality(quantity),
            )
        return self._around[index]

    def _seen(self, quantity: Quantity) -> Iterator[Seen]:
        """The mentions of places around a number."""
        at = bisect_left(self._starts, quantity.start)
        sentence = self._article.sentences[quantity.sentence]
        between, words = 0, dict[str, None]()
        for m in reversed(self._mentions[max(0, at - 3 * _BACK) : at]):
            if not _tells(m):
                words[m.kind] = None
                continue
            yield Seen(m, self._where(m.start, quantity), between, tuple(sorted(words)))
            between += 1
            if between == _BACK:
                break
        for i, m in enumerate(self._mentions[at : at + _AHEAD]):
            if _tells(m) and m.start < sentence.end:
                yield Seen(m, "behind" if m.start < _clause_end(sentence, quantity) else "later", i, ())

    def _where(self, start: int, quantity: Quantity) -> str:
        """Where a mention before a number stands."""
        number = quantity.sentence
        sentence = self._article.sentences[number]
        if start >= sentence.start:
            return "clause" if start >= _clause_start(sentence, quantity) else "sentence"
        here = self._paragraphs[sentence.paragraph]
        if start >= here:
            return "sentence before" if start >= self._article.sentences[number - 1].start else "paragraph"
        heading = self._headings[number]
        if heading is not None and start < heading.end:
            return "heading" if start >= heading.start else "before heading"
        return "paragraph before" if start >= self._paragraphs.get(sentence.paragraph - 1, here) else "article"

    def _standing_out(self, quantity: Quantity, seen: Sequence[Seen]) -> Iterator[tuple[str, str, str | None, str]]:
        """The last mention before a number, the first of sentence, clause and paragraph, the nearest, the heading's."""
        at = bisect_left(self._starts, quantity.start)
        sentence = self._article.sentences[quantity.sentence]
        clause = _clause_start(sentence, quantity)
        for name, start in (("first", sentence.start), ("clause first", clause)):
            first = bisect_left(self._starts, start)
            if first < at:
                m = self._mentions[first]
                yield name, m.kind, m.code, "head" if m.start == start else "inside"
        if at and self._starts[at - 1] >= sentence.start:
            m = self._mentions[at - 1]
            yield "last", m.kind, m.code, "clause" if m.start >= clause else "sentence"
        else:
            yield "last", "none", None, "none"
        if seen:
            yield "nearest", "place", seen[0].mention.code, seen[0].where
        begin = bisect_left(self._starts, self._paragraphs[sentence.paragraph])
        m_first = next((m for m in self._mentions[begin:at] if _tells(m)), None)
        yield "paragraph first", "place" if m_first else "none", m_first.code if m_first else None, "none"
        heading = self._headings[quantity.sentence]
        if heading is not None:
            i = bisect_left(self._starts, heading.start)
            inside = next((m for m in self._mentions[i : i + 3] if m.code and m.start < heading.end), None)
            yield "heading", inside.kind if inside else "none", inside.code if inside else None, "none"

    def _kind_at(self, start: int) -> str:
        at = bisect_left(self._starts, start)
        return self._mentions[at].kind if at < len(self._starts) and self._starts[at] == start else "none"

    def _locality(self, quantity: Quantity) -> str:
        """Whether the sentence, or its paragraph, has named a village or a township before the number."""
        sentence = self._article.sentences[quantity.sentence]
        for where, start in (("sentence", sentence.start), ("paragraph", self._paragraphs[sentence.paragraph])):
            if any(self._article.text.find(mark, start, quantity.start) >= 0 for mark in _LOCALITIES):
                return where
        return "none"

    def _basis(self, quantity: Quantity, scope: Scope) -> str:
        if scope.sentence < 0:
            return f"{self._home.basis} home"
        sentence = self._article.sentences[quantity.sentence]
        if sentence.start <= scope.start:
            return "clause" if _clause_start(sentence, quantity) <= scope.start else "sentence"
        return "paragraph" if scope.paragraph == sentence.paragraph else "article"


#: Where mentions stand outside of the number's sentence.
_FAR = frozenset({"sentence before", "paragraph", "paragraph before", "heading", "before heading", "article"})


def _tells(m: Mention) -> bool:
    return m.code is not None and m.kind in _PLACES


def _clause_start(sentence: Sentence, quantity: Quantity) -> int:
    return sentence.clauses[quantity.clause].start if sentence.clauses else sentence.start


def _clause_end(sentence: Sentence, quantity: Quantity) -> int:
    return sentence.clauses[quantity.clause].end if sentence.clauses else sentence.end


def _headings(sentences: Sequence[Sentence]) -> list[Sentence | None]:
    """For each sentence the last heading up to it."""
    found: list[Sentence | None] = []
    heading: Sentence | None = None
    for sentence in sentences:
        heading = sentence if sentence.heading else heading
        found.append(heading)
    return found
