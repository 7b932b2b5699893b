"""What changed between two runs: which cells, and why.

A cell is what the data contract calls one: region, campaign, metric, unit and period; its value is that of its leading
fact. A cell has changed when that value, or the figures behind it, are not the same. The causes are looked for in this
order, and all that apply are named:

=============== =====================================================================================
cause           what differs
=============== =====================================================================================
new article     a figure of an article that the first run did not have
article gone    a figure of an article that the second run does not have
changed text    a figure of an article whose raw text is another one
reprint         an article counts as a reprint in one of the runs only
changed rule    the same article was read otherwise: rules, lexicons, options or libraries differ
other facts     the figures are the same; other facts beside them lead now, or the tables have other rules
=============== =====================================================================================
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.tables.store import TablesError, open_run, stream, view

if TYPE_CHECKING:
    import duckdb

__all__ = ["CellChange", "RunChange", "compare_cells", "compare_runs"]


class CellChange(NamedTuple):
    """A cell that differs; a value is None where a run has no such cell."""

    #: added, removed, value or support (the same value from other figures)
    change: str
    region: str | None
    region_name: str | None
    campaign: str | None
    metric: str
    unit: str
    period_start: date | None
    period_end: date | None
    before: float | None
    after: float | None
    #: see the table above
    why: list[str]
    #: the articles by which they differ
    articles: list[str]


class RunChange(NamedTuple):
    """An entry of ``run.json`` that differs."""

    #: versions, lexicons, options or inputs
    part: str
    name: str
    before: str
    after: str


def compare_runs(first: Path, second: Path) -> list[RunChange]:
    """What the records of two runs say of their versions, lexicons, options and inputs.

    Raises:
        TablesError: one of them is no finished run.
    """
    before, after = _record(Path(first)), _record(Path(second))
    changes: list[RunChange] = []
    for part in ("versions", "lexicons", "options", "inputs"):
        for name in sorted({*before[part], *after[part]}):
            one, two = (json.dumps(record[part].get(name), ensure_ascii=False) for record in (before, after))
            if one != two:
                changes.append(RunChange(part, name, one, two))
    return changes


def _record(out: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads((out / "run.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TablesError(f"there is no finished run in {out}; make one with: zhanbao run DUMP -o {out}") from None
    return record


def compare_cells(first: Path, second: Path) -> Iterator[CellChange]:
    """The cells that differ between two runs, by region, campaign and metric.

    Raises:
        TablesError: one of them has no tables.
    """
    for out in (first, second):
        if not (Path(out) / "tables" / "metrics_long.parquet").is_file():
            raise TablesError(f"there are no tables in {out}; make them with: zhanbao run DUMP -o {out}")
    with open_run(Path(first)) as connection:
        _cells(connection, Path(first), "before")
        _cells(connection, Path(second), "after")
        view(connection, Path(second), "articles", "articles_after")
        view(connection, Path(second), "figures", "figures_after")
        connection.execute(_CHANGED)
        connection.execute(_CAUSES)
        for row in stream(connection, _CHANGES):
            yield CellChange(*row)


_KEY = "region, campaign, metric, unit, period_start, period_end"
_SAME_CELL = " and ".join(f"b.{name} is not distinct from a.{name}" for name in _KEY.split(", "))


def _cells(connection: duckdb.DuckDBPyConnection, out: Path, name: str) -> None:
    connection.read_parquet(str(out / "tables" / "metrics_long.parquet")).create_view(f"long_{name}")
    connection.execute(
        f"""
        create table cells_{name} as
        select {_KEY}, region_name, value, list_sort(figure_ids) as figure_ids from long_{name} where is_main
        """
    )


_CHANGED = f"""
    create table changed as
    select row_number() over () as number, *
    from (
        select {", ".join(f"coalesce(b.{name}, a.{name}) as {name}" for name in _KEY.split(", "))},
            coalesce(a.region_name, b.region_name) as region_name, b.value as before, a.value as after,
            coalesce(b.figure_ids, []) as figures_before, coalesce(a.figure_ids, []) as figures_after
        from cells_before b full join cells_after a on {_SAME_CELL}
        where b.value is distinct from a.value or b.figure_ids is distinct from a.figure_ids
    )
"""

#: for each figure behind a changed cell, by what it or its article differs; nothing where it is the same in both runs
_CAUSES = """
    create table causes as
    with behind as (
        select distinct number, unnest(figures_before || figures_after) as figure_id from changed
    ), of_figures as (
        select number, coalesce(b.article_id, a.article_id) as article_id, hash(b) is distinct from hash(a) as differs
        from behind
        left join figures b using (figure_id)
        left join figures_after a using (figure_id)
    )
    select number, f.article_id, case
            when old.article_id is null then 'new article'
            when new.article_id is null then 'article gone'
            when old.sha256 <> new.sha256 then 'changed text'
            when (old.duplicate_of is null) <> (new.duplicate_of is null) then 'reprint'
            when differs then 'changed rule'
        end as why
    from of_figures f
    left join articles old on old.article_id = f.article_id
    left join articles_after new on new.article_id = f.article_id
"""

_CHANGES = f"""
    with reasons as (
        select number, list_sort(list(distinct why)) as why, list_sort(list(distinct article_id)) as articles
        from causes where why is not null group by number
    )
    select case
            when figures_before = [] then 'added'
            when figures_after = [] then 'removed'
            when before is distinct from after then 'value'
            else 'support'
        end, region, region_name, campaign, metric, unit, period_start, period_end, before, after,
        coalesce(why, ['other facts']), coalesce(articles, [])
    from changed left join reasons using (number)
    order by {_KEY.replace(",", " nulls last,")} nulls last
"""
