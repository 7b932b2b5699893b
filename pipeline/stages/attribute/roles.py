"""The role of a figure: result, target, actor or context."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

import regex

from pipeline import lexicon
from pipeline.model import Article
from pipeline.stages.attribute.deeds import Deed
from pipeline.stages.attribute.frames import Frame, SentenceFrames
from pipeline.stages.attribute.neighbours import neighbour_clues
from pipeline.stages.linear import Clues, Group, load

__all__ = ["roles", "rule_roles"]

_TARGET = regex.compile(
    r"力争|计划|拟|确保|预计|争取|目标|规划|下一步|有望|预期|承诺|必须|不得|准备|打算|届时|年底前|(?<!即)将(?=[^，。；]{0,12}$)"
    r"|到20[0-9]{2}年底?(?![^，。；]*已)|不少于|不低于|要(?:求)?(?=[^，。；]{0,8}$)"
)
#: The characters that it can begin with, in the standard library, which looks for a set at full speed.
_MAY_BE_TARGET = re.compile("[力计拟确预争目规下有承必不准打届年将到要]")
_DONE = regex.compile(r"已|共|累计|先后|截至|目前|据统计")


@cache
def _endings(kind: str) -> tuple[str, ...]:
    """The endings of a class of ``lexicon/noun_endings.csv``."""
    return tuple(r["ending"] for r in lexicon.table("noun_endings") if r["class"] == kind)


lexicon.on_change(_endings)


#: A rule that is not weighed: in the marked reports it is wrong in one case of 17.
_DOER = "doer of the next figure"


def roles(
    article: Article,
    sentences: Sequence[SentenceFrames],
    deeds: Sequence[Deed],
    parents: Sequence[int | None],
    clues: list[list[Group]],
) -> list[tuple[str, str, float]]:
    """One (role, rule, confidence) a quantity: the rule's reading is one clue among those that the model weighs.

    It weighs them twice: the second time it knows what the first made likely for the quantities around. What it
    weighs is added to ``clues``.
    """
    model = load("roles")
    said = rule_roles(article, sentences, deeds)
    for found, (rule_role, rule, _) in zip(clues, said, strict=True):
        found.append(_of_rule(rule_role, rule))
    around = neighbour_clues(article, parents, model.labels, model.shares([Clues(tuple(found)) for found in clues]))
    for found, groups in zip(clues, around, strict=True):
        found += groups
    result: list[tuple[str, str, float]] = []
    for found, (rule_role, rule, sure) in zip(clues, said, strict=True):
        role, confidence = (rule_role, sure) if rule == _DOER else model.decide(Clues(tuple(found)))
        result.append((role, rule if role == rule_role else "weights", confidence))
    return result


@lru_cache(maxsize=1024)
def _of_rule(role: str, rule: str) -> Group:
    return Group([f"rule role={role}", f"rule role by={rule}"])


def rule_roles(
    article: Article, sentences: Sequence[SentenceFrames], deeds: Sequence[Deed]
) -> list[tuple[str, str, float]]:
    """One (role, rule, confidence) a quantity by rules alone."""
    result: list[tuple[str, str, float]] = [("context", "", 0.5)] * len(article.quantities)
    for sentence in sentences:
        for place, frame in enumerate(sentence.frames):
            result[frame.index] = _role(article, sentence, place, frame, deeds)
    return result


def _role(
    article: Article, sentence: SentenceFrames, place: int, frame: Frame, deeds: Sequence[Deed]
) -> tuple[str, str, float]:
    deed = deeds[frame.index]
    quantity = article.quantities[frame.index]
    before = article.text[sentence.sentence.start : quantity.start]
    if deed.change == "from":
        return "context", "level before", 0.9
    # 8个方面 is context, 作风方面8个 counts what was found
    if (deed.groups and deed.groups <= {"frame"}) or (frame.noun_right or quantity.unit).endswith(_endings("frame")):
        return "context", "frame", 0.8
    target = _TARGET.search(before) if _MAY_BE_TARGET.search(before) else None
    if target is not None and not _DONE.search(before, target.end()):
        return "target", "target word", 0.8
    if _does_next(article, sentence, place, deeds):
        return "actor", _DOER, 0.94
    if _is_actor(sentence, place, frame, deed):
        return "actor", "doer of a later figure", 0.7
    if not deed.groups:
        return "context", "no deed", 0.6
    return "result", "deed", 0.7


def _is_actor(sentence: SentenceFrames, place: int, frame: Frame, deed: Deed) -> bool:
    """A group with a verb behind it whose sentence goes on to another count."""
    if deed.source not in ("after", "next") or not frame.noun_right.endswith(_endings("group")):
        return False
    if deed.groups & {"benefit", "discipline", "admonish", "account", "detain", "weak"} or frame.preposition:
        return False
    return place + 1 < len(sentence.frames)


def _does_next(article: Article, sentence: SentenceFrames, place: int, deeds: Sequence[Deed]) -> bool:
    """A group whose verb leads to the next number of the clause, of another thing: 32名干部查找问题90个."""
    if place + 1 == len(sentence.frames):
        return False
    frame, following = sentence.frames[place], sentence.frames[place + 1]
    one, other = deeds[frame.index], deeds[following.index]
    if frame.preposition or one.object == other.object:
        return False
    if article.quantities[frame.index].clause != article.quantities[following.index].clause:
        return False
    same = one.source == "after" and other.source == "before" and bool(one.action) and one.action == other.action
    return same and one.object.endswith(_endings("group")) and not one.object.endswith(_endings("team"))
