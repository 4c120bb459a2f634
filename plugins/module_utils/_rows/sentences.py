# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What AWS answered, in a sentence. Pure.

Names and reasons are foreign text, which is on one line and cut here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._text import count_of, one_line
from .types import TERMINAL_STATUSES

_NAME_LIMIT = 60
_ID_LIMIT = 130


def operation_clause(operation: Mapping[str, Any], stack_set_name: str) -> str:
    """``UPDATE operation op-1 of stack set org-baseline is SUCCEEDED``, without what is not known."""
    of = f" of stack set {one_line(stack_set_name, _NAME_LIMIT)}" if stack_set_name else ""
    retained = ", which retains the stacks (RetainStacks)," if _retains(operation) else ""
    named = _named(operation)
    return f"{named[0].upper()}{named[1:]}{of}{retained} is {one_line(operation.get('status'), 40)}"


def results_sentence(
    operation: Mapping[str, Any] | None, stack_set_name: str, summary: Mapping[str, Any], unread: Sequence[str] = ()
) -> str:
    """What was read: the operation, how many results, where, in which statuses, and what was not read.

    ``operation`` is None where the stack set has none; ``summary`` is a Tally's. A failure that AWS counts and does not
    list is said where FAILED results can be compared, which is where ``unread`` is empty.
    """
    if operation is None:
        return f"Stack set {one_line(stack_set_name, _NAME_LIMIT)} has no operations."
    ended = operation.get("status") in TERMINAL_STATUSES
    counted = (operation.get("status_details") or {}).get("failed_stack_instances_count") or 0
    notes = [*unread]
    if ended and not unread and counted > summary["by_status"]["FAILED"]:
        notes.append(f"AWS counts {count_of(counted, 'failed stack instance')}")
    found = "; ".join([f"{_results(summary)}{'' if ended else ' so far'}", *notes])
    return f"{operation_clause(operation, stack_set_name)}: {found}.{quoted_reason(operation)}"


def quoted_reason(operation: Mapping[str, Any]) -> str:
    """`` AWS says: Stack set was updated.``; empty where AWS gives no reason."""
    reason = operation.get("status_reason")
    return f" AWS says: {one_line(reason, 120).rstrip('.')}." if reason else ""


def in_places(accounts: int, regions: int) -> str:
    """`` in 3 accounts and 1 Region``; empty where neither is known."""
    known = [count_of(number, name) for number, name in ((accounts, "account"), (regions, "Region")) if number]
    return f" in {' and '.join(known)}" if known else ""


def operations_sentence(
    operations: Sequence[Mapping[str, Any]], stack_set_name: str, chosen: bool, truncated: bool
) -> str:
    """How many operations there are, newest first, and how the newest one stands.

    ``chosen``: of some actions or statuses alone; ``truncated``: a limit kept older ones back.
    """
    name = one_line(stack_set_name, _NAME_LIMIT)
    if not operations:
        return f"Stack set {name} has no {'matching operations' if chosen else 'operations'}."
    newest = f"the newest is {_named(operations[0])}, which is {one_line(operations[0].get('status'), 40)}"
    such = "matching " if chosen else ""
    more = "; max_items left older ones out" if truncated else ""
    return f"Stack set {name}: {count_of(len(operations), f'{such}operation')}; {newest}{more}."


def _named(operation: Mapping[str, Any]) -> str:
    action = operation.get("action")
    kind = f"{one_line(action, 20)} operation" if action else "operation"
    return f"{kind} {one_line(operation.get('operation_id'), _ID_LIMIT)}"


def _retains(operation: Mapping[str, Any]) -> bool:
    return operation.get("action") == "DELETE" and bool(operation.get("retain_stacks"))


def _results(summary: Mapping[str, Any]) -> str:
    """``120 results in 40 accounts and 3 Regions, 117 SUCCEEDED, 3 FAILED``."""
    if not summary["total"]:
        return "no results"
    where = in_places(summary["accounts"], summary["regions"])
    # In AWS's order, which is that of a result's life; statuses that AWS does not document come last.
    statuses = [f"{number:,} {one_line(name, 40)}" for name, number in summary["by_status"].items() if number]
    return ", ".join([f"{count_of(summary['total'], 'result')}{where}", *statuses])
