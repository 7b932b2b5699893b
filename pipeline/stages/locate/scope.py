"""Which division each number belongs to: the walk through the text that keeps the place it speaks of."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from operator import itemgetter

import regex

from pipeline.lexicon.gazetteer import COUNTRY
from pipeline.model import Quantity, Sentence
from pipeline.stages.locate.dealing import are_dealt_to, coordinations, deal_in_row, deal_out, take_up
from pipeline.stages.locate.home import Home
from pipeline.stages.locate.mentions import Mention
from pipeline.stages.locate.names import words
from pipeline.stages.locate.own import speak_of_abroad, speak_of_country, speak_of_here, speak_of_own, speak_of_parts
from pipeline.stages.locate.walk import (
    CLAUSE_MARK,
    END_OF_CLAUSE,
    MARKS,
    NEXT_MARK,
    Scope,
    Walk,
    are_siblings,
    clause_head,
    common,
    head_of,
    is_above,
    is_aside,
    is_part,
    numbers_at,
    placed,
    remember,
    set_place,
)

__all__ = ["Scope", "scopes"]

#: The mark behind a number and its noun stands no farther than this.
_LONGEST_THING = 12

#: What is dealt with, put in front of who deals with it.
_DEALT_WITH = regex.compile(r"(?:^|，|,)(?:针?对|面对|围绕)[^，,]*$")

#: From a number to the place behind it where it belongs.
_BEHIND = regex.compile(rf"[^、{MARKS}]{{2,16}}在了?")

#: Behind the last of places that are only examples of what is counted: 江苏等8省.
_ARE_COUNTED = regex.compile(
    r"等地?\s*[0-9０-９一二三四五六七八九十两多]+\s*余?多?个?(?:省|市|县|区|旗|州|盟|地方|地区|城市)"
)

#: Behind the examples of what is counted, right before the number.
_AND_OTHERS = regex.compile(r"等(?:地|共|近|约|多)*$")

_LIST_MARK = regex.compile(r"(?r)[，。；：！？,;:\n]")

#: Where national events take place.
_CAPITAL = "110000"


def scopes(
    text: str,
    sentences: Sequence[Sentence],
    quantities: Sequence[Quantity],
    mentions: Sequence[Mention],
    home: Home,
) -> list[Scope]:
    """The place of each quantity, in their order; the mentions are those of a text with its chains made."""
    base = Scope(home.default)
    groups = coordinations(text, [m for m in mentions if m.kind not in ("outlet", "dateline")])
    places = [group[0].start for group in groups if group[0].kind in ("place", "zone")]
    walk = Walk(text, sorted(q.start for q in quantities), places, home, base, base)
    events: list[tuple[int, int, list[Mention] | None]] = [(group[0].start, -1, group) for group in groups]
    events += [(q.start, i, None) for i, q in enumerate(quantities)]
    events.sort(key=itemgetter(0, 1))
    found: list[Scope] = [base] * len(quantities)
    ends = [s.end for s in sentences]
    for at, (position, index, group) in enumerate(events):
        number = bisect_right(ends, position)
        if number == len(sentences) or position < sentences[number].start:
            continue  # furniture
        if number != walk.number:
            _enter(walk, number, sentences)
        if walk.bracket_end >= 0:
            _leave_bracket(walk, position)
        if 0 <= walk.list_end <= position:
            walk.scope, walk.list_end = walk.before_list, -1
        if group is not None:
            if walk.has_bracket:
                _enter_bracket(walk, position)
            _speak_of(walk, group)
        else:
            ahead = events[at + 1][2] if at + 1 < len(events) else None
            found[index] = _take(walk, position, ahead)
    return found


def _enter(walk: Walk, number: int, sentences: Sequence[Sentence]) -> None:
    """Begin a sentence: what an enumeration, a local report's paragraph or a heading has left behind goes."""
    sentence = sentences[number]
    if walk.scope.code is None and walk.home.code not in (None, COUNTRY):
        walk.scope = walk.outer
    if len(walk.listed) > 1 and are_siblings(walk.listed):
        walk.scope = walk.outer
    if is_above(walk):
        walk.scope = walk.base
    if sentence.paragraph != walk.sentence.paragraph:
        if not _is_story(walk):
            walk.scope = walk.base
        walk.topics = Counter()
        walk.coordinated = ()
        if any(s.heading for s in sentences[walk.number + 1 : number + 1]):
            walk.scope = walk.base
            walk.recent.clear()
    walk.number, walk.sentence, walk.outer = number, sentence, walk.scope
    walk.listed = set()
    walk.named.clear()
    walk.shares.clear()
    walk.row = []
    walk.bracket_end = walk.list_end = -1
    if walk.coordinated:
        take_up(walk)
    walk.has_bracket = any(walk.text.find(mark, sentence.start, sentence.end) >= 0 for mark in "(（")


def _is_story(walk: Walk) -> bool:
    """Whether the place goes on in the next paragraph: in national news, where one paragraph tells of one place.

    It may have named others, if but once each, and come back to its own.
    """
    if not walk.home.national or walk.scope.code is None:
        return False
    if walk.scope.paragraph == walk.sentence.paragraph and walk.scope.code not in walk.topics:
        return False
    if not are_siblings(walk.topics):
        return True
    times = walk.topics.copy()
    mine = times.pop(walk.scope.code, 0)
    return mine > 1 and all(n == 1 for n in times.values())


def _leave_bracket(walk: Walk, position: int) -> None:
    if position >= walk.bracket_end:
        walk.scope, walk.bracket_end = walk.before_bracket, -1


def _enter_bracket(walk: Walk, position: int) -> None:
    """Inside brackets a place holds to their end only."""
    start, end = walk.sentence.start, walk.sentence.end
    opened = max(walk.text.rfind("(", start, position), walk.text.rfind("（", start, position))
    if opened < 0 or walk.bracket_end >= 0:
        return
    closes = [c for c in (walk.text.find(")", opened, end), walk.text.find("）", opened, end)) if c >= 0]
    if closes and min(closes) > position:
        walk.bracket_end, walk.before_bracket = min(closes), walk.scope


def _take(walk: Walk, position: int, ahead: list[Mention] | None) -> Scope:
    """The place of a quantity; the next in line where 分别 divides several among the numbers.

    What is dealt with may stand before who deals with it: 对移交的2批次线索，江西省纪委都进行了核查. What is put
    somewhere may stand before the place: 三分之一放在了庆阳.
    """
    if not walk.shares and len(walk.row) > 1:
        deal_in_row(walk, position)
    if walk.shares:
        return walk.shares.pop(0)
    if (all_of_them := _examples(walk, position)) is not None:
        return all_of_them
    if ahead is None or ahead[0].start >= walk.sentence.end:
        return walk.scope
    m = ahead[0]
    if len(ahead) == 1 and _is_behind(walk, position, m):
        return placed(walk, Scope(m.code, (), m.zone, m.start))
    if walk.scope.paragraph != walk.sentence.paragraph:
        dealt_with = _DEALT_WITH.search(walk.text, walk.sentence.start, position)
        near = NEXT_MARK.search(walk.text, position, min(position + _LONGEST_THING, m.start))
        if m.code and m.kind in ("place", "zone") and dealt_with and near and not clause_head(walk, m):
            return placed(walk, Scope(m.code, (), m.zone, m.start))
    return walk.scope


def _examples(walk: Walk, position: int) -> Scope | None:
    """The place that holds the examples of a list before its number: 甲市的A协会、乙省的B公司等六家."""
    if not _AND_OTHERS.search(walk.text, max(walk.sentence.start, position - 8), position):
        return None
    mark = _LIST_MARK.search(walk.text, walk.sentence.start, position)
    start = mark.end() if mark else walk.sentence.start
    codes = [code for at, code in walk.named if at >= start]
    if "、" not in walk.text[start:position] or not are_siblings(codes):
        return None
    return placed(walk, Scope(common(codes), tuple(dict.fromkeys(codes)), start=start))


def _is_behind(walk: Walk, position: int, m: Mention) -> bool:
    """Whether a number's place stands behind it and its clause has named no other before."""
    if not m.code or m.kind not in ("place", "zone") or not _BEHIND.fullmatch(walk.text, position, m.start):
        return False
    mark = CLAUSE_MARK.search(walk.text, walk.sentence.start, position)
    return walk.scope.start < (mark.end() if mark else walk.sentence.start)


def _speak_of(walk: Walk, group: list[Mention]) -> None:
    """Take a mention, or a coordination of them, as what the text speaks of from here on, if it is."""
    first = group[0]
    if first.kind in ("place", "zone"):
        _speak_of_places(walk, group)
    elif first.kind in ("own", "organ", "that"):
        speak_of_own(walk, first)
    elif first.kind in ("national", "body", "centre"):
        speak_of_country(walk, first)
    elif first.kind == "here":
        speak_of_here(walk, first)
    elif first.kind == "plural":
        speak_of_parts(walk, first)
    elif first.kind in ("foreign", "world"):
        speak_of_abroad(walk, first)
    elif first.kind == "several" and not _head_of_area(walk, first):
        set_place(walk, Scope(COUNTRY, start=first.start))


def _head_of_area(walk: Walk, m: Mention) -> str:
    """In a report of one place, 在太行山区 only says where in it; elsewhere an area may stand behind an adverbial."""
    return head_of(walk, m) if walk.home.code in (None, COUNTRY) else clause_head(walk, m)


def _speak_of_places(walk: Walk, group: list[Mention]) -> None:
    remember(walk, group)
    head = head_of(walk, group[0])
    members = [Scope(m.code, tuple(d.code for d in m.options if m.code is None), m.zone, m.start) for m in group]
    end = group[-1].end
    helped = head.endswith(words("helper"))
    if _is_helper(walk, group) or (is_aside(head) and not helped and not walk.text.startswith(words("stay"), end)):
        if len(members) > 1:
            # 对甲、乙两县督查: the next sentence may take them up, or numbers that 分别 deals out in this one
            walk.coordinated, walk.row = members, [*members]
        return
    if _is_venue(walk, group):
        _meet(walk, members[-1])
    elif head and not (
        head.endswith(words("helper"))
        or _continues(walk, members)
        or walk.text.startswith((*words("subject"), *words("stay")), end)
        or (len(members) > 1 and are_dealt_to(walk, end))
    ):
        if len(members) == 1 and numbers_at(walk, end):
            walk.shares = [placed(walk, members[0])]
    elif len(members) > 1:
        _speak_of_several(walk, group, members)
    elif not _ARE_COUNTED.match(walk.text, group[0].end):
        _speak_of_one(walk, members[0], end)


def _speak_of_one(walk: Walk, member: Scope, end: int) -> None:
    """A place; where places with their numbers stand in a list, what held before it goes on behind it."""
    listed = walk.text[member.start - 1] == "、" and walk.scope.start >= 0 and walk.scope.sentence == walk.number
    if not listed:
        walk.before_list = walk.scope
        walk.row = []
    walk.row.append(member)
    set_place(walk, member)
    if listed:
        mark = END_OF_CLAUSE.search(walk.text, end, walk.sentence.end)
        walk.list_end = mark.start() if mark else walk.sentence.end


def _is_venue(walk: Walk, group: Sequence[Mention]) -> bool:
    """Whether a place is only where something takes place."""
    return walk.text[group[0].start - 1] == "在" and walk.text.startswith(words("venue"), group[-1].end)


def _meet(walk: Walk, place: Scope) -> None:
    """What takes place in the capital is the country's; in a report of one place, it is no story of its own."""
    if walk.home.code not in (None, COUNTRY):
        if not _is_subject(walk, place):
            walk.scope = placed(walk, place)
    elif place.code != _CAPITAL:
        set_place(walk, place)


def _is_subject(walk: Walk, place: Scope) -> bool:
    """Whether the clause has named before who does something at the place: 该旗在北京举办."""
    mark = CLAUSE_MARK.search(walk.text, walk.sentence.start, place.start)
    return walk.scope.start >= (mark.end() if mark else walk.sentence.start)


def _is_helper(walk: Walk, group: Sequence[Mention]) -> bool:
    """Whether what is told of a place happens elsewhere: it helps another, or people come from there or work there."""
    behind, away = group[-1].end, _is_away(walk, group[-1])
    if walk.text.startswith(words("helper"), behind):
        return away or bool(clause_head(walk, group[0])) or _helps_place(walk, behind)
    return away and walk.text.startswith(words("visitor"), behind)


def _helps_place(walk: Walk, behind: int) -> bool:
    """Whether the place that is helped follows at once: 甲市援建乙县."""
    following = bisect_left(walk.places, behind)
    return following < len(walk.places) and walk.places[following] - behind <= _LONGEST_HELP


#: The longest word of help with what may follow it.
_LONGEST_HELP = 6


def _is_away(walk: Walk, m: Mention) -> bool:
    """Whether a place has nothing to do with the place that the report is at home in."""
    home = walk.home.code
    if walk.home.national or home in (None, COUNTRY) or m.code is None:
        return False
    return not is_part(m.code, home or "") and not is_part(home or "", m.code)


def _continues(walk: Walk, members: Sequence[Scope]) -> bool:
    """Whether places in the middle of a clause lie in what it speaks of, or are what the paragraph has spoken of."""
    current = walk.scope.code
    if all(m.code in walk.topics for m in members):
        return True
    if current is None or current == COUNTRY:
        return False
    return all(m.code is not None and is_part(m.code, current) for m in members)


def _speak_of_several(walk: Walk, group: list[Mention], members: list[Scope]) -> None:
    """Coordinated places: 分别 gives them their numbers in order, else the numbers belong to them together."""
    deal_out(walk, members, group[-1].end)
    walk.coordinated = members
    codes = [m.code for m in members if m.code]
    set_place(walk, Scope(common(codes), tuple(codes), start=group[0].start))
    walk.topics.update(codes)
    walk.listed.update(codes)
