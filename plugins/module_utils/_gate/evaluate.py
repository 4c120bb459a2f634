# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Evidence and a policy give a decision. Pure, and closed where it cannot know.

A broken rule is a *violation*. Some are definite, for no further row can undo them (a failed row stays failed); others,
such as too few results, are provisional: rows that AWS has not listed yet may undo them, and they count only once the
listing has settled. What stands between the evidence and a pass, and is no violation, is *missing*.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from .._rows.results import NONE
from .._rows.types import (
    ACTIONS,
    IGNORED,
    OPERATION_STATUSES,
    ROW_STATUSES,
    TERMINAL_STATUSES,
    UNFINISHED_STATUSES,
    UNSUCCESSFUL_STATUSES,
)
from .._text import one_line
from .counts import (
    distinct_targets,
    failed_count,
    failed_row_count,
    gate_counts,
    needs_confirmation,
    unaccounted,
    unfinished_row_count,
    unnamed_failures,
)
from .model import Counts, Decision, Evidence, Missing, MissingKind, Rule, Verdict, Violation
from .policy import Policy

# What must have been read to its end: every row that can close the gate.
CLOSING_STATUSES = frozenset({*UNFINISHED_STATUSES, *UNSUCCESSFUL_STATUSES})

# Rules whose violation the FAILED rows explain. AWS counts those alone, so no other row is waited for.
_EXPLAINED_BY_FAILURES = (Rule.ACCEPT_OPERATION_STATUSES, Rule.MAX_FAILED, Rule.MAX_CANCELLED)


def evaluate(evidence: Evidence, policy: Policy, fail_fast: bool = False) -> Decision:
    """The decision on this evidence. With ``fail_fast`` an operation at work can fail, never pass."""
    operation = evidence.operation or {}
    status = operation.get("status")
    ended = status in TERMINAL_STATUSES
    exact = frozenset() if not ended else frozenset(ROW_STATUSES) if evidence.all_rows_read else evidence.statuses_read
    violations: list[Violation] = []
    missing = list(evidence.missing)
    if not ended:
        missing += _not_ended(status) if not missing else []
        if fail_fast:
            violations += definite_violations(evidence.counts, policy, exact)
    else:
        if status not in policy.accept_operation_statuses:
            violations.append(_status_not_accepted(operation, policy))
        violations += definite_violations(evidence.counts, policy, exact)
        violations += _drift(operation, policy, missing)
        missing += _unsettled(evidence, policy)
        missing += _unread(evidence, policy) if not missing else []
        provisional = list(_provisional_violations(evidence, policy))
        final = [] if missing else [violation for violation in provisional if _is_final(violation, evidence)]
        violations += final
        if len(final) < len(provisional):
            missing.append(_may_be_fixed([violation for violation in provisional if violation not in final]))
        elif not evidence.counts["total"] and not evidence.settle_time_over:
            # The listing of an operation that has just ended is often empty for a while.
            message = "There are no results yet, and settle_timeout has not expired."
            missing.append(Missing(MissingKind.SETTLED, message, "settle_timeout"))
    verdict = Verdict.FAILED if violations else Verdict.INCONCLUSIVE if missing else Verdict.PASSED
    counts = gate_counts(evidence)
    tolerated = tuple(_tolerated(operation, counts, policy)) if verdict is Verdict.PASSED else ()
    return Decision(verdict, tuple(violations), tuple(missing), counts, exact, tolerated)


def definite_violations(counts: Counts, policy: Policy, exact: Collection[str] = ROW_STATUSES) -> list[Violation]:
    """Violations that no further row can undo; of a status that is not ``exact`` there may be more rows."""
    found = []
    for rule, status, limit in (
        (Rule.MAX_FAILED, "FAILED", policy.max_failed),
        (Rule.MAX_CANCELLED, "CANCELLED", policy.max_cancelled),
    ):
        for group, by_status in _counts_by_scope(counts, policy).items():
            actual = by_status[status]
            if limit is not None and actual > limit:
                least = "" if status in exact else "at least "
                message = f"{least}{actual:,} {status}{_where(policy, group)}, and {rule.value} is {limit}."
                found.append(Violation(rule, policy.scope, group, limit, actual, message))
    expected, total = policy.expected_results, counts["total"]
    if expected is not None and total > expected:
        least = "" if set(ROW_STATUSES) <= set(exact) else "at least "
        message = f"{least}{total:,} results, and expected_results is {expected}."
        found.append(Violation(Rule.EXPECTED_RESULTS, "operation", None, expected, total, message))
    return found


def succeeded_rows_suffice(counts: Counts, policy: Policy) -> bool:
    """Whether further SUCCEEDED rows could change nothing: all that they can do for a rule is done."""
    return (
        counts["total"] > 0
        and distinct_targets(counts) >= (policy.min_results or 0)
        and (policy.expected_results is None or counts["total"] > policy.expected_results)
        and (policy.allow_empty or counts["total"] > counts["by_status"].get(IGNORED, 0))
        and not any(True for _violation in _over_percentage(counts, policy))
    )


def is_explained(violations: Iterable[Violation], evidence: Evidence, policy: Policy) -> bool:
    """Whether the rows show why a gate is closed, so that its answer need not wait for them; the operation has ended.

    They do where every failure that AWS counts is listed, but for those that ``max_unaccounted`` accepts, or, where
    AWS gives no count, where two readings agree; and where no row is still PENDING or RUNNING.
    """
    if not any(violation.rule in _EXPLAINED_BY_FAILURES for violation in violations):
        return True
    operation = evidence.operation or {}
    if unfinished_row_count(evidence.counts):
        return False
    counted, listed = failed_count(operation), failed_row_count(evidence.counts)
    if counted is None or (operation.get("status") == "FAILED" and counted == listed == 0):
        return evidence.confirmed
    return listed >= counted - policy.max_unaccounted


def _counts_by_scope(counts: Counts, policy: Policy) -> dict[str | None, Mapping[str, int]]:
    return {None: counts["by_status"]} if policy.scope == "operation" else counts[f"by_{policy.scope}"]


def _where(policy: Policy, group: str | None) -> str:
    if group is None:
        return ""
    of_region = policy.scope == "region"
    if group == NONE:
        return " without a Region" if of_region else " without an organizational unit"
    return f" in {one_line(group, 80)}" if of_region else f" in organizational unit {one_line(group, 80)}"


def _over_percentage(counts: Counts, policy: Policy) -> Iterator[Violation]:
    limit = policy.max_failed_percentage
    if limit is None:
        return
    unnamed = _counts_by_scope(counts["unnamed"], policy)
    for group, by_status in _counts_by_scope(counts, policy).items():
        failed = by_status["FAILED"]
        of = failed + by_status["SUCCEEDED"] - unnamed.get(group, {}).get("SUCCEEDED", 0)
        if failed * 100 > limit * of:
            actual = round(failed * 100 / of, 2)
            message = (
                f"{failed:,} of {of:,} FAILED{_where(policy, group)}, {actual:g} percent, and max_failed_percentage is"
                f" {float(limit):g}."
            )
            yield Violation(Rule.MAX_FAILED_PERCENTAGE, policy.scope, group, float(limit), actual, message)


def _provisional_violations(evidence: Evidence, policy: Policy) -> Iterator[Violation]:
    counts = evidence.counts
    total, ignored = counts["total"], counts["by_status"].get(IGNORED, 0)
    yield from _over_percentage(counts, policy)
    named = distinct_targets(counts)
    beside = f" with an account and a Region ({total - named:,} without)" if named < total else ""
    for rule, limit in ((Rule.MIN_RESULTS, policy.min_results), (Rule.EXPECTED_RESULTS, policy.expected_results)):
        if limit is not None and named < limit:
            message = f"{named:,} results{beside}, and {rule.value} is {limit}."
            yield Violation(rule, "operation", None, limit, named, message)
    if total == ignored and not policy.allow_empty:
        what = f"All {total:,} results are ignored" if total else "The operation has no results"
        message = f"{what}, and allow_empty is false."
        yield Violation(Rule.ALLOW_EMPTY, "operation", None, False, total, message)


def _is_final(violation: Violation, evidence: Evidence) -> bool:
    """Whether rows that AWS has not listed yet are no longer to be expected.

    Where rows are known to lack the time to settle is used up: two readings that agree may both be short.
    """
    confirmed = evidence.confirmed and violation.rule is Rule.MAX_FAILED_PERCENTAGE
    return evidence.complete and (evidence.settle_time_over or confirmed)


def _not_ended(status: Any) -> Iterator[Missing]:
    if status in OPERATION_STATUSES:
        yield Missing(MissingKind.OPERATION, f"The operation has not ended: it is {status}.", "wait_timeout")
    else:
        message = f"The operation's status is {one_line(status, 40)}, which this version does not know."
        yield Missing(MissingKind.OPERATION_STATUS, message)


def _status_not_accepted(operation: Mapping[str, Any], policy: Policy) -> Violation:
    status, accepted = operation["status"], list(policy.accept_operation_statuses)
    message = f"The operation is {status}, and accept_operation_statuses is {', '.join(accepted)}."
    return Violation(Rule.ACCEPT_OPERATION_STATUSES, "operation", None, accepted, status, message)


def _drift(operation: Mapping[str, Any], policy: Policy, missing: list[Missing]) -> Iterator[Violation]:
    action, limit = operation.get("action"), policy.max_drifted
    if action not in ACTIONS:
        message = f"The operation's action is {one_line(action, 40)}, which this version does not know."
        missing.append(Missing(MissingKind.ACTION, message))
    elif action != "DETECT_DRIFT":
        if limit is not None:
            message = f"max_drifted is set, but a {action} operation does not detect drift."
            missing.append(Missing(MissingKind.DRIFT, message, "max_drifted"))
    elif limit is None:
        message = "A DETECT_DRIFT operation succeeds even if stack instances drifted, and max_drifted is not set."
        missing.append(Missing(MissingKind.DRIFT, message, "max_drifted"))
    else:
        details = operation.get("stack_set_drift_detection_details") or {}
        drifted, at_work = (
            details.get("drifted_stack_instances_count"),
            details.get("in_progress_stack_instances_count"),
        )
        if drifted is not None and drifted > limit:
            message = f"{drifted:,} stack instances drifted, and max_drifted is {limit}."
            yield Violation(Rule.MAX_DRIFTED, "operation", None, limit, drifted, message)
        elif drifted is None:
            missing.append(
                Missing(MissingKind.DRIFT, "AWS does not report how many stack instances drifted.", "settle_timeout")
            )
        elif at_work:
            message = f"AWS is still detecting the drift of {at_work:,} stack instances."
            missing.append(Missing(MissingKind.DRIFT, message, "settle_timeout"))


def _unread(evidence: Evidence, policy: Policy) -> Iterator[Missing]:
    needed = CLOSING_STATUSES if policy.expected_results is None else frozenset(ROW_STATUSES)
    if not evidence.all_rows_read and not evidence.statuses_read >= needed:
        unread = ", ".join(status for status in ROW_STATUSES if status in needed - evidence.statuses_read)
        yield Missing(MissingKind.ROWS, f"Not all results were read: some that are {unread} may be missing.")


def _unsettled(evidence: Evidence, policy: Policy) -> Iterator[Missing]:
    operation, by_status = evidence.operation or {}, evidence.counts["by_status"]
    unknown = [status for status in by_status if status not in (*ROW_STATUSES, IGNORED)]
    if unknown:
        statuses = ", ".join(one_line(status, 40) for status in unknown)
        message = f"Results have a status that this version does not know: {statuses}."
        yield Missing(MissingKind.ROW_STATUS, message, "settle_timeout")
    lacking = unaccounted(operation, evidence.counts)
    accepted = policy.max_unaccounted if evidence.settle_time_over else 0
    if lacking > accepted:
        yield Missing(
            MissingKind.UNACCOUNTED, _unaccounted_message(operation, evidence.counts, lacking), "max_unaccounted"
        )
    if needs_confirmation(operation, evidence.counts) and not (evidence.confirmed and evidence.complete):
        why = (
            "there are no results"
            if not evidence.counts["total"]
            else f"the operation is {operation.get('status')}"
            if operation.get("status") != "SUCCEEDED"
            else "AWS returns no count of failures"
        )
        message = f"Two complete readings must agree because {why}. None have agreed yet."
        yield Missing(MissingKind.SETTLED, message, "settle_timeout")
    elif unnamed_failures(evidence.counts) and not evidence.confirmed:
        message = "A failed result has no account or no Region, and no second reading confirmed it."
        yield Missing(MissingKind.SETTLED, message, "settle_timeout")
    if operation.get("status") != "SUCCEEDED" and not evidence.all_rows_read:
        yield Missing(
            MissingKind.ROWS, f"The operation is {operation.get('status')}, and not all of its results were read."
        )


def _unaccounted_message(operation: Mapping[str, Any], counts: Counts, lacking: int) -> str:
    by_status = counts["by_status"]
    parts = [f"{by_status[status]:,} {status}" for status in UNFINISHED_STATUSES if by_status[status]]
    rows = f"results that have not ended ({', '.join(parts)})" if parts else ""
    failed, count = failed_row_count(counts), failed_count(operation)
    counted = f"AWS counts {count:,} failed stack instances and lists {failed:,}" if (count or 0) > failed else ""
    return f"{lacking:,} unaccounted for: {'; '.join(part for part in (counted, rows) if part)}."


def _may_be_fixed(violations: list[Violation]) -> Missing:
    messages = " ".join(violation.message for violation in violations)
    return Missing(
        MissingKind.SETTLED, f"Results that AWS has not listed yet may fix this: {messages}", "settle_timeout"
    )


def _tolerated(operation: Mapping[str, Any], counts: Mapping[str, Any], policy: Policy) -> Iterator[str]:
    """What a pass rests on beside results that succeeded: each with the option that accepts it."""
    each = {"region": " in each Region", "organizational_unit": " in each organizational unit"}.get(policy.scope, "")
    if operation["status"] != "SUCCEEDED":
        yield f"the operation is {operation['status']}, which accept_operation_statuses accepts"
    if counts["failed"]:
        limits = [] if policy.max_failed is None else [f"max_failed={policy.max_failed}"]
        if policy.max_failed_percentage is not None:
            limits.append(f"max_failed_percentage={float(policy.max_failed_percentage):g}")
        yield f"{counts['failed']:,} FAILED, within {' and '.join(limits)}{each}"
    if counts["ignored"]:
        given = {"ignore_accounts": policy.ignore_accounts, "ignore_reasons": policy.ignore_reasons}
        yield f"{counts['ignored']:,} FAILED, ignored by {' and '.join(name for name, value in given.items() if value)}"
    if counts["cancelled"]:
        yield f"{counts['cancelled']:,} CANCELLED, within max_cancelled={policy.max_cancelled}{each}"
    if counts["unaccounted"]:
        yield f"{counts['unaccounted']:,} unaccounted for, within max_unaccounted={policy.max_unaccounted}"
    drifted = (operation.get("stack_set_drift_detection_details") or {}).get("drifted_stack_instances_count")
    if drifted and policy.max_drifted is not None:
        yield f"{drifted:,} stack instances drifted, within max_drifted={policy.max_drifted}"
    if not counts["total"]:
        yield "there are no results, which allow_empty accepts"
