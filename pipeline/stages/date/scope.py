"""Which time governs which figure.

In its sentence, a figure is governed by the last time before it; a time in brackets holds inside them, or for
the figure right before them. A time that belongs to a noun (2019年以来实施的41个项目) or to a comparison
(由去年同期的412份) holds for the next figure only. Without any, a part takes the time of its whole, and running
totals and states (截至10月底, 活动开展以来, 目前) hold on to the end of the paragraph.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from operator import attrgetter
from typing import NamedTuple

import regex

from pipeline.model import Article, Attribution, Quantity, Sentence, Span
from pipeline.stages.date.campaigns import Campaigns
from pipeline.stages.date.expressions import TimeExpression, find
from pipeline.stages.date.moments import Stretch, shift_months

__all__ = ["Governing", "govern"]

#: Kinds that hold on into the next sentences of a paragraph.
_LASTING = frozenset(("as_of", "since"))

#: between a time and the figure of the noun that it belongs to: 2020年以来改造的46个
_ATTRIBUTIVE = regex.compile(r"[^，。；：、,;:今]*的")

#: the day on which something was said, not the time of what it says
_HOOK = regex.compile(r"[^，。；,;]{0,3}[，,]?[^，。；,;]{0,24}?(?:记者|获悉|通报|公布|发布|召开|举行|介绍|了解到)")

#: a sentence that goes on counting within the time of the one before
_GOES_ON = regex.compile(r"其中|同时|此外|另外|另有|期间|这些|上述|同期")

#: a list of times that a list of counts follows in order: 4月、5月、6月分别为46个、27个、9个
_IN_ORDER = regex.compile(r"[^，。；,;]{0,12}?(?:分别|依次)")
_JOINS = frozenset("、和及与")

#: an event that is the campaign's own, without its name: 活动开展以来
_OF_CAMPAIGN = regex.compile(
    r"(?:活动|行动|整治|教育|斗争|整顿|督察|攻坚)(?:工作)?(?:正式|全面)?"
    r"(?:开展|启动|部署|打响|铺开|进驻|实施|推进)?(?:以来|之?后|至今)\Z"
)
_PHRASE = regex.compile(r"[^“”\d]{1,14}\Z")
_PREPOSITION = regex.compile(r"[^\p{Han}“\d]*(?:自从?|从|在)?")

#: so far before an event its campaign may be named: 专项行动在全市启动以来
_NEAR_EVENT = 12

#: a time so short that a running total cannot have come about in it alone
_SHORT = timedelta(days=31)

_start = attrgetter("start")


class Governing(NamedTuple):
    """A time as it governs figures: its words, its days, and the kind of its expression ('' for none)."""

    text: str = ""
    stretch: Stretch = Stretch(None, None)
    kind: str = ""


class _Placed(NamedTuple):
    """A time in its sentence, with all that decides how far it reaches."""

    start: int
    end: int
    governing: Governing
    #: index of its clause
    clause: int
    #: holds for the next figure only
    once: bool
    #: where the next figure starts, -1 for none
    next_figure: int
    #: the same stretch of an earlier year: what went up or down since then is of the time named before
    same: bool = False


_NOTHING = Governing()


def govern(article: Article, published: date | None, campaigns: Campaigns) -> list[Governing]:
    """Find the time of every quantity of the article, in their order.

    Args:
        article: with sentences and quantities, and attributions where they are known.
        published: the day of publication.
        campaigns: the campaigns of the article, of which events (活动开展以来) may speak.
    """
    found = [_NOTHING] * len(article.quantities)
    lasting = last = _NOTHING
    paragraph = -1
    read = _sentences(article)
    times = find(article.text, (Span(s.start, s.end) for s, _, _ in read), published)
    for (sentence, first, after), expressions in zip(read, times, strict=True):
        if sentence.paragraph != paragraph:
            lasting, last, paragraph = _NOTHING, _NOTHING, sentence.paragraph
        if not expressions and not lasting.kind and not last.kind:
            continue
        quantities = article.quantities[first:after]
        placed = _with_same(_placed(article.text, sentence, quantities, expressions, campaigns), last)
        goes_on = last if _GOES_ON.match(article.text, sentence.start) else lasting
        for i, quantity in enumerate(quantities):
            own = _in_order(article.text, placed, quantities, i) if len(placed) > 1 else None
            reaching = placed
            if article.attributions and article.attributions[first + i].direction:
                reaching = [time for time in placed if not time.same]
            own = own or (_governing(article.text, sentence, reaching, quantity, published) if reaching else None)
            found[first + i] = own or goes_on
        if placed:
            lasting, last = _carried(placed, lasting, last)
    return _with_wholes(found, article.attributions)


def _sentences(article: Article) -> list[tuple[Sentence, int, int]]:
    """The sentences up to the last with figures of every paragraph that has any, and the range of their figures."""
    of_sentence: dict[int, list[int]] = {}
    last_of_paragraph: dict[int, int] = {}
    for i, quantity in enumerate(article.quantities):
        of_sentence.setdefault(quantity.sentence, []).append(i)
        last_of_paragraph[article.sentences[quantity.sentence].paragraph] = quantity.sentence
    found = []
    for index, sentence in enumerate(article.sentences):
        if index <= last_of_paragraph.get(sentence.paragraph, -1):
            own = of_sentence.get(index)
            found.append((sentence, own[0], own[-1] + 1) if own else (sentence, 0, 0))
    return found


def _placed(
    text: str, sentence: Sentence, quantities: Sequence[Quantity], times: list[TimeExpression], campaigns: Campaigns
) -> list[_Placed]:
    """The times of a sentence that can govern a figure, with their clauses."""
    placed = []
    for time in times:
        clause = max(0, bisect_right(sentence.clauses, time.start, key=_start) - 1)
        if time.kind == "event":
            governing = _event(text, sentence, clause, time, campaigns)
        elif time.kind == "day" and _HOOK.match(text, time.end, sentence.end):
            continue
        else:
            governing = Governing(text[time.start : time.end], time.stretch, time.kind)
        if governing.kind:
            next_figure = next((q.start for q in quantities if q.start >= time.end), -1)
            once = _holds_once(text, time, next_figure)
            placed.append(_Placed(time.start, time.end, governing, clause, once, next_figure))
    return placed


def _with_same(placed: list[_Placed], before: Governing) -> list[_Placed]:
    """第一季度…，去年同期: the days of the time named before, in the year that is said."""
    found: list[_Placed] = []
    for time in placed:
        governing = time.governing
        if governing.kind == "same":
            kind = "period" if before.stretch.first else "as_of"
            governing = governing._replace(stretch=_shifted(before.stretch, governing), kind=kind)
            time = time._replace(governing=governing, same=True)
        elif governing.kind == "base" and governing.text.endswith("同期") and before.stretch.last:
            time = time._replace(governing=governing._replace(stretch=_shifted(before.stretch, governing)))
        elif not time.once and time.governing.stretch.last:
            before = time.governing
        found.append(time)
    return found


def _shifted(stretch: Stretch, said: Governing) -> Stretch:
    """The days of a stretch in the year that is said."""
    year = said.stretch.first
    return Stretch(*(_in_year(day, year.year) if day and year else None for day in stretch))


def _in_year(day: date, year: int) -> date:
    return shift_months(day, 12 * (year - day.year))


def _holds_once(text: str, time: TimeExpression, next_figure: int) -> bool:
    if time.kind == "base":
        return True
    if time.kind not in ("since", "period") or next_figure < 0 or text.startswith("今年", time.start):
        return False
    return _ATTRIBUTIVE.fullmatch(text, time.end, next_figure) is not None


def _event(text: str, sentence: Sentence, clause: int, time: TimeExpression, campaigns: Campaigns) -> Governing:
    """Since an event: from the start of the campaign that it names, or from a day that is not known.

    After an event (启动后) and during one count only with a campaign's name; 以来 counts with any.
    """
    start = sentence.clauses[clause].start if sentence.clauses else sentence.start
    mention = campaigns.last_mention(time.start, sentence.start)
    campaign = None
    if mention and mention[0].end + _NEAR_EVENT >= time.start:
        start, campaign = mention[0].start, mention[1]
    words = text[start : time.end]
    if campaign is None and (phrase := _PHRASE.search(words)):
        words = phrase.group()
    if campaign is None and _OF_CAMPAIGN.search(words):
        campaign = campaigns.default
    if campaign is None and not words.endswith("以来"):
        return _NOTHING
    lead = _PREPOSITION.match(words)
    return Governing(
        words[lead.end() :] if lead else words,
        Stretch(campaign.first if campaign else None, time.stretch.last),
        "since",
    )


def _governing(
    text: str, sentence: Sentence, placed: list[_Placed], quantity: Quantity, published: date | None
) -> Governing | None:
    """The last time before the figure that reaches it, else one in brackets right behind it."""
    fallback = None
    for at in range(len(placed) - 1, -1, -1):
        time = placed[at]
        if time.end > quantity.start or not _reaches(sentence, time, quantity):
            continue
        kind = time.governing.kind
        if kind == "base" and not text.startswith("的", time.end):
            continue
        if kind == "vague":
            fallback = fallback or time.governing
            continue
        if kind in ("day", "period") and time.clause < quantity.clause and _is_total(text, sentence, time, quantity):
            return Governing(time.governing.text, Stretch(time.governing.stretch.first, published), "since")
        return _with_beginning(placed[:at], time.governing)
    return _in_brackets_behind(sentence, placed, quantity) or fallback


def _is_total(text: str, sentence: Sentence, time: _Placed, quantity: Quantity) -> bool:
    """年初选派62名干部，累计上门4120次: the total has run since the short time that the sentence began with."""
    first, last = time.governing.stretch
    if first is None or last is None or last - first > _SHORT:
        return False
    return text.find("累计", sentence.clauses[quantity.clause].start, quantity.start) >= 0


def _reaches(sentence: Sentence, time: _Placed, quantity: Quantity) -> bool:
    clauses = sentence.clauses
    depth = clauses[time.clause].depth if clauses else 0
    if depth and any(c.depth < depth for c in clauses[time.clause : quantity.clause + 1]):
        return False
    return not time.once or time.next_figure == quantity.start


def _with_beginning(before: list[_Placed], governing: Governing) -> Governing:
    """今年以来…截至9月底 is a running total from the start of the year."""
    if governing.kind != "as_of" or governing.stretch.first:
        return governing
    for time in reversed(before):
        first = time.governing.stretch.first
        if first and time.governing.text.endswith("以来") and not time.once:
            return governing._replace(stretch=Stretch(first, governing.stretch.last))
    return governing


def _in_brackets_behind(sentence: Sentence, placed: list[_Placed], quantity: Quantity) -> Governing | None:
    """查处问题12起（截至6月底）."""
    for time in placed:
        if time.start >= quantity.end and time.clause == quantity.clause + 1:
            opened = sentence.clauses[quantity.clause].mark in ("(", "（")
            alone = not time.end <= time.next_figure < sentence.clauses[time.clause].end
            if opened and alone and time.governing.kind in ("as_of", "since", "period"):
                return time.governing
    return None


def _in_order(text: str, placed: list[_Placed], quantities: Sequence[Quantity], index: int) -> Governing | None:
    """The time of a figure where times and figures are listed in the same order, with 分别 between."""
    end = 0
    while end < len(placed):
        start, end = end, end + 1
        while end < len(placed) and text[placed[end - 1].end : placed[end].start] in _JOINS:
            end += 1
        behind = [i for i, q in enumerate(quantities) if q.start >= placed[end - 1].end]
        listed = end - start
        if 1 < listed <= len(behind) and _IN_ORDER.match(text, placed[end - 1].end):
            order = index - behind[0]
            if 0 <= order < listed:
                return placed[start + order].governing
    return None


def _carried(placed: list[_Placed], lasting: Governing, last: Governing) -> tuple[Governing, Governing]:
    """What holds on after a sentence: running totals by themselves, other times where the next goes on with them."""
    for at in range(len(placed) - 1, -1, -1):
        time = placed[at]
        if time.once or time.governing.kind in ("base", "vague", "deadline"):
            continue
        governing = _with_beginning(placed[:at], time.governing)
        return (governing if governing.kind in _LASTING else _NOTHING), governing
    return lasting, last


def _with_wholes(found: list[Governing], attributions: Sequence[Attribution]) -> list[Governing]:
    """A part without a time of its own takes that of its whole."""
    settled: set[int] = set()
    for index in range(len(attributions)):
        # parts of parts are settled together, so that no line of them is walked twice
        line: list[int] = []
        at: int | None = index
        while at is not None and at not in settled and not found[at].kind:
            settled.add(at)
            line.append(at)
            at = attributions[at].part_of
        if at is not None:
            for part in line:
                found[part] = found[at]
    return found
