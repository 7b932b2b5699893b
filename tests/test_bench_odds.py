"""Weights learned among candidates and among labels, where several may be right."""

from __future__ import annotations

import pytest

from bench.odds import Question, learn, learn_labels
from pipeline.stages.linear import CONSTANT, LinearModel


def test_the_clue_of_the_right_candidates_speaks_for_them() -> None:
    found = [Question(str(i), [["near", "noun"], ["far", "noun"], ["far"]], [True, False, False]) for i in range(5)]
    label, weights = learn(found, "right", 1.0, 50)
    model = LinearModel(label, weights)
    assert model.labels == ("right",)
    assert model.score(["near"]) > 0 > model.score(["far"])
    # it stands with right and wrong ones alike, but with more of the right
    assert model.score(["near"]) > model.score(["noun"]) > model.score(["far"])
    assert model.score([]) == 0


def test_what_stands_with_few_questions_is_not_learned() -> None:
    found = [Question("a", [["rare"], ["common"]], [True, False])] * 2 + [
        Question("b", [["near"], ["common"]], [True, False])
    ] * 3
    _, weights = learn(found, "right", 1.0, 50)
    assert set(weights) == {CONSTANT, "near", "common"}


def test_a_constant_holds_candidates_against_one_that_lacks_it() -> None:
    none: list[str] = []
    found = [Question(str(i), [none, [CONSTANT, "weak"]], [True, False]) for i in range(8)]
    found += [Question(str(i), [none, [CONSTANT, "strong"]], [False, True]) for i in range(8)]
    model = LinearModel(*learn(found, "whole", 0.1, 100))
    assert model.score(["strong"]) > 0 > model.score(["weak"])


def test_any_answer_that_is_allowed_is_right() -> None:
    clues = [["case"]] * 6 + [["person"]] * 6 + [["either"]] * 6
    answers = [frozenset({"filed"})] * 6 + [frozenset({"disciplined"})] * 6 + [frozenset({"filed", "disciplined"})] * 6
    model = LinearModel(*learn_labels(clues, answers, 0.1, 100))
    assert [label for label, _ in model.decide_all([["case"], ["person"]])] == ["filed", "disciplined"]
    # neither of the two is pulled down where both are right
    scores = dict(zip(model.labels, model.scores(["either"]).tolist(), strict=True))
    assert scores["filed"] == pytest.approx(scores["disciplined"], abs=0.05)
