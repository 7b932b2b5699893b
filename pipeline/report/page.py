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

from pipeline.report.contents import Limits, chunks, index, lists, prepare
from pipeline.tables.store import open_run, workplace

if TYPE_CHECKING:
    import duckdb

__all__ = ["build", "texts"]

LANGUAGES = ("zh", "en")


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
    if not (out / "run.json").is_file():
        raise FileNotFoundError(f"there is no finished run in {out}; make one with: zhanbao run DUMP -o {out}")
    limits = limits or Limits()
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    with workplace(out) as work, open_run(out, work) as db:
        fresh = work / "report"
        db.read_parquet(str(out / "tables" / "metrics_long.parquet")).create_view("metrics_long")
        _write_data(db, out, fresh / "data", run, limits)
        _write_page(fresh, run)
        shutil.rmtree(out / "report", ignore_errors=True)
        fresh.rename(out / "report")
    return out / "report" / "index.html"


def _write_data(db: duckdb.DuckDBPyConnection, out: Path, folder: Path, run: dict[str, Any], limits: Limits) -> None:
    prepare(db, limits)
    begins: list[int] = []
    at = 0
    for number, chunk in enumerate(chunks(db)):
        begins.append(at)
        at += len(chunk)
        _write_script(folder, f"articles-{number}", chunk)
    content = index(db, run, limits)
    content["chunks"] = [*begins, at]
    content["texts"] = texts()
    _write_script(folder, "index", content)
    for name, rows in lists(db, out, limits):
        _write_script(folder, name, rows)


def _write_script(folder: Path, name: str, content: Any) -> None:
    """A script that hands a piece of data to the page. JSON is JavaScript; nothing else is in the script."""
    import orjson

    folder.mkdir(parents=True, exist_ok=True)
    body = orjson.dumps(content)
    (folder / f"{name}.js").write_bytes(b'zhanbao.take("' + name.encode() + b'", ' + body + b");\n")


def _write_page(folder: Path, run: dict[str, Any]) -> None:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    package = files("pipeline.report")
    environment = Environment(
        loader=PackageLoader("pipeline.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    words = {key: dict(zip(LANGUAGES, text, strict=True)) for key, text in texts().items()}
    page = environment.get_template("index.html").render(words=words, source=Path(run["source"]).name)
    (folder / "index.html").write_text(page, encoding="utf-8")
    for name, content in _static(package.joinpath("static")):
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
