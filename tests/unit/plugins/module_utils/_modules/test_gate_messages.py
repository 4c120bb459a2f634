# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate says, word for word: a closed gate is acted on by its sentences, and they are read in a hurry."""

from __future__ import annotations

import pytest

from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.model import (
    Missing,
    MissingKind,
    Rule,
    Violation,
)
from ansible_collections.stackgate.stacksets.tests.unit.helpers.gating import (
    ALL,
    FINAL,
    SUSPENDED,
    gate,
    operation,
    rows,
)

WHOLE = {"all_rows_read": True, **FINAL}


@pytest.mark.parametrize(
    ("given", "rules", "violation"),
    [
        (
            rows(SUCCEEDED=1, FAILED=2),
            {"max_failed": 1},
            Violation(Rule.MAX_FAILED, "operation", None, 1, 2, "2 FAILED, and max_failed is 1."),
        ),
        (
            rows("us-1", CANCELLED=1),
            {"scope": "region"},
            Violation(Rule.MAX_CANCELLED, "region", "us-1", 0, 1, "1 CANCELLED in us-1, and max_cancelled is 0."),
        ),
        (
            rows(unit="ou-1", FAILED=1),
            {"scope": "organizational_unit"},
            Violation(
                Rule.MAX_FAILED,
                "organizational_unit",
                "ou-1",
                0,
                1,
                "1 FAILED in organizational unit ou-1, and max_failed is 0.",
            ),
        ),
        (
            rows(SUCCEEDED=3),
            {"expected_results": 2},
            Violation(Rule.EXPECTED_RESULTS, "operation", None, 2, 3, "3 results, and expected_results is 2."),
        ),
        (
            rows(SUCCEEDED=1),
            {"expected_results": 2},
            Violation(Rule.EXPECTED_RESULTS, "operation", None, 2, 1, "1 results, and expected_results is 2."),
        ),
        (
            rows(SUCCEEDED=1),
            {"min_results": 2},
            Violation(Rule.MIN_RESULTS, "operation", None, 2, 1, "1 results, and min_results is 2."),
        ),
        (
            rows(SUCCEEDED=1, FAILED=2),
            {"max_failed_percentage": 33.3},
            Violation(
                Rule.MAX_FAILED_PERCENTAGE,
                "operation",
                None,
                33.3,
                66.67,
                "2 of 3 FAILED, 66.67 percent, and max_failed_percentage is 33.3.",
            ),
        ),
        (
            rows(SUCCEEDED=1, FAILED=1),
            {"max_failed_percentage": 5, "scope": "region"},
            Violation(
                Rule.MAX_FAILED_PERCENTAGE,
                "region",
                "eu-west-1",
                5.0,
                50.0,
                "1 of 2 FAILED in eu-west-1, 50 percent, and max_failed_percentage is 5.",
            ),
        ),
        (
            [],
            {},
            Violation(
                Rule.ALLOW_EMPTY,
                "operation",
                None,
                False,
                0,
                "The operation has no results, and allow_empty is false.",
            ),
        ),
        (
            rows(FAILED=2, reason="suspended"),
            SUSPENDED,
            Violation(
                Rule.ALLOW_EMPTY,
                "operation",
                None,
                False,
                2,
                "All 2 results are ignored, and allow_empty is false.",
            ),
        ),
    ],
)
def test_a_rule_that_rows_break_is_named_with_its_limit_and_what_there_is(given, rules, violation):
    decision = gate(given, **WHOLE, **rules)
    assert (decision.violations, decision.missing) == ((violation,), ())


def test_a_group_with_a_long_name_is_cut():
    (violation,) = gate(rows(region="x" * 200, FAILED=1), scope="region").violations
    assert violation.message == f"1 FAILED in {'x' * 77}..., and max_failed is 0."
    (violation,) = gate(rows(unit="x" * 200, FAILED=1), scope="organizational_unit").violations
    assert violation.message == f"1 FAILED in organizational unit {'x' * 77}..., and max_failed is 0."


def test_an_operation_that_ended_badly_is_named_with_what_is_accepted():
    rules = {"accept_operation_statuses": ["SUCCEEDED", "STOPPED"], "expected_results": 1}
    assert gate(rows(SUCCEEDED=1), operation("FAILED"), **WHOLE, **rules).violations == (
        Violation(
            Rule.ACCEPT_OPERATION_STATUSES,
            "operation",
            None,
            ["SUCCEEDED", "STOPPED"],
            "FAILED",
            "The operation is FAILED, and accept_operation_statuses is SUCCEEDED, STOPPED.",
        ),
    )


def test_drift_above_the_limit_is_named_with_both():
    about = operation(action="DETECT_DRIFT", drifted_stack_instances_count=3)
    assert gate(rows(SUCCEEDED=1), about, max_drifted=2).violations == (
        Violation(Rule.MAX_DRIFTED, "operation", None, 2, 3, "3 stack instances drifted, and max_drifted is 2."),
    )


LONG = "X" * 50
CUT = "X" * 37 + "..."


@pytest.mark.parametrize(
    ("about", "rules", "missing"),
    [
        (
            operation("RUNNING"),
            {},
            Missing(MissingKind.OPERATION, "The operation has not ended: it is RUNNING.", "wait_timeout"),
        ),
        (
            operation(LONG),
            {},
            Missing(
                MissingKind.OPERATION_STATUS,
                f"The operation's status is {CUT}, which this version does not know.",
                None,
            ),
        ),
        (
            operation(action=LONG),
            {},
            Missing(MissingKind.ACTION, f"The operation's action is {CUT}, which this version does not know.", None),
        ),
        (
            operation(action="DELETE"),
            {"max_drifted": 0},
            Missing(
                MissingKind.DRIFT,
                "max_drifted is set, but a DELETE operation does not detect drift.",
                "max_drifted",
            ),
        ),
        (
            operation(action="DETECT_DRIFT"),
            {},
            Missing(
                MissingKind.DRIFT,
                "A DETECT_DRIFT operation succeeds even if stack instances drifted, and max_drifted is not set.",
                "max_drifted",
            ),
        ),
        (
            operation(action="DETECT_DRIFT"),
            {"max_drifted": 0},
            Missing(MissingKind.DRIFT, "AWS does not report how many stack instances drifted.", "settle_timeout"),
        ),
        (
            operation(action="DETECT_DRIFT", drifted_stack_instances_count=0, in_progress_stack_instances_count=4),
            {"max_drifted": 0},
            Missing(MissingKind.DRIFT, "AWS is still detecting the drift of 4 stack instances.", "settle_timeout"),
        ),
    ],
)
def test_what_the_operation_lacks_is_named_with_the_option_that_helps(about, rules, missing):
    decision = gate(rows(SUCCEEDED=1), about, **WHOLE, **rules)
    assert (decision.violations, decision.missing) == ((), (missing,))


@pytest.mark.parametrize(
    ("given", "about", "evidence", "missing"),
    [
        (
            rows(SUCCEEDED=1),
            operation(),
            {"statuses_read": {"PENDING", "CANCELLED"}},
            Missing(MissingKind.ROWS, "Not all results were read: some that are RUNNING, FAILED may be missing.", None),
        ),
        (
            rows(SUCCEEDED=1),
            operation(),
            {"expected_results": 1},
            Missing(MissingKind.ROWS, "Not all results were read: some that are SUCCEEDED may be missing.", None),
        ),
        (
            rows(SUCCEEDED=1, NEW=1, **{LONG: 1}),
            operation(),
            WHOLE,
            Missing(
                MissingKind.ROW_STATUS,
                f"Results have a status that this version does not know: NEW, {CUT}.",
                "settle_timeout",
            ),
        ),
        (
            rows(SUCCEEDED=1),
            operation(failed=2),
            {},
            Missing(
                MissingKind.UNACCOUNTED,
                "2 unaccounted for: AWS counts 2 failed stack instances and lists 0.",
                "max_unaccounted",
            ),
        ),
        (
            rows(SUCCEEDED=1, PENDING=2, RUNNING=1),
            operation(),
            {},
            Missing(
                MissingKind.UNACCOUNTED,
                "3 unaccounted for: results that have not ended (2 PENDING, 1 RUNNING).",
                "max_unaccounted",
            ),
        ),
        (
            rows(SUCCEEDED=1, RUNNING=1) + rows(FAILED=1, reason="suspended"),
            operation(failed=2),
            SUSPENDED,
            Missing(
                MissingKind.UNACCOUNTED,
                "2 unaccounted for: AWS counts 2 failed stack instances and lists 1;"
                " results that have not ended (1 RUNNING).",
                "max_unaccounted",
            ),
        ),
        (
            [],
            operation(),
            {"all_rows_read": True, "allow_empty": True, "settle_time_over": True},
            Missing(
                MissingKind.SETTLED,
                "Two complete readings must agree because there are no results. None have agreed yet.",
                "settle_timeout",
            ),
        ),
        (
            [],
            operation(),
            {"all_rows_read": True, "allow_empty": True, "confirmed": True},
            Missing(
                MissingKind.SETTLED, "There are no results yet, and settle_timeout has not expired.", "settle_timeout"
            ),
        ),
        (
            rows(SUCCEEDED=1),
            operation("STOPPED"),
            {"all_rows_read": True, "accept_operation_statuses": ["STOPPED"], "expected_results": 1},
            Missing(
                MissingKind.SETTLED,
                "Two complete readings must agree because the operation is STOPPED. None have agreed yet.",
                "settle_timeout",
            ),
        ),
        (
            rows(SUCCEEDED=1),
            operation(failed=None),
            {"all_rows_read": True},
            Missing(
                MissingKind.SETTLED,
                "Two complete readings must agree because AWS returns no count of failures. None have agreed yet.",
                "settle_timeout",
            ),
        ),
        (
            rows(SUCCEEDED=1),
            operation("STOPPED"),
            {**FINAL, "accept_operation_statuses": ["STOPPED"], "expected_results": 1},
            Missing(MissingKind.ROWS, "The operation is STOPPED, and not all of its results were read.", None),
        ),
        (
            rows(SUCCEEDED=1),
            operation(),
            {"all_rows_read": True, "min_results": 2},
            Missing(
                MissingKind.SETTLED,
                "Results that AWS has not listed yet may fix this: 1 results, and min_results is 2.",
                "settle_timeout",
            ),
        ),
        (
            rows(SUCCEEDED=1),
            operation(),
            {"all_rows_read": True, "min_results": 3, "expected_results": 2},
            Missing(
                MissingKind.SETTLED,
                "Results that AWS has not listed yet may fix this: 1 results, and min_results is 3."
                " 1 results, and expected_results is 2.",
                "settle_timeout",
            ),
        ),
    ],
)
def test_what_the_rows_lack_is_named_with_the_option_that_helps(given, about, evidence, missing):
    decision = gate(given, about, **{"statuses_read": ALL - {"SUCCEEDED"}, **evidence})
    assert (decision.violations, decision.missing) == ((), (missing,))
