# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripted stack sets: what AWS would know of them at a moment. Pure but for the clock, which is handed in."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

TERMINAL = ("SUCCEEDED", "FAILED", "STOPPED")
AUTO = "auto"
_serials = itertools.count(1)


@dataclass
class State:
    """An operation for as long as nothing changes in it."""

    status: str
    rows: list[dict[str, Any]]
    status_reason: str | None = None
    end_timestamp: datetime | str | None = AUTO
    failed_stack_instances_count: int | str | None = AUTO
    fields: dict[str, Any] = field(default_factory=dict)
    after_calls: int | None = None
    after_seconds: float | None = None
    _by_status: dict[str, list[dict[str, Any]]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        # Once, not at every page: a listing of thousands of rows is read in a thousand pages.
        for row in self.rows:
            self._by_status.setdefault(row.get("Status", ""), []).append(row)

    def rows_of(self, status: str | None) -> list[dict[str, Any]]:
        return self.rows if status is None else self._by_status.get(status, [])

    @property
    def failed(self) -> int | None:
        if self.failed_stack_instances_count == AUTO:
            return len(self.rows_of("FAILED"))
        return self.failed_stack_instances_count  # type: ignore[return-value]


@dataclass(frozen=True)
class Lag:
    """How far the listing of results stays behind DescribeStackSetOperation."""

    calls: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class _Reached:
    at: float
    first_pages: int


class Operation:
    """One operation: its states, which of them it is in, and which of them its listing shows."""

    def __init__(
        self,
        operation_id: str,
        action: str,
        states: list[State],
        clock: Callable[[], float],
        created: datetime | None = None,
        lag: Lag | None = None,
    ) -> None:
        self.operation_id = operation_id
        self.action = action
        self.states = states
        self.serial = next(_serials)
        self._clock = clock
        self._scripted = clock()
        # Ten minutes: long enough ago that the end can lie in the past too, without being asked for.
        self.created = created or _moment(self._scripted) - timedelta(minutes=10)
        self._lag = lag or Lag()
        self._describes = 0
        self._first_pages = 0
        self._reached = [_Reached(self._scripted, 0)]

    def _advance(self, describing: bool) -> int:
        now = self._clock()
        while len(self._reached) < len(self.states):
            following = self.states[len(self._reached)]
            if following.after_seconds is not None:
                at = max(self._scripted + following.after_seconds, self._reached[-1].at)
                if now < at:
                    break
            else:
                if not describing or self._describes < (following.after_calls or 0):
                    break
                at = now
            self._reached.append(_Reached(at, self._first_pages))
        return len(self._reached) - 1

    def describe(self) -> dict[str, Any]:
        """The operation as DescribeStackSetOperation shows it; the call counts for after_calls."""
        self._advance(describing=True)
        self._describes += 1
        return self.shown()

    def shown(self) -> dict[str, Any]:
        """The operation in its present state."""
        return self.shape(self._advance(describing=False))

    def listed(self) -> int:
        """The state that a listing of results that begins now shows; the call counts for the lag."""
        self._advance(describing=False)
        now = self._clock()
        listed = 0
        for index, reached in enumerate(self._reached[1:], start=1):
            behind = self._first_pages - reached.first_pages < self._lag.calls
            if not behind and now - reached.at >= self._lag.seconds:
                listed = index
        self._first_pages += 1
        return listed

    def shape(self, index: int) -> dict[str, Any]:
        """A StackSetOperation, but for the stack set's id."""
        state = self.states[index]
        shape = {
            "OperationId": self.operation_id,
            "Action": self.action,
            "Status": state.status,
            "CreationTimestamp": self.created,
            **state.fields,
        }
        if state.status_reason is not None:
            shape["StatusReason"] = state.status_reason
        if state.failed is not None:
            shape["StatusDetails"] = {"FailedStackInstancesCount": state.failed}
        end = self._end(index)
        if end is not None:
            shape["EndTimestamp"] = end
        return shape

    def _end(self, index: int) -> datetime | None:
        state = self.states[index]
        if state.status not in TERMINAL:
            return None
        if state.end_timestamp != AUTO:
            return state.end_timestamp  # type: ignore[return-value]
        # An operation ends once: rows that come in later do not move the end.
        while index and self.states[index - 1].status in TERMINAL:
            index -= 1
        if index == 0:
            return min(self.created + timedelta(minutes=5), _moment(self._scripted))
        return _moment(self._reached[index].at if index < len(self._reached) else self._clock())


@dataclass
class StackSet:
    """A stack set and its operations, in the order in which they are listed."""

    name: str
    stack_set_id: str
    operations: list[Operation]
    call_as: str = "SELF"

    def operation(self, operation_id: str) -> Operation | None:
        return next((one for one in self.operations if one.operation_id == operation_id), None)


_SUMMARY = (
    "OperationId", "Action", "Status", "CreationTimestamp", "EndTimestamp", "StatusReason", "StatusDetails",
    "OperationPreferences",
)  # fmt: skip


def summary(shape: dict[str, Any]) -> dict[str, Any]:
    """What ListStackSetOperations shows of a StackSetOperation."""
    return {name: shape[name] for name in _SUMMARY if name in shape}


def _moment(seconds: float) -> datetime:
    # AWS's time stamps have milliseconds.
    return datetime.fromtimestamp(round(seconds, 3), timezone.utc)
