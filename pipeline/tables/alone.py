"""Facts that a single figure states, made by one query.

Most facts of a large run are said once. Such a figure shares neither its number nor its subject with another one, so
that the rules of :mod:`pipeline.tables.reconcile` have nothing to decide; they work on the others only. Both ways give
the same rows for the same figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.tables.divisions import carry
from pipeline.tables.reconcile import Figure, is_distinctive, level, metric_label, says_running
from pipeline.tables.records import MetricRow
from pipeline.tables.store import columns, look_up
from pipeline.tables.subjects import UNNAMED, object_key

if TYPE_CHECKING:
    import duckdb

__all__ = ["alone_rows", "find_results"]


def find_results(connection: duckdb.DuckDBPyConnection, divisions: int | None = None) -> None:
    """The table ``results``, and the views ``alone`` and ``together`` that it falls into.

    ``results`` has the result figures of all articles that are no reprints, with the columns of
    :class:`~pipeline.tables.reconcile.Figure`.

    Args:
        connection: with the views ``figures``, ``articles`` and ``reprints``.
        divisions: carry all regions to this year.
    """
    of_article = ("published", "outlet")
    of_figure = columns((c for c in Figure._fields if c not in of_article), "f")
    connection.execute(
        f"""
        create table results as
        select {of_figure}, {columns(of_article, "a")}
        from figures f join articles a using (article_id)
        where f.role = 'result' and f.metric <> ''
            and f.article_id not in (select article_id from reprints where relation = 'reprint')
        """
    )
    if divisions is not None:
        carry(connection, divisions)
    look_up(connection, "object_keys", "select object from results", object_key, "varchar")
    look_up(connection, "running_words", "select period_text from results", says_running, "boolean")
    look_up(connection, "distinctive", "select value from results", is_distinctive, "boolean")
    look_up(connection, "levels", "select region from results", level, "varchar")
    look_up(connection, "labels", "select metric from results", metric_label, "varchar")
    connection.execute(_SUBJECTS)
    connection.execute(_ALONE)
    connection.execute("create view alone as from results where figure_id in (from alone_ids)")
    connection.execute("create view together as from results where figure_id not in (from alone_ids)")


#: of each figure what its fact is about, as in `reconcile`; the hashes need not be free of collisions, since a figure
#: that meets another one goes the longer way to the same row
_SUBJECTS = f"""
    create table subjects as
    with said as (
        select r.*, d.value as distinctive,
            case when metric = '{UNNAMED}' then action || ' ' || k.value else k.value end as subject_key,
            period_start is null or period_end is null or w.value as running
        from results r
        join object_keys k on k.key = r.object
        join distinctive d on d.key = r.value
        join running_words w on w.key = r.period_text
    ), framed as (
        select *, case
            when not running then concat(period_start, '/', period_end)
            when month(period_start) = 1 and day(period_start) = 1 then period_start::varchar
            else ''
        end as time_frame
        from said
    )
    select figure_id, subject_key, running, time_frame,
        hash(region, metric, unit, direction, place, subject_key, running, time_frame) as subject,
        case when distinctive then hash(region, metric, unit, direction, value, value_max)
            else hash(region, metric, unit, direction, value, value_max, campaign, place, subject_key, actor, action,
                period_start, period_end, case when coalesce(period_start, period_end) is null then period_text end)
        end as claim
    from framed
"""

_ALONE = """
    create table alone_ids as
    with subjects_once as (select subject from subjects group by subject having count(*) = 1),
        claims_once as (select claim from subjects group by claim having count(*) = 1)
    select figure_id from subjects
    where subject in (from subjects_once) and claim in (from claims_once)
"""


def alone_rows() -> str:
    """The query for the rows of ``metrics_long`` of the figures in ``alone``; what checks fill in is left open."""
    computed = {
        "level": "l.value",
        "metric_label": "m.value",
        "n_reports": "1",
        "n_conflicts": "0",
        "first_published": "published",
        "last_published": "published",
        "figure_ids": "[a.figure_id]",
        "running": "s.running",
        "as_of": "coalesce(period_end, published)",
        "is_current": "true",
        "is_main": "false",
        "is_part": "part_of is not null",
        "fact_id": f"left(sha256(concat_ws(chr(31), {_IDENTITY})), 16)",
        "n_contradictions": "0",
        "whole_ids": "case when part_of is null then []::varchar[] else [part_of] end",
    }
    selected = ", ".join(f"{computed.get(name, columns([name], 'a'))} as {name}" for name in MetricRow._fields)
    return f"""
        select {selected}
        from alone a join subjects s using (figure_id)
        left join levels l on l.key = a.region
        join labels m on m.key = a.metric
    """


#: as in `reconcile.fact_id`
_IDENTITY = """
    coalesce(region, ''), metric, unit, direction, coalesce(campaign, ''), coalesce(place, ''), subject_key,
    s.running::varchar, time_frame
"""
