"""Archives and compressed files that are cut, locked, nested, bombs, or want to be somewhere else."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile

import zstandard
from made_files import jsonl, tarred, zipped

from hostile import Case, bad, good, mixed

T = "全市查找问题41个，整改30个。"
B = T.encode()
NOISE = bytes(range(256)) * 4

_gz, _zst = gzip.compress, zstandard.compress


def _tar(*members: tuple[str, bytes, str]) -> bytes:
    """A tar archive: name, kind of member, and where a link leads to."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind, target in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            info.size = len(B) if kind == tarfile.REGTYPE else 0
            archive.addfile(info, io.BytesIO(B) if info.size else None)
    return out.getvalue()


def _stored(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def _same_name_twice() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", B)
        archive.filelist.clear()
        archive.NameToInfo.clear()
        archive.writestr("a.txt", B)
    return out.getvalue()


def _twice() -> bytes:
    import warnings

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("a.txt", B)
        archive.writestr("a.txt", "全县立案5件。")
    return out.getvalue()


def _flagged(data: bytes, flag: int) -> bytes:
    """A zip whose members all have a flag set."""
    changed = bytearray(data)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(mark)
        while at >= 0:
            bits = struct.unpack_from("<H", changed, at + place)[0]
            struct.pack_into("<H", changed, at + place, bits | flag)
            at = changed.find(mark, at + 4)
    return bytes(changed)


def _method(data: bytes, method: int) -> bytes:
    """A zip that claims another compression."""
    changed = bytearray(data)
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = changed.find(mark)
        while at >= 0:
            struct.pack_into("<H", changed, at + place, method)
            at = changed.find(mark, at + 4)
    return bytes(changed)


def _overlapping() -> bytes:
    """Many entries of the directory for one and the same member, which is large when unpacked."""
    once = zipped({"a.txt": bytes(12 << 20)})
    start = once.find(b"PK\x01\x02")
    end = once.find(b"PK\x05\x06")
    entry, tail = once[start:end], bytearray(once[end:])
    count = 40
    struct.pack_into("<HHL", tail, 8, count, count, len(entry) * count)
    return once[:start] + entry * count + bytes(tail)


def _nested(depth: int) -> bytes:
    data = zipped({"a.txt": B})
    for _ in range(depth):
        data = zipped({"in.zip": data})
    return data


def _quine() -> bytes:
    """A gzip of a gzip of … whose suffixes go on for ever."""
    data = B
    for _ in range(6):
        data = _gz(data, mtime=0)
    return data


def _zeros(count: int) -> bytes:
    """That many megabytes of zeros, packed without holding them."""
    packer = zstandard.ZstdCompressor(level=1).compressobj()
    return b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(count)), packer.flush()])


def _gz_zeros(count: int, head: bytes = b"") -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9, mtime=0) as file:
        file.write(head)
        for _ in range(count):
            file.write((b" " * 4095 + b"\n") * 256)
    return out.getvalue()


GZ, ZST = _gz(B * 50, mtime=0), _zst(NOISE + B)
TAR = tarred({"a.txt": B, "b.txt": B})
ZIP = zipped({"a.txt": B, "b.txt": B})

CASES: dict[str, Case] = {
    # --- compressed files
    "cut.txt.gz": bad(GZ[:-12], "truncated"),
    "cut-head.txt.gz": bad(GZ[:5], "truncated"),
    "no-checksum.txt.gz": bad(GZ[:-8], "truncated"),
    "wrong-checksum.txt.gz": bad(GZ[:-8] + bytes(8), "damaged"),
    "wrong-amid.txt.gz": bad(GZ[:15] + b"\xff" * 8 + GZ[23:], "damaged"),
    "junk-behind.txt.gz": bad(GZ + b"junk", "damaged"),
    "zeros-behind.txt.gz": good(GZ + bytes(512), T * 50),
    "members.txt.gz": good(_gz(B) + _gz(B), T * 2),
    "bare.txt.gz": bad(B, "damaged"),
    "empty-inside.txt.gz": bad(_gz(b""), "empty"),
    "cut.txt.zst": bad(ZST[:-3], "truncated"),
    "junk-behind.txt.zst": bad(_zst(B) + b"junkjunk", "damaged"),
    "frames.txt.zst": good(_zst(B) + _zst(B), T * 2),
    "large-window.txt.zst": bad(
        lambda: (
            zstandard.ZstdCompressor(
                compression_params=zstandard.ZstdCompressionParameters(window_log=29, enable_ldm=True)
            ).compress(B * 100)[:0]
            + b"\x28\xb5\x2f\xfd\x00\xa0"
            + b"\x01\x00\x00"
        ),
        "damaged",
    ),
    "bare.txt.zst": bad(B, "damaged"),
    "wrong-suffix-gz.txt.zst": bad(GZ, "damaged"),
    "six-layers.txt.gz.gz.gz.gz.gz.gz": bad(_quine, "too-deep"),
    "three-layers.txt.gz.zst.gz": good(_gz(_zst(_gz(B))), T),
    "text.txt.xz": bad(lzma.compress(B), "unknown-form"),
    "cut.txt.xz": bad(lzma.compress(B)[:-9], "unknown-form"),
    "text.txt.bz2": bad(bz2.compress(B), "unknown-form"),
    "archive.tar.xz": bad(lzma.compress(TAR), "unknown-form"),
    "archive.tar.bz2": bad(bz2.compress(TAR), "unknown-form"),
    "archive.rar": bad(b"Rar!\x1a\x07\x01\x00", "unknown-form"),
    "archive.7z": bad(b"7z\xbc\xaf\x27\x1c", "unknown-form"),
    "no-inner-form.gz": bad(GZ, "unknown-form"),
    # --- bombs
    "bomb.txt.gz": bad(lambda: _gz_zeros(100), "too-large"),
    "bomb-lines.jsonl.gz": mixed(lambda: _gz_zeros(80, jsonl({"text": T})), [T], ("", 2, "bomb")),
    "bomb-one-line.jsonl.zst": mixed(lambda: _zst(jsonl({"text": T})) + _zeros(100), [T], ("", 2, "bomb")),
    "bomb-rows.csv.zst": mixed(lambda: _zst(b"text\n" + B + b"\n") + _zeros(100), [T], ("", 2, "bomb")),
    "bomb-list.json.zst": mixed(
        lambda: _zst(b"[" + jsonl({"text": T}) + b",") + _zeros(100), [T], ("", 2, "invalid-json")
    ),
    "bomb-blanks.json.gz": mixed(lambda: _gz_zeros(80, b"[" + jsonl({"text": T}) + b","), [T], ("", 2, "bomb")),
    "bomb-text.txt.zst": bad(lambda: _zeros(100), "too-large"),
    "bomb-page.html.zst": bad(lambda: _zeros(100), "too-large"),
    "bomb-book.xlsx.zst": bad(lambda: _zeros(100), "bomb"),
    "bomb-member.tar.gz": bad(
        lambda: _gz(tarred({"a.jpg": bytes(80 << 20)}), 9), "unknown-form", None, "/a.jpg"
    )._replace(rejects=(("/a.jpg", None, "unknown-form"), ("", None, "bomb"))),
    "zeros-only.tar.zst": bad(lambda: _zeros(100), "empty"),
    "bomb.zip": mixed(lambda: zipped({"a.txt": bytes(100 << 20), "b.txt": B}), [T], ("/a.txt", None, "too-large")),
    "bomb-overlapping.zip": Case(
        _overlapping, (), tuple(("/a.txt", None, "binary" if n < 5 else "bomb") for n in range(40))
    ),
    "bomb-in-bomb.zip": bad(
        lambda: zipped({"in.zip": zipped({"a.txt": bytes(100 << 20)})}), "too-large", None, "/in.zip/a.txt"
    ),
    # --- zip
    "cut.zip": bad(ZIP[:-30], "damaged"),
    "head-cut.zip": mixed(ZIP[40:], [T], ("/a.txt", None, "damaged")),
    "junk-before.zip": good(b"MZ" * 500 + ZIP, T, T),
    "junk-behind.zip": good(ZIP + b"x" * 100, T, T),
    "twice.zip": mixed(_twice(), [T], ("/a.txt", None, "duplicate-id")),
    "entry-left-out.zip": good(_same_name_twice(), T),
    "locked.zip": Case(_flagged(ZIP, 1), (), (("/a.txt", None, "encrypted"), ("/b.txt", None, "encrypted"))),
    "strange-method.zip": Case(_method(ZIP, 97), (), (("/a.txt", None, "damaged"), ("/b.txt", None, "damaged"))),
    "crc.zip": mixed(
        _stored({"a.txt": B, "b.txt": B}).replace(B, B[:-1] + b"\x80", 1), [T], ("/a.txt", None, "damaged")
    ),
    "escaping.zip": good(
        zipped(dict.fromkeys(("../a.txt", "/etc/b.txt", "c/../../d.txt", "..\\e.txt", "C:\\f.txt"), B)), *[T] * 5
    ),
    "name-with-nul.zip": bad(zipped({"a\0b.txt": B}), "unknown-form", None, "/a"),
    "names.zip": good(
        zipped(dict.fromkeys(("a\nb.txt", "con.txt", "x" * 300 + ".txt", "a/" * 100 + "b.txt"), B)), *[T] * 4
    ),
    "folders-only.zip": bad(zipped({"a/": b"", "b/": b""}), "empty"),
    "litter-only.zip": bad(zipped({"__MACOSX/._a.txt": b"x", ".DS_Store": b"x", "README": b"x"}), "empty"),
    "no-form-inside.zip": mixed(
        zipped({"a.jpg": b"x", "b.txt": B, "c": B}), [T], ("/a.jpg", None, "unknown-form"), ("/c", None, "unknown-form")
    ),
    "nested-3.zip": good(_nested(3), T),
    "nested-9.zip": bad(_nested(9), "too-deep", None, "/in.zip" * 4),
    "gz-inside.zip": good(zipped({"a.txt.gz": GZ}), T * 50),
    "cut-gz-inside.zip": mixed(zipped({"a.txt.gz": GZ[:-12], "b.txt": B}), [T], ("/a.txt.gz", None, "truncated")),
    "tar-inside.zip": good(zipped({"in.tar": TAR}), T, T),
    "book-inside-broken.zip": bad(zipped({"a.xlsx": NOISE}), "unreadable", None, "/a.xlsx"),
    "ten-thousand-members.zip": Case(
        lambda: zipped({f"{n:05}.jpg": b"" for n in range(3000)}),
        (),
        tuple((f"/{n:05}.jpg", None, "unknown-form") for n in range(3000)),
    ),
    "empty-members.zip": Case(
        zipped({"a.txt": b"", "b.jsonl": b""}), (), (("/a.txt", None, "empty"), ("/b.jsonl", None, "empty"))
    ),
    # --- tar
    "cut-header.tar": mixed(TAR[:1100], [T], ("", None, "truncated")),
    "cut-in-member.tar": Case(TAR[:520], (), (("", None, "damaged"), ("/a.txt", None, "truncated"))),
    "no-end.tar": mixed(TAR[:2048], [T, T], ("", None, "truncated")),
    "header-damaged.tar": mixed(TAR[:1024] + b"\xff" * 100 + TAR[1124:], [T], ("", None, "damaged")),
    "size-lies.tar": bad(TAR[:124] + b"77777777777\0" + TAR[136:], "damaged"),
    "absolute.tar": good(_tar(("/etc/a.txt", tarfile.REGTYPE, ""), ("../../b.txt", tarfile.REGTYPE, "")), T, T),
    "links.tar": mixed(
        _tar(
            ("a.txt", tarfile.SYMTYPE, "/etc/passwd"),
            ("b.txt", tarfile.LNKTYPE, "../../x"),
            ("c.txt", tarfile.SYMTYPE, "c.txt"),
            ("d.txt", tarfile.REGTYPE, ""),
        ),
        [T],
        *[(f"/{n}.txt", None, "not-a-file") for n in "abc"],
    ),
    "devices.tar": Case(
        _tar(
            *[
                (f"{n}.txt", kind, "")
                for n, kind in zip("abc", (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE), strict=True)
            ]
        ),
        (),
        tuple((f"/{n}.txt", None, "not-a-file") for n in "abc"),
    ),
    "folders.tar": bad(_tar(("a", tarfile.DIRTYPE, ""), ("b", tarfile.DIRTYPE, "")), "empty"),
    "same-name.tar": mixed(
        _tar(("a.txt", tarfile.REGTYPE, ""), ("a.txt", tarfile.REGTYPE, "")), [T], ("/a.txt", None, "duplicate-id")
    ),
    "cut-member.tar.gz": mixed(
        _gz(tarred({"a.txt": B, "b.txt": NOISE * 40}))[:-40],
        [T],
        ("", None, "truncated"),
        ("/b.txt", None, "truncated"),
    ),
    "zip-inside.tar.gz": good(_gz(tarred({"in.zip": ZIP})), T, T),
    "text-as.tar": bad(B * 100, "damaged"),
    "gz-as.tar": bad(_gz(TAR), "damaged"),
}
