# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The gate over rows that are at hand: what the filter knows, as evidence, and the decision as playbooks see it.

A filter sees one reading and no later one, so whatever takes a second look is inconclusive here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import StackSetsError
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.evaluate import decide, unaccounted
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.message import message
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.model import Evidence, Missing
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.policy import DEFAULTS, Policy, policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.gate_result import decision_fact
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.operations import TERMINAL
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import Tally, failure_groups
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import one_line
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.evidence import Look
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._filters.rows import Rows, operation_for


def decided(rows: Rows, operation: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """The decision over rows of one operation, ``gate`` of operation_gate with ``msg``. Raises StackSetsError."""
    unknown = sorted(set(options) - set(DEFAULTS))
    if unknown:
        names = ", ".join(["operation", *DEFAULTS])
        raise StackSetsError(f"No such argument: {one_line(', '.join(unknown))}. The arguments are {names}.")
    rules = policy(options)
    about = operation_for(rows, operation)
    look = Look(rules)
    look.take(lambda _status: [list(rows.summaries())], about or {}, whole=True)
    whole = _whole(rows, rules)
    missing = tuple(_missing(rows, about, whole))
    decision = decide(Evidence(about, look.counts, frozenset(), whole, last=True, missing=missing), rules)
    operation_id = (about or {}).get("operation_id")
    stack_set_name = next((name for name, _id in rows.about if name), (about or {}).get("stack_set_id"))
    words = message(
        decision,
        about,
        stack_set_name or "",
        failure_groups(look.unsuccessful),
        operation_id=operation_id,
        in_filter=True,
    )
    return {**decision_fact(decision, look.ignored, operation_id, in_filter=True), "msg": words}


def may_be_all_failures(rows: Rows) -> bool:
    """Whether nothing says that there are FAILED or CANCELLED rows beside these."""
    if rows.whole is None:
        return True
    tally = Tally()
    tally.add(rows.summaries())
    operation = rows.operation or {}
    ended = operation.get("status") in TERMINAL
    return rows.whole and bool(rows.facts) and ended and not unaccounted(operation, tally.counts())


def _whole(rows: Rows, rules: Policy) -> bool:
    """Whether the rows are known to be all rows.

    Bare ones are, where the user says how many there must be. Else they are taken for it only if one SUCCEEDED: a
    listing of the bad statuses alone is the usual part of one.
    """
    if rows.whole is not None:
        return rows.whole
    return rules.expected_results is not None or any(fact["status"] == "SUCCEEDED" for fact in rows.facts)


def _missing(rows: Rows, operation: Mapping[str, Any] | None, whole: bool) -> Iterator[Missing]:
    if rows.error is not None:
        yield Missing("error", f"The task that read the rows failed: {one_line(rows.error)}")
    elif operation is None:
        what = "The result has no operation." if rows.from_module else "Rows alone do not say how their operation is."
        yield Missing("rows_operation", what)
    elif operation["status"] in TERMINAL and not whole:
        if rows.from_module:
            yield Missing("rows", "These are not all rows of the operation: complete is not true in the result.")
        else:
            yield Missing("whole", "No row is SUCCEEDED, so these may be a part of the rows, of some statuses only.")
