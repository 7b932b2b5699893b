"""Clues: the named features of a quantity from which its role and its metric are decided.

A clue is a short text such as ``unit=件`` or ``verb group=find``; the weights in ``lexicon/weights_*.csv`` speak
of clues by these names, so that every decision can be explained by the clues that made it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import regex

from pipeline import lexicon
from pipeline.model import Article, Quantity
from pipeline.stages.attribute.deeds import Deed
from pipeline.stages.attribute.frames import Frame, SentenceFrames, function_words

__all__ = ["article_clues", "clues"]

_DONE = regex.compile(r"已经?|共|累计|先后|截至|目前|至今|以来|据统计|全部|[了过]")
_RULE = regex.compile(r"不得|不少于|不低于|不超过|至少|每[年月周季人户天个]|人均|户均|平均|应当?|必须|原则上|规定")
_NEGATIVE = regex.compile(r"如果|若|倘若|即使|哪怕|假如|难道|据说|曾|当年|当时|那[年时]|原[来先有]")
_QUOTE_OPEN, _QUOTE_CLOSE = "“「『", "”」』"


@cache
def _targets() -> regex.Pattern[str]:
    words = sorted(function_words("target"), key=lambda w: (-len(w), w))
    return regex.compile("|".join(map(regex.escape, words)))


lexicon.on_change(_targets)


@cache
def _campaign_talk() -> regex.Pattern[str]:
    words = sorted((r["word"] for r in lexicon.table("campaign_talk")), key=lambda w: (-len(w), w))
    return regex.compile("|".join(map(regex.escape, words)))


lexicon.on_change(_campaign_talk)


def article_clues(article: Article) -> list[str]:
    """Clues that hold for all figures of an article: how much it talks of campaigns, how many numbers it has."""
    found = len(_campaign_talk().findall(article.text))
    share = 100 * found / (len(article.text) + 50)
    level = sum(share > bound for bound in (0.3, 0.8, 1.5, 2.5, 4.0))
    density = 100 * len(article.quantities) / (len(article.text) + 50)
    return [f"talk={level}", f"density={sum(density > bound for bound in (0.5, 1.0, 2.0, 3.5))}"]


def clues(
    article: Article,
    sentence: SentenceFrames,
    frame: Frame,
    deeds: Sequence[Deed],
    parents: Sequence[int | None],
    shared: Sequence[str],
) -> list[str]:
    """The clues of one quantity, sorted by kind; ``shared`` are those of its article."""
    quantity = article.quantities[frame.index]
    deed = deeds[frame.index]
    found = list(shared)
    found += _of_quantity(quantity)
    found += _of_deed(deed, quantity)
    found += _of_words(article.text, sentence, frame, quantity)
    found += _of_sentence(article.text, sentence, quantity)
    found += _of_neighbours(sentence, quantity)
    if (parent := parents[frame.index]) is not None:
        found += ["part", *(f"whole group={g}" for g in deeds[parent].groups)]
    if frame.joined is not None:
        found.append("joined")
    if frame.preposition:
        found.append(f"preposition={frame.preposition}")
    return found


def _of_quantity(quantity: Quantity) -> list[str]:
    size = min(len(str(int(quantity.value))), 8)
    return [
        f"unit={quantity.unit}",
        f"kind={quantity.kind}",
        f"bound={quantity.bound}",
        f"digits={size}",
        f"kind,digits={quantity.kind},{size}",
    ]


def _of_deed(deed: Deed, quantity: Quantity) -> list[str]:
    thing = deed.object
    found = [
        f"verb={deed.action}",
        f"verb from={deed.source}",
        f"thing from={deed.object_source}",
        f"direction={deed.direction}",
        f"change={deed.change}",
        f"verb,unit={deed.action},{quantity.unit}",
    ]
    for group in sorted(deed.groups):
        found += [
            f"group={group}",
            f"group,unit={group},{quantity.unit}",
            f"group,kind={group},{quantity.kind}",
            f"group,from={group},{deed.source}",
        ]
        if thing:
            found.append(f"group,thing={group},{thing[-2:]}")
    if thing:
        found += [f"thing ends={thing[-n:]}" for n in (1, 2, 3) if len(thing) >= n]
        found += [f"thing has={thing[i : i + 2]}" for i in range(max(0, len(thing) - 9), len(thing) - 1)]
    else:
        found.append("no thing")
    return found


def _of_words(text: str, sentence: SentenceFrames, frame: Frame, quantity: Quantity) -> list[str]:
    left, right = frame.left, frame.right
    found = [f"left={left[-n:]}" for n in (1, 2, 3) if len(left) >= n]
    found += [f"right={right[:n]}" for n in (1, 2, 3) if len(right) >= n]
    found += [f"left has={left[i : i + 2]}" for i in range(max(0, len(left) - 14), len(left) - 1)]
    found += [f"right has={right[i : i + 2]}" for i in range(min(14, len(right) - 1))]
    if not left:
        found.append("leads its stretch")
    if frame.noun_right:
        found.append("thing behind")
    return found


def _of_sentence(text: str, sentence: SentenceFrames, quantity: Quantity) -> list[str]:
    clause = sentence.sentence.clauses[quantity.clause]
    before = text[sentence.sentence.start : quantity.start]
    own = text[clause.start : quantity.start]
    found = [f"before target={w}" for w in set(_targets().findall(before))]
    found += [f"clause target={w}" for w in set(_targets().findall(own))]
    found += [f"before done={w}" for w in set(_DONE.findall(before))]
    found += [f"clause done={w}" for w in set(_DONE.findall(own))]
    found += [f"rule={w}" for w in set(_RULE.findall(own))]
    found += [f"doubt={w}" for w in set(_NEGATIVE.findall(before))]
    found += [f"behind={text[i : i + 2]}" for i in range(quantity.end, min(clause.end, quantity.end + 16) - 1)]
    if sentence.sentence.heading:
        found.append("heading")
    if clause.depth:
        found.append("bracket")
    if sum(map(before.count, _QUOTE_OPEN)) > sum(map(before.count, _QUOTE_CLOSE)):
        found.append("in quotes")
    found.append(f"clause ends={clause.mark}")
    found.append(f"clause number={min(quantity.clause, 4)}")
    return found


def _of_neighbours(sentence: SentenceFrames, quantity: Quantity) -> list[str]:
    """Groups of the verbs close by, before and behind, in the sentence."""
    found: set[str] = set()
    for verb in sentence.predicates:
        if verb.end <= quantity.start and verb.start >= quantity.start - 30:
            found.update(f"near before={g}" for g in verb.groups)
        elif verb.start >= quantity.end and verb.start <= quantity.end + 24:
            found.update(f"near behind={g}" for g in verb.groups)
    return sorted(found)
