# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: retry_targets
short_description: Group what failed or was cancelled in a StackSet operation, so that it can be retried
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Gives the accounts and Regions of C(FAILED) and C(CANCELLED) rows as groups that fit UpdateStackInstances. The
    accounts times the Regions of a group are targets to retry, all of them, and nothing else.
  - Rows of several operations are refused.
positional: _input
options:
  complete:
    description:
      - Whether rows by themselves are all that failed or was cancelled. With V(false) the targets are not known, so the
        filter returns null.
      - A result of M(stackgate.stacksets.operation_results_info) says so by itself. Whatever O(complete) is, the filter
        returns null for one that is not complete, or whose operation has not ended, or where AWS counts more failures
        than there are rows.
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
- name: Read what failed or was cancelled
  stackgate.stacksets.operation_results_info:
    stack_set_name: org-baseline
    operation_id: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
    region: eu-west-1
  register: read

- name: Show what to retry
  ansible.builtin.debug:
    msg: "accounts={{ item.accounts | join(',') }} regions={{ item.regions | join(',') }}"
  loop: "{{ read | stackgate.stacksets.retry_targets }}"
"""

RETURN = r"""
_value:
  description:
    - The targets, each in exactly one group. An empty list where nothing failed or was cancelled.
    - Null where they are not all known, also where a row lacks its account or Region.
  type: list
  elements: dict
  contains:
    accounts:
      description: Accounts.
      type: list
      elements: str
      sample: ["111122223333"]
    regions:
      description: Regions.
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
