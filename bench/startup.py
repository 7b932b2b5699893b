"""How long it takes until something happens: python -m bench.startup [--rounds 5]

Every round starts a new process; the median counts. One round before is not counted, so that files are in memory.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from bench import record
from bench.sample import ROOT

_IMPORT = "from time import perf_counter as now; begin = now(); import pipeline; print(now() - begin)"

#: The first report of a dump, from bytes to rows.
_FIRST_ARTICLE = """
import sys
from pipeline.model import Article
from pipeline.rows import figure_rows
from pipeline.stages import run_stages
from pipeline.stages.read import read, shards
articles = (item for shard in shards(sys.argv[1]) for item in read(shard) if isinstance(item, Article))
print(len(list(figure_rows(run_stages(next(articles))))), flush=True)
"""


def inside(code: str) -> float:
    """The seconds that a new interpreter says it spent."""
    return float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)


def until_first_line(command: Sequence[str]) -> float:
    """Seconds from the start of a process to its first line."""
    begin = perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None, "it is a pipe"
        line = process.stdout.readline()
        seconds = perf_counter() - begin
        process.stdout.read()
    if process.returncode or not line:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    return seconds


def whole(command: Sequence[str]) -> float:
    """Seconds from the start of a process to its end."""
    begin = perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return perf_counter() - begin


def measures(work: Path) -> dict[str, Callable[[], float]]:
    """What is measured, by name."""
    zhanbao, dump = str(Path(sys.executable).with_name("zhanbao")), str(ROOT / "data" / "raw")
    one = [zhanbao, "run", dump, "--out", str(work / "out"), "--limit", "1", "--workers", "1", "--fresh", "--quiet"]
    return {
        "the interpreter alone": lambda: whole([sys.executable, "-c", "pass"]),
        "import pipeline": lambda: inside(_IMPORT),
        "zhanbao --help": lambda: whole([zhanbao, "--help"]),
        "start to first article": lambda: until_first_line([sys.executable, "-c", _FIRST_ARTICLE, dump]),
        "zhanbao run of one article, tables and page": lambda: whole(one),
    }


def main(arguments: list[str] | None = None) -> None:
    """Measure; print and keep the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args(arguments).rounds
    result = {}
    print(f"\nseconds, median of {rounds} processes")
    with TemporaryDirectory() as folder:
        for name, seconds in measures(Path(folder)).items():
            seconds()
            times = [round(seconds(), 3) for _ in range(rounds)]
            result[name] = {"seconds": times, "median": median(times)}
            print(f"  {name:44} {median(times):6.2f}")
    print(f"\nwritten to {record.save('startup', {'results': result}).relative_to(ROOT)}")


if __name__ == "__main__":
    main()
