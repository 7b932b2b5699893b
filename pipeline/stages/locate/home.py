"""The division that an article as a whole is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.lexicon import gazetteer
from pipeline.lexicon.gazetteer import COUNTRY
from pipeline.model import Sentence
from pipeline.stages.locate.mentions import Mention

__all__ = ["Home", "find_home"]

#: A mention in the title, in one of the first lines, in the dateline, in a heading counts as so many in the body.
_TITLE, _LEAD, _DATELINE, _HEADING = 4, 2, 1, 2

#: The share of the mentions that a division and its parts must have for the article to be about it.
_MAJORITY = 0.5


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
    mentions: Sequence[Mention],
    sentences: Sequence[Sentence],
    title: Iterable[Mention] = (),
    outlet: Iterable[Mention] = (),
) -> Home:
    """Weigh the mentions of the text, of its title and of its outlet.

    From the country down, the article is about the part that holds more than half of all mentions; where no part
    does (a report of many districts, a bulletin of many provinces), about the whole.
    """
    outlets = [m.code for m in (*outlet, *mentions) if m.kind == "outlet" and m.code]
    national = COUNTRY in outlets
    weights = _weights(mentions, sentences)
    told = {m.code for m in title if m.kind in ("place", "zone") and m.code}
    for code in told:
        weights[code] += _TITLE
    if not weights:
        return _from_outlet(outlets, national, mentions)
    if national:
        weights[COUNTRY] += sum(m.kind in ("national", "body", "centre") for m in mentions)
    code = _centre(weights)
    early = bool(told) or not national or _lead_names(mentions, sentences, code)
    if not early:
        code = COUNTRY
    return Home(code, "article", code, national)


def _from_outlet(outlets: Sequence[str], national: bool, mentions: Sequence[Mention]) -> Home:
    local = [code for code in outlets if code != COUNTRY]
    if local:
        code = _centre(Counter(local))
        return Home(code, "outlet", code, national)
    if national or any(m.kind == "national" for m in mentions):
        return Home(COUNTRY, "outlet" if national else "article", COUNTRY, national)
    return Home(None, "article", None, False)


def _weights(mentions: Sequence[Mention], sentences: Sequence[Sentence]) -> Counter[str]:
    lead_end = sentences[min(2, len(sentences) - 1)].end if sentences else 0
    headings = [(s.start, s.end) for s in sentences if s.heading]
    weights: Counter[str] = Counter()
    for m in mentions:
        if not m.code or m.kind not in ("place", "zone", "dateline"):
            continue
        if m.kind == "dateline":
            weights[m.code] += _DATELINE
        elif m.start < lead_end:
            weights[m.code] += _LEAD
        elif any(start <= m.start < end for start, end in headings):
            weights[m.code] += _HEADING
        else:
            weights[m.code] += 1
    return weights


def _centre(weights: Counter[str]) -> str:
    """The deepest division that holds more than half of the weight.

    >>> _centre(Counter({"500101": 1, "500106": 1, "500000": 1})), _centre(Counter({"130433": 3, "130400": 1}))
    ('500000', '130433')
    """
    held: Counter[str] = Counter()
    for code, weight in weights.items():
        for above in gazetteer.line(code):
            held[above] += weight
    total = held[COUNTRY]
    best = [code for code, weight in held.items() if weight > _MAJORITY * total]
    return max(best, key=lambda code: len(gazetteer.line(code)))


def _lead_names(mentions: Sequence[Mention], sentences: Sequence[Sentence], code: str) -> bool:
    """Whether the first lines name the division or a part of it."""
    lead_end = sentences[min(2, len(sentences) - 1)].end if sentences else 0
    early = (m.code for m in mentions if m.start < lead_end and m.code and m.kind in ("place", "zone", "dateline"))
    return any(code in gazetteer.line(found) for found in early)
