# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows for the tests of reports, and the reports over them."""

from __future__ import annotations

from ansible_collections.stackgate.stacksets.plugins.filter.to_csv import FilterModule as ToCsv
from ansible_collections.stackgate.stacksets.plugins.filter.to_headline import FilterModule as ToHeadline
from ansible_collections.stackgate.stacksets.plugins.filter.to_html import FilterModule as ToHtml
from ansible_collections.stackgate.stacksets.plugins.filter.to_junit import FilterModule as ToJunit
from ansible_collections.stackgate.stacksets.plugins.filter.to_markdown import FilterModule as ToMarkdown
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._filters.report import report_of

FILTERS = {
    name: function
    for module in (ToCsv, ToHeadline, ToHtml, ToJunit, ToMarkdown)
    for name, function in module().filters().items()
}
OPERATION_ID = "5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e"
ROLE = "Account {} should have 'Stacks' role with trust relationship to Role 'Admin'."


def row(account="111122223333", region="eu-west-1", status="SUCCEEDED", reason=None, unit=None, gate=None, **more):
    return {
        **more,
        "account": account,
        "region": region,
        "status": status,
        "status_reason": reason,
        "account_gate_result": gate or {"status": "SKIPPED", "status_reason": "Function not found"},
        "organizational_unit_id": unit,
    }


def operation(status="SUCCEEDED", failed=0, **more):
    return {
        "operation_id": OPERATION_ID,
        "action": "UPDATE",
        "status": status,
        "status_reason": None,
        "status_details": {"failed_stack_instances_count": failed},
        "creation_timestamp": "2026-11-02T08:15:00+00:00",
        "end_timestamp": "2026-11-02T08:42:31+00:00",
        "stack_set_id": "org-baseline:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a",
        **more,
    }


def result(rows, about=None, **more):
    """A result of operation_results_info."""
    about = operation(failed=sum(one["status"] == "FAILED" for one in rows)) if about is None else about
    return {"operation": about, "operation_results": rows, "truncated": False, "complete": True, **more}


def reported(value, **options):
    return report_of(value, options)


# Two units, three Regions, three causes, and a status of each kind that there is.
MIXED = [
    row("000000000001", "eu-west-1", unit="ou-a"),
    row("000000000001", "us-east-1", unit="ou-a"),
    row("000000000002", "eu-west-1", "FAILED", ROLE.format("000000000002"), unit="ou-b"),
    row("000000000002", "us-east-1", "CANCELLED", "Cancelled since failure tolerance has exceeded", unit="ou-b"),
    row("000000000003", "eu-west-1", "FAILED", ROLE.format("000000000003"), unit="ou-b"),
    row("000000000003", "us-east-1", "FAILED", "The bucket already exists", unit="ou-b"),
    row("000000000004", "eu-west-1", "PENDING", unit="ou-b"),
    row("000000000004", "us-east-1", "RUNNING", unit="ou-b"),
    row("000000000005", "eu-west-1", "SLEEPING", unit="ou-b"),
    row("000000000005", "us-east-1", "FAILED", None, unit="ou-b", gate={"status": "FAILED", "status_reason": "No"}),
    row("000000000006", "eu-west-1", unit="ou-b"),
]
