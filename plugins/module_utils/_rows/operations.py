# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""A stack set's operations in order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone

from .types import TERMINAL_STATUSES, OperationSummary

_EPOCH = datetime.fromtimestamp(0, timezone.utc)


def parse_time(text: str | None) -> datetime | None:
    """A time as operations have it, in UTC where it names no other zone; None for what is no time."""
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return time.astimezone(timezone.utc) if time.tzinfo else time.replace(tzinfo=timezone.utc)


def newest_first(operations: Iterable[OperationSummary]) -> list[OperationSummary]:
    """Operations by their creation, the newest first: AWS documents no order. Those without a time come last."""
    return sorted(operations, key=_created, reverse=True)


def matching(
    operations: Iterable[OperationSummary], actions: Sequence[str], statuses: Sequence[str]
) -> list[OperationSummary]:
    """The operations of these actions and statuses; none of them means any. (ListStackSetOperations has no filter.)"""
    return [
        operation
        for operation in operations
        if (not actions or operation["action"] in actions) and (not statuses or operation["status"] in statuses)
    ]


def operation_ahead(operations: Iterable[OperationSummary], queued: OperationSummary) -> str | None:
    """The id of the operation that a queued one waits for: the newest of those that began before it and have not ended.

    None where no such operation is listed. One at work stands before one that is queued itself.
    """
    waiting = [
        operation
        for operation in newest_first(operations)
        if operation["status"] not in TERMINAL_STATUSES
        and operation["operation_id"] != queued["operation_id"]
        and (not operation["creation_timestamp"] or _created(operation) <= _created(queued))
    ]
    at_work = [operation for operation in waiting if operation["status"] != "QUEUED"]
    return next((operation["operation_id"] for operation in [*at_work, *waiting]), None)


def _created(operation: OperationSummary) -> datetime:
    return parse_time(operation["creation_timestamp"]) or _EPOCH
