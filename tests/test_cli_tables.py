"""The commands for those who publish the tables, on the demonstration dump."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from pipeline.cli import main
from pipeline.tables.sampling import columns


def call(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


def test_a_footnote(demo: Path) -> None:
    done = call("cite", "-o", demo, "500101", "issues_found", "--accessed", "2025-01-02")
    assert done.exit_code == 0, done.output
    assert "万州区查找问题" in done.output
    assert "[2025-01-02]" in done.output


def test_sources_as_bibtex(demo: Path) -> None:
    assert call("cite", "-o", demo, "万州区", "查找问题", "--bibtex").output.startswith("@online{")


def test_an_empty_cell_is_told(demo: Path) -> None:
    done = call("cite", "-o", demo, "500101", "nothing")
    assert done.exit_code == 1
    assert "is empty" in done.output


def test_from_a_sample_to_a_table_for_the_methods_section(demo: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "wang.xlsx"
    done = call("sample", sheet, "-o", demo, "-n", 12, "--by", "metric, province")
    assert "12 figures" in done.output
    assert call("validate", sheet).exit_code == 1
    book = openpyxl.load_workbook(sheet)
    for place, name in enumerate(columns(), 1):
        for row in range(2, 14) if name.endswith("✓") else ():
            book["coding"].cell(row, place).value = "对"
    book.save(sheet)
    done = call("validate", sheet, "--form", "markdown")
    assert done.exit_code == 0, done.output
    assert "| all fields | 12 | 12 | 1.000 | [0.758, 1.000] |" in done.output


def test_an_unknown_stratum_is_told(demo: Path, tmp_path: Path) -> None:
    done = call("sample", tmp_path / "s.xlsx", "-o", demo, "--by", "colour")
    assert (done.exit_code, "choose of" in done.output) == (1, True)


def test_a_run_does_not_differ_from_itself_and_tells_what_is_gone(demo: Path, tmp_path: Path) -> None:
    assert call("diff", demo, demo).output == "0 cells differ\n"
    other = tmp_path / "other"
    shutil.copytree(demo, other)
    long = other / "tables" / "metrics_long.parquet"
    import pyarrow.parquet as pq

    table = pq.read_table(long)
    pq.write_table(table.slice(1), long)
    done = call("diff", demo, other)
    assert done.exit_code == 1
    assert "1 cells differ: 1 removed" in done.output
    assert call("diff", demo, other, "--csv").output.startswith("change,region,")


@pytest.mark.parametrize("form", ["csv-bom", "dta", "duckdb", "sqlite"])
def test_each_form_of_the_tables(demo: Path, tmp_path: Path, form: str) -> None:
    done = call("export", demo, "--to", form, "-d", tmp_path / "forms")
    assert done.exit_code == 0, done.output
    assert all(Path(line).is_file() for line in done.output.splitlines())
    assert (tmp_path / "forms").joinpath("codebook.dta" if form == "dta" else "codebook.csv").is_file()


def test_a_file_of_denominators_that_cannot_be_used(demo: Path, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("region\n500101\n", encoding="utf-8")
    done = call("export", demo, "--to", "csv-bom", "-d", tmp_path, "--normalise", tmp_path / "r.csv")
    assert (done.exit_code, "to divide by" in done.output) == (1, True)
