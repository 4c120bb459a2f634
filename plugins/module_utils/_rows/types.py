# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The shapes that AWS's answers have inside the collection, and their words. Pure.

Every key is always there, None where AWS sent nothing, an empty string or an empty structure. Times are ISO 8601 in
UTC. AWS's own shapes, in CamelCase, exist in ``_api`` alone.
"""

from __future__ import annotations

from typing import Any, TypedDict

# API: StackSetOperationResultSummary, Status
ROW_STATUSES = ("PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED")
UNFINISHED_STATUSES = ("PENDING", "RUNNING")
UNSUCCESSFUL_STATUSES = ("FAILED", "CANCELLED")
# Not AWS's: FAILED rows that a gate's policy ignores. In a Tally, and nowhere else.
IGNORED = "IGNORED"

# API: StackSetOperation, Status and Action: of an operation, not of a row
OPERATION_STATUSES = ("QUEUED", "RUNNING", "STOPPING", "SUCCEEDED", "FAILED", "STOPPED")
ACTIONS = ("CREATE", "UPDATE", "DELETE", "DETECT_DRIFT")
# An allow-list: a status that AWS invents tomorrow is not an end.
TERMINAL_STATUSES = ("SUCCEEDED", "FAILED", "STOPPED")


class AccountGateResult(TypedDict):
    """API: AccountGateResult."""

    status: str | None
    status_reason: str | None


class Row(TypedDict):
    """The result for one account in one Region. API: StackSetOperationResultSummary."""

    account: str | None
    region: str | None
    status: str | None
    status_reason: str | None
    account_gate_result: AccountGateResult
    organizational_unit_id: str | None


class OperationSummary(TypedDict):
    """One of a stack set's operations, as a listing shows it. API: StackSetOperationSummary."""

    operation_id: str | None
    action: str | None
    status: str | None
    status_reason: str | None
    status_details: dict[str, Any] | None
    creation_timestamp: str | None
    end_timestamp: str | None
    operation_preferences: dict[str, Any] | None


class Operation(OperationSummary):
    """One operation, as DescribeStackSetOperation shows it. API: StackSetOperation."""

    stack_set_id: str | None
    retain_stacks: bool | None
    administration_role_arn: str | None
    execution_role_name: str | None
    deployment_targets: dict[str, Any] | None
    stack_set_drift_detection_details: dict[str, Any] | None
