"""The codebook: what each column and each code of the tables means, made from the row classes and the lexicons."""

from __future__ import annotations

from collections.abc import Mapping
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


def codebook(wide: Mapping[str, str] | None = None) -> pa.Table:
    """Every column of every table, every code that can stand in them, and the versions of all rules.

    Args:
        wide: the columns of ``metrics_by_region`` with their Chinese headers.
    """
    import pyarrow as pa

    rows = [_column(table, name, kind) for table, row_type in TABLES.items() for name, kind in _columns(row_type)]
    rows += _wide_columns(wide or {})
    rows += [
        _entry(row["table"], row["column"], "code", row["label"], row["meaning"])
        for row in lexicon.table("codebook")
        if row["table"] not in {*TABLES, _WIDE}
    ]
    rows += [_entry("metrics", row["metric"], "code", row["label"], row["label"]) for row in lexicon.table("metrics")]
    return pa.Table.from_pylist(rows + _versions())


_WIDE = "metrics_by_region"


def _entry(table: str, name: str, kind: str, label: str, meaning: str) -> dict[str, str]:
    return {"table": table, "name": name, "type": kind, "label": label, "meaning": meaning}


def _wide_columns(wide: Mapping[str, str]) -> list[dict[str, str]]:
    said = {row["column"]: row for row in lexicon.table("codebook") if row["table"] == _WIDE}
    keys = [_entry(_WIDE, name, "str", row["label"], row["meaning"]) for name, row in said.items()]
    cells = [
        _entry(_WIDE, name, "str, may be empty", label, "all facts of the cell in words, where there are several")
        if name.endswith("_all")
        else _entry(_WIDE, name, "float, may be empty", label, "value of the leading fact of this metric and measure")
        for name, label in wide.items()
        if name not in said
    ]
    return keys + cells


def _versions() -> list[dict[str, str]]:
    """What the tables were made with: the program, the year of the gazetteer, and each lexicon by its hash."""
    from pipeline import __version__
    from pipeline.lexicon.gazetteer import last_year

    rows = [
        _entry("versions", "zhanbao", "version", __version__, "version of the program"),
        _entry("versions", "gazetteer_year", "version", str(last_year()), "last year of the table of divisions"),
    ]
    rows += [
        _entry("versions", f"lexicon_{name}", "version", digest, "first 16 digits of the SHA-256 of the lexicon in use")
        for name, digest in lexicon.fingerprint().items()
    ]
    return rows


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
    return _entry(table, name, kind, row["label"], row["meaning"])
