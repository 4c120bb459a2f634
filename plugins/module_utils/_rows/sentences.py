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

from .._text import one_line
from .types import TERMINAL_STATUSES

_NAME_LIMIT = 60
_ID_LIMIT = 130


def operation_clause(operation: Mapping[str, Any], stack_set_name: str) -> str:
    """``UPDATE operation op-1 of stack set org-baseline is SUCCEEDED``, without what is not known."""
    of = f" of stack set {one_line(stack_set_name, _NAME_LIMIT)}" if stack_set_name else ""
    retained = ", which leaves the stacks themselves in place (RetainStacks)," if _retains(operation) else ""
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
        notes.append(f"AWS counts {_so_many(counted, 'failed stack instance')}")
    found = "; ".join([f"{_results(summary)}{'' if ended else ' so far'}", *notes])
    reason = operation.get("status_reason")
    says = f" AWS says: {one_line(reason, 120).rstrip('.')}." if reason else ""
    return f"{operation_clause(operation, stack_set_name)}: {found}.{says}"


def operations_sentence(
    operations: Sequence[Mapping[str, Any]], stack_set_name: str, chosen: bool, truncated: bool
) -> str:
    """How many operations there are, newest first, and how the newest one stands.

    ``chosen``: of some actions or statuses alone; ``truncated``: a limit kept older ones back.
    """
    name = one_line(stack_set_name, _NAME_LIMIT)
    if not operations:
        return f"Stack set {name} has no {'such operations' if chosen else 'operations'}."
    newest = f"the newest is {_named(operations[0])}, which is {one_line(operations[0].get('status'), 40)}"
    such = "such " if chosen else ""
    more = "; max_items left older ones out" if truncated else ""
    return f"Stack set {name}: {_so_many(len(operations), f'{such}operation')}; {newest}{more}."


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
    places = [
        _so_many(number, name)
        for number, name in ((summary["accounts"], "account"), (summary["regions"], "Region"))
        if number
    ]
    where = f" in {' and '.join(places)}" if places else ""
    # In AWS's order, which is that of a result's life; statuses that AWS does not document come last.
    statuses = [f"{number} {one_line(name, 40)}" for name, number in summary["by_status"].items() if number]
    return ", ".join([f"{_so_many(summary['total'], 'result')}{where}", *statuses])


def _so_many(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"
