"""Zip and tar archives, read member by member as streams; nothing is written to disk, so no name can do harm."""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from typing import IO, cast

from pipeline.stages.read.encoding import clean_name, decode
from pipeline.stages.read.forms import form_of, is_litter
from pipeline.stages.read.limits import UnusableError
from pipeline.stages.read.source import Items, Source
from pipeline.stages.read.streams import buffered, in_memory, seekable

__all__ = ["in_reading_order", "read_tar", "read_zip"]

#: bit 0 of a zip member's flags: encrypted; bit 11: its name is UTF-8
_ENCRYPTED, _UTF8_NAME = 0x1, 0x800

#: bytes of a member that are asked for at once; a failed request gives none of them
_PORTION = 4096


def in_reading_order(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members of a zip that are files, in the order in which they lie in it."""
    return sorted((m for m in archive.infolist() if not m.is_dir()), key=lambda m: (m.header_offset, m.filename))


def read_zip(source: Source, read_member: Callable[[Source], Items]) -> Items:
    """Read the members of a zip archive, or those in ``source.parts``.

    Args:
        source: the archive; held in memory if it lies in another one.
        read_member: reads a member, whatever its form.
    """
    _check_depth(source)
    try:
        archive = zipfile.ZipFile(seekable(source.stream, source.limits.held))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise UnusableError("damaged", f"no readable zip archive ({error}); fetch or pack it again") from None
    with archive:
        members = in_reading_order(archive)
        for info in members[source.parts.start : source.parts.stop] if source.parts else members:
            name = _zip_name(info)
            if not _is_litter(name):
                yield from _zip_member(source, archive, info, name, read_member)


def _zip_member(
    source: Source, archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, read_member: Callable[[Source], Items]
) -> Items:
    member = source.within(in_memory(b""), name, form_of(name).stem)
    if info.flag_bits & _ENCRYPTED:
        yield member.reject(UnusableError("encrypted", "it is locked with a password; pack it again without one"))
        return
    try:
        with archive.open(info) as opened:
            stream = buffered(_ZipMember(opened), source.meter)
            yield from read_member(source.within(stream, name, form_of(name).stem))
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        yield member.reject(UnusableError("damaged", f"cannot be unpacked ({error}); pack the archive again"))


class _ZipMember:
    """A member of a zip archive; damage in its data is named as such."""

    def __init__(self, opened: IO[bytes]) -> None:
        self._opened = opened

    def read1(self, size: int) -> bytes:
        try:
            return self._opened.read(min(size, _PORTION))
        except EOFError:
            raise UnusableError("truncated", "the archive ends too early; fetch it again") from None
        except (zipfile.BadZipFile, zlib.error) as error:
            raise UnusableError("damaged", f"cannot be unpacked ({error}); pack the archive again") from None


def _zip_name(info: zipfile.ZipInfo) -> str:
    """The name of a member. Where it is not marked as UTF-8, Chinese systems wrote GBK, which Python took for cp437."""
    if info.flag_bits & _UTF8_NAME or info.filename.isascii():
        return clean_name(info.filename)
    try:
        return decode(info.filename.encode("cp437")).text
    except UnicodeEncodeError:
        return clean_name(info.filename)


def read_tar(source: Source, read_member: Callable[[Source], Items]) -> Items:
    """Read the members of a tar archive, from its beginning to its end.

    Args:
        source: the archive, already decompressed.
        read_member: reads a member, whatever its form.
    """
    _check_depth(source)
    try:
        # read forwards, tarfile needs no more of a file than read()
        stream = cast(IO[bytes], _Forward(source.stream))
        with tarfile.open(fileobj=stream, mode="r|", errors="surrogateescape", tarinfo=_TarInfo) as archive:
            for info in archive:
                name = clean_name(info.name)
                if info.isdir() or _is_litter(name):
                    continue
                opened = archive.extractfile(info) if info.isreg() else None
                if opened is None:
                    problem = UnusableError("not-a-file", "links and devices in archives are not followed")
                    yield source.within(in_memory(b""), name, name).reject(problem)
                    continue
                yield from read_member(source.within(buffered(_TarMember(opened)), name, form_of(name).stem))
            _check_end(archive)
    except tarfile.TarError as error:
        raise UnusableError("damaged", f"no complete tar archive ({error}); fetch or pack it again") from None


class _TarInfo(tarfile.TarInfo):
    """A member of a tar archive; leaves with the archive why no further one was found, which tarfile does not tell."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> _TarInfo:
        """Read the next header of the archive."""
        try:
            return super().fromtarfile(archive)
        except tarfile.HeaderError as error:
            archive.ended = error  # type: ignore[attr-defined]
            raise


def _check_end(archive: tarfile.TarFile) -> None:
    """Tell the end of an archive from a header that cannot be read, behind which members may be lost.

    Raises:
        UnusableError: the archive does not end as archives do.
    """
    ended = getattr(archive, "ended", None)
    if isinstance(ended, (tarfile.TruncatedHeaderError, tarfile.EmptyHeaderError)):  # type: ignore[attr-defined]
        raise UnusableError("truncated", "the archive has no end; members may be missing. Fetch or pack it again")
    if not isinstance(ended, tarfile.EOFHeaderError):  # type: ignore[attr-defined]
        raise UnusableError(
            "damaged", f"a header cannot be read ({ended}), nor what follows it; pack the archive again"
        )


class _Forward:
    """A stream that gives all there is before a break, where a buffered one would lose the last block."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self._broken: UnusableError | None = None

    def read(self, size: int) -> bytes:
        if self._broken:
            raise self._broken
        parts: list[bytes] = []
        try:
            while size > 0 and (part := self._stream.read1(size)):
                size -= len(part)
                parts.append(part)
        except UnusableError as error:
            if not parts:
                raise
            self._broken = error
        return b"".join(parts)


class _TarMember:
    """A member of a tar archive, read forwards only."""

    def __init__(self, opened: IO[bytes]) -> None:
        self._opened = opened

    def read1(self, size: int) -> bytes:
        try:
            return self._opened.read(min(size, _PORTION))
        except tarfile.ReadError:
            raise UnusableError("truncated", "the archive ends too early; fetch it again") from None


def _is_litter(name: str) -> bool:
    # some packers of Windows write backslashes
    return any(is_litter(part) for part in name.replace("\\", "/").split("/") if part not in ("", ".", ".."))


def _check_depth(source: Source) -> None:
    if source.depth >= source.limits.depth:
        raise UnusableError("too-deep", f"more than {source.limits.depth} archives within one another; unpack it first")
