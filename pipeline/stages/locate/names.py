"""All words that speak of places, in one Aho-Corasick automaton."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import regex

from pipeline import lexicon
from pipeline.lexicon import gazetteer
from pipeline.lexicon.gazetteer import Division

if TYPE_CHECKING:
    from daachorse import CharwiseDoubleArrayAhoCorasick

__all__ = ["Name", "automaton", "in_year", "names", "words"]


class Name(NamedTuple):
    """What a word in a text can mean.

    kind: ``place``, ``zone``, ``outlet``, ``own`` (全市), ``that`` (该县), ``organ`` (县纪委), ``here`` (当地),
    ``plural`` (各地), ``national`` (我国), ``body`` (公安部), ``centre`` (中央), ``several`` (京津冀), ``foreign``,
    ``world`` (全球) or ``shadow`` (no place at all).
    """

    kind: str
    #: of a place: full (万州区), tight (full, but of two characters: 叶县), generic (城区), short (万州)
    form: str = ""
    #: of own, that and organ: 省, 市, 县 …
    unit: str = ""
    divisions: tuple[Division, ...] = ()
    #: of a zone or an outlet: the division it belongs to
    code: str = ""


#: 自治州, 自治县 and 自治旗 carry the names of peoples, which running text leaves out: 湘西州, 环江县.
_AUTONOMOUS = regex.compile(r"自治(?P<kind>[州县旗])$")


#: The short forms of divisions that ended before this year are no longer written without 县 or 区.
_SHORT_SINCE = 2000


def _forms(d: Division) -> Iterator[tuple[str, str]]:
    """The words for a division, each with its form."""
    yield d.name, "tight" if len(d.name) == 2 else "full"
    if found := _AUTONOMOUS.search(d.name):
        yield d.short + found["kind"], "full"
    elif d.name.endswith("自治区"):
        yield d.short + "自治区", "full"
    if d.short != d.name and d.until >= _SHORT_SINCE:
        yield d.short, "short"


@cache
def names() -> dict[str, Name]:
    """Every word of the automaton with its meaning; the later sources win over the earlier ones."""
    found = {r["word"]: Name("foreign") for r in lexicon.table("foreign_names")}
    found.update(_divisions())
    found.update(_aliases())
    found.update((r["name"], Name("zone", code=r["code"])) for r in lexicon.table("zones"))
    found.update((r["name"], Name("outlet", code=r["code"])) for r in lexicon.table("outlets"))
    by_kind = _words()
    # 全州 is all of a prefecture, and a county
    found.update((word, name._replace(divisions=_named(found, word))) for word, name in _relative(by_kind))
    for kind in ("plural", "national", "body", "centre", "here", "several", "foreign", "world", "shadow"):
        found.update((word, Name(kind)) for word in by_kind.get(kind, ()))
    for word in by_kind.get("generic", ()):
        if word in found:
            found[word] = found[word]._replace(form="generic")
    for pair in by_kind.get("variant", ()):
        variant, usual = pair[0], pair[1]
        found.update([(word.replace(usual, variant), name) for word, name in found.items() if usual in word])
    return found


def _named(found: Mapping[str, Name], word: str) -> tuple[Division, ...]:
    """The divisions that a word can mean by itself."""
    return found[word].divisions if word in found else ()


@cache
def words(kind: str) -> tuple[str, ...]:
    """The words of a kind in ``place_words``, for ``str.startswith`` and ``str.endswith``."""
    return tuple(_words().get(kind, ()))


@cache
def _words() -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for r in lexicon.table("place_words"):
        kinds.setdefault(r["kind"], []).append(r["word"])
    return kinds


def _divisions() -> Iterator[tuple[str, Name]]:
    forms: dict[str, dict[str, list[Division]]] = {}
    for d in gazetteer.divisions():
        if d.code != gazetteer.COUNTRY:
            for word, form in _forms(d):
                forms.setdefault(word, {}).setdefault(form, []).append(d)
    caution = dict.fromkeys(words("plain"), "") | dict.fromkeys(words("word"), "support")
    generic = set(words("generic"))
    for word, by_form in forms.items():
        if "short" in by_form:
            by_form["short"] = [d for d in by_form["short"] if d.name not in generic]
        form = next((f for f in ("full", "tight", "short") if by_form.get(f)), "")
        if not form:
            continue
        found = tuple(d._replace(caution=caution.get(word, d.caution)) for d in by_form[form])
        yield word, Name("place", form, divisions=found)


def _aliases() -> Iterator[tuple[str, Name]]:
    for r in lexicon.table("place_aliases"):
        if (found := gazetteer.at(r["code"])) is not None:
            yield r["name"], Name("place", "full", divisions=(found,))


def _relative(by_kind: dict[str, list[str]]) -> Iterator[tuple[str, Name]]:
    """全市, 我市 (own), 该市 (that) and 市委 (organ), for every unit."""
    for unit in by_kind.get("unit", ()):
        for kind in ("own", "that"):
            for word in by_kind.get(kind, ()):
                yield word + unit, Name(kind, unit=unit)
        for word in by_kind.get("organ", ()):
            yield unit + word, Name("organ", unit=unit)


class Automaton(NamedTuple):
    """The matcher and, by pattern number, what each pattern means."""

    matcher: CharwiseDoubleArrayAhoCorasick
    meanings: tuple[Name, ...]

    def find(self, text: str) -> Iterable[tuple[int, int, int]]:
        """Start, end and pattern number of the leftmost longest matches."""
        return self.matcher.find(text)


@cache
def automaton() -> Automaton:
    """The automaton over all names, built on first use."""
    from daachorse import MATCH_KIND_LEFTMOST_LONGEST, CharwiseDoubleArrayAhoCorasick

    found = names()
    return Automaton(CharwiseDoubleArrayAhoCorasick(list(found), MATCH_KIND_LEFTMOST_LONGEST), tuple(found.values()))


@lru_cache(maxsize=1 << 13)
def in_year(number: int, year: int) -> tuple[Division, ...]:
    """The divisions that a pattern meant in a year, highest level first; the nearest in time where none had the name.

    A unit that has changed its name since stands under its name and code of that year, so that an old or a new
    name in the text leads to the same code.
    """
    named = automaton().meanings[number].divisions
    nearest = min(gazetteer.distance(d, year) for d in named)
    units: dict[str, Division] = {}
    for d in named:
        if gazetteer.distance(d, year) == nearest:
            then = gazetteer.in_year(d, year)
            units.setdefault(then.code, then._replace(caution=d.caution))
    return tuple(sorted(units.values(), key=lambda d: (gazetteer.LEVELS.index(d.level), d.code)))


for _cached in (_words, words, names, automaton, in_year):
    lexicon.on_change(_cached)
