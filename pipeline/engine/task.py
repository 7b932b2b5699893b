"""One shard from bytes to parquet parts: the unit of work, the same in every process and on every machine."""

from __future__ import annotations

import contextlib
import gc
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir
from time import perf_counter
from typing import TYPE_CHECKING

from pipeline import lexicon, rows
from pipeline.engine.errors import EngineError
from pipeline.engine.limits import Deadline, TimeLimitError
from pipeline.engine.output import Output, open_output
from pipeline.engine.parts import Marker, part_name, state_folder, unfinished
from pipeline.model import Article, Options, Reject, evolve
from pipeline.stages import StageError, run_stages, warm_up
from pipeline.stages.read import Shard, digest, fetched, read
from pipeline.storage import is_remote

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = ["Task", "duplicate", "in_hand", "process"]

#: characters of text that are collected before they are written
_BATCH = 400_000


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is told."""

    shard: Shard
    #: a path or an address
    out: str
    options: Options
    #: fingerprint of everything in the package that decides what comes out
    rules: str
    #: name of the run that wants it, as :meth:`Output.begin` gave it; not checked where there is none
    run: str = ""
    #: stop after so many articles
    limit: int | None = None
    #: what ended the process that worked on it, as :func:`in_hand` names it
    skip: tuple[str, ...] = ()
    #: the process may be ended from within when it does not answer
    expendable: bool = False
    #: write down which article is worked on, to know it if the process does not survive it
    journal: bool = False


def process(task: Task) -> Marker:
    """Work on a shard and leave its parts and its marker in the output; a finished shard is left as it is.

    Raises:
        ImportError: a library is missing; that is no fault of the dump, and ends the run.
        OSError: the output cannot be written, or a store does not answer.
    """
    lexicon.use(task.options.lexicons)
    with open_output(task.out) as output, fetched(task.shard) as shard:
        return _process(replace(task, shard=shard), output)


def _process(task: Task, output: Output) -> Marker:
    name = task.shard.name
    begin = perf_counter()
    input_hash = digest(task.shard)
    key = _key(task, input_hash)
    marker = output.finished(name)
    if marker and marker.key == key:
        return replace(marker, reused=True)
    work = _Work(task)
    warm_up(task.options)
    work.seconds["load"] += perf_counter() - begin
    with (
        _fewer_collections(),
        closing(Deadline(task.options.time_limit, kill=task.expendable)) as deadline,
        _Parts(output.folder, name, task.options) as parts,
    ):
        work.walk(deadline, parts)
        parts.flush()
        if task.run and output.run() != task.run:
            # this process was cut off from a run that was stopped; the next one may want something else
            raise EngineError(f"{output} belongs to another run by now")
    work.seconds["write"] += parts.seconds
    work.seconds["total"] += perf_counter() - begin
    marker = Marker(
        shard=name,
        key=key,
        sha256=input_hash,
        bytes=task.shard.size,
        counts=dict(sorted((work.counts + parts.counts).items())),
        seconds=dict(work.seconds),
        rejects=(*work.rejects, *parts.rejects),
    )
    return output.publish(marker, parts.files)


@contextmanager
def _fewer_collections() -> Iterator[None]:
    """Look for garbage in circles seldom: the stages leave none, and the search through what is kept took 7 %."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


#: Containers that come into being between two searches.
_SELDOM = 100_000


def _key(task: Task, input_hash: str) -> str:
    """Hash of everything that decides what the parts of a shard hold."""
    options = replace(task.options, lexicons=())
    parts = [task.shard.name, input_hash, repr(options), task.rules, repr(task.limit), repr(task.skip)]
    return sha256("\x00".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


class _Work:
    """What is learned on the way through one shard."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._journal = _Journal(task)
        self._ids: set[str] = set()
        self.rejects: list[Reject] = []
        self.counts: Counter[str] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def walk(self, deadline: Deadline, parts: _Parts) -> None:
        """Read the shard and take every article through the stages into the parts."""
        for number, item in enumerate(self._items(deadline), 1):
            if isinstance(item, Reject):
                self.rejects.append(item)
            elif item.article_id in self._ids:
                self.rejects.append(duplicate(item.article_id, item.source_path, item.source_row))
            elif f"article {number}" in self._task.skip:
                self._reject(item, "process-ended", f"ended the process that worked on it; {_length(item)}")
            else:
                self._journal.note(f"article {number}")
                self._article(item, deadline, parts)
                if len(self._ids) == self._task.limit:
                    break
        self._journal.close()

    def _article(self, article: Article, deadline: Deadline, parts: _Parts) -> None:
        try:
            with deadline:
                done = run_stages(article, self._task.options, self.seconds)
        except TimeLimitError:
            limit = self._task.options.time_limit
            self._reject(article, "time-limit", f"took more than {limit:g} s; {_length(article)}")
        except StageError as error:
            self._reject(article, "stage-error", str(error))
        else:
            self._ids.add(article.article_id)
            parts.add(done)

    def _reject(self, article: Article, reason: str, detail: str) -> None:
        self.rejects.append(Reject(article.source_path, article.source_row, reason, detail))

    def _items(self, deadline: Deadline) -> Iterator[Article | Reject]:
        """The records of the shard, file by file, so that one that the reader fails on takes no other along."""
        for number, piece in enumerate(self._task.shard.pieces, 1):
            if f"file {number}" in self._task.skip:
                yield Reject(piece.path, None, "process-ended", "reading it ended the process; nothing of it was used")
            else:
                yield from self._piece(replace(self._task.shard, pieces=(piece,)), f"file {number}", deadline)

    def _piece(self, piece: Shard, name: str, deadline: Deadline) -> Iterator[Article | Reject]:
        items = iter(read(piece, self._task.options))
        count = 0
        while True:
            begin = perf_counter()
            self._journal.note(name)
            try:
                with deadline:
                    item = next(items)
            except StopIteration:
                return
            except TimeLimitError:
                problem = "time-limit", f"reading a record took more than {self._task.options.time_limit:g} s"
                break
            except ImportError:
                raise
            except Exception as error:
                problem = "unreadable", f"{type(error).__name__}: {error}"
                break
            finally:
                self.seconds["read"] += perf_counter() - begin
            count += 1
            yield item
        reason, detail = problem
        yield Reject(piece.pieces[0].path, None, reason, f"{detail}; only the {count:,} records before were read")


def _length(article: Article) -> str:
    return f"it has {len(article.raw_text):,} characters"


def duplicate(article_id: str, source_path: str, source_row: int | None) -> Reject:
    """The reject of a record whose id another record has, which comes before it by path and row."""
    detail = f"the id {article_id!r} belongs to a record before this one; give each record an id of its own"
    return Reject(source_path, source_row, "duplicate-id", detail)


class _Parts:
    """Collects finished articles and writes them, batch by batch, to files that :func:`publish` puts in place."""

    def __init__(self, out: Path, shard: str, options: Options) -> None:
        self._out = out
        self._name = part_name(shard)
        self._options = options
        self._batch: list[Article] = []
        self._pending = 0
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._open = ExitStack()
        self.files: dict[str, Path] = {}
        self.rejects: list[Reject] = []
        self.counts: Counter[str] = Counter()
        self.seconds = 0.0

    def __enter__(self) -> _Parts:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        whole = False
        try:
            self._open.close()
            whole = error is None
        finally:
            # closing writes the end of a file, for which there may be no room either
            for file in () if whole else self.files.values():
                file.unlink(missing_ok=True)

    def add(self, article: Article) -> None:
        """Take over a finished article, without what only the stages needed."""
        self._batch.append(evolve(article, clues=(), words=article.words if self._options.tokens else {}))
        self._pending += len(article.raw_text)
        if self._pending >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what was collected."""
        begin = perf_counter()
        batch, self._batch, self._pending = self._batch, [], 0
        if batch:
            try:
                tables = self._tables(batch)
            except ImportError:
                raise
            except Exception:
                # a cell that no table can hold (half a surrogate pair in a title, say): find out whose it is
                batch = [article for article in batch if self._fits(article)]
                tables = self._tables(batch)
            for name, table in tables.items():
                self._write(name, table)
            self._count(batch)
        self.seconds += perf_counter() - begin

    def _tables(self, batch: list[Article]) -> dict[str, pa.Table]:
        tables = {"articles": rows.article_table(batch), "figures": rows.figure_table(batch)}
        if self._options.tokens:
            tables["tokens"] = rows.token_table(batch)
        return tables

    def _fits(self, article: Article) -> bool:
        try:
            self._tables([article])
        except Exception as error:
            detail = f"rows: {type(error).__name__}: {error}"
            self.rejects.append(Reject(article.source_path, article.source_row, "stage-error", detail))
            return False
        return True

    def _write(self, name: str, table: pa.Table) -> None:
        if not table.num_rows:
            return
        if name not in self._writers:
            import pyarrow.parquet as pq

            path = unfinished(self._out / name / f"{self._name}.parquet")
            path.parent.mkdir(parents=True, exist_ok=True)
            self.files[name] = path
            self._writers[name] = self._open.enter_context(pq.ParquetWriter(path, table.schema, compression="zstd"))
        self._writers[name].write_table(table)

    def _count(self, batch: list[Article]) -> None:
        for article in batch:
            self.counts["articles"] += 1
            self.counts["characters"] += len(article.raw_text)
            self.counts["figures"] += len(article.quantities)
            self.counts["repairs"] += len(article.repairs)
            self.counts["damaged"] += article.n_damaged
            self.counts["undated"] += article.published is None


class _Journal:
    """Says, to whoever looks after the process is gone, which file or article of the shard it worked on."""

    def __init__(self, task: Task) -> None:
        self._path = _journal_path(task) if task.journal else None

    def note(self, what: str) -> None:
        if self._path:
            self._path.write_text(what, encoding="utf-8")

    def close(self) -> None:
        if self._path:
            self._path.unlink(missing_ok=True)


def _journal_path(task: Task) -> Path:
    name = part_name(task.shard.name)
    if is_remote(task.out):
        # who looks after the process is on the same machine
        return Path(gettempdir(), f"zhanbao-{part_name(task.out)}-{name}.at")
    return state_folder(Path(task.out)) / f"{name}.at"


def in_hand(task: Task) -> str | None:
    """What the process that worked on this task with a journal ended with.

    ``article 7`` or ``file 2``, counted in reading order from 1; None where it ended with neither.
    """
    path = _journal_path(task)
    with contextlib.suppress(FileNotFoundError):
        what = path.read_text(encoding="utf-8")
        path.unlink()
        return what or None
    return None
