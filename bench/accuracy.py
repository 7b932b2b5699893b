"""How right the product is on reports that nobody tuned for: ``python -m bench.accuracy [SHARED]``.

Prints tables in Markdown, which ``docs/accuracy.md`` explains, and writes ``lexicon/calibration.csv``:

* the levels of ``zhanbao score`` on the sets that are kept for reporting, with 95 % intervals from 1,000 draws of
  whole articles,
* the same levels by cross-validation: every article is read with weights that were learned without it,
* the largest classes of error of the reporting sets, with their counts,
* how often results of a given confidence are right, on the reporting sets.
"""

from __future__ import annotations

import random
import sys
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from sklearn.isotonic import IsotonicRegression
from sklearn.model_selection import GroupKFold

from bench.marked import REPORT, Marked, marked
from bench.train import LEXICON, gather, train
from bench.train_regions import learn_regions, questions
from pipeline import lexicon
from pipeline.explore.scoring import LEVELS, Score, Verdict, compare, verdicts
from pipeline.model import Article
from pipeline.rows import figure_rows
from pipeline.stages import linear, run_stages
from pipeline.tables.validation import wilson

DRAWS, FOLDS = 1000, 3

#: How many classes of error are printed.
CLASSES = 12

#: Sets that belong together.
GROUPS = {
    "county and city reports": ("dev", "local", "made-"),
    "television news": ("train", "tv-"),
}


@dataclass(frozen=True)
class Read:
    """One marked report as the product reads it."""

    report: Marked
    article: Article
    rows: list[dict[str, Any]]

    @property
    def score(self) -> Score:
        """The levels of this report."""
        return compare(self.report.figures, self.rows)

    @property
    def verdicts(self) -> list[Verdict]:
        """What of each figure is right."""
        return list(verdicts(self.report.figures, self.rows))

    def raw_confidence(self, row: dict[str, Any]) -> float:
        """How sure the models are of role and metric of a figure, before calibration."""
        index = next(i for i, other in enumerate(self.rows) if other is row)
        return self.article.attributions[index].confidence * self.article.metrics[index].confidence


def read(report: Marked) -> Read:
    """Walk a marked report through all stages."""
    article = run_stages(report.article)
    return Read(report, article, [asdict(row) for row in figure_rows(article)])


def table(sets: dict[str, Sequence[Read]], intervals: bool) -> Iterator[str]:
    """The levels of each set of reports."""
    yield "| set | articles | " + " | ".join(LEVELS) + " |"
    yield "| --- " * (len(LEVELS) + 2) + "|"
    for name, found in sets.items():
        scores = [one.score for one in found]
        cells = [_interval(level, scores) if intervals else f"{_f1(level, scores):.3f}" for level in LEVELS]
        yield f"| {name} | {len(found)} | " + " | ".join(cells) + " |"


def _interval(level: str, scores: Sequence[Score]) -> str:
    """A level with its interval: drawn again and again by whole articles."""
    draw = random.Random(0)
    values = sorted(_f1(level, [draw.choice(scores) for _ in scores]) for _ in range(DRAWS))
    low, high = values[int(0.025 * DRAWS)], values[int(0.975 * DRAWS) - 1]
    return f"{_f1(level, scores):.3f} ({low:.2f}–{high:.2f})"


def _f1(level: str, scores: Sequence[Score]) -> float:
    found = [s.levels[level] for s in scores]
    right, total = sum(f.right for f in found), sum(f.predicted + f.gold for f in found)
    # a link of a figure read as context counts as right and not as given: so few of them can make more than 1
    return min(1.0, 2 * right / total) if total else 0.0


def cross_validate(shared: Path) -> list[Read]:
    """The reports marked from the bare text that are learned from, read with weights learned from the others."""
    reports = list(marked(shared))
    material, asked = gather(reports), questions(reports)
    result: list[Read] = []
    for learn, hold in GroupKFold(FOLDS).split(reports, None, [r.article.article_id for r in reports]):
        known = {reports[i].article.article_id for i in learn}
        learned = train(material.of(known))
        learned["regions"] = learn_regions([question for question in asked if question.article in known])
        linear.use({name: linear.LinearModel(*one) for name, one in learned.items()})
        result += [read(reports[i]) for i in hold if not reports[i].set.startswith("read-")]
    linear.use({})
    return result


def classes(found: Sequence[Read]) -> Iterator[str]:
    """The largest classes of error with their counts."""
    counts = Counter(name for one in found for verdict in one.verdicts for name in _classes(verdict))
    yield "| error | figures |"
    yield "| --- | --- |"
    yield from (f"| {name} | {count} |" for name, count in counts.most_common(CLASSES))


def _classes(verdict: Verdict) -> Iterator[str]:
    """What is wrong about a figure that is a result, a target or an actor, or was given out as one."""
    gold = verdict.gold["role"] if verdict.gold else "no figure"
    said = verdict.said["role"] if verdict.said else "not found"
    if gold != said and {gold, said} - {"context", "no figure", "not found"}:
        yield f"{gold} read as {said}"
    elif verdict.gold and verdict.said and gold != "context":
        if gold in ("result", "target") and not verdict.metric:
            other = "other" in (verdict.said["metric"], verdict.gold["metric"])
            yield "a metric read as `other`, or the reverse" if other else "one metric read as another"
        if not verdict.quantity:
            yield "bound, unit, upper end or direction"
        if gold == "result" and not verdict.region:
            yield "region"


#: Bounds of the bins of confidence.
BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 1.01)


def reliability(found: Sequence[Read]) -> Iterator[str]:
    """How often the cells of figures given out as results are right, by the column ``confidence``."""
    yield "| confidence | results | whole cell right | 95 % interval |"
    yield "| --- | --- | --- | --- |"
    judged = [v for one in found for v in one.verdicts if v.said and v.said["role"] == "result"]
    for low, high in pairwise(BINS):
        mine = [v.cell for v in judged if v.said and low <= v.said["confidence"] < high]
        if mine:
            bounds = wilson(sum(mine), len(mine))
            share = sum(mine) / len(mine)
            yield f"| {low:.1f} to {min(high, 1.0):.1f} | {len(mine)} | {share:.3f} | {bounds[0]:.2f}–{bounds[1]:.2f} |"


#: Products of the models' shares at which the calibration is written down.
KNOTS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.96, 0.97, 0.98, 0.99, 1.0)


def write_calibration(found: Sequence[Read]) -> None:
    """Write ``lexicon/calibration.csv``: how often a figure is right in role, metric and quantity, never falling.

    Of each step of the curve it is the lower end of the 95 % interval: who goes by it errs on the safe side.
    """
    sure, right = [], []
    for one in found:
        for verdict in one.verdicts:
            if verdict.said is not None and verdict.said["role"] in ("result", "target"):
                sure.append(one.raw_confidence(verdict.said))
                right.append(float(verdict.role and verdict.metric and verdict.quantity))
    curve = IsotonicRegression(y_min=0.0, y_max=0.99, out_of_bounds="clip").fit(sure, right)
    counts = Counter(curve.predict(sure).round(6).tolist())
    steps = sorted(counts)
    least = list(accumulate((wilson(round(step * counts[step]), counts[step])[0] for step in steps), max))
    safe = [least[max(0, bisect_right(steps, share + 1e-6) - 1)] for share in curve.predict(KNOTS).tolist()]
    lines = ["raw,confidence,source"]
    lines += [f"{k:.2f},{share:.3f},bench.accuracy" for k, share in zip(KNOTS, safe, strict=True)]
    (LEXICON / "calibration.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(arguments: Sequence[str]) -> None:
    """Print all tables."""
    shared = Path(arguments[0]) if arguments else Path("../shared")
    validated = cross_validate(shared)
    write_calibration(validated)
    for folders in ([LEXICON], []):  # another choice of lexicons makes the process forget the old calibration
        lexicon.use(folders)
    groups: defaultdict[str, list[Read]] = defaultdict(list)
    for one in validated:
        groups[next(g for g, names in GROUPS.items() if one.report.set.startswith(names))].append(one)
    kept = {name: [read(r) for r in marked(shared, frozenset({name}))] for name in sorted(REPORT)}
    everything = [one for found in kept.values() for one in found]
    for lines in (table(kept, True), table(groups, False), classes(everything), reliability(everything)):
        print("\n".join(lines), end="\n\n")


if __name__ == "__main__":
    main(sys.argv[1:])
