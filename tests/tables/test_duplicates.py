"""Reprints over a whole run."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.tables.duplicates import find_reprints, mark_reprints
from pipeline.tables.store import open_run, workplace

from .made import Report, write_run
from .test_wording import CHANGED, REPORT

SYLLABLES = "山水田林河湖草沙春夏秋冬东南西北风云雨雪花鸟虫鱼金木土石"


def prose(seed: int, size: int) -> str:
    """Text that is like no other: characters drawn at random, with sentence marks."""
    draw = random.Random(seed)
    return "".join(draw.choice(SYLLABLES) + ("。" if i % 23 == 22 else "") for i in range(size))


def reprints(out: Path) -> dict[str, tuple[str, str]]:
    path = out / "tables" / "reprints.parquet"
    with workplace(out) as work, open_run(out, work) as connection:
        find_reprints(out, connection, work, path)
    return {row["article_id"]: (row["of"], row["relation"]) for row in pq.read_table(path).to_pylist()}


def test_variants_follow_the_most_complete_report(tmp_path: Path) -> None:
    reports = [
        Report("whole", REPORT, date(2020, 9, 1)),
        Report("third", REPORT[: len(REPORT) // 3], date(2020, 8, 30)),
        Report("same", REPORT, date(2020, 9, 2)),
        Report("changed", CHANGED, date(2020, 9, 3)),
        Report("other", prose(1, 400), date(2020, 9, 1)),
    ]
    assert reprints(write_run(tmp_path, reports)) == {
        "third": ("whole", "reprint"),
        "same": ("whole", "reprint"),
        "changed": ("whole", "reprint"),
    }


def test_of_equally_complete_reports_the_earliest_stands_for_the_group(tmp_path: Path) -> None:
    reports = [
        Report("late", "转载:" + REPORT, date(2020, 9, 5)),
        Report("early", REPORT, date(2020, 9, 1)),
        Report("undated", REPORT + "完"),
    ]
    found = reprints(write_run(tmp_path, reports))
    assert {article: of for article, (of, _) in found.items()} == {"late": "early", "undated": "early"}


def test_newer_numbers_are_an_update_with_reprints_of_its_own(tmp_path: Path) -> None:
    newer = REPORT.replace("86处", "112处").replace("2300吨", "4100吨").replace("29间", "31间")
    reports = [
        Report("old", REPORT, date(2020, 9, 1)),
        Report("old-copy", "快讯 " + REPORT, date(2020, 9, 2)),
        Report("new", newer, date(2020, 10, 1)),
        Report("new-copy", "快讯 " + newer, date(2020, 10, 2)),
    ]
    found = reprints(write_run(tmp_path, reports))
    assert found["old-copy"] == ("old", "reprint")
    assert found["new-copy"] == ("new", "reprint")
    assert {found.get("new"), found.get("old")} & {("old", "update"), ("new", "update")}


def test_two_texts_are_not_joined_by_a_third(tmp_path: Path) -> None:
    one, two = prose(1, 300), prose(2, 300)
    reports = [Report("both", one + two), Report("one", one), Report("two", two), Report("half", one[150:] + two[:150])]
    found = reprints(write_run(tmp_path, reports))
    assert all(of == "both" for of, _ in found.values())


def test_short_texts_are_held_against_their_own_wording_only(tmp_path: Path) -> None:
    reports = [Report("a", "天晴了。"), Report("b", "天晴了!"), Report("c", "下雨了。")]
    assert reprints(write_run(tmp_path, reports)) == {"b": ("a", "reprint")}


@pytest.mark.parametrize("parts", [1, 3])
def test_order_and_parts_do_not_matter(tmp_path: Path, parts: int) -> None:
    reports = [Report(f"r{i}", prose(i // 3, 300) + "。" * (i % 3), date(2020, 1, 1 + i % 5)) for i in range(30)]
    expected = reprints(write_run(tmp_path / "one", reports))
    random.Random(parts).shuffle(reports)
    assert reprints(write_run(tmp_path / "two", reports, parts)) == expected
    assert len(expected) == 20
    one, two = (tmp_path / name / "tables" / "reprints.parquet" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_a_hundred_copies_make_one_group(tmp_path: Path) -> None:
    reports = [Report(f"copy-{i:03}", prose(i, 20) + REPORT, date(2020, 9, 1)) for i in range(100)]
    found = reprints(write_run(tmp_path, reports))
    assert len(found) == 99
    assert len({of for of, _ in found.values()}) == 1


def test_no_articles_give_an_empty_table(tmp_path: Path) -> None:
    assert reprints(tmp_path) == {}


def test_marks_are_written_once(tmp_path: Path) -> None:
    out = write_run(
        tmp_path, [Report("a", REPORT, date(2020, 1, 1)), Report("b", REPORT), Report("c", prose(3, 90))], 3
    )
    reprints(out)
    table = out / "tables" / "reprints.parquet"
    assert [part.name for part in mark_reprints(out, table)] == ["1.parquet"]
    assert mark_reprints(out, table) == []
    marked = pq.read_table(out / "articles").to_pylist()
    assert {row["article_id"]: row["duplicate_of"] for row in marked} == {"a": None, "b": "a", "c": None}


def test_common_furniture_does_not_hide_a_reprint(tmp_path: Path) -> None:
    """A text that is like many longer ones by its header only still leads its own reprints."""
    head = "来源某某网二零二零年一月二日阅读九十九次责任编辑某某举报此信息返回栏目首页"
    longer = [Report(f"long-{i:02}", head + prose(100 + i, 220 + i)) for i in range(30)]
    whole, piece = Report("whole", head + prose(1, 130)), Report("piece", prose(1, 130))
    assert reprints(write_run(tmp_path, [*longer, whole, piece])) == {"piece": ("whole", "reprint")}
