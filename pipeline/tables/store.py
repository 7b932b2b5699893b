"""Queries over the files of a run that stay within a given memory, whatever the size of the run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.model import ArticleRow, FigureRow
from pipeline.rows import ROW_GROUP, open_parquet, schema

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

__all__ = [
    "MEMORY_MB",
    "TablesError",
    "batches",
    "chosen",
    "columns",
    "look_up",
    "number_rows",
    "open_run",
    "parts",
    "quoted",
    "records",
    "rows_at",
    "stream",
    "view",
    "workplace",
    "write_query",
]


class TablesError(ValueError):
    """Tables, or what was asked of them, cannot be made; the message says what to do."""


#: what queries may hold in memory before they go to disk
MEMORY_MB = 256

#: each thread needs memory of its own; with more of them some queries would not find enough
_THREADS = 2

#: rows that are fetched from a query at a time
_BATCH = 8_192

#: articles that are read at a time, and the bytes of text at which a batch of them is halved
_TEXTS = 256
_TEXT_BYTES = 2 << 20


def parts(out: Path, table: str) -> list[Path]:
    """The Parquet parts of one of the folders of a run, sorted by name."""
    return sorted((out / table).glob("*.parquet"))


@contextmanager
def workplace(out: Path, name: str = "tables") -> Iterator[Path]:
    """A folder for files that are needed only while tables are made; emptied before and after."""
    folder = out / ".zhanbao" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def open_run(out: Path, spill: Path | None = None, memory_mb: int = MEMORY_MB) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB connection with the views ``articles`` and ``figures`` over the parts of a run.

    Args:
        out: the output folder of the run.
        spill: where queries may put what does not fit into memory; without it they stay in memory.
        memory_mb: the memory that queries may take.
    """
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{memory_mb}MB",
        "threads": min(_THREADS, os.cpu_count() or 1),
        "preserve_insertion_order": False,
        # a run never goes to the network
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    database = ":memory:"
    if spill is not None:
        settings["temp_directory"] = str(spill)
        database = str(spill / "tables.duckdb")
    connection = duckdb.connect(database, config=settings)
    try:
        view(connection, out, "articles")
        view(connection, out, "figures")
        yield connection
    finally:
        connection.close()


_ROWS: dict[str, type] = {"articles": ArticleRow, "figures": FigureRow}


def view(connection: duckdb.DuckDBPyConnection, out: Path, table: str, name: str | None = None) -> None:
    """A view over the parts of ``articles`` or ``figures`` of a run, by the name of the table or another one."""
    if files := parts(out, table):
        connection.read_parquet([str(file) for file in files]).create_view(name or table)
    else:
        connection.from_arrow(schema(_ROWS[table]).empty_table()).create(name or table)


def columns(names: Iterable[str], table: str = "") -> str:
    """Columns for a query, each in quotes: some are words of SQL.

    >>> columns(["start", "end"], "f")
    'f."start", f."end"'
    """
    prefix = f"{table}." if table else ""
    return ", ".join(f'{prefix}"{name}"' for name in names)


def stream(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()
) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, a batch at a time, on a cursor of their own."""
    reader: pa.RecordBatchReader = connection.cursor().sql(query, params=list(parameters)).to_arrow_reader(_BATCH)
    for batch in reader:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def records(found: duckdb.DuckDBPyRelation) -> list[dict[str, Any]]:
    """The rows of a short result, each by the names of its columns."""
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def chosen(connection: duckdb.DuckDBPyConnection, part: Path, table: str) -> Iterator[tuple[int, int]]:
    """Which rows of a part are of articles of a table ``table`` (article_id, number): row, number; by row."""
    query = f"""
        select file_row_number, number from read_parquet('{quoted(part)}', file_row_number = true)
        join {table} using (article_id) order by file_row_number
    """
    return stream(connection, query)


def quoted(path: Path) -> str:
    """A path as it stands between quotes in a query."""
    return str(path).replace("'", "''")


def batches(part: Path, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Columns of a part, one of them ``text``; a bounded amount of text at a time."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(part) as file:
        for batch in file.iter_batches(_TEXTS, columns=list(names), use_threads=False):
            yield from _halved(batch)


def _halved(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    if batch.num_rows <= 1 or batch["text"].nbytes <= _TEXT_BYTES:
        yield batch
        return
    middle = batch.num_rows // 2
    yield from _halved(batch.slice(0, middle))
    yield from _halved(batch.slice(middle))


def number_rows(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], name: str) -> None:
    """A view over Parquet files with a column ``nth``: the number of the row, counted through all files."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    paths = [str(file) for file in files]
    rows = [pq.read_metadata(file).num_rows for file in files]
    before = [sum_ - own for sum_, own in zip(accumulate(rows), rows, strict=True)]
    connection.from_arrow(pa.table({"filename": paths, "before": before})).create(f"{name}_files")
    listed = ", ".join(f"'{quoted(file)}'" for file in files)
    connection.execute(
        f"""
        create view {name} as
        select * exclude (filename, file_row_number, before), before + file_row_number as nth
        from read_parquet([{listed}], filename = true, file_row_number = true) join {name}_files using (filename)
        """
    )


def rows_at(files: Sequence[Path], names: Sequence[str], places: Iterable[int]) -> Iterator[tuple[Any, ...]]:
    """Some rows of parts, in their order; what is held in memory is a row group, about a million characters of text.

    Args:
        files: Parquet files.
        names: the columns wanted.
        places: numbers of rows, ascending; counted through all files.
    """
    import pyarrow.parquet as pq

    waiting = iter(places)
    place = next(waiting, None)
    before = 0
    for path in files:
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                until = before + file.metadata.row_group(group).num_rows
                wanted = []
                while place is not None and place < until:
                    wanted.append(place - before)
                    place = next(waiting, None)
                if wanted:
                    rows = file.read_row_group(group, columns=list(names), use_threads=False).select(names)
                    yield from zip(*(column.to_pylist() for column in rows.take(wanted).columns), strict=True)
                before = until


def write_query(connection: duckdb.DuckDBPyConnection, query: str, row_type: type, path: Path) -> int:
    """Write the rows of a query to a Parquet file with the columns of a row class, and return their number.

    A row group is held in memory; the rows never become Python objects.
    """
    import pyarrow as pa

    written = 0
    reader: pa.RecordBatchReader = connection.cursor().sql(query).to_arrow_reader(_BATCH)
    with open_parquet(path, wanted := schema(row_type)) as writer:
        pending = reader.schema.empty_table()
        for batch in reader:
            pending = pa.concat_tables([pending, pa.Table.from_batches([batch])])
            # row groups are cut where `pipeline.rows` cuts them, so that the bytes do not depend on batches
            while pending.num_rows >= ROW_GROUP:
                writer.write_table(pending.slice(0, ROW_GROUP).cast(wanted), row_group_size=ROW_GROUP)
                pending = pending.slice(ROW_GROUP)
            written += batch.num_rows
        if pending.num_rows:
            writer.write_table(pending.cast(wanted), row_group_size=ROW_GROUP)
    return written


def look_up(
    connection: duckdb.DuckDBPyConnection, name: str, query: str, function: Callable[[Any], Any], kind: str
) -> None:
    """A table ``name`` with the columns ``key`` and ``value``: what a function says of each result of a query.

    So a rule is written once, in Python, and is asked once for each different value.

    Args:
        connection: the connection.
        name: of the new table.
        query: gives one column.
        function: from a cell that is not empty to its value.
        kind: the SQL type of the values.
    """
    import pyarrow as pa

    reader: pa.RecordBatchReader = connection.cursor().sql(f"select distinct * from ({query})").to_arrow_reader(_BATCH)
    connection.execute(f'create table "{name}" as select *, null::{kind} as value from ({query}) t(key) limit 0')
    for batch in reader:
        keys = batch.column(0).drop_null()
        values = pa.array([function(key) for key in keys.to_pylist()])
        connection.from_arrow(pa.table({"key": keys, "value": values})).insert_into(name)
