# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wait after the operation's end, until its rows are accounted for; and not waiting for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

pytest.importorskip("boto3")

from ansible_collections.stackgate.stacksets.tests.unit.helpers.waiting import (
    ALL_GOOD,
    CREATED,
    NO_COUNT,
    THROTTLED,
    FakeClock,
    bad_rows,
    decided,
    describe,
    described,
    lacking,
    lagging,
    page,
    results,
    waiting,
    whole,
)


@pytest.fixture
def clock():
    return FakeClock()


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
    assert wait.progress["elapsed"] == 45


@pytest.mark.parametrize(
    ("ago", "slept"),
    [
        (0, [15, 22.5, 22.5]),  # to 60
        (30, [15, 15]),  # to 30: the last two readings lie 15 apart
        (59, [15]),
        (60, []),
        (9999, []),
        (-30, [15, 22.5, 22.5]),  # a clock that runs ahead gives no more time
    ],
)
def test_the_time_to_settle_counts_from_the_operations_end_by_awss_own_clock(clock, ago, slept):
    readings = lagging(*[CREATED + timedelta(seconds=ago)] * (len(slept) + 1), ended=CREATED)
    decision = decided(clock, *readings, settle_timeout=60)
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
        assert clock.now == 0.5, "the first was over then"
        clock.now = 15.4
        assert wait.poll() is None
        clock.now = 15.5
        assert wait.poll().passed


@pytest.mark.parametrize("failed", [0, 1, NO_COUNT])
def test_one_that_did_not_succeed_but_is_accepted_needs_two_whole_readings(clock, failed):
    rows = (results(), page(*((one, "SUCCEEDED") for one in "12"), *(("3", "FAILED") for _one in range(failed or 0))))
    reading = [(describe(), described("FAILED", failed=failed)), rows]
    rules = {"accept_operation_statuses": ["FAILED"], "expected_results": 2 + (failed or 0), "max_failed": 1}
    assert decided(clock, *reading, *reading, **rules).passed
    assert clock.slept == [15]


def test_one_that_ended_long_ago_still_gets_its_second_reading(clock):
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
    assert wait._ended_at == 30


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
def test_fail_fast_reads_where_there_may_be_bad_rows_that_aws_does_not_count(clock, status, failed):
    script = [
        (describe(), described(status, failed=failed)),
        (results("FAILED"), page()),
        (results("CANCELLED"), page(("1", "CANCELLED"))),
    ]
    assert decided(clock, *script, fail_fast=True).verdict == "failed"


def test_without_fail_fast_nothing_is_read_before_the_end(clock):
    script = [(describe(), described("RUNNING", failed=5)), (describe(), described(failed=5))]
    assert decided(clock, *script, *bad_rows(failed="12345")).verdict == "failed"
