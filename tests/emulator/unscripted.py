# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stack sets made with moto's own calls, turned into what the reads understand."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any

from emulator import rows
from emulator.operations import Operation, StackSet, State

# moto copies an operation's status to its rows; a row can be neither STOPPED nor any other status of an operation.
_ROW_STATUS = {"SUCCEEDED": "SUCCEEDED", "FAILED": "FAILED", "STOPPED": "CANCELLED", "QUEUED": "PENDING"}
# One for all: these are made anew for each request, and a token must still fit then.
_SERIAL = 0


def stack_set(found: Any) -> StackSet:
    """A moto StackSet as one of ours."""
    return StackSet(found.name, found.id, [_operation(found, one) for one in found.operations])


def _operation(found: Any, operation: dict[str, Any]) -> Operation:
    status = operation["Status"]
    row_status = _ROW_STATUS.get(status, "RUNNING")
    reason = rows.CANCELLED_REASON if row_status == "CANCELLED" else None
    gate = None if row_status == "CANCELLED" else "SKIPPED"
    created = _utc(operation["CreationTimestamp"])
    state = State(
        status=status,
        rows=[
            rows.row(account, region, row_status, reason, gate)
            for instance in operation["Instances"]
            for account, region in instance.items()
        ],
        # moto's operations are over as soon as they begin; the end that it tells is two minutes in the future.
        end_timestamp=created,
        fields={
            "AdministrationRoleARN": found.administration_role_arn,
            "ExecutionRoleName": found.execution_role_name,
        },
    )
    made = Operation(operation["OperationId"], operation["Action"], [state], time.time, created)
    made.serial = _SERIAL
    return made


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=timezone.utc) if moment.tzinfo is None else moment.astimezone(timezone.utc)
