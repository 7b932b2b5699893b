"""Bracketed readings: 經(jīng)開區(qū) for 經開區.

Converters from simplified to traditional characters that were made for readers of pinyin leave a
reading after many characters. A bracket is removed where it holds a reading of the character before it;
(PPT), (市、區) and the (a) of a list are no readings and stay.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache

import regex

from pipeline.stages.repair import gbk, words
from pipeline.stages.repair.mend import Mend

__all__ = ["LETTERS", "bracketed", "completions", "is_reading", "is_toned"]

#: what a reading is written with: pinyin letters with or without tone, as GBK and look-alikes have them
LETTERS = "a-zāáǎàēéěèêīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿɑɡăĕĭŏŭ"

_READING = regex.compile(
    rf"""
    (?P<char> [\u3400-\u9fff] )                 # the character that is read
    (?P<bracket>
        [(（] \ ?
        (?P<reading> (?: [{LETTERS}] | u: ){{1,7}} )
        \ ? [)）]
    )
    """,
    regex.VERBOSE,
)

#: an article with so many different characters that carry an ASCII reading was converted; fewer are glosses
_ASCII_EVIDENCE = 3

#: rarer characters (log probability) are glossed by careful editors: 亳(bó)州
_GLOSSED = -13.0

_LOOK_ALIKES = str.maketrans("ɑɡăĕĭŏŭ", "agǎěǐǒǔ")


def bracketed(text: str) -> Iterator[Mend]:
    """Remove the readings in brackets."""
    found = list(_READING.finditer(text))
    if not any(is_toned(m["reading"]) for m in found) and len({m["char"] for m in found}) < _ASCII_EVIDENCE:
        return
    found = [m for m in found if is_reading(m["char"], m["reading"])]
    several = len({m["char"] for m in found}) >= _ASCII_EVIDENCE
    if several or any(is_toned(m["reading"]) and not _is_gloss(m["char"]) for m in found):
        for match in found:
            yield Mend(match.start("bracket"), match.end("bracket"), "", "reading")


def _is_gloss(char: str) -> bool:
    return words.rarity(char) < _GLOSSED


def is_toned(reading: str) -> bool:
    """True for a reading with letters that are not ASCII, which no list label has."""
    return not reading.isascii()


def is_reading(char: str, reading: str) -> bool:
    """True if that is how the character can be read; without a tone mark any tone will do.

    >>> is_reading("區", "qū"), is_reading("區", "qu"), is_reading("區", "bei")
    (True, True, False)
    """
    reading = _normal(reading)
    known = _readings(char)
    return reading in known or _toneless(reading) in {_toneless(k) for k in known}


@cache
def completions(lead: int, reading: str) -> tuple[int, ...]:
    """The second bytes that make, with the first byte ``lead``, a GBK character of that reading.

    Where a character fits the tone too, those that do not are left out.
    """
    normal = _normal(reading)
    fitting = [(t, c) for t, c in gbk.with_lead(lead) if gbk.hanzi(c) and is_reading(c, reading)]
    exact = [t for t, c in fitting if normal in _readings(c)]
    return tuple(exact or [t for t, _ in fitting])


@cache
def _readings(char: str) -> frozenset[str]:
    # the import loads a dictionary, so it waits until a text needs it
    from pypinyin.constants import PINYIN_DICT

    return frozenset(_normal(r) for r in PINYIN_DICT.get(ord(char), "").split(",") if r)


def _normal(reading: str) -> str:
    reading = reading.translate(_LOOK_ALIKES).replace("u:", "ü").replace("v", "ü")
    return unicodedata.normalize("NFC", reading)


@cache
def _toneless(reading: str) -> str:
    letters = unicodedata.normalize("NFD", reading)
    bare = "".join(c for c in letters if not unicodedata.combining(c) or c == "\u0308")
    return unicodedata.normalize("NFC", bare).replace("ê", "e")
