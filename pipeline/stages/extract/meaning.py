"""What a match of the grammar means: value, bound, unit and kind, or nothing where it is no figure."""

from __future__ import annotations

from typing import NamedTuple

import regex

from pipeline.stages.extract import exclusions
from pipeline.stages.extract.grammar import Grammar, Unit
from pipeline.stages.extract.numerals import CHINESE_DIGITS, Reading, read, value

__all__ = ["Measured", "interpret"]

_SCALE_ENDS = "十百千万亿"

#: Words that may stand between an approximator and its number: 超过了, 约有, 近为.
_FILLERS = "了有为占达合在到于是约"

#: 个多月 and the like are durations.
_ODD_DURATION = Unit("duration", False)

#: An approximator before the whole of a share: 接近总数的四成.
_OF_WHOLE = regex.compile(r"(?P<word>超过|接近|大约|将近|不到|不足|约|近)(?:占)?[^，,。；;、的]{1,7}的\Z")

_ENDS_IN_MYRIAD = regex.compile(r".*[万亿]\d?[多余来]?", regex.DOTALL)


class Measured(NamedTuple):
    """A number with its unit, before it is placed in a sentence."""

    start: int
    end: int
    value: float
    value_max: float | None
    bound: str
    unit: str
    kind: str
    rule: str


class _Part(NamedTuple):
    """One number of a match: the words that are read together."""

    reading: Reading
    number: str
    number_end: int
    #: the measure word, or '' with the place where the number ends
    unit: str
    unit_end: int
    noun: bool
    tenth: str
    behind: str
    rule: str


def interpret(found: regex.Match[str], text: str, grammar: Grammar) -> tuple[Measured | None, int]:
    """Read a match; return the quantity, or None, and where to go on in the text."""
    start, end = found.span()
    if found["quoted"] or found["phrase"]:
        return None, end
    before = text[max(0, start - exclusions.WINDOW) : start]
    behind = _behind(found)
    if found["doubled"]:
        return Measured(start, end, 1.0, None, _bound("", before, behind, grammar), "番", "measure", "fold"), end
    if found["half"]:
        return _half(found, before, behind, grammar), end
    if found["whole"]:
        return _share(found, before, behind, grammar), end
    part, go_on = _part(found, before, behind)
    if part is None:
        return None, go_on
    measured = _counted(part, start, before, text, grammar)
    return measured, go_on if measured is None else max(go_on, measured.end)


def _half(found: regex.Match[str], before: str, behind: str, grammar: Grammar) -> Measured | None:
    """半数, 一半, 过半: 50 %."""
    if before.endswith(("另", "前", "后", "上", "下")):
        return None
    start, end = found.span("half")
    bound = "over" if before.endswith("过") else _bound("", before, behind, grammar)
    return Measured(start, end, 50.0, None, bound, "%", "percent", "half")


def _share(found: regex.Match[str], before: str, behind: str, grammar: Grammar) -> Measured | None:
    """百分之七十 is 70 %, 三分之一 is 33.3333 %."""
    whole, low = value(found["whole"]), read(found["part"])
    high = read(found["part_max"]) if found["part_max"] else None
    if not whole or low is None or (low.value > whole and whole != 100):
        return None
    top = high.value if high is not None else low.value_max
    bound = "range" if top is not None else _bound(low.bound, before, behind, grammar)
    top_share = None if top is None else round(top * 100 / whole, 4)
    end = found.end("part_max" if high is not None else "part")
    return Measured(found.start(), end, round(low.value * 100 / whole, 4), top_share, bound, "%", "percent", "share")


def _part(found: regex.Match[str], before: str, behind: str) -> tuple[_Part | None, int]:
    """The number of a match and where to go on: a range as one number, of a false range the first number alone."""
    reading = read(found["number"])
    number, number_end = found["number"], found.end("number")
    if found["number_max"] is not None:
        if (joined := _range(found, reading, before)) is None:
            unit = found["first_unit"] or ""
            unit_end = found.end("first_unit") if unit else number_end
            if reading is None:
                return None, unit_end
            return _Part(reading, number, number_end, unit, unit_end, False, "", "", "number"), unit_end
        reading, number, number_end = joined, found["number_max"], found.end("number_max")
    if reading is None:
        return None, number_end
    word = found["unit"] or found["noun"] or ""
    unit_end = found.end("unit") if found["unit"] else found.end("noun") if word else number_end
    rule = "range" if found["number_max"] is not None else "number"
    return _Part(reading, number, number_end, word, unit_end, bool(found["noun"]), found["tenth"] or "", behind, rule), unit_end


def _range(found: regex.Match[str], low: Reading | None, before: str) -> Reading | None:
    """The two numbers as one range, or None: 从5个到10个 is a change, 5个到3家 are two counts."""
    high = read(found["number_max"])
    if low is None or high is None or low.value_max is not None:
        return None
    if before.endswith(("从", "由", "自")) and found["joint"] in ("到", "至"):
        return None
    if found["first_unit"] not in (None, found["unit"]):
        return None
    bottom = _scaled(found["number"], low.value, found["number_max"], high.value)
    return Reading(bottom, high.value_max or high.value, "range") if bottom < high.value else None


def _scaled(number: str, low: float, number_max: str, high: float) -> float:
    """The lower end of a range; that of 3至5万 is 30,000, for it shares the scale of the upper end."""
    scale = {"万": 1e4, "亿": 1e8}.get(number_max[-1], 1.0)
    return low * scale if number[-1] not in "万亿" and low * scale < high else low


def _counted(part: _Part, start: int, before: str, text: str, grammar: Grammar) -> Measured | None:
    if exclusions.is_ordinal(before):
        return None
    if not part.unit:
        return _bare(part, start, before, text, grammar)
    known = (grammar.nouns if part.noun else grammar.units).get(part.unit.partition("/")[0], _ODD_DURATION)
    after = text[part.unit_end : part.unit_end + exclusions.WINDOW]
    if _uncounted(part, known, before, after, grammar):
        return None
    value, value_max = part.reading.value, part.reading.value_max
    unit, kind, end, rule = part.unit, known.kind, part.unit_end, part.rule
    if unit == "成":
        if value > 10 or part.number[-1] in _SCALE_ENDS:
            return None
        value, value_max, unit, rule = value * 10, value_max and value_max * 10, "%", "tenths"
        if part.tenth:
            value, end = value + CHINESE_DIGITS[part.tenth], end + 1
    elif part.noun:
        unit, rule = unit if unit.endswith((")", "）")) else "", "noun"
    elif unit[0] == "个" and grammar.units.get(unit[1:], _ODD_DURATION).kind == "count":
        unit = unit[1:]  # 2.7万多个批次
    elif after.startswith("钱"):
        kind = "money"
    bound = "range" if value_max is not None else _part_bound(part, before, kind, grammar)
    return Measured(start, end, value, value_max, bound, _plain(unit), kind, rule)


def _uncounted(part: _Part, unit: Unit, before: str, after: str, grammar: Grammar) -> bool:
    if unit.kind in ("time", "none"):
        return True
    if unit.kind == "duration":
        return not exclusions.shortened(before, after, grammar)
    if not exclusions.counts(part.number, unit):
        return True
    if part.number == "一" and not exclusions.single(before, after, part.unit, unit.kind, grammar):
        return True
    if exclusions.is_session(part.unit, before, after):
        return True
    return exclusions.many_only(part.number, before, after, unit.kind)


def _bare(part: _Part, start: int, before: str, text: str, grammar: Grammar) -> Measured | None:
    """A number in 万 or 亿 without measure word: 为634万农村贫困人口, 减至2.7万."""
    after = text[part.number_end : part.number_end + exclusions.WINDOW]
    if not _ENDS_IN_MYRIAD.fullmatch(part.number) or exclusions.many_only(part.number, before, after, ""):
        return None
    reading = part.reading
    bound = "range" if reading.value_max is not None else _part_bound(part, before, "", grammar)
    return Measured(start, part.number_end, reading.value, reading.value_max, bound, "", "count", "bare")


def _part_bound(part: _Part, before: str, kind: str, grammar: Grammar) -> str:
    bound = _bound(part.reading.bound, before, part.behind, grammar)
    if bound == "exact" and before.endswith("过") and exclusions.is_power(part.number):
        return "over"  # 过万, but not 通过5个
    if bound == "exact" and kind == "percent" and (share := _OF_WHOLE.search(before)):
        return grammar.near.get(share["word"], bound)
    return bound


def _plain(unit: str) -> str:
    return unit.replace("％", "%")


def _behind(found: regex.Match[str]) -> str:
    return found["behind"] or found["beyond"] or ""


def _bound(own: str, before: str, behind: str, grammar: Grammar) -> str:
    """What the words around a number make of it; 多 and 余 win over 约, a range and a vague number stay such."""
    if own in ("range", "vague", "over"):
        return own
    ahead = _ahead(before, grammar)
    if ahead in ("over", "at_most", "at_least", "under"):
        return ahead
    back = grammar.behind.get(behind, "")
    return own or back or ahead or "exact"


def _ahead(before: str, grammar: Grammar) -> str:
    """The bound that the words before a number set: the longest that ends there, a filler left out."""
    for words in (before, before[:-1]) if before[-1:] and before[-1] in _FILLERS else (before,):
        for length in range(min(4, len(words)), 0, -1):
            if bound := grammar.near.get(words[-length:]):
                return "" if bound == "none" else bound
    far = grammar.far_before.search(before)
    return grammar.far[far["far"]] if far else ""
