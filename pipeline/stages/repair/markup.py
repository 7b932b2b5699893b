"""What an extractor left of the page: tags, comments, character references."""

from __future__ import annotations

import html
from collections.abc import Iterator
from functools import cache

import regex

from pipeline import lexicon
from pipeline.stages.repair.mend import Mend

__all__ = ["markup"]


@cache
def _elements() -> dict[str, str]:
    return {row["element"]: row["display"] for row in lexicon.table("html_elements")}


lexicon.on_change(_elements)


@cache
def _tag() -> regex.Pattern[str]:
    elements = _elements()
    names = "|".join(sorted(elements, key=len, reverse=True))
    hidden = "|".join(name for name, display in elements.items() if display == "none")
    return regex.compile(
        rf"""
        # a second opening ends the search for the end, so that its time is bounded
        <!-- (?: (?! <!-- | --> ) . )*+ -->
        # what a page never shows, with its content
    |   < (?P<hidden> {hidden} ) \b [^<>]* > (?: (?! </? (?P=hidden) \b ) . )*+ </ (?P=hidden) \s* >
    |   </? (?P<name> {names} ) (?: [\s/] [^<>]{{0,4000}} )? >
        """,
        regex.VERBOSE | regex.IGNORECASE | regex.DOTALL,
    )


lexicon.on_change(_tag)

_REFERENCE = regex.compile(
    r"""
    & (?: \#[0-9]{1,7} | \#x[0-9a-f]{1,6} | [a-z][a-z0-9]{1,31} ) ;
    # the ; is often forgotten
|   & (?: nbsp | [lr][ds]quo | [mn]dash | hellip | middot ) (?! [a-z0-9=] )
    """,
    regex.VERBOSE | regex.IGNORECASE,
)


def markup(text: str) -> Iterator[Mend]:
    """Put line ends for block tags, nothing for other tags, and characters for character references."""
    found: list[Mend] = []
    if "<" in text:
        found += _tags(text)
    if "&" in text:
        found += _references(text)
    # a reference in an attribute goes with its tag
    end = 0
    for mend in sorted(found):
        if mend.start >= end:
            yield mend
            end = mend.end


def _references(text: str) -> Iterator[Mend]:
    for match in _REFERENCE.finditer(text):
        if (after := _referred(match[0])) != match[0]:
            yield Mend(match.start(), match.end(), after, "entity")


def _tags(text: str) -> Iterator[Mend]:
    """Each run of tags, with the blanks between them, is one mend."""
    start = end = -1
    displays: set[str] = set()
    for match in _tag().finditer(text):
        if start >= 0 and text[end : match.start()].strip():
            yield Mend(start, end, _instead(text, start, end, displays), "tag")
            start, displays = -1, set()
        if start < 0:
            start = match.start()
        end = match.end()
        if match["name"]:
            displays.add(_elements()[match["name"].lower()])
    if start >= 0:
        yield Mend(start, end, _instead(text, start, end, displays), "tag")


def _instead(text: str, start: int, end: int, displays: set[str]) -> str:
    """What stands for a run of tags: a line end or a blank, unless there is one already."""
    before = text[max(0, start - 1) : start] or "\n"
    after = text[end : end + 1] or "\n"
    if "block" in displays:
        return "" if "\n" in before + after else "\n"
    if "cell" in displays:
        return "" if before.isspace() or after.isspace() else " "
    return ""


def _referred(reference: str) -> str:
    # a no-break space is wanted by the page's layout, not by the text
    return html.unescape(reference).replace("\xa0", " ")
