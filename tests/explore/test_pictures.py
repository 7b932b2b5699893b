from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline import lexicon
from pipeline.explore import NotFoundError, highlight, tile_map
from pipeline.explore.pictures import Highlighted


def test_every_province_has_a_tile_of_its_own() -> None:
    tiles = lexicon.table("province_tiles")
    assert len(tiles) == 34
    assert len({(tile["column"], tile["row"]) for tile in tiles}) == 34


def test_tile_map_colours_provinces_by_their_first_value() -> None:
    values = pd.DataFrame({"region": ["500000", "500000", "500101", "630000"], "value": [65000.0, 1.0, 5.0, None]})
    chart = tile_map(values, title="查找问题")
    (data,) = chart.to_dict()["datasets"].values()
    shown = {row["label"]: row["value"] for row in data if row["value"] is not None}
    assert shown == {"重庆": 65000.0}
    assert len(data) == 34


def test_tile_map_without_values() -> None:
    (data,) = tile_map(pd.DataFrame({"region": [], "value": []})).to_dict()["datasets"].values()
    assert all(row["value"] is None for row in data)


def test_tile_map_needs_its_column() -> None:
    with pytest.raises(KeyError, match="rate"):
        tile_map(pd.DataFrame({"region": [], "value": []}), value="rate")


def test_highlight_marks_a_figure_in_its_sentence(demo: Path) -> None:
    from pipeline import explore

    figures = explore.load(demo, where={"article_id": "2018-style-rectification/baicheng", "quote": "4179个"})
    found = highlight(demo, figures["figure_id"].iloc[0])
    assert "【4179个】" in str(found)
    assert str(found).count("【") == 1
    assert ">4179个</mark>" in found._repr_html_()
    assert "白城" in found.caption


def test_highlight_marks_all_figures_of_an_article(demo: Path) -> None:
    from pipeline import explore

    article = explore.load(demo, "articles", where={"article_id": "2018-style-rectification/baicheng"}).iloc[0]
    found = highlight(demo, article["article_id"])
    assert "".join(text for text, _, _ in found.pieces) == article["raw_text"]
    assert str(found).count("【") == article["n_figures"]


def test_markup_stays_text() -> None:
    html = Highlighted((("<b>", "", ""), ("<i>", "this", '"><script>')), "<u>")._repr_html_()
    for tag in ("<b>", "<i>", "<u>", "<script>"):
        assert tag not in html


def test_highlight_of_nothing(demo: Path) -> None:
    with pytest.raises(NotFoundError, match="no figure and no article"):
        highlight(demo, "nowhere")
