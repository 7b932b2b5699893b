"""Figures joined into facts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from pipeline.tables.reconcile import Fact, Figure, authority, facts, is_running

from .made import Report


def figures(reports: Sequence[Report]) -> list[Figure]:
    rows: list[Figure] = []
    for report in reports:
        for f in report.figures:
            cells = {n: getattr(f, n) for n in Figure._fields if n not in ("published", "outlet")}
            rows.append(Figure(**cells, published=report.published, outlet=report.outlet))
    return sorted(
        rows,
        key=lambda f: (
            *(f.region, f.metric, f.unit, f.direction, f.value, f.value_max or 0.0),
            *(f.published or date.max, f.article_id, f.start),
        ),
    )


def made(*reports: Report) -> list[Fact]:
    return list(facts(figures(reports)))


def values(fact: Fact) -> list[float]:
    return [point.shown.first.value for point in fact.points]


def report(name: str, day: int, *stated: float, outlet: str | None = None, month: int = 9, **changes: Any) -> Report:
    made_report = Report(name, published=date(2020, month, day), outlet=outlet)
    for value in stated:
        made_report.figure(value, **{"campaign": "作风整顿", **changes})
    return made_report


def test_a_number_said_twice_in_a_report_is_one_fact() -> None:
    (fact,) = made(report("a", 1, 4179.0, 4179.0))
    (row,) = fact.rows()
    assert (row.value, row.n_reports, len(row.figure_ids)) == (4179.0, 1, 2)


def test_a_distinctive_number_is_the_same_in_other_words() -> None:
    one = report("a", 1, 4179.0, object="问题", campaign="作风整顿")
    two = report("b", 2, 4179.0, object="突出问题", campaign=None)
    (fact,) = made(one, two)
    (row,) = fact.rows()
    assert (row.n_reports, row.campaign) == (2, "作风整顿")


def test_a_common_number_of_other_things_stays_apart() -> None:
    assert len(made(report("a", 1, 3.0, object="问题"), report("b", 2, 3.0, object="隐患"))) == 2


def test_a_number_of_nobody_knows_where_needs_the_same_deed() -> None:
    missing = report("a", 1, 189.0, action="失踪", campaign=None, region=None)
    found = report("b", 5, 189.0, action="遇难", campaign=None, region=None)
    again = report("c", 6, 189.0, action="遇难", object="人数", campaign=None, region=None)
    assert sorted(len(row.figure_ids) for fact in made(missing, found, again) for row in fact.rows()) == [1, 2]


def test_a_number_of_nobody_knows_what_needs_the_same_month() -> None:
    elected, confirmed, other = (
        report(name, day, 2987.0, month=month, metric="other", action=action, campaign=None)
        for name, day, month, action in (("a", 25, 2, "选举"), ("b", 27, 2, "确认"), ("c", 5, 6, "检查"))
    )
    assert sorted(len(row.figure_ids) for fact in made(elected, confirmed, other) for row in fact.rows()) == [1, 2]


def test_a_third_is_no_number_of_its_own() -> None:
    one = report("a", 1, 33.3333, unit="%", kind="percent", object="药价", campaign=None)
    two = report("b", 2, 33.3333, unit="%", kind="percent", object="人口", campaign=None)
    assert len(made(one, two)) == 2


def test_notices_of_two_months_are_two_notices() -> None:
    july, next_day, august = (
        report(name, day, 5.0, month=month, campaign=None)
        for name, day, month in (("a", 4, 7), ("b", 5, 7), ("c", 25, 8))
    )
    assert sorted(row.n_reports for fact in made(july, next_day, august) for row in fact.rows()) == [1, 2]


def test_campaigns_are_not_mixed() -> None:
    one, two = report("a", 1, 4179.0, campaign="作风整顿"), report("b", 2, 4179.0, campaign="主题教育")
    assert sorted(fact.campaign or "" for fact in made(one, two)) == ["主题教育", "作风整顿"]


def test_a_later_running_total_replaces_the_earlier_one_and_keeps_it() -> None:
    july = report("a", 6, 862.0, month=7, period_end=date(2020, 6, 30), period_text="截至6月底")
    october = report("b", 11, 945.0, month=10, period_end=date(2020, 9, 30), period_text="截至9月底")
    (fact,) = made(july, october)
    assert values(fact) == [862.0, 945.0]
    assert [row.is_current for row in fact.rows()] == [False, True]
    assert not list(fact.conflicts())


def total(name: str, day: date, value: float, **changes: Any) -> Report:
    """A report without a campaign that counts up to its day."""
    return report(
        name,
        day.day,
        value,
        month=day.month,
        **{"campaign": None, "period_end": day, "period_text": "截至目前", **changes},
    )


def test_a_total_without_a_campaign_goes_on_while_it_grows_and_soon() -> None:
    (fact,) = made(total("a", date(2020, 6, 30), 862.0), total("b", date(2020, 9, 20), 945.0))
    assert values(fact) == [862.0, 945.0]


@pytest.mark.parametrize(
    "later",
    [
        total("b", date(2020, 9, 20), 945.0, action="整改"),
        total("b", date(2020, 9, 20), 845.0),
        total("b", date(2020, 9, 20), 1900.0),
        total("b", date(2020, 12, 20), 945.0),
        total("b", date(2020, 9, 20), 945.0, period_text="近日"),
        total("b", date(2020, 9, 20), 945.0, period_start=date(2020, 7, 7), period_text="7月7日以来"),
    ],
    ids=["another deed", "falls", "grows too much", "too late", "only recent", "begins later"],
)
def test_a_total_without_a_campaign_is_else_of_another_thing(later: Report) -> None:
    assert len(made(total("a", date(2020, 6, 30), 862.0), later)) == 2


@pytest.mark.parametrize(
    ("value", "text", "facts_expected"),
    [(945.0, "", 1), (945.0, "日前", 2), (4500.0, "", 2)],
    ids=["", "event", "size"],
)
def test_a_count_of_a_campaign_goes_on_unless_it_is_an_event(value: float, text: str, facts_expected: int) -> None:
    assert len(made(report("a", 1, 862.0, month=6), report("b", 1, value, period_text=text))) == facts_expected


def test_the_next_total_of_an_outlet_does_not_contradict_it() -> None:
    first, second = (
        total(name, date(2020, 8, day), value) for name, day, value in (("a", 8, 12867.0), ("b", 9, 13632.0))
    )
    first.outlet = second.outlet = "某某卫视"
    (fact,) = made(first, second)
    assert values(fact) == [12867.0, 13632.0]
    assert not list(fact.conflicts())


@pytest.mark.parametrize(
    ("changes", "contradicting"),
    [({}, 2), ({"outlet": "某某晚报"}, 0), ({"action": "募集"}, 0)],
    ids=["others", "the same outlet", "another deed"],
)
def test_without_a_campaign_only_others_contradict_and_of_the_same_deed(
    changes: dict[str, Any], contradicting: int
) -> None:
    half = {
        "period_start": date(2020, 1, 1),
        "period_end": date(2020, 6, 30),
        "period_text": "上半年",
        "campaign": None,
    }
    one = report("a", 13, 5872.0, **{"outlet": "某某晚报", **half})
    two = report("b", 26, 3273.0, **{"outlet": "某某日报", **half, **changes})
    assert len([row for fact in made(one, two) for row in fact.conflicts()]) == contradicting


def test_the_same_deed_of_no_metric_is_not_another() -> None:
    one = report("a", 1, 31.0, metric="other", action="组建", object="高校", month=7)
    two = report("b", 1, 31.0, metric="other", action="整改", object="高校", month=8)
    assert len(made(one, two)) == 2


def test_a_period_never_mixes_with_running_totals() -> None:
    quarter = {"period_start": date(2020, 1, 1), "period_end": date(2020, 3, 31), "period_text": "第一季度"}
    facts_made = made(report("a", 1, 120.0, **quarter), report("b", 20, 130.0))
    assert sorted((fact.running, values(fact)) for fact in facts_made) == [(False, [120.0]), (True, [130.0])]
    assert not [row for fact in facts_made for row in fact.conflicts()]


def test_running_totals_of_two_years_are_two_series() -> None:
    one = report("a", 1, 50.0, period_start=date(2019, 1, 1), period_end=date(2019, 11, 1), period_text="今年以来")
    two = report("b", 1, 30.0, period_start=date(2020, 1, 1), period_end=date(2020, 2, 1), period_text="今年以来")
    assert sorted(values(fact) for fact in made(one, two)) == [[30.0], [50.0]]


def test_independent_reports_of_the_same_time_contradict_each_other() -> None:
    (fact,) = made(report("a", 22, 23.0, outlet="某某晚报"), report("b", 24, 25.0, outlet="某县人民政府网"))
    (row,) = fact.rows()
    assert (row.value, row.n_conflicts, row.n_reports) == (25.0, 1, 1)
    shown, other = fact.conflicts()
    assert (shown.shown, other.shown, other.value) == (True, False, 23.0)
    assert shown.decided_by == "authority"


def test_without_authority_the_later_report_is_shown() -> None:
    (fact,) = made(report("a", 24, 23.0), report("b", 22, 25.0))
    assert [c.value for c in fact.conflicts()] == [23.0, 25.0]
    assert next(fact.conflicts()).decided_by == "date"


def test_a_rounded_number_does_not_contradict_the_exact_one() -> None:
    rounded, exact = report("a", 1, 49000.0, bound="over"), report("b", 2, 49312.0)
    (fact,) = made(rounded, exact)
    (row,) = fact.rows()
    assert (row.value, row.n_conflicts, row.n_reports) == (49312.0, 0, 2)


def test_a_report_with_two_values_does_not_contradict_itself() -> None:
    one = Report("a", published=date(2020, 9, 1))
    one.figure(792.0, actor="领导班子", campaign="作风整顿")
    one.figure(3128.0, actor="班子成员", campaign="作风整顿")
    other = report("b", 2, 792.0, actor="领导班子")
    made_facts = made(one, other)
    assert sorted(values(fact)[0] for fact in made_facts) == [792.0, 3128.0]
    assert all(not point.against for fact in made_facts for point in fact.points)


def test_values_that_nothing_tells_apart_stay_apart_by_their_order() -> None:
    assert sorted(values(fact) for fact in made(report("a", 1, 11.0, 12.0))) == [[11.0], [12.0]]


def test_no_figure_is_lost() -> None:
    draw = random.Random(4)
    reports = [
        report(
            f"r{i}",
            1 + i % 28,
            *(float(draw.choice([3, 5, 120, 4179, 23000])) for _ in range(4)),
            object=draw.choice(["问题", "隐患"]),
            campaign=draw.choice([None, "作风整顿"]),
        )
        for i in range(40)
    ]
    kept = [
        figure_id
        for fact in made(*reports)
        for point in fact.points
        for claim in (point.shown, *point.against)
        for figure_id in claim.figure_ids
    ]
    assert sorted(kept) == sorted(f.figure_id for r in reports for f in r.figures)


@pytest.mark.parametrize(
    ("start", "end", "text", "expected"),
    [
        (None, None, "", True),
        (None, date(2020, 9, 30), "截至9月底", True),
        (date(2020, 1, 1), date(2020, 9, 30), "今年以来", True),
        (date(2020, 1, 1), date(2020, 3, 31), "第一季度", False),
        (date(2020, 1, 1), date(2020, 6, 30), "1至6月", False),
    ],
)
def test_running_totals(start: date | None, end: date | None, text: str, expected: bool) -> None:
    assert is_running(start, end, text) is expected


def test_the_longest_word_of_an_outlet_decides_its_rank() -> None:
    assert authority("新华社") < authority("某市人民政府网") < authority("某某晚报") < authority("某某微博")


def test_a_count_without_a_period_that_falls_is_another_count() -> None:
    spring, autumn = report("a", 1, 1140.0, month=3), report("b", 1, 917.0, month=11)
    assert sorted(values(fact) for fact in made(spring, autumn)) == [[917.0], [1140.0]]


def test_very_different_numbers_of_other_deeds_do_not_contradict() -> None:
    one = report("a", 22, 6.0, object="人员", action="移送")
    two = report("b", 24, 204.0, object="人员", action="判处")
    assert [list(fact.conflicts()) for fact in made(one, two)] == [[], []]


def test_a_place_in_a_county_is_not_the_county() -> None:
    town = report("a", 1, 300.0, place="某镇")
    assert len(made(town, report("b", 2, 310.0))) == 2


def test_values_that_only_words_join_stay_apart() -> None:
    one, two = report("a", 22, 23.0, campaign=None), report("b", 24, 25.0, campaign=None)
    assert [list(fact.conflicts()) for fact in made(one, two)] == [[], []]


def test_a_value_of_another_size_is_of_another_thing() -> None:
    one, two, three = report("a", 22, 23.0), report("b", 23, 400.0), report("c", 24, 25.0)
    facts_made = made(one, two, three)
    assert sorted((values(fact), len(list(fact.conflicts()))) for fact in facts_made) == [([25.0], 2), ([400.0], 0)]


def test_totals_up_to_the_day_of_the_report_are_of_the_same_time() -> None:
    one = report("a", 22, 23.0, period_end=date(2020, 9, 22), period_text="行动开展以来")
    two = report("b", 24, 25.0, period_end=date(2020, 9, 24), period_text="专项行动开展以来")
    (fact,) = made(one, two)
    assert [row.value for row in fact.conflicts()] == [25.0, 23.0]


def test_a_range_whose_larger_end_comes_first_is_a_value_like_others() -> None:
    one, two = Report("a", published=date(2020, 1, 1)), Report("b", published=date(2020, 1, 2))
    one.figure(6.0, campaign="作风整顿")
    two.figure(5.0, value_max=3.0, bound="range", campaign="作风整顿")
    assert [values(fact) for fact in made(one, two)] == [[5.0]]
