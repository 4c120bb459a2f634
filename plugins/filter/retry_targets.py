# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: retry_targets
short_description: Group the failed and cancelled targets of a StackSet operation for a retry
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Returns the accounts and Regions of C(FAILED) and C(CANCELLED) rows as groups for UpdateStackInstances. In each
    group, every account in every Region is a target to retry.
  - Rows of several operations are rejected.
positional: _input
options:
  complete:
    description:
      - Whether a list of rows contains every failed and cancelled result. With V(false), the filter returns null.
      - The filter also returns null for a result of M(stackgate.stacksets.operation_results_info) that is not complete,
        whose operation has not ended, or that has fewer failures than AWS counts.
    type: bool
    default: true
extends_documentation_fragment:
  - stackgate.stacksets._rows
seealso:
  - module: stackgate.stacksets.operation_results_info
  - plugin: stackgate.stacksets.operation_results
    plugin_type: lookup
  - module: stackgate.stacksets.operation_gate
  - module: community.aws.cloudformation_stack_set
"""

EXAMPLES = r"""
- name: Read the results of an operation
  stackgate.stacksets.operation_results_info:
    stack_set_name: org-baseline
    operation_id: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
    region: eu-west-1
  register: read

- name: Show the targets to retry
  ansible.builtin.debug:
    msg: "accounts={{ item.accounts | join(',') }} regions={{ item.regions | join(',') }}"
  loop: "{{ read | stackgate.stacksets.retry_targets }}"
"""

RETURN = r"""
_value:
  description:
    - The targets, each in exactly one group. Empty if nothing failed or was cancelled.
    - Null if not all targets are known, for example because a row has no account or Region.
  type: list
  elements: dict
  contains:
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
    organizational_unit_id:
      description: The organizational unit of a service-managed stack set, or null.
      type: str
      sample: null
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import retry_targets as targets_of
from ansible_collections.stackgate.stacksets.plugins.module_utils._validation import check_flag
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._filters.gate import may_be_all_failures
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._filters.rows import row_filter, rows_of_one_operation


@row_filter
def retry_targets(value: Any, complete: bool = True) -> list[dict[str, Any]] | None:
    rows = rows_of_one_operation(value)
    return targets_of(rows.rows, check_flag({"complete": complete}, "complete") and may_be_all_failures(rows))


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"retry_targets": retry_targets}
