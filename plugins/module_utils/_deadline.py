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
from concurrent.futures import Future, wait
from queue import SimpleQueue
from typing import Any, TypeVar

Result = TypeVar("Result")


class TimeOver(Exception):
    """No time is left for a call, or not enough."""


class Deadline:
    """``seconds`` from now on, by a clock that never goes back; None: no limit. Several threads may share it."""

    def __init__(self, seconds: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._began = clock()
        self._idle: list[_Caller] = []
        weakref.finalize(self, _dismiss, self._idle)

    def left(self) -> float:
        """Seconds until the time is over; negative afterwards, infinite without a limit."""
        return math.inf if self.seconds is None else self.seconds - (self._clock() - self._began)

    def call(self, function: Callable[[], Result]) -> Result:
        """The function's result, or what it raises. Raises TimeOver when the time is over, and leaves it behind then.

        It runs in a thread that the process does not wait for at its end.
        """
        if self.seconds is None:
            return function()
        left = self.left()
        if left <= 0:
            raise TimeOver
        try:
            caller = self._idle.pop()
        except IndexError:
            caller = _Caller()
        future = caller.call(function)
        try:
            wait([future], min(left, threading.TIMEOUT_MAX))
        finally:
            if future.done():
                self._idle.append(caller)
            else:
                caller.dismiss()
        if not future.done():
            raise TimeOver
        return future.result()


class _Caller:
    """A thread for one call after another: to start one for each takes a tenth of the time of reading a page."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Any] = SimpleQueue()
        threading.Thread(target=_work, args=(self._calls,), daemon=True).start()

    def call(self, function: Callable[[], Result]) -> Future[Result]:
        future: Future[Result] = Future()
        self._calls.put((future, function))
        return future

    def dismiss(self) -> None:
        """Have the thread end, after what it is at."""
        self._calls.put(None)


def _dismiss(callers: list[_Caller]) -> None:
    for caller in callers:
        caller.dismiss()


def _work(calls: SimpleQueue[Any]) -> None:
    # It must know its queue and no more: a Deadline that nobody else knows is what ends it.
    while (call := calls.get()) is not None:
        future, function = call
        try:
            future.set_result(function())
        except BaseException as error:  # whatever it is, it belongs to the caller
            future.set_exception(error)
        del call, future, function  # and what they hold, while nothing is to be done
