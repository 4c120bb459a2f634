# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Calls AWS again where an error passes by itself and the SDK has given up, after its own retries: the only place above
the SDK where a call is repeated.

Readings and waits both call through it, for as long as they have time. A page is asked for again by its own token, so
nothing that was read is read again.

All that call at the same time over one client slow down together: where AWS throttles one of them, all of them pause.
(botocore's adaptive mode does so as well, but slows down to one call in two seconds where others in the account cause
the throttling.)
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from .._backoff import Clock, backoff_delay
from .._errors import ReadError
from .deadline import Deadline

RETRY_SECONDS = 300.0  # without one answer, after which a reading that nothing waits for gives up
_FIRST_DELAY = 0.5  # seconds
_MAX_DELAY = 10.0

Result = TypeVar("Result")


def retry_seconds(client: Any) -> float:
    """For how long a reading over this boto3 client repeats a call.

    Not at all where the user says how often to try (C(AWS_MAX_ATTEMPTS), the profile's C(max_attempts), aws_config):
    the SDK does as it is told then, and nothing tries again above it. botocore keeps that number in the client's
    configuration only where somebody gives it; its own default is elsewhere.
    """
    return 0.0 if "total_max_attempts" in (client.meta.config.retries or {}) else RETRY_SECONDS


class ThrottleRetry:
    """The retries of one reading or wait, or of several at the same time; each call is repeated for ``seconds``.

    A reading that ends early sets ``cancelled``: its calls stop pausing then. ``last_error`` is the last one that
    passes by itself, where AWS has answered no call since.
    """

    def __init__(self, clock: Clock | None = None, seconds: float = RETRY_SECONDS) -> None:
        self.cancelled = threading.Event()
        self.last_error: ReadError | None = None
        self._reached = False
        self._seconds = seconds
        self._paused_until = 0.0
        self._clock = clock or Clock(time.monotonic, self.cancelled.wait, random.random)

    def call(self, function: Callable[[], Result], deadline: Deadline) -> Result:
        """What ``function`` returns, called again while its error passes by itself and there is time, the deadline's
        too.

        Raises what ``function`` raises, also an error that passes where it has lasted too long.
        """
        until: float | None = None
        errors: list[ReadError] = []
        while True:
            self._pause(deadline)
            try:
                answer = function()
            except ReadError as error:
                if error.is_timeout and errors:
                    # What made the reading late tells more than that it is.
                    raise errors[-1] from error
                now = self._clock.elapsed()
                until = now + self._seconds if until is None else until
                remaining = min(until - now, deadline.remaining())
                if remaining < _FIRST_DELAY or self.cancelled.is_set() or not error.is_transient(self._reached):
                    raise
                delay = backoff_delay(_FIRST_DELAY, len(errors), self._clock.random(), _MAX_DELAY)
                self._paused_until = max(self._paused_until, now + min(delay, remaining / 2))
                self._reached, self.last_error = True, error
                errors.append(error)
            else:
                self._reached, self.last_error = True, None
                return answer

    def _pause(self, deadline: Deadline) -> None:
        """Sleep until the pause of the call that was refused last is over, and no longer than there is time."""
        remaining = min(self._paused_until - self._clock.elapsed(), deadline.remaining())
        if remaining > 0:
            self._clock.sleep(remaining)
