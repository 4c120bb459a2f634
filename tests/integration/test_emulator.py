# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator answers as AWS does, does what it is told, and goes when it is no longer needed."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import urlsplit

import pytest

boto3 = pytest.importorskip("boto3")

from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from botocore.parsers import ResponseParserError
from emulator import rows as emulator_rows
from emulator.client import Emulator, EmulatorError, ScriptError, operation, row, rows
from emulator.operations import Lag, Operation, State

pytestmark = pytest.mark.emulator_process

TESTS = Path(__file__).resolve().parent.parent
OP = {"StackSetName": "baseline", "OperationId": "op-1"}
MIXED = {"accounts": 8, "regions": 3, "failed": 4, "cancelled": 3, "running": 2, "pending": 1}
NEVER = 1_000_000
FAILED_ONLY = [{"Name": "OPERATION_RESULT_STATUS", "Values": "FAILED"}]


@pytest.fixture(scope="module")
def server():
    with Emulator() as running:
        yield running


@pytest.fixture
def emulator(server):
    server.reset()
    return server


@pytest.fixture(scope="module")
def aws(server):
    """A client that sends each call once, and sends it as it is told."""
    return client_of(server)


def client_of(server, **config):
    return boto3.client(
        "cloudformation",
        endpoint_url=server.endpoint_url,
        region_name=server.region,
        aws_access_key_id=server.facts["access_key_id"],
        aws_secret_access_key=server.facts["secret_access_key"],
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False, proxies={}, **config),
    )


def results(aws, **more):
    return aws.list_stack_set_operation_results(**{**OP, **more})


def pages(aws, limit=1000, **more):
    """Every page of one walk."""
    read = [results(aws, **more)]
    while "NextToken" in read[-1]:
        assert len(read) < limit
        read.append(results(aws, **{**more, "NextToken": read[-1]["NextToken"]}))
    return read


def whole(aws, **more):
    return [one for page in pages(aws, **more) for one in page["Summaries"]]


def described(aws, **more):
    return aws.describe_stack_set_operation(**{**OP, **more})["StackSetOperation"]


def refusal(call, *args, **more):
    with pytest.raises(ClientError) as caught:
        call(*args, **more)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def answers(emulator, action=None):
    return [entry["answer"] for entry in emulator.log(action)]


# Rows and pages


@pytest.mark.parametrize("size", [1, 2, 7, 23, 24, 25, 100])
def test_each_page_size_gives_every_row_once_and_in_order(emulator, aws, size):
    emulator.stack_set("baseline", operation(generate=MIXED))
    read = pages(aws, MaxResults=size)
    assert [one for page in read for one in page["Summaries"]] == rows(**MIXED)
    assert [len(page["Summaries"]) for page in read[:-1]] == [size] * (len(read) - 1)
    assert 1 <= len(read[-1]["Summaries"]) <= size


def test_a_page_has_100_rows_unless_told_otherwise(emulator, aws):
    emulator.stack_set("baseline", operation(generate={"accounts": 101}))
    assert [len(page["Summaries"]) for page in pages(aws)] == [100, 1]


def test_members_are_as_scripted_left_out_or_empty(emulator, aws):
    scripted = [
        {"Account": "000000000001"},
        row("000000000002", reason="<b> & 'ü' {{ x }}", unit=""),
        row("000000000003", status="SOMETHING_NEW", gate="FAILED", unit="ou-abcd-11111111"),
        {"AccountGateResult": {}, "Region": "eu-west-1", "Status": None},
    ]
    emulator.stack_set("baseline", operation(rows=scripted))
    read = results(aws)["Summaries"]
    assert read[:3] == scripted[:3]
    assert read[3] == {"AccountGateResult": {}, "Region": "eu-west-1"}


def test_an_operation_without_rows_has_one_empty_page(emulator, aws):
    emulator.stack_set("baseline", operation())
    answer = results(aws)
    assert answer["Summaries"] == []
    assert "NextToken" not in answer


def test_a_token_goes_on_with_another_page_size_and_twice(emulator, aws):
    emulator.stack_set("baseline", operation(generate=MIXED))
    token = results(aws, MaxResults=5)["NextToken"]
    assert whole(aws, NextToken=token, MaxResults=3) == rows(**MIXED)[5:]
    assert whole(aws, NextToken=token) == rows(**MIXED)[5:]


def test_walks_at_the_same_time_do_not_disturb_each_other(emulator, aws):
    emulator.stack_set("baseline", operation(generate=MIXED))
    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(lambda size: whole(aws, MaxResults=size), [3, 4, 5, 6]))
    assert read == [rows(**MIXED)] * 4


def test_tokens_are_as_long_as_aws_allows_and_never_the_same(emulator, aws):
    emulator.stack_set("baseline", operation(generate=MIXED))
    tokens = [
        page["NextToken"] for page in [*pages(aws, MaxResults=2), *pages(aws, MaxResults=2)] if "NextToken" in page
    ]
    assert len(set(tokens)) == len(tokens)
    assert max(map(len, tokens)) == 1024


def test_generated_rows_are_spread_and_the_same_each_time():
    made = rows(accounts=50, regions=["eu-west-1", "us-east-1"], count=90, failed=10, cancelled=5, seed=3)
    assert made == rows(accounts=50, regions=["eu-west-1", "us-east-1"], count=90, failed=10, cancelled=5, seed=3)
    assert made != rows(accounts=50, regions=["eu-west-1", "us-east-1"], count=90, failed=10, cancelled=5, seed=4)
    at = [index for index, one in enumerate(made) if one["Status"] == "FAILED"]
    assert len(made) == 90
    assert len(at) == 10
    assert at[0] < 45 < at[-1]
    cancelled = [one for one in made if one["Status"] == "CANCELLED"]
    assert {one["StatusReason"] for one in cancelled} == {emulator_rows.CANCELLED_REASON}
    assert not any("AccountGateResult" in one for one in cancelled)
    assert len({(one["Account"], one["Region"]) for one in made}) == 90


def test_generated_rows_take_reasons_units_and_no_gate():
    made = rows(
        accounts=4, failed=4, reasons=["a {account}", "b"], organizational_units=["ou-1", ""], account_gate=False
    )
    assert [one["StatusReason"] for one in made] == ["a " + made[0]["Account"], "b", "a " + made[2]["Account"], "b"]
    assert [one["OrganizationalUnitId"] for one in made] == ["ou-1", "", "ou-1", ""]
    assert not any("AccountGateResult" in one for one in made)


# What is refused, and how


@pytest.mark.parametrize("status", ["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"])
def test_a_filter_shows_one_status(emulator, aws, status):
    emulator.stack_set("baseline", operation(generate=MIXED))
    filters = [{"Name": "OPERATION_RESULT_STATUS", "Values": status}]
    expected = [one for one in rows(**MIXED) if one["Status"] == status]
    assert expected
    assert whole(aws, Filters=filters, MaxResults=2) == expected


@pytest.mark.parametrize(
    "more",
    [
        {"Filters": FAILED_ONLY * 2},
        {"Filters": [{"Name": "OPERATION_RESULT_STATUS", "Values": "STOPPED"}]},
        {"Filters": [{"Name": "OPERATION_RESULT_STATUS", "Values": "FAILED,CANCELLED"}]},
        {"Filters": [{"Name": "OPERATION_RESULT_STATUS"}]},
        {"Filters": [{"Name": "SOMETHING_ELSE", "Values": "FAILED"}]},
        {"MaxResults": 0},
        {"MaxResults": 101},
        {"NextToken": "garbage"},
        {"NextToken": ""},
        {"CallAs": "ROOT"},
        {"CallAs": "DELEGATED_ADMIN"},
    ],
    ids=str,
)
def test_what_is_wrong_is_a_validation_error(emulator, aws, more):
    emulator.stack_set("baseline", operation(generate=MIXED))
    assert refusal(results, aws, **more) == ("ValidationError", 400)
    assert answers(emulator) == ["error ValidationError"]


def test_a_token_of_another_listing_is_refused(emulator, aws):
    emulator.stack_set("baseline", [operation("op-1", generate=MIXED), operation("op-2", generate=MIXED)])
    token = results(aws, MaxResults=2)["NextToken"]
    invalid = ("ValidationError", 400)
    assert refusal(results, aws, NextToken=token, OperationId="op-2") == invalid
    assert refusal(results, aws, NextToken=token, Filters=FAILED_ONLY) == invalid
    assert refusal(aws.list_stack_set_operations, StackSetName="baseline", NextToken=token) == invalid
    emulator.reset()
    emulator.stack_set("baseline", operation(generate=MIXED))
    assert refusal(results, aws, NextToken=token) == invalid


def test_unknown_stack_sets_and_operations_are_not_found(emulator, aws):
    emulator.stack_set("baseline", operation())
    no_set, no_operation = ("StackSetNotFoundException", 404), ("OperationNotFoundException", 404)
    assert refusal(results, aws, StackSetName="other") == no_set
    assert refusal(described, aws, StackSetName="other") == no_set
    assert refusal(aws.list_stack_set_operations, StackSetName="other") == no_set
    assert refusal(results, aws, OperationId="op-9") == no_operation
    assert refusal(described, aws, OperationId="op-9") == no_operation
    with pytest.raises(aws.exceptions.OperationNotFoundException):
        described(aws, OperationId="op-9")


def test_a_stack_set_is_found_by_its_name_and_by_its_id(emulator, aws):
    given = "baseline:11111111-2222-3333-4444-555555555555"
    assert emulator.stack_set("baseline", operation(rows=[row("000000000001")]), stack_set_id=given) == given
    assert described(aws, StackSetName=given)["StackSetId"] == given
    assert len(whole(aws, StackSetName=given)) == 1
    assert refusal(results, aws, StackSetName=given[:-1] + "6") == ("StackSetNotFoundException", 404)
    made = emulator.stack_set("other", operation())
    assert described(aws, StackSetName=made)["StackSetId"] == made


def test_call_as_is_needed_on_every_call_of_a_delegated_administrator(emulator, aws):
    emulator.stack_set("baseline", operation(generate=MIXED), call_as="DELEGATED_ADMIN")
    calls = (results, described, lambda aws, **more: aws.list_stack_set_operations(StackSetName="baseline", **more))
    for call in calls:
        assert refusal(call, aws) == ("StackSetNotFoundException", 404)
        assert refusal(call, aws, CallAs="SELF") == ("StackSetNotFoundException", 404)
        assert call(aws, CallAs="DELEGATED_ADMIN")
    token = results(aws, CallAs="DELEGATED_ADMIN", MaxResults=5)["NextToken"]
    assert refusal(results, aws, NextToken=token) == ("StackSetNotFoundException", 404)


def test_the_delegated_administrator_error_has_awss_words(emulator, aws):
    emulator.stack_set("baseline", operation())
    with pytest.raises(ClientError, match="Account used is not a delegated administrator"):
        described(aws, CallAs="DELEGATED_ADMIN")


# Operations


def test_an_operation_is_described_as_aws_describes_it(emulator, aws):
    preferences = {"RegionOrder": ["eu-west-1"], "FailureToleranceCount": 2}
    script = operation(
        "op-1", "SUCCEEDED", action="CREATE", creation_timestamp="2026-01-31T11:00:00+01:00",
        end_timestamp="2026-01-31T10:05:00.250Z", status_reason="Why", fields={"OperationPreferences": preferences,
        "RetainStacks": False}, generate=MIXED,
    )  # fmt: skip
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


# Faults


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        ({"error": "Throttling"}, "Throttling", 400),
        ({"error": "ExpiredToken"}, "ExpiredToken", 403),
        ({"error": "AccessDenied", "status": 403}, "AccessDenied", 403),
        ({"error": "InternalFailure"}, "InternalFailure", 500),
        ({"error": "SomethingElse", "status": 418}, "SomethingElse", 418),
        ({"http": 503}, "503", 503),
    ],
    ids=str,
)
def test_scripted_errors(emulator, aws, fault, code, status):
    emulator.stack_set("baseline", operation(generate=MIXED))
    emulator.fault(**fault)
    assert refusal(results, aws) == (code, status)
    assert whole(aws) == rows(**MIXED)
    kind, value = next(iter(fault.items()))
    assert answers(emulator) == [f"{kind} {value}", "rows 24"]


def test_an_errors_message_is_scripted_too(emulator, aws):
    emulator.stack_set("baseline", operation())
    emulator.fault(error="AccessDenied", message="User: <someone> & co")
    with pytest.raises(ClientError) as caught:
        results(aws)
    assert caught.value.response["Error"]["Message"] == "User: <someone> & co"


@pytest.mark.parametrize(
    ("fault", "exception", "answer"),
    [
        ({"reset": "before"}, ConnectionClosedError, "reset before"),
        ({"reset": "body"}, ConnectionClosedError, "reset body"),
        ({"truncate": True}, ResponseParserError, "truncate"),
        ({"body": "<html>"}, ResponseParserError, "body"),
        ({"body": ""}, ResponseParserError, "body"),
    ],
    ids=str,
)
def test_broken_connections_and_answers(emulator, aws, fault, exception, answer):
    emulator.stack_set("baseline", operation(generate={"accounts": 100}))
    emulator.fault(**fault)
    with pytest.raises(exception):
        results(aws)
    assert len(whole(aws)) == 100
    assert answers(emulator) == [answer, "rows 100"]
    assert emulator.stderr() == ""


@pytest.mark.parametrize(
    ("fault", "ends_with"), [({"reset": "body"}, ConnectionResetError), ({"truncate": True}, None)], ids=str
)
def test_half_an_answer_is_half_an_answer(emulator, fault, ends_with):
    emulator.stack_set("baseline", operation(generate={"accounts": 100}))
    emulator.fault(**fault)
    head, body, ended = raw_results(emulator)
    length = int(head.partition(b"Content-Length: ")[2].split()[0])
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert len(body) == length // 2
    assert ended is ends_with


def test_a_reset_before_the_answer_sends_nothing(emulator):
    emulator.stack_set("baseline", operation())
    emulator.fault(reset="before")
    assert raw_results(emulator) == (b"", b"", ConnectionResetError)


def test_a_delay_is_one_and_the_answer_still_comes(emulator, server):
    emulator.stack_set("baseline", operation(generate=MIXED))
    emulator.fault(delay=1.0)
    with pytest.raises(ReadTimeoutError):
        results(client_of(server, read_timeout=0.2))
    emulator.fault(delay=0.01)
    assert len(results(client_of(server))["Summaries"]) == 24


def test_a_fault_strikes_the_page_it_names_and_a_retry_keeps_the_number(emulator, aws):
    emulator.stack_set("baseline", operation(generate=MIXED))
    emulator.fault(error="Throttling", times=2, when={"page": 3})
    first = results(aws, MaxResults=5)
    second = results(aws, MaxResults=5, NextToken=first["NextToken"])
    for _each in range(2):
        assert refusal(results, aws, MaxResults=5, NextToken=second["NextToken"]) == ("Throttling", 400)
    assert len(pages(aws, MaxResults=5, NextToken=second["NextToken"])) == 3
    assert [entry["page"] for entry in emulator.log()] == [1, 2, 3, 3, 3, 4, 5]


def test_faults_for_later_pages_one_status_every_other_call_and_one_stack_set(emulator, aws):
    emulator.stack_set("baseline", operation(generate=MIXED))
    emulator.stack_set("other", operation(generate=MIXED))
    emulator.fault(error="Throttling", times=None, when={"page_from": 2, "status": "FAILED"}, stack_set_name="baseline")
    token = results(aws, MaxResults=2, Filters=FAILED_ONLY)["NextToken"]
    for _each in range(3):
        assert refusal(results, aws, MaxResults=2, Filters=FAILED_ONLY, NextToken=token) == ("Throttling", 400)
    assert len(whole(aws, MaxResults=2)) == 24
    assert len(whole(aws, MaxResults=2, Filters=FAILED_ONLY, StackSetName="other")) == 4

    emulator.reset()
    emulator.stack_set("baseline", operation())
    emulator.fault("DescribeStackSetOperation", error="InternalFailure", times=2, when={"every": 2})
    seen = []
    for _each in range(6):
        try:
            seen.append(described(aws)["Status"])
        except ClientError as error:
            seen.append(error.response["Error"]["Code"])
    assert seen == ["SUCCEEDED", "InternalFailure"] * 2 + ["SUCCEEDED"] * 2


def test_a_call_that_fails_does_not_move_an_operation(emulator, aws):
    emulator.stack_set("baseline", operation(status="RUNNING", states=[{"after_calls": 1, "status": "SUCCEEDED"}]))
    emulator.fault("DescribeStackSetOperation", error="Throttling", times=3)
    for _each in range(3):
        assert refusal(described, aws) == ("Throttling", 400)
    assert [described(aws)["Status"] for _each in range(2)] == ["RUNNING", "SUCCEEDED"]


@pytest.mark.parametrize("page", [1, 3])
@pytest.mark.parametrize("times", [1, None])
def test_empty_pages_come_before_a_page_and_lose_nothing(emulator, aws, page, times):
    emulator.stack_set("baseline", operation(generate=MIXED))
    emulator.fault(empty_pages=2, when={"page": page}, times=times)
    read = pages(aws, MaxResults=10)
    sizes = [10, 10, 4]
    assert [len(one["Summaries"]) for one in read] == [*sizes[: page - 1], 0, 0, *sizes[page - 1 :]]
    assert [one for part in read for one in part["Summaries"]] == rows(**MIXED)
    assert len({one["NextToken"] for one in read[:-1]}) == 4


@pytest.mark.parametrize(("which", "same_as"), [("first", 0), ("previous", 1), ("same", 2)])
def test_a_token_that_was_seen_comes_back(emulator, aws, which, same_as):
    emulator.stack_set("baseline", operation(generate=MIXED))
    emulator.fault(return_token=which, when={"page": 4})
    tokens = []
    for _each in range(4):
        more = {"NextToken": tokens[-1]} if tokens else {}
        tokens.append(results(aws, MaxResults=5, **more)["NextToken"])
    assert tokens[3] == tokens[same_as]
    # The fault is used up: whoever follows the token comes to the end.
    assert whole(aws, MaxResults=5, NextToken=tokens[3]) == rows(**MIXED)[5 * (same_as + 1) :]


def test_a_token_comes_back_on_the_last_page_too_and_never_before_there_is_one(emulator, aws):
    emulator.stack_set("baseline", operation(generate={"accounts": 2}))
    emulator.fault(return_token="first", times=None)
    first = results(aws, MaxResults=1)
    assert results(aws, MaxResults=1, NextToken=first["NextToken"])["NextToken"] == first["NextToken"]


def test_of_two_faults_the_older_strikes_first(emulator, aws):
    emulator.stack_set("baseline", operation())
    emulator.fault(error="Throttling")
    emulator.fault(http=503)
    assert [refusal(results, aws) for _each in range(2)] == [("Throttling", 400), ("503", 503)]
    assert results(aws)["Summaries"] == []


# The log, and the control endpoint


def test_the_log_tells_what_was_asked_and_what_was_answered(emulator, aws):
    stack_set_id = emulator.stack_set("baseline", operation(generate=MIXED))
    token = results(aws, MaxResults=3, Filters=FAILED_ONLY, CallAs="SELF")["NextToken"]
    results(aws, StackSetName=stack_set_id, NextToken=token, Filters=FAILED_ONLY)
    described(aws)
    aws.list_stack_set_operations(StackSetName="baseline")
    aws.list_stack_sets()
    nothing = dict.fromkeys(
        ["stack_set_name", "operation_id", "call_as", "next_token", "max_results", "status", "page", "answer"]
    )
    nothing["region"] = emulator.region
    baseline = {**nothing, "stack_set_name": "baseline"}
    listed = {**nothing, "action": "ListStackSetOperationResults", "operation_id": "op-1", "status": "FAILED"}
    assert emulator.log() == [
        {**listed, "stack_set_name": "baseline", "call_as": "SELF", "max_results": 3, "page": 1, "answer": "rows 3"},
        {**listed, "stack_set_name": stack_set_id, "next_token": token, "page": 2, "answer": "rows 1"},
        {**baseline, "action": "DescribeStackSetOperation", "operation_id": "op-1", "answer": "operation SUCCEEDED"},
        {**baseline, "action": "ListStackSetOperations", "page": 1, "answer": "operations 1"},
        {**nothing, "action": "ListStackSets", "answer": "moto 200"},
    ]
    assert len(emulator.log("ListStackSets")) == 1
    emulator.clear_log()
    assert emulator.log() == []


@pytest.mark.parametrize(
    ("script", "field"),
    [
        ({"status": "DONE"}, r"operations\[0\]\.status"),
        ({"action": "PATCH"}, r"operations\[0\]\.action"),
        ({"rows": {}}, r"operations\[0\]\.rows"),
        ({"rows": [row("1"), {"account": "1"}]}, r"operations\[0\]\.rows\[1\] has 'account'"),
        ({"rows": [{}]}, r"operations\[0\]\.rows\[0\] is empty"),
        ({"rows": [{"Account": 1}]}, r"operations\[0\]\.rows\[0\]\.Account"),
        ({"rows": [row("1", reason="\x1b[31m")]}, r"rows\[0\]\.StatusReason has a control character"),
        ({"rows": [], "generate": {}}, "both rows and generate"),
        ({"generate": {"acounts": 3}}, r"operations\[0\]\.generate\.acounts"),
        ({"generate": {"accounts": 3, "failed": 2, "pending": 2}}, "add up to 4, but there are 3 rows"),
        ({"generate": {"regions": 99}}, r"generate\.regions"),
        ({"generate": {"reasons": "x"}}, r"generate\.reasons"),
        ({"generate": []}, r"generate must be an object"),
        ({"states": [{"status": "FAILED"}]}, r"states\[0\] needs after_calls or after_seconds"),
        ({"states": [{"after_calls": 1, "after_seconds": 1}]}, r"states\[0\] needs after_calls or after_seconds"),
        ({"states": [{"after_calls": -1}]}, r"states\[0\]\.after_calls"),
        ({"listing_lag": {"call": 1}}, "listing_lag has 'call'"),
        ({"creation_timestamp": "yesterday"}, "creation_timestamp"),
        ({"failed_stack_instances_count": "many"}, "failed_stack_instances_count"),
        ({"fields": {"Tags": []}}, "fields has 'Tags'"),
        ({"fields": {"OperationPreferences": {"Tolerance": 1}}}, r"operations\[0\]\.fields.*Tolerance"),
        ({"operation_id": ""}, "operation_id"),
        ({"reason": "x"}, r"operations\[0\] has 'reason'"),
    ],
    ids=str,
)
def test_a_wrong_script_is_refused_by_the_field(emulator, aws, script, field):
    with pytest.raises(ScriptError, match=field):
        emulator.stack_set("baseline", operation(**script))
    assert refusal(described, aws) == ("StackSetNotFoundException", 404)


def test_wrong_stack_sets_are_refused_by_the_field(emulator):
    with pytest.raises(ScriptError, match="call_as must be one of"):
        emulator.stack_set("baseline", [], call_as="ADMIN")
    with pytest.raises(ScriptError, match=r"operations\[1\]\.operation_id 'op-1' is there already"):
        emulator.stack_set("baseline", [operation(), operation()])
    with pytest.raises(ScriptError, match="name must be a string"):
        emulator.stack_set(3, [])


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({}, "exactly one of"),
        ({"error": "Throttling", "http": 503}, "exactly one of"),
        ({"explode": True}, "fault has 'explode'"),
        ({"action": "ListStackSets", "http": 503}, "action must be one of"),
        ({"error": "Throttling", "status": 200}, r"fault\.status"),
        ({"http": 503, "message": "x"}, r"fault\.message"),
        ({"http": 200}, r"fault\.http"),
        ({"reset": "never"}, r"fault\.reset"),
        ({"truncate": False}, r"fault\.truncate"),
        ({"delay": "long"}, r"fault\.delay"),
        ({"empty_pages": 0}, r"fault\.empty_pages"),
        ({"return_token": "last"}, r"fault\.return_token"),
        ({"http": 503, "times": 0}, "times"),
        ({"http": 503, "when": {"pages": 3}}, "when has 'pages'"),
        ({"http": 503, "when": {"page": 0}}, r"when\.page"),
        ({"http": 503, "action": "DescribeStackSetOperation", "when": {"page": 1}}, r"when\.page"),
        ({"return_token": "first", "action": "DescribeStackSetOperation"}, r"fault\.return_token"),
    ],
    ids=str,
)
def test_a_wrong_fault_is_refused_by_the_field(emulator, fault, field):
    with pytest.raises(ScriptError, match=field):
        emulator.fault(**fault)


def test_the_control_endpoint_refuses_other_bodies_and_methods(emulator):
    code, said = control(emulator, "PUT", "", b"{")
    assert (code, "not JSON" in said) == (400, True)
    assert control(emulator, "PUT", "", b"[]") == (400, "The stack set must be an object.")
    assert control(emulator, "POST", "/log", b"{}") == (405, "This takes GET and DELETE.")


# Stack sets that moto made


TEMPLATE = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "alerts"}}}})


def test_what_was_made_with_motos_own_calls_reads_the_same_way(emulator, aws):
    aws.create_stack_set(StackSetName="baseline", TemplateBody=TEMPLATE)
    regions = ["eu-west-1", "us-east-1"]
    made = aws.create_stack_instances(
        StackSetName="baseline", Accounts=["000000000001", "000000000002"], Regions=regions
    )["OperationId"]
    here = {"OperationId": made}

    shown = described(aws, **here)
    assert shown["Status"] == "SUCCEEDED"
    assert shown["StatusDetails"] == {"FailedStackInstancesCount": 0}
    assert shown["EndTimestamp"] <= datetime.now(timezone.utc)
    expected = [row(account, region) for account in ("000000000001", "000000000002") for region in regions]
    assert whole(aws, MaxResults=3, **here) == expected
    assert whole(aws, Filters=FAILED_ONLY, **here) == []
    assert refusal(results, aws) == ("OperationNotFoundException", 404)
    assert refusal(described, aws) == ("OperationNotFoundException", 404)
    assert refusal(results, aws, CallAs="DELEGATED_ADMIN", **here) == ("ValidationError", 400)
    assert [one["OperationId"] for one in operations_of(aws)] == [made]

    aws.stop_stack_set_operation(StackSetName="baseline", OperationId=made)
    assert {one["Status"] for one in whole(aws, **here)} == {"CANCELLED"}
    emulator.reset()
    assert refusal(described, aws, **here) == ("StackSetNotFoundException", 404)


def operations_of(aws):
    return aws.list_stack_set_operations(StackSetName="baseline")["Summaries"]


# The process


def test_it_listens_on_this_machine_only(server):
    port = int(server.endpoint_url.rpartition(":")[2])
    socket.create_connection(("127.0.0.1", port), timeout=5).close()
    # All of 127/8 is this machine; what listens on every address listens there too.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=5)


def test_a_child_gets_this_emulator_and_nothing_else_of_aws(server, monkeypatch):
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    monkeypatch.setenv("AWS_PROFILE", "real")
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:3128")
    made = server.full_env()
    assert made["AWS_ENDPOINT_URL"] == made["AWS_URL"] == server.endpoint_url
    assert made["PATH"] == os.environ["PATH"]
    assert not {"AWS_SESSION_TOKEN", "AWS_PROFILE", "HTTP_PROXY"} & set(made)
    assert server.env().items() <= made.items()


def test_it_ends_when_its_stdin_ends_and_with_sigterm(server):
    other = subprocess.Popen(
        [sys.executable, "-m", "emulator"], cwd=TESTS, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with other, Emulator() as stopped:
        facts = [server.facts, stopped.facts, json.loads(other.stdout.readline())]
        # All that stop() does, unless it has to wait for long, is to close stdin.
        assert stopped.stop() == 0
        os.kill(facts[2]["pid"], signal.SIGTERM)
        assert other.wait(20) == 0
        assert other.stdout.read() == b""
    for fact in ("endpoint_url", "access_key_id", "secret_access_key", "pid"):
        assert len({one[fact] for one in facts}) == 3


def test_it_ends_when_its_parent_is_killed_though_its_stdin_stays_open():
    # The pipe is held by this test, so that only the parent's end can be the reason.
    reading, writing = os.pipe()
    code = (
        "import subprocess, sys, time\n"
        "started = subprocess.Popen([sys.executable, '-m', 'emulator'], stdin=int(sys.argv[1]))\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(reading)], stdout=subprocess.PIPE, cwd=TESTS, pass_fds=[reading]
    )
    try:
        facts = json.loads(parent.stdout.readline())
        port = int(facts["endpoint_url"].rpartition(":")[2])
        assert answers_at(port)
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
    # init, or whoever takes in orphans, may be slow to bury it: what counts is that it no longer answers.
    eventually(lambda: not answers_at(port))
    os.close(reading)
    os.close(writing)


def test_a_start_that_fails_says_why(tmp_path):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no moto here >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(EmulatorError, match=r"(?s)exit code 3.*no moto here"):
        Emulator(python=str(broken)).start()
    with pytest.raises(EmulatorError, match="could not be started with /nowhere/python"):
        Emulator(python="/nowhere/python").start()


def test_a_person_gets_words_and_ends_it_with_ctrl_c():
    process = subprocess.Popen(
        [sys.executable, "-m", "emulator", "--foreground"], cwd=TESTS, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    said = []
    for line in process.stdout:
        said.append(line.decode())
        if line.startswith(b"Ctrl-C"):
            break
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    process.stdout.close()
    words = "".join(said)
    assert "export AWS_ENDPOINT_URL=http://127.0.0.1:" in words
    assert "export AWS_SECRET_ACCESS_KEY=" in words


def answers_at(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def eventually(holds, patience=20):
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def control(emulator, method, path, body):
    """What the control endpoint says to a body that the client would not send."""
    url = urlsplit(emulator.facts["control_url"] + path)
    connection = http.client.HTTPConnection(url.netloc, timeout=20)
    connection.request(method, url.path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    said = json.load(answer)["error"]
    connection.close()
    return answer.status, said


def raw_results(emulator):
    """One listing over a bare socket: head, body, and the exception it ended with."""
    body = "Action=ListStackSetOperationResults&Version=2010-05-15&StackSetName=baseline&OperationId=op-1"
    scope = f"{emulator.facts['access_key_id']}/20260101/{emulator.region}/cloudformation/aws4_request"
    head = [
        "POST / HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8",
        f"Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        f"Content-Length: {len(body)}",
    ]
    data, ended = b"", None
    with socket.create_connection(("127.0.0.1", int(emulator.endpoint_url.rpartition(":")[2])), timeout=20) as sock:
        sock.sendall("\r\n".join([*head, "", body]).encode())
        try:
            while part := sock.recv(65536):
                data += part
        except ConnectionResetError as error:
            ended = type(error)
    head, _separator, rest = data.partition(b"\r\n\r\n")
    return head, rest, ended
