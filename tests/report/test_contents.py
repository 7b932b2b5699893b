"""The data of the report page."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.report import build
from pipeline.report.contents import FIGURE, Limits
from pipeline.report.page import texts
from pipeline.stages.simplify import convert

from .made import large_run


def piece(out: Path, name: str) -> Any:
    """What a script of data hands to the page."""
    script = (out / "report" / "data" / f"{name}.js").read_text(encoding="utf-8")
    head, body = script.split(", ", 1)
    assert head == f'zhanbao.take("{name}"'
    return json.loads(body.removesuffix(");\n"))


def units(text: str, start: int, end: int) -> str:
    """What a browser cuts out of a text."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


@pytest.mark.parametrize("run", ["demo_report", "hostile_report"])
def test_offsets_are_those_of_a_browser(run: str, request: pytest.FixtureRequest) -> None:
    out = request.getfixturevalue(run)
    seen = 0
    for article in piece(out, "articles-0"):
        for values in article["figures"]:
            figure = dict(zip(FIGURE, values, strict=True))
            raw = units(article.get("raw", article["text"]), figure["raw_start"], figure["raw_end"])
            text = units(article["text"], figure["start"], figure["end"])
            assert figure["sentence_start"] <= figure["start"] < figure["end"] <= figure["sentence_end"]
            assert text
            if "(" not in raw:
                assert convert(raw) == text
            seen += 1
    assert seen


def test_repairs_say_what_stands_there_now(demo_report: Path) -> None:
    articles = piece(demo_report, "articles-0")
    repairs = [(a, r) for a in articles for r in a["repairs"] if r[4] == "reading"]
    assert repairs
    for article, (raw_start, raw_end, start, end, _, _) in repairs:
        assert article["raw"][raw_start:raw_end].startswith("(")
        assert start == end


def test_facts_lead_to_their_figures(demo_report: Path) -> None:
    index = piece(demo_report, "index")
    articles = piece(demo_report, "articles-0")
    assert index["chunks"] == [0, len(articles)]
    facts = index["facts"]
    for value, figures in zip(facts["value"], facts["figures"], strict=True):
        stated = [articles[number]["figures"][place][FIGURE.index("value")] for number, place in figures]
        assert value in stated


def test_what_is_left_out_is_counted(demo_report: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(demo_report, out)
    build(out, Limits(articles=5, facts=20, sources=1, listed=1))
    index = piece(out, "index")
    assert index["chunks"][-1] == 5
    assert len(index["facts"]["region"]) == 20
    assert index["left_out"]["articles"] == index["run"]["counts"]["articles"] - 5
    assert index["left_out"]["facts"] == index["run"]["counts"]["facts"] - 20
    assert len(piece(out, "checks")) == 1


def test_the_same_run_gives_the_same_bytes(demo_report: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(demo_report, out)
    build(out)
    for path in sorted((demo_report / "report").rglob("*.*")):
        assert path.read_bytes() == (out / path.relative_to(demo_report)).read_bytes(), path.name


def test_an_output_without_a_run_has_no_page(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="zhanbao run"):
        build(tmp_path)


def test_markup_in_the_name_of_a_dump_stays_text(demo_report: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(demo_report, out)
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    (out / "run.json").write_text(json.dumps(run | {"source": "<script>x"}), encoding="utf-8")
    html = build(out).read_text(encoding="utf-8")
    assert "<script>x" not in html
    assert "&lt;script&gt;x" in html


def test_every_text_is_there_in_both_languages() -> None:
    assert all(all(both) and len(both) == 2 for both in texts().values())


def test_texts_of_any_size_go_past_the_queries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = large_run(tmp_path, 300)
    for part in sorted((out / "articles").glob("*.parquet")):
        articles = pq.read_table(part)
        # one after the other each of them fits, together they are more than queries may hold
        long = pa.array([f"{text}{'此处省略。' * 15_000}" for text in articles["text"].to_pylist()])
        for name in ("raw_text", "text"):
            articles = articles.set_column(articles.schema.get_field_index(name), articles.schema.field(name), long)
        pq.write_table(articles, part, row_group_size=20)
    monkeypatch.setattr("pipeline.report.page._MEMORY_MB", 48)
    build(out)
    chunks = piece(out, "index")["chunks"]
    assert chunks[-1] == 300 and len(chunks) > 50
    assert all(article["figures"] for article in piece(out, "articles-0"))
