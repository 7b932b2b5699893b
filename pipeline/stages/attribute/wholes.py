"""Wholes, weighed: among the numbers close by, the one that most speaks for being the whole of a part.

A linear model (``lexicon/weights_wholes.tsv``) weighs the clues of :mod:`.pairs`; a quantity is a part where some
candidate scores above nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.model import Article
from pipeline.stages.attribute.deeds import Deed
from pipeline.stages.attribute.frames import SentenceFrames
from pipeline.stages.attribute.pairs import Pairs, Parents
from pipeline.stages.linear import LinearModel, load

__all__ = ["WHOLE", "decided_before", "is_weighed", "possible", "weigh"]

#: The label of the model.
WHOLE = "whole"


def weigh(
    article: Article,
    sentences: Sequence[SentenceFrames],
    deeds: Sequence[Deed],
    by_rule: Parents,
    roles: Sequence[str],
) -> list[int | None]:
    """The index of the whole of every quantity, or None; context has none where the rules name none."""
    pairs = Pairs(article, sentences, deeds, by_rule, roles)
    model = load("wholes")
    decided: list[int | None] = list(by_rule)
    for index, role in enumerate(roles):
        if is_weighed(role, by_rule[index]):
            decided[index] = _best(pairs, model, index, decided)
    return decided


def is_weighed(role: str, by_rule: int | None) -> bool:
    """Whether wholes are weighed for a quantity: of context seldom one is told, and most quantities are context."""
    return role != "context" or by_rule is not None


def _best(pairs: Pairs, model: LinearModel, index: int, decided: Parents) -> int | None:
    """The candidate with the highest score, if that is above nothing; of equals the nearest."""
    best, most = None, 0.0
    for whole in possible(pairs, index, decided):
        score = model.score(pairs.clues(whole, index, decided))
        if score > most:
            best, most = whole, score
    return best


def possible(pairs: Pairs, part: int, decided: Parents) -> Iterator[int]:
    """The candidates for the whole of a quantity that are no parts of it themselves, the nearest first."""
    return (
        whole for whole in pairs.candidates(part) if not _leads_back(decided, whole, part, pairs.first_beside(part))
    )


def decided_before(by_rule: Parents, weighed: Parents, part: int) -> list[int | None]:
    """What :func:`weigh` goes by when it comes to a quantity: weighed wholes before it, wholes by rule from it on.

    >>> decided_before([None, 0, 1], [None, None, 0], 2)
    [None, None, 1]
    """
    return [*weighed[:part], *by_rule[part:]]


def _leads_back(parents: Parents, whole: int, part: int, first: int) -> bool:
    """Whether the part would become the whole of its own whole.

    A whole behind its part is of the same sentence: from before ``first``, the first of the part's sentence, no way
    leads back to it.
    """
    seen = 0
    at: int | None = whole
    while at is not None and at >= first and seen < len(parents):
        if at == part:
            return True
        at, seen = parents[at], seen + 1
    return False
