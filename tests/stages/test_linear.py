"""The linear model, and the two tables of weights that ship with the package."""

from __future__ import annotations

import math

import pytest

from pipeline import lexicon
from pipeline.stages.linear import CONSTANT, LinearModel, load

MODEL = LinearModel(
    ["yes", "no"], {CONSTANT: [0.0, 0.5], "unit=件": [2.0, -1.0], "verb=立案": [1.0, 0.0], "far": [-4.0, 4.0]}
)


def test_the_score_is_the_sum_of_the_weights() -> None:
    assert MODEL.scores(["unit=件", "verb=立案"]).tolist() == [3.0, -0.5]


def test_a_clue_counts_once_and_an_unknown_one_not_at_all() -> None:
    assert MODEL.scores(["far", "far", "never seen"]).tolist() == [-4.0, 4.5]


def test_without_clues_the_constant_decides() -> None:
    label, share = MODEL.decide([])
    assert label == "no"
    yes, no = 0.5, 1 / (1 + math.exp(-0.5))
    assert share == pytest.approx(no / (yes + no))


def test_reasons_are_the_heaviest_clues() -> None:
    assert MODEL.reasons(["verb=立案", "unit=件", "never seen"], "yes") == [("unit=件", 2.0), ("verb=立案", 1.0)]
    assert MODEL.reasons(["verb=立案", "unit=件"], "yes", most=1) == [("unit=件", 2.0)]


def test_roles_are_those_of_the_contract() -> None:
    assert set(load("roles").labels) == {"result", "target", "actor", "context"}


def test_metrics_are_those_of_the_catalogue() -> None:
    assert set(load("metrics").labels) <= {row["metric"] for row in lexicon.table("metrics")}


@pytest.mark.parametrize("name", ["roles", "metrics"])
def test_every_weight_finds_its_label(name: str) -> None:
    model = load(name)
    assert len(model.scores([])) == len(model.labels)
    for label in model.labels:
        assert model.reasons([CONSTANT], label)[0][0] == CONSTANT
