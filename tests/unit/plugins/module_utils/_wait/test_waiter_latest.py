# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which operation the gate keeps to."""

from __future__ import annotations

from datetime import timedelta

import pytest

pytest.importorskip("boto3")

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import ReadError
from ansible_collections.stackgate.stacksets.tests.unit.helpers.waiting import (
    ALL_GOOD,
    CREATED,
    LATEST,
    OPERATION,
    FakeClock,
    bad_rows,
    decided,
    describe,
    described,
    lacking,
    listed,
    listing,
    pinned,
    waiting,
)


@pytest.fixture
def clock():
    return FakeClock()


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
    assert (wait.operation_id, wait.progress["operation_id"], wait.newer_operations) == (OPERATION, OPERATION, [])


def test_the_latest_without_an_id_is_an_error_and_nothing_is_asked_of_it(clock):
    with waiting(clock, (listing(), listed((None, 0, "SUCCEEDED"))), **LATEST) as wait:
        with pytest.raises(ReadError, match="without its ID") as caught:
            wait.run()
    assert (caught.value.code, caught.value.is_transient(reached=True)) == ("NoOperationId", False)


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
    assert "2026-11-02T08:00:00+00:00 or later. AWS lists" in decision.missing[0].message
    assert (clock.slept, wait.operation) == ([15, 5], None)


def test_two_that_qualify_are_inconclusive_at_once_and_both_named(clock):
    decision = decided(clock, (listing(), listed(("op-a", 0, "RUNNING"), ("op-b", 1, "QUEUED"))), **LATEST)
    assert (decision.verdict, lacking(decision)) == ("inconclusive", [("operation", "operation_id")])
    assert "op-a, op-b" in decision.missing[0].message


def test_of_many_that_qualify_ten_are_named_however_long_their_names(clock):
    many = [(f"op-{number:02}-{'x' * 300}", number, "RUNNING") for number in range(11)]
    decision = decided(clock, (listing(), listed(*many)), **LATEST)
    message = decision.missing[0].message
    assert message.startswith("11 operations match operation_id=latest: op-")
    assert sum(f"op-{number:02}" in message for number in range(11)) == 10
    assert len(message) < 10 * 150


def test_whole_seconds_of_aws_do_not_tell_which_came_first(clock):
    # Pinned in the second before: the other one may have been there, and AWS have rounded up.
    script = pinned(("other", 2, "RUNNING"), now=CREATED + timedelta(minutes=2, seconds=-1))
    assert lacking(decided(clock, *script, **LATEST)) == [("operation", "operation_id")]


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
    assert [one["operation_id"] for one in wait.newer_operations] == ["other"]


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


# One that was found before: up to when it was created is given


BEFORE = {**LATEST, "created_before": (CREATED + timedelta(minutes=2)).isoformat()}


def test_what_is_created_later_than_is_meant_is_newer_and_never_taken_for_it(clock):
    newer = [("other", 3, "QUEUED")]
    script = pinned(*newer, now=CREATED + timedelta(minutes=9))
    script[0] = (listing(), listed((OPERATION, 0, "SUCCEEDED"), *newer))
    with waiting(clock, *script, **BEFORE) as wait:
        assert wait.run().passed
    assert [one["operation_id"] for one in wait.newer_operations] == ["other"]


def test_created_at_the_very_moment_is_early_enough(clock):
    decision = decided(clock, (listing(), listed((OPERATION, 0, "RUNNING"), ("other", 2, "RUNNING"))), **BEFORE)
    assert lacking(decision) == [("operation", "operation_id")]


def test_none_in_between_is_waited_for_and_then_inconclusive(clock):
    decision = decided(clock, *[(listing(), listed(("other", 3, "SUCCEEDED")))] * 2, wait_timeout=15, **BEFORE)
    assert lacking(decision) == [("operation", "wait_timeout")]
    assert "at 2026-11-02T08:00:00+00:00 or later, up to 2026-11-02T08:17:00+00:00" in decision.missing[0].message


@pytest.mark.parametrize("now", [None, CREATED, CREATED + timedelta(minutes=9)])
def test_the_users_word_stands_above_awss_time(clock, now):
    script = pinned(("other", 3, "QUEUED"), now=now)
    with waiting(clock, *script, **BEFORE) as wait:
        assert wait.run().passed
    assert len(wait.newer_operations) == 1
