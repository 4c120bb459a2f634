# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision, rule by rule: the limit itself is within, one more is not, and what is not known is no pass."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.counts import (
    failed_count,
    needs_confirmation,
    unaccounted,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.evaluate import (
    CLOSING_STATUSES,
    evaluate,
    succeeded_rows_suffice,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.fact import decision_fact
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.model import Evidence, Missing, MissingKind
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.policy import policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.types import ROW_STATUSES
from ansible_collections.stackgate.stacksets.tests.unit.helpers.gating import (
    ALL,
    FINAL,
    SUSPENDED,
    counts,
    gate,
    operation,
    rows,
)
from ansible_collections.stackgate.stacksets.tests.unit.helpers.rows import new_row


def violated(decision):
    return [(one.rule, one.group, one.limit, one.actual) for one in decision.violations]


def lacking(decision):
    return [(one.what, one.option) for one in decision.missing]


def test_rows_that_are_all_good_pass():
    decision = gate(rows(SUCCEEDED=3))
    assert (decision.passed, decision.verdict, decision.violations, decision.missing) == (True, "passed", (), ())


@pytest.mark.parametrize(
    ("rule", "status"), [("max_failed", "FAILED"), ("max_cancelled", "CANCELLED")], ids=["failed", "cancelled"]
)
@pytest.mark.parametrize("limit", [0, 2])
def test_at_the_limit_is_within_it_and_one_more_is_not(rule, status, limit):
    within = gate(rows(SUCCEEDED=9, **{status: limit}), **{rule: limit})
    beyond = gate(rows(SUCCEEDED=9, **{status: limit + 1}), **{rule: limit})
    assert within.verdict == "passed"
    assert (beyond.verdict, violated(beyond)) == ("failed", [(rule, None, limit, limit + 1)])
    assert beyond.violations[0].scope == "operation"
    assert rule in beyond.violations[0].message


def test_no_failure_is_allowed_unless_said_otherwise():
    assert violated(gate(rows(SUCCEEDED=99, FAILED=1))) == [("max_failed", None, 0, 1)]


def test_a_percentage_alone_sets_no_number_and_a_number_beside_it_holds_too():
    some = rows(SUCCEEDED=90, FAILED=10)
    assert gate(some, max_failed_percentage=10).verdict == "passed"
    assert violated(gate(some, max_failed_percentage=10, max_failed=9)) == [("max_failed", None, 9, 10)]


@pytest.mark.parametrize(
    ("limit", "failed", "succeeded", "verdict"),
    [
        (50, 1, 1, "passed"),
        (50, 2, 1, "failed"),
        (33.3, 333, 667, "passed"),  # exactly at it, which binary fractions would miss
        (33.3, 334, 666, "failed"),
        (33.3, 1, 2, "failed"),
        (0.1, 1, 999, "passed"),
        (0.1, 1, 998, "failed"),
        (0, 1, 999, "failed"),
        (0, 0, 1, "passed"),
        (100, 3, 0, "passed"),
    ],
)
def test_a_percentage_is_exact_and_of_succeeded_and_failed_rows(limit, failed, succeeded, verdict):
    decision = gate(rows(FAILED=failed, SUCCEEDED=succeeded), max_failed_percentage=limit, **FINAL)
    assert decision.verdict == verdict
    assert [one.rule for one in decision.violations] == ["max_failed_percentage"] * (verdict == "failed")


@pytest.mark.parametrize("others", [{"CANCELLED": 5}, {"PENDING": 5}, {"RUNNING": 5}])
def test_other_rows_do_not_thin_a_percentage_out(others):
    decision = gate(
        rows(FAILED=1, SUCCEEDED=1, **others),
        max_failed_percentage=49,
        max_cancelled=9,
        max_unaccounted=9,
        **FINAL,
    )
    assert violated(decision) == [("max_failed_percentage", None, 49.0, 50.0)]


def test_ignored_rows_are_on_neither_side_of_a_percentage():
    ignored = rows(FAILED=8, reason="Account is suspended")
    good = rows(SUCCEEDED=2)
    assert gate(ignored + good, max_failed_percentage=0, **SUSPENDED).verdict == "passed"
    half = gate(ignored + good + rows(FAILED=2), max_failed_percentage=49, **SUSPENDED, **FINAL)
    assert violated(half) == [("max_failed_percentage", None, 49.0, 50.0)]


def test_ignored_failures_do_not_count_and_are_reported():
    decision = gate(rows(FAILED=2, reason="Account is suspended") + rows(SUCCEEDED=1), **SUSPENDED)
    assert decision.verdict == "passed"
    assert (decision.counts["ignored"], decision.counts["failed"], decision.counts["total"]) == (2, 0, 3)
    assert decision.counts["by_status"]["FAILED"] == 2, "by AWS's status they have failed"


@pytest.mark.parametrize(
    ("scope", "key", "first", "second"),
    [
        ("region", "region", "eu-west-1", "us-east-1"),
        ("organizational_unit", "unit", "ou-1", "ou-2"),
        ("organizational_unit", "unit", "ou-1", None),
    ],
)
@pytest.mark.parametrize(
    ("rule", "status", "limit", "number"),
    [
        ("max_failed", "FAILED", 1, 2),
        ("max_cancelled", "CANCELLED", 1, 2),
        ("max_failed_percentage", "FAILED", 10.0, 2),
    ],
)
def test_a_scope_holds_the_limit_in_each_group(scope, key, first, second, rule, status, limit, number):
    others = {} if rule != "max_cancelled" else {"max_failed": 0}
    spread = [*rows(**{key: first, status: 1, "SUCCEEDED": 9}), *rows(**{key: second, status: 1, "SUCCEEDED": 9})]
    assert gate(spread, scope=scope, **{rule: limit}, **others, **FINAL).verdict == "passed"
    heaped = [*rows(**{key: first, "SUCCEEDED": 90}), *rows(**{key: second, status: number, "SUCCEEDED": 9})]
    decision = gate(heaped, scope=scope, **{rule: limit}, **others, **FINAL)
    assert [(one.rule, one.scope, one.group) for one in decision.violations] == [(rule, scope, second or "none")]
    where = f"in organizational unit {second}" if key == "unit" else f"in {second}"
    where = where if second else f"without a{' Region' if key == 'region' else 'n organizational unit'}"
    assert f" {where}, " in decision.violations[0].message


@pytest.mark.parametrize("lacking", ["account", "region"])
@pytest.mark.parametrize(
    ("status", "rules", "verdict"),
    [
        ("FAILED", {"max_failed": 2}, "failed"),
        ("FAILED", {"max_failed": 3}, "passed"),
        ("CANCELLED", {"max_cancelled": 2}, "failed"),
        ("CANCELLED", {"max_cancelled": 3}, "passed"),
        ("SUCCEEDED", {"expected_results": 12}, "failed"),
        ("SUCCEEDED", {"expected_results": 13}, "failed"),
        ("SUCCEEDED", {"expected_results": 10}, "failed"),
        ("SUCCEEDED", {"min_results": 11}, "failed"),
        ("SUCCEEDED", {"min_results": 10}, "passed"),
        ("FAILED", {"max_failed_percentage": 23.0}, "failed"),  # 3 of 13
        ("FAILED", {"max_failed_percentage": 23.1}, "passed"),
        ("RUNNING", {"max_unaccounted": 2}, "inconclusive"),
        ("RUNNING", {"max_unaccounted": 3}, "passed"),
        ("PENDING", {"max_unaccounted": 2}, "inconclusive"),
    ],
)
def test_a_row_without_a_name_counts_against_a_pass_and_never_for_it(lacking, status, rules, verdict):
    unnamed = [{**one, lacking: None} for one in rows(**{status: 3})]
    decision = gate(rows(SUCCEEDED=10) + unnamed, **rules, **FINAL)
    assert decision.verdict == verdict
    assert decision.counts["total"] == 13


@pytest.mark.parametrize(("rule", "status"), [("max_failed", "FAILED"), ("max_cancelled", "CANCELLED")])
def test_rows_without_a_region_are_a_group_of_their_own(rule, status):
    found = rows(SUCCEEDED=1) + rows(region=None, **{status: 2})
    assert gate(found, scope="region", **{rule: 2}, **FINAL).verdict == "passed"
    (violation,) = gate(found, scope="region", **{rule: 1}, **FINAL).violations
    assert violation.group == "none"
    assert violation.message == f"2 {status} without a Region, and {rule} is 1."


def test_a_row_without_a_name_is_in_no_percentages_succeeded():
    unnamed = [{**one, "account": None} for one in rows(SUCCEEDED=90)]
    found = rows(SUCCEEDED=9, FAILED=1) + unnamed
    decision = gate(found, max_failed_percentage=9.9, **FINAL)
    assert [violation.actual for violation in decision.violations] == [10.0]
    assert gate(found, max_failed_percentage=10.0, **FINAL).verdict == "passed"
    elsewhere = [{**one, "region": None} for one in rows(SUCCEEDED=90)]
    scoped = gate(rows(SUCCEEDED=9, FAILED=1) + elsewhere, max_failed_percentage=9.9, scope="region", **FINAL)
    assert [violation.group for violation in scoped.violations] == ["eu-west-1"]
    units = {"scope": "organizational_unit", "max_failed_percentage": 20}
    beside = [{**one, "account": None} for one in rows(unit="ou-1", SUCCEEDED=90)]
    in_unit = gate(rows(unit="ou-1", SUCCEEDED=1, FAILED=1) + beside, **units, **FINAL)
    assert [(violation.group, violation.actual) for violation in in_unit.violations] == [("ou-1", 50.0)]


def test_a_row_without_a_name_is_a_row():
    rules = policy({})
    assert succeeded_rows_suffice(counts([{**one, "account": None} for one in rows(SUCCEEDED=1)], rules), rules)


def test_the_number_expected_is_not_enough_for_one_more_may_break_it():
    rules = policy({"expected_results": 3})
    assert not succeeded_rows_suffice(counts(rows(SUCCEEDED=3), rules), rules)
    assert succeeded_rows_suffice(counts(rows(SUCCEEDED=4), rules), rules)


def test_what_was_read_whole_is_exact_and_a_part_is_at_least_so_many():
    found = rows(SUCCEEDED=2, FAILED=1)
    assert gate(found, all_rows_read=True, statuses_read=()).violations[0].message == "1 FAILED, and max_failed is 0."
    assert gate(found, statuses_read=()).violations[0].message == "at least 1 FAILED, and max_failed is 0."
    rules = {"max_failed": 1, "expected_results": 2}
    assert gate(found, **rules).violations[0].message == "at least 3 results, and expected_results is 2."
    assert gate(found, statuses_read=ALL, **rules).violations[0].message == "3 results, and expected_results is 2."


def test_counts_have_separators_and_limits_are_as_they_were_set():
    found = rows(SUCCEEDED=3000, FAILED=2000, CANCELLED=1000)
    limits = {"max_failed": 1500, "max_failed_percentage": 5, "max_cancelled": 5, "expected_results": 5999}
    said = [violation.message for violation in gate(found, **limits, **FINAL).violations]
    assert said == [
        "2,000 FAILED, and max_failed is 1500.",
        "1,000 CANCELLED, and max_cancelled is 5.",
        "6,000 results, and expected_results is 5999.",
        "2,000 of 5,000 FAILED, 40 percent, and max_failed_percentage is 5.",
    ]


def test_a_minimum_that_is_missed_says_how_many_rows_have_no_name():
    decision = gate(rows(SUCCEEDED=2) + [{**one, "account": None} for one in rows(SUCCEEDED=3)], min_results=4, **FINAL)
    (violation,) = decision.violations
    assert (violation.actual, violation.limit) == (2, 4)
    assert violation.message == "2 results with an account and a Region (3 without), and min_results is 4."


def test_a_failure_without_a_name_takes_a_second_reading_that_agrees():
    found = rows(SUCCEEDED=2) + [{**one, "account": None} for one in rows(FAILED=1, reason="suspended")]
    for rules in ({"max_failed": 1}, SUSPENDED):
        assert gate(found, **rules, **FINAL).verdict == "passed"
        once = gate(found, **rules, **{**FINAL, "confirmed": False})
        assert (once.verdict, [one.what for one in once.missing]) == ("inconclusive", ["settled"])
        assert once.missing[0].message == (
            "A failed result has no account or no Region, and no second reading confirmed it."
        )
        filtered = {**FINAL, "statuses_read": CLOSING_STATUSES}
        assert gate(found, **rules, **filtered).verdict == "passed", "without all SUCCEEDED rows"


def test_every_group_that_breaks_a_limit_is_named():
    decision = gate(rows(region="b", FAILED=1) + rows(region="a", FAILED=2), scope="region")
    assert violated(decision) == [("max_failed", "a", 0, 2), ("max_failed", "b", 0, 1)]


@pytest.mark.parametrize(("total", "verdict"), [(2, "failed"), (3, "passed"), (4, "failed")])
def test_expected_results_are_exactly_so_many(total, verdict):
    decision = gate(rows(SUCCEEDED=total), expected_results=3, **FINAL)
    assert decision.verdict == verdict
    assert [one.rule for one in decision.violations] == ["expected_results"] * (verdict == "failed")


@pytest.mark.parametrize(("total", "verdict"), [(2, "failed"), (3, "passed"), (4, "passed")])
def test_min_results_are_at_least_so_many(total, verdict):
    decision = gate(rows(SUCCEEDED=total), min_results=3, **FINAL)
    assert decision.verdict == verdict
    assert [one.rule for one in decision.violations] == ["min_results"] * (verdict == "failed")


@pytest.mark.parametrize("rule", ["expected_results", "min_results"])
def test_ignored_rows_are_results_all_the_same(rule):
    some = rows(SUCCEEDED=1) + rows(FAILED=2, reason="suspended")
    assert gate(some, **{rule: 3}, **SUSPENDED, **FINAL).verdict == "passed"


def test_a_result_too_many_is_proven_and_not_waited_for():
    assert violated(gate(rows(SUCCEEDED=4), expected_results=3)) == [("expected_results", None, 3, 4)]


def test_a_status_that_nobody_knows_is_not_hidden_by_a_row_that_is_accepted():
    """Of two rows for one target RUNNING is the worse one, and max_unaccounted may accept it."""
    same = [{**one, "account": "111122223333"} for one in rows(RUNNING=1, INVENTED_TOMORROW=1)]
    for listed in (same, same[::-1]):
        decision = gate([*listed, *rows(SUCCEEDED=1)], max_unaccounted=1, **FINAL)
        assert decision.verdict == "inconclusive"
        assert "INVENTED_TOMORROW" in decision.missing[0].message


PROVISIONAL = [
    ({"min_results": 5}, "min_results"),
    ({"expected_results": 5}, "expected_results"),
    ({"max_failed_percentage": 10}, "max_failed_percentage"),
]


@pytest.mark.parametrize(("rules", "rule"), PROVISIONAL)
def test_what_further_rows_may_mend_is_waited_for_while_the_listing_may_lag(rules, rule):
    some = rows(SUCCEEDED=3, FAILED=1)
    rules = {"max_failed": 1, **rules}
    early = gate(some, statuses_read=ALL, **rules)
    assert (early.verdict, lacking(early)) == ("inconclusive", [("settled", "settle_timeout")])
    assert rule in early.missing[0].message
    late = gate(some, statuses_read=ALL, settle_time_over=True, **rules)
    assert (late.verdict, [one.rule for one in late.violations]) == ("failed", [rule])


@pytest.mark.parametrize(("rules", "rule"), [*PROVISIONAL, ({"max_failed": 1, "min_results": 1}, None)])
def test_readings_that_agree_do_not_prove_that_rows_are_lacking(rules, rule):
    some = rows(SUCCEEDED=3, FAILED=1)
    decision = gate(some, statuses_read=ALL, confirmed=True, **{"max_failed": 1, **rules})
    expected = {None: "passed", "max_failed_percentage": "failed"}.get(rule, "inconclusive")
    assert decision.verdict == expected


@pytest.mark.parametrize(("rules", "rule"), PROVISIONAL)
def test_what_further_rows_may_mend_is_not_held_against_rows_that_were_not_all_read(rules, rule):
    decision = gate(rows(SUCCEEDED=3, FAILED=1), max_failed=1, confirmed=True, settle_time_over=True, **rules)
    assert (decision.verdict, decision.violations) == ("inconclusive", ())


@pytest.mark.parametrize(("rules", "rule"), PROVISIONAL)
def test_what_further_rows_may_mend_is_not_held_against_rows_that_are_known_to_lack_some(rules, rule):
    decision = gate(rows(SUCCEEDED=3, FAILED=1), operation(failed=2), max_failed=1, **FINAL, **rules)
    assert (decision.verdict, decision.violations) == ("inconclusive", ())
    assert lacking(decision) == [("unaccounted", "max_unaccounted"), ("settled", "settle_timeout")]


@pytest.mark.parametrize(
    ("given", "why"),
    [([], "no results"), (rows(FAILED=2, reason="suspended"), "All 2 results are ignored")],
    ids=["zero", "ignored"],
)
def test_nothing_shown_passes_only_by_the_users_word(given, why):
    closed = gate(given, **FINAL, **SUSPENDED)
    assert (closed.verdict, [one.rule for one in closed.violations]) == ("failed", ["allow_empty"])
    assert why in closed.violations[0].message
    assert gate(given, allow_empty=True, **FINAL, **SUSPENDED).verdict == "passed"


def test_one_good_row_beside_ignored_ones_shows_something():
    assert gate(rows(FAILED=2, reason="suspended") + rows(SUCCEEDED=1), **SUSPENDED).verdict == "passed"


@pytest.mark.parametrize(
    "evidence",
    [
        {"settle_time_over": True},
        {"confirmed": True},
        {"confirmed": True, "settle_time_over": True, "statuses_read": CLOSING_STATUSES},
        {},
    ],
)
def test_an_empty_listing_needs_two_whole_readings_and_the_time_to_settle_even_where_it_may_be_empty(evidence):
    decision = gate([], allow_empty=True, **{"statuses_read": ALL, **evidence})
    assert (decision.verdict, ("settled", "settle_timeout") in lacking(decision)) == ("inconclusive", True)


@pytest.mark.parametrize(
    ("numbers", "failed", "number"),
    [
        ({"FAILED": 0}, 1, 1),
        ({"FAILED": 2}, 3, 1),
        ({"PENDING": 1}, 0, 1),
        ({"RUNNING": 2}, 0, 2),
        ({"PENDING": 1, "RUNNING": 1, "FAILED": 1}, 3, 4),
    ],
)
def test_what_aws_counted_and_the_rows_do_not_show_is_unaccounted(numbers, failed, number):
    some = rows(SUCCEEDED=5, **numbers)
    decision = gate(some, operation(failed=failed), max_failed=9)
    assert (decision.verdict, lacking(decision)) == ("inconclusive", [("unaccounted", "max_unaccounted")])
    assert decision.counts["unaccounted"] == number
    assert decision.missing[0].message.startswith(f"{number} unaccounted for")


def test_what_was_not_read_is_no_news_where_rows_are_known_to_lack():
    decision = gate(rows(SUCCEEDED=5), operation(failed=1), statuses_read=frozenset())
    assert lacking(decision) == [("unaccounted", "max_unaccounted")]


def test_max_unaccounted_is_a_limit_like_any_other_once_the_time_to_settle_is_over():
    def verdict(allowed, **evidence):
        return gate(rows(SUCCEEDED=5), operation(failed=2), max_unaccounted=allowed, **evidence).verdict

    assert verdict(2, settle_time_over=True) == "passed"
    assert verdict(1, settle_time_over=True) == "inconclusive"
    assert verdict(2) == "inconclusive", "before that, the rows may still come"


def test_ignored_failures_account_for_what_aws_counted():
    some = rows(SUCCEEDED=1) + rows(FAILED=2, reason="suspended")
    assert gate(some, operation(failed=2), **SUSPENDED).verdict == "passed"


def test_more_failed_rows_than_aws_counted_decide():
    assert violated(gate(rows(SUCCEEDED=5, FAILED=2), operation(failed=1), max_failed=1)) == [
        ("max_failed", None, 1, 2)
    ]
    within = gate(rows(SUCCEEDED=5, FAILED=2), operation(failed=1), max_failed=2)
    assert (within.verdict, within.counts["unaccounted"]) == ("passed", 0)


def test_failed_rows_close_the_gate_although_the_operation_succeeded():
    assert gate(rows(SUCCEEDED=5, FAILED=1), operation("SUCCEEDED", failed=1)).verdict == "failed"


def test_a_proven_violation_does_not_wait_for_the_rest():
    decision = gate(rows(FAILED=1, RUNNING=1), operation(failed=9), statuses_read=frozenset())
    assert violated(decision) == [("max_failed", None, 0, 1)]


@pytest.mark.parametrize("status", ["INVENTED_TOMORROW", "succeeded", "", None])
@pytest.mark.parametrize("fail_fast", [False, True])
def test_an_operation_status_that_is_not_known_never_passes(status, fail_fast):
    decision = gate(rows(SUCCEEDED=5), operation(status), fail_fast, all_rows_read=True, **FINAL)
    assert (decision.verdict, lacking(decision)) == ("inconclusive", [("operation_status", None)])


@pytest.mark.parametrize("status", ["INVENTED_TOMORROW", None])
@pytest.mark.parametrize("whole", [False, True])
def test_a_row_status_that_is_not_known_never_passes(status, whole):
    decision = gate(rows(SUCCEEDED=5) + rows(**{str(status): 1}), all_rows_read=whole, **FINAL, max_unaccounted=99)
    assert (decision.verdict, lacking(decision)) == ("inconclusive", [("row_status", "settle_timeout")])
    assert str(status) in decision.missing[0].message


def test_an_action_that_is_not_known_never_passes():
    decision = gate(rows(SUCCEEDED=5), operation(action="INVENTED_TOMORROW"), all_rows_read=True, **FINAL)
    assert (decision.verdict, lacking(decision)) == ("inconclusive", [("action", None)])


@pytest.mark.parametrize("status", ["QUEUED", "RUNNING", "STOPPING"])
def test_an_operation_that_has_not_ended_is_waited_for_whatever_its_rows(status):
    for some in (rows(SUCCEEDED=5), rows(FAILED=5), []):
        decision = gate(some, operation(status), all_rows_read=True, **FINAL)
        assert (decision.verdict, lacking(decision)) == ("inconclusive", [("operation", "wait_timeout")])
        assert decision.violations == ()


@pytest.mark.parametrize("status", ["QUEUED", "RUNNING", "STOPPING"])
def test_fail_fast_closes_the_gate_early_and_never_opens_it(status):
    assert gate(rows(FAILED=1), operation(status), fail_fast=True).verdict == "failed"
    assert gate(rows(CANCELLED=1), operation(status), fail_fast=True).verdict == "failed"
    assert gate(rows(SUCCEEDED=5), operation(status), True, all_rows_read=True, **FINAL).verdict == "inconclusive"
    provisional = gate(rows(SUCCEEDED=1, FAILED=1), operation(status), True, max_failed_percentage=10, **FINAL)
    assert provisional.verdict == "inconclusive", "good rows may still come"


def test_nothing_fails_fast_unless_that_is_asked_for():
    rules = policy({})
    seen = Evidence(operation("RUNNING", failed=1), counts(rows(FAILED=1), rules), CLOSING_STATUSES)
    assert evaluate(seen, rules).violations == ()


def test_what_the_reader_knows_of_an_operation_at_work_is_said_and_no_more():
    queued = Missing(MissingKind.OPERATION, "It is QUEUED behind another.", "wait_timeout")
    assert gate([], operation("QUEUED"), missing=(queued,)).missing == (queued,)


@pytest.mark.parametrize("status", ["FAILED", "STOPPED"])
def test_an_operation_that_did_not_succeed_is_a_violation_unless_accepted(status):
    decision = gate(rows(SUCCEEDED=5), operation(status), all_rows_read=True, **FINAL)
    assert violated(decision) == [("accept_operation_statuses", None, ["SUCCEEDED"], status)]


@pytest.mark.parametrize("status", ["FAILED", "STOPPED"])
@pytest.mark.parametrize(
    ("evidence", "verdict"),
    [
        ({"all_rows_read": True, "confirmed": True}, "passed"),
        ({"all_rows_read": True, "confirmed": False, "settle_time_over": True}, "inconclusive"),
        ({"all_rows_read": False, "confirmed": True, "settle_time_over": True}, "inconclusive"),
    ],
)
def test_one_that_is_accepted_takes_two_whole_readings_that_agree(status, evidence, verdict):
    rules = {"accept_operation_statuses": [status], "expected_results": 5}
    decision = gate(rows(SUCCEEDED=5), operation(status), statuses_read=ALL, **evidence, **rules)
    assert decision.verdict == verdict
    assert {option for _what, option in lacking(decision)} <= {"settle_timeout", None}


def test_succeeded_is_not_accepted_where_it_is_left_out():
    rules = {"accept_operation_statuses": ["FAILED"], "expected_results": 5}
    decision = gate(rows(SUCCEEDED=5), operation("SUCCEEDED"), all_rows_read=True, **FINAL, **rules)
    assert [one.rule for one in decision.violations] == ["accept_operation_statuses"]


@pytest.mark.parametrize(
    ("evidence", "verdict"),
    [
        ({"statuses_read": ALL, "confirmed": True}, "passed"),
        ({"all_rows_read": True, "confirmed": True}, "passed"),
        ({"statuses_read": ALL, "settle_time_over": True}, "inconclusive"),
        ({"confirmed": True, "settle_time_over": True}, "inconclusive"),
    ],
)
def test_where_aws_gives_no_count_only_agreement_settles_it(evidence, verdict):
    decision = gate(rows(SUCCEEDED=5), operation(failed=None), **evidence)
    assert decision.verdict == verdict
    assert ("settled", "settle_timeout") in lacking(decision) or verdict == "passed"


@pytest.mark.parametrize("unread", sorted(CLOSING_STATUSES))
def test_a_pass_needs_every_bad_row_to_have_been_looked_for(unread):
    decision = gate(rows(SUCCEEDED=5), statuses_read=CLOSING_STATUSES - {unread})
    assert (decision.verdict, lacking(decision)) == ("inconclusive", [("rows", None)])
    assert unread in decision.missing[0].message
    assert gate(rows(SUCCEEDED=5), statuses_read=frozenset(), all_rows_read=True).verdict == "passed"


def test_expected_results_need_the_good_rows_too():
    decision = gate(rows(SUCCEEDED=5), expected_results=5, confirmed=True, settle_time_over=True)
    assert (decision.verdict, lacking(decision)) == ("inconclusive", [("rows", None)])
    assert gate(rows(SUCCEEDED=5), expected_results=5, statuses_read=ALL).verdict == "passed"


@pytest.mark.parametrize(("drifted", "verdict"), [(0, "passed"), (2, "passed"), (3, "failed")])
def test_drift_is_gated_by_max_drifted(drifted, verdict):
    about = operation(action="DETECT_DRIFT", drifted_stack_instances_count=drifted, in_progress_stack_instances_count=0)
    decision = gate(rows(SUCCEEDED=5), about, max_drifted=2)
    assert decision.verdict == verdict
    assert violated(decision) == [("max_drifted", None, 2, drifted)] * (verdict == "failed")


@pytest.mark.parametrize(
    ("about", "rules", "option"),
    [
        (operation(action="DETECT_DRIFT", drifted_stack_instances_count=0), {}, "max_drifted"),
        (operation(action="DETECT_DRIFT"), {"max_drifted": 2}, "settle_timeout"),
        (
            operation(action="DETECT_DRIFT", drifted_stack_instances_count=0, in_progress_stack_instances_count=1),
            {"max_drifted": 2},
            "settle_timeout",
        ),
        (operation(action="UPDATE"), {"max_drifted": 2}, "max_drifted"),
    ],
    ids=["no limit", "no count", "still at work", "no drift operation"],
)
def test_drift_that_is_not_measured_or_not_asked_for_is_inconclusive(about, rules, option):
    decision = gate(rows(SUCCEEDED=5), about, all_rows_read=True, **FINAL, **rules)
    assert (decision.verdict, lacking(decision)) == ("inconclusive", [("drift", option)])


def test_drift_above_the_limit_is_proven_while_some_is_still_detected():
    about = operation(action="DETECT_DRIFT", drifted_stack_instances_count=3, in_progress_stack_instances_count=9)
    assert violated(gate(rows(SUCCEEDED=5), about, max_drifted=2)) == [("max_drifted", None, 2, 3)]


def test_a_drift_detection_that_failed_somewhere_must_be_accounted_for():
    about = operation(action="DETECT_DRIFT", drifted_stack_instances_count=0, failed_stack_instances_count=2)
    assert failed_count(about) == 2
    assert lacking(gate(rows(SUCCEEDED=5), about, max_drifted=0)) == [("unaccounted", "max_unaccounted")]


def test_drift_details_of_another_operation_count_nothing():
    assert failed_count(operation(failed=None, failed_stack_instances_count=2)) is None


def test_what_the_reader_knows_to_lack_keeps_the_gate_closed():
    lack = Missing(MissingKind.ROWS, "A page is missing.")
    assert gate(rows(SUCCEEDED=5), all_rows_read=True, missing=(lack,), **FINAL).verdict == "inconclusive"
    assert gate(rows(FAILED=5), missing=(lack,)).verdict == "failed", "what is proven is proven"


def test_without_an_operation_nothing_passes():
    rules = policy({"allow_empty": True})
    decision = evaluate(
        Evidence(None, counts([], rules), ALL, all_rows_read=True, confirmed=True, settle_time_over=True), rules
    )
    assert decision.verdict == "inconclusive"


@pytest.mark.parametrize("ignored", [0, 2])
def test_counts_are_by_awss_statuses_and_say_how_many_are_ignored(ignored):
    some = rows(SUCCEEDED=4, FAILED=3, CANCELLED=1) + rows(FAILED=ignored, reason="suspended")
    assert gate(some, operation(failed=6), **SUSPENDED).counts == {
        "total": 8 + ignored,
        "by_status": {"PENDING": 0, "RUNNING": 0, "SUCCEEDED": 4, "FAILED": 3 + ignored, "CANCELLED": 1},
        "failed": 3,
        "cancelled": 1,
        "ignored": ignored,
        "unaccounted": 3 - ignored,
        "failed_stack_instances_count": 6,
        "complete": False,
    }


def test_counts_say_whether_all_rows_are_in_them():
    assert gate(rows(SUCCEEDED=5)).counts["complete"] is False
    assert gate(rows(SUCCEEDED=5), statuses_read=ALL).counts["complete"] is True
    assert gate(rows(SUCCEEDED=5), all_rows_read=True).counts["complete"] is True
    assert gate(rows(RUNNING=5), operation("RUNNING")).counts["unaccounted"] is None


def test_a_fact_has_plain_names_all_the_way_down():
    fact = decision_fact(gate(rows(FAILED=1, PENDING=1)), [], "op-1")
    assert (fact["passed"], fact["verdict"]) == (False, "failed")
    assert set(fact["violations"][0]) == {"rule", "scope", "group", "limit", "actual", "message"}
    assert set(fact["missing"][0]) == {"what", "message", "option", "way_out"}
    words = [fact["verdict"], fact["violations"][0]["rule"], fact["missing"][0]["what"]]
    assert [type(word) for word in words] == [str] * 3, "what Ansible serialises is no enum"


some_rows = st.lists(
    st.builds(
        new_row,
        st.integers(1, 40).map(str),
        st.sampled_from(["eu-west-1", "us-east-1"]),
        st.sampled_from([*ROW_STATUSES, "SUCCEEDED", "SUCCEEDED", "INVENTED_TOMORROW"]),
        st.sampled_from([None, "suspended"]),
        st.sampled_from([None, "ou-1"]),
    ),
    max_size=12,
)
few = st.integers(0, 4)
some_rules = st.fixed_dictionaries(
    {"ignore_reasons": st.sampled_from([[], ["suspended"]])},
    optional={
        "max_failed": few,
        "max_failed_percentage": st.sampled_from([0, 10, 33.3, 50, 100]),
        "max_cancelled": few,
        "scope": st.sampled_from(["operation", "region", "organizational_unit"]),
        "expected_results": st.integers(0, 12),
        "min_results": few,
        "max_unaccounted": few,
        "allow_empty": st.booleans(),
    },
)
some_evidence = st.fixed_dictionaries(
    {
        "all_rows_read": st.booleans(),
        "confirmed": st.booleans(),
        "settle_time_over": st.booleans(),
        "statuses_read": st.sampled_from([CLOSING_STATUSES, ALL]),
    }
)


@given(some_rows, some_rows, some_rules, some_evidence, st.sampled_from([None, 0, 1, 3]))
def test_once_there_is_enough_further_good_rows_change_no_decision(before, further, options, evidence, failed):
    rules = policy(options)
    assume(succeeded_rows_suffice(counts(before, rules), rules))
    good = [{**row, "status": "SUCCEEDED"} for row in further]

    def decision(given):
        about = operation(failed=failed)
        return evaluate(Evidence(about, counts(given, rules), **evidence), rules)

    assert decision(before + good).verdict == decision(before).verdict


def target(row):
    return row["account"], row["region"], row["organizational_unit_id"]


@given(some_rows, some_rules, some_evidence, st.data())
def test_a_good_target_that_turns_bad_never_opens_the_gate(before, options, evidence, data):
    # Not a good row of a target that is PENDING by another one: FAILED there is an answer, which max_failed may accept.
    otherwise = {target(row) for row in before if row["status"] != "SUCCEEDED"}
    good = [number for number, row in enumerate(before) if target(row) not in otherwise]
    assume(good)
    worse = list(before)
    one = data.draw(st.sampled_from(good))
    worse[one] = {**before[one], "status": data.draw(st.sampled_from(["FAILED", "CANCELLED", "RUNNING", "PENDING"]))}
    rules = policy(options)
    about = operation(failed=0)
    opened = evaluate(Evidence(about, counts(worse, rules), **evidence), rules).passed
    assert not opened or evaluate(Evidence(about, counts(before, rules), **evidence), rules).passed


@given(some_rows, some_rules, some_evidence, st.sampled_from(["FAILED", "CANCELLED"]), st.sampled_from([None, 0, 3]))
def test_a_further_bad_row_never_opens_a_gate_that_bad_rows_closed(before, options, evidence, status, failed):
    rules = policy(options)
    about = operation(failed=failed)
    closed = evaluate(Evidence(about, counts(before, rules), **evidence), rules)
    by_bad_rows = {"max_failed", "max_failed_percentage", "max_cancelled"}
    assume(any(one.rule in by_bad_rows for one in closed.violations))
    more = [*before, *rows(**{status: 1})]
    assert not evaluate(Evidence(about, counts(more, rules), **evidence), rules).passed


@given(some_rows, some_rules, some_evidence, st.sampled_from([None, 0, 1, 3]), st.sampled_from(["RUNNING", "QUEUED"]))
def test_no_evidence_opens_the_gate_before_the_end_or_with_rows_unaccounted_for(
    some, options, evidence, failed, at_work
):
    rules = policy(options)
    seen = counts(some, rules)
    early = evaluate(Evidence(operation(at_work, failed=failed), seen, **evidence), rules, fail_fast=True)
    assert not early.passed
    about = operation(failed=failed)
    if unaccounted(about, seen) > rules.max_unaccounted or (
        needs_confirmation(about, seen)
        and not (evidence["confirmed"] and (evidence["all_rows_read"] or evidence["statuses_read"] == ALL))
    ):
        assert not evaluate(Evidence(about, seen, **evidence), rules).passed
