"""The deed of a quantity: the verb that it is the result of, the thing counted, and the direction of a change."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import regex

from pipeline import lexicon
from pipeline.model import Article, Quantity
from pipeline.stages.attribute.frames import Frame, SentenceFrames, function_words
from pipeline.stages.attribute.predicates import Predicate

__all__ = ["Deed", "deeds", "fill_objects"]


class Deed(NamedTuple):
    """Verb and object of a quantity, with where they were found."""

    action: str
    object: str
    #: up, down or ''
    direction: str
    #: before (the verb precedes the number), after, next (in the next clause), joined, inherited or none
    source: str
    #: the verb's groups in the lexicon of actions
    groups: frozenset[str]
    #: own where the clause names the thing counted, else joined, inherited, unit or verb
    object_source: str
    #: the level that a change ends or starts at: to, from or ''
    change: str = ""


_NONE = Deed("", "", "", "none", frozenset(), "none")

#: Groups of verbs that name no deed of their own.
_LIGHT = frozenset({"weak", "frame", "target", "share", "economy"})
#: Groups of verbs that leave the deed to the words before: 为, 占, 达到.
_EMPTY = frozenset({"weak", "share"})

#: A rate is named before the number: 整改率, 满意度, 比重.
_RATE = regex.compile(r"(?P<name>[\p{Han}“”、]*?(?:率|满意度|比例|比重|占比|覆盖面|指数|幅度|降幅|增幅|涨幅))$")

_UP = regex.compile(r"增长|增加|上升|提高|提升|上涨|攀升|增幅|涨幅|扩大|高出|翻番|翻一番|新增|多|增|升|涨|高")
_DOWN = regex.compile(
    r"下降|减少|降低|下滑|回落|下跌|压减|压缩|精简|缩减|削减|减幅|降幅|缩短|缩小|下调|核减|减贫|减|降|跌|少|低"
)

#: The level that a change ends at, and the level that it starts from.
_TO = regex.compile(r"(?:到|至|为|成|达|达到|升至|降至)$")
_FROM = regex.compile(r"(?:由|从)(?:[^，。；由从]{0,14}的)?$")


def deeds(article: Article, sentences: Sequence[SentenceFrames]) -> list[Deed]:
    """One deed a quantity, in the order of ``article.quantities``; things counted that the clause leaves out are open."""
    result = [_NONE] * len(article.quantities)
    for sentence in sentences:
        for place, frame in enumerate(sentence.frames):
            result[frame.index] = _deed(article, sentence, place, result)
        _distribute(article, sentence, result)
    return result


def _deed(article: Article, sentence: SentenceFrames, place: int, known: Sequence[Deed]) -> Deed:
    frame = sentence.frames[place]
    quantity = article.quantities[frame.index]
    if frame.joined is not None and not frame.before and not frame.noun_right:
        return _joined(article, quantity, article.quantities[frame.joined], known[frame.joined])
    verb, source = _verb(article, sentence, frame)
    direction, change = _direction(article.text, frame, quantity, verb)
    named, object_source = _object(article.text, frame, quantity, verb)
    if verb is None or (verb.groups <= _EMPTY and source == "before"):
        model = _model(article, frame, known)
        if model is not None and model.action:
            return Deed(model.action, named, direction, "inherited", model.groups, object_source, change)
    if verb is None:
        return Deed("", named, direction, "none", frozenset(), object_source, change)
    return Deed(verb.text, named, direction, source, verb.groups, object_source, change)


def _model(article: Article, frame: Frame, known: Sequence[Deed]) -> Deed | None:
    """The deed that an enumeration goes on with: that of the last quantity with the same unit close by."""
    quantity = article.quantities[frame.index]
    for index in range(frame.index - 1, max(-1, frame.index - 9), -1):
        other = article.quantities[index]
        if other.sentence < quantity.sentence - 1:
            return None
        if other.unit == quantity.unit and not known[index].direction:
            return known[index]
    close = frame.index - 1
    return known[close] if close >= 0 and article.quantities[close].sentence == quantity.sentence else None


#: A list of things before the numbers that belong to them in order: A、B、C分别为1、2、3.
_ORDER = regex.compile(r"分别|依次|各")
_LIST = regex.compile(r"[、]|和|及|与|以及")


def _distribute(article: Article, sentence: SentenceFrames, result: list[Deed]) -> None:
    """Give the things of a list before 分别 to the quantities behind it, in order."""
    frames = sentence.frames
    for place, frame in enumerate(frames):
        if frame.joined is not None or not _ORDER.search(frame.left):
            continue
        series = [frame.index]
        for following in frames[place + 1 :]:
            if following.joined != series[-1]:
                break
            series.append(following.index)
        named = _LIST.split(result[frame.index].object)
        if len(series) == len(named) > 1 and result[frame.index].groups <= _EMPTY | {"change", "share"}:
            for index, name in zip(series, named, strict=True):
                result[index] = result[index]._replace(object=name, object_source="own")


def fill_objects(article: Article, found: Sequence[Deed], parents: Sequence[int | None]) -> list[Deed]:
    """Give every quantity whose clause names nothing the thing of its whole, or of the last quantity of its unit."""
    result = list(found)
    for index, deed in enumerate(found):
        if deed.object_source != "open":
            continue
        source = parents[index] if parents[index] is not None else _same_unit_before(article, index, result, parents)
        if source is not None and result[source].object:
            result[index] = deed._replace(object=result[source].object, object_source="inherited")
        elif deed.action:
            result[index] = deed._replace(object=deed.action, object_source="verb")
    return result


def _same_unit_before(article: Article, index: int, known: Sequence[Deed], parents: Sequence[int | None]) -> int | None:
    quantity = article.quantities[index]
    percent = quantity.unit in ("%", "个百分点")
    for other in range(index - 1, max(-1, index - 7), -1):
        if article.quantities[other].sentence < quantity.sentence - 1:
            return None
        if (percent or article.quantities[other].unit == quantity.unit) and known[other].object_source != "open":
            return other
    return None


def _joined(article: Article, quantity: Quantity, other: Quantity, deed: Deed) -> Deed:
    """A quantity that shares deed and, unless it counts people of a case, object with the one before it."""
    if quantity.kind == "people" and other.kind == "count" and not _is_people(deed.object):
        return deed._replace(source="joined", object="人员", object_source="unit")
    return deed._replace(source="joined", object_source="joined")


@cache
def _people() -> tuple[str, ...]:
    return tuple(r["word"] for r in lexicon.table("people"))


lexicon.on_change(_people)


def _is_people(phrase: str) -> bool:
    return phrase.endswith(_people())


def _verb(article: Article, sentence: SentenceFrames, frame: Frame) -> tuple[Predicate | None, str]:
    """The verb of a quantity, and where it stands: a verb that names a deed before a light one, the nearer first."""
    before = _chosen(frame.before)
    after = _chosen(frame.after, forward=True)
    if after is not None and _has_own_number(article, frame, after):
        after = None
    relative = bool(frame.noun_right) and frame.left.rstrip("“ ").endswith("的")
    open_ahead = bool(frame.preposition) or relative
    if before is not None and _is_deed(before) and not open_ahead:
        return before, "before"
    if after is not None and _is_deed(after):
        return after, "after"
    if before is not None and _is_deed(before):
        return before, "before"
    if frame.noun_right or frame.preposition or frame.content_start == frame.content_end:
        following = _of_next_clause(article, sentence, frame)
        if following is not None and (before is None or frame.preposition):
            return following, "next"
    if before is not None:
        return before, "before"
    return (after, "after") if after is not None else (None, "none")


def _is_deed(verb: Predicate) -> bool:
    return bool(verb.groups) and not verb.groups <= _LIGHT


def _has_own_number(article: Article, frame: Frame, verb: Predicate) -> bool:
    """Whether the verb behind a quantity leads to the next quantity (14个问题已完成整改11个)."""
    following = frame.index + 1
    if following >= len(article.quantities):
        return False
    quantity = article.quantities[following]
    same_clause = (quantity.sentence, quantity.clause) == (
        article.quantities[frame.index].sentence,
        article.quantities[frame.index].clause,
    )
    return same_clause and quantity.start - verb.end <= 1


def _chosen(found: Sequence[Predicate], forward: bool = False) -> Predicate | None:
    """The predicate that heads a stretch: the first that names a deed, else the last light one."""
    causative = function_words("causative")
    strong = [p for p in found if p.groups and not p.groups <= _LIGHT and p.text not in causative]
    plain = [p for p in strong if "frame" not in p.groups] or strong
    if plain:
        return plain[0]
    other = [p for p in found if not p.groups]
    if other:
        return other[0] if forward else other[-1]
    return found[-1] if found else None


def _of_next_clause(article: Article, sentence: SentenceFrames, frame: Frame) -> Predicate | None:
    quantity = article.quantities[frame.index]
    for clause in sentence.sentence.clauses[quantity.clause + 1 : quantity.clause + 3]:
        inside = [p for p in sentence.predicates if clause.start <= p.start < clause.end]
        verb = _chosen(inside, forward=True)
        if verb is not None and _is_deed(verb):
            return verb
    return None


def _direction(text: str, frame: Frame, quantity: Quantity, verb: Predicate | None) -> tuple[str, str]:
    """Which way a change goes, or which end of it the number is: (direction, change)."""
    tail = frame.left[-16:]
    if _FROM.search(tail):
        return "", "from"
    if verb is None or "change" not in verb.groups and not verb.groups & {"save", "cutback"}:
        return "", ""
    if _TO.search(frame.left.rstrip("约近超过逾了")):
        return "", "to"
    if _DOWN.match(verb.text) or _DOWN.search(verb.text) and not _UP.match(verb.text):
        return "down", ""
    return (
        ("up", "")
        if _UP.search(verb.text) and quantity.kind in ("percent", "change", "count", "people", "money", "measure")
        else ("", "")
    )


def _object(text: str, frame: Frame, quantity: Quantity, verb: Predicate | None) -> tuple[str, str]:
    """The thing counted as the clause names it, and where it was found ('' and open if the clause does not)."""
    if frame.noun_right:
        return frame.noun_right, "own"
    start, end = frame.content_start, frame.content_end
    if verb is not None and start <= verb.start < end:
        ahead, behind = _stripped(text[start : verb.start]), _stripped(text[verb.end : end])
        change = quantity.unit in ("%", "个百分点") or "change" in verb.groups
        named = (ahead or behind) if change else behind
    else:
        named = _stripped(text[start:end])
    if named and not _PLACE.fullmatch(named):
        return named, "own"
    if quantity.kind == "people":
        return "人员", "unit"
    if quantity.unit in ("件", "起", "宗") and verb is not None and verb.groups & {"file", "detain"}:
        return "案件", "unit"
    return "", "open"


#: A division on its own is not what is counted.
_PLACE = regex.compile(r"\p{Han}{0,6}[省市县区旗州盟镇乡村]")


_EDGE = regex.compile(r"^(?:[\s，、,的到出了各率等]|各类|其中|全[市省县区国])+|[\s，、,的达到为至约近超过逾了共]+$")


def _stripped(phrase: str) -> str:
    return _EDGE.sub("", phrase)
