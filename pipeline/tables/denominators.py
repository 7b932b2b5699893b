"""Values by residents, cadres or whatever else a user supplies by region.

The file is a CSV with a column ``region`` (or ``adcode``) of six-digit codes, if wanted a column ``year``, and any
number of columns to divide by. ``residents`` becomes the column ``per_10000_residents``; ``cadres/1`` becomes
``per_cadres``, the value by one of them. Of several years the one nearest to the fact's is taken, the earlier one of
two. Only counts, people and money that are no changes are divided.
"""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline.rows import open_parquet
from pipeline.tables.reconcile import ADDITIVE
from pipeline.tables.store import TablesError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Denominators", "divide", "read_denominators"]

_REGION = ("region", "adcode", "code")
_YEAR = "year"
_BY_ONE = "/1"
_MANY = 10_000


class Denominators(NamedTuple):
    """What values are divided by."""

    #: name of the new column -> how many units count as one
    columns: dict[str, int]
    #: (region, year or None, the number of units for each column, None where it is empty)
    rows: list[tuple[str, int | None, list[float | None]]]


def read_denominators(path: Path) -> Denominators:
    """Read a file of denominators.

    Raises:
        TablesError: it is no CSV file, it has no column of region codes, nothing to divide by, or a cell that is no
            number above 0.
    """
    reader = csv.DictReader(StringIO(_text(path), newline=""))
    names = [name for name in reader.fieldnames or [] if name]
    region = next((name for name in _REGION if name in names), None)
    values = [name for name in names if name not in (region, _YEAR, "name")]
    if region is None or not values:
        raise TablesError(f"{path} needs a column region with codes and a column to divide by, such as residents")
    rows = [_row(path, reader.line_num, row, region, values) for row in reader]
    columns = {
        f"per_{name.removesuffix(_BY_ONE)}" if name.endswith(_BY_ONE) else f"per_{_MANY}_{name}": (
            1 if name.endswith(_BY_ONE) else _MANY
        )
        for name in values
    }
    return Denominators(columns, rows)


def _text(path: Path) -> str:
    """The text of a CSV file as programs write it; Excel in China writes GBK."""
    content = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise TablesError(f"{path} is no CSV file; save the table as CSV")


def _row(
    path: Path, line: int, row: dict[str, str], region: str, values: list[str]
) -> tuple[str, int | None, list[float | None]]:
    code, year = (row[region] or "").strip(), (row.get(_YEAR) or "").strip()
    if not (len(code) == 6 and code.isdigit()):
        raise TablesError(f"{path}:{line}: {region} is {code!r}, it must be a code of six digits")
    if year and not year.isdigit():
        raise TablesError(f"{path}:{line}: year is {year!r}, it must be a year such as 2020")
    return code, int(year) if year else None, [_number(path, line, name, row[name]) for name in values]


def _number(path: Path, line: int, name: str, cell: str | None) -> float | None:
    text = (cell or "").replace(",", "").strip()
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.0 < number < float("inf"):
        raise TablesError(f"{path}:{line}: {name} is {cell!r}, it must be a number above 0")
    return number


def divide(long: Path, denominators: Denominators, path: Path) -> None:
    """Write ``metrics_long`` with a column for each denominator behind its own.

    Args:
        long: the file of ``metrics_long``.
        denominators: from :func:`read_denominators`.
        path: the file to write.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    by_region: dict[str, list[tuple[int | None, list[float | None]]]] = {}
    for region, year, numbers in denominators.rows:
        by_region.setdefault(region, []).append((year, numbers))
    with pq.ParquetFile(long) as source:
        schema = source.schema_arrow
        for name in denominators.columns:
            schema = schema.append(pa.field(name, pa.float64()))
        with open_parquet(path, schema) as writer:
            for batch in source.iter_batches():
                writer.write_batch(_divided(batch, denominators, by_region, schema))


def _divided(
    batch: pa.RecordBatch,
    denominators: Denominators,
    by_region: dict[str, list[tuple[int | None, list[float | None]]]],
    schema: pa.Schema,
) -> pa.RecordBatch:
    import pyarrow as pa

    added: list[list[float | None]] = [[] for _ in denominators.columns]
    needed = ("region", "kind", "direction", "value", "as_of")
    for region, kind, direction, value, day in zip(*(batch[name].to_pylist() for name in needed), strict=True):
        known = by_region.get(region, []) if kind in ADDITIVE and not direction else []
        numbers = _of_year(known, day.year if day else None)
        for place, scale in enumerate(denominators.columns.values()):
            number = numbers[place] if numbers else None
            added[place].append(None if number is None else round(value / number * scale, 6))
    arrays = [pa.array(column, pa.float64()) for column in added]
    return pa.record_batch([*batch.columns, *arrays], schema=schema)


def _of_year(known: list[tuple[int | None, list[float | None]]], year: int | None) -> list[float | None] | None:
    """The numbers of the year nearest to that of a fact; the latest where the fact has no day.

    >>> _of_year([(2010, [1.0]), (2020, [2.0])], 2015), _of_year([(2010, [1.0]), (2020, [2.0])], None)
    ([1.0], [2.0])
    """
    if not known:
        return None
    if year is None:
        return max(known, key=lambda row: row[0] or 0)[1]
    return min(known, key=lambda row: (abs((row[0] or year) - year), row[0] or 0))[1]
