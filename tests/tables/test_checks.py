"""Arithmetical checks of a report against itself and against others."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.tables.checks import check_article, check_fact
from pipeline.tables.reconcile import facts
from pipeline.tables.stated import Stated

from .made import Report
from .test_reconcile import figures

CASES = tomllib.loads((Path(__file__).parent.parent / "cases" / "checks.toml").read_text(encoding="utf-8"))


def stated(rows: list[dict[str, Any]]) -> list[Stated]:
    """Figures of one article from a case; ``part_of`` counts the figures of the case from 0."""
    base = Stated("a", "", 0, 0, 0, 0, "", "", 0.0, None, "exact", "个", "count", "", "result", "issues_found", "查找",
                  "问题", None, "220800", None)  # fmt: skip
    made = []
    # a sentence of numbers, with what the case says stands before each of them
    befores = [row.get("before", "文" * 6) for row in rows]
    sentence = "".join(f"{before}1234" for before in befores)
    for number, row in enumerate(rows):
        start = sum(map(len, befores[: number + 1])) + 4 * number
        parent = row.get("part_of")
        changes = {k: v for k, v in row.items() if k not in ("before", "part_of")}
        if changes.get("unit") == "%":
            changes.setdefault("kind", "percent")
            changes.setdefault("quote", "12.34%")
        made.append(
            base._replace(
                figure_id=f"a:{number}",
                start=start,
                end=start + 4,
                sentence=sentence,
                sentence_end=len(sentence),
                part_of=None if parent is None else f"a:{parent}",
                **changes,
            )
        )
    return made


@pytest.mark.parametrize("case", CASES["made"] + CASES["wild"], ids=lambda case: case["note"])
def test_checks_of_one_report(case: dict[str, Any]) -> None:
    found = [(row.kind, row.verdict) for row in check_article(stated(case["figures"]))]
    assert sorted(found) == sorted((kind, verdict) for kind, verdict in case["expected"])


@pytest.mark.parametrize("case", CASES["negative"], ids=lambda case: case["note"])
def test_no_check_without_ground(case: dict[str, Any]) -> None:
    assert list(check_article(stated(case["figures"]))) == []


def test_a_share_says_what_it_was_held_against() -> None:
    rows = stated(
        [
            {"value": 15888.0},
            {"value": 10569.0, "part_of": 0, "metric": "issues_rectified"},
            {"value": 66.37, "unit": "%", "part_of": 0, "metric": "rectification_rate", "before": "，占"},
        ]
    )
    share = next(row for row in check_article(rows) if row.kind == "share")
    assert share.figure_ids == ["a:1", "a:0", "a:2"]
    assert share.formula == "10569 / 15888 × 100"
    assert (share.expected, share.stated) == (pytest.approx(66.521903), 66.37)
    assert share.difference == pytest.approx(-0.151903)


def test_a_falling_total_and_a_conflict_between_reports() -> None:
    july, october = Report("a", published=date(2020, 7, 1)), Report("b", published=date(2020, 10, 1))
    july.figure(945.0, campaign="作风整顿")
    october.figure(962.0, campaign="作风整顿")
    third = Report("c", published=date(2020, 10, 2))
    third.figure(990.0, campaign="作风整顿")
    rows = [row for fact in facts(figures([july, october, third])) for row in check_fact(fact)]
    assert [(row.kind, row.formula, row.verdict) for row in rows] == [
        ("reports", "962 = 990", "contradicts"),
        ("falling", "990 ≥ 945", "holds"),
    ]
    assert all(row.article_id is None for row in rows)


def test_a_total_that_is_called_one_falls() -> None:
    reports = [Report(name, published=date(2020, month, 1)) for name, month in (("a", 7), ("b", 10), ("c", 12))]
    for report, value, bound in zip(reports, (23140.0, 23000.0, 21000.0), ("exact", "over", "over"), strict=True):
        report.figure(value, bound=bound, campaign="作风整顿", period_end=report.published, period_text="截至目前")
    rows = [row for fact in facts(figures(reports)) for row in check_fact(fact)]
    assert [(row.kind, row.verdict) for row in rows] == [("falling", "holds"), ("falling", "contradicts")]


def test_the_id_of_a_check_is_that_of_its_figures() -> None:
    rows = stated([{"value": 9.0}, {"value": 4.0, "part_of": 0}])
    (one,), (two,) = check_article(rows), check_article([row._replace(object="别的") for row in rows])
    assert one.check_id == two.check_id
