from __future__ import annotations

import pytest

from pipeline import lexicon
from pipeline.lexicon import gazetteer


def test_every_code_of_the_place_lexicons_is_known() -> None:
    for name in ("place_aliases", "zones", "outlets"):
        unknown = [r["name"] for r in lexicon.table(name) if gazetteer.at(r["code"]) is None]
        assert not unknown, name


def test_parents_are_known_and_of_a_higher_level() -> None:
    for d in gazetteer.divisions():
        if d.code != gazetteer.COUNTRY:
            parent = gazetteer.at(d.parent, d.since)
            assert parent is not None, d
            assert gazetteer.LEVELS.index(parent.level) < gazetteer.LEVELS.index(d.level), d


@pytest.mark.parametrize(
    ("year", "provinces", "at_least"), [(1990, 30, 2800), (2000, 33, 2850), (2010, 34, 2850), (2024, 34, 2840)]
)
def test_size_by_year(year: int, provinces: int, at_least: int) -> None:
    assert abs(len(gazetteer.children(gazetteer.COUNTRY, year)) - provinces) <= 4
    counties = {d.code for d in gazetteer.divisions() if d.level == "county" and not gazetteer.distance(d, year)}
    assert at_least <= len(counties) <= 2950


@pytest.mark.parametrize(
    ("code", "year", "names"),
    [
        ("110101", 2020, ("东城区", "北京市", None, "东城区")),
        ("500101", 2020, ("万州区", "重庆市", None, "万州区")),
        ("429004", 2020, ("仙桃市", "湖北省", None, "仙桃市")),
        ("441900", 2020, ("东莞市", "广东省", "东莞市", None)),
        ("659003", 2018, ("图木舒克市", "新疆维吾尔自治区", None, "图木舒克市")),
        ("100000", 2020, ("全国", None, None, None)),
    ],
)
def test_region_row(code: str, year: int, names: tuple[str | None, ...]) -> None:
    row = gazetteer.region_row(code, year)
    assert row is not None
    assert (row.name, row.province, row.prefecture, row.county) == names


def test_unknown_code_has_no_row() -> None:
    assert gazetteer.region_row("999999") is None
    assert gazetteer.level("999999") is None
    assert gazetteer.line("999999") == ("999999",)
    assert gazetteer.children("999999") == ()


def test_one_lineage_through_changes() -> None:
    old, new = gazetteer.at("520522", 2015), gazetteer.at("520581", 2023)
    assert old is not None and new is not None
    assert (old.name, new.name) == ("黔西县", "黔西市")
    assert old.lineage == new.lineage
    assert gazetteer.in_year(old, 2023) == new


def test_user_rows_go_in_front(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    (folder / "gazetteer.csv").write_text(
        "code,since,until,name,short,level,parent,lineage,caution,source\n"
        "653229,2025,2035,试验县,试验,county,653200,653229,,made for this test\n",
        encoding="utf-8",
    )
    try:
        lexicon.use([folder])
        assert [d.name for d in gazetteer.divisions() if d.since == 2025] == ["试验县"]
    finally:
        lexicon.use([])
    assert not [d for d in gazetteer.divisions() if d.since == 2025]
