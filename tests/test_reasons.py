"""Why a figure of a run is read so: over the demonstration dump, and where the rules have changed since."""

from __future__ import annotations

import json
import shutil
from dataclasses import fields
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from pipeline import explain, explain_text, explore, lexicon
from pipeline.model import FigureRow, Options
from pipeline.reasons import COLUMNS

ACTIONS = "verb,groups,source\n督考,inspect,county usage\n"


@pytest.fixture(scope="module")
def every(demo: Path) -> pd.DataFrame:
    """The reasons of all figures of the demonstration dump."""
    ids = ds.dataset(demo / "articles").to_table(columns=["article_id"])["article_id"].to_pylist()
    return pd.concat([explain(demo, article_id) for article_id in ids])


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "actions.csv").write_text(ACTIONS, encoding="utf-8")
    return folder


def changed(demo: Path, out: Path, column: str, figure_id: str, value: object) -> Path:
    """A copy of a run whose table holds something else for one figure."""
    shutil.copytree(demo, out)
    for part in (out / "figures").glob("*.parquet"):
        table = pq.read_table(part)
        cells = [
            value if i == figure_id else old
            for i, old in zip(table["figure_id"].to_pylist(), table[column].to_pylist(), strict=True)
        ]
        at = table.schema.get_field_index(column)
        pq.write_table(table.set_column(at, table.schema.field(at), [cells]), part)
    return out


class TestRun:
    def test_every_filled_column_of_every_figure_has_a_reason(self, demo: Path, every: pd.DataFrame) -> None:
        told = {(r.figure_id, r.field) for r in every.itertuples()}
        wanted = ("value", "bound", "action", "object", "role", "metric", "actor", "actor_level", "direction")
        wanted += ("part_of", "region", "place", "campaign", "period_text", "period_start", "period_end", "confidence")
        figures = ds.dataset(demo / "figures").to_table().to_pylist()
        missing = [(f["figure_id"], c) for f in figures for c in wanted if f[c] and (f["figure_id"], c) not in told]
        assert len(figures) > 200
        assert missing == []

    def test_reading_again_gives_what_the_run_holds(self, every: pd.DataFrame) -> None:
        assert every[every.stored != ""].to_dict("records") == []

    def test_words_stand_where_it_says_in_texts_that_were_not_repaired(self, demo: Path, every: pd.DataFrame) -> None:
        articles = ds.dataset(demo / "articles").to_table(filter=pc.field("n_repairs") == 0).to_pylist()
        texts = {a["article_id"]: a["raw_text"] for a in articles if a["script"] == "simplified"}
        placed = every[every.start.notna()]
        placed = placed[placed.figure_id.str.rsplit(":", n=1).str[0].isin(texts)]
        assert len(placed) > 1000
        for r in placed.itertuples():
            assert texts[r.figure_id.rsplit(":", 1)[0]][r.start : r.end] == r.words

    def test_all_that_decided_has_words(self, every: pd.DataFrame) -> None:
        assert set(every.decided_by[every.meaning == every.decided_by]) == set()

    def test_the_weights_told_of_a_whole_are_those_that_decided(self, every: pd.DataFrame) -> None:
        told = every[every.decided_by.str.startswith("whole:")]
        assert set(every.figure_id[(every.field == "part_of") & (every.value != "")]) <= set(told.figure_id)
        assert not told.figure_id.duplicated().any()
        weighed = told[told.decided_by != "whole:context"]
        assert len(weighed) > 20
        for r in weighed.itertuples():
            assert (r.weight > 0) == (r.value != "")
            assert pd.isna(r.alternative_weight) or r.alternative_weight <= r.weight

    def test_one_figure_and_its_article_tell_the_same(self, demo: Path, every: pd.DataFrame) -> None:
        figure_id = "2025-eight-provisions/chongqing:263"
        one = explain(demo, figure_id)
        assert list(one.columns) == list(COLUMNS)
        pd.testing.assert_frame_equal(one, every[every.figure_id == figure_id].reset_index(drop=True))

    def test_fields_are_columns_of_the_figures(self, every: pd.DataFrame) -> None:
        assert set(every.field) <= {f.name for f in fields(FigureRow)}

    def test_an_id_that_is_not_there(self, demo: Path) -> None:
        with pytest.raises(explore.NotFoundError, match="there is no figure and no article"):
            explain(demo, "nothing:1")


class TestOtherRules:
    def test_a_column_that_the_run_holds_otherwise_is_said(self, demo: Path, tmp_path: Path) -> None:
        figure_id = "2025-eight-provisions/chongqing:263"
        told = explain(changed(demo, tmp_path / "out", "metric", figure_id, "other"), figure_id)
        metric = told[told.field == "metric"]
        assert set(metric.value) == {"issues_found"}
        assert set(metric.stored) == {"other"}
        assert set(told.stored[told.field != "metric"]) == {""}

    def test_a_column_that_has_no_reason_of_its_own_is_said_too(self, demo: Path, tmp_path: Path) -> None:
        figure_id = "2025-eight-provisions/chongqing:263"
        told = explain(changed(demo, tmp_path / "out", "kind", figure_id, "people"), figure_id)
        assert told[told.field == "kind"][["value", "stored", "decided_by"]].to_numpy().tolist() == [
            ["count", "people", "stored:other"]
        ]

    def test_a_figure_that_is_not_found_any_more_is_said(self, demo: Path, tmp_path: Path) -> None:
        figure_id = "2025-eight-provisions/chongqing:263"
        out = changed(demo, tmp_path / "out", "figure_id", figure_id, "2025-eight-provisions/chongqing:1")
        told = explain(out, "2025-eight-provisions/chongqing:1")
        assert told[["value", "stored", "decided_by"]].to_numpy().tolist() == [["", "1348个", "stored:gone"]]

    def test_the_lexicons_of_the_run_are_used_and_then_put_back(self, mine: Path, tmp_path: Path) -> None:
        from pipeline.engine import run

        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "a.txt").write_text("我县督考单位30家。", encoding="utf-8")
        out = tmp_path / "out"
        run(tmp_path / "in", out, Options(lexicons=(str(mine),)), workers=1)
        lexicon.use([])
        told = explain(out, "a:6")
        assert told[told.field == "action"].iloc[0].decided_by == "action:before"
        assert set(told.stored) == {""}
        assert lexicon.folders() == ()
        (out / "run.json").write_text(
            json.dumps(json.loads((out / "run.json").read_text("utf-8")) | {"options": {}}), encoding="utf-8"
        )
        assert explain(out, "a:6").query("field == 'metric'").stored.iloc[0] == "units_inspected"
        shutil.rmtree(mine)


class TestText:
    def test_a_lexicon_line_of_ones_own_can_be_tried(self, mine: Path) -> None:
        def metric(options: Options) -> str:
            told = explain_text("我县督考单位30家", options=options)
            return str(told[told.field == "metric"].iloc[0].value)

        assert metric(Options()) != "units_inspected"
        assert metric(Options(lexicons=(str(mine),))) == "units_inspected"

    def test_a_text_without_figures_has_no_reasons(self) -> None:
        told = explain_text("会议召开")
        assert told.empty
        assert list(told.columns) == list(COLUMNS)

    @pytest.mark.parametrize("region", ["500101", "万州区", "万州"])
    def test_a_region_by_code_or_name(self, region: str) -> None:
        told = explain_text("查处问题5起", region=region, published=date(2020, 1, 1))
        assert set(told[told.field == "region"].value) == {"500101 万州区"}

    @pytest.mark.parametrize(
        ("region", "hint"), [("鼓楼区", "320106 江苏省南京市鼓楼区"), ("亚特兰蒂斯", "a code of GB/T")]
    )
    def test_a_region_that_is_not_one(self, region: str, hint: str) -> None:
        with pytest.raises(explore.NotFoundError, match=hint):
            explain_text("查处问题5起", region=region)

    def test_in_chinese(self) -> None:
        told = explain_text("查处问题超过50件", language="chinese")
        assert "数字前的词" in told[told.field == "bound"].iloc[0].meaning

    def test_words_of_a_damaged_text_are_the_mended_ones_at_their_raw_place(self) -> None:
        raw = "全市查處(chǔ)問題(tí)5起"
        told = explain_text(raw, region="500000")
        action = told[told.field == "action"].iloc[0]
        assert action.words == "查处"
        assert raw[action.start : action.end].startswith("查處")
