"""Characters that nobody sees: line ends of other systems, control and zero-width characters, private-use blanks."""

from __future__ import annotations

import re
from collections.abc import Iterator

import regex

from pipeline.stages.repair.mend import Mend

__all__ = ["invisible", "line_ends", "private_use"]

#: what ends a line in Unicode (UAX 14, classes CR, NL, BK) other than \n
_LINE_END = regex.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

_INVISIBLE = regex.compile(
    r"""
    (?:
        [\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]          # control
    |   [\xad\u200b\u200c\u200e\u200f\u2060-\u206f\ufeff\ufff9-\ufffb]   # soft hyphen, zero width, annotation
    |   [\u202a-\u202e]                                 # direction overrides
    |   (?<! [\U0001f000-\U0001faff\ufe0f] ) \u200d     # a joiner, unless it joins two emoji
    )+
    """,
    regex.VERBOSE,
)

#: any of these; most texts have none, and ``re`` finds that out by one look at each character
_ANY_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)

#: fonts of news sites and GBK's user-defined areas show a blank here
_PRIVATE_USE = regex.compile(r"[\ue000-\uf8ff]+")


def line_ends(text: str) -> Iterator[Mend]:
    r"""Make every line end a ``\n``."""
    for match in _LINE_END.finditer(text):
        yield Mend(match.start(), match.end(), "\n", "line-end")


def invisible(text: str) -> Iterator[Mend]:
    """Remove what has no width: control, zero-width and direction characters."""
    if not _ANY_INVISIBLE.search(text):
        return
    for match in _INVISIBLE.finditer(text):
        yield Mend(match.start(), match.end(), "", "invisible")


def private_use(text: str) -> Iterator[Mend]:
    """Make private-use characters a blank, which is what they were seen as."""
    for match in _PRIVATE_USE.finditer(text):
        yield Mend(match.start(), match.end(), " ", "private-use")
