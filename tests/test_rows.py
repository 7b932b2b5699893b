"""Rows and the Parquet files made of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import lexicon
from pipeline.model import (
    Article,
    ArticleRow,
    Attribution,
    FigureRow,
    Location,
    Metric,
    Period,
    Quantity,
    Repair,
    Sentence,
)
from pipeline.offsets import Edit, OffsetMap, apply
from pipeline.rows import (
    article_row,
    figure_rows,
    figure_table,
    schema,
    to_table,
    write_articles,
    write_figures,
    write_rows,
)

TEXT = "全市查找问题4179个,整改率71.6%。"


def quantity(start: int, end: int, value: float, unit: str = "个", kind: str = "count") -> Quantity:
    return Quantity(start, end, value, None, "exact", unit, kind, 0, 0, "arabic")


def article() -> Article:
    return Article(
        article_id="a/1",
        raw_text=TEXT,
        text=TEXT,
        source_path="a/1.txt",
        published=date(2018, 8, 20),
        sentences=(Sentence(0, len(TEXT), 0, ()),),
        quantities=(quantity(6, 11, 4179.0), quantity(15, 20, 71.6, "%", "percent")),
        attributions=(
            Attribution("result", "查找", "问题", "全市", rule="verb", confidence=0.9),
            Attribution("result", "整改", "问题", part_of=0),
        ),
        locations=(
            Location("220800", "白城市", "吉林省", "白城市", basis="clause", confidence=0.5),
            Location("220800"),
        ),
        periods=(Period(date(2018, 7, 27), None, "7月27日以来", "作风整顿"), Period()),
        metrics=(Metric("issues_found", "lexicon"), Metric("rectification_rate")),
    )


@pytest.mark.parametrize("row_type", [ArticleRow, FigureRow])
def test_schema_has_the_fields_of_the_row_class(row_type: type) -> None:
    made = schema(row_type)
    assert made.names == [f.name for f in fields(row_type)]
    hints = get_type_hints(row_type)
    assert all(made.field(name).nullable == (type(None) in getattr(hints[name], "__args__", ())) for name in made.names)


def test_figure_rows_quote_the_raw_text() -> None:
    first, second = figure_rows(article())
    assert (first.figure_id, first.quote) == ("a/1:6", "4179个")
    assert (second.part_of, second.quote) == ("a/1:6", "71.6%")
    assert first.sentence == TEXT
    assert (first.sentence_start, first.sentence_end) == (0, len(TEXT))


def test_confidence_is_calibrated_and_combined() -> None:
    table = {float(r["raw"]): float(r["confidence"]) for r in lexicon.table("calibration")}
    first, second = figure_rows(article())
    assert first.confidence == pytest.approx(table[0.9] * 0.5)
    assert second.confidence == pytest.approx(table[1.0])
    assert first.rule == "quantity:arabic role:verb metric:lexicon"


def test_calibration_never_falls() -> None:
    shares = [float(r["confidence"]) for r in lexicon.table("calibration")]
    assert shares == sorted(shares)


def test_stages_that_have_not_run_leave_empty_columns() -> None:
    bare = replace(article(), attributions=(), locations=(), periods=(), metrics=())
    row = figure_rows(bare)[0]
    assert (row.role, row.metric, row.region, row.campaign, row.part_of) == ("context", "", None, None, None)


def test_only_results_and_targets_have_a_metric() -> None:
    acting = replace(article(), attributions=(Attribution("actor"), Attribution("target")))
    assert [row.metric for row in figure_rows(acting)] == ["", "rectification_rate"]


def test_figures_read_from_one_repaired_place_have_ids_of_their_own() -> None:
    offsets = OffsetMap.identity().then([Edit(0, 4, "三个五个")])
    made = Article(
        "x", "乱乱乱乱", text="三个五个", offsets=offsets, sentences=(Sentence(0, 4, 0, ()),),
        quantities=(quantity(0, 2, 3.0), quantity(2, 4, 5.0)),
    )  # fmt: skip
    ids = [row.figure_id for row in figure_rows(made)]
    assert len(set(ids)) == 2


def test_article_row_counts_and_hashes() -> None:
    row = article_row(article(), duplicate_of="b")
    assert (row.n_figures, row.n_repairs, row.duplicate_of) == (2, 0, "b")
    assert len(row.sha256) == 64


def test_table_equals_rows() -> None:
    rows = figure_rows(article())
    assert figure_table([article()]).to_pylist() == [{n: getattr(r, n) for n in schema(FigureRow).names} for r in rows]


def test_files_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert write_figures([article()], tmp_path / name / "f.parquet") == 2
        assert write_articles([article()], tmp_path / name / "a.parquet") == 1
    for file in ("f.parquet", "a.parquet"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    assert pq.read_schema(tmp_path / "one" / "f.parquet").equals(schema(FigureRow))


def test_an_empty_part_still_has_its_columns(tmp_path: Path) -> None:
    write_figures([], tmp_path / "f.parquet")
    assert pq.read_table(tmp_path / "f.parquet").schema.equals(schema(FigureRow))


def test_a_file_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def rows() -> Iterator[tuple[object, ...]]:
        yield tuple(getattr(figure_rows(article())[0], name) for name in schema(FigureRow).names)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_rows(FigureRow, rows(), tmp_path / "f.parquet")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_rewrite_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    write_figures([article()], path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="may not be"):
        write_rows(FigureRow, [(None,) * len(schema(FigureRow))], path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["f.parquet"]


@given(st.lists(st.text("0123456789个人查找问题,。", min_size=1, max_size=8), min_size=1, max_size=12))
def test_every_quote_is_its_slice_of_the_raw_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    bounds, at = [], 0
    for piece in pieces:
        bounds.append((at, at + len(piece)))
        at += len(piece)
    made = Article("h", text, text=text, sentences=(Sentence(0, len(text), 0, ()),),
                   quantities=tuple(quantity(s, e, 1.0) for s, e in bounds))  # fmt: skip
    rows = figure_rows(made)
    assert [row.quote for row in rows] == pieces
    assert all(text[row.start : row.end] == row.quote for row in rows)
    assert len({row.figure_id for row in rows}) == len(rows)


def test_dates_are_days(tmp_path: Path) -> None:
    assert schema(FigureRow).field("period_start").type == pa.date32()


def test_repairs_lead_from_the_raw_text_to_the_repaired_one() -> None:
    mended = replace(article(), raw_text="整(zhěng)改", text="整改", repairs=(Repair(1, 8, "", "reading"),))
    written = to_table(
        ArticleRow, [[getattr(article_row(mended), name) for name in schema(ArticleRow).names]]
    ).to_pylist()[0]
    assert written["repairs"] == [{"start": 1, "end": 8, "after": "", "kind": "reading", "guessed": False}]
    assert apply(written["raw_text"], [Edit(r["start"], r["end"], r["after"]) for r in written["repairs"]]) == "整改"
