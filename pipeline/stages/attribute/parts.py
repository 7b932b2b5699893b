"""Parts of wholes: which quantity another one is a part or a share of (其中, brackets, 占, 已整改, 整改率, 其余).

Three kinds of evidence, in this order: the text lists the parts (其中, a bracket, 从…看, or a series that sums
up to the number before it); it says what share something is (占, a rate); or it goes on from what was found,
received or planned to what was settled of it (查找问题5个，已整改3个), where the whole is the nearest earlier
number of that unit that is not smaller.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import regex

from pipeline.model import Article, Clause, Quantity
from pipeline.stages.attribute.deeds import SHARES, Deed
from pipeline.stages.attribute.frames import Frame, SentenceFrames

__all__ = ["Marker", "alike", "family", "link", "markers", "sign"]

#: 其中 and its like, at the head of a clause.
_AMONG = regex.compile(
    r"其中|当中|(?:问题|线索|案件|人员|人群|干部|总数|信访件|项目|任务|事项|隐患|诉求|意见|建议|举报)(?:当)?中$"
)

#: A breakdown that a clause of its own announces: 分地区看, 从职级看, 按类别分.
_BREAKDOWN = regex.compile(r"^(?:从|分|按|就)[^，。；,;0-9]{1,16}?(?:看|划分|区分|分|来看|来说|而言)$")

#: A sentence that goes on with the breakdown of the sentence before.
_GOES_ON = regex.compile(r"^(?:排在|其次|再次|位列|另外|其余|此外还)")

#: The remainder of a whole of which other parts were given.
_REST = regex.compile(r"其余|剩余|余下|剩下|尚有|另有|正在|还有|仍在")

#: A share of a total that was named before.
_OF_TOTAL = regex.compile(r"总数|总量|总额|总计|全部")

#: Words that go on from what was found to what was settled of it.
_SINCE = regex.compile(r"已|现|目前|截至|实际|其余|尚|还|当场|率")

_FOUND = frozenset(
    {"find", "receive", "collect", "issue", "inspect", "deed", "clear", "target", "visit", "handle", "join"}
)
_SETTLED = frozenset({"rectify", "handle"})
#: Settled too, where the thing is left out or the same.
_DONE_WITH = frozenset({"rectify", "handle", "clear", "cutback", "recover", "investigate"})
_SANCTION = frozenset({"discipline", "admonish", "detain", "account", "penalise"})

#: Who was dealt with at all, of whom the disciplined are a part.
_DEALT_WITH = regex.compile(r"^处理|查处|批评教育帮助|查办|问责|涉及")

#: How many sentences back a whole may stand: that a list announces, and otherwise.
_FAR, _NEAR = 6, 2


#: One or several divisions and nothing else.
_DIVISIONS = regex.compile(r"(?:\p{Han}{1,7}(?:市|县|区|旗|州|盟|镇|乡|街道)[、和及]?)+")

#: Between a whole and its part in one clause: 里已有, 中已, 问题已完成整改.
_OUT_OF = regex.compile(r"[里中]|已|仅|只有|当中")

#: Units that count the same: people in 名, 人 or 位.
_FAMILIES = {"名": "人", "位": "人", "个人": "人"}


def family(unit: str) -> str:
    """The unit that stands for all that count the same: 人 for 名 and 位."""
    return _FAMILIES.get(unit, unit)


class Marker(NamedTuple):
    """A stretch of a sentence whose quantities are parts, and what announced it."""

    start: int
    end: int
    #: among, bracket or breakdown
    kind: str
    #: the words that announce it
    announcement: str


def markers(text: str, sentence: SentenceFrames) -> list[Marker]:
    """Where the parts of a whole are listed: from 其中 to the semicolon, the bracket's or the sentence's end."""
    clauses = sentence.sentence.clauses
    found = (_marker(text[clause.start : clause.end], clauses, place) for place, clause in enumerate(clauses))
    return [marker for marker in found if marker is not None]


def _marker(stretch: str, clauses: Sequence[Clause], place: int) -> Marker | None:
    """The list that a clause begins, if it begins one; ``stretch`` is its text."""
    clause = clauses[place]
    if (among := _AMONG.search(stretch)) is not None:
        kind = "bracket" if clause.depth else "among"
        return Marker(clause.start + among.start(), _end_of_list(clauses, place), kind, stretch)
    if _BREAKDOWN.match(stretch.strip()):
        return Marker(clause.start, clauses[-1].end, "breakdown", stretch)
    if clause.depth and place and clauses[place - 1].depth < clause.depth:
        return Marker(clause.start, _end_of_list(clauses, place), "bracket", stretch)
    return None


def _end_of_list(clauses: Sequence[Clause], place: int) -> int:
    depth = clauses[place].depth
    for clause in clauses[place:]:
        if clause.mark and clause.mark in "；;" and clause.depth <= depth:
            return clause.end
        if clause.mark and clause.mark in ")）" and clause.depth == depth and depth:
            return clause.end
    return clauses[-1].end


def link(
    article: Article, sentences: Sequence[SentenceFrames], deeds: Sequence[Deed]
) -> tuple[list[int | None], list[str]]:
    """For every quantity the index of its whole, or None, and what says so.

    That is one of ``sum``, ``series``, ``share``, ``among``, ``bracket``, ``breakdown``, ``list before``,
    ``in clause``, ``colon``, ``rest``, ``region``, ``dealt with`` and ``settled``, '' where it is no part.
    """
    reading = _Reading(article, sentences, deeds)
    for at in range(len(sentences)):
        reading.read(at)
    return reading.parents, reading.evidence


class _Reading:
    """One pass over the sentences of an article; ``parents`` grows as it goes."""

    def __init__(self, article: Article, sentences: Sequence[SentenceFrames], deeds: Sequence[Deed]) -> None:
        self.article, self.sentences, self.deeds = article, sentences, deeds
        self.parents: list[int | None] = [None] * len(article.quantities)
        self.evidence: list[str] = [""] * len(article.quantities)
        self.marked: list[list[Marker]] = []
        #: the sum of the parts read so far, by their whole; of those with its unit
        self.sums: defaultdict[int, float] = defaultdict(float)
        self.joined = {f.index: f.joined for s in sentences for f in s.frames if f.joined is not None}

    def read(self, at: int) -> None:
        sentence = self.sentences[at]
        self.marked.append(markers(self.article.text, sentence))
        self._sums(sentence)
        for place, frame in enumerate(sentence.frames):
            if self.parents[frame.index] is None:
                found = next((way for way in self._ways(at, place) if way[1] is not None), ("", None))
                self.evidence[frame.index], self.parents[frame.index] = found
            if (whole := self.parents[frame.index]) is not None and self._alike_unit(frame.index, whole):
                self.sums[whole] += self._quantity(frame).value

    def _ways(self, at: int, place: int) -> Iterator[tuple[str, int | None]]:
        """The kinds of evidence that a quantity is a part, the strongest first, each with the whole that it finds."""
        frame = self.sentences[at].frames[place]
        quantity, deed = self._quantity(frame), self.deeds[frame.index]
        if deed.change in ("from", "to") or deed.direction:
            return
        marker = next((m for m in reversed(self.marked[at]) if m.start <= quantity.start < m.end), None)
        if frame.joined is not None and deed.source == "joined":
            yield "series", self._parallel(frame)
        if quantity.unit in SHARES:
            yield "share", self._whole_of_share(at, place, marker)
            return
        yield marker.kind if marker else "list before", self._whole_listed(at, place, marker)
        yield "in clause", self._whole_in_clause(at, place)
        yield "colon", self._whole_before_colon(at, place)
        if place and self._is_next_share(frame):
            yield "rest", self.parents[frame.index - 1]
            return
        yield "region", self._whole_of_region(at, frame)
        if deed.groups & _SANCTION and quantity.kind == "people":
            yield "dealt with", self._dealt_with(at, place)
        elif deed.groups & _DONE_WITH:
            yield "settled", self._settled_of(at, place)

    def _whole_listed(self, at: int, place: int, marker: Marker | None) -> int | None:
        """The whole of a list, where the quantity stands in one or its sentence goes on with the list before."""
        if marker is None:
            return self._list_before(at) if place == 0 and _GOES_ON.match(self._text(at)) else None
        frame = self.sentences[at].frames[place]
        if self.deeds[frame.index].groups & _SETTLED and self._list_has_begun(at, place, marker):
            settled = self._settled_of(at, place)
            if settled is not None:
                return settled
        return self._whole_of_list(at, place, marker)

    def _quantity(self, frame: Frame) -> Quantity:
        return self.article.quantities[frame.index]

    def _text(self, at: int) -> str:
        sentence = self.sentences[at].sentence
        return self.article.text[sentence.start : sentence.end]

    def _before(self, at: int, place: int, reach: int) -> list[int]:
        """Indices of the quantities before one, nearest last, from the sentences within reach."""
        first = self.sentences[at].sentence
        result: list[int] = []
        for back in range(max(0, at - reach), at):
            other = self.sentences[back]
            if reach > _NEAR or other.sentence.paragraph == first.paragraph:
                result += [f.index for f in other.frames]
        return result + [f.index for f in self.sentences[at].frames[:place]]

    def _is_next_share(self, frame: Frame) -> bool:
        """Whether a number goes on where another part of the whole was given: 整改26个，正在推进1个, 其余20家."""
        last = frame.index - 1
        whole = self.parents[last]
        if whole is None or not self._alike_unit(frame.index, last):
            return False
        if _REST.search(frame.left) or _REST.search(frame.right):
            return True
        if self.deeds[frame.index].object_source == "own" or self.deeds[last].groups & _SANCTION:
            return False
        return self.sums[whole] + self._quantity(frame).value <= self.article.quantities[whole].value

    def _whole_in_clause(self, at: int, place: int) -> int | None:
        """576户里已有551户, 29个问题已改26个: the number that begins the clause is the whole."""
        if not place:
            return None
        frame, other = self.sentences[at].frames[place], self.sentences[at].frames[place - 1]
        quantity, whole = self._quantity(frame), self._quantity(other)
        if quantity.clause != whole.clause or not self._alike_unit(frame.index, other.index):
            return None
        if whole.value < quantity.value or frame.joined is not None:
            return None
        between = self.article.text[whole.end : quantity.start]
        settled = self.deeds[frame.index].groups & (_SETTLED | {"deed"}) and not other.before
        return other.index if (_OUT_OF.search(between) or settled) and "、" not in between else None

    def _whole_before_colon(self, at: int, place: int) -> int | None:
        """受理线索587条：督导组交办24条，省市转办131条: what follows the colon are parts, if the whole has room."""
        sentence = self.sentences[at]
        frame = sentence.frames[place]
        quantity = self._quantity(frame)
        for number in range(quantity.clause - 1, -1, -1):
            clause = sentence.sentence.clauses[number]
            if clause.mark and clause.mark in "；;":
                return None
            if clause.mark and clause.mark in "：:":
                heads = [f for f in sentence.frames[:place] if self._quantity(f).clause == number]
                if not heads or self._quantity(heads[-1]).end < clause.end - 8:
                    return None
                return self._if_room(heads[-1].index, heads[-1].index + 1, frame.index)
        return None

    def _if_room(self, whole: int, first: int, last: int) -> int | None:
        """The whole, if the numbers of its unit from ``first`` to ``last`` do not exceed it."""
        if not self._alike_unit(whole, last):
            return None
        parts = [self.article.quantities[i].value for i in range(first, last + 1) if self._alike_unit(i, whole)]
        return whole if sum(parts) <= self.article.quantities[whole].value else None

    def _whole_of_region(self, at: int, frame: Frame) -> int | None:
        """A line that begins with a division and a colon gives its share of a number of the same deed before it."""
        head = self.sentences[at].sentence.clauses[0]
        if (
            not head.mark
            or head.mark not in "：:"
            or not _DIVISIONS.fullmatch(self.article.text[head.start : head.end])
        ):
            return None
        deed = self.deeds[frame.index]
        for index in range(frame.index - 1, max(-1, frame.index - 30), -1):
            other = self.deeds[index]
            if (
                deed.action
                and other.action == deed.action
                and self._alike_unit(index, frame.index)
                and self.parents[index] is None
                and self._fits(index, self._quantity(frame))
            ):
                return index
        return None

    def _alike_unit(self, one: int, other: int) -> bool:
        return family(self.article.quantities[one].unit) == family(self.article.quantities[other].unit)

    # lists

    def _whole_of_list(self, at: int, place: int, marker: Marker) -> int | None:
        """The whole of a part in a list: by the words of the announcement, by deed, by unit, else the number before."""
        frame = self.sentences[at].frames[place]
        if self._leaves_list(at, place, marker):
            return None
        inside = [f.index for f in self.sentences[at].frames if self._quantity(f).end <= marker.start]
        pool = inside[-2:] if marker.kind == "bracket" else inside
        pool = [i for i in pool or self._before(at, 0, _FAR) if self._is_count(i) and not self.deeds[i].change]
        if self._names_its_thing(frame, marker):
            alike = [i for i in pool if self._alike_thing(frame, i)]
            if not alike and self._list_has_begun(at, place, marker):
                return None
            kind = self._quantity(frame).kind
            pool = [i for i in pool if i in alike or self._kind(i) != kind] or pool
        chosen = self._best_of(pool, frame, marker.announcement)
        return chosen if chosen is not None or not pool or not inside else pool[-1]

    def _names_its_thing(self, frame: Frame, marker: Marker) -> bool:
        deed = self.deeds[frame.index]
        own = deed.source == "before" and deed.object_source == "own"
        return own and bool(deed.groups) and marker.kind == "among"

    def _alike_thing(self, frame: Frame, other: int) -> bool:
        return alike(self.deeds[frame.index].object, self.deeds[other].object)

    def _best_of(self, pool: Sequence[int], frame: Frame, announcement: str) -> int | None:
        """Of the quantities that can hold the part the last one by the strongest evidence."""
        quantity, deed = self._quantity(frame), self.deeds[frame.index]
        fits = [i for i in pool if self._fits(i, quantity)]
        same = [i for i in fits if self._alike_unit(i, frame.index)]
        named = [i for i in same if len(self.deeds[i].action) > 1 and self.deeds[i].action in announcement]
        main = [i for i in same if self.parents[i] is None]
        deed_too = [i for i in main if deed.action and self.deeds[i].action == deed.action]
        alike = [i for i in fits if self._kind(i) == quantity.kind]
        return next((choice[-1] for choice in (named, deed_too, main, same, alike) if choice), None)

    def _list_has_begun(self, at: int, place: int, marker: Marker) -> bool:
        return any(self._quantity(f).start >= marker.start for f in self.sentences[at].frames[:place])

    def _leaves_list(self, at: int, place: int, marker: Marker) -> bool:
        """Whether a quantity behind 其中 is no part any more: a later clause with a deed and a thing of its own."""
        frame = self.sentences[at].frames[place]
        quantity, deed = self._quantity(frame), self.deeds[frame.index]
        inside = [f for f in self.sentences[at].frames[:place] if self._quantity(f).start >= marker.start]
        if marker.kind != "among" or not inside:
            return False
        last = inside[-1]
        if self.parents[last.index] is None:
            return True
        if self._quantity(last).clause == quantity.clause:
            return False
        same_unit = quantity.unit == self._quantity(last).unit
        if deed.source != "before" or not deed.groups or deed.object_source != "own":
            return not same_unit
        return not (deed.groups & _SANCTION and self.deeds[last.index].groups & _SANCTION)

    def _list_before(self, at: int) -> int | None:
        """The whole of the list that the sentence before began."""
        if at == 0:
            return None
        wholes = [self.parents[f.index] for f in self.sentences[at - 1].frames]
        return next((w for w in reversed(wholes) if w is not None), None)

    def _sums(self, sentence: SentenceFrames) -> None:
        """A run of numbers of one unit that sums up to a number before it is its breakdown."""
        for run in self._runs(sentence):
            total = sum(self.article.quantities[i].value for i in run)
            nearest = range(run[0] - 1, max(-1, run[0] - 9), -1)
            whole = next((i for i in nearest if self._is_total(i, total, run[0])), None)
            if whole is not None:
                for part in run:
                    self.parents[part], self.evidence[part] = whole, "sum"

    def _is_total(self, index: int, total: float, part: int) -> bool:
        other = self.article.quantities[index]
        return self._alike_unit(index, part) and other.value == total and not self.deeds[index].change

    def _runs(self, sentence: SentenceFrames) -> Iterable[list[int]]:
        """Runs of at least two numbers of one unit that follow each other in a sentence."""
        run: list[int] = []
        for frame in sentence.frames:
            if run and not (self._alike_unit(run[-1], frame.index) and self._is_count(frame.index)):
                if len(run) > 1:
                    yield run
                run = []
            if self._is_count(frame.index):
                run.append(frame.index)
        if len(run) > 1:
            yield run

    def _parallel(self, frame: Frame) -> int | None:
        """The whole of a quantity that continues a series: the next of a parallel series, else the same whole."""
        assert frame.joined is not None
        quantity, whole = self._quantity(frame), self.parents[frame.joined]
        if whole is None:
            return None
        following = whole + 1
        if following < frame.joined and self.deeds[following].source in ("joined", "inherited"):
            other = self.article.quantities[following]
            if self.parents[following] != whole and (quantity.unit in SHARES or other.unit == quantity.unit):
                return following
        return whole if quantity.unit == self.article.quantities[frame.joined].unit else None

    # shares

    def _whole_of_share(self, at: int, place: int, marker: Marker | None) -> int | None:
        """The whole of a percentage: that of the part named before it, or the quantity that it is a share of."""
        frame = self.sentences[at].frames[place]
        deed = self.deeds[frame.index]
        if "satisfy" in deed.groups:
            return None
        counts = [f.index for f in self.sentences[at].frames[:place] if self._is_count(f.index)]
        if "share" in deed.groups or _OF_TOTAL.search(frame.left):
            if counts:
                return self.parents[counts[-1]] if self.parents[counts[-1]] is not None else counts[-1]
            return self._whole_of_list(at, place, marker) if marker is not None else None
        if deed.groups & (_DONE_WITH | {"save"}):
            return self._whole_of_rate(at, place, counts)
        if counts and "率" in frame.left[-4:] and (whole := self.parents[counts[-1]]) is not None:
            return whole
        if marker is not None or deed.source in ("after", "next", "none", "inherited"):
            return counts[-1] if counts else None
        return None

    def _whole_of_rate(self, at: int, place: int, counts: Sequence[int]) -> int | None:
        """The whole of 整改率, 办结率: that of the number settled before it, else what was found before it."""
        frame = self.sentences[at].frames[place]
        near = [i for i in counts if self._quantity_in_run(i, frame)]
        if near:
            last = near[-1]
            if (whole := self.parents[last]) is not None:
                return whole
            return self._first_of_series(last) if self._is_series_before(frame, last) else last
        before = reversed(self._before(at, place, _NEAR))
        return next((i for i in before if self._was_found(i) and self._may_be_of(frame, i)), None)

    def _was_found(self, index: int) -> bool:
        whole = self.parents[index] is None and self._is_count(index)
        return whole and bool(self.deeds[index].groups & _FOUND)

    def _may_be_of(self, frame: Frame, other: int) -> bool:
        """Whether the clause leaves its thing open or names that of another quantity."""
        return self.deeds[frame.index].object_source != "own" or self._alike_thing(frame, other)

    def _quantity_in_run(self, index: int, frame: Frame) -> bool:
        """Whether no semicolon parts a number from the quantity."""
        between = self.article.text[self.article.quantities[index].end : self._quantity(frame).start]
        return "；" not in between and ";" not in between

    def _is_series_before(self, frame: Frame, last: int) -> bool:
        return (self.deeds[last].source == "joined" and "依次" in frame.left) or "分别" in frame.left

    # settled

    def _settled_of(self, at: int, place: int) -> int | None:
        """The nearest earlier number of that unit, not smaller, of what was found, received or planned."""
        frame = self.sentences[at].frames[place]
        quantity, deed = self._quantity(frame), self.deeds[frame.index]
        own = deed.object_source == "own"
        for candidate in reversed(self._before(at, place, _NEAR)):
            other = self.article.quantities[candidate]
            model = self.deeds[candidate]
            same_sentence = other.sentence == quantity.sentence
            if not self._alike_unit(candidate, frame.index) or other.value < quantity.value or model.change:
                continue
            if own and not (same_sentence and alike(deed.object, model.object)):
                continue
            if not self._goes_on(candidate, frame):
                continue
            if not self._precedes(model, deed, same_sentence, own):
                continue
            return self._first_of_series(candidate) if self._continues_series(frame) else candidate
        return None

    def _goes_on(self, candidate: int, frame: Frame) -> bool:
        """Whether the clause speaks of the candidate still: no semicolon between, no thing of its own, or 已."""
        open_thing = self.deeds[frame.index].object_source != "own" and bool(self.deeds[frame.index].groups & _SETTLED)
        return self._quantity_in_run(candidate, frame) or open_thing or bool(_SINCE.search(frame.left))

    def _precedes(self, model: Deed, deed: Deed, same_sentence: bool, own: bool) -> bool:
        """Whether a deed of the one kind leads to the other: found to settled, planned to done."""
        if model.action == deed.action:
            if model.source in ("next", "after") and same_sentence:
                return True
            return False if own else "deed" in model.groups or "clear" in model.groups
        if deed.groups & _SETTLED:
            worked_on = model.source == "after" or not model.groups & _SETTLED
            return bool(model.groups & (_FOUND - _SETTLED)) or (same_sentence and worked_on)
        return bool(model.groups & {"find", "receive", "issue", "inspect", "involve"})

    def _continues_series(self, frame: Frame) -> bool:
        return self.joined.get(frame.index + 1) == frame.index

    def _first_of_series(self, candidate: int) -> int:
        """The first quantity of a series (分别检视出问题29个、486个、118个), for an ordered match."""
        while (before := self.joined.get(candidate)) is not None and self._alike_unit(before, candidate):
            candidate = before
        return candidate

    def _dealt_with(self, at: int, place: int) -> int | None:
        """处理640人，给予处分580人，移送70人: the first number of people is the whole of those that follow."""
        frame = self.sentences[at].frames[place]
        quantity = self._quantity(frame)
        for other in reversed(self.sentences[at].frames[:place]):
            found = self._quantity(other)
            if found.kind != "people" or found.value < quantity.value or not self._quantity_in_run(other.index, frame):
                continue
            if self.parents[other.index] is not None and self.deeds[other.index].groups & _SANCTION:
                if self._quantity(other).clause < quantity.clause and not self._closed_bracket(other, frame):
                    return self.parents[other.index]
                continue
            deed = self.deeds[other.index]
            filed = deed.source == "after" and "file" in deed.groups
            return other.index if filed or _DEALT_WITH.search(deed.action) else None
        return None

    def _closed_bracket(self, other: Frame, frame: Frame) -> bool:
        between = self.article.text[self._quantity(other).end : self._quantity(frame).start]
        return ")" in between or "）" in between

    def _is_count(self, index: int) -> bool:
        return self.article.quantities[index].unit not in SHARES

    def _kind(self, index: int) -> str:
        return self.article.quantities[index].kind

    def _fits(self, index: int, quantity: Quantity) -> bool:
        other = self.article.quantities[index]
        return other.unit != quantity.unit or other.value >= quantity.value


#: What the text says where a kind of evidence is found, besides the deed.
_SIGNS = {
    "among": regex.compile(rf"{_AMONG.pattern.removesuffix('$')}(?=[，,：:]|$)"),
    "breakdown": regex.compile(r"(?:从|分|按|就)[^，。；,;0-9]{1,16}?(?:看|划分|区分|分|来看|来说|而言)"),
    "bracket": regex.compile(r"[(（]"),
    "colon": regex.compile(r"[:：]"),
    "in clause": _OUT_OF,
    "list before": regex.compile(_GOES_ON.pattern.removeprefix("^")),
    "region": regex.compile(rf"{_DIVISIONS.pattern}(?=[:：])"),
    "rest": _REST,
    "share": regex.compile(rf"占|{_OF_TOTAL.pattern}|率"),
}


def sign(text: str, kind: str, part: Quantity, start: int, end: int) -> tuple[int, int]:
    """Where the words stand that a kind of evidence is known by: the last before the part, else the first behind it.

    They are looked for between two positions; (-1, -1) where only the deeds tell.
    """
    pattern = _SIGNS.get(kind)
    if pattern is None:
        return -1, -1
    found = list(pattern.finditer(text, min(start, part.start), part.start))
    last = found[-1] if found else pattern.search(text, part.end, max(end, part.end))
    return last.span() if last else (-1, -1)


def alike(one: str, other: str) -> bool:
    """Whether two phrases share two characters in a row."""
    return any(one[i : i + 2] in other for i in range(len(one) - 1))
