"""Facts made by one query are those that the rules make."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest

from pipeline.tables.alone import alone_rows, find_results
from pipeline.tables.reconcile import Figure, facts, figures_in_order
from pipeline.tables.records import MetricRow
from pipeline.tables.store import open_run, workplace
from pipeline.tables.subjects import object_key

from .made import Report, write_run

PERIODS = [
    (None, None, ""),
    (None, date(2020, 6, 30), "截至6月底"),
    (date(2020, 1, 1), date(2020, 6, 30), "今年以来"),
    (date(2020, 4, 1), date(2020, 6, 30), "第二季度"),
    (date(2020, 4, 1), None, "4月起"),
]


def reports(seed: int) -> list[Report]:
    """Reports whose figures often, but not always, share number or subject."""
    draw = random.Random(seed)
    made = []
    for number in range(60):
        report = Report(f"r{number}", published=draw.choice([None, date(2020, 7, 1 + number % 28)]))
        for _ in range(4):
            start, end, text = draw.choice(PERIODS)
            region = draw.choice([None, "220800", "220000", "100000", "220821"])
            report.figure(
                draw.choice([3.0, 5.0, 40.0, 4179.0, 71.6, float(draw.randrange(1000))]),
                region=region,
                metric=draw.choice(["issues_found", "cases_filed", "other"]),
                object=draw.choice(["问题", "各类问题", "隐患", "线索", f"第{draw.randrange(60)}类事项"]),
                campaign=draw.choice([None, None, "作风整顿"]),
                place=draw.choice([None, None, None, "某镇"]),
                period_start=start,
                period_end=end,
                period_text=text,
                direction=draw.choice(["", "", "", "down"]),
            )
        made.append(report)
    return made


@pytest.mark.parametrize("seed", range(3))
def test_both_ways_give_the_same_rows(tmp_path: Path, seed: int) -> None:
    out = write_run(tmp_path, reports(seed))
    with workplace(out) as work, open_run(out, work) as connection:
        connection.execute("create table reprints (article_id varchar, relation varchar)")
        find_results(connection)
        by_query = [MetricRow(*row) for row in connection.execute(alone_rows()).fetchall()]
        together = list(facts(figures_in_order(connection, "together")))
        all_facts = list(facts(figures_in_order(connection)))
    by_rules = [row for fact in together for row in fact.rows()]
    expected = [row for fact in all_facts for row in fact.rows()]
    assert len(by_query) > 20 and len(by_rules) > 20
    assert sorted(by_query + by_rules, key=repr) == sorted(expected, key=repr)
    conflicts = [row for fact in together for row in fact.conflicts()]
    expected_conflicts = [row for fact in all_facts for row in fact.conflicts()]
    assert sorted(conflicts, key=repr) == sorted(expected_conflicts, key=repr)


def test_the_columns_of_a_figure_are_those_of_the_query(tmp_path: Path) -> None:
    with workplace(tmp_path) as work, open_run(tmp_path, work) as connection:
        connection.execute("create table reprints (article_id varchar, relation varchar)")
        find_results(connection)
        names = [column[0] for column in connection.execute("from results").description]
    assert names == list(Figure._fields)


@pytest.mark.parametrize(
    ("one", "other"),
    [("各类问题", "问题"), ("“问题”等方面", "问题"), ("相关线索", "线索"), ("案件共计", "案件"), ("干部中", "干部")],
)
def test_words_that_only_frame_an_object_do_not_count(one: str, other: str) -> None:
    assert object_key(one) == object_key(other)


@pytest.mark.parametrize(("one", "other"), [("突出问题", "问题"), ("党员干部", "干部"), ("其他案件", "案件")])
def test_words_that_say_more_count(one: str, other: str) -> None:
    assert object_key(one) != object_key(other)


@pytest.mark.parametrize("text", ["", "等", "等等", "的", "“”", "中方面"])
def test_an_object_of_frames_alone_keeps_something(text: str) -> None:
    assert bool(object_key(text)) == bool(text)
