# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Many waiters at once, on a few threads: each is polled when it is due, and none keeps a thread between two polls."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from .._backoff import Clock
from .._errors import Interrupted, ReadError
from .._gate.model import Decision
from .waiter import OperationWaiter

_CHECK_INTERVAL = 1.0  # seconds between two checks of whether somebody still waits for the answer

# The result of a waiter that has ended, by its number, itself, and what ended it. It is made in the waiter's thread, so
# that its rows need not be kept.
Conclude = Callable[[int, OperationWaiter, "Decision | ReadError | Interrupted"], Any]


class PollScheduler:
    """Polls waiters until all have ended. They must sleep and call by its ``clock``: once the scheduler ends, a waiter
    that sleeps or calls is Interrupted.
    """

    def __init__(self, clock: Clock, threads: int) -> None:
        self._threads = threads
        self._stop: Future[None] = Future()
        self.clock = clock._replace(sleep=self._sleep, stop=self._stop)

    def run(
        self, waiters: list[OperationWaiter], conclude: Conclude, exit_if_abandoned: Callable[[], None]
    ) -> list[Any]:
        """The result of each waiter, in their order. The list is emptied, and a waiter is let go when it has ended: the
        rows of hundreds would not fit into memory.

        ``exit_if_abandoned`` is called once a second in the meantime, and may raise. After an Interrupted the waiters
        that have not ended end with it, those that are polled at this moment too. What else is raised ends them all,
        and is raised.
        """
        left = dict(enumerate(waiters))
        waiters.clear()
        results: dict[int, Any] = {}
        due = [(0.0, index) for index in left]
        polls: dict[Future[None], int] = {}
        interrupted = Interrupted()

        def poll(index: int) -> None:
            ending: Decision | ReadError | None
            try:
                ending = left[index].poll()
            except ReadError as error:
                ending = error
            if ending is not None:
                results[index] = conclude(index, left[index], ending)
                del left[index]  # only now: a gate without a result must never be missing among them

        with ThreadPoolExecutor(self._threads) as executor:
            try:
                while due or polls:
                    now = self.clock.elapsed()
                    while due and due[0][0] <= now:
                        index = heapq.heappop(due)[1]
                        polls[executor.submit(poll, index)] = index
                    seconds = min(due[0][0] - now, _CHECK_INTERVAL) if due else _CHECK_INTERVAL
                    if polls:
                        wait(polls, seconds, FIRST_COMPLETED)
                    else:
                        self.clock.sleep(seconds)
                    exit_if_abandoned()
                    for done in [one for one in polls if one.done()]:
                        index = polls.pop(done)
                        done.result()  # raises a fault of our own
                        if index in left:
                            heapq.heappush(due, (self.clock.elapsed() + left[index].delay(), index))
            except Interrupted as error:
                interrupted = error
            finally:
                self._stop.set_result(None)
        # The threads have ended by now: none of them waits for anything once ``stop`` is done.
        for index, waiter in left.items():
            results[index] = conclude(index, waiter, interrupted)
        return [result for _index, result in sorted(results.items())]

    def _sleep(self, seconds: float) -> None:
        if wait([self._stop], seconds).done:
            raise Interrupted
