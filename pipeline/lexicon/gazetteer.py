"""The administrative divisions of China by year: names, levels and parents, looked up by code.

Codes are the six digits of GB/T 2260; 100000 stands for the whole country. The table is ``gazetteer.csv``
(1980 to 2024, see ``make_gazetteer.py``). A year outside the table means its nearest year.

>>> region_row("500152", 2020).name, region_row("500223", 2013).name
('潼南区', '潼南县')
>>> region_row("220800").province, region_row("220800").prefecture, region_row("220800").county
('吉林省', '白城市', None)
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import NamedTuple

from pipeline import lexicon

__all__ = [
    "COUNTRY",
    "LEVELS",
    "Division",
    "Region",
    "ancestors",
    "at",
    "children",
    "distance",
    "divisions",
    "in_year",
    "last_year",
    "level",
    "line",
    "region_row",
]

COUNTRY = "100000"
LEVELS = ("country", "province", "prefecture", "county")


class Division(NamedTuple):
    """A division under one name and code, with the years (ends included) in which it had them."""

    code: str
    since: int
    until: int
    name: str
    #: the name without 省, 市, 县 …: 白城, 湘西
    short: str
    #: country, province, prefecture or county
    level: str
    #: code of the prefecture, else of the province; '' for the country
    parent: str
    #: the same for one unit under all its names and codes
    lineage: str
    #: how far the short form can be trusted: '' (a name), ``support`` (often one) or ``word`` (an everyday word)
    caution: str


class Region(NamedTuple):
    """A code spelt out for a row of a table. Municipalities are provinces; their districts have no prefecture."""

    code: str
    name: str
    province: str | None
    prefecture: str | None
    county: str | None
    level: str


def _whole_country() -> Division:
    return Division(COUNTRY, 1949, 9999, "全国", "全国", "country", "", COUNTRY, "")


@cache
def divisions() -> tuple[Division, ...]:
    """All rows of the gazetteer and the country."""
    return (_whole_country(), *(_division(r) for r in lexicon.table("gazetteer")))


def _division(r: lexicon.Row) -> Division:
    since, until = int(r["since"]), int(r["until"])
    parent = r["parent"] or COUNTRY
    return Division(
        r["code"], since, until, r["name"], r["short"], r["level"], parent, r["lineage"] or r["code"], r["caution"]
    )


@cache
def _by_code() -> Mapping[str, tuple[Division, ...]]:
    return _grouped("code")


@cache
def _by_lineage() -> Mapping[str, tuple[Division, ...]]:
    return _grouped("lineage")


def _grouped(attribute: str) -> Mapping[str, tuple[Division, ...]]:
    groups: dict[str, list[Division]] = {}
    for d in divisions():
        groups.setdefault(getattr(d, attribute), []).append(d)
    return MappingProxyType({k: tuple(v) for k, v in groups.items()})


@cache
def last_year() -> int:
    """The last year of the gazetteer; a later year means this one."""
    return max(d.until for d in divisions() if d.code != COUNTRY)


def distance(division: Division, year: int) -> int:
    """By how many years a year misses the division's own; 0 within them.

    >>> distance(at("500152"), 2013), distance(at("500152"), 2030)
    (2, 0)
    """
    year = min(year, last_year())
    return max(0, division.since - year, year - division.until)


def names_of(region: str) -> list[str]:
    """A code or name as given, and the full names of the divisions whose short name it is.

    >>> names_of("木兰"), names_of("230127")
    (['木兰', '木兰县'], ['230127'])
    """
    return [region, *sorted({d.name for d in divisions() if d.short == region} - {region})]


@lru_cache(maxsize=1 << 13)
def at(code: str, year: int | None = None) -> Division | None:
    """The division that had this code in that year (the latest without one), else in the nearest year.

    >>> at("429004").name, at("999999")
    ('仙桃市', None)
    """
    rows = _by_code().get(code)
    if rows is None:
        return None
    wanted = year or last_year()
    return min(rows, key=lambda d: (distance(d, wanted), -d.until))


@lru_cache(maxsize=1 << 13)
def in_year(division: Division, year: int) -> Division:
    """The same unit as it was in that year, under its name and code of then; itself where it did not exist.

    >>> in_year(at("500223", 2010), 2018).name
    '潼南区'
    """
    if not distance(division, year):
        return division
    kin = [d for d in _by_lineage()[division.lineage] if not distance(d, year)]
    return kin[0] if len(kin) == 1 else division


@lru_cache(maxsize=1 << 13)
def ancestors(code: str, year: int | None = None) -> tuple[Division, ...]:
    """From the country down to the division itself; empty for an unknown code.

    >>> [d.name for d in ancestors("130433")]
    ['全国', '河北省', '邯郸市', '馆陶县']
    """
    found = at(code, year)
    if found is None:
        return ()
    return (*ancestors(found.parent, year), found) if found.parent else (found,)


@cache
def line(code: str) -> tuple[str, ...]:
    """The codes from the country down to the division, by the latest parents; only itself for an unknown code.

    >>> line("130433")
    ('100000', '130000', '130400', '130433')
    """
    return tuple(d.code for d in ancestors(code)) or (code,)


@lru_cache(maxsize=1 << 13)
def region_row(code: str, year: int | None = None) -> Region | None:
    """Name, province, prefecture and county of a code as of that year, the latest without one.

    >>> region_row("100000")
    Region(code='100000', name='全国', province=None, prefecture=None, county=None, level='country')
    """
    chain = ancestors(code, year)
    if not chain:
        return None
    names = {d.level: d.name for d in chain}
    return Region(
        code, chain[-1].name, names.get("province"), names.get("prefecture"), names.get("county"), chain[-1].level
    )


def level(code: str) -> str | None:
    """country, province, prefecture or county; None for an unknown code."""
    found = at(code)
    return found.level if found else None


@cache
def children(code: str, year: int | None = None) -> tuple[str, ...]:
    """The codes directly below a division in that year, the latest without one.

    >>> len(children("100000")), "130433" in children("130400")
    (34, True)
    """
    wanted = year or last_year()
    return tuple(sorted({d.code for d in divisions() if d.parent == code and not distance(d, wanted)}))


for _cached in (divisions, _by_code, _by_lineage, last_year, at, in_year, ancestors, line, region_row, children):
    lexicon.on_change(_cached)
