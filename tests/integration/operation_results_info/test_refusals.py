# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWS refuses, what breaks on the way, and what users get wrong: sentences, and nothing lost."""

from __future__ import annotations

import json

import pytest
from emulator.client import operation, rows

BASELINE = {"stack_set_name": "org-baseline", "operation_id": "op-1"}
GENERATE = {"accounts": 125, "regions": 2}


@pytest.fixture
def baseline(emulator):
    emulator.stack_set("org-baseline", [operation("op-1", generate=GENERATE)])
    return emulator


BAD_INPUT = [
    ({"stack_set_name": ""}, "stack_set_name is empty. Set the stack set's name"),
    ({"stack_set_name": "under_score"}, "stack_set_name 'under_score' is not the name, unique ID or ARN"),
    ({"page_size": 0}, "page_size is 0. Set 1 to 100"),
    ({"page_size": 101}, "page_size is 101. Set 1 to 100"),
    ({"max_items": 0}, "max_items is 0. Set 1 or more"),
    ({"operation_id": "no id"}, "operation_id 'no id' is not an operation ID"),
    ({"statuses": ["STOPPED"]}, "statuses must be one or more of: PENDING, RUNNING, SUCCEEDED, FAILED, CANCELLED"),
    ({"starting_token": "no token"}, "starting_token has spaces"),
    (
        {"starting_token": "tok", "operation_id": None},
        "missing parameter(s) required by 'starting_token': operation_id",
    ),
    ({"starting_token": "tok", "statuses": ["FAILED", "CANCELLED"]}, "starting_token is not a resume token of"),
    ({"call_as": "ADMIN"}, "call_as must be one of: SELF, DELEGATED_ADMIN"),
    ({"aws_config": {"no_such_setting": 1}}, "aws_config is rejected by the SDK"),
    (
        {
            "stack_set_name": "arn:aws:cloudformation:us-west-2:111122223333:stackset/"
            "org-baseline:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a"
        },
        "is the ARN of a stack set in us-west-2, but the Region of the connection is eu-west-1. Set region",
    ),
]


@pytest.mark.once
@pytest.mark.parametrize(("options", "message"), BAD_INPUT, ids=[message for _options, message in BAD_INPUT])
def test_bad_input_is_refused_before_any_call(ansible, baseline, options, message):
    given = {name: value for name, value in {**BASELINE, **options}.items() if value is not None}
    task = ansible.module(given)
    assert task.status == "FAILED!"
    assert message in task.result["msg"]
    assert "Traceback" not in task.output
    assert baseline.log() == []


@pytest.mark.once
def test_a_token_of_another_reading_is_refused(ansible, baseline):
    first = ansible.module({**BASELINE, "statuses": ["FAILED", "SUCCEEDED"], "max_items": 3}).result
    baseline.clear_log()
    other = {"statuses": ["SUCCEEDED", "FAILED"], "starting_token": first["next_token"]}
    task = ansible.module({**BASELINE, **other})
    assert "belongs to a reading of the statuses FAILED, SUCCEEDED" in task.result["msg"]
    assert baseline.log() == []


@pytest.mark.once
def test_a_token_that_aws_does_not_know_is_said_to_be_that(ansible, baseline):
    task = ansible.module({**BASELINE, "starting_token": "AQICAHjunk"})
    assert "without starting_token" in task.result["msg"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({"stack_set_name": "nowhere"}, ["Stack set nowhere was not found in eu-west-1", "call_as=DELEGATED_ADMIN"]),
        ({"operation_id": "op-9"}, ["Operation op-9 was not found in stack set org-baseline", "operations_info"]),
        ({"call_as": "DELEGATED_ADMIN"}, ["not a delegated administrator", "use call_as=SELF"]),
    ],
)
def test_what_is_not_there_is_a_sentence(ansible, baseline, options, parts):
    task = ansible.module({**BASELINE, **options})
    assert task.status == "FAILED!"
    for part in parts:
        assert part in task.result["msg"]


@pytest.mark.once
def test_a_delegated_stack_set_is_not_found_without_call_as(ansible, emulator):
    emulator.stack_set("org-baseline", [operation("op-1", generate=GENERATE)], call_as="DELEGATED_ADMIN")
    assert "set call_as=DELEGATED_ADMIN to see" in ansible.module(BASELINE).result["msg"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("fault", "part"),
    [
        ({"error": "AccessDenied", "status": 403, "message": "not authorized"}, "cloudformation:DescribeStackSetOp"),
        ({"error": "ExpiredToken", "status": 403, "message": "expired"}, "credentials have expired"),
        ({"error": "InvalidClientTokenId", "status": 403, "message": "invalid"}, "does not accept the credentials"),
        ({"error": "SignatureDoesNotMatch", "status": 403, "message": "?"}, "does not accept the credentials"),
    ],
)
def test_a_refusal_of_the_first_call_says_what_to_do(ansible, baseline, fault, part):
    baseline.fault(action="DescribeStackSetOperation", times=None, **fault)
    task = ansible.module(BASELINE)
    assert task.status == "FAILED!"
    assert part in task.result["msg"]
    assert "operation_results" not in task.result
    assert task.result["error"] == {"code": fault["error"], "message": fault["message"]}
    assert task.result["response_metadata"]["http_status_code"] == 403
    assert {"boto3_version", "botocore_version"} < set(task.result)


def test_no_region(ansible, baseline):
    task = ansible.module(BASELINE, AWS_REGION=None, AWS_DEFAULT_REGION=None)
    assert "region" in task.result["msg"].lower()
    assert task.result["error"] == {"code": "Failed", "message": task.result["msg"]}
    assert baseline.log() == []


def test_no_credentials(ansible, baseline):
    task = ansible.module(BASELINE, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    assert "No AWS credentials were found" in task.result["msg"]
    assert task.result["error"]["code"] == "NoCredentialsError"
    assert baseline.log() == []


@pytest.mark.once
def test_an_endpoint_that_cannot_be_reached(ansible, baseline):
    # Port 9 is discard's: nothing listens there.
    options = {**BASELINE, "endpoint_url": "http://127.0.0.1:9", "aws_config": {"retries": {"total_max_attempts": 1}}}
    task = ansible.module(options)
    assert "AWS could not be reached" in task.result["msg"]
    assert "endpoint_url" in task.result["msg"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("fault", "part"),
    [
        ({"error": "ExpiredToken", "status": 403, "message": "expired"}, "credentials have expired"),
        ({"error": "Throttling", "message": "Rate exceeded"}, "throttled"),
        ({"http": 503}, "ListStackSetOperationResults"),
        ({"reset": "before"}, "connection to AWS"),
        ({"body": "<html>Please log in</html>"}, "did not come from CloudFormation"),
        ({"return_token": "same"}, "never end"),
    ],
)
def test_after_the_first_page_an_error_keeps_the_rows_and_the_token(ansible, baseline, fault, part):
    baseline.fault(times=None, when={"page": 2}, **fault)
    impatient = {"aws_config": {"retries": {"total_max_attempts": 1}}, "reading_timeout": 3}
    task = ansible.module({**BASELINE, **impatient})
    result = task.result
    assert task.status == "FAILED!"
    assert part in result["msg"]
    assert "starting_token" in result["msg"]
    assert "Traceback" not in task.output
    read = result["operation_results"]
    assert result["summary"]["total"] == len(read) >= 100
    assert result["operation"]["operation_id"] == "op-1"


def test_a_reading_is_resumed_after_the_last_row_returned(ansible, baseline):
    baseline.fault(error="ExpiredToken", status=403, message="expired", times=1, when={"page": 2})
    failed = ansible.module(BASELINE).result
    rest = ansible.module({**BASELINE, "starting_token": failed["next_token"]}).result
    union = [(one["account"], one["region"]) for one in failed["operation_results"] + rest["operation_results"]]
    assert sorted(union) == sorted((row["Account"], row["Region"]) for row in rows(**GENERATE))
    assert [call["page"] for call in baseline.log("ListStackSetOperationResults")] == [1, 2, 2, 3]


def test_one_of_several_listings_that_fails_keeps_what_the_others_read(ansible, emulator):
    generate = {"accounts": 125, "regions": 2, "failed": 120, "cancelled": 20}
    emulator.stack_set("org-baseline", [operation("op-1", generate=generate)])
    emulator.fault(error="AccessDenied", status=403, message="no", times=1, when={"status": "FAILED", "page": 2})
    options = {**BASELINE, "statuses": ["FAILED", "CANCELLED"]}
    failed = ansible.module(options).result
    assert "cloudformation:ListStackSetOperationResults" in failed["msg"]
    rest = ansible.module({**options, "starting_token": failed["next_token"]}).result
    union = [(one["account"], one["region"]) for one in failed["operation_results"] + rest["operation_results"]]
    expected = [(row["Account"], row["Region"]) for row in rows(**generate) if row["Status"] != "SUCCEEDED"]
    assert sorted(union) == sorted(expected)
    # Nothing that was read is asked for again.
    asked = [(call["status"], call["page"]) for call in emulator.log("ListStackSetOperationResults")]
    assert sorted(asked) == [("CANCELLED", 1), ("FAILED", 1), ("FAILED", 2), ("FAILED", 2)]


@pytest.mark.once
def test_a_failed_task_stays_under_the_runners_limit(ansible, baseline):
    baseline.fault(error="ExpiredToken", status=403, message="expired", times=1, when={"page": 3})
    failed = ansible.module(BASELINE, MAX_EVENT_RES="20000").result
    assert len(json.dumps(failed)) < 20000
    kept = failed["operation_results"]
    assert 0 < len(kept) < 200
    rest = ansible.module({**BASELINE, "starting_token": failed["next_token"]}).result["operation_results"]
    assert len({(one["account"], one["region"]) for one in kept + rest}) == len(kept) + len(rest) == 250


@pytest.mark.once
def test_a_failed_listing_of_operations_has_those_it_read(ansible, emulator):
    operations = [
        operation(f"op-{number}", creation_timestamp=f"2026-11-{number:02}T08:15:00Z", generate={"accounts": 1})
        for number in range(1, 10)
    ]
    emulator.stack_set("org-baseline", operations)
    emulator.fault(action="ListStackSetOperations", error="AccessDenied", status=403, message="no", when={"page": 2})
    task = ansible.module({"stack_set_name": "org-baseline", "page_size": 5}, "stackgate.stacksets.operations_info")
    assert "cloudformation:ListStackSetOperations" in task.result["msg"]
    assert task.result["error"] == {"code": "AccessDenied", "message": "no"}
    assert [one["operation_id"] for one in task.result["operations"]] == ["op-5", "op-4", "op-3", "op-2", "op-1"]


def test_no_key_is_printed_at_any_verbosity(ansible, baseline):
    baseline.fault(error="AccessDenied", status=403, message="no", when={"page": 2})
    output = ansible.task(BASELINE, options=("-vvvv",)).output
    assert baseline.facts["secret_access_key"] not in output
    assert "Signature=" not in output
