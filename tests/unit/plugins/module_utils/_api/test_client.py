# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reads over a real boto3 client, call by call."""

from __future__ import annotations

import inspect
import threading
from datetime import datetime, timezone
from types import SimpleNamespace

import botocore.endpoint
import pytest

pytest.importorskip("boto3")

from ansible_collections.stackgate.stacksets.plugins.module_utils._api import client as client_module
from ansible_collections.stackgate.stacksets.plugins.module_utils._api import results_reader
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.client import StackSetClient, connect
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.pagination import Position
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.request import (
    StackSetName,
    operations_request,
    read_request,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.results_reader import (
    read_operations,
    read_results,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.throttling import ThrottleRetry
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError, ReadError
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.options import (
    stack_set_options,
)
from ansible_collections.stackgate.stacksets.tests.unit.helpers.scripted_wire import (
    answer,
    new_client,
    refusal,
    scripted_client,
)
from ansible_collections.stackgate.stacksets.tests.unit.helpers.waiting import THROTTLED, FakeClock

NAME = "org-baseline"
repairs_xml = "before-parse" in inspect.getsource(botocore.endpoint)
OPERATION = "5d1f2a44-op"
DEFAULTS = {name: option.get("default") for name, option in stack_set_options().items()}


def requested(**options):
    return read_request({**DEFAULTS, "stack_set_name": NAME, "operation_id": OPERATION, **options})


def describe(call_as="SELF", operation=OPERATION):
    return {
        "Action": "DescribeStackSetOperation",
        "StackSetName": NAME,
        "OperationId": operation,
        "CallAs": call_as,
    }


def described(status="SUCCEEDED", operation=OPERATION):
    return answer("DescribeStackSetOperation", StackSetOperation={"OperationId": operation, "Status": status})


def results(call_as="SELF", operation=OPERATION, status=None, token=None, limit="100"):
    call = {
        "Action": "ListStackSetOperationResults",
        "StackSetName": NAME,
        "OperationId": operation,
        "CallAs": call_as,
        "MaxResults": limit,
    }
    if status:
        call |= {"Filters.member.1.Name": "OPERATION_RESULT_STATUS", "Filters.member.1.Values": status}
    if token:
        call["NextToken"] = token
    return call


def page(*accounts, token=None, status="FAILED"):
    rows = [{"Account": account, "Region": "eu-west-1", "Status": status} for account in accounts]
    return answer("ListStackSetOperationResults", Summaries=rows, NextToken=token)


def operations(token=None, limit="100"):
    call = {
        "Action": "ListStackSetOperations",
        "StackSetName": NAME,
        "CallAs": "SELF",
        "MaxResults": limit,
    }
    return {**call, "NextToken": token} if token else call


def listed(*ids, token=None):
    summaries = [{"OperationId": one, "CreationTimestamp": f"2026-11-{one[-2:]}T08:15:00Z"} for one in ids]
    return answer("ListStackSetOperations", Summaries=summaries, NextToken=token)


class Warnings(list):
    def __call__(self, text):
        self.append(text)


@pytest.fixture
def warnings():
    return Warnings()


def accounts(read):
    return [row["account"] for row in read.rows]


@pytest.mark.parametrize("call_as", ["SELF", "DELEGATED_ADMIN"])
def test_call_as_goes_along_with_every_call(call_as, warnings):
    with scripted_client(
        (describe(call_as), described()),
        (results(call_as), page("1", token="t1")),
        (results(call_as, token="t1"), page("2")),
    ) as client:
        operation, reading, _name = read_results(client, requested(call_as=call_as), warnings)
    assert operation["status"] == "SUCCEEDED"
    assert accounts(reading) == ["1", "2"]
    assert warnings == []


def test_one_status_is_filtered_by_aws(warnings):
    with scripted_client((describe(), described()), (results(status="FAILED"), page("1"))) as client:
        _operation, reading, _name = read_results(client, requested(statuses=["FAILED"]), warnings)
    assert accounts(reading) == ["1"]


def test_a_limit_is_asked_of_aws(warnings):
    with scripted_client((describe(), described()), (results(limit="3"), page("1", "2", "3", token="t"))) as client:
        _operation, reading, _name = read_results(client, requested(max_items=3), warnings)
    assert reading.next_token


def test_the_most_recent_operation_is_found_on_any_page(warnings):
    with scripted_client(
        (operations(), listed("op-03", "op-01", token="t1")),
        (operations(token="t1"), listed("op-09", "op-02")),
        (describe(operation="op-09"), described(operation="op-09")),
        (results(operation="op-09"), page("1")),
    ) as client:
        operation, _reading, _name = read_results(client, requested(operation_id=None), warnings)
    assert operation["operation_id"] == "op-09"


def test_a_stack_set_without_operations_is_nothing_and_says_so(warnings):
    with scripted_client((operations(), listed())) as client:
        operation, reading, _name = read_results(client, requested(operation_id=None), warnings)
    assert (operation, reading.rows, reading.next_token) == (None, [], None)
    assert "has no operations" in warnings[0]


@pytest.mark.parametrize("status", ["RUNNING", "QUEUED", "STOPPING", "INVENTED_TOMORROW"])
def test_several_listings_of_an_operation_that_moves_are_said_to_be_no_snapshot(status, warnings):
    client = new_client(lambda call: described(status) if call["Action"].startswith("Desc") else page())
    read_results(client, requested(statuses=["FAILED", "CANCELLED"]), warnings)
    assert "not one snapshot" in warnings[0]


@pytest.mark.parametrize(
    ("status", "statuses"),
    [
        ("RUNNING", ["FAILED"]),
        ("RUNNING", []),
        ("SUCCEEDED", ["FAILED", "CANCELLED"]),
        ("STOPPED", ["FAILED", "CANCELLED"]),
    ],
)
def test_a_single_listing_or_an_ended_operation_needs_no_such_warning(status, statuses, warnings):
    client = new_client(lambda call: described(status) if call["Action"].startswith("Desc") else page())
    read_results(client, requested(statuses=statuses), warnings)
    assert warnings == []


def test_an_error_carries_the_operation_and_the_rows_so_far(warnings):
    with scripted_client(
        (describe(), described()),
        (results(), page("1", "2", token="t1")),
        (results(token="t1"), refusal("AccessDenied", "no")),
    ) as client:
        with pytest.raises(ReadError) as caught:
            read_results(client, requested(), warnings)
    error = caught.value
    assert error.code == "AccessDenied"
    assert error.operation["status"] == "SUCCEEDED"
    assert accounts(error.reading) == ["1", "2"]
    with scripted_client((describe(), described()), (results(token="t1"), page("3"))) as client:
        _operation, rest, _name = read_results(client, requested(starting_token=error.reading.next_token), warnings)
    assert accounts(rest) == ["3"]


def test_a_reading_that_takes_too_long_ends_with_the_rows_so_far_and_the_way_on(warnings):
    never = threading.Event()

    def handler(call):
        if call["Action"].startswith("Desc"):
            return described()
        if "NextToken" not in call:
            return page("1", "2", token="t1")
        never.wait()

    with pytest.raises(
        ReadError, match=r"did not finish within reading_timeout \(0\.3 seconds\)\. It stopped at ListStackS"
    ) as caught:
        read_results(new_client(handler), requested()._replace(reading_timeout=0.3), warnings)
    never.set()
    assert (caught.value.code, caught.value.is_transient(reached=True)) == ("ReadingTimeout", False)
    assert [row["account"] for row in caught.value.reading.rows] == ["1", "2"]
    assert Position.decode(caught.value.reading.next_token) == Position("t1")
    assert caught.value.operation["operation_id"] == OPERATION


def test_a_listing_without_an_end_ends_with_the_time(warnings):
    def handler(call):
        if call["Action"].startswith("Desc"):
            return described()
        return page(token=str(int(call.get("NextToken", 0)) + 1))

    with pytest.raises(ReadError, match="reading_timeout"):
        read_results(new_client(handler), requested()._replace(reading_timeout=0.3), warnings)


def test_the_limit_is_for_all_listings_of_a_reading_together(warnings):
    never = threading.Event()

    def handler(call):
        if call["Action"].startswith("Desc"):
            return described()
        if call["Filters.member.1.Values"] == "FAILED":
            return page("1")
        never.wait()

    with pytest.raises(ReadError, match="reading_timeout") as caught:
        some = requested(statuses=["FAILED", "CANCELLED"])._replace(reading_timeout=0.3)
        read_results(new_client(handler), some, warnings)
    never.set()
    assert [row["account"] for row in caught.value.reading.rows] == ["1"]


@pytest.fixture
def clock(monkeypatch):
    """Of the retries of readings; it moves by sleeping alone."""
    clock = FakeClock()
    monkeypatch.setattr(results_reader, "ThrottleRetry", lambda seconds: ThrottleRetry(clock))
    return clock


def test_where_the_sdk_gives_up_on_throttling_a_reading_asks_again_for_the_same_page(warnings, clock):
    with scripted_client(
        (operations(), THROTTLED),
        (operations(), listed("op-03")),
        (describe(operation="op-03"), THROTTLED),
        (describe(operation="op-03"), described(operation="op-03")),
        (results(operation="op-03"), page("1", token="t1")),
        (results(operation="op-03", token="t1"), THROTTLED),
        (results(operation="op-03", token="t1"), THROTTLED),
        (results(operation="op-03", token="t1"), page("2")),
    ) as client:
        _operation, reading, _name = read_results(client, requested(operation_id=None), warnings)
    assert accounts(reading) == ["1", "2"]
    assert clock.slept == [0.5, 0.5, 0.5, 0.75]


def test_throttling_that_does_not_end_is_an_error_with_the_rows_so_far(warnings, clock):
    def handler(call):
        if call["Action"].startswith("Desc"):
            return described()
        return THROTTLED if "NextToken" in call else page("1", token="t1")

    with pytest.raises(ReadError, match="AWS throttled ListStackSetOperationResults") as caught:
        read_results(new_client(handler), requested(), warnings)
    assert accounts(caught.value.reading) == ["1"]
    assert Position.decode(caught.value.reading.next_token) == Position("t1")
    assert 290 < clock.now <= 300


def test_a_throttled_listing_waits_no_longer_when_another_has_failed(warnings):
    throttled, calls = threading.Event(), []

    def handler(call):
        if call["Action"].startswith("Desc"):
            return described()
        if call["Filters.member.1.Values"] == "FAILED":
            calls.append(call)
            throttled.set()
            return THROTTLED
        assert throttled.wait(20)
        return refusal("AccessDenied", "no")

    some = requested(statuses=["FAILED", "CANCELLED"])
    with pytest.raises(ReadError, match="Access denied") as caught:
        read_results(new_client(handler), some, warnings)
    assert caught.value.code == "AccessDenied"
    assert len(calls) < 10, "the rest of its time is not used, which is enough for more than thirty"


def test_operations_that_are_throttled_are_asked_for_again(clock):
    with scripted_client((operations(), THROTTLED), (operations(), listed("op-03"))) as client:
        kept, _truncated = read_operations(client, listing())
    assert [operation["operation_id"] for operation in kept] == ["op-03"]


def test_a_circle_is_reported_with_the_rows_so_far(warnings):
    with scripted_client(
        (describe(), described()),
        (results(), page("1", token="t1")),
        (results(token="t1"), page("2", token="t1")),
    ) as client:
        with pytest.raises(ReadError, match="never end") as caught:
            read_results(client, requested(), warnings)
    assert accounts(caught.value.reading) == ["1", "2"]


def test_rows_can_be_taken_page_by_page(warnings):
    pages = []
    with scripted_client(
        (describe(), described()),
        (results(), page("1", "2", token="t1")),
        (results(token="t1"), page("3")),
    ) as client:
        _operation, reading, _name = read_results(client, requested(), warnings, pages.append)
    assert [[row["account"] for row in rows] for rows in pages] == [["1", "2"], ["3"]]
    assert (reading.rows, reading.count) == ([], 3)


def test_an_arn_of_another_region_is_refused_before_any_call(warnings):
    arn = f"arn:aws:cloudformation:us-east-1:111122223333:stackset/{NAME}:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a"
    with scripted_client(region="eu-west-1") as client:
        with pytest.raises(OptionError, match="us-east-1"):
            read_results(client, requested(stack_set_name=arn), warnings)


def test_an_arn_is_asked_for_as_its_unique_id(warnings):
    unique = f"{NAME}:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a"
    seen = []

    def handler(call):
        seen.append(call["StackSetName"])
        return described() if call["Action"].startswith("Desc") else page()

    arn = f"arn:aws:cloudformation:eu-west-1:111122223333:stackset/{unique}"
    read_results(new_client(handler), requested(stack_set_name=arn), warnings)
    assert seen == [unique, unique]


def listing(**options):
    return operations_request({**DEFAULTS, "stack_set_name": NAME, **options})


def test_operations_are_all_read_before_any_is_cut():
    with scripted_client(
        (operations(limit="2"), listed("op-03", "op-01", token="t1")),
        (operations(limit="2", token="t1"), listed("op-09", "op-02")),
    ) as client:
        kept, truncated = read_operations(client, listing(max_items=2, page_size=2))
    assert [operation["operation_id"] for operation in kept] == ["op-09", "op-03"]
    assert truncated


def test_operations_within_the_limit_are_not_truncated():
    with scripted_client((operations(), listed("op-03", "op-01"))) as client:
        kept, truncated = read_operations(client, listing(max_items=2))
    assert (len(kept), truncated) == (2, False)


def test_a_broken_listing_of_operations_keeps_what_it_read():
    with scripted_client(
        (operations(), listed("op-01", "op-02", token="t1")),
        (operations(token="t1"), refusal("SomethingNew")),
    ) as client:
        with pytest.raises(ReadError) as caught:
            read_operations(client, listing())
    assert [operation["operation_id"] for operation in caught.value.operations] == ["op-02", "op-01"]


def test_operations_so_far_are_not_taken_for_results(warnings):
    with scripted_client(
        (operations(), listed("op-01", token="t1")),
        (operations(token="t1"), refusal("SomethingNew")),
    ) as client:
        with pytest.raises(ReadError) as caught:
            read_results(client, requested(operation_id=None), warnings)
    assert caught.value.reading is None


def test_how_often_the_sdk_asks_is_the_users_word():
    assert "retries" not in client_module.CLIENT_CONFIG


@pytest.mark.parametrize("bad", [{"no_such_setting": 1}, {"retries": {"mode": "sometimes"}}, {"retries": 5}])
def test_a_bad_aws_config_is_refused_with_its_name(bad):
    from botocore.config import Config

    def make_client(service, config):
        return Config(**config).merge(Config(**bad))

    with pytest.raises((OptionError, ReadError), match="aws_config"):
        connect(make_client)


@pytest.mark.skipif(not repairs_xml, reason="this botocore lets nobody see an answer before its parser")
def test_a_page_with_a_character_that_xml_can_not_hold_is_read_with_all_that_follow(warnings):
    status, body = page("1", "2", token="t1")
    unreadable = (
        status,
        body.replace(b"<Account>1</Account>", b"<Account>1</Account><StatusReason>a&#x1b;b</StatusReason>"),
    )
    with scripted_client(
        (describe(), described()), (results(), unreadable), (results(token="t1"), page("3"))
    ) as client:
        _operation, reading, _name = read_results(connect(lambda _service, config: client), requested(), warnings)
    assert accounts(reading) == ["1", "2", "3"]
    assert reading.rows[0]["status_reason"] == "a\ufffdb"


def test_an_operation_without_an_id_is_not_asked_for(warnings):
    nameless = answer("ListStackSetOperations", Summaries=[{"CreationTimestamp": "2026-11-02T08:15:00Z"}])
    with scripted_client((operations(), nameless)) as client:
        with pytest.raises(
            ReadError, match="listed the most recent operation of stack set org-baseline without its ID"
        ):
            read_results(client, requested(operation_id=None), warnings)
    with scripted_client((operations(), nameless)) as client:
        (operation,), _truncated = read_operations(client, listing())
    assert operation["operation_id"] is None


@pytest.mark.parametrize("region", ["eu-west-1\n", "eu-west-1\u00a0", "eu-west-1/../x"])
def test_what_is_no_region_is_refused_and_shown_as_it_is(region):
    client = SimpleNamespace(meta=SimpleNamespace(region_name=region))
    with pytest.raises(OptionError) as caught:
        connect(lambda _service, config: client)
    assert caught.value.message.startswith(f"region is {region!r}. Set the name of one Region")


def stack_set_client(client):
    return StackSetClient(client, StackSetName(NAME, None), "SELF")


def test_pages_come_one_at_a_time():
    with scripted_client(
        (results(status="FAILED"), page("1", "2", token="t1")),
        (results(status="FAILED", token="t1"), page(token="t2")),
        (results(status="FAILED", token="t2"), page("3")),
    ) as client:
        pages = list(stack_set_client(client).result_pages(OPERATION, "FAILED"))
    assert [[row["account"] for row in rows] for rows in pages] == [["1", "2"], [], ["3"]]


def test_whoever_stops_before_the_end_of_the_pages_asks_for_no_more():
    with scripted_client((results(), page("1", token="t1"))) as client:
        (row,) = next(stack_set_client(client).result_pages(OPERATION, None))
    assert row["account"] == "1"


def test_pages_that_run_in_a_circle_end_with_an_error_after_their_rows():
    seen = []
    with scripted_client(
        (results(), page("1", token="t1")),
        (results(token="t1"), page("2", token="t1")),
    ) as client:
        with pytest.raises(ReadError, match="never end"):
            for rows in stack_set_client(client).result_pages(OPERATION, None):
                seen += [row["account"] for row in rows]
    assert seen == ["1", "2"]


def test_every_request_counts_those_that_were_refused_or_failed_too():
    from botocore.exceptions import ConnectTimeoutError

    with scripted_client(
        (describe(), described()),
        (describe(), refusal("AccessDenied")),
        (describe(), ConnectTimeoutError(endpoint_url="x")),
        (operations(), listed()),
    ) as client:
        one = stack_set_client(client)
        assert one.calls == 0
        one.describe_operation(OPERATION)
        for _error in range(2):
            with pytest.raises(ReadError):
                one.describe_operation(OPERATION)
        one.list_operations()
    assert one.calls == 4


def test_retries_of_the_sdk_are_requests(monkeypatch):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    answers = [refusal("Throttling"), described(), *[refusal("Throttling")] * 3]
    one = stack_set_client(new_client(lambda call: answers.pop(0), attempts=3))
    one.describe_operation(OPERATION)
    assert one.calls == 2
    with pytest.raises(ReadError, match="after 2 retries"):
        one.describe_operation(OPERATION)
    assert one.calls == 5


NOON = datetime(2026, 11, 2, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("Mon, 02 Nov 2026 12:00:00 GMT", NOON),
        ("Mon, 02 Nov 2026 13:00:00 +0100", NOON),
        ("Mon, 02 Nov 2026 12:00:00 -0000", None),  # says that its offset is not known
        ("yesterday", None),
        ("", None),
    ],
)
def test_the_time_is_awss_own_where_it_tells_one(date, time):
    with scripted_client((describe(), (*described(), {"Date": date}))) as client:
        one = stack_set_client(client)
        one.describe_operation(OPERATION)
    assert one.aws_time == time


def test_a_refusal_tells_the_time_too_and_an_answer_without_one_leaves_the_last():
    told = {"Date": "Mon, 02 Nov 2026 12:00:00 GMT"}
    with scripted_client((describe(), (*refusal("Throttling"), told)), (describe(), described())) as client:
        one = stack_set_client(client)
        with pytest.raises(ReadError):
            one.describe_operation(OPERATION)
        one.describe_operation(OPERATION)
    assert one.aws_time == NOON
