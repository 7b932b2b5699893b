"""Files that hold one record a line, element or row: JSON lines, JSON, CSV and TSV, xlsx, parquet."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from pipeline.model import Article, Options
from pipeline.stages.read.encoding import CODECS, decode, decode_line, detect, is_binary, utf8_stream
from pipeline.stages.read.fields import Columns, article, columns_of, no_text_column, unfolded
from pipeline.stages.read.limits import UnusableError
from pipeline.stages.read.source import Items, Source
from pipeline.stages.read.streams import lines, seekable

__all__ = ["read_json", "read_jsonl", "read_parquet", "read_table", "read_xlsx"]

#: candidates for the mark between the cells of a table
_DELIMITERS = "\t,;|，"

_FILLED = re.compile(r"\S")

#: rows that a sheet can have
_LAST_ROW = 1 << 20

#: rows of a parquet file that are turned into Python at once
_BATCH = 64


# ---------------------------------------------------------------------------------------------- JSON lines


def read_jsonl(source: Source) -> Items:
    """Read one JSON object a line; the row is the number of the line. A line may have an encoding of its own."""
    import orjson

    stream, encoding = utf8_stream(source.stream)
    if source.first_row == 1 and stream.peek(1).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        # a list under the wrong suffix
        yield from read_json(source.unwrapped(stream))
        return
    if encoding.startswith("utf-16"):
        label, expected = encoding, None
    else:
        label, expected = "utf-8", encoding
    for row, line in enumerate(lines(stream, source.limits.record), source.first_row):
        if line is None:
            yield source.reject(_too_long(source.limits.record), row)
            continue
        if line.isspace():
            continue
        try:
            try:
                record, found = orjson.loads(line), label
            except orjson.JSONDecodeError:
                record, found = _loads_leniently(line, expected)
            yield _record(source, record, row, found)
        except UnusableError as error:
            yield source.reject(error, row)


def _loads_leniently(line: bytes, expected: str | None) -> tuple[Any, str]:
    """Parse a line that is not strict JSON in UTF-8."""
    text, encoding = decode(line, expected)
    try:
        return _json_of(text), encoding
    except (ValueError, RecursionError) as error:
        if is_binary(text):
            raise UnusableError("binary", "the line is no text") from None
        raise _invalid_json(error) from None


def _json_of(text: str) -> Any:
    """The value of a JSON text: quickly where it is strict JSON, otherwise with tabs in strings, NaN, long numbers."""
    import orjson

    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text, strict=False)


def _record(source: Source, record: Any, row: int | None, encoding: str) -> Article:
    if not isinstance(record, dict):
        raise UnusableError("not-a-record", f"a record must be an object {{…}}; this is {_kind(record)}")
    record = unfolded(record, source.options)
    return article(record, columns_of(record, source.options), source.place(row), encoding)


def _kind(value: object) -> str:
    return {list: "a list", str: "a string", type(None): "null", bool: "true or false"}.get(type(value), "a number")


def _too_long(limit: int) -> UnusableError:
    return UnusableError("too-large", f"the record is longer than {limit:,} bytes; split it")


def _invalid_json(error: Exception) -> UnusableError:
    if isinstance(error, RecursionError):
        return UnusableError("invalid-json", "nested too deeply")
    return UnusableError("invalid-json", f"no valid JSON: {str(error)[:200]}")


# ---------------------------------------------------------------------------------------------------- JSON


def read_json(source: Source) -> Items:
    """Read a list of records, an object that holds one, a single record, or several of these one after another.

    Lists are read element by element and may be of any length; an object must fit the limit of a record,
    or, where it holds a list, that of a file held in memory.
    """
    text = _JsonText(source)
    row = source.first_row
    while start := text.peek():
        if start == "[":
            found = text.elements()
        else:
            value = text.value(source.limits.held)
            if row == source.first_row and not text.peek() and _is_single(value, source.options):
                yield from _safely(source, value, None, text.encoding)
                return
            found = iter(_records_in(value, source.options))
        for record in found:
            yield from _safely(source, record, row, text.encoding)
            row += 1


def _safely(source: Source, record: Any, row: int | None, encoding: str) -> Items:
    try:
        yield _record(source, record, row, encoding)
    except UnusableError as error:
        yield source.reject(error, row)


def _is_single(value: Any, options: Options) -> bool:
    return _records_in(value, options) == [value]


def _records_in(value: Any, options: Options, depth: int = 3) -> list[Any]:
    """The records of a value: the one list of objects in it, or itself."""
    if not isinstance(value, dict) or not depth or columns_of(unfolded(value, options), options).has_text:
        return [value]
    lists = [inner for inner in value.values() if isinstance(inner, list) and any(isinstance(e, dict) for e in inner)]
    if len(lists) == 1:
        return lists[0]
    objects = [inner for inner in value.values() if isinstance(inner, dict)]
    deeper = [found for inner in objects if (found := _records_in(inner, options, depth - 1)) != [inner]]
    return deeper[0] if len(deeper) == 1 and not lists else [value]


class _JsonText:
    """The text of a JSON file, decoded and parsed piece by piece."""

    _CHUNK = 1 << 20

    def __init__(self, source: Source) -> None:
        self._stream = source.stream
        self._limit = source.limits.record
        self.encoding = detect(self._stream.peek(self._CHUNK))
        self._bytes = codecs.getincrementaldecoder(CODECS[self.encoding][-1])("replace")
        self._json = json.JSONDecoder(strict=False)
        self._text = ""
        self._at = 0
        self._broken: UnusableError | None = None
        self._more()
        self._text = self._text.removeprefix("\ufeff")

    def peek(self) -> str:
        """The next character that is no blank, '' at the end."""
        while True:
            if found := _FILLED.search(self._text, self._at):
                self._at = found.start()
                return found[0]
            self._at = len(self._text)
            if not self._more():
                return ""

    def elements(self) -> Iterator[Any]:
        """The elements of the list that begins here."""
        self._at += 1
        while mark := self.peek():
            if mark in ",]":
                self._at += 1
                if mark == "]":
                    return
            else:
                yield self.value(self._limit)
        raise UnusableError("truncated", "the list is not closed; the file may have been cut off")

    def value(self, limit: int) -> Any:
        """The value that begins here.

        Raises:
            UnusableError: it is no JSON, or has more than ``limit`` characters.
        """
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._at)
                if end - self._at > limit:
                    raise _too_long(limit)
                self._at = end
                return value
            except json.JSONDecodeError as error:
                if not self._may_continue(error):
                    raise _invalid_json(error) from None
                if len(self._text) - self._at > limit:
                    raise _too_long(limit) from None
                if not self._more():
                    raise UnusableError("truncated", f"the file ends inside a record ({error.msg})") from None
            except (ValueError, RecursionError) as error:
                raise _invalid_json(error) from None

    def _may_continue(self, error: json.JSONDecodeError) -> bool:
        """Whether the error may only be that the rest of the value has not been read yet."""
        return error.msg.startswith("Unterminated") or error.pos > len(self._text) - 16

    def _more(self) -> bool:
        """Read on, twice as much as there is, and forget what was parsed; False at the end.

        Raises:
            UnusableError: the file is broken here; what came before the break has been given.
        """
        rest = self._text[self._at :]
        parts = [rest, *self._read(max(self._CHUNK, len(rest)))]
        self._text, self._at = "".join(parts), 0
        if len(self._text) == len(rest) and self._broken:
            raise self._broken
        return len(self._text) > len(rest)

    def _read(self, wanted: int) -> Iterator[str]:
        if self._broken:
            return
        try:
            while wanted > 0 and (data := self._stream.read1(wanted)):
                wanted -= len(data)
                yield self._bytes.decode(data)
        except UnusableError as error:
            self._broken = error
        if wanted > 0:
            yield self._bytes.decode(b"", final=True)


# ------------------------------------------------------------------------------------------------- CSV, TSV


def read_table(source: Source) -> Items:
    """Read a CSV or TSV file; the delimiter is the one under which the header names most known columns."""
    stream, encoding = utf8_stream(source.stream)
    text = _DecodedLines(source, stream, encoding)
    header_line = next((line for line in text if not line.isspace()), None)
    if header_line is None:
        return
    if is_binary(header_line):
        raise UnusableError("binary", "the file is no text; is its suffix right?")
    csv.field_size_limit(source.limits.record)
    try:
        names, delimiter = _header(header_line, source.options)
    except csv.Error as error:
        raise UnusableError("bad-row", f"the header cannot be read: {error}") from None
    columns = columns_of(names, source.options)
    if not columns.has_text:
        raise no_text_column(names)
    yield from _rows(source, _cells(source, text, delimiter), names, columns, text)


class _DecodedLines:
    """The lines of a table as text. Goes on after an error, which an iterator made with ``yield`` cannot."""

    def __init__(self, source: Source, stream: io.BufferedReader, encoding: str) -> None:
        self._lines = lines(stream, source.limits.record)
        self._source = source
        self._expected = encoding
        self._utf16 = encoding if encoding.startswith("utf-16") else None
        #: encoding of the last line that was not plain ASCII
        self.encoding = encoding

    def __iter__(self) -> _DecodedLines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        if line is None:
            raise _too_long(self._source.limits.record)
        if self._utf16:
            return line.decode("utf-8").removeprefix("\ufeff")
        text, encoding = decode_line(line, self._expected)
        if not line.isascii():
            self.encoding = encoding
        return text


def _header(line: str, options: Options) -> tuple[list[str], str]:
    """The column names and the delimiter."""

    def split(delimiter: str) -> list[str]:
        return [name.strip() for name in next(csv.reader([line], delimiter=delimiter))]

    def known(delimiter: str) -> tuple[bool, int, int]:
        names = split(delimiter)
        columns = columns_of(names, options)
        return columns.has_text, sum(map(len, columns.fields.values())), len(names)

    best = max(_DELIMITERS, key=known)
    return split(best), best


def _cells(source: Source, text: _DecodedLines, delimiter: str) -> Iterator[list[str] | UnusableError]:
    """The rows of a table; an error in place of one that cannot be read."""
    reader = csv.reader(text, delimiter=delimiter)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield UnusableError("bad-row", f"{error}; is there a quotation mark without its other half?")
        except UnusableError as error:
            if error.reason != "too-large":
                raise
            yield error


def _rows(
    source: Source,
    cells: Iterator[list[str] | UnusableError],
    names: Sequence[str],
    columns: Columns,
    text: _DecodedLines,
) -> Items:
    row = source.first_row - 1
    for found in cells:
        if not found or (isinstance(found, list) and not any(found)):
            continue
        row += 1
        if isinstance(found, UnusableError):
            yield source.reject(found, row)
            continue
        try:
            yield article(_named(names, found), columns, source.place(row), text.encoding)
        except UnusableError as error:
            yield source.reject(error, row)


def _named(names: Sequence[str], cells: Sequence[Any]) -> Mapping[str, Any]:
    """The cells of a row by column name; the first of two columns of one name counts.

    Raises:
        UnusableError: there are more cells than columns, so that some text would be lost.
    """
    if any(cells[len(names) :]):
        raise UnusableError(
            "extra-cells",
            f"the row has {len(cells)} cells under {len(names)} columns; put text with delimiters in it in quotes",
        )
    return dict(reversed(list(zip(names, cells, strict=False))))


# ---------------------------------------------------------------------------------------------------- xlsx


def read_xlsx(source: Source) -> Items:
    """Read all sheets of a workbook that have a column of text; rows are numbered through."""
    from openpyxl import load_workbook

    stream = seekable(source.stream, source.limits.held)
    _check_workbook(source, stream)
    book = load_workbook(stream, read_only=True, data_only=True)
    row = source.first_row
    problems = []
    for sheet in book.worksheets:
        filled = (found for found in _sheet_rows(sheet) if any(cell is not None for cell in found))
        header = next(filled, None)
        if header is None:
            continue
        names = ["" if name is None else str(name).strip() for name in header]
        columns = columns_of(names, source.options)
        if not columns.has_text:
            problems.append(no_text_column(names))
            continue
        for found in filled:
            try:
                yield article(_named(names, found), columns, source.place(row), "utf-8")
            except UnusableError as error:
                yield source.reject(error, row)
            row += 1
    for problem in problems:
        yield source.reject(problem)


def _sheet_rows(sheet: Any) -> Iterator[list[Any]]:
    """The rows of a sheet, whatever size it declares: what lies outside of that would be lost.

    Raises:
        UnusableError: it has rows beyond the last that a workbook can have.
    """
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        if number > _LAST_ROW:
            raise UnusableError("unreadable", f"it goes on behind row {_LAST_ROW:,}; save it as .csv")
        yield list(cells)


def _check_workbook(source: Source, stream: io.BufferedReader) -> None:
    """Hold the declared sizes against the limits, for a workbook's strings are held in memory."""
    for member in zipfile.ZipFile(stream).infolist():
        source.meter.add(member.file_size)
        if member.filename.endswith("sharedStrings.xml") and member.file_size > source.limits.held:
            raise UnusableError("too-large", f"its strings take {member.file_size:,} bytes; save it as .csv")
    stream.seek(0)


# ------------------------------------------------------------------------------------------------- parquet


def read_parquet(source: Source) -> Items:
    """Read the row groups of a parquet file, a few rows at a time, and of these only the columns that are used."""
    import pyarrow.parquet as pq

    file = pq.ParquetFile(seekable(source.stream, source.limits.held), pre_buffer=False, buffer_size=1 << 20)
    names = file.schema_arrow.names
    columns = columns_of(names, source.options)
    if not columns.has_text:
        raise no_text_column(names)
    groups = list(source.parts if source.parts is not None else range(file.num_row_groups))
    wanted = list(chain.from_iterable(columns.fields.values()))
    batches = file.iter_batches(_BATCH, row_groups=groups, columns=wanted, use_threads=False)
    row = source.first_row
    for batch in batches:
        source.meter.add(batch.nbytes)
        for record in _parquet_records(batch):
            try:
                if isinstance(record, UnusableError):
                    raise record
                yield article(record, columns, source.place(row), "utf-8")
            except UnusableError as error:
                yield source.reject(error, row)
            row += 1


def _parquet_records(batch: Any) -> Iterator[dict[str, Any] | UnusableError]:
    """The rows of a batch; an error in place of one with a value that Python cannot hold (a year 300,000, no UTF-8)."""
    try:
        yield from batch.to_pylist()
        return
    except (ValueError, ArithmeticError):
        pass
    for number in range(batch.num_rows):
        try:
            yield from batch.slice(number, 1).to_pylist()
        except (ValueError, ArithmeticError) as error:
            yield UnusableError("bad-row", f"a value cannot be read ({str(error)[:200]})")
