"""Work spread over machines with Dask.

Dask hands out shards and notices machines that are gone; the work on a shard is done in a process that a thread of
the Dask worker has for itself. There an article's time limit works as it does on one machine, and an article that ends
its process takes no Dask worker along.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING
from uuid import uuid4

from pipeline import lexicon
from pipeline.engine.errors import EngineError
from pipeline.engine.local import alone, process_pool
from pipeline.engine.output import open_output
from pipeline.engine.parts import Marker
from pipeline.engine.rules import differences, rules
from pipeline.engine.task import Task, process
from pipeline.lexicon import LexiconError
from pipeline.storage import is_remote

if TYPE_CHECKING:
    from distributed import Client, Future

__all__ = ["must_be_installed", "run_dask"]

#: how often Dask tries a shard again, elsewhere perhaps, that a worker had an error with
_RETRIES = 2

#: shards that are handed out beyond the one that each thread works on, at least
_AHEAD = 32

#: seconds to wait for workers, at the beginning and when all have gone, and between two looks at them
WAIT_FOR_WORKERS, _LOOK = 120.0, 5.0


def run_dask(
    scheduler: str | None,
    workers: int,
    tasks: Iterable[Task],
    done: Callable[[Marker], None],
    lost: Callable[[Task], None],
) -> None:
    """Work on tasks in any order, on the machines of a cluster.

    Args:
        scheduler: its address; None for a cluster of this machine only.
        workers: number of processes, where there is no scheduler.
        tasks: the shards.
        done: called in this process for each finished shard.
        lost: called for a shard that ends every process.

    Raises:
        EngineError: Dask is not installed, the scheduler or its workers do not answer, or a worker cannot do the
            work: it has another version, or does not see the dump or the output.
    """
    with _client(scheduler, workers) as client:
        hand_out = _HandOut(client, scheduler)
        try:
            hand_out.all(tasks, done, lost)
        finally:
            hand_out.cancel()


def must_be_installed() -> None:
    """Find out whether Dask is there.

    Raises:
        EngineError: it is not.
    """
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise EngineError(f"the engine dask is not installed ({error}); pip install 'zhanbao[dask]'") from None


@contextmanager
def _client(scheduler: str | None, workers: int) -> Iterator[Client]:
    from distributed import Client, LocalCluster

    if scheduler is None:
        # threads are enough: each has a process for the work
        with (
            LocalCluster(
                n_workers=1, threads_per_worker=workers, processes=False, dashboard_address="127.0.0.1:0"
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = Client(scheduler, timeout="30s", set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise EngineError(f"no scheduler of Dask answers at {scheduler} ({error}); start one: dask scheduler") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=WAIT_FOR_WORKERS)
        except TimeoutError:
            raise _no_workers(scheduler) from None
        yield client


def _no_workers(scheduler: str | None) -> EngineError:
    return EngineError(f"the scheduler {scheduler} has no workers; start some: dask worker {scheduler}")


class _HandOut:
    """Hands out shards, a few more than the cluster can work on at the moment, and takes in what comes back."""

    def __init__(self, client: Client, scheduler: str | None) -> None:
        self._client = client
        self._scheduler = scheduler
        self._run = uuid4().hex[:12]
        self._count = 0
        self._running: dict[Future, Task] = {}
        self._back: SimpleQueue[Future] = SimpleQueue()
        self._seen = monotonic()

    def all(self, tasks: Iterable[Task], done: Callable[[Marker], None], lost: Callable[[Task], None]) -> None:
        """Work on all tasks; see :func:`run_dask`."""
        suspects: list[Task] = []
        self._together(tasks, done, suspects.append)
        # several workers ended while they had these, but a worker has more than one shard at hand: which was it?
        for task in suspects:
            self._together([task], done, lost)

    def _together(self, tasks: Iterable[Task], done: Callable[[Marker], None], ended: Callable[[Task], None]) -> None:
        """Work on tasks, side by side.

        Args:
            tasks: the shards.
            done: called for each finished shard.
            ended: called for each that Dask gives up because workers end when they have it.
        """
        waiting = iter(tasks)
        more = True
        while more or self._running:
            while more and len(self._running) < self._room():
                task = next(waiting, None)
                if task is None:
                    more = False
                else:
                    self._submit(task)
            if self._running:
                self._take(self._next(), done, ended)

    def cancel(self) -> None:
        """Take back what is not yet being worked on."""
        # a scheduler that is gone has none of them any more
        with suppress(OSError):
            self._client.cancel(list(self._running))

    def _room(self) -> int:
        return _AHEAD + 2 * self._threads()

    def _threads(self) -> int:
        try:
            return sum(self._client.nthreads().values())
        except OSError:
            raise self._gone() from None

    def _gone(self) -> EngineError:
        return EngineError(
            f"the scheduler {self._scheduler} is gone; what is finished is kept, give the same command again later"
        )

    def _submit(self, task: Task) -> None:
        self._count += 1
        # a worker is in another folder
        lexicons = tuple(str(Path(folder).absolute()) for folder in task.options.lexicons)
        future = self._client.submit(
            work,
            replace(task, expendable=True, options=replace(task.options, lexicons=lexicons)),
            key=f"zhanbao-{self._run}-{self._count}",
            pure=False,
            retries=_RETRIES,
        )
        self._running[future] = task
        future.add_done_callback(self._back.put)

    def _next(self) -> Future:
        """The next shard that comes back.

        Raises:
            EngineError: nobody works on any.
        """
        while True:
            try:
                return self._back.get(timeout=_LOOK)
            except Empty:
                if self._client.status == "running" and self._threads():
                    self._seen = monotonic()
                elif monotonic() - self._seen > WAIT_FOR_WORKERS:
                    raise _no_workers(self._scheduler) from None

    def _take(self, future: Future, done: Callable[[Marker], None], ended: Callable[[Task], None]) -> None:
        from distributed import KilledWorker

        task = self._running.pop(future)
        self._seen = monotonic()
        if future.status == "finished":
            marker = future.result()
            if marker:
                done(marker)
            else:
                ended(task)
        elif future.status != "error":
            raise self._gone()
        elif isinstance(error := future.exception(), KilledWorker):
            ended(task)
        else:
            raise _in_words(error)


def _in_words(error: BaseException) -> BaseException:
    """What a worker had an error with, for the person who runs this."""
    if isinstance(error, ImportError) and (error.name or "").startswith("pipeline"):
        return EngineError(f"a worker does not know this version of zhanbao ({error}); install the same everywhere")
    return error


# ------------------------------------------------------------------------------------------- on the workers

_own = threading.local()


def work(task: Task) -> Marker | None:
    """Work on a shard in the process of this thread; None for a shard that ends every process.

    Raises:
        EngineError: this machine cannot do the work; the message names it.
    """
    try:
        return _pool_of_thread().submit(_checked, task).result()
    except BrokenProcessPool:
        _own.pool = None
        return alone(task)
    except (EngineError, LexiconError, OSError) as error:
        raise EngineError(f"{_name()}: {error}") from None


def _name() -> str:
    from distributed import get_worker

    return f"worker {get_worker().address}"


def _pool_of_thread() -> ProcessPoolExecutor:
    if getattr(_own, "pool", None) is None:
        # Dask runs workers as daemons, which must not have children that outlive them; ours end with their parent
        multiprocessing.current_process().daemon = False
        _own.pool = process_pool(1)
    found: ProcessPoolExecutor = _own.pool
    return found


def _checked(task: Task) -> Marker:
    """Work on a shard if this machine sees the same program and the same folders as the one that planned it."""
    mine = _rules(task.options.lexicons)
    if mine != task.rules:
        raise EngineError(f"it has {differences(mine, task.rules)}; install the same everywhere")
    if not is_remote(task.shard.root) and not Path(task.shard.root).is_dir():
        raise EngineError(
            f"it does not see the dump {task.shard.root}; put it where all machines see it, such as s3://"
        )
    with open_output(task.out) as output:
        if output.run() != task.run:
            raise EngineError(f"it does not see the output {output}; put it where all machines see it, such as s3://")
    return process(task)


@lru_cache(maxsize=4)
def _rules(lexicons: tuple[str, ...]) -> str:
    lexicon.use(lexicons)
    return rules()
