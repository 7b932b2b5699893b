"""Case files as parameters, and a sentence read as far as its figures are attributed."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.model import Article, Options

CASES = Path(__file__).parents[1] / "cases"

#: a text, read by all stages that say what its figures count
Read = Callable[[str], Article]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "case_file(name): run once with each case of tests/cases/NAME.toml")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test marked with a case file gets its cases as ``case``; those under known_failures must fail."""
    marker = metafunc.definition.get_closest_marker("case_file")
    if marker is None:
        return
    groups = tomllib.loads((CASES / f"{marker.args[0]}.toml").read_text(encoding="utf-8"))
    metafunc.parametrize(
        "case",
        [
            pytest.param(
                case,
                id=f"{case['input'][:24]} ({case['note']})",
                marks=[pytest.mark.xfail(strict=True)] if group == "known_failures" else [],
            )
            for group, cases in groups.items()
            for case in cases
        ],
    )


@pytest.fixture(scope="session")
def read() -> Read:
    """A function that reads a text from repair to classify."""
    from pipeline.stages.attribute import attribute
    from pipeline.stages.classify import classify
    from pipeline.stages.extract import extract
    from pipeline.stages.repair import repair
    from pipeline.stages.segment import segment
    from pipeline.stages.simplify import simplify

    def walk(text: str) -> Article:
        article = Article("case", text)
        for stage in (repair, simplify, segment, extract, attribute, classify):
            article = stage(article, Options())
        return article

    return walk
