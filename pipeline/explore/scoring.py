"""How well a run agrees with articles that were marked by hand, level by level.

The levels, over all gold articles together:

========  ================================================================  =====================
level     what is right                                                      measure
========  ================================================================  =====================
found     the spans overlap and the values agree                             precision, recall, F1
quantity  of the found: upper end, bound, direction and unit too             share
role      of the found: result, target, actor or context                     share
metric    the role is result or target, and the metric's id                  precision, recall, F1
region    of the found results: the code of the division                     share
link      of the found results: action and object, each containing the       share
          gold's word or contained in it
part_of   the whole that a figure is a part of                               precision, recall, F1
cell      the whole fact: result, quantity, metric and region                precision, recall, F1
========  ================================================================  =====================

Where the gold joins answers with ``|`` each is right; ``*`` as direction accepts any. A figure whose role is
joined so is left out, and so is a parent link marked ``part_of_open``. Context figures that a run leaves out or
adds as context are no error; one given out as a result is an error of ``metric`` and ``cell``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.explore.lookup import records
from pipeline.tables.store import open_run

__all__ = ["LEVELS", "GoldError", "Level", "Score", "Verdict", "compare", "score", "verdicts"]

LEVELS = ("found", "quantity", "role", "metric", "region", "link", "part_of", "cell")

#: levels that ask of what was found how much is right; the others are measured by precision and recall
_SHARES = frozenset({"quantity", "role", "region", "link"})

Record = Mapping[str, Any]


class GoldError(ValueError):
    """A gold file is not of the form that it should have; the message names the line."""


@dataclass(slots=True)
class Level:
    """Counts of one level. For a share, ``predicted`` and ``gold`` are the same: all that was judged."""

    right: int = 0
    predicted: int = 0
    gold: int = 0

    @property
    def precision(self) -> float:
        """Right among predicted; 0 where nothing was predicted."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Right among those in the gold; 0 where there are none."""
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; of a share, the share itself."""
        both = self.predicted + self.gold
        return 2 * self.right / both if both else 0.0


@dataclass(slots=True)
class Score:
    """The levels of a comparison, by name in the order of :data:`LEVELS`."""

    levels: dict[str, Level] = field(default_factory=lambda: {name: Level() for name in LEVELS})
    #: articles with marked figures of which the run has none
    missing: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers, for JSON: P, R and F1 of a level, or its share, with the counts."""
        out: dict[str, Any] = {}
        for name, level in self.levels.items():
            if name in _SHARES:
                out[name] = {"share": level.f1, "right": level.right, "of": level.gold}
            else:
                counts = {"right": level.right, "predicted": level.predicted, "gold": level.gold}
                out[name] = {"P": level.precision, "R": level.recall, "F1": level.f1} | counts
        return out | {"missing": self.missing}


def score(gold: str | os.PathLike[str], out: str | os.PathLike[str]) -> Score:
    """Compare the figures of a run with a gold file.

    Args:
        gold: JSON lines, one article each: ``article_id`` and ``figures`` with ``start``, ``end`` (into
            ``raw_text``), ``value``, ``value_max``, ``bound``, ``unit``, ``direction``, ``role``, ``metric``,
            ``action``, ``object``, ``region`` and ``part_of`` (number of the whole among the article's figures,
            from 1).
        out: the output folder of the run.

    Raises:
        GoldError: a line of the gold is no JSON, or lacks a field.
    """
    result = Score()
    with open_run(Path(out)) as db:
        for number, line in enumerate(Path(gold).read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                article = json.loads(line)
                query = "SELECT * FROM figures WHERE article_id = ? ORDER BY start, figure_id"
                said = records(db, query, article["article_id"])
                _Comparison(article["figures"], said, result.levels).count()
            except (KeyError, json.JSONDecodeError) as error:
                said_what = f"has no field {error}" if isinstance(error, KeyError) else f"is no JSON: {error}"
                raise GoldError(f"{gold}:{number} {said_what}") from error
            if article["figures"] and not said:
                result.missing.append(article["article_id"])
    return result


def compare(gold: Sequence[Record], said: Sequence[Record]) -> Score:
    """Compare the figures that one article has in the gold with those that were read from it."""
    result = Score()
    _Comparison(gold, said, result.levels).count()
    return result


@dataclass(frozen=True, slots=True)
class Verdict:
    """One figure of the gold, of what was read, or of both, and what of it is right."""

    gold: Record | None
    said: Record | None
    role: bool = False
    metric: bool = False
    quantity: bool = False
    region: bool = False

    @property
    def cell(self) -> bool:
        """Whether the whole fact is right."""
        return self.role and self.metric and self.quantity and self.region


def verdicts(gold: Sequence[Record], said: Sequence[Record]) -> Iterator[Verdict]:
    """What is right of each figure of an article; figures whose role is undecidable are left out."""
    pairs = _pair(gold, said)
    for i, figure in enumerate(gold):
        if "|" not in figure["role"]:
            yield _verdict(figure, said[pairs[i]] if i in pairs else None)
    paired = set(pairs.values())
    yield from (Verdict(None, figure) for j, figure in enumerate(said) if j not in paired)


def _verdict(gold: Record, said: Record | None) -> Verdict:
    if said is None:
        return Verdict(gold, None)
    metric = gold["role"] not in ("result", "target") or said["metric"] in _answers(gold["metric"])
    return Verdict(
        gold, said, said["role"] == gold["role"], metric, _quantity_agrees(gold, said), _region_agrees(gold, said)
    )


class _Comparison:
    """One article: the gold's figures, the run's, and which belong together."""

    def __init__(self, gold: Sequence[Record], said: Sequence[Record], levels: dict[str, Level]) -> None:
        self._gold = gold
        self._said = said
        self._levels = levels
        self._pairs = _pair(gold, said)
        self._position = {figure["figure_id"]: i for i, figure in enumerate(said)}

    def count(self) -> None:
        """Add what this article has to the levels."""
        moot = {i for i, figure in enumerate(self._gold) if "|" in figure["role"]}
        for i, figure in enumerate(self._gold):
            if i not in moot:
                self._count_gold(figure, self._said[self._pairs[i]] if i in self._pairs else None)
        passed_over = {self._pairs[i] for i in moot if i in self._pairs}
        back = {j: self._gold[i] for i, j in self._pairs.items()}
        for j, figure in enumerate(self._said):
            if j not in passed_over:
                self._count_said(figure, back.get(j))

    def _count_gold(self, gold: Record, said: Record | None) -> None:
        counts = gold["role"] != "context"
        result = gold["role"] == "result"
        named = gold["role"] in ("result", "target")
        linked = counts and not _empty(gold.get("part_of")) and not gold.get("part_of_open")
        self._levels["found"].gold += counts
        self._levels["metric"].gold += named
        self._levels["cell"].gold += result
        self._levels["part_of"].gold += linked
        if said is None:
            return
        quantity, region = _quantity_agrees(gold, said), _region_agrees(gold, said)
        role = said["role"] == gold["role"]
        metric = named and role and said["metric"] in _answers(gold["metric"])
        if counts:
            self._levels["found"].right += 1
            self._levels["found"].predicted += 1
            self._judge("quantity", quantity)
        self._judge("role", role)
        self._levels["metric"].right += metric
        if result:
            self._judge("region", region)
            self._judge(
                "link", _words_agree(said["action"], gold["action"]) and _words_agree(said["object"], gold["object"])
            )
            self._levels["cell"].right += metric and region and quantity
        if linked:
            self._levels["part_of"].right += self._same_whole(gold, said)

    def _judge(self, level: str, right: bool) -> None:
        self._levels[level].right += right
        self._levels[level].predicted += 1
        self._levels[level].gold += 1

    def _same_whole(self, gold: Record, said: Record) -> bool:
        whole = self._pairs.get(int(gold["part_of"]) - 1)
        return whole is not None and self._position.get(said["part_of"]) == whole

    def _count_said(self, said: Record, gold: Record | None) -> None:
        if gold is None and said["role"] != "context":
            self._levels["found"].predicted += 1
        self._levels["metric"].predicted += said["role"] in ("result", "target")
        self._levels["cell"].predicted += said["role"] == "result"
        open_link = gold is not None and (gold["role"] == "context" or bool(gold.get("part_of_open")))
        if said["part_of"] and said["role"] != "context" and not open_link:
            self._levels["part_of"].predicted += 1


def _pair(gold: Sequence[Record], said: Sequence[Record]) -> dict[int, int]:
    """Pair each gold figure with at most one of the run: spans overlap, values agree, longest overlap first."""
    taken: set[int] = set()
    pairs: dict[int, int] = {}
    for _, i, j in sorted(_overlaps(gold, said)):
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return pairs


def _overlaps(gold: Sequence[Record], said: Sequence[Record]) -> Iterator[tuple[int, int, int]]:
    for i, g in enumerate(gold):
        for j, s in enumerate(said):
            overlap = min(g["end"], s["end"]) - max(g["start"], s["start"])
            if overlap > 0 and _same(g["value"], s["value"]):
                yield -overlap, i, j


def _same(a: Any, b: Any) -> bool:
    return abs(float(a) - float(b)) <= 1e-4 + 1e-9 * max(abs(float(a)), abs(float(b)))


def _empty(value: object) -> bool:
    return value is None or value == ""


def _answers(cell: object) -> set[str]:
    return {answer for answer in str(cell or "").split("|") if answer}


def _quantity_agrees(gold: Record, said: Record) -> bool:
    upper, said_upper = gold.get("value_max"), said["value_max"]
    if _empty(upper) or _empty(said_upper):
        upper_agrees = _empty(upper) and _empty(said_upper)
    else:
        upper_agrees = _same(upper, said_upper)
    direction = gold.get("direction") or ""
    units = _answers(gold["unit"].replace("％", "%")) or {""}
    return (
        upper_agrees
        and direction in ("*", said["direction"])
        and said["bound"] in _answers(gold["bound"])
        and said["unit"].replace("％", "%") in units
    )


def _region_agrees(gold: Record, said: Record) -> bool:
    wanted = _answers(gold.get("region"))
    return not wanted or said["region"] in wanted


def _words_agree(said: str, gold: str) -> bool:
    return not gold or any(bool(said) and (answer in said or said in answer) for answer in _answers(gold))
