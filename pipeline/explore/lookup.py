"""From a cell to its facts, from a fact to its figures, from a figure to its place in the source."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.lexicon import gazetteer
from pipeline.tables.pivot import by_region, cell_order, wide_columns
from pipeline.tables.store import open_run

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

__all__ = [
    "ArticleView",
    "CellView",
    "FigureView",
    "NotFoundError",
    "cell",
    "facts_overview",
    "find",
    "records",
    "table",
]

Record = dict[str, Any]


class NotFoundError(LookupError):
    """There is nothing of that name in the output; the message says what there is."""


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure in its place.

    Attributes:
        figure: all its columns.
        article: the columns of its article.
        neighbours: the other figures of the same sentence, in order.
        before, quote, after: the source sentence cut at the figure. In characters of the raw text where the
            sentence was repaired, else of the simplified text.
        context_before, context_after: the raw text on both sides of the sentence.
    """

    figure: Record
    article: Record
    neighbours: tuple[Record, ...]
    before: str
    quote: str
    after: str
    context_before: str
    context_after: str


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article and its figures in the order of the text."""

    article: Record
    figures: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class CellView:
    """A cell of a table: its facts, and the figures that each fact was read from."""

    facts: tuple[Record, ...]
    figures: tuple[tuple[FigureView, ...], ...]


def find(out: str | os.PathLike[str], identifier: str) -> FigureView | ArticleView:
    """The figure or the article of that id.

    Raises:
        NotFoundError: there is neither.
    """
    with _open(out) as db:
        if figures := records(db, "SELECT * FROM figures WHERE figure_id = ?", identifier):
            return _figure_view(db, figures[0])
        if articles := records(db, "SELECT * FROM articles WHERE article_id = ?", identifier):
            figures = records(db, "SELECT * FROM figures WHERE article_id = ? ORDER BY start", identifier)
            return ArticleView(articles[0], tuple(figures))
        near = records(
            db,
            "SELECT article_id FROM articles WHERE contains(article_id, ?) ORDER BY article_id LIMIT 5",
            identifier.rpartition("/")[2].partition(":")[0],
        )
        hint = _figures_near(db, identifier)
        if not hint and near:
            hint = "; there are " + ", ".join(r["article_id"] for r in near)
        elif not hint and (metrics := _metrics_of(db, identifier)):
            hint = f"; it is a region: give one of its metrics too, {', '.join(metrics)}"
    raise NotFoundError(f"there is no figure and no article {identifier!r} in {out}{hint}")


def _figures_near(db: duckdb.DuckDBPyConnection, identifier: str) -> str:
    """The figures of an article that stand nearest to the place in an id that none of them has."""
    article, _, place = identifier.rpartition(":")
    if not place.isdigit():
        return ""
    query = "SELECT figure_id FROM figures WHERE article_id = ? ORDER BY abs(start - ?), start LIMIT 3"
    near = records(db, query, article, int(place))
    return "; close to it there are " + ", ".join(r["figure_id"] for r in near) if near else ""


def _metrics_of(db: duckdb.DuckDBPyConnection, region: str) -> list[str]:
    """The metrics that are reported of a region, with their labels."""
    query = f"SELECT DISTINCT metric || ' ' || metric_label AS name FROM metrics_long WHERE {_OF_REGION} ORDER BY 1"
    return [r["name"] for r in records(db, query, gazetteer.names_of(region))]


def _why_empty(db: duckdb.DuckDBPyConnection, region: str, metric: str, campaign: str | None) -> str:
    """What there is in place of a cell that is empty: campaigns of that metric, else metrics of that region."""
    where, values = _conditions(None, metric, None, None)
    query = f"SELECT DISTINCT campaign AS name FROM metrics_long WHERE {' AND '.join([*where, _OF_REGION])} ORDER BY 1"
    if campaign and (found := records(db, query, *values, gazetteer.names_of(region))):
        return f"of {region} it is told in the campaigns: {', '.join(r['name'] or 'none' for r in found)}"
    metrics = _metrics_of(db, region)
    return f"of {region} there are: {', '.join(metrics)}" if metrics else f"nothing is reported of {region}"


#: whether a fact is of a region, by its code or one of its names
_OF_REGION = "list_has_any(?, [region, region_name])"


def cell(out: str | os.PathLike[str], region: str, metric: str, campaign: str | None = None) -> CellView:
    """The facts of a cell with the sentences that they come from.

    Args:
        out: the output folder of a run.
        region: 6-digit code or name.
        metric: id or label of the catalogue.
        campaign: its name or a part of it; all campaigns where left out.

    Raises:
        NotFoundError: the cell is empty.
    """
    where, values = _conditions(campaign, metric, None, None)
    with _open(out) as db:
        facts = records(
            db,
            f"SELECT * FROM metrics_long WHERE {' AND '.join([*where, _OF_REGION])} ORDER BY {cell_order()}",
            *values,
            gazetteer.names_of(region),
        )
        if not facts:
            named = " ".join(filter(None, (region, metric, campaign)))
            raise NotFoundError(f"the cell {named} is empty; {_why_empty(db, region, metric, campaign)}")
        figures = tuple(tuple(_figure_view(db, f) for f in _figures(db, fact["figure_ids"])) for fact in facts)
    return CellView(tuple(facts), figures)


def table(
    out: str | os.PathLike[str],
    *,
    campaign: str | None = None,
    metric: str | None = None,
    region: str | None = None,
    level: str | None = None,
    min_confidence: float = 0.0,
) -> pd.DataFrame:
    """The facts of a run, one a row, as in ``tables/metrics_long``, ordered by campaign, metric and region.

    Args:
        out: the output folder of a run.
        campaign: its name or a part of it.
        metric: id or label of the catalogue.
        region: code or name; the divisions within it are included.
        level: country, province, prefecture or county.
        min_confidence: only facts of at least this confidence, 0 to 1; what it means is in docs/accuracy.md.

    Raises:
        NotFoundError: no fact at all has such a campaign, metric or region; the message says which there are.
    """
    where, values = _conditions(campaign, metric, region, level)
    if min_confidence > 0:
        where.append(f"confidence >= {float(min_confidence)!r}")
    with _open(out) as db:
        found = db.execute(f"SELECT * FROM metrics_long WHERE {' AND '.join(where)} {_ORDER}", values).df()
        if found.empty:
            _check_known(db, campaign, metric, region)
        return found


#: so many of what there is are told
_TOLD = 40


def _check_known(db: duckdb.DuckDBPyConnection, campaign: str | None, metric: str | None, region: str | None) -> None:
    asked = (
        ("campaign", campaign, "campaign", _conditions(campaign, None, None, None)),
        ("metric", metric, "metric || ' ' || metric_label", _conditions(None, metric, None, None)),
        ("region", region, "region_name", _conditions(None, None, region, None)),
    )
    for name, value, what, (where, values) in asked:
        if value and not records(db, f"SELECT 1 FROM metrics_long WHERE {' AND '.join(where)} LIMIT 1", *values):
            query = f"SELECT DISTINCT {what} AS what FROM metrics_long WHERE {what} IS NOT NULL ORDER BY 1"
            known = [r["what"] for r in records(db, query)]
            more = f" and {len(known) - _TOLD:,} more" if len(known) > _TOLD else ""
            raise NotFoundError(f"no fact has the {name} {value!r}; there are: {', '.join(known[:_TOLD])}{more}")


def facts_overview(out: str | os.PathLike[str], regions: int = 12, metrics: int = 6) -> pd.DataFrame:
    """The best filled corner of the table of metrics by region: one row a region, one column a metric.

    The metrics are those that most regions report, the regions those that report most of these. For a first
    look; ``tables/metrics_by_region`` has everything. The columns are headed in Chinese.
    """
    with _open(out) as db:
        columns = [c for c in wide_columns(db, "region is not null") if c.metric != "other"]
        frame: pd.DataFrame = by_region(db)[0].to_pandas()
    counts = {column: int(frame[column.name].notna().sum()) for column in columns}
    wanted = sorted(columns, key=lambda column: (-counts[column], column.name))[:metrics]
    names = [column.name for column in wanted]
    filled = frame[names].notna().sum(axis=1)
    best = sorted(frame.index, key=lambda row: (-filled[row], frame["region"][row]))[:regions]
    shown = frame.loc[sorted(best), ["region", "region_name", *names]].reset_index(drop=True)
    shown.columns = ["region", "region_name", *(column.label for column in wanted)]
    return shown


_ORDER = "ORDER BY campaign NULLS LAST, metric, unit, region NULLS LAST, object, period_end, value"


def _conditions(
    campaign: str | None, metric: str | None, region: str | None, level: str | None
) -> tuple[list[str], list[Any]]:
    """SQL conditions on ``metrics_long`` and the values of their parameters."""
    where: list[str] = ["true"]
    values: list[Any] = []
    if campaign:
        where.append("contains(campaign, ?)")
        values.append(campaign)
    if metric:
        where.append("(metric = ? OR metric_label = ?)")
        values += [metric, metric]
    if region:
        where.append("(list_has_any(?, [region, region_name, province, prefecture, county]) OR starts_with(region, ?))")
        values += [gazetteer.names_of(region), _stem(region)]
    if level:
        where.append("level = ?")
        values.append(level)
    return where, values


def _stem(code: str) -> str:
    """The digits that the codes of a division's subdivisions begin with.

    >>> _stem("500000"), _stem("220800"), _stem("500101"), _stem("万州区")
    ('50', '2208', '500101', '万州区')
    """
    if not (code.isdigit() and len(code) == 6):
        return code
    return code[:2] if code.endswith("0000") else code.removesuffix("00")


@contextmanager
def _open(out: str | os.PathLike[str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The files of a finished run as views ``articles``, ``figures`` and ``metrics_long``."""
    out = Path(out)
    if not (out / "run.json").is_file():
        raise NotFoundError(f"there is no finished run in {out}; make one with: zhanbao run DUMP -o {out}")
    with open_run(out) as db:
        db.read_parquet(str(out / "tables" / "metrics_long.parquet")).create_view("metrics_long")
        yield db


def records(db: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> list[Record]:
    """The rows of a query as dictionaries; ``values`` stand for the question marks in it."""
    found = db.execute(sql, list(values))
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _figures(db: duckdb.DuckDBPyConnection, ids: list[str]) -> list[Record]:
    found = records(db, "SELECT * FROM figures WHERE figure_id IN (SELECT unnest(?::VARCHAR[]))", ids)
    by_id = {figure["figure_id"]: figure for figure in found}
    return [by_id[i] for i in ids if i in by_id]


#: characters of raw text shown on both sides of a sentence
_CONTEXT = 60


def _figure_view(db: duckdb.DuckDBPyConnection, figure: Record) -> FigureView:
    article = records(db, "SELECT * FROM articles WHERE article_id = ?", figure["article_id"])[0]
    neighbours = records(
        db,
        "SELECT * FROM figures WHERE article_id = ? AND sentence_start = ? AND figure_id <> ? ORDER BY start",
        figure["article_id"],
        figure["sentence_start"],
        figure["figure_id"],
    )
    raw, start, end = article["raw_text"], figure["sentence_start"], figure["sentence_end"]
    clean = figure["sentence"]
    # a repaired sentence has another length; only the raw one tells then where the figure stands
    shown = clean if len(clean) == end - start else raw[start:end]
    first, last = figure["start"] - start, figure["end"] - start
    return FigureView(
        figure=figure,
        article=article,
        neighbours=tuple(neighbours),
        before=shown[:first],
        quote=shown[first:last],
        after=shown[last:],
        context_before=raw[max(0, start - _CONTEXT) : start],
        context_after=raw[end : end + _CONTEXT],
    )
