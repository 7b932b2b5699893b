"""Campaigns: which ones a report is about, and which one each figure belongs to.

National campaigns are found by the names and aliases of ``lexicon/campaigns.csv``. Local ones name themselves:
a head (专项行动, 教育实践活动, 大整顿活动) with the words before it, back to the verb, place or particle that
is no part of the name. A head alone (专项行动, 主题教育) takes up the campaign that was named before.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import regex

from pipeline import lexicon
from pipeline.model import Quantity, Sentence

if TYPE_CHECKING:
    from daachorse import CharwiseDoubleArrayAhoCorasick

__all__ = ["Campaign", "Campaigns", "Mention", "mentions", "survey"]

#: A campaign's short form (主题教育) is understood so long after its end.
_ECHO = timedelta(days=180)

#: Marks of a group of mentions: in the title or the first two sentences, in the lead, in a heading, in front of a
#: figure; and one for each mention up to so many.
_OPENING, _LEAD, _HEADING, _FRAMING, _MOST_MENTIONS = 4, 2, 2, 2, 5

#: More campaigns are not told apart in one report: each mention is held against all of them.
_MOST_CAMPAIGNS = 100

#: The lead of a report: its first so many sentences.
_LEAD_SENTENCES = 6

#: From how many marks on a report is about a campaign, and from how many on a second one counts.
_ABOUT, _SECOND = 3, 4

#: Under a title of its own, a text with so many headings is a digest of items, each about something else.
_ITEMS = 3

_SHORTEST_MODIFIER, _LONGEST_MODIFIER = 3, 30

#: 常委班子教育实践活动, 县直单位主题教育: so few characters before such a head make no campaign of its own.
_SHORT_PREFIX = 5

#: Share of the figures that a campaign has to be named before, to be that of figures without one of their own.
_MOST_FIGURES = 0.75

#: what follows a name that frames what the sentence counts
_FRAME = regex.compile(r"[”』]?[^，。；！？\n]{0,12}(?:以来|期间|后|中)[，,]|[”』]?[^，。；！？\n]{0,8}以来")


class Mention(NamedTuple):
    """A place where a text names a campaign.

    ``name`` is the name as written, '' for a head alone; ``known`` the lexicon's name for it; ``head`` the
    head that ends it; ``batch`` the number in 第二批 before it, else 0.
    """

    start: int
    end: int
    name: str
    known: str
    head: str
    batch: int = 0


class Campaign(NamedTuple):
    """A campaign of one report: the lexicon's name or the report's own, and its dates where known."""

    name: str
    first: date | None = None
    last: date | None = None


@dataclass(slots=True)
class _Group:
    """The mentions of one campaign in one report."""

    known: str
    core: str
    names: Counter[str] = field(default_factory=Counter)
    heads: set[str] = field(default_factory=set)
    marks: int = 0
    mentions: int = 0
    framing: bool = False
    opening: bool = False
    lead: bool = False
    heading: bool = False
    #: it opens a sentence with figures: 活动开展以来, 在活动中
    frame: bool = False
    #: numbers of the batches that are named
    batches: set[int] = field(default_factory=set)
    #: position of the first mention in the body
    first: int = -1

    @property
    def shown(self) -> str:
        """The name that the report uses most, of equals the one in the fullest form."""
        return max(self.names, key=lambda name: (self.names[name], name.endswith(("活动", "行动"))))


class Campaigns(NamedTuple):
    """What :func:`survey` found: names as the report gives them, main first, and the places of their mentions."""

    names: tuple[str, ...]
    #: the main campaign under its lexicon name, where the report as a whole is about it
    default: Campaign | None
    starts: tuple[int, ...]
    mentions: tuple[Mention, ...]
    #: campaign of each mention, None where it is passed over
    owners: tuple[Campaign | None, ...]

    def last_mention(self, position: int, since: int) -> tuple[Mention, Campaign] | None:
        """The last mention that begins before ``position`` and not before ``since``, of those that count."""
        for i in range(bisect_left(self.starts, position) - 1, -1, -1):
            if self.starts[i] < since:
                return None
            if (owner := self.owners[i]) is not None:
                return self.mentions[i], owner
        return None


NONE = Campaigns((), None, (), (), ())


@cache
def _words(*kinds: str) -> tuple[str, ...]:
    found = {r["word"] for r in lexicon.table("campaign_words") if r["kind"] in kinds}
    return tuple(sorted(found, key=lambda w: (-len(w), w)))


@cache
def _aliases() -> dict[str, str]:
    """Every full name and alias with the lexicon's name."""
    return {a: r["name"] for r in lexicon.table("campaigns") for a in (r["name"], *r["aliases"].split("|")) if a}


@cache
def _patterns() -> tuple[str, ...]:
    return tuple(dict.fromkeys((*_aliases(), *_words("head", "alone", "quoted"), "年”")))


@cache
def _automaton() -> CharwiseDoubleArrayAhoCorasick:
    from daachorse import MATCH_KIND_LEFTMOST_LONGEST, CharwiseDoubleArrayAhoCorasick

    return CharwiseDoubleArrayAhoCorasick(list(_patterns()), MATCH_KIND_LEFTMOST_LONGEST)


#: What can stand before a head without a break, with quotes kept whole; read backwards.
_BEFORE = regex.compile(
    r"(?r) (?: “[^“”\n]{1,24}” | [^，。；：！？!?,;:\n（）()《》【】\[\]—…\s、“”·|丨] )* ", regex.VERBOSE
)
_BATCH = regex.compile(r"(?r)第([一二三1-3])批(?:党的)?[“]?")
_BATCHES = {"一": 1, "二": 2, "三": 3, "1": 1, "2": 2, "3": 3}
_QUOTED_YEAR = regex.compile(r"(?r)“(\p{Han}{4,12})")
#: a place at the front of a name: up to five characters and 省, 市, 县 …; 社区, 园区 and their like are no places
_PLACE = regex.compile(
    r"(?:\p{Han}{2,5}(?:省|市|县|自治[区州县]|(?<![社小校园景库林山牧城辖地灾片街战矿])区|旗|盟|(?<!\p{Han}广)州))+(?=[\p{Han}“])"
)
#: an office at the front of a name: 市农业农村局巡察整改; not 布局, 全局 and their like
_OFFICE = regex.compile(
    r"\p{Han}{1,9}?(?:\p{Han}(?<![大布结格开破全定困当战棋终平出骗])局|纪委监委|纪委|监委|法院|检察院|公安厅|委员会|管委会)(?=[\p{Han}“]|\Z)"
)
#: what somebody said, in quotes, is no name
_SAID = regex.compile(r"“[^”]*[，。！？,!?][^”]*”")
#: the words before the head end in what joins or counts campaigns: 三大攻坚战, 日常监督和专项检查
_OPEN_END = regex.compile(r"(?:[\d和与及等、这该]|[一两二三四五六七八九十]大|系列)\Z")
_ORDINAL = regex.compile(
    r"[省市县区等]?(?:第[一二三四五六\d]+[批轮期次阶段]+|[一二两三四五六七八九十\d]+[个项场次年轮大类])"
)
#: a part of a year at the front of a name: 2024年一季度巡察整改 goes on in the next quarter under its name
_PART_OF_YEAR = regex.compile(r"(?:20\d\d年)?(?:第?[一二三四1-4]季度|[上下]半年|1?\d(?:[至到-]1?\d)?月份?)")


@cache
def _edges() -> regex.Pattern[str]:
    """Words that are no part of a name (edge), and words that only look as if they held one (word)."""
    marked = [(w, "edge") for w in _words("verb", "scope", "particle")] + [(w, "word") for w in _words("word")]
    ordered = sorted(marked, key=lambda m: (-len(m[0]), m[1] == "edge", m[0]))
    return regex.compile("“[^”]*”|" + "|".join(f"(?P<{kind}>{regex.escape(word)})" for word, kind in ordered))


@cache
def _front() -> regex.Pattern[str]:
    return regex.compile(f"(?:{'|'.join(map(regex.escape, _words('adverb', 'scope', 'particle')))})+")


@cache
def _place() -> regex.Pattern[str]:
    """Short names of provinces and prefectures at the front of a name: 吉林白城干部作风大整顿."""
    shorts = {
        r["short"]
        for r in lexicon.table("gazetteer")
        if r["level"] in ("province", "prefecture") and r["caution"] != "word"
    }
    return regex.compile(f"(?:{'|'.join(map(regex.escape, sorted(shorts, key=lambda n: (-len(n), n))))})+")


@cache
def _generic() -> frozenset[str]:
    return frozenset(_words("generic"))


for _cached in (_words, _aliases, _patterns, _automaton, _edges, _front, _place, _generic):
    lexicon.on_change(_cached)


def mentions(text: str) -> list[Mention]:
    """Every place where the text names a campaign, or takes one up by its head.

    >>> [m.name for m in mentions("我市开展集中整治拖欠账款专项行动。专项行动中，清欠5笔")]
    ['集中整治拖欠账款专项行动', '']
    """
    found: list[Mention] = []
    # where in it those with a name are
    named: list[int] = []
    for start, end, pattern in _automaton().find(text):
        word = _patterns()[pattern]
        if known := _aliases().get(word):
            new: Iterable[Mention] = [Mention(start, end, text[start:end], known, "", _batch(text, start))]
        elif word == "年”":
            new = _quoted_year(text, start, end)
        else:
            new = _headed(text, start, end, word, found[named[-1]] if named else None)
        for mention in new:
            # 集中整治 at the front of 集中整治拖欠账款专项行动 is no mention of its own
            while found and found[-1].start >= mention.start:
                found.pop()
            while named and named[-1] >= len(found):
                named.pop()
            if mention.name:
                named.append(len(found))
            found.append(mention)
    return found


def _batch(text: str, start: int) -> int:
    found = _BATCH.match(text, max(0, start - 10), start)
    return _BATCHES[found[1]] if found else 0


def _quoted_year(text: str, start: int, end: int) -> Iterable[Mention]:
    """“营商环境提升年”, and with its quotes “乡村治理提质年”行动."""
    found = _QUOTED_YEAR.match(text, max(0, start - 14), start)
    if found is None or not text.endswith(_words("year"), 0, start + 1):
        return
    tail = next((t for t in ("行动", "活动") if text.startswith(t, end)), "")
    if tail:
        yield Mention(found.start(), end + 2, f"“{found[1]}年”{tail}", "", tail)
    else:
        yield Mention(found.start() + 1, end - 1, f"{found[1]}年", "", "年")


def _headed(text: str, start: int, end: int, head: str, last: Mention | None) -> Iterable[Mention]:
    """A head with its modifier; a head alone where there is none, unless it ends a name only after quotes."""
    if last and not last.known and start - last.end <= 1 and text[last.end : start] in ("", "、"):
        # 隐患大排查、大整治行动: heads side by side end one name
        yield last._replace(end=end, name=text[last.start : end], head=head)
        return
    modifier = _modifier(text, start, last.end if last else 0)
    if head in _words("quoted") and head not in _words("head") and not modifier.endswith("”"):
        return
    if modifier or head in _words("alone"):
        begin = start - len(modifier)
        yield Mention(begin, end, text[begin:end], "", head, _batch(text, begin))
    else:
        yield Mention(start, end, "", "", head, _batch(text, start))


def _modifier(text: str, start: int, after: int) -> str:
    """The words before a head that belong to the name."""
    before = _BEFORE.match(text, max(after, start - _LONGEST_MODIFIER - 20), start)
    words = _SAID.split(before.group())[-1] if before else ""
    if words.endswith("”"):
        return words[words.rindex("“") :]
    cut = max((m.end() for m in _edges().finditer(words) if m.lastgroup == "edge"), default=0)
    words = words[cut:]
    while (
        front := _front().match(words)
        or _ORDINAL.match(words)
        or _PART_OF_YEAR.match(words)
        or (text[start] != "“" and _OFFICE.match(words))
        or _PLACE.match(words)
        or _place().match(words)
    ) and front.end():
        words = words[front.end() :]
    bare = words.strip("“”")
    if len(bare) < _SHORTEST_MODIFIER or len(words) > _LONGEST_MODIFIER or bare in _generic():
        return ""
    return "" if _OPEN_END.search(bare) else words


def survey(
    text: str,
    title: str | None,
    sentences: Sequence[Sentence],
    quantities: Sequence[Quantity],
    published: date | None,
) -> Campaigns:
    """Find the campaigns that a report is about or reports figures of.

    Args:
        text: the simplified text.
        title: the title where it is not part of the text.
        sentences: the sentences of the body; what lies outside is furniture and not read.
        quantities: the quantities, which make a campaign that frames them count.
        published: the day of publication, by which a short form finds its campaign.
    """
    found = mentions(text)
    in_title = mentions(title) if title else []
    if not found and not in_title:
        return NONE
    groups: list[_Group] = []
    every = (*in_title, *found)
    for mention in every:
        if mention.known:
            _join(mention, groups, published)
    owners = [_join(mention, groups, published) for mention in every]
    _mark(text, found, owners, len(in_title), sentences, quantities)
    result = _choose(groups, found, owners[len(in_title) :], quantities)
    digest = title is not None and not in_title and sum(s.heading for s in sentences) >= _ITEMS
    return result._replace(default=None) if digest else result


def _core(name: str) -> str:
    """What tells a name from others: without heads, quotes and the verbs that come and go with them."""
    return str(_COMMON.sub("", name))


_COMMON = regex.compile(r"集中整治|专项|集中|整治|行动|活动|工作|整顿|大整治|治理|[“”、]")


def _join(mention: Mention, groups: list[_Group], published: date | None) -> _Group | None:
    """The group that a mention belongs to, a new one where it names a new campaign."""
    group = _of_short(mention, groups, published) if not mention.name else _of_name(mention, groups, published)
    if group is None and (mention.name or mention.known) and len(groups) < _MOST_CAMPAIGNS:
        group = _Group(mention.known, _core(mention.name))
        groups.append(group)
    if group is not None and mention.name and bool(group.known) == bool(mention.known):
        group.names[mention.name] += 1
        group.heads.add(mention.head)
    return group


def _of_name(mention: Mention, groups: list[_Group], published: date | None) -> _Group | None:
    if mention.known:
        return next((g for g in groups if g.known == mention.known), None)
    core = _core(mention.name)
    if mention.head in _words("single") and len(mention.name) - len(mention.head) <= _SHORT_PREFIX:
        return _of_short(mention, groups, published)
    for group in groups:
        if group.known:
            if mention.head in _words("single") and not mention.name.startswith("“") and mention.head in _shorts(group):
                return group
            continue
        shorter, longer = sorted((core, group.core), key=len)
        if shorter == longer or (len(shorter) >= 4 and shorter in longer):
            return group
        if len(shorter) >= 2 and shorter in longer and any(h[-2:] == mention.head[-2:] for h in group.heads):
            return group
    return None


def _of_short(mention: Mention, groups: list[_Group], published: date | None) -> _Group | None:
    """A head alone takes up the campaign named last with that head, else the national one of that time."""
    for group in sorted(groups, key=lambda g: not g.known):
        if mention.head in _shorts(group) or any(n.rstrip("”").endswith(mention.head) for n in group.names):
            return group
    names = [r["name"] for r in lexicon.table("campaigns") if _echoes(r, mention.head, published)]
    if len(names) != 1 or published is None:
        return None
    group = _Group(names[0], _core(names[0]), Counter({names[0]: 0}))
    groups.append(group)
    return group


def _shorts(group: _Group) -> Sequence[str]:
    row = lexicon.row("campaigns", group.known) if group.known else None
    return row["short"].split("|") if row else ()


def _echoes(row: lexicon.Row, short: str, published: date | None) -> bool:
    """Whether a short form, in a report of that day, means this national campaign."""
    if published is None or short not in row["alone"].split("|") or not row["start"]:
        return False
    last = date.fromisoformat(row["end"]) + _ECHO if row["end"] else published
    return date.fromisoformat(row["start"]) <= published <= last


def _mark(
    text: str,
    found: list[Mention],
    owners: list[_Group | None],
    in_title: int,
    sentences: Sequence[Sentence],
    quantities: Sequence[Quantity],
) -> None:
    """Count for each group what speaks for the report being about it."""
    for group in owners[:in_title]:
        if group is not None:
            group.opening = True
            group.mentions += 1
    starts = [s.start for s in sentences]
    last_quantity = {q.sentence: q.start for q in quantities}
    opening = sentences[min(1, len(sentences) - 1)].end if sentences else len(text)
    for mention, group in zip(found, owners[in_title:], strict=True):
        at = bisect_left(starts, mention.start + 1) - 1
        if group is None or at < 0 or mention.start >= sentences[at].end or _is_listed(text, mention):
            continue
        group.mentions += 1
        group.batches.add(mention.batch)
        group.first = mention.start if group.first < 0 else group.first
        group.opening |= mention.start < opening
        group.lead |= at < _LEAD_SENTENCES
        group.heading |= sentences[at].heading
        if mention.end <= last_quantity.get(at, -1):
            group.framing = True
            group.frame |= bool(_FRAME.match(text, mention.end))


def _is_listed(text: str, mention: Mention) -> bool:
    """Whether it is one of several things in a row: 脱贫攻坚、环境保护、扫黑除恶专项斗争等工作."""
    behind = text[mention.end : mention.end + 1]
    return behind in ("、", "等") or (text[mention.start - 1 : mention.start] == "、" and behind in ("和", "、", "等"))


def _marks(group: _Group) -> int:
    return (
        min(group.mentions, _MOST_MENTIONS)
        + (_OPENING if group.opening else _LEAD * group.lead)
        + _HEADING * group.heading
        + _FRAMING * group.framing
    )


def _choose(
    groups: list[_Group], found: list[Mention], owners: list[_Group | None], quantities: Sequence[Quantity]
) -> Campaigns:
    """The main campaign is the one with most marks; a second one needs figures of its own."""
    ranked = sorted((g for g in groups if g.mentions), key=_marks, reverse=True)
    if not ranked or _marks(ranked[0]) < _ABOUT:
        return NONE
    main = ranked[0]
    seconds = [g for g in ranked[1:] if g.frame and _marks(g) >= _SECOND and (g.known or g.heading)]
    chosen = {id(g): g for g in (main, *seconds)}
    default = _campaign(main, 0) if main.opening or _leads(main, quantities) else None
    return Campaigns(
        tuple(g.shown for g in chosen.values()),
        default,
        tuple(m.start for m in found),
        tuple(found),
        tuple(
            _campaign(g, m.batch) if g is not None and id(g) in chosen else None
            for m, g in zip(found, owners, strict=True)
        ),
    )


def _leads(group: _Group, quantities: Sequence[Quantity]) -> bool:
    """Whether the campaign is named before most figures, so that those without a campaign of their own are its."""
    behind = len(quantities) - bisect_left(quantities, group.first, key=lambda q: q.start)
    return behind >= _MOST_FIGURES * len(quantities)


def _campaign(group: _Group, batch: int) -> Campaign:
    """The campaign under its lexicon name, with the dates of the batch; a report may name its batch only once."""
    named = group.batches - {0}
    if not batch and len(named) == 1:
        (batch,) = named
    row = lexicon.row("campaigns", group.known) if group.known else None
    if row is None:
        return Campaign(group.shown)
    first, last = _day(row["start"]), _day(row["end"])
    for numbered in row["batches"].split():
        number, _, days = numbered.partition(":")
        if int(number) == batch:
            first, last = (_day(d) for d in days.split("/"))
    return Campaign(row["name"], first, last)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
