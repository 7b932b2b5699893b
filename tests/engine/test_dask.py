"""The engine for clusters, on a scheduler and workers that are processes of their own and talk over TCP."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.engine import EngineError, Progress, run
from pipeline.engine.cluster import _checked
from pipeline.engine.output import Output
from pipeline.engine.parts import load_markers
from pipeline.engine.rules import rules
from pipeline.engine.task import Task, process
from pipeline.model import Options
from pipeline.stages.read import plan

from .made import FILES, RECORDS, ROOT, SHARD_BYTES, make_dump, rejected, results

pytest.importorskip("distributed")

#: read by every process of Python that has its folder on PYTHONPATH; works in the processes that stages run in
SABOTAGE = """
import sys
if any("multiprocessing" in part for part in sys.orig_argv) and "spawn_main" in " ".join(sys.orig_argv):
    import os, signal, time
    import pipeline.engine.task as task
    before = task.run_stages
    def run_stages(article, options=None, seconds=None):
        time.sleep({pause})
        {harm}
        return before(article, options, seconds)
    task.run_stages = run_stages
"""


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.engine.runner.SHARD_BYTES", SHARD_BYTES)


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_dump(tmp_path_factory.mktemp("dask") / "dump")


@pytest.fixture(scope="module")
def expected(dump: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("dask") / "local"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.engine.runner.SHARD_BYTES", SHARD_BYTES)
        run(dump, out, workers=1)
    return results(out)


class Cluster:
    """A scheduler and its workers, each a process."""

    def __init__(self, folder: Path, open_: ExitStack, **environment: str) -> None:
        self._folder = folder
        self._open = open_
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.workers: list[subprocess.Popen[bytes]] = []
        host, port = self.address.removeprefix("tcp://").split(":")
        self.scheduler = self._start("scheduler", "--host", host, "--port", port, "--no-dashboard", **environment)
        wait_for(int(port))

    def _start(self, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{command[0]}", *command[1:]],
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._open.callback(end, process)
        return process

    def worker(self, sabotage: str = "", nanny: str = "--no-nanny") -> subprocess.Popen[bytes]:
        path = os.pathsep.join(filter(None, [sabotage, str(ROOT)]))
        command = ("worker", self.address, "--nthreads", "1", nanny, "--no-dashboard", "--host", "127.0.0.1")
        self.workers.append(self._start(*command, PYTHONPATH=path))
        return self.workers[-1]


def end(process: subprocess.Popen[bytes]) -> None:
    # a nanny takes its worker along only if it is asked
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    """Wait until a server listens; on a busy machine it takes its time."""
    for _ in range(1200):
        with socket.socket() as connection:
            if connection.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server did not start")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with ExitStack() as open_:
        yield Cluster(tmp_path, open_)


def sabotage(folder: Path, pause: float = 0.0, harm: str = "") -> str:
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SABOTAGE.format(pause=pause, harm=harm), encoding="utf-8")
    return str(folder)


def test_a_worker_killed_in_the_middle_changes_nothing(
    dump: Path, expected: dict[str, bytes], cluster: Cluster, tmp_path: Path
) -> None:
    slow = sabotage(tmp_path / "site", pause=0.1)
    first, _ = cluster.worker(slow), cluster.worker(slow)
    out = tmp_path / "out"
    states: list[Progress] = []

    def progress(state: Progress) -> None:
        states.append(state)
        if len(states) == 2:
            first.kill()

    summary = run(dump, out, engine="dask", scheduler=cluster.address, progress=progress)
    assert first.poll() is not None
    assert results(out) == expected
    assert summary.counts["articles"] == FILES * RECORDS and not summary.rejects
    assert states[-1].phase == "tables" and states[-1].bytes_done == states[-1].bytes_total
    # and what it finished, another engine takes over
    assert run(dump, out, workers=1).counts["shards_reused"] == FILES


def test_an_article_that_ends_its_process_is_left_out_and_takes_no_worker_along(
    dump: Path, cluster: Cluster, tmp_path: Path
) -> None:
    harm = "if article.article_id == 'r4-2': os.kill(os.getpid(), signal.SIGKILL)"
    worker = cluster.worker(sabotage(tmp_path / "site", harm=harm))
    out = tmp_path / "out"
    run(dump, out, engine="dask", scheduler=cluster.address)
    assert [(r["file"], r["row"], r["reason"]) for r in rejected(out)] == [("4.jsonl", 3, "process-ended")]
    assert worker.poll() is None


def test_a_shard_that_ends_every_worker_is_given_up(dump: Path, tmp_path: Path) -> None:
    # as if a machine went down whenever it gets that shard: the process ends the worker that it belongs to
    harm = "if article.article_id == 'r4-2': os.kill(os.getppid(), signal.SIGKILL)"
    out = tmp_path / "out"
    with ExitStack() as open_:
        cluster = Cluster(tmp_path, open_, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
        # the nanny starts a new worker
        cluster.worker(sabotage(tmp_path / "site", harm=harm), "--nanny")
        run(dump, out, engine="dask", scheduler=cluster.address)
    (reject,) = rejected(out)
    assert (reject["file"], reject["reason"]) == ("4.jsonl", "process-ended")
    assert len(list(load_markers(out))) == FILES - 1


def test_when_the_scheduler_goes_what_is_finished_is_kept(
    dump: Path, expected: dict[str, bytes], cluster: Cluster, tmp_path: Path
) -> None:
    cluster.worker(sabotage(tmp_path / "site", pause=0.1))
    out = tmp_path / "out"
    with pytest.raises(EngineError, match=f"{cluster.address} is gone"):
        run(dump, out, engine="dask", scheduler=cluster.address, progress=lambda state: cluster.scheduler.kill())
    assert run(dump, out, workers=1).counts["shards_reused"] >= 1
    assert results(out) == expected


def test_dask_without_a_scheduler_works_on_this_machine(dump: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    run(dump, tmp_path / "out", engine="dask", workers=2)
    assert results(tmp_path / "out") == expected


def test_what_cannot_be_is_said_in_one_line(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cluster: Cluster
) -> None:
    out = tmp_path / "out"
    with pytest.raises(EngineError, match="needs the engine dask"):
        run(dump, out, scheduler="tcp://127.0.0.1:1")
    with pytest.raises(EngineError, match="no engine 'spark'"):
        run(dump, out, engine="spark")
    monkeypatch.setattr("pipeline.engine.cluster.WAIT_FOR_WORKERS", 0.5)
    with pytest.raises(EngineError, match="has no workers"):
        run(dump, out, engine="dask", scheduler=cluster.address)
    monkeypatch.setitem(sys.modules, "distributed", None)
    said = CliRunner().invoke(main, ["run", str(dump), "-o", str(out), "--engine", "dask", "--quiet"])
    assert said.exit_code == 1
    assert "pip install 'zhanbao[dask]'" in said.output and "Traceback" not in said.output


def test_a_worker_with_another_program_or_other_folders_is_named(dump: Path, tmp_path: Path) -> None:
    shard = plan(str(dump), SHARD_BYTES)[0]
    task = Task(shard, str(tmp_path / "out"), Options(), rules(), "a run")
    other: Any = replace(task, rules=rules().replace('"zhanbao": "', '"zhanbao": "9.'))
    with pytest.raises(EngineError, match=r"it has zhanbao .*, not 9\."):
        _checked(other)
    with pytest.raises(EngineError, match="does not see the dump"):
        _checked(replace(task, shard=replace(shard, root=str(tmp_path / "nowhere"))))
    with pytest.raises(EngineError, match="does not see the output"):
        _checked(task)


def test_a_worker_that_a_stopped_run_left_behind_changes_nothing(dump: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    output = Output(out)
    (out / ".zhanbao").mkdir(parents=True)
    task = Task(plan(str(dump), SHARD_BYTES)[0], str(out), Options(), rules(), output.begin())
    output.begin()
    with pytest.raises(EngineError, match="belongs to another run"):
        process(task)
    assert not list(load_markers(out)) and not list((out / "articles").glob("*"))
