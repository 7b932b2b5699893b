"""What an input may be at most, and the error that says why one cannot be used."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["LIMITS", "Limits", "UnusableError"]


class UnusableError(Exception):
    """An input or a record cannot be used; becomes a :class:`~pipeline.model.Reject` where file and row are known.

    Args:
        reason: a short fixed name, see :mod:`pipeline.stages.read`.
        detail: what is wrong and what to do about it, for the person who gave the input.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Limits(NamedTuple):
    """Bounds that keep a worker's memory and time finite whatever the input. Sizes are in bytes."""

    #: one record, line or text; 16 MiB of UTF-8 are more than five million Chinese characters
    record: int = 16 << 20
    #: a web page without the images that are written into it; larger ones take the extractor half a minute
    page: int = 4 << 20
    #: a file that is only readable as a whole (xlsx, parquet or zip) inside an archive or a compressed file
    held: int = 96 << 20
    #: how often larger than the file on disk its unpacked contents may be. Text compresses 3 to 10 times,
    #: pages with much furniture 30 times; deflate ends at 1032
    ratio: int = 250
    #: unpacked bytes that are always allowed
    free: int = 64 << 20
    #: archives and compressed files within one another
    depth: int = 4


LIMITS = Limits()
