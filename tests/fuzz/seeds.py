"""What the fuzzer starts from: the inputs of the case files, the demonstration dump, and made files of every form."""

from __future__ import annotations

import gzip
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import zstandard
from made_files import parquet, tarred, workbook, zipped

from .targets import FORMS

__all__ = ["dictionary", "texts", "write_seeds"]

_ROOT = Path(__file__).parent.parent.parent


def texts() -> list[str]:
    """The inputs of all case files, sorted, each once."""
    found: set[str] = set()
    for file in sorted((_ROOT / "tests" / "cases").glob("*.toml")):
        for group in tomllib.loads(file.read_text(encoding="utf-8")).values():
            found.update(_strings(group))
    return sorted(found)


def _strings(value: Any) -> Iterator[str]:
    """All inputs below a value of a case file."""
    if isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key in ("input", "text") and isinstance(inner, str):
                yield inner
            else:
                yield from _strings(inner)


def dictionary(pieces: tuple[str, ...]) -> str:
    """The vocabulary of hostile texts as a dictionary of libFuzzer."""
    return "".join(f'"{_escaped(piece)}"\n' for piece in pieces)


def _escaped(piece: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in piece.encode())


def write_seeds(target: str, folder: Path) -> None:
    """Write the seeds of a target into its folder."""
    for number, data in enumerate(_files() if target == "read" else (text.encode() for text in texts())):
        (folder / f"seed-{number:05}").write_bytes(data)


def _files() -> Iterator[bytes]:
    """Files of every form, each with the byte in front that chooses the form."""
    record = {"id": "1", "标题": "整改", "date": "2014-03-05", "来源": "某市日报", "text": "全市查找问题41个。"}
    line = json.dumps(record, ensure_ascii=False)
    text = "全市查找问题41个，整改30个。"
    table = ",".join(record) + "\n" + ",".join(record.values()) + "\n"
    page = f'<html><head><meta charset="utf-8"><title>x</title></head><body><p>{text * 4}</p></body></html>'
    bare = {
        "txt": [text.encode(), text.encode("gb18030"), text.encode("utf-16"), "查擺問題41個".encode("big5")],
        "html": [page.encode(), page.replace("utf-8", "gb2312").encode("gb18030")],
        "jsonl": [f"{line}\n{line}\n".encode(), line.encode("gb18030"), json.dumps(record).encode()],
        "json": [f"[{line},{line}]".encode(), json.dumps({"data": {"list": [record]}}).encode(), line.encode()],
        "csv": [table.encode(), table.encode("gb18030"), table.encode("utf-16")],
        "tsv": [table.replace(",", "\t").encode()],
        "xlsx": [workbook([list(record), list(record.values())])],
        "parquet": [parquet([record])],
        "zip": [zipped({"a.txt": text.encode(), "b/c.jsonl": line.encode()})],
        "tar": [tarred({"a.txt": text.encode(), "b/c.jsonl": line.encode()})],
    }
    for number, name in enumerate(FORMS):
        _, form, *wrappers = name.split(".")
        for data in bare[form]:
            for wrapper in wrappers:
                data = gzip.compress(data, mtime=0) if wrapper == "gz" else zstandard.compress(data)
            yield bytes((number,)) + data
