"""Whether the cost of a run grows with its size alone, and what a second process brings.

    python -m bench.end_to_end [SOURCE] --sizes 10,100 --workers 1,2 [--rounds 3] [--files 4]

Each measured run is ``zhanbao run`` as a user starts it, in a process of its own: start, loading, tables and page are
inside the clock for every number of workers alike. All sizes and numbers of workers of a round run one after the
other; of ratios, the median over the rounds is told.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NamedTuple

from bench.sample import write_dump

#: How a run that rejected some of its input ends.
_SOME_REJECTED = 3


class Times(NamedTuple):
    """Seconds of one run: on the clock, and of processor time over all its processes."""

    clock: float
    processor: float


def measure(
    source: Path, sizes: Sequence[float], workers: Sequence[int], rounds: int, files: int, damaged: bool
) -> dict[str, Any]:
    """Run every size with every number of workers, and say how the rates compare."""
    times: dict[tuple[float, int], list[Times]] = {}
    with TemporaryDirectory() as folder:
        work = Path(folder)
        dumps = {_written(work, source, size, files, damaged): work / f"{size}" for size in sizes}
        for _ in range(rounds):
            for size, dump in dumps.items():
                for number in workers:
                    times.setdefault((size, number), []).append(_timed(dump, work / "out", number))
    return {
        "text": "traditional, with readings" if damaged else "simplified",
        "rounds": rounds,
        "files": files,
        "runs": [_run(size, number, found) for (size, number), found in times.items()],
        "by_workers": {number: _growth({s: t for (s, n), t in times.items() if n == number}) for number in workers},
        "times_as_fast_with": {size: _gains({n: t for (s, n), t in times.items() if s == size}) for size in dumps},
    }


def _written(work: Path, source: Path, size: float, files: int, damaged: bool) -> float:
    """Write a dump of several files, so that there is a shard for every worker, and return its size in MB."""
    folder, whole = work / f"{size}", work / "whole.jsonl"
    folder.mkdir()
    written = write_dump(whole, source, size, damaged)
    with ExitStack() as stack:
        parts = [stack.enter_context((folder / f"{i}.jsonl").open("wb")) for i in range(files)]
        for number, line in enumerate(stack.enter_context(whole.open("rb"))):
            parts[number % files].write(line)
    whole.unlink()
    return written


def _timed(dump: Path, out: Path, workers: int) -> Times:
    zhanbao = Path(sys.executable).with_name("zhanbao")
    command = [str(zhanbao), "run", str(dump), "--out", str(out), "--workers", str(workers), "--fresh", "--quiet"]
    begin, begin_processor = perf_counter(), processor_of_children()
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if ended.returncode not in (0, _SOME_REJECTED):
        raise RuntimeError(f"zhanbao run ended with {ended.returncode}: {ended.stderr}")
    return Times(perf_counter() - begin, processor_of_children() - begin_processor)


def processor_of_children() -> float:
    """Seconds of processor time of the processes that this one started and that have ended."""
    import resource  # not on Windows

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run(size: float, workers: int, times: Sequence[Times]) -> dict[str, Any]:
    clock = median(t.clock for t in times)
    return {
        "megabytes": round(size, 2),
        "workers": workers,
        "seconds": [round(t.clock, 2) for t in times],
        "processor_seconds": [round(t.processor, 2) for t in times],
        "megabytes_per_second": round(size / clock, 3),
        "megabytes_per_second_of_processor": round(size / median(t.processor for t in times), 3),
    }


def _growth(times: dict[float, Sequence[Times]]) -> dict[str, Any]:
    """How far the rates of the sizes lie apart, and the rate of what each size has more than the one before."""
    spent = {size: median(t.clock for t in found) for size, found in sorted(times.items())}
    rates = [size / seconds for size, seconds in spent.items()]
    steps = {
        f"{low:.1f} to {high:.1f}": round((high - low) / (spent[high] - spent[low]), 3)
        for low, high in pairwise(spent)
        if spent[high] > spent[low]
    }
    return {"spread_percent": round(100 * (max(rates) / min(rates) - 1), 1), "megabytes_per_second_between": steps}


def _gains(times: dict[int, Sequence[Times]]) -> dict[int, float]:
    """How many times as fast each number of workers is as the first."""
    first, *others = times
    return {
        number: round(median(a.clock / b.clock for a, b in zip(times[first], times[number], strict=True)), 2)
        for number in others
    }


def show(result: dict[str, Any]) -> None:
    """Print a measurement."""
    print(f"\nruns on {result['text']} text in {result['files']} files, median of {result['rounds']} rounds")
    print(f"  {'MB':>8} {'workers':>8} {'seconds':>9} {'MB/s':>8} {'MB/s of processor':>18}")
    for run in result["runs"]:
        print(
            f"  {run['megabytes']:8.2f} {run['workers']:8} {median(run['seconds']):9.2f}"
            f" {run['megabytes_per_second']:8.3f} {run['megabytes_per_second_of_processor']:18.3f}"
        )
    for workers, growth in result["by_workers"].items():
        steps = ", ".join(
            f"{rate} MB/s from {step} MB" for step, rate in growth["megabytes_per_second_between"].items()
        )
        print(f"  workers {workers}: rates lie {growth['spread_percent']} % apart{'; ' * bool(steps)}{steps}")
    for size, gains in result["times_as_fast_with"].items():
        for workers, gain in gains.items():
            print(f"  {size:.2f} MB: {workers} workers are {gain} times as fast as {result['runs'][0]['workers']}")
