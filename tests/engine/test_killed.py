"""Runs that are killed, starved of room or kept out: what is finished stays, the next run goes on, no byte differs."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.engine import Summary, run
from pipeline.engine.output import Output
from pipeline.engine.parts import load_markers

from .made import FILES, ROOT, SHARD_BYTES, make_dump, record, results, write

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs fork and mount")

KILLS = 30

#: runs that came to their end between the kills; more would say that the moments are chosen badly
MOST_RUNS = 4 * KILLS

#: a process that has everything loaded and, for each line it reads, becomes two: the new one is `zhanbao run`.
#: What is loaded is the same every time, and no thread runs yet that could be lost on the way
READY = """
import os, sys
import pipeline.engine.runner as runner
runner.SHARD_BYTES = int(sys.argv[1])
from pipeline import Article, run_stages
import duckdb, pyarrow.dataset, pyarrow.parquet, jinja2, openpyxl, xlsxwriter
import pipeline.report.page, pipeline.tables.build
from pipeline.cli import main
run_stages(Article(article_id="a", raw_text="甘棠县查找问题41个，立案2件。"))
print("ready", flush=True)
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        sys.stdin.close()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        main(line.rstrip().split("\\t"))
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


class Runs:
    """Starts runs one after another, each in a process of its own."""

    def __init__(self, shard_bytes: int) -> None:
        self._ready = subprocess.Popen(
            [sys.executable, "-c", READY, str(shard_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
        assert self._said() == "ready"

    def _said(self) -> str:
        assert self._ready.stdout
        return self._ready.stdout.readline().rstrip()

    def start(self, dump: Path, out: Path) -> int:
        """Start a run and return the number of its process."""
        assert self._ready.stdin
        command = ["run", str(dump), "-o", str(out), "--workers", "1", "--quiet"]
        self._ready.stdin.write("\t".join(command) + "\n")
        self._ready.stdin.flush()
        return int(self._said())

    def ended(self) -> int:
        """Wait for the run and return its exit status, or the negative number of the signal that ended it."""
        return int(self._said())

    def close(self) -> None:
        self._ready.kill()
        self._ready.communicate()


@pytest.fixture
def runs() -> Iterator[Runs]:
    found = Runs(SHARD_BYTES)
    yield found
    found.close()


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    folder = make_dump(tmp_path / "dump")
    # an id that two files have, so that a part is written a second time
    write(folder / "6.jsonl", [record(6, 0), record(2, 1)])
    (folder / "lost.txt").write_bytes(b"\x00\x01\x02")
    return folder


def test_killed_at_thirty_random_moments(dump: Path, tmp_path: Path, runs: Runs) -> None:
    undisturbed, out = tmp_path / "undisturbed", tmp_path / "out"
    begin = time.monotonic()
    runs.start(dump, undisturbed)
    assert runs.ended() == 3
    whole = time.monotonic() - begin
    expected = results(undisturbed)
    assert len(expected) > 10

    chance = random.Random(20261122)
    killed, kept, in_the_middle = 0, 0, 0
    for _ in range(MOST_RUNS):
        if killed == KILLS:
            break
        pid = runs.start(dump, out)
        time.sleep(chance.uniform(0, whole))
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        if runs.ended() == -signal.SIGKILL:
            killed += 1
            finished = len(list(load_markers(out)))
            assert finished >= kept, "finished shards were lost"
            kept = finished
            in_the_middle += finished > 0
        else:
            # it was faster: that output is to be right, and the next run begins from nothing
            assert results(out) == expected
            shutil.rmtree(out)
            kept = 0
    assert killed == KILLS
    assert in_the_middle, "every run was killed before it had done anything"
    runs.start(dump, out)
    assert runs.ended() == 3
    assert results(out) == expected
    assert Summary.load(out).counts["shards_reused"] >= kept
    assert not [p for p in out.rglob("*") if p.suffix in (".part", ".tmp", ".at")]


# --------------------------------------------------------------------------------------------- no room


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with room for little; skipped where none may be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=64k", "none", str(disk)):
        pytest.skip("no disk may be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def mount(*arguments: str) -> bool:
    program = shutil.which("mount")
    return bool(program) and subprocess.run([program, *arguments], capture_output=True).returncode == 0


def zhanbao_run(dump: Path, out: Path, workers: int = 1) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pipeline", "run", str(dump), "-o", str(out), "-w", str(workers), "--quiet"]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def one_line(ended: subprocess.CompletedProcess[str]) -> str:
    assert ended.returncode == 1, ended
    (line,) = ended.stderr.splitlines()
    assert "again" in line and "Traceback" not in line
    return line


def test_a_full_and_a_read_only_disk_are_said_in_one_line_and_the_next_run_goes_on(
    dump: Path, tmp_path: Path, small_disk: Path
) -> None:
    out = small_disk / "out"
    # parts of some shards find room, the tables do not
    assert "No space left" in one_line(zhanbao_run(dump, out, workers=2))
    assert not (out / "run.json").exists()
    assert not list(out.glob("*/*.part")), "half a file was left"
    mount("-o", "remount,ro", str(small_disk))
    assert "Read-only" in one_line(zhanbao_run(dump, out))
    assert mount("-o", "remount,rw,size=64m", str(small_disk))
    run(dump, out, workers=1)
    run(dump, tmp_path / "undisturbed", workers=1)
    assert results(out) == results(tmp_path / "undisturbed")


def test_a_second_process_is_refused(dump: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with Output(out).locked():
        ended = zhanbao_run(dump, out)
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [f"Error: another run is writing to {out}; wait for it or give another folder"]


@pytest.mark.parametrize("name", ["000.jsonl", "4x.jsonl", "z.jsonl"])
def test_a_new_file_costs_only_itself(dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("pipeline.engine.runner._build_tables", lambda out, job: None)
    monkeypatch.setattr("pipeline.engine.runner.SHARD_BYTES", SHARD_BYTES)
    out = tmp_path / "out"
    shards = run(dump, out, workers=1).counts["shards"]
    assert shards > FILES
    write(dump / name, [record(0, 7)])
    counts = run(dump, out, workers=1).counts
    assert (counts["shards"], counts["shards_reused"]) == (shards + 1, shards)
