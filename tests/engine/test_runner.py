"""Runs of the engine over small dumps: what is kept, what is done again, what is left out and why."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.dataset as ds
import pytest

from pipeline import Article, Options
from pipeline.engine import EngineError, Progress, Summary, run
from pipeline.engine.output import Output
from pipeline.engine.parts import Marker, load_markers
from pipeline.engine.rules import rules
from pipeline.stages import run_stages

from .made import FILES, RECORDS, ROOT, SHARD_BYTES, make_dump, record, rejected, results, write


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.engine.runner.SHARD_BYTES", SHARD_BYTES)


@pytest.fixture
def no_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the tables, which take most of the time of a small run."""
    monkeypatch.setattr("pipeline.engine.runner._build_tables", lambda out, job: None)


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    return make_dump(tmp_path / "dump")


def ids(out: Path) -> list[str]:
    return sorted(ds.dataset(out / "articles").to_table(["article_id"])["article_id"].to_pylist())


def test_a_run_leaves_parts_tables_rejects_and_its_record(dump: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    summary = run(dump, out, workers=1)
    assert summary.counts["articles"] == FILES * RECORDS
    assert summary.counts["figures"] == ds.dataset(out / "figures").count_rows() >= FILES * RECORDS * 5
    assert ids(out) == sorted(f"r{f}-{r}" for f in range(FILES) for r in range(RECORDS))
    assert rejected(out) == []
    assert (out / "tables" / "metrics_long.csv").stat().st_size > 0
    assert Summary.load(out) == summary
    assert {"read", "repair", "classify", "write", "tables", "elapsed"} <= set(summary.seconds)


def test_no_byte_of_the_tables_depends_on_workers_or_on_the_cut_of_the_dump(dump: Path, tmp_path: Path) -> None:
    run(dump, tmp_path / "one", workers=1)
    run(dump, tmp_path / "two", workers=2)
    assert results(tmp_path / "one") == results(tmp_path / "two")
    whole = tmp_path / "whole"
    whole.mkdir()
    write(whole / "all.jsonl", [record(f, r) for f in reversed(range(FILES)) for r in range(RECORDS)])
    run(whole, tmp_path / "three", workers=1)
    assert results(tmp_path / "one") == results(tmp_path / "three")


def test_a_large_dump_is_worked_on_in_a_process_of_its_own(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(dump, tmp_path / "here", workers=1)
    monkeypatch.setattr("pipeline.engine.local._LITTLE", 0)
    monkeypatch.setattr("pipeline.engine.task._process", None)
    run(dump, tmp_path / "there", workers=1)
    assert results(tmp_path / "here") == results(tmp_path / "there")


def test_only_what_changed_is_worked_on_again(dump: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shards = run(dump, out, workers=1).counts["shards"]
    assert run(dump, out, workers=1).counts["shards_reused"] == shards

    (dump / "0.jsonl").unlink()
    write(dump / "1.jsonl", [record(1, 9)])
    write(dump / "9.jsonl", [record(0, 7)])
    changed = run(dump, out, workers=1)
    assert 0 < changed.counts["shards_reused"] < changed.counts["shards"]
    assert "r1-9" in ids(out) and "r0-7" in ids(out)
    assert not {"r0-0", "r1-0"} & set(ids(out))
    run(dump, tmp_path / "fresh", workers=1)
    assert results(out) == results(tmp_path / "fresh")


@pytest.mark.usefixtures("no_tables")
def test_options_are_part_of_what_a_shard_depends_on(dump: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(dump, out, workers=1)
    assert run(dump, out, Options(tokens=True), workers=1).counts["shards_reused"] == 0
    assert run(dump, out, Options(tokens=True), workers=1).counts["shards_reused"] == FILES
    assert run(dump, out, Options(tokens=True), workers=1, fresh=True).counts["shards_reused"] == 0


def test_lexicons_of_the_user_are_part_of_what_a_shard_depends_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rules()
    (tmp_path / "measure_words.csv").write_text("word,kind,source\n摞摞,count,test\n", encoding="utf-8")
    monkeypatch.setattr("pipeline.lexicon._folders", (tmp_path,))
    assert rules() != before


@pytest.mark.usefixtures("no_tables")
def test_the_tokens_table_is_written_on_request(dump: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(dump, out, Options(tokens=True), workers=1)
    tokens = ds.dataset(out / "tokens").to_table().to_pylist()
    raw = {a["article_id"]: a["raw_text"] for a in ds.dataset(out / "articles").to_table().to_pylist()}
    assert {t["article_id"] for t in tokens} == set(raw)
    assert all(raw[t["article_id"]][t["start"] : t["end"]] == t["text"] for t in tokens)
    run(dump, out, workers=1)
    assert not list((out / "tokens").glob("*"))


@pytest.mark.usefixtures("no_tables")
def test_the_limit_counts_articles_in_the_order_of_the_dump(dump: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(dump, out, workers=1)
    assert run(dump, out, workers=2, limit=RECORDS + 2).counts["articles"] == RECORDS + 2
    assert ids(out) == ["r0-0", "r0-1", "r0-2", "r0-3", "r0-4", "r1-0", "r1-1"]


def test_an_id_belongs_to_the_first_record_by_path_and_row(dump: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(dump / "3.jsonl", [record(3, 0), record(2, 1), record(3, 1), record(3, 1)])
    write(dump / "6.jsonl", [record(6, 0), record(2, 1)])
    run(dump, out, workers=1)
    taken = [(r["file"], r["row"]) for r in rejected(out) if r["reason"] == "duplicate-id"]
    assert taken == [("3.jsonl", 2), ("3.jsonl", 4), ("6.jsonl", 2)]
    assert len(ids(out)) == len(set(ids(out)))
    before = results(out)
    assert run(dump, out, workers=1).counts["shards_reused"] > 0
    assert results(out) == before


def test_a_record_comes_back_when_the_one_before_it_has_left(dump: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(dump / "3.jsonl", [record(3, 0), record(2, 1)])
    run(dump, out, workers=1)
    (dump / "2.jsonl").unlink()
    run(dump, out, workers=1)
    assert "r2-1" in ids(out)
    assert rejected(out) == []
    run(dump, tmp_path / "fresh", workers=1)
    assert results(out) == results(tmp_path / "fresh")


def failing(how: Callable[[], object]) -> Callable[..., Article]:
    def stages(article: Article, options: Options | None = None, seconds: dict[str, float] | None = None) -> Article:
        if article.article_id == "r4-2":
            how()
        return run_stages(article, options, seconds)

    return stages


def busy() -> None:
    while True:
        sum(range(1000))


@pytest.mark.usefixtures("no_tables")
def test_an_article_that_takes_too_long_is_left_out(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.engine.task.run_stages", failing(busy))
    before = signal.getsignal(signal.SIGALRM)
    run(dump, tmp_path / "out", Options(time_limit=1.0), workers=1)
    (reject,) = rejected(tmp_path / "out")
    assert (reject["file"], reject["row"], reject["reason"]) == ("4.jsonl", 3, "time-limit")
    assert "more than 1 s" in reject["detail"]
    assert len(ids(tmp_path / "out")) == FILES * RECORDS - 1
    assert signal.getsignal(signal.SIGALRM) == before


@pytest.mark.usefixtures("no_tables")
def test_an_article_that_a_stage_fails_on_is_left_out(
    dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locate(article: Article, options: Options) -> Article:
        if article.article_id == "r4-2":
            raise ValueError("no such place")
        return article

    monkeypatch.setattr("pipeline.stages._functions", lambda: (("locate", locate),))
    run(dump, tmp_path / "out", workers=1)
    (reject,) = rejected(tmp_path / "out")
    assert (reject["file"], reject["row"], reject["reason"]) == ("4.jsonl", 3, "stage-error")
    assert reject["detail"] == "locate: ValueError: no such place"
    assert len(ids(tmp_path / "out")) == FILES * RECORDS - 1


#: read by every Python process that has its folder on PYTHONPATH: stages that do nothing, or harm
SABOTAGE = """
import sys
if any("multiprocessing" in part for part in sys.orig_argv):
    import dataclasses, os, signal, time
    import pipeline.stages as stages
    def run_stages(article, options=None, seconds=None):
        time.sleep({pause})
        {harm}
        return dataclasses.replace(article, text=article.raw_text)
    stages.run_stages = run_stages
    stages.warm_up = lambda options: None
else:
    import pipeline.engine.runner
    pipeline.engine.runner.SHARD_BYTES = {shard_bytes}
"""


def sabotage(folder: Path, harm: str = "", pause: float = 0.0) -> str:
    folder.mkdir()
    code = SABOTAGE.format(harm=harm, pause=pause, shard_bytes=SHARD_BYTES)
    (folder / "sitecustomize.py").write_text(code, encoding="utf-8")
    return os.pathsep.join([str(folder), str(ROOT)])


@pytest.mark.usefixtures("no_tables")
def test_what_ends_its_process_is_left_out(dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # killed from outside, as for want of memory; and a call into compiled code that no alarm interrupts
    harm = (
        "if article.article_id == 'r4-2': os.kill(os.getpid(), signal.SIGKILL)\n"
        "        if article.article_id == 'r6-0': sum(range(10**12))"
    )
    monkeypatch.setenv("PYTHONPATH", sabotage(tmp_path / "site", harm))
    run(dump, tmp_path / "out", Options(time_limit=1.0), workers=2)
    ended = [(r["file"], r["row"], r["reason"]) for r in rejected(tmp_path / "out")]
    assert ended == [("4.jsonl", 3, "process-ended"), ("6.jsonl", 1, "process-ended")]
    assert len(ids(tmp_path / "out")) == FILES * RECORDS - 2


def test_a_run_killed_at_any_moment_is_continued(dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", sabotage(tmp_path / "site", pause=0.03))
    undisturbed, out = tmp_path / "undisturbed", tmp_path / "out"
    run(dump, undisturbed, workers=2)
    chance = random.Random(20)
    finished = 0
    for more in (0, 1, 2):
        command = [sys.executable, "-m", "pipeline", "run", str(dump), "-o", str(out), "-w", "2", "--quiet"]
        process = subprocess.Popen(command)
        while len(list(load_markers(out))) < finished + more and process.poll() is None:
            time.sleep(0.01)
        time.sleep(chance.random() * 0.05)
        process.kill()
        process.wait()
        kept = len(list(load_markers(out)))
        assert kept >= finished, "finished shards were lost"
        finished = kept
    assert finished, "no run came far enough to be of use to the next"
    summary = run(dump, out, workers=2)
    assert summary.counts["shards_reused"] >= finished
    assert results(out) == results(undisturbed)
    assert ids(out) == ids(undisturbed)
    assert not [p for p in out.rglob("*") if p.suffix in (".part", ".tmp", ".at")]


@pytest.mark.usefixtures("no_tables")
def test_a_second_run_into_the_same_output_is_refused(dump: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with Output(out).locked(), pytest.raises(EngineError, match="another run is writing"):
        run(dump, out, workers=1)
    assert run(dump, out, workers=1).counts["articles"] == FILES * RECORDS


def test_outputs_that_would_do_harm_are_refused(dump: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="does not exist"):
        run(tmp_path / "nowhere", tmp_path / "out")
    with pytest.raises(EngineError, match="lies in the dump"):
        run(dump, dump / "out")
    with pytest.raises(EngineError, match="is a file"):
        run(dump, dump / "1.jsonl")
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(EngineError, match="not of a run"):
        run(dump, precious)
    assert [p.name for p in precious.iterdir()] == ["thesis.txt"]


def test_progress_ends_with_all_bytes_done(dump: Path, tmp_path: Path) -> None:
    states: list[Progress] = []
    run(dump, tmp_path / "out", workers=1, progress=states.append)
    assert states[-1].bytes_done == states[-1].bytes_total == sum(p.stat().st_size for p in dump.iterdir())
    assert states[-1].articles == FILES * RECORDS
    assert [s.phase for s in states][-2:] == ["read", "tables"]


def test_a_marker_that_was_cut_off_counts_as_none(tmp_path: Path) -> None:
    marker = Marker("a.jsonl", "key", counts={"articles": 3}).save(tmp_path)
    assert Marker.load(tmp_path, "a.jsonl") == marker
    path = marker.path(tmp_path)
    path.write_bytes(path.read_bytes()[:-9])
    assert Marker.load(tmp_path, "a.jsonl") is None
    assert Marker.load(tmp_path, "b.jsonl") is None
