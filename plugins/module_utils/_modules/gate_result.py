# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What a gate returns to a playbook: the decision, and as much of the rows behind it as a callback can carry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._backoff import Interrupted
from .._errors import (
    OptionError,
    ReadError,
    StackSetsError,
    error_fact,
)
from .._gate.message import message, way_out
from .._gate.model import Decision, Missing
from .._gate.remediation import console_url, retry_commands
from .._rows.operations import TERMINAL, operation_fact
from .._rows.results import (
    failure_groups,
    retry_targets,
    target_of,
)
from .._validation import GateRequest
from .._wait.evidence import Look
from .._wait.waiter import Wait

# ansible-runner and AWX drop a result of over 700,000 characters. Rows, causes with their accounts (at most one for
# each row kept), targets to retry and the commands for them share those.
_ROWS_SIZE = 150_000
_RETRY_SIZE = 150_000
_LEAST_SHARE = 3_000
_REASON_LIMIT = 500
_MOST_GROUPS = 20
_MOST_IGNORED = 100
_IGNORED_SIZE = 50_000
_MOST_VIOLATIONS = 200

_TOO_MANY_TARGETS = (
    "there are too many to return here, and the filter retry_targets gives them of what operation_results_info returns"
)
_POLLED = OptionError(
    "poll_only",
    "looks once whether the operation has ended, and decides nothing",
    "Leave it out: it is for the action plugin of operation_gate alone.",
)


def concluded(
    ending: Decision | BaseException, wait: Wait, request: GateRequest, region: str | None, share: int = 1
) -> dict[str, Any]:
    """The result of a gate by what ended it: a Decision, or a ReadError or Interrupted, with what it knew by then.

    ``share``: among how many such results the room is divided.
    """
    if isinstance(ending, Decision):
        return {**decided(ending, wait, request, region, share), **_why_closed(ending)}
    what = "error" if isinstance(ending, ReadError) else "interrupted"
    return {**decided(wait.undecided(Missing(what, str(ending))), wait, request, region, share), **ending.facts}


def _why_closed(decision: Decision) -> dict[str, Any]:
    """``error`` of a gate that did not pass: its first reason."""
    reasons = (*decision.violations, *decision.missing)
    code = {"failed": "GateFailed", "inconclusive": "GateInconclusive"}.get(decision.verdict)
    return error_fact(code, reasons[0].message) if code else {}


def ended_early(result: Mapping[str, Any]) -> bool:
    """Whether AWS, the connection or an interruption kept this gate from a decision."""
    return any(missing["what"] in ("error", "interrupted") for missing in result["gate"]["missing"])


def refused(error: StackSetsError | Interrupted) -> dict[str, Any]:
    """The result of a gate that could not begin."""
    return {"msg": str(error), "gate": {"passed": False, "verdict": "inconclusive"}, **error.facts}


def polled(found: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a poll. It is a gate that is closed, so that no task ends well by having polled."""
    return {**refused(_POLLED), **found}


def decision_fact(
    decision: Decision, ignored: Sequence[Mapping[str, Any]], operation_id: str | None, in_filter: bool = False
) -> dict[str, Any]:
    """A decision as playbooks see it: RETURN of operation_gate, ``gate``."""
    fact = decision.fact()
    for entry, missing in zip(fact["missing"], decision.missing, strict=True):
        entry["way_out"] = way_out(missing, decision, operation_id, in_filter)
    violations = fact["violations"][:_MOST_VIOLATIONS]
    return {**fact, "violations": violations, "ignored": list(_within(ignored[:_MOST_IGNORED], _IGNORED_SIZE))}


def decided(decision: Decision, wait: Wait, request: GateRequest, region: str | None, share: int = 1) -> dict[str, Any]:
    """The result of a gate that came to a decision; ``share``: among how many such the room is divided."""
    operation, look = operation_fact(wait.operation), wait.look
    operation_id = wait.operation_id
    rows = look.unsuccessful
    groups = failure_groups(rows)
    no_targets = _no_targets(rows, decision, operation, look)
    targets = None if no_targets else retry_targets(rows)
    commands = retry_commands(targets, operation or {}, request.stack_set.value, request.call_as, region)
    if len(json.dumps([targets, commands])) > _share(_RETRY_SIZE, share):
        targets, commands, no_targets = None, [], _TOO_MANY_TARGETS
    url = console_url(region, (operation or {}).get("stack_set_id"), operation_id)
    shown = list(_within(rows[: request.max_reported], _share(_ROWS_SIZE, share)))
    if request.account_names:
        shown = [{**row, "account_name": request.account_names.get(row["account"])} for row in shown]
    return {
        "msg": message(
            decision,
            operation,
            request.stack_set.value,
            groups,
            operation_id=operation_id,
            account_names=request.account_names,
            console_url=url,
            retry_commands=commands,
            no_targets=no_targets,
        ),
        "gate": decision_fact(decision, look.ignored, operation_id),
        "operation": operation,
        "unsuccessful": shown,
        "truncated": len(shown) < len(rows) or not look.complete,
        "failure_groups": [
            {**group, "reason": _cut_text(group["reason"]), "sample": _cut(group["sample"])}
            for group in groups[:_MOST_GROUPS]
        ],
        "retry_targets": targets,
        "retry_commands": commands,
        "newer_operations": wait.newer,
        "console_url": url,
        "progress": wait.progress,
        "calls": wait.calls,
    }


def _share(size: int, share: int) -> int:
    # A few rows, and what to do about a handful of targets, in any case.
    return max(size // share, min(size, _LEAST_SHARE))


def _no_targets(
    rows: list[dict[str, Any]], decision: Decision, operation: Mapping[str, Any] | None, look: Look
) -> str | None:
    """Why what to retry is not known; None where it is."""
    if (operation or {}).get("status") not in TERMINAL:
        return "the operation has not ended"
    unnamed = sum(target_of(row) is None for row in rows)
    if unnamed:
        return f"{unnamed} of these results name{'s' if unnamed == 1 else ''} no account or no Region"
    if not look.complete:
        return _TOO_MANY_TARGETS if look.full else "not all results were read"
    if decision.counts["unaccounted"]:
        return "some results are not listed yet, or not at their end"
    return None if decision.counts["total"] else "no result was read"


def _within(rows: Iterable[Mapping[str, Any]], size: int) -> Iterable[dict[str, Any]]:
    for row in rows:
        fact = _cut(row)
        size -= len(json.dumps(fact))
        if size < 0:
            return
        yield fact


def _cut(row: Mapping[str, Any]) -> dict[str, Any]:
    gate = row["account_gate_result"]
    return {
        **row,
        "status_reason": _cut_text(row["status_reason"]),
        "account_gate_result": {**gate, "status_reason": _cut_text(gate["status_reason"])},
    }


def _cut_text(text: str | None) -> str | None:
    return text if text is None or len(text) <= _REASON_LIMIT else text[: _REASON_LIMIT - 3] + "..."
