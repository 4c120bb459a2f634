# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gate's decision under test: rows, an operation and rules, said in few words."""

from __future__ import annotations

from itertools import count

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.normalise import normalise_operation
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.evaluate import CLOSING_STATUSES, evaluate
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.model import Evidence
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.policy import policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import Tally
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.types import ROW_STATUSES
from ansible_collections.stackgate.stacksets.tests.unit.helpers.rows import new_row

ALL = frozenset(ROW_STATUSES)
FINAL = {"statuses_read": ALL, "confirmed": True, "settle_time_over": True}
SUSPENDED = {"ignore_reasons": ["suspended"]}
_accounts = count(111111111111)


def rows(region="eu-west-1", unit=None, reason=None, **numbers):
    """Rows of new accounts, so many of each status."""
    return [
        new_row(str(next(_accounts)), region, status, reason, unit)
        for status, number in numbers.items()
        for _row in range(number)
    ]


def operation(status="SUCCEEDED", action="UPDATE", failed=0, **drift):
    """``failed`` is AWS's own count; None where it gives none. ``drift`` are the counts of a drift detection."""
    details = {} if failed is None else {"FailedStackInstancesCount": failed}
    made = normalise_operation({"OperationId": "op-1", "Status": status, "Action": action, "StatusDetails": details})
    made["stack_set_drift_detection_details"] = drift or None
    return made


def counts(given, rules):
    tally = Tally(rules.ignores)
    tally.add(given)
    return tally.counts()


def gate(given, about=None, fail_fast=False, *, statuses_read=CLOSING_STATUSES, **rules_and_evidence):
    """The decision on rows and an operation, which by default has ended well and counts its failures as the rows do."""
    evidence = {name: rules_and_evidence.pop(name) for name in Evidence._fields if name in rules_and_evidence}
    rules = policy(rules_and_evidence)
    if about is None:
        about = operation(failed=sum(row["status"] == "FAILED" for row in given))
    return evaluate(Evidence(about, counts(given, rules), frozenset(statuses_read), **evidence), rules, fail_fast)
