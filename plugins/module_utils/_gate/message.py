# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""A decision in words, so that the message alone lets somebody act. Pure.

Callbacks and AWX show the beginning of a message: the verdict and its reason, the operation, the counts, the largest
cause and the beginning of the next step are in its first 900 characters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._rows.operations import TERMINAL
from .._rows.results import STATUSES
from .._text import first_of, one_line
from .model import Decision, Missing

_FIRST_NAMES = 3  # accounts and Regions of a cause
_COMMANDS_LIMIT = 600
_WHY_LIMIT = 260
_NAME_LIMIT = 36
_BEGINNING = 900  # characters that every callback and AWX show
_NEXT_LIMIT = 100  # of them for the beginning of the next step

Groups = Sequence[Mapping[str, Any]]


def message(
    decision: Decision,
    operation: Mapping[str, Any] | None,
    stack_set_name: str,
    groups: Groups = (),
    *,
    operation_id: str | None = None,
    account_names: Mapping[str, str] | None = None,
    console_url: str | None = None,
    retry_commands: Sequence[str] = (),
    no_targets: str | None = None,
    in_filter: bool = False,
) -> str:
    """What the gate decided about an operation (its fact; None: there is none), and why, and what to do.

    ``no_targets``: why what to retry is not known. ``in_filter``: by the filter, over rows that were at hand. There the
    stack set's name may be empty: not known.
    """
    names = account_names or {}
    about = [
        _about(operation, stack_set_name),
        _counted(decision) if operation else "",
        _unlisted(decision, operation_id, in_filter),
    ]
    step = _next_step(decision, operation, operation_id, retry_commands, no_targets, in_filter)
    largest = f"Largest cause: {_cause(groups[0], names, 90)}" if groups else ""
    verdict = f"Gate {decision.verdict}:"
    room = _BEGINNING - len(" ".join([verdict, "", *about, largest, step[:_NEXT_LIMIT]]))
    said = " ".join(filter(None, [f"{verdict} {_why(decision, room)}".rstrip(), *about, largest]))
    room = _BEGINNING - len(f"{said} {step[:_NEXT_LIMIT]}")
    console = f"In the console: {console_url}" if console_url and not decision.passed else ""
    return " ".join(filter(None, [said, _further(groups[1:], names, room), step, console]))


def way_out(missing: Missing, decision: Decision, operation_id: str | None, in_filter: bool = False) -> str:
    """How to come to know what is missing, or to do without it."""
    ways = _WAYS_OUT_OF_FILTER if in_filter else _WAYS_OUT
    named = f" with operation_id={one_line(operation_id, 130)}" if operation_id else ""
    return ways.get(missing.option or missing.what, _NO_WAY_OUT).format(
        again=f"run the task again{named}", named=named, unaccounted=decision.counts["unaccounted"]
    )


_WAYS_OUT = {
    "wait_timeout": "Raise wait_timeout, or {again}; it only reads.",
    "settle_timeout": "Raise settle_timeout (and have wait=true), or {again} later; it only reads.",
    "max_unaccounted": (
        "Raise settle_timeout, or {again} later. Where AWS's count and rows differ for good,"
        " max_unaccounted={unaccounted} accepts it, once you have looked at the operation in the console."
    ),
    "max_drifted": "Say with max_drifted how many may have drifted, or leave it out where no drift is measured.",
    "operation_id": "Give the operation_id of the one that is meant.",
    "rows": "Set whole_reading=true, or {again} later; it only reads.",
    "whole": "Give expected_results, how many rows there must be, or the result of operation_results_info.",
    "rows_operation": "Give rows with their operation: the result of operation_results_info, or gate(operation=...).",
    "error": "The message says what to do.",
    "interrupted": "To go on, {again}; it only reads.",
}
_ASK_THE_MODULE = "The module operation_gate{named} waits for that, and reads as often as it takes."
_WAYS_OUT_OF_FILTER = {
    **_WAYS_OUT,
    "rows": "Read all rows, without statuses, max_items and starting_token.",
    "wait_timeout": _ASK_THE_MODULE,
    "settle_timeout": _ASK_THE_MODULE,
    "max_unaccounted": (
        f"{_ASK_THE_MODULE} Where AWS's count and rows differ for good, max_unaccounted={{unaccounted}} accepts it,"
        " once you have looked at the operation in the console."
    ),
}
_NO_WAY_OUT = "Look at the operation in the console, and see whether a newer version of this collection knows it."


def _ended_by(decision: Decision, *what: str) -> str | None:
    """What ended the reading, if one of these did: ``error``, ``interrupted``."""
    return next((missing.message for missing in decision.missing if missing.what in what), None)


def _why(decision: Decision, room: int) -> str:
    if decision.passed:
        return f"{'; '.join(decision.tolerated)}." if decision.tolerated else ""
    about = [one_line(one.message, _WHY_LIMIT) for one in decision.violations]
    ended_by = _ended_by(decision, "error", "interrupted")
    if not ended_by:
        about = about or [one_line(one.message, _WHY_LIMIT) for one in decision.missing]
    why = " ".join(about[:2]) + (f" ({len(about) - 2} more in gate)" if len(about) > 2 else "")
    if not ended_by:
        return why
    # Whole where there is room, for its end says what to do; what else is missing follows from it.
    return f"{why} {one_line(ended_by, max(room - len(why), _WHY_LIMIT))}".strip()


def _about(operation: Mapping[str, Any] | None, stack_set_name: str) -> str:
    if not operation:
        return f"The stack set is {one_line(stack_set_name, 60)}." if stack_set_name else ""
    retained = ", which leaves the stacks themselves in place (RetainStacks)," if _retains(operation) else ""
    action, reason = operation.get("action"), operation.get("status_reason")
    of = f" of stack set {one_line(stack_set_name, 60)}" if stack_set_name else ""
    return (
        f"{f'{one_line(action, 20)} operation' if action else 'Operation'}"
        f" {one_line(operation.get('operation_id'), 130)}{of}{retained} is {one_line(operation.get('status'), 40)}"
        + (f", AWS says: {one_line(reason, 120).rstrip('.')}." if reason else ".")
    )


def _retains(operation: Mapping[str, Any]) -> bool:
    return operation.get("action") == "DELETE" and bool(operation.get("retain_stacks"))


def _counted(decision: Decision) -> str:
    counts = decision.counts
    by_status = counts["by_status"]
    shown = [
        f"{'' if name in decision.exact else 'at least '}{by_status[name]} {name}"
        for name in STATUSES
        if by_status[name] or (name == "FAILED" and name in decision.exact)
    ]
    shown += [f"{number} {one_line(name, 40)}" for name, number in by_status.items() if name not in STATUSES]
    ignored = f" ({counts['ignored']} FAILED ignored)" if counts["ignored"] else ""
    return f"Results{'' if counts['complete'] else ' read'}: {', '.join(shown)}{ignored}." if shown else ""


def _unlisted(decision: Decision, operation_id: str | None, in_filter: bool) -> str:
    """Where failures that AWS counts are not listed, and the gate is closed for good whatever they are."""
    counted, listed = decision.counts["failed_stack_instances_count"] or 0, decision.counts["by_status"]["FAILED"]
    if not decision.violations or listed >= counted or _ended_by(decision, "error"):
        return ""
    named = f" with operation_id={one_line(operation_id, 130)}" if operation_id else ""
    again = "read the operation again with operation_results_info" if in_filter else f"run the task again{named}"
    return (
        f"AWS counts {counted} failure{'s' if counted > 1 else ''}, {listed} {'is' if listed == 1 else 'are'} listed so"
        f" far: to see the rest, {again}."
    )


def _cause(group: Mapping[str, Any], names: Mapping[str, str], limit: int) -> str:
    reason = one_line(group["reason"], limit) or "no reason given"
    accounts = [
        f"{account} ({one_line(names[account], 20)})" if account in names else account for account in group["accounts"]
    ]
    several = f"{len(accounts)} accounts ({{}})"
    where = [_named("account {}", several, accounts), _named("Region {}", "Regions {}", group["regions"])]
    return f'{group["count"]} x "{reason}"{" in " if any(where) else ""}{", ".join(filter(None, where))}.'


def _named(one: str, several: str, names: Sequence[str]) -> str:
    """The names in the words for one or for several of them; empty for none."""
    shown = first_of(names, _FIRST_NAMES, _NAME_LIMIT)
    return (several if len(names) > 1 else one).format(shown) if names else ""


def _further(groups: Groups, names: Mapping[str, str], room: int) -> str:
    """Further causes as far as there is room for them, and how many more there are."""
    said = ""
    for number, group in enumerate(groups):
        left = f" {len(groups) - number} more in failure_groups."
        cause = f" Then: {_cause(group, names, 80)}"
        if len(said + cause + left) > room:
            return (said + left).strip()
        said += cause
    return said.strip()


def _next_step(
    decision: Decision,
    operation: Mapping[str, Any] | None,
    operation_id: str | None,
    retry_commands: Sequence[str],
    no_targets: str | None,
    in_filter: bool,
) -> str:
    if decision.passed or _ended_by(decision, "error"):
        return ""  # an error says itself what to do
    if decision.verdict == "inconclusive":
        ways = list(dict.fromkeys(way_out(missing, decision, operation_id, in_filter) for missing in decision.missing))
        return "Next: " + " ".join(ways[:2])
    rules = {violation.rule for violation in decision.violations}
    steps = []
    if rules & _BROKEN_BY_FAILURES:
        steps.append(_retry_step(decision, operation or {}, retry_commands, no_targets, in_filter))
    steps += [step for rule, step in _STEPS.items() if rule in rules]
    return "Next: " + " ".join(dict.fromkeys(steps))


_BROKEN_BY_FAILURES = frozenset({"accept_operation_statuses", "max_failed", "max_failed_percentage", "max_cancelled"})
_COMPARE_TARGETS = (
    "compare the results, which operation_results_info returns, with the accounts and Regions that you meant to reach."
    " Correct the operation's targets, or the number."
)
_STEPS = {
    "expected_results": _COMPARE_TARGETS,
    "min_results": _COMPARE_TARGETS,
    "allow_empty": (
        "check the operation's targets: its organizational units may be empty, or the ignore rules too wide. Set"
        " allow_empty=true only where no result is right."
    ),
    "max_drifted": (
        "look for the stack instances that drifted (aws cloudformation list-stack-instances --filters"
        " Name=DRIFT_STATUS,Values=DRIFTED), for results do not say which, and update them or raise max_drifted."
    ),
}


def _retry_step(
    decision: Decision,
    operation: Mapping[str, Any],
    retry_commands: Sequence[str],
    no_targets: str | None,
    in_filter: bool,
) -> str:
    status, counts = one_line(operation.get("status"), 40), decision.counts
    if operation.get("status") not in TERMINAL:
        return f"fix the cause. Retry what failed once the operation has ended: it is {status}."
    if not counts["failed"] and not counts["cancelled"]:
        return f"look in the console why the operation is {status}, fix that, and start it again."
    if operation.get("action") == "DETECT_DRIFT":
        return "fix the cause, then start the drift detection again: it takes no targets."
    if in_filter:
        return "fix the cause, then retry what failed: the filter retry_targets groups it."
    if no_targets:
        return f"fix the cause, then start the operation again. retry_targets is null: {no_targets}."
    if not retry_commands:
        return "fix the cause, then start the operation again for what is in retry_targets."
    commands = " ; ".join(retry_commands)
    if len(commands) <= _COMMANDS_LIMIT:
        return f"fix the cause, then retry only these: {commands} ."
    return "fix the cause, then retry only these with the commands in retry_commands."
