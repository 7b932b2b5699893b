"""The marked reports and the training of the weights; skipped where the marked reports are not at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import odds, train, train_regions
from bench.marked import REPORT, Marked, _checked, marked, sets
from pipeline.model import Article
from pipeline.stages.attribute.naming import best
from pipeline.stages.linear import CONSTANT, LinearModel


@pytest.fixture(scope="module")
def reports(shared: Path) -> list[Marked]:
    return list(marked(shared, frozenset({"local"})))


def test_reports_kept_for_reporting_are_not_learned_from(shared: Path) -> None:
    assert set(sets(shared)) >= REPORT
    assert not {report.set for report in marked(shared)} & REPORT


def test_a_mark_that_does_not_stand_where_it_says_is_refused() -> None:
    record = {"article_id": "x", "figures": [{"start": 2, "end": 4, "quote": "5个"}]}
    assert _checked("made", record, {"x": ("查处5个", None, "2024-03-05")}).article.text == ""
    with pytest.raises(LookupError, match="has no 5个 at 2"):
        _checked("made", record, {"x": ("查处6个", None, "")})
    with pytest.raises(LookupError, match="no text for x"):
        _checked("made", record, {})


def test_examples_have_the_marks_of_their_figures(reports: list[Marked]) -> None:
    found = train.gather(reports).examples
    figures = sum(len(report.figures) for report in reports)
    assert 0.9 * figures <= len(found) <= figures
    by_rule = sum(e.rule_metric in e.metric.split("|") for e in found if e.metric)
    assert by_rule > 0.5 * sum(1 for e in found if e.metric)


def test_what_is_learned_tells_the_examples_apart(reports: list[Marked]) -> None:
    found = [e for e in train.gather(reports).examples if "|" not in e.role]
    model = LinearModel(*train.learn_roles(found))
    shares = model.shares([e.own_clues for e in found])
    told = {(e.article, e.place.index): row for e, row in zip(found, shares, strict=True)}
    decided = model.decide_all(train.role_clues(found, model.labels, told))
    right = sum(role == e.role for (role, _), e in zip(decided, found, strict=True))
    assert right / len(found) > 0.95


def test_the_whole_that_is_marked_is_told_from_others_and_from_none(reports: list[Marked]) -> None:
    material = train.gather(reports)
    found = material.wholes
    assert found and all(any(question.right) for question in found)
    # the first answer, without clues, is that a figure is no part
    parts = [question for question in found if not question.right[0]]
    assert 0.1 * len(found) < len(parts) < 0.6 * len(found)
    model = LinearModel(*train.train(material)["wholes"])
    told = [[model.scores(clues)[0] if clues else 0.0 for clues in question.clues] for question in found]
    right = sum(question.right[scores.index(max(scores))] for question, scores in zip(found, told, strict=True))
    assert right > 0.9 * len(found)


def test_the_candidates_for_names_are_learned_from_what_is_marked(reports: list[Marked]) -> None:
    material = train.gather(reports)
    verbs, nouns = (LinearModel(*train.train(material)[name]) for name in ("actions", "objects"))
    chosen = [(one, best(verbs, one.verbs)) for one in material.names]
    assert sum(v is not None and agree(v.text, one.action) for one, v in chosen) > 0.9 * len(chosen)
    things = [(one, best(nouns, one.names.objects(one.index, verb))) for one, verb in chosen]
    assert sum(n is not None and agree(n.text, one.object) for one, n in things) > 0.85 * len(things)


def agree(said: str, answers: frozenset[str]) -> bool:
    return not answers or any(said in answer or answer in said for answer in answers)


def test_learning_twice_gives_the_same_weights() -> None:
    clues = [["a", "b"], ["a"], ["b"], ["b", "c"]] * 3
    answers = [frozenset(label) for label in ["x", "x", "y", "xy"] * 3]
    first, second = (odds.learn_labels(clues, answers, 1.0, 20) for _ in range(2))
    assert first[0] == second[0] == ["x", "y"]
    assert {k: list(v) for k, v in first[1].items()} == {k: list(v) for k, v in second[1].items()}


def test_a_table_of_weights_leaves_out_what_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "weights.tsv"
    weights = {CONSTANT: [0.0, 0.0], "unit=件": [1.234, -0.5], "noise": [0.01, -0.01]}
    assert train.write(path, ["x", "y"], weights) == 2
    assert path.read_text(encoding="utf-8") == f"clue\tx\ty\n{CONSTANT}\t\t\nunit=件\t123\t-50\n"


def test_marks_of_the_corpus_carry_no_text() -> None:
    for path in (Path(train.__file__).parent / "gold").glob("tv-*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            assert "text" not in record
            assert all(len(figure["quote"]) <= 16 for figure in record["figures"])


def test_a_text_is_read_as_far_as_its_clues() -> None:
    article = train.read(Article("x", "全区查处案件5件。"))
    assert len(article.clues) == len(article.quantities) == 1


def test_the_right_division_of_a_figure_is_held_against_all_others(shared: Path) -> None:
    asked = train_regions.questions(list(marked(shared, frozenset({"train"}))))
    assert len(asked) > 100
    assert all(any(question.right) and not all(question.right) for question in asked)
    model = LinearModel(*train_regions.learn_regions(asked))
    chosen = [max(zip(map(model.score, q.clues), q.right, strict=True))[1] for q in asked]
    assert sum(chosen) > 0.95 * len(chosen)
