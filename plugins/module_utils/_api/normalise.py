# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""AWS's answers, as boto3 gives them, as rows and operations. Pure.

Nothing outside this folder knows AWS's CamelCase.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from .._rows.types import Operation, OperationSummary, Row

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


# XML 1.0, "Char": what neither stands in a document nor is referred to in one.
_NO_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(x?)0*([0-9a-fA-F]{1,8});")


def repair_xml(response_dict: dict[str, Any], **_about: Any) -> None:
    """Put U+FFFD in the place of each character that XML can't hold: the SDK could not read the page otherwise, nor
    those behind it, for it has the token that leads to them. For the SDK's event C(before-parse).

    Status reasons quote what programs wrote, and AWS writes a control character as C(&#x1b;).
    """
    body = response_dict.get("body")
    if isinstance(body, bytes):
        response_dict["body"] = _NO_XML.sub(_held_by_xml, body)


def _held_by_xml(found: re.Match[bytes]) -> bytes:
    if found[2] is None:
        return "\ufffd".encode()
    try:
        number = int(found[2], 16 if found[1] else 10)
    except ValueError:  # letters in a decimal one
        return found[0]
    legal = number in (0x9, 0xA, 0xD) or 0x20 <= number <= 0xD7FF or 0xE000 <= number <= 0xFFFD
    return found[0] if legal or 0x10000 <= number <= 0x10FFFF else b"&#xFFFD;"


def normalise_row(summary: Mapping[str, Any]) -> Row:
    """A StackSetOperationResultSummary as a Row."""
    get = summary.get
    gate = get("AccountGateResult") or {}
    return {
        "account": get("Account") or None,
        "region": get("Region") or None,
        "status": get("Status") or None,
        "status_reason": get("StatusReason") or None,
        "account_gate_result": {
            "status": gate.get("Status") or None,
            "status_reason": gate.get("StatusReason") or None,
        },
        "organizational_unit_id": get("OrganizationalUnitId") or None,
    }


def normalise_operation(operation: Mapping[str, Any]) -> Operation:
    """A StackSetOperation as an Operation."""
    return _renamed(operation, _OPERATION)


def normalise_operation_summary(summary: Mapping[str, Any]) -> OperationSummary:
    """A StackSetOperationSummary as an OperationSummary."""
    return _renamed(summary, _SUMMARY)


def _renamed(value: Mapping[str, Any], table: Mapping[str, Any]) -> Any:
    renamed: dict[str, Any] = {}
    for ours, theirs in table.items():
        if isinstance(theirs, tuple):
            structure = value.get(theirs[0])
            renamed[ours] = _renamed(structure, theirs[1]) if structure else None
        else:
            member = value.get(theirs)
            if isinstance(member, datetime):
                member = member.astimezone(timezone.utc).isoformat()
            renamed[ours] = None if member == "" else member
    return renamed
