"""What must not stop a run, what must, and what must not get out of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.engine import run
from pipeline.model import Article, Options

ROOT = Path(__file__).parent.parent.parent

TEXT = "甘棠县今年以来共排查隐患321处，整改300处；立案5件，处分7人。"


@pytest.fixture
def no_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the tables, which take most of the time of a small run."""
    monkeypatch.setattr("pipeline.engine.runner._build_tables", lambda out, job: None)


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    folder = tmp_path / "dump"
    folder.mkdir()
    lines = [json.dumps({"id": f"r{n}", "text": f"第{n}期。{TEXT * 30}"}, ensure_ascii=False) for n in range(40)]
    (folder / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def rejected(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "rejected.jsonl").read_text(encoding="utf-8").splitlines()]


def missing_library(*_: object) -> Article:
    raise ModuleNotFoundError("No module named 'lxml'")


@pytest.mark.parametrize("place", ["read", "stage"])
def test_a_missing_library_ends_the_run_and_blames_no_file(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    if place == "read":
        monkeypatch.setitem(sys.modules["pipeline.stages.read.reader"]._READERS, "jsonl", missing_library)
    else:
        monkeypatch.setattr("pipeline.stages._functions", lambda: (("locate", missing_library),))
        monkeypatch.setattr("pipeline.engine.task.warm_up", lambda options: None)
    with pytest.raises(ImportError, match="lxml"):
        run(dump, tmp_path / "out", workers=1)
    assert not (tmp_path / "out" / "rejected.jsonl").exists()
    said = CliRunner().invoke(main, ["run", str(dump), "-o", str(tmp_path / "cli"), "-w", "1", "--quiet"])
    assert said.exit_code == 1
    assert "No module named 'lxml'" in said.output and "pip install" in said.output and "Traceback" not in said.output


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file sizes there")
def test_a_full_disk_is_said_in_one_line_and_the_next_run_goes_on(dump: Path, tmp_path: Path) -> None:
    # a limit on the size of files fails as a full disk does: while a part is written
    out = tmp_path / "out"
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000));"
        "from pipeline.cli import main; main(sys.argv[1:])"
    )
    command = [sys.executable, "-c", code, "run", str(dump), "-o", str(out), "-w", "1", "--quiet"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.returncode == 1, ended
    assert "Traceback" not in ended.stderr
    (line,) = ended.stderr.splitlines()
    assert "too large" in line.lower() and "again" in line
    assert not (out / "run.json").exists()
    assert not list(out.rglob("*.part")), "half a file was left"
    assert run(dump, out, workers=1).counts["articles"] == 40


def test_an_output_that_cannot_be_made_is_said_in_one_line(dump: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    said = CliRunner().invoke(main, ["run", str(dump), "-o", str(tmp_path / "file" / "out"), "-w", "1", "--quiet"])
    assert said.exit_code == 1
    assert "Not a directory" in said.output and "Traceback" not in said.output


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_read_only_output_is_said_in_one_line(dump: Path, tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir(mode=0o555)
    said = CliRunner().invoke(main, ["run", str(dump), "-o", str(tmp_path / "shut" / "out"), "-w", "1", "--quiet"])
    assert said.exit_code == 1
    assert "Permission denied" in said.output and "Traceback" not in said.output


ESCAPES = ("../evil.txt", "../../../../evil.txt", "/evil.txt", "a/../../evil.txt", "..\\evil.txt", "C:\\evil.txt")


@pytest.mark.usefixtures("no_tables")
def test_members_of_archives_are_written_nowhere(tmp_path: Path) -> None:
    dump = tmp_path / "in" / "dump"
    dump.mkdir(parents=True)
    with zipfile.ZipFile(dump / "a.zip", "w") as archive:
        for name in ESCAPES:
            archive.writestr(name, TEXT)
    with tarfile.open(dump / "b.tar.gz", "w:gz") as tar:
        for name in ESCAPES:
            info = tarfile.TarInfo(name)
            info.size = len(TEXT.encode())
            tar.addfile(info, BytesIO(TEXT.encode()))
    before = set(tmp_path.rglob("*"))
    out = tmp_path / "out"
    summary = run(dump, out, workers=1)
    assert summary.counts["articles"] + len(rejected(out)) == 2 * len(ESCAPES)
    made = set(tmp_path.rglob("*")) - before
    assert made and all(p == out or out in p.parents for p in made)
    assert not [p for p in made if "evil" in p.name]
    assert not Path("/evil.txt").exists()


@pytest.mark.usefixtures("no_tables")
@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_out_of_the_dump_are_not_followed(dump: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "s.txt").write_text(TEXT, encoding="utf-8")
    (dump / "folder").symlink_to(tmp_path / "secret")
    (dump / "file.txt").symlink_to(tmp_path / "secret" / "s.txt")
    out = tmp_path / "out"
    run(dump, out, Options(), workers=1)
    assert [(r["file"], r["reason"]) for r in rejected(out)] == [("file.txt", "symlink"), ("folder", "symlink")]
    assert set(ds.dataset(out / "articles").to_table()["source_path"].to_pylist()) == {"a.jsonl"}
