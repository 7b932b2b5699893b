"""The command that serves the report page."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipeline.cli.places import RunFolder

__all__ = ["serve"]


@click.command()
@click.argument("out", type=RunFolder(exists=True), default=Path("data/processed"))
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes any free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; see below.")
@click.option("--open", "open_it", is_flag=True, help="Open the page in a browser.")
def serve(out: Path, port: int, host: str, open_it: bool) -> None:
    """Serve the report page of a run, for runs that are too large for one page. Ctrl-C ends it.

    The page is that of report/index.html, but asks for what it shows instead of loading everything, and leaves
    nothing out. It needs the extra serve: pip install 'zhanbao[serve]'. Only this machine can reach it, unless
    another --host is given: then whoever reaches that address can read the whole run.

    \b
    zhanbao serve data/processed
    zhanbao serve out --port 9000 --open
    """
    from pipeline.report import serving

    if not serving.is_loopback(host):
        click.echo(f"Warning: whoever can reach {host} over the network can now read all of {out}.", err=True)

    click.echo(f"reading {out} …", err=True)

    def ready(address: str) -> None:
        click.echo(f"{address}  (Ctrl-C ends it)")
        sys.stdout.flush()
        if open_it:
            click.launch(address)

    try:
        serving.serve(out, host, port, ready)
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error}; it belongs to an extra: pip install 'zhanbao[serve]'") from error
