"""Coordinated places and numbers: which of them belong to which (甲、乙两县分别立案3件、5件)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import regex

from pipeline.stages.extract.numerals import value
from pipeline.stages.locate.mentions import Mention
from pipeline.stages.locate.walk import AND, CLAUSE_MARK, END_OF_CLAUSE, Scope, Walk, common, placed

__all__ = ["are_dealt_to", "coordinations", "deal_in_row", "deal_out", "take_up"]

#: What divides several places of one clause among its numbers.
_SHARES = regex.compile(r"分别|依次|各自?(?=[^地级类项界种方区县市省个])")

#: What may stand between several places and their numbers.
_OPENING = frozenset("，,(（")

#: So many places, of those named before.
_THEY = regex.compile("([两三四五六七八九])个?[省市县区旗州地]")


def coordinations(text: str, mentions: Sequence[Mention]) -> list[list[Mention]]:
    """The mentions, those joined by 、 or 和 together."""
    groups: list[list[Mention]] = []
    last: Mention | None = None
    for m in mentions:
        is_place = m.kind in ("place", "zone")
        if is_place and last is not None and text[last.end : m.start].strip() in AND:
            groups[-1].append(m)
        else:
            groups.append([m])
        last = m if is_place else None
    return groups


def are_dealt_to(walk: Walk, end: int) -> bool:
    """Whether right behind several places numbers are divided among them: 最少的是甲市和乙市，分别为8件、6件."""
    return _SHARES.match(walk.text, end + (walk.text[end : end + 1] in _OPENING)) is not None


def deal_in_row(walk: Walk, position: int) -> None:
    """Give the places of a list in turn the numbers of a later clause: 甲县24件、乙县22件，办结率依次为98%、96%."""
    mark = CLAUSE_MARK.search(walk.text, walk.row[-1].start, position)
    share = mark and _SHARES.search(walk.text, mark.end(), position)
    if not mark or not share or any(sign in walk.text[walk.row[-1].start : position] for sign in "；;"):
        return
    end = END_OF_CLAUSE.search(walk.text, position, walk.sentence.end)
    last = bisect_left(walk.numbers, end.start() if end else walk.sentence.end)
    following = walk.numbers[bisect_left(walk.numbers, share.end()) : last]
    if len(following) == len(walk.row) and following[0] == position:
        walk.shares = [placed(walk, m)._replace(dealt=True) for m in walk.row]


def take_up(walk: Walk) -> None:
    """两县分别: the places that the text has coordinated before take their numbers in turn."""
    they = _THEY.search(walk.text, walk.sentence.start, walk.sentence.end)
    if they and value(they[1]) == len(walk.coordinated):
        deal_out(walk, walk.coordinated, they.end())


def deal_out(walk: Walk, members: Sequence[Scope], start: int) -> None:
    """Where 分别 follows, the places take their numbers in turn, clause by clause as long as the numbers come out."""
    marks = (walk.text.find(mark, start, walk.sentence.end) for mark in "；;")
    after = bisect_left(walk.places, start)
    following = walk.places[after : after + 1]
    end = min([walk.sentence.end, *following, *(position for position in marks if position >= 0)])
    share = _SHARES.search(walk.text, start, end)
    if share is None:
        _deal_out_series(walk, members, start, end)
        return
    first, position, dealt = bisect_left(walk.numbers, start), share.end(), 0
    while position < end:
        mark = END_OF_CLAUSE.search(walk.text, position, end)
        position = mark.end() if mark else end
        numbers = bisect_left(walk.numbers, position) - first
        if numbers == dealt or numbers % len(members):
            break
        dealt = numbers
    if not dealt and (numbers := bisect_left(walk.numbers, end) - first) % len(members) == 0:
        dealt = numbers
    walk.shares = [placed(walk, m)._replace(dealt=True) for m in members] * (dealt // len(members))


def _deal_out_series(walk: Walk, members: Sequence[Scope], start: int, end: int) -> None:
    """Where as many numbers of one unit stand side by side as places: 甲、乙两县开工率为86%、79%.

    Numbers that stand alone before or between belong to the places together.
    """
    numbers = walk.numbers[bisect_left(walk.numbers, start) : bisect_left(walk.numbers, end)]
    codes = [m.code for m in members if m.code]
    together = Scope(common(codes), tuple(codes), start=members[0].start)
    queue: list[Scope] = []
    dealt = at = 0
    while at < len(numbers):
        length = 1
        while at + length < len(numbers) and _are_joined(walk.text, numbers[at + length - 1], numbers[at + length]):
            length += 1
        if length == len(members):
            queue += [placed(walk, m)._replace(dealt=True) for m in members]
            dealt = len(queue)
        else:
            queue += [placed(walk, together)] * length
        at += length
    walk.shares = queue[:dealt]


def _are_joined(text: str, one: int, other: int) -> bool:
    """Whether two numbers of one unit are coordinated: 86%、79%."""
    if other - one > _LONGEST_NUMBER or text[other - 1] not in "、和及与":
        return False
    unit = text[_end_of_number(text, one) : other - 1]
    return not _JOINT.search(unit) and text.startswith(unit, _end_of_number(text, other))


def _end_of_number(text: str, start: int) -> int:
    number = _NUMBER.match(text, start)
    return number.end() if number else start


#: A number with its measure word has no more characters.
_LONGEST_NUMBER = 14

_NUMBER = regex.compile("[0-9.,，万亿一二三四五六七八九十百千两零]*+")

_JOINT = regex.compile("[，。；,;、和与及]")
