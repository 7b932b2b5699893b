"""A linear model over named clues: small, deterministic, and every decision can be told by its clues.

The weights are a table of the lexicon (``weights_roles.tsv``, ``weights_metrics.tsv``), written by ``make train``
from marked reports; a clue that the table lacks counts nothing.

The weights of a clue for all labels are packed into one whole number, a field of bits for each label, so that one
addition adds them all; sums are exact, in whatever order clues come. Clues come in groups (:class:`Group`) that many
quantities share, those of an article, say; the sum of a group is reckoned once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain
from math import exp
from struct import Struct
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["CONSTANT", "Clues", "Group", "LinearModel", "load", "use"]

#: The clue that every quantity has.
CONSTANT = "always"

#: Weights are kept in units of a ten-thousandth.
_UNIT = 10_000
#: Bits of the field of one label: room for sums up to 200,000, with their sign.
_FIELD = 32
_MIDDLE = 1 << (_FIELD - 1)
#: The field of the first label.
_LOWEST = (1 << _FIELD) - 1


class Group:
    """Clues that are found together, each once, and what the models made of them so far."""

    __slots__ = ("names", "sums")

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(dict.fromkeys(names))
        self.sums: dict[LinearModel, int] = {}


class Clues(Sequence[str]):
    """The clues of one quantity, made of groups that have none in common."""

    __slots__ = ("groups",)

    def __init__(self, groups: tuple[Group, ...]) -> None:
        self.groups = groups

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable([group.names for group in self.groups])

    def __len__(self) -> int:
        return sum(len(group.names) for group in self.groups)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...

    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return tuple(self)[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Clues) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


class LinearModel:
    """One weight for each clue and label; the score of a label is the sum of the weights of the clues at hand."""

    def __init__(self, labels: Sequence[str], weights: Mapping[str, Sequence[float]]) -> None:
        self.labels = tuple(labels)
        self._weights = weights
        # packed when first asked for: most clues of the table stand in no text of a run
        self._packed: dict[str, int | None] = dict.fromkeys(weights)
        self._fields = Struct(f"<{len(self.labels)}I")
        # lifts every field to the middle of its range, so that none is below 0 when the sum is taken apart
        self._middle = int.from_bytes(self._fields.pack(*[_MIDDLE] * len(self.labels)), "little")
        self._start = self._sum([CONSTANT]) + self._middle

    def scores(self, clues: Iterable[str]) -> NDArray[np.float64]:
        """The score of every label, in the order of ``labels``; a clue named twice counts once."""
        scores: NDArray[np.float64] = self._all_scores([clues])[0]
        return scores

    def score(self, clues: Iterable[str]) -> float:
        """The score of the first label, for models that have but one."""
        return ((self._total(clues) & _LOWEST) - _MIDDLE) / _UNIT

    def decide(self, clues: Iterable[str]) -> tuple[str, float]:
        """The label with the highest score, and its share of the odds, whose logarithms the scores are."""
        # with few labels faster than numpy, which wants some microseconds whatever the size
        fields = self._fields.unpack(self._bytes(clues))
        most = max(fields)
        return self.labels[fields.index(most)], 1.0 / sum([exp((field - most) / _UNIT) for field in fields])

    def decide_all(self, clues: Sequence[Iterable[str]]) -> list[tuple[str, float]]:
        """What :meth:`decide` says of each; for models with many labels."""
        if not clues:
            return []
        shares = self.shares(clues)
        best = shares.argmax(axis=1).tolist()
        return [(self.labels[label], share) for label, share in zip(best, shares.max(axis=1).tolist(), strict=True)]

    def shares(self, clues: Sequence[Iterable[str]]) -> NDArray[np.float64]:
        """The share of each label in the odds, whose logarithms the scores are, of each: one line for each."""
        import numpy

        scores = self._all_scores(clues)
        odds = numpy.exp(scores - scores.max(axis=1, keepdims=True))
        shares: NDArray[np.float64] = odds / odds.sum(axis=1, keepdims=True)
        return shares

    def reasons(self, clues: Iterable[str], label: str, most: int = 5) -> list[tuple[str, float]]:
        """The clues that spoke most for a label, with their weights, heaviest first."""
        column = self.labels.index(label)
        found = {clue: float(self._weights[clue][column]) for clue in clues if clue in self._weights}
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))[:most]

    def _all_scores(self, clues: Sequence[Iterable[str]]) -> NDArray[np.float64]:
        import numpy

        fields = numpy.frombuffer(b"".join(map(self._bytes, clues)), dtype="<u4").reshape(len(clues), -1)
        return (fields.astype(numpy.float64) - _MIDDLE) / _UNIT

    def _bytes(self, clues: Iterable[str]) -> bytes:
        """The fields of the sum of all clues, the constant among them."""
        return self._total(clues).to_bytes(self._fields.size, "little")

    def _total(self, clues: Iterable[str]) -> int:
        if not isinstance(clues, Clues):
            return self._start + self._sum({clue for clue in clues if clue != CONSTANT})
        total = self._start
        for group in clues.groups:
            found = group.sums.get(self)
            if found is None:
                found = group.sums[self] = self._sum(group.names)
            total += found
        return total

    def _sum(self, clues: Iterable[str]) -> int:
        packed = self._packed
        return sum([packed[clue] or self._pack(clue) for clue in clues if clue in packed])

    def _pack(self, clue: str) -> int:
        # most weights of a clue are 0, and add nothing
        found = self._packed[clue] = sum(
            [round(weight * _UNIT) << (_FIELD * label) for label, weight in enumerate(self._weights[clue]) if weight]
        )
        return found


class _Table(Mapping[str, Sequence[float]]):
    """The lines of a table of weights, weights × 100; a line's numbers are read when it is asked for."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._cells = {clue: cells for clue, _, cells in (line.partition("\t") for line in lines)}

    def __getitem__(self, clue: str) -> Sequence[float]:
        return [int(cell) / 100 if cell else 0.0 for cell in self._cells[clue].split("\t")]

    def __contains__(self, clue: object) -> bool:
        return clue in self._cells

    def __iter__(self) -> Iterator[str]:
        return iter(self._cells)

    def __len__(self) -> int:
        return len(self._cells)


_given: dict[str, LinearModel] = {}


def use(models: Mapping[str, LinearModel]) -> None:
    """Decide with these models instead of those of the lexicon, to measure weights; with none, go back."""
    _given.clear()
    _given.update(models)


def load(name: str) -> LinearModel:
    """The model of that name: one that :func:`use` gave, else that of the lexicon."""
    return _given.get(name) or _of_lexicon(name)


@cache
def _of_lexicon(name: str) -> LinearModel:
    """The model ``lexicon/weights_NAME.tsv``: a header with the labels, then a line for each clue, weights × 100."""
    table = files("pipeline.lexicon").joinpath(f"weights_{name}.tsv")
    header, *lines = table.read_text(encoding="utf-8").splitlines()
    return LinearModel(header.split("\t")[1:], _Table(lines))
