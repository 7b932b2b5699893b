"""Levels of agreement with marked reports: made marks whose right answers are known, and the reference script."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest

from pipeline.explore import GoldError, score
from pipeline.explore.scoring import LEVELS

FIELDS = [
    "start",
    "end",
    "value",
    "value_max",
    "bound",
    "unit",
    "direction",
    "role",
    "metric",
    "action",
    "object",
    "region",
]


@pytest.fixture(scope="module")
def marks(demo: Path) -> list[dict[str, Any]]:
    """The demonstration run's own figures as if they had been marked by hand."""
    figures = ds.dataset(demo / "figures").to_table().to_pylist()
    articles: dict[str, list[dict[str, Any]]] = {}
    for figure in sorted(figures, key=lambda f: (f["article_id"], f["start"], f["figure_id"])):
        articles.setdefault(figure["article_id"], []).append(figure)
    gold = []
    for article_id, found in articles.items():
        number = {figure["figure_id"]: i for i, figure in enumerate(found, 1)}
        marked = [{f: g[f] for f in FIELDS} | {"part_of": number.get(g["part_of"])} for g in found]
        gold.append({"article_id": article_id, "figures": marked})
    return gold


def saved(gold: list[dict[str, Any]], path: Path) -> Path:
    path.write_text("".join(json.dumps(a, ensure_ascii=False) + "\n" for a in gold), encoding="utf-8")
    return path


def changed(gold: list[dict[str, Any]], **fields: Any) -> list[dict[str, Any]]:
    return [{**a, "figures": [{**f, **fields} for f in a["figures"]]} for a in gold]


def test_a_run_agrees_with_itself(demo: Path, marks: list[dict[str, Any]], tmp_path: Path) -> None:
    result = score(saved(marks, tmp_path / "gold.jsonl"), demo)
    assert {name: level.f1 for name, level in result.levels.items()} == dict.fromkeys(LEVELS, 1.0)
    assert result.missing == []


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"value": -1.0}, set(LEVELS)),
        ({"bound": "nothing"}, {"quantity", "cell"}),
        ({"unit": "筐"}, {"quantity", "cell"}),
        ({"region": "999999"}, {"region", "cell"}),
        ({"metric": "nothing"}, {"metric", "cell"}),
        ({"action": "飞"}, {"link"}),
        ({"action": "飞|", "object": "", "direction": "*"}, {"link"}),
        ({"direction": "*", "object": "", "action": ""}, set()),
    ],
)
def test_what_differs_is_wrong_at_its_levels_only(
    demo: Path, marks: list[dict[str, Any]], tmp_path: Path, fields: dict[str, Any], wrong: set[str]
) -> None:
    result = score(saved(changed(marks, **fields), tmp_path / "gold.jsonl"), demo)
    assert {name for name, level in result.levels.items() if level.right == 0} == wrong
    assert all(level.f1 == 1.0 for name, level in result.levels.items() if name not in wrong)


def test_undecidable_roles_are_left_out(demo: Path, marks: list[dict[str, Any]], tmp_path: Path) -> None:
    result = score(saved(changed(marks, role="actor|result"), tmp_path / "gold.jsonl"), demo)
    assert all((level.right, level.gold) == (0, 0) for level in result.levels.values())


def test_articles_that_the_run_lacks_are_named(demo: Path, marks: list[dict[str, Any]], tmp_path: Path) -> None:
    result = score(saved([{**marks[0], "article_id": "elsewhere"}], tmp_path / "gold.jsonl"), demo)
    assert result.missing == ["elsewhere"]


@pytest.mark.parametrize(("line", "said"), [("{", "is no JSON"), ('{"article_id": "a"}', "has no field 'figures'")])
def test_a_gold_file_that_is_none_is_named_with_its_line(demo: Path, tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "gold.jsonl").write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(GoldError, match=rf"gold\.jsonl:2 {said}"):
        score(tmp_path / "gold.jsonl", demo)


def test_it_agrees_with_the_reference_script(
    demo: Path, marks: list[dict[str, Any]], shared: Path, tmp_path: Path
) -> None:
    chance = random.Random(7)
    spoilt = [
        {
            **article,
            "figures": [
                {**figure, **chance.choice(({}, {}, {"role": "context"}, {"unit": "个|件"}, {"region": "110000"}))}
                | chance.choice(
                    ({}, {}, {"part_of": 1}, {"value": 5.0}, {"metric": "other|issues_found"}, {"action": "查找"})
                )
                for figure in article["figures"]
            ],
        }
        for article in marks
    ]
    gold = saved(spoilt, tmp_path / "gold.jsonl")
    command = [sys.executable, shared / "eval" / "score.py", gold, demo, "--json"]
    reference = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    said = score(gold, demo).as_dict()
    for level in LEVELS:
        assert said[level] == pytest.approx(reference[level]), level
