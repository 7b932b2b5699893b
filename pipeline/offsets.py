"""The map from a repaired text back to the raw text it came from."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Edit", "OffsetMap"]


class Edit(NamedTuple):
    """Replace ``text[start:end]`` by ``after``. The edits of a list are in order and do not overlap."""

    start: int
    end: int
    after: str


class OffsetMap:
    """Maps half-open spans of a text to half-open spans of the text that it was made from."""

    __slots__ = ()

    @classmethod
    def identity(cls) -> OffsetMap:
        """The map of a text that was not changed."""
        return cls()

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the raw text that ``text[start:end]`` was made from."""
        return start, end
