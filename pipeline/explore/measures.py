"""The tables of a run as data frames, and what can be read off them: series and funnels."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["funnel", "load", "series"]

#: what the steps of a funnel have in common
_STEP = ["region", "campaign", "unit"]
#: one fact of ``metrics_long``, apart from its period
_FACT = ["region", "region_name", "campaign", "metric", "unit"]


def load(
    out: str | os.PathLike[str],
    table: str = "figures",
    columns: Sequence[str] | None = None,
    where: Mapping[str, object] | None = None,
) -> pd.DataFrame:
    """Read a table of a run; only the columns and rows asked for are read from disk.

    Args:
        out: the output folder of a run.
        table: ``articles``, ``figures``, ``tokens``, or a table of ``tables/`` such as ``metrics_long``.
        columns: the columns to read, by default all.
        where: column -> the value, or the list of values, that its rows must have.

    Raises:
        FileNotFoundError: the run has no such table; the message says what to do.
    """
    import pyarrow.dataset as ds

    out = Path(out)
    place = out / table if (out / table).is_dir() else out / "tables" / f"{table}.parquet"
    if not place.exists():
        hint = "run again with --tokens" if table == "tokens" else f"make it with: zhanbao run DUMP -o {out}"
        raise FileNotFoundError(f"{out} has no table {table!r}; {hint}")
    condition = None
    for column, wanted in (where or {}).items():
        values = list(wanted) if isinstance(wanted, (list, tuple, set, frozenset)) else [wanted]
        term = ds.field(column).isin(values)
        condition = term if condition is None else condition & term
    found = ds.dataset(place, format="parquet").to_table(columns=list(columns) if columns else None, filter=condition)
    frame: pd.DataFrame = found.to_pandas()
    return frame


def series(
    long: pd.DataFrame, metric: str, region: str | None = None, campaign: str | None = None, unit: str | None = None
) -> pd.DataFrame:
    """How the values of a metric went on in time.

    Args:
        long: the table ``metrics_long``.
        metric: its id, such as ``issues_found``.
        region, campaign, unit: keep only these.

    Returns:
        One row a point: region, region_name, campaign, metric, unit, ``date`` (the end of the period, else the
        day of the last report), ``value``, ``change`` since the point before (missing for the first) and
        ``n_reports``; in the order of time within each region, campaign and unit.
    """
    import pandas as pd

    chosen = long[long["metric"] == metric]
    for column, wanted in (("region", region), ("campaign", campaign), ("unit", unit)):
        if wanted is not None:
            chosen = chosen[chosen[column] == wanted]
    ends = pd.to_datetime(chosen["period_end"])
    chosen = chosen.assign(date=ends.where(ends.notna(), pd.to_datetime(chosen["last_published"])))
    chosen = chosen.sort_values([*_FACT, "date"], ignore_index=True)
    chosen["change"] = chosen.groupby(_FACT, dropna=False)["value"].diff()
    return chosen[[*_FACT, "date", "value", "change", "n_reports"]]


def funnel(
    long: pd.DataFrame, metrics: Sequence[str] = ("issues_found", "issues_rectified"), campaign: str | None = None
) -> pd.DataFrame:
    """What is left from step to step, such as problems found and problems rectified, for every region.

    The latest value of each metric counts. Steps are compared within one campaign and one unit, because 个 of
    one campaign and 件 of another are not the same things; and what is a part of another value goes with that one
    only: of 244 found, 186 rectified.

    Args:
        long: the table ``metrics_long``.
        metrics: two or more metric ids, in the order of the steps.
        campaign: keep only this one.

    Returns:
        region, region_name, campaign, unit, a column for each metric and, for each but the first, a column
        ``METRIC_percent`` with its percentage of the step before. Rows without the first step are left out.
    """
    import pandas as pd

    if len(metrics) < 2:
        raise ValueError("a funnel has two or more metrics, such as issues_found and issues_rectified")
    chosen = long[long["metric"].isin(list(metrics))]
    if campaign is not None:
        chosen = chosen[chosen["campaign"] == campaign]
    if "whole_ids" in chosen.columns:
        chosen = chosen[_belongs(chosen, metrics[0])]
    points = pd.concat([series(chosen, metric) for metric in metrics])
    latest = points.groupby(_FACT, dropna=False, sort=True)["value"].last().unstack("metric")
    table = latest.reindex(columns=list(metrics)).dropna(subset=[metrics[0]])
    for before, after in pairwise(metrics):
        table[f"{after}_percent"] = 100 * table[after] / table[before].where(table[before] != 0)
    table.columns.name = None
    return table.reset_index()


def _belongs(chosen: pd.DataFrame, first: str) -> pd.Series[bool]:
    """Which rows of the steps go together: parts with their whole, and where a part has one, that whole alone."""
    keep: dict[object, bool] = {}
    for _, rows in chosen.groupby(_STEP, dropna=False):
        begins = rows["metric"] == first
        known = {figure for ids in rows.loc[begins, "figure_ids"] for figure in ids}
        parts = rows.loc[~begins, "whole_ids"].map(set)
        wholes = set().union(*parts) & known
        for at, ids in parts.items():
            keep[at] = not ids or bool(ids & known)
        for at, ids in rows.loc[begins, "figure_ids"].items():
            keep[at] = not wholes or bool(wholes & set(ids))
    return chosen.index.to_series().map(keep).astype(bool)
