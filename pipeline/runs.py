"""A run with all that belongs to it: the tables, then the page to look at them."""

from __future__ import annotations

import os
from collections.abc import Callable

from pipeline import report
from pipeline.engine import Progress, Summary
from pipeline.engine import run as run_engine
from pipeline.model import Options

__all__ = ["run"]


def run(
    source: str | os.PathLike[str],
    out: str | os.PathLike[str],
    options: Options | None = None,
    *,
    workers: int | None = None,
    limit: int | None = None,
    fresh: bool = False,
    progress: Callable[[Progress], None] | None = None,
    engine: str = "local",
    scheduler: str | None = None,
) -> Summary:
    """Turn a dump of reports into tables and a page that shows them, ``report/index.html``.

    The arguments and errors are those of :func:`pipeline.engine.run`.
    """
    return run_engine(
        source,
        out,
        options,
        workers=workers,
        limit=limit,
        fresh=fresh,
        progress=progress,
        engine=engine,
        scheduler=scheduler,
        finish=report.build,
    )
