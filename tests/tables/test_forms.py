"""Tables for other programs, by residents, and through changes of division; footnotes."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipeline.tables.build import build
from pipeline.tables.cells import long_table
from pipeline.tables.citations import cite
from pipeline.tables.codebook import codebook
from pipeline.tables.denominators import Denominators, read_denominators
from pipeline.tables.divisions import carried
from pipeline.tables.forms import FORMS, export
from pipeline.tables.store import TablesError

from .made import Report, write_run

COUNTY = {"province": "重庆市", "prefecture": None, "campaign": "作风整顿"}


def reports() -> list[Report]:
    early = Report("early", "潼南县的报道", date(2013, 9, 2), "某报")
    early.figure(862.0, region="500223", region_name="潼南县", county="潼南县", **COUNTY)
    late = Report("late", "潼南区的报道", date(2014, 3, 2), "新华社")
    late.figure(945.0, region="500223", region_name="潼南县", county="潼南县", **COUNTY)
    last = Report("last", "潼南区改区以后的报道", date(2015, 2, 2), "新华社")
    last.figure(1001.0, region="500152", region_name="潼南区", county="潼南区", **COUNTY)
    last.figure(71.6, unit="%", kind="percent", region="500152", metric="rectification_rate", object="=问题")
    return [early, late, last]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = write_run(tmp_path / "run", reports())
    build(folder)
    return folder


@pytest.mark.parametrize("form", sorted(FORMS))
def test_each_form_has_every_fact_and_a_codebook(out: Path, tmp_path: Path, form: str) -> None:
    written = export(out, form, tmp_path / "forms")
    assert all(path.is_file() for path in written)
    assert any(path.stem == "codebook" for path in written)
    by_name = {path.name: path for path in written}
    if form == "csv-bom":
        assert by_name["metrics_long.csv"].read_bytes().startswith(b"\xef\xbb\xbf")
        values = set(pd.read_csv(by_name["metrics_long.csv"])["value"])
    elif form == "dta":
        values = set(pd.read_stata(by_name["metrics_long.dta"])["value"])
    elif form == "duckdb":
        with duckdb.connect(str(by_name["zhanbao.duckdb"]), read_only=True) as connection:
            values = {row[0] for row in connection.execute("select value from metrics_long").fetchall()}
    else:
        with closing(sqlite3.connect(by_name["zhanbao.sqlite"])) as connection:
            values = {row[0] for row in connection.execute("select value from metrics_long")}
    assert values == {862.0, 945.0, 1001.0, 71.6}


def test_csv_for_excel_has_chinese_headers_as_second_row(out: Path, tmp_path: Path) -> None:
    export(out, "csv-bom", tmp_path)
    with (tmp_path / "metrics_by_region.csv").open(encoding="utf-8-sig", newline="") as file:
        names, headers, *rows = csv.reader(file)
    assert names[:2] == ["region", "region_name"]
    assert headers[:2] == ["地区代码", "地区"]
    assert "查找问题" in headers
    assert len(rows) == 2


VIEWS = ["current_facts", "leading_facts", "doubtful_facts", "series", "sources"]


def test_views_lead_from_facts_to_sentences(out: Path, tmp_path: Path) -> None:
    export(out, "duckdb", tmp_path)
    export(out, "sqlite", tmp_path)
    query = "select value, article_id, figure_id from sources order by figure_id"
    with duckdb.connect(str(tmp_path / "zhanbao.duckdb"), read_only=True) as connection:
        counts = [connection.execute(f"select count(*) from {view}").fetchall()[0][0] for view in VIEWS]
        sources = connection.execute(query).fetchall()
        columns = {row[0] for row in connection.execute("describe articles").fetchall()}
    with closing(sqlite3.connect(tmp_path / "zhanbao.sqlite")) as connection:
        assert [connection.execute(f"select count(*) from {view}").fetchone()[0] for view in VIEWS] == counts
        assert connection.execute(query).fetchall() == sources
    assert counts == [3, 3, 0, 4, 4]
    assert sources[0] == (862.0, "early", "early:10")
    assert columns.isdisjoint({"raw_text", "text"})


def test_a_county_that_became_a_district_is_one_series_on_request(out: Path, tmp_path: Path) -> None:
    assert len(set(long_table(out, metric="issues_found")["fact_id"].to_pylist())) == 2
    before = {path.name: path.read_bytes() for path in (out / "tables").iterdir()}
    export(out, "sqlite", tmp_path, divisions=2020)
    with closing(sqlite3.connect(tmp_path / "zhanbao.sqlite")) as connection:
        query = "select fact_id, region, region_name, value, is_current from metrics_long where metric = 'issues_found'"
        rows = connection.execute(f"{query} order by as_of").fetchall()
    assert len({row[0] for row in rows}) == 1
    assert [row[1:] for row in rows] == [
        ("500152", "潼南区", 862.0, 0),
        ("500152", "潼南区", 945.0, 0),
        ("500152", "潼南区", 1001.0, 1),
    ]
    assert {path.name: path.read_bytes() for path in (out / "tables").iterdir()} == before


@pytest.mark.parametrize(
    ("code", "since", "year", "expected"),
    [
        ("500223", 2013, 2020, "500152"),
        ("500152", 2020, 2013, "500223"),
        ("220800", 2013, 2020, "220800"),
        ("100000", None, 2020, "100000"),
    ],
)
def test_codes_of_other_years(code: str, since: int | None, year: int, expected: str) -> None:
    region = carried(code, since, year)
    assert region is not None and region.code == expected


def test_an_unknown_code_is_left_alone() -> None:
    assert carried("999999", 2013, 2020) is None


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "residents.csv"
    path.write_text(text, encoding="utf-8-sig")
    return path


def test_values_by_residents_and_by_cadres(out: Path, tmp_path: Path) -> None:
    file = written(tmp_path, 'region,year,residents,cadres/1\n500223,2010,"640,000",\n500223,2020,900000,1000\n')
    export(out, "csv-bom", tmp_path, denominators=file)
    rows = {row["value"]: row for row in pd.read_csv(tmp_path / "metrics_long.csv").to_dict("records")}
    assert rows[862.0]["per_10000_residents"] == pytest.approx(862 / 64, abs=1e-6)
    assert pd.isna(rows[862.0]["per_cadres"])
    assert pd.isna(rows[71.6]["per_10000_residents"])


def test_denominators_are_read_with_their_scale(tmp_path: Path) -> None:
    file = written(tmp_path, "adcode,residents,cadres/1\n500152,5,\n")
    assert read_denominators(file) == Denominators(
        {"per_10000_residents": 10_000, "per_cadres": 1}, [("500152", None, [5.0, None])]
    )


def test_denominators_as_excel_in_china_writes_them(tmp_path: Path) -> None:
    file = tmp_path / "residents.csv"
    file.write_bytes("region,name,常住人口\r\n500152,潼南区,5\r\n".encode("gbk"))
    assert read_denominators(file) == Denominators({"per_10000_常住人口": 10_000}, [("500152", None, [5.0])])


def test_a_workbook_is_no_csv(tmp_path: Path) -> None:
    file = tmp_path / "residents.xlsx"
    file.write_bytes(b"PK\x03\x04\x14\x00\xbb\xff")
    with pytest.raises(TablesError, match="no CSV file"):
        read_denominators(file)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("place,residents\n500152,5\n", "needs a column region"),
        ("region\n500152\n", "needs a column region .* to divide by"),
        ("region,residents\n50015,5\n", ":2: region is '50015'"),
        ("region,residents\n500152,many\n", ":2: residents is 'many'"),
        ("region,residents\n500152,0\n", ":2: residents is '0'"),
        ("region,year,residents\n500152,last,5\n", ":2: year is 'last'"),
    ],
)
def test_files_that_cannot_be_divided_by(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(TablesError, match=message):
        read_denominators(written(tmp_path, text))


def test_a_run_without_tables_cannot_be_exported(tmp_path: Path) -> None:
    with pytest.raises(TablesError, match="no tables"):
        export(tmp_path, "dta")


def test_a_footnote_names_value_support_and_source(out: Path) -> None:
    text = cite(out, "500152", "查找问题", accessed=date(2024, 5, 1))
    assert text.startswith("潼南区查找问题：1,001个（作风整顿，据2015-02-02报道）。1篇独立报道。来源：")
    assert "[1] 新华社. last[Z]. (2015-02-02)[2024-05-01]. last.txt. 字符 10–14" in text


def test_sources_as_bibtex(out: Path) -> None:
    assert "title = {last}" in cite(out, "潼南区", "issues_found", as_bibtex=True)


def test_an_empty_cell_has_no_footnote(out: Path) -> None:
    with pytest.raises(TablesError, match="500101 issues_found is empty"):
        cite(out, "500101", "issues_found")


def test_the_codebook_names_codes_and_versions() -> None:
    known = {(row["table"], row["name"]) for row in codebook({"issues_found": "查找问题"}).to_pylist()}
    assert {
        ("bound", "over"),
        ("verdict", "holds"),
        ("metrics_by_region", "issues_found"),
        ("versions", "gazetteer_year"),
    } <= known
