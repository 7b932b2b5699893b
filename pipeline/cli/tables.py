"""The commands for those who publish the tables: cite, sample, validate, diff, export."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.places import OUT, RunFolder, is_copy

if TYPE_CHECKING:
    from pipeline.tables.comparison import CellChange, RunChange

__all__ = ["COMMANDS"]

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
_INPUT = click.Path(exists=True, dir_okay=False, path_type=Path)
_RUN = RunFolder(exists=True)


@click.command()
@click.argument("region")
@click.argument("metric")
@click.argument("campaign", required=False)
@OUT
@click.option("--all", "every", is_flag=True, help="Every fact of the cell, not only the leading one.")
@click.option("--accessed", type=click.DateTime(["%Y-%m-%d"]), help="Day on which the reports were downloaded.")
@click.option("--bibtex", is_flag=True, help="The sources as BibTeX.")
def cite(
    region: str, metric: str, campaign: str | None, out: Path, every: bool, accessed: datetime | None, bibtex: bool
) -> None:
    """Print a footnote for a cell: its value, what supports it, and its sources by GB/T 7714.

    \b
    zhanbao cite -o out 500101 issues_found
    zhanbao cite -o out 万州区 查找问题 --accessed 2025-11-02
    """
    from pipeline.tables.citations import cite as footnotes

    day = accessed.date() if accessed else None
    click.echo(footnotes(out, region, metric, campaign, accessed=day, every=every, as_bibtex=bibtex))


@click.command()
@click.argument("sheet", type=_FILE)
@OUT
@click.option("-n", "--size", type=click.IntRange(min=1), default=200, show_default=True, help="Figures to draw.")
@click.option("--by", default="metric,region", show_default=True, help="Strata, the most important first.")
@click.option("--metric", "metrics", multiple=True, help="Only figures of this metric; may be given several times.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed draws another sample.")
def sample(sheet: Path, out: Path, size: int, by: str, metrics: tuple[str, ...], seed: int) -> None:
    """Draw figures for coders to judge, and write them to the Excel file SHEET with lists to choose a verdict from.

    Strata are metric, region, province, prefecture, campaign, kind, bound, role, outlet, year, actor_level and
    region_basis. Every figure that enters the tables has the same chance to be drawn.

    \b
    zhanbao sample sheet.xlsx -o out -n 200 --by metric,region
    """
    from pipeline.tables.sampling import draw, write_sheet

    figures = draw(out, size, [name.strip() for name in by.split(",") if name.strip()], seed, metrics)
    write_sheet(figures, sheet)
    strata = len({figure["stratum"] for figure in figures})
    click.echo(f"{sheet}: {len(figures):,} figures of {strata:,} strata; give each coder a copy named after them")


@click.command()
@click.argument("sheets", nargs=-1, required=True, type=_INPUT)
@click.option("--by", type=click.Choice(["metric", "stratum"]), help="A result of each metric or stratum too.")
@click.option("--form", type=click.Choice(["markdown", "latex", "csv"]), default="markdown", show_default=True)
def validate(sheets: tuple[Path, ...], by: str | None, form: str) -> None:
    """Say how precise each field is, with 95 % intervals, and how far coders agree (Krippendorff's alpha).

    SHEETS are filled copies of what `zhanbao sample` wrote, one a coder; the file's name is the coder.

    \b
    zhanbao validate wang.xlsx li.xlsx --form latex
    """
    from pipeline.tables.validation import as_text
    from pipeline.tables.validation import validate as judge

    click.echo(as_text(judge(sheets, by), form))


@click.command()
@click.argument("before", type=_RUN)
@click.argument("after", type=_RUN)
@click.option("--csv", "as_csv", is_flag=True, help="The changed cells as CSV.")
@click.pass_context
def diff(ctx: click.Context, before: Path, after: Path, as_csv: bool) -> None:
    """Say which cells differ between two runs, and why: new article, changed text, changed rule …

    Exit status: 0 no cell differs; 1 some do.

    \b
    zhanbao diff out-2024 out-2025
    """
    from pipeline.tables.comparison import compare_cells, compare_runs

    changes = list(compare_cells(before, after))
    if as_csv:
        _print_csv(changes)
    else:
        _print_changes(compare_runs(before, after), changes)
    ctx.exit(1 if changes else 0)


def _print_csv(changes: Sequence[CellChange]) -> None:
    import csv
    import sys

    from pipeline.tables.comparison import CellChange

    writer = csv.writer(sys.stdout)
    writer.writerow(CellChange._fields)
    for change in changes:
        writer.writerow(["; ".join(cell) if isinstance(cell, list) else cell for cell in change])


#: articles that a line names before it only counts them
_NAMED = 3


def _print_changes(runs: Sequence[RunChange], changes: Sequence[CellChange]) -> None:
    from collections import Counter

    for part, count in sorted(Counter(change.part for change in runs).items()):
        names = ", ".join(change.name for change in runs if change.part == part)
        click.echo(f"{part}: {count:,} differ" + ("" if part == "inputs" else f" ({names})"))
    for change in changes:
        period = "–".join(str(day) for day in (change.period_start, change.period_end) if day)
        key = (change.region_name or change.region, change.campaign, change.metric, change.unit, period)
        articles = ", ".join(change.articles[:_NAMED]) + (" …" if len(change.articles) > _NAMED else "")
        values = f"{_number(change.before)} → {_number(change.after)}"
        why = f"{', '.join(change.why)}{f': {articles}' if articles else ''}"
        click.echo(f"{change.change:8} {' · '.join(part for part in key if part)}  {values}  ({why})")
    counts = Counter(change.change for change in changes)
    said = ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items()))
    click.echo(f"{len(changes):,} cells differ" + (f": {said}" if said else ""))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.12g}"


@click.command()
@click.argument("out", type=_RUN)
@click.option("--to", "form", required=True, type=click.Choice(["csv-bom", "dta", "duckdb", "sqlite"]), help="Form.")
@click.option("-d", "--dest", type=_FOLDER, help="Folder to write to.  [default: OUT/export]")
@click.option("--divisions", type=click.IntRange(1980, 2100), metavar="YEAR", help="Regions as they were in that year.")
@click.option("--normalise", type=_INPUT, metavar="FILE", help="CSV: region code, and what to divide by.")
@click.pass_context
def export(
    ctx: click.Context, out: Path, form: str, dest: Path | None, divisions: int | None, normalise: Path | None
) -> None:
    """Write the tables of the run OUT in another form, with a codebook beside them.

    csv-bom: CSV that Excel in China opens rightly; dta: Stata with labels; duckdb, sqlite: one file with tables and
    views. With --divisions the tables are made anew, so that a county that has become a district is one series.
    With --normalise, values per 10,000 of each column of FILE (residents …) are added; a column whose name ends
    with /1 is what one unit is divided by (cadres/1), a column `year` picks the row by the year of the fact.

    \b
    zhanbao export out --to dta
    zhanbao export out --to csv-bom -d forms --divisions 2020 --normalise census.csv
    """
    from pipeline.tables.forms import export as write_forms

    if dest is None and is_copy(ctx):
        raise click.UsageError("an output in a store is only read: give a folder to write to with --dest")
    for path in write_forms(out, form, dest, divisions=divisions, denominators=normalise):
        click.echo(path)


COMMANDS = (cite, sample, validate, diff, export)
