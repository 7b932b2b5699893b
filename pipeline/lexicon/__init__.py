"""Knowledge as data: CSV tables with a schema, and user files put in front of them.

Every table is a sorted UTF-8 CSV file in this folder; ``schemas.toml`` says which columns it has, what
they may hold, and what its key is. A user's folder may hold files of the same names: their rows come
first, and a row of theirs replaces ours with the same key. Nothing is read before the first use, and
every table is read once per process.

>>> row("measure_words", "人次")["kind"]
'people'
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

__all__ = [
    "LexiconError",
    "Row",
    "Schema",
    "check",
    "fingerprint",
    "folders",
    "names",
    "on_change",
    "row",
    "schema",
    "table",
    "use",
]

Row = Mapping[str, str]

_folders: tuple[Path, ...] = ()
_caches: list[Callable[[], None]] = []


class LexiconError(ValueError):
    """A lexicon file breaks its schema; the message names file, line and what to change."""


def use(user_folders: Sequence[str | Path]) -> None:
    """Put the user's lexicon folders in front of the built-in files, for this process.

    Raises:
        LexiconError: a folder is missing, or one of its files breaks its schema.
    """
    global _folders
    wanted = tuple(Path(f) for f in user_folders)
    for folder in wanted:
        if not folder.is_dir():
            raise LexiconError(f"{folder} is not a folder; give a folder with lexicon files such as metrics.csv")
        for file in sorted(folder.glob("*.csv")):
            if problems := check(file):
                raise LexiconError("\n".join(problems))
    if wanted != _folders:
        _folders = wanted
        for clear in _caches:
            clear()


def folders() -> tuple[Path, ...]:
    """The user's lexicon folders in use, first wins."""
    return _folders


def on_change(cached: object) -> object:
    """Register a ``functools.cache`` function that was built from lexicons, to be cleared by :func:`use`."""
    _caches.append(cached.cache_clear)  # type: ignore[attr-defined]
    return cached


@cache
def _schemas() -> dict[str, dict[str, object]]:
    return tomllib.loads(files(__name__).joinpath("schemas.toml").read_text(encoding="utf-8"))


class Schema(NamedTuple):
    """What a lexicon file may hold."""

    #: columns that together tell rows apart
    key: tuple[str, ...]
    #: column -> expression that a cell matches as a whole
    columns: Mapping[str, str]


def schema(name: str) -> Schema:
    """The schema of a table.

    >>> schema("zones").key
    ('name',)

    Raises:
        KeyError: there is no table of that name.
    """
    found = _schemas()[name]
    columns: Mapping[str, str] = found["columns"]  # type: ignore[assignment]
    return Schema(tuple(str(found["key"]).split("+")), MappingProxyType(dict(columns)))


def names() -> tuple[str, ...]:
    """The names of all tables."""
    return tuple(sorted(_schemas()))


@cache
def table(name: str) -> tuple[Row, ...]:
    """All rows of a table, the user's first. Missing cells are ''.

    Raises:
        KeyError: there is no table of that name.
        LexiconError: a file breaks its schema.
    """
    key = str(_schemas()[name]["key"]).split("+")
    seen: set[tuple[str, ...]] = set()
    rows: list[Row] = []
    for text, origin, ours in _sources(name):
        for found in _read(text, name) if ours else _parse(text, origin, name):
            identity = tuple([found[k] for k in key])
            if identity not in seen:
                seen.add(identity)
                rows.append(MappingProxyType(found))
    return tuple(rows)


on_change(table)


@cache
def _index(name: str) -> Mapping[str, Row]:
    key = str(_schemas()[name]["key"])
    return MappingProxyType({r[key]: r for r in table(name)})


on_change(_index)


def row(name: str, key: str) -> Row | None:
    """The row with that key, or None."""
    return _index(name).get(key)


def check(file: Path) -> list[str]:
    """Hold a lexicon file against its schema and return the problems in words, none if it is in order."""
    name = file.stem
    if name not in _schemas():
        return [f"{file}: there is no lexicon '{name}'; the names are {', '.join(names())}"]
    try:
        _parse(file.read_text(encoding="utf-8-sig"), str(file), name)
    except UnicodeDecodeError as error:
        return [f"{file}: not UTF-8 at byte {error.start}; save it as UTF-8"]
    except LexiconError as error:
        return str(error).split("\n")
    return []


def fingerprint() -> dict[str, str]:
    """SHA-256 of every table as it is in use, by name; recorded in ``run.json``."""
    from hashlib import sha256

    return {n: sha256("\x00".join(text for text, *_ in _sources(n)).encode()).hexdigest()[:16] for n in names()}


def _sources(name: str) -> Iterable[tuple[str, str, bool]]:
    """The files of a table, the user's first: text, name, and whether it is our own."""
    for folder in _folders:
        if (file := folder / f"{name}.csv").is_file():
            yield file.read_text(encoding="utf-8-sig"), str(file), False
    yield files(__name__).joinpath(f"{name}.csv").read_text(encoding="utf-8"), f"{name}.csv", True


def _read(text: str, name: str) -> Iterator[dict[str, str]]:
    """The rows of a built-in file as they stand: the tests hold all of these files against their schemas."""
    columns: Mapping[str, str] = _schemas()[name]["columns"]  # type: ignore[assignment]
    absent = dict.fromkeys(columns, "")
    lines = csv.reader(text.splitlines())
    header = next(lines)
    for line in filter(None, lines):
        yield absent | dict(zip(header, line, strict=False))


def _parse(text: str, origin: str, name: str) -> list[dict[str, str]]:
    schema = _schemas()[name]
    columns: dict[str, str] = schema["columns"]  # type: ignore[assignment]
    key = str(schema["key"]).split("+")
    lines = csv.DictReader(text.splitlines())
    problems: list[str] = []
    if unknown := [c for c in lines.fieldnames or [] if c not in columns]:
        problems.append(f"{origin}:1: unknown column {', '.join(unknown)}; the columns are {', '.join(columns)}")
    if missing := [k for k in key if k not in (lines.fieldnames or [])]:
        problems.append(f"{origin}:1: column {', '.join(missing)} is missing")
    if problems:
        raise LexiconError("\n".join(problems))
    patterns = {column: re.compile(pattern) for column, pattern in columns.items()}
    rows: list[dict[str, str]] = []
    seen: dict[tuple[str, ...], int] = {}
    for found in lines:
        where = f"{origin}:{lines.line_num}"
        clean = {c: (found.get(c) or "").strip() for c in columns}
        for column, pattern in patterns.items():
            if not pattern.fullmatch(clean[column]):
                problems.append(f"{where}: {column} is {clean[column]!r}, it must match {pattern.pattern}")
        identity = tuple(clean[k] for k in key)
        if identity in seen:
            problems.append(f"{where}: {'+'.join(identity)} stands in line {seen[identity]} already")
        seen[identity] = lines.line_num
        rows.append(clean)
    if problems:
        raise LexiconError("\n".join(problems))
    return rows
