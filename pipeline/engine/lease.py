"""A lock in a store, where no system takes it away from a process that is gone.

The holder writes to it again and again; who finds one that nobody writes to any more takes it over. Clocks of
different machines are not compared: what counts is whether the lock changes while one looks at it.
"""

from __future__ import annotations

import json
import os
import platform
import threading
from time import monotonic, sleep
from types import TracebackType
from uuid import uuid4

from pipeline.engine.errors import EngineError
from pipeline.storage import StorageError, Store

__all__ = ["Lease"]

#: seconds between two signs of life, and without one until the holder counts as gone
BEAT, GONE = 5.0, 25.0

#: seconds after which one looks whether another took the lock at the same moment
_SETTLE = 0.3


class Lease:
    """Holds a lock for the time of a ``with`` block.

    Args:
        store: where it lies.
        name: of its file.

    Raises:
        EngineError: another run holds it; one that was killed does so for some seconds more, which are waited.
    """

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self._token = uuid4().hex
        self._beats = 0
        self._lost = False
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> Lease:
        self._wait_for_the_last()
        self._beat()
        sleep(_SETTLE)
        if not self._is_mine():
            raise self._refusal()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()
        if self._is_mine():
            self._store.delete([self._name])

    def check(self) -> None:
        """Find out whether the lock is still held.

        Raises:
            EngineError: this process gave no sign of life for so long that another run took over.
        """
        if self._lost:
            raise EngineError(
                f"another run has taken over {self._store.url}, because this one stood still; what it finished is kept"
            )

    def _wait_for_the_last(self) -> None:
        begin = monotonic()
        first = self._store.read(self._name)
        while first is not None and monotonic() - begin < GONE:
            sleep(BEAT / 4)
            now = self._store.read(self._name)
            if now is None:
                return
            if now != first:
                raise self._refusal()

    def _refusal(self) -> EngineError:
        stored = self._store.read(self._name)
        try:
            who = json.loads(stored or b"{}").get("holder", "")
        except ValueError:
            who = ""
        return EngineError(
            f"another run is writing to {self._store.url}{who and f' ({who})'}; wait for it or give another folder"
        )

    def _beat(self) -> None:
        self._beats += 1
        said = {"token": self._token, "beat": self._beats, "holder": f"{platform.node()}, process {os.getpid()}"}
        self._store.write(self._name, json.dumps(said).encode())

    def _is_mine(self) -> bool:
        return self._token.encode() in (self._store.read(self._name) or b"")

    def _live(self) -> None:
        while not self._end.wait(BEAT):
            try:
                if not self._is_mine():
                    self._lost = True
                    return
                self._beat()
            except StorageError:
                # the store may come back before the others lose patience; if not, they take over, which is noticed
                continue
