"""Which division each number belongs to: the walk through the text that keeps the place it speaks of."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

import regex

from pipeline.lexicon import gazetteer
from pipeline.lexicon.gazetteer import COUNTRY
from pipeline.model import Quantity, Sentence
from pipeline.stages.extract.numerals import value
from pipeline.stages.locate.home import Home
from pipeline.stages.locate.mentions import Mention
from pipeline.stages.locate.names import words

__all__ = ["Scope", "scopes"]


class Scope(NamedTuple):
    """The place that the text speaks of at some point."""

    #: None abroad and where nothing tells
    code: str | None
    candidates: tuple[str, ...] = ()
    zone: str | None = None
    #: where it was set: position in the text, number of the sentence and of its paragraph; -1 before the text
    start: int = -1
    sentence: int = -1
    paragraph: int = -1
    #: whether the text itself deals it out to this number: the second of 甲、乙两县分别
    dealt: bool = False


#: The last mark of a clause before a position, searched from the right; a clause's head is not longer than this.
_MARKS = "，。；：！？,;:（(）)“”\n"
_CLAUSE_MARK = regex.compile(rf"(?r)[{_MARKS}]")
_NEXT_MARK = regex.compile(rf"[{_MARKS}]")
_LONGEST_HEAD = 30

#: The mark behind a number and its noun stands no farther than this.
_LONGEST_THING = 12

#: A place that 该县 takes up is one of so many that were named last.
_MOST_RECENT = 100

#: What divides several places of one clause among its numbers.
_SHARES = regex.compile(r"分别|依次|各自?(?=[^地级类项界种方区县市省个])")

#: So many places, of those named before.
_THEY = regex.compile("([两三四五六七八九])个?[省市县区旗州地]")

_END_OF_CLAUSE = regex.compile("[，。；！？,;\n]")

#: Between the places of a coordination.
_AND = frozenset({"、", "和", "与", "及", "以及"})

#: What is dealt with, put in front of who deals with it.
_DEALT_WITH = regex.compile(r"(?:^|，|,)(?:针?对|面对|围绕)[^，,]*$")

#: From a number to the place behind it where it belongs.
_BEHIND = regex.compile(rf"[^、{_MARKS}]{{2,16}}在了?")

#: Behind the last of places that are only examples of what is counted: 江苏等8省.
_ARE_COUNTED = regex.compile(
    r"等地?\s*[0-9０-９一二三四五六七八九十两多]+\s*余?多?个?(?:省|市|县|区|旗|州|盟|地方|地区|城市)"
)


#: Behind the examples of what is counted, right before the number.
_AND_OTHERS = regex.compile(r"等(?:地|共|近|约|多)*$")
_LIST_MARK = regex.compile(r"(?r)[，。；：！？,;:\n]")


#: Where national events take place.
_CAPITAL = "110000"

_BEFORE_TEXT = Sentence(0, 0, -1, ())
_NOWHERE = Scope(None)


@dataclass(slots=True)
class _Walk:
    text: str
    #: where the quantities start, in order
    numbers: Sequence[int]
    #: where places, or coordinations of them, start, in order
    places: Sequence[int]
    home: Home
    scope: Scope
    base: Scope
    #: the sentence the walk is in: its number, its record, and what holds at its beginning
    number: int = -1
    sentence: Sentence = _BEFORE_TEXT
    outer: Scope = _NOWHERE
    has_bracket: bool = False
    #: codes of the places that the paragraph, and the sentence, have spoken of
    topics: Counter[str] = field(default_factory=Counter)
    listed: set[str] = field(default_factory=set)
    #: the places named last under this heading, the latest at the end
    recent: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_RECENT))
    #: where places were named in this sentence, and their codes
    named: list[tuple[int, str]] = field(default_factory=list)
    #: places that 分别 still has to give to numbers, in order
    shares: list[Scope] = field(default_factory=list)
    #: the places of the last coordination of the paragraph, which 两县 takes up
    coordinated: Sequence[Scope] = ()
    #: where the clause ends that lists places with their numbers, and what held before its first place
    list_end: int = -1
    before_list: Scope = _NOWHERE
    #: where the bracket around the present position ends, and what held before it
    bracket_end: int = -1
    before_bracket: Scope = _NOWHERE


def scopes(
    text: str,
    sentences: Sequence[Sentence],
    quantities: Sequence[Quantity],
    mentions: Sequence[Mention],
    home: Home,
) -> list[Scope]:
    """The place of each quantity, in their order; the mentions are those of a text with its chains made."""
    base = Scope(home.default)
    groups = _coordinations(text, [m for m in mentions if m.kind not in ("outlet", "dateline")])
    places = [group[0].start for group in groups if group[0].kind in ("place", "zone")]
    walk = _Walk(text, sorted(q.start for q in quantities), places, home, base, base)
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


def is_part(part: str, whole: str) -> bool:
    """Whether a division is the other one or lies in it."""
    return whole in gazetteer.line(part)


def _coordinations(text: str, mentions: Sequence[Mention]) -> list[list[Mention]]:
    """The mentions, those joined by 、 or 和 together."""
    groups: list[list[Mention]] = []
    last: Mention | None = None
    for m in mentions:
        is_place = m.kind in ("place", "zone")
        if is_place and last is not None and text[last.end : m.start].strip() in _AND:
            groups[-1].append(m)
        else:
            groups.append([m])
        last = m if is_place else None
    return groups


def _enter(walk: _Walk, number: int, sentences: Sequence[Sentence]) -> None:
    """Begin a sentence: what an enumeration, a local report's paragraph or a heading has left behind goes."""
    sentence = sentences[number]
    if walk.scope.code is None and walk.home.code not in (None, COUNTRY):
        walk.scope = walk.outer
    if len(walk.listed) > 1 and _are_siblings(walk.listed):
        walk.scope = walk.outer
    if _is_above(walk):
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
    walk.bracket_end = walk.list_end = -1
    if walk.coordinated:
        _take_up(walk)
    walk.has_bracket = any(walk.text.find(mark, sentence.start, sentence.end) >= 0 for mark in "(（")


def _take_up(walk: _Walk) -> None:
    """两县分别: the places that the text has coordinated before take their numbers in turn."""
    they = _THEY.search(walk.text, walk.sentence.start, walk.sentence.end)
    if they and value(they[1]) == len(walk.coordinated):
        _deal_out(walk, walk.coordinated, they.end())


def _is_above(walk: _Walk) -> bool:
    """Whether a report of one place has named one that holds it: 市委也派来1个指导组, in a county's report."""
    home, here = walk.home.code, walk.scope.code
    if home in (None, COUNTRY) or here is None or walk.home.national:
        return False
    return here != home and is_part(home or "", here)


def _is_story(walk: _Walk) -> bool:
    """Whether the place goes on in the next paragraph: in national news, where one paragraph tells of one place.

    It may have named others, if but once each, and come back to its own.
    """
    if not walk.home.national or walk.scope.code is None:
        return False
    if walk.scope.paragraph == walk.sentence.paragraph and walk.scope.code not in walk.topics:
        return False
    if not _are_siblings(walk.topics):
        return True
    times = walk.topics.copy()
    mine = times.pop(walk.scope.code, 0)
    return mine > 1 and all(n == 1 for n in times.values())


def _are_siblings(codes: Iterable[str]) -> bool:
    """Whether the places stand beside each other; a village's county and its province do not."""
    places = [code for code in set(codes) if code != COUNTRY]
    return any(not is_part(a, b) and not is_part(b, a) for i, a in enumerate(places) for b in places[i + 1 :])


def _leave_bracket(walk: _Walk, position: int) -> None:
    if position >= walk.bracket_end:
        walk.scope, walk.bracket_end = walk.before_bracket, -1


def _enter_bracket(walk: _Walk, position: int) -> None:
    """Inside brackets a place holds to their end only."""
    start, end = walk.sentence.start, walk.sentence.end
    opened = max(walk.text.rfind("(", start, position), walk.text.rfind("（", start, position))
    if opened < 0 or walk.bracket_end >= 0:
        return
    closes = [c for c in (walk.text.find(")", opened, end), walk.text.find("）", opened, end)) if c >= 0]
    if closes and min(closes) > position:
        walk.bracket_end, walk.before_bracket = min(closes), walk.scope


def _take(walk: _Walk, position: int, ahead: list[Mention] | None) -> Scope:
    """The place of a quantity; the next in line where 分别 divides several among the numbers.

    What is dealt with may stand before who deals with it: 对移交的2批次线索，江西省纪委都进行了核查. What is put
    somewhere may stand before the place: 三分之一放在了庆阳.
    """
    if walk.shares:
        return walk.shares.pop(0)
    if (all_of_them := _examples(walk, position)) is not None:
        return all_of_them
    if ahead is None or ahead[0].start >= walk.sentence.end:
        return walk.scope
    m = ahead[0]
    if len(ahead) == 1 and _is_behind(walk, position, m):
        return _placed(walk, Scope(m.code, (), m.zone, m.start))
    if walk.scope.paragraph != walk.sentence.paragraph:
        dealt_with = _DEALT_WITH.search(walk.text, walk.sentence.start, position)
        near = _NEXT_MARK.search(walk.text, position, min(position + _LONGEST_THING, m.start))
        if m.code and m.kind in ("place", "zone") and dealt_with and near and not _clause_head(walk, m):
            return _placed(walk, Scope(m.code, (), m.zone, m.start))
    return walk.scope


def _examples(walk: _Walk, position: int) -> Scope | None:
    """The place that holds the examples of a list before its number: 甲市的A协会、乙省的B公司等六家."""
    if not _AND_OTHERS.search(walk.text, max(walk.sentence.start, position - 8), position):
        return None
    mark = _LIST_MARK.search(walk.text, walk.sentence.start, position)
    start = mark.end() if mark else walk.sentence.start
    codes = [code for at, code in walk.named if at >= start]
    if "、" not in walk.text[start:position] or not _are_siblings(codes):
        return None
    return _placed(walk, Scope(_common(codes), tuple(dict.fromkeys(codes)), start=start))


def _is_behind(walk: _Walk, position: int, m: Mention) -> bool:
    """Whether a number's place stands behind it and its clause has named no other before."""
    if not m.code or m.kind not in ("place", "zone") or not _BEHIND.fullmatch(walk.text, position, m.start):
        return False
    mark = _CLAUSE_MARK.search(walk.text, walk.sentence.start, position)
    return walk.scope.start < (mark.end() if mark else walk.sentence.start)


def _placed(walk: _Walk, scope: Scope) -> Scope:
    return scope._replace(sentence=walk.number, paragraph=walk.sentence.paragraph)


def _remember(walk: _Walk, group: Sequence[Mention]) -> None:
    places = [m for m in group if m.code and m.kind in ("place", "zone")]
    walk.recent.extend(m.code for m in places if m.code)
    walk.named.extend((m.start, m.code) for m in places if m.code)


def _speak_of(walk: _Walk, group: list[Mention]) -> None:
    """Take a mention, or a coordination of them, as what the text speaks of from here on, if it is."""
    first = group[0]
    if first.kind in ("place", "zone"):
        _speak_of_places(walk, group)
    elif first.kind in ("own", "organ", "that"):
        _speak_of_own(walk, first)
    elif first.kind in ("national", "body", "centre"):
        _speak_of_country(walk, first)
    elif first.kind == "here":
        _speak_of_here(walk, first)
    elif first.kind == "plural":
        _speak_of_parts(walk, first)
    elif first.kind in ("foreign", "world"):
        _speak_of_abroad(walk, first)
    elif first.kind == "several" and not _head_of_area(walk, first):
        _set(walk, Scope(COUNTRY, start=first.start))


def _head(walk: _Walk, m: Mention) -> str:
    """What stands between the beginning of the clause and the mention, '' where only an adverbial does."""
    head = _clause_head(walk, m)
    if not head or _is_aside(head):
        return head
    return "" if head.endswith(words("adverbial")) or head.startswith(words("within")) else head


def _head_of_area(walk: _Walk, m: Mention) -> str:
    """In a report of one place, 在太行山区 only says where in it; elsewhere an area may stand behind an adverbial."""
    return _head(walk, m) if walk.home.code in (None, COUNTRY) else _clause_head(walk, m)


def _is_aside(head: str) -> bool:
    if not head.endswith(words("aside")):
        return False
    return not head.endswith(words("adverbial")) or _suffix(head, "aside") > _suffix(head, "adverbial")


def _suffix(head: str, kind: str) -> int:
    """The length of the longest word of a kind that a clause's head ends with."""
    return max((len(word) for word in words(kind) if head.endswith(word)), default=0)


def _clause_head(walk: _Walk, m: Mention) -> str:
    if m.start == walk.sentence.start or walk.text[m.start - 1] in _MARKS:
        return ""
    start = max(walk.sentence.start, m.start - _LONGEST_HEAD)
    mark = _CLAUSE_MARK.search(walk.text, start, m.start)
    return walk.text[mark.end() if mark else start : m.start].strip()


def _set(walk: _Walk, scope: Scope) -> None:
    walk.scope = _placed(walk, scope)
    if scope.code:
        walk.topics[scope.code] += 1
        walk.listed.add(scope.code)


def _speak_of_places(walk: _Walk, group: list[Mention]) -> None:
    _remember(walk, group)
    head = _head(walk, group[0])
    members = [Scope(m.code, tuple(d.code for d in m.options if m.code is None), m.zone, m.start) for m in group]
    end = group[-1].end
    helped = head.endswith(words("helper"))
    if _is_helper(walk, group) or (_is_aside(head) and not helped and not walk.text.startswith(words("stay"), end)):
        # 对甲、乙两县督查: the next sentence may take them up
        walk.coordinated = members if len(members) > 1 else walk.coordinated
        return
    if _is_venue(walk, group):
        _meet(walk, members[-1])
    elif head and not (
        head.endswith(words("helper"))
        or _continues(walk, members)
        or walk.text.startswith((*words("subject"), *words("stay")), end)
    ):
        if len(members) == 1 and _numbers_at(walk, end):
            walk.shares = [_placed(walk, members[0])]
    elif len(members) > 1:
        _speak_of_several(walk, group, members)
    elif not _ARE_COUNTED.match(walk.text, group[0].end):
        _speak_of_one(walk, members[0], end)


def _speak_of_one(walk: _Walk, member: Scope, end: int) -> None:
    """A place; where places with their numbers stand in a list, what held before it goes on behind it."""
    listed = walk.text[member.start - 1] == "、" and walk.scope.start >= 0 and walk.scope.sentence == walk.number
    if not listed:
        walk.before_list = walk.scope
    _set(walk, member)
    if listed:
        mark = _END_OF_CLAUSE.search(walk.text, end, walk.sentence.end)
        walk.list_end = mark.start() if mark else walk.sentence.end


def _is_venue(walk: _Walk, group: Sequence[Mention]) -> bool:
    """Whether a place is only where something takes place."""
    return walk.text[group[0].start - 1] == "在" and walk.text.startswith(words("venue"), group[-1].end)


def _meet(walk: _Walk, place: Scope) -> None:
    """What takes place in the capital is the country's; in a report of one place, it is no story of its own."""
    if walk.home.code not in (None, COUNTRY):
        if not _is_subject(walk, place):
            walk.scope = _placed(walk, place)
    elif place.code != _CAPITAL:
        _set(walk, place)


def _is_subject(walk: _Walk, place: Scope) -> bool:
    """Whether the clause has named before who does something at the place: 该旗在北京举办."""
    mark = _CLAUSE_MARK.search(walk.text, walk.sentence.start, place.start)
    return walk.scope.start >= (mark.end() if mark else walk.sentence.start)


def _is_helper(walk: _Walk, group: Sequence[Mention]) -> bool:
    """Whether what is told of a place happens elsewhere: it helps another, or people come from there or work there."""
    behind, away = group[-1].end, _is_away(walk, group[-1])
    if walk.text.startswith(words("helper"), behind):
        return away or bool(_clause_head(walk, group[0])) or _helps_place(walk, behind)
    return away and walk.text.startswith(words("visitor"), behind)


def _helps_place(walk: _Walk, behind: int) -> bool:
    """Whether the place that is helped follows at once: 甲市援建乙县."""
    following = bisect_left(walk.places, behind)
    return following < len(walk.places) and walk.places[following] - behind <= _LONGEST_HELP


#: The longest word of help with what may follow it.
_LONGEST_HELP = 6


def _is_away(walk: _Walk, m: Mention) -> bool:
    """Whether a place has nothing to do with the place that the report is at home in."""
    home = walk.home.code
    if walk.home.national or home in (None, COUNTRY) or m.code is None:
        return False
    return not is_part(m.code, home or "") and not is_part(home or "", m.code)


def _continues(walk: _Walk, members: Sequence[Scope]) -> bool:
    """Whether places in the middle of a clause lie in what it speaks of, or are what the paragraph has spoken of."""
    current = walk.scope.code
    if all(m.code in walk.topics for m in members):
        return True
    if current is None or current == COUNTRY:
        return False
    return all(m.code is not None and is_part(m.code, current) for m in members)


def _speak_of_several(walk: _Walk, group: list[Mention], members: list[Scope]) -> None:
    """Coordinated places: 分别 gives them their numbers in order, else the numbers belong to them together."""
    _deal_out(walk, members, group[-1].end)
    walk.coordinated = members
    codes = [m.code for m in members if m.code]
    _set(walk, Scope(_common(codes), tuple(codes), start=group[0].start))
    walk.topics.update(codes)
    walk.listed.update(codes)


def _deal_out(walk: _Walk, members: Sequence[Scope], start: int) -> None:
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
        mark = _END_OF_CLAUSE.search(walk.text, position, end)
        position = mark.end() if mark else end
        numbers = bisect_left(walk.numbers, position) - first
        if numbers == dealt or numbers % len(members):
            break
        dealt = numbers
    if not dealt and (numbers := bisect_left(walk.numbers, end) - first) % len(members) == 0:
        dealt = numbers
    walk.shares = [_placed(walk, m)._replace(dealt=True) for m in members] * (dealt // len(members))


def _deal_out_series(walk: _Walk, members: Sequence[Scope], start: int, end: int) -> None:
    """Where as many numbers of one unit stand side by side as places: 甲、乙两县开工率为86%、79%.

    Numbers that stand alone before or between belong to the places together.
    """
    numbers = walk.numbers[bisect_left(walk.numbers, start) : bisect_left(walk.numbers, end)]
    codes = [m.code for m in members if m.code]
    together = Scope(_common(codes), tuple(codes), start=members[0].start)
    queue: list[Scope] = []
    dealt = at = 0
    while at < len(numbers):
        length = 1
        while at + length < len(numbers) and _are_joined(walk.text, numbers[at + length - 1], numbers[at + length]):
            length += 1
        if length == len(members):
            queue += [_placed(walk, m)._replace(dealt=True) for m in members]
            dealt = len(queue)
        else:
            queue += [_placed(walk, together)] * length
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
_JOINT = regex.compile("[，。；、和与及]")


def _common(codes: Sequence[str]) -> str | None:
    """The lowest division that holds them all."""
    lines = [[d.code for d in gazetteer.ancestors(code)] for code in codes]
    if not lines:
        return None
    shared = [level[0] for level in zip(*lines, strict=False) if len(set(level)) == 1]
    return shared[-1] if shared else COUNTRY


def _speak_of_own(walk: _Walk, m: Mention) -> None:
    code = _that(walk, m.unit) if m.kind == "that" else _own(walk, m.unit)
    if code is None:
        return
    head = "" if m.kind == "organ" and _joins_below(walk, m, code) else _head(walk, m)
    above = walk.home.code is not None and code != walk.home.code and is_part(walk.home.code, code)
    aside = (
        _is_aside(head)
        or (m.kind == "organ" and bool(head))
        or (above and (bool(head) or (m.kind == "organ" and _hands_down(walk, m))))
    )
    if (aside and not (m.kind == "own" and _is_above(walk))) or walk.text.startswith(words("compares"), m.end):
        return
    _set(walk, Scope(code, start=m.start))


def _joins_below(walk: _Walk, m: Mention, code: str) -> bool:
    """Whether an organ is joined to one of a division that holds its own: 省农业农村厅和市财政局."""
    joined = walk.text[m.start - 1] in _AND and walk.scope.sentence == walk.number
    return joined and walk.scope.code is not None and is_part(code, walk.scope.code)


def _hands_down(walk: _Walk, m: Mention) -> bool:
    """Whether what an organ above gives to or asks of the article's division is spoken of: 省纪委督办的12件."""
    mark = _NEXT_MARK.search(walk.text, m.end, walk.sentence.end)
    end = min(m.end + _LONGEST_HEAD, mark.start() if mark else walk.sentence.end)
    return any(walk.text.find(word, m.end, end) >= 0 for word in words("hands_down"))


def _fits(code: str, unit: str) -> bool:
    found = gazetteer.at(code)
    return found is not None and found.name.endswith(unit)


def _own(walk: _Walk, unit: str) -> str | None:
    """What 全市 or 县委 means here: the article's own division, else one that holds the current place."""
    current = walk.scope
    if unit == "区" and current.code and current.sentence >= 0 and _fits(current.code, unit):
        return current.code
    apart = bool(walk.home.code and current.code) and not is_part(current.code or "", walk.home.code or "")
    if walk.home.code and _fits(walk.home.code, unit) and not (apart and current.sentence == walk.number):
        return walk.home.code
    for code in (current.code, walk.home.code):
        for d in reversed(gazetteer.ancestors(code or "")):
            if d.name.endswith(unit):
                return d.code
    return _that(walk, unit) if walk.recent and _fits(walk.recent[-1], unit) else None


def _that(walk: _Walk, unit: str) -> str | None:
    """What 该县 means here: the county named last."""
    for code in reversed(walk.recent):
        for d in reversed(gazetteer.ancestors(code)):
            if d.name.endswith(unit):
                return d.code
    for d in reversed(gazetteer.ancestors(walk.home.code or "")):
        if d.name.endswith(unit):
            return d.code
    return None


def _speak_of_country(walk: _Walk, m: Mention) -> None:
    """全国 and 我国 at the head of a clause; a ministry only in a report that is about no single place."""
    head = _head(walk, m)
    if m.kind == "national" and head and _numbers_at(walk, m.end):
        walk.shares = [_placed(walk, Scope(COUNTRY, start=m.start))]
    elif not (head or _is_aside_of_country(walk, m) or _is_about_place(walk, m)):
        _set(walk, Scope(COUNTRY, start=m.start))


def _is_aside_of_country(walk: _Walk, m: Mention) -> bool:
    """Whether the country is only what something is compared with, or part of the name of something."""
    return walk.text.startswith(words("compares"), m.end) or _OF_SYSTEM.match(walk.text, m.end) is not None


#: What the country runs, and anybody uses: 全国根治欠薪线索反映平台.
_OF_SYSTEM = regex.compile(r"[\p{Han}0-9]{0,14}?(?:平台|系统|热线|小程序|信息网|APP)")


def _is_about_place(walk: _Walk, m: Mention) -> bool:
    """Whether the clause goes on about a place, though it names the country: 作为我国粮仓, or a body of the country.

    A report of one place speaks of the centre, and one of a local paper of ministries, that act in it; elsewhere
    they may ask something of the place that the sentence speaks of: 对中央督察组反馈的6处.
    """
    here = walk.scope.code not in (None, COUNTRY)
    head = _clause_head(walk, m)
    if m.kind == "national":
        return here and head.endswith(words("epithet"))
    if walk.home.code not in (None, COUNTRY) and (m.kind == "centre" or not walk.home.national):
        return True
    return here and bool(head) and walk.scope.sentence == walk.number and _hands_down(walk, m)


def _speak_of_abroad(walk: _Walk, m: Mention) -> None:
    """Another country; a place of this one goes on, unless news of the whole country begin a sentence with another."""
    head = _clause_head(walk, m)
    if walk.scope.code not in (None, COUNTRY):
        leaves = walk.home.national and m.start == walk.sentence.start
    else:
        leaves = not head or head.endswith("在")
    if leaves:
        _set(walk, Scope(None, start=m.start))


def _numbers_at(walk: _Walk, position: int) -> bool:
    i = bisect_left(walk.numbers, position)
    return i < len(walk.numbers) and walk.numbers[i] == position


def _speak_of_here(walk: _Walk, m: Mention) -> None:
    """当地: the place named last under the same heading, where nothing narrower is spoken of."""
    if walk.recent and walk.scope.code in (None, COUNTRY):
        _set(walk, Scope(walk.recent[-1], start=m.start))


def _speak_of_parts(walk: _Walk, m: Mention) -> None:
    """各地, 各区县: back to the whole whose parts they are."""
    if _head(walk, m):
        return
    home = walk.home.code
    if "省" in walk.text[m.start : m.end]:
        _set(walk, Scope(COUNTRY, start=m.start))
    elif home in (None, COUNTRY):
        if walk.scope.paragraph != walk.sentence.paragraph:
            _set(walk, Scope(COUNTRY, start=m.start))
    elif walk.scope.code and home and walk.scope.code != home and is_part(walk.scope.code, home):
        _set(walk, Scope(home, start=m.start))
