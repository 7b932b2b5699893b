"""Bytes as bounded streams: opening, decompression, lines; nothing here knows what the bytes mean."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from pipeline.stages.read.limits import Limits, UnusableError
from pipeline.storage import is_remote, open_input

__all__ = ["Meter", "buffered", "in_memory", "lines", "open_file", "read_all", "seekable", "unwrap", "window"]

_CHUNK = 256 << 10


def open_file(path: str) -> io.BufferedReader:
    """Open an input, by its path or its address, for reading. The only place where an input is opened."""
    if is_remote(path):
        return open_input(path)
    return Path(path).open("rb")


def seekable(stream: io.BufferedReader, limit: int) -> io.BufferedReader:
    """The stream itself, or what it holds where it can only be read forwards.

    Raises:
        UnusableError: it would have to be held in memory and is longer than ``limit`` bytes.
    """
    return stream if stream.seekable() else in_memory(read_all(stream, limit))


def in_memory(data: bytes) -> io.BufferedReader:
    """Bytes as a stream."""
    return io.BufferedReader(io.BytesIO(data))


class Meter:
    """Counts the bytes that come out of one file on disk, over all layers of compression.

    Args:
        size: bytes of the file on disk.
        limits: the bounds.
    """

    def __init__(self, size: int, limits: Limits) -> None:
        self._allowed = max(limits.free, size * limits.ratio)
        self._produced = 0
        self._size = size

    def add(self, count: int) -> None:
        """Note that ``count`` bytes came out.

        Raises:
            UnusableError: more came out than an honest file of that size holds.
        """
        self._produced += count
        if self._produced > self._allowed:
            raise UnusableError(
                "bomb",
                f"unpacks to more than {self._allowed:,} bytes from {self._size:,}; the rest is not read. "
                "If it is no decompression bomb, unpack it first",
            )


class _Source(Protocol):
    """What gives at most ``size`` bytes a call, b'' at the end."""

    def read1(self, size: int, /) -> bytes: ...


class _Raw(io.RawIOBase):
    """A source as a raw stream, so that a BufferedReader can stand on it."""

    def __init__(self, source: _Source, meter: Meter | None = None) -> None:
        self._source = source
        self._meter = meter

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._source.read1(len(buffer))
        if self._meter:
            self._meter.add(len(data))
        buffer[: len(data)] = data
        return len(data)


def buffered(source: _Source, meter: Meter | None = None) -> io.BufferedReader:
    """Put a buffer, and a meter if wanted, on a source of bytes."""
    return io.BufferedReader(_Raw(source, meter), _CHUNK)


class _Window:
    """The bytes of a seekable stream from start to stop."""

    def __init__(self, stream: io.BufferedReader, start: int, stop: int) -> None:
        stream.seek(start)
        self._stream = stream
        self._left = stop - start

    def read1(self, size: int) -> bytes:
        data = self._stream.read(min(size, self._left))
        self._left -= len(data)
        return data


def window(stream: io.BufferedReader, start: int, stop: int) -> io.BufferedReader:
    """The bytes from start to stop as a stream of their own."""
    return buffered(_Window(stream, start, stop))


class _Gzip:
    """A gzip file, members one after another; gives what is there before a break, then says so."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._file = gzip.GzipFile(fileobj=stream, mode="rb")

    def read1(self, size: int) -> bytes:
        try:
            return self._file.read1(size)
        except EOFError:
            raise _truncated() from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise _damaged("gzip", error) from None


class _Zstd:
    """A zstd file, frame after frame; the library's own stream reader does not notice a missing end."""

    #: fed in small portions, because 4 bytes may stand for 128 KiB
    _PORTION = 512

    def __init__(self, stream: io.BufferedReader) -> None:
        import zstandard

        self._error = zstandard.ZstdError
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=1 << 27)
        self._frame = self._decompressor.decompressobj()
        self._fed = False
        self._stream = stream
        self._ready = memoryview(b"")
        self._broken: UnusableError | None = None

    def read1(self, size: int) -> bytes:
        while not self._ready:
            if self._broken:
                raise self._broken
            portion = self._stream.read(self._PORTION)
            if not portion:
                if self._fed and not self._frame.eof:
                    raise _truncated()
                return b""
            self._feed(portion)
        data, self._ready = bytes(self._ready[:size]), self._ready[size:]
        return data

    def _feed(self, portion: bytes) -> None:
        out = []
        try:
            while portion:
                if self._frame.eof:
                    self._frame = self._decompressor.decompressobj()
                out.append(self._frame.decompress(portion))
                self._fed = True
                portion = self._frame.unused_data if self._frame.eof else b""
        except self._error as error:
            # give what came out before, then say so
            self._broken = _damaged("zstd", error)
        self._ready = memoryview(b"".join(out))


def _truncated() -> UnusableError:
    return UnusableError("truncated", "the compressed data ends too early; fetch the file again")


def _damaged(form: str, error: Exception) -> UnusableError:
    return UnusableError("damaged", f"the {form} data is damaged ({error}); fetch the file again")


def unwrap(stream: io.BufferedReader, wrappers: tuple[str, ...], meter: Meter, limits: Limits) -> io.BufferedReader:
    """Take off layers of compression, the outermost first.

    Raises:
        UnusableError: there are too many layers.
    """
    if len(wrappers) > limits.depth:
        raise UnusableError("too-deep", f"compressed {len(wrappers)} times over; unpack it first")
    for wrapper in wrappers:
        source: _Source = _Gzip(stream) if wrapper == "gz" else _Zstd(stream)
        stream = buffered(source, meter)
    return stream


def read_all(stream: io.BufferedReader, limit: int, what: str = "file") -> bytes:
    """Read a stream to its end.

    Raises:
        UnusableError: it is longer than ``limit`` bytes.
    """
    # a buffered stream may give less than asked for; read() with a size asks again until the end
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise UnusableError("too-large", f"the {what} is larger than {limit:,} bytes; split it")
    return data


def lines(stream: io.BufferedReader, limit: int) -> Iterator[bytes | None]:
    """The lines of a stream with their ends, None in place of a line longer than ``limit`` bytes."""
    while line := stream.readline(limit + 1):
        if len(line) <= limit:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(_CHUNK)
        yield None
