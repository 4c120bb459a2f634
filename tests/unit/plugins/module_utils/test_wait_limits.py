# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What bounds a wait, to the second and to the character; and what it tells where it ends early."""

from __future__ import annotations

from datetime import timedelta

import pytest

pytest.importorskip("boto3")

from ansible_collections.stackgate.stacksets.plugins.module_utils._decision import Missing
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError, ReadError
from ansible_collections.stackgate.stacksets.plugins.module_utils._watch import Watch, resumed
from ansible_collections.stackgate.stacksets.tests.unit.helpers.scripted_wire import refusal
from ansible_collections.stackgate.stacksets.tests.unit.helpers.waiting import (
    ALL_GOOD,
    CREATED,
    LATEST,
    OPERATION,
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
    results,
    waiting,
    whole,
)

RUNNING = (describe(), described("RUNNING"))
NOTHING_BAD = [(results(status), page()) for status in ("FAILED", "CANCELLED")]


@pytest.fixture
def clock():
    return Clock()


def test_a_reading_that_throttling_delays_ends_with_its_own_time(clock):
    throttled = [(results("PENDING"), THROTTLED)] * 2
    with waiting(clock, (describe(), described()), *throttled, reading_timeout=40) as wait:
        with pytest.raises(ReadError, match=r"not done within reading_timeout, 40 seconds"):
            wait.run()
    assert clock.slept == [15, 30]


def test_each_poll_has_the_time_of_a_reading_anew(clock):
    script = [(describe(), described("RUNNING"))] * 5
    assert decided(clock, *script, (describe(), described()), *ALL_GOOD, reading_timeout=1).passed
    assert clock.now > 100


def test_one_second_left_is_time_for_another_poll(clock):
    decision = decided(clock, *[RUNNING] * 3, *NOTHING_BAD, wait_timeout=16)
    assert (lacking(decision), clock.slept) == ([("operation", "wait_timeout")], [15, 1])


def test_one_second_left_is_time_to_look_for_the_latest_again(clock):
    decision = decided(clock, *[(listing(), listed())] * 3, wait_timeout=16, **LATEST)
    assert (lacking(decision), clock.slept) == ([("operation", "wait_timeout")], [15, 1])


def test_one_second_left_is_time_for_another_poll_after_a_throttled_one(clock):
    with waiting(clock, *[(describe(), THROTTLED)] * 3, wait_timeout=16) as wait:
        with pytest.raises(ReadError, match="throttled"):
            wait.run()
    assert clock.slept == [15, 1]


def test_less_than_a_second_left_is_slept_no_longer(clock):
    clock.now = 0.5
    decision = decided(clock, *[RUNNING] * 3, *NOTHING_BAD, wait_timeout=16)
    assert (decision.verdict, clock.slept) == ("inconclusive", [15, 0.5])


def test_one_second_left_is_time_to_ask_for_a_throttled_page_again(clock):
    throttled = [(results("PENDING"), THROTTLED)] * 3
    with waiting(clock, (describe(), described()), *throttled, settle_timeout=16, wait_timeout=1) as wait:
        with pytest.raises(ReadError, match="throttled"):
            wait.run()
    assert clock.slept == [15, 1]


def test_a_page_that_was_throttled_and_came_leaves_the_time_to_settle_as_it_was(clock):
    delayed = [(describe(), described(failed=1)), (results("PENDING"), THROTTLED), *ALL_GOOD]
    decision = decided(clock, *lagging(None, None), *delayed, *lagging(None), settle_timeout=70)
    assert lacking(decision) == [("unaccounted", "max_unaccounted")]
    assert clock.slept == [15, 22.5, 15, 17.5]


@pytest.mark.parametrize(
    ("operation", "options", "missing"),
    [
        ({"Action": "INVENTED_TOMORROW"}, {}, ("action", None)),
        ({}, {"max_drifted": 0}, ("drift", "max_drifted")),
    ],
)
def test_what_no_later_look_can_bring_is_not_waited_for(clock, operation, options, missing):
    decision = decided(clock, (describe(), described(**operation)), *ALL_GOOD, **options)
    assert (decision.verdict, lacking(decision), clock.slept) == ("inconclusive", [missing], [])


def test_a_throttled_poll_comes_back_although_the_time_to_settle_is_over(clock):
    look = whole("1", ended=CREATED, now=CREATED + timedelta(hours=5))
    assert decided(clock, *look, (describe(), THROTTLED), *look).passed
    assert clock.slept == [15, 22.5]


def test_the_time_to_settle_counts_from_an_end_that_was_seen_whatever_awss_clock_says(clock):
    looks = lagging(*[CREATED + timedelta(seconds=300)] * 3, ended=CREATED)
    decision = decided(clock, RUNNING, *looks, settle_timeout=30)
    assert (decision.verdict, clock.slept) == ("inconclusive", [15, 15, 15])


def test_an_exact_number_of_rows_of_an_operation_that_ended_long_ago_gets_its_second_look(clock):
    look = whole("1", failed=0, ended=CREATED, now=CREATED + timedelta(hours=5))
    assert decided(clock, *look, *look, expected_results=1).passed
    assert clock.slept == [15]


def test_an_exact_number_of_rows_that_was_seen_once_is_told_to_be_unconfirmed(clock):
    decision = decided(clock, *whole("1", failed=0), expected_results=1, wait=False)
    said = "expected_results counts every row, and one more may not be listed yet: no second look agreed."
    assert decision.missing == (Missing("settled", said, "settle_timeout"),)


# What is read for the eye only


def test_rows_are_counted_again_a_minute_after_the_last_count_whenever_that_was(clock):
    clock.now = 100
    with waiting(clock, RUNNING, (results("SUCCEEDED"), page()), RUNNING, counting=True) as wait:
        wait.poll()
        clock.sleep(59)
        assert wait.poll() is None


@pytest.mark.parametrize("failed", [0, 3])
@pytest.mark.parametrize("accounts", ["", "12"])
def test_the_rows_done_are_those_that_are_listed_and_the_failures_that_aws_counts(clock, accounts, failed):
    running = (describe(), described("RUNNING", failed=failed))
    counted = (results("SUCCEEDED"), page(*((one, "SUCCEEDED") for one in accounts)))
    with waiting(clock, running, counted, counting=True) as wait:
        wait.poll()
    assert wait.watch.progress()["done_at_least"] == len(accounts) + failed


def test_the_rows_done_at_the_end_are_those_that_are_at_an_end(clock):
    look = [(describe(), described()), *bad_rows(pending="1", running="23")]
    with waiting(clock, *look, max_unaccounted=3) as wait:
        wait.poll()
    assert wait.watch.progress()["done_at_least"] == 0


def test_an_operation_in_front_that_cannot_be_looked_up_is_unknown(clock):
    script = [(describe(), described("QUEUED")), (listing(), refusal("AccessDenied"))]
    with waiting(clock, *script, counting=True) as wait:
        wait.poll()
    assert wait.watch.progress()["in_front"] is None


def test_an_operation_in_front_is_named_at_the_end_with_the_option_that_helps(clock):
    queued = [(describe(), described("QUEUED")), (listing(), listed(("x" * 400, -5, "RUNNING"))), *NOTHING_BAD]
    decision = decided(clock, *queued, wait_timeout=0)
    assert lacking(decision) == [("operation", "wait_timeout")]
    assert "behind xxx" in decision.missing[0].message
    assert len(decision.missing[0].message) < 200


@pytest.mark.parametrize(("elapsed", "shown"), [(12.34, 12.3), (59.96, 60.0)])
def test_the_time_is_shown_in_tenths_of_a_second(elapsed, shown):
    assert Watch(elapsed=elapsed).progress()["elapsed"] == shown


# Where it ends early


def test_a_decision_that_was_cut_short_tells_what_is_known(clock):
    with waiting(clock, *whole("1", "2", failed=3), whole_reading=True) as wait:
        assert wait.poll() is None
    decision = wait.undecided(Missing("interrupted", "why"))
    assert lacking(decision) == [("interrupted", None), ("unaccounted", "max_unaccounted")]
    assert decision.counts["complete"] is True
    assert (decision.counts["unaccounted"], decision.counts["failed_stack_instances_count"]) == (3, 3)
    assert wait.newer == []


def test_a_watch_that_is_refused_comes_with_the_way_out():
    with pytest.raises(OptionError) as refused:
        resumed({"operation_id": OPERATION})
    assert str(refused.value) == "watch is not what a poll handed on. Leave it out: it is the action plugin's own."
