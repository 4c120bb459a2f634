# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""How long a wait sleeps between two polls, and what it must not find by itself. Pure."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, NamedTuple

from ._errors import error_fact

LONGEST_SLEEP = 60.0
_GROWTH = 1.5
_JITTER = 0.2  # upwards only: two looks must be wait_sleep apart to agree


class Interrupted(BaseException):
    """The wait was ended from outside; the message says by what. No Exception, so that nothing takes it for an error
    of AWS's.
    """

    @property
    def facts(self) -> dict[str, Any]:
        """``error`` of the failed result."""
        return error_fact("Interrupted", self)


class Surroundings(NamedTuple):
    """What a wait must not find by itself.

    ``elapsed``: seconds since the task began, by a clock that never goes back; ``sleep`` takes seconds; ``random``
    gives numbers from 0 to 1. ``stop`` is done as soon as another thread ends the wait: no call is waited for then.
    """

    elapsed: Callable[[], float]
    sleep: Callable[[float], None]
    random: Callable[[], float]
    stop: Future[None] | None = None


def backed_off(sleep: float, polls: int, random: float, longest: float = LONGEST_SLEEP) -> float:
    """Seconds to sleep after so many polls that brought nothing new: from ``sleep`` up to ``longest``, with jitter.

    ``random`` is from 0 to 1. A ``sleep`` of more than ``longest`` stays as it is.
    """
    longest = max(sleep, longest)
    grown = min(sleep * _GROWTH ** min(polls, 30), longest)
    return min(grown * (1 + _JITTER * random), longest)
