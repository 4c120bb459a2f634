# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator breaks what it is told to break, and nothing else."""

from __future__ import annotations

import contextlib
import itertools

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from botocore.parsers import ResponseParserError
from emulator.client import operation, rows
from integration.helpers.emulator_calls import (
    FAILED_ONLY,
    MIXED,
    answers,
    client_of,
    described,
    pages,
    raw_results,
    refusal,
    results,
    whole,
)

pytestmark = pytest.mark.emulator_process


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


def test_a_fault_strikes_a_share_of_the_calls_in_no_pattern_and_alike_each_time(emulator, aws):
    seen = []
    for _each in range(2):
        emulator.reset()
        emulator.stack_set("baseline", operation())
        emulator.fault("DescribeStackSetOperation", error="Throttling", times=None, when={"share": 0.5})
        for _call in range(100):
            with contextlib.suppress(ClientError):
                described(aws)
        seen.append(answers(emulator))
    assert seen[0] == seen[1]
    assert 30 < seen[0].count("error Throttling") < 70
    assert len(set(itertools.pairwise(seen[0]))) == 4, "two alike in a row, of either kind, and both changes"


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
