# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wait, call by call: how it polls, what it counts, and what throttling and errors make of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta

import pytest

pytest.importorskip("boto3")

from ansible_collections.stackgate.stacksets.plugins.module_utils._decision import Missing
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError, ReadError
from ansible_collections.stackgate.stacksets.plugins.module_utils._policy import policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._stack_sets import StackSets
from ansible_collections.stackgate.stacksets.plugins.module_utils._validate import gate_request
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait import Wait
from ansible_collections.stackgate.stacksets.plugins.module_utils._watch import Watch, all_resumed, resumed
from ansible_collections.stackgate.stacksets.tests.unit.helpers.scripted_wire import new_client, refusal
from ansible_collections.stackgate.stacksets.tests.unit.helpers.waiting import (
    ALL_GOOD,
    CREATED,
    LATEST,
    NO_COUNT,
    OPERATION,
    OPTIONS,
    THROTTLED,
    Clock,
    bad_rows,
    decided,
    describe,
    described,
    lacking,
    lagging,
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
    return Clock()


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


@pytest.mark.parametrize("state", [{}, {"elapsed": "1"}, {"elapsed": True}, {"elapsed": 1.0, "invented": 1}])
def test_what_no_poll_handed_on_is_refused(state):
    with pytest.raises(OptionError, match="watch is not what a poll handed on"):
        resumed(state)


def test_several_waits_go_on_each_where_it_was_and_all_now():
    states = [{**asdict(Watch("op-1", due=7.0)), "elapsed": 5.0}, asdict(Watch("op-2", status="RUNNING"))]
    one, other = all_resumed({"elapsed": 9.5, "operations": states}, 2)
    assert (one.operation_id, one.due, one.elapsed) == ("op-1", 7.0, 9.5)
    assert (other.operation_id, other.status, other.elapsed) == ("op-2", "RUNNING", 9.5)


def test_the_first_poll_of_several_waits_has_nothing_to_go_on_from():
    assert all_resumed({"elapsed": 0.5}, 2) == [Watch(elapsed=0.5)] * 2
    assert all_resumed(None, 2) is None


@pytest.mark.parametrize(
    "state",
    [{}, {"elapsed": 1, "operations": [{}]}, {"elapsed": 1, "operations": "ab"}, {"elapsed": 1, "operations": [{}, 3]}],
)
def test_what_no_round_handed_on_is_refused(state):
    with pytest.raises(OptionError, match=r"^watch is not what a poll handed on"):
        all_resumed(state, 2)


def test_very_many_polls_are_no_problem(clock):
    watch = Watch(status="RUNNING", polls_alike=10**6, operation_id=OPERATION)
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
    long_ago = (describe(), described(ended=CREATED - timedelta(days=1), now=CREATED))
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
        wait = Wait(stack_sets, request, policy({}), clock.surroundings, resumed(handed_on))
        last = wait.poll()
        if last:
            break
        state = wait.state()
        clock.sleep(wait.pause())
    assert (last, clock.slept, wait.state(), wait.newer) == (decision, once.slept, one.state(), one.newer)
    assert script == []
    assert wait.watch.calls == len(HISTORIES[history])
