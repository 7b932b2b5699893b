"""``python -m fuzz [TARGET ...] [--minutes N]`` in the folder ``tests``: fuzz targets in turn, each in a process.

What the fuzzer keeps, and its findings (``crash-…``, ``timeout-…``, ``oom-…``), lie in ``.fuzz/TARGET``. A finding is
run alone by ``python -m fuzz TARGET --input FILE``. Exit status 1 says that something was found.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parent.parent.parent
_KEPT = _ROOT / ".fuzz"

#: seconds an input may take, megabytes the process may have, and bytes of the longest input
_LIMITS = ("-timeout=20", "-rss_limit_mb=3000", "-max_len=4096")

_NAMES = ("read", "repair", "extract", "pipeline")


def main() -> int:
    """Read the command line, fuzz, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(_NAMES)}; all where left out")
    parser.add_argument("--minutes", type=float, default=4.0, help="in total, shared by the targets")
    parser.add_argument("--input", type=Path, help="run this finding alone")
    told = parser.parse_args()
    targets = told.targets or list(_NAMES)
    if told.input:
        return _alone(targets[0], told.input)
    return max(_started(target, told.minutes * 60 / len(targets)) for target in targets)


def _alone(target: str, file: Path) -> int:
    from .targets import TARGETS

    TARGETS[target](file.read_bytes())
    return 0


def _started(target: str, seconds: float) -> int:
    """Fuzz a target in a process of its own, for the fuzzer ends its process; 1 where it found something."""
    from test_hostile import PIECES

    from .seeds import dictionary, write_seeds

    folder, seeds, words = _KEPT / target / "corpus", _KEPT / target / "seeds", _KEPT / "words.dict"
    folder.mkdir(parents=True, exist_ok=True)
    seeds.mkdir(exist_ok=True)
    write_seeds(target, seeds)
    words.write_text(dictionary(PIECES), encoding="ascii")
    told = [f"-max_total_time={max(1, int(seconds))}", f"-artifact_prefix={folder.parent}/", f"-dict={words}"]
    command = [sys.executable, "-m", "fuzz.inside", target, *_LIMITS, *told, str(folder), str(seeds)]
    print(f"{target}: {seconds:.0f} s", flush=True)
    return int(subprocess.run(command, cwd=_ROOT / "tests", check=False).returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
