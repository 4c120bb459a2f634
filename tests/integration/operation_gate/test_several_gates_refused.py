# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several gates in one task that are asked for wrongly: refused by place and remedy, before any call to AWS."""

from __future__ import annotations

import pytest
from integration.helpers.several_gates import GATE, OPERATION, endless, entries, scripted, several

pytestmark = pytest.mark.once

MOST = 500
ELSEWHERE = "arn:aws:cloudformation:us-east-1:111122223333:stackset/org-c:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a"
HERE = ELSEWHERE.replace("us-east-1", "eu-west-1")


def third(**entry):
    """Two good entries, then this one."""
    return {"operations": [*entries("org-a", "org-b"), {"stack_set_name": "org-c", **entry}]}


WRONG = [
    ({"operations": []}, "operations is empty, so there is nothing to gate. Add an operation, or skip the task with"),
    ({"concurrency": 51}, "concurrency is 51. Set 1 to 50."),
    (third(max_failed=-1), "operations[2].max_failed is -1. Set a whole number, 0 or more"),
    (third(max_failed_percentage=101), "operations[2].max_failed_percentage is 101.0. Set a number from 0 to 100"),
    (
        third(accept_operation_statuses=["STOPPED"]),
        "operations[2].accept_operation_statuses accepts STOPPED without expected_results. Set",
    ),
    (
        third(operation_id="latest", created_after="2026-11-02T08:00:00"),
        "operations[2].created_after '2026-11-02T08:00:00' has no UTC offset. Set ISO 8601",
    ),
    ({"account_names": {"sandbox": "x"}}, "account_names has 'sandbox', which is not an account ID of 12 digits"),
    # It takes a connection to know its Region.
    (
        third(stack_set_name=ELSEWHERE),
        "operations[2].stack_set_name is the ARN of a stack set in us-east-1, but the Region",
    ),
]


@pytest.mark.parametrize(
    ("options", "said"),
    WRONG,
)
def test_what_makes_no_sense_is_refused_before_any_call(ansible, emulator, options, said):
    task = several(ansible, **{"operations": entries("org-a", "org-b"), "fail_on_closed": False, **options})
    assert task.status == "FAILED!"
    assert said in task.result["msg"]
    assert task.result["gate"] == {"passed": False, "verdict": "inconclusive"}
    assert emulator.log() == []


@pytest.mark.parametrize(
    ("operations", "said"),
    [
        (entries("org-a", invented=1), "operations.invented"),
        ([{"operation_id": OPERATION}], "stack_set_name"),
        (entries("org-a", max_failed="many"), "max_failed"),
        (entries("org-a", scope="account"), "scope must be one of: operation, region, organizational_unit"),
        (["org-a"], "could not parse JSON or key=value"),
    ],
)
def test_ansible_itself_refuses_what_the_documentation_rules_out(ansible, emulator, operations, said):
    task = several(ansible, operations, fail_on_closed=False)
    assert task.status == "FAILED!"
    assert said in task.result["msg"]
    assert "gates" not in task.result
    assert emulator.log() == []


def test_one_or_several_must_be_named(ansible, emulator):
    task = ansible.module({"operation_id": OPERATION, "fail_on_closed": False}, GATE)
    assert task.status == "FAILED!"
    assert task.result["msg"] == "one of the following is required: stack_set_name, operations"
    assert task.result["error"]["code"] == "InvalidOption"
    assert emulator.log() == []


def test_the_arn_of_an_entry_is_taken_in_its_own_region(ansible, emulator):
    scripted(emulator, "org-c")
    task = several(ansible, entries(HERE))
    assert task.status == "SUCCESS", task.result["msg"]
    assert task.result["gates"][0]["stack_set_name"] == HERE.rpartition("/")[2]


def test_as_many_as_one_task_takes_are_not_refused(ansible, emulator):
    endless(emulator, "org-a")
    emulator.fault("DescribeStackSetOperation", None, error="AccessDenied")
    task = several(ansible, entries("org-a") * MOST, concurrency=50)
    assert len(task.result["gates"]) == MOST
    assert len(emulator.log()) == MOST
