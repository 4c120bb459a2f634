# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The gate over given rows: what the filter knows, as evidence, and the decision as playbooks see it.

A filter sees one reading and no later one, so whatever takes a second reading is inconclusive here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import StackSetsError
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.counts import unaccounted
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.evaluate import evaluate
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.fact import decision_fact
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.message import message
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.model import Missing, MissingKind
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.policy import DEFAULTS, Policy, policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import Tally, failure_groups
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.types import TERMINAL_STATUSES
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import one_line
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.evidence import EvidenceCollector
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._filters.rows import GivenRows, operation_for


def gate_rows(rows: GivenRows, operation: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """The decision over rows of one operation, ``gate`` of operation_gate with ``msg``. Raises StackSetsError."""
    unknown = sorted(set(options) - set(DEFAULTS))
    if unknown:
        names = ", ".join(["operation", *DEFAULTS])
        raise StackSetsError(f"No such argument: {one_line(', '.join(unknown))}. The arguments are {names}.")
    rules = policy(options)
    about = operation_for(rows, operation)
    collector = EvidenceCollector(rules)
    collector.collect(lambda _status: [rows.rows], about or {}, all_rows=True)
    are_all = _are_all(rows, rules)
    missing = tuple(_missing(rows, about, are_all))
    evidence = collector.evidence(about, settle_time_over=True, missing=missing)._replace(all_rows_read=are_all)
    decision = evaluate(evidence, rules)
    operation_id = (about or {}).get("operation_id")
    stack_set_name = next((name for name, _id in rows.named_operations if name), (about or {}).get("stack_set_id"))
    words = message(
        decision,
        about,
        stack_set_name or "",
        failure_groups(collector.unsuccessful),
        operation_id=operation_id,
        in_filter=True,
    )
    return {**decision_fact(decision, collector.ignored, operation_id, in_filter=True), "msg": words}


def may_be_all_failures(rows: GivenRows) -> bool:
    """Whether nothing says that there are FAILED or CANCELLED rows beside these."""
    if rows.are_all is None:
        return True
    tally = Tally()
    tally.add(rows.rows)
    operation = rows.operation or {}
    ended = operation.get("status") in TERMINAL_STATUSES
    return rows.are_all and bool(rows.rows) and ended and not unaccounted(operation, tally.counts())


def _are_all(rows: GivenRows, rules: Policy) -> bool:
    """Whether the rows are known to be all rows.

    Bare ones are, where the user says how many there must be. Else they are taken for it only if one SUCCEEDED: a
    listing of the bad statuses alone is the usual part of one.
    """
    if rows.are_all is not None:
        return rows.are_all
    return rules.expected_results is not None or any(row["status"] == "SUCCEEDED" for row in rows.rows)


def _missing(rows: GivenRows, operation: Mapping[str, Any] | None, are_all: bool) -> Iterator[Missing]:
    if rows.error is not None:
        yield Missing(MissingKind.ERROR, f"The task that read the rows failed: {one_line(rows.error)}")
    elif operation is None:
        what = "The result has no operation." if rows.from_module else "Rows alone do not show the operation's status."
        yield Missing(MissingKind.ROWS_OPERATION, what)
    elif operation["status"] in TERMINAL_STATUSES and not are_all:
        if rows.from_module:
            yield Missing(
                MissingKind.ROWS, "These are not all rows of the operation: complete is not true in the result."
            )
        else:
            yield Missing(MissingKind.WHOLE, "No row is SUCCEEDED, so rows of other statuses may be missing.")
