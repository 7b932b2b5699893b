"""The command line: a thin shell, every command calls one public function that a notebook can call too.

Exit status: 0 all went well and every input was used; 1 it could not be done, the last line says why; 2 the
command line was wrong; 3 done, but some inputs were rejected, see ``rejected.jsonl``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from pipeline import __version__
from pipeline.cli.places import OUT, OUT_TABLES, as_given
from pipeline.cli.reasons import LANGUAGE, explain, print_reasons
from pipeline.cli.serving import serve
from pipeline.cli.tables import COMMANDS

__all__ = ["main"]

#: exit status of a run that left some inputs out
SOME_REJECTED = 3

_FOLDER = click.Path(file_okay=False, path_type=Path)


class _Group(click.Group):
    """Ends every foreseeable failure with one line that says what to do, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if not _foreseen(error):
                raise
            raise click.ClickException(as_given(ctx, _in_words(error))) from error


def _foreseen(error: Exception) -> bool:
    from pipeline.engine import EngineError
    from pipeline.explore import GoldError, NotFoundError
    from pipeline.lexicon import LexiconError
    from pipeline.stages import StageError
    from pipeline.tables.store import TablesError

    return isinstance(
        error, EngineError | GoldError | NotFoundError | LexiconError | StageError | TablesError | OSError | ImportError
    )


def _in_words(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        place = f": {error.filename}" if error.filename else ""
        return f"{error.strerror}{place}; mend that and give the same command again"
    if isinstance(error, ImportError):
        return f"{error}: a library is missing or broken; put it right with: pip install --force-reinstall zhanbao"
    return str(error)


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 all used; 1 failed; 2 wrong usage; 3 done, some inputs rejected (see rejected.jsonl).",
)
@click.version_option(__version__, prog_name="zhanbao")
def main() -> None:
    """From dumps of Chinese news reports to tables of campaign metrics, every cell traceable to its sentence.

    \b
    zhanbao run DUMP -o OUT              make the tables
    zhanbao tables -o OUT --level county print a table
    zhanbao report OUT                   make the report page anew
    zhanbao show -o OUT 500101 issues_found
                                         the sentences behind a cell of it
    zhanbao explain -o OUT FIGURE_ID     why a figure is read so
    """
    for stream in (sys.stdout, sys.stderr):
        # a terminal that says it is ASCII or Latin-1 is far more often set up wrongly than meant
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


@main.command()
@click.argument("source")
@click.option("-o", "--out", required=True, help="New folder, or the output of an earlier run.")
@click.option("-w", "--workers", type=click.IntRange(min=1), help="Processes.  [default: one a processor]")
@click.option("-n", "--limit", type=click.IntRange(min=1), help="Stop after so many articles, for a first look.")
@click.option(
    "-c",
    "--column",
    "columns",
    multiple=True,
    metavar="FIELD=NAME",
    help="Your column NAME holds FIELD (text, title…).",
)
@click.option("--segmenter", type=click.Choice(["rjieba", "jieba"]), default="rjieba", show_default=True)
@click.option("--lexicon", "lexicons", type=_FOLDER, multiple=True, help="Folder with lexicon files put before ours.")
@click.option("--tokens", is_flag=True, help="Write the tokens table too.")
@click.option(
    "--time-limit", type=click.FloatRange(min=0.1), default=60.0, show_default=True, help="Seconds an article."
)
@click.option("--engine", type=click.Choice(["local", "dask"]), default="local", show_default=True, help="Who works.")
@click.option(
    "--scheduler", metavar="ADDRESS", help="Of a Dask cluster, tcp://…; without it dask works on this machine."
)
@click.option("--fresh", is_flag=True, help="Start over instead of continuing.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary.")
@click.pass_context
def run(
    ctx: click.Context,
    source: str,
    out: str,
    workers: int | None,
    limit: int | None,
    columns: tuple[str, ...],
    segmenter: str,
    lexicons: tuple[Path, ...],
    tokens: bool,
    time_limit: float,
    engine: str,
    scheduler: str | None,
    fresh: bool,
    quiet: bool,
) -> None:
    """Turn a dump into articles, figures and tables.

    SOURCE is a file or folder, in any depth: .txt .html .jsonl .json .csv .tsv .xlsx .parquet, each also as .gz
    or .zst, and .zip or .tar.gz of these; UTF-8, UTF-16, GB18030 or Big5. A run that was stopped goes on where
    it was when the same command is given again. SOURCE and OUT may be addresses, such as s3://bucket/folder.

    \b
    zhanbao run data/raw -o data/processed
    zhanbao run reports.csv.gz -o out -c text=内容 -c published=日期 --limit 1000
    zhanbao run s3://reports/dump -o s3://reports/out --engine dask --scheduler tcp://10.0.0.1:8786
    """
    from pipeline.cli.progress import shown
    from pipeline.model import Options
    from pipeline.runs import run as run_all

    options = Options(
        segmenter=segmenter,
        tokens=tokens,
        columns=tuple(_column(text) for text in columns),
        lexicons=tuple(str(folder) for folder in lexicons),
        time_limit=time_limit,
    )
    with shown(quiet) as progress:
        summary = run_all(
            source,
            out,
            options,
            workers=workers,
            limit=limit,
            fresh=fresh,
            progress=progress,
            engine=engine,
            scheduler=scheduler,
        )
    if not summary.counts["shards"]:
        raise click.ClickException(f"there is no file of a known form in {source}; which there are: zhanbao run --help")
    if not quiet:
        from pipeline.cli.text import print_summary

        print_summary(summary, out)
    if summary.rejects:
        ctx.exit(SOME_REJECTED)


@main.command()
@click.argument("out", type=_FOLDER, default=Path("data/processed"))
def report(out: Path) -> None:
    """Make the report page of a run anew: OUT/report/index.html, to be opened in a browser.

    Every run makes it; this is for an output whose page was removed, or was made by an earlier version.

    \b
    zhanbao report data/processed
    """
    from pipeline.report import build

    click.echo(build(out))


def _column(text: str) -> tuple[str, str]:
    """``text=内容`` -> (the record's column, the contract's column)."""
    from dataclasses import fields

    from pipeline.model import Article

    field, _, name = text.partition("=")
    known = [f.name for f in fields(Article)]
    known = ["text", *known[: known.index("encoding")]]
    known = [f for f in known if f not in ("raw_text", "source_path", "source_row")]
    if not name or field not in known:
        raise click.BadParameter(
            f"{text!r} is not FIELD=NAME; FIELD is one of {', '.join(known)}, NAME the column of your file",
            param_hint="--column",
        )
    return name, field


@main.command()
@click.argument("what", nargs=-1, required=True)
@OUT
@click.option("--why", is_flag=True, help="Also why each figure is read so, as `zhanbao explain` says it.")
@LANGUAGE
def show(what: tuple[str, ...], out: Path, why: bool, language: str) -> None:
    """Show where a number comes from: its sentence with the figure marked, all fields, its neighbours.

    WHAT is a figure id, an article id, or a cell: REGION METRIC [CAMPAIGN], the region by code or name, the
    metric by id or label.

    \b
    zhanbao show 2018-style-rectification/baicheng:254
    zhanbao show 500101 issues_found
    zhanbao show 万州区 查找问题 "深入贯彻中央八项规定精神学习教育"
    zhanbao show 500101 issues_found --why
    """
    from pipeline import explore
    from pipeline.cli.text import print_article, print_cell, print_figure

    if len(what) == 1:
        found = explore.find(out, what[0])
        if isinstance(found, explore.FigureView):
            print_figure(found)
        else:
            print_article(found)
        ids = [what[0]]
    elif len(what) <= 3:
        cell = explore.cell(out, *what)
        print_cell(cell)
        ids = [view.figure["figure_id"] for views in cell.figures for view in views]
    else:
        raise click.UsageError("give one id, or REGION METRIC [CAMPAIGN]; quote names that have blanks")
    if why:
        from pipeline import reasons

        for figure_id in ids:
            print_reasons(reasons.explain(out, figure_id, language))


@main.command()
@OUT_TABLES
@click.option("--campaign", help="Name, or a part of it.")
@click.option("--metric", help="Id or label, such as issues_found or 查找问题.")
@click.option("--region", help="Code or name; its subdivisions are included.")
@click.option("--level", type=click.Choice(["country", "province", "prefecture", "county"]), help="Level of division.")
@click.option(
    "--min-confidence", type=click.FloatRange(0, 1), default=0.0, help="Only facts that are at least so sure, 0 to 1."
)
@click.option("--csv", "as_csv", is_flag=True, help="As CSV instead of a drawn table.")
def tables(
    out: Path,
    campaign: str | None,
    metric: str | None,
    region: str | None,
    level: str | None,
    min_confidence: float,
    as_csv: bool,
) -> None:
    """Print the facts of a run, one a line: region, campaign, metric, value, period, confidence, number of reports.

    \b
    zhanbao tables --metric 整改率
    zhanbao tables --region 重庆市 --level county --campaign 八项规定
    zhanbao tables --min-confidence 0.9
    """
    from pipeline import explore
    from pipeline.cli.text import print_facts

    facts = explore.table(
        out, campaign=campaign, metric=metric, region=region, level=level, min_confidence=min_confidence
    )
    if as_csv:
        click.echo(facts.to_csv(index=False), nl=False)
    else:
        print_facts(facts)


@main.group()
def lexicon() -> None:
    """Look at lexicon files: measure words, metrics, campaigns, outlets …"""


@lexicon.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def check(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """Hold lexicon files of your own against their schema; a file is named like ours, such as metrics.csv.

    \b
    zhanbao lexicon check mine/metrics.csv
    """
    from pipeline import lexicon as knowledge

    problems = [problem for file in files for problem in knowledge.check(file)]
    for problem in problems:
        click.echo(problem)
    if problems:
        ctx.exit(1)
    click.echo(f"{len(files)} file{'s are' if len(files) > 1 else ' is'} in order")


@main.command()
def stages() -> None:
    """List what happens to an article, in order, and what each stage adds."""
    from pipeline.cli.text import print_stages
    from pipeline.stages import SOURCE, STAGES

    print_stages((SOURCE, *STAGES))


@main.command()
@click.argument("gold", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@OUT
@click.option("--json", "as_json", is_flag=True, help="As JSON, one line a gold file.")
def score(gold: tuple[Path, ...], out: Path, as_json: bool) -> None:
    """Hold a run against articles that you have marked by hand; docs/running.md says how to mark.

    \b
    zhanbao score my-marks.jsonl -o out
    """
    import json

    from pipeline import explore
    from pipeline.cli.text import print_score

    for file in gold:
        result = explore.score(file, out)
        if as_json:
            click.echo(json.dumps(result.as_dict(), ensure_ascii=False))
        else:
            print_score(file.stem, result)


for _command in (explain, serve, *COMMANDS):
    main.add_command(_command)
