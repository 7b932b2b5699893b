"""A linear model over named clues: small, deterministic, and every decision can be told by its clues.

The weights are a table of the lexicon (``weights_roles.tsv``, ``weights_metrics.tsv``), written by ``make train``
from marked reports; a clue that the table lacks counts nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["LinearModel", "load"]


class LinearModel:
    """One weight for each clue and label; the score of a label is the sum of the weights of the clues at hand."""

    def __init__(self, labels: Sequence[str], weights: dict[str, Sequence[float]]) -> None:
        import numpy

        self.labels = tuple(labels)
        self._rows = {clue: number for number, clue in enumerate(weights)}
        self._weights: NDArray[np.float64] = numpy.array(list(weights.values()), dtype=numpy.float64)
        self._constant = self._rows[CONSTANT]

    def scores(self, clues: Iterable[str]) -> NDArray[np.float64]:
        """The score of every label, in the order of ``labels``; a clue named twice counts once."""
        rows = self._rows
        known = sorted({rows[clue] for clue in clues if clue in rows} | {self._constant})
        total: NDArray[np.float64] = self._weights[known].sum(axis=0)
        return total

    def decide(self, clues: Iterable[str]) -> tuple[str, float]:
        """The label with the highest score, and its share among the labels (0 to 1)."""
        import numpy

        odds = 1.0 / (1.0 + numpy.exp(-self.scores(clues)))
        best = int(odds.argmax())
        return self.labels[best], float(odds[best] / odds.sum())

    def reasons(self, clues: Iterable[str], label: str, most: int = 5) -> list[tuple[str, float]]:
        """The clues that spoke most for a label, with their weights, heaviest first."""
        column = self.labels.index(label)
        found = {clue: float(self._weights[self._rows[clue], column]) for clue in clues if clue in self._rows}
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))[:most]


#: The clue that every quantity has.
CONSTANT = "always"


@cache
def load(name: str) -> LinearModel:
    """The model ``lexicon/weights_NAME.tsv``: a header with the labels, then a line for each clue, weights × 100."""
    lines = files("pipeline.lexicon").joinpath(f"weights_{name}.tsv").read_text(encoding="utf-8").splitlines()
    labels = lines[0].split("\t")[1:]
    weights: dict[str, Sequence[float]] = {}
    for line in lines[1:]:
        clue, *cells = line.split("\t")
        weights[clue] = [int(cell) / 100 if cell else 0.0 for cell in cells]
    return LinearModel(labels, weights)
