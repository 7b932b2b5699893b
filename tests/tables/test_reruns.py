"""The tables of a dump are the same bytes, however the run came to its end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import pipeline
from pipeline.engine.parts import state_folder

REPORTS = [
    ("a", "2019-03-01", "截至2月底，白城市共查找问题862个，已整改431个，整改率50%。"),
    ("b", "2019-06-01", "截至5月底，白城市共查找问题945个，已整改877个，整改率92.8%。"),
    ("c", "2019-06-02", "截至5月底，白城市共查找问题945个，已整改877个，整改率92.8%。 转自网络"),
    ("d", "2019-07-09", "镇赉县立案查处案件25件，处分31人，其中县处级干部2人。"),
    ("e", "2019-07-10", "洮北区走访群众1.2万余户，办实事312件，群众满意率达到98%。"),
    ("f", "2019-07-11", "通榆县排查隐患77处，整改隐患75处。"),
]


def dump(folder: Path, names: str = "abcdef") -> Path:
    """The reports, each in a file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, day, text in REPORTS:
        if name in names:
            record = {"id": name, "title": f"第{name}篇", "date": day, "source": "某报", "text": text}
            (folder / f"{name}.jsonl").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    return folder


def tables(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((out / "tables").iterdir())}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole")
    summary = pipeline.run(dump(folder / "dump"), folder / "out", workers=1)
    assert summary.counts["facts"] > 5
    assert summary.counts["reprints"] == 1
    return tables(folder / "out")


def test_a_second_run_over_a_finished_one(tmp_path: Path, expected: dict[str, bytes]) -> None:
    for _ in range(2):
        pipeline.run(dump(tmp_path / "dump"), tmp_path / "out", workers=1)
        assert tables(tmp_path / "out") == expected


def test_a_run_that_was_stopped_and_goes_on(tmp_path: Path, expected: dict[str, bytes]) -> None:
    source, out = dump(tmp_path / "dump"), tmp_path / "out"
    pipeline.run(source, out, workers=1)
    # as a run leaves it that is ended at its first shard: no record, no tables, no sign of what was finished
    (out / "run.json").unlink()
    for marker in (state_folder(out) / "shards").iterdir():
        marker.unlink()
    for table in (out / "tables").iterdir():
        table.write_bytes(b"half written")
    pipeline.run(source, out, workers=1)
    assert tables(out) == expected


def test_a_first_look_before_the_whole(tmp_path: Path, expected: dict[str, bytes]) -> None:
    source, out = dump(tmp_path / "dump"), tmp_path / "out"
    pipeline.run(source, out, workers=1, limit=2)
    assert tables(out) != expected
    pipeline.run(source, out, workers=1)
    assert tables(out) == expected


def test_a_dump_that_grew_and_one_that_shrank(tmp_path: Path, expected: dict[str, bytes]) -> None:
    source, out = dump(tmp_path / "dump", "acf"), tmp_path / "out"
    pipeline.run(source, out, workers=1)
    pipeline.run(dump(source), out, workers=1)
    assert tables(out) == expected
    for name in "bde":
        (source / f"{name}.jsonl").unlink()
    pipeline.run(source, out, workers=1)
    pipeline.run(dump(source), out, workers=1)
    assert tables(out) == expected
