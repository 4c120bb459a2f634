# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations as facts, and their order."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.operations import (
    in_front,
    matching,
    newest_first,
    operation_fact,
    operation_summary_fact,
)


def at(hour):
    return datetime(2026, 11, 2, hour, 15, tzinfo=timezone.utc)


def test_every_key_is_there_and_times_are_utc():
    fact = operation_fact(
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


def test_no_operation_stays_none():
    assert operation_fact(None) is None


def test_a_summary_has_the_keys_of_summaries_only():
    fact = operation_summary_fact({"OperationId": "op-1"})
    assert "stack_set_id" not in fact
    assert fact["status_details"] == {"failed_stack_instances_count": None}


def test_the_newest_comes_first_and_those_without_a_time_last():
    operations = [
        {"OperationId": "none"},
        {"OperationId": "early", "CreationTimestamp": at(1)},
        {"OperationId": "late", "CreationTimestamp": at(9)},
    ]
    assert [operation["OperationId"] for operation in newest_first(operations)] == ["late", "early", "none"]


def test_filters_take_what_matches_both_and_nothing_means_any():
    operations = [
        {"OperationId": "1", "Action": "UPDATE", "Status": "FAILED"},
        {"OperationId": "2", "Action": "UPDATE", "Status": "SUCCEEDED"},
        {"OperationId": "3", "Action": "CREATE", "Status": "FAILED"},
    ]

    def ids(actions, statuses):
        return [operation["OperationId"] for operation in matching(operations, actions, statuses)]

    assert ids([], []) == ["1", "2", "3"]
    assert ids(["UPDATE"], []) == ["1", "2"]
    assert ids([], ["FAILED"]) == ["1", "3"]
    assert ids(["UPDATE", "CREATE"], ["FAILED"]) == ["1", "3"]
    assert ids(["UPDATE"], ["FAILED"]) == ["1"]


QUEUED = {"OperationId": "mine", "Status": "QUEUED", "CreationTimestamp": at(9)}


def operation(name, status, hour=None):
    created = {} if hour is None else {"CreationTimestamp": at(hour)}
    return {"OperationId": name, "Status": status, **created}


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], None),
        ([operation("busy", "RUNNING", 8)], "busy"),
        ([operation("busy", "STOPPING", 8)], "busy"),
        ([operation("first", "QUEUED", 8)], "first"),
        ([operation("busy", "RUNNING", 7), operation("first", "QUEUED", 8)], "busy"),
        ([operation("one", "QUEUED", 7), operation("two", "QUEUED", 8)], "two"),
        ([operation("done", status, 8) for status in ("SUCCEEDED", "FAILED", "STOPPED")], None),
        ([operation("later", "RUNNING", 10)], None),
        ([operation("at once", "RUNNING", 9)], "at once"),
        ([operation("timeless", "RUNNING")], "timeless"),
        ([operation("new", "INVENTED_TOMORROW", 8)], "new"),
    ],
)
def test_a_queued_operation_waits_for_one_that_began_before_it_and_has_not_ended(others, expected):
    assert in_front([*others, QUEUED], QUEUED) == expected
    assert in_front([QUEUED, *reversed(others)], QUEUED) == expected
