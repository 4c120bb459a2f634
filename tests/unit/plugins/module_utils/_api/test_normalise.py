# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS's answers as rows and operations: AWS's names in snake_case, and every key always there."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.normalise import (
    normalise_operation,
    normalise_operation_summary,
    normalise_row,
)


def test_a_full_row_has_its_names_in_snake_case():
    assert normalise_row(
        {
            "Account": "111122223333",
            "Region": "eu-west-1",
            "Status": "FAILED",
            "StatusReason": "why",
            "AccountGateResult": {"Status": "SKIPPED", "StatusReason": "no function"},
            "OrganizationalUnitId": "ou-ab12-1a2b3c4d",
        }
    ) == {
        "account": "111122223333",
        "region": "eu-west-1",
        "status": "FAILED",
        "status_reason": "why",
        "account_gate_result": {"status": "SKIPPED", "status_reason": "no function"},
        "organizational_unit_id": "ou-ab12-1a2b3c4d",
    }


@pytest.mark.parametrize("empty", [{}, {"OrganizationalUnitId": "", "StatusReason": "", "AccountGateResult": {}}])
def test_every_key_is_there_whatever_aws_left_out(empty):
    assert normalise_row(empty) == {
        "account": None,
        "region": None,
        "status": None,
        "status_reason": None,
        "account_gate_result": {"status": None, "status_reason": None},
        "organizational_unit_id": None,
    }


def test_our_names_are_those_of_amazon_aws():
    transform = pytest.importorskip("ansible.module_utils.common.dict_transformations").camel_dict_to_snake_dict
    full = {
        "Account": "111122223333",
        "Region": "eu-west-1",
        "Status": "FAILED",
        "StatusReason": "why",
        "AccountGateResult": {"Status": "SKIPPED", "StatusReason": "x"},
        "OrganizationalUnitId": "o",
    }
    assert normalise_row(full) == transform(full)


def test_every_key_is_there_and_times_are_utc():
    fact = normalise_operation(
        {
            "OperationId": "op-1",
            "Action": "UPDATE",
            "Status": "SUCCEEDED",
            "CreationTimestamp": datetime(2026, 11, 2, 9, 15, tzinfo=timezone(timedelta(hours=1))),
            "StatusDetails": {"FailedStackInstancesCount": 0},
            "OperationPreferences": {"RegionOrder": ["eu-west-1"], "FailureToleranceCount": 5},
            "AdministrationRoleARN": "arn:aws:iam::111122223333:role/x",
        }
    )
    assert fact["creation_timestamp"] == "2026-11-02T08:15:00+00:00"
    assert fact["end_timestamp"] is None
    assert fact["status_details"] == {"failed_stack_instances_count": 0}
    assert fact["operation_preferences"]["region_order"] == ["eu-west-1"]
    assert fact["operation_preferences"]["concurrency_mode"] is None
    assert fact["administration_role_arn"] == "arn:aws:iam::111122223333:role/x"
    assert fact["deployment_targets"]["organizational_unit_ids"] is None
    assert fact["stack_set_drift_detection_details"]["drifted_stack_instances_count"] is None
    assert fact["retain_stacks"] is None


def test_times_are_utc_wherever_the_machine_is(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        fact = normalise_operation_summary({"EndTimestamp": datetime(2026, 11, 2, 8, 15, tzinfo=timezone.utc)})
    finally:
        monkeypatch.undo()
        time.tzset()
    assert fact["end_timestamp"] == "2026-11-02T08:15:00+00:00"


def test_a_summary_has_the_keys_of_summaries_only():
    fact = normalise_operation_summary({"OperationId": "op-1"})
    assert "stack_set_id" not in fact
    assert fact["status_details"] == {"failed_stack_instances_count": None}
