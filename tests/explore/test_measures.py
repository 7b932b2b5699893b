from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.explore.measures import funnel, load, series

COLUMNS = ["region", "region_name", "campaign", "metric", "unit", "period_end", "last_published", "value", "n_reports"]
LONG = pd.DataFrame(
    [
        ("500101", "万州区", "教育整顿", "issues_found", "个", date(2021, 6, 30), date(2021, 7, 2), 120.0, 2),
        ("500101", "万州区", "教育整顿", "issues_found", "个", date(2021, 3, 31), date(2021, 4, 2), 100.0, 1),
        ("500101", "万州区", "教育整顿", "issues_rectified", "个", date(2021, 6, 30), date(2021, 7, 2), 90.0, 1),
        ("500101", "万州区", "教育整顿", "issues_rectified", "项", date(2021, 6, 30), date(2021, 7, 2), 7.0, 1),
        ("500106", "沙坪坝区", None, "issues_found", "个", None, date(2021, 5, 1), 0.0, 1),
        ("500106", "沙坪坝区", None, "issues_rectified", "个", None, date(2021, 5, 1), 0.0, 1),
        ("500107", "九龙坡区", "教育整顿", "issues_found", "个", None, date(2021, 5, 1), 8.0, 1),
    ],
    columns=COLUMNS,
)


def test_series_goes_in_the_order_of_time() -> None:
    points = series(LONG, "issues_found", region="500101")
    assert points["value"].tolist() == [100, 120]
    assert points["change"].tolist()[1] == 20
    assert pd.isna(points["change"].iloc[0])
    assert points["date"].tolist() == [pd.Timestamp(2021, 3, 31), pd.Timestamp(2021, 6, 30)]


def test_a_point_without_a_period_stands_at_its_report() -> None:
    points = series(LONG, "issues_found", region="500106")
    assert points["date"].tolist() == [pd.Timestamp(2021, 5, 1)]


def test_series_of_another_region_starts_anew() -> None:
    points = series(LONG, "issues_found")
    assert len(points) == 4
    assert points["change"].notna().sum() == 1


@pytest.mark.parametrize(("chosen", "rows"), [({"unit": "项"}, 1), ({"campaign": "教育整顿"}, 2), ({"region": "x"}, 0)])
def test_series_filters(chosen: dict[str, str], rows: int) -> None:
    assert len(series(LONG, "issues_rectified", **chosen)) == rows


def test_funnel_takes_the_latest_values_of_one_unit() -> None:
    steps = funnel(LONG).set_index("region")
    assert steps.loc["500101", ["issues_found", "issues_rectified", "issues_rectified_percent"]].tolist() == [
        120,
        90,
        75,
    ]
    assert pd.isna(steps.loc["500106", "issues_rectified_percent"])
    assert pd.isna(steps.loc["500107", "issues_rectified"])
    assert list(steps["unit"]) == ["个"] * 3


def test_funnel_of_one_campaign() -> None:
    assert funnel(LONG, campaign="教育整顿")["region"].tolist() == ["500101", "500107"]


def test_a_part_goes_with_its_whole_in_a_funnel() -> None:
    rows = [
        ("issues_found", 4179.0, ["r:1"], []),
        ("issues_found", 244.0, ["r:50"], []),
        ("issues_rectified", 186.0, ["r:60"], ["r:50"]),
    ]
    long = pd.DataFrame(
        [
            ("220800", "白城市", "主题教育", metric, "个", None, date(2019, 10, 1), value, 1, ids, wholes)
            for metric, value, ids, wholes in rows
        ],
        columns=[*COLUMNS, "figure_ids", "whole_ids"],
    )
    assert funnel(long)[["issues_found", "issues_rectified"]].to_numpy().tolist() == [[244.0, 186.0]]
    # a part of something that is no problem found has no step before it
    long.at[2, "whole_ids"] = ["r:99"]
    assert funnel(long)["issues_rectified"].isna().all()


def test_funnel_needs_two_steps() -> None:
    with pytest.raises(ValueError, match="two or more metrics"):
        funnel(LONG, ["issues_found"])


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "figures").mkdir()
    (tmp_path / "tables").mkdir()
    for part in (0, 1):
        table = pa.table({"figure_id": [f"a{part}:1", f"a{part}:2"], "metric": ["issues_found", "other"]})
        pq.write_table(table, tmp_path / "figures" / f"part-{part}.parquet")
    pq.write_table(pa.table({"region": ["500101"], "value": [1.0]}), tmp_path / "tables" / "metrics_long.parquet")
    return tmp_path


def test_load_reads_the_rows_and_columns_asked_for(out: Path) -> None:
    assert len(load(out)) == 4
    found = load(out, "figures", columns=["figure_id"], where={"metric": "issues_found"})
    assert found.to_dict("list") == {"figure_id": ["a0:1", "a1:1"]}
    assert len(load(out, where={"metric": ["issues_found", "other"], "figure_id": "a0:1"})) == 1
    assert load(out, "metrics_long")["region"].tolist() == ["500101"]


def test_load_says_how_to_get_what_is_missing(out: Path) -> None:
    with pytest.raises(FileNotFoundError, match="--tokens"):
        load(out, "tokens")
    with pytest.raises(FileNotFoundError, match="zhanbao run"):
        load(out, "articles")
