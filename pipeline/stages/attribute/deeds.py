"""The deed of a quantity: the verb that it is the result of, the thing counted, and the direction of a change."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import regex

from pipeline import lexicon
from pipeline.lexicon import gazetteer
from pipeline.model import Article, Clause, Quantity
from pipeline.stages.attribute.frames import Frame, SentenceFrames, function_words
from pipeline.stages.attribute.predicates import HIDDEN, Predicate, groups_of

__all__ = ["AND", "IN_ORDER", "PROPOSALS", "SHARES", "Deed", "deeds", "direction", "fill_objects", "series"]


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
    #: whether the thing is that of a list which 分别 gives out in order
    in_order: bool = False


_NONE = Deed("", "", "", "none", frozenset(), "none")

#: Groups of verbs that name no deed of their own.
_LIGHT = frozenset({"weak", "copula", "frame", "target", "share", "economy"})
#: Groups of verbs that leave the deed to the words before: 为, 占, 达到.
_EMPTY = frozenset({"weak", "share", "copula"})

#: Units of shares and of their changes.
SHARES = frozenset({"%", "个百分点", "百分点"})

#: A rate is named before the number: 整改率, 满意度, 比重.
_RATE = regex.compile(r"(?P<of>[\p{Han}“”、]*?)(?P<kind>率|比例|幅度|降幅|增幅|涨幅)$")

_UP = regex.compile(r"增长|增加|上升|提高|提升|上涨|攀升|增幅|涨幅|扩大|高出|翻番|翻一番|新增|多|增|升|涨|高")
_DOWN = regex.compile(
    r"下降|减少|降低|下滑|回落|下跌|压减|压缩|再压|^压$|精简|缩减|削减|减幅|降幅|缩短|缩小|下调|核减|减贫|减|降|跌|少|低"
)

#: What a change starts from stands behind its subject: 会议由137场压缩为84场, 比去年同期的412起下降35%.
_ORIGIN = regex.compile(r"(?:由|从)(?:[^，。；,;由从]{0,14}的)?$|(?:比|较|与)(?:[去上前]年|[0-9]{4}年)(?:同期)?的?$")

#: The name of a change that is told in per cent: 降幅, 精简比例.
_NAMED_CHANGE = regex.compile(
    r"(?P<down>[降减跌]幅|(?:下降|降低|减少|精简|削减|压减|压缩)(?:幅度|比例))|(?P<up>[增涨升]幅|(?:增长|上升|提高)(?:幅度|比例))"
)

#: Right before the number stands by how much something changed, though another verb tells the deed: 发案环比连降18%,
#: 高于上年2.4个百分点.
_BESIDE = regex.compile(
    r"""
    (?: (?P<down> (?:同比|环比|[再又连压])(?:下降|减少|降低|下滑|回落|压减|压缩|降) | 少[收开发报办跑]
          | 比[^，。；,;]{1,12}(?:少|低|慢) | 低于(?&once) )
      | (?P<up> (?:同比|环比|[再又连])(?:增长|增加|上升|提高|提升|上涨|升|涨) | 多[收挣赚] | 前移
          | 比[^，。；,;]{1,12}(?:多出?|高出?|快) | 高于(?&once) )
    ) 了?[约近超逾]?过?$
    (?(DEFINE)
      (?P<once> (?:[去上前往]年|同期|上一?[轮月周]|上季度) (?:同期|全年)? )
    )
    """,
    regex.VERBOSE,
)

#: Groups of verbs that change how much there is.
_CHANGES = frozenset({"change", "save", "cutback"})

#: The level that a change ends at.
_TO = regex.compile(
    r"(?:到|至|为|成|达|达到|升至|降至)"
    r"(?:了?\s?(?:[0-9]{4}年[底末初]?|[0-9]{1,2}月[底末]?|现在|目前|如今|当前|今年|去年|原来)?的?(?:每[年月人户天]){0,2}(?:不超过)?)$"
)

#: A multiple that something rose by: 翻了一番, 翻两倍.
_FOLDED = regex.compile(r"翻了?(?:近|约|超过|将近|接近)?$")
_MULTIPLES = frozenset({"倍", "%", ""})


def deeds(article: Article, sentences: Sequence[SentenceFrames]) -> list[Deed]:
    """One deed a quantity, in the order of ``article.quantities``; what the clause leaves out is open."""
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
        return _joined(article, quantity, known, frame.joined)
    if (chained := _in_chain(article, sentence, place, known)) is not None:
        return chained
    verb, source = _verb(article, sentence, place)
    if (offences := _offences(article, frame, known, verb)) is not None:
        return offences
    if frame.joined is not None and not frame.before and known[frame.joined].action:
        model = known[frame.joined]
        return Deed(model.action, frame.noun_right, model.direction, "joined", model.groups, "own")
    if quantity.unit in SHARES and (source != "before" or verb is None or _says_level(verb) or not _is_deed(verb)):
        verb, source = _verb_of_rate(article.text, frame, quantity) or (verb, source)
    return _of_verb(article, sentence, frame, known, verb, source)


def _in_chain(article: Article, sentence: SentenceFrames, place: int, known: Sequence[Deed]) -> Deed | None:
    """The deed of a number that goes on with the one before it: right behind its noun, or in a list of one kind."""
    frame = sentence.frames[place]
    if not place or frame.index != sentence.frames[place - 1].index + 1:
        return None
    model = known[frame.index - 1]
    if model.source not in ("before", "inherited") or not model.action:
        return None
    if _behind_noun(article, frame):
        return model._replace(object=frame.noun_right, source="inherited", object_source="own")
    if "meet" in model.groups and model.object_source == "own" and _next_of_list(article, sentence, frame):
        named = _stripped(article.text[frame.content_start : frame.content_end])
        if len(named) > 2 and named[-1] == model.object[-1:]:
            return model._replace(object=named, source="inherited")
    return None


def _behind_noun(article: Article, frame: Frame) -> bool:
    """Whether a number stands right behind the noun of the one before it: 反馈5个方面23个问题."""
    quantity, before = article.quantities[frame.index], article.quantities[frame.index - 1]
    named = not frame.left and bool(frame.noun_right) and quantity.clause == before.clause
    return named and not any(map(_is_deed, frame.after))


def _next_of_list(article: Article, sentence: SentenceFrames, frame: Frame) -> bool:
    """Whether words that look like verbs are part of the next thing of a list: 召开党组会9次、整改推进会5次."""
    quantity, before = article.quantities[frame.index], article.quantities[frame.index - 1]
    near = quantity.clause == before.clause or _follows_pause(sentence, quantity)
    return near and bool(frame.before) and quantity.unit == before.unit and frame.left.startswith("、")


def _follows_pause(sentence: SentenceFrames, quantity: Quantity) -> bool:
    """Whether nothing but 、 parts the clause of a quantity from the one before."""
    clauses = sentence.sentence.clauses
    return bool(quantity.clause) and clauses[quantity.clause - 1].mark == "、"


def _of_verb(
    article: Article,
    sentence: SentenceFrames,
    frame: Frame,
    known: Sequence[Deed],
    verb: Predicate | None,
    source: str,
) -> Deed:
    """The deed by the verb of the clause; by that of an enumeration before it where the clause has none of its own."""
    quantity = article.quantities[frame.index]
    way, change = direction(article.text, frame, quantity, verb)
    named, object_source = _object(article.text, frame, quantity, verb)
    if object_source in ("unit", "open") and (topic := _topic(article, sentence, frame, verb)):
        named, object_source = topic, "own"
    if verb is None or (_leaves_deed_open(verb, object_source) and source == "before" and not frame.noun_right):
        model = _model(article, frame, known)
        if model is not None and model.action:
            light = verb.groups if verb is not None else frozenset()
            return Deed(model.action, named, way, "inherited", model.groups | light, object_source, change)
    if verb is None:
        return Deed("", named, way, "none", frozenset(), object_source, change)
    if object_source in ("open", "unit") and (opening := _opening(frame, verb)) is not None:
        return Deed(opening.text, verb.text, way, source, verb.groups, "own", change)
    return Deed(verb.text, named, way, source, verb.groups, object_source, change)


def _opening(frame: Frame, verb: Predicate) -> Predicate | None:
    """The light verb right before a verb that is but the name of what was held: 开展 in 开展专题研讨15次."""
    before = next((p for p in frame.before if p.end == verb.start), None)
    return before if before is not None and before.text in function_words("light") else None


def _offences(article: Article, frame: Frame, known: Sequence[Deed], verb: Predicate | None) -> Deed | None:
    """A clause that only names what else was investigated: 查处…问题103人，参与高消费问题17人."""
    if not frame.index or (verb is not None and verb.groups & {"investigate", "find", "rectify", "file", "handle"}):
        return None
    before = article.quantities[frame.index - 1]
    named = article.text[frame.content_start : frame.content_end]
    model = known[frame.index - 1]
    same = before.sentence == article.quantities[frame.index].sentence
    if not same or "investigate" not in model.groups or not _OFFENCE.search(named):
        return None
    return Deed(model.action, _stripped(named), "", "inherited", model.groups, "own")


_OFFENCE = regex.compile(r"(?:问题|案件|案例|行为)$")


def _model(article: Article, frame: Frame, known: Sequence[Deed]) -> Deed | None:
    """The deed that an enumeration goes on with.

    That of the quantity before it in the same clause, else of the last one with the same unit close by.
    """
    quantity = article.quantities[frame.index]
    close = frame.index - 1
    if close < 0:
        return None
    before = article.quantities[close]
    if (before.sentence, before.clause) == (quantity.sentence, quantity.clause) and known[close].action:
        return known[close]
    for index in range(close, max(-1, frame.index - 9), -1):
        other = article.quantities[index]
        if other.sentence < quantity.sentence - 1:
            break
        if other.unit == quantity.unit and known[index].action and not known[index].direction:
            return known[index]
    return known[close] if before.sentence == quantity.sentence else None


#: A list of things before the numbers that belong to them in order: A、B、C分别为1、2、3.
IN_ORDER = regex.compile(r"分别|依次|各")
AND = regex.compile(r"[、]|和|及|与|以及")


def _distribute(article: Article, sentence: SentenceFrames, result: list[Deed]) -> None:
    """Give the things of a list before 分别 to the quantities behind it, in order.

    A second series without a list (依次占69.9%、24.1%) takes the things of the first.
    """
    latest: list[str] = []
    for place, frame in enumerate(sentence.frames):
        if frame.joined is not None or not IN_ORDER.search(frame.left):
            continue
        indices = series(sentence.frames, place)
        named = _things_in_order(article, sentence.frames, place, len(indices), result, latest)
        if len(named) == len(indices) > 1 and all(map(_is_thing, named)):
            latest = named
            for index, name in zip(indices, named, strict=True):
                result[index] = result[index]._replace(object=name, object_source="own", in_order=True)


def _is_thing(named: str) -> bool:
    """Whether a member of a list is counted itself; months and divisions only say when and where."""
    return bool(named) and not is_place(named) and not _NO_THING.fullmatch(named)


def series(frames: Sequence[Frame], place: int) -> list[int]:
    """The quantity of a frame and those that are joined to it, one to the next."""
    found = [frames[place].index]
    for following in frames[place + 1 :]:
        if following.joined != found[-1]:
            break
        found.append(following.index)
    return found


def _things_in_order(
    article: Article, frames: Sequence[Frame], place: int, wanted: int, known: Sequence[Deed], latest: list[str]
) -> list[str]:
    """The things of the list before 分别, else those of the series before, else of the counts before."""
    head = known[frames[place].index]
    named = [n for n in AND.split(head.object) if n] if head.object_source == "own" else latest
    if len(named) != wanted and head.object_source == "open":
        named = [known[i].object for i in _counts_before(article, frames, place)[-wanted:]]
    return named


def _counts_before(article: Article, frames: Sequence[Frame], place: int) -> list[int]:
    return [f.index for f in frames[:place] if article.quantities[f.index].unit not in SHARES]


def fill_objects(article: Article, found: Sequence[Deed], parents: Sequence[int | None]) -> list[Deed]:
    """Give every quantity whose clause leaves it open the deed and the thing of the quantity that it speaks of.

    That is the whole of a part, the part that a share was just said of, the number that a change is compared
    with, or the last quantity with the same unit.
    """
    result = list(found)
    _name_chain(article, result)
    for index in range(len(result)):
        result[index] = _filled(article, index, result, parents[index], _spoken_of(article, index, result, parents))
    return result


def _filled(article: Article, index: int, known: Sequence[Deed], whole: int | None, source: int | None) -> Deed:
    """A deed with what it leaves open taken from the quantity ``source`` that it speaks of."""
    deed = known[index]
    model = known[source] if source is not None else _NONE
    if (deed.groups <= _EMPTY or deed.source == "inherited") and deed.source != "next" and model.action:
        deed = deed._replace(action=model.action, groups=deed.groups | model.groups)
    if deed.object_source == "open":
        return _named(deed, model, article.quantities[index].kind, is_part=whole is not None)
    if deed.object_source == "unit" and deed.object == "人员":
        people = model.object if whole is not None or deed.source == "after" else ""
        people = people if _is_people(people) else _people_of_case(article, index, known)
        return deed._replace(object=people, object_source="inherited") if people else deed
    elif deed.object_source == "headless" and whole is not None and known[whole].object:
        return deed._replace(object=known[whole].object, object_source="inherited")
    return deed


def _people_of_case(article: Article, index: int, known: Sequence[Deed]) -> str:
    """Who the people of the case just named are, '' if that does not say: 查处党员干部参赌案件15件20人."""
    sentence = article.quantities[index].sentence
    for other in range(index - 1, max(-1, index - 3), -1):
        if article.quantities[other].sentence != sentence:
            break
        named = _people_of_case_names().match(known[other].object)
        if named is not None:
            return str(named["who"])
    return ""


@cache
def _people_of_case_names() -> regex.Pattern[str]:
    """The people that the name of a case or a problem begins with: 党员干部 in 党员干部参赌案件."""
    words = "|".join(r["ending"] for r in lexicon.table("noun_endings") if r["class"] == "offender")
    return regex.compile(rf"(?P<who>\p{{Han}}{{0,6}}(?:{words}))\p{{Han}}{{2,}}(?:案件?|问题|行为|事件)$")


lexicon.on_change(_people_of_case_names)


def _named(deed: Deed, model: Deed, kind: str, is_part: bool) -> Deed:
    """A deed whose clause names no thing: with the thing of its model, else with what unit or verb say."""
    if model.object and (kind != "money" or is_part):
        return deed._replace(object=model.object, object_source="inherited")
    if kind == "money" and not deed.action.endswith(_NAMES_MONEY):
        return deed._replace(object="资金", object_source="unit")
    if deed.action:
        return deed._replace(object=deed.action, object_source="verb")
    return deed


#: Endings of verbs that name the money themselves: 罚款, 罚没, 罚金.
_NAMES_MONEY = ("款", "没", "金")


def _name_chain(article: Article, result: list[Deed]) -> None:
    """In a chain of measures (制定4类13项38条举措) the thing is named behind the last one."""
    for index in range(len(result) - 2, -1, -1):
        if (
            result[index].object_source == "open"
            and result[index + 1].object_source == "own"
            and article.quantities[index].end == article.quantities[index + 1].start
        ):
            result[index] = result[index]._replace(object=result[index + 1].object, object_source="own")


def _spoken_of(article: Article, index: int, known: Sequence[Deed], parents: Sequence[int | None]) -> int | None:
    quantity = article.quantities[index]
    percent = quantity.unit in SHARES
    if not percent and parents[index] is not None:
        return parents[index]
    for other in range(index - 1, max(-1, index - 7), -1):
        if article.quantities[other].sentence < quantity.sentence - 1:
            break
        if percent:
            if article.quantities[other].unit not in SHARES or known[other].object_source == "own":
                return other
        elif article.quantities[other].unit == quantity.unit and known[other].object_source != "open":
            return other
    return parents[index] if parents[index] is not None else _same_deed_before(article, index, known)


def _same_deed_before(article: Article, index: int, known: Sequence[Deed]) -> int | None:
    """The last quantity of the same deed and unit whose thing is named: 查处731起 … 恩施市：查处142起."""
    for other in range(index - 1, max(-1, index - 25), -1):
        if (
            known[other].action == known[index].action != ""
            and article.quantities[other].unit == article.quantities[index].unit
            and known[other].object_source in ("own", "inherited")
        ):
            return other
    return None


def _joined(article: Article, quantity: Quantity, known: Sequence[Deed], joined: int) -> Deed:
    """A quantity that shares deed and, unless it counts people of a case, object with the one before it.

    In an enumeration (A县查处96起、处分88人；B县83起、91人) it takes those of the same place in the entry before.
    """
    other, deed = article.quantities[joined], known[joined]
    if other.unit != quantity.unit and deed.source == "inherited":
        for index in range(joined - 1, max(-1, joined - 5), -1):
            earlier = article.quantities[index]
            if earlier.unit == quantity.unit and earlier.sentence == quantity.sentence:
                return known[index]._replace(source="joined", object_source="joined")
    if quantity.kind == "people" and other.kind == "count" and not _is_people(deed.object):
        return deed._replace(source="joined", object="人员", object_source="unit")
    return deed._replace(source="joined", object_source="joined" if deed.object else "open")


@cache
def _people() -> tuple[str, ...]:
    return tuple(r["word"] for r in lexicon.table("people"))


lexicon.on_change(_people)


def _is_people(phrase: str) -> bool:
    return phrase.endswith(_people())


def _verb(article: Article, sentence: SentenceFrames, place: int) -> tuple[Predicate | None, str]:
    """The verb of a quantity, and where it stands: a verb that names a deed before a light one, the nearer first."""
    frame = sentence.frames[place]
    quantity = article.quantities[frame.index]
    before = _chosen(_main(article.text, frame, quantity, sentence.sentence.clauses[quantity.clause]))
    after = _chosen(_behind(article.text, frame, quantity), forward=True)
    if after is None and frame.preposition:
        after = _behind_series(article, sentence, place)
    counted_times = quantity.unit in _TIMES
    if after is not None and not frame.preposition and not counted_times and _has_own_number(article, frame, after):
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


def _verb_of_rate(text: str, frame: Frame, quantity: Quantity) -> tuple[Predicate, str] | None:
    """The verb in the name of a rate: 整改 in 整改率, which words keep together."""
    start = quantity.start - len(frame.left)
    at = text.rfind("率", start, quantity.start)
    name = text[start:at] if at >= 0 else ""
    for length in range(min(len(name), 6), 1, -1):
        if groups := groups_of(name[-length:]):
            return Predicate(at - length, at, name[-length:], groups, "v"), "before"
    return None


def _says_level(verb: Predicate) -> bool:
    """达, 达到, 不低于 and the like: a named rate before them (整改率达95%) keeps its own verb."""
    return _LEVEL.fullmatch(verb.text) is not None


def _is_deed(verb: Predicate) -> bool:
    return _name_deed(verb.groups)


@cache
def _name_deed(groups: frozenset[str]) -> bool:
    """Whether groups are those of a verb that names a deed; there are some hundred sets of groups."""
    return bool(groups) and not groups <= _LIGHT


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
    if not found:
        return None
    naming = [p for p in found if _is_deed(p)]
    strong = [p for p in naming if p.tag != HIDDEN] or naming
    plain = [p for p in strong if "frame" not in p.groups] or strong
    own = [p for p in plain if p.text not in function_words("causative")] or plain
    if own:
        return own[0]
    other = [p for p in found if not p.groups]
    if other:
        return other[0] if forward else other[-1]
    return found[-1]


def _behind_series(article: Article, sentence: SentenceFrames, place: int) -> Predicate | None:
    """The verb behind all that a preposition governs: 开展督查 in 对28个乡镇和46个部门开展督查."""
    clause = article.quantities[sentence.frames[place].index].clause
    for frame in sentence.frames[place + 1 :]:
        quantity = article.quantities[frame.index]
        if quantity.clause != clause or frame.before:
            return None
        if (verb := _chosen(_behind(article.text, frame, quantity), forward=True)) is not None:
            return verb
    return None


def _behind(text: str, frame: Frame, quantity: Quantity) -> Sequence[Predicate]:
    """The predicates behind the number that can head the clause: those behind 被 and 受到, and not those of a cause."""
    passive = _PASSIVE.search(text, quantity.end, quantity.end + len(frame.right))
    if passive is not None:
        behind = [p for p in frame.after if p.end > passive.end()]
        if any(_is_deed(p) for p in behind):
            return behind
    if _CAUSE.match(frame.right[len(frame.noun_right) :]):
        return [p for p in frame.after if _is_deed(p)][-1:]
    return frame.after


_PASSIVE = regex.compile(r"被|受到|给予|予以|进行|作出")
_CAUSE = regex.compile(r"因|由于|经(?!济)|通过")


def _main(text: str, frame: Frame, quantity: Quantity, clause: Clause) -> list[Predicate]:
    """The predicates before the number that can head the clause.

    Those of a list that 等 closes, and those before 已, 共, 累计 or 先后, only say whose deed it is, if a deed
    stands behind them. A change right before the number (同比下降9%) is said of all that stands before it.
    """
    if text[frame.content_start : frame.content_end].endswith("类"):
        return []
    if quantity.kind != "money" and frame.before and all(p.groups <= {"involve"} and p.groups for p in frame.before):
        # names of offences: 贪污侵占158起
        return [p for p in frame.before if p.text.startswith("涉")]
    found = _behind_turn(text, frame, quantity, clause)
    last = found[-1] if found else None
    if last is not None and len(found) > 1 and _heads_alone(text, found[0], last, quantity):
        return [last]
    if last is not None and last.groups & {"change", "save", "cutback"} and _adjacent(text, last, quantity):
        level = _LEVEL.fullmatch(last.text)
        if not level and (quantity.unit in SHARES or "change" in last.groups):
            return [last]
    return found


def _heads_alone(text: str, first: Predicate, last: Predicate, quantity: Quantity) -> bool:
    """Whether 的 parts the verb right before the number from those that only say of whom it is told.

    受灾最重的某区转移90人: 转移, not 受灾.
    """
    if not _is_deed(last) or "involve" in last.groups or _says_level(last) or not last.tag.startswith("v"):
        return False
    return _adjacent(text, last, quantity) and "的" in text[first.end : last.start]


def _behind_turn(text: str, frame: Frame, quantity: Quantity, clause: Clause) -> list[Predicate]:
    """The predicates before the number, without those of its subject where a deed stands behind them."""
    found = [p for p in frame.before if len(p.text) > 1 or _adjacent(text, p, quantity)]
    start = quantity.start - len(frame.left)
    turn = _TURN_IN_LIST if start > clause.start else _TURN
    for mark in turn.finditer(text, start, quantity.start):
        behind = [p for p in found if p.start >= mark.end()]
        if any(_is_deed(p) for p in behind):
            found = behind
    return found


#: Units of how often something was done: 先后3次通报.
_TIMES = frozenset({"次", "轮", "场次", "批次"})

#: What parts the subject of a clause from its predicate.
_TURN = regex.compile(r"等|已经?|共(?!产|同|青|享|和)|累计|先后|全部|目前|均")

#: Behind another quantity of the clause, what stands before the last 、 still belongs to that one.
_TURN_IN_LIST = regex.compile(_TURN.pattern + "|、")

#: Verbs that only say how high a number is.
_LEVEL = regex.compile(r"不(?:低于|少于|超过|高于)|达到?|超过?|突破|多|高达|高于|低于|少于|控制")


def _adjacent(text: str, verb: Predicate, quantity: Quantity) -> bool:
    """Whether only particles and approximators stand between the verb and the number."""
    between = text[verb.end : quantity.start]
    return len(between) <= 6 and not between.strip("了到至为达过出近约超逾有将不足共 由从")


def _of_next_clause(article: Article, sentence: SentenceFrames, frame: Frame) -> Predicate | None:
    quantity = article.quantities[frame.index]
    for clause in sentence.sentence.clauses[quantity.clause + 1 : quantity.clause + 3]:
        inside = [p for p in sentence.predicates if clause.start <= p.start < clause.end]
        verb = _chosen(inside, forward=True)
        if verb is not None and _is_deed(verb):
            return verb
    return None


def direction(text: str, frame: Frame, quantity: Quantity, verb: Predicate | None) -> tuple[str, str]:
    """Which way a change goes, or which end of it the number is: (direction, change)."""
    tail = frame.left[-16:]
    if _ORIGIN.search(tail):
        return "", "from"
    if quantity.unit == "番" or (quantity.unit in _MULTIPLES and _FOLDED.search(tail)):
        return "up", ""
    if quantity.unit in SHARES and (named := _NAMED_CHANGE.search(tail)) is not None:
        return ("down" if named["down"] else "up"), ""
    if verb is None or (_says_level(verb) and verb.text != "多") or not verb.groups & _CHANGES:
        beside = _BESIDE.search(tail)
        return ("" if beside is None else "down" if beside["down"] else "up"), ""
    if "given" in verb.groups:
        # 减免 is no less than before
        return "", ""
    if _TO.search(frame.left.rstrip("约近超过逾了")):
        return "", "to"
    if _DOWN.match(verb.text) or (_DOWN.search(verb.text) and not _UP.match(verb.text)):
        return "down", ""
    raised = _UP.search(verb.text) and not (verb.text.startswith("提") and quantity.kind in ("count", "people"))
    return ("up" if raised else ""), ""


def _object(text: str, frame: Frame, quantity: Quantity, verb: Predicate | None) -> tuple[str, str]:
    """The thing counted as the clause names it, and where it was found ('' and open if the clause does not)."""
    if frame.noun_right:
        return frame.noun_right, "own"
    named = _named_before(text, frame, quantity, verb)
    if named and _HEADLESS.search(frame.left):
        return named, "headless"
    if named and not is_place(named) and not _NO_THING.fullmatch(named):
        return named, "own"
    if quantity.kind == "people":
        return "人员", "unit"
    if quantity.unit in ("件", "起", "宗") and verb is not None and verb.groups & {"file", "detain"}:
        proposals = _PROPOSALS.search(text[max(0, quantity.start - _NEAR_PROPOSAL) : quantity.start])
        return proposals[1] if proposals else "案件", "unit"
    return "", "open"


#: What consultative conferences and congresses take up (立案) is no case.
PROPOSALS = ("提案", "议案")
_PROPOSALS = regex.compile(rf"({'|'.join(PROPOSALS)})[^；。\n]*$")
_NEAR_PROPOSAL = 60

#: A clause that leaves out the thing: 不能正常使用的214眼.
_HEADLESS = regex.compile(r"的(?:共|约|近|有|达|就有|仅|只有)?$")


def _named_before(text: str, frame: Frame, quantity: Quantity, verb: Predicate | None) -> str:
    start, end = frame.content_start, frame.content_end
    if origin := _ORIGIN.search(text, quantity.start - len(frame.left), quantity.start):
        return _stripped(text[min(start, origin.start()) : origin.start()])
    if frame.preposition and not frame.before:
        return ""
    if verb is None or not start <= verb.start < end:
        return _stripped(text[start:end])
    ahead, behind = _stripped(text[start : verb.start]), _stripped(_behind_verb(text, frame, verb, end))
    if not behind and quantity.kind != "money" and (theme := _THEME.search(text, start, verb.start)) is not None:
        named = _stripped(theme["thing"])
        if not _is_organisation(named) and not _is_people(named):
            return named
    if quantity.unit in SHARES or "change" in verb.groups:
        return ahead if ahead and not _NO_THING.fullmatch(ahead) else behind
    if not behind and verb.groups & _SUBJECT_COUNTS and not _is_organisation(ahead):
        return ahead
    return behind


#: The thing dealt with, said before the verb: 问题线索已办结5件.
_THEME = regex.compile(r"(?P<thing>\p{Han}{2,})(?:已经?|全部|均|都)$")

#: Deeds that are said of what stands before the verb: 会议经费节约10万元, 公众号累计关注5万人.
_SUBJECT_COUNTS = frozenset({"save", "cutback", "change", "read", "satisfy"})


@cache
def _organisations() -> tuple[str, ...]:
    return tuple(r["word"] for r in lexicon.table("actors"))


lexicon.on_change(_organisations)


def _is_organisation(phrase: str) -> bool:
    return phrase.endswith(_organisations())


def _behind_verb(text: str, frame: Frame, verb: Predicate, end: int) -> str:
    """What stands behind the verb; nothing where it is but a chain of verbs (退回重写43份, 归并梳理后形成312条).

    Of 受理投诉21件 and 开展培训6期 the second verb is the thing.
    """
    start, last = verb.end, verb
    for other in frame.before:
        if other.start >= start and not text[start : other.start].strip("、和并后再了到出及"):
            start, last = other.end, other
    if last is verb or text[start:end].strip("了到出后"):
        return text[verb.end : end]
    return last.text if verb.groups & _TAKES_DEED else ""


#: Verbs whose object can be the name of a deed: 受理投诉, 开展培训, 讲授专题党课.
_TAKES_DEED = frozenset({"receive", "weak", "join", "collect", "invest", "lecture", "study", "meet"})


@cache
def _places() -> frozenset[str]:
    divisions = gazetteer.divisions()
    return frozenset({d.name for d in divisions} | {d.short for d in divisions if len(d.short) > 1})


lexicon.on_change(_places)


def is_place(phrase: str) -> bool:
    """Whether a phrase is the name of a division and nothing else."""
    return phrase in _places()


def _leaves_deed_open(verb: Predicate, object_source: str) -> bool:
    """A verb that says but that there is so much (为, 是, 有, 占); 开展 with a thing of its own is a deed."""
    if verb.groups & {"copula", "share"}:
        return verb.groups <= _EMPTY
    return verb.groups <= _EMPTY and object_source != "own"


def _topic(article: Article, sentence: SentenceFrames, frame: Frame, verb: Predicate | None) -> str:
    """The thing that the clause before names for a clause that has but a number: 其次为县处级，132人."""
    quantity = article.quantities[frame.index]
    only_verb = verb is not None and verb.start <= frame.content_start and verb.end >= frame.content_end
    if frame.content_start != frame.content_end and not only_verb and (verb is None or not verb.groups <= _EMPTY):
        return ""
    if quantity.clause == 0 or frame.joined is not None or (verb is not None and verb.start > quantity.start):
        return ""
    before = sentence.sentence.clauses[quantity.clause - 1]
    if any(
        f.index != frame.index and article.quantities[f.index].clause == quantity.clause - 1 for f in sentence.frames
    ):
        return ""
    stretch = _TOPIC.sub("", article.text[before.start : before.end])
    return stretch if 1 < len(stretch) <= 24 and stretch.endswith(_topics()) else ""


_TOPIC = regex.compile(
    r"^(?:其次|再次|然后|最多的?|首先)?(?:为|是)?|(?:最多|居首|居多|高居首位|位居第[一二三]|次之|最高)$"
)


@cache
def _topics() -> tuple[str, ...]:
    return (*_people(), "级", "问题", "类")


lexicon.on_change(_topics)

#: A division, a time, a comparison or a mere rate is not what is counted.
_NO_THING = regex.compile(
    r"""
      (?: \p{Han}{0,5} (?:省|市|县|旗|州|盟|(?<![小社园景库灾矿辖山校片厂街])区) | \p{Han}{1,3} [镇乡] )
      (?<! 贫困县|示范县|试点县|大县|强县|省市 )
    | \p{Han}{0,2} [市县区旗镇乡村省州]里
    | [0-9]{4}年?\p{Han}{0,5} | [0-9一二三四五六七八九十]{1,2}(?:月份?|季度)
    | (?: 比|较|同比|环比|去年|上年|前年|今年|明年|同期|上学期|季度|年|月|日|底|初|末|前|的|以来|分别
        | [0-9一二三四五六七八九十]++ )++
    | (?:整改|办结|完成|回复|清理|削减)? (?:率|比例|幅度|降幅|增幅|涨幅)
    """,
    regex.VERBOSE,
)

#: Particles, times and prepositions at the edges of a phrase.
_EDGE = regex.compile(
    r"""
      ^ (?: [\s，、,的到出了各率等是有对把将为从由在除使] | 各类 | 其中 | 全[市省县区国](?!性) | 已有 | 还有 | 共有
          | 金额(?=.) | 四年来 | [今去明上]年 )+
    | ^ (?:比|较|是|与|和)(?:[0-9]{4}年?|[去上前]年|[0-9]{1,2}月份?)\p{Han}{0,6}
    | (?: [\s，、,的达到为至约近超过逾了共对将把占] | 依次 | 分别 )+ $
    """,
    regex.VERBOSE,
)


#: A bracket that opens and does not close: the phrase ended inside it.
_OPEN_BRACKET = regex.compile(r"[(（][^)）]*$")


def _stripped(phrase: str) -> str:
    stripped: str = _EDGE.sub("", _OPEN_BRACKET.sub("", phrase))
    return stripped
