"""attribute: what each figure counts, by which deed, whose it is, and of which whole it is a part.

The clause is cut into a frame once (:mod:`.frames`, :mod:`.predicates`); deed and thing counted
(:mod:`.deeds`, :mod:`.naming`), parts of wholes (:mod:`.parts`, :mod:`.wholes`), actors (:mod:`.actors`) and roles
(:mod:`.roles`) read it.
"""

from __future__ import annotations

from typing import NamedTuple

from pipeline.model import Article, Attribution, Options, Quantity, Sentence, Word, evolve
from pipeline.stages.attribute.actors import actors
from pipeline.stages.attribute.clues import all_clues
from pipeline.stages.attribute.deeds import Deed, deeds, fill_objects
from pipeline.stages.attribute.frames import SentenceFrames, frames, number_end
from pipeline.stages.attribute.naming import weigh_names
from pipeline.stages.attribute.parts import link
from pipeline.stages.attribute.roles import roles
from pipeline.stages.attribute.wholes import weigh
from pipeline.stages.linear import Clues
from pipeline.stages.words import tag_around

__all__ = ["Reading", "attribute", "read", "words_of"]


def attribute(article: Article, options: Options) -> Article:
    """Read the quantities and the words of their sentences; add one attribution a quantity."""
    if not article.quantities:
        return article
    sentences, found, parents, _ = read(article, options)
    named = all_clues(article, sentences, found, parents)
    said = roles(article, sentences, found, parents, named)
    parents = weigh(article, sentences, found, parents, [role for role, _, _ in said])
    names = weigh_names(article, sentences, found, parents, said)
    doers = actors(article, sentences, found, said)
    attributions = tuple(
        Attribution(role, name.action, name.object, actor, level, name.direction, parent, rule, confidence)
        for name, parent, (role, rule, confidence), (actor, level) in zip(names, parents, said, doers, strict=True)
    )
    return evolve(article, attributions=attributions, clues=tuple([Clues(tuple(groups)) for groups in named]))


class Reading(NamedTuple):
    """The frames of an article; the deed and the whole of each quantity, and what says that it is a part."""

    sentences: list[SentenceFrames]
    deeds: list[Deed]
    parents: list[int | None]
    evidence: list[str]


def read(article: Article, options: Options) -> Reading:
    """Cut the sentences into frames, find the deeds, and which quantities are parts of others."""
    sentences = frames(article, words_of(article, options))
    found = deeds(article, sentences)
    parents, evidence = link(article, sentences, found)
    return Reading(sentences, fill_objects(article, found, parents), parents, evidence)


def words_of(article: Article, options: Options) -> dict[int, tuple[Word, ...]]:
    """The words of every sentence that holds a quantity; every number with its measure word is one word.

    Cut with the text around it, a measure word may stick to the verb behind it (个降 in 由31个降至10个).
    """
    by_sentence: dict[int, list[Quantity]] = {}
    for quantity in article.quantities:
        by_sentence.setdefault(quantity.sentence, []).append(quantity)
    return {at: _words(article, article.sentences[at], found, options) for at, found in by_sentence.items()}


def _words(article: Article, sentence: Sentence, quantities: list[Quantity], options: Options) -> tuple[Word, ...]:
    text = article.text
    numbers = [(quantity.start, number_end(text, quantity)) for quantity in quantities]
    return tag_around(text, sentence.start, sentence.end, numbers, options.segmenter)
