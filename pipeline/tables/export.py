"""Tables in the forms that people work with: CSV, Excel, Stata, DuckDB.

A text that begins with ``= + - @`` (or a tab or line break before one) would be run as a formula by a spreadsheet
program. In CSV it gets an apostrophe in front, in Excel it is written as a text cell.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.rows import replacing

if TYPE_CHECKING:
    import sqlite3

    import pyarrow as pa
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

__all__ = ["Sheet", "neutral", "write_csv", "write_database", "write_sqlite", "write_stata", "write_xlsx"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_AT_FORMULA = r"^([=+\-@\t\r\n])"
#: between the members of a list in one cell
_BETWEEN = "; "
#: what a row and a cell of an Excel sheet can hold
_XLSX_ROWS = 1_048_576
_XLSX_CELL = 32_767
#: characters of a name in Stata
_STATA_NAME = 32
#: fixed, so that the same table gives the same file
_XLSX_CREATED = datetime(2020, 1, 1)


def neutral(text: str) -> str:
    """A text that no spreadsheet program takes for a formula.

    >>> neutral("=1+1"), neutral("查找问题")
    ("'=1+1", '查找问题')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def write_csv(source: Path, path: Path, bom: bool = False, headers: Mapping[str, str] | None = None) -> None:
    """Write a Parquet table as CSV, in UTF-8.

    Numbers are written in full, whole ones without ``.0``, lists as text.

    Args:
        source: the Parquet file.
        path: the file to write.
        bom: begin with a byte order mark, by which Excel knows UTF-8.
        headers: column -> header in Chinese, for a second header row.
    """
    import pyarrow.parquet as pq

    encoding = "utf-8-sig" if bom else "utf-8"
    with (
        pq.ParquetFile(source) as table,
        replacing(path) as temporary,
        temporary.open("w", encoding=encoding, newline="") as file,
    ):
        names = table.schema_arrow.names
        writer = csv.writer(file)  # lines end as RFC 4180 and Excel have it
        writer.writerow(map(neutral, names))
        if headers:
            writer.writerow(neutral(headers.get(name, name)) for name in names)
        for batch in table.iter_batches(8_192):
            writer.writerows(zip(*(_as_text(column).to_pylist() for column in batch.columns), strict=True))


def _as_text(column: pa.Array) -> pa.Array:
    """The cells of a column as CSV has them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_floating(column.type):
        # whole numbers of any size without exponent
        whole = pc.and_(pc.equal(column, pc.trunc(column)), pc.less(pc.abs(column), 2.0**53))
        integers = pc.if_else(whole, column, None).cast(pa.int64())
        return pc.coalesce(integers.cast(pa.string()), column.cast(pa.string()))
    if pa.types.is_list(column.type):
        column = pc.binary_join(column, _BETWEEN)
    elif not pa.types.is_string(column.type):
        return column.cast(pa.string())
    return pc.replace_substring_regex(column, _AT_FORMULA, r"'\1")


class Sheet:
    """A sheet of an Excel file: a table, and the second header row over it.

    Args:
        name: the name on its tab.
        table: the rows.
        headers: column -> header in Chinese; none for a table without the second header row.
    """

    def __init__(self, name: str, table: pa.Table, headers: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.table = table
        self.headers = headers


def write_xlsx(sheets: Sequence[Sheet], path: Path) -> None:
    """Write tables as the sheets of an Excel file with frozen headers, filters and number formats.

    Raises:
        ValueError: a table has more rows than a sheet can hold.
    """
    from xlsxwriter import Workbook

    for sheet in sheets:
        if sheet.table.num_rows + 2 > _XLSX_ROWS:
            raise ValueError(f"sheet {sheet.name} has {sheet.table.num_rows} rows, Excel takes {_XLSX_ROWS}; use csv")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with replacing(path) as temporary:
        book = Workbook(str(temporary), options)
        book.set_properties({"created": _XLSX_CREATED})
        formats = _Formats(
            header=book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            whole=book.add_format({"num_format": "#,##0"}),
            decimal=book.add_format({"num_format": "#,##0.##"}),
            day=book.add_format({"num_format": "yyyy-mm-dd"}),
        )
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.name), sheet, formats)
        book.close()


class _Formats(NamedTuple):
    header: Format
    whole: Format
    decimal: Format
    day: Format


def _write_sheet(page: Worksheet, sheet: Sheet, formats: _Formats) -> None:
    import numpy as np

    names = sheet.table.column_names
    rows_of_header = 1
    page.write_row(0, 0, names, formats.header)
    if sheet.headers:
        page.write_row(1, 0, [sheet.headers.get(name, name) for name in names], formats.header)
        rows_of_header = 2
    for place, (name, column) in enumerate(zip(names, sheet.table.columns, strict=True)):
        filled = np.flatnonzero(column.is_valid().to_numpy())
        cells = column.drop_null().to_pylist()
        page.set_column(place, place, _width(name, cells))
        _write_column(formats, page, place, (filled + rows_of_header).tolist(), cells)
    page.freeze_panes(rows_of_header, 2 if len(names) > 2 else 0)
    if names:
        page.autofilter(rows_of_header - 1, 0, rows_of_header - 1 + max(sheet.table.num_rows, 1), len(names) - 1)


def _write_column(formats: _Formats, page: Worksheet, place: int, rows: Sequence[int], cells: Sequence[Any]) -> None:
    """Write the cells of a column that are not empty."""
    whole = all(cell.is_integer() for cell in cells if isinstance(cell, float))
    number = formats.whole if whole else formats.decimal
    for row, cell in zip(rows, cells, strict=True):
        if isinstance(cell, bool):
            page.write_boolean(row, place, cell)
        elif isinstance(cell, (int, float)):
            page.write_number(row, place, cell, number)
        elif isinstance(cell, date):
            page.write_datetime(row, place, cell, formats.day)
        else:
            text = _BETWEEN.join(cell) if isinstance(cell, list) else cell
            page.write_string(row, place, text[:_XLSX_CELL])


def _width(name: str, cells: Sequence[Any]) -> int:
    """Wide enough for most of the first cells; a Chinese character takes two places."""
    texts = [name, *(str(cell)[:40] for cell in cells[:50])]
    return min(max(len(text) + sum(map("⺀".__lt__, text)) for text in texts) + 2, 40)


def write_stata(source: Path, path: Path, labels: Mapping[str, str]) -> None:
    """Write a Parquet table as a Stata file (version 14 or newer), with labels of variables and of values.

    Args:
        source: the Parquet file.
        path: the file to write.
        labels: column -> variable label.
    """
    import pandas as pd
    import pyarrow.parquet as pq

    table = pq.read_table(source)
    names = _stata_names(table.column_names)
    columns = {names[name]: _stata_column(table[name]) for name in table.column_names}
    frame = pd.DataFrame(columns, copy=False)
    dates: Any = {name: "td" for name, column in frame.items() if str(column.dtype).startswith("datetime")}
    with replacing(path) as temporary, temporary.open("wb") as file:
        frame.to_stata(
            file,
            convert_dates=dates,
            write_index=False,
            version=118,
            time_stamp=_XLSX_CREATED,
            variable_labels={names[c]: labels[c][:80] for c in names if c in labels},
            convert_strl=[names[c] for c in table.column_names if _is_long(table[c])],
        )


def _stata_names(columns: Iterable[str]) -> dict[str, str]:
    """For each column a name of its own that Stata takes: letters, digits and underscores, 32 characters.

    >>> list(_stata_names(["a b", "a_b", "x" * 40]).values())
    ['a_b', 'a_b_2', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx']
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for column in columns:
        clean = "".join(char if char.isalnum() or char == "_" else "_" for char in column)[:_STATA_NAME]
        name, number = clean, 1
        while name in taken:
            number += 1
            name = f"{clean[: _STATA_NAME - len(str(number)) - 1]}_{number}"
        taken.add(name)
        names[column] = name
    return names


#: bytes of a text that Stata keeps in the row; longer ones lie apart
_STATA_TEXT = 2045
#: different texts of a column up to which each gets a number and a label, and the characters of a label
_STATA_LABELS = 60
_STATA_LABEL = 80


def _stata_column(column: pa.ChunkedArray) -> Any:
    """A column with a type that pandas writes for Stata; texts with few values as a category."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_date(column.type):
        return pd.to_datetime(column.to_pandas())
    if pa.types.is_boolean(column.type):
        return column.cast(pa.int8()).to_numpy()
    if not _is_text(column):
        return column.to_numpy()
    texts = _stata_texts(column)
    values = pc.unique(texts)
    few = 1 < len(values) <= _STATA_LABELS and pc.max(pc.utf8_length(values)).as_py() <= _STATA_LABEL
    # a label for each value only where there are few, as for kinds and verdicts
    if few:
        return pd.Categorical(texts.to_pylist())
    return pd.Series(texts.to_numpy(zero_copy_only=False), dtype=object)


def _is_text(column: pa.ChunkedArray) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(column.type) or pa.types.is_list(column.type) or pa.types.is_null(column.type))


def _stata_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    joined = pc.binary_join(column, _BETWEEN) if pa.types.is_list(column.type) else column.cast(pa.string())
    return pc.fill_null(joined, "")


def _is_long(column: pa.ChunkedArray) -> bool:
    import pyarrow.compute as pc

    return _is_text(column) and (pc.max(pc.binary_length(_stata_texts(column))).as_py() or 0) > _STATA_TEXT


#: columns of articles that would make a file many times larger; the run itself has them
_TEXTS = ("raw_text", "text", "repairs")

#: views for questions that are often asked; the same in DuckDB and SQLite
_VIEWS = {
    "current_facts": "select * from metrics_long where is_current",
    "leading_facts": "select * from metrics_long where is_current and is_main",
    "doubtful_facts": "select * from metrics_long where n_conflicts > 0 or n_contradictions > 0",
    "series": "select * from metrics_long where running order by fact_id, as_of",
    "sources": """
        select l.region, l.region_name, l.campaign, l.metric, l.value, l.unit, l.as_of, f.figure_id, f.quote,
            f.sentence, f."start", f."end", a.article_id, a.title, a.outlet, a.published, a.url, a.source_path
        from metrics_long l
        join fact_figures k on k.fact_id = l.fact_id and k.as_of is not distinct from l.as_of
        join figures f on f.figure_id = k.figure_id
        join articles a on a.article_id = f.article_id
    """,
}


def write_database(tables: Mapping[str, Path], path: Path, details: Mapping[str, Sequence[Path]] | None = None) -> None:
    """Write Parquet tables as the tables of a DuckDB file, with views.

    Args:
        tables: name -> Parquet file.
        path: the file to write; replaced if it is there.
        details: ``figures`` and ``articles`` -> their parts; with them come the table ``fact_figures``, which says what
            figures are behind a fact, and the views. The texts of articles stay out.
    """
    import duckdb

    with replacing(path) as temporary, duckdb.connect(str(temporary), config={"memory_limit": "350MB"}) as connection:
        for name, source in tables.items():
            connection.read_parquet(str(source)).create(name)
        for name, files in (details or {}).items():
            kept = ", ".join(f'"{column}"' for column in _columns(files) if column not in _TEXTS)
            connection.read_parquet([str(file) for file in files]).project(kept).create(name)
        if details:
            connection.execute(_FACT_FIGURES)
            for name, query in _VIEWS.items():
                connection.execute(f"create view {name} as {query}")


#: which figures are behind a point of a fact
_FACT_FIGURES = """
    create table fact_figures as
    select fact_id, as_of, unnest(figure_ids) as figure_id from metrics_long order by fact_id, as_of, figure_id
"""


def _columns(files: Sequence[Path]) -> list[str]:
    import pyarrow.parquet as pq

    return list(pq.read_schema(files[0]).names) if files else []


def write_sqlite(tables: Mapping[str, Path], path: Path, details: Mapping[str, Sequence[Path]] | None = None) -> None:
    """Write Parquet tables as the tables of a SQLite file; arguments as for :func:`write_database`.

    Days are written as text (2020-09-30), truth values as 0 and 1, lists as text with ``;`` and a blank between.
    """
    import sqlite3
    from contextlib import closing

    with replacing(path) as temporary:
        temporary.unlink(missing_ok=True)
        with closing(sqlite3.connect(temporary)) as connection:
            for name, source in tables.items():
                _fill(connection, name, [source])
            for name, files in (details or {}).items():
                _fill(connection, name, files)
            if details:
                _fill_fact_figures(connection, tables["metrics_long"])
                for name, query in _VIEWS.items():
                    connection.execute(f"create view {name} as {query.replace('is not distinct from', 'is')}")
            connection.commit()


def _fill(connection: sqlite3.Connection, table: str, files: Sequence[Path]) -> None:
    names = [name for name in _columns(files) if name not in _TEXTS]
    if not names:
        return
    columns = ", ".join(f'"{name}"' for name in names)
    connection.execute(f'create table "{table}" ({columns})')
    query = f'insert into "{table}" values ({", ".join("?" * len(names))})'
    for file in files:
        for rows in _plain_rows(file, names):
            connection.executemany(query, rows)


def _plain_rows(file: Path, names: Sequence[str]) -> Iterator[Iterable[tuple[Any, ...]]]:
    """The rows of a Parquet file a batch at a time, with cells that SQLite knows."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as source:
        for batch in source.iter_batches(8_192, columns=list(names)):
            columns = []
            for column in (batch[name] for name in names):
                if pa.types.is_list(column.type):
                    column = pc.binary_join(column, _BETWEEN)
                elif pa.types.is_date(column.type):
                    column = column.cast(pa.string())
                columns.append(column.to_pylist())
            yield zip(*columns, strict=True)


def _fill_fact_figures(connection: sqlite3.Connection, long: Path) -> None:
    import pyarrow.parquet as pq

    connection.execute("create table fact_figures (fact_id, as_of, figure_id)")
    with pq.ParquetFile(long) as source:
        for batch in source.iter_batches(8_192, columns=["fact_id", "as_of", "figure_ids"]):
            rows = (
                (row["fact_id"], None if row["as_of"] is None else str(row["as_of"]), figure_id)
                for row in batch.to_pylist()
                for figure_id in row["figure_ids"]
            )
            connection.executemany("insert into fact_figures values (?, ?, ?)", rows)
    connection.execute("create index fact_figures_by_fact on fact_figures (fact_id)")
