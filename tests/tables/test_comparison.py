"""What changed between two runs, and why."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.tables.build import build
from pipeline.tables.comparison import CellChange, compare_cells, compare_runs
from pipeline.tables.store import TablesError

from .made import Report, write_run


def one(name: str = "a", value: float = 4179.0, **changes: Any) -> Report:
    report = Report(name, published=date(2020, 1, 1))
    report.figure(value, **changes)
    return report


def changes(tmp_path: Path, before: list[Report], after: list[Report]) -> list[CellChange]:
    for name, reports in (("before", before), ("after", after)):
        build(write_run(tmp_path / name, reports))
    return list(compare_cells(tmp_path / "before", tmp_path / "after"))


def test_equal_runs_do_not_differ(tmp_path: Path) -> None:
    assert changes(tmp_path, [one()], [one()]) == []


def test_a_new_article_adds_a_cell(tmp_path: Path) -> None:
    (change,) = changes(tmp_path, [one()], [one(), one("b", 12.0, metric="cases_filed")])
    assert (change.change, change.before, change.after) == ("added", None, 12.0)
    assert (change.why, change.articles) == (["new article"], ["b"])


def test_an_article_that_is_gone_takes_its_cell_with_it(tmp_path: Path) -> None:
    (change,) = changes(tmp_path, [one(), one("b", 12.0, metric="cases_filed")], [one()])
    assert (change.change, change.before, change.after) == ("removed", 12.0, None)
    assert (change.why, change.articles) == (["article gone"], ["b"])


def test_another_report_of_the_same_value_is_support(tmp_path: Path) -> None:
    (change,) = changes(tmp_path, [one()], [one(), one("b")])
    assert (change.change, change.why, change.articles) == ("support", ["new article"], ["b"])


def test_the_same_text_read_otherwise_is_a_changed_rule(tmp_path: Path) -> None:
    (change,) = changes(tmp_path, [one()], [one(value=4180.0)])
    assert (change.change, change.before, change.after) == ("value", 4179.0, 4180.0)
    assert (change.why, change.articles) == (["changed rule"], ["a"])


def test_another_text_of_the_same_article(tmp_path: Path) -> None:
    class Rewritten(Report):
        def row(self) -> Any:
            return replace(super().row(), sha256="another")

    rewritten = Rewritten("a", "另一篇文字", date(2020, 1, 1))
    rewritten.figure(4180.0)
    (change,) = changes(tmp_path, [one()], [rewritten])
    assert change.why == ["changed text"]


def test_runs_without_tables_are_told(tmp_path: Path) -> None:
    with pytest.raises(TablesError, match="no tables"):
        list(compare_cells(tmp_path, tmp_path))
    with pytest.raises(TablesError, match="no finished run"):
        compare_runs(tmp_path, tmp_path)


def test_records_of_runs(tmp_path: Path) -> None:
    record = {"versions": {"zhanbao": "1"}, "lexicons": {"metrics": "aa"}, "options": {}, "inputs": {"x": "1"}}
    for name, metrics in (("one", "aa"), ("two", "bb")):
        (tmp_path / name).mkdir()
        changed = record | {"lexicons": {"metrics": metrics}}
        (tmp_path / name / "run.json").write_text(json.dumps(changed), encoding="utf-8")
    (change,) = compare_runs(tmp_path / "one", tmp_path / "two")
    assert change == ("lexicons", "metrics", '"aa"', '"bb"')
