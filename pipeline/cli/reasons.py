"""``zhanbao explain``, and how reasons look on a terminal."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.places import OUT

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LANGUAGE", "explain", "print_reasons"]

_FOLDER = click.Path(file_okay=False, path_type=Path)

LANGUAGE = click.option(
    "--language",
    type=click.Choice(["english", "chinese"]),
    default="english",
    show_default=True,
    help="Of the reasons.",
)


@click.command()
@click.argument("identifier", required=False)
@OUT
@click.option("--text", help="A wording to try, without a run.")
@click.option("--region", help="With --text: code or name of the division that it is at home in.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="With --text: day of publication.")
@click.option("--lexicon", "lexicons", type=_FOLDER, multiple=True, help="With --text: folder put before ours.")
@LANGUAGE
@click.option("--csv", "as_csv", is_flag=True, help="As CSV instead of a drawn table.")
def explain(
    identifier: str | None,
    out: Path,
    text: str | None,
    region: str | None,
    day: datetime | None,
    lexicons: tuple[Path, ...],
    language: str,
    as_csv: bool,
) -> None:
    """Say why a figure is read so: for each column the words, the rule and the clues that decided it.

    IDENTIFIER is a figure id of a run, or an article id for all its figures. The article is read again with the
    options of the run; where that gives something else than the run holds, it is said.

    \b
    zhanbao explain -o out 2025-eight-provisions/chongqing:263
    zhanbao explain --text "632名县处级以上干部共查找问题4179个" --region 220800 --date 2013-10-01
    zhanbao explain --text "我县督考单位30家" --lexicon mine
    """
    from pipeline import reasons
    from pipeline.model import Options

    if (identifier is None) == (text is None):
        raise click.UsageError("give the id of a figure or an article, or --text with a wording to try")
    if text is None and (region or day or lexicons):
        raise click.UsageError(
            "--region, --date and --lexicon go with --text; a run is read again with its own options"
        )
    if text is None:
        told = reasons.explain(out, str(identifier), language)
    else:
        options = Options(lexicons=tuple(map(str, lexicons)))
        published = day.date() if day else None
        told = reasons.explain_text(text, region=region, published=published, options=options, language=language)
    if as_csv:
        click.echo(told.to_csv(index=False), nl=False)
    elif told.empty:
        click.echo("there is no figure in it")
    else:
        print_reasons(told)


def print_reasons(told: pd.DataFrame) -> None:
    """The reasons of :func:`pipeline.reasons.explain`, figure by figure."""
    from rich.text import Text

    from pipeline.cli.text import drawn_table, open_console

    console = open_console()
    for figure_id, of_figure in told.groupby("figure_id", sort=False):
        records = of_figure.to_dict("records")
        console.print(Text(f"{figure_id}  {_quote(records)}", style="bold"))
        for line in _otherwise(records):
            console.print(Text(f"  {line}", style="red"))
        table = drawn_table("  field", "value", "words", "decided by", "weight", "against", right=(4,))
        last = ""
        for record in records:
            is_first = record["field"] != last
            last = record["field"]
            head = (f"  {last}", record["value"]) if is_first else ("", "")
            against = " ".join(filter(None, (record["alternative"], _signed(record["alternative_weight"]))))
            table.add_row(*head, record["words"], record["meaning"], _signed(record["weight"]), against)
        console.print(table)
        console.print()


def _quote(records: list[dict[Hashable, Any]]) -> str:
    """The figure as it is written: its number and its unit."""
    return "".join(r["words"] for r in records if r["field"] in ("value", "unit", "quote"))


def _otherwise(records: list[dict[Hashable, Any]]) -> list[str]:
    """What the run holds otherwise, one line a column."""
    found = {r["field"]: r for r in records if r["stored"]}
    why = "its rules, lexicons or libraries were others"
    return [f"{field} is {r['value'] or '–'} here and {r['stored']} in the run: {why}" for field, r in found.items()]


def _signed(weight: float) -> str:
    """A weight with its sign, '' for none.

    >>> _signed(1.2), _signed(float("nan"))
    ('+1.20', '')
    """
    return "" if weight != weight else f"{weight:+.2f}"
