"""A run from end to end: plan, shards, duplicates, rejects, tables, record of the run."""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

from pipeline import __version__, lexicon
from pipeline.engine.local import default_workers, run_local
from pipeline.engine.merge import settle_duplicates, write_rejects
from pipeline.engine.parts import TABLES, Marker, state_folder, sweep, unfinished
from pipeline.engine.task import Task, process
from pipeline.model import Options, Reject
from pipeline.stages.read import Shard, plan

__all__ = ["EngineError", "Progress", "Summary", "run"]


#: bytes of input in a shard, about: a second of work, small enough to share a dump of some ten megabytes fairly
SHARD_BYTES = 4 << 20


class EngineError(Exception):
    """A run cannot begin or go on; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; handed to the ``progress`` callback after each shard."""

    #: what is going on: read, tables
    phase: str
    bytes_done: int
    bytes_total: int
    articles: int
    figures: int
    rejects: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did; stored as ``run.json``."""

    source: str
    #: articles, figures, characters, repairs, damaged, shards, shards_reused, and of the tables facts, reprints,
    #: conflicts, checks, contradictions
    counts: dict[str, int]
    #: reason -> number
    rejects: dict[str, int]
    #: processor seconds by stage, over all workers and including shards finished by earlier runs;
    #: ``elapsed`` is the wall clock of this run
    seconds: dict[str, float]
    options: dict[str, Any]
    versions: dict[str, str]
    #: lexicon -> hash of the table in use
    lexicons: dict[str, str]
    #: shard -> hash of its bytes
    inputs: dict[str, str] = field(repr=False)

    @classmethod
    def load(cls, out: str | os.PathLike[str]) -> Summary:
        """Read the record of a finished run.

        Raises:
            EngineError: there is no finished run in that folder.
        """
        try:
            return cls(**json.loads((Path(out) / "run.json").read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise EngineError(f"there is no finished run in {out}; make one with: zhanbao run DUMP -o {out}") from None


def run(
    source: str | os.PathLike[str],
    out: str | os.PathLike[str],
    options: Options | None = None,
    *,
    workers: int | None = None,
    limit: int | None = None,
    fresh: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Summary:
    """Turn a dump of reports into tables.

    Args:
        source: a file or folder in any of the forms of :mod:`pipeline.stages.read`.
        out: a new folder, or the output of an earlier run, which is continued.
        options: the choices of the run; the defaults where left out.
        workers: number of processes, by default one a processor. With 1 all is done in this process; only then
            may a script call this outside of ``if __name__ == "__main__"``.
        limit: stop after so many articles, in the order of the dump; for a first look.
        fresh: throw away what earlier runs left.
        progress: called now and then with how far the run is.

    Raises:
        EngineError: the source is missing, the output is another run's or in use.
        pipeline.lexicon.LexiconError: a lexicon file of the user breaks its schema.
        OSError: the output cannot be written.
    """
    begin = perf_counter()
    options = options or Options()
    source, out = Path(source), Path(out)
    _check_places(source, out)
    lexicon.use(options.lexicons)
    with _locked(out):
        if fresh:
            _clear(out)
        (out / "run.json").unlink(missing_ok=True)
        shards = plan(source, SHARD_BYTES)
        sweep(out, {shard.name for shard in shards})
        job = _Job(out, options, shards, progress)
        job.work(workers or default_workers(), limit)
        rejects = job.rejects()
        write_rejects(out, rejects)
        _build_tables(out, job)
        summary = job.summary(str(source), rejects, perf_counter() - begin)
        _write_json(out / "run.json", asdict(summary))
    return summary


class _Job:
    """The shards of one run and what became of them."""

    def __init__(
        self, out: Path, options: Options, shards: list[Shard], progress: Callable[[Progress], None] | None
    ) -> None:
        self._out = out
        self._options = options
        self._shards = shards
        self._progress = progress
        self._rules = _rules()
        self._lost: list[Reject] = []
        self._bytes_total = sum(shard.size for shard in shards)
        self._so_far: Counter[str] = Counter()
        self.markers: dict[str, Marker] = {}
        #: counts of the tables
        self.tables: dict[str, int] = {}
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def work(self, workers: int, limit: int | None) -> None:
        """Work on all shards, then see to ids that several records have."""
        if limit is None:
            run_local((self._task(shard) for shard in self._shards), workers, self._done, self._give_up)
        else:
            self._first(limit)
        # parts of shards that this run could not finish, from an earlier one
        sweep(self._out, set(self.markers))
        begin = perf_counter()
        while missing := settle_duplicates(self._out, self.markers):
            for shard in (s for s in self._shards if s.name in missing):
                self.markers[shard.name].path(self._out).unlink()
                self._done(process(self._task(shard)))
        self.seconds["duplicate ids"] = perf_counter() - begin

    def _first(self, limit: int) -> None:
        for shard in self._shards:
            if limit <= 0:
                break
            marker = process(replace(self._task(shard), limit=limit))
            limit -= marker.counts.get("articles", 0)
            self._done(marker)

    def _task(self, shard: Shard) -> Task:
        return Task(shard, str(self._out), self._options, self._rules)

    def _done(self, marker: Marker) -> None:
        self.markers[marker.shard] = marker
        self._so_far.update(marker.counts)
        self._so_far.update(bytes=marker.bytes, rejects=len(marker.rejects))
        self.report("read")

    def _give_up(self, task: Task) -> None:
        detail = "ended every process that worked on it, perhaps for want of memory; split the file"
        self._lost += [Reject(piece.path, None, "process-ended", detail) for piece in task.shard.pieces]

    def report(self, phase: str) -> None:
        """Tell the caller how far the run is."""
        if self._progress:
            so_far = self._so_far
            self._progress(
                Progress(
                    phase,
                    so_far["bytes"],
                    self._bytes_total,
                    so_far["articles"],
                    so_far["figures"],
                    so_far["rejects"] + len(self._lost),
                )
            )

    def _counts(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for marker in self.markers.values():
            total.update(marker.counts)
        return total

    def rejects(self) -> list[Reject]:
        """All that could not be used."""
        return [reject for marker in self.markers.values() for reject in marker.rejects] + self._lost

    def summary(self, source: str, rejects: Iterable[Reject], elapsed: float) -> Summary:
        """The record of the run."""
        counts = self._counts()
        counts.update(self.tables)
        counts["shards"] = len(self.markers)
        counts["shards_reused"] = sum(marker.reused for marker in self.markers.values())
        for marker in self.markers.values():
            for stage, seconds in marker.seconds.items():
                self.seconds[stage] += seconds
        self.seconds["elapsed"] = elapsed
        return Summary(
            source=source,
            counts=dict(sorted(counts.items())),
            rejects=dict(sorted(Counter(reject.reason for reject in rejects).items())),
            seconds={name: round(value, 3) for name, value in self.seconds.items()},
            options={
                **asdict(self._options),
                "columns": [list(pair) for pair in self._options.columns],
                "lexicons": list(self._options.lexicons),
            },
            versions=_versions(),
            lexicons=lexicon.fingerprint(),
            inputs={name: self.markers[name].sha256 for name in sorted(self.markers)},
        )


def _build_tables(out: Path, job: _Job) -> None:
    from pipeline.tables.build import build

    job.report("tables")
    begin = perf_counter()
    made = build(out)
    job.tables = {
        "reprints": made.reprints,
        "facts": made.rows,
        "conflicts": made.conflicts,
        "checks": sum(made.checks.values()),
        "contradictions": made.checks.get("contradicts", 0),
    }
    job.seconds["tables"] = perf_counter() - begin


def _check_places(source: Path, out: Path) -> None:
    if not source.exists():
        raise EngineError(f"{source} does not exist; give the file or folder that holds the dump")
    if out.exists() and not out.is_dir():
        raise EngineError(f"{out} is a file; give a folder for the output")
    if source.is_dir() and out.resolve().is_relative_to(source.resolve()):
        raise EngineError(
            f"the output {out} lies in the dump {source} and would be read as a part of it; put it elsewhere"
        )
    if out.is_dir() and not state_folder(out).is_dir() and any(not p.name.startswith(".") for p in out.iterdir()):
        raise EngineError(f"{out} holds files that are not of a run; give a new or empty folder")


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Keep other runs out of the output; the lock goes with the process, however that ends."""
    from filelock import FileLock, Timeout

    state_folder(out).mkdir(parents=True, exist_ok=True)
    lock = FileLock(state_folder(out) / "lock", blocking=False)
    try:
        with lock:
            yield
    except Timeout:
        raise EngineError(f"another run is writing to {out}; wait for it or give another folder") from None


def _clear(out: Path) -> None:
    for folder in (*TABLES, "tables", "report", state_folder(out).joinpath("shards")):
        shutil.rmtree(out / folder, ignore_errors=True)
    (out / "rejected.jsonl").unlink(missing_ok=True)


def _write_json(path: Path, content: Any) -> None:
    fresh = unfinished(path)
    fresh.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8", errors="backslashreplace")
    fresh.replace(path)


def _rules() -> str:
    """Fingerprint of all that decides what comes out of an article: code, lexicons and libraries."""
    package = Path(__file__).parent.parent
    code = sha256()
    for path in sorted((*package.glob("*.py"), *package.glob("engine/*.py"), *package.glob("stages/**/*"))):
        if path.is_file() and path.suffix != ".pyc":
            code.update(path.relative_to(package).as_posix().encode() + b"\x00" + path.read_bytes())
    return json.dumps([code.hexdigest(), lexicon.fingerprint(), _versions()])


def _versions() -> dict[str, str]:
    """Versions of this package, of Python and of the libraries that it stands on."""
    import re
    from importlib.metadata import PackageNotFoundError, requires, version

    try:
        needed = [
            re.split(r"[^\w.-]", need, maxsplit=1)[0] for need in requires("zhanbao") or [] if "extra ==" not in need
        ]
    except PackageNotFoundError:  # run from a folder without having been installed
        needed = []
    return {"zhanbao": __version__, "python": platform.python_version()} | {
        name: version(name) for name in sorted(needed)
    }
