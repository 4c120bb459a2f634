# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gate that is proven to be closed answers once the rows explain it, and stays closed whatever comes then."""

from __future__ import annotations

from datetime import timedelta

import pytest

pytest.importorskip("boto3")

from botocore.exceptions import EndpointConnectionError

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import ReadError
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.model import Missing, MissingKind
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait import evidence as _evidence
from ansible_collections.stackgate.stacksets.tests.unit.helpers.scripted_wire import answer, refusal
from ansible_collections.stackgate.stacksets.tests.unit.helpers.waiting import (
    ALL_GOOD,
    CREATED,
    GOOD_ROW,
    LATEST,
    NO_COUNT,
    OPERATION,
    THROTTLED,
    FakeClock,
    bad_rows,
    decided,
    describe,
    described,
    lacking,
    listed,
    listing,
    page,
    results,
    waiting,
)

DENIED = refusal("AccessDenied", "no")


@pytest.fixture
def clock():
    return FakeClock()


def reading(status="FAILED", count=2, **rows):
    """One reading of an ended operation, of which AWS counts so many failures, with these accounts by status."""
    return [(describe(), described(status, failed=count)), *bad_rows(**rows)]


def rules(decision):
    return [violation.rule for violation in decision.violations]


def failed(wait):
    return [row["account"] for row in wait.collector.unsuccessful if row["status"] == "FAILED"]


def test_it_answers_at_once_where_every_failure_that_aws_counts_is_listed(clock):
    decision = decided(clock, *reading(failed="12"))
    assert (rules(decision), clock.slept) == (["accept_operation_statuses", "max_failed"], [])


def test_it_waits_for_the_failures_that_aws_counts_and_does_not_list_yet(clock):
    with waiting(clock, *reading(), *reading(failed="1"), *reading(failed="12")) as wait:
        decision = wait.run()
    assert (decision.verdict, failed(wait), clock.slept) == ("failed", ["1", "2"], [15, 22.5])


def test_it_waits_until_no_row_is_at_work(clock):
    script = [*reading(failed="12", pending="3"), *reading(failed="12", running="3"), *reading(failed="123")]
    with waiting(clock, *script) as wait:
        assert wait.run().verdict == "failed"
    assert (failed(wait), clock.slept) == (["1", "2", "3"], [15, 22.5])


def test_failures_that_are_accepted_unseen_are_not_waited_for(clock):
    decision = decided(clock, *reading(failed="1"), max_unaccounted=1)
    assert (decision.verdict, clock.slept) == ("failed", [])


def test_an_ignored_failure_is_a_failure_that_is_listed(clock):
    decision = decided(clock, *reading(failed=("111122223333", "2")), ignore_accounts=["111122223333"])
    assert (decision.verdict, clock.slept) == ("failed", [])


@pytest.mark.parametrize("count", [NO_COUNT, 0])
def test_without_a_count_two_readings_must_agree(clock, count):
    first = reading(count=count)
    with waiting(clock, *first, *reading(count=NO_COUNT, failed="1"), *reading(count=NO_COUNT, failed="1")) as wait:
        decision = wait.run()
    assert (decision.verdict, failed(wait), clock.slept) == ("failed", ["1"], [15, 22.5])


def test_what_two_readings_settled_is_not_missing_in_the_answer(clock):
    rows = (results(), page(("1", "FAILED"), ("2", "SUCCEEDED")))
    seen = [(describe(), described(failed=NO_COUNT)), rows]
    decision = decided(clock, *seen, *seen, whole_reading=True)
    assert (decision.verdict, rules(decision), decision.missing) == ("failed", ["max_failed"], ())


def test_a_number_that_is_missed_when_the_time_is_over_is_told_too(clock):
    seen = [(describe(), described(failed=1)), (results(), page(("1", "FAILED"), ("2", "SUCCEEDED")))]
    decision = decided(clock, *seen, whole_reading=True, min_results=3, settle_timeout=0)
    assert rules(decision) == ["max_failed", "min_results"]


def test_two_readings_that_agree_on_nothing_explain_what_has_no_failure(clock):
    decision = decided(clock, *reading(count=0), *reading(count=0))
    assert (rules(decision), clock.slept) == (["accept_operation_statuses"], [15])


def test_one_that_was_stopped_without_a_failure_is_explained_at_once(clock):
    decision = decided(clock, *reading("STOPPED", 0, cancelled="1"))
    assert (rules(decision), clock.slept) == (["accept_operation_statuses", "max_cancelled"], [])


def test_it_waits_no_longer_than_settle_timeout(clock):
    with waiting(clock, *reading(failed="1") * 3, settle_timeout=30) as wait:
        decision = wait.run()
    assert (decision.verdict, failed(wait), clock.slept) == ("failed", ["1"], [15, 15])


@pytest.mark.parametrize("options", [{"settle_timeout": 0}, {"wait": False}])
def test_it_does_not_wait_where_the_user_does_not(clock, options):
    decision = decided(clock, *reading(failed="1"), **options)
    assert (decision.verdict, clock.slept) == ("failed", [])


def test_one_that_ended_long_ago_is_answered_at_the_first_reading(clock):
    old = described("FAILED", failed=2, ended=CREATED, now=CREATED + timedelta(hours=1))
    decision = decided(clock, (describe(), old), *bad_rows(failed="1"))
    assert (decision.verdict, clock.slept) == ("failed", [])


def test_reading_that_ends_at_its_own_limit_explains_enough(clock, monkeypatch):
    monkeypatch.setattr(_evidence, "KEPT_ROWS", 2)
    script = [*reading(count=9)[:3], (results("FAILED"), page(("1", "FAILED"), ("2", "FAILED"), token="more"))]
    decision = decided(clock, *script, (results("CANCELLED"), page()))
    assert (decision.verdict, clock.slept) == ("failed", [])


@pytest.mark.parametrize(
    ("more", "options", "rule"),
    [
        (
            {"Action": "DETECT_DRIFT", "StackSetDriftDetectionDetails": {"DriftedStackInstancesCount": 2}},
            {"max_drifted": 1},
            "max_drifted",
        ),
        ({}, {"expected_results": 1}, "expected_results"),
    ],
)
def test_what_no_failure_explains_is_not_waited_for(clock, more, options, rule):
    two = page(("1", "SUCCEEDED"), ("2", "SUCCEEDED"))
    script = [(describe(), described(failed=1, **more)), (results(), two)]
    decision = decided(clock, *script, whole_reading=True, **options)
    assert (rules(decision), clock.slept) == ([rule], [])


def test_several_operations_that_qualify_are_not_waited_for(clock):
    two = listed((OPERATION, 0, "FAILED"), ("other", 0, "SUCCEEDED"))
    script = [(listing(), listed((OPERATION, 0, "FAILED"))), *reading(), (listing(), two)]
    decision = decided(clock, *script, **LATEST)
    assert (decision.verdict, clock.slept) == ("inconclusive", [])
    assert ("operation", "operation_id") in lacking(decision)


def test_a_second_operation_that_cannot_be_ruled_out_leaves_nothing_proven(clock):
    script = [(listing(), listed((OPERATION, 0, "FAILED"))), *reading(), (listing(), DENIED)]
    with waiting(clock, *script, **LATEST) as wait, pytest.raises(ReadError):
        wait.run()
    assert wait.interrupted_decision(Missing(MissingKind.ERROR, "denied")).verdict == "inconclusive"


def test_the_verdict_stays_and_the_answer_is_built_from_the_reading_with_the_most_failures(clock):
    # The third reading is an older state of the listing, in which the gate would pass.
    old = [(describe(), described(failed=3)), *bad_rows(), GOOD_ROW]
    script = [
        *reading("SUCCEEDED", 3, cancelled="8"),
        *reading("SUCCEEDED", 3, failed="12"),
        *old,
    ]
    with waiting(clock, *script, max_failed=2, settle_timeout=37) as wait:
        decision = wait.run()
    assert (decision.verdict, rules(decision)) == ("failed", ["max_cancelled"])
    assert failed(wait) == ["1", "2"]
    assert decision.counts["failed"] == 2


def test_a_violation_that_grows_is_told_once(clock):
    decision = decided(clock, *reading("SUCCEEDED", 3, failed="1"), *reading("SUCCEEDED", 3, failed="123"))
    assert [violation.actual for violation in decision.violations] == [3]


UNREACHABLE = EndpointConnectionError(endpoint_url="https://cloudformation.eu-west-1.amazonaws.com/")


@pytest.mark.parametrize("error", [THROTTLED, UNREACHABLE])
def test_an_error_that_passes_ends_the_wait_with_what_is_proven(clock, error):
    with waiting(clock, *reading(failed="1"), *[(describe(), error)] * 7, settle_timeout=20) as wait:
        decision = wait.run()
    assert (decision.verdict, rules(decision), failed(wait)) == (
        "failed",
        ["accept_operation_statuses", "max_failed"],
        ["1"],
    )
    assert clock.now < 30, "not for the rest of wait_timeout"


def test_an_error_that_does_not_pass_adds_to_what_is_proven(clock):
    with waiting(clock, *reading(failed="12", count=3), (describe(), DENIED)) as wait, pytest.raises(ReadError):
        wait.run()
    decision = wait.interrupted_decision(Missing(MissingKind.ERROR, "denied"))
    assert (decision.verdict, lacking(decision), failed(wait)) == ("failed", [("error", None)], ["1", "2"])
    assert rules(decision) == ["accept_operation_statuses", "max_failed"]


def test_what_a_later_reading_read_before_an_error_is_kept_where_it_is_more(clock):
    script = [
        *reading(failed="1", count=3),
        *reading(count=3)[:3],
        (results("FAILED"), page(("1", "FAILED"), ("2", "FAILED"), token="more")),
    ]
    with waiting(clock, *script, (results("FAILED", "more"), DENIED)) as wait, pytest.raises(ReadError):
        wait.run()
    decision = wait.interrupted_decision(Missing(MissingKind.ERROR, "denied"))
    assert (decision.verdict, failed(wait), decision.counts["failed"]) == ("failed", ["1", "2"], 2)


def test_an_interruption_adds_to_what_is_proven(clock):
    with waiting(clock, *reading(failed="1")) as wait:
        assert wait.poll() is None
    decision = wait.interrupted_decision(Missing(MissingKind.INTERRUPTED, "why"))
    assert (decision.verdict, lacking(decision)) == ("failed", [("interrupted", None)])


def test_an_operation_that_is_at_work_again_stays_closed(clock):
    with waiting(
        clock, *reading(failed="1"), *[(describe(), described("RUNNING"))] * 2, *bad_rows()[2:], wait_timeout=20
    ) as wait:
        decision = wait.run()
    assert (decision.verdict, failed(wait)) == ("failed", ["1"])
    assert ("operation", "wait_timeout") in lacking(decision)


def test_of_two_readings_with_as_many_failures_the_later_one_is_told(clock):
    with waiting(clock, *reading(failed="1"), *reading(failed="2"), settle_timeout=15) as wait:
        wait.run()
    assert failed(wait) == ["2"]


@pytest.mark.parametrize("ago", [0, 3600])
def test_a_failure_without_a_name_that_is_tolerated_takes_a_second_reading(clock, ago):
    rows = answer("ListStackSetOperationResults", Summaries=[{"Region": "eu-west-1", "Status": "FAILED"}])
    told = described(failed=1, ended=CREATED, now=CREATED + timedelta(seconds=ago))
    seen = [(describe(), told), *bad_rows()[:2], (results("FAILED"), rows), (results("CANCELLED"), page())]
    assert decided(clock, *seen, *seen, max_failed=1).passed
    assert clock.slept == [15]


def test_a_gate_that_can_pass_is_decided_as_before(clock):
    script = [(describe(), described(failed=1)), *bad_rows(failed="1")]
    assert decided(clock, *script, max_failed=1).passed
    assert decided(clock, (describe(), described()), *ALL_GOOD).passed
    assert clock.slept == []
