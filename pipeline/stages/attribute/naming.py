"""Deed and thing, weighed: among the verbs and nouns close by, those that a result is most likely told with.

The rules of :mod:`.deeds` name one verb and one noun for each quantity. They are the first candidates; the others are
the verbs and the strings of nouns of the sentence, and what was said of the quantity before and of the whole. Two
linear models (``lexicon/weights_actions.tsv`` and ``weights_objects.tsv``) weigh them: first the verbs, then,
knowing the verb, the nouns. Roles and metrics go by what the rules say; only the columns ``action`` and ``object``
come from here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from pipeline import lexicon
from pipeline.model import Article, Quantity, Sentence, Word
from pipeline.stages.attribute.deeds import SHARES, Deed, direction
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
    of_noun_between,
    of_noun_in_frame,
    of_number,
    of_phrase,
    of_rule,
    of_standing,
    of_verb_and_thing,
    of_verb_and_unit,
    of_verb_between,
    of_verb_chosen,
    of_verb_in_clause,
    of_verb_in_frame,
    of_word,
    plain,
)
from pipeline.stages.attribute.predicates import Predicate, groups_of
from pipeline.stages.linear import Clues, Group, LinearModel, load

__all__ = ["ACTIONS", "OBJECTS", "RIGHT", "Candidate", "Name", "Names", "best", "weigh_names"]

#: The models, and the label of both.
ACTIONS, OBJECTS, RIGHT = "actions", "objects", "right"

#: So many verbs and strings of nouns are weighed, before and behind the number, from so many clauses around.
_VERBS_BEFORE, _VERBS_BEHIND, _NOUNS_BEFORE, _NOUNS_BEHIND = 5, 4, 5, 3
_CLAUSES_BACK, _CLAUSES_AHEAD = 2, 1

#: Tags of words that can stand in a noun phrase, those of nouns apart.
_NOMINAL = frozenset({"b", "a", "j", "l", "i", "s", "f", "z", "g", "vn", "an", "k", "h", "eng", "zg"})

#: What a candidate is cut to at its edges.
_EDGES = "，、；：“”‘’（）() 的"
_GAP_OF_VERB, _GAP_OF_NOUN = "的，、；：“", "的，、；："

#: Words before a verb that say how it stands to the rest of the clause.
_LEADS = ("已", "共", "累计", "先后", "将", "被", "等", "把", "对", "为")
#: How far back they may stand.
_LEAD = 6

#: Groups of verbs that name no deed of their own.
_LIGHT = frozenset({"weak", "copula", "frame", "share", "unknown"})
_UNKNOWN = frozenset({"unknown"})

#: What stands for the thing where only the kind of number is known.
_BY_KIND = {"money": "资金", "people": "人员"}

#: Context and actors that are less sure than this may be results.
_SURE = 0.65

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

#: Units that are things of their own: 走访14.8万户.
_THINGS = frozenset({"户", "村"})

#: What is quoted is no longer than this.
_QUOTED = 12

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
            action = best(verbs, names.actions(index))
            thing = None if deeds[index].in_order else best(nouns, names.objects(index, action))
            result[index] = Name(
                action.text if action else "",
                names.whole(index, thing) if thing else deeds[index].object,
                names.direction(index, action),
            )
    return result


def best(model: LinearModel, candidates: Iterable[Candidate]) -> Candidate | None:
    """The candidate with the highest score, of equals the first; None of none."""
    return max(candidates, key=lambda candidate: model.score(candidate.clues), default=None)


class _Word(NamedTuple):
    """A verb or a string of nouns of a sentence with what does not depend on the number."""

    start: int
    end: int
    text: str
    tag: str
    clause: int
    clues: tuple[Group, ...]
    #: groups of a verb
    groups: frozenset[str] = frozenset()


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
        self._verbs: dict[int, list[_Word]] = {}
        self._nouns: dict[int, list[_Word]] = {}
        self._actions, self._objects = [deed.action for deed in deeds], [deed.object for deed in deeds]
        self._starts = [quantity.start for quantity in article.quantities]

    def actions(self, index: int) -> Iterator[Candidate]:
        """The verbs that may be the deed of a quantity: those close by, that of the rules, those said before."""
        elsewhere = self._said_elsewhere(index, self._actions)
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

    def _is_no_thing(self, index: int, noun: _Word, action: Candidate | None) -> bool:
        """Whether nothing is left of a noun without the words that frame it, or it is words that lead to the verb."""
        words = self._sentences[index].words
        inside = words[bisect_left(words, (noun.start,)) : bisect_left(words, (noun.end,))]
        if not inside:
            return False
        leads = len(inside) > 1 and action is not None and inside[-1].tag == "v" and inside[-1].text == action.text
        return leads or all(map(_is_frame, inside))

    def direction(self, index: int, action: Candidate | None) -> str:
        """Which way a change goes, where another verb was chosen than that of the rules."""
        deed = self._deeds[index]
        if action is None or action.text == deed.action or deed.change or deed.source == "joined":
            return deed.direction
        verb = Predicate(action.start, action.end, action.text, groups_of(action.text), "v")
        return direction(self._article.text, self._frames[index], self._article.quantities[index], verb)[0]

    def whole(self, index: int, thing: Candidate) -> str:
        """A thing with the rest of the noun that it begins in: 出版社 of 设立出版社, where 出 is no particle.

        Words of time and adverbs at its edges are no part of it.
        """
        if thing.start < 0:
            return thing.text
        words, start = self._sentences[index].words, thing.start
        at = bisect_left(words, (start,)) - 1
        if at >= 0 and words[at].end > start and _is_nominal(words[at].tag, ""):
            start = words[at].start
        start, end = _without_frame(words, start, thing.end)
        if start == self._article.quantities[index].end:
            end = _end_of_team(words, end)
        return _with_quotes(self._article.text, self._sentences[index].sentence, start, end)

    def _things_elsewhere(self, index: int, action: Candidate | None) -> dict[str, list[str]]:
        """What the rules name, what was said of other quantities, and what unit, kind and verb stand for."""
        quantity, deed = self._article.quantities[index], self._deeds[index]
        found = self._said_elsewhere(index, self._objects, ahead=True)
        source = f"rule from={deed.object_source},{deed.source}"
        found.setdefault(deed.object, []).extend(["rule", source, f"rule kind={quantity.kind}"])
        if noun := self._frames[index].noun_right:
            found.setdefault(noun, []).append("noun right")
        if len(quantity.unit) > 1 or quantity.unit in _THINGS:
            found.setdefault(quantity.unit, []).append("the unit")
        if (usual := _BY_KIND.get(quantity.kind)) is not None:
            found.setdefault(usual, []).extend(["by kind", f"by kind,rule from={deed.object_source}"])
        if action is not None and (meant := lexicon.row("verb_objects", action.text)) is not None:
            # 减贫 has its object in itself: fewer 贫困人口
            found.setdefault(meant["object"], []).extend(["by verb", f"by verb,rule from={deed.object_source}"])
        return found

    def _said_elsewhere(self, index: int, said: Sequence[str], ahead: bool = False) -> dict[str, list[str]]:
        """What was said of the quantity before, of the whole and, if asked for, of the one behind."""
        quantities, deed = self._article.quantities, self._deeds[index]
        here = quantities[index]
        others = {"previous": index - 1 if index else None, "whole": self._parents[index]}
        if ahead and index + 1 < len(quantities) and quantities[index + 1].sentence == here.sentence:
            others["next"] = index + 1
        found: dict[str, list[str]] = {}
        for name, other in others.items():
            if other is not None and said[other]:
                there = quantities[other]
                found.setdefault(said[other], []).extend(
                    [
                        name,
                        f"{name} same unit={there.unit == here.unit}",
                        f"{name} same sentence={there.sentence == here.sentence}",
                        f"{name},rule from={deed.source},{deed.object_source}",
                    ]
                )
        return found

    def _verbs_around(self, index: int) -> Iterator[tuple[_Word, _Standing]]:
        return self._around(index, self._verbs_of(index), _VERBS_BEFORE, _VERBS_BEHIND)

    def _nouns_around(self, index: int) -> Iterator[tuple[_Word, _Standing]]:
        nouns = self._nouns_of(index)
        if (named := self._named_by_rule(index, nouns)) is not None:
            nouns = sorted([*nouns, named], key=lambda noun: (noun.start, noun.end))
        return self._around(index, nouns, _NOUNS_BEFORE, _NOUNS_BEHIND)

    def _around(
        self, index: int, words: Sequence[_Word], before: int, behind: int
    ) -> Iterator[tuple[_Word, _Standing]]:
        """The last words before a number and the first behind it, with how they stand to it, if not too far."""
        quantity = self._article.quantities[index]
        for word, order in _ordered(words, quantity, before, behind):
            clauses = word.clause - quantity.clause
            if -_CLAUSES_BACK <= clauses <= _CLAUSES_AHEAD:
                yield word, self._standing(quantity, word, order, clauses)

    def _standing(self, quantity: Quantity, word: _Word, order: int, clauses: int) -> _Standing:
        is_before = word.end <= quantity.start
        side, first, last = ("L", word.end, quantity.start) if is_before else ("R", quantity.end, word.start)
        between = bisect_left(self._starts, last) - bisect_left(self._starts, first)
        return _Standing(side, order, clauses, _steps(last - first), min(between, 2), self._article.text[first:last])

    def _named_by_rule(self, index: int, known: Sequence[_Word]) -> _Word | None:
        """The thing that the rules name, where it stands closest in the sentence; None if it is known or elsewhere."""
        quantity, named, text = self._article.quantities[index], self._deeds[index].object, self._article.text
        sentence = self._sentences[index]
        if not named or any(noun.text == named for noun in known):
            return None
        start = text.rfind(named, sentence.sentence.start, quantity.start)
        if start < 0:
            start = text.find(named, quantity.end, sentence.sentence.end)
        return _noun(text, sentence, start, start + len(named)) if start >= 0 else None

    def _of_verb(self, index: int, verb: _Word, place: _Standing) -> tuple[Group, ...]:
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

    def _of_noun(self, index: int, noun: _Word, place: _Standing) -> tuple[Group, ...]:
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
        self, noun: _Word, place: _Standing, action: Candidate | None, groups: frozenset[str]
    ) -> tuple[Group, ...]:
        """Clues of how a noun stands to the verb that was chosen."""
        if action is None:
            return (plain("no verb"),)
        end = noun.text[-1:]
        if action.start < 0:
            beside = plain("verb elsewhere")
        elif noun.start >= action.end:
            gap = self._article.text[action.end : noun.start]
            beside = behind_verb(_steps(len(gap)), place.side, place.order, "，" not in gap)
        elif noun.end <= action.start:
            beside = before_verb(_steps(action.start - noun.end), place.side)
        else:
            beside = plain("holds verb")
        return of_verb_chosen(action.text, end), of_groups_chosen(groups, place.side, place.clauses, end), beside

    def _verbs_of(self, index: int) -> list[_Word]:
        at = self._article.quantities[index].sentence
        if at not in self._verbs:
            self._verbs[at] = _verbs(self._article.text, self._sentences[index])
        return self._verbs[at]

    def _nouns_of(self, index: int) -> list[_Word]:
        at = self._article.quantities[index].sentence
        if at not in self._nouns:
            self._nouns[at] = _nouns(self._article.text, self._sentences[index])
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


def _ordered(words: Sequence[_Word], quantity: Quantity, before: int, behind: int) -> Iterator[tuple[_Word, int]]:
    """The last words before a number, and the first behind it; with each the how-manieth from the number it is."""
    # a place sorts before the word that starts there
    at, ahead = bisect_left(words, (quantity.start,)), list[_Word]()
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
    return "".join([mark for mark in wanted if mark in gap]) if gap else ""


def _verbs(text: str, sentence: SentenceFrames) -> list[_Word]:
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
        result.append(_Word(start, end, word, tag, clauses[at], clues, groups))
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


def _nouns(text: str, sentence: SentenceFrames) -> list[_Word]:
    """The longest strings of words that can stand in a noun phrase, none across clauses.

    Verbal nouns at their edges may be the deed: 建立健全规章制度 is also 规章制度, 会议经费节约 is also 会议经费.
    """
    spans: set[tuple[int, int]] = set()
    words, first = sentence.words, 0
    clauses = [_clause_of(sentence, word.start) for word in words]
    while first < len(words):
        last = first
        while last < len(words) and _is_nominal(words[last].tag, words[last].text) and clauses[last] == clauses[first]:
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
    return [_noun(text, sentence, start, end) for start, end in sorted(spans) if start < end]


def _verbs_as_nouns(words: Sequence[Word], clauses: Sequence[int]) -> Iterator[int]:
    """Which words, tagged as verbs, name a thing: 酒驾 of 查获酒驾5起, 栽树 of 栽树3万棵, 投诉 of 投诉只有7件."""
    for at, word in enumerate(words[:-1]):
        if word.tag[0] != "v" or len(word.text) < _SHORTEST:
            continue
        following = words[at + 1]
        if following.tag == "m":
            holds_thing = not groups_of(word.text) and bool(groups_of(word.text[0]))
            if holds_thing or any(w.tag[0] == "v" for w in _clause_before(words, clauses, at)):
                yield at
        elif following.text in _levels() and not _clause_before(words, clauses, at):
            yield at


def _clause_before(words: Sequence[Word], clauses: Sequence[int], at: int) -> Sequence[Word]:
    """The words of a clause before one of them."""
    first = bisect_left(clauses, clauses[at])
    return [word for word in words[first:at] if word.tag != "x"]


@cache
def _levels() -> frozenset[str]:
    """Words that only lead to a number: 只有, 达, 占."""
    return frozenset(r["word"] for r in lexicon.table("function_words") if r["class"] == "level")


lexicon.on_change(_levels)


def _noun(text: str, sentence: SentenceFrames, start: int, end: int) -> _Word:
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
    return _Word(start, end, text[start:end], tag, number, clues)


def _without_frame(words: Sequence[Word], start: int, end: int) -> tuple[int, int]:
    """A stretch without the words at its edges that are no part of a noun phrase, if something is left of it."""
    first, last = bisect_left(words, (start,)), bisect_left(words, (end,))
    low, high = first, last
    while low < high and _is_frame(words[low]):
        low += 1
    while low < high and (_is_frame(words[high - 1]) or words[high - 1].tag in _BEFORE_VERB):
        high -= 1
    if low == high:
        return start, end
    return (start if low == first else words[low].start), (end if high == last else words[high - 1].end)


def _end_of_team(words: Sequence[Word], end: int) -> int:
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


def _is_frame(word: Word) -> bool:
    """Whether a word frames a noun phrase: by its kind, or as a verb of targets (力争, 计划)."""
    return word.tag in _FRAMING or (word.tag[0] in "vn" and groups_of(word.text) == _TARGET)


def _with_quotes(text: str, sentence: Sentence, start: int, end: int) -> str:
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


def _is_nominal(tag: str, word: str) -> bool:
    return tag in _NOMINAL or tag[0] == "n" or word in ("“", "”")


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
