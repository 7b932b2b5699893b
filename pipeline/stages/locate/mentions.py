"""Where a text speaks of places, and which division each mention means."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

import regex

from pipeline import lexicon
from pipeline.lexicon import gazetteer
from pipeline.lexicon.gazetteer import Division, line
from pipeline.stages.locate.names import automaton, in_year, words

__all__ = [
    "Mention",
    "chains",
    "count_votes",
    "find",
    "last_locality",
    "localities",
    "resolve",
    "settle",
    "whole_locality",
    "with_localities",
]


#: How often a text speaks of each division, by code.
Votes = defaultdict[str, int]


class Mention(NamedTuple):
    """A word that speaks of a place, with what it means once :func:`resolve` has decided."""

    start: int
    end: int
    #: the kinds of :class:`pipeline.stages.locate.names.Name`, and ``dateline``
    kind: str
    form: str = ""
    unit: str = ""
    #: what it may mean in the year of the report, highest level first
    options: tuple[Division, ...] = ()
    #: the division it means; None where open or no place
    code: str | None = None
    #: whether the word alone tells the division
    clear: bool = False
    #: a development zone or the like that the text names with it
    zone: str | None = None


#: What the words behind a place name make of it: 邯郸|日报 an outlet, 沭阳|经开区 a zone, 南京|坪村 another name,
#: 白塔|河 a river (nature; of a county's short form only, 黄山 and 丽江 are cities).
_TAIL = regex.compile(
    r"""
      (?P<outlet>
          (?:特区|都市|商|经济|广播电视|人民|新|青年|法制|法治)?
          (?: [日晚早晨]报 | 商报 | 时报 | 新闻网? | 电视台 | 电台 | 广播 | 传媒 | 融媒体?(?:中心)? | 在线 | 网信
            | 政法网 | 政府网 | 纪检监察网 | 云(?=[》”|｜讯]) )
        | (?:发布|融媒) (?=\s*(?:[|｜》”\n]|\Z|微信|公众号|客户端|作者|编辑|记者))
        | (?:公安|检察|法院|清风|政法|司法|城管|交警|组工|党建|先锋|应急|消防|税务|教育|卫健|普法|发布|融媒)
          (?=\s{0,4}20\d\d[-年./])
        | [\p{Han}--[在和与的]]{0,8}? (?:微信(?:公众)?号|公众号|门户网站) (?=\s*(?:[|｜》”\n]|\Z|20\d\d)) )
    | (?P<zone>
          (?:国家级?)?
          (?: (?:高新|经济)(?:技术)?(?:产业)? | 保税 | 循环经济 | 旅游(?:经济)? | 临港 | 临空 )?
          (?: 开发区 | 示范区 | 度假区 | 试验区 | 园区 | 新区 )
        | 经开区 | 高新区 | 保税区 | 产业园 | 工业园 | 工业集中区 | 产业集聚区 )
    | (?P<other>
          [\p{Han}--[农全各本老水故家该多的在有等和]]? (?:村|镇|乡|街道|社区|小区) (?![级民干两委党支企])
        | [东南西北中]? (?:路|大道|大街|街|巷) (?![线径途子道])
        | 古城 (?!墙) | 大学 | 学院 | 中学 | 小学 | 一中 | 医院 | 大厦 | 酒店 | 饭店 | 银行 | 航空
        | [牌籍话菜味] | 人(?![民大口均才力社防事员]) )
    | (?P<nature>
          河 (?![北南东西池源间津口]) | 湖 (?![南北州]) | 江 (?![苏西南北东津]) | 山 (?![东西南区])
        | 湾 (?!里) | 溪 (?![县口]) | 峡 | 潮 | 桥 | 水库 )
    """,
    regex.VERBOSE | regex.V1,
)

#: What makes an outlet of the place behind it: 掌上|馆陶, 来源：今日|馆陶.
_OUTLET_HEAD = regex.compile(r"掌上$|(?:\A|[《|｜]|来源[:：]\s*)(?:今日|无线|魅力|清风|廉洁|平安|文明)$")
#: The characters that it can end with: few mentions have one of them before.
_OUTLET_HEAD_ENDS = frozenset("上日线力风洁安明")

#: What stands before and behind the place of a dateline: 本报【北海】讯, 新华社【西安】3月2日电.
_DATELINE = regex.compile(r"(?:本报|本网|新华社|中新社|中新网|人民网|[日晚晨]报)[【】\s]*$")
_DATELINE_END = regex.compile(r"(?:\d{1,2}月\d{1,2}日)?[讯电]")

#: A township or village, with no word of grammar in its name.
_LOCALITY_NAME = (
    r"(?P<name>[\p{Han}--[在向对已的了把被和与个将有委办增各全本该每这那县区市贫困驻占拟受到名给属由]]{1,6}?"
    r"(?:街道|社区|苏木|嘎查|镇(?![市县区村域]|街(?![口上头]))|乡(?![市县区镇村里亲])|村(?![市县区级民道居干组务集容规医两庄企])))"
)
_LOCALITY = regex.compile(_LOCALITY_NAME, regex.V1)
_LOCALITY_SUBJECT = regex.compile(
    rf"(?:(?<![^，。；：,;:！“\s])|\A)(?:目前|如今|现在|眼下|当时|近日|日前|[今去]年|[今昨]天|位于|地处|来自)?{_LOCALITY_NAME}",
    regex.V1,
)

#: What each of these names ends with; most sentences have none of it.
_LOCALITY_END = re.compile("[镇乡村道区木查]")

#: No name of a township or village, though it ends like one.
_NO_LOCALITY = regex.compile(r".*(?:[农扶老小美新脱城乡行政然][村镇乡]|[镇乡村]{2})|.?[镇乡村]")


#: A list of townships or villages, up to its end: 洪桥、城步等3个乡镇 names no county of Chengbu.
_OF_TOWNS = regex.compile(
    r"\p{Han}{0,2}?(?:[、和及与][^，。；：、,;:\d]{1,6})*+(?:等?共?[0-9一二三四五六七八九十两]{1,4}个|等)"
    r"(?:乡|镇|街道|村(?!民)|社区|嘎查|苏木|[农林]场)"
)


def _is_nameless(name: str) -> bool:
    if _NO_LOCALITY.fullmatch(name) is not None or any(word in name for word in words("nameless")):
        return True
    # 硬化村路, 约谈乡领导: a deed, and what it was done to
    stem = _LOCALITY_GENERIC.sub("", name)
    return any(lexicon.row("actions", stem[-length:]) is not None for length in range(2, len(stem) + 1))


_LOCALITY_GENERIC = re.compile("(?:街道|社区|苏木|嘎查|[镇乡村])$")


_CJK = regex.compile(r"\p{Han}")

#: Before a county name of two characters or a generic one: what a word of three characters cannot begin with.
_BEFORE_TIGHT = frozenset("在从到是对向由于的让把使给、，。；：“‘（(《【|｜ 　\n,;:·—]】》）)")

#: Before 县委 or 市政府: characters that make it speak of many or of none.
_MANY = frozenset("各多个两三四五几每某乡区省市地外全本我该")


def find(text: str, year: int) -> list[Mention]:
    """All mentions of a text in order, with the divisions each may mean in a year; shadows are left out.

    Neighbours are settled (:func:`settle`), all else is left to :func:`resolve`.

    >>> [m.kind for m in find("全市查处96起，高平市12起", 2024)]
    ['own', 'place']
    """
    meanings = automaton().meanings
    found: list[Mention] = []
    for start, end, number in automaton().find(text):
        name = meanings[number]
        if name.kind == "shadow":
            continue
        if name.kind == "place":
            place = _place(text, start, end, _meant(number, year))
            if place is not None:
                found.append(place)
        elif name.kind == "organ":
            if text[start - 1 : start] not in _MANY:
                found.append(Mention(start, end, name.kind, unit=name.unit))
        elif name.kind == "zone":
            found.append(Mention(start, end, "zone", code=name.code, clear=True, zone=text[start:end]))
        elif (county := next((d for d in name.divisions if d.name in text), None)) is not None:
            found.append(Mention(start, end, "place", "full", code=county.code, clear=True))
        elif name.kind != "several" or not text.startswith(words("line"), end):
            found.append(Mention(start, end, name.kind, "", name.unit, (), name.code or None, bool(name.code)))
    return settle(found)


class _Meaning(NamedTuple):
    """What a place name means by itself in a year."""

    form: str
    options: tuple[Division, ...]
    code: str | None
    clear: bool


@lru_cache(maxsize=1 << 13)
def _meant(number: int, year: int) -> _Meaning:
    form, options = automaton().meanings[number].form, in_year(number, year)
    top = options[0]
    sole = len(options) == 1 or (form == "short" and top.level == "province")
    doubtful = form in ("tight", "generic") or (form == "short" and bool(top.caution))
    leading = sole or (form == "short" and top.level != options[1].level)
    return _Meaning(form, options, top.code if sole else None, leading and not doubtful)


def _place(text: str, start: int, end: int, meaning: _Meaning) -> Mention | None:
    form, options, code, clear = meaning
    tail = _TAIL.match(text, end)
    what = tail.lastgroup if tail else None
    kind, zone = "place", None
    if what == "outlet" or (
        text[start - 1 : start] in _OUTLET_HEAD_ENDS and _OUTLET_HEAD.search(text, max(0, start - 8), start)
    ):
        kind = "outlet"
    elif form == "short" and (what == "other" or (options[0].level == "county" and _is_smaller(text, end, what))):
        return None
    elif tail is not None and what == "zone":
        end = tail.end()
        zone = text[start:end]
    elif _DATELINE_END.match(text, end) and _DATELINE.search(text, max(0, start - 8), start):
        kind = "dateline"
    return Mention(start, end, kind, form, "", options, code, clear, zone)


lexicon.on_change(_meant)


def _is_smaller(text: str, end: int, what: str | None) -> bool:
    """Whether the short name of a county is that of something smaller: of a river, or of a township in a list."""
    return what == "nature" or _OF_TOWNS.match(text, end) is not None


def settle(found: list[Mention]) -> list[Mention]:
    """Decide names that stand directly before or behind their own parent or part: 开封市鼓楼区, 朝阳建平县."""
    for i in range(1, len(found)):
        before, after = found[i - 1], found[i]
        if before.end != after.start or not before.options or not after.options:
            continue
        for part in after.options:
            above = line(part.code)[:-1]
            whole = next((d for d in before.options if d.code in above), None)
            if whole is not None and (before.code is None or before.code == whole.code):
                found[i - 1] = before._replace(code=whole.code, clear=True)
                found[i] = after._replace(code=part.code, clear=True)
                break
    return found


def count_votes(found: Iterable[Mention]) -> Votes:
    """How often a text speaks of each division or a part of it, by the mentions that are clear."""
    votes: Votes = defaultdict(int)
    for m in found:
        if m.clear:
            for above in line(m.code or m.options[0].code):
                votes[above] += 1
    return votes


def resolve(text: str, found: Sequence[Mention], votes: Votes) -> list[Mention]:
    """Decide which division each mention means, by its neighbours and what the whole report speaks of.

    Short forms of counties that are everyday words, and generic names such as 城区, stay only with support. A name
    that several divisions bear and the text does not decide between keeps its options and no code.
    """
    decided = [m._replace(code=_choice(m, votes)) if m.options and m.code is None else m for m in found]
    named = {m.code for m in decided if m.code and (m.form == "full" or m.form == "tight")}
    named.update(m.code for i, m in enumerate(decided) if m.code and m.form == "generic" and _has_neighbour(decided, i))
    units = frozenset(m.unit for m in decided if m.unit)
    return [
        m
        for i, m in enumerate(decided)
        if m.form == "full" or m.kind != "place" or _stays(text, decided, i, votes, named, units)
    ]


def _choice(m: Mention, votes: Votes) -> str | None:
    """The option that the text supports most, None where several have the same support.

    A short form means the highest division of the name in the province that the text supports most: 喀什 is the
    prefecture, not the city in it; 吉林 is the province.
    """
    options = m.options
    if m.form == "short":
        strongest = max(votes[d.code[:2] + "0000"] for d in options)
        near = [d for d in options if votes[d.code[:2] + "0000"] == strongest]
        options = tuple(d for d in near if d.level == near[0].level)
    best = max(_support(d, votes) for d in options)
    leading = [d for d in options if _support(d, votes) == best]
    return leading[0].code if len(leading) == 1 else None


def _support(d: Division, votes: Votes) -> int:
    """Mentions of its prefecture count more than those of its province only."""
    return sum(votes[code] * 10**i for i, code in enumerate(line(d.code)[1:-1]))


def _stays(text: str, found: Sequence[Mention], i: int, votes: Votes, named: set[str], units: frozenset[str]) -> bool:
    """Whether the word is the place at all; ``units`` are those that the text speaks of as its own (全县, 市委)."""
    m = found[i]
    if _has_neighbour(found, i) or _is_coordinated(text, found, i):
        return True
    if m.form == "tight":
        return m.start == 0 or text[m.start - 1] in _BEFORE_TIGHT or (m.code in named and _starts_word(text, m))
    if m.code is None:
        return False
    if m.form == "generic":
        told = m.code in named or votes[line(m.code)[-2]] > 0 or _beside_sibling(found, i)
        return told and text[m.start - 1 : m.start] in _BEFORE_TIGHT
    chosen = next(d for d in m.options if d.code == m.code)
    if chosen.caution == "word":
        return text[m.end : m.end + 1] in (":", "：") and _begins_line(text, m) and _is_own(units, chosen)
    if m.code in named:
        return True
    begins = m.start == 0 or text[m.start - 1] in _BEFORE_TIGHT
    if chosen.caution == "support":
        if not votes and _begins_line(text, m) and _is_own(units, chosen):
            return True
        return votes[m.code] > 0 or (begins and chosen.level == "county" and votes[chosen.parent] > 0)
    if chosen.level != "county":
        return True
    return begins and (len(m.options) == 1 or _support(chosen, votes) > 0)


def _begins_line(text: str, m: Mention) -> bool:
    return text[m.start - 1 : m.start] in ("", "\n", "]", "】")


def _is_own(units: frozenset[str], division: Division) -> bool:
    """Whether the text says 全县 or 市委 as one that is at home in the division would."""
    return any(division.name.endswith(unit) for unit in units)


def _starts_word(text: str, m: Mention) -> bool:
    return m.start == 0 or not _CJK.match(text[m.start - 1])


def _has_neighbour(found: Sequence[Mention], i: int) -> bool:
    """Whether the parent stands directly before it, or a part directly behind."""
    m = found[i]
    if m.code is None:
        return False
    if i > 0 and found[i - 1].end == m.start and _holds(found[i - 1].code, m.code):
        return True
    return i + 1 < len(found) and found[i + 1].start == m.end and _holds(m.code, found[i + 1].code)


def _is_coordinated(text: str, found: Sequence[Mention], i: int) -> bool:
    """Whether a place of the same city, or province, is joined to it by 、: 鼓楼、台江两区."""
    if not _beside_sibling(found, i):
        return False
    last, m, following = found[i - 1] if i else None, found[i], found[i + 1] if i + 1 < len(found) else None
    if last is not None and text[last.end : m.start] == "、":
        return True
    return following is not None and text[m.end : following.start] == "、"


def _holds(whole: str | None, part: str | None) -> bool:
    if not whole or not part or whole == part:
        return False
    return whole in line(part)


def _beside_sibling(found: Sequence[Mention], i: int) -> bool:
    """Whether the mention before or behind it has the same parent, as in an enumeration of a city's parts."""
    mine = gazetteer.at(found[i].code or "")
    beside = (found[j].code for j in (i - 1, i + 1) if 0 <= j < len(found))
    siblings = [gazetteer.at(code) for code in beside if code]
    return mine is not None and any(s is not None and s.parent == mine.parent and s != mine for s in siblings)


def chains(mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions with 宁夏银川市金凤区 as one, that of its last and lowest part."""
    found: list[Mention] = []
    for m in mentions:
        last = found[-1] if found else None
        if last and last.kind == "place" == m.kind and last.end == m.start and _holds(last.code, m.code):
            found[-1] = m._replace(start=last.start)
        else:
            found.append(m)
    return found


def with_localities(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Give the chains of a text the township or village behind them, and add where the text names that again.

    文县铁楼藏族乡 tells where 铁楼藏族乡 lies, wherever the text speaks of it later.
    """
    found: list[Mention] = []
    known: dict[str, str] = {}
    for m in mentions:
        names = localities(text, m.end) if m.kind == "place" and m.code and not m.zone else []
        found.append(m._replace(zone=names[-1]) if names else m)
        for name in names:
            if name not in known or _holds(known[name], m.code):
                known[name] = m.code or ""
    if not known:
        return found
    taken = {m.end for m in mentions}
    for start, end in _again(text, known):
        if start not in taken:
            name = text[start:end]
            found.append(Mention(start, end, "place", "locality", code=known[name], clear=True, zone=name))
    return sorted(found, key=itemgetter(0, 1))


def _again(text: str, names: Collection[str]) -> Iterator[tuple[int, int]]:
    """Where a text has any of these names of townships and villages, in one pass however many they are."""
    lengths = sorted({len(name) for name in names})
    done: dict[str, int] = {}
    for mark in _LOCALITY_END.finditer(text):
        end = mark.end()
        for length in lengths:
            start = end - length
            if start >= 0 and (name := text[start:end]) in names and start >= done.get(name, 0):
                done[name] = end
                yield start, end


def localities(text: str, position: int) -> list[str]:
    """The names of the township and of the village in it that stand at a position.

    >>> localities("文县铁楼藏族乡草河坝村的农家", 2)
    ['铁楼藏族乡', '草河坝村']
    """
    names: list[str] = []
    while len(names) < 2 and (found := _LOCALITY.match(text, position)):
        if _is_nameless(found["name"]):
            break
        names.append(found["name"])
        position = found.end("name")
    return names


def whole_locality(name: str) -> str | None:
    """The name, if it is that of one township or village.

    >>> whole_locality("首阳镇"), whole_locality("首阳镇、巩昌镇"), whole_locality("各镇"), whole_locality("县纪委")
    ('首阳镇', None, None, None)
    """
    found = _LOCALITY.fullmatch(name)
    return name if found and not _is_nameless(name) else None


def last_locality(text: str, start: int, end: int) -> str | None:
    """The last township or village that a clause between two positions begins with.

    >>> text = "首阳镇干部入户，代办事项5件"
    >>> last_locality(text, 0, len(text))
    '首阳镇'
    """
    last = None
    if not _LOCALITY_END.search(text, start, end):
        return last
    for found in _LOCALITY_SUBJECT.finditer(text, start, end):
        if not _is_nameless(found["name"]):
            last = found["name"]
    return None if last and _OTHERS.search(text, text.rindex(last, start, end), end) else last


#: 其余镇街 are none of those that were named.
_OTHERS = re.compile("(?:其余|其他|其它)[\u4e00-\u9fff]{0,4}[镇乡村街]")
