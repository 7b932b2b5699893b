"""Values of numbers, from tests/cases/numerals.toml and by round trip."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.stages.extract.numerals import CHINESE_DIGITS, SCALES, read, value

CASES = tomllib.loads((Path(__file__).parents[2] / "cases" / "numerals.toml").read_text(encoding="utf-8"))
READABLE = [case for group in ("wild", "made") for case in CASES[group]]


@pytest.mark.parametrize("case", READABLE, ids=lambda c: c["input"])
def test_reading(case: dict[str, Any]) -> None:
    assert read(case["input"]) == (case["value"], case.get("value_max"), case.get("bound", ""))


@pytest.mark.parametrize("case", CASES["negative"], ids=lambda c: c["input"] or "empty")
def test_no_number(case: dict[str, Any]) -> None:
    assert read(case["input"]) is None
    assert value(case["input"]) is None


def spelled(number: int) -> str:
    """A number below 10**8 in Chinese, as the grammar books say."""
    if number >= 10_000:
        low = number % 10_000
        zero = "零" if 0 < low < 1_000 else ""
        return spelled(number // 10_000) + "万" + (zero + spelled(low) if low else "")
    digits = "零一二三四五六七八九"
    words = ""
    skipped = False
    for scale, name in ((1_000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // scale % 10
        if digit:
            words += ("零" if skipped and words else "") + digits[digit] + name
        skipped = digit == 0
    return words or "零"


@given(st.integers(min_value=0, max_value=99_999_999))
def test_spelled_numbers_are_read_back(number: int) -> None:
    assert value(spelled(number)) == number


@given(st.integers(min_value=0, max_value=10**12))
def test_thousands_commas_change_nothing(number: int) -> None:
    assert value(f"{number:,}") == value(str(number)) == number


@given(st.decimals(min_value=0, max_value=9999, places=2), st.sampled_from(["万", "亿"]))
def test_scales_multiply_decimals(number: Any, scale: str) -> None:
    assert value(f"{number}{scale}") == pytest.approx(float(number) * SCALES[scale], rel=1e-12)


@given(st.text(alphabet="".join(CHINESE_DIGITS) + "".join(SCALES) + "0123456789.,多余几数来上点半", max_size=24))
def test_any_run_of_numerals_is_read_or_refused(number: str) -> None:
    reading = read(number)
    assert reading is None or (reading.value >= 0 and (reading.value_max is None or reading.value_max > reading.value))
