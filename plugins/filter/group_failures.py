# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: group_failures
short_description: Group a StackSet operation's failed results by their cause
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Groups the C(FAILED) rows whose status reasons differ in nothing but what is generated. That is what stands behind
    a label that a service writes, such as C(Request ID), and what has the form of an account id, a Region, a UUID, an
    id of EC2's, a time, an IP address, a hash or a name that CloudFormation makes. Names and numbers that somebody
    wrote tell two causes apart.
  - Of a very long reason the first 500 words are compared.
  - Rows of several operations, as the lookup returns them for several stack sets, are grouped together.
positional: _input
extends_documentation_fragment:
  - stackgate.stacksets._rows
notes:
  - A reason is a text that others wrote. It is never templated.
seealso:
  - module: stackgate.stacksets.operation_results_info
  - plugin: stackgate.stacksets.operation_results
    plugin_type: lookup
  - plugin: stackgate.stacksets.retry_targets
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Name the causes, the most frequent first
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
      description:
        - The reason that they share. What is generated in it is masked where it is not the same in all of them. Empty
          where AWS gives none.
      type: str
      sample: Account <account> should have 'Stacks' role with trust relationship to Role 'Admin'.
    key:
      description: The same for the same cause, in whatever operation or stack set.
      type: str
      sample: c2f1a6c0de94b7a3
    count:
      description: How many rows.
      type: int
      sample: 3
    account_count:
      description: In how many accounts.
      type: int
      sample: 1
    region_count:
      description: In how many Regions.
      type: int
      sample: 3
    accounts:
      description: Their accounts.
      type: list
      elements: str
      sample: ["111122223333"]
    regions:
      description: Their Regions.
      type: list
      elements: str
      sample: [eu-west-1, eu-west-2, us-east-1]
    sample:
      description: The first of the rows, its reason unmasked.
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
