"""Deed and thing, weighed: among the verbs and nouns close by, those that a result is most likely told with.

The rules of :mod:`.deeds` name one verb and one noun for each quantity. They are the first candidates; the others are
the verbs and the strings of nouns of the sentence, and what was said of the quantity before and of the whole. Two
linear models (``lexicon/weights_actions.tsv`` and ``weights_objects.tsv``) weigh them: first the verbs, then,
knowing the verb, the nouns. Roles and metrics go by what the rules say; only the columns ``action`` and ``object``
come from here.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pipeline import lexicon
from pipeline.model import Article, Quantity
from pipeline.stages.attribute.deeds import PROPOSALS, SHARES, Deed, direction
from pipeline.stages.attribute.frames import SentenceFrames
from pipeline.stages.attribute.name_clues import (
    before_verb,
    behind_verb,
    of_characters,
    of_clause,
    of_gap,
    of_groups_chosen,
    of_noun_alone,
    of_noun_and_unit,
    of_noun_at_hand,
    of_noun_in_frame,
    of_number,
    of_rule,
    of_standing,
    of_verb_and_thing,
    of_verb_and_unit,
    of_verb_chosen,
    of_verb_in_frame,
    plain,
)
from pipeline.stages.attribute.predicates import Predicate, groups_of
from pipeline.stages.attribute.terms import (
    Term,
    end_of_team,
    is_frame,
    is_nominal,
    nouns,
    term_of,
    verbs,
    with_quotes,
    without_frame,
)
from pipeline.stages.linear import Clues, Group, LinearModel, load

__all__ = ["ACTIONS", "OBJECTS", "RIGHT", "Candidate", "Name", "Names", "best", "weigh_names"]

#: The models, and the label of both.
ACTIONS, OBJECTS, RIGHT = "actions", "objects", "right"

#: So many verbs and strings of nouns are weighed, before and behind the number, from so many clauses around.
_VERBS_BEFORE, _VERBS_BEHIND, _NOUNS_BEFORE, _NOUNS_BEHIND = 5, 4, 5, 3
_CLAUSES_BACK, _CLAUSES_AHEAD = 2, 1

_GAP_OF_VERB, _GAP_OF_NOUN = "的，、；：“", "的，、；："

#: What stands for the thing where only the kind of number is known.
_BY_KIND = {"money": "资金", "people": "人员"}

#: Context and actors that are less sure than this may be results.
_SURE = 0.65

#: Units that are things of their own: 走访14.8万户.
_THINGS = frozenset({"户", "村"})

#: Distances are told apart up to these.
_STEPS = (1, 2, 3, 4, 7, 12, 20)


class Name(NamedTuple):
    """What a figure is told with, and which way the verb says that it changed."""

    action: str
    object: str
    direction: str


class Candidate(NamedTuple):
    """A verb or a noun that a quantity may be told with; ``start`` is -1 where it was said elsewhere."""

    text: str
    start: int
    end: int
    clues: Clues


def weigh_names(
    article: Article,
    sentences: Sequence[SentenceFrames],
    deeds: Sequence[Deed],
    parents: Sequence[int | None],
    roles: Sequence[tuple[str, str, float]],
) -> list[Name]:
    """The names of every quantity, given (role, rule, confidence) of each; those of sure context are by rule."""
    names = Names(article, sentences, deeds, parents)
    verbs, nouns = load(ACTIONS), load(OBJECTS)
    result = [Name(deed.action, deed.object, deed.direction) for deed in deeds]
    for index, (role, _, confidence) in enumerate(roles):
        if role in ("result", "target") or confidence < _SURE:
            action = names.change(index) or best(verbs, names.actions(index))
            thing = None if deeds[index].in_order else best(nouns, names.objects(index, action))
            result[index] = Name(
                action.text if action else "",
                names.object(index, action, thing),
                names.direction(index, action),
            )
        names.tell(index, result[index].action, result[index].object)
    return result


def best(model: LinearModel, candidates: Iterable[Candidate]) -> Candidate | None:
    """The candidate with the highest score, of equals the first; None of none."""
    return max(candidates, key=lambda candidate: model.score(candidate.clues), default=None)


#: What may stand between the verb of a change and the number.
_BEFORE_AMOUNT = "了约近超逾达过"

#: What turns the thing behind it into its opposite.
_NOT = ("不", "未", "非")


class Names:
    """The candidates for the action and the object of the quantities of one article, with their clues."""

    def __init__(
        self,
        article: Article,
        sentences: Sequence[SentenceFrames],
        deeds: Sequence[Deed],
        parents: Sequence[int | None],
    ) -> None:
        self._article, self._deeds, self._parents = article, deeds, parents
        self._frames = {frame.index: frame for sentence in sentences for frame in sentence.frames}
        self._sentences = {frame.index: sentence for sentence in sentences for frame in sentence.frames}
        self._verbs: dict[int, list[Term]] = {}
        self._nouns: dict[int, list[Term]] = {}
        self._actions, self._objects = [deed.action for deed in deeds], [deed.object for deed in deeds]
        #: the same as far as they were chosen
        self._told_actions: dict[int, str] = {}
        self._told_objects: dict[int, str] = {}
        self._starts = [quantity.start for quantity in article.quantities]

    def tell(self, index: int, action: str, thing: str) -> None:
        """Go by names that were chosen for a quantity, and not by those of the rules, for quantities behind it."""
        self._told_actions[index], self._told_objects[index] = action, thing

    def actions(self, index: int) -> Iterator[Candidate]:
        """The verbs that may be the deed of a quantity: those close by, that of the rules, those said before."""
        elsewhere = self._said_elsewhere(index, self._actions, self._told_actions)
        deed = self._deeds[index]
        elsewhere.setdefault(deed.action, []).extend(["rule", f"rule from={deed.source}"])
        seen: set[str] = set()
        for verb, place in self._verbs_around(index):
            seen.add(verb.text)
            clues = Clues((*verb.clues, *self._of_verb(index, verb, place), plain(*elsewhere.get(verb.text, ()))))
            yield Candidate(verb.text, verb.start, verb.end, clues)
        for text, also in elsewhere.items():
            if text and text not in seen:
                yield Candidate(text, -1, -1, Clues((plain("elsewhere", *also),)))

    def change(self, index: int) -> Candidate | None:
        """The verb of a change right before the number (较去年同期增长20%): there is nothing to weigh."""
        deed, start = self._deeds[index], self._article.quantities[index].start
        if not deed.direction or not deed.action or deed.source != "before":
            return None
        before = self._article.text[self._sentences[index].sentence.start : start].rstrip(_BEFORE_AMOUNT)
        end = self._sentences[index].sentence.start + len(before)
        begin = end - len(deed.action)
        if not before.endswith(deed.action):
            return None
        return Candidate(deed.action, begin, end, Clues((plain("rule"),)))

    def objects(self, index: int, action: Candidate | None) -> Iterator[Candidate]:
        """The nouns that may be the thing counted, given the verb that was chosen."""
        elsewhere = self._things_elsewhere(index, action)
        groups = groups_of(action.text) if action else frozenset()
        seen: set[str] = set()
        for noun, place in self._nouns_around(index):
            seen.add(noun.text)
            if self._is_no_thing(index, noun, action):
                continue
            own = (*self._of_noun(index, noun, place), *self._beside_verb(noun, place, action, groups))
            clues = Clues((*noun.clues, *own, plain(*elsewhere.get(noun.text, ()))))
            yield Candidate(noun.text, noun.start, noun.end, clues)
        for text, also in elsewhere.items():
            if text and text not in seen:
                yield Candidate(text, -1, -1, Clues((plain("elsewhere", f"ends={text[-1]}", *also),)))

    def _is_no_thing(self, index: int, noun: Term, action: Candidate | None) -> bool:
        """Whether nothing is left of a noun without the words that frame it, or it is words that lead to the verb."""
        words = self._sentences[index].words
        inside = words[bisect_left(words, (noun.start,)) : bisect_left(words, (noun.end,))]
        if not inside:
            return False
        leads = len(inside) > 1 and action is not None and inside[-1].tag == "v" and inside[-1].text == action.text
        return leads or all(map(is_frame, inside))

    def direction(self, index: int, action: Candidate | None) -> str:
        """Which way a change goes, where another verb was chosen than that of the rules."""
        deed = self._deeds[index]
        if action is None or action.text == deed.action or deed.change or deed.source == "joined":
            return deed.direction
        verb = Predicate(action.start, action.end, action.text, groups_of(action.text), "v")
        return direction(self._article.text, self._frames[index], self._article.quantities[index], verb)[0]

    def object(self, index: int, action: Candidate | None, thing: Candidate | None) -> str:
        """The thing counted: a verb that has it in itself (办实事) takes none that stands in another clause."""
        if thing is None:
            return self._deeds[index].object
        meant = lexicon.row("verb_objects", action.text) if action is not None else None
        if meant is not None and thing.text not in (*_BY_KIND.values(), *PROPOSALS):
            quantity = self._article.quantities[index]
            if thing.start < self._sentences[index].sentence.clauses[quantity.clause].start:
                return meant["object"]
        return self.whole(index, thing)

    def whole(self, index: int, thing: Candidate) -> str:
        """A thing with the rest of the noun that it begins in: 出版社 of 设立出版社, where 出 is no particle.

        Words of time and adverbs at its edges are no part of it, but for what turns it into its opposite: 不合格食品.
        """
        if thing.start < 0:
            return thing.text
        words, start = self._sentences[index].words, thing.start
        at = bisect_left(words, (start,)) - 1
        if at >= 0 and words[at].end > start and is_nominal(words[at].tag, ""):
            start = words[at].start
        start, end = without_frame(words, start, thing.end)
        if start == self._article.quantities[index].end:
            end = end_of_team(words, end)
        elif self._article.text[start - 1 : start] in _NOT:
            start -= 1
        return with_quotes(self._article.text, self._sentences[index].sentence, start, end)

    def _things_elsewhere(self, index: int, action: Candidate | None) -> dict[str, list[str]]:
        """What the rules name, what was said of other quantities, and what unit, kind and verb stand for."""
        quantity, deed = self._article.quantities[index], self._deeds[index]
        found = self._said_elsewhere(index, self._objects, self._told_objects, ahead=True)
        source = f"rule from={deed.object_source},{deed.source}"
        found.setdefault(deed.object, []).extend(["rule", source, f"rule kind={quantity.kind}"])
        if noun := self._frames[index].noun_right:
            found.setdefault(noun, []).append("noun right")
        if len(quantity.unit) > 1 or quantity.unit in _THINGS:
            found.setdefault(quantity.unit, []).append("the unit")
        if (usual := _BY_KIND.get(quantity.kind)) is not None:
            found.setdefault(usual, []).extend(["by kind", f"by kind,rule from={deed.object_source}"])
        meant = lexicon.row("verb_objects", action.text) if action is not None else None
        if meant is not None and deed.object not in PROPOSALS:
            # 减贫 has its object in itself: fewer 贫困人口
            found.setdefault(meant["object"], []).extend(["by verb", f"by verb,rule from={deed.object_source}"])
        return found

    def _said_elsewhere(
        self, index: int, by_rule: Sequence[str], told: Mapping[int, str], ahead: bool = False
    ) -> dict[str, list[str]]:
        """What was said of the quantity before, of the whole and, if asked for, of the one behind."""
        quantities, deed = self._article.quantities, self._deeds[index]
        here = quantities[index]
        others = {"previous": index - 1 if index else None, "whole": self._parents[index]}
        if ahead and index + 1 < len(quantities) and quantities[index + 1].sentence == here.sentence:
            others["next"] = index + 1
        found: dict[str, list[str]] = {}
        for name, other in others.items():
            if other is None:
                continue
            said = told.get(other, by_rule[other]) if other < index else by_rule[other]
            if said:
                there = quantities[other]
                found.setdefault(said, []).extend(
                    [
                        name,
                        f"{name} same unit={there.unit == here.unit}",
                        f"{name} same sentence={there.sentence == here.sentence}",
                        f"{name},rule from={deed.source},{deed.object_source}",
                    ]
                )
        return found

    def _verbs_around(self, index: int) -> Iterator[tuple[Term, _Standing]]:
        return self._around(index, self._verbs_of(index), _VERBS_BEFORE, _VERBS_BEHIND)

    def _nouns_around(self, index: int) -> Iterator[tuple[Term, _Standing]]:
        nouns = self._nouns_of(index)
        if (named := self._named_by_rule(index, nouns)) is not None:
            nouns = sorted([*nouns, named], key=lambda noun: (noun.start, noun.end))
        return self._around(index, nouns, _NOUNS_BEFORE, _NOUNS_BEHIND)

    def _around(self, index: int, words: Sequence[Term], before: int, behind: int) -> Iterator[tuple[Term, _Standing]]:
        """The last words before a number and the first behind it, with how they stand to it, if not too far."""
        quantity = self._article.quantities[index]
        for word, order in _ordered(words, quantity, before, behind):
            clauses = word.clause - quantity.clause
            if -_CLAUSES_BACK <= clauses <= _CLAUSES_AHEAD:
                yield word, self._standing(quantity, word, order, clauses)

    def _standing(self, quantity: Quantity, word: Term, order: int, clauses: int) -> _Standing:
        is_before = word.end <= quantity.start
        side, first, last = ("L", word.end, quantity.start) if is_before else ("R", quantity.end, word.start)
        between = bisect_left(self._starts, last) - bisect_left(self._starts, first)
        return _Standing(side, order, clauses, _steps(last - first), min(between, 2), self._article.text[first:last])

    def _named_by_rule(self, index: int, known: Sequence[Term]) -> Term | None:
        """The thing that the rules name, where it stands closest in the sentence; None if it is known or elsewhere."""
        quantity, named, text = self._article.quantities[index], self._deeds[index].object, self._article.text
        sentence = self._sentences[index]
        if not named or any(noun.text == named for noun in known):
            return None
        start = text.rfind(named, sentence.sentence.start, quantity.start)
        if start < 0:
            start = text.find(named, quantity.end, sentence.sentence.end)
        return term_of(text, sentence, start, start + len(named)) if start >= 0 else None

    def _of_verb(self, index: int, verb: Term, place: _Standing) -> tuple[Group, ...]:
        """Clues of how a verb stands to the number."""
        frame, quantity = self._frames[index], self._article.quantities[index]
        side, unit = place.side, quantity.unit
        thing = (frame.noun_right or self._objects[index])[-2:]
        clear = place.gap == frame.noun_right if side == "R" else place.order
        text, deed = self._article.text, self._deeds[index]
        clause = self._sentences[index].sentence.clauses[quantity.clause].start
        before, behind = text[quantity.start - 1 : quantity.start], text[quantity.end : quantity.end + 1]
        return (
            of_standing(side, place.order, place.clauses, place.distance, place.between, quantity.kind),
            of_verb_and_unit(verb.text, unit, quantity.kind),
            of_verb_in_frame(verb.tag, side, place.order, frame.preposition, unit in SHARES),
            of_verb_and_thing(verb.groups, unit, thing, side, not place.clauses),
            of_gap(_marks(_GAP_OF_VERB, place.gap)),
            of_noun_at_hand(side, bool(frame.noun_right), clear),
            of_rule(verb.text == deed.action, deed.source, side),
            of_characters(text[verb.start - 1 : verb.start], text[verb.end : verb.end + 2], side),
            of_number(verb.text, before, behind, side),
            of_clause(clause == quantity.start, text[clause - 1 : clause], side),
        )

    def _of_noun(self, index: int, noun: Term, place: _Standing) -> tuple[Group, ...]:
        """Clues of how a noun stands to the number and to what the rules say."""
        frame, quantity, deed = self._frames[index], self._article.quantities[index], self._deeds[index]
        side, unit, text = place.side, quantity.unit, noun.text
        return (
            of_standing(side, place.order, place.clauses, place.distance, place.between, quantity.kind),
            of_noun_and_unit(text[-1:], unit, side),
            of_noun_in_frame(noun.tag, side, place.order, deed.object_source, unit in SHARES, place.clauses),
            of_gap(_marks(_GAP_OF_NOUN, place.gap)),
            of_noun_alone(
                "" if place.gap else side,
                bool(deed.object) and (text in deed.object or deed.object in text),
                side == "L" and bool(frame.noun_right),
            ),
        )

    def _beside_verb(
        self, noun: Term, place: _Standing, action: Candidate | None, groups: frozenset[str]
    ) -> tuple[Group, ...]:
        """Clues of how a noun stands to the verb that was chosen."""
        if action is None:
            return (plain("no verb"),)
        end = noun.text[-1:]
        if action.start < 0:
            beside = plain("verb elsewhere")
        elif noun.start >= action.end:
            gap = self._article.text[action.end : noun.start]
            beside = behind_verb(_steps(len(gap)), place.side, place.order, not _COMMA.search(gap))
        elif noun.end <= action.start:
            beside = before_verb(_steps(action.start - noun.end), place.side)
        else:
            beside = plain("holds verb")
        return of_verb_chosen(action.text, end), of_groups_chosen(groups, place.side, place.clauses, end), beside

    def _verbs_of(self, index: int) -> list[Term]:
        at = self._article.quantities[index].sentence
        if at not in self._verbs:
            self._verbs[at] = verbs(self._article.text, self._sentences[index])
        return self._verbs[at]

    def _nouns_of(self, index: int) -> list[Term]:
        at = self._article.quantities[index].sentence
        if at not in self._nouns:
            self._nouns[at] = nouns(self._article.text, self._sentences[index])
        return self._nouns[at]


class _Standing(NamedTuple):
    """How a word stands to a number: side (L before, R behind), the how-manieth, clauses and signs apart."""

    side: str
    order: int
    clauses: int
    distance: int
    #: other numbers in between, 2 for more
    between: int
    gap: str


def _ordered(words: Sequence[Term], quantity: Quantity, before: int, behind: int) -> Iterator[tuple[Term, int]]:
    """The last words before a number, and the first behind it; with each the how-manieth from the number it is."""
    # a place sorts before the word that starts there
    at, ahead = bisect_left(words, (quantity.start,)), list[Term]()
    while at and len(ahead) < before:
        at -= 1
        if words[at].end <= quantity.start:
            ahead.append(words[at])
    yield from zip(reversed(ahead), range(len(ahead), 0, -1), strict=True)
    at = bisect_left(words, (quantity.end,))
    yield from zip(words[at : at + behind], range(1, behind + 1), strict=False)


def _steps(distance: int) -> int:
    """A distance in rough steps."""
    return bisect_right(_STEPS, distance)


def _marks(wanted: str, gap: str) -> str:
    return "".join([mark for mark in wanted if mark in gap.translate(_WIDE)]) if gap else ""


#: Marks of half width are as good as those of full width.
_WIDE = str.maketrans(",;:", "，；：")
_COMMA = re.compile("[，,]")
