"""``zhanbao explain`` and ``zhanbao show --why``, on the demonstration dump and on wordings given with them."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from pipeline.cli import main
from pipeline.reasons import COLUMNS

FIGURE = "2025-eight-provisions/chongqing:263"


def call(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


def line_of(output: str, field: str) -> str:
    """The first line of a column in what was printed."""
    return next(line for line in output.splitlines() if line.startswith(f"  {field} "))


def test_from_the_dump_to_the_reasons_with_the_installed_command(raw: Path, tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("zhanbao")
    subprocess.run([command, "run", raw, "-o", tmp_path / "out", "-q"], check=False)
    done = subprocess.run(
        [command, "explain", "-o", tmp_path / "out", FIGURE],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "COLUMNS": "160"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{FIGURE}  1348个\n")
    assert "万州区" in line_of(done.stdout, "region") and "500101" in line_of(done.stdout, "region")
    assert "of metric_rules.csv" in line_of(done.stdout, "metric")
    assert "in the run" not in done.stdout


def test_columns_stand_under_each_other(demo: Path) -> None:
    lines = call("explain", "-o", demo, FIGURE).output.splitlines()
    wanted = [cell_len(lines[1][: lines[1].index(header)]) for header in ("value", "words", "decided by")]
    for line in lines[2:-1]:
        for column in wanted:
            before = next(i for i in range(len(line) + 1) if cell_len(line[:i]) >= column)
            assert cell_len(line[:before]) == column and line[:before].endswith(" ")


def test_an_article_is_explained_figure_by_figure(demo: Path) -> None:
    done = call("explain", "-o", demo, "2025-eight-provisions/chongqing", "--csv")
    told = pd.read_csv(io.StringIO(done.output))
    assert list(told.columns) == list(COLUMNS)
    assert told.figure_id.nunique() > 20


def test_the_reasons_of_a_cell_follow_its_sentences(demo: Path) -> None:
    plain, why = (call("show", "-o", demo, "500101", "issues_found", *more) for more in ([], ["--why"]))
    assert why.exit_code == 0, why.output
    assert why.output.startswith(plain.output)
    assert "查摆" in line_of(why.output, "action")


@pytest.mark.parametrize("what", [FIGURE, "2025-eight-provisions/chongqing"])
def test_the_reasons_of_a_figure_and_of_an_article(demo: Path, what: str) -> None:
    why = call("show", "-o", demo, what, "--why", "--language", "chinese")
    assert why.exit_code == 0, why.output
    assert "分句中写明" in why.output


def test_a_wording_is_tried_without_a_run(tmp_path: Path) -> None:
    text = "632名县处级以上干部共查找问题4179个"
    done = call("explain", "-o", tmp_path, "--text", text, "--region", "220800", "--date", "2013-10-01")
    assert done.exit_code == 0, done.output
    assert "text:0  632名" in done.output and "text:16  4179个" in done.output
    assert "白城市" in line_of(done.output, "region")


def test_lexicon_lines_are_tried_with_a_wording(tmp_path: Path) -> None:
    (tmp_path / "actions.csv").write_text("verb,groups,source\n督考,inspect,county usage\n", encoding="utf-8")
    text = "我县督考单位30家"
    assert "units_inspected" not in call("explain", "--text", text).output
    assert "units_inspected" in line_of(call("explain", "--text", text, "--lexicon", tmp_path).output, "metric")


def test_what_the_run_holds_otherwise_is_said_first(demo: Path, tmp_path: Path) -> None:
    import shutil

    import pyarrow.parquet as pq

    out = tmp_path / "out"
    shutil.copytree(demo, out)
    for part in (out / "figures").glob("*.parquet"):
        table = pq.read_table(part)
        at = table.schema.get_field_index("unit")
        pq.write_table(table.set_column(at, table.schema.field(at), [["坨"] * table.num_rows]), part)
    lines = call("explain", "-o", out, FIGURE).output.splitlines()
    assert lines[1] == "  unit is 个 here and 坨 in the run: its rules, lexicons or libraries were others"


@pytest.mark.parametrize(
    ("args", "said", "status"),
    [
        ([], "give the id of a figure", 2),
        (["a:1", "--text", "查处5起"], "give the id of a figure", 2),
        (["a:1", "--region", "500000"], "go with --text", 2),
        (["--text", "查处5起", "--region", "鼓楼区"], "there are several", 1),
        (["--text", "查处5起", "--lexicon", "not-there"], "is not a folder", 1),
        (["--text", "会议召开"], "there is no figure in it", 0),
        (["--text", ""], "there is no figure in it", 0),
        (["nothing:1"], "there is no figure and no article", 1),
    ],
)
def test_what_cannot_be_explained_is_said(demo: Path, args: list[str], said: str, status: int) -> None:
    done = call("explain", "-o", demo, *args)
    assert (done.exit_code, said in done.output) == (status, True), done.output
