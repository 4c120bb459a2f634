# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""How long to sleep between two attempts, and the clock by which that is done. Pure."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple

MAX_DELAY = 60.0  # seconds
_GROWTH = 1.5
_JITTER = 0.2  # upwards only: two readings must be wait_sleep apart to confirm each other


class Clock(NamedTuple):
    """Time, sleep and chance, which whatever waits is given.

    ``elapsed``: seconds since the task began, by a clock that never goes back; ``sleep`` takes seconds; ``random``
    gives numbers from 0 to 1. ``stop`` is done as soon as another thread ends the wait: no call is waited for then.
    """

    elapsed: Callable[[], float]
    sleep: Callable[[float], object]
    random: Callable[[], float]
    stop: Future[None] | None = None


def backoff_delay(delay: float, attempts: int, random: float, max_delay: float = MAX_DELAY) -> float:
    """Seconds to sleep after so many attempts without news: from ``delay`` up to ``max_delay``, with jitter.

    ``random`` is from 0 to 1. A ``delay`` of more than ``max_delay`` stays as it is.
    """
    max_delay = max(delay, max_delay)
    grown = min(delay * _GROWTH ** min(attempts, 30), max_delay)
    return min(grown * (1 + _JITTER * random), max_delay)
