"""Inputs made to do harm, each with what must come of it: articles, and rejects with their reasons.

A case is a file; its name tells the form, so that a run reads it as it would any other. The modules hold the cases by
what is wrong with them: :mod:`.encodings`, :mod:`.records`, :mod:`.tables`, :mod:`.archives`, :mod:`.pages`,
:mod:`.texts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

__all__ = ["ANY", "Case", "bad", "good", "mixed"]

#: a text that is not foretold
ANY = None

#: the bytes of a file, or what makes them where they are many
Data = bytes | Callable[[], bytes]


class Case(NamedTuple):
    """A file and what must come of it."""

    data: Data
    #: raw texts of its articles, in order; None for one that is not foretold
    texts: tuple[str | None, ...]
    #: its rejects, in order: what follows the file's name in the path (of a member of an archive), row, reason
    rejects: tuple[tuple[str, int | None, str], ...]

    def content(self) -> bytes:
        """The bytes of the file."""
        return self.data if isinstance(self.data, bytes) else self.data()


def good(data: Data, *texts: str | None) -> Case:
    """A file that is read as these texts."""
    return Case(data, texts, ())


def bad(data: Data, reason: str, row: int | None = None, member: str = "") -> Case:
    """A file of which nothing can be used."""
    return Case(data, (), ((member, row, reason),))


def mixed(data: Data, texts: Iterable[str | None], *rejects: tuple[str, int | None, str]) -> Case:
    """A file of which a part can be used."""
    return Case(data, tuple(texts), rejects)
