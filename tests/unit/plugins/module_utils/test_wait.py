# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wait, call by call over a real boto3 client, with a clock that only sleeping moves."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

pytest.importorskip("boto3")

from ansible_collections.stackgate.stacksets.plugins.module_utils._decision import Missing
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import ReadError
from ansible_collections.stackgate.stacksets.plugins.module_utils._policy import policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._stack_sets import StackSets
from ansible_collections.stackgate.stacksets.plugins.module_utils._validate import gate_request
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait import Wait
from ansible_collections.stackgate.stacksets.plugins.module_utils._watch import Surroundings
from ansible_collections.stackgate.stacksets.tests.unit.scripted_wire import (
    answer,
    new_client,
    refusal,
    scripted_client,
)

NAME = "org-baseline"
OPERATION = "5d1f2a44-op"
CREATED = datetime(2026, 11, 2, 8, 15, tzinfo=timezone.utc)
THROTTLED = refusal("Throttling", "Rate exceeded")
LATEST = {"operation_id": "latest", "created_after": "2026-11-02T08:00:00Z"}
NO_COUNT = None
OPTIONS = {
    "stack_set_name": NAME,
    "operation_id": OPERATION,
    "call_as": "SELF",
    "wait": True,
    "wait_timeout": 3600,
    "wait_sleep": 15,
    "settle_timeout": 120,
    "fail_fast": False,
    "whole_reading": False,
    "max_reported": 100,
}


class Clock:
    """Only sleeping moves it; ``slept`` has how long each time."""

    def __init__(self, random=0.0):
        self.now = 0.0
        self.slept = []
        self.surroundings = Surroundings(lambda: self.now, self.sleep, lambda: random)

    def sleep(self, seconds):
        self.slept.append(round(seconds, 2))
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@contextmanager
def waiting(clock, *script, counting=False, watch=None, **options):
    """A Wait whose calls are those of the script: one too many fails, and so does one that never comes."""
    request = gate_request(
        {**OPTIONS, **{name: options.pop(name) for name in [*OPTIONS, "created_after"] if name in options}}
    )
    with ExitStack() as stack:
        client = stack.enter_context(scripted_client(*script))
        stack_sets = StackSets(client, request.stack_set, request.call_as)
        yield Wait(stack_sets, request, policy(options), clock.surroundings, watch, counting)


def decided(clock, *script, **options):
    with waiting(clock, *script, **options) as wait:
        return wait.run()


def lacking(decision):
    return [(one.what, one.option) for one in decision.missing]


def call(action, **parameters):
    return {"Action": action, "StackSetName": NAME, "CallAs": "SELF", **parameters}


def describe(operation=OPERATION):
    return call("DescribeStackSetOperation", OperationId=operation)


def described(status="SUCCEEDED", failed=0, ended=None, now=None, operation=OPERATION, created=CREATED, **more):
    """An operation; ``now`` is AWS's time at this answer, ``ended`` that of the operation's end."""
    fact = {
        "OperationId": operation,
        "Action": "UPDATE",
        "Status": status,
        "CreationTimestamp": created.isoformat(),
        "EndTimestamp": ended and ended.isoformat(),
        "StatusDetails": None if failed is NO_COUNT else {"FailedStackInstancesCount": failed},
        **more,
    }
    headers = {"Date": format_datetime(now, usegmt=True)} if now else {}
    return (*answer("DescribeStackSetOperation", StackSetOperation=fact), headers)


def results(status=None, token=None, operation=OPERATION):
    parameters = {"OperationId": operation, "MaxResults": "100"}
    if status:
        parameters |= {"Filters.member.1.Name": "OPERATION_RESULT_STATUS", "Filters.member.1.Values": status}
    if token:
        parameters["NextToken"] = token
    return call("ListStackSetOperationResults", **parameters)


def page(*rows, token=None):
    """Rows as (account, status)."""
    rows = [{"Account": account, "Region": "eu-west-1", "Status": status} for account, status in rows]
    return answer("ListStackSetOperationResults", Summaries=rows, NextToken=token)


def listing(token=None):
    return call("ListStackSetOperations", MaxResults="100", **({"NextToken": token} if token else {}))


def listed(*operations, now=None):
    """Operations as (id, minutes after the usual creation, status)."""
    summaries = [
        {"OperationId": one, "Status": status, "CreationTimestamp": (CREATED + timedelta(minutes=later)).isoformat()}
        for one, later, status in operations
    ]
    headers = {"Date": format_datetime(now, usegmt=True)} if now else {}
    return (*answer("ListStackSetOperations", Summaries=summaries), headers)


def bad_rows(pending=(), running=(), failed=(), cancelled=()):
    """The four listings that every decision on an ended operation needs, with these accounts."""
    given = {"PENDING": pending, "RUNNING": running, "FAILED": failed, "CANCELLED": cancelled}
    return [(results(status), page(*((one, status) for one in accounts))) for status, accounts in given.items()]


GOOD_ROW = (results("SUCCEEDED"), page(("1", "SUCCEEDED")))
ALL_GOOD = [*bad_rows(), GOOD_ROW]


def test_an_operation_that_has_ended_well_takes_one_look(clock):
    with waiting(clock, (describe(), described()), *ALL_GOOD) as wait:
        assert wait.run().passed
    assert (clock.slept, wait.watch.calls) == ([], 6)
    assert wait.operation["OperationId"] == OPERATION


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
    clock = Clock(random)
    script = [(describe(), described("RUNNING"))] * 6
    assert decided(clock, *script, (describe(), described()), *ALL_GOOD, wait_sleep=sleep).passed
    assert clock.slept == slept


def test_a_new_status_is_watched_closely_again(clock):
    script = [(describe(), described(status)) for status in ("QUEUED", "QUEUED", "RUNNING", "RUNNING", "SUCCEEDED")]
    assert decided(clock, *script, *ALL_GOOD).passed
    assert clock.slept == [15, 22.5, 15, 22.5]


def test_very_many_polls_are_no_problem(clock):
    watch = {"status": "RUNNING", "polls_alike": 10**6, "operation_id": OPERATION}
    with waiting(clock, (describe(), described("RUNNING")), watch=watch) as wait:
        wait.poll()
    assert wait.pause() == 60


def test_the_last_sleep_is_clipped_to_the_time_left_and_then_it_is_inconclusive(clock):
    script = [(describe(), described("RUNNING"))] * 3
    at_end = [(results(status), page()) for status in ("FAILED", "CANCELLED")]
    with waiting(clock, *script, *at_end, wait_timeout=20) as wait:
        decision = wait.run()
    assert clock.slept == [15, 5]
    assert (decision.verdict, lacking(decision)) == ("inconclusive", [("operation", "wait_timeout")])
    assert wait.watch.progress()["elapsed"] == 20


def test_the_evidence_at_the_timeout_is_told_but_decides_nothing(clock):
    at_end = [(results("FAILED"), page(("1", "FAILED"))), (results("CANCELLED"), page())]
    with waiting(clock, (describe(), described("RUNNING", failed=1)), *at_end, wait_timeout=0) as wait:
        decision = wait.run()
    assert (decision.verdict, decision.violations, decision.counts["failed"]) == ("inconclusive", (), 1)
    assert len(wait.look.unsuccessful) == 1


def test_without_waiting_it_decides_on_what_is_there(clock):
    at_work = [(results(status), page()) for status in ("FAILED", "CANCELLED")]
    assert decided(clock, (describe(), described("RUNNING")), *at_work, wait=False).verdict == "inconclusive"
    assert decided(clock, (describe(), described()), *ALL_GOOD, wait=False).passed
    whole = [(results(), page(("1", "SUCCEEDED")))]
    decision = decided(clock, (describe(), described(failed=NO_COUNT)), *whole, wait=False)
    assert lacking(decision) == [("settled", "settle_timeout")]
    assert clock.slept == []


# The operation that is gated


def test_the_latest_is_found_once_and_kept_to(clock):
    with waiting(
        clock,
        (listing(), listed((OPERATION, 0, "RUNNING"), ("old", -60, "SUCCEEDED"))),
        (describe(), described("RUNNING")),
        (describe(), described()),
        *ALL_GOOD,
        (listing(), listed((OPERATION, 0, "SUCCEEDED"))),
        **LATEST,
    ) as wait:
        assert wait.run().passed
    assert (wait.watch.operation_id, wait.newer) == (OPERATION, [])


def test_an_operation_with_an_id_needs_no_list_of_operations(clock):
    assert decided(clock, (describe(), described()), *ALL_GOOD).passed


def test_the_latest_is_waited_for_until_it_is_listed(clock):
    decision = decided(
        clock,
        (listing(), listed(("old", -60, "SUCCEEDED"))),
        (listing(), listed((OPERATION, 0, "SUCCEEDED"))),
        (describe(), described()),
        *ALL_GOOD,
        (listing(), listed((OPERATION, 0, "SUCCEEDED"))),
        **LATEST,
    )
    assert (decision.verdict, clock.slept) == ("passed", [15])


def test_created_at_the_very_moment_is_late_enough(clock):
    decision = decided(
        clock,
        (listing(), listed((OPERATION, 0, "SUCCEEDED"), ("old", -1, "SUCCEEDED"))),
        (describe(), described()),
        *ALL_GOOD,
        (listing(), listed((OPERATION, 0, "SUCCEEDED"))),
        operation_id="latest",
        created_after=CREATED.isoformat(),
    )
    assert decision.passed


def test_no_latest_in_time_is_inconclusive(clock):
    with waiting(clock, *[(listing(), listed())] * 3, wait_timeout=20, **LATEST) as wait:
        decision = wait.run()
    assert lacking(decision) == [("operation", "wait_timeout")]
    assert "2026-11-02T08:00:00+00:00" in decision.missing[0].message
    assert (clock.slept, wait.operation) == ([15, 5], None)


def test_two_that_qualify_are_inconclusive_at_once_and_both_named(clock):
    decision = decided(clock, (listing(), listed(("op-a", 0, "RUNNING"), ("op-b", 1, "QUEUED"))), **LATEST)
    assert (decision.verdict, lacking(decision)) == ("inconclusive", [("operation", "operation_id")])
    assert "op-a, op-b" in decision.missing[0].message


def pinned(*afterwards, now):
    """The calls of a gate on the latest, pinned at this time, that finds these operations at its end."""
    return [
        (listing(), listed((OPERATION, 0, "SUCCEEDED"), now=now)),
        (describe(), described()),
        *ALL_GOOD,
        (listing(), listed((OPERATION, 0, "SUCCEEDED"), *afterwards)),
    ]


@pytest.mark.parametrize("minutes", [-5, 1, 2])
def test_another_that_was_there_when_it_was_pinned_makes_it_ambiguous(clock, minutes):
    script = pinned(("other", minutes, "RUNNING"), now=CREATED + timedelta(minutes=2))
    decision = decided(clock, *script, **LATEST)
    assert (decision.verdict, lacking(decision)) == ("inconclusive", [("operation", "operation_id")])
    assert f"{OPERATION}, other" in decision.missing[0].message


def test_one_that_was_created_later_is_reported_and_the_decision_stands(clock):
    script = pinned(("other", 3, "RUNNING"), now=CREATED + timedelta(minutes=2))
    with waiting(clock, *script, **LATEST) as wait:
        assert wait.run().passed
    assert [one["operation_id"] for one in wait.newer] == ["other"]


def test_where_aws_tells_no_time_any_other_makes_it_ambiguous(clock):
    decision = decided(clock, *pinned(("other", 3, "RUNNING"), now=None), **LATEST)
    assert lacking(decision) == [("operation", "operation_id")]


def test_a_violation_of_what_may_be_the_wrong_operation_is_not_held_against_it(clock):
    decision = decided(
        clock,
        (listing(), listed((OPERATION, 0, "FAILED"))),
        (describe(), described("FAILED", failed=1)),
        *bad_rows(failed="1"),
        (listing(), listed((OPERATION, 0, "FAILED"), ("other", 0, "SUCCEEDED"))),
        **LATEST,
    )
    assert decision.verdict == "inconclusive"


# What is in front


FRONT = (listing(), listed(("busy", -5, "RUNNING"), (OPERATION, 0, "QUEUED")))


def test_while_queued_it_names_the_operation_in_front_where_somebody_looks(clock):
    script = [(describe(), described("QUEUED")), FRONT, (describe(), described("QUEUED"))]
    with waiting(clock, *script, counting=True) as wait:
        assert wait.poll() is None
        assert wait.watch.progress()["in_front"] == "busy"
        clock.sleep(59)
        assert wait.poll() is None, "not more often than once a minute"
        assert wait.watch.progress()["in_front"] == "busy"


def test_nobody_looking_it_asks_only_at_the_end(clock):
    at_end = [FRONT, (results("FAILED"), page()), (results("CANCELLED"), page())]
    with waiting(clock, *[(describe(), described("QUEUED"))] * 2, *at_end, wait_timeout=15) as wait:
        decision = wait.run()
    assert (decision.verdict, wait.watch.progress()["in_front"]) == ("inconclusive", "busy")
    assert [one.message for one in decision.missing] == ["The operation has not ended: it is QUEUED behind busy."]


def test_what_is_in_front_is_never_a_reason_to_fail(clock):
    script = [(describe(), described("QUEUED")), (listing(), refusal("AccessDenied")), (describe(), described())]
    with waiting(clock, *script, *ALL_GOOD, counting=True) as wait:
        assert wait.run().passed
    assert wait.watch.progress()["in_front"] is None


def test_nothing_is_in_front_of_one_that_runs(clock):
    script = [(describe(), described("QUEUED")), FRONT, (describe(), described("RUNNING"))]
    counted = [(results("SUCCEEDED"), page())]
    with waiting(clock, *script, *counted, counting=True) as wait:
        wait.poll()
        clock.sleep(60)
        wait.poll()
    assert wait.watch.progress()["in_front"] is None


# Counting for the eye


def test_rows_are_counted_once_a_minute_over_so_many_pages_and_only_where_somebody_looks(clock):
    full = [("1", "SUCCEEDED")] * 100
    pages = [
        (results("SUCCEEDED", f"t{number}" if number else None), page(*full, token=f"t{number + 1}"))
        for number in range(5)
    ]
    running = (describe(), described("RUNNING", failed=3))
    script = [running, *pages, running, running, (results("SUCCEEDED"), page(("1", "SUCCEEDED")))]
    with waiting(clock, *script, counting=True) as wait:
        wait.poll()
        assert wait.watch.progress()["done_at_least"] == 503
        clock.sleep(59)
        wait.poll()
        clock.sleep(1)
        wait.poll()
        assert wait.watch.progress()["done_at_least"] == 503, "a listing that lags takes nothing back"


def test_counting_is_never_a_reason_to_fail(clock):
    script = [(describe(), described("RUNNING")), (results("SUCCEEDED"), refusal("AccessDenied"))]
    with waiting(clock, *script, counting=True) as wait:
        assert wait.poll() is None


def test_progress_has_what_is_known(clock):
    with waiting(clock, (describe(), described("RUNNING", failed=3))) as wait:
        empty = wait.watch.progress()
        clock.now = 130.04
        wait.poll()
    assert empty == {
        "operation_id": OPERATION,
        "status": None,
        "failed_stack_instances_count": None,
        "done_at_least": None,
        "in_front": None,
        "elapsed": 0.0,
    }
    assert wait.watch.progress() == {
        **empty,
        "status": "RUNNING",
        "failed_stack_instances_count": 3,
        "elapsed": 130.0,
    }


# Throttling and errors


def test_throttled_polls_slow_down(clock):
    script = [(describe(), THROTTLED)] * 3
    with waiting(clock, *script, (describe(), described()), *ALL_GOOD) as wait:
        assert wait.run().passed
    assert clock.slept == [15, 22.5, 33.75]
    assert wait.watch.calls == 9


def test_throttling_to_the_end_is_an_error(clock):
    with waiting(clock, *[(describe(), THROTTLED)] * 3, wait_timeout=20) as wait:
        with pytest.raises(ReadError, match="throttled"):
            wait.run()
    assert clock.slept == [15, 5]
    assert wait.watch.calls == 3


def test_without_waiting_throttling_is_an_error_at_once(clock):
    with waiting(clock, (describe(), THROTTLED), wait=False) as wait:
        with pytest.raises(ReadError, match="throttled"):
            wait.run()


def test_a_throttled_page_goes_on_at_its_token(clock):
    failed = [
        (results("FAILED"), page(("1", "FAILED"), token="t1")),
        (results("FAILED", "t1"), THROTTLED),
        (results("FAILED", "t1"), THROTTLED),
        (results("FAILED", "t1"), page(("2", "FAILED"), token="t2")),
        (results("FAILED", "t2"), THROTTLED),
        (results("FAILED", "t2"), page(("3", "FAILED"))),
    ]
    script = [(describe(), described(failed=3)), *bad_rows()[:2], *failed, bad_rows()[3]]
    decision = decided(clock, *script)
    assert (decision.verdict, decision.counts["failed"]) == ("failed", 3)
    assert clock.slept == [15, 30, 15], "twice as long each time, until it is answered"


def test_a_throttled_first_page_is_asked_for_again_up_to_a_minute_apart_and_to_the_time_left(clock):
    throttled = [(results("PENDING"), THROTTLED)] * 6
    with waiting(clock, (describe(), described()), *throttled, settle_timeout=170, wait_timeout=100) as wait:
        with pytest.raises(ReadError, match="throttled"):
            wait.run()
    assert clock.slept == [15, 30, 60, 60, 5]


def test_who_is_throttled_comes_back_also_where_the_operation_ended_long_ago(clock):
    long_ago = (describe(), described(ended=CREATED - timedelta(days=1)))
    script = [(describe(), THROTTLED), long_ago, (results("PENDING"), THROTTLED), *ALL_GOOD]
    assert decided(clock, *script).passed
    assert clock.slept == [15, 15]


def test_a_number_that_is_asked_for_exactly_takes_two_looks_that_agree(clock):
    closed = decided(clock, *whole("1", failed=0), *whole("1", "2", failed=0), expected_results=1)
    assert (closed.verdict, [one.rule for one in closed.violations]) == ("failed", ["expected_results"])
    assert decided(clock, *whole("1", failed=0) * 2, expected_results=1).passed
    unwaited = decided(clock, *whole("1", failed=0), expected_results=1, wait=False, settle_timeout=0)
    assert unwaited.verdict == "inconclusive", "who does not wait has one look"


@pytest.mark.parametrize("code", ["AccessDenied", "ExpiredToken", "OperationNotFoundException", "InternalFailure"])
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
    assert (wait.operation["Status"], len(wait.look.unsuccessful), wait.watch.calls) == ("SUCCEEDED", 1, 5)
    decision = wait.undecided(Missing("error", "why"))
    assert (decision.verdict, decision.violations, decision.counts["failed"]) == ("inconclusive", (), 1)
    assert lacking(decision)[0] == ("error", None)


def test_an_error_before_anything_is_known_is_inconclusive_too(clock):
    with waiting(clock, (describe(), refusal("OperationNotFoundException"))) as wait:
        with pytest.raises(ReadError, match="was not found"):
            wait.run()
    assert wait.undecided(Missing("error", "why")).verdict == "inconclusive"


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

    clock.surroundings = clock.surroundings._replace(sleep=sleep)
    with waiting(clock, (describe(), described("RUNNING"))) as wait:
        with pytest.raises(Stop):
            wait.run()
    assert wait.operation["Status"] == "RUNNING"


def test_calls_count_the_retries_of_the_sdk(clock, monkeypatch):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    answers = [THROTTLED, THROTTLED, described("RUNNING"), THROTTLED, described("RUNNING")]
    client = new_client(lambda _call: answers.pop(0), attempts=3)
    request = gate_request(OPTIONS)
    wait = Wait(StackSets(client, request.stack_set, "SELF"), request, policy({}), clock.surroundings)
    wait.poll()
    assert wait.watch.calls == 3
    wait.poll()
    assert wait.watch.calls == 5


# Settling


def lagging(*times, **more):
    """Looks at an operation of which AWS counted a failure that its rows do not show."""
    look = [*bad_rows(), GOOD_ROW]
    return [step for time in times for step in [(describe(), described(failed=1, now=time, **more)), *look]]


def test_the_rows_are_read_again_until_they_show_what_aws_counted(clock):
    script = [*lagging(None), (describe(), described(failed=1)), *bad_rows(failed="1")]
    assert decided(clock, *script).verdict == "failed"
    assert clock.slept == [15]


def test_rows_at_work_after_the_end_are_read_again(clock):
    first = [(describe(), described()), *bad_rows(running="1")]
    assert decided(clock, *first, (describe(), described()), *ALL_GOOD).passed


def test_the_time_to_settle_counts_from_the_end_that_was_seen(clock):
    running = (describe(), described("RUNNING", failed=1))
    with waiting(clock, running, *lagging(*[None] * 3), settle_timeout=30) as wait:
        decision = wait.run()
    assert clock.slept == [15, 15, 15]
    assert lacking(decision) == [("unaccounted", "max_unaccounted")]
    assert wait.watch.progress()["elapsed"] == 45


@pytest.mark.parametrize(
    ("ago", "slept"),
    [
        (0, [15, 22.5, 22.5]),  # to 60
        (30, [15, 15]),  # to 30: the last two looks lie 15 apart
        (59, [15]),
        (60, []),
        (9999, []),
        (-30, [15, 22.5, 22.5]),  # a clock that runs ahead gives no more time
    ],
)
def test_the_time_to_settle_counts_from_the_operations_end_by_awss_own_clock(clock, ago, slept):
    looks = lagging(*[CREATED + timedelta(seconds=ago)] * (len(slept) + 1), ended=CREATED)
    decision = decided(clock, *looks, settle_timeout=60)
    assert (decision.verdict, clock.slept) == ("inconclusive", slept)


def test_an_end_without_awss_time_is_an_end_now(clock):
    decision = decided(clock, *lagging(*[None] * 3, ended=CREATED), settle_timeout=30)
    assert (decision.verdict, clock.slept) == ("inconclusive", [15, 15])


def test_what_the_user_accepts_passes_when_the_time_to_settle_is_over_and_not_before(clock):
    decision = decided(clock, *lagging(*[None] * 3), settle_timeout=30, max_unaccounted=1)
    assert (decision.verdict, clock.slept) == ("passed", [15, 15])


def test_a_rule_that_further_rows_may_mend_waits_for_them(clock):
    one = [(describe(), described()), *bad_rows(), (results("SUCCEEDED"), page(("1", "SUCCEEDED")))]
    two = [(describe(), described()), *bad_rows(), (results("SUCCEEDED"), page(("1", "SUCCEEDED"), ("2", "SUCCEEDED")))]
    assert decided(clock, *one, *two, min_results=2).passed
    clock.slept.clear()
    decision = decided(clock, *one, *one, *one, min_results=2, settle_timeout=30)
    assert (decision.verdict, [one.rule for one in decision.violations]) == ("failed", ["min_results"])
    assert clock.slept == [15, 15], "for as long as rows may come, though readings agree"


def whole(*accounts, failed=NO_COUNT, **more):
    rows = page(*((one, "SUCCEEDED") for one in accounts))
    return [(describe(), described(failed=failed, **more)), (results(), rows)]


def test_without_a_count_two_whole_readings_must_agree(clock):
    assert decided(clock, *whole("1"), *whole("1")).passed
    assert clock.slept == [15]


def test_readings_that_differ_do_not_agree_and_begin_anew(clock):
    assert decided(clock, *whole("1"), *whole("1", "2"), *whole("1", "2")).passed
    assert clock.slept == [15, 22.5]


def test_readings_must_be_wait_sleep_apart_to_agree(clock):
    with waiting(clock, *whole("1") * 4) as wait:
        assert wait.poll() is None
        for seconds in (0, 14.9):
            clock.now = seconds
            assert wait.poll() is None
        clock.now = 15
        assert wait.poll().passed


def test_the_time_between_two_readings_counts_from_the_end_of_the_first(clock):
    first = [(describe(), described(failed=NO_COUNT)), (results(), THROTTLED), (results(), page(("1", "SUCCEEDED")))]
    with waiting(clock, *first, *whole("1"), *whole("1")) as wait:
        assert wait.poll() is None
        assert clock.now == 15, "the first was over at 15"
        clock.now = 29
        assert wait.poll() is None
        clock.now = 30
        assert wait.poll().passed


@pytest.mark.parametrize("failed", [0, 1, NO_COUNT])
def test_one_that_did_not_succeed_but_is_accepted_needs_two_whole_readings(clock, failed):
    rows = (results(), page(*((one, "SUCCEEDED") for one in "12"), *(("3", "FAILED") for _one in range(failed or 0))))
    look = [(describe(), described("FAILED", failed=failed)), rows]
    rules = {"accept_operation_statuses": ["FAILED"], "expected_results": 2 + (failed or 0), "max_failed": 1}
    assert decided(clock, *look, *look, **rules).passed
    assert clock.slept == [15]


def test_one_that_ended_long_ago_still_gets_its_second_look(clock):
    long_ago = {"ended": CREATED, "now": CREATED + timedelta(hours=5)}
    assert decided(clock, *whole("1", **long_ago), *whole("1", **long_ago)).passed
    assert clock.slept == [15]


def test_but_no_third_one(clock):
    long_ago = {"ended": CREATED, "now": CREATED + timedelta(hours=5)}
    decision = decided(clock, *whole("1", **long_ago), *whole("1", "2", **long_ago))
    assert (decision.verdict, lacking(decision)) == ("inconclusive", [("settled", "settle_timeout")])


def test_an_empty_listing_passes_only_by_the_users_word_after_two_readings_and_the_time_to_settle(clock):
    empty = [(describe(), described()), *bad_rows(), (results("SUCCEEDED"), page())]
    assert decided(clock, *empty * 3, settle_timeout=30, allow_empty=True).passed
    assert clock.slept == [15, 15]
    closed = decided(clock, *empty * 3, settle_timeout=30)
    assert (closed.verdict, [one.rule for one in closed.violations]) == ("failed", ["allow_empty"])


def test_an_operation_that_is_at_work_again_has_not_ended(clock):
    script = [*lagging(None), (describe(), described("RUNNING")), (describe(), described()), *ALL_GOOD]
    with waiting(clock, *script, settle_timeout=40) as wait:
        assert wait.run().passed
    assert wait.watch.ended_at == 30


def test_a_whole_reading_that_is_asked_for_is_one_listing(clock):
    assert decided(clock, *whole("1", failed=0), whole_reading=True).passed


def test_fail_fast_closes_the_gate_while_the_operation_runs(clock):
    script = [
        (describe(), described("RUNNING")),
        (describe(), described("RUNNING", failed=1)),
        (results("FAILED"), page()),
        (results("CANCELLED"), page()),
        (describe(), described("RUNNING", failed=1)),
        (results("FAILED"), page(("1", "FAILED"))),
        (results("CANCELLED"), page()),
    ]
    decision = decided(clock, *script, fail_fast=True)
    assert (decision.verdict, [one.rule for one in decision.violations]) == ("failed", ["max_failed"])


@pytest.mark.parametrize(("status", "failed"), [("STOPPING", 0), ("RUNNING", NO_COUNT)])
def test_fail_fast_looks_where_there_may_be_bad_rows_that_aws_does_not_count(clock, status, failed):
    script = [
        (describe(), described(status, failed=failed)),
        (results("FAILED"), page()),
        (results("CANCELLED"), page(("1", "CANCELLED"))),
    ]
    assert decided(clock, *script, fail_fast=True).verdict == "failed"


def test_without_fail_fast_nothing_is_read_before_the_end(clock):
    script = [(describe(), described("RUNNING", failed=5)), (describe(), described(failed=5))]
    assert decided(clock, *script, *bad_rows(failed="12345")).verdict == "failed"


# From one run to the next

HISTORIES = {
    "settles": [
        (listing(), listed()),
        (listing(), listed((OPERATION, 0, "QUEUED"), now=CREATED)),
        (describe(), described("QUEUED")),
        (describe(), THROTTLED),
        (describe(), described("RUNNING")),
        *whole("1"),
        *whole("1", "2"),
        *whole("1", "2"),
        (listing(), listed((OPERATION, 0, "SUCCEEDED"), ("newer", 1, "QUEUED"))),
    ],
    "never settles": [
        (listing(), listed((OPERATION, 0, "RUNNING"), now=CREATED)),
        *lagging(*[CREATED + timedelta(seconds=200)] * 3, ended=CREATED + timedelta(seconds=170)),
        (listing(), listed((OPERATION, 0, "SUCCEEDED"))),
    ],
}


@pytest.mark.parametrize("history", HISTORIES)
def test_polls_in_runs_of_their_own_are_the_same_as_one_run(history):
    options = {**LATEST, "settle_timeout": 60}
    once = Clock()
    with waiting(once, *HISTORIES[history], **options) as one:
        decision = one.run()
    clock, state, script = Clock(), None, list(HISTORIES[history])
    while True:
        request = gate_request({**OPTIONS, **options})
        handed_on = state and json.loads(json.dumps(state))

        def handler(parameters):
            expected, result = script.pop(0)
            assert parameters == expected
            return result

        stack_sets = StackSets(new_client(handler), request.stack_set, "SELF")
        wait = Wait(stack_sets, request, policy({}), clock.surroundings, handed_on)
        last = wait.poll()
        if last:
            break
        state = wait.state()
        clock.sleep(wait.pause())
    assert (last, clock.slept, wait.state(), wait.newer) == (decision, once.slept, one.state(), one.newer)
    assert script == []
    assert wait.watch.calls == len(HISTORIES[history])
