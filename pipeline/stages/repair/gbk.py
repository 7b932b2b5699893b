"""GBK as the damaging converters saw it: pairs of bytes, some of them without a character.

Python's own ``gbk`` codec is the table. What the Windows code page 936 adds to it is treated here: the
lone byte 0x80 is ``€``, and the user-defined areas are private-use characters.
"""

from __future__ import annotations

from functools import cache

__all__ = ["EURO", "LEADS", "TRAILS", "char", "hanzi", "is_ascii_trail", "pair", "with_lead", "with_trail"]

LEADS = range(0x81, 0xFF)
TRAILS = (*range(0x40, 0x7F), *range(0x80, 0xFF))

#: code page 936 reads the lone byte 0x80 as the euro sign
EURO = "€"

# The same byte pair under other names: decoders differ on these signs (Unicode's CP936.TXT, WHATWG gb18030).
_ALIASES = {"―": "—", "・": "·", "•": "·", "〜": "～", "∥": "‖", "¥": "￥"}


@cache
def _chars() -> dict[tuple[int, int], str]:
    found: dict[tuple[int, int], str] = {}
    for lead in LEADS:
        for trail in TRAILS:
            text = bytes((lead, trail)).decode("gbk", "ignore")
            if len(text) == 1:
                found[lead, trail] = text
    return found


@cache
def _pairs() -> dict[str, tuple[int, int]]:
    pairs = {text: bytes_ for bytes_, text in _chars().items()}
    pairs.update({alias: pairs[text] for alias, text in _ALIASES.items() if text in pairs})
    pairs.update(_user_defined())
    return pairs


def _user_defined() -> dict[str, tuple[int, int]]:
    """The private-use characters of the three user-defined areas (Windows code page 936)."""
    areas = (
        (0xE000, range(0xAA, 0xB0), range(0xA1, 0xFF)),
        (0xE234, range(0xF8, 0xFF), range(0xA1, 0xFF)),
        (0xE4C6, range(0xA1, 0xA8), [t for t in TRAILS if t <= 0xA0]),
    )
    found: dict[str, tuple[int, int]] = {}
    for first, leads, trails in areas:
        cells = [(lead, trail) for lead in leads for trail in trails]
        found.update({chr(first + i): cell for i, cell in enumerate(cells)})
    return found


def char(lead: int, trail: int) -> str | None:
    """The character of a byte pair, None where GBK has none.

    >>> char(0xC8, 0xAB)
    '全'
    """
    return _chars().get((lead, trail))


def pair(char: str) -> tuple[int, int] | None:
    """The two bytes of a character, None where it has not two.

    >>> pair("全") == (0xC8, 0xAB)
    True
    """
    return _pairs().get(char)


def is_ascii_trail(char: str) -> bool:
    """True for an ASCII character that GBK also uses as a second byte: the letters and a few signs."""
    return "@" <= char <= "~"


def hanzi(char: str) -> bool:
    """True for a Chinese character of the basic block, where all of GBK's characters are."""
    return "\u4e00" <= char <= "\u9fff"


@cache
def with_lead(lead: int) -> tuple[tuple[int, str], ...]:
    """All second bytes that make a character with this first byte, and the characters."""
    return tuple((trail, text) for trail in TRAILS if (text := char(lead, trail)))


@cache
def with_trail(trail: int) -> tuple[tuple[int, str], ...]:
    """All first bytes that make a character with this second byte, and the characters."""
    return tuple((lead, text) for lead in LEADS if (text := char(lead, trail)))
