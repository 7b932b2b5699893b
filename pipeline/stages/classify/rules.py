"""The metric that the wording of a figure stands for, by the rules of the catalogue."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import regex

from pipeline import lexicon

__all__ = ["OWN_RULE", "metric_by_rule"]

#: Names of the rules with a priority below 0010: a user's own, which nothing overrules.
OWN_RULE = "metric_rules:000"


class _Rule(NamedTuple):
    name: str
    metric: str
    action: regex.Pattern[str] | None
    object: regex.Pattern[str] | None
    unit: regex.Pattern[str] | None
    context: regex.Pattern[str] | None


def metric_by_rule(action: str, thing: str, unit: str, context: str) -> tuple[str, str]:
    """The metric of a figure and the rule that said so; ('other', '') where no rule fits.

    >>> metric_by_rule("整改", "安全隐患", "处", "已整改安全隐患")[0]
    'hazards_rectified'
    """
    for rule in _rules_of_unit(unit):
        if (
            (rule.action is None or rule.action.search(action))
            and (rule.object is None or rule.object.search(thing))
            and (rule.context is None or rule.context.search(context))
        ):
            return rule.metric, rule.name
    return "other", ""


@cache
def _rules_of_unit(unit: str) -> tuple[_Rule, ...]:
    return tuple(rule for rule in _rules() if rule.unit is None or rule.unit.fullmatch(unit))


lexicon.on_change(_rules_of_unit)


@cache
def _rules() -> tuple[_Rule, ...]:
    def pattern(text: str) -> regex.Pattern[str] | None:
        return regex.compile(text) if text else None

    rows = sorted(lexicon.table("metric_rules"), key=lambda r: r["priority"])
    return tuple(
        _Rule(
            f"metric_rules:{r['priority']}",
            r["metric"],
            pattern(r["action"]),
            pattern(r["object"]),
            pattern(r["unit"]),
            pattern(r["context"]),
        )
        for r in rows
    )


lexicon.on_change(_rules)
