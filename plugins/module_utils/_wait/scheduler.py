# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Several waits at once, by a few threads: each is polled when it is due, and none keeps a thread between two polls."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from .._backoff import Interrupted, Surroundings
from .._errors import ReadError
from .waiter import Wait

_GLANCE = 1.0  # seconds between two looks at whether somebody still waits for the answer

# What an ended wait comes to, by its number, itself, and a Decision, a ReadError or an Interrupted. It is made in the
# wait's thread, so that its rows need not be kept.
Conclude = Callable[[int, Wait, Any], Any]


def stoppable(surroundings: Surroundings) -> Surroundings:
    """The same where another thread can end the sleep, and every call: who sleeps or calls is Interrupted then."""
    stop: Future[None] = Future()

    def sleep(seconds: float) -> None:
        if wait([stop], seconds).done:
            raise Interrupted

    return surroundings._replace(sleep=sleep, stop=stop)


def run_all(
    waits: list[Any], conclude: Conclude, threads: int, surroundings: Surroundings, glance: Callable[[], None]
) -> list[Any]:
    """What each Wait came to, in their order; those that have ended are let go.

    ``glance`` is called now and then in the meantime, and may raise. After an Interrupted the waits that have not ended
    end with it, those that are polled at this moment too. What else is raised ends them all, and is raised.
    """
    results: list[Any] = [None] * len(waits)
    due = [(0.0, index) for index in range(len(waits))]
    polls: dict[Future[Any], int] = {}

    def poll(index: int) -> None:
        ending: Any
        try:
            ending = waits[index].poll()
        except ReadError as error:
            ending = error
        if ending is not None:
            results[index] = conclude(index, waits[index], ending)
            waits[index] = None  # the rows of hundreds of gates would not fit into memory

    with ThreadPoolExecutor(threads) as executor:
        try:
            while due or polls:
                now = surroundings.elapsed()
                while due and due[0][0] <= now:
                    index = heapq.heappop(due)[1]
                    polls[executor.submit(poll, index)] = index
                seconds = min(due[0][0] - now, _GLANCE) if due else _GLANCE
                if polls:
                    wait(polls, seconds, FIRST_COMPLETED)
                else:
                    surroundings.sleep(seconds)
                glance()
                for done in [one for one in polls if one.done()]:
                    index = polls.pop(done)
                    done.result()  # raises a fault of our own
                    if results[index] is None:
                        heapq.heappush(due, (surroundings.elapsed() + waits[index].pause(), index))
        except Interrupted as error:
            interrupted = error
        else:
            return results
        finally:
            surroundings.stop.set_result(None)
    # The threads have ended by now: none of them waits for anything once ``stop`` is done.
    for index, result in enumerate(results):
        if result is None:
            results[index] = conclude(index, waits[index], interrupted)
    return results
