"""The map from a repaired text back to the raw text it came from.

A repair is a list of :class:`Edit`; :func:`apply` makes the new text and :meth:`OffsetMap.then` the new
map. Maps compose, so several rounds of repair still lead back to the raw text in one step:

>>> raw = "50余個(gè)&nbsp;問題"
>>> edits = [Edit(4, 8, ""), Edit(8, 14, " ")]
>>> text, offsets = apply(raw, edits), OffsetMap.identity().then(edits)
>>> text
'50余個 問題'
>>> start, end = offsets.raw_span(0, 4)
>>> raw[start:end]
'50余個'
>>> start, end = offsets.raw_span(3, 7)
>>> raw[start:end]
'個(gè)&nbsp;問題'
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

__all__ = ["Change", "Edit", "OffsetMap", "apply"]


class Edit(NamedTuple):
    """Replace ``text[start:end]`` by ``after``. The edits of a list are in order and do not overlap."""

    start: int
    end: int
    after: str


class Change(NamedTuple):
    """``text[start:end]`` stands where ``raw[raw_start:raw_end]`` stood; all else is equal in both."""

    start: int
    end: int
    raw_start: int
    raw_end: int


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text after the edits, which must be in order and not overlap."""
    parts: list[str] = []
    at = 0
    for start, end, after in edits:
        parts.append(text[at:start])
        parts.append(after)
        at = end
    if not parts:
        return text
    parts.append(text[at:])
    return "".join(parts)


class OffsetMap:
    """Maps half-open spans of a text to half-open spans of the raw text that it was made from.

    Only the changed stretches are kept, as parallel columns, so that a look-up is one bisection and the
    map of an unchanged text costs nothing. Immutable; equal maps compare equal.
    """

    __slots__ = ("_ends", "_raw_ends", "_raw_starts", "_starts")

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        """Make the map from the changed stretches, in order and without overlap."""
        columns: tuple[tuple[int, ...], ...] = tuple(zip(*changes, strict=True)) or ((), (), (), ())
        self._starts, self._ends, self._raw_starts, self._raw_ends = columns

    @classmethod
    def identity(cls) -> OffsetMap:
        """The map of a text that was not changed."""
        return _IDENTITY

    @property
    def is_identity(self) -> bool:
        """True where text and raw text are the same, so that spans need no mapping."""
        return not self._starts

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changed stretches in order."""
        return tuple(map(Change, self._starts, self._ends, self._raw_starts, self._raw_ends))

    def then(self, edits: Sequence[Edit]) -> OffsetMap:
        """The map of ``apply(text, edits)``, where this is the map of ``text``.

        An edit that overlaps an earlier change becomes one change with it.

        Raises:
            ValueError: the edits are out of order or overlap.
        """
        if not edits:
            return self
        for left, right in pairwise(edits):
            if right.start < left.end:
                raise ValueError(f"edits overlap or are out of order: {left!r}, {right!r}")
        return OffsetMap(_compose(self.changes, edits) if self._starts or _repeat(edits) else _shift(edits))

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the raw text that ``text[start:end]`` was made from.

        It runs from the raw start of the first character to the raw end of the last: what was deleted
        inside is covered, what was deleted before or after is not. A character of a changed stretch
        stands for the whole stretch. An empty span maps to an empty span.
        """
        if not self._starts:
            return start, end
        raw_start, raw_end = self._char(start)
        if end - start > 1:
            raw_end = self._char(end - 1)[1]
        return (raw_start, raw_end) if end > start else (raw_start, raw_start)

    def text_span(self, raw_start: int, raw_end: int) -> tuple[int, int]:
        """The smallest span of the text that holds all that ``raw[raw_start:raw_end]`` became."""
        if not self._starts:
            return raw_start, raw_end
        start = self._text_start(raw_start)
        return start, max(start, self._text_end(raw_end))

    def _char(self, at: int) -> tuple[int, int]:
        """The raw span of the character at ``at``."""
        i = bisect_right(self._starts, at) - 1
        if i < 0:
            return at, at + 1
        if at < self._ends[i]:
            return self._raw_starts[i], self._raw_ends[i]
        raw = self._raw_ends[i] + at - self._ends[i]
        return raw, raw + 1

    def _text_start(self, raw: int) -> int:
        i = bisect_right(self._raw_starts, raw) - 1
        if i < 0:
            return raw
        return self._starts[i] if raw < self._raw_ends[i] else self._ends[i] + raw - self._raw_ends[i]

    def _text_end(self, raw: int) -> int:
        # bisect for raw - 1: the end of a span belongs to the character before it
        i = bisect_right(self._raw_starts, raw - 1) - 1
        if i < 0:
            return raw
        return self._ends[i] if raw <= self._raw_ends[i] else self._ends[i] + raw - self._raw_ends[i]

    def __eq__(self, other: object) -> bool:
        """Maps are equal if they hold the same changes."""
        return isinstance(other, OffsetMap) and self.changes == other.changes

    def __hash__(self) -> int:
        """Equal maps have equal hashes."""
        return hash(self.changes)

    def __repr__(self) -> str:
        """The changes, as they were given."""
        return f"OffsetMap({list(self.changes)!r})"


_IDENTITY = OffsetMap()


def _repeat(edits: Sequence[Edit]) -> bool:
    """Whether several insert at one place; they become one change."""
    return any(left.start == right.end for left, right in pairwise(edits))


def _shift(edits: Iterable[Edit]) -> Iterator[Change]:
    """The changes that edits of an unchanged text are, none of them at the place of another."""
    grown = 0
    for start, end, after in edits:
        new_start = start + grown
        new_end = new_start + len(after)
        yield Change(new_start, new_end, start, end)
        grown = new_end - end


class _Piece(NamedTuple):
    """An edit or an earlier change, in the coordinates of the text between the two."""

    start: int
    end: int
    #: characters that the edit adds; 0 for an earlier change
    growth: int
    #: raw offset minus text offset behind an earlier change; None for an edit
    shift: int | None


def _compose(changes: Sequence[Change], edits: Sequence[Edit]) -> Iterator[Change]:
    """Join earlier changes and later edits; pieces that overlap become one change."""
    pieces = [_Piece(c.start, c.end, 0, c.raw_end - c.end) for c in changes]
    pieces += [_Piece(e.start, e.end, len(e.after) - (e.end - e.start), None) for e in edits]
    # at one place: what is empty first, and a deletion before an insertion
    pieces.sort(key=lambda p: (p.start, p.end, p.shift is None))
    grown = 0
    shift = 0
    at = 0
    while at < len(pieces):
        start, end = pieces[at].start, pieces[at].end
        before = shift
        growth = 0
        while at < len(pieces) and _touches(pieces[at], start, end):
            piece = pieces[at]
            end = max(end, piece.end)
            growth += piece.growth
            shift = shift if piece.shift is None else piece.shift
            at += 1
        yield Change(start + grown, end + grown + growth, start + before, end + shift)
        grown += growth


def _touches(piece: _Piece, start: int, end: int) -> bool:
    return piece.start < end or piece.start == piece.end == start == end or (piece.start, piece.end) == (start, end)
