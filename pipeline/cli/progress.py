"""The progress bar of a run: on a terminal only, on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipeline.engine import Progress

__all__ = ["shown"]


@contextmanager
def shown(quiet: bool = False) -> Iterator[Callable[[Progress], None] | None]:
    """A callback for :func:`pipeline.engine.run` that draws how far it is; None where nobody is looking."""
    from rich.console import Console

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    with Bar(
        TextColumn("{task.description:8}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TransferSpeedColumn(),
        TextColumn("{task.fields[rate]:,.0f} articles/s"),
        TextColumn("{task.fields[articles]:,} articles, {task.fields[figures]:,} figures"),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
    ) as bar:
        task = bar.add_task("read", total=None, rate=0.0, articles=0, figures=0)

        def update(state: Progress) -> None:
            elapsed = bar.tasks[0].elapsed or 0.0
            bar.update(
                task,
                description=state.phase,
                completed=state.bytes_done,
                total=state.bytes_total,
                rate=state.articles / elapsed if elapsed else 0.0,
                articles=state.articles,
                figures=state.figures,
            )

        yield update
