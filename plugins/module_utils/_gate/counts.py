# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What AWS counts of an operation, beside what its rows show. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._rows.types import IGNORED, TERMINAL_STATUSES, UNFINISHED_STATUSES
from .model import Counts, Evidence


def unaccounted(operation: Mapping[str, Any], counts: Counts) -> int:
    """What AWS says happened and the rows do not show; of an operation that has ended."""
    return max(0, (failed_count(operation) or 0) - failed_row_count(counts)) + unfinished_row_count(counts)


def unfinished_row_count(counts: Counts) -> int:
    """How many rows are not at their end."""
    return sum(counts["by_status"][status] for status in UNFINISHED_STATUSES)


def failed_row_count(counts: Counts) -> int:
    """How many FAILED rows there are, the ignored ones among them."""
    by_status = counts["by_status"]
    return by_status["FAILED"] + by_status.get(IGNORED, 0)


def failed_count(operation: Mapping[str, Any]) -> int | None:
    """AWS's own count of failed stack instances; None where it gives none."""
    counts = [(operation.get("status_details") or {}).get("failed_stack_instances_count")]
    if operation.get("action") == "DETECT_DRIFT":
        counts.append((operation.get("stack_set_drift_detection_details") or {}).get("failed_stack_instances_count"))
    return max((count for count in counts if count is not None), default=None)


def needs_confirmation(operation: Mapping[str, Any], counts: Counts) -> bool:
    """Whether one complete reading is not enough to decide: the operation did not succeed, AWS gives no count of
    failures, or there are no rows.
    """
    return operation.get("status") != "SUCCEEDED" or failed_count(operation) is None or not counts["total"]


def unnamed_failures(counts: Counts) -> int:
    """How many FAILED rows have no account or no Region.

    Nothing tells whether a listing shows one of them twice, so their number can be AWS's count though another failure
    is not listed: two readings must agree.
    """
    return failed_row_count(counts["unnamed"])


def distinct_targets(counts: Counts) -> int:
    """How many targets are known to be different ones: an unnamed row helps to reach no number of results."""
    return counts["total"] - counts["unnamed"]["total"]


def gate_counts(evidence: Evidence) -> dict[str, Any]:
    """The counts that playbooks see: RETURN of operation_gate, ``gate.counts``."""
    by_status = dict(evidence.counts["by_status"])
    ignored = by_status.pop(IGNORED, 0)
    operation = evidence.operation or {}
    ended = operation.get("status") in TERMINAL_STATUSES
    return {
        "total": evidence.counts["total"],
        "by_status": {**by_status, "FAILED": by_status["FAILED"] + ignored},
        "failed": by_status["FAILED"],
        "cancelled": by_status["CANCELLED"],
        "ignored": ignored,
        "unaccounted": unaccounted(operation, evidence.counts) if ended else None,
        "failed_stack_instances_count": failed_count(operation),
        "complete": evidence.complete,
    }
