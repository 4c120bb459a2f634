# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator's operations: described, listed, and moving."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from emulator.client import operation, row
from emulator.operations import Lag, Operation, State
from integration.helpers.emulator_calls import MIXED, NEVER, described, eventually, refusal, whole

pytestmark = pytest.mark.emulator_process


def test_an_operation_is_described_as_aws_describes_it(emulator, aws):
    preferences = {"RegionOrder": ["eu-west-1"], "FailureToleranceCount": 2}
    script = operation(
        "op-1",
        "SUCCEEDED",
        action="CREATE",
        creation_timestamp="2026-01-31T11:00:00+01:00",
        end_timestamp="2026-01-31T10:05:00.250Z",
        status_reason="Why",
        fields={"OperationPreferences": preferences, "RetainStacks": False},
        generate=MIXED,
    )
    stack_set_id = emulator.stack_set("baseline", script)
    expected = {
        "OperationId": "op-1",
        "StackSetId": stack_set_id,
        "Action": "CREATE",
        "Status": "SUCCEEDED",
        "StatusReason": "Why",
        "OperationPreferences": preferences,
        "RetainStacks": False,
        "CreationTimestamp": datetime(2026, 1, 31, 10, 0, tzinfo=timezone.utc),
        "EndTimestamp": datetime(2026, 1, 31, 10, 5, 0, 250_000, tzinfo=timezone.utc),
        "StatusDetails": {"FailedStackInstancesCount": 4},
    }
    assert described(aws) == expected
    (summary,) = aws.list_stack_set_operations(StackSetName="baseline")["Summaries"]
    assert summary == {name: value for name, value in expected.items() if name not in ("StackSetId", "RetainStacks")}


@pytest.mark.parametrize(("count", "shown"), [("auto", 4), (0, 0), (17, 17), (None, None)])
def test_the_count_of_failed_instances_is_that_of_the_rows_unless_scripted(emulator, aws, count, shown):
    emulator.stack_set("baseline", operation(generate=MIXED, failed_stack_instances_count=count))
    assert described(aws).get("StatusDetails", {}).get("FailedStackInstancesCount") == shown


@pytest.mark.parametrize("status", ["QUEUED", "RUNNING", "STOPPING", "SUCCEEDED", "FAILED", "STOPPED"])
def test_only_an_operation_that_has_ended_has_an_end(emulator, aws, status):
    emulator.stack_set("baseline", operation(status=status, end_timestamp="2026-01-31T10:00:00Z"))
    assert ("EndTimestamp" in described(aws)) is (status in ("SUCCEEDED", "FAILED", "STOPPED"))


def test_the_end_lies_in_the_past_unless_it_is_scripted(emulator, aws):
    emulator.stack_set("baseline", [operation("op-1"), operation("op-2", end_timestamp=None)])
    shown = described(aws)
    assert shown["CreationTimestamp"] < shown["EndTimestamp"] <= datetime.now(timezone.utc)
    assert "EndTimestamp" not in described(aws, OperationId="op-2")


def test_operations_are_paged_in_the_order_given(emulator, aws):
    ids = ["op-3", "op-1", "op-2", "op-5", "op-4"]
    emulator.stack_set("baseline", [operation(one) for one in ids])
    paginator = aws.get_paginator("list_stack_set_operations")
    read = list(paginator.paginate(StackSetName="baseline", PaginationConfig={"PageSize": 2}))
    assert [len(page["Summaries"]) for page in read] == [2, 2, 1]
    assert [one["OperationId"] for page in read for one in page["Summaries"]] == ids


def test_scripting_a_stack_set_again_replaces_it(emulator, aws):
    emulator.stack_set("baseline", operation("op-1"))
    emulator.stack_set("baseline", operation("op-2"))
    assert refusal(described, aws) == ("OperationNotFoundException", 404)
    assert described(aws, OperationId="op-2")["Status"] == "SUCCEEDED"


# Operations that move


def test_states_come_after_so_many_describe_calls(emulator, aws):
    emulator.stack_set(
        "baseline",
        operation(
            status="RUNNING",
            rows=[row("000000000001", status="RUNNING")],
            states=[
                {"after_calls": 2, "rows": [row("000000000001", status="FAILED")]},
                {"after_calls": 3, "status": "FAILED"},
            ],
        ),
    )
    seen = [(described(aws)["Status"], whole(aws)[0]["Status"]) for _each in range(5)]
    assert seen == [("RUNNING", "RUNNING")] * 2 + [("RUNNING", "FAILED")] + [("FAILED", "FAILED")] * 2
    shown = described(aws)
    assert shown["StatusDetails"] == {"FailedStackInstancesCount": 1}
    assert shown["EndTimestamp"] <= datetime.now(timezone.utc)


def test_states_come_with_time(emulator, aws):
    later = {"status": "SUCCEEDED", "generate": {"accounts": 3}}
    script = [
        operation("op-1", "RUNNING", states=[{"after_seconds": 0.3, **later}]),
        operation("op-2", "RUNNING", states=[{"after_seconds": NEVER, **later}]),
    ]
    emulator.stack_set("baseline", script)
    eventually(lambda: described(aws)["Status"] == "SUCCEEDED")
    assert len(whole(aws)) == 3
    assert described(aws, OperationId="op-2")["Status"] == "RUNNING"
    assert whole(aws, OperationId="op-2") == []


def test_the_listing_lags_by_calls(emulator, aws):
    emulator.stack_set(
        "baseline",
        operation(
            status="RUNNING",
            generate={"accounts": 2, "running": 2},
            states=[{"after_calls": 1, "status": "SUCCEEDED", "generate": {"accounts": 2}}],
            listing_lag={"calls": 2},
        ),
    )
    assert [described(aws)["Status"] for _each in range(2)] == ["RUNNING", "SUCCEEDED"]
    # Only first pages count, and a walk stays in the state in which it began.
    seen = [{one["Status"] for one in whole(aws, MaxResults=1)} for _each in range(4)]
    assert seen == [{"RUNNING"}, {"RUNNING"}, {"SUCCEEDED"}, {"SUCCEEDED"}]


def test_the_listing_lags_by_seconds():
    now = [1000.0]
    moving = Operation(
        "op-1",
        "UPDATE",
        [State("RUNNING", []), State("SUCCEEDED", [], after_seconds=10), State("FAILED", [], after_seconds=20)],
        clock=lambda: now[0],
        lag=Lag(seconds=15),
    )
    seen = []
    for now[0] in (1000, 1009, 1010, 1020, 1024, 1025, 1034, 1035):
        seen.append((moving.describe()["Status"], moving.listed()))
    statuses = ["RUNNING"] * 2 + ["SUCCEEDED"] + ["FAILED"] * 5
    assert seen == list(zip(statuses, [0, 0, 0, 0, 0, 1, 1, 2], strict=True))


def test_the_end_does_not_move_when_rows_come_in_later():
    now = [1000.0]
    states = [State("RUNNING", []), State("FAILED", [], after_calls=1), State("FAILED", [row("1")], after_calls=2)]
    moving = Operation("op-1", "UPDATE", states, clock=lambda: now[0])
    ends = []
    for now[0] in (1001, 1002, 1003, 1004):
        ends.append(moving.describe().get("EndTimestamp"))
    assert ends == [None] + [datetime.fromtimestamp(1002, timezone.utc)] * 3
