# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""One poll of the controller's, which shows progress: whether an operation has ended. It decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._api.client import StackSetClient
from .._api.deadline import Deadline
from .._errors import ReadError
from .._gate.counts import failed_count
from .._gate.evaluate import definite_violations
from .._gate.policy import Policy
from .._rows.types import TERMINAL_STATUSES, OperationSummary
from .evidence import EvidenceCollector, may_have_failed
from .gate_request import GateRequest
from .latest import created_between, latest_creation_bound


def poll_once(
    stack_set: StackSetClient, request: GateRequest, policy: Policy, elapsed: Callable[[], float]
) -> dict[str, Any]:
    """Whether the operation has ended; nothing is kept.

    ``poll_again``: it has not, nor is there anything else to decide now, or an error passes by itself. ``problem`` is
    that error in a word or two; with ``poll_again_if_reached`` it passes if AWS answered an earlier poll.
    ``created_before``: the upper limit for the creation of the operation that ``latest`` means, once that is found and
    AWS tells its time.
    """
    stack_set.deadline = Deadline(request.reading_timeout, elapsed, lambda: request.wait_timeout - elapsed())
    try:
        found = _poll(stack_set, request, policy)
    except ReadError as error:
        found = {
            "poll_again": error.is_transient(False),
            "poll_again_if_reached": error.is_transient(True),
            "problem": error.brief,
        }
    return {**found, "calls": stack_set.calls}


def _poll(stack_set: StackSetClient, request: GateRequest, policy: Policy) -> dict[str, Any]:
    operation_id, before = request.operation_id, request.created_before
    operation: OperationSummary
    if operation_id or request.created_after is None:
        operation = stack_set.describe_operation(operation_id or "")
    else:
        qualified = created_between(stack_set.list_operations(), request.created_after, before)
        if len(qualified) != 1:
            return {"poll_again": not qualified}
        operation = qualified[0]
        operation_id, before = operation["operation_id"], before or latest_creation_bound(stack_set.aws_time)
    at_work = operation["status"] not in TERMINAL_STATUSES
    if at_work and request.fail_fast and may_have_failed(operation):
        collector = EvidenceCollector(policy)
        collector.collect(lambda status: stack_set.result_pages(operation_id or "", status), operation, all_rows=False)
        at_work = not definite_violations(collector.counts, policy)
    return {
        "poll_again": at_work,
        "operation_id": operation_id,
        "status": operation["status"],
        "failed_stack_instances_count": failed_count(operation),
        "created_before": before.isoformat() if before else None,
    }
