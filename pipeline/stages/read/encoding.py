"""From bytes to text: UTF-8, UTF-16, GB18030 (with GBK and GB2312) and Big5, with or without a byte order mark.

Which encoding a text has is decided by likelihood. Each candidate turns the bytes into characters; the
candidate under which these characters are likeliest in Chinese text is taken (naive Bayes over characters,
whose frequencies are in ``lexicon/characters.csv``). Four characters are mostly enough, and damage costs a candidate no
more than the damaged place: UTF-8 with a bad byte stays UTF-8 with U+FFFD at that place, because read as
GB18030 the rest of it would be rare characters.

>>> decode("群众路线".encode("gb18030"))
Decoded(text='群众路线', encoding='gb18030')
>>> decode("整改問題".encode("big5"))
Decoded(text='整改問題', encoding='big5')
>>> decode("查找问题".encode() + b"\\xff" + "四千个".encode())
Decoded(text='查找问题\\ufffd四千个', encoding='utf-8')
"""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from math import log
from typing import NamedTuple

from pipeline import lexicon

__all__ = ["Decoded", "clean_name", "decode", "decode_line", "detect", "is_binary", "utf8_stream"]

#: bytes of a text that are looked at to tell its encoding
SAMPLE = 6000

#: name -> the codecs to try for it, the last one with replacement; cp950 is Big5 as Windows writes it,
#: the Hong Kong set holds what else is met on the web
CODECS = {
    "utf-8": ("utf-8",),
    "gb18030": ("gb18030",),
    "big5": ("cp950", "big5hkscs"),
    "utf-16-le": ("utf-16-le",),
    "utf-16-be": ("utf-16-be",),
}

#: log-odds of a candidate before anything is read
PRIOR = {"utf-8": 0.0, "gb18030": -0.5, "big5": -2.0, "utf-16-le": -6.0, "utf-16-be": -7.0}

#: log-odds for what the rest of a file was found to be
_EXPECTED = 10.0

#: mean log-frequency of the characters of a text, at least
_POOREST = log(1e-6)

#: mean log-frequency of the Chinese characters of a text that was decoded rightly; most have about 1e-3
_USUAL = log(1e-4)

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)

_HIGH = re.compile(rb"[\x80-\xff]")
#: control bytes that no text in an ASCII-based encoding has; half of a UTF-16 ASCII character is NUL
_CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd\uffff\ufffe]")
_HANZI = re.compile("[㐀-鿿]")


class Decoded(NamedTuple):
    """A text without its byte order mark, and the encoding it was in; invalid bytes have become U+FFFD."""

    text: str
    encoding: str


def decode(data: bytes, expected: str | None = None) -> Decoded:
    """Decode a text of unknown encoding, character for character.

    Args:
        data: the bytes of one text.
        expected: the encoding that the file around it was found to have, or that it declares; believed
            unless the bytes speak against it.
    """
    return decode_as(data, detect(data, expected))


def decode_line(line: bytes, expected: str) -> Decoded:
    """Decode a line of a file that was found to be in ``expected``.

    A short line says too little by itself; where it is valid and cannot be UTF-8, it is what the file is.
    """
    if expected in ("gb18030", "big5") and not line.isascii() and not _is_chinese_utf8(line):
        for codec in CODECS[expected]:
            try:
                return Decoded(line.decode(codec), expected)
            except UnicodeDecodeError:
                continue
    return decode(line, expected)


def decode_as(data: bytes, encoding: str) -> Decoded:
    """Decode in one of :data:`CODECS`; invalid bytes become U+FFFD, a byte order mark goes."""
    for codec in CODECS[encoding]:
        try:
            return Decoded(data.decode(codec).removeprefix("\ufeff"), encoding)
        except UnicodeDecodeError:
            continue
    return Decoded(data.decode(CODECS[encoding][-1], errors="replace").removeprefix("\ufeff"), encoding)


def detect(data: bytes, expected: str | None = None) -> str:
    """Tell the encoding of a text, one of :data:`CODECS`.

    Args:
        data: the text, or its beginning.
        expected: what it is believed to be.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    if _is_plain_ascii(data) or (expected in (None, "utf-8") and _is_chinese_utf8(data)):
        return "utf-8"
    if expected in ("gb18030", "big5") and _fits(data, expected):
        return expected
    sample = _sample(data, SAMPLE // 10 if expected else SAMPLE)
    scores = {
        encoding: prior + _likelihood(sample, encoding) + _EXPECTED * (encoding == expected)
        for encoding, prior in PRIOR.items()
    }
    best = max(scores, key=lambda encoding: scores[encoding])
    # any bytes are some characters in UTF-16; what is no text must not pass as rare ones
    if best.startswith("utf-16") and scores[best] < _POOREST * len(sample) / 2:
        return "utf-8"
    return best


def is_binary(text: str) -> bool:
    """Whether what was decoded is no text: a twelfth of it, and not just two places, is control characters or U+FFFD.

    >>> is_binary(decode(bytes(range(256)) * 4).text), is_binary("共查摆问题\\ufffd36个")
    (True, False)
    """
    head = text[:SAMPLE]
    bad = len(_CONTROLS.findall(head))
    return bad > 2 and bad * 12 > len(head)


def clean_name(name: str) -> str:
    """Make a file name printable where it was not in UTF-8 and Python kept its bytes as surrogates.

    >>> clean_name("通报.txt".encode("gb18030").decode("utf-8", "surrogateescape"))
    '通报.txt'
    """
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return decode(name.encode("utf-8", "surrogateescape")).text
    return name


def utf8_stream(stream: io.BufferedReader) -> tuple[io.BufferedReader, str]:
    """A stream of text whose lines end in the byte 0A, and the encoding that its beginning has.

    UTF-16 is turned into UTF-8; all other encodings pass as they are.
    """
    from pipeline.stages.read.streams import buffered

    head = stream.peek(SAMPLE)[: 4 * SAMPLE]
    encoding = detect(head)
    if encoding.startswith("utf-16"):
        return buffered(_Transcoder(stream, encoding)), encoding
    return stream, encoding


class _Transcoder:
    """UTF-16 in, UTF-8 out."""

    def __init__(self, stream: io.BufferedReader, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._rest = b""

    def read1(self, size: int) -> bytes:
        while not self._rest:
            data = self._stream.read1(size)
            self._rest = self._decoder.decode(data, final=not data).encode("utf-8", "replace")
            if not data:
                break
        out, self._rest = self._rest[:size], self._rest[size:]
        return out


def _is_plain_ascii(data: bytes) -> bool:
    return data.isascii() and not _CONTROL_BYTES.search(data, 0, SAMPLE) and not _may_be_utf16(data)


def _is_chinese_utf8(data: bytes) -> bool:
    """Whether it is UTF-8 beyond doubt: valid, no control bytes, and with a Chinese character in it.

    联通 in GBK is valid UTF-8 too, but of two bytes a character, and no Chinese character has two.
    """
    if _CONTROL_BYTES.search(data, 0, SAMPLE):
        return False
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        # the end of a sample may cut a character
        if error.end < len(data) or len(data) - error.start > 3:
            return False
        text = data[: error.start].decode("utf-8")
    return _HANZI.search(text) is not None


def _fits(data: bytes, encoding: str) -> bool:
    """Whether a look at a few characters suffices: valid, as frequent as those of Chinese text are, and no UTF-8."""
    sample = _sample(data, 160)
    text = decode_as(sample, encoding).text
    if "\ufffd" in text[:-2] or _is_chinese_utf8(sample):
        return False
    frequency = _log_frequencies()
    hanzi = _HANZI.findall(text)
    return len(hanzi) > 8 and sum(map(frequency.__getitem__, hanzi)) > _USUAL * len(hanzi)


def _may_be_utf16(data: bytes) -> bool:
    """Whether plain ASCII bytes could be Chinese in UTF-16, as 中不 (2D 4E 0D 4E) is; only short texts can."""
    return len(data) % 2 == 0 and 4 <= len(data) <= 64 and not data.isspace() and _looks_utf16(data)


def _looks_utf16(data: bytes) -> bool:
    """Every second byte is one that Chinese characters (U+4E00 to U+9FFF) begin with."""
    high = (data[1::2], data[::2])
    return any(all(0x4E <= byte <= 0x7F or byte == 0x30 for byte in half) for half in high)


def _sample(data: bytes, size: int) -> bytes:
    """A stretch of the data with something beyond ASCII in it, cut between two characters in every encoding.

    The first byte beyond ASCII is the first byte of a character, and so is the byte before it, in every
    encoding but UTF-16, where characters begin at even bytes.
    """
    first = _HIGH.search(data)
    start = first.start() & ~1 if first and first.start() > size // 2 else 0
    return data[start : start + size]


def _likelihood(sample: bytes, encoding: str) -> float:
    """Log-likelihood of the sample's characters."""
    frequency = _log_frequencies()
    return sum(n * frequency[c] for c, n in Counter(decode_as(sample, encoding).text).items())


class _LogFrequencies(dict[str, float]):
    """Log-frequency of every character; one that is not in the lexicon has that of its block."""

    def __missing__(self, character: str) -> float:
        found = next((f for first, last, f in _BLOCKS if first <= character <= last), _ELSEWHERE)
        self[character] = log(found)
        return self[character]


#: frequency of one character of each block: ASCII, then what is met in Chinese text beside frequent characters
_BLOCKS = (
    ("\t", "\t", 1e-3),
    ("\n", "\r", 5e-3),
    ("\x00", "\x1f", 1e-12),
    (" ", " ", 5e-3),
    ("0", "9", 3e-3),
    ("A", "Z", 1e-3),
    ("a", "z", 1e-3),
    ("!", "~", 3e-4),
    ("\u00b7", "\u00b7", 1e-4),
    ("\u2013", "\u2014", 3e-4),
    ("\u2018", "\u201d", 3e-4),
    ("\u2026", "\u2026", 3e-4),
    ("\u2160", "\u217f", 1e-5),
    ("\u2460", "\u249b", 1e-5),
    ("\u3000", "\u3000", 1e-3),
    ("\u3001", "\u3002", 3e-2),
    ("\u3008", "\u3015", 1e-3),
    ("\u4e00", "\u9fff", 1e-7),
    ("\uff01", "\uff0b", 1e-3),
    ("\uff0c", "\uff0c", 4e-2),
    ("\uff0d", "\uff5e", 5e-4),
    ("\ufffd", "\ufffd", 1e-6),
)
_ELSEWHERE = 1e-9


@cache
def _log_frequencies() -> Mapping[str, float]:
    return _LogFrequencies((r["character"], log(float(r["per_million"]) / 1e6)) for r in lexicon.table("characters"))


lexicon.on_change(_log_frequencies)
