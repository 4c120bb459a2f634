# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: gate
short_description: Decide over results of a StackSet operation that are at hand, whether the next task may run
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Decides by the rules of M(stackgate.stacksets.operation_gate), over rows that were read before, by a task, a lookup
    or an earlier job. It asks AWS for nothing and waits for nothing.
  - It fails closed. It passes only if the operation has ended, the rows are all of its rows, they show all failures
    that AWS counts, and every rule holds on them. What the rows can't show is inconclusive, which is no pass.
  - Rows of several operations are refused.
positional: _input, operation
options:
  operation:
    description:
      - The operation of the rows, as M(stackgate.stacksets.operation_results_info) returns it in C(operation), or one
        of C(operations) of M(stackgate.stacksets.operations_info). Needed with rows by themselves, which are
        inconclusive without it.
      - A result of M(stackgate.stacksets.operation_results_info) has its own, so it is not given with one.
    type: dict
extends_documentation_fragment:
  - stackgate.stacksets._rows
  - stackgate.stacksets._gate
notes:
  - A result of M(stackgate.stacksets.operation_results_info) passes only if it is C(complete). One of some statuses,
    one that is truncated, and one of a failed task don't.
  - Rows by themselves do not tell whether they are all rows. They are taken for it if one of them SUCCEEDED, or with
    O(expected_results), which counts them. So give all of them; better, give the module's result.
  - One reading shows no more than AWS's listing at that moment. Without any row, where AWS gives no count of failures,
    and where the operation did not succeed, only a second reading that agrees with the first could settle it. The
    filter is inconclusive then, and M(stackgate.stacksets.operation_gate) decides.
seealso:
  - module: stackgate.stacksets.operation_results_info
  - plugin: stackgate.stacksets.operation_results
    plugin_type: lookup
  - module: stackgate.stacksets.operation_gate
"""

EXAMPLES = r"""
- name: Read a stack set's results
  stackgate.stacksets.operation_results_info:
    stack_set_name: org-baseline
    operation_id: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
    region: eu-west-1
  register: read

- name: Go on only if at most 2 of 100 failed, suspended accounts left out of account
  ansible.builtin.assert:
    that: decision.passed
    fail_msg: "{{ decision.msg }}"
  vars:
    decision: >-
      {{ read | stackgate.stacksets.gate(max_failed_percentage=2, ignore_reasons=['(?i)account is suspended']) }}

- name: Decide over rows of the lookup, with their operation
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
      description: The decision in words, with the reason, the counts, the largest causes and the next step.
      type: str
      sample: >-
        Gate failed: 3 FAILED, and max_failed is 0. UPDATE operation 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e of stack set
        org-baseline is SUCCEEDED. Results: 97 SUCCEEDED, 3 FAILED.
    passed:
      description: Whether the next task may run.
      type: bool
      sample: false
    verdict:
      description: V(passed), V(failed), or V(inconclusive) where that can't be known from these rows.
      type: str
      sample: failed
    violations:
      description:
        - The rules that do not hold. C(rule) is the option's name, C(scope) is where it is counted, C(group) the Region
          or organizational unit (V(none) for rows without one, null for the whole operation), C(limit) what the option
          allows, C(actual) what there is.
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
        - What stands between the evidence and a pass without being a violation, each with C(what), a C(message), the
          C(option) that accepts it knowingly, here or in M(stackgate.stacksets.operation_gate) (or null), and the
          C(way_out) in words.
      type: list
      elements: dict
      sample: []
    counts:
      description: What was counted, each target once.
      type: dict
      contains:
        total:
          description: How many rows there are, the ignored ones among them.
          type: int
          sample: 100
        by_status:
          description: Results by AWS's status.
          type: dict
          sample: {PENDING: 0, RUNNING: 0, SUCCEEDED: 97, FAILED: 3, CANCELLED: 0}
        failed:
          description: FAILED results without the ignored ones.
          type: int
          sample: 3
        cancelled:
          description: CANCELLED results.
          type: int
          sample: 0
        ignored:
          description: FAILED results that O(ignore_accounts) and O(ignore_reasons) leave out of account.
          type: int
          sample: 0
        unaccounted:
          description: What AWS says happened and the rows do not show. Null while the operation has not ended.
          type: int
          sample: 0
        failed_stack_instances_count:
          description: AWS's own count of failed stack instances. Null where it gives none.
          type: int
          sample: 3
        complete:
          description: Whether the rows are known to be all rows. If not, there are at least so many.
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
      description: The ignored results, at most 100 of them.
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
