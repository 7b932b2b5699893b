from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.stages.read.dates import parse_date

CASES = tomllib.loads((Path(__file__).parents[2] / "cases" / "read_dates.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", [case for group in CASES.values() for case in group], ids=lambda c: str(c["input"]))
def test_dates(case: dict[str, Any]) -> None:
    found = parse_date(case["input"])
    assert (found.isoformat() if found else "") == case["expected"]


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_day_in_every_form(day: date) -> None:
    for text in (f"{day.year}年{day.month}月{day.day}日", f"{day:%Y/%m/%d}", f"{day:%Y%m%d}", day.isoformat()):
        assert parse_date(text) == day


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.integers(0, 86399))
def test_moments_are_days_in_china(day: date, second: int) -> None:
    midnight = (day - date(1970, 1, 1)) // timedelta(seconds=1) - 8 * 3600
    assert parse_date(midnight + second) == day


@settings(max_examples=300)
@given(st.one_of(st.text(), st.floats(), st.integers(), st.from_regex(r"[\d年月日一二十〇:/.TZ+ -]{1,30}")))
def test_never_raises(value: object) -> None:
    found = parse_date(value)
    assert found is None or 1900 <= found.year <= 2100
