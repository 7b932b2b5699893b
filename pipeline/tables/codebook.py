"""The codebook: what each column and each code of the tables means, made from the row classes and the lexicons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from pipeline import lexicon
from pipeline.model import ArticleRow, FigureRow, TokenRow
from pipeline.tables.records import CheckRow, ConflictRow, MetricRow, ReprintRow

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TABLES", "codebook", "labels"]

#: every table of an output with its row class
TABLES: dict[str, type] = {
    "articles": ArticleRow,
    "figures": FigureRow,
    "tokens": TokenRow,
    "metrics_long": MetricRow,
    "conflicts": ConflictRow,
    "checks": CheckRow,
    "reprints": ReprintRow,
}


def labels(table: str) -> dict[str, str]:
    """The Chinese header of each column of a table."""
    return {row["column"]: row["label"] for row in lexicon.table("codebook") if row["table"] == table}


def codebook() -> pa.Table:
    """One row for each column of each table, then one for each metric of the catalogue."""
    import pyarrow as pa

    rows = [_column(table, name, kind) for table, row_type in TABLES.items() for name, kind in _columns(row_type)]
    rows += [
        {"table": "metrics", "name": row["metric"], "type": "code", "label": row["label"], "meaning": row["label"]}
        for row in lexicon.table("metrics")
    ]
    return pa.Table.from_pylist(rows)


def _columns(row_type: type) -> list[tuple[str, str]]:
    return [(name, _type_name(hint)) for name, hint in get_type_hints(row_type).items()]


def _type_name(hint: Any) -> str:
    """The type as a reader knows it.

    >>> _type_name(float | None), _type_name(list[str])
    ('float, may be empty', 'list of str')
    """
    if get_origin(hint) is list:
        return f"list of {get_args(hint)[0].__name__}"
    options = [option.__name__ for option in get_args(hint) if option is not type(None)] or [hint.__name__]
    return f"{options[0]}, may be empty" if get_args(hint) else options[0]


def _column(table: str, name: str, kind: str) -> dict[str, str]:
    rows = {(row["table"], row["column"]): row for row in lexicon.table("codebook")}
    row = rows[(table, name)]
    return {"table": table, "name": name, "type": kind, "label": row["label"], "meaning": row["meaning"]}
