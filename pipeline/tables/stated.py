"""The figures of a report as its checks see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from pipeline import lexicon
from pipeline.tables.reconcile import ADDITIVE
from pipeline.tables.rounding import limits
from pipeline.tables.store import number_rows, rows_at, stream

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

__all__ = ["Stated", "say", "stated_in_order"]


class Stated(NamedTuple):
    """A figure as the checks see it; the order of fields is that of the query."""

    article_id: str
    figure_id: str
    start: int
    end: int
    sentence_start: int
    sentence_end: int
    sentence: str
    quote: str
    value: float
    value_max: float | None
    bound: str
    unit: str
    kind: str
    direction: str
    role: str
    metric: str
    action: str
    object: str
    campaign: str | None
    region: str | None
    part_of: str | None

    @property
    def limits(self) -> tuple[float, float]:
        """The quantities that it can stand for."""
        return limits(self.value, self.value_max, self.bound)

    def text_until(self, later: Stated) -> str | None:
        """The text from this figure to a later one of the same sentence; None where a repair moved the text."""
        same = self.sentence_start == later.sentence_start and self.end <= later.start
        if not same or len(self.sentence) != self.sentence_end - self.sentence_start:
            return None
        return self.sentence[self.end - self.sentence_start : later.start - self.sentence_start]

    @property
    def text_before(self) -> str:
        """The text of the sentence before this figure; nothing where a repair moved the text."""
        if len(self.sentence) != self.sentence_end - self.sentence_start:
            return ""
        return self.sentence[: self.start - self.sentence_start]


def stated_in_order(connection: duckdb.DuckDBPyConnection, figures: Sequence[Path]) -> Iterator[Stated]:
    """The figures of the articles that have something to check and are no reprints, article by article.

    Args:
        connection: with the view ``reprints``.
        figures: the parts of ``figures/``, in which the figures of an article stand together.
    """
    if not figures:
        return iter(())
    rules = [(row["metric"], row["kinds"].split(), row["share"] == "yes") for row in lexicon.table("metric_checks")]
    connection.execute("create or replace table metric_rules (metric varchar, kinds varchar[], share boolean)")
    connection.executemany("insert into metric_rules values (?, ?, ?)", rules)
    number_rows(connection, figures, "stated")
    # sentences stay where they are until they are read: a query finds the rows, and puts their numbers in order
    rows = rows_at(figures, Stated._fields, (nth for (nth,) in stream(connection, _STATED)))
    return (Stated(*row) for row in rows)


#: the figures of the articles that have something to check
_STATED = f"""
    with own as (
        from stated where article_id not in (select article_id from reprints where relation = 'reprint')
    ), wanted as (
        select article_id from own where part_of is not null
        union
        select article_id from own join metric_rules r using (metric)
        where role = 'result' and (not list_contains(r.kinds, kind) or r.share and kind = 'percent' and value > 100)
        union
        select article_id from own where role = 'result' and direction <> ''
        union
        select article_id from own
        where role = 'result' and direction = '' and region is not null
            and kind in ({", ".join(f"'{kind}'" for kind in sorted(ADDITIVE))})
        group by article_id, metric, unit, object, action, campaign having count(distinct region) > 1
    )
    select nth from stated where article_id in (from wanted) order by nth
"""


def say(value: float) -> str:
    """A number as it stands in a formula.

    >>> say(15888.0), say(66.37)
    ('15888', '66.37')
    """
    return f"{value:.12g}"
