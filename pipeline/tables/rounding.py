"""How exactly a number is stated, and whether two stated numbers can be the same quantity."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from math import inf
from typing import NamedTuple

__all__ = ["Verdict", "agree", "judge", "last_place", "limits", "significant_digits"]

#: zeros at the end from which a number was rounded by its writer, as 2.3万 is
_ROUNDED = 1000.0

HOLDS = "holds"
ROUNDING = "off by rounding"
CONTRADICTS = "contradicts"


class Verdict(NamedTuple):
    """What a check finds: what should stand there, what does stand there, and whether that is right."""

    expected: float
    stated: float
    verdict: str


@lru_cache(maxsize=16_384)
def last_place(value: float) -> float:
    """The worth of the last digit that is not zero.

    >>> last_place(23000), last_place(71.6), last_place(4179)
    (1000.0, 0.1, 1.0)
    """
    if value == 0:
        return 1.0
    digits = Decimal(f"{abs(value):.12g}").normalize()
    exponent = digits.as_tuple().exponent
    return float(Decimal(1).scaleb(exponent)) if isinstance(exponent, int) else 1.0


@lru_cache(maxsize=16_384)
def significant_digits(value: float) -> int:
    """How many digits a number has without zeros in front and behind.

    >>> significant_digits(4179), significant_digits(23000), significant_digits(71.6)
    (4, 2, 3)
    """
    return len(Decimal(f"{abs(value):.12g}").normalize().as_tuple().digits)


def limits(value: float, value_max: float | None = None, bound: str = "exact") -> tuple[float, float]:
    """The smallest and the largest quantity that a stated number can stand for.

    ``over`` reaches to the next digit: 2.3万余 is said of less than 2.4万.

    >>> limits(23000, bound="over")
    (23000, 24000.0)
    >>> limits(4179), limits(23000), limits(3, 5, "range")
    ((4179, 4179), (22500.0, 23500.0), (3, 5))
    """
    place = last_place(value)
    if bound == "range" and value_max is not None:
        # a claim must agree with itself, whichever end the writer names first
        return min(value, value_max), max(value, value_max)
    if bound in ("over", "at_least"):
        return value, value + place
    if bound in ("under", "at_most"):
        return value - place, value
    if bound == "about":
        return value - place, value + place
    if bound == "vague":
        return value, inf
    if place >= _ROUNDED:
        return value - place / 2, value + place / 2
    return value, value


def agree(one: tuple[float, float], two: tuple[float, float]) -> bool:
    """Whether two numbers, given by their :func:`limits`, can be the same quantity.

    >>> agree(limits(49000, bound="over"), limits(49312)), agree(limits(23), limits(25))
    (True, False)
    """
    return one[0] <= two[1] and two[0] <= one[1]


def judge(expected: tuple[float, float], stated: float, place: float, slack: float = 1.0) -> Verdict:
    """Hold a stated number against the range in which it must lie.

    Args:
        expected: the smallest and the largest right answer.
        stated: what the report says.
        place: the worth of the last digit that the report gives; half of it is lost by rounding.
        slack: how many units of that digit still count as wrong rounding (cut off, or rounded twice).

    >>> judge((66.52, 66.52), 66.37, 0.01).verdict, judge((71.63, 71.63), 71.6, 0.1).verdict
    ('contradicts', 'holds')
    """
    low, high = expected
    nearest = min(max(stated, low), high)
    distance = abs(stated - nearest)
    # numbers of this size are held to fifteen digits; what is beyond the twelfth is not arithmetic of the report
    tolerance = 1e-12 * max(abs(stated), abs(nearest), 1.0)
    if distance <= place / 2 + tolerance:
        return Verdict(nearest, stated, HOLDS)
    if distance <= place * slack + tolerance:
        return Verdict(nearest, stated, ROUNDING)
    return Verdict(nearest, stated, CONTRADICTS)
