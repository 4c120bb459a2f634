# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A poll: what it costs, what it tells, and that it decides nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

pytest.importorskip("boto3")

from botocore import exceptions as sdk

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.client import StackSetClient
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.policy import policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.gate_result import poll_result
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.gate_request import gate_request
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.poll import poll_once
from ansible_collections.stackgate.stacksets.tests.unit.helpers.scripted_wire import refusal, scripted_client
from ansible_collections.stackgate.stacksets.tests.unit.helpers.waiting import (
    CREATED,
    LATEST,
    NO_COUNT,
    OPERATION,
    OPTIONS,
    THROTTLED,
    FakeClock,
    describe,
    described,
    listed,
    listing,
    page,
    results,
)

ENDPOINT = "https://cloudformation.eu-west-1.amazonaws.com/"
FAST = {"fail_fast": True}


def poll(*script, rules=None, **options):
    request = gate_request({**OPTIONS, **options})
    with scripted_client(*script) as client:
        stack_set = StackSetClient(client, request.stack_set, request.call_as)
        return poll_once(stack_set, request, policy(rules or {}), FakeClock().elapsed)


def bad(failed="", cancelled=""):
    return [
        (results("FAILED"), page(*((one, "FAILED") for one in failed))),
        (results("CANCELLED"), page(*((one, "CANCELLED") for one in cancelled))),
    ]


@pytest.mark.parametrize(
    ("status", "again"),
    [
        *((status, True) for status in ("QUEUED", "RUNNING", "STOPPING", "INVENTED_TOMORROW")),
        *((status, False) for status in ("SUCCEEDED", "FAILED", "STOPPED")),
    ],
)
def test_it_is_one_poll_of_the_operation(status, again):
    assert poll((describe(), described(status, failed=3))) == {
        "poll_again": again,
        "operation_id": OPERATION,
        "status": status,
        "failed_stack_instances_count": 3,
        "created_before": None,
        "calls": 1,
    }


@pytest.mark.parametrize("given", [{}, {"created_before": (CREATED + timedelta(minutes=2)).isoformat()}])
@pytest.mark.parametrize(("status", "again"), [("RUNNING", True), ("SUCCEEDED", False)])
def test_for_the_latest_it_is_one_list_of_operations(status, again, given):
    now = CREATED + timedelta(minutes=1)
    found = poll((listing(), listed((OPERATION, 0, status), ("old", -60, "SUCCEEDED"), now=now)), **LATEST, **given)
    assert (found["poll_again"], found["operation_id"], found["status"]) == (again, OPERATION, status)
    until = given.get("created_before") or (now + timedelta(seconds=1)).isoformat()
    assert (found["created_before"], found["calls"]) == (until, 1)


def test_without_awss_time_nothing_says_when_the_latest_was_found():
    assert poll((listing(), listed((OPERATION, 0, "RUNNING"))), **LATEST)["created_before"] is None


def test_what_was_created_after_it_was_found_is_not_looked_at():
    given = {**LATEST, "created_before": CREATED.isoformat()}
    found = poll((listing(), listed((OPERATION, 0, "RUNNING"), ("other", 1, "SUCCEEDED"))), **given)
    assert (found["poll_again"], found["operation_id"]) == (True, OPERATION)


@pytest.mark.parametrize(
    ("operations", "again"), [([], True), ([(OPERATION, 0, "RUNNING"), ("other", 1, "RUNNING")], False)]
)
def test_no_operation_is_looked_for_again_and_two_are_for_the_last_run(operations, again):
    assert poll((listing(), listed(*operations)), **LATEST) == {"poll_again": again, "calls": 1}


@pytest.mark.parametrize("status", ["RUNNING", "STOPPING"])
def test_with_fail_fast_a_rule_that_is_broken_is_for_the_last_run(status):
    reading = (describe(), described(status, failed=2))
    assert poll(reading, *bad(failed="12"), **FAST)["poll_again"] is False
    assert poll(reading, *bad(failed="12"), rules={"max_failed": 2}, **FAST)["poll_again"] is True
    assert poll(reading, *bad(failed="1", cancelled="2"), rules={"max_failed": 2}, **FAST)["poll_again"] is False


@pytest.mark.parametrize(("status", "failed"), [("STOPPING", 0), ("RUNNING", NO_COUNT)])
def test_with_fail_fast_rows_are_looked_at_where_there_may_be_some_that_aws_does_not_count(status, failed):
    assert poll((describe(), described(status, failed=failed)), *bad(cancelled="1"), **FAST)["poll_again"] is False


def test_with_fail_fast_rows_are_not_looked_at_while_aws_counts_none():
    assert poll((describe(), described("RUNNING")), **FAST)["calls"] == 1


@pytest.mark.parametrize(
    ("error", "again", "if_reached", "problem"),
    [
        (THROTTLED, True, True, "throttled by AWS"),
        (refusal("ServiceUnavailable", status=503), True, True, "ServiceUnavailable"),
        (
            sdk.ConnectionClosedError(endpoint_url=ENDPOINT),
            True,
            True,
            "ConnectionClosedError",
        ),
        (sdk.ProxyConnectionError(proxy_url="http://proxy"), False, True, "ProxyConnectionError"),
        (refusal("AccessDenied"), False, False, "AccessDenied"),
    ],
)
@pytest.mark.parametrize("at", ["describe", "listing", "rows"])
def test_an_error_that_passes_asks_for_another_poll_and_is_named(error, again, if_reached, problem, at):
    scripts = {
        "describe": ([(describe(), error)], {}),
        "listing": ([(listing(), error)], LATEST),
        "rows": ([(describe(), described("RUNNING", failed=1)), (results("FAILED"), error)], FAST),
    }
    script, options = scripts[at]
    found = poll(*script, **options)
    assert found == {
        "poll_again": again,
        "poll_again_if_reached": if_reached,
        "problem": problem,
        "calls": len(script),
    }


@pytest.mark.parametrize(("reading_timeout", "left"), [(40, 6), (5, 5), (1, 1)])
def test_it_takes_no_longer_than_the_wait_or_a_reading_may(reading_timeout, left):
    request = gate_request({**OPTIONS, "wait_timeout": 10, "reading_timeout": reading_timeout})
    with scripted_client((describe(), described("RUNNING"))) as client:
        stack_set = StackSetClient(client, request.stack_set, request.call_as)
        poll_once(stack_set, request, policy({}), lambda: 4.0)
    assert stack_set.deadline.remaining() == left


def test_what_a_poll_returns_is_a_closed_gate():
    result = poll_result(poll((describe(), described("SUCCEEDED"))))
    assert result["gate"] == {"passed": False, "verdict": "inconclusive"}
    assert "Omit it" in result["msg"]
