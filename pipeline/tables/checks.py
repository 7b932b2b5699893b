"""Arithmetical checks: does what a report says agree with itself and with other reports?

======== =======================================================================================
kind     what is held against what
======== =======================================================================================
part     a part is not larger than its whole (其中)
sum      the parts of one kind that a sentence lists do not add up to more than their whole
share    a percentage agrees with the part and the whole that stand beside it (10569 of 15888 ↔ 66.37%)
change   what a number rose or fell by agrees with what it was and what it is (由412件降至268件，下降35%)
rate     a share is not over 100 %
unit     the unit fits the metric
region   the divisions of a region together do not have more than the region, in one report
falling  a running total of a campaign does not fall
reports  independent reports give the same value for the same fact and time
======== =======================================================================================

Each check names its figures, its formula, what should stand there (``expected``), what does (``stated``), and its
verdict: ``holds``, ``off by rounding`` or ``contradicts``. Numbers that were rounded by their writer (2.3万余) are
taken as the range that they stand for. Where the text does not say that numbers belong together, no check is made;
nor where one is so far from the other that the link between them must have been misread. What would contradict must be
said plainly: a part by 其中 or 占 (lexicon ``part_marks``), a share right behind its part.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any

from pipeline import lexicon
from pipeline.tables.changed import changes
from pipeline.tables.reconcile import ADDITIVE, Claim, Fact
from pipeline.tables.records import CheckRow
from pipeline.tables.rounding import Verdict, judge, last_place
from pipeline.tables.stated import Stated, say

__all__ = ["check_article", "check_articles", "check_fact"]

#: a part so many times its whole is a link that was misread, and is not held against the report
_MISREAD = 2.0
#: a share is of the part before it if nothing else stands between (10569条,占66.37%) …
_MAKES_UP = frozenset({"占", "占比", "占了", "占到"})
#: … or if it comes soon, in so many characters, and is so near (in percentage points) to what is computed
_SOON = 12
_NEAR = 5.0
#: what announces a list of parts
_AMONG = re.compile("其中|包[括含]|[(（:：]")
#: what ends a list of parts, or begins one of parts of the last
_END_OF_LIST = re.compile("[;；。)）]|其中")
#: what parts the entries of a list
_MARK = re.compile("[、，,；;]|和|及")
#: shares that are said to be over, under or about a value, or in words, may miss it by so many of its last digits
_LOOSE = 10.0
#: ... and shares in words (三分之一) by so many percentage points
_IN_WORDS = 5.0
#: what makes the rate of a deed of it: 整改率达
_RATE_OF = re.compile("率(?:为|是|达|达到|约|约为)?$")
#: how a share is written that is meant to the last digit
_PER_CENT = re.compile("[%％]|百分")
#: what stands between two shares or two counts that are named in turn (分别为21起、51起,占3.39%和8.23%)
_IN_TURN = frozenset({"、", "和", "及", "与", ",", "，"})


def check_articles(figures: Iterable[Stated]) -> Iterator[CheckRow]:
    """The checks of each report against itself."""
    for _, group in groupby(figures, attrgetter("article_id")):
        yield from check_article(sorted(group, key=attrgetter("start", "figure_id")))


def check_article(figures: Sequence[Stated]) -> Iterator[CheckRow]:
    """The checks of one report against itself.

    Args:
        figures: all figures of the article, in the order of the text.
    """
    by_id = {figure.figure_id: figure for figure in figures}
    parts: dict[str, list[Stated]] = defaultdict(list)
    for figure in figures:
        if figure.part_of in by_id:
            parts[figure.part_of].append(figure)
        yield from _rate(figure)
        yield from _unit(figure)
    for whole_id, of_whole in parts.items():
        whole = by_id[whole_id]
        counts = [p for p in of_whole if _comparable(p, whole)]
        for part in counts:
            yield from _part(part, whole, figures)
        yield from _sums(counts, whole, figures)
    for figure in figures:
        if _is_share(figure) and (found := _part_and_whole(figure, figures, by_id)):
            yield from _share(figure, *found)
    for change in changes(figures):
        yield _row("change", change.figures, change.formula, change.verdict, figures[0].article_id)
    yield from _regions(figures)


def _is_share(figure: Stated) -> bool:
    return figure.kind == "percent" and not figure.direction


def _comparable(part: Stated, whole: Stated) -> bool:
    """Whether both count the same kind of thing, so that one can be held against the other."""
    return part.unit == whole.unit and part.kind == whole.kind and part.kind in ADDITIVE and not part.direction


def _row(
    kind: str, figures: Sequence[Stated], formula: str, verdict: Verdict, article_id: str | None = None
) -> CheckRow:
    return check_row(
        kind, [f.figure_id for f in figures], formula, verdict, article_id, figures[0].region, figures[-1].metric
    )


def check_row(
    kind: str,
    figure_ids: list[str],
    formula: str,
    verdict: Verdict,
    article_id: str | None,
    region: str | None,
    metric: str,
) -> CheckRow:
    """A row of the checks; its id is made of its kind and its figures, and so stays the same in every run."""
    return CheckRow(
        check_id=sha256("\x1f".join([kind, *figure_ids]).encode()).hexdigest()[:16],
        kind=kind,
        article_id=article_id,
        region=region,
        metric=metric,
        figure_ids=figure_ids,
        formula=formula,
        expected=round(verdict.expected, 6),
        stated=round(verdict.stated, 6),
        difference=round(verdict.stated - verdict.expected, 6),
        verdict=verdict.verdict,
    )


def _at_most(figures: Sequence[Stated], total: Stated) -> Verdict:
    """Hold the sum of some figures against a total that it may not exceed."""
    low = sum(figure.limits[0] for figure in figures)
    value = sum(figure.value for figure in figures)
    if low <= total.limits[1]:
        return Verdict(total.value, value, "holds")
    place = _rounded_to(*figures, total)
    return judge((0.0, total.limits[1]), low, place)._replace(expected=total.value, stated=value)


def _rounded_to(*figures: Stated | Claim) -> float:
    """The worth of the last digit of the most rounded of some figures, 0 where all are exact."""
    rounded = [f for f in figures if f.limits[0] < f.limits[1]]
    return max((last_place(f.value if isinstance(f, Stated) else f.first.value) for f in rounded), default=0.0)


def _part(part: Stated, whole: Stated, figures: Sequence[Stated]) -> Iterator[CheckRow]:
    if part.value > _MISREAD * whole.value:
        return
    verdict = _at_most([part], whole)
    if verdict.verdict == "holds" or (_is_called_part(part, whole) and _is_nearest(whole, part, figures)):
        yield _row("part", (part, whole), f"{say(part.value)} ≤ {say(whole.value)}", verdict, whole.article_id)


def _is_nearest(whole: Stated, part: Stated, figures: Sequence[Stated]) -> bool:
    """Whether no other count that may be meant stands between (函询1258件,谈话180件,其中…); its other parts may."""
    return not any(
        whole.end <= f.start and f.end <= part.start and _comparable(f, whole) and f.part_of != whole.figure_id
        for f in figures
    )


def _is_called_part(part: Stated, whole: Stated) -> bool:
    """Whether both are results and the words before the part say that it is one; if not, the link may be misread."""
    if not _are_results(part, whole):
        return False
    between = whole.text_until(part)
    said = part.text_before if between is None else between
    return any(row["word"] in said for row in lexicon.table("part_marks"))


def _sums(parts: Sequence[Stated], whole: Stated, figures: Sequence[Stated]) -> Iterator[CheckRow]:
    # what equals the whole is the whole, said again
    for listed in _lists([part for part in parts if part.value != whole.value]):
        if len(listed) > 1 and sum(p.value for p in listed) == whole.value:
            yield from _sum(listed, whole, "=", figures)
            continue
        for (metric, _), group in _groups(listed, "metric", "action"):
            total = sum(p.value for p in group)
            if len(group) > 1 and not _knows(metric, "overlap") and total <= _MISREAD * whole.value:
                yield from _sum(group, whole, "≤", figures)


def _sum(parts: Sequence[Stated], whole: Stated, sign: str, figures: Sequence[Stated]) -> Iterator[CheckRow]:
    verdict = _at_most(parts, whole)
    is_plain = _AMONG.search(whole.text_until(parts[0]) or "") and _are_results(*parts, whole)
    if verdict.verdict == "holds" or (is_plain and _is_list(parts) and _is_nearest(whole, parts[0], figures)):
        formula = f"{' + '.join(say(p.value) for p in parts)} {sign} {say(whole.value)}"
        yield _row("sum", (*parts, whole), formula, verdict, whole.article_id)


def _is_list(parts: Sequence[Stated]) -> bool:
    """Whether marks part the numbers; without one, a number is of what stands before it (应改的12条已改9条)."""
    return all(_MARK.search(one.text_until(two) or "") for one, two in pairwise(parts))


def _are_results(*figures: Stated) -> bool:
    return all(figure.role == "result" for figure in figures)


def _lists(parts: Sequence[Stated]) -> Iterator[list[Stated]]:
    """The parts that a sentence lists one after the other."""
    listed: list[Stated] = []
    for part in parts:
        between = listed[-1].text_until(part) if listed else None
        if listed and (between is None or _END_OF_LIST.search(between)):
            yield listed
            listed = []
        listed.append(part)
    if listed:
        yield listed


def _groups(figures: Sequence[Stated], *names: str) -> list[tuple[Any, list[Stated]]]:
    groups: dict[Any, list[Stated]] = defaultdict(list)
    key = attrgetter(*names)
    for figure in figures:
        groups[key(figure)].append(figure)
    return list(groups.items())


def _part_and_whole(share: Stated, figures: Sequence[Stated], by_id: dict[str, Stated]) -> tuple[Stated, Stated] | None:
    """The part and the whole that a share is the ratio of, where the text puts them together."""
    linked = by_id.get(share.part_of or "")
    if linked is None:
        return None
    grandparent = by_id.get(linked.part_of or "")
    if grandparent is not None and _comparable(linked, grandparent):
        # 15888个问题已整改10569个,占66.37%: the share hangs on the part
        part, whole = linked, grandparent
    else:
        parts = [
            p for p in figures if p.part_of == linked.figure_id and _comparable(p, linked) and p.end <= share.start
        ]
        if not parts:
            return None
        part, whole = parts[-1], linked
    between = [f for f in figures if part.end <= f.start and f.end <= share.start]
    # another share is that part's, and another count of the same unit is what this share speaks of
    if any(_is_share(f) or f.unit == part.unit for f in between) or _is_named_in_turn(share, figures):
        return None
    return (part, whole) if part.sentence_start == share.sentence_start and whole.limits[0] > 0 else None


def _is_named_in_turn(share: Stated, figures: Sequence[Stated]) -> bool:
    """Whether another share follows at once (3.39%和8.23%): which part each is of, only their order says."""
    return any(_is_share(f) and share.text_until(f) in _IN_TURN for f in figures)


def _share(share: Stated, part: Stated, whole: Stated) -> Iterator[CheckRow]:
    ratio = 100 * part.value / whole.value
    said = (part.text_until(share) or "").lstrip("，,")
    plain = said in _MAKES_UP and part.sentence_start == whole.sentence_start
    if not plain and (len(said) > _SOON or abs(ratio - share.value) > _NEAR):
        return
    low, high = (100 * part.limits[0] / whole.limits[1], 100 * part.limits[1] / whole.limits[0])
    place = min(last_place(share.value), 1.0)
    loose = 0.0 if _PER_CENT.search(share.quote) else _IN_WORDS
    if share.bound != "exact":
        loose += place * _LOOSE
    low, high = low - loose, high + loose
    verdict = judge((low, high), share.value, place)
    if plain or verdict.verdict != "contradicts" or _RATE_OF.sub("", said) == part.action:
        formula = f"{say(part.value)} / {say(whole.value)} × 100"
        yield _row("share", (part, whole, share), formula, verdict._replace(expected=ratio), share.article_id)


def _knows(metric: str, what: str) -> bool:
    row = lexicon.row("metric_checks", metric)
    return row is not None and row[what] == "yes"


def _rate(figure: Stated) -> Iterator[CheckRow]:
    if _is_share(figure) and figure.role == "result" and _knows(figure.metric, "share"):
        verdict = judge((0.0, 100.0), figure.limits[0], min(last_place(figure.value), 1.0), slack=0.5)
        if verdict.verdict != "holds":
            yield _row("rate", (figure,), f"{say(figure.value)} ≤ 100", verdict, figure.article_id)


def _unit(figure: Stated) -> Iterator[CheckRow]:
    row = lexicon.row("metric_checks", figure.metric) if figure.role == "result" else None
    # a bare number (拨付46亿) has no unit that could be wrong
    if row and figure.kind not in row["kinds"].split() and (figure.unit or figure.kind != "count"):
        formula = f"{figure.unit} ({figure.kind}) ∈ {{{row['kinds'].replace(' ', ', ')}}}"
        verdict = Verdict(figure.value, figure.value, "contradicts")
        yield _row("unit", (figure,), formula, verdict, figure.article_id)


def _regions(figures: Sequence[Stated]) -> Iterator[CheckRow]:
    results = [f for f in figures if f.role == "result" and f.kind in ADDITIVE and not f.direction and f.region]
    for _, group in _groups(results, "metric", "unit", "object", "action", "campaign"):
        largest: dict[str, Stated] = {}
        for figure in group:
            kept = largest.setdefault(figure.region or "", figure)
            if figure.value > kept.value:
                largest[figure.region or ""] = figure
        for region, total in largest.items():
            if total.bound == "at_least":
                continue
            below = [f for code, f in largest.items() if _directly_below(code, region) and _told_together(f, total)]
            if below and sum(f.value for f in below) <= _MISREAD * total.value:
                formula = f"{' + '.join(say(f.value) for f in below)} ≤ {say(total.value)}"
                yield _row("region", (total, *below), formula, _at_most(below, total), total.article_id)


def _told_together(one: Stated, two: Stated) -> bool:
    """Whether two figures of a report are of one matter: of the same campaign, or in one sentence."""
    return one.campaign is not None or one.sentence_start == two.sentence_start


def _directly_below(code: str, region: str) -> bool:
    """Whether a division belongs to a region and is of the next level that codes show.

    >>> _directly_below("220802", "220800"), _directly_below("220000", "100000"), _directly_below("500101", "500000")
    (True, True, True)
    >>> _directly_below("220802", "220000")
    False
    """
    if code == region:
        return False
    if region == "100000":
        return code.endswith("0000")
    if region.endswith("0000"):
        # the districts of a municipality (11, 12, 31, 50) and the counties under a province (…90..) have no prefecture
        direct = region[:2] in ("11", "12", "31", "50") or code[2:4] == "90"
        return code[:2] == region[:2] and (code.endswith("00") or direct)
    return region.endswith("00") and code[:4] == region[:4]


def check_fact(fact: Fact) -> Iterator[CheckRow]:
    """The checks of reports against each other: conflicts, and running totals that fall."""
    for point in fact.points:
        for claim in point.against:
            formula = f"{say(claim.first.value)} = {say(point.shown.first.value)}"
            verdict = Verdict(point.shown.first.value, claim.first.value, "contradicts")
            yield _between("reports", point.shown, claim, formula, verdict)
    if fact.running and fact.campaign:
        for earlier, later in pairwise(fact.points):
            before, now = earlier.shown.first, later.shown.first
            misread = before.value > _MISREAD * now.value
            if now.kind in ADDITIVE and not now.direction and not misread:
                yield _falling(earlier.shown, later.shown)


def _falling(earlier: Claim, later: Claim) -> CheckRow:
    before, now = earlier.first.value, later.first.value
    verdict = Verdict(before, now, "holds")
    if later.limits[1] < earlier.limits[0]:
        verdict = judge((earlier.limits[0], float("inf")), later.limits[1], _rounded_to(earlier, later), slack=0.5)
        verdict = verdict._replace(expected=before, stated=now)
    return _between("falling", earlier, later, f"{say(now)} ≥ {say(before)}", verdict)


def _between(kind: str, one: Claim, two: Claim, formula: str, verdict: Verdict) -> CheckRow:
    said = one.first
    return check_row(kind, [*one.figure_ids, *two.figure_ids], formula, verdict, None, said.region, said.metric)
