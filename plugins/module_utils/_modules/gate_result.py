# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What a gate returns to a playbook: the decision, and as much of the rows behind it as a callback can carry."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import Interrupted, OptionError, ReadError, StackSetsError, error_fact
from .._gate.fact import cut_text, decision_fact, rows_within
from .._gate.message import message
from .._gate.model import Decision, Missing, MissingKind, Verdict
from .._gate.remediation import console_url, retry_commands
from .._rows.results import failure_groups, retry_targets, target_of
from .._rows.types import TERMINAL_STATUSES, Operation, Row
from .._wait.evidence import EvidenceCollector
from .._wait.gate_request import GateRequest
from .._wait.waiter import OperationWaiter

# ansible-runner and AWX drop a result of over 700,000 characters. Rows, causes with their accounts (at most one for
# each row kept), targets to retry and the commands for them share those.
_ROWS_SIZE = 150_000
_RETRY_SIZE = 150_000
_MIN_SHARE = 3_000
_MAX_GROUPS = 20

_TOO_MANY_TARGETS = (
    "there are too many to return. The filter retry_targets returns them from the result of operation_results_info"
)
_POLLED = OptionError(
    "poll_only",
    "is for internal use only, and decides nothing",
    "Omit it.",
)


def gate_result(
    ending: Decision | ReadError | Interrupted,
    waiter: OperationWaiter,
    request: GateRequest,
    region: str | None,
    share: int = 1,
) -> dict[str, Any]:
    """The result of a gate by what ended it, with what the waiter knew by then: RETURN of operation_gate.

    ``share``: among how many such results the size of one is divided.
    """
    if isinstance(ending, Decision):
        return {**_result(ending, waiter, request, region, share), **_error_of_closed(ending)}
    what = MissingKind.ERROR if isinstance(ending, ReadError) else MissingKind.INTERRUPTED
    decision = waiter.interrupted_decision(Missing(what, str(ending)))
    return {**_result(decision, waiter, request, region, share), **ending.facts}


def was_interrupted(result: Mapping[str, Any]) -> bool:
    """Whether AWS, the connection or an interruption kept this gate from a decision."""
    return any(
        missing["what"] in (MissingKind.ERROR.value, MissingKind.INTERRUPTED.value)
        for missing in result["gate"]["missing"]
    )


def refusal_result(error: StackSetsError | Interrupted) -> dict[str, Any]:
    """The result of a gate that could not begin."""
    return {"msg": str(error), "gate": {"passed": False, "verdict": Verdict.INCONCLUSIVE.value}, **error.facts}


def poll_result(found: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a poll. It is a gate that is closed, so that no task ends well by having polled."""
    return {**refusal_result(_POLLED), **found}


def _error_of_closed(decision: Decision) -> dict[str, Any]:
    """``error`` of a gate that did not pass: its first reason."""
    if decision.passed:
        return {}
    code = "GateFailed" if decision.verdict is Verdict.FAILED else "GateInconclusive"
    reasons = [one.message for one in decision.violations] or [one.message for one in decision.missing]
    return error_fact(code, reasons[0])


def _result(
    decision: Decision, waiter: OperationWaiter, request: GateRequest, region: str | None, share: int
) -> dict[str, Any]:
    operation, collector, operation_id = waiter.operation, waiter.collector, waiter.operation_id
    rows = collector.unsuccessful
    groups = failure_groups(rows)
    no_targets = _no_targets(rows, decision, operation, collector)
    targets = None if no_targets else retry_targets(rows)
    commands = retry_commands(targets, operation or {}, request.stack_set.value, request.call_as, region)
    if len(json.dumps([targets, commands])) > _size(_RETRY_SIZE, share):
        targets, commands, no_targets = None, [], _TOO_MANY_TARGETS
    url = console_url(region, operation["stack_set_id"] if operation else None, operation_id)
    shown = list(rows_within(rows[: request.max_reported], _size(_ROWS_SIZE, share)))
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
        "gate": decision_fact(decision, collector.ignored, operation_id),
        "operation": operation,
        "unsuccessful": shown,
        "truncated": len(shown) < len(rows) or not collector.complete,
        "failure_groups": [
            {name: value for name, value in {**group, "reason": cut_text(group["reason"])}.items() if name != "sample"}
            for group in groups[:_MAX_GROUPS]
        ],
        "retry_targets": targets,
        "retry_commands": commands,
        "newer_operations": waiter.newer_operations,
        "console_url": url,
        "progress": waiter.progress,
        "calls": waiter.calls,
    }


def _size(size: int, share: int) -> int:
    # A few rows, and what to do about a handful of targets, in any case.
    return max(size // share, min(size, _MIN_SHARE))


def _no_targets(
    rows: Sequence[Row], decision: Decision, operation: Operation | None, collector: EvidenceCollector
) -> str | None:
    """Why what to retry is not known; None where it is."""
    if not operation or operation["status"] not in TERMINAL_STATUSES:
        return "the operation has not ended"
    unnamed = sum(target_of(row) is None for row in rows)
    if unnamed:
        return f"{unnamed:,} of these results {'has' if unnamed == 1 else 'have'} no account or no Region"
    if not collector.complete:
        return _TOO_MANY_TARGETS if collector.row_limit_reached else "not all results were read"
    if decision.counts["unaccounted"]:
        return "some results are not listed yet, or have not ended"
    return None if decision.counts["total"] else "no result was read"
