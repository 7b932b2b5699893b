"""Which division each number belongs to: the walk through the text that keeps the place it speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import regex

from pipeline.lexicon import gazetteer
from pipeline.lexicon.gazetteer import COUNTRY
from pipeline.model import Quantity, Sentence
from pipeline.stages.locate.home import Home
from pipeline.stages.locate.mentions import Mention, chains

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


#: Behind the last mark of a clause; its adverbials and what introduces a subject.
_CLAUSE_HEAD = regex.compile(r"[^，。；：！？,;:（(）)“”\n]*+$")

#: What may stand between the beginning of a clause and its place: 截至10月底, 记者从, 去年以来, 如今的.
_ADVERBIAL = regex.compile(
    r"""
      (?: (?:在|位于|地处) .* | 同时 | 此外 | 随后 | 据 | 记者从 | 而 | 但 | 以 | 由于 | 作为
        | .* (?: [年月日来后前中时间期底末下上今晚早的地在如、—·】] | 之际 | 阶段 | 老区 | 山区 | 还有 | 包括 )
      )
    """,
    regex.VERBOSE,
)

#: Directly before a place that is only gone to, asked, helped or compared with.
_ASIDE = regex.compile(
    r"(?:赴|往|到|至|对|向|给|与|同|跟|从|由|进驻|进入|支援|援助|帮扶|访|离|抵|抵达|飞往|来自|针对|按照|根据|像|比|沿|通往|卖往|销往|参加|全|原|前往|占|居|为|借鉴|学习|推介|外|驻|经|报|请)$"
)

#: Behind 全国 and 全省 where they only compare: 全国率先, 在全省前列.
_COMPARES = regex.compile(
    r"(?:率先|首|最|第[一二三]|前列|平均|领先|同步|上下|各地|范围内?推广|推广|人大|政协|两会|性|级)"
)

#: What divides several places of one clause among its numbers.
_SHARES = regex.compile(r"分别|依次|各自?(?=[^地级类项界种方区县市省个])")

#: Between the places of a coordination.
_AND = frozenset({"、", "和", "与", "及", "以及", "，"})

#: What is dealt with, put in front of who deals with it.
_DEALT_WITH = regex.compile(r"(?:^|，|,)(?:针?对|面对|围绕)[^，,]*$")

#: A number of divisions: the list before it is what it counts, not where.
_COUNTS_DIVISIONS = regex.compile(r"\s*(?:个|多个)?(?:省|市|县|区|旗|州|盟|地方|地区|省份|城市|试点|行政区)")


@dataclass(slots=True)
class _Walk:
    text: str
    quantities: Sequence[Quantity]
    home: Home
    scope: Scope
    base: Scope
    sentence: int = 0
    paragraph: int = 0
    #: codes of the places that the paragraph, and the sentence, have spoken of
    topics: set[str] = field(default_factory=set)
    listed: set[str] = field(default_factory=set)
    #: the place before the sentence
    outer: Scope | None = None
    #: the places named last, the latest at the end
    recent: list[str] = field(default_factory=list)
    #: places that 分别 still has to give to numbers, in order
    shares: list[Scope] = field(default_factory=list)


def scopes(
    text: str,
    sentences: Sequence[Sentence],
    quantities: Sequence[Quantity],
    mentions: Sequence[Mention],
    home: Home,
) -> list[Scope]:
    """The place of each quantity, in their order."""
    base = Scope(home.default)
    walk = _Walk(text, quantities, home, base, base)
    order = sorted(range(len(quantities)), key=lambda i: quantities[i].start)
    found: list[Scope] = [base] * len(quantities)
    groups = _coordinations(text, [m for m in chains(mentions) if m.kind not in ("outlet", "dateline")])
    g = q = 0
    for number, sentence in enumerate(sentences):
        _enter(walk, number, sentence)
        while g < len(groups) and groups[g][0].start < sentence.start:
            _remember(walk, groups[g])
            g += 1
        outer: list[tuple[int, Scope]] = []
        while True:
            at_quantity = q < len(order) and quantities[order[q]].start < sentence.end
            at_group = g < len(groups) and groups[g][0].start < sentence.end
            if not at_quantity and not at_group:
                break
            if at_group and (not at_quantity or groups[g][0].start < quantities[order[q]].start):
                _leave_brackets(walk, outer, groups[g][0].start)
                following = quantities[order[q]] if at_quantity else None
                _enter_brackets(walk, outer, groups[g][0].start, sentence.start)
                _speak_of(walk, groups[g], sentence, following)
                g += 1
            else:
                quantity = quantities[order[q]]
                _leave_brackets(walk, outer, quantity.start)
                ahead = groups[g][0] if at_group else None
                found[order[q]] = _take(walk, quantity, sentence, ahead)
                q += 1
    return found


def is_part(part: str, whole: str) -> bool:
    """Whether a division is the other one or lies in it."""
    return any(d.code == whole for d in gazetteer.ancestors(part))


def _coordinations(text: str, mentions: Sequence[Mention]) -> list[list[Mention]]:
    """The mentions, those joined by 、 or 和 together."""
    groups: list[list[Mention]] = []
    for m in mentions:
        before = groups[-1][-1] if groups else None
        if (
            before is not None
            and m.kind in ("place", "zone")
            and before.kind in ("place", "zone")
            and text[before.end : m.start].removesuffix("市").strip() in _AND
            and text[before.end : m.start].strip() != "，"
        ):
            groups[-1].append(m)
        else:
            groups.append([m])
    return groups


def _enter(walk: _Walk, number: int, sentence: Sentence) -> None:
    """Begin a sentence: a heading and, after an enumeration or in a local report, a paragraph go back to the base."""
    if walk.outer is not None and _are_siblings(walk.listed):
        walk.scope = walk.outer
    if sentence.paragraph != walk.paragraph or number == 0:
        if _are_siblings(walk.topics) or not walk.home.national or walk.scope.code is None:
            walk.scope = walk.base
        walk.topics = set()
        walk.paragraph = sentence.paragraph
    if sentence.heading:
        walk.scope = walk.base
        walk.recent.clear()
    walk.sentence = number
    walk.outer = walk.scope
    walk.listed = set()
    walk.shares.clear()


def _are_siblings(codes: set[str]) -> bool:
    """Whether the places stand beside each other; a village's county and its province do not."""
    places = [code for code in codes if code != COUNTRY]
    return any(not is_part(a, b) and not is_part(b, a) for i, a in enumerate(places) for b in places[i + 1 :])


def _leave_brackets(walk: _Walk, outer: list[tuple[int, Scope]], position: int) -> None:
    while outer and position >= outer[-1][0]:
        walk.scope = outer.pop()[1]


def _enter_brackets(walk: _Walk, outer: list[tuple[int, Scope]], position: int, start: int) -> None:
    """Inside brackets a place holds to their end only."""
    opened = max(walk.text.rfind("(", start, position), walk.text.rfind("（", start, position))
    if opened < 0:
        return
    closes = [c for c in (walk.text.find(")", opened), walk.text.find("）", opened)) if c >= 0]
    if closes and min(closes) > position and not outer:
        outer.append((min(closes), walk.scope))


def _take(walk: _Walk, quantity: Quantity, sentence: Sentence, ahead: Mention | None) -> Scope:
    """The place of a quantity; the next in line where 分别 divides several among the numbers.

    What is dealt with may stand before who deals with it: 对移交的2批次线索，江西省纪委都进行了核查.
    """
    if walk.shares:
        return walk.shares.pop(0)
    carried = walk.scope.paragraph != walk.paragraph or walk.scope.sentence < 0
    if carried and ahead is not None and ahead.kind in ("place", "zone") and ahead.code:
        head = walk.text[sentence.start : quantity.start]
        if _DEALT_WITH.search(head) and not _clause_head(walk, ahead, sentence):
            return Scope(ahead.code, (), ahead.zone, ahead.start, walk.sentence, walk.paragraph)
    return walk.scope


def _remember(walk: _Walk, group: Sequence[Mention]) -> None:
    walk.recent.extend(m.code for m in group if m.code and m.kind in ("place", "zone"))


def _speak_of(walk: _Walk, group: list[Mention], sentence: Sentence, following: Quantity | None) -> None:
    """Take a mention, or a coordination of them, as what the text speaks of from here on, if it is."""
    first = group[0]
    if first.kind in ("place", "zone"):
        _speak_of_places(walk, group, sentence, following)
    elif first.kind in ("own", "organ", "that"):
        _speak_of_own(walk, first, sentence)
    elif first.kind in ("national", "body", "centre"):
        _speak_of_country(walk, first, sentence)
    elif first.kind == "here":
        _speak_of_here(walk, first)
    elif first.kind == "plural":
        _speak_of_parts(walk, first, sentence)
    elif first.kind == "foreign" and not _clause_head(walk, first, sentence):
        _set(walk, Scope(None, start=first.start), topic="")
    elif first.kind == "several" and not _head(walk, first, sentence):
        _set(walk, Scope(COUNTRY, start=first.start), topic="")


def _head(walk: _Walk, m: Mention, sentence: Sentence) -> str:
    """What stands between the beginning of the clause and the mention, '' where only an adverbial does."""
    head = _clause_head(walk, m, sentence)
    if _ASIDE.search(head):
        return head
    return "" if _ADVERBIAL.fullmatch(head) else head


def _clause_head(walk: _Walk, m: Mention, sentence: Sentence) -> str:
    found = _CLAUSE_HEAD.search(walk.text, max(sentence.start, m.start - 30), m.start)
    return found.group().strip() if found else ""


def _set(walk: _Walk, scope: Scope, topic: str) -> None:
    walk.scope = scope._replace(sentence=walk.sentence, paragraph=walk.paragraph)
    if topic:
        walk.topics.add(topic)
        walk.listed.add(topic)


def _speak_of_places(walk: _Walk, group: list[Mention], sentence: Sentence, following: Quantity | None) -> None:
    _remember(walk, group)
    head = _head(walk, group[0], sentence)
    members = [Scope(m.code, tuple(d.code for d in m.options if m.code is None), m.zone, m.start) for m in group]
    if _ASIDE.search(head) or (head and not _continues(walk, members)):
        return
    if len(members) > 1:
        _speak_of_several(walk, group, members, sentence)
        return
    if following is not None and _is_count_of(walk.text, group[-1], following):
        return
    _set(walk, members[0], members[0].code or "")


def _continues(walk: _Walk, members: Sequence[Scope]) -> bool:
    """Whether places in the middle of a clause lie in what it speaks of."""
    current = walk.scope.code
    if current is None or current == COUNTRY:
        return False
    return all(m.code is not None and is_part(m.code, current) for m in members)


def _is_count_of(text: str, m: Mention, following: Quantity) -> bool:
    """Whether the number behind a place counts divisions that begin with it: 江苏等8省."""
    return text[m.end : following.start].strip() in ("等", "等地") and bool(
        _COUNTS_DIVISIONS.match(text, following.end - len(following.unit))
    )


def _speak_of_several(walk: _Walk, group: list[Mention], members: list[Scope], sentence: Sentence) -> None:
    marks = (walk.text.find(mark, group[-1].end, sentence.end) for mark in "；;")
    end = min((position for position in marks if position >= 0), default=sentence.end)
    numbers = sum(group[-1].end <= q.start < end for q in walk.quantities)
    if _SHARES.search(walk.text, group[-1].end, end) and numbers % len(members) == 0:
        turn = [s._replace(sentence=walk.sentence, paragraph=walk.paragraph) for s in members]
        walk.shares = turn * (numbers // len(members))
    codes = [m.code for m in members if m.code]
    walk.topics.update(codes)
    walk.listed.update(codes)
    _set(walk, Scope(_common(codes), tuple(codes), start=group[0].start), "")


def _common(codes: Sequence[str]) -> str | None:
    """The lowest division that holds them all."""
    lines = [[d.code for d in gazetteer.ancestors(code)] for code in codes]
    if not lines:
        return None
    shared = [level[0] for level in zip(*lines, strict=False) if len(set(level)) == 1]
    return shared[-1] if shared else COUNTRY


def _speak_of_own(walk: _Walk, m: Mention, sentence: Sentence) -> None:
    code = _that(walk, m.unit) if m.kind == "that" else _own(walk, m.unit)
    if code is None:
        return
    head = _head(walk, m, sentence)
    above = walk.home.code is not None and code != walk.home.code and is_part(walk.home.code, code)
    aside = bool(_ASIDE.search(head)) or (m.kind == "organ" and bool(head)) or (above and bool(head))
    if aside or _COMPARES.match(walk.text, m.end):
        return
    _set(walk, Scope(code, start=m.start), code)


def _fits(code: str, unit: str) -> bool:
    found = gazetteer.at(code)
    return found is not None and found.name.endswith(unit)


def _own(walk: _Walk, unit: str) -> str | None:
    """What 全市 or 县委 means here: the article's own division, else one that holds the current place."""
    current = walk.scope
    if unit == "区" and current.code and current.sentence >= 0 and _fits(current.code, unit):
        return current.code
    apart = bool(walk.home.code and current.code) and not is_part(current.code or "", walk.home.code or "")
    if walk.home.code and _fits(walk.home.code, unit) and not (apart and current.sentence == walk.sentence):
        return walk.home.code
    for code in (current.code, walk.home.code):
        for d in reversed(gazetteer.ancestors(code or "")):
            if d.name.endswith(unit):
                return d.code
    return _that(walk, unit)


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


def _speak_of_country(walk: _Walk, m: Mention, sentence: Sentence) -> None:
    """全国 and 我国 at the head of a clause; a ministry only in a report that is about no single place."""
    local = walk.home.code not in (None, COUNTRY)
    if m.kind == "national" and any(q.start == m.end for q in walk.quantities):
        _set(walk, Scope(COUNTRY, start=m.start), COUNTRY)
    elif (
        _head(walk, m, sentence)
        or _COMPARES.match(walk.text, m.end)
        or (local and (m.kind == "centre" or (m.kind == "body" and not walk.home.national)))
    ):
        return
    else:
        _set(walk, Scope(COUNTRY, start=m.start), COUNTRY)


def _speak_of_here(walk: _Walk, m: Mention) -> None:
    """当地: the place named last under the same heading, where nothing narrower is spoken of."""
    if walk.recent and walk.scope.code in (None, COUNTRY):
        _set(walk, Scope(walk.recent[-1], start=m.start), walk.recent[-1])


def _speak_of_parts(walk: _Walk, m: Mention, sentence: Sentence) -> None:
    """各地, 各区县: back to the whole whose parts they are."""
    if _head(walk, m, sentence):
        return
    home = walk.home.code
    if "省" in walk.text[m.start : m.end]:
        _set(walk, Scope(COUNTRY, start=m.start), COUNTRY)
    elif home in (None, COUNTRY):
        if walk.scope.paragraph != walk.paragraph:
            _set(walk, Scope(COUNTRY, start=m.start), COUNTRY)
    elif walk.scope.code and home and walk.scope.code != home and is_part(walk.scope.code, home):
        _set(walk, Scope(home, start=m.start), home)
