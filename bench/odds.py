"""Learn weights that tell the right ones among candidates: a conditional logit.

The right candidates of each question are held against all its others at once, so that the exponents of the scores
are odds. The result depends on nothing but the questions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from pipeline.stages.linear import CONSTANT

__all__ = ["Learned", "Question", "learn"]

#: Labels, and for every clue its weight for each of them.
Learned = tuple[list[str], dict[str, Any]]

#: A clue must stand with so many questions.
LEAST = 3


@dataclass(frozen=True)
class Question:
    """Candidates that are held against each other."""

    article: str
    #: the clues of each candidate, and whether it is right; one of them at least is
    clues: Sequence[Sequence[str]]
    right: Sequence[bool]


def learn(found: Sequence[Question], label: str, strength: float, steps: int) -> Learned:
    """The weights under which the right candidates of all questions are most likely.

    Args:
        found: the questions.
        label: the label of the model.
        strength: how strongly weights are held near to nothing.
        steps: at most so many steps of the search for the best weights.
    """
    vocabulary = _vocabulary(found)
    matrix = _matrix(found, vocabulary)
    right = numpy.array([r for question in found for r in question.right], float)
    starts = numpy.cumsum([0, *(len(question.right) for question in found)])[:-1]
    weights = _fit(matrix, right, starts, strength, steps)
    return [label], {CONSTANT: numpy.zeros(1)} | {clue: weights[i : i + 1] for clue, i in vocabulary.items()}


def _vocabulary(found: Sequence[Question]) -> dict[str, int]:
    counts = Counter(clue for question in found for clue in {clue for row in question.clues for clue in row})
    return {clue: i for i, clue in enumerate(sorted(c for c, n in counts.items() if n >= LEAST and c.isprintable()))}


def _matrix(found: Sequence[Question], vocabulary: dict[str, int]) -> csr_matrix:
    indices: list[int] = []
    bounds = [0]
    for row in _rows(found):
        indices += sorted({vocabulary[clue] for clue in row if clue in vocabulary})
        bounds.append(len(indices))
    cells = (numpy.ones(len(indices)), numpy.array(indices, numpy.int32), numpy.array(bounds, numpy.int64))
    return csr_matrix(cells, shape=(len(bounds) - 1, len(vocabulary)))


def _rows(found: Sequence[Question]) -> Iterator[Sequence[str]]:
    for question in found:
        yield from question.clues


def _fit(matrix: csr_matrix, right: NDArray[Any], starts: NDArray[Any], strength: float, steps: int) -> NDArray[Any]:
    """Least loss: minus the log of the odds of the right candidates among all of their question, plus the squares."""
    turned = matrix.T.tocsr()
    of = numpy.repeat(numpy.arange(len(starts)), numpy.diff([*starts, len(right)]))

    def loss(weights: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        scores = matrix @ weights
        odds = numpy.exp(scores - numpy.maximum.reduceat(scores, starts)[of])
        every, good = numpy.add.reduceat(odds, starts), numpy.add.reduceat(odds * right, starts)
        slope = turned @ (odds / every[of] - odds * right / good[of]) + strength * weights
        return float(numpy.log(every / good).sum() + strength / 2 * weights @ weights), slope

    search = {"maxiter": steps, "gtol": 1e-2, "ftol": 1e-7}
    found: NDArray[Any] = minimize(loss, numpy.zeros(matrix.shape[1]), jac=True, method="L-BFGS-B", options=search).x
    return found
