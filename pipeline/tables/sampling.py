"""A sheet for coders: a random sample of figures with what was extracted, and columns for their verdict.

The sample is systematic (Cochran 1977, Sampling Techniques, ch. 8): the figures are sorted by stratum, within a
stratum by a number drawn from the seed, and every N/n-th is taken from a random start. Each figure has the same
chance, and each stratum gets its share to within one, however many strata there are. The same run, seed and size give
the same sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import lexicon
from pipeline.rows import replacing
from pipeline.tables.store import TablesError, open_run

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

__all__ = ["FIELDS", "STRATA", "VERDICTS", "columns", "draw", "verdict_column", "write_sheet"]

#: fields of a figure that a coder judges, in the order of the sheet, with the columns that show them
FIELDS: dict[str, tuple[str, ...]] = {
    "value": ("value", "value_max", "bound"),
    "unit": ("unit",),
    "role": ("role", "direction"),
    "metric": ("metric", "metric_label"),
    "object": ("action", "object"),
    "actor": ("actor",),
    "region": ("region", "region_name", "place"),
    "campaign": ("campaign",),
    "period": ("period_start", "period_end", "period_text"),
    "part_of": ("whole",),
}

#: verdict as it stands in the list of a cell -> what it means
VERDICTS: dict[str, bool | None] = {"对": True, "错": False, "不清": None}

#: name of a stratum -> its column in SQL
STRATA = {
    "actor_level": "f.actor_level",
    "bound": "f.bound",
    "campaign": "f.campaign",
    "kind": "f.kind",
    "metric": "f.metric",
    "outlet": "a.outlet",
    "prefecture": "coalesce(f.prefecture, f.region_name)",
    "province": "f.province",
    "region": "f.region",
    "region_basis": "f.region_basis",
    "role": "f.role",
    "year": "year(a.published)",
}

#: fixed, so that the same sample gives the same file
_CREATED = datetime(2020, 1, 1)
_WIDTHS = {
    "before": 40,
    "sentence": 70,
    "behind": 24,
    "title": 24,
    "object": 20,
    "figure_id": 20,
    "stratum": 20,
    "comment": 24,
}
_CONTEXT = ("figure_id", "title", "outlet", "published", "url", "before", "sentence", "behind", "quote")
_WRAPPED = ("before", "sentence", "behind")

#: so many characters of the article are shown before the sentence and behind it
_BEFORE, _BEHIND = 240, 80


def draw(
    out: Path, size: int, by: Sequence[str] = ("metric", "region"), seed: int = 1, metrics: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Draw figures that enter the tables: results of articles that are no reprints.

    Args:
        out: the output folder of the run.
        size: how many figures; all where there are fewer.
        by: the strata, names of :data:`STRATA`, the most important first.
        seed: of the random numbers.
        metrics: only figures of these metrics; of all where left out.

    Returns:
        the figures in the order of article and text, each with the columns of the sheet and ``stratum``.

    Raises:
        TablesError: a stratum is unknown, or there is nothing to draw from.
    """
    if unknown := sorted(set(by) - set(STRATA)):
        raise TablesError(f"there is no stratum {', '.join(unknown)}; choose of {', '.join(STRATA)}")
    strata = [f"coalesce({STRATA[name]}::varchar, '')" for name in by] or ["''"]
    query = f"""
        with population as (
            select f.figure_id, concat_ws(' | ', {", ".join(strata)}) as stratum,
                row_number() over (order by {", ".join(strata)}, sha256(? || f.figure_id)) - 1 as place,
                count(*) over () as total
            from figures f join articles a using (article_id)
            where f.role = 'result' and f.metric <> '' and a.duplicate_of is null
                and (len(?) = 0 or list_contains(?, f.metric))
        ), drawn as (
            -- one of each stretch of total / size places, all with the same random offset
            select figure_id, stratum from population
            where floor((place + ?) * least(?, total) / total) > floor((place - 1 + ?) * least(?, total) / total)
        )
        select d.stratum, f.*, a.title, a.outlet, a.published, a.url, a.raw_text,
            concat_ws(' ', w.quote, nullif(w.object, '')) as whole
        from drawn d join figures f using (figure_id) join articles a on a.article_id = f.article_id
            left join figures w on w.figure_id = f.part_of
        order by f.article_id, f.start, f.figure_id
    """
    offset = _fraction(seed)
    with open_run(Path(out)) as connection:
        found = connection.execute(query, [f"{seed}:", list(metrics), list(metrics), offset, size, offset, size])
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    if not rows:
        of_metrics = f" of {', '.join(metrics)}" if metrics else ""
        raise TablesError(f"{out} has no figure{of_metrics} that enters the tables; is it the output of a run?")
    labels = {row["metric"]: row["label"] for row in lexicon.table("metrics")}
    return [_shown(row) | {"metric_label": labels.get(row["metric"], "")} for row in rows]


def _fraction(seed: int) -> float:
    """A number from 0 to 1 that the seed decides."""
    import random

    return random.Random(seed).random()


def _shown(figure: dict[str, Any]) -> dict[str, Any]:
    """A figure with what stands before and behind its sentence in place of the text of the article."""
    text, start, end = str(figure["raw_text"]), figure["sentence_start"], figure["sentence_end"]
    before, behind = text[max(0, start - _BEFORE) : start], text[end : end + _BEHIND]
    around = {"before": before.strip(), "sentence": _marked(figure), "behind": behind.strip()}
    return {name: value for name, value in figure.items() if name != "raw_text"} | around


def _marked(figure: dict[str, Any]) -> str:
    """The sentence with the figure in 【】, where a repair did not move it."""
    sentence, begin = str(figure["sentence"]), figure["sentence_start"]
    if len(sentence) != figure["sentence_end"] - begin:
        return sentence
    start, end = figure["start"] - begin, figure["end"] - begin
    return f"{sentence[:start]}【{sentence[start:end]}】{sentence[end:]}"


def columns() -> list[str]:
    """The columns of the sheet: context, then each field with its verdict, then room for a comment."""
    names = [*_CONTEXT]
    for field, shown in FIELDS.items():
        names += [*shown, verdict_column(field)]
    return [*names, "comment", "stratum"]


def verdict_column(field: str) -> str:
    """The column for the verdict on a field."""
    return f"{field} ✓"


_GUIDE = """每行是系统从一篇报道里取出的一个数字。句子中【】里的是这个数字，右边各列是系统对它的理解。
请根据句子和它的前后文（必要时打开链接看全文）判断每一组字段，在带“✓”的列里选：
对 = 系统所填正确（本来就没有而系统也没有填，也算对）；错 = 所填不正确或漏填；不清 = 原文无法判断。
“whole”一列是这个数字所属的总体（如“查找问题5个，其中已整改3个”中，3个属于5个）。
每格都要填；空格不计入统计。不要改动其他列，不要删行；“comment”一列可以随意写。
几位编码员请各用一份复制的表格，互不商量，文件名就是编码员的名字。
填好后运行：zhanbao validate 表1.xlsx 表2.xlsx"""


def write_sheet(figures: Sequence[dict[str, Any]], path: Path) -> None:
    """Write drawn figures as a sheet with a list of verdicts in each cell that a coder fills in.

    Raises:
        TablesError: the file is no .xlsx.
    """
    from xlsxwriter import Workbook

    if path.suffix != ".xlsx":
        raise TablesError(f"{path} is no Excel file; give a name that ends with .xlsx")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with replacing(path) as temporary:
        book = Workbook(str(temporary), options)
        book.set_properties({"created": _CREATED})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        asked = book.add_format({"valign": "top", "align": "center", "bg_color": "#FFF7D6", "border": 1})
        page = book.add_worksheet("coding")
        for place, name in enumerate(columns()):
            verdict = name.endswith("✓")
            page.write_string(0, place, name, head)
            page.set_column(place, place, _WIDTHS.get(name, 7 if verdict else 12))
            for row, figure in enumerate(figures, 1):
                if verdict:
                    page.write_blank(row, place, None, asked)
                else:
                    page.write_string(row, place, _text(figure.get(name)), wrapped if name in _WRAPPED else plain)
            if verdict:
                _offer_verdicts(page, place, len(figures))
        page.freeze_panes(1, 1)
        page.autofilter(0, 0, len(figures), len(columns()) - 1)
        guide = book.add_worksheet("说明")
        guide.set_column(0, 0, 110)
        for row, line in enumerate(_GUIDE.split("\n")):
            guide.write_string(row, 0, line, wrapped)
        book.close()


def _offer_verdicts(page: Worksheet, place: int, rows: int) -> None:
    page.data_validation(
        1,
        place,
        rows,
        place,
        {"validate": "list", "source": list(VERDICTS), "error_title": "?", "error_message": " / ".join(VERDICTS)},
    )


def _text(value: Any) -> str:
    """A cell of the sheet; everything is text, so that no program reads it as something else.

    >>> _text(23000.0), _text(None), _text(71.6)
    ('23000', '', '71.6')
    """
    if isinstance(value, float):
        return f"{value:.12g}" if abs(value) < 1e12 else f"{value:.0f}"
    return "" if value is None else str(value)
