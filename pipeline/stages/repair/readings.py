"""Bracketed readings: 經(jīng)開區(qū) for 經開區.

Converters from simplified to traditional characters that were made for readers of pinyin leave a
reading after many characters. A bracket is removed where it holds a reading of the character before it;
(PPT), (市、區) and the (a) of a list are no readings and stay.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from pipeline.stages.repair import gbk, words
from pipeline.stages.repair.mend import Mend

__all__ = ["LETTERS", "bracketed", "completions", "is_reading", "is_toned"]

#: what a reading is written with: pinyin letters with or without tone, as GBK and look-alikes have them
LETTERS = "a-zāáǎàēéěèêīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿɑɡăĕĭŏŭ"

#: a reading in brackets behind the character that is read. It begins with the bracket, which ``re`` finds at once
_READING = re.compile(
    rf"""
    [(（] (?<= [\u3400-\u9fff] [(（] )
    \ ? (?P<reading> (?: [{LETTERS}] | u: ){{1,7}} ) \ ?
    [)）]
    """,
    re.VERBOSE,
)

#: an article with so many different characters that carry an ASCII reading was converted; fewer are glosses
_ASCII_EVIDENCE = 3

#: rarer characters (log probability) are glossed by careful editors: 亳(bó)州
_GLOSSED = -13.0

_LOOK_ALIKES = str.maketrans("ɑɡăĕĭŏŭ", "agǎěǐǒǔ")


def bracketed(text: str) -> Iterator[Mend]:
    """Remove the readings in brackets."""
    found = [(*m.span(), text[m.start() - 1], m["reading"]) for m in _READING.finditer(text)]
    if not any(is_toned(reading) for *_, reading in found) and len({char for *_, char, _ in found}) < _ASCII_EVIDENCE:
        return
    found = [place for place in found if is_reading(*place[2:])]
    several = len({char for *_, char, _ in found}) >= _ASCII_EVIDENCE
    if several or any(is_toned(reading) and not _is_gloss(char) for *_, char, reading in found):
        for start, end, *_ in found:
            yield Mend(start, end, "", "reading")


def _is_gloss(char: str) -> bool:
    return words.rarity(char) < _GLOSSED


def is_toned(reading: str) -> bool:
    """True for a reading with letters that are not ASCII, which no list label has."""
    return not reading.isascii()


@lru_cache(maxsize=65536)
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
    return frozenset(_normal(r) for r in _dictionary().get(str(ord(char)), "").split(",") if r)


@cache
def _dictionary() -> dict[str, str]:
    """The readings of pypinyin by code point, from its file: importing it takes half a second, for its phrases."""
    spec = find_spec("pypinyin")
    assert spec is not None and spec.origin is not None, "pypinyin is a dependency"
    readings: dict[str, str] = json.loads((Path(spec.origin).parent / "pinyin_dict.json").read_text(encoding="utf-8"))
    return readings


def _normal(reading: str) -> str:
    reading = reading.translate(_LOOK_ALIKES).replace("u:", "ü").replace("v", "ü")
    return unicodedata.normalize("NFC", reading)


@cache
def _toneless(reading: str) -> str:
    letters = unicodedata.normalize("NFD", reading)
    bare = "".join(c for c in letters if not unicodedata.combining(c) or c == "\u0308")
    return unicodedata.normalize("NFC", bare).replace("ê", "e")
