"""What the numbers themselves say of parts and wholes: parts that add up to a whole, shares that come out right.

查出问题296个，已整改265个 … 没销号的31个: 265 and 31 make 296. 受理3264件 … 求助类1123件，占34.4%: so many per
cent of 3264 are 1123. Where numbers are small that may be chance; how far it is believed is for the weights to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isclose

import regex

from pipeline.model import Quantity
from pipeline.stages.attribute.deeds import SHARES

__all__ = ["Sums"]

#: How far from a whole its parts are looked for, in quantities.
_REACH = 16

#: How many quantities before a share, and behind it, the count may stand that it is the share of.
_BEFORE, _BEHIND = 6, 2

#: A share in words (三成, 一半) is right to ten per cent, as if one digit before the point were rounded.
_ROUGH = -1

_DIGIT = regex.compile("[0-9０-９]")
_DECIMALS = regex.compile(r"[.．点]([0-9０-９零一二三四五六七八九]+)")


class Sums:
    """The quantities of one article, and which of them stand to each other as parts and wholes by their size."""

    def __init__(self, text: str, quantities: Sequence[Quantity], units: Sequence[str]) -> None:
        self._text, self._quantities, self._units = text, quantities, units
        self._partners: dict[int, dict[int, str]] = {}
        self._counts_of: dict[tuple[int, int], str | None] = {}

    def of_parts(self, whole: int, part: int, others: Sequence[int], rest: str) -> Iterator[str]:
        """Whether the part and others of its unit add up to the whole, else whether to one of the other candidates.

        Args:
            whole: the index of the whole.
            part: that of the part.
            others: those of all that might be the whole.
            rest: whether the part is said to be what remains.
        """
        found = self._partners_of(whole).get(part)
        if found is not None:
            yield f"adds up={found}"
            yield f"adds up,size={found},{_size(self._quantities[whole].value)}"
            yield f"adds up,rest={found},{rest}"
        elif any(part in self._partners_of(other) for other in others if self._units[other] == self._units[part]):
            yield f"adds up with another={rest}"
        if any(self._is_share(whole, part, share) for share in self._shares_behind(part)):
            yield "share behind fits"

    def _shares_behind(self, part: int) -> Iterator[int]:
        last = min(len(self._quantities), part + _BEFORE + 1)
        return (i for i in range(part + 1, last) if self._quantities[i].unit == "%")

    def _partners_of(self, whole: int) -> dict[int, str]:
        if whole not in self._partners:
            self._partners[whole] = self._adding_up(whole)
        return self._partners[whole]

    def of_share(self, whole: int, share: int, others: Sequence[int]) -> Iterator[str]:
        """Whether a percentage is that of a number close to it in the whole, else in one of the other candidates."""
        if not self._is_reckoned(share):
            return
        where = self._where(whole, share)
        if where is None:
            where = "another" if any(self._where(other, share) for other in others) else "none"
        digits = self._digits(share)
        yield f"share fits={where}"
        yield f"share fits,digits={where},{'decimals' if digits > 0 else 'rough' if digits else 'no decimals'}"

    def fits(self, whole: int, share: int) -> bool:
        """Whether a percentage is that of a number close to it in the whole."""
        return self._is_reckoned(share) and self._where(whole, share) is not None

    def _is_reckoned(self, share: int) -> bool:
        """All and nothing are shares of anything."""
        quantity = self._quantities[share]
        return quantity.unit == "%" and 0 < quantity.value < 100

    def _digits(self, share: int) -> int:
        """How many digits behind the point a share has."""
        quantity = self._quantities[share]
        decimals = _DECIMALS.search(self._text, quantity.start, quantity.end)
        if decimals:
            return len(decimals[1])
        return 0 if _DIGIT.match(self._text, quantity.start) else _ROUGH

    def _where(self, whole: int, share: int) -> str | None:
        """Where the number stands that is so many per cent of the whole."""
        key = whole, share
        if key not in self._counts_of:
            last = min(len(self._quantities), share + _BEHIND + 1)
            near = [*range(share - 1, max(-1, share - _BEFORE - 1), -1), *range(share + 1, last)]
            found = next((i for i in near if i != whole and self._is_share(whole, i, share)), None)
            self._counts_of[key] = None if found is None else "before" if found < share else "behind"
        return self._counts_of[key]

    def _is_share(self, whole: int, part: int, share: int) -> bool:
        """Whether a percentage is that of a part in a whole, as far as its digits go."""
        if self._units[part] != self._units[whole] or self._units[part] in SHARES:
            return False
        total, said = self._quantities[whole].value, self._quantities[share].value
        reckoned = 100 * self._quantities[part].value / total if total > 0 else 0.0
        return isclose(reckoned, said, abs_tol=0.51 / 10 ** self._digits(share))

    def _adding_up(self, whole: int) -> dict[int, str]:
        """The quantities that are among some that make up the whole, and how: two of them, or a run of them."""
        total = self._quantities[whole].value
        behind = self._counts(range(whole + 1, whole + 1 + _REACH), whole)
        before = self._counts(range(max(0, whole - _REACH), whole), whole)
        found: dict[int, str] = {}
        for kind, places in (("behind", before), ("run", behind)):
            for run in _runs([self._quantities[i].value for i in places], total):
                found.update(dict.fromkeys(places[run.start : run.stop], kind))
        found.update(self._pairs(behind, total))
        return found

    def _counts(self, places: range, whole: int) -> list[int]:
        """Those of the unit of the whole that are smaller than it."""
        unit, total = self._units[whole], self._quantities[whole].value
        last = len(self._quantities)
        return [i for i in places if i < last and self._units[i] == unit and 0 < self._quantities[i].value < total]

    def _pairs(self, places: Sequence[int], total: float) -> Iterator[tuple[int, str]]:
        seen: dict[float, int] = {}
        for place in places:
            value = self._quantities[place].value
            other = seen.get(round(total - value, 6))
            if other is not None:
                yield other, "pair"
                yield place, "pair"
            seen.setdefault(round(value, 6), place)


def _runs(values: Sequence[float], total: float) -> Iterator[range]:
    """The stretches of two or more numbers in a row whose sum is the total.

    >>> list(_runs([4, 7, 85, 23, 2], 96))
    [range(0, 3)]
    """
    for first in range(len(values) - 1):
        reached = values[first]
        for last in range(first + 1, len(values)):
            reached += values[last]
            if isclose(reached, total):
                yield range(first, last + 1)
            if reached >= total:
                break


def _size(value: float) -> str:
    return "small" if value < 10 else "middle" if value < 50 else "large"
