# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Asking AWS again where it throttles and the SDK has given up.

The SDK asks again by itself, but out of a quota of retries that a client has for all of its calls together (botocore's
standard mode: 500, of which a retry after throttling takes five). Where AWS throttles half of all calls, a reading of
some hundred pages uses it up, and the SDK then gives up at the first refusal.

Those who ask at the same time over one client share the quota, and should share the patience too: where AWS refuses
one of them, all of them pause. (botocore's adaptive mode does so as well, but goes down to a call in two seconds where
what AWS refuses does not depend on how often it is asked, as when others use up the account's share.)
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from ansible_collections.stackgate.stacksets.plugins.module_utils._deadline import Deadline
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import ReadError
from ansible_collections.stackgate.stacksets.plugins.module_utils._watch import Surroundings, backed_off

PATIENCE = 300.0  # seconds of throttling without one answer, after which more of them would hardly help
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 10.0

Result = TypeVar("Result")


class Patience:
    """That of one reading, or of several at the same time, ``seconds`` of it for each call. Whoever ends the reading
    early sets ``over``: then nobody pauses any more.
    """

    def __init__(self, surroundings: Surroundings | None = None, seconds: float = PATIENCE) -> None:
        self.over = threading.Event()
        self._seconds = seconds
        self._pause_until = 0.0
        self._surroundings = surroundings or Surroundings(time.monotonic, self.over.wait, random.random)

    def ask(self, call: Callable[[], Result], deadline: Deadline) -> Result:
        """What ``call`` returns, asked again while AWS throttles it and there is time, the deadline's too.

        Raises what ``call`` raises, throttling too where there is no time for another pause.
        """
        until: float | None = None
        refusals: list[ReadError] = []
        while True:
            self._pause(deadline)
            try:
                return call()
            except ReadError as error:
                if error.timed_out and refusals:
                    # What made the reading late tells more than that it is.
                    raise refusals[-1] from error
                now = self._surroundings.elapsed()
                until = now + self._seconds if until is None else until
                pause = backed_off(_FIRST_PAUSE, len(refusals), self._surroundings.random(), _LONGEST_PAUSE)
                late = now + pause > until or pause >= deadline.left()
                if late or not error.throttled or self.over.is_set():
                    raise
                refusals.append(error)
            self._pause_until = max(self._pause_until, now + pause)

    def _pause(self, deadline: Deadline) -> None:
        """Sleep as long as whoever was refused last has asked for, and no longer than there is time."""
        left = min(self._pause_until - self._surroundings.elapsed(), deadline.left())
        if left > 0:
            self._surroundings.sleep(left)
