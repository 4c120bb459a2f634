# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator's log and control endpoint, and stack sets that moto made."""

from __future__ import annotations

import contextlib
import http.client
import json
from datetime import datetime, timezone
from urllib.parse import urlsplit

import pytest
from emulator.client import ScriptError, operation, row
from integration.helpers.emulator_calls import FAILED_ONLY, MIXED, control, described, refusal, results, whole

pytestmark = pytest.mark.emulator_process


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


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/x-www-form-urlencoded"}], ids=str)
def test_json_is_taken_without_a_header_and_as_curl_sends_it(emulator, aws, headers):
    # What a form's parser would take apart.
    scripted = {"name": "baseline", "operations": [operation(status_reason="a=b&c=%20+d")]}
    status, said = sent(emulator, json.dumps(scripted).encode(), headers)
    assert (status, described(aws)["StatusReason"]) == (200, "a=b&c=%20+d")
    assert said["stack_set_id"].startswith("baseline:")
    for body, sentence in {
        b"name=baseline": "The body is not JSON: Expecting value: line 1 column 1 (char 0)",
        b'{"name": "other"}': "The stack set needs operations.",
    }.items():
        assert sent(emulator, body, headers) == (400, {"error": sentence})


def sent(emulator, body, headers):
    url = urlsplit(emulator.facts["control_url"])
    with contextlib.closing(http.client.HTTPConnection(url.netloc, timeout=120)) as connection:
        connection.request("PUT", url.path, body, headers)
        answer = connection.getresponse()
        return answer.status, json.load(answer)


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
