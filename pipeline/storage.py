"""Places that are not folders of this machine: object stores and all else that fsspec knows by an address.

A place with an address (``s3://bucket/reports``) is a :class:`Store`; everything else is a path, and code for paths
does not pass through here. ``fsspec`` and the library for the store are loaded on first use.

>>> is_remote("s3://bucket/reports"), is_remote("data/raw"), plain("file:///data/raw")
(True, False, '/data/raw')
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple
from uuid import uuid4

if TYPE_CHECKING:
    import fsspec

__all__ = ["Entry", "StorageError", "Store", "is_remote", "open_input", "plain"]

_LOCAL = ("file://", "local://")

#: stores where others see an object as a whole or not at all; elsewhere it is written under another name first
_ATOMIC_PUT = frozenset({"abfs", "abfss", "adl", "az", "gcs", "gs", "memory", "oci", "oss", "r2", "s3", "s3a", "tos"})

#: bytes that are fetched at once
_BLOCK = 8 << 20


class StorageError(OSError):
    """A store does not answer, or not as it should; the message says what to do."""


def is_remote(place: str | os.PathLike[str]) -> bool:
    """Whether a place is an address rather than a path of this machine."""
    text = os.fspath(place)
    return "://" in text and not text.startswith(_LOCAL)


def plain(place: str | os.PathLike[str]) -> str:
    """A place as it is used: ``file://`` addresses as paths, other addresses without a slash at the end."""
    text = os.fspath(place)
    if is_remote(text):
        return text.rstrip("/")
    if text.startswith(_LOCAL):
        from urllib.request import url2pathname

        return url2pathname(text.split("://", 1)[1])
    return text


class Entry(NamedTuple):
    """What lies directly in a folder of a store."""

    name: str
    #: bytes
    size: int
    is_folder: bool


class Store:
    """A folder of a store; names are relative to it, with slashes.

    Files are put in place in one step: whoever reads sees the one before or the new one, never a half.

    Args:
        url: the address, with a protocol that fsspec knows. How to get in (keys, another server) is configured as
            the library for the store wants it; docs/running.md has an example.

    Raises:
        StorageError: the protocol is not known or its library is not installed.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._fs, self._root = _connect(self.url)
        self._atomic = self.url.split("://", 1)[0] in _ATOMIC_PUT

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """What the libraries of stores raise, as errors of the system."""
        try:
            yield
        except (FileNotFoundError, PermissionError, StorageError):
            raise
        except Exception as error:
            said = " ".join(str(error).split())[:300]
            raise StorageError(
                f"{self.url} does not answer as it should ({type(error).__name__}: {said}); "
                "check address, keys and network, and give the same command again"
            ) from error

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}" if name else self._root

    def kind(self) -> str | None:
        """``file``, ``folder`` or None where there is nothing."""
        with self._answering():
            self._fs.invalidate_cache()
            try:
                found: str = self._fs.info(self._root)["type"]
            except FileNotFoundError:
                return None
        return "file" if found == "file" else "folder"

    def size(self, name: str = "") -> int:
        """Bytes of a file."""
        with self._answering():
            return int(self._fs.size(self._path(name)))

    def entries(self, name: str = "") -> list[Entry]:
        """What lies directly in a folder, in no order; nothing where there is no such folder."""
        folder = self._path(name).rstrip("/")
        with self._answering():
            try:
                found = self._fs.ls(folder, detail=True, refresh=True)
            except FileNotFoundError:
                return []
        infos = ((str(info["name"]).rstrip("/"), info) for info in found)
        return [
            Entry(path.rpartition("/")[2], int(info.get("size") or 0), info["type"] == "directory")
            for path, info in infos
            # some tools mark a folder with an empty object of its name
            if path.strip("/") != folder.strip("/")
        ]

    def open(self, name: str = "") -> io.BufferedReader:
        """Open a file for reading; what is read is fetched block by block."""
        with self._answering():
            file = self._fs.open(self._path(name), "rb", block_size=_BLOCK)
        return io.BufferedReader(_Raw(file, self._answering), _BLOCK)

    def read(self, name: str) -> bytes | None:
        """A small file; None where there is none."""
        with self._answering():
            try:
                return bytes(self._fs.cat_file(self._path(name)))
            except FileNotFoundError:
                return None

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        with self._answering():
            self._fs.invalidate_cache()
            return bool(self._fs.exists(self._path(name)))

    def write(self, name: str, data: bytes) -> None:
        """Put a small file in place."""
        with self._answering():
            if self._atomic:
                self._fs.pipe_file(self._path(name), data)
            else:
                with self._fresh(name) as fresh:
                    self._fs.pipe_file(fresh, data)

    def put(self, files: Mapping[str, Path]) -> None:
        """Put files of this machine in place, by name."""
        with self._answering():
            if self._atomic:
                self._fs.put([str(path) for path in files.values()], [self._path(name) for name in files])
                return
            for name, path in files.items():
                with self._fresh(name) as fresh:
                    self._fs.put_file(str(path), fresh)

    @contextmanager
    def _fresh(self, name: str) -> Iterator[str]:
        """Where to write a file that is then renamed."""
        place = self._path(name)
        fresh = f"{place}.{uuid4().hex[:12]}.part"
        self._fs.makedirs(place.rpartition("/")[0], exist_ok=True)
        try:
            yield fresh
            if self._fs.exists(place):
                self._fs.rm_file(place)
            self._fs.mv(fresh, place)
        except BaseException:
            if self._fs.exists(fresh):
                self._fs.rm_file(fresh)
            raise

    def get(self, files: Mapping[str, Path]) -> None:
        """Fetch files whole, by name, several at a time where the store allows it."""
        with self._answering():
            self._fs.get([self._path(name) for name in files], [str(path) for path in files.values()])

    def get_ranges(self, wanted: Sequence[tuple[str, int, int]]) -> list[bytes | OSError]:
        """Bytes from start to stop of files, all at once: for many small files, or a piece of a large one.

        Returns:
            for each its bytes, or the error that says why they are not to be had.
        """
        paths, starts, stops = (
            [self._path(name) for name, _, _ in wanted],
            [w[1] for w in wanted],
            [w[2] for w in wanted],
        )
        with self._answering():
            found = self._fs.cat_ranges(paths, starts, stops, on_error="return")
            for item in found:
                # a file that is gone or locked is the dump's business; all else is the store's
                if isinstance(item, Exception) and not isinstance(item, FileNotFoundError | PermissionError):
                    raise item
        return [item if isinstance(item, OSError) else bytes(item) for item in found]

    def delete(self, names: Iterable[str]) -> None:
        """Remove files; one that is not there is no error."""
        paths = [self._path(name) for name in names]
        with self._answering():
            for path in paths:
                try:
                    self._fs.rm_file(path)
                except FileNotFoundError:
                    continue

    def clear(self, name: str) -> None:
        """Remove a folder with all that is in it."""
        with self._answering():
            self._fs.invalidate_cache()
            if self._fs.exists(self._path(name)):
                self._fs.rm(self._path(name), recursive=True)


class _Raw(io.RawIOBase):
    """An open file of a store, whose errors are the store's."""

    def __init__(self, file: IO[bytes], answering: Callable[[], AbstractContextManager[None]]) -> None:
        self._file = file
        self._answering = answering

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        with self._answering():
            data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


@lru_cache(maxsize=16)
def _connect(url: str) -> tuple[fsspec.AbstractFileSystem, str]:
    try:
        from fsspec.core import url_to_fs

        fs, root = url_to_fs(url, use_listings_cache=False)
    except (ImportError, ValueError) as error:
        protocol = url.split("://", 1)[0]
        extra = "s3" if protocol in ("s3", "s3a") else "remote"
        raise StorageError(
            f"{protocol}:// cannot be used ({error}); install what it needs with: pip install 'zhanbao[{extra}]'"
            + ("" if extra == "s3" else f" and the library of fsspec for {protocol}")
        ) from None
    return fs, str(root)


def open_input(url: str) -> io.BufferedReader:
    """Open a file by its whole address for reading."""
    return Store(url).open()
