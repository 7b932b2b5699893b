"""What is held in memory does not grow with the dump: files instead, and the same tables with files of any size."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.tables.build import build
from pipeline.tables.pivot import long_rows
from pipeline.tables.reconcile import facts, figures_in_order
from pipeline.tables.records import MetricRow
from pipeline.tables.shelf import open_shelf
from pipeline.tables.store import number_rows, open_run, rows_at, stream, workplace

from .made import Report, write_run
from .test_alone import reports as mixed
from .test_build import reports as run_of_all_kinds
from .test_duplicates import prose, reprints


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.binary(max_size=40))), st.lists(st.integers(0, 40)))
def test_a_shelf_is_a_dict(
    tmp_path_factory: pytest.TempPathFactory, put: list[tuple[int, bytes]], asked: list[int]
) -> None:
    known: dict[int, bytes] = {}
    with open_shelf(tmp_path_factory.mktemp("shelf") / "things") as shelf:
        for number, thing in put:
            shelf.put(number, thing)
            known[number] = thing
            assert shelf.get(number) == thing
        assert [shelf.get(number) for number in asked] == [known.get(number) for number in asked]


@settings(deadline=None, max_examples=30)
@given(sizes=st.lists(st.integers(0, 9), min_size=1, max_size=4), group=st.integers(1, 4), data=st.data())
def test_rows_are_found_by_number(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], group: int, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    total = sum(sizes)
    wanted = sorted(data.draw(st.sets(st.integers(0, max(total - 1, 0)), max_size=total)))
    files = []
    for number, size in enumerate(sizes):
        first = sum(sizes[:number])
        names = [f"{place}'s" for place in range(first, first + size)]
        files.append(folder / f"it's {number}.parquet")
        table = pa.table(
            {"article_id": pa.array(names, pa.string()), "n": pa.array(range(first, first + size), pa.int64())}
        )
        pq.write_table(table, files[-1], row_group_size=group)
    assert list(rows_at(files, ("n", "article_id"), wanted)) == [(place, f"{place}'s") for place in wanted]
    with workplace(folder) as work, open_run(folder, work) as connection:
        number_rows(connection, files, "numbered")
        found = list(stream(connection, "select nth, n from numbered order by nth"))
    assert found == [(place, place) for place in range(total)]


_RESULTS = "create table results as select f.*, a.published, a.outlet from figures f join articles a using (article_id)"


@pytest.mark.parametrize("seed", range(3))
def test_claims_that_went_to_files_make_the_same_facts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    out = write_run(tmp_path, mixed(seed))
    with workplace(out) as work, open_run(out, work) as connection:
        connection.execute(_RESULTS)
        expected = [row for fact in facts(figures_in_order(connection)) for row in fact.rows()]
        monkeypatch.setattr("pipeline.tables.reconcile._HELD", 3)
        opened: list[Path] = []
        whole = Path.open
        monkeypatch.setattr(Path, "open", lambda path, *args: (opened.append(path), whole(path, *args))[1])
        found = [row for fact in facts(figures_in_order(connection), work) for row in fact.rows()]
    assert sorted(found, key=repr) == sorted(expected, key=repr)
    assert {path.name for path in opened} >= {"claims0", "claims63"}


@pytest.mark.parametrize("value", [float("inf"), 1e300, 0.1, -0.0, 5e-324])
def test_a_number_comes_back_from_a_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: float
) -> None:
    report = Report("a", published=date(2020, 1, 1))
    report.figure(value, period_end=date(2019, 12, 31), campaign="作风\n整顿")
    out = write_run(tmp_path, [report])
    with workplace(out) as work, open_run(out, work) as connection:
        connection.execute(_RESULTS)
        (expected,) = facts(figures_in_order(connection))
        monkeypatch.setattr("pipeline.tables.reconcile._HELD", 0)
        (found,) = facts(figures_in_order(connection), work)
    assert list(found.rows()) == list(expected.rows())


def variants() -> list[Report]:
    """Texts in groups: cut, with a heading, with another end, and alone."""
    made = []
    for number in range(40):
        text = prose(number // 4, 300)
        changed = (text, text[: 300 - 40 * (number % 5)], f"本报讯 {text}", text[:200] + prose(1000 + number, 100))[
            number % 4
        ]
        made.append(Report(f"r{number}", changed, date(2020, 1, 1 + number % 5)))
    return made


@pytest.mark.parametrize(
    "small", [{"_TOGETHER": 4}, {"_SPREAD": 2048, "_TOGETHER": 13}, {"_PAIRS": 1, "_LIKELY": 2048}], ids=str
)
def test_reprints_are_the_same_with_keys_in_many_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: dict[str, int]
) -> None:
    expected = reprints(write_run(tmp_path / "one", variants()))
    for name, size in small.items():
        monkeypatch.setattr(f"pipeline.tables.candidates.{name}", size)
    assert reprints(write_run(tmp_path / "two", variants(), 3)) == expected
    assert 15 < len(expected) < 40


def test_reprints_are_the_same_when_few_pairs_and_texts_are_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = reprints(write_run(tmp_path / "one", variants()))
    for name in ("_PORTION", "_REMEMBERED"):
        monkeypatch.setattr(f"pipeline.tables.duplicates.{name}", 1)
    assert reprints(write_run(tmp_path / "two", variants(), 2)) == expected


def test_points_that_nothing_tells_apart_are_in_one_order(tmp_path: Path) -> None:
    """Two points of a series with the same day: which of them leads does not depend on the order of the rows."""
    report = Report("a", published=date(2020, 1, 1))
    report.figure(30.0)
    out = write_run(tmp_path, [report])
    build(out)
    (row,) = (MetricRow(**row) for row in pq.read_table(out / "tables" / "metrics_long.parquet").to_pylist())
    points = [row._replace(figure_ids=[f"a:{n}"], is_current=n == 5) for n in range(8)]
    orders = []
    for seed in range(4):
        random.Random(seed).shuffle(points)
        with workplace(out) as work, open_run(out, work) as connection:
            connection.from_arrow(pa.Table.from_pylist([p._asdict() for p in points])).create("points")
            connection.execute("create table contradictions (check_id varchar, figure_id varchar)")
            found = [MetricRow(*cells) for cells in connection.execute(long_rows()).fetchall()]
        orders.append([(point.figure_ids, point.is_main) for point in found])
    assert all(order == orders[0] for order in orders)
    assert [ids for ids, main in orders[0] if main] == [["a:5"]]


def test_tables_are_the_same_with_everything_in_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def files(out: Path) -> dict[str, bytes]:
        build(out)
        return {path.name: path.read_bytes() for path in sorted((out / "tables").iterdir())}

    made = [*run_of_all_kinds(), *mixed(7), *variants()]
    expected = files(write_run(tmp_path / "one", made))
    monkeypatch.setattr("pipeline.tables.reconcile._HELD", 2)
    monkeypatch.setattr("pipeline.tables.candidates._TOGETHER", 9)
    monkeypatch.setattr("pipeline.tables.duplicates._PORTION", 2)
    random.Random(3).shuffle(made)
    assert files(write_run(tmp_path / "two", made, 4)) == expected


#: A process counts what the one that started it held: this small one stands between the tables and the tests.
_BETWEEN = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
_BUILD = "import sys, pathlib; from pipeline.tables.build import build; build(pathlib.Path(sys.argv[1]), memory_mb=64)"


def _peak(out: Path) -> int:
    """The megabytes that a process of its own takes for the tables of a run."""
    command = [sys.executable, "-c", _BETWEEN, sys.executable, "-c", _BUILD, str(out)]
    measured = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(measured.stdout) // (1024 if sys.platform != "darwin" else 1 << 20)


def _of_one_metric(out: Path, articles: int) -> Path:
    """A run whose figures, a hundred in each article, are all about one region and metric, and said twice."""
    made = []
    for number in range(articles):
        report = Report(f"2020/reports/of/the/county/{number:06}", prose(number, 60), date(2020, 1, 1 + number % 28))
        for place in range(number * 100, number * 100 + 100):
            report.figure(float(1001 + place // 2), object=f"第{place // 40}类事项")
        made.append(report)
    return write_run(out, made, 4)


@pytest.mark.skipif(sys.platform == "win32", reason="no such count of memory there")
def test_memory_does_not_grow_with_the_figures_of_one_metric(tmp_path: Path) -> None:
    few = _peak(_of_one_metric(tmp_path / "few", 20))
    many = _peak(_of_one_metric(tmp_path / "many", 500))
    # fifty thousand figures with their claims, held together, are another fifty megabytes
    assert many - few < 80
