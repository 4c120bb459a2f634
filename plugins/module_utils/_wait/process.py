# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The process of a waiting module: its clock, its sleep, and how it ends when it is told to or nobody listens."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .._errors import Interrupted

_CHECK_INTERVAL = 1.0  # seconds between two checks of whether somebody still waits for the answer
_STDOUT = 1


class Process:
    """It begins when this is made."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._parent = os.getppid()

    def elapsed(self) -> float:
        """Seconds since the task began."""
        return time.monotonic() - self._began

    def sleep(self, seconds: float) -> None:
        """Sleep, and check once a second whether somebody still waits for the answer."""
        until = time.monotonic() + seconds
        while True:
            self.exit_if_abandoned()
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, _CHECK_INTERVAL))

    def exit_if_abandoned(self) -> None:
        """End the process where nobody is left to take its answer."""
        if self._abandoned():
            raise SystemExit(1)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let SIGTERM and SIGINT raise Interrupted in this block, so that what is known can still be told; once.

        From the first signal on, and after the end in any case, further ones are ignored: nothing is left to do but to
        tell it.
        """

        def interrupted(number: int, _frame: Any) -> None:
            _handle_signals(signal.SIG_IGN)
            raise Interrupted(f"The wait was interrupted by {signal.Signals(number).name}.")

        _handle_signals(interrupted)
        try:
            yield
        finally:
            _handle_signals(signal.SIG_IGN)

    def _abandoned(self) -> bool:
        # Ansible starts modules through a shell, which lives as long as its module does, whatever became of Ansible
        # itself. The pipe that takes the answer has no such go-between.
        if os.getppid() != self._parent:
            return True
        reader = select.poll()
        reader.register(_STDOUT, 0)
        return any(event & (select.POLLERR | select.POLLHUP) for _fd, event in reader.poll(0))


def _handle_signals(handler: Any) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)
