"""Metrics of figures: cases, the rules by themselves, and a user's own rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import lexicon
from pipeline.model import Article
from pipeline.stages.classify import choose
from pipeline.stages.classify.rules import OWN_RULE, metric_by_rule

Read = Callable[[str], Article]


def metrics(article: Article) -> dict[str, str]:
    quotes = (article.text[q.start : q.end] for q in article.quantities)
    return {quote: m.metric for quote, m in zip(quotes, article.metrics, strict=True)}


@pytest.mark.case_file("metrics")
def test_metrics(case: dict[str, Any], read: Read) -> None:
    found = metrics(read(case["input"]))
    assert case["figures"] == [{"quote": f["quote"], "metric": found[f["quote"]]} for f in case["figures"]]


def test_only_results_and_targets_have_a_metric(read: Read) -> None:
    article = read("我县现有人口31万人。632名县处级以上干部共查找问题4179个。力争整改率达到95%。")
    for said, metric in zip(article.attributions, article.metrics, strict=True):
        assert bool(metric.metric) == (said.role in ("result", "target"))
        assert 0 <= metric.confidence <= 1


@pytest.mark.parametrize(
    ("action", "thing", "unit", "metric"),
    [
        ("查找", "问题", "个", "issues_found"),
        ("整改", "问题", "个", "issues_rectified"),
        ("整改", "安全隐患", "处", "hazards_rectified"),
        ("立案", "案件", "件", "cases_filed"),
        ("测评", "满意率", "%", "satisfaction_rate"),
        ("压减", "文件", "%", "documents_change"),
    ],
)
def test_rules(action: str, thing: str, unit: str, metric: str) -> None:
    found, rule = metric_by_rule(action, thing, unit, f"{action}{thing}")
    assert found == metric
    assert rule.startswith("metric_rules:")


def test_no_rule_is_other() -> None:
    assert metric_by_rule("参观", "花卉", "盆", "参观花卉") == ("other", "")


@pytest.mark.parametrize(
    ("metric", "rule", "decided", "expected"),
    [
        ("cases_filed", "r", ("cases_filed", 0.4), ("cases_filed", "r", 0.4)),
        ("cases_filed", "r", ("places_built", 0.4), ("cases_filed", "r", 0.5)),
        ("cases_filed", "r", ("places_built", 0.8), ("places_built", "weights", 0.8)),
        ("other", "", ("places_built", 0.3), ("places_built", "weights", 0.3)),
        ("other", "", ("other", 0.3), ("other", "weights", 0.3)),
    ],
)
def test_the_model_overrules_a_rule_only_where_it_is_sure(
    metric: str, rule: str, decided: tuple[str, float], expected: tuple[str, str, float]
) -> None:
    assert choose(metric, rule, decided) == expected


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    """A folder of the user's with a metric of their own and a rule that nothing overrules."""
    (tmp_path / "metrics.csv").write_text(
        "metric,label,label_en,source\nbeehives,养蜂,beehives,mine\n", encoding="utf-8"
    )
    (tmp_path / "metric_rules.csv").write_text(
        "priority,metric,action,object,unit,context,source\n0001,beehives,,蜂箱|问题,,,mine\n", encoding="utf-8"
    )
    lexicon.use([tmp_path])
    yield tmp_path
    lexicon.use([])


def test_own_rules_overrule_rules_and_weights(own: Path, read: Read) -> None:
    article = read("县里新增蜂箱400个，查找问题6个，立案2件。")
    assert metrics(article) == {"400个": "beehives", "6个": "beehives", "2件": "cases_filed"}
    assert [m.rule.startswith(OWN_RULE) for m in article.metrics] == [True, True, False]


def test_rules_and_catalogue_are_in_order() -> None:
    rows = lexicon.table("metric_rules")
    assert [r["priority"] for r in rows] == sorted(r["priority"] for r in rows)
    assert all(r["priority"] >= "0010" for r in rows), "those below are the user's"
    catalogue = {r["metric"] for r in lexicon.table("metrics")}
    assert {r["metric"] for r in rows} <= catalogue
