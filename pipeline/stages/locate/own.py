"""What stands for a place without its name: 全市, 县委, 该县, 当地, 各地, the country, and places abroad."""

from __future__ import annotations

import regex

from pipeline.lexicon import gazetteer
from pipeline.lexicon.gazetteer import COUNTRY
from pipeline.stages.locate.mentions import Mention
from pipeline.stages.locate.names import words
from pipeline.stages.locate.walk import (
    AND,
    LONGEST_HEAD,
    NEXT_MARK,
    Scope,
    Walk,
    clause_head,
    head_of,
    is_above,
    is_aside,
    is_part,
    numbers_at,
    placed,
    set_place,
)

__all__ = ["speak_of_abroad", "speak_of_country", "speak_of_here", "speak_of_own", "speak_of_parts"]


def speak_of_own(walk: Walk, m: Mention) -> None:
    """全市, 县委, 该县, unless they are only what something is told to, asked of or compared with."""
    code = _that(walk, m.unit) if m.kind == "that" else _own(walk, m.unit)
    if code is None:
        return
    head = "" if m.kind == "organ" and _joins_below(walk, m, code) else head_of(walk, m)
    above = walk.home.code is not None and code != walk.home.code and is_part(walk.home.code, code)
    aside = (
        is_aside(head)
        or (m.kind == "organ" and bool(head))
        or (above and (bool(head) or (m.kind == "organ" and _hands_down(walk, m))))
    )
    if (aside and not (m.kind == "own" and is_above(walk))) or walk.text.startswith(words("compares"), m.end):
        return
    set_place(walk, Scope(code, start=m.start))


def _joins_below(walk: Walk, m: Mention, code: str) -> bool:
    """Whether an organ is joined to one of a division that holds its own: 省农业农村厅和市财政局."""
    joined = walk.text[m.start - 1] in AND and walk.scope.sentence == walk.number
    return joined and walk.scope.code is not None and is_part(code, walk.scope.code)


def _hands_down(walk: Walk, m: Mention) -> bool:
    """Whether what an organ above gives to or asks of the article's division is spoken of: 省纪委督办的12件."""
    mark = NEXT_MARK.search(walk.text, m.end, walk.sentence.end)
    end = min(m.end + LONGEST_HEAD, mark.start() if mark else walk.sentence.end)
    return any(walk.text.find(word, m.end, end) >= 0 for word in words("hands_down"))


def _fits(code: str, unit: str) -> bool:
    found = gazetteer.at(code)
    return found is not None and found.name.endswith(unit)


def _own(walk: Walk, unit: str) -> str | None:
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


def _that(walk: Walk, unit: str) -> str | None:
    """What 该县 means here: the county named last."""
    for code in reversed(walk.recent):
        for d in reversed(gazetteer.ancestors(code)):
            if d.name.endswith(unit):
                return d.code
    for d in reversed(gazetteer.ancestors(walk.home.code or "")):
        if d.name.endswith(unit):
            return d.code
    return None


def speak_of_country(walk: Walk, m: Mention) -> None:
    """全国 and 我国 at the head of a clause; a ministry only in a report that is about no single place."""
    head = head_of(walk, m)
    if m.kind == "national" and head and numbers_at(walk, m.end):
        walk.shares = [placed(walk, Scope(COUNTRY, start=m.start))]
    elif not (head or _is_aside_of_country(walk, m) or _is_about_place(walk, m)):
        set_place(walk, Scope(COUNTRY, start=m.start))


def _is_aside_of_country(walk: Walk, m: Mention) -> bool:
    """Whether the country is only what something is compared with, or part of the name of something."""
    return walk.text.startswith(words("compares"), m.end) or _OF_SYSTEM.match(walk.text, m.end) is not None


#: What the country runs, and anybody uses: 全国根治欠薪线索反映平台.
_OF_SYSTEM = regex.compile(r"[\p{Han}0-9]{0,14}?(?:平台|系统|热线|小程序|信息网|APP)")


def _is_about_place(walk: Walk, m: Mention) -> bool:
    """Whether the clause goes on about a place, though it names the country: 作为我国粮仓, or a body of the country.

    A report of one place speaks of the centre, and one of a local paper of ministries, that act in it; elsewhere
    they may ask something of the place that the sentence speaks of: 对中央督察组反馈的6处.
    """
    here = walk.scope.code not in (None, COUNTRY)
    head = clause_head(walk, m)
    if m.kind == "national":
        return here and head.endswith(words("epithet"))
    if walk.home.code not in (None, COUNTRY) and (m.kind == "centre" or not walk.home.national):
        return True
    return here and bool(head) and walk.scope.sentence == walk.number and _hands_down(walk, m)


def speak_of_abroad(walk: Walk, m: Mention) -> None:
    """Another country; a place of this one goes on, unless news of the whole country begin a sentence with another."""
    head = clause_head(walk, m)
    if walk.scope.code not in (None, COUNTRY):
        leaves = walk.home.national and m.start == walk.sentence.start
    else:
        leaves = not head or head.endswith("在")
    if leaves:
        set_place(walk, Scope(None, start=m.start))


def speak_of_here(walk: Walk, m: Mention) -> None:
    """当地: the place named last under the same heading, where nothing narrower is spoken of."""
    if walk.recent and walk.scope.code in (None, COUNTRY):
        set_place(walk, Scope(walk.recent[-1], start=m.start))


def speak_of_parts(walk: Walk, m: Mention) -> None:
    """各地, 各区县: back to the whole whose parts they are."""
    if head_of(walk, m):
        return
    home = walk.home.code
    if "省" in walk.text[m.start : m.end]:
        set_place(walk, Scope(COUNTRY, start=m.start))
    elif home in (None, COUNTRY):
        if walk.scope.paragraph != walk.sentence.paragraph:
            set_place(walk, Scope(COUNTRY, start=m.start))
    elif walk.scope.code and home and walk.scope.code != home and is_part(walk.scope.code, home):
        set_place(walk, Scope(home, start=m.start))
