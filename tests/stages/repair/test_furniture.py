"""Header and footer lines: which they are, and what they tell."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.model import Article, Options
from pipeline.stages.repair import repair

CASES = tomllib.loads((Path(__file__).parents[2] / "cases" / "repair_furniture.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", [*CASES["wild"], *CASES["made"], *CASES["negative"]], ids=lambda case: case["note"])
def test_furniture(case: dict[str, Any]) -> None:
    article = repair(Article("x", case["input"]), Options())
    assert [article.text[span.start : span.end] for span in article.furniture] == case["furniture"]
    for field in ("title", "outlet", "author", "published"):
        assert getattr(article, field) == case.get(field), field


def test_the_record_goes_before_the_furniture() -> None:
    text = "题目\n2020-09-06  来源:某报  作者:王某\n正文一句。"
    known = Article("x", text, title="别的", author="李某", outlet="某网", published=date(2019, 1, 2))
    article = repair(known, Options())
    assert (article.title, article.author, article.outlet, article.published) == (
        known.title,
        known.author,
        known.outlet,
        known.published,
    )
    assert len(article.furniture) == 1


def test_readings_hide_no_label() -> None:
    article = repair(
        Article("x", "隴西縣(xiàn)減負\n來(lái)源:某中心  時間:2024-12-18  點(diǎn)擊數:\n會少了。"), Options()
    )
    assert (article.outlet, article.published) == ("某中心", date(2024, 12, 18))
