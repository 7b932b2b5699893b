"""Values of numbers as Chinese reports write them.

Arabic, full-width and Chinese digits, alone or mixed with 十 百 千 万 亿, with thousands commas, decimals and
the vague 几, 数, 余, 多 inside. Nothing here looks at the words around a number.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import regex

__all__ = ["CHINESE_DIGITS", "SCALES", "Reading", "read", "value"]

#: Chinese digits. The formal ones of receipts (壹, 陆, 拾) are left out: reports write them in names and words only.
CHINESE_DIGITS = {**{c: i for i, c in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2}

#: Characters that multiply what stands before them.
SCALES = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}

_FOLD = str.maketrans("０１２３４５６７８９．，", "0123456789.,")

_TOKEN = regex.compile(
    rf"""
      (?P<arabic>  [0-9][0-9,]*+ (?:\.[0-9]++)?+ )
    | (?P<decimal> 点 [{"".join(CHINESE_DIGITS)}]++ )
    | (?P<digits>  [{"".join(CHINESE_DIGITS)}]++ )
    | (?P<scale>   [{"".join(SCALES)}] )
    | (?P<some>    [几数] )
    | (?P<more>    [余多来] )
    | (?P<at_least> 上 )
    """,
    regex.VERBOSE,
)


class Reading(NamedTuple):
    """What a number says by itself."""

    value: float
    #: upper end where two digits stand side by side (三五, 二三十, 一两万), else None
    value_max: float | None = None
    #: vague (几, 数), over (余, 多), about (来), at_least (上百) or ''
    bound: str = ""


def value(number: str) -> float | None:
    """The value of a number, the lower end of a vague one; None if it is none.

    >>> value("1,234.5万"), value("12万2800"), value("两千三百余"), value("三百五")
    (12345000.0, 122800.0, 2300.0, 350.0)
    """
    reading = read(number)
    return None if reading is None else reading.value


@lru_cache(maxsize=8192)
def read(number: str) -> Reading | None:
    """Read a number as it is written, without measure word.

    Two rising Chinese digits side by side are a range. A last digit after a scale counts the next lower
    scale (1万5 is 15,000). Three or more bare Chinese digits are read by position, as in a year.

    >>> read("二三十"), read("十几万"), read("5.8万多")
    (Reading(value=20.0, value_max=30.0, bound=''), Reading(value=100000.0, value_max=None, bound='vague'), \
Reading(value=58000.0, value_max=None, bound='over'))
    """
    if number.isdecimal():
        return Reading(float(number))
    tokens = _tokens(number)
    if not tokens:
        return None
    bound = _bound(tokens)
    pairs = [i for i, (kind, text) in enumerate(tokens) if kind == "digits" and len(text) == 2 and _rises(text)]
    if not pairs:
        found = _value(tokens)
        return None if found is None else Reading(found, None, bound)
    low, high = (
        _value([(k, t[end]) if i == pairs[-1] else (k, t) for i, (k, t) in enumerate(tokens)]) for end in (0, 1)
    )
    return None if low is None or high is None else Reading(low, high, bound)


def _tokens(number: str) -> list[tuple[str, str]]:
    number = number.translate(_FOLD)
    tokens: list[tuple[str, str]] = []
    at = 0
    while at < len(number):
        found = _TOKEN.match(number, at)
        if found is None:
            return []
        tokens.append((found.lastgroup or "", found.group()))
        at = found.end()
    return tokens


def _bound(tokens: list[tuple[str, str]]) -> str:
    kinds = dict(tokens)
    if "some" in kinds:
        return "vague"
    if "more" in kinds:
        return "about" if kinds["more"] == "来" else "over"
    return "at_least" if "at_least" in kinds else ""


def _rises(pair: str) -> bool:
    """Whether two digits side by side span a range: 三五, 二三, 一两 do, 二〇 and 五三 do not."""
    return 0 < CHINESE_DIGITS[pair[0]] < CHINESE_DIGITS[pair[1]]


def _value(tokens: list[tuple[str, str]]) -> float | None:
    """Add up a number: each scale multiplies what stands before it up to the last scale that is not smaller."""
    parts: list[tuple[float, int]] = []
    before = ""
    for kind, text in tokens:
        if kind in ("more", "at_least"):
            continue
        if kind == "scale":
            scale = SCALES[text]
            ahead = 0.0
            counted = False
            while parts and parts[-1][1] < scale:
                ahead += parts.pop()[0]
                counted = True
            parts.append(((ahead if counted else 1) * scale, scale))
        elif kind == "decimal":
            parts.append((float(f"0.{_by_position(text[1:])}"), 1))
        elif kind == "some":
            parts.append((1.0 if before == "" else 0.0, 1))
        elif before in ("arabic", "digits"):
            return None
        elif kind == "arabic":
            parts.append((float(text.replace(",", "")), 1))
        elif len(text) == 2 and text[0] not in "零〇":
            return None
        else:
            parts.append((float(_by_position(text)), 1))
        before = kind
    # a decimal times a power of ten leaves float dust (1.13 * 10000, 530.2 * 100000000) behind the 15th digit
    return float(f"{sum(part for part, _ in parts) + _short_end(tokens, parts):.15g}")


def _short_end(tokens: list[tuple[str, str]], parts: list[tuple[float, int]]) -> float:
    """What a single last digit is worth beyond its face: 三百五 is 350, 1万5 is 15,000, but 三百零五 is 305."""
    said = [t for t in tokens if t[0] not in ("more", "at_least")]
    if len(said) < 3 or said[-2][0] != "scale" or said[-1][0] not in ("arabic", "digits") or len(said[-1][1]) > 1:
        return 0.0
    scale = SCALES[said[-2][1]]
    return parts[-1][0] * (scale / 10 - 1) if scale >= 100 else 0.0


def _by_position(digits: str) -> str:
    return "".join(str(CHINESE_DIGITS[c]) for c in digits)
