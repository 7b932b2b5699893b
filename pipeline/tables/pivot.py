"""The tables by region: for each region one row, for each metric a column.

A cell shows one fact and never a sum. Of the facts about a region and metric it shows the leading one:

1. the region before a place in it;
2. what is of the last year before what was over longer than that when it was published (去年同期);
3. a running total before a count of some period;
4. a confidence of 0.8 and above before less;
5. of counts, people and money the larger (a total is never smaller than what it contains);
6. the one with more reports, then the later one.

The other facts stand in ``metrics_long``, and in the cell of the column ``…_all`` where there are several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline import lexicon
from pipeline.tables.reconcile import metric_label
from pipeline.tables.records import MetricRow
from pipeline.tables.store import stream

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

__all__ = ["LEADING", "Column", "by_region", "cell_order", "headers", "long_rows", "measure_sql", "wide_columns"]

_REGION = ("region", "region_name", "province", "prefecture", "county", "level")

#: which fact leads, as terms of an ``order by`` over ``metrics_long``; also decides ``is_main``
LEADING = """
    place is not null, coalesce(period_end < last_published - interval 1 year, false), not running, confidence < 0.8,
    case when kind in ('count', 'people', 'money') and direction = '' then -value else 0 end,
    -n_reports, last_published desc nulls last, fact_id
"""


def cell_order() -> str:
    """How the facts of a region and metric are told: counts first, and of each measure the one that a cell shows."""
    measure = measure_sql()
    return f"not is_current, {measure} <> 'count', {measure}, {LEADING}, as_of desc nulls last"


def long_rows() -> str:
    """The query for the rows of ``metrics_long`` in their order, from ``points`` and ``contradictions``."""
    computed = {
        "is_main": f"""row_number() over (
            partition by region, campaign, metric, unit, period_start, period_end
            order by {LEADING}, as_of desc nulls last, not is_current, number
        ) = 1""",
        # a figure that arithmetic contradicts is worth half
        "confidence": "round(case when coalesce(c.n, 0) > 0 then confidence / 2 else confidence end, 4)",
        "n_contradictions": "coalesce(c.n, 0)",
    }
    columns = ", ".join(f"{computed[c]} as {c}" if c in computed else f"p.{c}" for c in MetricRow._fields)
    return f"""
        with p as (
            select *, row_number() over (order by fact_id, as_of nulls last, figure_ids) as number from points
        ), c as (
            select number, count(distinct check_id) as n
            from (select number, unnest(figure_ids) as figure_id from p) join contradictions using (figure_id)
            group by number
        )
        select {columns} from p left join c using (number)
        order by region nulls last, campaign nulls last, metric, unit, object, actor, fact_id, as_of nulls last, number
    """


class Column(NamedTuple):
    """A column of a table by region."""

    name: str
    #: Chinese header
    label: str
    metric: str
    #: kind of figure, with the unit where kinds do not make values comparable
    measure: str


#: kinds whose units differ only in the measure word; every other unit has a column of its own
_ALIKE = frozenset({"count", "people", "money", "percent"})
_KIND_LABELS = {"count": "", "people": "人数", "money": "金额", "percent": "%", "change": "变化"}
#: a measure word that counts visits, not people
_VISITS = "人次"


def measure_sql() -> str:
    """What a fact measures, as an expression over ``metrics_long``; with the metric it makes the column."""
    alike = ", ".join(f"'{kind}'" for kind in sorted(_ALIKE))
    return f"""case
        when direction <> '' then 'change_' || direction || case when kind = 'percent' then '' else '_' || unit end
        when unit = '{_VISITS}' then unit
        when kind in ({alike}) then kind
        else kind || '_' || unit end"""


def wide_columns(connection: duckdb.DuckDBPyConnection, where: str = "true") -> list[Column]:
    """The columns for the metrics that occur in the view ``metrics_long``, in the order of the catalogue."""
    query = f"select distinct metric, {measure_sql()} as measure from metrics_long where {where}"
    order = {row["metric"]: place for place, row in enumerate(lexicon.table("metrics"))}
    found = sorted(stream(connection, query), key=lambda c: (order.get(c[0], len(order)), c[0], c[1] != "count", c[1]))
    return [_column(metric, measure) for metric, measure in found]


def _column(metric: str, measure: str) -> Column:
    """A column with its name: the metric alone for counts, else with what is measured.

    >>> _column("cases_filed", "people").name, _column("cases_filed", "count").name
    ('cases_filed_people', 'cases_filed')
    """
    if measure == "count":
        return Column(metric, metric_label(metric), metric, measure)
    label = _KIND_LABELS.get(measure) or _measure_label(measure)
    return Column(f"{metric}_{measure}", f"{metric_label(metric)}({label})", metric, measure)


def _measure_label(measure: str) -> str:
    words = {"change": "变化", "up": "上升", "down": "下降", "measure": ""}
    return "".join(words.get(part, part) for part in measure.split("_"))


def by_region(
    connection: duckdb.DuckDBPyConnection, campaigns: bool = False, where: str = "true"
) -> tuple[pa.Table, dict[str, str]]:
    """One row for each region (and campaign), with a column for each metric.

    Args:
        connection: with the view ``metrics_long``.
        campaigns: one row for each region and campaign instead.
        where: a condition on the rows of ``metrics_long``, in SQL.

    Returns:
        the table, and the Chinese header of each column.
    """
    key = ("campaign", *_REGION) if campaigns else _REGION
    columns = wide_columns(connection, f"region is not null and ({where})")
    _facts_of_cells(connection, columns, campaigns, where)
    try:
        names = _headers(key, columns)
        return _labelled(_table(connection, key, columns), names), names
    finally:
        connection.execute("drop table facts_of_cells")
        connection.execute("drop table rows_of_table")


def _facts_of_cells(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[Column], campaigns: bool, where: str
) -> None:
    """Tables of the rows, and of their cells: the leading fact, and all facts in words where there are several."""
    import pyarrow as pa

    places = [(c.metric, c.measure, number) for number, c in enumerate(columns)]
    named = [pa.array(cells) for cells in zip(*places, strict=True)] or [pa.array([], pa.string())] * 3
    connection.from_arrow(pa.table(named, _PLACES)).create("places_of_columns")
    group = "region, campaign" if campaigns else "region"
    order = "region, campaign nulls last" if campaigns else "region"
    names_of_regions = ", ".join(f"min({name}) as {name}" for name in _REGION[1:])
    connection.execute(
        f"""
        create table rows_of_table as
        with current_facts as (from metrics_long where is_current and region is not null and ({where})),
            regions as (select region, {names_of_regions} from current_facts group by region)
        select row_number() over (order by {order}) - 1 as row, *
        from (select distinct {group} from current_facts) join regions using (region)
        """
    )
    same_campaign = "and l.campaign is not distinct from r.campaign" if campaigns else ""
    connection.execute(
        f"""
        create table facts_of_cells as
        with facts as (
            select r.row, c."column", value, concat_ws(' ', nullif(actor, ''), nullif(object, '')) as words,
                row_number() over (partition by r.row, c."column" order by {LEADING}) as turn
            from (select *, {measure_sql()} as measure from metrics_long) l
            join rows_of_table r on l.region = r.region {same_campaign}
            join places_of_columns c on l.metric = c.metric and l.measure = c.measure
            where is_current and ({where})
        )
        select row, "column", min(value) filter (turn = 1) as value,
            case when count(*) > 1
                then string_agg(trim({_number_sql("value")} || ' ' || words), '; ' order by turn)
            end as said
        from facts group by row, "column"
        """
    )
    connection.execute("drop table places_of_columns")


#: the columns of the table by which facts find their column
_PLACES = ["metric", "measure", "column"]


def _table(connection: duckdb.DuckDBPyConnection, key: Sequence[str], columns: Sequence[Column]) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    data: dict[str, pa.ChunkedArray | pa.Array] = {}
    named: pa.Table = connection.sql("from rows_of_table order by row").to_arrow_table()
    for name in key:
        data[name] = named[name].cast(pa.string())
    found: pa.Table = connection.sql('from facts_of_cells order by "column", row').to_arrow_table()
    rows, values = found["row"].to_numpy(), found["value"].to_numpy()
    several = found["said"].is_valid().to_numpy()
    begins = np.searchsorted(found["column"].to_numpy(), np.arange(len(columns) + 1))
    for place, column in enumerate(columns):
        cells = slice(begins[place], begins[place + 1])
        cell_values = np.zeros(named.num_rows)
        empty = np.ones(named.num_rows, dtype=bool)
        cell_values[rows[cells]], empty[rows[cells]] = values[cells], False
        data[column.name] = pa.array(cell_values, mask=empty)
        if several[cells].any():
            words = np.full(named.num_rows, None, dtype=object)
            words[rows[cells]] = found["said"][cells].to_pylist()
            data[f"{column.name}_all"] = pa.array(words, pa.string())
    return pa.table(data)


def _number_sql(column: str) -> str:
    """A number as text, whole ones without ``.0``."""
    return f"case when {column} = trunc({column}) then {column}::hugeint::varchar else {column}::varchar end"


#: where the header of a column stands in the Parquet file
_LABEL = b"label"


def _labelled(table: pa.Table, names: Mapping[str, str]) -> pa.Table:
    """The table with the Chinese header of each column in the metadata of its field."""
    import pyarrow as pa

    fields = [field.with_metadata({_LABEL: names[field.name].encode()}) for field in table.schema]
    return table.cast(pa.schema(fields))


def headers(path: Path) -> dict[str, str]:
    """The Chinese headers of a table by region, from its Parquet file."""
    import pyarrow.parquet as pq

    return {field.name: field.metadata[_LABEL].decode() for field in pq.read_schema(path)}


def _headers(key: Sequence[str], columns: Sequence[Column]) -> dict[str, str]:
    headers = {c: _codebook_label("metrics_by_region", c) for c in key}
    for column in columns:
        headers[column.name] = column.label
        headers[f"{column.name}_all"] = f"{column.label} 各项"
    return headers


def _codebook_label(table: str, column: str) -> str:
    row = next((r for r in lexicon.table("codebook") if (r["table"], r["column"]) == (table, column)), None)
    return row["label"] if row else column
