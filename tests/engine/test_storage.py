"""Dumps and outputs that have an address instead of a path: a store in memory, and an S3 server on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from pipeline import run
from pipeline.cli import main
from pipeline.engine import EngineError, Summary
from pipeline.engine import lease as leases
from pipeline.engine.lease import Lease
from pipeline.model import Options
from pipeline.stages.read import digest, fetched, plan, read
from pipeline.storage import StorageError, Store

from .made import FILES, RECORDS, SHARD_BYTES, make_dump, record, results, write
from .test_dask import Cluster, end, free_port, wait_for

fsspec = pytest.importorskip("fsspec")


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.engine.runner.SHARD_BYTES", SHARD_BYTES)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[str]:
    """An address in memory."""
    yield f"memory://{tmp_path.name}"
    fsspec.filesystem("memory").store.clear()


def upload(folder: Path, url: str) -> None:
    fs, root = fsspec.core.url_to_fs(url)
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        fs.pipe_file(f"{root}/{path.relative_to(folder).as_posix()}", path.read_bytes())


def names(url: str) -> set[str]:
    fs, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
    return {path.strip("/").removeprefix(root.strip("/") + "/") for path in fs.find(root)}


def stored_results(url: str) -> dict[str, bytes]:
    store = Store(url)
    wanted = sorted(name for name in names(url) if name.startswith("tables/") or name == "rejected.jsonl")
    return {name: store.read(name) or b"" for name in wanted}


# ------------------------------------------------------------------------------------------------- reading


def make_mixed(folder: Path) -> Path:
    """A file of each form that is cut into pieces, small ones, and names that stores and systems treat specially."""
    folder.mkdir()
    texts = [f"第{n}期，甘棠县查找问题{n}个。" for n in range(300)]
    write(folder / "lines.jsonl", [{"id": f"l{n}", "text": text} for n, text in enumerate(texts)])
    table = pa.table({"id": [f"p{n}" for n in range(300)], "text": texts})
    pq.write_table(table, folder / "rows.parquet", row_group_size=20)
    with zipfile.ZipFile(folder / "pages.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for n, text in enumerate(texts):
            archive.writestr(f"{n:03}.txt", text + os.urandom(100).hex())
    (folder / "sub").mkdir()
    for name in ("[转载] a?*.txt", "空 格#%41.txt", "sub.txt", "sub/b.txt", ".hidden.txt"):
        (folder / name).write_text(f"全市查找问题41个，见{name}", encoding="gb18030")
    (folder / "empty.txt").touch()
    return folder


@pytest.mark.skipif(sys.platform == "win32", reason="such names cannot be there")
def test_a_dump_in_a_store_is_cut_and_read_as_in_a_folder(tmp_path: Path, memory: str) -> None:
    folder = make_mixed(tmp_path / "dump")
    upload(folder, f"{memory}/dump")
    here, there = plan(str(folder), 4000), plan(f"{memory}/dump", 4000)
    assert [shard.name for shard in there] == [shard.name for shard in here]
    assert sum(1 for shard in there if shard.pieces[0].parts) > 4
    assert any(shard.pieces[0].is_range for shard in there)
    for mine, stored in zip(here, there, strict=True):
        with fetched(stored) as brought:
            assert digest(brought) == digest(mine)
            assert list(read(brought)) == list(read(mine))
            # what was not asked for is not there
            for piece in (p for p in brought.pieces if p.is_range):
                assert not Path(piece.at).read_bytes()[: piece.start].strip(b"\0")
        assert not any(Path(piece.at).exists() for piece in brought.pieces)


def test_a_single_file_of_a_store_is_a_dump(tmp_path: Path, memory: str) -> None:
    Store(memory).write("folder/通报.txt", "全市查找问题41个".encode())
    (shard,) = plan(f"{memory}/folder/通报.txt")
    with fetched(shard) as brought:
        (article,) = read(brought)
    assert (article.article_id, article.raw_text) == ("通报", "全市查找问题41个")


def test_a_file_that_has_gone_is_named_and_a_store_that_fails_ends_the_work(
    tmp_path: Path, memory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.txt", "b.txt"):
        Store(memory).write(name, "全市查找问题41个".encode())
    (shard,) = plan(memory)
    Store(memory).delete(["a.txt"])
    with fetched(shard) as brought:
        gone, kept = read(brought)
    assert (gone.file, gone.reason) == ("a.txt", "unreadable")
    assert kept.article_id == "b"

    def broken(self: Any, path: str, *bounds: int, **options: Any) -> bytes:
        raise RuntimeError("the line is dead")

    monkeypatch.setattr(type(fsspec.filesystem("memory")), "cat_file", broken)
    with pytest.raises(StorageError, match=r"the line is dead.*same command again"), fetched(shard):
        pass


# ------------------------------------------------------------------------------------------------- writing


@pytest.mark.parametrize("atomic", [True, False])
def test_what_is_put_in_place_is_whole(
    tmp_path: Path, memory: str, monkeypatch: pytest.MonkeyPatch, atomic: bool
) -> None:
    if not atomic:
        monkeypatch.setattr("pipeline.storage._ATOMIC_PUT", frozenset())
    store = Store(memory)
    (tmp_path / "file").write_bytes(b"one")
    for content in (b"one", b"two"):
        (tmp_path / "file").write_bytes(content)
        store.put({"folder/file": tmp_path / "file"})
        store.write("folder/note", content)
        assert (store.read("folder/file"), store.read("folder/note")) == (content, content)
    assert names(memory) == {"folder/file", "folder/note"}
    monkeypatch.setattr(store._fs, "put_file" if not atomic else "put", failing)
    with pytest.raises(StorageError, match="broken"):
        store.put({"folder/file": tmp_path / "file"})
    assert store.read("folder/file") == b"two"
    assert names(memory) == {"folder/file", "folder/note"}


def failing(*arguments: object, **options: object) -> None:
    raise RuntimeError("broken")


def test_two_runs_into_one_output_of_a_store(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "BEAT", 0.1)
    monkeypatch.setattr(leases, "GONE", 1.0)
    monkeypatch.setattr(leases, "_SETTLE", 0.02)
    store = Store(memory)
    with Lease(store, "lock") as held:
        with pytest.raises(EngineError, match=f"another run is writing to {memory} .*process {os.getpid()}"):
            Lease(store, "lock").__enter__()
        held.check()
        # as if this process had stood still and another had taken over
        store.write("lock", b"{}")
        time.sleep(0.5)
        with pytest.raises(EngineError, match="has taken over"):
            held.check()
    assert store.read("lock") == b"{}", "the lock of another was taken away"
    # whoever left that one gives no sign of life any more
    with Lease(store, "lock") as held:
        held.check()
    assert store.read("lock") is None


def commands_read_it_as_a_folder(url: str, folder: Path) -> None:
    """The commands that read an output say of one in a store what they say of the folder ``folder / "out"``."""
    figure = ds.dataset(folder / "out" / "figures").head(1, columns=["figure_id"])["figure_id"][0].as_py()
    for command in (
        ["tables", "--csv"],
        ["show", figure],
        ["show", figure, "--why"],
        ["cite", "500101", "issues_found"],
    ):
        here, there = (CliRunner().invoke(main, [*command, "-o", out]) for out in (str(folder / "out"), url))
        assert there.output == here.output.replace(str(folder / "out"), url)
        assert there.exit_code == here.exit_code
    assert CliRunner().invoke(main, ["diff", str(folder / "out"), url]).output.endswith("0 cells differ\n")
    refused = CliRunner().invoke(main, ["export", url, "--to", "csv-bom"])
    assert refused.exit_code == 2 and "--dest" in refused.output
    assert CliRunner().invoke(main, ["export", url, "--to", "csv-bom", "-d", str(folder / "forms")]).exit_code == 0
    assert list((folder / "forms").glob("*.csv"))
    missing = CliRunner().invoke(main, ["tables", "-o", f"{url}/nowhere"])
    assert missing.exit_code == 2 and "does not exist" in missing.output


def test_an_output_in_memory_is_continued_and_holds_the_tables_of_a_folder(tmp_path: Path, memory: str) -> None:
    dump = make_dump(tmp_path / "dump")
    # two records of one id, so that a part is written a second time
    write(dump / "6.jsonl", [record(6, 0), record(2, 1)])
    upload(dump, f"{memory}/dump")
    run(dump, tmp_path / "out", Options(tokens=True), workers=1)
    summary = run(f"{memory}/dump", f"{memory}/out", Options(tokens=True))
    assert stored_results(f"{memory}/out") == results(tmp_path / "out")
    assert summary.rejects == {"duplicate-id": 1}
    assert Summary.load(f"{memory}/out") == summary
    commands_read_it_as_a_folder(f"{memory}/out", tmp_path)
    everything = names(f"{memory}/out")
    assert {"report/index.html", "run.json"} <= everything
    assert not [name for name in everything if name.endswith((".part", "lock"))]
    here = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.parquet")}
    assert {name for name in everything if name.endswith(".parquet")} == here

    Store(memory).write("dump/9.jsonl", json.dumps(record(9, 1)).encode())
    Store(memory).delete(["dump/0.jsonl"])
    again = run(f"{memory}/dump", f"{memory}/out", Options(tokens=True))
    assert again.counts["shards"] == FILES and again.counts["shards_reused"] == FILES - 1
    assert len(names(f"{memory}/out/articles")) == FILES


def test_places_that_will_not_do_are_said_in_one_line(tmp_path: Path, memory: str) -> None:
    out = tmp_path / "out"
    with pytest.raises(EngineError, match="one process only"):
        run(memory, out, workers=2)
    with pytest.raises(EngineError, match="does not exist"):
        run(f"{memory}/nothing", out)
    Store(memory).write("dump/a.txt", b"41")
    with pytest.raises(EngineError, match="lies in the dump"):
        run(memory, f"{memory}/out")
    with pytest.raises(EngineError, match="is a file"):
        run(f"{memory}/dump", f"{memory}/dump/a.txt")
    Store(memory).write("precious/thesis.doc", b"years of work")
    with pytest.raises(EngineError, match="not of a run"):
        run(f"{memory}/dump", f"{memory}/precious")
    said = CliRunner().invoke(main, ["run", "nosuch://place", "-o", str(out)])
    assert said.exit_code == 1 and "nosuch://" in said.output and "Traceback" not in said.output


# ------------------------------------------------------------------------------------------------------ S3


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a bucket on an S3 server of this machine."""
    pytest.importorskip("moto")
    pytest.importorskip("s3fs")
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-no-account")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-no-account")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    try:
        wait_for(port)
        fsspec.filesystem("s3", skip_instance_cache=True).mkdir("reports")
        yield "s3://reports"
    finally:
        end(server)
        fsspec.filesystem("s3").clear_instance_cache()


def test_dump_and_output_on_s3_worked_on_by_a_cluster(tmp_path: Path, s3: str) -> None:
    dump = make_dump(tmp_path / "dump")
    run(dump, tmp_path / "out", workers=1)
    upload(dump, f"{s3}/dump")
    with ExitStack() as open_:
        cluster = Cluster(tmp_path, open_)
        cluster.worker()
        cluster.worker()
        summary = run(f"{s3}/dump", f"{s3}/out", engine="dask", scheduler=cluster.address)
    assert stored_results(f"{s3}/out") == results(tmp_path / "out")
    assert summary.counts["articles"] == FILES * RECORDS
    assert "report/index.html" in names(f"{s3}/out")

    # the next run, with processes of this machine, goes on from there
    upload_one = Store(s3)
    upload_one.write("dump/sub/9.jsonl", json.dumps(record(9, 1)).encode())
    again = run(f"{s3}/dump", f"{s3}/out", workers=2)
    assert again.counts["shards_reused"] == FILES and again.counts["shards"] == FILES + 1
    write(dump / "9.jsonl", [record(9, 1)])
    run(dump, tmp_path / "out", workers=1)
    assert stored_results(f"{s3}/out") == results(tmp_path / "out")


def test_a_server_that_is_not_there_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("s3fs")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-no-account")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-no-account")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr("s3fs.core.S3FileSystem.retries", 1)
    fsspec.filesystem("s3").clear_instance_cache()
    out = tmp_path / "out"
    said = CliRunner().invoke(main, ["run", "s3://elsewhere/dump", "-o", str(out), "-w", "1", "--quiet"])
    assert said.exit_code == 1
    assert "does not answer as it should" in said.output and "Traceback" not in said.output
