"""What the tests of the page work on: markup, a large run made without reading anything, an opened page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.lexicon import gazetteer
from pipeline.model import ArticleRow, FigureRow
from pipeline.report import build
from pipeline.rows import to_table, write_rows, write_table
from pipeline.tables.records import CheckRow, ConflictRow, MetricRow

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: a text that would do harm if it became markup
HOSTILE = "<script>window.broken = true</script><img src=x onerror='window.broken = true'>\u2028\"'&lt;"

METRICS = (("issues_found", "查找问题"), ("issues_rectified", "整改问题"), ("cases_filed", "立案"))


def large_run(out: Path, articles: int) -> Path:
    """A run of so many reports, each of a county and with three figures that are facts, and its page."""
    counties = [d for d in gazetteer.divisions() if d.level == "county" and d.since <= 2020 <= d.until]
    rows: list[ArticleRow] = []
    figures: list[FigureRow] = []
    facts: list[MetricRow] = []
    for number in range(articles):
        county = counties[number % len(counties)]
        whole = gazetteer.region_row(county.code, 2020)
        day = date(2014, 1, 1) + timedelta(days=number % 2000)
        values = [number % 997 + 10 * place for place in range(3)]
        head = f"{county.name}第{number}号报道。" + "本地各单位认真落实各项部署，逐条对照检查。" * 40
        text = f"{head}{county.name}共查找问题{values[0]}个，整改{values[1]}个，立案{values[2]}个。"
        first = len(head)
        article_id = f"made/{number}"
        rows.append(
            ArticleRow(
                article_id, f"{article_id}.txt", None, None, f"{county.name}报道之{number}", None, "演示稿", day,
                "simplified", "utf-8", text, text, 0, 0, county.code, ["作风整顿"], 3, None, "",
            )
        )  # fmt: skip
        at = first
        for (metric, label), value in zip(METRICS, values, strict=True):
            at = text.index(f"{value}个", at)
            end = at + len(f"{value}个")
            figures.append(
                FigureRow(
                    f"{article_id}:{at}", article_id, at, end, text[at:end], text[first:], first, len(text), value,
                    None, "exact", "个", "count", "", "result", metric, "查找", "问题", county.name, None, county.code,
                    county.name, whole.province, whole.prefecture, whole.county, None, "clause", [], "作风整顿", None,
                    day, "", None, "made", 0.9,
                )
            )  # fmt: skip
            facts.append(
                MetricRow(
                    county.code, county.name, whole.province, whole.prefecture, whole.county, "county", "作风整顿",
                    metric, label, "个", "count", None, day, float(value), "exact", 1, 0, day, day,
                    [f"{article_id}:{at}"], None, "", None, "问题", county.name, "查找", "", True, day, True, True,
                    False, f"{article_id}{metric}", 0.9, 0, [],
                )
            )  # fmt: skip
            at = end
    names = [ArticleRow.__slots__, FigureRow.__slots__]
    for folder, row_type, made, fields in zip(
        ("articles", "figures"), (ArticleRow, FigureRow), (rows, figures), names, strict=True
    ):
        cells = ([getattr(row, name) for name in fields] for row in made)
        write_table(to_table(row_type, cells), out / folder / "0.parquet")
    facts.sort(key=lambda fact: (fact.region or "", fact.metric))
    write_rows(MetricRow, facts, out / "tables" / "metrics_long.parquet")
    write_rows(CheckRow, [], out / "tables" / "checks.parquet")
    write_rows(ConflictRow, [], out / "tables" / "conflicts.parquet")
    (out / "rejected.jsonl").touch()
    counts = {"articles": articles, "figures": len(figures), "facts": len(facts)}
    run = {"source": "made", "counts": counts, "rejects": {}, "versions": {}}
    (out / "run.json").write_text(json.dumps(run), encoding="utf-8")
    build(out)
    return out


@contextmanager
def serving(out: Path, folder: Path) -> Iterator[str]:
    """The address of ``zhanbao serve`` over a run, as a process of its own that keeps its files in ``folder``."""
    command = [sys.executable, "-m", "pipeline", "serve", str(out), "--port", "0"]
    environment = os.environ | {"TMPDIR": str(folder)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True, encoding="utf-8") as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().split()[0]
        finally:
            server.terminate()
            assert server.wait(timeout=60) == 0
    assert list(folder.iterdir()) == []


def opened(page: Page, site: Path | str, view: str = "table") -> Page:
    """The page of a run, from the folder of its output or at its address, ready to be used."""
    address = site if isinstance(site, str) else (site / "report" / "index.html").as_uri()
    page.goto(f"{address}#{view}")
    page.wait_for_selector("html[data-ready]")
    page.wait_for_selector("#status:empty", state="attached")
    return page
