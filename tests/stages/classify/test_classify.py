"""Metrics of figures: cases, the rules by themselves, and a user's own rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import lexicon
from pipeline.model import Article
from pipeline.stages.classify import choose, metric_clues, neighbours, read_by_rules, weighed_clues
from pipeline.stages.classify.rules import OWN_RULE, metric_by_rule
from pipeline.stages.reason import family

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


def test_the_metrics_of_the_figures_around_are_clues(read: Read) -> None:
    article = read("全县排查隐患200处，其中消防120处，占60%。\n培训干部30人。")
    assert [article.text[q.start : q.end] for q in article.quantities] == ["200处", "120处", "60%", "30人"]
    assert article.attributions[1].part_of == 0
    told = ["hazards_found", "other", "", ""]
    assert set(neighbours(article, 1, told).names) == {
        "metric of the whole=hazards_found,",
        "metric of the whole,same unit=hazards_found,",
        "metric before=hazards_found,sentence",
        "metric before,same unit=hazards_found,sentence",
        "metric behind=,sentence",
        "metric behind,other unit=,sentence",
    }
    assert "metric before,share=other,sentence" in neighbours(article, 2, told).names
    # the last one stands in a paragraph of its own
    assert neighbours(article, 3, told).names == ()


def test_what_is_weighed_knows_what_was_said_of_the_figures_around(read: Read) -> None:
    article = read("全县排查隐患200处，其中消防120处、道路交通80处。")
    by_rule, unsure = read_by_rules(article)
    clues = dict(zip(unsure, weighed_clues(article, unsure, by_rule), strict=True))
    for index, some in clues.items():
        own = set(metric_clues(article, index, by_rule[index]))
        assert own <= set(some)
        assert any(clue.startswith("metric before=") for clue in some) == (index > 0)


def test_every_clue_of_the_figures_around_has_words_to_tell_it(read: Read) -> None:
    article = read("全县排查隐患200处，其中消防120处，占60%。")
    for index in range(3):
        assert all(family(clue) for clue in neighbours(article, index, ["issues_found", "", "other"]).names)
