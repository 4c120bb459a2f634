# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""A decision in words, so that the message alone lets somebody act. Pure.

Callbacks and AWX show the beginning of a message: verdict, the operation and its reason, counts, the largest cause
and the next step are in its first 900 characters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.stackgate.stacksets.plugins.module_utils._decision import Decision, Missing
from ansible_collections.stackgate.stacksets.plugins.module_utils._results import STATUSES
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import first_of, one_line

_FIRST_NAMES = 3  # accounts and Regions of the largest cause
_FURTHER_GROUPS = 4
_FURTHER_NAMES = 10
_COMMAND_LIMIT = 250
_WHY_LIMIT = 260
_NAME_LIMIT = 36
_BEGINNING = 900  # characters that every callback and AWX show

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
    in_filter: bool = False,
) -> str:
    """What the gate decided about an operation (its fact; None: there is none), and why, and what to do.

    ``in_filter``: by the filter, over rows that were at hand. There the stack set's name may be empty: not known.
    """
    names = account_names or {}
    beginning = [
        _about(operation, stack_set_name),
        _counted(decision) if operation else "",
        _largest(groups[0], names) if groups else "",
        _next_step(decision, operation, operation_id, retry_commands, in_filter),
    ]
    verdict = f"Gate {decision.verdict}:"
    room = _BEGINNING - len(" ".join([verdict, "", *beginning]))
    parts = [
        f"{verdict} {_why(decision, room)}".rstrip(),
        *beginning,
        *(_further(group, names) for group in groups[1 : 1 + _FURTHER_GROUPS]),
        f"In the console: {console_url}" if console_url and not decision.passed else "",
    ]
    return " ".join(part for part in parts if part)


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
        "Raise settle_timeout, or {again} later; where AWS's count and rows differ for good,"
        " max_unaccounted={unaccounted} accepts it."
    ),
    "max_drifted": "Say with max_drifted how many may have drifted, or leave it out where no drift is measured.",
    "operation_id": "Give the operation_id of the one that is meant.",
    "rows": "Set whole_reading=true, or {again} later; it only reads.",
    "whole": "Give expected_results, how many rows there must be, or the result of operation_results_info.",
    "rows_operation": "Give rows with their operation: the result of operation_results_info, or gate(operation=...).",
    "error": "Mend what the message says, and {again}; it only reads.",
    "interrupted": "To go on, {again}; it only reads.",
}
_ASK_THE_MODULE = "The module operation_gate{named} waits for that, and reads as often as it takes."
_WAYS_OUT_OF_FILTER = {
    **_WAYS_OUT,
    "rows": "Read all rows, without statuses, max_items and starting_token.",
    "wait_timeout": _ASK_THE_MODULE,
    "settle_timeout": _ASK_THE_MODULE,
    "max_unaccounted": (
        f"{_ASK_THE_MODULE} Where AWS's count and rows differ for good, max_unaccounted={{unaccounted}} accepts it."
    ),
}
_NO_WAY_OUT = "Look at the operation in the console, and see whether a newer version of this collection knows it."


def _why(decision: Decision, room: int) -> str:
    error = next((missing.message for missing in decision.missing if missing.what == "error"), None)
    if error:
        # Whole where there is room, for its end says what to do; what else is missing follows from it.
        return one_line(error, max(room, _WHY_LIMIT))
    about = [one_line(one.message, _WHY_LIMIT) for one in decision.violations or decision.missing]
    further = f" ({len(about) - 2} more in gate)" if len(about) > 2 else ""
    return " ".join(about[:2]) + further


def _about(operation: Mapping[str, Any] | None, stack_set_name: str) -> str:
    if not operation:
        return f"The stack set is {one_line(stack_set_name, 60)}." if stack_set_name else ""
    retained = ", which leaves the stacks themselves in place (RetainStacks)," if _retains(operation) else ""
    reason = operation.get("status_reason")
    of = f" of stack set {one_line(stack_set_name, 60)}" if stack_set_name else ""
    return (
        f"{one_line(operation.get('action'), 20)} operation {one_line(operation.get('operation_id'), 130)}{of}"
        f"{retained} is {one_line(operation.get('status'), 40)}"
        + (f", AWS says: {one_line(reason, 120).rstrip('.')}." if reason else ".")
    )


def _retains(operation: Mapping[str, Any]) -> bool:
    return operation.get("action") == "DELETE" and bool(operation.get("retain_stacks"))


def _counted(decision: Decision) -> str:
    counts = decision.counts
    by_status = counts["by_status"]
    shown = [f"{by_status[name]} {name}" for name in STATUSES if by_status[name] or name == "FAILED"]
    shown += [f"{number} {one_line(name, 40)}" for name, number in by_status.items() if name not in STATUSES]
    ignored = f" ({counts['ignored']} FAILED ignored)" if counts["ignored"] else ""
    return f"{'Results' if counts['complete'] else 'Results read'}: {', '.join(shown)}{ignored}."


def _largest(group: Mapping[str, Any], names: Mapping[str, str]) -> str:
    return f"Largest cause: {_group(group, names, _FIRST_NAMES, 110)}"


def _further(group: Mapping[str, Any], names: Mapping[str, str]) -> str:
    return f"Then: {_group(group, names, _FURTHER_NAMES, 300)}"


def _group(group: Mapping[str, Any], names: Mapping[str, str], most: int, limit: int) -> str:
    accounts = [
        f"{account} ({one_line(names[account], 20)})" if account in names else account for account in group["accounts"]
    ]
    reason = one_line(group["reason"], limit) or "no reason given"
    where = (first_of(names, most, _NAME_LIMIT) for names in (accounts, group["regions"]))
    return f'{group["count"]} x "{reason}" in {", ".join(where)}.'


def _next_step(
    decision: Decision,
    operation: Mapping[str, Any] | None,
    operation_id: str | None,
    retry_commands: Sequence[str],
    in_filter: bool,
) -> str:
    if decision.passed:
        return ""
    if decision.verdict == "inconclusive":
        ways = list(dict.fromkeys(way_out(missing, decision, operation_id, in_filter) for missing in decision.missing))
        return "Next: " + " ".join(ways[:2])
    if not operation or not (decision.counts["failed"] or decision.counts["cancelled"]):
        return "Next: look at the operation in the console, or change the option named, knowingly."
    if not retry_commands:
        what = "what is FAILED or CANCELLED" if in_filter else "the rows in unsuccessful"
        return f"Next: mend the cause and start the operation anew for {what}."
    if len(retry_commands) == 1 and len(retry_commands[0]) <= _COMMAND_LIMIT:
        return f"Next: mend the cause, then retry only these: {retry_commands[0]} ."
    return "Next: mend the cause, then retry only these with the commands in retry_commands."
