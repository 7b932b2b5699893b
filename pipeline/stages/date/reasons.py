"""Why a figure has its period and its campaign: the expression and the name that the text gives for them."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.model import Article, Options, Period
from pipeline.stages.date import campaign_of, read
from pipeline.stages.date.campaigns import Campaigns
from pipeline.stages.date.scope import Governing, govern
from pipeline.stages.reason import Reason, Why

__all__ = ["reasons"]


def reasons(article: Article, options: Options) -> Why:
    """What led to period and campaign of each quantity."""
    published, campaigns = read(article)
    governing = govern(article, published, campaigns)
    return lambda index: [*_period(article, index, governing[index]), *_campaign(article, index, campaigns)]


def _period(article: Article, index: int, governing: Governing) -> Iterator[Reason]:
    """The expression with its reach, and where campaign or day of publication set an end of the period."""
    period = article.periods[index]
    if not governing.kind:
        yield Reason("period_text", "period", "none")
        return
    start, end = _place(article, index, governing.text)
    yield Reason("period_text", "period", governing.kind, _reach(article, index, start), governing.text, start, end)
    yield from _ends(article, period, governing)


def _ends(article: Article, period: Period, governing: Governing) -> Iterator[Reason]:
    first, last = governing.stretch
    for field, day, read_day in (("period_start", period.start, first), ("period_end", period.end, last)):
        if day is None:
            continue
        name = "expression" if day == read_day else "campaign" if field == "period_start" else "published"
        if name == "expression" and field == "period_end" and day == article.published and governing.kind == "since":
            name = "published"
        yield Reason(field, "period day", name, str(day))


def _place(article: Article, index: int, words: str) -> tuple[int, int]:
    """Where the expression stands last before the figure, else first behind it."""
    at = article.text.rfind(words, 0, article.quantities[index].start)
    at = at if at >= 0 else article.text.find(words, article.quantities[index].end)
    return (at, at + len(words)) if at >= 0 else (-1, -1)


def _reach(article: Article, index: int, start: int) -> str:
    """How far the expression stands from the figure: in its clause, its sentence, its paragraph or beyond."""
    quantity = article.quantities[index]
    sentence = article.sentences[quantity.sentence]
    clause = sentence.clauses[quantity.clause]
    if clause.start <= start < clause.end:
        return "clause"
    if sentence.start <= start < sentence.end:
        return "sentence"
    first = next(s.start for s in article.sentences if s.paragraph == sentence.paragraph)
    return "paragraph" if first <= start < sentence.start else "whole"


def _campaign(article: Article, index: int, campaigns: Campaigns) -> Iterator[Reason]:
    mention, campaign = campaign_of(article, article.quantities[index], campaigns)
    if campaign is None:
        return
    if mention is not None:
        words = article.text[mention.start : mention.end]
        yield Reason("campaign", "campaign", "named", mention.known or mention.name, words, mention.start, mention.end)
        return
    owned = zip(campaigns.mentions, campaigns.owners, strict=True)
    first = next((m for m, owner in owned if owner is not None and owner.name == campaign.name), None)
    start, end = (first.start, first.end) if first else (-1, -1)
    yield Reason("campaign", "campaign", "default", campaign.name, article.text[start:end] if first else "", start, end)
