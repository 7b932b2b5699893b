"""Learn the weights of the clues from marked reports: ``python -m bench.train [SHARED]``.

Writes ``weights_*.tsv`` of roles, metrics, wholes, actions and objects in ``pipeline/lexicon``. The reports of the
sets in ``marked.REPORT`` are left out. The result depends on nothing but the marks, the rules and the lexicons.
"""

from __future__ import annotations

import sys
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from bench.marked import Marked, marked
from bench.odds import Learned, Question, learn_labels
from bench.odds import learn as learn_odds
from pipeline.model import Article, Attribution, Options
from pipeline.stages import attribute, classify, extract, linear, repair, segment, simplify
from pipeline.stages.attribute import words_of
from pipeline.stages.attribute.deeds import Deed, deeds, fill_objects
from pipeline.stages.attribute.frames import SentenceFrames, frames
from pipeline.stages.attribute.naming import ACTIONS, OBJECTS, RIGHT, Candidate, Names, best, weigh_names
from pipeline.stages.attribute.neighbours import neighbour_clues
from pipeline.stages.attribute.pairs import Pairs
from pipeline.stages.attribute.parts import link
from pipeline.stages.attribute.wholes import WHOLE, is_weighed, weigh
from pipeline.stages.linear import CONSTANT, Group, LinearModel

LEXICON = Path(__file__).parents[1] / "pipeline" / "lexicon"

#: How strongly weights are held near to nothing, and the most steps of the search for them (by cross-validation).
ROLE_STRENGTH, ROLE_STEPS = 4.0, 80
METRIC_STRENGTH, METRIC_STEPS = 1.0, 80
NAME_STRENGTH, NAME_STEPS = 1.0, 60
WHOLE_STRENGTH, WHOLE_STEPS = 4.0, 100

#: ``other`` is what remains where no metric fits; it is the commonest answer, and is given out too often unless its
#: score is lowered by so much (by cross-validation).
OTHER_LOWERED = 0.7

#: Parts of the articles that decide in turn what the others learn from.
FOLDS = 4

#: A figure as it is marked.
Mark = dict[str, Any]

#: A link missed costs as much as a wrong one: so much is added to the score of a whole (by cross-validation).
WHOLE_RAISED = 0.2

#: A clue must stand in so many examples.
LEAST = 2

#: Sets that two readers marked, and how often each of their reports counts.
TWICE, WEIGHT_OF_TWICE = frozenset({"dev", "local", "train"}), 3

#: How much more often their wholes, actions and objects count: these are partly customs of the readers.
CUSTOMS_OF_TWICE = 2

#: Sets in which wholes are marked only where the text plainly names them, for nothing can be learned from their
#: absence; but for those whose readers looked for the whole of every figure.
LOOSE = "read"
SEARCHED = frozenset(
    {f"read-made-{name}" for name in ("m", "r", *"tuvwx", *("a" + last for last in "abcdefghijklmnopqrsuwxyz"), "ba")}
)

#: A candidate that holds the marked word, or is held by it, is right if it is about as like it as the most alike one,
#: and that has this share of characters in common with it; if it is less alike, it is neither right nor wrong.
ALIKE, NEARLY = 0.3, 0.1

#: Weights nearer to nothing than this are left out.
SMALLEST = 0.04


class Place(NamedTuple):
    """Where a quantity stands, and the wholes of all quantities of its article: what clues of others are made from."""

    article: Article
    index: int
    wholes: Sequence[int | None]


@dataclass(frozen=True)
class Example:
    """One quantity with its clues and its mark."""

    article: str
    role: str
    metric: str
    #: the clues of its role but those of the roles around it
    own_clues: list[str]
    metric_clues: list[str]
    rule_metric: str
    place: Place


@dataclass(frozen=True)
class Named:
    """A marked result or target with the words that may be its action and its object."""

    article: str
    index: int
    names: Names
    #: the verbs that may be its action
    verbs: Sequence[Candidate]
    #: the marked words, each of them right
    action: frozenset[str]
    object: frozenset[str]


@dataclass(frozen=True)
class Material:
    """What marked reports give to learn from."""

    #: the marked quantities; those whose role a reader could not decide serve the metric alone
    examples: Sequence[Example]
    #: for every marked quantity that is no context those that might be its whole
    wholes: Sequence[Question]
    #: the marked results and targets with the candidates for their action and their object
    names: Sequence[Named]

    def of(self, articles: Container[str]) -> Material:
        """What some of the reports give."""
        return Material(
            [e for e in self.examples if e.article in articles],
            [w for w in self.wholes if w.article in articles],
            [n for n in self.names if n.article in articles],
        )


def gather(reports: Iterable[Marked]) -> Material:
    """Read marked reports for all that can be learned from them."""
    read = [(report, reading := by_rules(report.article), _marks(reading, report)) for report in reports]
    names = [named for _, reading, marks in read for named in _named(reading, marks)]
    wholes = [
        question for report, reading, marks in read for question in [*_wholes(reading, marks, report)] * _times(report)
    ]
    readings = [reading for _, reading, _ in read]
    _name_by_others(readings, names)
    _weigh_by_others(readings, wholes)
    names = [n for report, reading, marks in read for n in [*_named(reading, marks, told=True)] * _times(report)]
    examples = [example for _, reading, marks in read for example in _examples(reading, marks)]
    return Material(examples, wholes, names)


def _times(report: Marked) -> int:
    return CUSTOMS_OF_TWICE if report.set in TWICE else 1


def _name_by_others(readings: Sequence[Reading], names: Sequence[Named]) -> None:
    """Give the figures the actions and objects that weights learned on other articles choose, as in a report not seen.

    The rules of the metrics read them.
    """
    for others, held in _folds([one.article for one in names]):
        learned = [names[i] for i in others]
        models = {ACTIONS: learn_actions(learned), OBJECTS: learn_objects(learned)}
        linear.use({name: LinearModel(*model) for name, model in models.items()})
        articles = {names[i].article for i in held}
        for reading in readings:
            if reading.article.article_id in articles:
                reading.rename()
    linear.use({})


def _weigh_by_others(readings: Sequence[Reading], wholes: Sequence[Question]) -> None:
    """Give the figures the wholes that weights learned on other articles choose, as in a report not seen.

    Actions, objects and metrics go by them.
    """
    for others, held in _folds([question.article for question in wholes]):
        linear.use({"wholes": LinearModel(*learn_wholes([wholes[i] for i in others]))})
        articles = {wholes[i].article for i in held}
        for reading in readings:
            if reading.article.article_id in articles:
                reading.weigh_wholes()
    linear.use({})


def _folds(articles: Sequence[str]) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
    """Numbers of the examples to learn from and to hold back, by their articles; too few are not parted."""
    if len(set(articles)) < FOLDS:
        yield range(len(articles)), range(len(articles))
    else:
        yield from GroupKFold(FOLDS).split(articles, None, articles)


def read(article: Article) -> Article:
    """Run the stages that the clues come from."""
    options = Options()
    for module in (repair, simplify, segment, extract, attribute):
        name = module.__name__.rsplit(".", 1)[1]
        article = getattr(module, name)(article, options)
    return article


@dataclass
class Reading:
    """An article as the rules alone read it: no weights that were learned before have a say."""

    article: Article
    sentences: list[SentenceFrames]
    deeds: list[Deed]
    wholes: list[int | None]

    def rename(self) -> None:
        """Choose actions and objects anew, by the weights at hand."""
        said = self.article.attributions
        roles = [(one.role, one.rule, one.confidence) for one in said]
        names = weigh_names(self.article, self.sentences, self.deeds, self.wholes, roles)
        self._say([one._replace(action=n.action, object=n.object) for one, n in zip(said, names, strict=True)])

    def weigh_wholes(self) -> None:
        """Choose wholes anew, by the weights at hand; ``wholes`` stays what the rules say."""
        said = self.article.attributions
        wholes = weigh(self.article, self.sentences, self.deeds, self.wholes, [one.role for one in said])
        self._say([one._replace(part_of=whole) for one, whole in zip(said, wholes, strict=True)])

    def _say(self, attributions: Sequence[Attribution]) -> None:
        self.article = replace(self.article, attributions=tuple(attributions))


def by_rules(article: Article) -> Reading:
    """Read an article; its attributions name the wholes that the rules find."""
    article = read(article)
    if not article.quantities:
        return Reading(article, [], [], [])
    sentences = frames(article, words_of(article, Options()))
    said = deeds(article, sentences)
    wholes, _ = link(article, sentences, said)
    attributions = tuple(a._replace(part_of=whole) for a, whole in zip(article.attributions, wholes, strict=True))
    article = replace(article, attributions=attributions)
    return Reading(article, sentences, fill_objects(article, said, wholes), wholes)


def _marks(reading: Reading, report: Marked) -> list[Mark | None]:
    """The mark of every quantity, None where no mark speaks of it."""
    return [mark_of(reading.article, index, report.figures) for index in range(len(reading.article.quantities))]


def _marked_roles(marks: Sequence[Mark | None]) -> list[str]:
    """The marked role of every quantity, the first of several; what no mark speaks of is context."""
    return ["context" if mark is None else mark["role"].split("|")[0] for mark in marks]


def _examples(reading: Reading, marks: Sequence[Mark | None]) -> list[Example]:
    article = reading.article
    by_rule = classify.rule_metrics(article) if article.quantities else ()
    found = []
    for index, mark in enumerate(marks):
        if mark is None:
            continue
        clues = [c for c in article.clues[index] if not c.startswith(("role ", "roles "))]
        of_metric = classify.metric_clues(article, index, by_rule[index])
        place = Place(article, index, reading.wholes)
        rule_metric = by_rule[index].metric
        found.append(Example(article.article_id, mark["role"], mark["metric"], clues, of_metric, rule_metric, place))
    return found


def _wholes(reading: Reading, marks: Sequence[Mark | None], report: Marked) -> Iterator[Question]:
    """For each quantity the question which other one is its whole; the first answer is none of them.

    Loose sets only say which of the others a whole is, where there is one.
    """
    loose = report.set.startswith(LOOSE) and report.set not in SEARCHED
    article, roles = reading.article, _marked_roles(marks)
    number = {id(mark): index for index, mark in reversed(list(enumerate(marks))) if mark is not None}
    wholes = [_whole(mark, report.figures, number) for mark in marks]
    found = Pairs(article, reading.sentences, reading.deeds, reading.wholes, roles)
    for part, mark in enumerate(marks):
        if mark is None or mark.get("part_of_open") or (loose and wholes[part] is None):
            continue
        if not is_weighed(roles[part], reading.wholes[part]):
            continue
        answers = [*([] if loose else [None]), *found.candidates(part)]
        right = [whole == wholes[part] for whole in answers]
        if any(right) and len(answers) > 1:
            # what was decided before is sometimes wrong: learn from the marks and from the rules' reading
            for before in (wholes, reading.wholes):
                clues = [[] if w is None else [CONSTANT, *found.clues(w, part, before)] for w in answers]
                yield Question(article.article_id, clues, right)


def _named(reading: Reading, marks: Sequence[Mark | None], told: bool = False) -> Iterator[Named]:
    """The marked results and targets; those before each have the names of the rules, or those chosen since."""
    wholes = [one.part_of for one in reading.article.attributions]
    names = Names(reading.article, reading.sentences, reading.deeds, wholes)
    if told:
        for index, said in enumerate(reading.article.attributions):
            names.tell(index, said.action, said.object)
    for index, (mark, role) in enumerate(zip(marks, _marked_roles(marks), strict=True)):
        if mark is not None and role in ("result", "target"):
            action, thing = (frozenset(filter(None, mark[field].split("|"))) for field in ("action", "object"))
            yield Named(reading.article.article_id, index, names, list(names.actions(index)), action, thing)


def _whole(mark: Mark | None, figures: Sequence[dict[str, Any]], number: dict[int, int]) -> int | None:
    """The quantity that is marked as the whole of another, if it was found."""
    if mark is None or mark.get("part_of") in (None, ""):
        return None
    return number.get(id(figures[int(mark["part_of"]) - 1]))


def mark_of(article: Article, index: int, figures: Sequence[dict[str, Any]]) -> Mark | None:
    """The mark of a quantity, None where no mark speaks of it."""
    quantity = article.quantities[index]
    start, end = article.offsets.raw_span(quantity.start, quantity.end)
    for figure in figures:
        overlap = min(end, figure["end"]) > max(start, figure["start"])
        if overlap and abs(quantity.value - float(figure["value"])) <= 1e-4 + 1e-9 * abs(quantity.value):
            return figure
    return None


def write(path: Path, labels: Sequence[str], weights: dict[str, Any]) -> int:
    """Write a table of weights × 100 and return its number of clues."""
    lines = ["\t".join(["clue", *labels])]
    for clue, row in weights.items():
        cells = [str(round(100 * w)) if abs(w) >= SMALLEST else "" for w in row]
        if clue == CONSTANT or any(cells):
            lines.append("\t".join([clue, *cells]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines) - 1


def train(material: Material) -> dict[str, Learned]:
    """All models, by name."""
    found, names = material.examples, material.names
    return {
        "roles": learn_roles(found),
        "metrics": learn_metrics([e for e in found if e.metric and e.role.split("|")[0] != "context"]),
        "wholes": learn_wholes(material.wholes),
        ACTIONS: learn_actions(names),
        OBJECTS: learn_objects(names),
    }


def learn_wholes(found: Sequence[Question]) -> Learned:
    """The weights of the wholes."""
    labels, weights = learn_odds(found, WHOLE, WHOLE_STRENGTH, WHOLE_STEPS)
    weights[CONSTANT] = weights[CONSTANT] + WHOLE_RAISED
    return labels, weights


def learn_actions(found: Sequence[Named]) -> Learned:
    """The weights of the verbs."""
    return _learn_candidates(found, [one.verbs for one in found], [one.action for one in found])


def learn_objects(found: Sequence[Named]) -> Learned:
    """The weights of the nouns, given the verbs that weights learned on other articles choose."""
    chosen: dict[int, Candidate | None] = {}
    for others, held in _folds([one.article for one in found]):
        model = LinearModel(*learn_actions([found[i] for i in others]))
        chosen |= {i: best(model, found[i].verbs) for i in held}
    nouns = (list(one.names.objects(one.index, chosen[i])) for i, one in enumerate(found))
    return _learn_candidates(found, nouns, [one.object for one in found])


def _learn_candidates(
    found: Sequence[Named], candidates: Iterable[Sequence[Candidate]], answers: Sequence[frozenset[str]]
) -> Learned:
    """The weights for candidates against each other."""
    questions = map(_question, found, candidates, answers)
    return learn_odds([question for question in questions if question], RIGHT, NAME_STRENGTH, NAME_STEPS)


def _question(one: Named, candidates: Sequence[Candidate], answers: frozenset[str]) -> Question | None:
    """The candidates with whether they are right; None where none is."""
    shares = [_alike(candidate.text, answers) for candidate in candidates]
    most = max(shares, default=0.0)
    if most < ALIKE:
        return None
    judged = [
        (tuple(candidate.clues), share > 0)
        for candidate, share in zip(candidates, shares, strict=True)
        if not share or share >= most - NEARLY
    ]
    clues, right = zip(*judged, strict=True)
    return Question(one.article, clues, right)


def _alike(said: str, answers: frozenset[str]) -> float:
    """How much of the longer of a word and the closest answer the shorter is, 0 if neither holds the other."""
    return max(
        (min(len(said), len(a)) / max(len(said), len(a)) for a in answers if a in said or said in a), default=0.0
    )


def learn_metrics(found: Sequence[Example]) -> Learned:
    """The weights of the metrics, with and without the metrics of the figures around.

    Those are told wrong at times: they are what weights learned on other articles decide.
    """
    told: dict[tuple[str, int], str] = {}
    for others, held in _folds([e.article for e in found]):
        model = LinearModel(*_metrics([found[i] for i in others], [found[i].metric_clues for i in others]))
        decided = model.decide_all([found[i].metric_clues for i in held])
        told |= {(found[i].article, found[i].place.index): metric for i, (metric, _) in zip(held, decided, strict=True)}
    around = [[*e.metric_clues, *_around(e, told)] for e in found]
    return _metrics([*found, *found], [*(e.metric_clues for e in found), *around])


def _around(example: Example, told: Mapping[tuple[str, int], str]) -> Sequence[str]:
    """The clues of the metrics of the figures around one."""
    article, index = example.place.article, example.place.index
    metrics = [told.get((article.article_id, i), "") for i in range(len(article.quantities))]
    return classify.neighbours(article, index, metrics).names


def _metrics(found: Sequence[Example], clues: Sequence[Sequence[str]]) -> Learned:
    answers = [frozenset(e.metric.split("|")) for e in found]
    labels, weights = learn_labels(clues, answers, METRIC_STRENGTH, METRIC_STEPS)
    if "other" in labels:
        weights[CONSTANT][labels.index("other")] -= OTHER_LOWERED
    return labels, weights


def learn_roles(found: Sequence[Example]) -> Learned:
    """The weights of the roles, with and without what the figures around say.

    Those are told wrong at times: they are what weights learned on other articles make likely.
    """
    found = [e for e in found if _roles_of(e)]
    answers = [_roles_of(e) for e in found]
    roles = sorted(frozenset().union(*answers))
    told: dict[tuple[str, int], NDArray[Any]] = {}
    for others, held in _folds([e.article for e in found]):
        model = LinearModel(*_roles([answers[i] for i in others], [found[i].own_clues for i in others]))
        shares = model.shares([found[i].own_clues for i in held])
        columns = [model.labels.index(role) if role in model.labels else -1 for role in roles]
        shares = numpy.hstack([shares, numpy.zeros((len(shares), 1))])[:, columns]
        told |= {(found[i].article, found[i].place.index): row for i, row in zip(held, shares, strict=True)}
    return _roles([*answers, *answers], [*(e.own_clues for e in found), *role_clues(found, roles, told)], 2 * LEAST)


def _roles_of(example: Example) -> frozenset[str]:
    """The roles that a reader allows; that it may be no figure at all (x) is none."""
    return frozenset(example.role.split("|")) - {"x"}


def _roles(answers: Sequence[frozenset[str]], clues: Sequence[Sequence[str]], least: int = LEAST) -> Learned:
    return learn_labels(clues, answers, ROLE_STRENGTH, ROLE_STEPS, least)


def role_clues(
    found: Sequence[Example], roles: Sequence[str], told: Mapping[tuple[str, int], NDArray[Any]]
) -> list[list[str]]:
    """All clues of the role of examples, given how likely each role is for those around; no figure is context."""
    none = numpy.array([float(role == "context") for role in roles])
    known: dict[str, list[tuple[Group, ...]]] = {}
    result = []
    for example in found:
        article, index, wholes = example.place
        if example.article not in known:
            shares = [told.get((example.article, i), none) for i in range(len(article.quantities))]
            known[example.article] = neighbour_clues(article, wholes, roles, numpy.array(shares))
        result.append([*example.own_clues, *(clue for group in known[example.article][index] for clue in group.names)])
    return result


def main(arguments: Sequence[str]) -> None:
    """Read the marked reports and write all tables."""
    shared = Path(arguments[0]) if arguments else Path("../shared")
    reports = list(marked(shared))
    reports += [report for report in reports if report.set in TWICE] * (WEIGHT_OF_TWICE - 1)
    material = gather(reports)
    print(f"{len(material.examples)} marked figures")
    for name, (labels, weights) in train(material).items():
        count = write(LEXICON / f"weights_{name}.tsv", labels, weights)
        print(f"{name}: {len(labels)} labels, {count} clues")


if __name__ == "__main__":
    main(sys.argv[1:])
