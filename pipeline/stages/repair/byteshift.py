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

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from heapq import nlargest
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
_SIGNS = tuple("!?,！？，")

_STEP = r"[@A-Z\[\\\]^_`a-z{|}~€]"

_ANCHOR = regex.compile(
    rf"""
    {_READING}
    |   # ！？， between the halves: the sign itself, or the mark of a lost byte and the sign
    (?P<sign>
        (?: [{_LOST}] [!?,！？，] | [!?！？] )  (?= {_STEP} | [^\x00-\x7f] )
    |   [,，]                                   (?= {_STEP} [\u4e00-\u9fff(（] )
    )
    """,
    regex.VERBOSE,
)

#: a text without any of this is not looked at: a toned reading, or the mark of a loss before what cannot follow it
_SUSPECT = regex.compile(
    rf"""
    (?= [{LETTERS}]{{0,6}} [^\x00-\x7f] ) [{LETTERS}]{{1,7}} [)）]
    |   [{_LOST}] [!?,！？，a-zA-Z€] [\u4e00-\u9fff(（]
    """,
    regex.VERBOSE,
)

#: a character with its reading
_ANNOTATED = regex.compile(rf"([\u4e00-\u9fff]) [(（] [{LETTERS}]{{1,7}} [)）]", regex.VERBOSE)

#: readings in the neighbourhood of a place; they hide the characters
_READINGS = regex.compile(rf"(?<= [\u4e00-\u9fff] ) [(（] [{LETTERS}]{{1,7}} [)）]", regex.VERBOSE)

_TAG_REST = regex.compile(r"/[a-z]{1,10}>")

#: raw characters in which those of the context are looked for; readings take room
_REACH = 40

#: how much likelier (natural logarithm) a text must be to be believed without a reading as a proof: where the
#: shift ends as shifts do, and where it ends in a lost byte
_SIGN_MARGIN = 4.0
_OPEN_SIGN_MARGIN = 12.0

#: a character that adds more than this to the log probability of its place is not suspicious
_SUSPICIOUS = -9.0

#: characters rarer than this are not put in as guesses
_RAREST_GUESS = -13.0

#: pairs of characters that are weighed around a gap
_MOST_OPTIONS = 400

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


class _Page(NamedTuple):
    """A text, and what it tells of the list that its converter worked with."""

    text: str
    #: characters that carry a reading: they are on the list
    annotated: frozenset[str]
    #: characters that stand without one: they are not, unless they are annotated too
    bare: frozenset[str]

    def listed(self, chars: Sequence[str]) -> tuple[str, ...]:
        """Those of the characters that can be on the list, as far as the text tells."""
        for tell in (self.annotated.__contains__, lambda char: char not in self.bare):
            if found := tuple(filter(tell, chars)):
                return found
        return tuple(chars)


def shifted(text: str) -> Iterator[Mend]:
    """Undo the byte shifts of a text that carries readings, or the plain marks of one."""
    if not _SUSPECT.search(text):
        return
    page: _Page | None = None
    done = 0
    for anchor in _ANCHOR.finditer(text):
        if anchor.start() < done or not (anchor["sign"] or _out_of_place(text, anchor)):
            continue
        page = page or _page(text)
        found = _at_sign(page, anchor) if anchor["sign"] else _at_reading(page, anchor)
        if found is not None:
            yield found
            done = found.end


def _page(text: str) -> _Page:
    annotated = frozenset(_ANNOTATED.findall(text))
    return _Page(text, annotated, frozenset(text) - annotated)


def _at_reading(page: _Page, anchor: regex.Match[str]) -> Mend | None:
    """The stretch that begins with a reading out of place."""
    left = _before(page.text, anchor.start())[-1:]
    halves = gbk.pair(left) or (_full_width(left) if left in _SIGNS else None)
    if halves is None:
        return None
    chars = (gbk.char(halves[1], trail) or "" for trail in completions(halves[1], anchor["reading"]))
    leads = [halves_of[1] for char in page.listed(tuple(chars)) if (halves_of := gbk.pair(char))]
    runs = [run for lead in leads for run in _grow(page, anchor.start(), anchor.end(), lead)]
    return _best(page.text, anchor.start(), runs)


def _out_of_place(text: str, anchor: regex.Match[str]) -> bool:
    """True for a reading behind a lost byte, without its bracket, or behind a character that is not read so."""
    lost, opened, reading = anchor.group("lost", "open", "reading")
    if lost:
        return True
    if reading.isascii():
        return False
    start = anchor.start()
    before = text[max(0, start - 1) : start]
    return not opened or not (gbk.hanzi(before) and is_reading(before, reading))


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


def _at_sign(page: _Page, anchor: regex.Match[str]) -> Mend | None:
    """The stretch that begins with ！？， between the halves of two characters."""
    text, start, end = page.text, anchor.start(), anchor.end()
    # a mark of loss alone may have swallowed the sign
    signs = "?!," if anchor["sign"] in _LOST else anchor["sign"][-1]
    best: tuple[float, Mend] | None = None
    for sign in signs:
        lead, second = _full_width(sign)
        first = _Cell(start, end, _lasts(lead))
        grown = _grow(page, end, end, second)
        for margin, in_step in ((_SIGN_MARGIN, True), (_OPEN_SIGN_MARGIN, False)):
            runs = [run._replace(cells=(first, *run.cells)) for run in grown if run.in_step is in_step]
            mend = _best(text, start, runs)
            if mend is not None and (gain := _gain(text, mend) - margin) > (best[0] if best else 0.0):
                best = gain, mend
    return best[1] if best else None


def _gain(text: str, mend: Mend) -> float:
    """How much likelier the text is with the mend than as it is."""
    before, after = _before(text, mend.start), _after(text, mend.end)
    as_it_is = words.likelihood(before + str(_READINGS.sub("", text[mend.start : mend.end])) + after)
    return words.likelihood(before + mend.after + after) - as_it_is


def _full_width(sign: str) -> tuple[int, int]:
    """The bytes of the full-width form of an ASCII sign."""
    code = ord(sign)
    return 0xA3, (code - 0xFEE0 if code > 0x7F else code) + 0x80


def _grow(page: _Page, start: int, at: int, lead: int) -> list[_Run]:
    """All ways to read on from ``at``, where ``lead`` is the first byte of a character.

    ``start`` is where the raw stretch of that character begins.
    """
    complete: list[_Run] = []
    growing: list[tuple[tuple[_Cell, ...], int, int, int]] = [((), start, at, lead)]
    while growing and len(complete) < _MOST_READINGS:
        cells, start, at, lead = growing.pop()
        for cell, end, second, in_step in _steps(page, start, at, lead):
            if second is None:
                complete.append(_Run((*cells, *cell), end, in_step))
            else:
                growing.append(((*cells, *cell), end, end, second))
    return complete


class _Step(NamedTuple):
    """One step of reading on."""

    cells: tuple[_Cell, ...]
    end: int
    #: the first byte of the next character; None where the shift ends
    lead: int | None
    #: False if it ends with a lost byte
    in_step: bool = True


def _steps(page: _Page, start: int, at: int, lead: int) -> Iterator[_Step]:
    """What may come next, given the first byte of a character."""
    here = page.text[at : at + 1]
    if (reading := _READING_HERE.match(page.text, at)) and _out_of_place(page.text, reading):
        yield from _lost_to_reading(page, start, reading, lead)
    elif reading and is_toned(reading["reading"]):
        # it belongs to the character before, which is in step
        return
    elif here and here in _LOST:
        yield from _after_loss(page.text, start, at, lead)
    elif here == gbk.EURO or gbk.is_ascii_trail(here):
        yield from _into_step(page.text, start, at, lead)
    elif (halves := gbk.pair(here)) is not None:
        yield from _one_off(start, at, lead, *halves)
    else:
        yield from _silent_loss(page.text, start, at, lead)


def _into_step(text: str, start: int, at: int, lead: int) -> Iterator[_Step]:
    """An ASCII letter or 0x80 is the second byte; if a reading comes next, it is one of the character."""
    second = 0x80 if text[at] == gbk.EURO else ord(text[at])
    char = gbk.char(lead, second)
    options = (char,) if char else _around_gap(lead, second)
    told = _READING_HERE.match(text, at + 1)
    if told is not None and told["open"] and not told["lost"]:
        reading = told["reading"]
        if char is None or not is_reading(char, reading):
            options = tuple(o for o in _around_gap(lead, second) if is_reading(o[-1], reading))
    if options:
        yield _Step((_Cell(start, at + 1, options),), at + 1, None)


def _one_off(start: int, at: int, lead: int, first: int, second: int) -> Iterator[_Step]:
    """The character here is the second byte and the next first byte."""
    if (char := gbk.char(lead, first)) is not None:
        yield _Step((_Cell(start, at + 1, (char,)),), at + 1, second)
    elif pairs := _around_gap(lead, first):
        yield _Step((_Cell(start, at + 1, pairs),), at + 1, second)


def _after_loss(text: str, start: int, at: int, lead: int) -> Iterator[_Step]:
    """A mark of loss: a byte pair, the sign ？, or the last byte of the stretch."""
    if _TAG_REST.match(text, at + 1):
        yield _Step((_Cell(start, at, _seconds(lead)), _Cell(at, at + 1, ("<",))), at + 1, None, False)
        return
    after = gbk.pair(text[at + 1 : at + 2])
    if after is not None and (pairs := _around_gap(lead, after[0])):
        yield _Step((_Cell(start, at + 2, pairs),), at + 2, after[1])
    if (char := gbk.char(lead, 0xA3)) is not None and text[at] in "?？":
        yield _Step((_Cell(start, at + 1, (char,)),), at + 1, 0xBF)
    yield _Step((_Cell(start, at + 1, _seconds(lead)),), at + 1, None, False)


def _silent_loss(text: str, start: int, at: int, lead: int) -> Iterator[_Step]:
    """ASCII that is no second byte, or the end: the second byte is lost."""
    if text[at : at + 1] in tuple("!,") and (char := gbk.char(lead, 0xA3)) is not None:
        yield _Step((_Cell(start, at + 1, (char,)),), at + 1, ord(text[at]) + 0x80)
    yield _Step((_Cell(start, at, _seconds(lead)),), at, None, False)


def _lost_to_reading(page: _Page, start: int, reading: regex.Match[str], lead: int) -> Iterator[_Step]:
    """The second byte is lost with a reading that follows it, and known from that."""
    chars = tuple(gbk.char(lead, trail) or "" for trail in completions(lead, reading["reading"]))
    options = page.listed(chars) or _read_behind_gap(lead, reading["reading"])
    if options:
        yield _Step((_Cell(start, reading.end(), options),), reading.end(), None)


def _guessable(char: str) -> bool:
    """True for a character common enough to be guessed in traditional text."""
    return words.rarity(char) > _RAREST_GUESS and char not in words.simplified_only()


@cache
def _seconds(lead: int) -> tuple[str, ...]:
    """The characters of a first byte that can be guessed, if the second alone is no ASCII."""
    return tuple(char for trail, char in gbk.with_lead(lead) if trail > 0x80 and _guessable(char))


@cache
def _lasts(trail: int) -> tuple[str, ...]:
    """The characters of a second byte that can be guessed."""
    return tuple(char for _, char in gbk.with_trail(trail) if _guessable(char))


@cache
def _around_gap(lead: int, second: int) -> tuple[str, ...]:
    """The pairs of characters whose inner bytes GBK has no character for, so that a decoder drops them."""
    firsts = [(trail, c) for trail, c in gbk.with_lead(lead) if trail > 0x80 and _guessable(c)]
    seconds = [(inner, c) for inner, c in gbk.with_trail(second) if _guessable(c)]
    return _commonest(a + b for trail, a in firsts for inner, b in seconds if gbk.char(trail, inner) is None)


@cache
def _read_behind_gap(lead: int, reading: str) -> tuple[str, ...]:
    """Two characters around a dropped byte pair, the second of them of that reading."""
    firsts = [(trail, c) for trail, c in gbk.with_lead(lead) if trail > 0x80 and _guessable(c)]
    seconds = [(inner, gbk.char(inner, t) or "") for inner in gbk.LEADS for t in completions(inner, reading)]
    seconds = [(inner, c) for inner, c in seconds if _guessable(c)]
    return _commonest(a + b for trail, a in firsts for inner, b in seconds if gbk.char(trail, inner) is None)


def _commonest(options: Iterable[str]) -> tuple[str, ...]:
    return tuple(nlargest(_MOST_OPTIONS, options, key=lambda option: sum(map(words.rarity, option))))


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
        options = cell.options
        if len(options) == 1 and (gaps := _dropped(left, options[0], right)):
            options = gaps if options[0] in words.simplified_only() else options + gaps
        guessed |= len(options) != 1
        chosen.append(words.likeliest(left, options, right) if options else "")
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


def _dropped(left: str, char: str, right: str) -> tuple[str, ...]:
    """What a suspicious character may be the remains of, if a byte pair was dropped without a mark."""
    halves = gbk.pair(char)
    if halves is None or not gbk.hanzi(char):
        return ()
    if char not in words.simplified_only() and words.fit(left, char, right) > _SUSPICIOUS:
        return ()
    return _around_gap(*halves)
