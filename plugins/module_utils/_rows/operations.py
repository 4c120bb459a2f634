# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Operations as facts, and a stack set's operations in order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

# API: StackSetOperation, Status and Action
OPERATION_STATUSES = ("QUEUED", "RUNNING", "STOPPING", "SUCCEEDED", "FAILED", "STOPPED")
ACTIONS = ("CREATE", "UPDATE", "DELETE", "DETECT_DRIFT")
# An allow-list: a status that AWS invents tomorrow is not an end.
TERMINAL = ("SUCCEEDED", "FAILED", "STOPPED")

_EPOCH = datetime.fromtimestamp(0, timezone.utc)

# Our keys and AWS's, in the order of AWS's pages; a dict stands for a structure.
_PREFERENCES = {
    "region_concurrency_type": "RegionConcurrencyType",
    "region_order": "RegionOrder",
    "failure_tolerance_count": "FailureToleranceCount",
    "failure_tolerance_percentage": "FailureTolerancePercentage",
    "max_concurrent_count": "MaxConcurrentCount",
    "max_concurrent_percentage": "MaxConcurrentPercentage",
    "concurrency_mode": "ConcurrencyMode",
}
# API: StackSetOperationSummary
_SUMMARY = {
    "operation_id": "OperationId",
    "action": "Action",
    "status": "Status",
    "status_reason": "StatusReason",
    "status_details": ("StatusDetails", {"failed_stack_instances_count": "FailedStackInstancesCount"}),
    "creation_timestamp": "CreationTimestamp",
    "end_timestamp": "EndTimestamp",
    "operation_preferences": ("OperationPreferences", _PREFERENCES),
}
# API: StackSetOperation
_OPERATION = {
    **_SUMMARY,
    "stack_set_id": "StackSetId",
    "retain_stacks": "RetainStacks",
    "administration_role_arn": "AdministrationRoleARN",
    "execution_role_name": "ExecutionRoleName",
    "deployment_targets": (
        "DeploymentTargets",
        {
            "accounts": "Accounts",
            "accounts_url": "AccountsUrl",
            "organizational_unit_ids": "OrganizationalUnitIds",
            "account_filter_type": "AccountFilterType",
        },
    ),
    "stack_set_drift_detection_details": (
        "StackSetDriftDetectionDetails",
        {
            "drift_status": "DriftStatus",
            "drift_detection_status": "DriftDetectionStatus",
            "last_drift_check_timestamp": "LastDriftCheckTimestamp",
            "total_stack_instances_count": "TotalStackInstancesCount",
            "drifted_stack_instances_count": "DriftedStackInstancesCount",
            "in_sync_stack_instances_count": "InSyncStackInstancesCount",
            "in_progress_stack_instances_count": "InProgressStackInstancesCount",
            "failed_stack_instances_count": "FailedStackInstancesCount",
        },
    ),
}


def operation_fact(operation: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A StackSetOperation, as boto3 gives it, in snake_case: every key always there, None where AWS sent nothing.

    Times are ISO 8601 in UTC. None stays None.
    """
    return None if operation is None else _renamed(operation, _OPERATION)


def operation_summary_fact(summary: Mapping[str, Any]) -> dict[str, Any]:
    """A StackSetOperationSummary, as boto3 gives it, in snake_case, by the same rules."""
    return _renamed(summary, _SUMMARY)


def _renamed(value: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    fact: dict[str, Any] = {}
    for ours, theirs in table.items():
        if isinstance(theirs, tuple):
            fact[ours] = _renamed(value.get(theirs[0]) or {}, theirs[1])
        else:
            member = value.get(theirs)
            fact[ours] = member.astimezone(timezone.utc).isoformat() if isinstance(member, datetime) else member
    return fact


def newest_first(summaries: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Operations by CreationTimestamp, the newest first: AWS documents no order. Those without one come last."""
    return sorted(summaries, key=lambda summary: summary.get("CreationTimestamp") or _EPOCH, reverse=True)


def matching(
    summaries: Iterable[Mapping[str, Any]], actions: Sequence[str], statuses: Sequence[str]
) -> list[Mapping[str, Any]]:
    """The operations of these actions and statuses; none of them means any. (ListStackSetOperations has no filter.)"""
    return [
        summary
        for summary in summaries
        if (not actions or summary.get("Action") in actions) and (not statuses or summary.get("Status") in statuses)
    ]


def in_front(summaries: Iterable[Mapping[str, Any]], queued: Mapping[str, Any]) -> str | None:
    """The id of the operation that a queued one waits for: the newest of those that began before it and have not ended.

    None where no such operation is listed. One at work stands before one that is queued itself.
    """
    before = queued.get("CreationTimestamp") or _EPOCH
    waiting = [
        summary
        for summary in newest_first(summaries)
        if summary.get("Status") not in TERMINAL
        and summary.get("OperationId") != queued.get("OperationId")
        and (summary.get("CreationTimestamp") or before) <= before
    ]
    at_work = [summary for summary in waiting if summary.get("Status") != "QUEUED"]
    return next((summary.get("OperationId") for summary in [*at_work, *waiting]), None)
