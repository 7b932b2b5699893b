"""What a report says that changed, held against what was and what is.

由412件降至268件，下降35%; 立案85件，去年同期为60件，同比增长41.7%; 立案320件，比去年增加40件，增长14.3%. Only where the
words between the numbers say nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, product
from math import isfinite
from operator import attrgetter
from typing import NamedTuple

from pipeline.tables.rounding import Verdict, judge, last_place
from pipeline.tables.stated import Stated, say

__all__ = ["Change", "changes"]

#: 由 … 412件
_FROM = re.compile(r"[由从][^，,。；;：:由从]{0,14}\Z")
#: 412件 … 降至 268件
_TO = re.compile(r"[^，,。；;：:]{0,8}[到至为成]了?[约近]?")
#: 85件，去年同期为 60件
_A_YEAR_BEFORE = re.compile(
    r"[，,（(]?[而较比与同]?(?:去年|上年|前年|[0-9]{4}年)(?:同期)?(?:的|为|是|只有|仅|仅为|仅有|末的?|底的?)?"
)
#: what may stand before the amount of a change: ，同比下降了
_BY = re.compile(
    r"[，,）)]*(?:相比)?[，,]?(?:同比|环比|[比较](?:去年|上年)(?:同期)?)?"
    r"(?:[升降增减涨跌压削缩精提][^，,。；;：:、的]{0,5}|[下上多少][^，,。；;：:、的]{0,4})"
)
#: Shares in words, and those that are over or under a value, may miss it by so many of their last digits.
_LOOSE = 10.0
_PER_CENT = re.compile("[%％]|百分")


class Change(NamedTuple):
    """Figures that tell one change, the amount last, how that is reckoned, and whether it is right."""

    figures: tuple[Stated, ...]
    formula: str
    verdict: Verdict


def changes(figures: Sequence[Stated]) -> Iterator[Change]:
    """The changes that a report tells, its figures given in the order of the text."""
    for _, told in groupby(figures, attrgetter("sentence_start")):
        inside = list(told)
        for three in zip(inside, inside[1:], inside[2:], strict=False):
            yield from _told(*three)


def _told(first: Stated, second: Stated, by: Stated) -> Iterator[Change]:
    """The change that three figures in a row tell, if they tell one."""
    between, ahead = first.text_until(second), second.text_until(by)
    if between is None or ahead is None or not by.direction or not _BY.fullmatch(ahead) or not _alike(first, second):
        return
    if second.direction:
        if second.direction == by.direction and by.kind == "percent" and _BY.fullmatch(between):
            yield from _share_of_both(first, second, by)
    elif _FROM.search(first.text_before) and _TO.fullmatch(between):
        yield from _from_to(first, second, by)
    elif _A_YEAR_BEFORE.fullmatch(between):
        yield from _from_to(second, first, by)


def _alike(one: Stated, two: Stated) -> bool:
    return one.unit == two.unit and one.kind == two.kind and not one.direction


def _from_to(before: Stated, after: Stated, by: Stated) -> Iterator[Change]:
    """由412件降至268件，下降35%, or 减少144件."""
    if ("up" if after.value > before.value else "down") != by.direction:
        return
    difference = f"|{say(after.value)} − {say(before.value)}|"
    figures = (before, after, by)
    if by.kind == "percent" and before.kind != "percent":
        yield from _judged(
            figures, f"{difference} / {say(before.value)} × 100", lambda was, now: abs(now - was) / was * 100
        )
    elif (by.kind, by.unit) == (after.kind, after.unit) or by.unit.endswith("百分点"):
        yield from _judged(figures, difference, lambda was, now: abs(now - was))


def _share_of_both(after: Stated, amount: Stated, by: Stated) -> Iterator[Change]:
    """立案320件，比去年增加40件，增长14.3%."""
    sign = 1 if by.direction == "up" else -1
    if after.value - sign * amount.value <= 0 or after.kind == "percent":
        return
    formula = f"{say(amount.value)} / ({say(after.value)} {'−' if sign > 0 else '+'} {say(amount.value)}) × 100"
    yield from _judged((after, amount, by), formula, lambda now, more: more / (now - sign * more) * 100)


def _judged(
    figures: tuple[Stated, Stated, Stated], formula: str, reckon: Callable[[float, float], float]
) -> Iterator[Change]:
    """Hold the last figure against what the first two make, which may be rounded; 数百 has no upper end."""
    first, second, by = figures
    ends = [*first.limits, *second.limits]
    if min(first.value, *first.limits) <= 0 or not all(map(isfinite, ends)):
        return
    possible = [reckon(one, two) for one, two in product(first.limits, second.limits)]
    is_share = by.kind == "percent"
    place = min(last_place(by.value), 1.0) if is_share else 0.0
    is_exact = by.bound == "exact" and (not is_share or _PER_CENT.search(by.quote) is not None)
    loose = 0.0 if is_exact else max(place, 0.1) * _LOOSE
    verdict = judge((min(possible) - loose, max(possible) + loose), by.value, place)
    yield Change(figures, formula, verdict._replace(expected=reckon(first.value, second.value)))
