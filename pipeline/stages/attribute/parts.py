"""Parts of wholes: which quantity another one is a part or a share of (其中, brackets, 占, 已整改, 整改率, 其余)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import regex

from pipeline.model import Article, Quantity
from pipeline.stages.attribute.deeds import Deed
from pipeline.stages.attribute.frames import Frame, SentenceFrames

__all__ = ["Marker", "link", "markers"]

#: 其中 and its like, at the head of a clause.
_AMONG = regex.compile(r"其中|当中|(?:问题|线索|案件|人员|人群|干部|总数|信访件|项目|任务|事项|隐患|诉求|意见|建议)中$")

#: A breakdown that a clause of its own announces: 分地区看, 从职级看, 按类别分.
_BREAKDOWN = regex.compile(r"^(?:从|分|按)[^，。；0-9]{1,16}?(?:看|划分|区分|分|来看|来说)$")

#: The remainder of a whole of which other parts were given.
_REST = regex.compile(r"其余|其他|剩余|余下|剩下|另外|尚有|还有|仍有")

#: The total is named as what a share is of.
_OF_TOTAL = regex.compile(r"总数|总量|全部|总额|总计")

_FOUND = frozenset({"find", "receive", "collect", "issue", "inspect", "deed", "clear", "target", "visit"})
_SETTLED = frozenset({"rectify", "handle"})
_SANCTION = frozenset({"discipline", "admonish", "detain", "account", "penalise"})


class Marker(NamedTuple):
    """A stretch of a sentence whose quantities are parts, and what announced it."""

    start: int
    end: int
    #: among, bracket or breakdown
    kind: str


def markers(text: str, sentence: SentenceFrames) -> list[Marker]:
    """Where the parts of a whole are listed: from 其中 to the semicolon, the bracket's or the sentence's end."""
    found: list[Marker] = []
    clauses = sentence.sentence.clauses
    for place, clause in enumerate(clauses):
        stretch = text[clause.start : clause.end]
        among = _AMONG.search(stretch)
        if among is not None:
            kind = "bracket" if clause.depth else "among"
            found.append(Marker(clause.start + among.start(), _end_of_list(clauses, place), kind))
        elif _BREAKDOWN.match(stretch.strip()):
            found.append(Marker(clause.start, sentence.sentence.end, "breakdown"))
        elif clause.depth and place and clauses[place - 1].depth < clause.depth:
            found.append(Marker(clause.start, _end_of_list(clauses, place), "bracket"))
    return found


def _end_of_list(clauses: Sequence, place: int) -> int:
    depth = clauses[place].depth
    for clause in clauses[place:]:
        if clause.mark in "；;" and clause.mark and clause.depth <= depth:
            return clause.end
        if clause.mark in ")）" and clause.mark and clause.depth == depth and depth:
            return clause.end
    return clauses[-1].end


def link(article: Article, sentences: Sequence[SentenceFrames], deeds: Sequence[Deed]) -> list[int | None]:
    """For every quantity the index of its whole, or None."""
    parents: list[int | None] = [None] * len(article.quantities)
    for at, sentence in enumerate(sentences):
        found = markers(article.text, sentence)
        earlier = sentences[max(0, at - 2) : at]
        for place, frame in enumerate(sentence.frames):
            parents[frame.index] = _parent(article, sentence, earlier, place, found, deeds, parents)
    return parents


def _parent(
    article: Article,
    sentence: SentenceFrames,
    earlier: Sequence[SentenceFrames],
    place: int,
    found: Sequence[Marker],
    deeds: Sequence[Deed],
    parents: Sequence[int | None],
) -> int | None:
    frame = sentence.frames[place]
    quantity = article.quantities[frame.index]
    deed = deeds[frame.index]
    if deed.change in ("from", "to") or deed.direction:
        return None
    marker = next((m for m in reversed(found) if m.start <= quantity.start < m.end), None)
    if quantity.unit == "%":
        return _whole_of_share(article, sentence, earlier, place, marker, deeds, parents)
    if deed.change in ("from", "to") or deed.direction:
        return None
    if (
        marker is not None
        and (whole := _whole_of_list(article, sentence, earlier, place, marker, deeds, parents)) is not None
    ):
        return whole
    if frame.joined is not None and deed.source == "joined":
        return _parallel(article, frame, parents, deeds)
    if _REST.search(frame.left) and place and parents[frame.index - 1] is not None:
        return parents[frame.index - 1]
    if deed.groups & _SANCTION and quantity.kind == "people":
        return _dealt_with_before(article, sentence, place, deeds, parents)
    if deed.groups & _SETTLED:
        return _found_before(article, sentence, earlier, place, deeds, parents)
    return None


#: Who was dealt with at all, of whom the disciplined are a part.
_DEALT_WITH = regex.compile(r"处理|查处|批评教育帮助|查办")


def _dealt_with_before(
    article: Article, sentence: SentenceFrames, place: int, deeds: Sequence[Deed], parents: Sequence[int | None]
) -> int | None:
    """处理640人，给予处分580人，移送70人: the first number of people is the whole of those that follow."""
    quantity = article.quantities[sentence.frames[place].index]
    for frame in reversed(sentence.frames[:place]):
        other = article.quantities[frame.index]
        if other.kind != "people" or other.value < quantity.value:
            continue
        if parents[frame.index] is not None and deeds[frame.index].groups & _SANCTION:
            return parents[frame.index]
        return frame.index if _DEALT_WITH.search(deeds[frame.index].action) else None
    return None


def _parallel(article: Article, frame: Frame, parents: Sequence[int | None], deeds: Sequence[Deed]) -> int | None:
    """The whole of a quantity that continues a list: the next of a parallel list, else the same whole."""
    assert frame.joined is not None
    whole = parents[frame.joined]
    if whole is None:
        return None
    following = whole + 1
    if (
        following < frame.joined
        and article.quantities[following].sentence == article.quantities[whole].sentence
        and article.quantities[following].unit == article.quantities[frame.index].unit
        and deeds[following].groups & _FOUND
        and parents[following] != whole
        and deeds[following].source == "joined"
    ):
        return following
    same = article.quantities[frame.index].unit == article.quantities[frame.joined].unit
    return whole if same else None


def _whole_of_list(
    article: Article,
    sentence: SentenceFrames,
    earlier: Sequence[SentenceFrames],
    place: int,
    marker: Marker,
    deeds: Sequence[Deed],
    parents: Sequence[int | None],
) -> int | None:
    """The whole of a part in a list: the nearest quantity before the list with the same unit, else the last one."""
    frame = sentence.frames[place]
    quantity = article.quantities[frame.index]
    if _leaves_list(article, sentence, place, marker, deeds, parents):
        return None
    before = [f.index for f in sentence.frames if article.quantities[f.index].end <= marker.start]
    if marker.kind == "bracket":
        before = before[-2:]
    pool = before or [f.index for s in earlier for f in s.frames]
    pool = [i for i in pool if article.quantities[i].kind not in ("percent",) and not deeds[i].change]
    same = [i for i in pool if article.quantities[i].unit == quantity.unit]
    alike = [i for i in pool if article.quantities[i].kind == quantity.kind]
    main = [i for i in same if parents[i] is None]
    named = [
        i for i in same if len(deeds[i].action) > 1 and deeds[i].action in _announcement(article.text, sentence, marker)
    ]
    for choice in (named, main, same, alike):
        if choice:
            return choice[-1]
    return pool[-1] if pool and before and marker.kind != "breakdown" else None


def _announcement(text: str, sentence: SentenceFrames, marker: Marker) -> str:
    """The words that announce a list: the clause of 其中, 从…看, or in which …中 stands."""
    for clause in sentence.sentence.clauses:
        if clause.start <= marker.start < clause.end:
            return text[clause.start : clause.end]
    return ""


def _leaves_list(
    article: Article,
    sentence: SentenceFrames,
    place: int,
    marker: Marker,
    deeds: Sequence[Deed],
    parents: Sequence[int | None],
) -> bool:
    """Whether a quantity behind 其中 is no part any more: a later clause with a deed and a thing of its own."""
    if marker.kind != "among":
        return False
    frame = sentence.frames[place]
    quantity = article.quantities[frame.index]
    inside = [f for f in sentence.frames[:place] if article.quantities[f.index].start >= marker.start]
    if not inside:
        return False
    first = inside[-1]
    if article.quantities[first.index].clause == quantity.clause:
        return parents[first.index] is None
    if parents[first.index] is None:
        return True
    deed = deeds[frame.index]
    own_deed = deed.source == "before" and bool(deed.groups)
    if not own_deed:
        return quantity.unit != article.quantities[first.index].unit
    return not (deed.groups & _SANCTION and deeds[first.index].groups & _SANCTION) and not deed.groups & _SETTLED


def _whole_of_share(
    article: Article,
    sentence: SentenceFrames,
    earlier: Sequence[SentenceFrames],
    place: int,
    marker: Marker | None,
    deeds: Sequence[Deed],
    parents: Sequence[int | None],
) -> int | None:
    """The whole of a percentage: that of the part named before it, or the quantity that it is a share of."""
    frame = sentence.frames[place]
    deed = deeds[frame.index]
    if deed.direction or deed.change == "from" or "satisfy" in deed.groups:
        return None
    if frame.joined is not None and deed.source == "joined":
        return _parallel(article, frame, parents, deeds)
    counts = [f.index for f in sentence.frames[:place] if _is_count(article.quantities[f.index])]
    if deed.groups & {"share"} or _OF_TOTAL.search(frame.left):
        return (parents[counts[-1]] if parents[counts[-1]] is not None else counts[-1]) if counts else None
    if deed.groups & (_SETTLED | {"clear", "cutback"}):
        last = [i for i in counts if parents[i] is not None and deeds[i].groups & deed.groups]
        if last:
            return parents[last[-1]]
        return _found_before(article, sentence, earlier, place, deeds, parents)
    if marker is not None or deed.source in ("after", "next", "none"):
        return counts[-1] if counts else None
    return None


def _is_count(quantity: Quantity) -> bool:
    return quantity.kind in ("count", "people", "money", "measure")


def _found_before(
    article: Article,
    sentence: SentenceFrames,
    earlier: Sequence[SentenceFrames],
    place: int,
    deeds: Sequence[Deed],
    parents: Sequence[int | None],
) -> int | None:
    """The quantity found, received or collected that a settled one is a part of."""
    frame = sentence.frames[place]
    quantity = article.quantities[frame.index]
    deed = deeds[frame.index]
    paragraph = sentence.sentence.paragraph
    pool = [f.index for s in earlier if s.sentence.paragraph == paragraph for f in s.frames]
    pool += [f.index for f in sentence.frames[:place]]
    for candidate in reversed(pool):
        other = article.quantities[candidate]
        if parents[candidate] is not None or not _is_count(other) or not deeds[candidate].groups & _FOUND:
            continue
        if deeds[candidate].groups & _SETTLED and deeds[candidate].action == deed.action:
            continue
        if quantity.kind != "percent" and other.unit != quantity.unit:
            continue
        if deed.object_source == "own" and not _alike(deed.object, deeds[candidate].object):
            continue
        return _first_of_series(candidate, deeds)
    return None


def _first_of_series(candidate: int, deeds: Sequence[Deed]) -> int:
    """The first quantity of a joined series (分别检视出问题29个、486个、118个), for an ordered match."""
    while deeds[candidate].source == "joined" and candidate:
        candidate -= 1
    return candidate


def _alike(one: str, other: str) -> bool:
    """Whether two phrases share two characters in a row."""
    return any(one[i : i + 2] in other for i in range(len(one) - 1))
