"""Why a number was read so: how it is written, which approximator qualifies it, which line gives its unit."""

from __future__ import annotations

from pipeline import lexicon
from pipeline.model import Article, Options, Quantity
from pipeline.stages.extract.grammar import Grammar, grammar
from pipeline.stages.extract.meaning import approximator
from pipeline.stages.reason import Reason, Why

__all__ = ["reasons"]


def reasons(article: Article, options: Options) -> Why:
    """What led to value, bound and unit of each quantity."""
    return lambda index: _reasons(article.text, article.quantities[index])


def _reasons(text: str, quantity: Quantity) -> list[Reason]:
    start = _unit_start(text, quantity, grammar())
    return [
        Reason("value", "quantity", quantity.rule, "", text[quantity.start : start], quantity.start, start),
        _bound(text, quantity),
        _unit(text, quantity, start),
    ]


def _unit_start(text: str, quantity: Quantity, rules: Grammar) -> int:
    """Where the number ends and its measure word or noun begins; the end of the quantity where it has neither."""
    end = quantity.end - (text[quantity.end - 1] in "余多")
    if quantity.unit and text.endswith(quantity.unit, quantity.start + 1, end):
        return end - len(quantity.unit)
    at = range(quantity.start + 1, end)
    return next((start for start in at if text[start:end] in rules.units), quantity.end)


def _bound(text: str, quantity: Quantity) -> Reason:
    words, place = approximator(text, quantity.start, quantity.end, quantity.bound, grammar())
    if not place:
        return Reason("bound", "bound", "none")
    if place in ("ahead", "whole"):
        start = text.rfind(words, 0, quantity.start)
    else:
        start = text.find(words, quantity.start if place == "number" else quantity.end - 1)
    line = _line("approximators", "word", words)
    return Reason("bound", "bound", place, quantity.bound, words, start, start + len(words), note=line)


def _unit(text: str, quantity: Quantity, start: int) -> Reason:
    words = text[start : quantity.end]
    if not words:
        return Reason("unit", "unit", "percent" if quantity.unit == "%" else "none")
    for table, column in (("measure_words", "word"), ("counted_nouns", "noun")):
        if line := _line(table, column, words) or _line(table, column, quantity.unit):
            return Reason("unit", "unit", table, quantity.kind, words, start, quantity.end, note=line)
    return Reason(
        "unit", "unit", "percent" if quantity.kind == "percent" else "compound", "", words, start, quantity.end
    )


def _line(table: str, column: str, word: str) -> str:
    """Where a word stands in a lexicon and who says so, '' if it does not."""
    row = next((r for r in lexicon.table(table) if r[column] == word), None)
    return f"{table}.csv: {word} ({row['source']})" if row else ""
