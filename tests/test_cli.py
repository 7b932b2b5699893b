"""The command line from end to end: the real command, on the demonstration dump and on a folder of bad input."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from pipeline import explore, lexicon
from pipeline.cli import main
from pipeline.cli.text import number, quantity
from pipeline.tables.cells import cell


def zhanbao(*args: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The installed command in a process of its own."""
    command = [Path(sys.executable).with_name("zhanbao"), *map(str, args)]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", env={**os.environ, **environment}, stdin=subprocess.DEVNULL
    )


def call(*args: object) -> Result:
    """The command in this process."""
    return CliRunner().invoke(main, [str(arg) for arg in args])


def rejected(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "rejected.jsonl").read_text(encoding="utf-8").splitlines()]


def articles(out: Path) -> dict[str, dict[str, Any]]:
    return {a["article_id"]: a for a in ds.dataset(out / "articles").to_table().to_pylist()}


class TestDemonstrationDump:
    def test_it_is_used_but_for_the_one_file_that_cannot_be_read(self, raw: Path, tmp_path: Path) -> None:
        done = zhanbao("run", raw, "-o", tmp_path / "out", "-w", 2)
        assert done.returncode == 3, done.stderr
        assert [(r["file"], r["row"]) for r in rejected(tmp_path / "out")] == [
            ("2024-around-the-people/lost-in-transfer.txt.gz", None)
        ]
        assert "24 articles" in done.stdout
        assert "rejected.jsonl" in done.stdout
        assert "查找问题" in done.stdout and "重庆市" in done.stdout

    def test_every_figure_stands_where_it_says(self, demo: Path) -> None:
        texts = {article_id: article["raw_text"] for article_id, article in articles(demo).items()}
        figures = ds.dataset(demo / "figures").to_table().to_pylist()
        assert len(figures) > 200
        for figure in figures:
            assert texts[figure["article_id"]][figure["start"] : figure["end"]] == figure["quote"]
            assert figure["sentence_start"] <= figure["start"] < figure["end"] <= figure["sentence_end"]

    def test_every_cell_can_be_traced(self, demo: Path) -> None:
        known = set(ds.dataset(demo / "figures").to_table(["figure_id"])["figure_id"].to_pylist())
        facts = pq.read_table(demo / "tables" / "metrics_long.parquet").to_pylist()
        assert facts
        for fact in facts:
            assert fact["figure_ids"] and set(fact["figure_ids"]) <= known

    @pytest.mark.parametrize(
        "name",
        [
            "metrics_long.parquet",
            "metrics_long.csv",
            "metrics_by_region.parquet",
            "metrics_by_region.csv",
            "metrics_by_region.xlsx",
            "checks.parquet",
            "checks.csv",
        ],
    )
    def test_the_tables_of_the_contract_are_there(self, demo: Path, name: str) -> None:
        assert (demo / "tables" / name).stat().st_size > 0

    def test_the_record_of_the_run_names_what_it_depended_on(self, demo: Path) -> None:
        record = json.loads((demo / "run.json").read_text(encoding="utf-8"))
        assert record["counts"]["articles"] == 24
        assert {"zhanbao", "python", "pyarrow", "regex"} <= set(record["versions"])
        assert "metrics" in record["lexicons"]
        assert record["options"]["segmenter"] == "rjieba"
        assert record["inputs"]


class TestShow:
    def test_the_first_fact_of_a_cell_is_the_one_that_the_table_shows(self, demo: Path) -> None:
        metrics = {row["metric"] for row in lexicon.table("metrics")}
        table = pq.read_table(demo / "tables" / "metrics_by_region.parquet").to_pylist()
        cells = [(row["region"], name, value) for row in table for name, value in row.items() if name in metrics]
        shown = [(region, metric, value) for region, metric, value in cells if value is not None]
        assert len(shown) > 50
        for region, metric, value in shown:
            assert cell(demo, region, metric)[0].row.value == value, (region, metric)
            assert explore.cell(demo, region, metric).facts[0]["value"] == value, (region, metric)

    def test_a_cell_shows_the_sentence_with_the_figure_marked(self, demo: Path) -> None:
        shown = call("show", "-o", demo, "500101", "issues_found")
        assert shown.exit_code == 0, shown.output
        assert "【" in shown.output and "万州" in shown.output

    def test_the_region_may_be_a_name_and_the_metric_a_label(self, demo: Path) -> None:
        by_code = call("show", "-o", demo, "500101", "issues_found")
        assert call("show", "-o", demo, "万州区", "查找问题").output == by_code.output

    def test_a_figure_shows_its_fields_and_neighbours(self, demo: Path) -> None:
        figure = ds.dataset(demo / "figures").to_table().to_pylist()[0]
        shown = call("show", "-o", demo, figure["figure_id"])
        assert f"【{figure['quote']}】" in shown.output
        assert figure["role"] in shown.output and str(figure["region"]) in shown.output

    @pytest.mark.parametrize(
        ("what", "said"),
        [
            (["三台"], "it is a region: give one of its metrics too, "),
            (["三台县", "立案"], "of 三台县 there are: "),
            (["三台县", "查找问题", "没有的活动"], "of 三台县 it is told in the campaigns: 学习贯彻"),
            (["没有的县", "查找问题"], "nothing is reported of 没有的县"),
            (
                ["2018-style-rectification/baicheng:250"],
                "close to it there are 2018-style-rectification/baicheng:254, ",
            ),
        ],
    )
    def test_what_is_not_there_leads_to_what_there_is(self, demo: Path, what: list[str], said: str) -> None:
        result = call("show", "-o", demo, *what)
        assert result.exit_code == 1
        assert said in result.output

    def test_a_footnote_finds_a_region_by_its_short_name(self, demo: Path) -> None:
        short, full = (call("cite", "-o", demo, name, "整改率").output for name in ("三台", "三台县"))
        assert short == full and short.startswith("三台县整改率")

    def test_an_article_shows_its_figures(self, demo: Path) -> None:
        shown = call("show", "-o", demo, "2018-style-rectification/baicheng")
        assert shown.exit_code == 0, shown.output
        assert "演示稿" in shown.output and "issues_found" in shown.output

    @pytest.mark.parametrize(
        ("what", "said"),
        [
            (["500101", "money_saved"], "issues_found"),
            (["999999", "issues_found"], "nothing is reported of 999999"),
            (["baicheng"], "2018-style-rectification/baicheng"),
            (["a", "b", "c", "d"], "quote names that have blanks"),
        ],
    )
    def test_what_is_not_there_is_said_with_what_there_is(self, demo: Path, what: list[str], said: str) -> None:
        shown = call("show", "-o", demo, *what)
        assert shown.exit_code in (1, 2)
        assert said in shown.output

    def test_without_a_run_it_says_how_to_make_one(self, tmp_path: Path) -> None:
        shown = call("show", "-o", tmp_path, "500101", "issues_found")
        assert shown.exit_code == 1
        assert "zhanbao run" in shown.output


class TestTables:
    def test_facts_are_filtered(self, demo: Path) -> None:
        every = call("tables", "-o", demo, "--csv").output.splitlines()
        districts = call("tables", "-o", demo, "--csv", "--region", "重庆市", "--level", "county").output.splitlines()
        assert every[0] == districts[0]
        assert 1 < len(districts) < len(every)
        assert set(districts) <= set(every)
        assert (
            call("tables", "-o", demo, "--csv", "--region", "500000", "--level", "county").output.splitlines()
            == districts
        )

    def test_facts_that_are_less_sure_can_be_left_out(self, demo: Path) -> None:
        every = call("tables", "-o", demo, "--csv").output.splitlines()
        sure = call("tables", "-o", demo, "--csv", "--min-confidence", "0.8").output.splitlines()
        assert 1 < len(sure) < len(every)
        assert sure[0] == every[0] and set(sure) <= set(every)
        assert call("tables", "-o", demo, "--min-confidence", "1.5").exit_code == 2

    @pytest.mark.parametrize("drawn", [0, 500])
    def test_columns_stand_under_each_other_however_wide_their_characters(
        self, demo: Path, drawn: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from rich.cells import cell_len

        monkeypatch.setattr("pipeline.cli.text._DRAWN", drawn)
        monkeypatch.setenv("COLUMNS", "200")
        lines = call("tables", "-o", demo, "--metric", "issues_found").output.splitlines()
        column = cell_len(lines[0][: lines[0].index("campaign")])
        for line in lines[1:-1]:
            before = next(i for i in range(len(line) + 1) if cell_len(line[:i]) >= column)
            assert cell_len(line[:before]) == column
            assert line[:before].endswith(" ")

    @pytest.mark.parametrize(
        ("filters", "said"),
        [
            (["--metric", "没有的指标"], "no fact has the metric '没有的指标'; there are: "),
            (["--region", "没有的县"], "no fact has the region '没有的县'; there are: "),
            (["--campaign", "没有的活动"], "no fact has the campaign '没有的活动'; there are: "),
        ],
    )
    def test_a_filter_that_fits_nothing_tells_what_there_is(self, demo: Path, filters: list[str], said: str) -> None:
        result = call("tables", "-o", demo, *filters)
        assert result.exit_code == 1
        assert said in result.output

    def test_a_region_goes_by_its_short_name_too(self, demo: Path) -> None:
        short, full = (call("tables", "-o", demo, "--region", name).output for name in ("三台", "三台县"))
        assert short == full and len(full.splitlines()) > 3

    def test_long_tables_say_the_same_as_drawn_ones(self, demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def printed() -> list[list[str]]:
            return [line.split() for line in call("tables", "-o", demo, "--metric", "issues_found").output.splitlines()]

        monkeypatch.setenv("COLUMNS", "300")  # wide enough that nothing is folded
        drawn = printed()
        assert len(drawn) > 3
        monkeypatch.setattr("pipeline.cli.text._DRAWN", 0)
        assert printed() == drawn


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dump with all that can be wrong with one, and one file that is right."""
    folder = tmp_path_factory.mktemp("bad")
    report = "2014年9月1日，江西省南昌县通报：全县共查找问题312个，整改287个。"
    (folder / "good.txt").write_text(report, encoding="utf-8")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 64)
    (folder / "cut.txt.gz").write_bytes(gzip.compress(report.encode() * 400, mtime=0)[:-40])
    (folder / "table.csv").write_text("编号,数量\n1,312\n2,287\n", encoding="utf-8")
    middle = report.encode()
    (folder / "invalid.txt").write_bytes(middle * 9 + b"\xff\xfe\xff" + middle * 9)
    records = [
        {"title": "无编号", "text": report},
        {"id": "twice", "text": report},
        {"id": "twice", "text": report * 2},
    ]
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    (folder / "records.jsonl").write_text("\n".join([*lines, '{"id": "half", "text": "全县']) + "\n", encoding="utf-8")
    prose = "各单位对照要求逐条查摆，把学习、查找、整改贯穿始终。\n"
    long = f"{report}\n{prose * (5_000_000 // len(prose.encode()))}{report}\n"
    (folder / "long.txt").write_text(long, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def done(bad: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    out = tmp_path_factory.mktemp("bad-run") / "out"
    return zhanbao("run", bad, "-o", out, "-w", 2), out


class TestBadInput:
    def test_what_cannot_be_used_is_named_with_its_reason(
        self, done: tuple[subprocess.CompletedProcess[str], Path]
    ) -> None:
        process, out = done
        assert process.returncode == 3, process.stderr
        assert [(r["file"], r["row"], r["reason"]) for r in rejected(out)] == [
            ("binary.txt", None, "binary"),
            ("cut.txt.gz", None, "truncated"),
            ("empty.txt", None, "empty"),
            ("records.jsonl", 3, "duplicate-id"),
            ("records.jsonl", 4, "invalid-json"),
            ("table.csv", None, "no-text-column"),
        ]
        assert all(r["detail"] for r in rejected(out))
        assert "not used: 6" in process.stdout

    def test_what_can_be_used_is_used(self, done: tuple[subprocess.CompletedProcess[str], Path]) -> None:
        found = articles(done[1])
        assert set(found) == {"good", "invalid", "long", "records#1", "twice"}
        assert found["invalid"]["n_damaged"] > 0
        assert found["good"]["n_figures"] == 2
        assert len(found["long"]["raw_text"].encode()) >= 5_000_000
        assert found["long"]["n_figures"] == 4


class TestExitStatus:
    def test_0_when_all_was_used(self, bad: Path, tmp_path: Path) -> None:
        done = zhanbao("run", bad / "good.txt", "-o", tmp_path / "out", "-w", 1)
        assert done.returncode == 0, done.stderr

    def test_1_when_it_could_not_be_done(self, tmp_path: Path) -> None:
        failed = call("run", tmp_path / "nowhere", "-o", tmp_path / "out")
        assert failed.exit_code == 1
        assert "does not exist" in failed.output and "Traceback" not in failed.output

    @pytest.mark.parametrize("pair", ["text", "text=", "colour=内容", "=内容"])
    def test_2_when_the_line_is_wrong(self, raw: Path, tmp_path: Path, pair: str) -> None:
        wrong = call("run", raw, "-o", tmp_path / "out", "-c", pair)
        assert wrong.exit_code == 2
        assert "FIELD=NAME" in wrong.output
        assert not (tmp_path / "out").exists()

    @pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root may write everywhere")
    def test_1_when_the_output_cannot_be_written(self, bad: Path, tmp_path: Path) -> None:
        tmp_path.chmod(0o500)
        failed = call("run", bad / "good.txt", "-o", tmp_path / "out")
        assert failed.exit_code == 1 and "Permission denied" in failed.output

    def test_1_when_a_lexicon_is_not_in_order(self, bad: Path, tmp_path: Path) -> None:
        (tmp_path / "measure_words.csv").write_text("word,kind,source\n个,thing,test\n", encoding="utf-8")
        failed = call("run", bad / "good.txt", "-o", tmp_path / "out", "--lexicon", tmp_path)
        assert failed.exit_code == 1
        assert "measure_words.csv:2" in failed.output


def test_columns_of_ones_own_can_be_mapped(tmp_path: Path) -> None:
    table = tmp_path / "dump.csv"
    table.write_text("甲,乙\nk1,2014年9月1日南昌县查找问题312个。\n", encoding="utf-8")
    done = call("run", table, "-o", tmp_path / "out", "-w", 1, "-c", "text=乙", "-c", "article_id=甲", "-q")
    assert done.exit_code == 0, done.output
    assert articles(tmp_path / "out")["k1"]["raw_text"] == "2014年9月1日南昌县查找问题312个。"
    assert done.output == ""


def test_chinese_is_printed_whatever_the_terminal_says(bad: Path, tmp_path: Path) -> None:
    done = zhanbao("run", bad / "good.txt", "-o", tmp_path / "out", "-w", 1, PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.returncode == 0, done.stderr
    assert "南昌县" in done.stdout


def test_no_colour_where_none_is_wanted(demo: Path) -> None:
    shown = zhanbao("show", "-o", demo, "500101", "issues_found", NO_COLOR="1")
    assert "\x1b" not in shown.stdout


def test_the_stages_are_listed_in_order() -> None:
    from pipeline.stages import STAGES

    listed = call("stages").output
    places = [listed.index(f"\n{stage.name} ") for stage in STAGES]
    assert places == sorted(places)
    assert listed.index("read ") < places[0]


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        ("word,kind,source\n摞摞,count,test\n", 0, "is in order"),
        ("word,kind,source\n摞摞,thing,test\n", 1, "measure_words.csv:2: kind is 'thing'"),
        ("wort,kind,source\n摞摞,count,test\n", 1, "unknown column wort"),
    ],
)
def test_lexicon_files_are_checked(tmp_path: Path, content: str, status: int, said: str) -> None:
    file = tmp_path / "measure_words.csv"
    file.write_text(content, encoding="utf-8")
    checked = call("lexicon", "check", file)
    assert (checked.exit_code, said in checked.output) == (status, True), checked.output


@pytest.mark.parametrize(
    "command", [[], ["run"], ["show"], ["tables"], ["lexicon"], ["lexicon", "check"], ["stages"], ["score"]]
)
def test_help_is_given_for_every_command(command: list[str]) -> None:
    shown = call(*command, "--help")
    assert shown.exit_code == 0
    assert "Usage:" in shown.output


def test_help_loads_none_of_the_heavy_libraries() -> None:
    heavy = {"distributed", "duckdb", "fsspec", "pandas", "pyarrow", "regex", "rich"}
    code = f"import sys, pipeline.cli, pipeline.storage; print(*sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


@pytest.mark.parametrize(
    ("fact", "shown"),
    [
        ({"value": 3.0, "value_max": None, "bound": "exact", "unit": "个"}, "3 个"),
        ({"value": 71.6, "value_max": None, "bound": "about", "unit": "%"}, "约 71.6 %"),
        ({"value": 3.0, "value_max": 5.0, "bound": "range", "unit": "次"}, "3–5 次"),
        ({"value": 12345678.0, "value_max": float("nan"), "bound": "at_least", "unit": ""}, "≥ 12,345,678"),
    ],
)
def test_quantities_are_written_as_people_write_them(fact: dict[str, Any], shown: str) -> None:
    assert quantity(fact) == shown
    assert number(None) == ""
