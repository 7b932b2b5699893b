"""Things that are looked up by number and do not fit into memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import Struct
from typing import IO

__all__ = ["Shelf", "open_shelf"]

#: where a thing begins in the file, and its bytes plus one; nothing but zeros where nothing was put
_PLACE = Struct("<QQ")


class Shelf:
    """Bytes by number, in two files: the things as they came, and where each lies; see :func:`open_shelf`.

    Things are put in any order, and taken in any order after that. Memory does not grow with their number.
    """

    def __init__(self, things: IO[bytes], places: IO[bytes]) -> None:
        self._things = things
        self._places = places
        self._end = 0

    def put(self, number: int, thing: bytes) -> None:
        """Lay a thing down; one that was put under the same number before is not found any more."""
        self._things.seek(0, os.SEEK_END)
        self._things.write(thing)
        self._places.seek(number * _PLACE.size)
        self._places.write(_PLACE.pack(self._end, len(thing) + 1))
        self._end += len(thing)

    def get(self, number: int) -> bytes | None:
        """The thing of a number, or None where none was put."""
        self._places.seek(number * _PLACE.size)
        place = self._places.read(_PLACE.size)
        if len(place) < _PLACE.size:
            return None
        begin, size = _PLACE.unpack(place)
        if not size:
            return None
        self._things.seek(begin)
        return self._things.read(size - 1)


@contextmanager
def open_shelf(path: Path) -> Iterator[Shelf]:
    """An empty shelf whose files lie at ``path`` and beside it; they stay there when the block ends.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, open_shelf(Path(folder, "texts")) as shelf:
    ...     shelf.put(7, b"seven")
    ...     shelf.put(2, b"")
    ...     shelf.get(7), shelf.get(2), shelf.get(3), shelf.get(8)
    (b'seven', b'', None, None)
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # without buffers: a seek would empty them each time
    with path.open("w+b", buffering=0) as things, path.with_name(f"{path.name}.at").open("w+b", buffering=0) as places:
        yield Shelf(things, places)
