"""All tables of a run: what they hold, their forms, and that they are the same each time."""

from __future__ import annotations

import csv
import random
from datetime import date
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.rows import schema, write_table
from pipeline.tables.build import build
from pipeline.tables.cells import cell, long_table
from pipeline.tables.codebook import TABLES, codebook, labels
from pipeline.tables.export import Sheet, write_csv, write_database, write_stata, write_xlsx
from pipeline.tables.records import CheckRow, ConflictRow, MetricRow, ReprintRow

from .made import Report, write_run
from .test_wording import REPORT

CONTRACT = [
    "region",
    "region_name",
    "province",
    "prefecture",
    "county",
    "level",
    "campaign",
    "metric",
    "metric_label",
    "unit",
    "kind",
    "period_start",
    "period_end",
    "value",
    "bound",
    "n_reports",
    "n_conflicts",
    "first_published",
    "last_published",
    "figure_ids",
]


def reports() -> list[Report]:
    main = Report("main", REPORT, date(2018, 8, 20), "某市日报")
    found = main.figure(4179.0, campaign="作风整顿")
    main.figure(71.6, unit="%", kind="percent", metric="rectification_rate", action="整改", part_of=found)
    main.figure(5000.0, role="target")
    main.figure(632.0, unit="名", kind="people", role="actor", metric="")
    main.figure(37.0, role="context", metric="")
    main.figure(4179.0, campaign="作风整顿")
    reprint = Report("reprint", "转载 " + REPORT, date(2018, 8, 22), "某网")
    reprint.figure(4179.0, campaign="作风整顿")
    county = Report("county", "县里的报道", date(2018, 9, 1))
    place = {"region": "220821", "region_name": "镇赉县", "county": "镇赉县"}
    county.figure(300.0, **place, actor="领导班子")
    county.figure(120.0, **place, actor="班子成员")
    county.figure(25.0, **place, unit="人", kind="people", metric="persons_disciplined", object="=HYPERLINK(1)")
    other = Report("other", "另一篇报道", date(2018, 9, 3))
    other.figure(300.0, **place, actor="领导班子")
    nowhere = Report("nowhere", "没有地名的报道", date(2018, 9, 4))
    nowhere.figure(9.0, region=None, region_name=None, province=None, prefecture=None)
    return [main, reprint, county, other, nowhere]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_run(tmp_path_factory.mktemp("run"), reports())
    build(folder)
    return folder


def long_rows(out: Path) -> list[MetricRow]:
    return [MetricRow(**row) for row in pq.read_table(out / "tables" / "metrics_long.parquet").to_pylist()]


def test_metrics_long_begins_with_the_columns_of_the_contract(out: Path) -> None:
    assert pq.read_schema(out / "tables" / "metrics_long.parquet").names[: len(CONTRACT)] == CONTRACT


@pytest.mark.parametrize(
    ("name", "row_type"),
    [("metrics_long", MetricRow), ("conflicts", ConflictRow), ("checks", CheckRow), ("reprints", ReprintRow)],
)
def test_tables_have_the_schema_of_their_rows(out: Path, name: str, row_type: type) -> None:
    assert pq.read_schema(out / "tables" / f"{name}.parquet").equals(schema(row_type))


def test_targets_actors_and_context_do_not_enter(out: Path) -> None:
    values = {row.value for row in long_rows(out)}
    assert values.isdisjoint({5000.0, 632.0, 37.0})


def test_a_reprint_and_a_repetition_do_not_count_twice(out: Path) -> None:
    (row,) = [row for row in long_rows(out) if row.value == 4179.0]
    assert (row.n_reports, row.figure_ids) == (1, ["main:10", "main:60"])


def test_independent_reports_count(out: Path) -> None:
    (row,) = [row for row in long_rows(out) if row.value == 300.0]
    assert (row.n_reports, row.n_conflicts) == (2, 0)
    assert (row.first_published, row.last_published) == (date(2018, 9, 1), date(2018, 9, 3))


def test_each_cell_of_the_contract_has_one_leading_fact(out: Path) -> None:
    cells: dict[tuple[object, ...], int] = {}
    for row in long_rows(out):
        key = (row.region, row.campaign, row.metric, row.unit, row.period_start, row.period_end)
        cells[key] = cells.get(key, 0) + row.is_main
    assert set(cells.values()) == {1}


def test_every_value_can_be_traced(out: Path) -> None:
    known = {row["figure_id"]: row for row in pq.read_table(out / "figures").to_pylist()}
    for row in long_rows(out):
        assert row.figure_ids
        assert all(known[figure]["value"] == row.value for figure in row.figure_ids)


def test_a_figure_without_region_stays_in_the_long_table_only(out: Path) -> None:
    assert [row.value for row in long_rows(out) if row.region is None] == [9.0]
    assert None not in pq.read_table(out / "tables" / "metrics_by_region.parquet")["region"].to_pylist()


def test_one_row_for_each_region_and_no_sums(out: Path) -> None:
    wide = {row["region"]: row for row in pq.read_table(out / "tables" / "metrics_by_region.parquet").to_pylist()}
    assert sorted(wide) == ["220800", "220821"]
    assert wide["220800"]["issues_found"] == 4179.0
    assert wide["220800"]["rectification_rate_percent"] == 71.6
    assert wide["220821"]["issues_found"] == 300.0
    assert wide["220821"]["issues_found_all"] == "300 领导班子 问题; 120 班子成员 问题"
    assert wide["220821"]["persons_disciplined_people"] == 25.0


def test_rows_by_region_and_campaign(out: Path) -> None:
    rows = pq.read_table(out / "tables" / "metrics_by_region_campaign.parquet").to_pylist()
    assert [(row["region"], row["campaign"]) for row in rows] == [
        ("220800", "作风整顿"),
        ("220800", None),
        ("220821", None),
    ]


def test_duplicate_of_is_filled_in(out: Path) -> None:
    marks = {row["article_id"]: row["duplicate_of"] for row in pq.read_table(out / "articles").to_pylist()}
    assert marks == {"main": None, "reprint": "main", "county": None, "other": None, "nowhere": None}


def test_a_contradiction_lowers_the_confidence(tmp_path: Path) -> None:
    report = Report("a", published=date(2020, 1, 1))
    whole = report.figure(10.0)
    report.figure(12.0, part_of=whole, object="其他问题", sentence="其中".ljust(100, "文"))
    report.figure(30.0, metric="meetings_held", unit="场")
    summary = build(write_run(tmp_path, [report]))
    assert summary.checks == {"contradicts": 1}
    found = {row.value: (row.confidence, row.n_contradictions) for row in long_rows(tmp_path)}
    assert found == {10.0: (0.45, 1), 12.0: (0.45, 1), 30.0: (0.9, 0)}


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    def files(folder: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted((folder / "tables").iterdir())}

    one = write_run(tmp_path / "one", reports())
    build(one)
    first = files(one)
    build(one)
    assert files(one) == first
    mixed = reports()
    random.Random(5).shuffle(mixed)
    two = write_run(tmp_path / "two", mixed, parts=3)
    build(two)
    assert files(two) == first


def test_a_run_without_figures_has_empty_tables(tmp_path: Path) -> None:
    summary = build(write_run(tmp_path, [Report("a", "没有数字。")]))
    assert (summary.rows, summary.regions, summary.checks) == (0, 0, {})
    assert pq.read_table(tmp_path / "tables" / "metrics_long.parquet").num_rows == 0


def test_nothing_at_all_is_no_error(tmp_path: Path) -> None:
    assert build(tmp_path).rows == 0


def test_csv_holds_every_row_and_no_formula(out: Path) -> None:
    with (out / "tables" / "metrics_long.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(long_rows(out))
    assert "'=HYPERLINK(1)" in {row["object"] for row in rows}
    assert {row["value"] for row in rows} >= {"4179", "71.6"}
    assert not (out / "tables" / "metrics_long.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("text", ["=1+1", "+86", "-5", "@x", "\t=1", "\r=1"])
def test_csv_neutralises_formulas(tmp_path: Path, text: str) -> None:
    write_table(pa.table({"t": [text, "文"], "n": [-5.0, 2.5]}), tmp_path / "t.parquet")
    write_csv(tmp_path / "t.parquet", tmp_path / "t.csv", bom=True)
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["t", "n"], [f"'{text}", "-5"], ["文", "2.5"]]
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_workbook(out: Path) -> None:
    book = openpyxl.load_workbook(out / "tables" / "metrics_by_region.xlsx")
    page = book["by region"]
    names, headers, *rows = page.iter_rows(values_only=True)
    assert names[0] == "region"
    assert headers[0] == "地区代码"
    assert "查找问题" in headers
    assert page.freeze_panes == "C3"
    assert page.auto_filter.ref is not None
    assert 4179 in rows[0]
    assert book.sheetnames == ["by region", "by region and campaign", "codebook"]


def test_a_workbook_takes_formulas_for_text(tmp_path: Path) -> None:
    write_xlsx([Sheet("s", pa.table({"t": ["=1+1", "http://x"], "d": [date(2020, 1, 2), None]}))], tmp_path / "t.xlsx")
    page = openpyxl.load_workbook(tmp_path / "t.xlsx")["s"]
    assert (page["A2"].value, page["A2"].data_type) == ("=1+1", "s")
    assert page["A3"].hyperlink is None


def test_stata(out: Path, tmp_path: Path) -> None:
    import pandas as pd

    write_stata(out / "tables" / "metrics_long.parquet", tmp_path / "m.dta", labels("metrics_long"))
    frame = pd.read_stata(tmp_path / "m.dta")
    assert len(frame) == len(long_rows(out))
    assert set(frame["value"]) == {row.value for row in long_rows(out)}
    with pd.io.stata.StataReader(tmp_path / "m.dta") as reader:
        assert reader.variable_labels()["region_name"] == "地区"


def test_database(out: Path, tmp_path: Path) -> None:
    tables = {name: out / "tables" / f"{name}.parquet" for name in ("metrics_long", "checks")}
    write_database(tables, tmp_path / "run.duckdb")
    with duckdb.connect(str(tmp_path / "run.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) from metrics_long").fetchall() == [(len(long_rows(out)),)]


def test_the_codebook_knows_every_column_and_metric() -> None:
    table = codebook().to_pylist()
    known = {(row["table"], row["name"]) for row in table}
    assert {(name, column) for name, row_type in TABLES.items() for column in schema(row_type).names} <= known
    assert ("metrics", "issues_found") in known
    assert all(row["meaning"] for row in table)


def test_a_cell_leads_to_its_sentences(out: Path) -> None:
    (fact,) = cell(out, "220800", "issues_found")
    assert fact.row.value == 4179.0
    assert [(s.article_id, s.start, s.outlet, s.reprints) for s in fact.sources] == [
        ("main", 10, "某市日报", ("reprint",)),
        ("main", 60, "某市日报", ("reprint",)),
    ]


def test_a_region_can_be_named(out: Path) -> None:
    assert [f.row.value for f in cell(out, "镇赉县", "issues_found")] == [300.0, 120.0]
    assert cell(out, "镇赉县", "issues_found", campaign="作风整顿") == []


def test_filters_of_the_long_table(out: Path) -> None:
    assert long_table(out, metric="persons_disciplined").num_rows == 1
    assert long_table(out).num_rows == len(long_rows(out))
    with pytest.raises(KeyError, match="no column colour"):
        long_table(out, colour="red")
    with pytest.raises(FileNotFoundError, match="zhanbao run"):
        long_table(out / "nowhere")
