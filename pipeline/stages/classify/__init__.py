"""classify: the metric of the catalogue that each figure belongs to."""

from __future__ import annotations

from dataclasses import replace

from pipeline.model import Article, Metric, Options
from pipeline.stages.classify.rules import metric_by_rule

__all__ = ["classify"]

_NONE = Metric("")


def classify(article: Article, options: Options) -> Article:
    """Read the attributions; add one metric a quantity, none for actors and context."""
    metrics = []
    for quantity, said in zip(article.quantities, article.attributions, strict=True):
        if said.role not in ("result", "target"):
            metrics.append(_NONE)
            continue
        clause = article.sentences[quantity.sentence].clauses[quantity.clause]
        metric, rule = metric_by_rule(said.action, said.object, quantity.unit, article.text[clause.start : clause.end])
        metrics.append(Metric(metric, rule, 0.9 if rule else 0.5))
    return replace(article, metrics=tuple(metrics))
