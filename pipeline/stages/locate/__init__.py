"""locate: the administrative division of each figure and of the article.

Reads ``text``, ``sentences``, ``quantities``, ``title``, ``outlet`` and ``published``; adds
``locations`` (parallel to ``quantities``) and ``region``. The steps are in modules of their own:
:mod:`names <pipeline.stages.locate.names>` (what words mean),
:mod:`mentions <pipeline.stages.locate.mentions>` (where they stand and which place they mean),
:mod:`home <pipeline.stages.locate.home>` (the article's own division),
:mod:`scope <pipeline.stages.locate.scope>` (the place of each number by the rules) and
:mod:`choice <pipeline.stages.locate.choice>` (the same weighed against the other places of the text).
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple

import regex

from pipeline import lexicon
from pipeline.lexicon import gazetteer
from pipeline.model import Article, Location, Options, Quantity, Sentence, evolve
from pipeline.stages.locate.choice import Choice, Choices, choose
from pipeline.stages.locate.home import Home, find_home
from pipeline.stages.locate.mentions import (
    Mention,
    chains,
    count_votes,
    find,
    last_locality,
    resolve,
    whole_locality,
    with_localities,
)
from pipeline.stages.locate.scope import Scope, scopes

__all__ = ["Reading", "choices_of", "locate", "read"]

_YEAR = regex.compile(r"(?<![0-9])((?:19|20)[0-9]{2})\s*(?:年|[-./][01]?[0-9][-./])")

#: How sure a region is by where the text names it.
_CONFIDENCE = {"clause": 0.98, "sentence": 0.95, "paragraph": 0.92, "article": 0.88, "outlet": 0.75}

#: What the place of a mention is called; farther ones are of the article.
_BASIS = {
    "clause": "clause",
    "behind": "clause",
    "sentence": "sentence",
    "later": "sentence",
    "sentence before": "paragraph",
    "paragraph": "paragraph",
}

#: Below this share of the weights, the second candidate is told too; no confidence of a division is less than that.
_OPEN, _LEAST = 0.6, 0.3


def locate(article: Article, options: Options) -> Article:
    """Read text, sentences and quantities; add the location of each quantity and the article's region."""
    reading = read(article)
    home = reading.home
    if not article.quantities:
        return evolve(article, region=home.code)
    found = scopes(article.text, article.sentences, article.quantities, reading.mentions, home)
    choices = Choices(article, reading.mentions, reading.title, home, found)
    chosen = choose(choices)
    locations = tuple(
        _weighed(article, quantity, scope, home, reading.year, choice)
        for quantity, scope, choice in zip(article.quantities, found, chosen, strict=True)
    )
    if article.attributions:
        actors = [attribution.actor for attribution in article.attributions]
        locations = tuple(map(_in_town, locations, actors))
    return evolve(article, locations=locations, region=home.code)


def _in_town(location: Location, actor: str) -> Location:
    """A township or village that did it is the place: 甲镇、乙镇分别排查12处、9处."""
    town = whole_locality(actor)
    return location._replace(place=town) if town and location.place and location.place != town else location


def choices_of(article: Article) -> Choices:
    """The divisions that each number of an article may belong to, with what speaks for them."""
    reading = read(article)
    found = scopes(article.text, article.sentences, article.quantities, reading.mentions, reading.home)
    return Choices(article, reading.mentions, reading.title, reading.home, found)


class Reading(NamedTuple):
    """What an article as a whole says of places."""

    year: int
    home: Home
    mentions: list[Mention]
    title: list[Mention]
    outlet: list[Mention]


def read(article: Article) -> Reading:
    """The mentions of text, title and outlet, and where the article is at home."""
    year = _year(article)
    mentions, title, outlet = _mentions(article, year)
    home = find_home(article.text, mentions, article.sentences, title, outlet)
    if article.quantities:
        mentions = with_localities(article.text, mentions)
    return Reading(year, home, mentions, title, outlet)


def _year(article: Article) -> int:
    """The year of publication, else the latest year that the text names and that is not history, else the last one."""
    if article.published is not None:
        return article.published.year
    named = [int(y) for y in _YEAR.findall(article.text) if _HISTORY < int(y) <= date.today().year]
    return max(named, default=gazetteer.last_year())


#: A report without a day that names but this year or earlier ones (1949年) speaks of history.
_HISTORY = 1999


def _mentions(article: Article, year: int) -> tuple[list[Mention], list[Mention], list[Mention]]:
    """The chains of text and title, the mentions of the outlet; each supports the decisions of the others."""
    text, title, outlet = article.text, article.title or "", article.outlet or ""
    in_text, in_title, in_outlet = find(text, year), find(title, year), _in_outlet(outlet, year)
    votes = count_votes((*in_text, *in_title, *in_outlet))
    named = [m._replace(kind="outlet") for m in resolve(outlet, in_outlet, votes)]
    return chains(resolve(text, in_text, votes)), chains(resolve(title, in_title, votes)), named


@lru_cache(maxsize=1024)
def _in_outlet(outlet: str, year: int) -> tuple[Mention, ...]:
    return tuple(find(outlet, year))


lexicon.on_change(_in_outlet)


def _weighed(
    article: Article, quantity: Quantity, scope: Scope, home: Home, year: int, choice: Choice | None
) -> Location:
    """The location that the rules give, or another one that more speaks for; never surer than the weights are."""
    if choice is None or choice.code == scope.code:
        found = _location(article, quantity, scope, home, year)
    else:
        found = _other(article, quantity, home, year, choice)
    if choice is None or choice.share >= found.confidence:
        return found
    open_between = (choice.code, choice.second) if choice.share < _OPEN and not found.candidates else found.candidates
    return found._replace(confidence=max(round(choice.share, 2), _LEAST), candidates=open_between)


def _other(article: Article, quantity: Quantity, home: Home, year: int, choice: Choice) -> Location:
    """The location of a division that the weights put in the place of the rules' choice."""
    row = gazetteer.region_row(choice.code, year)
    if row is None:
        raise LookupError(f"the gazetteer has no {choice.code}")
    seen = choice.seen
    basis = _BASIS.get(seen.where, "article") if seen else home.basis if choice.code == home.default else "article"
    named = seen is not None and seen.mention.code == choice.code
    start = article.sentences[quantity.sentence].start
    if seen is not None and named:
        start = max(start, seen.mention.start)
    place = last_locality(article.text, start, quantity.start) or (seen.mention.zone if seen and named else None)
    confidence = _CONFIDENCE[basis]
    return Location(row.code, row.name, row.province, row.prefecture, row.county, place, basis, confidence=confidence)


def _location(article: Article, quantity: Quantity, scope: Scope, home: Home, year: int) -> Location:
    sentence = article.sentences[quantity.sentence]
    basis = _basis(quantity, scope, sentence, home)
    row = gazetteer.region_row(scope.code, year) if scope.code else None
    place = last_locality(article.text, max(sentence.start, scope.start), quantity.start) or scope.zone
    if row is None:
        confidence = 0.5 if scope.candidates else 0.3
        return Location(None, place=place, basis=basis, candidates=scope.candidates, confidence=confidence)
    confidence = 0.6 if scope.candidates else _CONFIDENCE[basis]
    return Location(
        row.code, row.name, row.province, row.prefecture, row.county, place, basis, scope.candidates, confidence
    )


def _basis(quantity: Quantity, scope: Scope, sentence: Sentence, home: Home) -> str:
    if scope.sentence < 0:
        return home.basis
    clause = sentence.clauses[quantity.clause] if sentence.clauses else None
    if clause is not None and clause.start <= scope.start:
        return "clause"
    if sentence.start <= scope.start:
        return "sentence"
    return "paragraph" if scope.paragraph == sentence.paragraph else "article"
