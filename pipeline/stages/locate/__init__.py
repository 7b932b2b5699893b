"""locate: the administrative division of each figure and of the article.

Reads ``text``, ``sentences``, ``quantities``, ``title``, ``outlet`` and ``published``; adds ``locations`` (parallel
to ``quantities``) and ``region``. The steps are in modules of their own: :mod:`names <pipeline.stages.locate.names>`
(what words mean), :mod:`mentions <pipeline.stages.locate.mentions>` (where they stand and which place they mean),
:mod:`home <pipeline.stages.locate.home>` (the article's own division) and :mod:`scope <pipeline.stages.locate.scope>`
(the place of each number).
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple

import regex

from pipeline import lexicon
from pipeline.lexicon import gazetteer
from pipeline.model import Article, Location, Options, Quantity, Sentence, evolve
from pipeline.stages.locate.home import Home, find_home
from pipeline.stages.locate.mentions import Mention, chains, count_votes, find, last_locality, resolve, with_localities
from pipeline.stages.locate.scope import Scope, scopes

__all__ = ["Reading", "locate", "read"]

_YEAR = regex.compile(r"(?<![0-9])((?:19|20)[0-9]{2})\s*(?:年|[-./][01]?[0-9][-./])")

#: How sure a region is by where the text names it.
_CONFIDENCE = {"clause": 0.98, "sentence": 0.95, "paragraph": 0.92, "article": 0.88, "outlet": 0.75}


def locate(article: Article, options: Options) -> Article:
    """Read text, sentences and quantities; add the location of each quantity and the article's region."""
    reading = read(article)
    home = reading.home
    if not article.quantities:
        return evolve(article, region=home.code)
    found = scopes(article.text, article.sentences, article.quantities, reading.mentions, home)
    locations = tuple(
        _location(article, quantity, scope, home, reading.year)
        for quantity, scope in zip(article.quantities, found, strict=True)
    )
    return evolve(article, locations=locations, region=home.code)


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
    """The year of publication, else the latest year that the text names, else the gazetteer's last."""
    if article.published is not None:
        return article.published.year
    named = [int(y) for y in _YEAR.findall(article.text) if int(y) <= date.today().year]
    return max(named, default=gazetteer.last_year())


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
