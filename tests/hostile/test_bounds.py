"""Memory, time and the file system: what must not grow with the input, and what no file holds."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from made_files import jsonl

import pipeline.stages.read.streams as streams
from hostile.test_runs import outcome
from pipeline import Article, Options, engine
from pipeline.engine import limits
from pipeline.stages import run_stages, warm_up

ROOT = Path(__file__).parent.parent.parent
T = "全市查找问题41个，整改30个。"

#: what a worker may have, by the project's own mark
_MEGABYTES = 600


#: A process counts what the one that started it held: this small one stands between the run and the tests.
_BETWEEN = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def _peak(dump: Path, out: Path) -> int:
    """Run over a dump in a process of its own, which must end well; its peak of memory in megabytes."""
    code = "import sys; from pipeline.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", code, "run", str(dump), "-o", str(out), "-w", "1", "--quiet"]
    measured = subprocess.run(
        [sys.executable, "-c", _BETWEEN, *command], cwd=ROOT, check=True, capture_output=True, text=True
    )
    status, peak = measured.stdout.splitlines()[-1].split()
    assert int(status) in (0, 3)
    return int(peak) // (1024 if sys.platform != "darwin" else 1 << 20)


def _reasons(out: Path) -> list[tuple[str, int | None, str]]:
    lines = map(json.loads, (out / "rejected.jsonl").read_text(encoding="utf-8").splitlines())
    return [(line["file"], line["row"], line["reason"]) for line in lines]


@pytest.mark.skipif(sys.platform == "win32", reason="no such count of memory there")
def test_a_gigabyte_in_one_line_and_bombs_are_never_held_in_memory(tmp_path: Path) -> None:
    dump, out = tmp_path / "dump", tmp_path / "out"
    dump.mkdir()
    with (dump / "line.jsonl").open("wb") as file:
        file.write(jsonl({"text": T}))
        # a hole in the file: a gigabyte of zeros that takes no room
        file.seek(1 << 30, os.SEEK_CUR)
        file.write(b"\n" + jsonl({"text": T}))
    with (dump / "text.txt").open("wb") as file:
        file.truncate(1 << 30)
    with zipfile.ZipFile(dump / "bomb.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in ("a.csv", "b.json", "c.xlsx", "d.tar", "e.parquet"):
            with archive.open(name, "w") as member:
                for _ in range(100):
                    member.write(bytes(1 << 20))
    assert _peak(dump, out) < _MEGABYTES
    found = _reasons(out)
    assert ("line.jsonl", 2, "too-large") in found and ("text.txt", None, "too-large") in found
    assert {file for file, _, _ in found} == {
        "line.jsonl",
        "text.txt",
        *(f"bomb.zip/{n}" for n in ("a.csv", "b.json", "c.xlsx", "d.tar", "e.parquet")),
    }
    assert {reason for file, _, reason in found if file.startswith("bomb")} <= {
        "bomb",
        "too-large",
        "invalid-json",
        "empty",
    }
    assert json.loads((out / "run.json").read_text(encoding="utf-8"))["counts"]["articles"] == 2


# ----------------------------------------------------------------------------------------------------- time


def _slowly(article: Article, options: Options) -> Article:
    until = time.monotonic() + 30
    while "慢" in article.raw_text and time.monotonic() < until:
        pass
    return article


def test_an_article_over_the_time_limit_is_a_line_in_rejected_and_the_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.stages._functions", lambda: (("slow", _slowly),))
    monkeypatch.setattr("pipeline.engine.runner._build_tables", lambda out, job: None)
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "r.jsonl").write_bytes(jsonl({"text": T}, {"text": f"慢{T}"}, {"text": T}))
    made = outcome(tmp_path / "dump", tmp_path / "out", ["r.jsonl"], Options(time_limit=0.5), engine.run)
    assert made.rejects["r.jsonl"] == [("", 2, "time-limit")]
    assert made.texts["r.jsonl"] == [T, T]


def test_a_record_that_is_not_read_in_time_is_a_line_in_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = streams.lines

    def slow(stream: object, limit: int) -> object:
        yield from list(whole(stream, limit))[:1]  # type: ignore[arg-type]
        time.sleep(30)

    monkeypatch.setattr("pipeline.stages.read.records.lines", slow)
    monkeypatch.setattr("pipeline.engine.runner._build_tables", lambda out, job: None)
    (tmp_path / "dump").mkdir()
    (tmp_path / "dump" / "r.jsonl").write_bytes(jsonl({"text": T}, {"text": T}))
    (tmp_path / "dump" / "z.txt").write_text(T, encoding="utf-8")
    # of the two, only the one that is read line by line is slow
    made = outcome(tmp_path / "dump", tmp_path / "out", ["r.jsonl", "z.txt"], Options(time_limit=2.0), engine.run)
    assert made.rejects["r.jsonl"] == [("", None, "time-limit")]
    assert made.texts == {"r.jsonl": [T], "z.txt": [T]}


def test_the_limit_of_an_article_is_given_back(tmp_path: Path) -> None:
    deadline = limits.Deadline(0.2)
    with pytest.raises(limits.TimeLimitError), deadline:
        while True:
            pass
    with deadline:
        assert sum(range(10)) == 45
    deadline.close()


# ---------------------------------------------------------------------------------------- growth, by counted steps


def _steps(text: str) -> int:
    """How many functions are called on the way of a text through all stages: the same on every machine."""
    count = 0

    def called(*_: object) -> None:
        nonlocal count
        count += 1

    gc.disable()
    sys.setprofile(called)
    try:
        run_stages(Article("a", text))
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


#: what once took time with the square of its length
GROWING = {
    "places": "吉林\n",
    "parts of parts": "其中1件\n",
    "heads of campaigns": "主题教育\n",
    "phrases to simplify": "乾縣。乾隆年間",
    "that county": "重庆市该县",
    "a list of places": "重庆市、",
    "divisions at home": "和平：全县\n",
    "parts of one whole": "其中0件，另有0件。\n",
}


@pytest.mark.parametrize("name", GROWING)
def test_the_steps_grow_with_the_length_and_not_with_its_square(name: str) -> None:
    unit = GROWING[name]
    warm_up()
    short, long = (_steps(unit * (length // len(unit))) for length in (3000, 12_000))
    # four times the text: about four times the steps, sixteen times where each looks at all before it
    assert long < 7 * short


# ---------------------------------------------------------------------------------------------- file system


def _dump(folder: Path) -> Path:
    dump = folder / "dump"
    dump.mkdir()
    (dump / "good.txt").write_text(T, encoding="utf-8")
    return dump


def _loop(dump: Path) -> None:
    (dump / "a").mkdir()
    (dump / "a" / "up").symlink_to(dump)


def _unreadable(dump: Path) -> None:
    (dump / "shut.txt").write_text(T, encoding="utf-8")
    (dump / "shut.txt").chmod(0)


def _folder_named_as_a_file(dump: Path) -> None:
    (dump / "x.txt").mkdir()
    (dump / "x.txt" / "y.txt").write_text(f"全县立案5件。{T}", encoding="utf-8")


def _named_in_gbk(dump: Path) -> None:
    Path(os.fsdecode(os.fsencode(dump) + "/通报附件.jpg".encode("gb18030"))).touch()


FILES: dict[str, tuple[Callable[[Path], object], list[tuple[str, str]], int]] = {
    "a dangling link": (lambda d: (d / "l.txt").symlink_to(d / "nowhere.txt"), [("l.txt", "symlink")], 1),
    "a link to itself": (lambda d: (d / "l.txt").symlink_to(d / "l.txt"), [("l.txt", "symlink")], 1),
    "a link to the root": (lambda d: (d / "l").symlink_to("/"), [("l", "symlink")], 1),
    "a link upwards": (_loop, [("a/up", "symlink")], 1),
    "a pipe": (lambda d: os.mkfifo(d / "p.txt"), [("p.txt", "not-a-file")], 1),
    "an empty file": (lambda d: (d / "e.txt").touch(), [("e.txt", "empty")], 1),
    "an empty folder": (lambda d: (d / "e").mkdir(), [], 1),
    "a folder named as a file": (_folder_named_as_a_file, [], 2),
    "a name that is no UTF-8": (_named_in_gbk, [("通报附件.jpg", "unknown-form")], 1),
    "a name with a line end": (lambda d: (d / "a\nb.jpg").touch(), [("a\nb.jpg", "unknown-form")], 1),
    "a long name": (lambda d: (d / ("x" * 250 + ".jpg")).touch(), [("x" * 250 + ".jpg", "unknown-form")], 1),
    "a file that cannot be opened": (_unreadable, [("shut.txt", "unreadable")], 1),
}


@pytest.mark.skipif(sys.platform == "win32", reason="other files are there")
@pytest.mark.parametrize("name", FILES)
def test_what_no_file_holds(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make, rejects, articles = FILES[name]
    if make is _unreadable and os.geteuid() == 0:
        pytest.skip("everything is readable for root")
    monkeypatch.setattr("pipeline.engine.runner._build_tables", lambda out, job: None)
    dump = _dump(tmp_path)
    make(dump)
    made = outcome(dump, tmp_path / "out", ["good.txt", *(file for file, _ in rejects), "x.txt"], through=engine.run)
    assert made.summary.counts["articles"] == articles
    assert [(file, reason) for file, found in made.rejects.items() for _, _, reason in found] == rejects


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
def test_a_file_that_goes_away_during_the_run_is_a_line_in_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.engine.runner._build_tables", lambda out, job: None)
    dump = _dump(tmp_path)
    (dump / "later.txt").write_text(T, encoding="utf-8")
    found = streams.open_file

    def opened(path: str) -> object:
        if path.endswith("good.txt"):
            (dump / "later.txt").unlink(missing_ok=True)
        return found(path)

    monkeypatch.setattr("pipeline.stages.read.reader.open_file", opened)
    made = outcome(dump, tmp_path / "out", ["good.txt", "later.txt"], through=engine.run)
    assert made.rejects == {"later.txt": [("", None, "unreadable")]}
    assert made.texts == {"good.txt": [T]}
