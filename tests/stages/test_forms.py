"""The same report in another form gives the same figures: how a text is set says nothing about what it tells."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from opencc import OpenCC

from pipeline.model import Article
from pipeline.stages import run_stages

REPORTS = sorted((Path(__file__).parents[2] / "bench" / "gold" / "made").glob("*.txt"))[::40]

HAN = "\u4e00-\u9fff"


def blanks(text: str, blank: str = " ") -> str:
    """Blanks between numbers and Chinese characters."""
    text = re.sub(rf"(?<=[{HAN}，。；：、“”（）])(?=[0-9])", blank, text)
    return re.sub(rf"(?<=[0-9%])(?=[{HAN}])", blank, text)


def broken(text: str) -> str:
    """Paragraphs with an indent, their lines broken to a width of 60 cells, amid numbers too."""
    lines = []
    for paragraph in filter(None, map(str.strip, text.split("\n"))):
        line, width = "", 0
        for character in "　　" + paragraph:
            cells = 1 if character.isascii() else 2
            if width + cells > 60:
                lines.append(line)
                line, width = "", 0
            line, width = line + character, width + cells
        lines.append(line)
    return "\n".join(lines)


FORMS: dict[str, Callable[[str], str]] = {
    "blanks": blanks,
    "no-break blanks": lambda text: blanks(text, "\u00a0").replace("\n", "\n\u00a0\u00a0\u00a0\u00a0"),
    "full-width digits": lambda text: text.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    "half-width marks": lambda text: text.translate(str.maketrans("，；：（）！？", ",;:()!?")),
    "small marks": lambda text: text.translate(str.maketrans("，；：%", "﹐﹔﹕﹪")),
    "straight quotes": lambda text: re.sub("[“”]", '"', text),
    "corner brackets": lambda text: text.translate(str.maketrans("“”", "「」")),
    "traditional": OpenCC("s2t").convert,
    "broken lines": broken,
    "page": lambda text: "<br/>".join("&nbsp;&nbsp;" + line for line in text.split("\n")),
}

#: of figures, that may be read otherwise: a clause begins with another mark, a title is as long as a line
TOLERATED = 0.02


class Told(NamedTuple):
    """What is told of a figure."""

    value: float
    unit: str
    role: str
    metric: str
    region: str | None


def told(text: str) -> list[Told]:
    """The figures of a report."""
    article = run_stages(Article("x", text))
    rows = zip(article.quantities, article.attributions, article.metrics, article.locations, strict=True)
    return [Told(q.value, q.unit, a.role, metric.metric, place.region) for q, a, metric, place in rows]


@cache
def plain() -> list[list[Told]]:
    """The figures of the reports as they are."""
    return [told(path.read_text(encoding="utf-8")) for path in REPORTS]


def test_there_are_figures() -> None:
    assert sum(map(len, plain())) > 200


@pytest.mark.parametrize("form", FORMS)
def test_a_form_gives_the_same_figures(form: str) -> None:
    others = [told(FORMS[form](path.read_text(encoding="utf-8"))) for path in REPORTS]
    pairs = [pair for one, other in zip(plain(), others, strict=True) for pair in zip(one, other, strict=True)]
    assert [one.value for one, _ in pairs] == [other.value for _, other in pairs]
    different = [pair for pair in pairs if pair[0] != pair[1]]
    assert len(different) <= TOLERATED * len(pairs), different
