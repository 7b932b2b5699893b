"""attribute: what each figure counts, by which deed, whose it is, and of which whole it is a part.

The clause is cut into a frame once (:mod:`.frames`, :mod:`.predicates`); deed and thing counted
(:mod:`.deeds`), parts of wholes (:mod:`.parts`), actors (:mod:`.actors`) and roles (:mod:`.roles`) read it.
"""

from __future__ import annotations

from dataclasses import replace

from pipeline.model import Article, Attribution, Options, Word
from pipeline.stages.attribute.actors import actors
from pipeline.stages.attribute.deeds import deeds, fill_objects
from pipeline.stages.attribute.frames import frames
from pipeline.stages.attribute.parts import link
from pipeline.stages.attribute.roles import roles
from pipeline.stages.words import tag

__all__ = ["attribute"]


def attribute(article: Article, options: Options) -> Article:
    """Read the quantities and the words of their sentences; add one attribution a quantity."""
    if not article.quantities:
        return article
    sentences = frames(article, _words(article, options))
    found = deeds(article, sentences)
    parents = link(article, sentences, found)
    found = fill_objects(article, found, parents)
    said = roles(article, sentences, found, parents)
    doers = actors(article, sentences, found, said)
    attributions = tuple(
        Attribution(role, deed.action, deed.object, actor, level, deed.direction, parent, rule, confidence)
        for deed, parent, (role, rule, confidence), (actor, level) in zip(found, parents, said, doers, strict=True)
    )
    return replace(article, attributions=attributions)


def _words(article: Article, options: Options) -> dict[int, tuple[Word, ...]]:
    """The words of every sentence that holds a quantity."""
    result: dict[int, tuple[Word, ...]] = {}
    for at in {q.sentence for q in article.quantities}:
        sentence = article.sentences[at]
        result[at] = article.words.get(at) or tag(
            article.text[sentence.start : sentence.end], options.segmenter, sentence.start
        )
    return result
