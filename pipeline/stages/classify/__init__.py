"""classify: the metric of the catalogue that each figure belongs to."""

from __future__ import annotations

from dataclasses import replace

from pipeline.model import Article, Metric, Options
from pipeline.stages.classify.rules import metric_by_rule

__all__ = ["classify", "metrics"]

_NONE = Metric("")


def classify(article: Article, options: Options) -> Article:
    """Read the attributions; add one metric a quantity, none for actors and context."""
    found = metrics(article) if article.quantities else ()
    kept = tuple(
        metric if said.role in ("result", "target") else _NONE
        for metric, said in zip(found, article.attributions, strict=True)
    )
    return replace(article, metrics=kept)


def metrics(article: Article) -> tuple[Metric, ...]:
    """The metric of every quantity whatever its role: by its own wording, else that of its whole."""
    result: list[Metric] = []
    for quantity, said in zip(article.quantities, article.attributions, strict=True):
        clause = article.sentences[quantity.sentence].clauses[quantity.clause]
        stretch = article.text[clause.start : clause.end]
        metric, rule = metric_by_rule(said.action, said.object, quantity.unit, stretch)
        result.append(Metric(metric, rule, 0.9 if rule else 0.5))
    for index, said in enumerate(article.attributions):
        if result[index].metric == "other" and said.part_of is not None and _same_kind(article, index, said.part_of):
            result[index] = Metric(result[said.part_of].metric, "metric of the whole", 0.7)
    return tuple(result)


def _same_kind(article: Article, index: int, whole: int) -> bool:
    """A share is of what its whole is, and so is a part in the same unit."""
    quantity, other = article.quantities[index], article.quantities[whole]
    return quantity.kind == "percent" or quantity.unit == other.unit
