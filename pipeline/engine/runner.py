"""A run from end to end: plan, shards, duplicates, rejects, tables, record of the run."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, TypeAlias

from pipeline import lexicon
from pipeline.engine.errors import EngineError
from pipeline.engine.local import default_workers, run_local
from pipeline.engine.merge import settle_duplicates, write_rejects
from pipeline.engine.output import Output, open_output
from pipeline.engine.parts import Marker, unfinished
from pipeline.engine.rules import rules, versions
from pipeline.engine.task import Task, process
from pipeline.model import Options, Reject
from pipeline.stages.read import Shard, plan
from pipeline.storage import Store, is_remote, plain

__all__ = ["ENGINES", "Progress", "Summary", "run"]

#: where the shard of a task goes
_NO_SHARD = Shard("", ())

#: ways to spread the work
ENGINES = ("local", "dask")

#: bytes of input in a shard, about: some seconds of work, small enough to share a dump of some ten megabytes fairly
SHARD_BYTES = 4 << 20


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
        record = _read_record(plain(out))
        if record is None:
            raise EngineError(f"there is no finished run in {out}; make one with: zhanbao run DUMP -o {out}")
        return cls(**json.loads(record))


def _read_record(out: str) -> bytes | None:
    if is_remote(out):
        return Store(out).read("run.json")
    path = Path(out, "run.json")
    return path.read_bytes() if path.is_file() else None


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
    finish: Callable[[Path], object] | None = None,
) -> Summary:
    """Turn a dump of reports into tables.

    Args:
        source: a file or folder in any of the forms of :mod:`pipeline.stages.read`; a path, or the address of a
            place that fsspec knows, such as ``s3://bucket/reports``.
        out: a new folder, or the output of an earlier run, which is continued; a path or an address.
        options: the choices of the run; the defaults where left out.
        workers: number of processes, by default one a processor. With 1 all is done in this process; only then
            may a script call this outside of ``if __name__ == "__main__"``.
        limit: stop after so many articles, in the order of the dump; for a first look.
        fresh: throw away what earlier runs left.
        progress: called now and then with how far the run is.
        engine: ``local`` for processes of this machine, ``dask`` for a cluster; see docs/scale.md.
        scheduler: the address of the cluster's scheduler, such as ``tcp://10.0.0.1:8786``; without it Dask works on
            this machine.
        finish: called with the folder of the finished tables, while the output still belongs to this run; what it
            leaves in ``report/`` is a part of the output.

    Raises:
        EngineError: the source is missing, the output is another run's or in use, the cluster cannot be used.
        pipeline.lexicon.LexiconError: a lexicon file of the user breaks its schema.
        OSError: the output cannot be written, or a store does not answer.
    """
    begin = perf_counter()
    options = options or Options()
    source, out = plain(source), plain(out)
    executor = _executor(engine, scheduler, _workers(workers, engine, source, out))
    lexicon.use(options.lexicons)
    with open_output(out) as output:
        _check_places(source, out, output)
        with output.locked():
            if fresh:
                output.clear()
            name = output.begin()
            shards = plan(_absolute(source), SHARD_BYTES)
            output.sweep({shard.name for shard in shards})
            job = _Job(output, shards, Task(_NO_SHARD, _absolute(out), options, rules(), name), progress)
            job.work(executor, limit)
            rejects = job.rejects()
            write_rejects(output.folder, rejects)
            _build_tables(output.folder, job)
            summary = job.summary(source, rejects, perf_counter() - begin)
            _write_json(output.folder / "run.json", asdict(summary))
            if finish:
                finish(output.folder)
            output.deliver()
    return summary


#: works on tasks; told which are done and which are lost
_Executor: TypeAlias = Callable[[Iterable[Task], Callable[[Marker], None], Callable[[Task], None]], None]


def _executor(engine: str, scheduler: str | None, workers: int) -> _Executor:
    if engine not in ENGINES:
        raise EngineError(f"there is no engine {engine!r}; it is one of {', '.join(ENGINES)}")
    if engine == "local":
        if scheduler:
            raise EngineError("a scheduler needs the engine dask: --engine dask --scheduler " + scheduler)
        return partial(run_local, workers)
    from pipeline.engine.cluster import must_be_installed, run_dask

    must_be_installed()
    return partial(run_dask, scheduler, workers)


def _workers(wanted: int | None, engine: str, source: str, out: str) -> int:
    if any(place.startswith("memory://") for place in (source, out)):
        # what one process holds in memory the others do not see
        if engine != "local" or (wanted or 1) > 1:
            raise EngineError("memory:// is seen by one process only; take the engine local and one worker")
        return 1
    return wanted or default_workers()


def _absolute(place: str) -> str:
    """A place as it is called in other processes, which may be in another folder."""
    return place if is_remote(place) else str(Path(place).absolute())


class _Job:
    """The shards of one run and what became of them."""

    def __init__(
        self, output: Output, shards: list[Shard], task: Task, progress: Callable[[Progress], None] | None
    ) -> None:
        self.output = output
        self._shards = shards
        #: what all tasks of the run have in common
        self._common = task
        self._progress = progress
        self._lost: list[Reject] = []
        self._bytes_total = sum(shard.size for shard in shards)
        self._so_far: Counter[str] = Counter()
        self.markers: dict[str, Marker] = {}
        #: counts of the tables
        self.tables: dict[str, int] = {}
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def work(self, executor: _Executor, limit: int | None) -> None:
        """Work on all shards, then see to ids that several records have."""
        if limit is None:
            executor((self._task(shard) for shard in self._shards), self._done, self._give_up)
        else:
            self._first(limit)
        # parts of shards that this run could not finish, from an earlier one
        self.output.sweep(set(self.markers))
        begin = perf_counter()
        while missing := settle_duplicates(self.output, self.markers):
            for shard in (s for s in self._shards if s.name in missing):
                self.output.forget(self.markers[shard.name])
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
        return replace(self._common, shard=shard)

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
                **asdict(self._common.options),
                "columns": [list(pair) for pair in self._common.options.columns],
                "lexicons": list(self._common.options.lexicons),
            },
            versions=versions(),
            lexicons=lexicon.fingerprint(),
            inputs={name: self.markers[name].sha256 for name in sorted(self.markers)},
        )


def _build_tables(out: Path, job: _Job) -> None:
    from pipeline.tables.build import build

    job.report("tables")
    begin = perf_counter()
    made = build(out)
    job.output.keep(made.rewritten)
    job.tables = {
        "reprints": made.reprints,
        "facts": made.rows,
        "conflicts": made.conflicts,
        "checks": sum(made.checks.values()),
        "contradictions": made.checks.get("contradicts", 0),
    }
    job.seconds["tables"] = perf_counter() - begin


def _check_places(source: str, out: str, output: Output) -> None:
    kind = Store(source).kind() if is_remote(source) else Path(source).exists()
    if not kind:
        raise EngineError(f"{source} does not exist; give the file or folder that holds the dump")
    output.check()
    if _lies_in(out, source):
        raise EngineError(
            f"the output {out} lies in the dump {source} and would be read as a part of it; put it elsewhere"
        )


def _lies_in(out: str, source: str) -> bool:
    if is_remote(out) or is_remote(source):
        return f"{out}/".startswith(f"{source}/")
    return Path(source).is_dir() and Path(out).resolve().is_relative_to(Path(source).resolve())


def _write_json(path: Path, content: Any) -> None:
    fresh = unfinished(path)
    fresh.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8", errors="backslashreplace")
    fresh.replace(path)
