"""What a reader of one form of file is given."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from pipeline.model import Article, Options, Reject
from pipeline.stages.read.fields import Place
from pipeline.stages.read.limits import Limits, UnusableError
from pipeline.stages.read.streams import Meter

__all__ = ["Items", "Source"]

Items: TypeAlias = Iterator[Article | Reject]


@dataclass(frozen=True, slots=True)
class Source:
    """An open file, or member of an archive, with all that its reader has to know."""

    stream: io.BufferedReader
    #: path in the dump; members of an archive continue its path
    file: str
    #: the same without suffixes
    stem: str
    options: Options
    limits: Limits
    #: counts what comes out of the file on disk that this is in
    meter: Meter
    #: archives around it
    depth: int = 0
    #: number of the first record
    first_row: int = 1
    #: row groups, or members of the archive, to read; None for all
    parts: range | None = None

    def place(self, row: int | None = None) -> Place:
        """The place of a record, or of the file as the only one."""
        return Place(self.file, self.stem, row)

    def reject(self, error: UnusableError, row: int | None = None) -> Reject:
        """The line for ``rejected.jsonl``."""
        return Reject(self.file, row, error.reason, error.detail)

    def unwrapped(self, stream: io.BufferedReader) -> Source:
        """The same file with its layers of compression taken off."""
        return replace(self, stream=stream)

    def within(self, stream: io.BufferedReader, name: str, stem: str) -> Source:
        """A member of this archive."""
        return replace(
            self,
            stream=stream,
            file=f"{self.file}/{name}",
            stem=f"{self.stem}/{stem}",
            depth=self.depth + 1,
            first_row=1,
            parts=None,
        )
