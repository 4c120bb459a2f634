# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What bounds a wait, to the second and to the character; and what it tells where it ends early."""

from __future__ import annotations

import threading
import weakref
from datetime import timedelta
from types import SimpleNamespace

import pytest

pytest.importorskip("boto3")

from ansible_collections.stackgate.stacksets.plugins.module_utils._api import deadline as _deadline
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.client import StackSetClient
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.deadline import Deadline
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import ReadError
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.model import Missing, MissingKind
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.policy import policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait import waiter as _wait
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.gate_request import gate_request
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.waiter import (
    OperationWaiter,
    throttle_retry_for,
)
from ansible_collections.stackgate.stacksets.tests.unit.helpers.waiting import (
    ALL_GOOD,
    CREATED,
    LATEST,
    OPTIONS,
    THROTTLED,
    FakeClock,
    decided,
    describe,
    described,
    endlessly,
    lacking,
    lagging,
    listed,
    listing,
    page,
    results,
    waiting,
    whole,
)

RUNNING = (describe(), described("RUNNING"))
NOTHING_BAD = [(results(status), page()) for status in ("FAILED", "CANCELLED")]


@pytest.fixture
def clock():
    return FakeClock()


def test_a_reading_that_is_delayed_ends_with_its_own_time(clock):
    answers = {"DescribeStackSetOperation": described(), "ListStackSetOperationResults": THROTTLED}
    with endlessly(clock, [], answers, reading_timeout=40) as wait:
        with pytest.raises(ReadError, match="throttled"):
            wait.run()
    assert 39 < clock.now <= 40


def test_waiting_for_the_end_is_no_reading(clock):
    script = [(describe(), described("RUNNING"))] * 5
    assert decided(clock, *script, (describe(), described()), *ALL_GOOD, reading_timeout=1).passed
    assert clock.now > 100


def test_a_page_that_was_delayed_and_came_leaves_the_time_to_settle_as_it_was(clock):
    delayed = [(describe(), described(failed=1)), (results("PENDING"), THROTTLED), *ALL_GOOD]
    decision = decided(clock, *lagging(None, None), *delayed, *lagging(None), settle_timeout=70)
    assert lacking(decision) == [("unaccounted", "max_unaccounted")]
    assert clock.slept == [15, 22.5, 0.5, 32]


@pytest.mark.parametrize("wait_timeout", [0, 3])
def test_a_call_has_a_few_seconds_however_little_time_is_left(clock, wait_timeout):
    began, never = threading.Event(), threading.Event()

    class Hanging:
        meta = SimpleNamespace(region_name="eu-west-1", endpoint_url="https://cloudformation.eu-west-1.amazonaws.com")

        def describe_stack_set_operation(self, **_parameters):
            began.set()
            never.wait(60)

    request = gate_request({**OPTIONS, "wait_timeout": wait_timeout})
    seconds = []
    client = Hanging()
    retry = throttle_retry_for(request, clock, client)
    wait = OperationWaiter(StackSetClient(client, request.stack_set, "SELF", retry=retry), request, policy({}), clock)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_deadline, "wait", lambda futures, left, _when: (began.wait(60), seconds.append(left)))
        with pytest.raises(ReadError, match="before the wait time expired"):
            wait.run()
    never.set()
    assert seconds == [5]


def test_one_second_left_is_time_for_another_poll(clock):
    decision = decided(clock, *[RUNNING] * 3, *NOTHING_BAD, wait_timeout=16)
    assert (lacking(decision), clock.slept) == ([("operation", "wait_timeout")], [15, 1])


def test_one_second_left_is_time_to_look_for_the_latest_again(clock):
    decision = decided(clock, *[(listing(), listed())] * 3, wait_timeout=16, **LATEST)
    assert (lacking(decision), clock.slept) == ([("operation", "wait_timeout")], [15, 1])


def test_less_than_a_second_left_is_slept_no_longer(clock):
    clock.now = 0.5
    decision = decided(clock, *[RUNNING] * 3, *NOTHING_BAD, wait_timeout=16)
    assert (decision.verdict, clock.slept) == ("inconclusive", [15, 0.5])


@pytest.mark.parametrize(
    ("operation", "options", "missing"),
    [
        ({"Action": "INVENTED_TOMORROW"}, {}, ("action", None)),
        ({}, {"max_drifted": 0}, ("drift", "max_drifted")),
    ],
)
def test_what_no_later_reading_can_bring_is_not_waited_for(clock, operation, options, missing):
    decision = decided(clock, (describe(), described(**operation)), *ALL_GOOD, **options)
    assert (decision.verdict, lacking(decision), clock.slept) == ("inconclusive", [missing], [])


def test_the_time_to_settle_counts_from_an_end_that_was_seen_whatever_awss_clock_says(clock):
    readings = lagging(*[CREATED + timedelta(seconds=300)] * 3, ended=CREATED)
    decision = decided(clock, RUNNING, *readings, settle_timeout=30)
    assert (decision.verdict, clock.slept) == ("inconclusive", [15, 15, 15])


def test_an_exact_number_of_rows_of_an_operation_that_ended_long_ago_gets_its_second_reading(clock):
    reading = whole("1", failed=0, ended=CREATED, now=CREATED + timedelta(hours=5))
    assert decided(clock, *reading, *reading, expected_results=1).passed
    assert clock.slept == [15]


def test_an_exact_number_of_rows_that_was_seen_once_is_told_to_be_unconfirmed(clock):
    decision = decided(clock, *whole("1", failed=0), expected_results=1, wait=False)
    said = "expected_results counts every result, and no second reading has confirmed their number yet."
    assert decision.missing == (Missing(MissingKind.SETTLED, said, "settle_timeout"),)


def test_an_operation_in_front_is_named_at_the_end_with_the_option_that_helps(clock):
    queued = [(describe(), described("QUEUED")), (listing(), listed(("x" * 400, -5, "RUNNING"))), *NOTHING_BAD]
    decision = decided(clock, *queued, wait_timeout=0)
    assert lacking(decision) == [("operation", "wait_timeout")]
    assert "waits for xxx" in decision.missing[0].message
    assert len(decision.missing[0].message) < 200


def test_no_thread_is_kept_between_two_polls(clock, monkeypatch):
    made = []

    def remembered(*limits):
        made.append(weakref.ref(deadline := Deadline(*limits)))
        return deadline

    monkeypatch.setattr(_wait, "Deadline", remembered)
    with waiting(clock, (describe(), described("RUNNING"))) as wait:
        assert wait.poll() is None
    assert [one() is None for one in made] == [True] * (len(made) - 1) + [False], "its thread ends with each"
    assert made[-1]()._idle == []


# Where it ends early


def test_a_decision_that_was_cut_short_tells_what_is_known(clock):
    with waiting(clock, *whole("1", "2", failed=3), whole_reading=True) as wait:
        assert wait.poll() is None
    decision = wait.interrupted_decision(Missing(MissingKind.INTERRUPTED, "why"))
    assert (decision.verdict, lacking(decision)) == ("inconclusive", [("interrupted", None)])
    assert decision.counts["complete"] is True
    assert (decision.counts["unaccounted"], decision.counts["failed_stack_instances_count"]) == (3, 3)
    assert wait.newer_operations == []
