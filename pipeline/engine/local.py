"""Work spread over processes of this machine."""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

from pipeline.engine.parts import Marker
from pipeline.engine.task import Task, in_hand, process

__all__ = ["alone", "default_workers", "process_pool", "run_local"]

#: articles and files of one shard that may end a process before the rest of the shard is given up
_CULPRITS = 3

#: so many bytes of files are worked on without a process of their own
_LITTLE = 8_000_000


def default_workers() -> int:
    """The number of processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


def run_local(
    workers: int, tasks: Iterable[Task], done: Callable[[Marker], None], lost: Callable[[Task], None]
) -> None:
    """Work on tasks in any order.

    With one worker and a small dump the work is done in this process. Else, a worker that is killed, by the system
    for want of memory or by the watchdog of an article's time limit, takes nothing along: the shards that were
    being worked on are taken up again one by one, each in a process of its own, and articles or files that end
    that process too are left out. Any but a small dump gets a process of its own even for one worker: what the
    stages remember of it and what the tables need do not add up in one memory.

    Args:
        workers: number of processes.
        tasks: the shards.
        done: called in this process for each finished shard.
        lost: called for a shard that ends every process.
    """
    tasks = list(tasks)
    if workers == 1 and sum(map(_size, tasks)) <= _LITTLE:
        for task in tasks:
            done(process(task))
        return
    waiting = deque(replace(task, expendable=True) for task in tasks)
    while waiting:
        for task in _until_broken(waiting, workers, done):
            marker = alone(task)
            if marker:
                done(marker)
            else:
                lost(task)


def _size(task: Task) -> int:
    """The bytes of the files of a shard, or of its parts of them."""
    return sum(piece.stop - piece.start or piece.size for piece in task.shard.pieces)


def _until_broken(waiting: deque[Task], workers: int, done: Callable[[Marker], None]) -> list[Task]:
    """Work on what waits until nothing does, or a worker died; then the tasks that were under way."""
    running: dict[Future[Marker], Task] = {}
    with process_pool(min(workers, len(waiting))) as pool:
        try:
            while waiting or running:
                while waiting and len(running) < 2 * workers:
                    running[pool.submit(process, waiting[0])] = waiting[0]
                    waiting.popleft()
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    marker = future.result()
                    del running[future]
                    done(marker)
        except BrokenProcessPool:
            return list(running.values())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return []


def alone(task: Task) -> Marker | None:
    """Work on a suspect by itself, without the articles that turn out to end the process; None if that is no use."""
    task = replace(task, journal=True)
    for _ in range(1 + _CULPRITS):
        with process_pool(1) as pool, contextlib.suppress(BrokenProcessPool):
            return pool.submit(process, task).result()
        culprit = in_hand(task)
        if culprit is None:
            return None
        task = replace(task, skip=(*task.skip, culprit))
    return None


def process_pool(workers: int) -> ProcessPoolExecutor:
    """Processes that end with this one."""
    # started afresh, not forked: the libraries run threads, and a copy of a process with threads can hang
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _start)


def _start() -> None:
    """Prepare a worker: Ctrl-C is the main process's business, and without a main process there is no work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None, "only worker processes come here"
    multiprocessing.connection.wait([parent.sentinel])
    os._exit(1)
