# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wait, call by call: how it polls, what it counts, and what throttling and errors make of it."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import timedelta

import pytest

pytest.importorskip("boto3")

from botocore import exceptions as sdk

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.client import StackSetClient
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import Interrupted, ReadError
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.model import Missing, MissingKind
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.policy import policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.gate_request import gate_request
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.waiter import OperationWaiter
from ansible_collections.stackgate.stacksets.tests.unit.helpers.scripted_wire import new_client, refusal
from ansible_collections.stackgate.stacksets.tests.unit.helpers.waiting import (
    ALL_GOOD,
    CREATED,
    LATEST,
    NO_COUNT,
    OPERATION,
    OPTIONS,
    THROTTLED,
    FakeClock,
    bad_rows,
    decided,
    describe,
    described,
    endlessly,
    lacking,
    listed,
    listing,
    page,
    pinned,
    results,
    waiting,
    whole,
)


@pytest.fixture
def clock():
    return FakeClock()


def test_an_operation_that_has_ended_well_takes_one_reading(clock):
    with waiting(clock, (describe(), described()), *ALL_GOOD) as wait:
        assert wait.run().passed
    assert (clock.slept, wait.calls) == ([], 6)
    assert wait.operation["operation_id"] == OPERATION


def test_one_with_a_failure_is_closed_at_once_and_reads_no_good_row(clock):
    decision = decided(clock, (describe(), described(failed=1)), *bad_rows(failed="1"))
    assert (decision.verdict, clock.slept) == ("failed", [])


def test_it_is_polled_until_it_ends(clock):
    script = [(describe(), described(status)) for status in ("QUEUED", "RUNNING", "STOPPING", "SUCCEEDED")]
    assert decided(clock, *script, *ALL_GOOD).passed
    assert len(clock.slept) == 3


def test_a_status_that_is_not_known_is_no_end(clock):
    script = [(describe(), described("INVENTED_TOMORROW")), (describe(), described())]
    assert decided(clock, *script, *ALL_GOOD).passed


@pytest.mark.parametrize(
    ("random", "sleep", "slept"),
    [
        (0.0, 15, [15, 22.5, 33.75, 50.62, 60, 60]),
        (0.5, 15, [16.5, 24.75, 37.12, 55.69, 60, 60]),
        (1.0, 15, [18, 27, 40.5, 60, 60, 60]),
        (0.0, 1, [1, 1.5, 2.25, 3.38, 5.06, 7.59]),
        (1.0, 90, [90] * 6),  # the user's word stands above our cap
    ],
)
def test_the_sleeps_grow_with_some_jitter_up_to_a_minute(random, sleep, slept):
    clock = FakeClock(random)
    script = [(describe(), described("RUNNING"))] * 6
    assert decided(clock, *script, (describe(), described()), *ALL_GOOD, wait_sleep=sleep).passed
    assert clock.slept == slept


def test_a_new_status_is_watched_closely_again(clock):
    script = [(describe(), described(status)) for status in ("QUEUED", "QUEUED", "RUNNING", "RUNNING", "SUCCEEDED")]
    assert decided(clock, *script, *ALL_GOOD).passed
    assert clock.slept == [15, 22.5, 15, 22.5]


def test_the_last_sleep_is_clipped_to_the_time_left_and_then_it_is_inconclusive(clock):
    script = [(describe(), described("RUNNING"))] * 3
    at_end = [(results(status), page()) for status in ("FAILED", "CANCELLED")]
    with waiting(clock, *script, *at_end, wait_timeout=20) as wait:
        decision = wait.run()
    assert clock.slept == [15, 5]
    assert (decision.verdict, lacking(decision)) == ("inconclusive", [("operation", "wait_timeout")])
    assert wait.progress["elapsed"] == 20


def test_the_evidence_at_the_timeout_is_told_but_decides_nothing(clock):
    at_end = [(results("FAILED"), page(("1", "FAILED"))), (results("CANCELLED"), page())]
    with waiting(clock, (describe(), described("RUNNING", failed=1)), *at_end, wait_timeout=0) as wait:
        decision = wait.run()
    assert (decision.verdict, decision.violations, decision.counts["failed"]) == ("inconclusive", (), 1)
    assert len(wait.collector.unsuccessful) == 1


def test_without_waiting_it_decides_on_what_is_there(clock):
    at_work = [(results(status), page()) for status in ("FAILED", "CANCELLED")]
    assert decided(clock, (describe(), described("RUNNING")), *at_work, wait=False).verdict == "inconclusive"
    assert decided(clock, (describe(), described()), *ALL_GOOD, wait=False).passed
    whole = [(results(), page(("1", "SUCCEEDED")))]
    decision = decided(clock, (describe(), described(failed=NO_COUNT)), *whole, wait=False)
    assert lacking(decision) == [("settled", "settle_timeout")]
    assert clock.slept == []


# What is in front


FRONT = (listing(), listed(("busy", -5, "RUNNING"), (OPERATION, 0, "QUEUED")))


def test_which_operation_is_in_front_is_asked_at_the_end_only(clock):
    at_end = [FRONT, (results("FAILED"), page()), (results("CANCELLED"), page())]
    with waiting(clock, *[(describe(), described("QUEUED"))] * 2, *at_end, wait_timeout=15) as wait:
        decision = wait.run()
    assert (decision.verdict, wait.progress["in_front"]) == ("inconclusive", "busy")
    assert [one.message for one in decision.missing] == [
        "The operation has not ended: it is QUEUED and waits for busy."
    ]


def test_what_is_in_front_is_never_a_reason_to_fail(clock):
    at_end = [(listing(), refusal("AccessDenied")), (results("FAILED"), page()), (results("CANCELLED"), page())]
    with waiting(clock, (describe(), described("QUEUED")), *at_end, wait_timeout=0) as wait:
        assert lacking(wait.run()) == [("operation", "wait_timeout")]
    assert wait.progress["in_front"] is None


def test_progress_has_what_is_known(clock):
    with waiting(clock, (describe(), described("RUNNING", failed=3))) as wait:
        empty = dict(wait.progress)
        clock.now = 130.26
        wait.poll()
    assert empty == {
        "operation_id": OPERATION,
        "status": None,
        "failed_stack_instances_count": None,
        "in_front": None,
        "elapsed": 0.0,
    }
    assert wait.progress == {
        **empty,
        "status": "RUNNING",
        "failed_stack_instances_count": 3,
        "elapsed": 130.3,
    }


# What passes, and what does not

GONE = sdk.EndpointConnectionError(endpoint_url="https://cloudformation.eu-west-1.amazonaws.com/")
PASSING = {
    "throttled": THROTTLED,
    "503": refusal("ServiceUnavailable", status=503),
    "internal": refusal("InternalFailure", status=500),
    "reset": sdk.ConnectionClosedError(endpoint_url="https://cloudformation.eu-west-1.amazonaws.com/"),
    "timeout": sdk.ReadTimeoutError(endpoint_url="https://cloudformation.eu-west-1.amazonaws.com/"),
}


@pytest.fixture(params=PASSING)
def passing(request):
    return PASSING[request.param]


def test_what_passes_is_outlasted_call_by_call_and_a_page_at_its_token(clock, passing):
    failed = [
        (results("FAILED"), page(("1", "FAILED"), token="t1")),
        (results("FAILED", "t1"), passing),
        (results("FAILED", "t1"), passing),
        (results("FAILED", "t1"), page(("2", "FAILED"), token="t2")),
        (results("FAILED", "t2"), passing),
        (results("FAILED", "t2"), page(("3", "FAILED"))),
    ]
    script = [(describe(), passing), (describe(), described(failed=3)), *bad_rows()[:2], *failed, bad_rows()[3]]
    decision = decided(clock, *script)
    assert (decision.verdict, decision.counts["failed"]) == ("failed", 3)
    assert clock.slept == [0.5, 0.5, 0.75, 0.5]


@pytest.mark.parametrize("seconds", [5, 100, 3000])
def test_waiting_for_the_end_lasts_to_the_end_of_wait_timeout_and_no_longer(clock, passing, seconds):
    calls = []
    with endlessly(clock, calls, {"DescribeStackSetOperation": passing}, wait_timeout=seconds) as wait:
        with pytest.raises(ReadError):
            wait.run()
    assert seconds - 1 < clock.now <= seconds
    assert len(calls) <= 15 + seconds / 9, "pauses grow to ten seconds"


@pytest.mark.parametrize(("settle", "seconds"), [(170, 100), (100, 170), (0, 100), (100, 0)])
def test_after_the_end_it_is_outlasted_for_settle_timeout_or_the_rest_of_wait_timeout(clock, passing, settle, seconds):
    answers = {"DescribeStackSetOperation": described(), "ListStackSetOperationResults": passing}
    with endlessly(clock, [], answers, settle_timeout=settle, wait_timeout=seconds) as wait:
        with pytest.raises(ReadError):
            wait.run()
    assert max(settle, seconds) - 1 < clock.now <= max(settle, seconds)


def test_one_that_ended_long_ago_has_the_rest_of_wait_timeout(clock, passing):
    long_ago = described(ended=CREATED - timedelta(days=1), now=CREATED)
    script = [(describe(), passing), (describe(), long_ago), (results("PENDING"), passing), *ALL_GOOD]
    assert decided(clock, *script).passed
    assert clock.slept == [0.5, 0.5]


@pytest.mark.parametrize(("reading_timeout", "seconds"), [(60, 60), (280, 280), (1800, 300)])
def test_without_waiting_it_is_outlasted_as_in_any_reading(clock, passing, reading_timeout, seconds):
    answers = {"DescribeStackSetOperation": passing}
    with endlessly(clock, [], answers, wait=False, wait_timeout=0, reading_timeout=reading_timeout) as wait:
        with pytest.raises(ReadError):
            wait.run()
    assert seconds - 1 < clock.now <= seconds


def test_the_network_is_at_fault_where_aws_could_be_reached_before(clock):
    script = [(describe(), described("RUNNING")), (describe(), GONE), (describe(), described()), *ALL_GOOD]
    assert decided(clock, *script).passed
    with waiting(clock, (describe(), GONE)) as wait:
        with pytest.raises(ReadError, match="could not be reached"):
            wait.run()


@pytest.mark.parametrize("error", [*PASSING.values(), GONE])
def test_rows_that_cannot_be_read_at_the_end_of_the_time_leave_it_inconclusive(clock, error):
    script = [(describe(), described("RUNNING", failed=1)), (results("FAILED"), error)]
    decision = decided(clock, *script, wait_timeout=0)
    assert (decision.verdict, lacking(decision)) == ("inconclusive", [("operation", "wait_timeout")])


@pytest.mark.parametrize("options", [{"wait_timeout": 0}, {"fail_fast": True}])
def test_rows_that_may_not_be_read_are_an_error_at_any_time(clock, options):
    script = [(describe(), described("RUNNING", failed=1)), (results("FAILED"), refusal("AccessDenied"))]
    with waiting(clock, *script, **options) as wait:
        with pytest.raises(ReadError, match="Access denied"):
            wait.run()


def slow_pages(clock, number):
    """A listing of so many pages, of which each takes a second."""
    left = list(range(number))

    def rows(_parameters):
        clock.now += 1
        left.pop()
        return page((f"{len(left)}", "FAILED"), token=f"t{len(left)}" if left else None)

    return rows


def test_at_the_end_of_the_time_rows_are_read_for_some_seconds_and_no_longer(clock):
    answers = {
        "DescribeStackSetOperation": described("RUNNING", failed=9),
        "ListStackSetOperationResults": slow_pages(clock, 100),
    }
    with endlessly(clock, [], answers, wait_timeout=0) as wait:
        decision = wait.run()
    assert (decision.verdict, lacking(decision)) == ("inconclusive", [("operation", "wait_timeout")])
    assert (decision.counts["failed"], clock.now) == (5, 5)


def test_before_it_fail_fast_reads_as_long_as_a_reading_may(clock):
    answers = {
        "DescribeStackSetOperation": described("RUNNING", failed=9),
        "ListStackSetOperationResults": slow_pages(clock, 30),
    }
    with endlessly(clock, [], answers, fail_fast=True, reading_timeout=20) as wait:
        with pytest.raises(ReadError, match=r"did not finish within reading_timeout \(20 seconds\)"):
            wait.run()
    assert len(wait.collector.unsuccessful) == 20


def test_another_thread_can_end_it(clock):
    stop = Future()
    clock.stop = stop
    with waiting(clock, (describe(), described("RUNNING"))) as wait:
        wait.poll()
        stop.set_result(None)
        with pytest.raises(Interrupted):
            wait.poll()


def test_fail_fast_outlasts_what_passes_too(clock, passing):
    script = [
        (describe(), described("RUNNING", failed=1)),
        (results("FAILED"), passing),
        (results("FAILED"), page(("1", "FAILED"))),
        (results("CANCELLED"), page()),
    ]
    assert decided(clock, *script, fail_fast=True).verdict == "failed"


def test_a_number_that_is_asked_for_exactly_takes_two_readings_that_agree(clock):
    closed = decided(clock, *whole("1", failed=0), *whole("1", "2", failed=0), expected_results=1)
    assert (closed.verdict, [one.rule for one in closed.violations]) == ("failed", ["expected_results"])
    assert decided(clock, *whole("1", failed=0) * 2, expected_results=1).passed
    unwaited = decided(clock, *whole("1", failed=0), expected_results=1, wait=False, settle_timeout=0)
    assert unwaited.verdict == "inconclusive", "who does not wait has one reading"


@pytest.mark.parametrize("code", ["AccessDenied", "ExpiredToken", "OperationNotFoundException", "SomethingNew"])
def test_any_other_error_ends_the_wait_and_keeps_what_is_known(clock, code):
    script = [
        (describe(), described(failed=9)),
        *bad_rows()[:2],
        (results("FAILED"), page(("1", "FAILED"), token="t1")),
        (results("FAILED", "t1"), refusal(code)),
    ]
    with waiting(clock, *script) as wait:
        with pytest.raises(ReadError):
            wait.run()
    assert (wait.operation["status"], len(wait.collector.unsuccessful), wait.calls) == ("SUCCEEDED", 1, 5)
    decision = wait.interrupted_decision(Missing(MissingKind.ERROR, "why"))
    assert (decision.verdict, decision.violations, decision.counts["failed"]) == ("inconclusive", (), 1)
    assert lacking(decision) == [("error", None)]


def test_an_error_before_anything_is_known_is_inconclusive_too(clock):
    with waiting(clock, (describe(), refusal("OperationNotFoundException"))) as wait:
        with pytest.raises(ReadError, match="was not found"):
            wait.run()
    assert wait.interrupted_decision(Missing(MissingKind.ERROR, "why")).verdict == "inconclusive"


def test_a_second_operation_that_cannot_be_ruled_out_is_an_error(clock):
    script = [*pinned(now=None)[:-1], (listing(), refusal("AccessDenied"))]
    with waiting(clock, *script, **LATEST) as wait:
        with pytest.raises(ReadError, match="Access denied"):
            wait.run()


def test_an_interruption_comes_through(clock):
    class Stop(BaseException):
        pass

    def sleep(seconds):
        raise Stop

    clock.sleep = sleep
    with waiting(clock, (describe(), described("RUNNING"))) as wait:
        with pytest.raises(Stop):
            wait.run()
    assert wait.operation["status"] == "RUNNING"


def test_calls_count_the_retries_of_the_sdk(clock, monkeypatch):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    answers = [THROTTLED, THROTTLED, described("RUNNING"), THROTTLED, described("RUNNING")]
    client = new_client(lambda _call: answers.pop(0), attempts=3)
    request = gate_request(OPTIONS)
    wait = OperationWaiter(StackSetClient(client, request.stack_set, "SELF"), request, policy({}), clock)
    wait.poll()
    assert wait.calls == 3
    wait.poll()
    assert wait.calls == 5
