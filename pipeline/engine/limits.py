"""How long one article may take."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import threading
from types import FrameType, TracebackType

__all__ = ["Deadline", "TimeLimitError"]

#: a call into compiled code cannot be interrupted; a worker that sits in one this many limits long is ended
_PATIENCE = 3.0

#: seconds after which the alarm rings again, in case it rang in a callback whose errors the interpreter drops
_AGAIN = 1.0


class TimeLimitError(BaseException):
    """An article took too long. Not an ``Exception``, so that no ``except Exception`` on the way keeps it."""


class Deadline:
    """Limits the time spent in a ``with`` block; one object serves any number of blocks, one after another.

    An alarm raises :class:`TimeLimitError` between two steps of Python code. Code that stays in one compiled
    call cannot be interrupted that way; with ``kill``, a watchdog then ends the process when the block has used
    three times the limit of processor time, and the engine finds out in a new one which article it was. Where
    there is no alarm (Windows, or a thread other than the main one) only the watchdog works.

    Args:
        seconds: the limit.
        kill: whether this process may be ended; for worker processes.
    """

    def __init__(self, seconds: float, kill: bool = False) -> None:
        self._seconds = seconds
        self._alarm = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
        # a timer of the system whose signal nobody handles: a thousandth of what a thread costs on a busy machine
        self._timer = kill and hasattr(signal, "setitimer")
        # the thread that watches on Windows may write to it at any time until it is cancelled
        self._log = open(os.devnull, "w") if kill and not self._timer else None  # noqa: SIM115, PTH123
        self._before = signal.signal(signal.SIGALRM, self._ring) if self._alarm else None

    def close(self) -> None:
        """Give the alarm signal back to whoever had it."""
        if self._alarm:
            signal.signal(signal.SIGALRM, self._before)
        if self._log:
            self._log.close()

    def _ring(self, number: int, frame: FrameType | None) -> None:
        raise TimeLimitError

    def __enter__(self) -> Deadline:
        if self._timer:
            signal.setitimer(signal.ITIMER_PROF, self._seconds * _PATIENCE)
        if self._log:
            faulthandler.dump_traceback_later(self._seconds * _PATIENCE, exit=True, file=self._log)
        if self._alarm:
            signal.setitimer(signal.ITIMER_REAL, self._seconds, _AGAIN)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._alarm:
            # an alarm that rings between the end of the block and this line has nothing left to limit
            with contextlib.suppress(TimeLimitError):
                signal.setitimer(signal.ITIMER_REAL, 0)
        if self._timer:
            signal.setitimer(signal.ITIMER_PROF, 0)
        if self._log:
            faulthandler.cancel_dump_traceback_later()
