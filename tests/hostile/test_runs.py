"""Every hostile input through a real run: what must come of it, and nothing lost on the way."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pyarrow.dataset as ds
import pytest
from fuzz.targets import REASONS

from hostile import Case, archives, encodings, pages, records, tables, texts
from pipeline import Options, run
from pipeline.engine import Summary

GROUPS: dict[str, dict[str, Case]] = {
    module.__name__.rpartition(".")[2]: module.CASES for module in (encodings, records, tables, archives, pages, texts)
}


class Outcome(NamedTuple):
    """What a run made of a dump."""

    summary: Summary
    #: file of the dump, without what follows it in the path -> raw texts in reading order
    texts: dict[str, list[str]]
    #: the same -> what follows the file's name, row, reason
    rejects: dict[str, list[tuple[str, int | None, str]]]


def outcome(
    dump: Path, out: Path, files: list[str], options: Options | None = None, through: Callable[..., Summary] = run
) -> Outcome:
    """Run over a dump and sort what comes out by the files it is from."""
    summary = through(dump, out, options, workers=1)
    texts: dict[str, list[str]] = defaultdict(list)
    rejects: dict[str, list[tuple[str, int | None, str]]] = defaultdict(list)

    def file_of(path: str) -> str:
        return next(file for file in files if path == file or path.startswith(f"{file}/"))

    if (out / "articles").exists():
        table = ds.dataset(out / "articles").to_table(["source_path", "source_row", "raw_text"]).to_pylist()
        for row in sorted(table, key=lambda r: (r["source_path"], r["source_row"] or 0)):
            texts[file_of(row["source_path"])].append(row["raw_text"])
    for line in (out / "rejected.jsonl").read_text(encoding="utf-8").splitlines():
        reject = json.loads(line)
        assert reject["detail"], reject
        file = file_of(reject["file"])
        rejects[file].append((reject["file"].removeprefix(file), reject["row"], reject["reason"]))
    return Outcome(summary, texts, rejects)


def test_the_documentation_lists_the_reasons_of_the_readers() -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "running.md").read_text(encoding="utf-8")
    assert {f"| `{reason}` |" for reason in REASONS if f"| `{reason}` |" not in page} == set()


def test_there_are_two_hundred_cases() -> None:
    assert sum(map(len, GROUPS.values())) >= 200


@pytest.mark.parametrize("group", GROUPS)
def test_what_comes_of_hostile_inputs(group: str, tmp_path: Path) -> None:
    """One run over the cases of a group; every record of theirs is the article, or the reject, that is foretold."""
    cases = GROUPS[group]
    dump = tmp_path / "dump"
    dump.mkdir()
    for name, case in cases.items():
        (dump / name).write_bytes(case.content())
    made = outcome(dump, tmp_path / "out", list(cases))
    wrong = {
        name: said for name, case in cases.items() if (said := _otherwise(case, made.texts[name], made.rejects[name]))
    }
    assert not wrong
    # the balance of the whole: nothing has vanished, and nothing was counted twice
    assert made.summary.counts.get("articles", 0) == sum(len(case.texts) for case in cases.values())
    lines = sum(map(len, made.rejects.values()))
    assert sum(made.summary.rejects.values()) == lines == sum(len(case.rejects) for case in cases.values())
    assert all(made.texts[name] or made.rejects[name] for name in cases)


def _otherwise(case: Case, found: list[str], rejects: list[tuple[str, int | None, str]]) -> str:
    """What came out otherwise than foretold, '' where nothing did."""
    if sorted(rejects, key=_in_order) != sorted(case.rejects, key=_in_order):
        return f"rejects {rejects[:5]}, not {list(case.rejects[:5])}"
    if len(found) != len(case.texts):
        return f"{len(found)} articles, not {len(case.texts)}: {[text[:60] for text in found[:5]]}"
    for text, expected in zip(found, case.texts, strict=True):
        if text != expected and (expected is not None or not text.strip()):
            return f"{text[:99]!r}, not {(expected or '')[:99]!r}"
    return ""


def _in_order(reject: tuple[str, int | None, str]) -> tuple[str, int, str]:
    return reject[0], reject[1] or 0, reject[2]
