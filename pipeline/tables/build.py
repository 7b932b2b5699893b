"""All tables of a run, made from its articles and figures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.rows import open_rows, write_rows, write_table
from pipeline.tables.alone import alone_rows, find_results
from pipeline.tables.checks import check_articles, check_fact
from pipeline.tables.codebook import codebook
from pipeline.tables.duplicates import find_reprints, mark_reprints
from pipeline.tables.export import Sheet, write_csv, write_xlsx
from pipeline.tables.pivot import by_region, long_rows
from pipeline.tables.reconcile import facts, figures_in_order
from pipeline.tables.records import CheckRow, ConflictRow, MetricRow
from pipeline.tables.stated import stated_in_order
from pipeline.tables.store import MEMORY_MB, columns, open_run, parts, workplace, write_query

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

__all__ = ["TablesSummary", "build"]


#: rows of work files that are held in memory; as Python objects they take several kilobytes each
_GROUP = 1_024


@dataclass(frozen=True, slots=True)
class TablesSummary:
    """What :func:`build` found and made."""

    reprints: int
    #: rows of ``metrics_long``
    rows: int
    #: values in conflict, the shown ones not counted
    conflicts: int
    #: verdict -> number of checks
    checks: dict[str, int]
    regions: int
    #: parts of ``articles/`` whose ``duplicate_of`` was written anew
    rewritten: tuple[Path, ...]


def build(
    out: Path,
    *,
    bom: bool = False,
    memory_mb: int = MEMORY_MB,
    tables: Path | None = None,
    divisions: int | None = None,
) -> TablesSummary:
    """Make everything under ``tables/`` from ``articles/`` and ``figures/``, and fill in ``duplicate_of``.

    The same articles and figures give the same bytes, however they are spread over parts.

    Args:
        out: the output folder of the run.
        bom: begin CSV files with a byte order mark.
        memory_mb: the memory that queries may take; what does not fit goes to disk.
        tables: another folder for the tables; the run itself is left as it is then.
        divisions: carry all regions through changes of division to this year.
    """
    out = Path(out)
    of_run = tables is None
    tables = tables or out / "tables"
    with _plain_memory(), workplace(out) as work, open_run(out, work, memory_mb) as connection:
        find_reprints(out, connection, work, tables / "reprints.parquet")
        connection.read_parquet(str(tables / "reprints.parquet")).create_view("reprints")
        _reconcile(connection, work, divisions)
        _check(connection, out, work, tables)
        rows = write_query(connection, long_rows(), MetricRow, tables / "metrics_long.parquet")
        connection.read_parquet(str(tables / "metrics_long.parquet")).create_view("metrics_long")
        _sort_conflicts(connection, work, tables)
        wide = _pivot(connection, tables)
        for name in ("metrics_long", "metrics_by_region", "checks", "conflicts", "reprints"):
            write_csv(tables / f"{name}.parquet", tables / f"{name}.csv", bom)
        summary = _summary(connection, rows, wide.num_rows)
    rewritten = mark_reprints(out, tables / "reprints.parquet") if of_run else []
    return TablesSummary(*summary, rewritten=tuple(rewritten))


@contextmanager
def _plain_memory() -> Iterator[None]:
    """Let Arrow give memory back to the system at once; its own pool keeps some hundred megabytes for later."""
    import pyarrow as pa

    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)


def _reconcile(connection: duckdb.DuckDBPyConnection, work: Path, divisions: int | None) -> None:
    """Facts of all figures: their points, their conflicts and the checks between reports, not yet sorted."""
    find_results(connection, divisions)
    with (
        open_rows(MetricRow, work / "points.parquet", _GROUP) as points,
        open_rows(ConflictRow, work / "conflicts.parquet", _GROUP) as conflicts,
        open_rows(CheckRow, work / "checks_between.parquet", _GROUP) as checks,
    ):
        for fact in facts(figures_in_order(connection, "together"), work):
            for row in fact.rows():
                points.add(row)
            for conflict in fact.conflicts():
                conflicts.add(conflict)
            for check in check_fact(fact):
                checks.add(check)
    connection.read_parquet(str(work / "points.parquet")).create("points")
    connection.execute(f"insert into points {alone_rows()}")


def _check(connection: duckdb.DuckDBPyConnection, out: Path, work: Path, tables: Path) -> None:
    """All checks, the contradictions first; and which figures they contradict."""
    write_rows(
        CheckRow,
        check_articles(stated_in_order(connection, parts(out, "figures"))),
        work / "checks_within.parquet",
        _GROUP,
    )
    files = [str(work / "checks_between.parquet"), str(work / "checks_within.parquet")]
    connection.read_parquet(files).create_view("all_checks")
    query = f"""
        select {columns(CheckRow._fields)} from all_checks
        order by list_position(['contradicts', 'off by rounding', 'holds'], verdict), kind,
            article_id nulls last, figure_ids
    """
    write_query(connection, query, CheckRow, tables / "checks.parquet")
    connection.execute(
        """
        create view contradictions as
        select check_id, unnest(figure_ids) as figure_id from all_checks where verdict = 'contradicts'
        """
    )


def _sort_conflicts(connection: duckdb.DuckDBPyConnection, work: Path, tables: Path) -> None:
    connection.read_parquet(str(work / "conflicts.parquet")).create_view("conflicts")
    query = f"""
        select {columns(ConflictRow._fields)} from conflicts
        order by region nulls last, campaign nulls last, metric, fact_id, not shown, value, figure_ids
    """
    write_query(connection, query, ConflictRow, tables / "conflicts.parquet")


def _pivot(connection: duckdb.DuckDBPyConnection, tables: Path) -> pa.Table:
    wide, names = by_region(connection)
    by_campaign, campaign_headers = by_region(connection, campaigns=True)
    codes = codebook(names)
    write_table(wide, tables / "metrics_by_region.parquet")
    write_table(by_campaign, tables / "metrics_by_region_campaign.parquet")
    write_table(codes, tables / "codebook.parquet")
    write_csv(tables / "codebook.parquet", tables / "codebook.csv")
    sheets = [
        Sheet("by region", wide, names),
        Sheet("by region and campaign", by_campaign, campaign_headers),
        Sheet("codebook", codes),
    ]
    write_xlsx(sheets, tables / "metrics_by_region.xlsx")
    return wide


def _summary(
    connection: duckdb.DuckDBPyConnection, rows: int, regions: int
) -> tuple[int, int, int, dict[str, int], int]:
    reprints = connection.execute("select count(*) from reprints where relation = 'reprint'").fetchall()[0][0]
    conflicts = connection.execute("select count(*) from conflicts where not shown").fetchall()[0][0]
    verdicts = connection.execute("select verdict, count(*) from all_checks group by 1 order by 1").fetchall()
    return reprints, rows, conflicts, dict(verdicts), regions
