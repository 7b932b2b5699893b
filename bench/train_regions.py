"""Learn the weights of the divisions of figures from marked reports: ``python -m bench.train_regions [SHARED]``.

Writes ``weights_regions.tsv`` in ``pipeline/lexicon``: what speaks for a division of the text being that of a figure.
The right division of each figure is held against all others at once (a conditional logit), so that the exponents of
the scores are odds. The result depends on nothing but the marks, the rules and the lexicons.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.marked import Marked, marked
from bench.odds import Learned, Question, learn
from bench.train import LEXICON, mark_of, write
from pipeline.model import Article, Options
from pipeline.stages import extract, repair, segment, simplify
from pipeline.stages.locate import choices_of
from pipeline.stages.locate.choice import REGION

#: Strength of regularisation, by cross-validation over articles.
STRENGTH = 3.0

#: At most so many steps of the search for the best weights.
STEPS = 150


def questions(reports: Sequence[Marked]) -> list[Question]:
    """The marked results of all reports whose division is among their candidates."""
    return [question for report in reports for question in _questions(report)]


def _questions(report: Marked) -> Iterator[Question]:
    article = _read(report.article)
    if not article.quantities:
        return
    choices = choices_of(article)
    if not choices.is_open:
        return
    for index in range(len(article.quantities)):
        answers = _answers(mark_of(article, index, report.figures))
        if answers and choices.is_doubtful(index):
            candidates = choices.candidates(index)
            right = [code in answers for code in candidates]
            if any(right) and not all(right):
                clues = [list(choices.clues(code, candidates, index)) for code in candidates]
                yield Question(article.article_id, clues, right)


def _read(article: Article) -> Article:
    """Run the stages that the rules of places need."""
    for stage in (repair.repair, simplify.simplify, segment.segment, extract.extract):
        article = stage(article, Options())
    return article


def _answers(mark: dict[str, Any] | None) -> list[str]:
    """The divisions marked as right; those of results are."""
    if mark is None or mark["role"] != "result":
        return []
    return [code for code in (mark.get("region") or "").split("|") if code]


def learn_regions(found: Sequence[Question]) -> Learned:
    """The weights under which the right divisions of all figures are most likely."""
    return learn(found, REGION, STRENGTH, STEPS)


def main(arguments: Sequence[str]) -> None:
    """Read the marked reports and write the table."""
    shared = Path(arguments[0]) if arguments else Path("../shared")
    found = questions(list(marked(shared)))
    count = write(LEXICON / "weights_regions.tsv", *learn_regions(found))
    print(f"regions: {len(found)} questions, {count} clues")


if __name__ == "__main__":
    main(sys.argv[1:])
