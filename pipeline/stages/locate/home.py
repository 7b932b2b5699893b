"""The division that an article as a whole is about."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from pipeline.lexicon import gazetteer
from pipeline.lexicon.gazetteer import COUNTRY
from pipeline.model import Sentence
from pipeline.stages.locate.mentions import Mention
from pipeline.stages.locate.names import words

__all__ = ["Home", "find_home", "weighed"]

#: A mention in the title, in one of the first lines or in a heading counts as so many in the body; one that the text
#: only goes to, asks or compares with counts less.
_TITLE, _LEAD, _HEADING, _BODY, _ASIDE = 6.0, 2.0, 2.0, 1.0, 0.5
#: A paper or web site of a county, which tells of that county, counts as so many; so does the county with a town or
#: village of its own in the first lines (长汀县河田镇), and the one that the report is sent from (北票讯).
_OUTLET = _TOWN = _DATELINE = 4.0

#: The share of the mentions that a division and its parts must have for the article to be about it.
_MAJORITY = 0.5

#: So many mentions of its own tell of what level a report is.
_OFTEN = 2
#: A province has so many divisions in its line, itself among them.
_PROVINCES = 2

#: Mentions of this country and its parts.
_HERE = ("place", "zone", "national", "body", "centre")

#: The characters that may stand between a place and what lies in it.
_LONGEST_LINK = 6


class Home(NamedTuple):
    """Where an article is at home."""

    #: None where nothing tells
    code: str | None
    #: article, or outlet where only the outlet tells
    basis: str
    #: where a figure belongs as long as the text has named no place; None where nothing tells
    default: str | None
    #: whether the outlet reports for the whole country
    national: bool


def find_home(
    text: str,
    mentions: Sequence[Mention],
    sentences: Sequence[Sentence],
    title: Sequence[Mention] = (),
    outlet: Iterable[Mention] = (),
) -> Home:
    """Weigh the mentions of the text, of its title and of its outlet.

    From the country down, the article is about the part that holds more than half of all mentions; where no part
    does (a report of many districts, a bulletin of many provinces), about the whole.
    The country is one of the places, unless the text is at home somewhere: unless it says 全市 or 县委.
    What happens abroad has no division.
    """
    outlets = [m.code for m in (*outlet, *mentions) if m.kind == "outlet" and m.code]
    national = COUNTRY in outlets
    # 于都发布 | 守好饭碗; what the country's television calls its items tells nothing more
    outlets += [m.code for m in title if m.kind == "outlet" and m.code and m.code != COUNTRY]
    if _is_abroad(title, mentions, sentences):
        return Home(None, "article", None, national)
    weights = _weights(text, mentions, sentences)
    told = {m.code for m in title if m.kind in ("place", "zone") and m.code}
    for code in told:
        weights[code] += _TITLE
    if not weights:
        return _from_outlet(outlets, national, mentions)
    if national or not any(m.kind in ("own", "that", "organ") for m in mentions):
        weights[COUNTRY] += sum(m.kind in ("national", "body", "centre") for m in mentions)
    code = _prefecture_of(_centre(weights), weights, mentions)
    if code not in told:
        code = _county_of(code, weights, mentions, outlets)
    early = bool(told) or not national or _lead_names(mentions, sentences, code)
    if not early:
        code = COUNTRY
    return Home(code, "article", code, national)


def _is_abroad(title: Sequence[Mention], mentions: Sequence[Mention], sentences: Sequence[Sentence]) -> bool:
    """Whether the report is of other countries.

    The title names none but them, and the text does so no less often than places of this one; or the text names
    none but them from its first sentences on.
    """
    if any(m.kind in _HERE for m in title):
        return False
    abroad = [m for m in mentions if m.kind == "foreign"]
    here = sum(m.kind in _HERE for m in mentions)
    if any(m.kind == "foreign" for m in title):
        return len(abroad) >= here
    return not here and len(abroad) > 1 and abroad[0].start < _lead_end(sentences)


def _from_outlet(outlets: Sequence[str], national: bool, mentions: Sequence[Mention]) -> Home:
    local = [code for code in outlets if code != COUNTRY]
    if local:
        code = _centre({found: local.count(found) for found in local})
        return Home(code, "outlet", code, national)
    if national or any(m.kind == "national" for m in mentions):
        return Home(COUNTRY, "outlet" if national else "article", COUNTRY, national)
    return Home(None, "article", None, False)


def _weights(text: str, mentions: Sequence[Mention], sentences: Sequence[Sentence]) -> defaultdict[str, float]:
    weights: defaultdict[str, float] = defaultdict(float)
    for m, weight in weighed(text, mentions, sentences):
        weights[m.code or ""] += weight
    return weights


def weighed(
    text: str, mentions: Sequence[Mention], sentences: Sequence[Sentence], title: Sequence[Mention] = ()
) -> Iterator[tuple[Mention, float]]:
    """The mentions of a title and of a text that tell where it is at home, each with its weight."""
    yield from ((m, _TITLE) for m in title if m.code and m.kind in ("place", "zone"))
    named = [m for m, following in zip_longest(mentions, mentions[1:]) if _tells(text, m, following)]
    lead_end = _lead_end(sentences)
    headings = [s for s in sentences if s.heading]
    starts = [s.start for s in headings]
    national = any(m.kind == "outlet" and m.code == COUNTRY for m in mentions)
    for m in named:
        before = text[max(0, m.start - 2) : m.start]
        if m.kind == "dateline":  # the 报 of 本报 before it is no verb
            yield m, _DATELINE if _is_county(m.code or "") else _BODY
        elif before.endswith(words("aside")):
            yield m, _ASIDE
        elif before.endswith("、"):
            yield m, _BODY
        elif m.start < lead_end:
            towns = not national and _is_county(m.code or "") and _PART_OF_COUNTY.match(text, m.end)
            yield m, _TOWN if towns else _LEAD
        elif (at := bisect_right(starts, m.start)) and m.start < headings[at - 1].end:
            yield m, _HEADING
        else:
            yield m, _BODY
    if named:
        yield from ((m, _OUTLET) for m in _county_outlets(text, mentions))


def _tells(text: str, m: Mention, following: Mention | None) -> bool:
    """Whether a mention tells where a text is at home, and does not only say where the next one lies."""
    if not m.code or m.kind not in ("place", "zone", "dateline"):
        return False
    return following is None or not _is_where(text, m, following)


def _county_outlets(text: str, mentions: Sequence[Mention]) -> Iterator[Mention]:
    """The papers and web sites of counties that a text names."""
    for m in mentions:
        division = gazetteer.at(m.code or "") if m.kind == "outlet" else None
        if division is None or division.level != "county" or _CITY_PAPER.match(text, m.end):
            continue
        if not (division.name.endswith("区") and text.startswith("日报", m.end)):
            yield m


#: Papers that cities have and counties do not: 颍州晚报 is none of the district 颍州, nor 右江日报 of 右江.
_CITY_PAPER = re.compile("[晚晨早]报")

#: A town or a village behind the name of its county.
_PART_OF_COUNTY = re.compile("[\u4e00-\u9fff]{1,6}?[镇乡村]|[\u4e00-\u9fff]{1,6}?(?:街道|社区|苏木|嘎查)")


def _is_where(text: str, whole: Mention, part: Mention) -> bool:
    """Whether a place only says where the next one lies: 【成都市】大邑县, 【大凉山】深处的昭觉县."""
    if part.start == whole.end and part.kind in ("place", "outlet"):
        return whole.code in gazetteer.line(part.code or "")[:-1]
    if part.start - whole.end > _LONGEST_LINK or text[part.start - 1] != "的":
        return False
    return whole.code in gazetteer.line(part.code or "")[:-1]


def _lead_end(sentences: Sequence[Sentence]) -> int:
    """The end of the third sentence; of the first that is no heading where that comes later."""
    if not sentences:
        return 0
    third = sentences[min(2, len(sentences) - 1)].end
    return max(third, next((s.end for s in sentences if not s.heading), 0))


def _centre(weights: Mapping[str, float]) -> str:
    """The deepest division that holds more than half of the weight.

    >>> _centre({"500101": 1, "500106": 1, "500000": 1}), _centre({"130433": 3, "130400": 1})
    ('500000', '130433')
    """
    held = _held(weights)
    total = held[COUNTRY]
    best = [code for code, weight in held.items() if weight > _MAJORITY * total]
    return max(best, key=lambda code: len(gazetteer.line(code)))


def _held(weights: Mapping[str, float]) -> Mapping[str, float]:
    """The weight of each division, that of its parts with its own."""
    held: defaultdict[str, float] = defaultdict(float)
    for code, weight in weights.items():
        for above in gazetteer.line(code):
            held[above] += weight
    return held


#: Units of counties, and of what lies above them; 市 can be both.
_OF_COUNTY, _ABOVE_COUNTY = frozenset({"县", "区", "旗"}), frozenset({"市", "州", "盟", "省", "自治区"})


def _county_of(code: str, weights: Mapping[str, float], mentions: Sequence[Mention], outlets: Sequence[str]) -> str:
    """The county that a report is at home in where it says 全县, 我县, 县委 and not 全市; else the division given.

    That is the county of its outlet, or one of the division given.
    """
    own = [m.unit for m in mentions if m.kind in ("own", "organ")]
    for_county, above = (sum(unit in units for unit in own) for units in (_OF_COUNTY, _ABOVE_COUNTY))
    if for_county < _OFTEN or above or _is_county(code):
        return code
    if (local := next(filter(_is_county, outlets), None)) is not None:
        return local
    counties = {c: w for c, w in weights.items() if _is_county(c) and code in gazetteer.line(c)}
    best = max(counties, key=counties.__getitem__, default=code)
    return best if counties and counties[best] > _MAJORITY * sum(counties.values()) else code


#: Units that none but prefectures have.
_OF_PREFECTURE = frozenset({"州", "盟"})


def _prefecture_of(code: str, weights: Mapping[str, float], mentions: Sequence[Mention]) -> str:
    """The prefecture that a report is at home in where it says 全州 or 州委; else the division given."""
    units = Counter(m.unit for m in mentions if m.kind in ("own", "organ"))
    unit = max(_OF_PREFECTURE, key=lambda one: (units[one], one))
    if units[unit] < _OFTEN or units[unit] <= units["省"] + units["自治区"] or len(gazetteer.line(code)) > _PROVINCES:
        return code
    among = {c: w for c, w in _held(weights).items() if code in gazetteer.line(c)[:-1] and _is_prefecture(c, unit)}
    best = max(among, key=among.__getitem__, default=code)
    return best if among and among[best] > _MAJORITY * sum(among.values()) else code


def _is_prefecture(code: str, unit: str) -> bool:
    division = gazetteer.at(code)
    return division is not None and division.level == "prefecture" and division.name.endswith(unit)


def _is_county(code: str) -> bool:
    division = gazetteer.at(code)
    return division is not None and division.level == "county"


def _lead_names(mentions: Sequence[Mention], sentences: Sequence[Sentence], code: str) -> bool:
    """Whether the first lines name the division or a part of it."""
    lead_end = _lead_end(sentences)
    early = (m.code for m in mentions if m.start < lead_end and m.code and m.kind in ("place", "zone", "dateline"))
    return any(code in gazetteer.line(found) for found in early)
