"""Repair: undo what scrapers and converters did to a text, and keep the way back to every raw character.

One function for each kind of damage, each from a text to its mends (:class:`.mend.Mend`). They are applied
in the order of :data:`STEPS`; a text that shows no sign of damage is passed on untouched after one scan.
Every change is kept in ``article.repairs``, so it can be explained, and replayed on the raw text.

>>> from pipeline.model import Article, Options
>>> article = repair(Article("1", "萬盛經(jīng)開區(qū)查找問題50余個(gè)"), Options())
>>> article.text
'萬盛經開區查找問題50余個'
>>> [r.kind for r in article.repairs]
['reading', 'reading', 'reading']
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from pipeline.model import Article, Options, Repair, evolve
from pipeline.offsets import Change, Edit, OffsetMap, apply
from pipeline.stages.repair import byteshift, characters, damage, encoding_mixups, furniture, layout, markup, readings
from pipeline.stages.repair.mend import Mend

__all__ = ["STEPS", "Mended", "mend", "repair", "replay"]

#: the kinds of damage, in the order in which they are undone: the last that was done first
STEPS: tuple[Callable[[str], Iterator[Mend]], ...] = (
    encoding_mixups.mixed_up,
    markup.markup,
    # references may be doubled, and a reference may have hidden a tag
    markup.markup,
    characters.line_ends,
    characters.invisible,
    # a line may break inside what the next steps look for
    layout.line_breaks,
    byteshift.shifted,
    readings.bracketed,
    # a byte shift may have hidden the bracket of a tag
    markup.markup,
    characters.private_use,
    layout.other_forms,
    layout.decimal_points,
    layout.blanks,
    layout.full_stops,
)


class Mended(NamedTuple):
    """A text after all steps."""

    text: str
    offsets: OffsetMap
    repairs: tuple[Repair, ...]


def repair(article: Article, options: Options) -> Article:
    """Read ``raw_text``; add ``text``, ``offsets``, ``repairs``, ``n_damaged``, ``furniture`` and what that tells."""
    raw = article.raw_text
    suspected = damage.suspected(raw)
    mended = mend(raw) if suspected or layout.suspected(raw) else Mended(raw, OffsetMap.identity(), ())
    found = furniture.find(mended.text)
    return evolve(
        article,
        text=mended.text,
        offsets=mended.offsets,
        repairs=mended.repairs,
        n_damaged=damage.left_in(mended.text, any("reading" in r.kind for r in mended.repairs)) if suspected else 0,
        furniture=found.spans,
        title=article.title or found.title,
        author=article.author or found.author,
        outlet=article.outlet or found.outlet,
        published=article.published or found.published,
    )


def mend(raw: str) -> Mended:
    """Undo all damage of a text, whatever it looks like."""
    text = raw
    fine = coarse = OffsetMap.identity()
    causes: list[_Cause] = []
    for step in STEPS:
        mends = list(step(text))
        if not mends:
            continue
        causes += [_Cause(*coarse.raw_span(m.start, m.end), m.kind, m.guessed) for m in mends]
        edits = [Edit(*m[:3]) for m in mends]
        # most steps change each place as a whole, so that one map serves for both
        whole = fine is coarse and not any(m.parts for m in mends)
        coarse = coarse.then(edits)
        fine = coarse if whole else fine.then([p for m, e in zip(mends, edits, strict=True) for p in m.parts or (e,)])
        text = apply(text, edits)
    return Mended(text, fine, tuple(_repairs(text, coarse.changes, causes)))


def replay(raw: str, repairs: Iterable[Repair]) -> str:
    """Make the repaired text again from the raw text and what was recorded."""
    return apply(raw, (Edit(r.start, r.end, r.after) for r in repairs))


class _Cause(NamedTuple):
    raw_start: int
    raw_end: int
    kind: str
    guessed: bool


def _repairs(text: str, changes: Iterable[Change], causes: Sequence[_Cause]) -> Iterator[Repair]:
    """One repair for each changed stretch, with the kinds of all that was done in it."""
    causes = sorted(causes, key=lambda c: c.raw_start)
    starts = [c.raw_start for c in causes]
    for change in changes:
        first = bisect_left(starts, change.raw_start)
        last = bisect_left(starts, max(change.raw_end, change.raw_start + 1))
        inside = causes[first:last]
        kind = "+".join(dict.fromkeys(c.kind for c in inside))
        after = text[change.start : change.end]
        yield Repair(change.raw_start, change.raw_end, after, kind, any(c.guessed for c in inside))
