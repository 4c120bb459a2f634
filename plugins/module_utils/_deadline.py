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
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

Result = TypeVar("Result")


class TimeOver(Exception):
    """No time is left for a call, or not enough."""


class Deadline:
    """``seconds`` from now on, by a clock that never goes back; None: no limit."""

    def __init__(self, seconds: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._began = clock()

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
        future: Future[Result] = Future()
        threading.Thread(target=_settle, args=(future, function), daemon=True).start()
        wait([future], min(left, threading.TIMEOUT_MAX))
        if not future.done():
            raise TimeOver
        return future.result()


def _settle(future: Future[Result], function: Callable[[], Result]) -> None:
    try:
        future.set_result(function())
    except BaseException as error:  # whatever it is, it belongs to the caller
        future.set_exception(error)
