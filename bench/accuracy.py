"""How right the product is on reports that nobody tuned for: ``python -m bench.accuracy [SHARED]``.

Prints three tables in Markdown, which ``docs/accuracy.md`` explains, and writes ``lexicon/calibration.csv``:

* the levels of ``zhanbao score`` on the sets that are kept for reporting, with 95 % intervals from 1,000 draws of
  whole articles,
* role and metric by cross-validation: every article is judged by weights that were learned without it,
* how often figures of a given confidence are right, by the same cross-validation.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sklearn.isotonic import IsotonicRegression
from sklearn.model_selection import GroupKFold

from bench.marked import REPORT, Marked, marked
from bench.train import LEXICON, Example, examples, train
from pipeline import run
from pipeline.explore.scoring import LEVELS, Score, score
from pipeline.model import Options
from pipeline.stages.classify import choose
from pipeline.stages.linear import LinearModel

DRAWS, FOLDS = 1000, 6

#: Sets that belong together.
GROUPS = {
    "county and city reports": ("dev", "local", "made-"),
    "television news": ("train", "tv-"),
}


@dataclass(frozen=True)
class Judged:
    """One figure with what weights that never saw its article say of it."""

    example: Example
    role: str
    metric: str
    confidence: float

    @property
    def right(self) -> bool:
        """Role and metric are right."""
        return self.role == self.example.role and self.metric in self.example.metric.split("|")


def report(shared: Path) -> Iterator[str]:
    """The levels on each set kept for reporting."""
    yield "| set | articles | " + " | ".join(LEVELS) + " |"
    yield "| --- " * (len(LEVELS) + 2) + "|"
    for name in sorted(REPORT):
        reports = list(marked(shared, frozenset({name})))
        if reports:
            cells = _intervals(reports)
            yield f"| {name} | {len(reports)} | " + " | ".join(cells) + " |"


def _intervals(reports: Sequence[Marked]) -> list[str]:
    """Every level of a set with its interval: drawn again and again by whole articles."""
    with tempfile.TemporaryDirectory() as folder:
        dump, out = Path(folder, "dump.jsonl"), Path(folder, "out")
        dump.write_text("".join(_record(r) for r in reports), encoding="utf-8")
        run(dump, out, Options())
        scores = [_scored(r, Path(folder, "gold.jsonl"), out) for r in reports]
    draw = random.Random(0)
    samples = [[draw.choice(scores) for _ in scores] for _ in range(DRAWS)]
    return [_cell(level, scores, samples) for level in LEVELS]


def _record(one: Marked) -> str:
    article = one.article
    day = article.published.isoformat() if article.published else ""
    record = {"id": article.article_id, "title": article.title or "", "date": day, "text": article.raw_text}
    return json.dumps(record, ensure_ascii=False) + "\n"


def _scored(one: Marked, path: Path, out: Path) -> Score:
    path.write_text(json.dumps({"article_id": one.article.article_id, "figures": one.figures}), encoding="utf-8")
    return score(path, out)


def _cell(level: str, scores: Sequence[Score], samples: Sequence[Sequence[Score]]) -> str:
    values = sorted(_f1(level, sample) for sample in samples)
    low, high = values[int(0.025 * len(values))], values[int(0.975 * len(values)) - 1]
    return f"{_f1(level, scores):.3f} ({low:.2f}–{high:.2f})"


def _f1(level: str, scores: Sequence[Score]) -> float:
    found = [s.levels[level] for s in scores]
    right, total = sum(f.right for f in found), sum(f.predicted + f.gold for f in found)
    return 2 * right / total if total else 0.0


def cross_validate(shared: Path) -> list[tuple[str, Judged]]:
    """Every marked figure judged by weights learned from other articles, with the name of its set."""
    reports = list(marked(shared))
    found = [(one.set, e) for one in reports for e in examples([one])]
    articles = [e.article for _, e in found]
    judged: list[tuple[str, Judged]] = []
    for learn, hold in GroupKFold(FOLDS).split(found, None, articles):
        models = {name: LinearModel(*m) for name, m in train([found[i][1] for i in learn]).items()}
        judged += [(found[i][0], _judge(found[i][1], models)) for i in hold]
    return judged


def _judge(example: Example, models: dict[str, LinearModel]) -> Judged:
    role, sure = models["roles"].decide(example.clues)
    metric, _, certain = choose(example.rule_metric, "rule", models["metrics"].decide(example.metric_clues))
    return Judged(example, role, metric, sure * certain)


def by_group(judged: Sequence[tuple[str, Judged]]) -> Iterator[str]:
    """Role and metric for each group of sets."""
    yield "| reports | figures | role | metric F1 |"
    yield "| --- | --- | --- | --- |"
    for group, names in GROUPS.items():
        mine = [j for s, j in judged if s.startswith(names) and "|" not in j.example.role]
        right = sum(j.right and j.role in ("result", "target") for j in mine)
        total = sum((j.role in ("result", "target")) + (j.example.role in ("result", "target")) for j in mine)
        role = sum(j.role == j.example.role for j in mine) / len(mine)
        yield f"| {group} | {len(mine)} | {role:.3f} | {2 * right / total:.3f} |"


def reliability(judged: Sequence[tuple[str, Judged]]) -> Iterator[str]:
    """How often the figures given out as results or targets are right, by confidence."""
    yield "| confidence of role and metric | figures | right |"
    yield "| --- | --- | --- |"
    mine = [j for _, j in judged if "|" not in j.example.role and j.role in ("result", "target")]
    for low, high in ((0.0, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.01)):
        bin_ = [j for j in mine if low <= j.confidence < high]
        if bin_:
            share = sum(j.right for j in bin_) / len(bin_)
            yield f"| {low:.1f} to {min(high, 1.0):.1f} | {len(bin_)} | {share:.3f} |"


#: Products of the models' shares at which the calibration is written down.
KNOTS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.96, 0.98, 1.0)


def write_calibration(judged: Sequence[tuple[str, Judged]]) -> None:
    """Write ``lexicon/calibration.csv``: the share of right figures at each product of shares, never falling."""
    mine = [j for _, j in judged if "|" not in j.example.role and j.role in ("result", "target")]
    curve = IsotonicRegression(y_min=0.0, y_max=0.99, out_of_bounds="clip")
    curve.fit([j.confidence for j in mine], [float(j.right) for j in mine])
    lines = ["raw,confidence,source"]
    lines += [f"{k:.2f},{v:.3f},bench.accuracy" for k, v in zip(KNOTS, curve.predict(KNOTS), strict=True)]
    (LEXICON / "calibration.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(arguments: Sequence[str]) -> None:
    """Print all tables."""
    shared = Path(arguments[0]) if arguments else Path("../shared")
    print("\n".join(report(shared)), end="\n\n")
    judged = cross_validate(shared)
    write_calibration(judged)
    print("\n".join(by_group(judged)), end="\n\n")
    print("\n".join(reliability(judged)))


if __name__ == "__main__":
    main(sys.argv[1:])
