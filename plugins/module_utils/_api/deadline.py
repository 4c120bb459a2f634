# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""A time limit for a series of calls, which no call outlives, whatever happens at its other end.

The SDK limits each wait for a connection and for a piece of an answer, and how often it tries. It does not limit how
long all of that takes together: an answer that comes byte by byte, or a listing without an end, takes for ever.
"""

from __future__ import annotations

import math
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from queue import SimpleQueue
from typing import Any, TypeVar

from .._errors import Interrupted

Result = TypeVar("Result")

# A call may take so many seconds however little time its wait has left: the first one obtains credentials too.
MIN_CALL_SECONDS = 5.0


class DeadlineExceeded(Exception):
    """No time is left for a call, or not enough."""


class Deadline:
    """``seconds`` from now on, as ``elapsed`` counts them; None: no limit. Several threads may share it.

    ``wait_remaining``: how many seconds the wait that reads has left. ``stop``: once it is done no call is waited for.
    """

    def __init__(
        self,
        seconds: float | None = None,
        elapsed: Callable[[], float] = time.monotonic,
        wait_remaining: Callable[[], float] | None = None,
        stop: Future[None] | None = None,
    ) -> None:
        self.seconds = seconds
        self._elapsed = elapsed
        self._began = elapsed()
        self._wait_remaining = wait_remaining or (lambda: math.inf)
        self._stop = stop
        self._idle: list[_CallThread] = []
        weakref.finalize(self, _end_threads, self._idle)

    def remaining(self) -> float:
        """Seconds until nothing is asked for again; negative afterwards, infinite without a limit."""
        return min(self._own_remaining(), self._wait_remaining())

    @property
    def expired(self) -> bool:
        """Whether ``seconds`` are over, not only those of the wait."""
        return self._own_remaining() <= 0

    def call(self, function: Callable[[], Result], min_seconds: float = MIN_CALL_SECONDS) -> Result:
        """Call the function in a thread, and return its result or raise what it raises.

        Raises DeadlineExceeded if the time runs out first, and Interrupted once ``stop`` is done: the thread is left
        behind then, and the process does not wait for it at its end. A call may always take ``min_seconds``, even if
        the wait has less time left, but never more than the deadline's own ``seconds``.
        """
        remaining = min(self._own_remaining(), max(self._wait_remaining(), min_seconds))
        if remaining == math.inf and not self._stop:
            return function()
        self._check_stop()
        if remaining <= 0:
            raise DeadlineExceeded
        try:
            thread = self._idle.pop()
        except IndexError:
            thread = _CallThread()
        future = thread.call(function)
        try:
            ends: list[Future[Any]] = [future, self._stop] if self._stop else [future]
            wait(ends, min(remaining, threading.TIMEOUT_MAX), FIRST_COMPLETED)
        finally:
            if future.done():
                self._idle.append(thread)
            else:
                thread.end()
        if future.done():
            return future.result()
        self._check_stop()
        raise DeadlineExceeded

    def _check_stop(self) -> None:
        if self._stop and self._stop.done():
            raise Interrupted

    def _own_remaining(self) -> float:
        return math.inf if self.seconds is None else self.seconds - (self._elapsed() - self._began)


class _CallThread:
    """A thread for one call after another: to start one for each takes a tenth of the time of reading a page."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Any] = SimpleQueue()
        threading.Thread(target=_run_calls, args=(self._calls,), daemon=True).start()

    def call(self, function: Callable[[], Result]) -> Future[Result]:
        future: Future[Result] = Future()
        self._calls.put((future, function))
        return future

    def end(self) -> None:
        """Have the thread end, after what it is at."""
        self._calls.put(None)


def _end_threads(threads: list[_CallThread]) -> None:
    for thread in threads:
        thread.end()


def _run_calls(calls: SimpleQueue[Any]) -> None:
    # It must know its queue and no more: a Deadline that nobody else knows is what ends it.
    while (call := calls.get()) is not None:
        future, function = call
        try:
            future.set_result(function())
        except BaseException as error:  # whatever it is, it belongs to the caller
            future.set_exception(error)
        del call, future, function  # and what they hold, while nothing is to be done
