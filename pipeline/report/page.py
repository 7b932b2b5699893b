"""Writing the report page: the data as scripts, the page itself from its template, script, style and libraries."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.report.contents import (
    LISTED,
    TITLES,
    Limits,
    chunks,
    index,
    listed,
    numbers,
    packed_facts,
    prepare,
)
from pipeline.tables.store import open_run, records, workplace

if TYPE_CHECKING:
    import duckdb

__all__ = ["build", "html", "read_run", "script", "texts"]

LANGUAGES = ("zh", "en")

#: what queries may hold in memory; a run has made its tables before, and the process has not given back all of theirs
_MEMORY_MB = 192


def build(out: str | os.PathLike[str], limits: Limits | None = None) -> Path:
    """Write ``report/`` anew from the tables of a finished run and return the path of its page.

    The same output gives the same bytes. The folder is put in place in one step.

    Args:
        out: the output folder of a run.
        limits: how much goes into the page.

    Raises:
        FileNotFoundError: there is no finished run in that folder.
    """
    out = Path(out)
    limits = limits or Limits()
    run = read_run(out)
    with workplace(out) as work, open_run(out, work, _MEMORY_MB) as db:
        fresh = work / "report"
        _write_data(db, out, work, run, limits)
        _write_page(fresh, run)
        shutil.rmtree(out / "report", ignore_errors=True)
        fresh.rename(out / "report")
    return out / "report" / "index.html"


def read_run(out: Path) -> dict[str, Any]:
    """What ``run.json`` says of a finished run.

    Raises:
        FileNotFoundError: there is no finished run in that folder.
    """
    if not (out / "run.json").is_file():
        raise FileNotFoundError(f"there is no finished run in {out}; make one with: zhanbao run DUMP -o {out}")
    run: dict[str, Any] = json.loads((out / "run.json").read_text(encoding="utf-8"))
    return run


def _write_data(db: duckdb.DuckDBPyConnection, out: Path, work: Path, run: dict[str, Any], limits: Limits) -> None:
    folder = work / "report" / "data"
    prepare(db, out, limits)
    begins: list[int] = []
    at = 0
    for nth, chunk in enumerate(chunks(db, out, work)):
        begins.append(at)
        at += len(chunk)
        _write_script(folder, f"articles-{nth}", chunk)
    found = numbers(db)
    content = index(db, run, found, limits)
    content["facts"] = packed_facts(db, found, limits)
    content["chunks"] = [*begins, at]
    content["texts"] = texts()
    _write_script(folder, "index", content)
    _write_script(folder, "titles", records(db.sql(f"select * exclude (number) from ({TITLES}) order by number")))
    for name in LISTED:
        _write_script(folder, name, listed(db, out, name, limits))


def _write_script(folder: Path, name: str, content: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.js").write_bytes(script(name, content))


def script(name: str, content: Any) -> bytes:
    """A script that hands a piece of data to the page. JSON is JavaScript; nothing else is in the script.

    >>> script("checks", [])
    b'zhanbao.take("checks", []);\\n'
    """
    import orjson

    return b"zhanbao.take(" + orjson.dumps(name) + b", " + orjson.dumps(content) + b");\n"


def html(run: dict[str, Any]) -> str:
    """The page of a run, without its data."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("pipeline.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    words = {key: dict(zip(LANGUAGES, text, strict=True)) for key, text in texts().items()}
    return environment.get_template("index.html").render(words=words, source=Path(run["source"]).name)


def _write_page(folder: Path, run: dict[str, Any]) -> None:
    (folder / "index.html").write_text(html(run), encoding="utf-8")
    for name, content in _static(files("pipeline.report").joinpath("static")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _static(folder: Any, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _static(entry, f"{prefix}{entry.name}/")
        else:
            yield prefix + entry.name, entry.read_bytes()


@cache
def texts() -> dict[str, tuple[str, ...]]:
    """The words of the page: key -> in Chinese, in English."""
    lines = files("pipeline.report").joinpath("texts.csv").read_text(encoding="utf-8").splitlines()
    return {row["key"]: tuple(row[language] for language in LANGUAGES) for row in csv.DictReader(lines)}
