"""zhanbao's main job against the loop that a user would write, on the same dump in the same process.

    python -m bench.end_to_end [SOURCE] [--megabytes 2] [--rounds 3]
    python -m bench.end_to_end [SOURCE] --sizes 10,100 --workers 1,2   # zhanbao against itself: see growth.py

Each round runs all contenders one after the other, so that a busy machine slows all of them; the median of a
contender's rounds counts. zhanbao does its whole job, from the file to tables on disk; the loop writes a CSV
of numbers, words and places. Dictionaries are loaded before the clock starts, for both; the process that zhanbao
starts for a dump of more than 8 MB loads its own inside. Processor time is given beside the time on the clock: where
the two differ, other work ran on the machine.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

from bench import growth, record
from bench.loop import Loop
from bench.sample import ROOT, write_dump

Contender = Callable[[Path, Path], object]


def contenders() -> dict[str, Contender]:
    """What is compared: each takes a dump and a place for its output."""
    from pipeline.engine import run

    loop = Loop()
    return {
        "zhanbao": lambda dump, out: run(dump, out / "zhanbao", workers=1, fresh=True),
        "loop": lambda dump, out: loop.run(dump, out / "loop.csv"),
        "jieba.cut alone": lambda dump, out: loop.cut_only(dump),
    }


def compare(source: Path, megabytes: float, rounds: int, damaged: bool) -> dict[str, Any]:
    """Megabytes of text a second of every contender, and how many times as fast zhanbao is as each other."""
    clock: dict[str, list[float]] = {}
    processor: dict[str, list[float]] = {}
    with TemporaryDirectory() as folder:
        work = Path(folder)
        size = write_dump(work / "dump.jsonl", source, megabytes, damaged)
        write_dump(work / "warm.jsonl", source, 0.02, damaged)
        competing = contenders()
        for contender in competing.values():
            contender(work / "warm.jsonl", work)
        for _ in range(rounds):
            for name, contender in competing.items():
                begin, begin_processor = perf_counter(), _processor_time()
                contender(work / "dump.jsonl", work)
                processor.setdefault(name, []).append(round(_processor_time() - begin_processor, 3))
                clock.setdefault(name, []).append(round(perf_counter() - begin, 3))
        stages = _stage_seconds(work / "zhanbao")
    return {
        "text": "traditional, with readings" if damaged else "simplified",
        "megabytes": round(size, 2),
        "rounds": rounds,
        "clock": _rates(size, clock),
        "processor": _rates(size, processor),
        "zhanbao_stage_seconds_last_round": stages,
    }


def _processor_time() -> float:
    """Of this process and those that it started: a dump of more than 8 MB has a process of its own."""
    return process_time() + growth.processor_of_children()


def _rates(size: float, seconds: dict[str, list[float]]) -> dict[str, dict[str, Any]]:
    rates = {name: size / median(times) for name, times in seconds.items()}
    return {
        name: {
            "seconds": times,
            "megabytes_per_second": round(rates[name], 3),
            "zhanbao_is_times_as_fast": round(rates["zhanbao"] / rates[name], 2),
        }
        for name, times in seconds.items()
    }


def _stage_seconds(out: Path) -> dict[str, float]:
    from pipeline.engine import Summary

    return Summary.load(out).seconds


def show(result: dict[str, Any]) -> None:
    """Print a comparison."""
    print(f"\n{result['megabytes']} MB of {result['text']} text, median of {result['rounds']} rounds")
    print(f"  {'':16} {'on the clock':>14} {'zhanbao':>9} {'processor time':>16} {'zhanbao':>9}")
    for name, clock in result["clock"].items():
        columns = [
            f"{found['megabytes_per_second']:{width}.3f} MB/s {found['zhanbao_is_times_as_fast']:7.2f} x"
            for found, width in ((clock, 9), (result["processor"][name], 11))
        ]
        print(f"  {name:16} {' '.join(columns)}")


def _numbers(listed: str) -> list[float]:
    return [float(number) for number in listed.split(",")]


def main(arguments: list[str] | None = None) -> None:
    """Compare on simplified and on damaged traditional text; print and keep the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="?", type=Path, default=ROOT.parent / "shared", help="folder or JSONL file")
    parser.add_argument("--megabytes", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", type=_numbers, default=[], help="megabytes of several runs of zhanbao: 10,100")
    parser.add_argument("--workers", type=_numbers, default=[], help="numbers of processes for these: 1,2")
    parser.add_argument("--files", type=int, default=4, help="files of their dumps; a file is one shard or more")
    chosen = parser.parse_args(arguments)
    if chosen.sizes or chosen.workers:
        workers = [int(number) for number in chosen.workers or [1]]
        sizes = chosen.sizes or [chosen.megabytes]
        result = growth.measure(chosen.source, sizes, workers, chosen.rounds, chosen.files, damaged=False)
        growth.show(result)
        print(f"\nwritten to {record.save('growth', {'results': result}).relative_to(ROOT)}")
        return
    results = []
    for damaged in (False, True):
        results.append(compare(chosen.source, chosen.megabytes, chosen.rounds, damaged))
        show(results[-1])
    print(f"\nwritten to {record.save('end-to-end', {'results': results}).relative_to(ROOT)}")


if __name__ == "__main__":
    main()
