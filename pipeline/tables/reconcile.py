"""From figures to facts: what the reports say, each fact once, with what speaks for and against it.

Only results of articles that are no reprints come in; targets, actors and context never do.

1. *Claims.* Figures that say the same become one claim. A number with three or more significant digits (4179)
   is told apart by itself: with the same region, metric and unit it is the same claim wherever it stands, unless
   both reports name different campaigns or different periods of their own. Other numbers must agree in campaign,
   object and period too. Where little else is known (no metric of the catalogue; a common number without campaign and
   day) reports must follow within a month, and where the region is not known the deed must be the same.
2. *Facts.* Claims about the same region, place, campaign, metric, object, unit, direction and kind of period belong
   to one fact; objects are compared without the words that only frame them (:mod:`pipeline.tables.subjects`). Where
   one report gives several values for them they are told apart by actor, then by action, then by their order: a report
   is not taken to contradict itself.
3. *Series.* A running total (截至…, …以来, or no period at all) of the same fact at several times is a series; the
   latest is shown, earlier points are kept. A count bound to a period (第一季度) stands for itself and never mixes
   with running totals. Without a campaign both reports must call their value a total so far, of the same deed, and the
   later one must be larger (at most twice) and of the same season: two police operations are not one series.
4. *Conflicts.* Values for the same time that rounding cannot explain contradict each other when independent
   reports give them, of the same campaign or for the same stated period; values more than twice as large as the
   other are of another thing. Where no campaign is named the deed must be the same and the outlets different ones.
   A larger total that the same outlet gives on a later day goes on with the series. Shown is, in this order: the value
   of the higher authority (lexicon ``authorities``), the later report, the more exact number, the one with more
   reports, the larger one. All are kept in ``conflicts``.

Values are never added up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property, lru_cache
from hashlib import sha256
from itertools import chain, groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from zlib import crc32

from pipeline import lexicon
from pipeline.tables.records import ConflictRow, MetricRow
from pipeline.tables.rounding import agree, last_place, limits, significant_digits
from pipeline.tables.store import columns, stream
from pipeline.tables.subjects import UNNAMED, object_key, subject_key

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "ADDITIVE",
    "Claim",
    "Fact",
    "Figure",
    "authority",
    "fact_id",
    "facts",
    "figures_in_order",
    "is_distinctive",
    "is_running",
    "level",
    "metric_label",
    "says_running",
]

#: kinds of figures whose running totals can only grow
ADDITIVE = frozenset({"count", "people", "money"})

#: significant digits from which a number is told apart by itself
_DISTINCTIVE = 3
#: the smallest place that reports write; a third has a smaller one
_FINEST = 0.001
#: reports without a stated date that lie this close speak of the same time
_SAME_TIME = timedelta(days=7)
#: reports that lie this close can give the same number of one thing without saying so
_TOGETHER = timedelta(days=31)
#: a total up to the day of the report, or the day before, has no stated day
_DAY_OF_REPORT = timedelta(days=1)
#: how long after one report a total without a campaign can still be of the same thing
_SEASON = timedelta(days=100)
#: how long after one report a count without a stated period can still be the same running total
_GOES_ON = timedelta(days=400)
#: values this many times apart are of the same thing only if the deed is the same
_FAR_APART = 2.0
#: figures about one region, metric and unit that are held in memory; claims of more go to so many files by subject
_HELD = 10_000
_HEAPS = 64
#: rank of an outlet that no word of the lexicon knows
_UNKNOWN_AUTHORITY = 7


class Figure(NamedTuple):
    """A result figure with what its article says of itself; the order of fields is that of the query."""

    region: str | None
    metric: str
    unit: str
    direction: str
    value: float
    value_max: float | None
    bound: str
    kind: str
    object: str
    actor: str
    action: str
    campaign: str | None
    period_start: date | None
    period_end: date | None
    period_text: str
    figure_id: str
    article_id: str
    start: int
    confidence: float
    part_of: str | None
    region_name: str | None
    province: str | None
    prefecture: str | None
    county: str | None
    place: str | None
    published: date | None
    outlet: str | None


def figures_in_order(connection: duckdb.DuckDBPyConnection, view: str = "results") -> Iterator[Figure]:
    """The figures of a view with the columns of :class:`Figure`, sorted by what they are about."""
    query = f"""
        select {columns(Figure._fields)} from {view}
        order by region nulls last, metric, unit, direction, value, value_max nulls last,
            published nulls last, article_id, start, figure_id
    """
    return (Figure(*row) for row in stream(connection, query))


@cache
def _running_words() -> tuple[str, ...]:
    return tuple(row["word"] for row in lexicon.table("running_totals"))


lexicon.on_change(_running_words)


def is_running(period_start: date | None, period_end: date | None, period_text: str) -> bool:
    """Whether a period says that the count goes on: 截至…, …以来, or nothing at all.

    >>> is_running(None, None, ""), is_running(date(2023, 1, 1), date(2023, 3, 31), "第一季度")
    (True, False)
    """
    return period_start is None or period_end is None or says_running(period_text)


@lru_cache(maxsize=16_384)
def says_running(period_text: str) -> bool:
    """Whether the words of a period say that the count goes on."""
    return any(word in period_text for word in _running_words())


lexicon.on_change(says_running)


def is_distinctive(value: float) -> bool:
    """Whether a number is told apart by itself.

    >>> is_distinctive(4179), is_distinctive(23000)
    (True, False)

    Nor is a share that was said as a fraction:

    >>> is_distinctive(66.37), is_distinctive(33.3333)
    (True, False)
    """
    return significant_digits(value) >= _DISTINCTIVE and last_place(value) >= _FINEST


@cache
def _authorities() -> tuple[tuple[str, int], ...]:
    rows = lexicon.table("authorities")
    return tuple(sorted(((r["word"], int(r["rank"])) for r in rows), key=lambda r: (-len(r[0]), r[0])))


lexicon.on_change(_authorities)


@cache
def authority(outlet: str | None) -> int:
    """The rank of an outlet, 1 the highest; the longest word of the lexicon that its name holds decides.

    >>> authority("新华社") < authority("某某晚报") < authority(None)
    True
    """
    return next((rank for word, rank in _authorities() if outlet and word in outlet), _UNKNOWN_AUTHORITY)


lexicon.on_change(authority)


@dataclass(eq=False)
class Claim:
    """One value said of one thing, by one or more figures in one or more reports."""

    figures: list[Figure]
    campaign: str | None = None

    @cached_property
    def first(self) -> Figure:
        """The figure that speaks for the claim: the first that names its period, else the first."""
        return next((f for f in self.figures if f.period_text or f.period_end), self.figures[0])

    @cached_property
    def running(self) -> bool:
        """Whether it is a running total."""
        return is_running(self.first.period_start, self.first.period_end, self.first.period_text)

    @cached_property
    def stated(self) -> date | None:
        """The day up to which the report says that the value counts; the day of the report itself says nothing."""
        said = self.first
        if said.period_end and said.published and abs(said.period_end - said.published) <= _DAY_OF_REPORT:
            return None
        return said.period_end

    @cached_property
    def as_of(self) -> date | None:
        """The day up to which the value counts: as stated, else the first day of publication."""
        return self.first.period_end or self.first_published

    @cached_property
    def first_published(self) -> date | None:
        """When it was first reported."""
        return min((f.published for f in self.figures if f.published), default=None)

    @cached_property
    def last_published(self) -> date | None:
        """When it was last reported."""
        return max((f.published for f in self.figures if f.published), default=None)

    @cached_property
    def articles(self) -> tuple[str, ...]:
        """The independent reports."""
        return tuple(sorted({f.article_id for f in self.figures}))

    @cached_property
    def outlets(self) -> frozenset[str]:
        """Who reports it, as far as that is known."""
        return frozenset(f.outlet for f in self.figures if f.outlet)

    @cached_property
    def figure_ids(self) -> list[str]:
        """The figures, in the order of articles and text."""
        return [f.figure_id for f in sorted(self.figures, key=attrgetter("article_id", "start", "figure_id"))]

    @cached_property
    def limits(self) -> tuple[float, float]:
        """The quantities that it can stand for."""
        return limits(self.first.value, self.first.value_max, self.first.bound)

    @cached_property
    def authority(self) -> int:
        """The best rank among its outlets."""
        return min(authority(f.outlet) for f in self.figures)

    @cached_property
    def precedence(self) -> tuple[Any, ...]:
        """Smaller goes first; the parts are named in :data:`_DECIDED_BY`."""
        newest = -(self.last_published or date.min).toordinal()
        exactness = (self.first.bound != "exact", last_place(self.first.value))
        order = (-self.first.value, self.figure_ids)
        return self.authority, newest, exactness, -len(self.articles), order

    def agrees(self, other: Claim) -> bool:
        """Whether both can be the same quantity, one of them rounded."""
        return agree(self.limits, other.limits)


_DECIDED_BY = ("authority", "date", "exactness", "reports", "order")


@dataclass(eq=False)
class Point:
    """What the reports say of a fact for one time: the value shown and the values against it."""

    shown: Claim
    against: list[Claim] = field(default_factory=list)

    @property
    def decided_by(self) -> str:
        """What made the shown value win against the strongest other one."""
        rival = min(self.against, key=attrgetter("precedence"))
        pairs = zip(self.shown.precedence, rival.precedence, strict=True)
        return next((name for name, (a, b) in zip(_DECIDED_BY, pairs, strict=True) if a != b), _DECIDED_BY[-1])


@dataclass(eq=False)
class Fact:
    """One thing that is counted, with its points in time, the earliest first."""

    fact_id: str
    campaign: str | None
    running: bool
    points: list[Point]

    def rows(self) -> Iterator[MetricRow]:
        """The rows of ``metrics_long``; ``is_main`` and the columns of checks are filled in later."""
        for number, point in enumerate(self.points, 1):
            yield self._row(point, number == len(self.points))

    def _row(self, point: Point, current: bool) -> MetricRow:
        claim, said = point.shown, point.shown.first
        return MetricRow(
            region=said.region,
            region_name=said.region_name,
            province=said.province,
            prefecture=said.prefecture,
            county=said.county,
            level=level(said.region),
            campaign=self.campaign,
            metric=said.metric,
            metric_label=metric_label(said.metric),
            unit=said.unit,
            kind=said.kind,
            period_start=said.period_start,
            period_end=said.period_end,
            value=said.value,
            bound=said.bound,
            n_reports=len(claim.articles),
            n_conflicts=len(point.against),
            first_published=claim.first_published,
            last_published=claim.last_published,
            figure_ids=claim.figure_ids,
            value_max=said.value_max,
            direction=said.direction,
            place=said.place,
            object=said.object,
            actor=said.actor,
            action=said.action,
            period_text=said.period_text,
            running=self.running,
            as_of=claim.as_of,
            is_current=current,
            is_main=False,
            is_part=all(f.part_of is not None for f in claim.figures),
            fact_id=self.fact_id,
            confidence=max(f.confidence for f in claim.figures),
            n_contradictions=0,
            whole_ids=sorted({f.part_of for f in claim.figures if f.part_of is not None}),
        )

    def conflicts(self) -> Iterator[ConflictRow]:
        """The rows of ``conflicts``: for each point with a conflict the shown value, then the others."""
        for point in self.points:
            if point.against:
                rivals = sorted(point.against, key=attrgetter("precedence"))
                for claim in (point.shown, *rivals):
                    yield self._conflict(claim, claim is point.shown, point.decided_by)

    def _conflict(self, claim: Claim, shown: bool, decided_by: str) -> ConflictRow:
        said = claim.first
        return ConflictRow(
            fact_id=self.fact_id,
            region=said.region,
            region_name=said.region_name,
            campaign=self.campaign,
            metric=said.metric,
            object=said.object,
            unit=said.unit,
            period_start=said.period_start,
            period_end=said.period_end,
            value=said.value,
            bound=said.bound,
            shown=shown,
            decided_by=decided_by,
            authority=claim.authority,
            n_reports=len(claim.articles),
            outlets=sorted({f.outlet for f in claim.figures if f.outlet}),
            article_ids=list(claim.articles),
            last_published=claim.last_published,
            figure_ids=claim.figure_ids,
        )


def level(region: str | None) -> str | None:
    """The level of a division, from its code.

    >>> [level(code) for code in ("100000", "500000", "220800", "500101", None)]
    ['country', 'province', 'prefecture', 'county', None]
    """
    if region is None:
        return None
    if region == "100000":
        return "country"
    if region.endswith("0000"):
        return "province"
    return "prefecture" if region.endswith("00") else "county"


@cache
def metric_label(metric: str) -> str:
    """The usual Chinese wording of a metric, or its id where the catalogue has none."""
    row = lexicon.row("metrics", metric)
    return row["label"] if row else metric


lexicon.on_change(metric_label)


def facts(figures: Iterable[Figure], work: Path | None = None) -> Iterator[Fact]:
    """The facts that figures state.

    Args:
        figures: sorted as :func:`figures_in_order` gives them; only those that say one number of one region, metric and
            unit are held in memory together, and then those about one subject.
        work: a folder for claims about regions and metrics of which there are many; without it all those about one
            region, metric and unit are held in memory.
    """
    for _, group in groupby(figures, attrgetter("region", "metric", "unit", "direction")):
        for claims in _heaps(_claims(group), work):
            yield from _facts(claims)


def _facts(claims: Iterable[Claim]) -> Iterator[Fact]:
    by_subject: dict[_Subject, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_subject[_subject(claim)].append(claim)
    for subject, same_subject in sorted(by_subject.items(), key=lambda item: _sortable(item[0])):
        # series are numbered as they were first reported, whatever else was reported
        same_subject.sort(key=_first_reported)
        for told_apart, same in _tell_apart(same_subject):
            for number, series in enumerate(_series(same)):
                yield _fact((*subject, *told_apart, *([f"series {number}"] if number else ())), subject[3], series)


#: campaign, place, what it is about, whether it is a running total, and the time that claims of one fact share
_Subject: TypeAlias = tuple[str | None, str | None, str, bool, str]


def _subject(claim: Claim) -> _Subject:
    said = claim.first
    about = subject_key(said.metric, said.action, said.object)
    return claim.campaign, said.place, about, claim.running, _time_frame(claim)


def _heaps(claims: Iterator[Claim], work: Path | None) -> Iterator[Iterable[Claim]]:
    """The claims in heaps, each with all claims about its subjects; in one as long as there are not too many."""
    held: list[Claim] = []
    figures = 0
    for claim in claims:
        held.append(claim)
        figures += len(claim.figures)
        if figures > _HELD and work is not None:
            yield from _spilled(chain(held, claims), work)
            return
    yield held


def _spilled(claims: Iterable[Claim], work: Path) -> Iterator[Iterable[Claim]]:
    """The claims in heaps by subject, by way of a file for each heap."""
    import orjson

    paths = [work / f"claims{number}" for number in range(_HEAPS)]
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("wb")) for path in paths]
        for claim in claims:
            # not hash(): it is another one in each process, and failures should come again
            file = files[crc32(repr(_subject(claim)).encode()) % _HEAPS]
            file.write(orjson.dumps([claim.campaign, [_packed(f) for f in claim.figures]]) + b"\n")
    for path in paths:
        with path.open("rb") as lines:
            yield [Claim([_unpacked(f) for f in said], campaign) for campaign, said in map(orjson.loads, lines)]
        path.unlink()


_PLACE_OF = {name: place for place, name in enumerate(Figure._fields)}
_FLOATS = [_PLACE_OF[name] for name in ("value", "value_max", "confidence")]
_DATES = [_PLACE_OF[name] for name in ("period_start", "period_end", "published")]


def _packed(figure: Figure) -> list[Any]:
    """The cells of a figure for a file of JSON lines, days as text."""
    cells: list[Any] = list(figure)
    for place in _FLOATS:
        # JSON has no infinity
        cells[place] = None if cells[place] is None else cells[place].hex()
    return cells


def _unpacked(cells: list[Any]) -> Figure:
    for place in _FLOATS:
        cells[place] = None if cells[place] is None else float.fromhex(cells[place])
    for place in _DATES:
        cells[place] = None if cells[place] is None else date.fromisoformat(cells[place])
    return Figure(*cells)


def _first_reported(claim: Claim) -> tuple[date, str, int, str]:
    first = claim.figures[0]
    return first.published or date.max, first.article_id, first.start, first.figure_id


def _time_frame(claim: Claim) -> str:
    """What claims of one fact have in common: the period, or for a running total of a year its first day."""
    start, end = claim.first.period_start, claim.first.period_end
    if not claim.running:
        return f"{start}/{end}"
    return str(start) if start and (start.month, start.day) == (1, 1) else ""


def _claims(figures: Iterable[Figure]) -> Iterator[Claim]:
    """Figures that say the same, together; those of the same number come one after the other."""
    for _, group in groupby(figures, attrgetter("value", "value_max")):
        same_value = list(group)
        if is_distinctive(same_value[0].value):
            yield from _claims_of_number(same_value)
        else:
            yield from _claims_of_wording(same_value)


def _claims_of_number(figures: Sequence[Figure]) -> Iterator[Claim]:
    """Claims of one distinctive number: told apart only by campaigns and by periods of their own.

    What happened nobody knows where is told apart by the deed too, what no metric names by the time.
    """
    campaigns = sorted({f.campaign for f in figures if f.campaign})
    only = campaigns[0] if len(campaigns) == 1 else None
    groups: dict[tuple[Any, ...], list[Figure]] = defaultdict(list)
    for figure in figures:
        deed = figure.action if figure.region is None else None
        groups[(figure.campaign or only, _own_period(figure), deed)].append(figure)
    for (campaign, period, _), group in sorted(groups.items(), key=lambda item: _sortable(item[0])):
        named = figures[0].metric != UNNAMED or campaign is not None or period is not None
        for same in [group] if named else _published_together(group):
            yield Claim(same, campaign)


def _claims_of_wording(figures: Sequence[Figure]) -> Iterator[Claim]:
    """Claims of one common number: the same only where campaign, object, actor and time agree."""
    groups: dict[tuple[Any, ...], list[Figure]] = defaultdict(list)
    for f in figures:
        time = (f.period_start, f.period_end) if f.period_end or f.period_start else f.period_text
        groups[(f.campaign, f.place, object_key(f.object), f.actor, f.action, time)].append(f)
    for (campaign, *_, time), group in sorted(groups.items(), key=lambda item: _sortable(item[0])):
        dated = campaign is not None or isinstance(time, tuple)
        for same in [group] if dated else _published_together(group):
            yield Claim(same, campaign)


def _published_together(figures: Sequence[Figure]) -> list[list[Figure]]:
    """Figures in the order of publication, cut where more than a month lies between two."""
    together: list[list[Figure]] = []
    for figure in figures:
        before = together[-1][-1].published if together else None
        if not together or (before and figure.published and figure.published - before > _TOGETHER):
            together.append([])
        together[-1].append(figure)
    return together


def _own_period(figure: Figure) -> tuple[date | None, date | None] | None:
    if is_running(figure.period_start, figure.period_end, figure.period_text):
        return None
    return figure.period_start, figure.period_end


def _tell_apart(claims: list[Claim]) -> Iterator[tuple[tuple[str, ...], list[Claim]]]:
    """Split claims about one subject until no report makes two different ones of them.

    Claims of very different size are split by their action first: 判处204人 and 移送6人 are two things.
    """
    if len(claims) > 1 and _far_apart(claims) and len({claim.first.action for claim in claims}) > 1:
        for action, by_action in _by(claims, "action"):
            for told_apart, same in _tell_apart(by_action):
                yield (action, *told_apart), same
        return
    if not _self_contradicting(claims):
        yield (), claims
        return
    for actor, by_actor in _by(claims, "actor"):
        if not _self_contradicting(by_actor):
            yield (actor,), by_actor
            continue
        for action, by_action in _by(by_actor, "action"):
            if not _self_contradicting(by_action):
                yield (actor, action), by_action
                continue
            for number, alone in enumerate(_in_turn(by_action), 1):
                yield (actor, action, str(number)), alone


def _far_apart(claims: Sequence[Claim]) -> bool:
    sizes = [abs(claim.first.value) for claim in claims]
    return max(sizes) > _FAR_APART * min(sizes)


def _by(claims: list[Claim], what: str) -> list[tuple[str, list[Claim]]]:
    groups: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        groups[getattr(claim.first, what)].append(claim)
    return sorted(groups.items())


def _self_contradicting(claims: Sequence[Claim]) -> bool:
    seen: set[str] = set()
    for claim in claims:
        if not seen.isdisjoint(claim.articles):
            return True
        seen.update(claim.articles)
    return False


def _in_turn(claims: Sequence[Claim]) -> list[list[Claim]]:
    """Claims by their place among the claims of the same report: firsts with firsts, seconds with seconds."""
    places: dict[str, int] = defaultdict(int)
    turns: dict[int, list[Claim]] = defaultdict(list)
    for claim in sorted(claims, key=lambda c: (c.first.article_id, c.first.start)):
        place = max(places[article] for article in claim.articles)
        turns[place].append(claim)
        for article in claim.articles:
            places[article] = place + 1
    return [turns[place] for place in sorted(turns)]


def _fact(subject: tuple[Any, ...], running: bool, times: Sequence[Sequence[Claim]]) -> Fact:
    said = times[0][0].first
    return Fact(
        fact_id(said.region, said.metric, said.unit, said.direction, *subject),
        subject[0],
        running,
        [_point(time) for time in times],
    )


def fact_id(*identity: str | bool | None) -> str:
    """The id of a fact, made of what it is about; it stays the same when other reports come in.

    >>> fact_id("220800", "issues_found", "个", "", "作风整顿", None, "问题", True, "")
    '7fa560ebc5236f93'
    """
    said = ("" if part is None else str(part).lower() if isinstance(part, bool) else part for part in identity)
    return sha256("\x1f".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _series(claims: Sequence[Claim]) -> list[list[list[Claim]]]:
    """The times of claims about one thing, cut where a count starts again.

    A total that the report calls one (截至…, 累计…) goes on, even where it falls: that is for the checks. A count that
    names no period is taken to go on only while it grows, at most to twice, and for not much longer than a year; one
    that says when (近日) does not. Where nothing but the words says that two values are of one thing (no campaign, no
    period), they stay apart.
    """
    anchored = [claim for claim in claims if _anchored(claim)]
    series = [[[claim]] for claim in claims if not _anchored(claim)]
    while anchored:
        times = [_alike(time) if len(time) > 1 else time for time in _times(anchored)]
        for number, time in enumerate(times):
            if number and _goes_on(series[-1][-1][0], time[0]):
                series[-1].append(time)
            else:
                series.append([time])
        # what is of another size than the value shown for its time is another thing
        used = {id(claim) for time in times for claim in time}
        anchored = [claim for claim in anchored if id(claim) not in used]
    return series


def _anchored(claim: Claim) -> bool:
    said = claim.first
    if claim.campaign is not None:
        return True
    return said.metric != UNNAMED and said.region is not None and (not claim.running or _is_total(claim))


def _is_total(claim: Claim) -> bool:
    """Whether the report says that it counts up to a day: 截至9月底, 目前, but not 近日."""
    return says_running(claim.first.period_text)


def _alike(time: Sequence[Claim]) -> list[Claim]:
    """The claims for one time that are of the same thing as the one that goes first."""
    shown = min(time, key=attrgetter("precedence"))
    return [claim for claim in time if claim.agrees(shown) or _contradict(shown, claim)]


def _contradict(one: Claim, other: Claim) -> bool:
    """Whether two values for one time are of one thing, so that one of them must be wrong."""
    if _far_apart([one, other]):
        return False
    if one.campaign is not None:
        return True
    return one.outlets.isdisjoint(other.outlets) and one.first.action == other.first.action


def _goes_on(earlier: Claim, later: Claim) -> bool:
    if earlier.campaign is None:
        return _surely_goes_on(earlier, later)
    if _is_total(earlier) and _is_total(later):
        return True
    if _is_event(earlier) or _is_event(later) or _far_apart([earlier, later]):
        return False
    if earlier.as_of is None or later.as_of is None or later.as_of - earlier.as_of > _GOES_ON:
        return False
    return earlier.first.kind not in ADDITIVE or later.limits[1] >= earlier.limits[0]


def _is_event(claim: Claim) -> bool:
    """Whether the report says when it was done, and not that it goes on: 近日, 日前."""
    return bool(claim.first.period_text) and not _is_total(claim)


def _surely_goes_on(earlier: Claim, later: Claim) -> bool:
    """Whether a total that belongs to no campaign goes on: as one does that grows, and soon after."""
    if earlier.as_of is None or later.as_of is None or later.as_of - earlier.as_of > _SEASON:
        return False
    begins = later.first.period_start
    if begins and begins > earlier.as_of:
        return False
    same_deed = earlier.first.action == later.first.action
    return same_deed and later.limits[1] >= earlier.limits[0] and not _far_apart([earlier, later])


def _times(claims: Sequence[Claim]) -> list[list[Claim]]:
    """Claims that speak of the same time together, the earliest time first.

    Stated days are the same when they are equal; days of publication when they lie close.
    """
    times: list[list[Claim]] = []
    for claim in sorted(claims, key=lambda c: (c.as_of or date.max, c.figure_ids)):
        if times and _same_time(times[-1][0], claim):
            times[-1].append(claim)
        else:
            times.append([claim])
    return times


def _same_time(one: Claim, two: Claim) -> bool:
    if not one.running or one.as_of is None or two.as_of is None:
        return True
    if one.stated and two.stated:
        return one.stated == two.stated
    return abs(two.as_of - one.as_of) <= _SAME_TIME and not _updates(one, two)


def _updates(earlier: Claim, later: Claim) -> bool:
    """Whether an outlet gives a larger total on a later day than it did before."""
    if earlier.as_of == later.as_of or earlier.outlets.isdisjoint(later.outlets):
        return False
    return later.limits[0] > earlier.limits[1]


def _point(claims: Sequence[Claim]) -> Point:
    """The value shown for one time, joined with those that are the same but for rounding."""
    if len(claims) == 1:
        return Point(claims[0])
    shown = min(claims, key=attrgetter("precedence"))
    agreeing = [claim for claim in claims if claim.agrees(shown)]
    best = min(agreeing, key=lambda c: (c.first.bound != "exact", last_place(c.first.value), c.precedence))
    joined = [c for c in agreeing if c.agrees(best)]
    figures = [*best.figures, *(f for c in joined if c is not best for f in c.figures)]
    against = [c for c in claims if c not in joined]
    return Point(_spoken_by(Claim(figures, best.campaign), best), against)


def _spoken_by(claim: Claim, best: Claim) -> Claim:
    """The joined claim with the value, the words and the period of the most exact one."""
    claim.__dict__["first"] = best.first
    return claim


def _sortable(parts: Iterable[Any]) -> tuple[tuple[bool, str], ...]:
    return tuple((part is None, str(part)) for part in parts)
