"""The rows of the tables, each defined once; Arrow schemas, codebook and exports are made from these."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

__all__ = ["CheckRow", "ConflictRow", "MetricRow", "ReprintRow"]


class ReprintRow(NamedTuple):
    """An article that repeats the wording of another."""

    article_id: str
    #: the article that stands for the group
    of: str
    #: ``reprint``: says the same; ``update``: the same wording with other numbers, a report of its own
    relation: str
    #: share of the shorter text's wording that the longer text holds, 0 to 1
    containment: float


class MetricRow(NamedTuple):
    """A fact at one point of time: a row of ``metrics_long``."""

    region: str | None
    region_name: str | None
    province: str | None
    prefecture: str | None
    county: str | None
    #: country, province, prefecture or county
    level: str | None
    campaign: str | None
    metric: str
    metric_label: str
    unit: str
    kind: str
    period_start: date | None
    period_end: date | None
    value: float
    bound: str
    n_reports: int
    n_conflicts: int
    first_published: date | None
    last_published: date | None
    figure_ids: list[str]
    value_max: float | None
    direction: str
    #: a place below the county that the value is limited to, or a zone
    place: str | None
    object: str
    actor: str
    action: str
    period_text: str
    #: True for a running total, False for a count bound to its period
    running: bool
    #: the day up to which the value counts: the period's end, else the day of publication
    as_of: date | None
    #: False for an earlier point of a running total
    is_current: bool
    #: the leading fact among those with the same region, campaign, metric, unit and period
    is_main: bool
    #: all supporting figures are parts of another figure
    is_part: bool
    #: the same for all points of a series
    fact_id: str
    confidence: float
    #: checks that contradict one of the figures
    n_contradictions: int
    #: the figures that the supporting figures are parts or shares of
    whole_ids: list[str]


class ConflictRow(NamedTuple):
    """One of the values that independent reports give for the same fact."""

    fact_id: str
    region: str | None
    region_name: str | None
    campaign: str | None
    metric: str
    object: str
    unit: str
    period_start: date | None
    period_end: date | None
    value: float
    bound: str
    #: whether this is the value that ``metrics_long`` shows
    shown: bool
    #: what made the shown value win: authority, date, exactness, reports or order
    decided_by: str
    authority: int
    n_reports: int
    outlets: list[str]
    article_ids: list[str]
    last_published: date | None
    figure_ids: list[str]


class CheckRow(NamedTuple):
    """An arithmetical check of a report against itself or against another report."""

    check_id: str
    #: part, share, sum, change, region, rate, unit, falling or reports
    kind: str
    #: None where the figures stand in several articles
    article_id: str | None
    region: str | None
    metric: str
    figure_ids: list[str]
    formula: str
    expected: float | None
    stated: float | None
    difference: float | None
    #: ``holds``, ``off by rounding`` or ``contradicts``
    verdict: str
