"""The files of a dump, cut into shards: the units in which work is spread over processes and machines."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

from pipeline.stages.read.archives import in_reading_order
from pipeline.stages.read.encoding import clean_name, detect
from pipeline.stages.read.forms import form_of, is_litter
from pipeline.stages.read.streams import open_file
from pipeline.storage import StorageError, Store, is_remote

__all__ = ["SHARD_BYTES", "Piece", "Shard", "digest", "plan", "shards"]

#: bytes of text that make a shard; a second or two of work
SHARD_BYTES = 8 << 20

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of the dump, or a part of a large one."""

    #: relative to the dump, with /; as the system has it
    path: str
    #: bytes of the whole file
    size: int
    #: the bytes of this piece, half-open
    start: int = 0
    stop: int = 0
    #: number of the first record
    first_row: int = 1
    #: row groups of a parquet file or members of a zip archive, half-open; () for all
    parts: tuple[int, ...] = ()
    #: reason and detail of the reject that this becomes, where it is already known that it cannot be read
    problem: tuple[str, str] | None = None
    #: where the directory of an archive or the footer of a parquet file begins, if ``parts`` says what to read of it
    directory: int = 0
    #: the file that holds its bytes, where that is not the path in the dump
    at: str = ""

    @property
    def is_range(self) -> bool:
        """Whether only the bytes from start to stop may be read."""
        return not self.parts and self.stop - self.start < self.size


@dataclass(frozen=True, slots=True)
class Shard:
    """Some pieces, read one after another by one process. Can be pickled and sent to another machine."""

    #: folder of the dump: a path or an address
    root: str
    pieces: tuple[Piece, ...]

    @property
    def name(self) -> str:
        """What identifies the shard in its dump: paths and ranges, not contents.

        >>> Shard("raw", (Piece("a.jsonl", 90, 0, 40),)).name
        'a.jsonl 0-40'
        """
        first, last = self.pieces[0], self.pieces[-1]
        if len(self.pieces) == 1:
            return f"{first.path} {first.start}-{first.stop}"
        paths = sha256("\0".join(piece.path for piece in self.pieces).encode("utf-8", "surrogateescape")).hexdigest()
        return f"{first.path} to {last.path} ({len(self.pieces)} files, {paths[:12]})"

    def place(self, piece: Piece) -> str:
        """The file that holds the bytes of a piece."""
        return piece.at or f"{self.root}/{piece.path}"

    @property
    def path(self) -> str:
        """Path of the first file, fit to be shown."""
        return clean_name(self.pieces[0].path)

    @property
    def size(self) -> int:
        """Bytes of input."""
        return sum(piece.stop - piece.start for piece in self.pieces)


def plan(root: str | Path, target: int = SHARD_BYTES, follow_links: bool = False) -> list[Shard]:
    """Cut a dump into shards; :func:`shards` as a list."""
    return list(shards(root, target, follow_links))


def shards(root: str | Path, target: int = SHARD_BYTES, follow_links: bool = False) -> Iterator[Shard]:
    """Cut a dump into shards, in the order of the relative paths.

    Large JSON lines files are cut at line ends, parquet files between row groups, zip archives between
    members. Small files are put together; where one such group ends is decided by a hash of the path, so
    that a new file changes its own group only and finished work on the others stays good.

    Args:
        root: a folder, or a single file; a path, or the address of a store.
        target: bytes of text in a shard, about; those of compressed files are estimated.
        follow_links: follow symbolic links; otherwise each is named as a reject.

    Raises:
        FileNotFoundError: there is nothing at ``root``.
    """
    base, files = _files_of_store(str(root)) if is_remote(root) else _files(Path(root), follow_links)
    group: list[Piece] = []
    size = 0
    for file in files:
        if _weight(file) > 2 * target and not file.problem:
            if group:
                yield Shard(base, tuple(group))
            yield from (Shard(base, (piece,)) for piece in _cut(base, file, target))
            group, size = [], 0
            continue
        group.append(file)
        size += _weight(file)
        if size >= 2 * target or len(group) >= _MOST_FILES or _ends_group(file, target):
            yield Shard(base, tuple(group))
            group, size = [], 0
    if group:
        yield Shard(base, tuple(group))


_MOST_FILES = 20_000
#: what opening a file costs, in bytes of reading
_OPENING = 2000
#: how many times larger a compressed file is when unpacked, about
_UNPACKED = 4


def _weight(file: Piece) -> int:
    """How much work is in a file, in bytes of text, about."""
    form = form_of(file.path)
    packed = form.wrappers or form.kind in ("parquet", "xlsx", "zip")
    return _OPENING + file.size * (_UNPACKED if packed else 1)


def _ends_group(file: Piece, target: int) -> bool:
    """Whether a group ends behind this file: by chance that does not change, as likely as it fills the group."""
    share = crc32(file.path.encode("utf-8", "surrogateescape")) / 2**32
    return share < _weight(file) / target


def digest(shard: Shard) -> str:
    """SHA-256 of the input bytes of a shard, in hexadecimal; reads them once.

    What cannot be read counts as its error, so that the digest changes when it can be read.
    """
    found = sha256()
    for piece in shard.pieces:
        found.update(f"{piece.path}\0{piece.start}\0{piece.stop}\0{piece.problem}\0".encode("utf-8", "surrogateescape"))
        if not piece.problem:
            try:
                _hash_into(found, shard.place(piece), piece)
            except OSError as error:
                found.update(str(error.errno).encode())
    return found.hexdigest()


def _hash_into(found: Any, path: str, piece: Piece) -> None:
    with open_file(path) as file:
        file.seek(piece.start)
        left = piece.stop - piece.start
        while left and (data := file.read(min(_CHUNK, left))):
            found.update(data)
            left -= len(data)
        if piece.parts:
            # the directory of an archive and the footer of a parquet file are at the end
            file.seek(max(piece.stop, piece.directory, piece.size - _CHUNK))
            found.update(file.read())


# --------------------------------------------------------------------------------------------------- files


def _files(root: Path, follow_links: bool) -> tuple[str, Iterator[Piece]]:
    """The base folder and all files under it."""
    if root.is_dir():
        base = root.as_posix()
        return base, _walk(base, follow_links)
    size = root.stat().st_size
    return root.parent.as_posix(), iter([Piece(root.name, size, 0, size)])


def _files_of_store(root: str) -> tuple[str, Iterator[Piece]]:
    """The base address and all files under it; links are not known there."""
    store = Store(root)
    kind = store.kind()
    if kind is None:
        raise FileNotFoundError(root)
    if kind == "folder":
        return root, _walk_store(store, "")
    base, _, name = root.rpartition("/")
    size = store.size()
    return base, iter([Piece(name, size, 0, size)])


def _walk_store(store: Store, prefix: str) -> Iterator[Piece]:
    """The files under a folder of a store, in the order in which :func:`_walk` has them."""
    entries = (entry for entry in store.entries(prefix.rstrip("/")) if not is_litter(entry.name))
    for entry in sorted(entries, key=lambda entry: f"{entry.name}/" if entry.is_folder else entry.name):
        if entry.is_folder:
            yield from _walk_store(store, f"{prefix}{entry.name}/")
        else:
            yield Piece(prefix + entry.name, entry.size, 0, entry.size)


def _walk(base: str, follow_links: bool) -> Iterator[Piece]:
    """The files under a folder in the order of their paths; holds one folder in memory for each level."""
    real = os.path.realpath(base)
    stack = [_entries(base, "")]
    parents = [{real}]
    while stack:
        entry = next(stack[-1], None)
        if entry is None:
            stack.pop()
            parents.pop()
        elif isinstance(entry, Piece):
            yield entry
        elif entry[1].is_symlink() and not follow_links:
            yield _link(entry[0], entry[1], real)
        elif _is_folder(entry[1]):
            target = os.path.realpath(entry[1].path)
            if any(target in seen for seen in parents):
                yield Piece(entry[0], 0, problem=("symlink", "the link leads back to a folder that it lies in"))
            else:
                stack.append(_entries(base, f"{entry[0]}/"))
                parents.append({target})
        else:
            yield _file(*entry)


def _entries(base: str, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]] | Piece]:
    """The entries of a folder, litter left out, with their relative paths, sorted as these."""
    try:
        with os.scandir(f"{base}/{prefix}") as found:
            entries = [entry for entry in found if not is_litter(entry.name)]
    except OSError as error:
        detail = f"the folder cannot be read: {error.strerror}; check its permissions"
        yield Piece(prefix.rstrip("/"), 0, problem=("unreadable", detail))
        return
    # a folder sorts as its files do, whose paths go on with a slash
    entries.sort(key=lambda entry: f"{entry.name}/" if _is_folder(entry) else entry.name)
    for entry in entries:
        yield prefix + entry.name, entry


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder, or a link to one; a link that leads in circles is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _link(path: str, entry: os.DirEntry[str], real: str) -> Piece:
    target = os.path.realpath(entry.path)
    inside = target == real or target.startswith(real + os.sep)
    detail = "a link to another file of the dump, which is read there" if inside else "leads out of the dump"
    return Piece(path, 0, problem=("symlink", f"{detail}; links are not followed unless asked"))


def _file(path: str, entry: os.DirEntry[str]) -> Piece:
    try:
        size = entry.stat().st_size
    except OSError as error:
        return Piece(path, 0, problem=("unreadable", f"{error.strerror}; check the file and its permissions"))
    if not entry.is_file():
        return Piece(path, 0, problem=("not-a-file", "it is a pipe, a socket or a device"))
    return Piece(path, size, 0, size)


# --------------------------------------------------------------------------------------------- large files


def _cut(base: str, file: Piece, target: int) -> Iterator[Piece]:
    """Cut a large file into pieces of about ``target`` bytes, if its form allows it."""
    form = form_of(file.path)
    cutter = {"jsonl": _cut_lines, "parquet": _cut_row_groups, "zip": _cut_members}.get(form.kind)
    if form.kind != "jsonl":
        target //= _UNPACKED
    if cutter is None or form.wrappers:
        yield file
        return
    try:
        pieces = cutter(f"{base}/{file.path}", file, target)
        yield next(pieces, file)
    except (ImportError, StorageError):
        raise
    except Exception:
        # a file that cannot be opened as what it claims to be stays whole; reading it says what is wrong
        yield file
        return
    yield from pieces


def _cut_lines(path: str, file: Piece, target: int) -> Iterator[Piece]:
    """Cut at line ends, and count the lines for the numbers of the records."""
    with open_file(path) as stream:
        head = stream.read(_CHUNK)
        if detect(head).startswith("utf-16") or head.lstrip()[:1] == b"[":
            return
        stream.seek(0)
        start = position = 0
        row = first_row = 1
        while data := stream.read(min(_CHUNK, target)):
            ends = data.find(b"\n") if position - start >= target else -1
            if ends >= 0:
                row += 1
                yield Piece(file.path, file.size, start, position + ends + 1, first_row)
                start, first_row = position + ends + 1, row
            row += data.count(b"\n", ends + 1)
            position += len(data)
    if start < file.size:
        yield Piece(file.path, file.size, start, file.size, first_row)


#: bytes behind the metadata of a parquet file: their length and the mark of the form
_PARQUET_END = 8


def _cut_row_groups(path: str, file: Piece, target: int) -> Iterator[Piece]:
    import pyarrow.parquet as pq

    with open_file(path) as stream:
        metadata = pq.ParquetFile(stream).metadata
    directory = file.size - _PARQUET_END - metadata.serialized_size
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    starts = [min(_column_start(group.column(c)) for c in range(group.num_columns)) for group in groups]
    yield from _packed(file, starts, [group.num_rows for group in groups], target, directory)


def _column_start(column: Any) -> int:
    offsets: tuple[int | None, ...] = (column.dictionary_page_offset, column.data_page_offset)
    return min(offset for offset in offsets if offset is not None)


def _cut_members(path: str, file: Piece, target: int) -> Iterator[Piece]:
    with open_file(path) as stream, zipfile.ZipFile(stream) as archive:
        starts = [member.header_offset for member in in_reading_order(archive)]
        directory = archive.start_dir
    yield from _packed(file, starts, [0] * len(starts), target, directory)


def _packed(file: Piece, starts: list[int], rows: list[int], target: int, directory: int) -> Iterator[Piece]:
    """Put row groups or members together until they have ``target`` bytes."""
    if not starts or starts != sorted(starts):
        return
    bounds = [0, *starts[1:], file.size]
    first, row = 0, 1
    for last in range(1, len(starts) + 1):
        if bounds[last] - bounds[first] >= target or last == len(starts):
            yield Piece(file.path, file.size, bounds[first], bounds[last], row, (first, last), directory=directory)
            row += sum(rows[first:last])
            first = last
