"""What stands behind a cell: from a value of a table to its figures, sentences and articles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.lexicon.gazetteer import names_of
from pipeline.tables.pivot import cell_order
from pipeline.tables.records import MetricRow

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["CellFact", "Source", "cell", "long_table"]


@dataclass(frozen=True, slots=True)
class Source:
    """A figure behind a value: its sentence and its article."""

    figure_id: str
    article_id: str
    title: str | None
    author: str | None
    outlet: str | None
    published: date | None
    url: str | None
    source_path: str
    source_row: int | None
    #: of ``raw_text``
    sha256: str
    #: code points of ``raw_text``
    start: int
    end: int
    quote: str
    sentence: str
    sentence_start: int
    sentence_end: int
    confidence: float
    #: articles that are reprints of this one
    reprints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CellFact:
    """A fact of a cell with everything that speaks for it."""

    row: MetricRow
    sources: tuple[Source, ...]


def long_table(out: Path, **filters: Any) -> pa.Table:
    """The rows of ``metrics_long`` whose columns have the given values; filters that are None do not count.

    A region may be given by its code, its name or its short name.

    Raises:
        KeyError: there is no such column.
        FileNotFoundError: the run has no tables.
    """
    import pyarrow.parquet as pq

    path = Path(out) / "tables" / "metrics_long.parquet"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; run `zhanbao run` into {out} first")
    wanted = {name: value for name, value in filters.items() if value is not None}
    if unknown := sorted(set(wanted) - set(MetricRow._fields)):
        raise KeyError(f"metrics_long has no column {', '.join(unknown)}; it has {', '.join(MetricRow._fields)}")
    region = str(wanted.pop("region", ""))
    conditions: list[tuple[str, str, Any]] = [(name, "==", value) for name, value in wanted.items()]
    if region:
        conditions.append(("region" if region.isdigit() else "region_name", "in", names_of(region)))
    return pq.read_table(path, filters=conditions or None)


def cell(out: Path, region: str, metric: str, campaign: str | None = None) -> list[CellFact]:
    """The facts about a region and metric, each with its sources; first the one that ``metrics_by_region`` shows.

    Args:
        out: the output folder of the run.
        region: code or name of the region.
        metric: id or label of the metric.
        campaign: only facts of campaigns whose name holds this.
    """
    named = {"metric": metric} if metric.isascii() else {"metric_label": metric}
    rows = [MetricRow(**row) for row in _ordered(long_table(out, region=region, **named)).to_pylist()]
    rows = [row for row in rows if campaign is None or campaign in (row.campaign or "")]
    sources = _sources(Path(out), sorted({figure for row in rows for figure in row.figure_ids}))
    return [CellFact(row, tuple(sources[figure] for figure in row.figure_ids)) for row in rows]


def _ordered(facts: pa.Table) -> pa.Table:
    import duckdb

    with duckdb.connect() as connection:
        return connection.from_arrow(facts).order(cell_order()).to_arrow_table().cast(facts.schema)


def _sources(out: Path, figure_ids: list[str]) -> dict[str, Source]:
    from pipeline.tables.store import columns, open_run

    of_article = {"title", "author", "outlet", "published", "url", "source_path", "source_row", "sha256"}
    names = [name for name in Source.__slots__ if name != "reprints"]
    selected = ", ".join(columns([name], "a" if name in of_article else "f") for name in names)
    query = f"""
        select {selected} from figures f join articles a using (article_id)
        where f.figure_id in (select unnest(?)) order by f.figure_id
    """
    with open_run(out) as connection:
        rows = connection.execute(query, [figure_ids]).fetchall()
        articles = sorted({row[1] for row in rows})
        copies: dict[str, list[str]] = {}
        for original, copy in connection.execute(
            "select duplicate_of, article_id from articles where duplicate_of in (select unnest(?)) order by 1, 2",
            [articles],
        ).fetchall():
            copies.setdefault(original, []).append(copy)
    said: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in rows]
    return {f["figure_id"]: Source(**f, reprints=tuple(copies.get(f["article_id"], ()))) for f in said}
