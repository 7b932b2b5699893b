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
def _pattern() -> regex.Pattern[str]:
    elements = _elements()
    names = "|".join(sorted(elements, key=len, reverse=True))
    hidden = "|".join(name for name, display in elements.items() if display == "none")
    return regex.compile(
        rf"""
        (?P<tags>
            (?&tag) (?: \s* (?&tag) )*
        )
    |   (?P<reference>
            & (?: \#[0-9]{{1,7}} | \#x[0-9a-f]{{1,6}} | [a-z][a-z0-9]{{1,31}} ) ;
        |   & (?: nbsp | [lr][ds]quo | [mn]dash | hellip | middot ) (?! [a-z0-9=] )    # the ; is often forgotten
        )
        (?(DEFINE) (?P<tag>
            <!-- .*? -->
            # what a page never shows, with its content
        |   < (?P<hidden> {hidden} ) \b [^<>]* > .*? </ (?P=hidden) \s* >
        |   </? (?: {names} ) (?: [\s/] [^<>]{{0,4000}} )? >
        ))
        """,
        regex.VERBOSE | regex.IGNORECASE | regex.DOTALL,
    )


lexicon.on_change(_pattern)


@cache
def _hidden() -> regex.Pattern[str]:
    """Comments, and elements that are never shown, with their content."""
    names = "|".join(name for name, display in _elements().items() if display == "none")
    return regex.compile(rf"<!--.*?-->|<({names})\b[^<>]*>.*?</\1\s*>", regex.IGNORECASE | regex.DOTALL)


lexicon.on_change(_hidden)

_NAME = regex.compile(r"</?([a-z][a-z0-9:]*)", regex.IGNORECASE)


def markup(text: str) -> Iterator[Mend]:
    """Put line ends for block tags, nothing for other tags, and characters for character references."""
    if "<" not in text and "&" not in text:
        return
    for match in _pattern().finditer(text):
        if match["tags"] is not None:
            yield Mend(match.start(), match.end(), _instead(text, match), "tag")
        elif (after := _referred(match[0])) != match[0]:
            yield Mend(match.start(), match.end(), after, "entity")


def _instead(text: str, match: regex.Match[str]) -> str:
    """What stands for a run of tags: a line end or a blank, unless there is one already."""
    shown = _hidden().sub("", match["tags"])
    displays = {_elements().get(name.lower(), "inline") for name in _NAME.findall(shown)}
    before = text[match.start() - 1 : match.start()] or "\n"
    after = text[match.end() : match.end() + 1] or "\n"
    if "block" in displays:
        return "" if "\n" in before + after else "\n"
    if "cell" in displays:
        return "" if before.isspace() or after.isspace() else " "
    return ""


def _referred(reference: str) -> str:
    # a no-break space is wanted by the page's layout, not by the text
    return html.unescape(reference).replace("\xa0", " ")
