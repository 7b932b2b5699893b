"""The reasons of the stages: case files, the arithmetic of the clues, and words for all that can be said."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
import regex

from pipeline import explain_text, lexicon
from pipeline.stages.linear import CONSTANT, LinearModel, load
from pipeline.stages.reason import LANGUAGES, Reason, compare, family, meaning, weigh

Case = dict[str, Any]


def clues(name: str) -> list[str]:
    """All clues of a table of weights."""
    text = files("pipeline.lexicon").joinpath(f"weights_{name}.tsv").read_text(encoding="utf-8")
    return [line.split("\t")[0] for line in text.splitlines()[1:]]


@pytest.mark.case_file("reasons")
def test_case(case: Case) -> None:
    told = explain_text(case["input"], region=case.get("region"), published=case.get("date"))
    ids = list(dict.fromkeys(told.figure_id))[case["figure"] - 1 : case["figure"]]
    assert len(ids) == bool(case["reasons"])
    told = told[told.figure_id.isin(ids)]
    said = {f"{r.field} {r.value} | {r.decided_by} | {r.words}" for r in told.itertuples()}
    assert set(case["reasons"]) <= said
    assert not set(case.get("absent", ())) & set(told.field)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("roles", "clue"),
        ("metrics", "clue"),
        ("wholes", "pair"),
        ("regions", "division"),
        ("actions", "word"),
        ("objects", "word"),
    ],
)
def test_every_clue_with_a_weight_can_be_said_in_both_languages(name: str, kind: str) -> None:
    for clue in clues(name):
        begin, detail = family(clue, kind)
        for language in LANGUAGES:
            said = meaning(Reason("role", kind, begin, detail), language)
            assert said and "{" not in said.replace(detail, ""), clue


def test_clues_of_pairs_are_said_without_names_of_the_other_language() -> None:
    for clue in clues("wholes"):
        said = meaning(Reason("part_of", "pair", *family(clue, "pair")), "chinese")
        assert not regex.search("[a-z]", said), (clue, said)


def test_a_comma_of_the_text_in_a_clue_of_a_pair() -> None:
    said = meaning(Reason("part_of", "pair", *family("behind the whole=,,same", "pair")))
    assert said == "behind the whole stands “,”; the same unit"


def test_families_of_figures_and_of_pairs_are_kept_apart() -> None:
    assert family("joined,unit=same", "pair") == ("joined,unit=", "same")
    with pytest.raises(KeyError, match="no line for the pair 'digits=3'"):
        family("digits=3", "pair")


def test_a_clue_without_a_line_has_no_family_and_is_shown_as_it_stands() -> None:
    with pytest.raises(KeyError, match="no line for the clue"):
        family("phase of the moon=full")
    assert meaning(Reason("role", "clue", "phase of the moon=full")) == "clue:phase of the moon=full"


def test_a_family_is_the_longest_that_fits() -> None:
    assert family("group=find") == ("group=", "find")
    assert family("group,find,campaign_talk=3") == ("group,", "find,campaign_talk=3")
    assert family("group,kind=find,count") == ("group,kind=", "find,count")
    assert family("target, then done") == ("target, then done", "")


def test_what_goes_in_is_said_in_words_too() -> None:
    assert "words of campaigns in the report: level 3 of 5" in meaning(
        Reason("role", "clue", "group,", "find,campaign_talk=3")
    )
    assert meaning(Reason("metric", "clue", "rule metric=", "issues_found"), "chinese") == "指标规则判为 查找问题"


def test_the_weights_of_all_clues_add_up_to_both_scores() -> None:
    given = ["unit=件", "group=find", "clause done=已", "never seen"]
    model = load("roles")
    weighed = weigh(model, given, model.decide(given))
    assert sum(ours for _, ours, _ in weighed.clues) == pytest.approx(weighed.score)
    assert sum(theirs for *_, theirs in weighed.clues) == pytest.approx(weighed.second_score)
    assert (weighed.label, weighed.share) == load("roles").decide(given)
    assert weighed.score > weighed.second_score


def test_what_tells_most_between_the_first_two_comes_first() -> None:
    model = LinearModel(
        ["yes", "no", "never"], {CONSTANT: [0.0, 0.5, -9.0], "a": [2.0, 1.9, 0.0], "b": [1.0, -1.0, 0.0]}
    )
    weighed = weigh(model, ["a", "b"], model.decide(["a", "b"]))
    assert (weighed.label, weighed.second) == ("yes", "no")
    assert [clue for clue, *_ in weighed.clues] == ["b", CONSTANT, "a"]


def test_the_lexicon_looks_for_words_only_where_the_stage_knows_to() -> None:
    from pipeline.stages.attribute.reasons import _LOOK, _LOOK_PAIR

    told = {(r["kind"], r["place"]) for r in lexicon.table("reasons") if r["place"]}
    assert {place for kind, place in told if kind != "pair"} == set(_LOOK)
    assert {place for kind, place in told if kind == "pair"} - set(_LOOK) | {"whole"} == set(_LOOK_PAIR)


def test_two_candidates_are_compared_by_the_clues_of_both_and_the_weights_add_up() -> None:
    model = load("wholes")
    ours, theirs = ["rule=none", "place=clause", "never seen"], ["rule=another", "place=clause"]
    told = compare(model, ours, theirs)
    assert sum(weight for _, weight, _ in told) == pytest.approx(model.score(ours))
    assert sum(weight for *_, weight in told) == pytest.approx(model.score(theirs))
    assert {clue for clue, *_ in told[:2]} == {"rule=another", "rule=none"}
    assert {clue for clue, *_ in told[2:]} == {"place=clause", CONSTANT}
