# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: group_failures
short_description: Group a StackSet operation's failed results by cause
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Groups the C(FAILED) rows whose status reasons differ only in generated values. These are values after a label such
    as C(Request ID), account IDs, Regions, UUIDs, EC2 IDs, times, IP addresses, hashes, and names that CloudFormation
    generates. Rows that differ in other names or numbers have different causes.
  - Only the first 500 words of a reason are compared.
  - Rows of several operations, such as the lookup returns for several stack sets, are grouped together.
positional: _input
extends_documentation_fragment:
  - stackgate.stacksets._rows
notes:
  - Reasons are untrusted text. They are never templated.
seealso:
  - module: stackgate.stacksets.operation_results_info
  - plugin: stackgate.stacksets.operation_results
    plugin_type: lookup
  - plugin: stackgate.stacksets.retry_targets
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show the causes, the most frequent first
  ansible.builtin.debug:
    msg: "{{ item.count }} x {{ item.reason }}, in {{ item.accounts | join(', ') }}"
  vars:
    stackgate_stacksets_region: eu-west-1
    failed: "{{ query('stackgate.stacksets.operation_results', 'org-baseline', statuses=['FAILED']) }}"
  loop: "{{ failed | stackgate.stacksets.group_failures }}"
  loop_control:
    label: "{{ item.count }}"
"""

RETURN = r"""
_value:
  description: The causes, the largest group first.
  type: list
  elements: dict
  contains:
    reason:
      description: The shared reason. Generated values that differ are masked. Empty if AWS gives no reason.
      type: str
      sample: Account <account> should have 'Stacks' role with trust relationship to Role 'Admin'.
    key:
      description: An identifier of the cause, the same in every operation and stack set.
      type: str
      sample: c2f1a6c0de94b7a3
    count:
      description: Number of rows.
      type: int
      sample: 3
    account_count:
      description: Number of accounts.
      type: int
      sample: 1
    region_count:
      description: Number of Regions.
      type: int
      sample: 3
    accounts:
      description: The accounts.
      type: list
      elements: str
      sample: ["111122223333"]
    regions:
      description: The Regions.
      type: list
      elements: str
      sample: [eu-west-1, eu-west-2, us-east-1]
    sample:
      description: The first row, with its reason unmasked.
      type: dict
      sample:
        account: "111122223333"
        region: eu-west-1
        status: FAILED
        status_reason: Account 111122223333 should have 'Stacks' role with trust relationship to Role 'Admin'.
        account_gate_result: {status: SKIPPED, status_reason: Function not found}
        organizational_unit_id: null
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import failure_groups
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._filters.rows import row_filter, rows_of


@row_filter
def group_failures(value: Any) -> list[dict[str, Any]]:
    return failure_groups(rows_of(value).rows)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"group_failures": group_failures}
