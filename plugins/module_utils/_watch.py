# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Where a wait stands, as plain data, and how long it sleeps between two polls. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError

LONGEST_SLEEP = 60.0
_GROWTH = 1.5
_NOT_OURS, _LEAVE_OUT = "is not what a poll handed on", "Leave it out: it is the action plugin's own."
_JITTER = 0.2  # upwards only: two looks must be wait_sleep apart to agree


class Interrupted(BaseException):
    """The wait was ended from outside; the message says by what. No Exception, so that nothing takes it for an error
    of AWS's.
    """


class Surroundings(NamedTuple):
    """What a wait must not find by itself.

    ``elapsed``: seconds since the task began, by a clock that never goes back; ``sleep`` takes seconds; ``random``
    gives numbers from 0 to 1.
    """

    elapsed: Callable[[], float]
    sleep: Callable[[float], None]
    random: Callable[[], float]


@dataclass
class Watch:
    """Where a wait stands, as plain data. Times are seconds since the task began."""

    operation_id: str | None = None
    pinned_at: str | None = None  # AWS's time, ISO 8601, when `latest` became an id
    status: str | None = None
    failed: int | None = None
    done: int | None = None
    counted_at: float | None = None
    in_front: str | None = None
    polls_alike: int = 0  # since the status changed
    ended_at: float | None = None  # before the task began: negative
    last_looks: int = 0  # begun when the time to settle was over
    throttled: bool = False  # at the last poll
    digest: str | None = None
    digest_at: float = 0.0
    calls: int = 0
    elapsed: float = 0.0
    due: float = 0.0  # the next poll, of several gates in one task

    def progress(self) -> dict[str, Any]:
        """The counts at the last poll, as playbooks see them."""
        return {
            "operation_id": self.operation_id,
            "status": self.status,
            "failed_stack_instances_count": self.failed,
            "done_at_least": self.done,
            "in_front": self.in_front,
            "elapsed": round(self.elapsed, 1),
        }


def resumed(state: Mapping[str, Any] | None) -> Watch | None:
    """The Watch that an earlier poll handed on, None where there was no earlier one. Raises OptionError."""
    if state is None:
        return None
    known = {field.name for field in fields(Watch)}
    elapsed = state.get("elapsed")
    if not known.issuperset(state) or isinstance(elapsed, bool) or not isinstance(elapsed, (int, float)):
        raise OptionError("watch", _NOT_OURS, _LEAVE_OUT)
    return Watch(**state)


def all_resumed(state: Mapping[str, Any] | None, count: int) -> list[Watch] | None:
    """The Watches of ``count`` gates in one task, by the same rules; at the first poll they are new."""
    if state is None:
        return None
    states = state.get("operations", [{}] * count)
    if not isinstance(states, list) or len(states) != count:
        raise OptionError("watch", _NOT_OURS, _LEAVE_OUT)
    # Each has its own last poll's time too, which is not now.
    return [resumed({**_mapping(one), "elapsed": state.get("elapsed")}) for one in states]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {"": value}


def backed_off(sleep: float, polls: int, random: float, longest: float = LONGEST_SLEEP) -> float:
    """Seconds to sleep after so many polls that brought nothing new: from ``sleep`` up to ``longest``, with jitter.

    ``random`` is from 0 to 1. A ``sleep`` of more than ``longest`` stays as it is.
    """
    longest = max(sleep, longest)
    grown = min(sleep * _GROWTH ** min(polls, 30), longest)
    return min(grown * (1 + _JITTER * random), longest)
