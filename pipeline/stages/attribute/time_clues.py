"""Clues of time for the role of a figure: words of the future, and years named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from pipeline import lexicon
from pipeline.model import Article, Clause, Quantity, Sentence, Word
from pipeline.stages.attribute.frames import function_words
from pipeline.stages.linear import Group

__all__ = ["Moment", "Sign", "moment_of", "of_time", "stands", "targets", "time_signs", "year_clues"]

_YEAR = re.compile("(?<![0-9])((?:19|20)[0-9]{2})年")

#: The years of a report stand in its first line or lines: title, outlet, dateline.
_HEAD = 120


class Moment(NamedTuple):
    """When a report was written; 0 for what nothing tells."""

    year: int
    month: int


def moment_of(article: Article) -> Moment:
    """The day of publication, else the latest date that the first lines or the text name."""
    if article.published is not None:
        return Moment(article.published.year, article.published.month)
    for end in (_HEAD, len(article.text)):
        if dates := [Moment(int(y), int(m or m2 or 0)) for y, m, m2 in _DATE.findall(article.text, 0, end)]:
            return max(dates)
    return Moment(0, 0)


_DATE = re.compile("(?<![0-9])(20[0-3][0-9])(?:年(?:([01]?[0-9])月)?|[-./]([01]?[0-9])[-./])")

_MONTH = re.compile("(?<![0-9])([01]?[0-9])月")

#: Dates are looked for as far from the number as this.
_NEAR = 300

#: The months at the beginning of a year, in which what is said of the year is a plan.
_EARLY = 3


def year_clues(text: str, sentence: Sentence, quantity: Quantity, now: Moment) -> Group:
    """How the last year and month named before a number in its sentence, and those of its clause, stand to now."""
    if not now.year:
        return _NO_CLUES
    clause = sentence.clauses[quantity.clause]
    first, last = quantity.start - _NEAR, quantity.end + _NEAR
    stretches = (
        (max(sentence.start, first), quantity.start),
        (max(clause.start, first), quantity.start),
        (quantity.end, min(clause.end, last)),
    )
    years = tuple(_stands(_YEAR.findall(text, *stretch), now.year) for stretch in stretches)
    months = tuple(_stands(_MONTH.findall(text, *stretch), now.month) for stretch in stretches) if now.month else ()
    begins = 0 < now.month <= _EARLY and text.find("今年", *stretches[0]) >= 0
    return _of_dates(years, months, begins) if any(years) or any(months) or begins else _NO_CLUES


def stands(text: str, now: Moment) -> str:
    """How the last year that a text names, or 今年, stands to the report; nothing where there is none."""
    if not now.year:
        return ""
    found = _stands(_YEAR.findall(text), now.year) or ("now" if "今年" in text else "")
    return "now, early in it" if found == "now" and 0 < now.month <= _EARLY else found


def _stands(named: Sequence[str], now: int) -> str:
    """How the last of some years or months stands to that of the report."""
    if not named:
        return ""
    apart = int(named[-1]) - now
    return "now" if not apart else "ahead" if apart > 0 else "last" if apart == -1 else "past"


@lru_cache(maxsize=2048)
def _of_dates(years: tuple[str, ...], months: tuple[str, ...], begins: bool) -> Group:
    found = ["this year, early in it"] if begins else []
    for name, stands in (("year", years), ("month", months)):
        found += [f"{name} {where}={how}" for where, how in zip(_WHERE, stands, strict=False) if how]
    return Group(found)


#: The stretches in which dates are looked for.
_WHERE = ("before", "in clause", "behind")


@cache
def targets() -> re.Pattern[str]:
    """The words of plans, demands and deadlines of ``lexicon/target_words.csv``.

    The standard library looks for so many alternatives three times as fast as ``regex`` does.
    """
    return re.compile("|".join(f"(?:{row['pattern']})" for row in lexicon.table("target_words")))


lexicon.on_change(targets)


_NO_CLUES = Group([])


class Sign(NamedTuple):
    """A word that puts a verb into the future (将), or says that it is done (已)."""

    word: Word
    future: bool


def time_signs(words: Sequence[Word]) -> list[Sign]:
    """The signs of time among the words of a sentence.

    A verb, an adverb or a preposition must follow one of the future; before a noun 将 is 把.
    """
    future = function_words("future")
    signs = future | {"已", "已经"}
    return [
        Sign(word, word.text in future)
        for at, word in enumerate(words[:-1])
        if word.text in signs and (word.text not in future or words[at + 1].tag[0] in "vdpa")
    ]


def of_time(signs: Sequence[Sign], clause: Clause, quantity: Quantity) -> Group:
    """Whether a verb is put into the future, before or behind the number, or is done behind it."""
    found: set[str] = set()
    for word, future in signs:
        if future and word.end <= quantity.start:
            near = "clause" if word.start >= clause.start else "sentence"
            found.add(f"future in {near}={word.text[-1]}")
        elif future and word.start >= quantity.end and word.end <= clause.end:
            found.add(f"future behind={word.text[-1]}")
        elif not future and quantity.end <= word.start < clause.end:
            found.add("done behind")
    return Group(sorted(found)) if found else _NO_CLUES
