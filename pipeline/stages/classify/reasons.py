"""Why a figure has its metric: the rule of the catalogue that fits, and what the other clues make of it."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from pipeline import lexicon
from pipeline.model import Article, Metric, Options
from pipeline.stages.attribute.reasons import MOST, Figure, clue_reasons, figures
from pipeline.stages.classify import read_by_rules, rule_metrics, weighed_clues
from pipeline.stages.linear import load
from pipeline.stages.reason import Reason, Why, weigh

__all__ = ["reasons"]


def reasons(article: Article, options: Options) -> Why:
    """What led to the metric of each quantity: the rule that fits first, then the model's sums and clues."""
    found, by_rule = figures(article, options), rule_metrics(article)
    metrics, unsure = read_by_rules(article)
    clues = dict(zip(unsure, weighed_clues(article, unsure, metrics), strict=True))
    return lambda index: _reasons(found[index], by_rule, clues.get(index))


def _reasons(figure: Figure, by_rules: Sequence[Metric], clues: Sequence[str] | None) -> list[Reason]:
    article, index = figure.article, figure.index
    role = article.attributions[index].role
    if role not in ("result", "target"):
        return [Reason("metric", "metric", "no result", role)]
    found = [_rule(figure, metric) for metric in _rules_of(article, index, by_rules)]
    if clues is None:
        return [*found, Reason("metric", "metric", "own rule")]
    by_rule, model = by_rules[index], load("metrics")
    weighed = weigh(model, tuple(clues), model.decide_all([clues])[0])
    name = "agree" if weighed.label == by_rule.metric else "differ"
    if name == "differ" and article.metrics[index].metric != weighed.label:
        name = "unsure"
    total = Reason(
        "metric",
        "metric",
        name,
        f"{weighed.label},{weighed.share:.2f}",
        weight=weighed.score,
        alternative=weighed.second,
        alternative_weight=weighed.second_score,
    )
    return [*found, total, *clue_reasons("metric", figure, weighed.clues[:MOST], weighed.second)]


def _rules_of(article: Article, index: int, by_rules: Sequence[Metric]) -> list[tuple[int, str]]:
    """The rule that fits a quantity, and that of its whole where that is the one: (quantity, rule)."""
    rule, whole = by_rules[index].rule, article.attributions[index].part_of
    if rule == "metric of the whole" and whole is not None:
        return [(index, rule), (whole, by_rules[whole].rule)]
    return [(index, rule)]


def _rule(figure: Figure, found: tuple[int, str]) -> Reason:
    """A rule with its line, and the words of the text that it fits."""
    index, rule = found
    article = figure.article
    row = next((r for r in lexicon.table("metric_rules") if rule == f"metric_rules:{r['priority']}"), None)
    if row is None:
        return Reason("metric", "metric", rule or "no rule")
    said, quantity = article.attributions[index], article.quantities[index]
    clause = article.sentences[quantity.sentence].clauses[quantity.clause]
    stretches = {
        "action": said.action,
        "object": said.object,
        "unit": quantity.unit,
        "context": article.text[clause.start : clause.end],
    }
    fits = {column: _fit(row[column], column, stretch) for column, stretch in stretches.items() if row[column]}
    words = " ".join(dict.fromkeys(fit for fit in fits.values() if fit))
    return Reason(
        "metric",
        "metric",
        "metric_rules:",
        row["priority"],
        words,
        alternative="" if row["metric"] == article.metrics[figure.index].metric else row["metric"],
        note=f"{', '.join(f'{column} {fit}' for column, fit in fits.items())}; {row['source']}",
    )


def _fit(pattern: str, column: str, stretch: str) -> str:
    """The words that a cell of a rule fits; a unit as a whole."""
    found = regex.fullmatch(pattern, stretch) if column == "unit" else regex.search(pattern, stretch)
    return found.group() if found else ""
