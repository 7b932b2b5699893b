"""The linear model, and the two tables of weights that ship with the package."""

from __future__ import annotations

import math
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import lexicon
from pipeline.stages.linear import CONSTANT, Clues, Group, LinearModel, load

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
    yes, no = 1.0, math.exp(0.5)
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


def test_groups_of_clues_sum_up_to_the_same_scores() -> None:
    groups = Clues((Group(["unit=件", "unit=件"]), Group([]), Group(["far", "never seen"])))
    assert list(groups) == ["unit=件", "far", "never seen"]
    assert MODEL.scores(groups).tolist() == MODEL.scores(list(groups)).tolist() == [-2.0, 3.5]
    # a second time from what the groups remember, and by another model from its own weights
    other = LinearModel(["yes"], {CONSTANT: [0.25], "far": [1.5]})
    assert MODEL.scores(groups).tolist() == [-2.0, 3.5]
    assert other.score(groups) == other.scores(groups)[0] == 1.75


@given(st.lists(st.lists(st.sampled_from([*islice(load("metrics")._packed, 0, None, 40), "never seen"]), max_size=40)))
def test_many_decisions_at_once_are_those_of_the_highest_scores(clues: list[list[str]]) -> None:
    model = load("metrics")
    scores = [model.scores(one).tolist() for one in clues]
    odds = [[math.exp(score - max(row)) for score in row] for row in scores]
    together = model.decide_all(clues)
    assert [label for label, _ in together] == [model.labels[row.index(max(row))] for row in scores]
    assert [share for _, share in together] == pytest.approx([1 / sum(row) for row in odds])


@given(st.lists(st.sampled_from([*islice(load("roles")._packed, 0, None, 40)]), unique=True))
def test_the_order_of_clues_changes_no_score(clues: list[str]) -> None:
    model = load("roles")
    weights = [dict(model.reasons(clues, label, most=len(clues))) for label in model.labels]
    constants = model.scores([])
    by_hand = [sum(w.values()) + (0 if CONSTANT in w else c) for w, c in zip(weights, constants, strict=True)]
    assert model.scores(clues).tolist() == model.scores(clues[::-1]).tolist() == pytest.approx(by_hand)
