"""CSV, Excel and Parquet that are unbalanced, wide, empty, foreign or cut."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from made_files import parquet, workbook

from hostile import Case, bad, good, mixed

T = "全市查找问题41个，整改30个。"
U = "全县立案5件，处分7人。"
WIDE = 1_000_000


def _csv(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def _made_book(change: Callable[[openpyxl.Workbook], object]) -> bytes:
    book = openpyxl.Workbook()
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _merged(book: openpyxl.Workbook) -> None:
    sheet = book.active
    for row in (["x", "text", "date"], ["1", T, date(2014, 3, 5)], ["2", U, None]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("B5:C9")


def _odd_cells(book: openpyxl.Workbook) -> None:
    sheet = book.active
    for row in (
        ["x", "date", "author", "text"],
        [1.0, datetime(2014, 3, 5, 9), time(9), T],
        [True, 1e300, Decimal("0.1"), U],
    ):
        sheet.append(row)


def _formulas(book: openpyxl.Workbook) -> None:
    sheet = book.active
    for row in (["text"], ['=HYPERLINK("http://x","y")'], [T], ["=1/0"], ["#DIV/0!"]):
        sheet.append(row)


def _changed(workbook: bytes, member: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one of its members changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == member else old.read(name))
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
BOOK = workbook([["x", "text"], ["1", T], ["2", U]])


def _dimension(ref: str) -> bytes:
    return _changed(
        BOOK, SHEET, lambda xml: re.sub(rb'<dimension ref="[^"]*"', f'<dimension ref="{ref}"'.encode(), xml)
    )


def _far_cell(ref: str, row: int) -> bytes:
    cell = f'<row r="{row}"><c r="{ref}" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'.encode()
    return _changed(BOOK, SHEET, lambda xml: xml.replace(b"</sheetData>", cell))


_ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'.encode() for n in range(9))
    + b"]>"
)


def _entity_bomb() -> bytes:
    return _changed(BOOK, SHEET, lambda xml: _ENTITIES + xml.replace(b"</sheetData>", b"<x>&j;</x></sheetData>"))


def _external_entity() -> bytes:
    head = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    return _changed(BOOK, SHEET, lambda xml: head + xml.replace(b"</sheetData>", b"<x>&f;</x></sheetData>"))


def _columns(**columns: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def _without_pages(data: bytes) -> bytes:
    """A Parquet file whose footer is whole and whose pages are not."""
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    return data[:4] + b"\xff" * (footer - 4) + data[footer:]


PARQUET = parquet([{"x": "1", "text": T}, {"x": "2", "text": U}])

CASES: dict[str, Case] = {
    # --- CSV: quotes
    "quote-open.csv": good(_csv("x,text", f'1,"{T}', f"2,{U}", ""), f"{T}\n2,{U}\n"),
    "quote-amid.csv": good(_csv("x,text", f'1,全"市"{T}', f'2,"{U}'[:-1], ""), f'全"市"{T}', U[:-1] + "\n"),
    "quote-behind.csv": good(_csv("x,text", f'1,"{T}"x', f"2,{U}"), f"{T}x", U),
    "quote-doubled.csv": good(_csv("x,text", f'1,""{T}""', f"2,{U}"), f'{T}""', U),
    "quotes-only.csv": good(_csv("text", '""""""', T), '""', T),
    "quote-over-lines.csv": mixed(
        lambda: _csv("text", T, '"' + "\n".join([" " * 99_999] * 168), U), [T, U], ("", 2, "bad-row")
    ),
    "quote-curly.csv": good(_csv("x,text", f"1,“{T}”", f"2,{U}"), f"“{T}”", U),
    "quote-17-mb.csv": mixed(
        # behind the limit of a record the rest is read on, line by line
        lambda: _csv("text", T, '"' + " " * (17 << 20), U),
        [T, U],
        ("", 2, "too-large"),
    ),
    # --- CSV: lines and cells
    "embedded-lines.csv": good(_csv("x,text", f'1,"{T}\n\n{U}"', f"2,{U}"), f"{T}\n\n{U}", U),
    "embedded-cr.csv": good(f'x,text\r\n1,"{T}\r\n{U}"\r\n'.encode(), f"{T}\r\n{U}"),
    "cr-lines.csv": mixed(f"x,text\r1,{T}\r".encode(), [], ("", None, "bad-row")),
    "blank-lines.csv": good(_csv("", "", "x,text", "", f"1,{T}", "", "", f"2,{U}"), T, U),
    "empty-cells.csv": mixed(_csv("x,text", "1,", ",", f"2,{T}"), [T], ("", 1, "empty")),
    "short-row.csv": mixed(_csv("x,text,title", "1", f"2,{T}"), [T], ("", 1, "empty")),
    "long-row.csv": mixed(_csv("x,text", f"1,{T},x", f"2,{U}"), [U], ("", 1, "extra-cells")),
    "long-empty-row.csv": good(_csv("x,text", f"1,{T},,,,"), T),
    "same-name-twice.csv": good(_csv("text,text", f"{T},{U}"), T),
    "spaces-in-header.csv": good(_csv(" Text ,\tx", f"{T},1"), T),
    "no-header.csv": bad(_csv(f"1,{T}", f"2,{U}"), "no-text-column"),
    "header-of-commas.csv": bad(_csv(",,,,", f"1,{T},,,"), "no-text-column"),
    "pipes.csv": good(_csv("x|text", f"1|{T}"), T),
    "delimiter-lies.tsv": good(_csv("x,text", f'1,"{T}"'), T),
    "chinese-comma.csv": good(_csv("项，正文", "1，全市查找问题41个"), "全市查找问题41个"),
    "nul.csv": good(_csv("x,text", f"1,{T}\0{U}"), f"{T}\0{U}"),
    "formula.csv": good(_csv("x,text,title", f"=1+1,=HYPERLINK(1),{T}"), "=HYPERLINK(1)"),
    "ids-clash.csv": mixed(_csv("id,text", f"clash,{T}", f"clash,{U}"), [T], ("", 2, "duplicate-id")),
    "markdown.csv": bad(_csv("| id | 文本文 |", "|---|---|", f"| 1 | {T} |"), "no-text-column"),
    # --- CSV: wide and long
    "million-columns.csv": good(lambda: _csv("text" + ",c" * WIDE, T + ",1" * WIDE), T),
    "million-columns-one-row-wider.csv": mixed(
        lambda: _csv("text,c", T + "," * WIDE + "x", U), [U], ("", 1, "extra-cells")
    ),
    "million-empty-rows.csv": good(lambda: _csv("x,text", *[","] * WIDE, f"1,{T}"), T),
    "header-17-mb.csv": bad(lambda: _csv("x" * (17 << 20), T), "too-large"),
    "cell-17-mb.csv": mixed(lambda: _csv("text", T, "x" * (17 << 20), U), [T, U], ("", 2, "too-large")),
    # --- xlsx
    "merged.xlsx": good(_made_book(_merged), T, U),
    "odd-cells.xlsx": good(_made_book(_odd_cells), T, U),
    "formulas.xlsx": mixed(_made_book(_formulas), [T, "#DIV/0!"]),
    "second-sheet.xlsx": mixed(workbook([["编号"], [1]], [["text"], [T]]), [T], ("", None, "no-text-column")),
    "empty-sheets.xlsx": good(workbook([], [["text"], [T]], []), T),
    "all-empty.xlsx": bad(workbook([], []), "empty"),
    "title-line-over-header.xlsx": bad(workbook([["通报汇总表"], ["x", "text"], ["1", T]]), "no-text-column"),
    "many-empty-rows.xlsx": good(workbook([["text"], *[[None]] * 5000, [T]]), T),
    "blank-text.xlsx": mixed(workbook([["x", "text"], ["1", None], ["2", T]]), [T], ("", 1, "empty")),
    "dimension-huge.xlsx": good(_dimension("A1:XFD1048576"), T, U),
    "dimension-one.xlsx": good(_dimension("A1"), T, U),
    "dimension-small.xlsx": good(_dimension("A1:B2"), T, U),
    "dimension-nonsense.xlsx": bad(_dimension("ZZZZ0:A-1"), "unreadable"),
    "cell-far-right.xlsx": mixed(_far_cell("XFD4", 4), [T, U], ("", 3, "extra-cells")),
    "cell-far-down.xlsx": mixed(_far_cell("A1048576", 1_048_576), [T, U], ("", 3, "empty")),
    "cell-beyond.xlsx": mixed(_far_cell("A99999999999", 99_999_999_999), [T, U], ("", 3, "unreadable")),
    "no-sheet.xlsx": bad(_changed(BOOK, SHEET, lambda xml: b""), "unreadable"),
    "cut-sheet.xlsx": bad(_changed(BOOK, SHEET, lambda xml: xml[: len(xml) // 2]), "unreadable"),
    "entity-bomb.xlsx": bad(_entity_bomb, "unreadable"),
    "external-entity.xlsx": bad(_external_entity, "unreadable"),
    "cut.xlsx": bad(BOOK[:-100], "unreadable"),
    "head-cut.xlsx": bad(BOOK[200:], "unreadable"),
    "csv-as.xlsx": bad(_csv("x,text", f"1,{T}"), "unreadable"),
    "old-format.xlsx": bad(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "unreadable"),
    "zip-as.xlsx": bad(lambda: _changed(BOOK, "[Content_Types].xml", lambda xml: b"<x/>"), "unreadable"),
    "page-as.xlsx": bad(f"<html><table><tr><td>{T}</td></tr></table></html>".encode(), "unreadable"),
    # --- parquet
    "cut.parquet": bad(PARQUET[:-20], "unreadable"),
    "head-only.parquet": bad(b"PAR1", "unreadable"),
    "footer-lies.parquet": bad(PARQUET[:-8] + b"\xff\xff\xff\x7fPAR1", "unreadable"),
    "page-damaged.parquet": bad(_without_pages(PARQUET), "unreadable"),
    "no-rows.parquet": bad(_columns(text=pa.array([], pa.string())), "empty"),
    "no-columns.parquet": bad(_columns(), "no-text-column"),
    "bytes.parquet": good(_columns(text=pa.array([T.encode(), U.encode("gb18030")], pa.binary())), T, U),
    "integers.parquet": good(_columns(text=[417]), "417"),
    "nulls.parquet": mixed(_columns(text=[None, T]), [T], ("", 1, "empty")),
    "null-type.parquet": bad(_columns(text=pa.nulls(1)), "empty", 1),
    "lists.parquet": good(_columns(text=[[T, U]]), f"{T}\n{U}"),
    "structs.parquet": bad(_columns(text=[{"a": T}]), "empty", 1),
    "maps.parquet": bad(_columns(text=pa.array([[("a", T)]], pa.map_(pa.string(), pa.string()))), "empty", 1),
    "dictionary.parquet": good(_columns(text=pa.array([T, T]).dictionary_encode()), T, T),
    "far-dates.parquet": mixed(
        _columns(text=[T, U, T], date=pa.array([2**62, 0, None], pa.timestamp("us"))), [U, T], ("", 1, "bad-row")
    ),
    "nanoseconds.parquet": good(_columns(text=[T], date=pa.array([1], pa.timestamp("ns"))), T),
    "decimals.parquet": good(_columns(text=[T], id=[Decimal("1.50")]), T),
    "no-utf8.parquet": mixed(
        _columns(text=pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\x04\0\0\0"), pa.py_buffer(b"ab\xff\xfe"))),
        [],
        ("", 1, "bad-row"),
    ),
    "nested-names.parquet": good(_columns(**{"a.b": [1], "text": [T], "x.text": [U]}), T),
    "column-named-twice.parquet": good(
        lambda: _write_table(pa.Table.from_arrays([pa.array([T]), pa.array([U])], names=["text", "text"])), U
    ),
    "thousand-columns.parquet": good(lambda: _columns(**{f"c{n}": [n] for n in range(3000)}, text=[T]), T),
    "many-rows-of-nothing.parquet": bad(
        lambda: _columns(text=pa.array([""] * 300).dictionary_encode()), "empty"
    )._replace(rejects=tuple(("", n, "empty") for n in range(1, 301))),
}


def _write_table(made: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(made, out)
    return out.getvalue()
