# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Which operation `latest` means: the one that was created since, where there is one and no other. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from .._gate.model import Missing
from .._text import one_line

Summary = Mapping[str, Any]  # StackSetOperationSummary

_RESOLUTION = timedelta(seconds=1)  # AWS's answers tell its time in whole seconds


def told_by(time: datetime | None) -> datetime | None:
    """Up to when what was created may have been there, by AWS's time at the answer that showed one operation alone."""
    return time and time + _RESOLUTION


def created_between(operations: Iterable[Summary], after: datetime, before: datetime | None) -> list[Summary]:
    """The operations that qualify; ``before`` is None where there is no such limit."""
    created = ((one.get("CreationTimestamp"), one) for one in operations)
    return [one for time, one in created if time and time >= after and (before is None or time <= before)]


def none_or_several(qualified: Sequence[Summary], after: datetime, before: datetime | None) -> Missing | None:
    """What stands against pinning `latest` to the one that qualifies."""
    if not qualified:
        until = f", up to {before.isoformat()}" if before else ""
        message = f"No operation was created at {after.isoformat()} or later{until}. AWS lists a new one with a delay."
        return Missing("operation", message, "wait_timeout")
    return several(qualified) if len(qualified) > 1 else None


def several(qualified: Sequence[Summary]) -> Missing:
    """Nothing tells one of these from another."""
    names = ", ".join(sorted(one_line(one.get("OperationId"), 130) for one in qualified[:10]))
    message = f"{len(qualified)} operations qualify as the latest ({names}), and nothing says which one is meant."
    return Missing("operation", message, "operation_id")
