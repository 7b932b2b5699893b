"""Samples for coders, and what is made of their verdicts."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from pipeline.tables.sampling import FIELDS, columns, draw, verdict_column, write_sheet
from pipeline.tables.store import TablesError
from pipeline.tables.validation import (
    ALL_FIELDS,
    FieldResult,
    Judgement,
    alpha,
    as_text,
    read_sheet,
    validate,
    wilson,
)

from .made import Report, write_run


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    reports = []
    for number in range(40):
        report = Report(f"r{number:02}", published=date(2020, 1, 1))
        for place in range(5):
            metric = "issues_found" if (number + place) % 4 else "cases_filed"
            report.figure(float(number), metric=metric, sentence="全县查找问题不少。".ljust(100, "续"))
        report.figure(1.0, role="context", metric="")
        reports.append(report)
    return write_run(tmp_path_factory.mktemp("run"), reports)


def test_each_stratum_gets_its_share(out: Path) -> None:
    drawn = draw(out, 40, ["metric"])
    assert Counter(row["metric"] for row in drawn) == {"issues_found": 30, "cases_filed": 10}


@pytest.mark.parametrize("size", [1, 7, 199, 200, 500])
def test_the_sample_has_the_size_asked_for_and_nothing_twice(out: Path, size: int) -> None:
    ids = [row["figure_id"] for row in draw(out, size)]
    assert len(ids) == len(set(ids)) == min(size, 200)


def test_a_seed_is_a_sample(out: Path) -> None:
    ids = [[row["figure_id"] for row in draw(out, 20, seed=seed)] for seed in (1, 1, 2)]
    assert ids[0] == ids[1] != ids[2]


def test_every_figure_can_be_drawn(out: Path) -> None:
    drawn = Counter(row["figure_id"] for seed in range(60) for row in draw(out, 40, seed=seed))
    assert len(drawn) == 200
    # each has one chance in five, sixty times
    assert max(drawn.values()) < 30


def test_only_results_are_drawn_and_only_of_the_metrics_asked_for(out: Path) -> None:
    drawn = draw(out, 1000, metrics=["cases_filed"])
    assert {(row["role"], row["metric"]) for row in drawn} == {("result", "cases_filed")}
    assert len(drawn) == 50
    with pytest.raises(TablesError, match="no figure of good_deeds"):
        draw(out, 5, metrics=["good_deeds"])
    with pytest.raises(TablesError, match="no stratum colour"):
        draw(out, 5, ["colour"])


def test_the_sheet_offers_verdicts(out: Path, tmp_path: Path) -> None:
    figures = draw(out, 10)
    write_sheet(figures, tmp_path / "a.xlsx")
    write_sheet(figures, tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    page = openpyxl.load_workbook(tmp_path / "a.xlsx")["coding"]
    assert [cell.value for cell in page[1]] == columns()
    lists = page.data_validations.dataValidation
    assert {validation.formula1 for validation in lists} == {'"对,错,不清"'}
    assert len(lists) == len(FIELDS)
    assert page.max_row == 11
    assert "【" in page.cell(2, columns().index("sentence") + 1).value


def test_the_sheet_shows_what_stands_around_and_the_whole(tmp_path: Path) -> None:
    before, sentence, behind = "甲" * 300 + "县里开了会。\n", "查找问题50个，已整改30个。", "县长讲了话。" + "乙" * 300
    at = len(before)
    report = Report("r", text=before + sentence + behind)
    place = {"sentence": sentence, "sentence_start": at, "sentence_end": at + len(sentence)}
    whole = report.figure(50.0, object="问题", **place)
    report.figure(30.0, part_of=whole, **place)
    first, second = draw(write_run(tmp_path, [report]), 5)
    assert (first["whole"], second["whole"]) == ("", "50 问题")
    assert first["before"].endswith("甲县里开了会。") and len(first["before"]) < 250
    assert first["behind"].startswith("县长讲了话。乙") and len(first["behind"]) < 100
    assert "raw_text" not in first


def test_a_sheet_of_an_earlier_version_lacks_the_whole(tmp_path: Path) -> None:
    fields = [field for field in FIELDS if field != "part_of"]
    text = f"figure_id,{','.join(map(verdict_column, fields))}\na:1{',对' * len(fields)}\n"
    (tmp_path / "wang.csv").write_text(text, encoding="utf-8")
    assert [result.field for result in validate([tmp_path / "wang.csv"])] == fields


def fill(source: Path, path: Path, verdict: Callable[[int, str], str]) -> Path:
    book = openpyxl.load_workbook(source)
    page = book["coding"]
    for place, name in enumerate(columns(), 1):
        if name.endswith("✓"):
            for row in range(2, page.max_row + 1):
                page.cell(row, place).value = verdict(row, name)
    book.save(path)
    return path


def test_from_sheets_to_precision_and_agreement(out: Path, tmp_path: Path) -> None:
    write_sheet(draw(out, 20), tmp_path / "s.xlsx")
    unit = verdict_column("unit")
    one = fill(
        tmp_path / "s.xlsx", tmp_path / "wang.xlsx", lambda row, name: "错" if row < 4 and name == unit else "对"
    )
    two = fill(tmp_path / "s.xlsx", tmp_path / "li.xlsx", lambda row, name: "错" if row < 5 and name == unit else "对")
    results = {result.field: result for result in validate([one, two])}
    assert list(results) == [*FIELDS, ALL_FIELDS]
    assert (results["value"].n, results["value"].right, results["value"].alpha) == (20, 20, None)
    # two wrong for both coders, one of them alone found a third
    found = results["unit"]
    assert (found.n, found.right, found.tied, found.coders, found.n_shared) == (19, 17, 1, 2, 20)
    assert found.agreement == 0.95
    assert found.alpha == pytest.approx(1 - 0.05 / (2 * 5 * 35 / (40 * 39)))
    assert results[ALL_FIELDS].right == 17


def test_by_metric(out: Path, tmp_path: Path) -> None:
    write_sheet(draw(out, 20, ["metric"]), tmp_path / "s.xlsx")
    sheet = fill(tmp_path / "s.xlsx", tmp_path / "wang.xlsx", lambda row, name: "对")
    groups = {result.group: result.n for result in validate([sheet], by="metric") if result.field == "value"}
    assert groups == {"all": 20, "cases_filed": 5, "issues_found": 15}


def test_a_sheet_as_csv(tmp_path: Path) -> None:
    path = tmp_path / "wang.v2.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["figure_id", "metric", *map(verdict_column, FIELDS)])
        writer.writerow(["a:1", "issues_found", "1", "0", *[""] * (len(FIELDS) - 2)])
    assert [(j.coder, j.field, j.verdict) for j in read_sheet(path)] == [
        ("wang", "value", "对"),
        ("wang", "unit", "错"),
    ]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("figure_id\na:1\n", "has no column value ✓"),
        ("figure_id," + ",".join(map(verdict_column, FIELDS)) + "\na:1,maybe\n", "row 2, value ✓: 'maybe'"),
    ],
)
def test_sheets_that_cannot_be_used(tmp_path: Path, cells: str, message: str) -> None:
    (tmp_path / "s.csv").write_text(cells, encoding="utf-8")
    with pytest.raises(TablesError, match=message):
        read_sheet(tmp_path / "s.csv")


def test_what_is_no_workbook(tmp_path: Path) -> None:
    (tmp_path / "s.xlsx").write_text("no zip", encoding="utf-8")
    with pytest.raises(TablesError, match="cannot be read"):
        read_sheet(tmp_path / "s.xlsx")


def test_an_empty_sheet_and_one_given_twice(out: Path, tmp_path: Path) -> None:
    write_sheet(draw(out, 5), tmp_path / "s.xlsx")
    with pytest.raises(TablesError, match="no verdict is filled in"):
        validate([tmp_path / "s.xlsx"])
    sheet = fill(tmp_path / "s.xlsx", tmp_path / "wang.xlsx", lambda row, name: "对")
    with pytest.raises(TablesError, match="twice"):
        validate([sheet, sheet])


@pytest.mark.parametrize(("right", "n"), [(0, 5), (5, 5), (1, 1), (50, 100)])
def test_the_interval_holds_the_share(right: int, n: int) -> None:
    low, high = wilson(right, n)
    assert 0.0 <= low <= right / n <= high <= 1.0


def test_wilson_as_published() -> None:
    # Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263
    assert [round(limit, 4) for limit in wilson(81, 263)] == [0.2553, 0.3662]


def test_alpha_as_published() -> None:
    # Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, example B: 0.095
    coders = {"a": [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], "b": [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]}
    data = [
        Judgement(coder, str(unit), "", "", "value", "对" if value else "错")
        for coder, values in coders.items()
        for unit, value in enumerate(values)
    ]
    assert alpha(data) == pytest.approx(0.095, abs=5e-4)


RESULT = FieldResult("all", "value", 20, 19, 0.95, 0.76, 0.99, 0, 0, 2, 20, 0.9, None)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("markdown", "| value | 20 | 19 | 0.950 | [0.760, 0.990] | 0 | 0 | 0.900 |  |"),
        ("latex", r"value & 20 & 19 & 0.950 & [0.760, 0.990] & 0 & 0 & 0.900 &  \\"),
        ("csv", "all,value,20,19,0.95,0.76,0.99,0,0,2,20,0.9,"),
    ],
)
def test_forms_of_the_result(form: str, expected: str) -> None:
    assert expected in as_text([RESULT], form)
