# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: gate
short_description: Decide from results already read whether the next task may run
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Applies the rules of M(stackgate.stacksets.operation_gate) to results that a task, a lookup or an earlier job has
    read. It does not call AWS and does not wait.
  - It fails closed. It passes only if the operation has ended, the input contains all its rows, they show all failures
    that AWS counts, and every rule holds. If the rows cannot show this, the verdict is V(inconclusive) and the gate
    does not pass.
  - Rows of several operations are rejected.
positional: _input, operation
options:
  operation:
    description:
      - The operation of the rows, from C(operation) of M(stackgate.stacksets.operation_results_info) or C(operations)
        of M(stackgate.stacksets.operations_info). Without it, a list of rows is inconclusive.
      - A result of M(stackgate.stacksets.operation_results_info) contains its operation. Omit this option then.
    type: dict
extends_documentation_fragment:
  - stackgate.stacksets._rows
  - stackgate.stacksets._gate
notes:
  - A result of M(stackgate.stacksets.operation_results_info) passes only if it is C(complete). A result that is limited
    to some statuses, is truncated, or comes from a failed task does not pass.
  - A list of rows does not show whether it is complete. The filter assumes so if a row is C(SUCCEEDED) or if
    O(expected_results) is set. Pass all rows or, better, the module's result.
  - One reading shows only what AWS lists at that moment. If there are no rows, AWS gives no count of failures, or the
    operation did not succeed, a second reading must agree. The filter is then inconclusive. Use
    M(stackgate.stacksets.operation_gate) instead.
seealso:
  - module: stackgate.stacksets.operation_results_info
  - plugin: stackgate.stacksets.operation_results
    plugin_type: lookup
  - module: stackgate.stacksets.operation_gate
"""

EXAMPLES = r"""
- name: Read the results of an operation
  stackgate.stacksets.operation_results_info:
    stack_set_name: org-baseline
    operation_id: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
    region: eu-west-1
  register: read

- name: Continue if at most 2 percent of the results failed, ignoring suspended accounts
  ansible.builtin.assert:
    that: decision.passed
    fail_msg: "{{ decision.msg }}"
  vars:
    decision: >-
      {{ read | stackgate.stacksets.gate(max_failed_percentage=2, ignore_reasons=['(?i)account is suspended']) }}

- name: Decide from rows of the lookup and their operation
  ansible.builtin.debug:
    msg: "{{ rows | stackgate.stacksets.gate(operation=read.operation, max_failed=1, scope='region') }}"
  vars:
    stackgate_stacksets_region: eu-west-1
    rows: >-
      {{ query('stackgate.stacksets.operation_results', 'org-baseline', operation_id=read.operation.operation_id) }}
"""

RETURN = r"""
_value:
  description: The decision.
  type: dict
  contains:
    msg:
      description: The decision as a message, with the reason, the counts, the largest causes and the next step.
      type: str
      sample: >-
        Gate failed: 3 FAILED, and max_failed is 0. UPDATE operation 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e of stack set
        org-baseline is SUCCEEDED. Results: 97 SUCCEEDED, 3 FAILED.
    passed:
      description: Whether the next task may run.
      type: bool
      sample: false
    verdict:
      description: V(passed), V(failed), or V(inconclusive) if the rows cannot show which.
      type: str
      sample: failed
    violations:
      description:
        - The rules that do not hold. C(rule) is the option, C(scope) is where it applies, C(limit) is what it allows,
          and C(actual) is the value found. C(group) is the Region or organizational unit. It is V(none) for rows
          without one, and null for the whole operation.
      type: list
      elements: dict
      sample:
        - rule: max_failed
          scope: operation
          group: null
          limit: 0
          actual: 3
          message: 3 FAILED, and max_failed is 0.
    missing:
      description:
        - What prevents a pass without violating a rule. Each entry has C(what), a C(message), and the next step as text
          in C(way_out). C(option) is the option that accepts it, here or in M(stackgate.stacksets.operation_gate), or
          null.
      type: list
      elements: dict
      sample: []
    counts:
      description: The counts, each target once.
      type: dict
      contains:
        total:
          description: Number of rows, including ignored ones.
          type: int
          sample: 100
        by_status:
          description: Results by AWS's status.
          type: dict
          sample: {PENDING: 0, RUNNING: 0, SUCCEEDED: 97, FAILED: 3, CANCELLED: 0}
        failed:
          description: FAILED results, without ignored ones.
          type: int
          sample: 3
        cancelled:
          description: CANCELLED results.
          type: int
          sample: 0
        ignored:
          description: FAILED results ignored by O(ignore_accounts) and O(ignore_reasons).
          type: int
          sample: 0
        unaccounted:
          description: >-
            Failures that AWS counts but does not list, and unfinished results. Null until the operation has ended.
          type: int
          sample: 0
        failed_stack_instances_count:
          description: AWS's own count of failed stack instances. Null if AWS gives none.
          type: int
          sample: 3
        complete:
          description: Whether the rows are known to be all rows. If not, the counts are minimums.
          type: bool
          sample: true
      sample:
        total: 100
        by_status: {PENDING: 0, RUNNING: 0, SUCCEEDED: 97, FAILED: 3, CANCELLED: 0}
        failed: 3
        cancelled: 0
        ignored: 0
        unaccounted: 0
        failed_stack_instances_count: 3
        complete: true
    ignored:
      description: The ignored results, at most 100.
      type: list
      elements: dict
      sample: []
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.stackgate.stacksets.plugins.plugin_utils._filters.gate import gate_rows
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._filters.rows import row_filter, rows_of_one_operation


@row_filter
def gate(value: Any, operation: Any = None, **policy: Any) -> dict[str, Any]:
    return gate_rows(rows_of_one_operation(value), operation, policy)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"gate": gate}
