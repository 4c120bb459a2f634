# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gate's decision under test: rows, an operation and rules, said in few words."""

from __future__ import annotations

from itertools import count

from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.evaluate import NEEDED, decide
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.model import Evidence
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.policy import policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.operations import operation_fact
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import STATUSES, Tally

ALL = frozenset(STATUSES)
FINAL = {"read": ALL, "agreed": True, "last": True}
SUSPENDED = {"ignore_reasons": ["suspended"]}
_accounts = count(111111111111)


def rows(region="eu-west-1", unit=None, reason=None, **numbers):
    """Rows of new accounts, so many of each status."""
    return [
        {
            "Account": str(next(_accounts)),
            "Region": region,
            "OrganizationalUnitId": unit,
            "Status": status,
            "StatusReason": reason,
        }
        for status, number in numbers.items()
        for _row in range(number)
    ]


def operation(status="SUCCEEDED", action="UPDATE", failed=0, **drift):
    """``failed`` is AWS's own count; None where it gives none."""
    return {
        "OperationId": "op-1",
        "Status": status,
        "Action": action,
        "StatusDetails": {} if failed is None else {"FailedStackInstancesCount": failed},
        "StackSetDriftDetectionDetails": drift,
    }


def counts(summaries, rules):
    tally = Tally(rules.ignores)
    tally.add(summaries)
    return tally.counts()


def gate(summaries, about=None, fail_fast=False, *, read=NEEDED, **rules_and_evidence):
    """The decision on rows and an operation, which by default has ended well and counts its failures as the rows do."""
    evidence = {name: rules_and_evidence.pop(name) for name in Evidence._fields if name in rules_and_evidence}
    rules = policy(rules_and_evidence)
    if about is None:
        about = operation(failed=sum(row["Status"] == "FAILED" for row in summaries))
    return decide(
        Evidence(operation_fact(about), counts(summaries, rules), frozenset(read), **evidence), rules, fail_fast
    )
