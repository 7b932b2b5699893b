"""Text that was decoded with the wrong encoding: 鍏ㄥ競 for 全市, È«ÊÐ for 全市, å…¨å¸‚ for 全市.

A stretch is written in the encoding that was wrongly assumed and read in the true one. That is believed
only if common Chinese comes out and none stood there. Bytes that the wrong decoding lost are filled in by
the frequency of words where one of a character is missing.

The library ftfy undoes the same for European text. It is not used here: it folds Chinese punctuation,
gives up a stretch that has lost a byte, and takes GBK for a mix of single-byte encodings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

import regex

from pipeline.offsets import Edit
from pipeline.stages.repair import gbk, words
from pipeline.stages.repair.mend import Mend

__all__ = ["mixed_up"]

#: what UTF-8 read as GBK has for ，！：； 、。《》 “”…— 的 中 在 in either alignment, and for the byte 0x80
_GBK_SIGN = regex.compile("[锛紝銆樸鈥鐨殑涓鍦€]")

#: a stretch of it: anything but ASCII, and ? for a lost byte
_GBK_STRETCH = regex.compile(r"[^\x00-\x7f] (?: [^\x00-\x7f] | \? (?! [\x00-\x7f] ) )+", regex.VERBOSE)

_WINDOWS_1252 = "ŒœŠšŽžŸƒˆ˜–—‘’‚“”„†‡•…‰‹›€™"

#: a stretch of letters of Windows-1252, Latin-1 or the two-byte range of UTF-8, with the ASCII between them
_LETTERS = regex.compile(
    rf"[\x80-\u07ff{_WINDOWS_1252}]{{2}} [\x20-\x7e\x80-\u07ff\ufffd{_WINDOWS_1252}]*", regex.VERBOSE
)

#: Of these there is one in every such stretch; blanks (U+00A0), points and quotes alone are what they are.
_LETTER = regex.compile(r"[\u00c0-\u07ff]")

#: share of a stretch's bytes that must read as UTF-8
_READABLE = 0.8

#: log probability a character (by words) that common Chinese exceeds, and how much it must gain
_COMMON = -8.5
_GAIN = 2.0

_CHINESE_MARKS = "，。、；：！？“”‘’《》（）—…·"


#: first and second bytes in UTF-8 of “”…—, 、。《》 and ，！：
_PUNCTUATION_BLOCKS: dict[int | None, int] = {0xE2: 0x80, 0xE3: 0x80, 0xEF: 0xBC}


class _Byte(NamedTuple):
    """A byte with the span of the character that it is from; None for one that was lost."""

    value: int | None
    start: int
    end: int


class _Read(NamedTuple):
    """A stretch, read anew."""

    text: str
    guessed: bool
    parts: tuple[Edit, ...]


#: from a stretch and what stands before and behind it to what it was
_Undo = Callable[[str, str, str], "_Read | None"]


def mixed_up(text: str) -> Iterator[Mend]:
    """Undo wrong decodings, stretch by stretch."""
    found = sorted([*_chinese_stretches(text), *_letter_stretches(text)])
    end = 0
    for mend in found:
        if mend.start >= end:
            yield mend
            end = mend.end


def _chinese_stretches(text: str) -> Iterator[Mend]:
    if not _GBK_SIGN.search(text):
        return
    for match in _GBK_STRETCH.finditer(text):
        yield from _undone(match, "utf-8-as-gbk", lambda *place: _read_utf8(_gbk_bytes, *place))


def _letter_stretches(text: str) -> Iterator[Mend]:
    ways: tuple[tuple[str, _Undo], ...] = (
        ("utf-8-as-latin-1", lambda *place: _read_utf8(_latin_bytes, *place)),
        ("gbk-as-latin-1", lambda stretch, *_: _gbk_as_latin(stretch)),
        ("gbk-as-utf-8", lambda stretch, *_: _read_gbk(stretch.encode("utf-8", "replace"))),
    )
    for match in _LETTERS.finditer(text):
        if not _LETTER.search(match[0]):
            continue
        for kind, undo in ways:
            if found := list(_undone(match, kind, undo)):
                yield from found
                break


def _undone(match: regex.Match[str], kind: str, undo: _Undo) -> Iterator[Mend]:
    stretch, start = match[0], match.start()
    text, end = match.string, match.end()
    read = undo(stretch, text[max(0, start - words.CONTEXT) : start], text[end : end + words.CONTEXT] or "\n")
    if read is not None and _better(stretch, read.text):
        parts = tuple(Edit(start + p.start, start + p.end, p.after) for p in read.parts)
        yield Mend(start, end, read.text, kind, read.guessed, parts)


def _better(before: str, after: str) -> bool:
    letters = [c for c in after if not c.isascii()]
    chinese = sum(gbk.hanzi(c) or c in _CHINESE_MARKS for c in letters)
    if chinese < _READABLE * len(letters) or not letters:
        return False
    now = words.likelihood(after) / len(after)
    return now > _COMMON and now > words.likelihood(before) / len(before) + _GAIN


def _gbk_bytes(stretch: str) -> Iterator[_Byte]:
    for i, char in enumerate(stretch):
        if char == gbk.EURO:
            yield _Byte(0x80, i, i + 1)
        elif (halves := gbk.pair(char)) is not None:
            yield _Byte(halves[0], i, i + 1)
            yield _Byte(halves[1], i, i + 1)
        else:
            yield _Byte(None, i, i + 1)


@cache
def _windows_1252() -> dict[str, int]:
    """Characters to bytes; the five bytes that Windows-1252 leaves open are control characters."""
    table = {chr(byte): byte for byte in range(0x100)}
    named = {bytes((byte,)).decode("cp1252", "ignore"): byte for byte in range(0x80, 0xA0)}
    return table | {char: byte for char, byte in named.items() if char}


def _latin_bytes(stretch: str) -> Iterator[_Byte]:
    table = _windows_1252()
    for i, char in enumerate(stretch):
        yield _Byte(table.get(char), i, i + 1)


def _gbk_as_latin(stretch: str) -> _Read | None:
    found = [byte.value for byte in _latin_bytes(stretch)]
    return None if None in found else _read_gbk(bytes(b for b in found if b is not None))


def _read_gbk(raw: bytes) -> _Read | None:
    try:
        return _Read(raw.decode("gbk"), False, ())
    except UnicodeDecodeError:
        return None


def _read_utf8(to_bytes: Callable[[str], Iterator[_Byte]], stretch: str, left: str, right: str) -> _Read | None:
    """Read a stretch as the UTF-8 it was, None if it was none; ``left`` and ``right`` are what stands around it."""
    cells = list(_cells(list(to_bytes(stretch))))
    if sum(not options for _, _, options in cells) > (1 - _READABLE) * len(cells):
        return None
    # what is known for sure, and a mark where it is not
    sure = "".join(options[0] if len(options) == 1 else "\ufffd" for _, _, options in cells) + right
    parts: list[Edit] = []
    text = ""
    for i, (start, end, options) in enumerate(cells):
        ahead = sure[i + 1 : i + 1 + words.CONTEXT].partition("\ufffd")[0]
        char = words.likeliest(left + text[-words.CONTEXT :], options, ahead) if options else "\ufffd"
        parts.append(Edit(start, end, char))
        text += char
    return _Read(text, any(len(options) > 1 for _, _, options in cells), tuple(parts))


def _cells(raw: Sequence[_Byte]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """The characters of UTF-8: the stretch that each is from, and what it may be; nothing where it is unreadable."""
    at = done = 0
    while at < len(raw):
        taken, options = _one_character(raw, at)
        # two characters may share a raw one: it goes to the first
        start = max(raw[at].start, done)
        done = max(start, raw[at + taken - 1].end)
        yield start, done, options
        at += taken


def _one_character(raw: Sequence[_Byte], at: int) -> tuple[int, tuple[str, ...]]:
    """How many bytes the next character takes, and what it may be; nothing if they are no UTF-8."""
    lead = raw[at].value
    if lead is not None and lead < 0x80:
        return 1, (chr(lead),)
    length = _length(lead)
    known = [lead]
    for byte in raw[at + 1 : at + length]:
        if byte.value is not None and not 0x80 <= byte.value < 0xC0:
            break
        known.append(byte.value)
    taken = len(known)
    # a byte may be lost without a mark
    known += [None] * (length - taken)
    if known.count(None) == 2 and (second := _PUNCTUATION_BLOCKS.get(lead)):
        known[1] = second
    if length == 1 or known.count(None) > 1:
        return taken, ()
    return taken, _characters(tuple(known))


def _length(lead: int | None) -> int:
    """Bytes of a UTF-8 character, by its first; 1 for a byte that is not the first of any."""
    if lead is None or not 0xC2 <= lead < 0xF5:
        return 1
    return 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4


@cache
def _characters(known: tuple[int | None, ...]) -> tuple[str, ...]:
    """The characters of a byte sequence in which one byte may be unknown."""
    fills = range(0x80, 0xC0) if None in known else range(0x80, 0x81)
    tries = (bytes(fill if b is None else b for b in known).decode("utf-8", "ignore") for fill in fills)
    return tuple(char for char in tries if char and (len(fills) == 1 or gbk.pair(char)))
