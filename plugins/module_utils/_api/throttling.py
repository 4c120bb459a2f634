# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Asking AWS again where an error passes by itself and the SDK has given up: the only place where a call is repeated.

Readings and waits both ask through it, for as long as they have time. A page is asked for again by its own token, so
nothing that was read is read again.

Those who ask at the same time over one client should slow down together: where AWS refuses one of them, all of them
pause. (botocore's adaptive mode does so as well, but goes down to a call in two seconds where what AWS refuses does
not depend on how often it is asked, as when others use up the account's share.)
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from .._backoff import Surroundings, backed_off
from .._errors import ReadError
from .deadline import Deadline

PATIENCE = 300.0  # seconds without one answer, after which a reading that nothing waits for gives up
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 10.0

Result = TypeVar("Result")


class Patience:
    """That of one reading or wait, or of several at the same time, ``seconds`` of it for each call.

    A reading that ends early sets ``over``: its calls stop pausing then. ``refused`` is the last error, where AWS has
    answered no call since.
    """

    def __init__(self, surroundings: Surroundings | None = None, seconds: float = PATIENCE) -> None:
        self.over = threading.Event()
        self.refused: ReadError | None = None
        self._reached = False
        self._seconds = seconds
        self._pause_until = 0.0
        self._surroundings = surroundings or Surroundings(time.monotonic, self.over.wait, random.random)

    def ask(self, call: Callable[[], Result], deadline: Deadline) -> Result:
        """What ``call`` returns, asked again while its error is one that passes and there is time, the deadline's too.

        Raises what ``call`` raises, also an error that passes where it has lasted too long.
        """
        until: float | None = None
        refusals: list[ReadError] = []
        while True:
            self._pause(deadline)
            try:
                answer = call()
            except ReadError as error:
                if error.out_of_time and refusals:
                    # What made the reading late tells more than that it is.
                    raise refusals[-1] from error
                now = self._surroundings.elapsed()
                until = now + self._seconds if until is None else until
                left = min(until - now, deadline.left())
                if left < _FIRST_PAUSE or self.over.is_set() or not error.passes(self._reached):
                    raise
                pause = backed_off(_FIRST_PAUSE, len(refusals), self._surroundings.random(), _LONGEST_PAUSE)
                self._pause_until = max(self._pause_until, now + min(pause, left / 2))
                self._reached, self.refused = True, error
                refusals.append(error)
            else:
                self._reached, self.refused = True, None
                return answer

    def _pause(self, deadline: Deadline) -> None:
        """Sleep until the pause of the call that was refused last is over, and no longer than there is time."""
        left = min(self._pause_until - self._surroundings.elapsed(), deadline.left())
        if left > 0:
            self._surroundings.sleep(left)
