"""What a number means with the words around it: value, bound, unit and kind, or nothing where it is no figure."""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.stages.extract import exclusions
from pipeline.stages.extract.grammar import JOINTS, NUMBER, Grammar, Unit
from pipeline.stages.extract.numerals import CHINESE_DIGITS, SCALES, Reading, read, value

__all__ = ["Measured", "approximator", "read_number", "read_word"]

#: Words that may stand between an approximator and its number: 超过了, 约有.
_FILLERS = frozenset("了有为占达合在到于是约")

#: An approximator before the whole of a share: 接近总数的四成.
_OF_WHOLE = re.compile(
    r"(?P<word>超过|接近|大约|将近|不到|不足|约(?!定|谈|束|合|请)|近)(?:占)?[^，,。；;、的]{1,7}的\Z"
)

#: What is half over in time: 行动过半.
_HALF_TIME = re.compile(r"(?:行动|赛程|日程|学期|任期|战役|会期|全年|(?:\A|[，。；,;“\n])时间)过\Z")

#: 个多月, 个半小时: a duration with a part of its unit.
_ODD_DURATION = re.compile("个[多半](?:月|小时|星期|世纪|学期|季度|钟头|工作日)")

#: 个多亿 of 6个多亿: hundreds of millions, as one says them.
_SPOKEN_MYRIADS = re.compile("个[多余]亿(?!元)")

#: 个 of 1.1个和2.4个百分点, which are points both.
_POINTS = re.compile("个(?:[、和与及][0-9.]{1,6}个?){1,4}(?<=个)百分点")

#: A year that is none: 14个年轻人, 5个年画社.
_YOUNG = re.compile("个年[轻青幼老长富画糕货]")

#: 6 of 41块6, as prices are said.
_SPOKEN_TENTH = re.compile(
    "(?:[1-9](?![0-9.%])|[一二三四五六七八九](?![一二三四五六七八九点]))(?![十百千万亿个多元块毛角分斤米人张名家户])"
)

#: Measure words whose last character begins the noun: 64支队伍, 2.5亿发病.
_CUT_SHORT = {"支队": "支队伍"}

_DIGITS = re.compile("[0-9０-９]++")

#: After a digit, these show that it is a count of its own: 七成三个村.
_COUNTED = tuple("个名件条家")

#: A few and a half: 一亩半, 两吨半; not 6米半径.
_FEW = 20
_AND_HALF = re.compile("半(?![径天年月日夜个小边封闭价成截程开自机数山坡途])")

_MYRIAD_END = re.compile(r"[万亿][0-9０-９一二三四五六七八九]?[多余]?\Z")

#: 多 or 余 behind a unit, not the beginning of 多次, 多名.
_BEYOND = re.compile("[余多](?![次名个种项家处起人方地元轮件场重样少边极年数部级家])")

_MORE = frozenset("余多")

#: 上下 and 以下 of other words: 上下游, 以下级.
_NOT_BEHIND = frozenset("游级联班")

#: A little more or less than a share: 一成强, 三分之一弱; but not 3个强镇.
_OF_SHARES = frozenset("强弱")
_MORE_BY = frozenset("出了0123456789")

#: A fraction with a slash, of one-digit numbers.
_SLASHED = re.compile(r"(?P<top>[1-9])/(?P<bottom>[2-9])(?=[的以左强多，。、；,;）)])")

_DURATION = Unit("duration", several=False)


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


class _Number(NamedTuple):
    """A number of the text with the word that follows it."""

    reading: Reading
    text: str
    start: int
    #: where the number ends
    end: int
    #: the measure word or counted noun, '' for none, and where it ends
    word: str
    word_end: int
    unit: Unit | None
    is_range: bool = False


def read_word(text: str, start: int, end: int, grammar: Grammar) -> Measured | None:
    """A number that is a word: 翻番, 半数, and 半 of 过半; none where only time is half over (行动过半)."""
    before = text[max(0, start - exclusions.WINDOW) : start]
    if _HALF_TIME.search(before):
        return None
    behind = _behind(text, end, grammar)
    if text[start] == "翻":
        return Measured(start, end, 1.0, None, _bound("", before, behind, grammar), "番", "measure", "fold")
    bound = "over" if before.endswith("过") else _bound("", before, behind, grammar)
    return Measured(start, end, 50.0, None, bound, "%", "percent", "half")


def read_number(text: str, start: int, grammar: Grammar) -> tuple[Measured | None, int]:
    """Read what begins at ``start``; return the quantity, or None, and where to go on in the text."""
    for phrase in grammar.phrase_words.each(text, start):
        if text.endswith(grammar.phrases[phrase], 0, start):
            return None, start + len(phrase)
    if text.startswith("一半", start):
        return _half(text, start, grammar), start + 2
    found = NUMBER.match(text, start)
    if found is None:
        return None, _end_of_run(text, start)
    end = found.end()
    before = text[max(0, start - exclusions.WINDOW) : start]
    if text.startswith("分之", end):
        return _share(text, start + (text[start] == "上"), end, before, grammar)
    if text[end : end + 1] == "/" and (slashed := _SLASHED.match(text, start)):
        return _slashed(slashed, text, before, grammar), slashed.end()
    reading = read(found.group())
    if reading is None:
        return None, end
    number = _with_word(text, reading, found.group(), start, end, grammar)
    number = _with_upper_end(text, number, before, grammar)
    quantity = _counted(text, number, before, grammar)
    return quantity, number.word_end if quantity is None else max(number.word_end, quantity.end)


def _end_of_run(text: str, start: int) -> int:
    """Where to go on behind digits that are too many for a number."""
    run = _DIGITS.match(text, start)
    return run.end() if run else start + 1


def _half(text: str, start: int, grammar: Grammar) -> Measured | None:
    before = text[max(0, start - exclusions.WINDOW) : start]
    if before.endswith("另"):
        return None
    bound = _bound("", before, _behind(text, start + 2, grammar), grammar)
    return Measured(start, start + 2, 50.0, None, bound, "%", "percent", "half")


def _share(text: str, start: int, end: int, before: str, grammar: Grammar) -> tuple[Measured | None, int]:
    """百分之七十 is 70 %, 三分之一 is 33.3333 %, 百分之三十至四十 is a range."""
    whole = value(text[start:end])
    end += len("分之")
    found = NUMBER.match(text, end)
    low = None if found is None else read(found.group())
    if found is None or low is None or not whole:
        return None, end
    end, top = found.end(), low.value_max
    if text[end : end + 1] in JOINTS:
        second = end + 1
        if text.startswith(text[start : found.start()], second):
            second += found.start() - start
        if (other := NUMBER.match(text, second)) and (high := read(other.group())) and high.value > low.value:
            end, top = other.end(), high.value
    bound = "range" if top is not None else _bound(low.bound, before, _behind(text, end, grammar), grammar)
    if bound == "exact":
        bound = _bound_of_share(before, grammar)
    top_share = None if top is None else round(top * 100 / whole, 4)
    return Measured(start, end, round(low.value * 100 / whole, 4), top_share, bound, "%", "percent", "share"), end


def _slashed(found: re.Match[str], text: str, before: str, grammar: Grammar) -> Measured | None:
    """1/3 is 33.3333 %; 1/4决赛 and 24/7 are none."""
    top, bottom = float(found["top"]), float(found["bottom"])
    if top >= bottom or exclusions.is_ordinal(before):
        return None
    bound = _bound("", before, _behind(text, found.end(), grammar), grammar)
    return Measured(*found.span(), round(top * 100 / bottom, 4), None, bound, "%", "percent", "share")


def _with_word(text: str, reading: Reading, number: str, start: int, end: int, grammar: Grammar) -> _Number:
    """Add the measure word or noun behind a number; one blank may stand between."""
    at = end + 1 if text[end : end + 1] == " " else end
    if text[at : at + 1] == "个" and (odd := _ODD_DURATION.match(text, at)):
        return _Number(reading, number, start, end, odd.group(), odd.end(), _DURATION)
    word = grammar.unit_words.at(text, at)
    if not word or grammar.units[word].kind == "none":
        return _Number(reading, number, start, end, "", end, None)
    if word == "个" and (myriads := _SPOKEN_MYRIADS.match(text, at)):
        return _Number(
            _times(reading._replace(bound="over"), 1e8), number + "亿", start, myriads.end(), "", myriads.end(), None
        )
    if word == "个" and _POINTS.match(text, at):
        return _Number(reading, number, start, end, "个百分点", at + 1, grammar.units["个百分点"])
    if word == "个年" and _YOUNG.match(text, at):
        word = "个"
    if word == "块" and reading.value_max is None and _SPOKEN_TENTH.match(text, at + 1):
        price = reading._replace(value=reading.value + (value(text[at + 1]) or 0) / 10)
        return _Number(price, number, start, end, "元", at + 2, grammar.units["元"])
    if word == "个亿" and text[at + len(word) : at + len(word) + 1] == "元":
        word = "个"  # 两个亿元以上项目: so many, each of so much
    if word[-1] == "次" and word[:-1] in grammar.units and text.startswith("之", at + len(word)):
        word = word[:-1]  # 19起次之
    if word in _CUT_SHORT and text.startswith(_CUT_SHORT[word], at):
        word = word[:-1]
    at += len(word)
    unit = grammar.units[word]
    if word == "个亿":  # two spoken 个亿 are 200,000,000 of whatever was named
        return _Number(_times(reading, 1e8), number + "亿", start, at, "", at, None)
    if text[at : at + 1] == "/" and (per := grammar.unit_words.at(text, at + 1)):
        word, at = f"{word}/{per}", at + 1 + len(per)
    return _Number(reading, number, start, end, word, at, unit)


def _times(reading: Reading, scale: float) -> Reading:
    high = reading.value_max
    return Reading(reading.value * scale, None if high is None else high * scale, reading.bound)


def _with_upper_end(text: str, low: _Number, before: str, grammar: Grammar) -> _Number:
    """Join the second number of a range, if there is one. 从5个到10个 is a change, 5个到3家 are two counts."""
    at = low.word_end + (text[low.word_end : low.word_end + 1] == " ")
    joint = text[at : at + 1]
    if joint not in JOINTS or not joint or low.reading.value_max is not None:
        return low
    if joint in "到至" and before.endswith(("从", "由", "自")):
        return low
    found = NUMBER.match(text, at + 1 + (text[at + 1 : at + 2] == " "))
    reading = read(found.group()) if found else None
    if found is None or reading is None:
        return low
    high = _with_word(text, reading, found.group(), found.start(), found.end(), grammar)
    bottom = _scaled(low, high)
    top = high.reading.value_max or high.reading.value
    if (low.word and low.word != high.word) or bottom >= top:
        return low
    return high._replace(reading=Reading(bottom, top, "range"), start=low.start, is_range=True)


def _scaled(low: _Number, high: _Number) -> float:
    """The lower end of a range; that of 3至5万 is 30,000, for it shares the scale of the upper end."""
    scale = {"万": 1e4, "亿": 1e8}.get(high.text[-1], 1.0)
    shared = low.reading.value * scale
    return shared if low.text[-1] not in "万亿" and not low.word and shared < high.reading.value else low.reading.value


def _counted(text: str, number: _Number, before: str, grammar: Grammar) -> Measured | None:
    """The quantity, or None where the number counts nothing."""
    if exclusions.is_ordinal(before):
        return None
    after = text[number.word_end : number.word_end + exclusions.WINDOW]
    unit = number.unit
    if unit is None:
        return _bare(text, number, before, after, grammar)
    if unit.kind in ("time", "none", "duration") or not exclusions.can_count(number.text, unit):
        return None
    if exclusions.is_name(number.text, before, after, number.word, unit, grammar):
        return None
    if number.text == "一" and not exclusions.is_single(before, after, number.word, unit.kind, grammar):
        return None
    if exclusions.is_clock(before, number.word) or (number.word == "番" and not exclusions.is_fold(before)):
        return None
    if exclusions.is_village(number.text, after, number.word, unit.kind):
        return None
    if exclusions.is_session(number.word, before, after) or exclusions.is_many(number.text, before, after, unit.kind):
        return None
    if number.word == "成":
        return _tenths(text, number, before, grammar)
    return _measured(
        text, number, before, _written(number, grammar), "money" if after.startswith("钱") else unit.kind, grammar
    )


def _written(number: _Number, grammar: Grammar) -> str:
    """The unit as the output gives it: none for a noun, and without the 个 of 个批次."""
    word = number.word
    if number.unit is not None and number.unit.noun:
        return word if word.endswith(")") else ""
    if word[0] == "个" and word[1:] in grammar.units and grammar.units[word[1:]].kind == "count":
        return word[1:]
    return word.replace("％", "%")


def _measured(text: str, number: _Number, before: str, unit: str, kind: str, grammar: Grammar) -> Measured:
    bound = _number_bound(text, number, before, kind, grammar)
    rule = "range" if number.is_range else "noun" if number.unit is not None and number.unit.noun else "measure"
    reading = number.reading
    end = number.word_end
    if kind == "measure" and reading.value <= _FEW and reading.value_max is None and _AND_HALF.match(text, end):
        reading, end = reading._replace(value=reading.value + 0.5), end + 1
    if kind in ("measure", "money") and _BEYOND.match(text, end):
        end += 1
    return Measured(number.start, end, reading.value, reading.value_max, bound, unit, kind, rule)


def _tenths(text: str, number: _Number, before: str, grammar: Grammar) -> Measured | None:
    """七成 is 70 %, 九成五 is 95 %."""
    low, high = number.reading.value, number.reading.value_max
    if low > 10 or number.text[-1] in SCALES:
        return None
    end = number.word_end
    extra = 0 if high is not None else _half_tenth(text, end)
    if extra:
        end += 1
    bound = _number_bound(text, number._replace(word_end=end), before, "percent", grammar)
    if _BEYOND.match(text, end):
        end += 1
    return Measured(number.start, end, low * 10 + extra, high and high * 10, bound, "%", "percent", "tenths")


def _half_tenth(text: str, at: int) -> int:
    """The digit behind 成: 5 of 九成五 and of 七成半, 0 where the digit counts something itself."""
    if text[at + 1 : at + 2] in _COUNTED:
        return 0
    return 5 if text[at : at + 1] == "半" else CHINESE_DIGITS.get(text[at : at + 1], 0)


def _bare(text: str, number: _Number, before: str, after: str, grammar: Grammar) -> Measured | None:
    """A number in 万 or 亿 without measure word: 为634万农村贫困人口, 减至2.7万."""
    if not _MYRIAD_END.search(number.text) or exclusions.is_many(number.text, before, after, ""):
        return None
    bound = _number_bound(text, number, before, "", grammar)
    reading = number.reading
    return Measured(number.start, number.end, reading.value, reading.value_max, bound, "", "count", "bare")


def _number_bound(text: str, number: _Number, before: str, kind: str, grammar: Grammar) -> str:
    if number.reading.value_max is not None:
        return "range"
    bound = _bound(number.reading.bound, before, _behind(text, number.word_end, grammar), grammar)
    if bound != "exact":
        return bound
    if before.endswith("过") and not before.endswith(("通过", "经过", "不过")) and exclusions.is_power(number.text):
        return "over"  # 过万, but not 通过十项
    return _bound_of_share(before, grammar) if kind == "percent" else bound


def _bound_of_share(before: str, grammar: Grammar) -> str:
    found = _OF_WHOLE.search(before)
    return grammar.near.get(found["word"], "exact") if found else "exact"


def _behind(text: str, at: int, grammar: Grammar) -> str:
    """The approximator behind a unit (左右, 以上, 多), or ''."""
    if text[at : at + 1] in _MORE and (found := _BEYOND.match(text, at)):
        return found.group()
    word = grammar.behind_words.at(text, at)
    if word == "还多" and text[at + 2 : at + 3] in _MORE_BY:
        return ""  # 比2910条还多出830条
    if word in _OF_SHARES and text[at - 1 : at] != "成" and text[at - 1 : at] not in CHINESE_DIGITS:
        return ""
    return "" if text[at + len(word) : at + len(word) + 1] in _NOT_BEHIND or word in ("多", "余") else word


def _bound(own: str, before: str, behind: str, grammar: Grammar) -> str:
    """What the words around a number make of it; 多 and 余 win over 约, and a vague number stays vague."""
    if own in ("vague", "over"):
        return own
    ahead, said_behind = _ahead(before, grammar), grammar.behind.get(behind, "")
    if ahead and ahead != "about":
        return "about" if ahead == "at_most" and said_behind == "about" else ahead  # 控制在5%左右
    return own or said_behind or ahead or "exact"


def _ahead(before: str, grammar: Grammar) -> str:
    """The bound that the words before a number set."""
    return _ahead_word(before, grammar)[1]


def _ahead_word(before: str, grammar: Grammar) -> tuple[str, str]:
    """The longest approximator that ends before a number, a filler left out, and its bound; '' where none does."""
    near = grammar.near
    for words in (before, before[:-1]) if before[-1:] in _FILLERS else (before,):
        for length in range(min(4, len(words)), 0, -1):
            if (bound := near.get(words[-length:])) is not None:
                if words[-length:] == "不足" and words[:-length].endswith(grammar.cues["shortcoming"]):
                    return "不足", ""  # a noun: 查找不足41项
                return words[-length:], "" if bound == "none" else bound
    found = None if grammar.far_first.isdisjoint(before) else grammar.far_before.search(before)
    return (found["far"], grammar.far[found["far"]]) if found else ("", "")


def approximator(text: str, start: int, end: int, bound: str, grammar: Grammar) -> tuple[str, str]:
    """Which words gave the quantity between two positions its bound, and where they stand.

    The place is ``number`` (in the number itself: 几, 多, two ends), ``ahead``, ``behind`` or ``whole`` (before the
    whole of a share); ('', '') where nothing qualifies the number.

    >>> from pipeline.stages.extract.grammar import grammar
    >>> approximator("超过50件", 2, 5, "over", grammar()), approximator("十几件", 0, 3, "vague", grammar())
    (('超过', 'ahead'), ('十几', 'number'))
    """
    before = text[max(0, start - exclusions.WINDOW) : start]
    if bound == "exact":
        return "", ""
    number = NUMBER.match(text, start)
    own = read(number.group()) if number else None
    if bound == "range" or (number and own and own.bound == bound):
        return (text[start:end] if bound == "range" or number is None else number.group()), "number"
    ahead, ahead_bound = _ahead_word(before, grammar)
    if ahead_bound == bound:
        return ahead, "ahead"
    for at in (end, end - 1):
        behind = _behind(text, at, grammar)
        if behind and grammar.behind.get(behind) == bound:
            return behind, "behind"
    whole = _OF_WHOLE.search(before)
    return (whole["word"], "whole") if whole else (text[start:end], "number")
