"""Byte shift: 當(dāng)?shù)厝罕娡▓蟆? for 當地群眾通報。

The converters that leave readings (:mod:`.readings`) worked on GBK bytes by search and replace and knew
no character boundaries. Where the second byte of one character and the first byte of the next look like
a character X of their list, the reading of X was put between the halves of the next character. Reading
the result as GBK then

* loses the byte before the bracket together with the bracket, mostly shown as ``?``;
* reads all that follows one byte off, until an ASCII byte takes the place of a second byte (``V``), a
  byte 0x80 does (``€``), another reading comes, or an ASCII byte that is no second byte ends it with
  another lost byte;
* drops on the way the byte pairs that GBK has no character for.

Full-width ``！？，`` were on the list too, to become ASCII: there the first half of the pair is the end of
the character before, mostly of ``。``, which is lost.

Everything is undone on the bytes. The byte lost with a reading is known from the reading: it makes, with
the byte before it, a character that is read so. Where bytes are gone for good, the text is chosen by the
frequency of words and the place is marked as guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import regex

from pipeline.offsets import Edit
from pipeline.stages.repair import gbk, words
from pipeline.stages.repair.mend import Mend
from pipeline.stages.repair.readings import LETTERS, completions, is_reading, is_toned
from pipeline.stages.repair.words import CONTEXT

__all__ = ["shifted"]

_LOST = "?？\ufffd"

#: the inserted reading where it stands out of place: a byte, or a byte and the bracket, lost before it
_READING = rf"(?P<lost>[{_LOST}])? (?P<open>[(（])? (?P<reading>[{LETTERS}]{{1,7}}) [)）]"

_READING_HERE = regex.compile(_READING, regex.VERBOSE)

#: a second byte in the place of a character: what brings the reading back into step
_STEP = r"[@A-Z\[\\\]^_`a-z{|}~€]"

_ANCHOR = regex.compile(
    rf"""
    {_READING}
    |   # ！？， between the halves: the sign itself, or the mark of a lost byte and the sign
    (?P<sign>
        (?: [{_LOST}] [!?,！？，] | [!?！？] )    (?= [^\x00-\x7f€]{{0,40}} {_STEP} )
    |   [,，]                                   (?= {_STEP} [\u4e00-\u9fff(（] )
    )
    """,
    regex.VERBOSE,
)

#: readings in the neighbourhood of a place; they hide the characters
_READINGS = regex.compile(rf"(?<= [\u4e00-\u9fff] ) [(（] [{LETTERS}]{{1,7}} [)）]", regex.VERBOSE)

_TAG_REST = regex.compile(r"/[a-z]{1,10}>")

#: raw characters in which those of the context are looked for; readings take room
_REACH = 40

#: how much likelier (natural logarithm) a text must be to be believed without a reading as a proof
_SIGN_MARGIN = 4.0

#: how much likelier two characters must be than the one that a silently dropped byte pair leaves of them
_DROP_MARGIN = 1.0

#: a character that adds less than this to the log probability of its place is not suspicious
_SUSPICIOUS = -9.0

#: characters rarer than this are not put in as guesses
_RAREST_GUESS = -13.0

#: ways to read one stretch that are followed; more than a few arise only in noise
_MOST_READINGS = 64


class _Cell(NamedTuple):
    """A place of the original text, with the raw stretch that it is read from."""

    start: int
    end: int
    #: what may stand here; more than one where a byte is lost
    options: tuple[str, ...]


class _Run(NamedTuple):
    """One way to read a shifted stretch."""

    cells: tuple[_Cell, ...]
    end: int
    #: True if it ends as a shift does, in step with the bytes; False if a byte was lost at the end
    in_step: bool


def shifted(text: str) -> Iterator[Mend]:
    """Undo the byte shifts of a text that carries readings."""
    done = 0
    for anchor in _ANCHOR.finditer(text):
        if anchor.start() < done:
            continue
        found = _at_sign(text, anchor) if anchor["sign"] else _at_reading(text, anchor)
        if found is not None:
            yield found
            done = found.end


def _at_reading(text: str, anchor: regex.Match[str]) -> Mend | None:
    """The stretch that begins with a reading out of place."""
    reading = anchor["reading"]
    out_of_place = anchor["lost"] or not anchor["open"]
    if not out_of_place and (not is_toned(reading) or _explained(text, anchor)):
        return None
    if not anchor["lost"] and not is_toned(reading):
        return None
    left = _before(text, anchor.start())[-1:]
    halves = gbk.pair(left) if left else None
    if halves is None:
        return None
    begins = [_grow(text, anchor.start(), anchor.end(), trail, True) for trail in completions(halves[1], reading)]
    return _best(text, anchor.start(), [run for runs in begins for run in runs])


def _explained(text: str, anchor: regex.Match[str]) -> bool:
    before = text[anchor.start() - 1 : anchor.start()]
    return bool(before) and gbk.hanzi(before) and is_reading(before, anchor["reading"])


def _before(text: str, at: int) -> str:
    """The characters before a place, without readings."""
    return str(_READINGS.sub("", text[max(0, at - _REACH) : at]))[-CONTEXT:]


def _after(text: str, at: int) -> str:
    """The characters behind a place, without readings; the end of text and of an HTML element end the line."""
    behind = text[at : at + _REACH]
    if not behind or _TAG_REST.match(behind):
        return "\n"
    # the character before may be one whose reading comes first here
    return str(_READINGS.sub("", "一" + behind))[1 : CONTEXT + 1]


def _at_sign(text: str, anchor: regex.Match[str]) -> Mend | None:
    """The stretch that begins with ！？， between the halves of two characters."""
    lead, second = _full_width(anchor["sign"][-1])
    ends = tuple(c for _, c in gbk.with_trail(lead) if words.rarity(c) > _RAREST_GUESS)
    first = _Cell(anchor.start(), anchor.end(), ends)
    runs = [
        _Run((first, *run.cells), run.end, run.in_step)
        for run in _grow(text, anchor.end(), anchor.end(), second, False)
        if run.in_step
    ]
    mend = _best(text, anchor.start(), runs)
    if mend is None:
        return None
    before, after = _before(text, mend.start), _after(text, mend.end)
    as_it_is = words.likelihood(before + text[mend.start : mend.end] + after)
    return mend if words.likelihood(before + mend.after + after) > as_it_is + _SIGN_MARGIN else None


def _full_width(sign: str) -> tuple[int, int]:
    """The bytes of the full-width form of an ASCII sign."""
    code = ord(sign)
    return 0xA3, (code - 0xFEE0 if code > 0x7F else code) + 0x80


def _grow(text: str, start: int, at: int, lead: int, after_reading: bool) -> list[_Run]:
    """All ways to read on from ``at``, where ``lead`` is the first byte of a character.

    ``start`` is where the raw stretch of that character begins.
    """
    complete: list[_Run] = []
    growing: list[tuple[tuple[_Cell, ...], int, int, int]] = [((), start, at, lead)]
    while growing and len(complete) < _MOST_READINGS:
        cells, start, at, lead = growing.pop()
        for cell, end, second in _steps(text, start, at, lead):
            if second is None:
                complete.append(_Run((*cells, *cell), end, end > at))
            elif second >= 0:
                growing.append(((*cells, *cell), end, end, second))
    return complete


#: cells, where to read on, and the first byte of the next character; None where the shift ends
_Step = tuple[tuple[_Cell, ...], int, "int | None"]


def _steps(text: str, start: int, at: int, lead: int) -> Iterator[_Step]:
    """What may come next, given the first byte of a character."""
    here = text[at : at + 1]
    if here in _LOST and here:
        yield from _after_loss(text, start, at, lead)
    elif here == gbk.EURO or gbk.is_ascii_trail(here):
        yield from _into_step(text, start, at, lead)
    elif (halves := gbk.pair(here)) is not None:
        yield from _one_off(start, at, lead, *halves)
    else:
        yield from _silent_loss(text, start, at, lead)


def _into_step(text: str, start: int, at: int, lead: int) -> Iterator[_Step]:
    """An ASCII letter or 0x80 is the second byte."""
    second = 0x80 if text[at] == gbk.EURO else ord(text[at])
    if (char := gbk.char(lead, second)) is not None:
        yield (_Cell(start, at + 1, (char,)),), at + 1, None


def _one_off(start: int, at: int, lead: int, first: int, second: int) -> Iterator[_Step]:
    """The character here is the second byte and the next first byte."""
    if (char := gbk.char(lead, first)) is not None:
        yield (_Cell(start, at + 1, (char,)),), at + 1, second
    elif pairs := _around_gap(lead, first):
        yield (_Cell(start, at + 1, pairs),), at + 1, second


def _after_loss(text: str, start: int, at: int, lead: int) -> Iterator[_Step]:
    """A mark of loss: the byte before a reading, a byte pair, or the last byte of the stretch."""
    if (known := _lost_to_reading(text, start, at, lead)) is not None:
        yield known
        return
    if _TAG_REST.match(text, at + 1):
        yield (_Cell(start, at, _seconds(lead)), _Cell(at, at + 1, ("<",))), at + 1, None
        return
    after = gbk.pair(text[at + 1 : at + 2])
    if after is not None and (pairs := _around_gap(lead, after[0])):
        yield (_Cell(start, at + 2, pairs),), at + 2, after[1]
    if (char := gbk.char(lead, 0xA3)) is not None and text[at] in "?？":
        yield (_Cell(start, at + 1, (char,)),), at + 1, 0xBF
    yield (_Cell(start, at + 1, _seconds(lead)),), at + 1, None


def _silent_loss(text: str, start: int, at: int, lead: int) -> Iterator[_Step]:
    """ASCII that is no second byte, or the end: the second byte is lost."""
    if (known := _lost_to_reading(text, start, at, lead)) is not None:
        yield known
        return
    if text[at : at + 1] in tuple("!,") and (char := gbk.char(lead, 0xA3)) is not None:
        yield (_Cell(start, at + 1, (char,)),), at + 1, ord(text[at]) + 0x80
    yield (_Cell(start, at, _seconds(lead)),), at, None


def _lost_to_reading(text: str, start: int, at: int, lead: int) -> _Step | None:
    found = _READING_HERE.match(text, at)
    if found is None:
        return None
    options = tuple(char for t in completions(lead, found["reading"]) if (char := gbk.char(lead, t)))
    return ((_Cell(start, found.end(), options),), found.end(), None) if options else None


@cache
def _seconds(lead: int) -> tuple[str, ...]:
    """The characters of a first byte that are common enough to be guessed."""
    return tuple(char for _, char in gbk.with_lead(lead) if words.rarity(char) > _RAREST_GUESS)


@cache
def _around_gap(lead: int, second: int) -> tuple[str, ...]:
    """The pairs of characters whose inner bytes GBK has no character for, so that a decoder drops them."""
    firsts = [(t, c) for t, c in gbk.with_lead(lead) if words.rarity(c) > _RAREST_GUESS]
    seconds = [(first, c) for first, c in gbk.with_trail(second) if words.rarity(c) > _RAREST_GUESS]
    return tuple(a + b for t, a in firsts for first, b in seconds if t >= 0x81 and gbk.char(t, first) is None)


def _best(text: str, start: int, runs: Sequence[_Run]) -> Mend | None:
    """The likeliest way to read a stretch."""
    best: tuple[float, Mend] | None = None
    before = _before(text, start)
    for run in runs:
        after = _after(text, run.end)
        chosen, guessed = _choose(before, run.cells, after)
        weight = words.likelihood(before + "".join(chosen) + after) - words.likelihood(after)
        if best is None or weight > best[0]:
            parts = tuple(Edit(c.start, c.end, s) for c, s in zip(run.cells, chosen, strict=True))
            best = weight, Mend(start, run.end, "".join(chosen), "byte-shift", guessed, parts)
    return best[1] if best else None


def _choose(before: str, cells: Sequence[_Cell], after: str) -> tuple[list[str], bool]:
    """Decide the open cells, and whether a byte pair was dropped without a mark; True if anything was guessed."""
    chosen: list[str] = []
    guessed = False
    for i, cell in enumerate(cells):
        left = (before + "".join(chosen))[-CONTEXT:]
        right = _known_ahead(cells[i + 1 :], after)
        if len(cell.options) != 1:
            chosen.append(words.likeliest(left, cell.options, right) if cell.options else "")
            guessed = True
        elif (found := _dropped(left, cell.options[0], right)) is not None:
            chosen.append(found)
            guessed = True
        else:
            chosen.append(cell.options[0])
    return chosen, guessed


def _known_ahead(cells: Sequence[_Cell], after: str) -> str:
    ahead = ""
    for cell in cells:
        if cell.options == ("<",):
            break
        if len(ahead) >= CONTEXT or len(cell.options) != 1:
            return ahead
        ahead += cell.options[0]
    return (ahead + after)[:CONTEXT]


def _dropped(left: str, char: str, right: str) -> str | None:
    """Two characters that read much better than the one that a dropped byte pair would leave of them."""
    halves = gbk.pair(char)
    if halves is None or not gbk.hanzi(char) or words.fit(left, char, right) > _SUSPICIOUS:
        return None
    options = _around_gap(*halves)
    if not options:
        return None
    found = words.likeliest(left, options, right)
    gain = words.likelihood(left + found + right) - words.likelihood(left + char + right)
    return found if gain > _DROP_MARGIN else None
