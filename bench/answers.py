"""What other packages say of a sentence or a number word, in the project's own terms.

Every peer is used as its documentation shows, with its own defaults. A package that is not installed, or that breaks
when it is loaded, is left out with its reason (:func:`load`).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from time import perf_counter
from typing import Any, NamedTuple

from pipeline.lexicon import gazetteer


class Said(NamedTuple):
    """A number that was found at a place of a sentence; a percentage is its number: 70% is 70."""

    start: int
    end: int
    value: float


@dataclass(frozen=True)
class Numbers:
    """Finds numbers in a sentence."""

    find: Callable[[str], list[Said]]


@dataclass(frozen=True)
class Words:
    """Converts a number word; None for what it does not take for a number."""

    convert: Callable[[str], float | None]


@dataclass(frozen=True)
class Places:
    """Finds divisions: the one place of each of many sentences, or all places of a sentence; as 6-digit codes."""

    one: Callable[[Sequence[str]], list[str | None]]
    every: Callable[[str], list[str]]


class Loaded(NamedTuple):
    """A peer, and the seconds that it took to load and to answer for the first time."""

    peer: Any
    seconds: float


#: Something for each peer to load its dictionaries with.
_SAMPLE = "重庆市万州区查找问题1348个，整改率达百分之七十。"


def recognizers() -> Numbers:
    """Microsoft's recognizers-text: its models for numbers and percentages, less what its model for ordinals finds."""
    import recognizers_number
    from recognizers_text import Culture

    recognizer = recognizers_number.NumberRecognizer(Culture.Chinese)
    models = recognizer.get_number_model(), recognizer.get_percentage_model()
    ordinals = recognizer.get_ordinal_model()

    def find(sentence: str) -> list[Said]:
        ranks = [(r.start, r.end) for r in ordinals.parse(sentence)]
        found = [r for model in models for r in model.parse(sentence)]
        kept = [r for r in found if not any(start <= r.start and r.end <= end for start, end in ranks)]
        return [Said(r.start, r.end + 1, float(r.resolution["value"].rstrip("%"))) for r in kept]

    find(_SAMPLE)
    return Numbers(find)


def cn2an() -> Words:
    """cn2an: its converter in the mode that takes most, and for what that refuses its ``transform``."""
    from cn2an import cn2an as convert
    from cn2an import transform

    warnings.filterwarnings("ignore", module="cn2an")

    def value(word: str) -> float | None:
        try:
            return float(convert(word, "smart"))
        except ValueError:
            return written_value(transform(word, "cn2an"))

    value("百分之七十")
    return Words(value)


_PERCENT = re.compile(r"(-?\d+(?:\.\d+)?)[%％]?")
_FRACTION = re.compile(r"(\d+)/([1-9]\d*)")


def written_value(written: str) -> float | None:
    """The value of a number, percentage or fraction in Arabic digits; None for anything else.

    >>> written_value("70%"), written_value("1/4"), written_value("数10")
    (70.0, 0.25, None)
    """
    if found := _PERCENT.fullmatch(written):
        return float(found[1])
    if found := _FRACTION.fullmatch(written):
        return int(found[1]) / int(found[2])
    return None


def cpca() -> Places:
    """cpca: the place of ``transform``, all places of ``transform_text_with_addrs``."""
    import cpca as package

    def one(sentences: Sequence[str]) -> list[str | None]:
        return [known(code) for code in package.transform(sentences)["adcode"]]

    def every(sentence: str) -> list[str]:
        try:
            found = package.transform_text_with_addrs(sentence)
        except KeyError:  # so it ends where there is no place in the sentence
            return []
        return _settled(map(known, found["adcode"]))

    one([_SAMPLE])
    return Places(one, every)


def jionlp() -> Places:
    """JioNLP: the place of ``parse_location``, all places of ``recognize_location``."""
    import jionlp as package

    def one(sentences: Sequence[str]) -> list[str | None]:
        return [code_of(package.parse_location(sentence)) for sentence in sentences]

    def every(sentence: str) -> list[str]:
        places = package.recognize_location(sentence)["domestic"] or []
        return _settled(code_of(place) for place, _ in places)

    one([_SAMPLE])
    every(_SAMPLE)
    return Places(one, every)


def _settled(codes: Iterable[str | None]) -> list[str]:
    return [code for code in codes if code]


def known(code: object) -> str | None:
    """A code that the gazetteer has: the code itself, else what it lies in (500200 is no division: 500000)."""
    if not isinstance(code, str) or not code:
        return None
    return next((c for c in (code, f"{code[:4]}00", f"{code[:2]}0000") if gazetteer.at(c)), None)


def code_of(place: dict[str, str | None] | None) -> str | None:
    """The code of names as JioNLP gives them; of the last year in which there was such a division.

    >>> code_of({"province": "重庆市", "city": "重庆市", "county": "万州区"})
    '500101'
    >>> code_of({"province": "湖北省", "city": None, "county": "仙桃市"})
    '429004'
    """
    names = [name for level in ("province", "city", "county") if (name := (place or {}).get(level))]
    while names:
        fitting = [d for d in _by_name().get(names[-1], ()) if set(names) <= _names_above(d)]
        if fitting:
            return max(fitting, key=lambda d: d.until).code
        names.pop()
    return None


def _names_above(division: gazetteer.Division) -> set[str]:
    return {d.name for d in gazetteer.ancestors(division.code, division.until)}


@cache
def _by_name() -> dict[str, list[gazetteer.Division]]:
    names: dict[str, list[gazetteer.Division]] = {}
    for division in gazetteer.divisions():
        names.setdefault(division.name, []).append(division)
    return names


PEERS: dict[str, Callable[[], Numbers | Words | Places]] = {
    "recognizers-text": recognizers,
    "cn2an": cn2an,
    "cpca": cpca,
    "jionlp": jionlp,
}


def load() -> tuple[dict[str, Loaded], dict[str, str]]:
    """The peers that can be used here, and for each other one why it cannot."""
    found: dict[str, Loaded] = {}
    missing: dict[str, str] = {}
    for name, make in PEERS.items():
        begin = perf_counter()
        try:
            found[name] = Loaded(make(), perf_counter() - begin)
        except Exception as error:  # whatever a package does when it is loaded, the others are measured
            missing[name] = f"{type(error).__name__}: {error}"
    return found, missing
