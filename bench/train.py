"""Learn the weights of the clues from marked reports: ``python -m bench.train [SHARED]``.

Writes ``pipeline/lexicon/weights_roles.tsv`` and ``weights_metrics.tsv``. The reports of the sets in
``marked.REPORT`` are left out. The result depends on nothing but the marks, the rules and the lexicons.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from bench.marked import Marked, marked
from pipeline.model import Article, Options
from pipeline.stages import attribute, classify, extract, repair, segment, simplify
from pipeline.stages.attribute.roles import sequence_clues
from pipeline.stages.linear import CONSTANT

LEXICON = Path(__file__).parents[1] / "pipeline" / "lexicon"

#: Inverse strength of regularisation, by cross-validation over articles.
ROLE_C, METRIC_C = 0.3, 4.0

#: ``other`` is what remains where no metric fits; it is the commonest answer, and is given out too often unless its
#: score is lowered by so much (by cross-validation).
OTHER_LOWERED = 0.7

#: A clue must stand in so many examples.
LEAST = 2

#: Weights nearer to nothing than this are left out.
SMALLEST = 0.02


@dataclass(frozen=True)
class Example:
    """One quantity with its clues and its mark."""

    article: str
    role: str
    metric: str
    clues: list[str]
    metric_clues: list[str]
    rule_metric: str


def examples(reports: Sequence[Marked]) -> list[Example]:
    """The marked quantities of all reports; those whose role a reader could not decide serve the metric alone."""
    return [example for report in reports for example in _examples(report)]


def read(article: Article) -> Article:
    """Run the stages that the clues come from."""
    options = Options()
    for module in (repair, simplify, segment, extract, attribute):
        name = module.__name__.rsplit(".", 1)[1]
        article = getattr(module, name)(article, options)
    return article


def _examples(report: Marked) -> list[Example]:
    article = read(report.article)
    marks = [_mark(article, index, report.figures) for index in range(len(article.quantities))]
    roles = ["context" if mark is None else mark["role"].split("|")[0] for mark in marks]
    by_rule = classify.rule_metrics(article) if article.quantities else ()
    found = []
    for index, mark in enumerate(marks):
        if mark is None:
            continue
        said = article.attributions[index]
        clues = [c for c in article.clues[index] if not c.startswith(("previous role", "whole role"))]
        source = next(c.removeprefix("verb from=") for c in clues if c.startswith("verb from="))
        clues += sequence_clues(article, index, roles, said.part_of, source)
        own = classify.metric_clues(article, index, by_rule[index])
        found.append(Example(article.article_id, mark["role"], mark["metric"], clues, own, by_rule[index].metric))
    return found


def _mark(article: Article, index: int, figures: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    quantity = article.quantities[index]
    start, end = article.offsets.raw_span(quantity.start, quantity.end)
    for figure in figures:
        overlap = min(end, figure["end"]) > max(start, figure["start"])
        if overlap and abs(quantity.value - float(figure["value"])) <= 1e-4 + 1e-9 * abs(quantity.value):
            return figure
    return None


def learn(clues: Sequence[Sequence[str]], labels: Sequence[str], strength: float) -> tuple[list[str], dict[str, Any]]:
    """The labels, and for every clue its weight for each of them."""
    counts = Counter(clue for row in clues for clue in set(row))
    vocabulary = {c: i for i, c in enumerate(sorted(c for c, n in counts.items() if n >= LEAST and "\t" not in c))}
    indices: list[int] = []
    bounds = [0]
    for row in clues:
        indices += sorted({vocabulary[c] for c in row if c in vocabulary})
        bounds.append(len(indices))
    matrix = csr_matrix(
        (numpy.ones(len(indices)), numpy.array(indices, numpy.int32), numpy.array(bounds, numpy.int32)),
        shape=(len(clues), len(vocabulary)),
    )
    model = OneVsRestClassifier(LogisticRegression(C=strength, solver="liblinear", tol=1e-3, random_state=0))
    model.fit(matrix, labels)
    weights = numpy.vstack([e.coef_[0] for e in model.estimators_]).T
    constants = numpy.array([e.intercept_[0] for e in model.estimators_])
    return [str(c) for c in model.classes_], {CONSTANT: constants} | {c: weights[i] for c, i in vocabulary.items()}


def write(path: Path, labels: Sequence[str], weights: dict[str, Any]) -> int:
    """Write a table of weights × 100 and return its number of clues."""
    lines = ["\t".join(["clue", *labels])]
    for clue, row in weights.items():
        cells = [str(round(100 * w)) if abs(w) >= SMALLEST else "" for w in row]
        if clue == CONSTANT or any(cells):
            lines.append("\t".join([clue, *cells]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines) - 1


def train(found: Sequence[Example]) -> dict[str, tuple[list[str], dict[str, Any]]]:
    """Both models, by name."""
    sure = [e for e in found if "|" not in e.role]
    metrics = [(e.metric_clues, _answer(e)) for e in found if e.metric and e.role.split("|")[0] != "context"]
    labels, weights = learn([c for c, _ in metrics], [m for _, m in metrics], METRIC_C)
    if "other" in labels:
        weights[CONSTANT][labels.index("other")] -= OTHER_LOWERED
    return {"roles": learn([e.clues for e in sure], [e.role for e in sure], ROLE_C), "metrics": (labels, weights)}


def _answer(example: Example) -> str:
    """Of several right answers that of the rules, else the first."""
    answers = example.metric.split("|")
    return example.rule_metric if example.rule_metric in answers else answers[0]


def main(arguments: Sequence[str]) -> None:
    """Read the marked reports and write both tables."""
    shared = Path(arguments[0]) if arguments else Path("../shared")
    found = examples(list(marked(shared)))
    for name, (labels, weights) in train(found).items():
        count = write(LEXICON / f"weights_{name}.tsv", labels, weights)
        print(f"{name}: {len(found)} marked figures, {len(labels)} labels, {count} clues")


if __name__ == "__main__":
    main(sys.argv[1:])
