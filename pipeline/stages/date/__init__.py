"""date: the day of publication, the reporting period of each figure, and the campaigns.

Reads ``text``, ``sentences``, ``quantities``, ``attributions``, ``title``, ``url`` and ``published``; adds
``periods`` (parallel to ``quantities``), ``campaigns``, and ``published`` where it was open. Times are read in
:mod:`.expressions` and :mod:`.moments`, which figure they govern in :mod:`.scope`, campaigns in :mod:`.campaigns`.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date as Day
from operator import attrgetter

from pipeline.model import Article, Options, Period, Quantity, evolve
from pipeline.stages.date.campaigns import Campaign, Campaigns, Mention, survey
from pipeline.stages.date.published import from_dateline, from_header, from_url
from pipeline.stages.date.scope import Governing, govern

__all__ = ["campaign_of", "date", "read"]

_start = attrgetter("start")


def date(article: Article, options: Options) -> Article:
    """Read text, sentences and quantities; add periods, campaigns and, where open, the day of publication."""
    published, campaigns = read(article)
    periods: tuple[Period, ...] = ()
    if article.quantities:
        targets = {i for i, a in enumerate(article.attributions) if a.role == "target"}
        periods = tuple(
            _period(governing, campaign_of(article, q, campaigns)[1], published, ahead=i in targets)
            for i, (q, governing) in enumerate(
                zip(article.quantities, govern(article, published, campaigns), strict=True)
            )
        )
    return evolve(article, published=published, campaigns=campaigns.names, periods=periods)


def read(article: Article) -> tuple[Day | None, Campaigns]:
    """The day of publication and the campaigns of an article."""
    published = (
        article.published
        or from_header(article.text)
        or from_url(article.url)
        or from_dateline(article.text, article.url)
    )
    title = article.title if article.title and article.title not in article.text[: len(article.title) + 200] else None
    return published, survey(article.text, title, article.sentences, article.quantities, published)


def campaign_of(article: Article, quantity: Quantity, campaigns: Campaigns) -> tuple[Mention | None, Campaign | None]:
    """The campaign named last before the figure in its paragraph, else the one that the report is about."""
    if not campaigns.names:
        return None, None
    sentence = article.sentences[quantity.sentence]
    at = bisect_right(article.sentences, sentence.start, key=_start) - 1
    while at > 0 and article.sentences[at - 1].paragraph == sentence.paragraph:
        at -= 1
    return campaigns.last_mention(quantity.start, article.sentences[at].start) or (None, campaigns.default)


def _period(governing: Governing, campaign: Campaign | None, published: Day | None, *, ahead: bool) -> Period:
    """Put time and campaign together: a running total begins with its campaign and ends with the report."""
    first, last = governing.stretch
    if governing.kind == "as_of" and first is None and campaign and _before(campaign.first, last):
        first = campaign.first
    if last and published and last > published and not ahead and governing.kind != "deadline":
        # a running period has come as far as the report; one that is still to come stays as it is
        last = last if first and first > published else published
    if first and last and first > last:
        # 从10月1日起 in a report of August: it has yet to begin
        last = None
    return Period(first, last, governing.text, campaign.name if campaign else None)


def _before(first: Day | None, last: Day | None) -> bool:
    return first is not None and last is not None and first <= last
