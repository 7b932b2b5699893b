"""extract: every number that counts or measures something, with its value, bound, unit and place.

Figures are read from the text, never from words: a segmenter splits 71.6/% and 1,234.5. The form of a number is
in :mod:`.grammar`, its value in :mod:`.numerals` and :mod:`.meaning`, what is no figure in :mod:`.exclusions`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from operator import attrgetter

from pipeline.model import Article, Options, Quantity, Sentence, evolve
from pipeline.stages.extract.grammar import grammar
from pipeline.stages.extract.meaning import Measured, read_number, read_word

__all__ = ["extract", "measured"]

_start = attrgetter("start")


def extract(article: Article, options: Options) -> Article:
    """Read the text and its sentences; add the quantities in text order, without overlap."""
    return evolve(article, quantities=tuple(_placed(measured(article.text), article.sentences)))


def measured(text: str) -> Iterator[Measured]:
    """All quantities of a text, sentences aside.

    >>> [(q.value, q.unit, q.bound) for q in measured("共查处问题1.3万多起、5万余人，整改率达百分之九十以上。")]
    [(13000.0, '起', 'over'), (50000.0, '人', 'over'), (90.0, '%', 'at_least')]
    """
    rules = grammar()
    search = rules.anchor.search
    at = 0
    while (found := search(text, at)) is not None:
        at = found.end()
        what = found.lastgroup
        quantity = None
        if what == "word":
            quantity = read_word(text, found.start(), at, rules)
        elif what in ("digits", "han"):
            quantity, at = read_number(text, found.start(), rules)
        if quantity is not None:
            yield quantity


def _placed(found: Iterator[Measured], sentences: tuple[Sentence, ...]) -> Iterator[Quantity]:
    """Put each quantity into its sentence and clause; what lies outside all sentences is furniture."""
    at = 0
    for q in found:
        while at < len(sentences) and sentences[at].end <= q.start:
            at += 1
        if at == len(sentences):
            return
        sentence = sentences[at]
        if sentence.start <= q.start and q.end <= sentence.end and sentence.clauses:
            clause = max(0, bisect_right(sentence.clauses, q.start, key=_start) - 1)
            yield Quantity(*q[:7], at, clause, q.rule)
