"""classify: the metric of the catalogue that each figure belongs to.

The rules of the catalogue (:mod:`.rules`) read the wording; a linear model weighs their reading together with the
other clues of the figure, what it says of the figures around among them, and decides where it is sure or the rules
have no answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from pipeline.model import Article, Metric, Options, Quantity, evolve
from pipeline.stages.classify.rules import OWN_RULE, metric_by_rule
from pipeline.stages.linear import Clues, Group, load

__all__ = ["choose", "classify", "metric_clues", "neighbours", "read_by_rules", "rule_metrics", "weighed_clues"]

_NONE = Metric("")

#: The model decides against a rule only if it is at least this sure.
_SURE = 0.5

#: Clues of the role, and of words too far away, say nothing about the metric.
_KINDS = (
    "unit=",
    "kind=",
    "verb",
    "group",
    "thing",
    "left",
    "right",
    "direction",
    "change",
    "part",
    "whole",
    "joined",
    "near",
    "preposition",
    "clause ends",
    "bracket",
    "word=",
)


def classify(article: Article, options: Options) -> Article:
    """Read the attributions and the clues; add one metric a quantity, none for actors and context."""
    if not article.attributions:
        return article
    metrics, unsure = read_by_rules(article)
    decided = load("metrics").decide_all(weighed_clues(article, unsure, metrics))
    for index, answer in zip(unsure, decided, strict=True):
        metrics[index] = Metric(*choose(metrics[index].metric, metrics[index].rule, answer))
    return evolve(article, metrics=tuple(metrics))


def read_by_rules(article: Article) -> tuple[list[Metric], list[int]]:
    """The metrics that the rules give to results and targets, and the numbers of those that are to be weighed."""
    by_rule = _RuleReading(article)
    metrics = [_NONE] * len(article.attributions)
    unsure: list[int] = []
    for index, said in enumerate(article.attributions):
        if said.role in ("result", "target"):
            metrics[index] = by_rule.of(index)
            if not metrics[index].rule.startswith(OWN_RULE):
                unsure.append(index)
    return metrics, unsure


def weighed_clues(article: Article, unsure: Sequence[int], by_rule: Sequence[Metric]) -> list[Sequence[str]]:
    """The clues by which figures are weighed: their own, and what these alone say of the figures around them."""
    # clues of the other kinds are not in the table of the weights: the model passes over them
    clues = [_clues(article, index, by_rule[index]) for index in unsure]
    metrics = [metric.metric for metric in by_rule]
    for index, (metric, _) in zip(unsure, load("metrics").decide_all(clues), strict=True):
        metrics[index] = metric
    return [_with(one, neighbours(article, index, metrics)) for one, index in zip(clues, unsure, strict=True)]


def _with(clues: Sequence[str], group: Group) -> Sequence[str]:
    return Clues((*clues.groups, group)) if isinstance(clues, Clues) else (*clues, *group.names)


def neighbours(article: Article, index: int, metrics: Sequence[str]) -> Group:
    """Clues of the metrics of the whole, and of the numbers before and behind in the paragraph."""
    quantities, whole = article.quantities, article.attributions[index].part_of
    here, found = quantities[index], []
    others = {"of the whole": whole, "before": index - 1, "behind": index + 1}
    for name, other in others.items():
        if other is not None and 0 <= other < len(quantities):
            near = "" if name == "of the whole" else _near(article, here, quantities[other])
            if near is not None:
                found.append((name, _relation(here, quantities[other]), near, metrics[other]))
    return _of_neighbours(*found)


def _near(article: Article, one: Quantity, other: Quantity) -> str | None:
    """The smallest stretch that holds two numbers: clause, sentence or paragraph; None if none does."""
    if one.sentence == other.sentence:
        return "clause" if one.clause == other.clause else "sentence"
    sentences = article.sentences
    return "paragraph" if sentences[one.sentence].paragraph == sentences[other.sentence].paragraph else None


def _relation(one: Quantity, other: Quantity) -> str:
    if one.unit == other.unit:
        return "same unit"
    return "share" if one.kind == "percent" else "other unit"


@lru_cache(maxsize=8192)
def _of_neighbours(*around: tuple[str, str, str, str]) -> Group:
    found: list[str] = []
    for name, relation, near, metric in around:
        found += [f"metric {name}={metric},{near}", f"metric {name},{relation}={metric},{near}"]
    return Group(found)


def _clues(article: Article, index: int, by_rule: Metric) -> Sequence[str]:
    """All clues of a quantity, the reading of the rules and the names chosen for deed and thing among them."""
    clues, own = article.clues[index], _own_clues(article, index, by_rule)
    return Clues((*clues.groups, *own)) if isinstance(clues, Clues) else (*clues, *(c for g in own for c in g.names))


def _own_clues(article: Article, index: int, by_rule: Metric) -> tuple[Group, Group]:
    """The clues that this stage adds."""
    said, unit = article.attributions[index], article.quantities[index].unit
    return _of_rule(by_rule.metric, unit), _of_names(said.action, said.object[-3:], unit)


@lru_cache(maxsize=4096)
def _of_names(action: str, thing: str, unit: str) -> Group:
    """Clues of the action and of the end of the object, as they were weighed."""
    ends = [f"named thing ends={thing[-n:]}" for n in (1, 2, 3) if len(thing) >= n]
    named = [f"named verb={action}", f"named verb,unit={action},{unit}", f"named verb,thing={action},{thing[-2:]}"]
    return Group([*named, *ends, f"named thing,unit={thing[-2:]},{unit}"])


@lru_cache(maxsize=1024)
def _of_rule(metric: str, unit: str) -> Group:
    return Group([f"rule metric={metric}", f"rule metric,unit={metric},{unit}"])


def choose(metric: str, rule: str, decided: tuple[str, float]) -> tuple[str, str, float]:
    """Between the reading of the rules and that of the model: (metric, rule, confidence)."""
    learned, confidence = decided
    if learned == metric:
        return metric, rule or "weights", confidence
    if confidence > _SURE or metric == "other":
        return learned, "weights", confidence
    return metric, rule, _SURE


def metric_clues(article: Article, index: int, by_rule: Metric) -> list[str]:
    """The clues of a quantity that speak of its metric, the reading of the rules among them."""
    found = [clue for clue in article.clues[index] if clue.startswith(_KINDS)]
    return [*found, *(clue for group in _own_clues(article, index, by_rule) for clue in group.names)]


def rule_metrics(article: Article) -> tuple[Metric, ...]:
    """The metric of every quantity by rules alone, whatever its role."""
    reading = _RuleReading(article)
    return tuple(reading.of(index) for index in range(len(article.quantities)))


class _RuleReading:
    """The reading of the rules, made once for each quantity that is asked for."""

    def __init__(self, article: Article) -> None:
        self._article = article
        self._known: dict[int, Metric] = {}

    def of(self, index: int) -> Metric:
        """The metric of a quantity by its own wording, else that of its whole."""
        own = self._own(index)
        whole = self._article.attributions[index].part_of
        if own.metric != "other" or whole is None or not _same_kind(self._article, index, whole):
            return own
        return Metric(self._own(whole).metric, "metric of the whole", 0.7)

    def _own(self, index: int) -> Metric:
        if index not in self._known:
            article, quantity = self._article, self._article.quantities[index]
            clause = article.sentences[quantity.sentence].clauses[quantity.clause]
            said = article.attributions[index]
            stretch = article.text[clause.start : clause.end]
            metric, rule = metric_by_rule(said.action, said.object, quantity.unit, stretch)
            self._known[index] = Metric(metric, rule, 0.9 if rule else 0.5)
        return self._known[index]


def _same_kind(article: Article, index: int, whole: int) -> bool:
    """A share is of what its whole is, and so is a part in the same unit."""
    quantity, other = article.quantities[index], article.quantities[whole]
    return quantity.kind == "percent" or quantity.unit == other.unit
