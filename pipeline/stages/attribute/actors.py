"""The actor of a figure: who did it, and of which rank."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import regex

from pipeline import lexicon
from pipeline.model import Article
from pipeline.stages.attribute.deeds import Deed
from pipeline.stages.attribute.frames import Frame, SentenceFrames

__all__ = ["actors", "level_of"]


def actors(
    article: Article,
    sentences: Sequence[SentenceFrames],
    deeds: Sequence[Deed],
    roles: Sequence[tuple[str, str, float]],
) -> list[tuple[str, str | None]]:
    """One (actor, level) a quantity: the subject of its clause, or the group with a count that did it."""
    result: list[tuple[str, str | None]] = [("", None)] * len(article.quantities)
    for sentence in sentences:
        subject = ""
        for frame in sentence.frames:
            role = roles[frame.index][0]
            if role == "actor":
                subject = frame.noun_right or deeds[frame.index].object
            elif own := _subject(article, frame):
                subject = own
            result[frame.index] = (subject, level_of(subject or deeds[frame.index].object))
    return result


_LEADING = regex.compile(r"^(?:截至.*?|今年以来|目前|其中|同时|全年)")


def _subject(article: Article, frame: Frame) -> str:
    """What stands before the first verb of the clause, if it is a group or an organisation."""
    if not frame.before or frame.before[0].start <= frame.content_start:
        return ""
    phrase = article.text[frame.content_start : frame.before[0].start]
    found = _organisation().search(phrase)
    return _LEADING.sub("", phrase[: found.end()]).strip(" 、，“”") if found else ""


@cache
def _organisation() -> regex.Pattern[str]:
    words = sorted((r["word"] for r in lexicon.table("actors")), key=lambda w: (-len(w), w))
    return regex.compile("(?:" + "|".join(map(regex.escape, words)) + ")")


lexicon.on_change(_organisation)


@cache
def _levels() -> tuple[tuple[regex.Pattern[str], str], ...]:
    return tuple((regex.compile(r["pattern"]), r["level"]) for r in lexicon.table("actor_levels"))


lexicon.on_change(_levels)


def level_of(phrase: str) -> str | None:
    """The rank that a phrase names, by ``lexicon/actor_levels.csv``; None if it names none.

    >>> level_of("县处级以上干部")
    '县处级'
    """
    return next((level for pattern, level in _levels() if pattern.search(phrase)), None)
