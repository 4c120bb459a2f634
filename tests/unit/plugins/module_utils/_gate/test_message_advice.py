# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next step fits the rule that is broken and what is known, and a pass says what it rests on."""

from __future__ import annotations

import pytest

from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.evaluate import CLOSING_STATUSES, evaluate
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.message import message
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.model import Evidence, Missing, MissingKind
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.policy import policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.remediation import remedy
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import failure_groups, worst_rows
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.types import ROW_STATUSES
from ansible_collections.stackgate.stacksets.tests.unit.helpers.gating import counts, operation, rows

COMMAND = "aws cloudformation update-stack-instances --stack-set-name mine --accounts 1 --regions r"
FIX = "Next: fix the cause, then "
RETRY = f"{FIX}retry only these targets: {COMMAND} ."
COMPARE = "Next: compare the results, which operation_results_info returns, with the intended accounts and Regions"
AGAIN = "run the task again with operation_id=op-1"
ALL = frozenset(ROW_STATUSES)


def said(given, about, rules, read=ALL, in_filter=False, fail_fast=False, missing=(), **words):
    """The message; the rows were all read and the time to settle is over, unless said otherwise."""
    rules = policy(rules)
    known = {"confirmed": True, "settle_time_over": True, "missing": missing}
    evidence = Evidence(about, counts(given, rules), read, read is ALL, **known)
    decision = evaluate(evidence, rules, fail_fast)
    words = {"retry_commands": [COMMAND], **words}
    if in_filter:
        del words["retry_commands"]
    groups = failure_groups(worst_rows(given))
    return message(decision, about, "mine", groups, operation_id="op-1", in_filter=in_filter, **words)


BROKEN_BY_FAILURES = {
    "accept_operation_statuses": (rows(FAILED=1, SUCCEEDED=1), operation("FAILED", failed=1), {"max_failed": 1}),
    "max_failed": (rows(FAILED=1, SUCCEEDED=1), operation(failed=1), {}),
    "max_failed_percentage": (rows(FAILED=1, SUCCEEDED=1), operation(failed=1), {"max_failed_percentage": 10}),
    "max_cancelled": (rows(CANCELLED=1, SUCCEEDED=1), operation(), {}),
}
TOO_MANY = "there are too many to return here"


@pytest.mark.parametrize(
    ("known", "step"),
    [
        ({}, RETRY),
        ({"retry_commands": [COMMAND, COMMAND]}, f"{FIX}retry only these targets: {COMMAND} ; {COMMAND} ."),
        ({"retry_commands": [COMMAND] * 9}, f"{FIX}run the commands in retry_commands."),
        ({"retry_commands": []}, f"{FIX}start the operation again for the targets in retry_targets."),
        (
            {"retry_commands": [], "no_targets": TOO_MANY},
            f"{FIX}start the operation again. retry_targets is null because {TOO_MANY}.",
        ),
        ({"in_filter": True}, f"{FIX}retry the failed targets, which the filter retry_targets groups."),
    ],
)
@pytest.mark.parametrize("rule", BROKEN_BY_FAILURES)
def test_what_failed_is_retried(rule, known, step):
    given, about, rules = BROKEN_BY_FAILURES[rule]
    assert said(given, about, rules, **known).endswith(step)


@pytest.mark.parametrize("rule", BROKEN_BY_FAILURES)
def test_a_drift_detection_is_started_again_whole(rule):
    given, about, rules = BROKEN_BY_FAILURES[rule]
    about = {
        **about,
        "action": "DETECT_DRIFT",
        "stack_set_drift_detection_details": {"drifted_stack_instances_count": 0},
    }
    text = said(given, about, {**rules, "max_drifted": 0}, retry_commands=[])
    assert text.endswith(f"{FIX}start the drift detection again for all targets.")


@pytest.mark.parametrize("rule", ["max_failed", "max_cancelled"])
def test_nothing_is_retried_while_the_operation_is_at_work(rule):
    given, about, rules = BROKEN_BY_FAILURES[rule]
    text = said(given, {**about, "status": "RUNNING"}, rules, CLOSING_STATUSES, fail_fast=True, retry_commands=[])
    assert text.startswith("Gate failed: at least 1 ")
    assert text.endswith("Next: fix the cause. Retry the failed targets after the operation has ended; it is RUNNING.")


@pytest.mark.parametrize("status", ["FAILED", "STOPPED"])
@pytest.mark.parametrize("ignored", [0, 2])
def test_an_operation_that_ended_badly_without_a_failure_that_counts_is_looked_at(status, ignored):
    found = rows(SUCCEEDED=1) + rows(FAILED=ignored, reason="suspended")
    text = said(found, operation(status, failed=ignored), {"ignore_reasons": ["suspended"]}, retry_commands=[])
    assert text.endswith(f"Next: check in the console why the operation is {status}, fix that, and start it again.")


@pytest.mark.parametrize("in_filter", [False, True])
@pytest.mark.parametrize(
    ("number", "rules"),
    [(3, {"expected_results": 2}), (1, {"expected_results": 2}), (1, {"min_results": 2})],
)
def test_a_number_of_results_is_compared_with_the_targets(number, rules, in_filter):
    text = said(rows(SUCCEEDED=number), operation(), rules, in_filter=in_filter)
    assert COMPARE in text
    assert "fix the cause" not in text
    assert "retry" not in text


def test_a_number_of_results_and_failures_have_both_steps():
    text = said(rows(SUCCEEDED=1, FAILED=1), operation(failed=1), {"expected_results": 3})
    assert f"{RETRY} compare the results" in text


@pytest.mark.parametrize(
    ("given", "rules"), [([], {}), (rows(FAILED=1, reason="suspended"), {"ignore_reasons": ["suspended"]})]
)
def test_an_operation_that_shows_nothing_has_its_targets_checked(given, rules):
    text = said(given, operation(failed=len(given)), rules)
    assert "Next: check the operation's targets" in text
    assert "fix the cause" not in text


def test_stacks_that_drifted_are_looked_for():
    text = said(
        rows(SUCCEEDED=1), operation(action="DETECT_DRIFT", drifted_stack_instances_count=2), {"max_drifted": 1}
    )
    assert "Next: list the drifted stack instances" in text
    assert "fix the cause" not in text


# Failures that are not listed


@pytest.mark.parametrize(
    ("failed", "counted", "words"),
    [
        (2, 5, "AWS counts 5 failures and lists 2 so far. To see the rest, "),
        (1, 5, "AWS counts 5 failures and lists 1 so far. To see the rest, "),
        (0, 1, "AWS counts 1 failure and lists 0 so far. To see the rest, "),
    ],
)
@pytest.mark.parametrize(
    ("in_filter", "again"),
    [(False, f"{AGAIN}."), (True, "read the operation again with operation_results_info.")],
)
def test_failures_that_are_not_listed_are_counted_with_what_shows_them(failed, counted, words, in_filter, again):
    found = rows(FAILED=failed, SUCCEEDED=1)
    assert words + again in said(found, operation("FAILED", failed=counted), {}, in_filter=in_filter)


def test_so_they_are_while_the_operation_is_at_work():
    text = said(rows(FAILED=1), operation("RUNNING", failed=3), {}, CLOSING_STATUSES, fail_fast=True)
    assert f"AWS counts 3 failures and lists 1 so far. To see the rest, {AGAIN}." in text


@pytest.mark.parametrize(
    ("given", "about", "rules"),
    [
        (rows(FAILED=2, SUCCEEDED=1), operation(failed=2), {}),
        (rows(FAILED=2, SUCCEEDED=1), operation(failed=1), {}),
        (rows(FAILED=2, SUCCEEDED=1), operation(failed=None), {}),
        (rows(FAILED=2, reason="suspended") + rows(FAILED=1), operation(failed=3), {"ignore_reasons": ["suspended"]}),
        (rows(SUCCEEDED=1), operation(failed=3), {}),  # nothing is proven: what is missing says it
    ],
)
def test_where_all_are_listed_or_nothing_is_proven_nothing_is_said_of_it(given, about, rules):
    assert "so far. To see the rest" not in said(given, about, rules)


# What was not read


@pytest.mark.parametrize("about", [None, operation(failed=3), operation("RUNNING", failed=3), operation("FAILED")])
def test_an_error_is_the_only_advice(about):
    missing = (Missing(MissingKind.ERROR, "Access denied. Allow that action."),)
    text = said([], about, {}, frozenset(), missing=missing)
    assert "Access denied. Allow that action." in text
    for words in ("0 FAILED", "max_unaccounted", "Next:", "again", "Results"):
        assert words not in text


def test_an_error_that_ended_a_reading_leaves_what_was_read():
    missing = (Missing(MissingKind.ERROR, "Access denied. Allow that action."),)
    text = said(rows(FAILED=2), operation(failed=3), {}, frozenset(), missing=missing)
    assert text.startswith("Gate failed: at least 2 FAILED, and max_failed is 0. Access denied. Allow that action. ")
    assert "Results read: at least 2 FAILED." in text
    assert "Next:" not in text


def test_an_interruption_is_told_beside_what_is_proven():
    missing = (Missing(MissingKind.INTERRUPTED, "SIGTERM ended the wait."),)
    text = said(rows(FAILED=2), operation(failed=2), {}, missing=missing)
    assert text.startswith("Gate failed: 2 FAILED, and max_failed is 0. SIGTERM ended the wait. ")
    assert text.endswith(RETRY)


def test_what_ended_a_reading_has_a_way_out_that_can_help():
    decision = evaluate(Evidence(None, counts([], policy({})), frozenset()), policy({}))
    assert (
        remedy(Missing(MissingKind.ERROR, "Operation nope was not found."), decision, "nope")
        == "The message says what to do."
    )


# A pass


@pytest.mark.parametrize(
    ("given", "about", "rules", "words"),
    [
        (rows(FAILED=3, SUCCEEDED=1), operation(failed=3), {"max_failed": 3}, "3 FAILED, within max_failed=3."),
        (
            rows(FAILED=1, SUCCEEDED=9),
            operation(failed=1),
            {"max_failed_percentage": 12.5},
            "1 FAILED, within max_failed_percentage=12.5.",
        ),
        (
            rows(FAILED=1, SUCCEEDED=9),
            operation(failed=1),
            {"max_failed": 1, "max_failed_percentage": 10, "scope": "region"},
            "1 FAILED, within max_failed=1 and max_failed_percentage=10 in each Region.",
        ),
        (
            rows(CANCELLED=1, SUCCEEDED=1),
            operation(),
            {"max_cancelled": 2, "scope": "organizational_unit"},
            "1 CANCELLED, within max_cancelled=2 in each organizational unit.",
        ),
        (
            rows(FAILED=2, reason="suspended") + rows(SUCCEEDED=1),
            operation(failed=2),
            {"ignore_reasons": ["suspended"]},
            "2 FAILED, ignored by ignore_reasons.",
        ),
        (
            rows(FAILED=2, reason="suspended") + rows(FAILED=1, SUCCEEDED=1),
            operation(failed=3),
            {"ignore_reasons": ["suspended"], "ignore_accounts": ["111122223333"], "max_failed": 1},
            "1 FAILED, within max_failed=1; 2 FAILED, ignored by ignore_accounts and ignore_reasons.",
        ),
        (
            rows(SUCCEEDED=1),
            operation(failed=2),
            {"max_unaccounted": 3},
            "2 unaccounted for, within max_unaccounted=3.",
        ),
        (
            rows(SUCCEEDED=1),
            operation(action="DETECT_DRIFT", drifted_stack_instances_count=2),
            {"max_drifted": 2},
            "2 stack instances drifted, within max_drifted=2.",
        ),
        (
            rows(SUCCEEDED=1),
            operation("STOPPED"),
            {"accept_operation_statuses": ["STOPPED"], "expected_results": 1},
            "the operation is STOPPED, which accept_operation_statuses accepts.",
        ),
        ([], operation(), {"allow_empty": True}, "there are no results, which allow_empty accepts."),
    ],
)
def test_a_pass_says_first_what_it_rests_on(given, about, rules, words):
    assert said(given, about, rules).startswith(f"Gate passed: {words} {about['action']} operation op-1 of stack")


@pytest.mark.parametrize("about", [operation(), operation(action="DETECT_DRIFT", drifted_stack_instances_count=0)])
def test_a_pass_in_which_all_is_well_rests_on_nothing_else(about):
    rules = {"max_drifted": 0} if about["action"] == "DETECT_DRIFT" else {}
    text = said(rows(SUCCEEDED=1), about, rules)
    assert text.startswith(f"Gate passed: {about['action']} operation op-1 of stack set mine is SUCCEEDED. Results: ")
