"""What the commands print. Tables are set by rich, which knows how wide Chinese characters are and NO_COLOR."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.storage import is_remote, plain

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.engine import Summary
    from pipeline.explore import ArticleView, CellView, FigureView, Score
    from pipeline.stages import Stage

__all__ = [
    "drawn_table",
    "open_console",
    "print_article",
    "print_cell",
    "print_facts",
    "print_figure",
    "print_score",
    "print_stages",
    "print_summary",
]

#: width of lines where no terminal says one
_WIDE = 200

#: fields of a figure that its view shows elsewhere
_SHOWN_ELSEWHERE = frozenset(
    {"figure_id", "article_id", "start", "end", "quote", "sentence", "sentence_start", "sentence_end"}
)


def open_console() -> Console:
    """Where the commands print to; as wide as its lines where no terminal says a width."""
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _WIDE
    return console


def drawn_table(*headers: str, right: Sequence[int] = ()) -> Table:
    """A table without lines; ``right`` are the columns that are set to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for i, header in enumerate(headers):
        table.add_column(header, justify="right" if i in right else "left", overflow="fold")
    return table


def number(value: float | None) -> str:
    """A number as people write it.

    >>> number(23000.0), number(71.6), number(None), number(float("nan"))
    ('23,000', '71.6', '', '')
    """
    if value is None or value != value:
        return ""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.10g}"


_DIRECTIONS = {"down": "↓", "up": "↑"}
_BOUNDS = {"about": "约", "over": "超", "at_least": "≥", "under": "近", "at_most": "≤", "vague": "约"}


def quantity(fact: dict[str, Any]) -> str:
    """Direction, bound, value, upper end and unit of a figure or fact in one cell.

    >>> quantity({"value": 3.0, "value_max": 5.0, "bound": "range", "unit": "个"})
    '3–5 个'
    >>> quantity({"value": 58000.0, "value_max": None, "bound": "over", "unit": "人"})
    '超 58,000 人'
    >>> quantity({"value": 17.7, "value_max": None, "bound": "exact", "unit": "%", "direction": "down"})
    '↓ 17.7 %'
    """
    upper = number(fact.get("value_max"))
    amount = f"{number(fact['value'])}–{upper}" if upper else number(fact["value"])
    direction = _DIRECTIONS.get(fact.get("direction") or "", "")
    return " ".join(filter(None, (direction, _BOUNDS.get(fact["bound"], ""), amount, fact["unit"])))


def _count(count: int, what: str) -> str:
    """A count with its noun.

    >>> _count(1, "reprint"), _count(1200, "fact")
    ('1 reprint', '1,200 facts')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def print_summary(summary: Summary, out: str) -> None:
    """What a run did, with the best filled corner of its table where that is on this machine."""
    from pipeline import explore

    console = open_console()
    out = plain(out).rstrip("/")
    counts = summary.counts
    elapsed = summary.seconds["elapsed"]
    reused = counts["shards_reused"]
    console.print(
        f"{counts.get('articles', 0):,} articles, {counts.get('figures', 0):,} figures"
        f" in {elapsed:,.1f} s ({counts['shards']:,} shards, {reused:,} of them finished before)"
    )
    if repairs := counts.get("repairs", 0):
        console.print(f"{repairs:,} damaged places repaired, {counts.get('damaged', 0):,} left as they are")
    if undated := counts.get("undated", 0):
        console.print(f"{_count(undated, 'article')} without a day of publication: times such as 今年 are open there")
    console.print(
        f"{_count(counts['facts'], 'fact')}; {_count(counts['reprints'], 'reprint')} counted once,"
        f" {_count(counts['conflicts'], 'value')} that another report contradicts,"
        f" {counts['contradictions']:,} of {_count(counts['checks'], 'check')} of sums and parts failed"
    )
    if summary.rejects:
        reasons = ", ".join(f"{reason} {n:,}" for reason, n in summary.rejects.items())
        console.print(f"not used: {sum(summary.rejects.values()):,} ({reasons}); see {out}/rejected.jsonl")
    if is_remote(out):
        console.print(f"all tables: {out}/tables; to look at them, copy {out}/report or all of it to a folder")
        return
    overview = explore.facts_overview(out)
    if len(overview):
        console.print()
        _print_overview(console, overview)
        console.print(f"a row can hold several campaigns; zhanbao tables -o {out} tells which")
    console.print()
    console.print(f"to look at in a browser: {out}/report/index.html")
    console.print(f"all tables: {out}/tables; the sentences of a cell: zhanbao show -o {out} REGION METRIC")


def _print_overview(console: Console, overview: pd.DataFrame) -> None:
    metrics = list(overview.columns[2:])
    table = drawn_table("code", "region", *metrics, right=range(2, 2 + len(metrics)))
    for row in overview.itertuples(index=False):
        table.add_row(row[0], row[1], *(number(value) for value in row[2:]))
    console.print(table)


def print_figure(view: FigureView, console: Console | None = None) -> None:
    """A figure in its sentence, all its fields, its neighbours."""
    console = console or open_console()
    figure, article = view.figure, view.article
    title = " · ".join(str(article[f]) for f in ("title", "outlet", "published") if article[f])
    console.print(Text(figure["figure_id"], style="bold"))
    console.print("  " + " · ".join(filter(None, (title, article["source_path"], article["url"]))))
    console.print(_marked(view))
    table = drawn_table("", "")
    for name, value in figure.items():
        if name not in _SHOWN_ELSEWHERE and value not in (None, "", []):
            table.add_row(f"  {name}", number(value) if isinstance(value, float) else str(value))
    console.print(table)
    if view.neighbours:
        console.print("  in the same sentence:")
        console.print(_figure_lines(view.neighbours))


def _marked(view: FigureView) -> Text:
    return Text.assemble(
        "  ",
        (_one_line(view.context_before), "dim"),
        _one_line(view.before),
        (f"【{_one_line(view.quote)}】", "bold reverse"),
        _one_line(view.after),
        (_one_line(view.context_after), "dim"),
    )


def _one_line(text: str) -> str:
    return " ".join(text.split("\n"))


def _figure_lines(figures: Iterable[dict[str, Any]]) -> Table:
    table = drawn_table("", "", "", "", "", "", "")
    for f in figures:
        table.add_row(
            f"  {f['start']}",
            quantity(f),
            f["role"],
            f["metric"],
            f"{f['action']} {f['object']}",
            f["region_name"],
            f["part_of"],
        )
    return table


def print_article(view: ArticleView) -> None:
    """An article's fields and its figures."""
    console = open_console()
    article = view.article
    console.print(Text(article["article_id"], style="bold"))
    table = drawn_table("", "")
    for name, value in article.items():
        if name not in ("article_id", "raw_text", "text") and value not in (None, "", []):
            table.add_row(f"  {name}", "、".join(value) if isinstance(value, list) else str(value))
    console.print(table)
    console.print("  figures:")
    console.print(_figure_lines(view.figures))


def print_cell(view: CellView) -> None:
    """The facts of a cell, each with the sentences that it comes from."""
    console = open_console()
    for fact, figures in zip(view.facts, view.figures, strict=True):
        period = "–".join(str(fact[f]) for f in ("period_start", "period_end") if fact[f])
        parts = (fact["region_name"], fact["campaign"], fact["metric_label"], fact["object"], quantity(fact), period)
        console.print(Text(" · ".join(str(part) for part in parts if part), style="bold"))
        for figure in figures:
            console.print(Text(f"  {figure.figure['figure_id']}", style="cyan"))
            console.print(_marked(figure))
        console.print()


def print_facts(facts: pd.DataFrame) -> None:
    """The facts of a table, one a line."""
    console = open_console()
    lines = [_fact_cells(fact) for fact in facts.to_dict("records")]
    if len(lines) <= _DRAWN:
        table = drawn_table(*_FACT_COLUMNS, right=_FACT_NUMBERS)
        for cells in lines:
            table.add_row(*cells)
        console.print(table)
    else:
        console.out("\n".join(_aligned([_FACT_COLUMNS, *lines], _FACT_NUMBERS)), highlight=False)
    console.print(f"{len(facts):,} facts" + ("; ! reports disagree" if facts["n_conflicts"].any() else ""))


#: columns of a table of facts, and which of them are set to the right
_FACT_COLUMNS = ("code", "region", "campaign", "metric", "value", "object", "who", "until", "sure", "reports")
_FACT_NUMBERS = (4, 8, 9)

#: longer tables are not folded into the width of the terminal, which takes rich two milliseconds a line
_DRAWN = 500


def _fact_cells(fact: dict[Hashable, Any]) -> tuple[str, ...]:
    until = fact["period_end"]
    return (
        _cell(fact["region"]),
        " ".join(filter(None, (_cell(fact["region_name"]), _cell(fact.get("place"))))),
        *(_cell(fact[c]) for c in ("campaign", "metric_label")),
        quantity({str(name): value for name, value in fact.items()}),
        *(_cell(fact.get(c)) for c in ("object", "actor")),
        "" if until is None or until != until else str(until)[:10],
        f"{fact['confidence']:.2f}",
        str(fact["n_reports"]) + ("!" if fact["n_conflicts"] else ""),
    )


def _aligned(lines: Sequence[Sequence[str]], right: Sequence[int]) -> list[str]:
    """Lines whose cells stand below each other, however long."""
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    return [
        " ".join(
            blank + cell if column in right else cell + blank
            for column, cell in enumerate(cells)
            for blank in [" " * (widths[column] - cell_len(cell))]
        ).rstrip()
        for cells in lines
    ]


def _cell(value: Any) -> str:
    return "" if value is None or value != value else str(value)


def print_stages(stages: Iterable[Stage]) -> None:
    """The stages in walking order."""
    table = drawn_table("stage", "what it does", "fields it fills in")
    for stage in stages:
        table.add_row(stage.name, stage.purpose, ", ".join(stage.adds))
    open_console().print(table)


def print_score(name: str, score: Score) -> None:
    """The levels of a comparison with a gold file."""
    console = open_console()
    table = drawn_table(name, "P", "R", "F1", "right", "predicted", "gold", right=range(1, 7))
    for level, counts in score.levels.items():
        measures = (counts.precision, counts.recall, counts.f1)
        table.add_row(
            level, *(f"{m:.3f}" for m in measures), *(f"{n:,}" for n in (counts.right, counts.predicted, counts.gold))
        )
    console.print(table)
    if score.missing:
        console.print("no figures in the run of: " + ", ".join(score.missing))
