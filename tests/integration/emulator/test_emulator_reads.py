# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator's rows, pages, filters and refusals are AWS's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from emulator import rows as emulator_rows
from emulator.client import operation, row, rows
from integration.helpers.emulator_calls import FAILED_ONLY, MIXED, answers, described, pages, refusal, results, whole

pytestmark = pytest.mark.emulator_process


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
