# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Which operation `latest` means: the one that was created since, where there is one and no other. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from .._gate.model import Missing, MissingKind
from .._rows.operations import parse_time
from .._rows.types import OperationSummary
from .._text import one_line

_RESOLUTION = timedelta(seconds=1)  # AWS's answers tell its time in whole seconds


def latest_creation_bound(aws_time: datetime | None) -> datetime | None:
    """The upper limit for the creation of the operation that `latest` means: AWS's time at the answer that showed one
    operation alone, and a second more, for AWS tells whole seconds. None where that time is not known.
    """
    return aws_time and aws_time + _RESOLUTION


def created_between(
    operations: Iterable[OperationSummary], after: datetime, before: datetime | None
) -> list[OperationSummary]:
    """The operations that qualify; ``before`` is None where there is no such limit."""
    created = ((parse_time(operation["creation_timestamp"]), operation) for operation in operations)
    return [operation for time, operation in created if time and time >= after and (before is None or time <= before)]


def no_single_match(qualified: Sequence[OperationSummary], after: datetime, before: datetime | None) -> Missing | None:
    """Why `latest` means no operation: none qualifies, or several do. None where exactly one does."""
    if not qualified:
        until = f", up to {before.isoformat()}" if before else ""
        message = f"No operation was created at {after.isoformat()} or later{until}. AWS lists new ones with a delay."
        return Missing(MissingKind.OPERATION, message, "wait_timeout")
    return several_match([operation["operation_id"] for operation in qualified]) if len(qualified) > 1 else None


def several_match(operation_ids: Sequence[str | None]) -> Missing:
    """What is missing where several operations qualify."""
    names = ", ".join(sorted(one_line(one, 130) for one in operation_ids[:10]))
    message = f"{len(operation_ids)} operations match operation_id=latest: {names}."
    return Missing(MissingKind.OPERATION, message, "operation_id")
