"""The walk through a text that keeps the place it speaks of: what it remembers, and how a clause leads to a place."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import regex

from pipeline.lexicon import gazetteer
from pipeline.lexicon.gazetteer import COUNTRY
from pipeline.model import Sentence
from pipeline.stages.locate.home import Home
from pipeline.stages.locate.mentions import Mention
from pipeline.stages.locate.names import words

__all__ = [
    "AND",
    "CLAUSE_MARK",
    "END_OF_CLAUSE",
    "LONGEST_HEAD",
    "MARKS",
    "NEXT_MARK",
    "NOWHERE",
    "Scope",
    "Walk",
    "are_siblings",
    "clause_head",
    "common",
    "head_of",
    "is_above",
    "is_aside",
    "is_part",
    "numbers_at",
    "placed",
    "remember",
    "set_place",
]


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
MARKS = "，。；：！？,;:（(）)“”\n"

CLAUSE_MARK = regex.compile(rf"(?r)[{MARKS}]")

NEXT_MARK = regex.compile(rf"[{MARKS}]")

LONGEST_HEAD = 30

#: A place that 该县 takes up is one of so many that were named last.
_MOST_RECENT = 100

END_OF_CLAUSE = regex.compile("[，。；！？,;\n]")

#: Between the places of a coordination.
AND = frozenset({"、", "和", "与", "及", "以及"})

_BEFORE_TEXT = Sentence(0, 0, -1, ())

NOWHERE = Scope(None)


@dataclass(slots=True)
class Walk:
    """What a walk remembers at the place where it is."""

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
    outer: Scope = NOWHERE
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
    #: the places that stand in a list of this sentence, each with its number: 甲县24件、乙县22件
    row: list[Scope] = field(default_factory=list)
    #: where the clause ends that lists places with their numbers, and what held before its first place
    list_end: int = -1
    before_list: Scope = NOWHERE
    #: where the bracket around the present position ends, and what held before it
    bracket_end: int = -1
    before_bracket: Scope = NOWHERE


def is_part(part: str, whole: str) -> bool:
    """Whether a division is the other one or lies in it."""
    return whole in gazetteer.line(part)


def is_above(walk: Walk) -> bool:
    """Whether a report of one place has named one that holds it: 市委也派来1个指导组, in a county's report."""
    home, here = walk.home.code, walk.scope.code
    if home in (None, COUNTRY) or here is None or walk.home.national:
        return False
    return here != home and is_part(home or "", here)


def are_siblings(codes: Iterable[str]) -> bool:
    """Whether the places stand beside each other; a village's county and its province do not."""
    places = [code for code in set(codes) if code != COUNTRY]
    return any(not is_part(a, b) and not is_part(b, a) for i, a in enumerate(places) for b in places[i + 1 :])


def placed(walk: Walk, scope: Scope) -> Scope:
    """A place that is spoken of in the present sentence."""
    return scope._replace(sentence=walk.number, paragraph=walk.sentence.paragraph)


def remember(walk: Walk, group: Sequence[Mention]) -> None:
    """Keep the places of a mention, or of a coordination of them, for 该县 and for examples of a list."""
    places = [m for m in group if m.code and m.kind in ("place", "zone")]
    walk.recent.extend(m.code for m in places if m.code)
    walk.named.extend((m.start, m.code) for m in places if m.code)


def head_of(walk: Walk, m: Mention) -> str:
    """What stands between the beginning of the clause and the mention, '' where only an adverbial does."""
    head = clause_head(walk, m)
    if not head or is_aside(head):
        return head
    return "" if head.endswith(words("adverbial")) or head.startswith(words("within")) else head


def is_aside(head: str) -> bool:
    """Whether the head of a clause makes an aside of the place behind it: 赴, 向, 对."""
    if not head.endswith(words("aside")):
        return False
    return not head.endswith(words("adverbial")) or _suffix(head, "aside") > _suffix(head, "adverbial")


def _suffix(head: str, kind: str) -> int:
    """The length of the longest word of a kind that a clause's head ends with."""
    return max((len(word) for word in words(kind) if head.endswith(word)), default=0)


def clause_head(walk: Walk, m: Mention) -> str:
    """What stands between the beginning of the clause and a mention."""
    if m.start == walk.sentence.start or walk.text[m.start - 1] in MARKS:
        return ""
    start = max(walk.sentence.start, m.start - LONGEST_HEAD)
    mark = CLAUSE_MARK.search(walk.text, start, m.start)
    return walk.text[mark.end() if mark else start : m.start].strip()


def set_place(walk: Walk, scope: Scope) -> None:
    """Speak of a place from here on."""
    walk.scope = placed(walk, scope)
    if scope.code:
        walk.topics[scope.code] += 1
        walk.listed.add(scope.code)


def common(codes: Sequence[str]) -> str | None:
    """The lowest division that holds them all."""
    lines = [[d.code for d in gazetteer.ancestors(code)] for code in codes]
    if not lines:
        return None
    shared = [level[0] for level in zip(*lines, strict=False) if len(set(level)) == 1]
    return shared[-1] if shared else COUNTRY


def numbers_at(walk: Walk, position: int) -> bool:
    """Whether a number begins at a position."""
    i = bisect_left(walk.numbers, position)
    return i < len(walk.numbers) and walk.numbers[i] == position
