"""What the figures around make likely of the role of one."""

from __future__ import annotations

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Article, Options
from pipeline.stages.attribute.neighbours import neighbour_clues
from pipeline.stages.extract import extract
from pipeline.stages.reason import family
from pipeline.stages.segment import segment

LABELS = ["actor", "context", "result", "target"]


def article_of(text: str) -> Article:
    article = Article("any", text, text=text)
    for stage in (segment, extract):
        article = stage(article, Options())
    return article


def clues(text: str, roles: list[str], sure: float = 1.0, parents: dict[int, int] | None = None) -> list[set[str]]:
    """The clues of each figure, the others being of those roles."""
    rest = (1 - sure) / (len(LABELS) - 1)
    shares = numpy.array([[sure if label == role else rest for label in LABELS] for role in roles])
    article = article_of(text)
    wholes = [(parents or {}).get(index) for index in range(len(article.quantities))]
    return [
        {name for group in groups for name in group.names}
        for groups in neighbour_clues(article, wholes, LABELS, shares)
    ]


def test_those_before_and_behind_are_told_with_their_unit_and_place() -> None:
    first, second, third = clues("立案5件，处分3人。辖区有村40个。", ["result", "result", "context"])
    assert {"role behind=result,sentence", "role behind,unit=result,sentence,other"} <= first
    assert not {clue for clue in first if clue.startswith("role before")}
    assert {"role before=result,sentence", "role behind=context,paragraph"} <= second
    assert "role before,unit=result,paragraph,other" in third


def test_the_share_of_roles_leaves_the_figure_itself_out() -> None:
    found = clues("立案5件，处分3人。辖区有村40个。", ["result", "result", "context"])
    assert "roles of the sentence,result=5" in found[0]
    assert {"roles of the article,result=2", "roles of the article,context=2"} <= found[0]
    assert "roles of the article,result=5" in found[2]
    assert not {clue for clue in found[2] if clue.startswith(("roles of the sentence", "roles of the unit"))}


@pytest.mark.parametrize(("sure", "sign"), [(0.9, ""), (0.7, "?"), (0.5, "??")])
def test_what_is_unsure_is_told_so(sure: float, sign: str) -> None:
    assert f"role behind=result{sign},sentence" in clues("立案5件，处分3人。", ["result", "result"], sure)[0]


def test_the_whole_is_told_wherever_it_stands() -> None:
    found = clues("立案5件，其中贪污2件。", ["result", "result"], parents={1: 0})
    assert {"role of the whole=result", "role of the whole,unit=result,same"} <= found[1]
    assert not {clue for clue in found[0] if clue.startswith("role of the whole")}


@given(
    st.lists(st.sampled_from(["立案5件", "处分3人", "40个村", "占60%", "，", "。", "\n"]), max_size=20).map("".join),
    st.randoms(),
)
def test_every_clue_has_words_to_tell_it(text: str, random: object) -> None:
    article = article_of(text)
    count = len(article.quantities)
    shares = numpy.random.default_rng(random.getrandbits(32)).dirichlet([1.0] * len(LABELS), count)  # type: ignore[attr-defined]
    if count:
        for groups in neighbour_clues(article, [None] * count, LABELS, shares):
            assert all(family(name) for group in groups for name in group.names)
