"""Learn weights whose scores are the logarithms of odds: among the candidates of a question, or among labels.

The right candidates of each question (a conditional logit), or the right labels of each example (a multinomial logit),
are held against all others at once; several may be right. The result depends on nothing but what is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from pipeline.stages.linear import CONSTANT

__all__ = ["Learned", "Question", "learn", "learn_labels", "matrix_of"]

#: Labels, and for every clue its weight for each of them.
Learned = tuple[list[str], dict[str, Any]]

#: A clue must stand with so many questions.
LEAST = 3


@dataclass(frozen=True)
class Question:
    """Candidates that are held against each other.

    The weight of :data:`CONSTANT`, where that is among the clues of some candidates, is the model's constant.
    """

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
    vocabulary = _columns(({clue for row in question.clues for clue in row} for question in found), LEAST)
    matrix = _lines(_rows(found), vocabulary)
    right = numpy.array([r for question in found for r in question.right], float)
    starts = numpy.cumsum([0, *(len(question.right) for question in found)])[:-1]
    weights = _fit(matrix, right, starts, strength, steps)
    return [label], {CONSTANT: numpy.zeros(1)} | {clue: weights[i : i + 1] for clue, i in vocabulary.items()}


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

    return _least(loss, matrix.shape[1], steps)


def learn_labels(
    clues: Sequence[Sequence[str]], answers: Sequence[frozenset[str]], strength: float, steps: int, least: int = 2
) -> Learned:
    """The weights under which the right labels of all examples are most likely; any of an example's answers is right.

    Args:
        clues: the clues of each example.
        answers: the labels of each example that are right, one of them at least.
        strength: how strongly weights are held near to nothing.
        steps: at most so many steps of the search for the best weights.
        least: clues of fewer examples are left out.
    """
    labels = sorted(frozenset().union(*answers))
    vocabulary, matrix = matrix_of([(*row, CONSTANT) for row in clues], least)
    turned = matrix.T.tocsr()
    right = numpy.array([[label in some for label in labels] for some in answers], float)
    shape = (matrix.shape[1], len(labels))

    def loss(flat: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        weights = flat.reshape(shape)
        scores = matrix @ weights
        odds = numpy.exp(scores - scores.max(axis=1, keepdims=True))
        every, good = odds.sum(axis=1), (odds * right).sum(axis=1)
        slope = turned @ (odds / every[:, None] - odds * right / good[:, None]) + strength * weights
        return float(numpy.log(every / good).sum() + strength / 2 * flat @ flat), slope.ravel()

    found = _least(loss, shape[0] * shape[1], steps).reshape(shape)
    return labels, {clue: found[i] for clue, i in vocabulary.items()}


def _least(loss: Callable[[NDArray[Any]], tuple[float, NDArray[Any]]], size: int, steps: int) -> NDArray[Any]:
    """The weights of least loss, searched from nothing."""
    search = {"maxiter": steps, "gtol": 1e-2, "ftol": 1e-7}
    found: NDArray[Any] = minimize(loss, numpy.zeros(size), jac=True, method="L-BFGS-B", options=search).x
    return found


def matrix_of(clues: Sequence[Sequence[str]], least: int = 2) -> tuple[dict[str, int], csr_matrix]:
    """The clues that stand in enough examples, with their columns, and one line for each example."""
    vocabulary = _columns(map(set, clues), least)
    return vocabulary, _lines(clues, vocabulary)


def _columns(found: Iterable[set[str]], least: int) -> dict[str, int]:
    """The clues that enough of what was found has, in order, with their columns."""
    counts = Counter(clue for clues in found for clue in clues)
    return {clue: i for i, clue in enumerate(sorted(c for c, n in counts.items() if n >= least and c.isprintable()))}


def _lines(clues: Iterable[Sequence[str]], vocabulary: dict[str, int]) -> csr_matrix:
    indices: list[int] = []
    bounds = [0]
    for row in clues:
        indices += sorted({vocabulary[clue] for clue in row if clue in vocabulary})
        bounds.append(len(indices))
    cells = (numpy.ones(len(indices)), numpy.array(indices, numpy.int32), numpy.array(bounds, numpy.int64))
    return csr_matrix(cells, shape=(len(bounds) - 1, len(vocabulary)))
