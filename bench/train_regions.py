"""Learn the weights of the divisions of figures from marked reports: ``python -m bench.train_regions [SHARED]``.

Writes ``weights_regions.tsv`` in ``pipeline/lexicon``: what speaks for a division of the text being that of a figure.
The right division of each figure is held against all others at once (a conditional logit), so that the exponents of
the scores are odds. The result depends on nothing but the marks, the rules and the lexicons.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from bench.marked import Marked, marked
from bench.train import LEXICON, Learned, mark_of, write
from pipeline.model import Article, Options
from pipeline.stages import extract, repair, segment, simplify
from pipeline.stages.linear import CONSTANT
from pipeline.stages.locate import choices_of
from pipeline.stages.locate.choice import REGION

#: Strength of regularisation, by cross-validation over articles.
STRENGTH = 3.0

#: A clue must stand with so many figures.
LEAST = 3

#: Steps of the search for the best weights, and when it stops.
_SEARCH = {"maxiter": 150, "gtol": 1e-2, "ftol": 1e-7}


@dataclass(frozen=True)
class Question:
    """A marked figure with the divisions that it may belong to."""

    article: str
    #: the clues of each candidate, and whether it is marked as right
    clues: list[list[str]]
    right: list[bool]


def questions(reports: Sequence[Marked]) -> list[Question]:
    """The marked results of all reports whose division is among their candidates."""
    return [question for report in reports for question in _questions(report)]


def _questions(report: Marked) -> Iterator[Question]:
    article = _read(report.article)
    if not article.quantities:
        return
    choices = choices_of(article)
    if not choices.is_open:
        return
    for index in range(len(article.quantities)):
        answers = _answers(mark_of(article, index, report.figures))
        if answers and choices.is_doubtful(index):
            candidates = choices.candidates(index)
            right = [code in answers for code in candidates]
            if any(right) and not all(right):
                clues = [list(choices.clues(code, candidates, index)) for code in candidates]
                yield Question(article.article_id, clues, right)


def _read(article: Article) -> Article:
    """Run the stages that the rules of places need."""
    for stage in (repair.repair, simplify.simplify, segment.segment, extract.extract):
        article = stage(article, Options())
    return article


def _answers(mark: dict[str, Any] | None) -> list[str]:
    """The divisions marked as right; those of results are."""
    if mark is None or mark["role"] != "result":
        return []
    return [code for code in (mark.get("region") or "").split("|") if code]


def learn_regions(found: Sequence[Question]) -> Learned:
    """The weights under which the right divisions of all figures are most likely."""
    vocabulary = _vocabulary(found)
    matrix = _matrix(found, vocabulary)
    right = numpy.array([r for question in found for r in question.right], float)
    starts = numpy.cumsum([0, *(len(question.right) for question in found)])[:-1]
    weights = _fit(matrix, right, starts)
    return [REGION], {CONSTANT: numpy.zeros(1)} | {clue: weights[i : i + 1] for clue, i in vocabulary.items()}


def _vocabulary(found: Sequence[Question]) -> dict[str, int]:
    counts = Counter(clue for question in found for clue in {clue for row in question.clues for clue in row})
    return {clue: i for i, clue in enumerate(sorted(c for c, n in counts.items() if n >= LEAST and c.isprintable()))}


def _matrix(found: Sequence[Question], vocabulary: dict[str, int]) -> csr_matrix:
    indices: list[int] = []
    bounds = [0]
    for question in found:
        for row in question.clues:
            indices += sorted({vocabulary[clue] for clue in row if clue in vocabulary})
            bounds.append(len(indices))
    cells = (numpy.ones(len(indices)), numpy.array(indices, numpy.int32), numpy.array(bounds, numpy.int32))
    return csr_matrix(cells, shape=(len(bounds) - 1, len(vocabulary)))


def _fit(matrix: csr_matrix, right: NDArray[Any], starts: NDArray[Any]) -> NDArray[Any]:
    """Least loss: minus the log of the odds of the right candidates among all of their figure, plus the squares."""
    turned = matrix.T.tocsr()
    of = numpy.repeat(numpy.arange(len(starts)), numpy.diff([*starts, len(right)]))

    def loss(weights: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        scores = matrix @ weights
        odds = numpy.exp(scores - numpy.maximum.reduceat(scores, starts)[of])
        every, good = numpy.add.reduceat(odds, starts), numpy.add.reduceat(odds * right, starts)
        slope = turned @ (odds / every[of] - odds * right / good[of]) + STRENGTH * weights
        return float(numpy.log(every / good).sum() + STRENGTH / 2 * weights @ weights), slope

    found: NDArray[Any] = minimize(loss, numpy.zeros(matrix.shape[1]), jac=True, method="L-BFGS-B", options=_SEARCH).x
    return found


def main(arguments: Sequence[str]) -> None:
    """Read the marked reports and write the table."""
    shared = Path(arguments[0]) if arguments else Path("../shared")
    found = questions(list(marked(shared)))
    count = write(LEXICON / "weights_regions.tsv", *learn_regions(found))
    print(f"regions: {len(found)} questions, {count} clues")


if __name__ == "__main__":
    main(sys.argv[1:])
