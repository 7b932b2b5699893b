"""Small runs made by hand for the tests of the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from pipeline.model import ArticleRow, FigureRow
from pipeline.rows import schema, to_table, write_table

BASE_FIGURE = FigureRow(
    figure_id="", article_id="", start=0, end=2, quote="", sentence="", sentence_start=0, sentence_end=100, value=0.0,
    value_max=None, bound="exact", unit="个", kind="count", direction="", role="result", metric="issues_found",
    action="查找", object="问题", actor="", actor_level=None, region="220800", region_name="白城市", province="吉林省",
    prefecture="白城市", county=None, place=None, region_basis="clause", region_candidates=[], campaign=None,
    period_start=None, period_end=None, period_text="", part_of=None, rule="made", confidence=0.9,
)  # fmt: skip

BASE_ARTICLE = ArticleRow(
    article_id="", source_path="", source_row=None, url=None, title=None, author=None, outlet=None, published=None,
    script="simplified", encoding="utf-8", raw_text="", text="", n_repairs=0, n_damaged=0, region=None, campaigns=[],
    n_figures=0, duplicate_of=None, sha256="", repairs=[],
)  # fmt: skip


@dataclass
class Report:
    """An article with its figures; ``figure`` adds one and returns its id."""

    article_id: str
    text: str = ""
    published: date | None = None
    outlet: str | None = None
    figures: list[FigureRow] = field(default_factory=list)

    def figure(self, value: float, **changes: object) -> str:
        start = 10 * (len(self.figures) + 1)
        figure_id = f"{self.article_id}:{start}"
        row = replace(
            BASE_FIGURE, figure_id=figure_id, article_id=self.article_id, start=start, end=start + 4, value=value,
            quote=f"{value:g}", **changes,  # type: ignore[arg-type]
        )  # fmt: skip
        self.figures.append(row)
        return figure_id

    def row(self) -> ArticleRow:
        # texts of their own, so that no report is a reprint of another by accident
        text = self.text or f"{self.article_id}的报道"
        return replace(
            BASE_ARTICLE, article_id=self.article_id, source_path=f"{self.article_id}.txt", raw_text=text, text=text,
            published=self.published, outlet=self.outlet, n_figures=len(self.figures),
        )  # fmt: skip


def _cells(row_type: type, rows: Sequence[object]) -> list[tuple[object, ...]]:
    return [tuple(getattr(row, name) for name in schema(row_type).names) for row in rows]


def write_run(out: Path, reports: Sequence[Report], parts: int = 1) -> Path:
    """Write the reports as the articles and figures of a run, spread over so many parts."""
    for number in range(parts):
        some = reports[number::parts]
        articles = _cells(ArticleRow, [report.row() for report in some])
        figures = _cells(FigureRow, [figure for report in some for figure in report.figures])
        write_table(to_table(ArticleRow, articles), out / "articles" / f"{number}.parquet")
        write_table(to_table(FigureRow, figures), out / "figures" / f"{number}.parquet")
    return out
