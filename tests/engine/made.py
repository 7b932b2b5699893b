"""A small dump for runs of the engine, and what must not depend on how the work was spread."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent

FILES = 8
RECORDS = 5

#: so small that every file of the dump is a shard of its own
SHARD_BYTES = 2000


def record(file: int, row: int) -> dict[str, str]:
    found, mended = 100 + 10 * file + row, 50 + file
    text = (
        f"甘棠县教育实践活动开展以来，全县共查找问题{found}个，整改{mended}个。\n"
        f"各单位召开座谈会{row + 2}场次，发放征求意见表{found * 3}份，立案{row + 1}件，处分{row + 1}人。"
    )
    return {"id": f"r{file}-{row}", "title": f"甘棠县通报第{file}期", "date": f"2014-0{file + 1}-1{row}", "text": text}


def write(path: Path, records: list[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")


def make_dump(folder: Path) -> Path:
    folder.mkdir()
    for file in range(FILES):
        write(folder / f"{file}.jsonl", [record(file, row) for row in range(RECORDS)])
    return folder


def results(out: Path) -> dict[str, bytes]:
    """All that must not depend on how the work was spread."""
    files = [p for p in (out / "tables").rglob("*") if p.is_file()] + [out / "rejected.jsonl"]
    return {p.relative_to(out).as_posix(): p.read_bytes() for p in sorted(files)}


def rejected(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "rejected.jsonl").read_text(encoding="utf-8").splitlines()]
