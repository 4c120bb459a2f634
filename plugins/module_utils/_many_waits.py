# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Several waits at once, by a few threads.

A thread takes the wait that is due, polls it once and puts it back, so that an operation that takes hours keeps no
thread from the others.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from threading import Condition, Event, Thread
from typing import Any

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import ReadError
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait import Wait
from ansible_collections.stackgate.stacksets.plugins.module_utils._watch import Interrupted

_GLANCE = 1.0  # seconds between two looks at whether somebody still waits for the answer

# What an ended wait comes to, by its number, itself, and a Decision, a ReadError or an Interrupted. It is made in the
# wait's thread, so that its rows need not be kept.
Conclude = Callable[[int, Wait, Any], Any]


class Rest:
    """A sleep that another thread can end: whoever sleeps is Interrupted then."""

    def __init__(self) -> None:
        self.over = Event()

    def sleep(self, seconds: float) -> None:
        if self.over.wait(seconds):
            raise Interrupted("The wait was ended.")


class Waits:
    """``results`` has what each wait came to, None for one that has not ended.

    ``again``: poll each until it has ended. Otherwise those that are due are polled once.
    """

    def __init__(
        self,
        waits: Sequence[Wait],
        conclude: Conclude,
        elapsed: Callable[[], float],
        rest: Rest,
        again: bool = True,
    ) -> None:
        self.results: list[Any] = [None] * len(waits)
        self._waits = waits
        self._conclude = conclude
        self._elapsed = elapsed
        self._rest = rest
        self._again = again
        now = elapsed()
        self._due = [(wait.watch.due, index) for index, wait in enumerate(waits) if again or wait.watch.due <= now]
        heapq.heapify(self._due)
        self._open = len(self._due)
        self._at_work: set[int] = set()
        self._changed = Condition()
        self._failure: BaseException | None = None

    def run(self, threads: int, glance: Callable[[], None]) -> None:
        """Poll. ``glance`` is called now and then in the meantime, and may raise.

        After an Interrupted the waits that had not ended end with it. Whatever else is raised ends the threads too.
        """
        try:
            for _each in range(min(threads, self._open)):
                Thread(target=self._work, daemon=True).start()
            with self._changed:
                while self._open and not self._failure:
                    self._changed.wait(_GLANCE)
                    glance()
        except Interrupted as interrupted:
            with self._changed:
                self._rest.over.set()
                self._end(interrupted)
        finally:
            self._rest.over.set()
            with self._changed:
                self._changed.notify_all()
        if self._failure:
            raise self._failure

    def _work(self) -> None:
        try:
            while (index := self._next()) is not None:
                wait = self._waits[index]
                ending: Any
                try:
                    ending = wait.poll()
                except ReadError as error:
                    ending = error
                result = self._conclude(index, wait, ending) if ending else None
                if ending:
                    wait.forget_rows()  # those of hundreds of gates would not fit into memory
                self._take(index, result)
        except Interrupted:
            return
        except BaseException as error:  # of our own making: the task must not hang for it
            self._failure = error
            with self._changed:
                self._changed.notify_all()

    def _next(self) -> int | None:
        """The wait that is due, once one is; None where nothing is left to do."""
        with self._changed:
            while self._open and not self._rest.over.is_set():
                left = self._due[0][0] - self._elapsed() if self._due else None
                if left is not None and left <= 0:
                    index = heapq.heappop(self._due)[1]
                    self._at_work.add(index)
                    return index
                self._changed.wait(left)
            return None

    def _take(self, index: int, result: Any) -> None:
        with self._changed:
            self._at_work.discard(index)
            if self._rest.over.is_set():
                return
            wait = self._waits[index]
            if result is not None:
                self.results[index] = result
            else:
                wait.watch.due = self._elapsed() + wait.pause()
                if self._again:
                    heapq.heappush(self._due, (wait.watch.due, index))
            if result is not None or not self._again:
                self._open -= 1
            self._changed.notify_all()

    def _end(self, interrupted: Interrupted) -> None:
        for index, wait in enumerate(self._waits):
            if self.results[index] is None:
                if index in self._at_work:
                    # Its rows are being counted at this moment.
                    wait.forget_rows()
                self.results[index] = self._conclude(index, wait, interrupted)
