"""The bytes of a shard whose dump lies in a store, brought to this machine before the work on it begins.

So a store that hesitates costs no article its time limit, what it refuses for the moment never counts as read, and
many small files come at once instead of one after another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from pipeline.stages.read.dump import Piece, Shard
from pipeline.storage import Store, is_remote

__all__ = ["fetched"]

#: bytes of one request
_BLOCK = 8 << 20

#: bytes, and requests, that are under way together; the bytes are in memory until they are written
_PORTION, _REQUESTS = 32 << 20, 256


@contextmanager
def fetched(shard: Shard) -> Iterator[Shard]:
    """The shard with its bytes in files of this machine, removed at the end; a shard of this machine as it is.

    Of a large file that was cut into pieces only the piece is fetched, with the directory of a zip archive or the
    footer of a parquet file; it stands in a file of the full length whose rest is empty and takes no room.

    Raises:
        pipeline.storage.StorageError: the store does not answer; a file that is gone or locked is no such case, its
            piece becomes a reject.
    """
    if not is_remote(shard.root):
        yield shard
        return
    with TemporaryDirectory(prefix="zhanbao-", ignore_cleanup_errors=True) as folder:
        places = [Path(folder, str(number)) for number in range(len(shard.pieces))]
        for piece, place in zip(shard.pieces, places, strict=True):
            with place.open("wb") as file:
                file.truncate(piece.size)
        refused = _fill(Store(shard.root), shard.pieces, places)
        pieces = (
            replace(piece, at=str(place), problem=refused.get(number, piece.problem))
            for number, (piece, place) in enumerate(zip(shard.pieces, places, strict=True))
        )
        yield replace(shard, pieces=tuple(pieces))


class _Span(NamedTuple):
    """Bytes to fetch: of which piece, from where to where."""

    number: int
    start: int
    stop: int


def _fill(store: Store, pieces: Sequence[Piece], places: Sequence[Path]) -> dict[int, tuple[str, str]]:
    """Fetch the bytes of pieces into their files; for those that the store refuses, by number, the reject's reason."""
    refused = {}
    for portion in _portions(span for number, piece in enumerate(pieces) for span in _spans(number, piece)):
        wanted = [(pieces[span.number].path, span.start, span.stop) for span in portion]
        for span, found in zip(portion, store.get_ranges(wanted), strict=True):
            if isinstance(found, OSError):
                said = found.strerror or type(found).__name__
                refused[span.number] = (
                    "unreadable",
                    f"the store refuses it ({said}); check the file and its permissions",
                )
                continue
            with places[span.number].open("r+b") as file:
                file.seek(span.start)
                file.write(found)
    return refused


def _spans(number: int, piece: Piece) -> Iterator[_Span]:
    """What is needed of a piece, in blocks."""
    if piece.problem:
        return
    bounds = [(piece.start, piece.stop)]
    if piece.parts:
        bounds.append((max(piece.directory, piece.stop), piece.size))
    for start, stop in bounds:
        yield from (_Span(number, at, min(at + _BLOCK, stop)) for at in range(start, stop, _BLOCK))


def _portions(spans: Iterable[_Span]) -> Iterator[list[_Span]]:
    """Spans that may be in memory together."""
    portion: list[_Span] = []
    for span in spans:
        portion.append(span)
        if len(portion) == _REQUESTS or sum(s.stop - s.start for s in portion) >= _PORTION:
            yield portion
            portion = []
    if portion:
        yield portion
