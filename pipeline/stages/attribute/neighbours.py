"""What the figures around say of the role of one: those beside it, its whole, and most of its sentence or paragraph.

Their roles are not known yet; it is what the clues of each alone make likely.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.model import Article, Quantity
from pipeline.stages.linear import Group

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["neighbour_clues"]

#: The share of a role from which it is sure, and from which it is likely.
_SURE, _LIKELY = 0.85, 0.6

#: Shares of roles among the figures around are told apart in so many steps.
_STEPS = 5

#: The roles whose share is told; actors are few.
_TOLD = ("result", "context", "target")


def neighbour_clues(
    article: Article, parents: Sequence[int | None], labels: Sequence[str], shares: NDArray[np.float64]
) -> list[tuple[Group, ...]]:
    """The clues of each quantity.

    Args:
        article: the article, with its quantities.
        parents: the whole of each quantity.
        labels: the roles, in the order of the columns of ``shares``.
        shares: how likely each role is for each quantity by its own clues, adding up to 1.
    """
    told = [_told(labels, row) for row in shares.tolist()]
    company = _company(article, labels, shares)
    return [
        (*_of_beside(article, parents[index], index, told), *company[index]) for index in range(len(article.quantities))
    ]


def _told(labels: Sequence[str], shares: Sequence[float]) -> tuple[str, str]:
    """The likeliest role, and the same with a sign of how sure it is."""
    share = max(shares)
    role = labels[shares.index(share)]
    return role, role + ("" if share > _SURE else "?" if share > _LIKELY else "??")


def _of_beside(article: Article, whole: int | None, index: int, told: Sequence[tuple[str, str]]) -> Iterator[Group]:
    """Clues of the whole, and of the quantities before and behind."""
    quantities = article.quantities
    here = quantities[index]
    if whole is not None:
        yield _of_whole(*told[whole], here.unit == quantities[whole].unit)
    for name, other in (("before", index - 1), ("behind", index + 1)):
        if 0 <= other < len(quantities):
            there = quantities[other]
            yield _of_other(name, told[other][1], _near(article, here, there), here.unit == there.unit)


def _near(article: Article, one: Quantity, other: Quantity) -> str:
    """The smallest stretch that holds two numbers."""
    if one.sentence == other.sentence:
        return "clause" if one.clause == other.clause else "sentence"
    sentences = article.sentences
    same = sentences[one.sentence].paragraph == sentences[other.sentence].paragraph
    return "paragraph" if same else "text"


def _company(article: Article, labels: Sequence[str], shares: NDArray[np.float64]) -> list[list[Group]]:
    """For each quantity clues of the roles of all others of its sentence, paragraph, article and unit."""
    import numpy

    columns = [labels.index(role) for role in _TOLD if role in labels]
    shares = shares[:, columns]
    found: list[list[Group]] = [[] for _ in article.quantities]
    for name, members in _stretches(article):
        for places in members:
            if len(places) > 1:
                mine = shares[places]
                others = (mine.sum(axis=0) - mine) / (len(places) - 1)
                for place, steps in zip(places, numpy.rint(others * _STEPS).astype(int).tolist(), strict=True):
                    found[place].append(_of_company(name, tuple(steps)))
    return found


def _stretches(article: Article) -> Iterator[tuple[str, Sequence[list[int]]]]:
    """The quantities that belong together, by number: of each sentence, paragraph, the article, of one unit."""
    sentences: defaultdict[Hashable, list[int]] = defaultdict(list)
    paragraphs: defaultdict[Hashable, list[int]] = defaultdict(list)
    units: defaultdict[Hashable, list[int]] = defaultdict(list)
    for index, quantity in enumerate(article.quantities):
        sentences[quantity.sentence].append(index)
        paragraphs[article.sentences[quantity.sentence].paragraph].append(index)
        units[quantity.unit].append(index)
    yield "sentence", [*sentences.values()]
    yield "paragraph", [*paragraphs.values()]
    yield "article", [[*range(len(article.quantities))]]
    yield "unit", [*units.values()]


@lru_cache(maxsize=64)
def _of_whole(role: str, sure: str, alike: bool) -> Group:
    return Group([f"role of the whole={sure}", f"role of the whole,unit={role},{_unit(alike)}"])


@lru_cache(maxsize=1024)
def _of_other(name: str, sure: str, near: str, alike: bool) -> Group:
    return Group([f"role {name}={sure},{near}", f"role {name},unit={sure},{near},{_unit(alike)}"])


def _unit(alike: bool) -> str:
    return "same" if alike else "other"


@lru_cache(maxsize=4096)
def _of_company(name: str, steps: tuple[int, ...]) -> Group:
    return Group([f"roles of the {name},{role}={step}" for role, step in zip(_TOLD, steps, strict=False)])
