"""Why a figure has its deed, thing, role, actor and whole: the words and clues that the stage went by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.model import Article, Attribution, Clause, Options, Quantity
from pipeline.stages.attribute import read
from pipeline.stages.attribute.actors import named_level
from pipeline.stages.attribute.deeds import Deed
from pipeline.stages.attribute.frames import Frame, SentenceFrames
from pipeline.stages.attribute.naming import ACTIONS, OBJECTS, Candidate, Names, best
from pipeline.stages.attribute.pairs import Pairs
from pipeline.stages.attribute.parts import sign
from pipeline.stages.attribute.predicates import groups_of
from pipeline.stages.attribute.wholes import decided_before, possible
from pipeline.stages.linear import LinearModel, load
from pipeline.stages.reason import Reason, Why, compare, family, weigh, where_to_look

__all__ = ["clue_reasons", "reasons"]

#: So many clues are told of a decision: those that told most between the first and the second label.
MOST = 6

Place = tuple[int, int]
_NOWHERE = (-1, -1)


def reasons(article: Article, options: Options) -> Why:
    """What led to action, object, direction, role, actor, rank and whole of each quantity."""
    found = figures(article, options)
    return lambda index: _reasons(found[index])


def _reasons(figure: Figure) -> list[Reason]:
    found = [*_action(figure), *_object(figure)]
    found += filter(None, (_direction(figure),))
    return [*found, *_role(figure), *_actor(figure), *_whole(figure)]


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity with all that the stage knows of it."""

    article: Article
    index: int
    sentence: SentenceFrames
    frame: Frame
    deeds: Sequence[Deed]
    #: what says of each quantity that it is a part, '' where it is none
    evidence: Sequence[str]
    #: the wholes of all quantities that the rules find
    by_rule: Sequence[int | None]
    #: the pairs of parts and possible wholes of the article
    pairs: Pairs
    #: the words that may be action and object of its figures
    names: Names

    @property
    def quantity(self) -> Quantity:
        """The quantity itself."""
        return self.article.quantities[self.index]

    @property
    def clause(self) -> Clause:
        """The clause that it stands in."""
        return self.sentence.sentence.clauses[self.quantity.clause]

    @property
    def deed(self) -> Deed:
        """Its deed."""
        return self.deeds[self.index]

    @property
    def said(self) -> Attribution:
        """What the stage said of it."""
        return self.article.attributions[self.index]

    @property
    def linked(self) -> int | None:
        """The whole that its evidence finds."""
        return self.by_rule[self.index]

    def wholes(self) -> list[int | None]:
        """The wholes of all quantities that the stage decided on."""
        return [said.part_of for said in self.article.attributions]

    def words_of(self, index: int) -> str:
        """A quantity of the article as it is written."""
        quantity = self.article.quantities[index]
        return self.article.text[quantity.start : quantity.end]

    def series(self) -> list[int]:
        """The quantities of its sentence that the rules give the same whole by the same evidence."""
        mine = (self.by_rule[self.index], self.evidence[self.index])
        every = [frame.index for frame in self.sentence.frames]
        return [index for index in every if (self.by_rule[index], self.evidence[index]) == mine]

    def last(self, words: str, start: int, end: int) -> Place:
        """Where words stand last in a stretch."""
        at = self.article.text.rfind(words, start, end) if words else -1
        return (at, at + len(words)) if at >= 0 else _NOWHERE

    def nearest(self, words: str) -> Place:
        """Where words stand that a quantity may have taken from afar.

        Before it in the clause, then behind it in the sentence if the clause before has them not, else anywhere before.
        """
        start, end = self.sentence.sentence.start, self.sentence.sentence.end
        before = self.last(words, self.clause.start, self.quantity.start)
        if before != _NOWHERE:
            return before
        at = self.article.text.find(words, self.quantity.start, end) if words else -1
        in_clause = 0 <= at < self.clause.end
        before = self.last(words, start, self.quantity.start)
        if at >= 0 and (in_clause or before == _NOWHERE):
            return at, at + len(words)
        return before if before != _NOWHERE else self.last(words, 0, self.quantity.start)

    def verb(self) -> Place:
        """Where the verb of its deed stands."""
        deed, frame = self.deed, self.frame
        side = {"before": frame.before, "after": frame.after}.get(deed.source, ())
        place = next(((p.start, p.end) for p in side if p.text == deed.action), None)
        return place or self.nearest(deed.action)


def figures(article: Article, options: Options) -> dict[int, Figure]:
    """Read an article as far as its deeds again: its quantities by their index."""
    sentences, deeds, parents, evidence = read(article, options)
    pairs = Pairs(article, sentences, deeds, parents, [said.role for said in article.attributions])
    names = Names(article, sentences, deeds, [said.part_of for said in article.attributions])
    return {
        frame.index: Figure(article, frame.index, sentence, frame, deeds, evidence, parents, pairs, names)
        for sentence in sentences
        for frame in sentence.frames
    }


def _action(figure: Figure) -> Iterator[Reason]:
    """The verb, with the others that its clause has; or how the weights came to another than the rules."""
    deed, frame = figure.deed, figure.frame
    if figure.said.action != deed.action:
        yield from _weighed_name(figure, "action", deed.action, figure.names.actions(figure.index), load(ACTIONS))
        return
    others = dict.fromkeys(p.text for p in (*frame.before, *frame.after) if p.text != deed.action)
    groups = " ".join(sorted(groups_of(deed.action)))
    name = deed.source if deed.action else "none"
    yield Reason("action", "action", name, groups or "–", deed.action, *figure.verb(), alternative=" ".join(others))


def _object(figure: Figure) -> Iterator[Reason]:
    """The thing as the rules find it; or how the weights came to another."""
    deed = figure.deed
    if figure.said.object == deed.object:
        yield Reason("object", "object", deed.object_source, deed.object, deed.object, *_thing(figure))
        return
    action = best(load(ACTIONS), figure.names.actions(figure.index))
    yield from _weighed_name(figure, "object", deed.object, figure.names.objects(figure.index, action), load(OBJECTS))


def _weighed_name(
    figure: Figure, field: str, rule: str, candidates: Iterable[Candidate], model: LinearModel
) -> Iterator[Reason]:
    """The word that the weights chose against that of the rules, then the clues that told most between the two."""
    found = list(candidates)
    chosen = best(model, found)
    rival = best(model, [candidate for candidate in found if candidate.text == rule])
    if chosen is None:
        return
    place = (chosen.start, chosen.end) if chosen.start >= 0 else figure.nearest(chosen.text)
    against = model.score(rival.clues) if rival else None
    yield Reason(
        field,
        field,
        "weights",
        rule or "–",
        chosen.text,
        *place,
        weight=model.score(chosen.clues),
        alternative=rule,
        alternative_weight=against,
    )
    for clue, weight, other in compare(model, chosen.clues, rival.clues if rival else ())[:MOST]:
        yield Reason(field, "word", *_family(clue, "word"), weight=weight, alternative=rule, alternative_weight=other)


def _thing(figure: Figure) -> Place:
    if figure.frame.noun_right and figure.frame.noun_right == figure.deed.object:
        at = figure.article.text.find(figure.deed.object, figure.quantity.start)
        return at, at + len(figure.deed.object)
    return figure.nearest(figure.deed.object)


def _direction(figure: Figure) -> Reason | None:
    if figure.deed.change:
        return Reason("direction", "direction", figure.deed.change)
    if not figure.said.direction:
        return None
    return Reason("direction", "direction", figure.said.direction, "", figure.deed.action, *figure.verb())


def _role(figure: Figure) -> list[Reason]:
    """The sum of the clues for the role and for the one that came second, then the clues that told most."""
    clues = figure.article.clues[figure.index]
    by = next(clue for clue in clues if clue.startswith("rule role by="))
    said = next(clue.partition("=")[2] for clue in clues if clue.startswith("rule role="))
    model = load("roles")
    weighed = weigh(model, clues, model.decide(clues))
    total = Reason(
        "role",
        "role",
        "agree" if said == figure.said.role else "differ",
        f"{by},{said},{weighed.share:.2f}",
        weight=weighed.score,
        alternative=weighed.second,
        alternative_weight=weighed.second_score,
    )
    return [total, *clue_reasons("role", figure, weighed.clues[:MOST], weighed.second)]


def clue_reasons(
    field: str, figure: Figure, clues: Sequence[tuple[str, float, float]], second: str
) -> Iterator[Reason]:
    """Clues with the words of the text that they speak of."""
    for clue, ours, theirs in clues:
        name, detail = _family(clue)
        start, end = _place(figure, name, detail)
        words = figure.article.text[start:end] if start >= 0 else ""
        yield Reason(field, "clue", name, detail, words, start, end, ours, second, theirs)


def _family(clue: str, kind: str = "clue") -> tuple[str, str]:
    try:
        return family(clue, kind)
    except KeyError:
        return clue, ""


def _place(figure: Figure, name: str, detail: str) -> Place:
    """Where the words of a clue stand, by the column ``place`` of its line."""
    look = _LOOK.get(where_to_look(name))
    return look(figure, detail) if look else _NOWHERE


def _unit(figure: Figure, _: str) -> Place:
    quantity = figure.quantity
    return figure.last(quantity.unit, quantity.start, quantity.end)


def _left(figure: Figure, words: str) -> Place:
    return figure.quantity.start - len(words), figure.quantity.start


def _right(figure: Figure, words: str) -> Place:
    return figure.quantity.end, figure.quantity.end + len(words)


def _in_clause(figure: Figure, words: str) -> Place:
    return figure.last(words, figure.clause.start, figure.clause.end)


def _before(figure: Figure, words: str) -> Place:
    return figure.last(words.split(",")[0], figure.sentence.sentence.start, figure.quantity.start)


def _behind(figure: Figure, words: str) -> Place:
    at = figure.article.text.find(words, figure.quantity.end, figure.clause.end)
    return (at, at + len(words)) if at >= 0 else _NOWHERE


def _near_before(figure: Figure, group: str) -> Place:
    found = [p for p in figure.sentence.predicates if group in p.groups and p.end <= figure.quantity.start]
    return (found[-1].start, found[-1].end) if found else _NOWHERE


def _near_behind(figure: Figure, group: str) -> Place:
    found = [p for p in figure.sentence.predicates if group in p.groups and p.start >= figure.quantity.end]
    return (found[0].start, found[0].end) if found else _NOWHERE


def _number_before(figure: Figure, _: str) -> Place:
    return _span(figure.article.quantities[figure.index - 1])


def _of_whole(figure: Figure, _: str) -> Place:
    whole = figure.said.part_of
    return _NOWHERE if whole is None else _span(figure.article.quantities[whole])


def _span(quantity: Quantity) -> Place:
    return quantity.start, quantity.end


#: Where each value of the column ``place`` of ``lexicon/reasons.csv`` looks for the words of a clue.
_LOOK: dict[str, Callable[[Figure, str], Place]] = {
    "number": lambda figure, _: _span(figure.quantity),
    "unit": _unit,
    "verb": lambda figure, _: figure.verb(),
    "thing": lambda figure, _: _thing(figure),
    "left": _left,
    "right": _right,
    "clause": _in_clause,
    "before": _before,
    "behind": _behind,
    "near before": _near_before,
    "near behind": _near_behind,
    "number before": _number_before,
    "whole": _of_whole,
}


def _actor(figure: Figure) -> Iterator[Reason]:
    said = figure.said
    if said.actor:
        yield Reason("actor", "actor", _actor_source(figure), "", said.actor, *figure.nearest(said.actor))
    phrase = said.actor or figure.deed.object
    words, level = named_level(phrase)
    if level:
        yield Reason(
            "actor_level", "actor level", "actor" if said.actor else "object", phrase, words, *figure.nearest(words)
        )


def _actor_source(figure: Figure) -> str:
    """Whether the actor is a figure with a count, an organisation of the clause, or one of a clause before."""
    article, actor = figure.article, figure.said.actor
    counted = (
        i
        for i in range(figure.index)
        if article.quantities[i].sentence == figure.quantity.sentence and figure.deeds[i].object == actor
    )
    if figure.said.role == "actor" or any(article.attributions[i].role == "actor" for i in counted):
        return "counted"
    return "clause" if figure.nearest(actor)[0] >= figure.clause.start else "sentence"


def _whole(figure: Figure) -> list[Reason]:
    """The evidence that the figure is a part, and of which figure; then what the weights of pairs made of it."""
    return [*_evidence(figure), *_weighed_whole(figure)]


def _evidence(figure: Figure) -> Iterator[Reason]:
    """What in the text says that the figure is a part."""
    part_of = figure.said.part_of
    if part_of is None:
        return
    kind = figure.evidence[figure.index] if part_of == figure.linked else "weights"
    whole = figure.words_of(part_of)
    if kind == "sum":
        yield Reason("part_of", "part", kind, whole, " ".join(map(figure.words_of, figure.series())))
        return
    start, end = _sign(figure, kind, part_of)
    yield Reason("part_of", "part", kind, whole, figure.article.text[start:end] if start >= 0 else "", start, end)


def _sign(figure: Figure, kind: str, part_of: int) -> Place:
    """The words that a kind of evidence is known by; else the number joined to, or the verb."""
    article = figure.article
    begin = min(article.quantities[part_of].end, figure.sentence.sentence.start)
    place = sign(article.text, kind, figure.quantity, begin, figure.clause.end)
    if place != _NOWHERE:
        return place
    if kind == "series" and figure.frame.joined is not None:
        return _span(article.quantities[figure.frame.joined])
    return figure.verb() if kind in ("settled", "dealt with", "share", "rest") else _NOWHERE


def _weighed_whole(figure: Figure) -> list[Reason]:
    """The sum of the clues for the whole and, where the rules name another, for that; the clues that told most."""
    chosen, rule = figure.said.part_of, figure.linked
    if chosen is None and rule is None:
        return []
    pairs, decided = figure.pairs, decided_before(figure.by_rule, figure.wholes(), figure.index)
    rival = None if rule == chosen else rule
    barred = rival is not None and rival not in possible(pairs, figure.index, decided)
    ours, theirs = (
        [] if whole is None else pairs.clues(whole, figure.index, decided)
        for whole in (chosen, None if barred else rival)
    )
    model = load("wholes")
    total = Reason(
        "part_of",
        "whole",
        _how(chosen, rule, barred),
        "" if rule is None else figure.words_of(rule),
        weight=model.score(ours) if ours else 0.0,
        alternative="" if rival is None else figure.words_of(rival),
        alternative_weight=model.score(theirs) if theirs else None,
    )
    told = compare(model, ours, theirs)[:MOST]
    wholes = (chosen, rival if theirs else None)
    return [total, *(_pair_reason(figure, wholes, clue, set(ours)) for clue in told)]


def _how(chosen: int | None, rule: int | None, barred: bool) -> str:
    """How the weights stand to the rules."""
    if rule is None:
        return "no rule"
    if barred:
        return "barred"
    return "none" if chosen is None else "agree" if chosen == rule else "differ"


def _pair_reason(
    figure: Figure, wholes: tuple[int | None, int | None], clue: tuple[str, float, float], ours: set[str]
) -> Reason:
    """A clue of the chosen pair or of the one held against it, with the words that it speaks of."""
    chosen, rival = wholes
    name, weight, against = clue
    whole = chosen if name in ours or rival is None else rival
    begin, detail = _family(name, "pair")
    start, end = _pair_place(figure, whole, begin, detail)
    words = figure.article.text[start:end] if start >= 0 else ""
    other = ("", None) if rival is None else (figure.words_of(rival), against)
    return Reason("part_of", "pair", begin, detail, words, start, end, weight, *other)


def _pair_place(figure: Figure, whole: int | None, name: str, detail: str) -> Place:
    """Where the words of a clue of a pair stand; the unit of the pair comes last in it and is not looked for."""
    look, words = where_to_look(name, "pair"), detail.rpartition(",")[0]
    if look in _LOOK_PAIR:
        return _NOWHERE if whole is None else _LOOK_PAIR[look](figure, whole, words)
    return _LOOK[look](figure, words) if look else _NOWHERE


def _behind_whole(figure: Figure, whole: int, words: str) -> Place:
    end = figure.article.quantities[whole].end
    return (end, end + len(words)) if words else _NOWHERE


def _between(figure: Figure, whole: int, words: str) -> Place:
    return figure.last(words, figure.article.quantities[whole].end, figure.quantity.start)


#: The same for clues of a pair, where the place depends on the whole.
_LOOK_PAIR: dict[str, Callable[[Figure, int, str], Place]] = {
    "whole": lambda figure, whole, _: _span(figure.article.quantities[whole]),
    "behind whole": _behind_whole,
    "between": _between,
}
