"""Directives that write the reference of columns, codes and lexicons from what the program itself uses.

``{columns}`` lists every column of every table, ``{codes}`` every code that can stand in them, ``{metrics}`` the
catalogue of metrics, ``{lexicons}`` every lexicon with its columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

Row = dict[str, Any]


def columns() -> str:
    """Every column of every table, a section each."""
    from pipeline.tables.codebook import TABLES

    rows = _codebook()
    return "\n\n".join(
        f"## {name}\n\n"
        + _table(
            ("column", "type", "中文", "meaning"),
            ((f"`{r['name']}`", r["type"], r["label"], _plain(r["meaning"])) for r in rows if r["table"] == name),
        )
        for name in TABLES
    )


def codes() -> str:
    """Every code that can stand in a column, but for the metrics."""
    from pipeline.tables.codebook import TABLES

    apart = {*TABLES, "metrics", "versions", "metrics_by_region"}
    rows = [r for r in _codebook() if r["table"] not in apart]
    return _table(
        ("of", "code", "中文", "meaning"),
        ((r["table"], f"`{r['name']}`", r["label"], _plain(r["meaning"])) for r in rows),
    )


def metrics() -> str:
    """The catalogue of metrics."""
    from pipeline import lexicon

    rows = lexicon.table("metrics")
    return _table(("metric", "中文", "English"), ((f"`{r['metric']}`", r["label"], r["label_en"]) for r in rows))


def lexicons() -> str:
    """Every lexicon: what it is for, its key, its columns, and a row of it."""
    from pipeline import lexicon

    said = _comments()
    return "\n\n".join(_lexicon(name, said.get(name, "")) for name in lexicon.names())


def _directive(written: Callable[[], str]) -> type[SphinxDirective]:
    """A directive without content that stands for Markdown which a function writes."""

    class Written(SphinxDirective):
        def run(self) -> list[Any]:
            return self.parse_text_to_nodes(written(), allow_section_headings=True)

    return Written


def _codebook() -> list[Row]:
    from pipeline.tables.codebook import codebook

    rows: list[Row] = codebook().to_pylist()
    return rows


def _comments() -> dict[str, str]:
    """What stands in the comment above each section of schemas.toml."""
    text = files("pipeline.lexicon").joinpath("schemas.toml").read_text(encoding="utf-8")
    above = re.findall(r"^((?:#.*\n)+)\[(\w+)\]$", text, flags=re.MULTILINE)
    return {name: " ".join(line.lstrip("# ") for line in comment.splitlines()) for comment, name in above}


def _lexicon(name: str, said: str) -> str:
    from pipeline import lexicon

    schema = lexicon.schema(name)
    rows = lexicon.table(name)
    # a row in the middle of a sorted file is more usual than its first
    example = rows[len(rows) // 2]
    body = _table(
        ("column", "what it may hold", "for example"),
        ((f"`{column}`", _code(pattern), _code(example[column])) for column, pattern in schema.columns.items()),
    )
    key = " and ".join(f"`{column}`" for column in schema.key)
    first = said[:1].upper() + said[1:]
    return f"## {name}\n\n{_plain(first)}\n\n`{name}.csv`, {len(rows):,} rows; key: {key}.\n\n{body}"


def _plain(text: str) -> str:
    """Text that is no Markdown; what docstrings and comments put into double backquotes stays code."""
    # what is split off by a group stands at every second place
    pieces = re.split(r"``(.+?)``", text)
    return "".join(_code(piece) if at % 2 else _escaped(piece) for at, piece in enumerate(pieces))


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|$~])", r"\\\1", text)


def _code(text: str) -> str:
    if not text:
        return ""
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    fence = "``" if "`" in shown else "`"
    return f"{fence}{shown}{fence}".replace("|", r"\|")


#: characters of a cell that are shown
_LONGEST = 120


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def as_typed(app: Sphinx, context: object, lines: list[str]) -> None:
    """Examples of commands stay as they are typed: what sphinx-click made lines of verse of becomes a box."""
    made: list[str] = []
    for verse, group in groupby(lines, lambda line: line.startswith("| ")):
        found = list(group)
        made += ["::", "", *(f"   {line[2:]}" for line in found), ""] if verse else found
    lines[:] = made


def further(app: Sphinx, page: str, source: list[str]) -> None:
    """A page that the start page does not name goes under its last heading, so that no page is out of reach."""
    if page != "index":
        return
    named = set(re.findall(r"^[\w/-]+$", source[0], flags=re.MULTILINE))
    others = sorted({path.stem for path in Path(app.srcdir).glob("*.md")} - named - {page})
    if others:
        source[0] += "\n".join(["", "```{toctree}", ":caption: Further", ":hidden:", "", *others, "```", ""])


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx of the directives; it reads the pages again when this, a schema or the codebook has changed."""
    for written in (columns, codes, metrics, lexicons):
        app.add_directive(written.__name__, _directive(written))
    app.connect("source-read", further)
    app.connect("sphinx-click-process-description", as_typed)
    # Pygments has no lexer of that name
    app.add_lexer("csv", TextLexer)
    app.connect("env-get-outdated", lambda *_: ["index", "reference/columns", "reference/lexicons"])
    return {"parallel_read_safe": True, "parallel_write_safe": True}
