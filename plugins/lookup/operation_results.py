# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: operation_results
short_description: Read the results of CloudFormation StackSet operations
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Reads the results of one operation of each stack set, on the controller. Returns a flat list with one row for each
    account and Region.
  - The rows are those of M(stackgate.stacksets.operation_results_info), with C(stack_set_name) and C(operation_id).
  - If a reading fails, the lookup fails. The error message has the token that resumes the reading.
options:
  _terms:
    description:
      - The name, unique ID (C(name:uuid)) or ARN of each stack set.
      - With O(operation_id) or O(starting_token), only one stack set is allowed.
    type: list
    elements: str
    required: true
  on_truncated:
    description:
      - What to do if O(max_items) leaves rows unread, because a flat list cannot include the token that resumes the
        reading.
      - V(error) fails. V(warn) returns the rows read, and warns with the token.
    type: str
    choices: [error, warn]
    default: error
  max_items:
    description:
      - The maximum number of rows to return for each stack set, at least 1. By default, all are returned.
    type: int
extends_documentation_fragment:
  - stackgate.stacksets._operation.reading
  - stackgate.stacksets._operation.results
  - stackgate.stacksets._operation.resuming
  - stackgate.stacksets._paging
  - stackgate.stacksets._controller
  - stackgate.stacksets._controller.variables
  - amazon.aws.common.plugins
  - amazon.aws.region.plugins
  - amazon.aws.boto3
notes:
  - A list without failures does not prove success. An operation in progress can fail later, or have no rows yet.
    M(stackgate.stacksets.operation_results_info) also returns the operation's status and the counts.
  - Do not use C(errors='ignore') or C(errors='warn') in a condition. ansible-core handles this argument. C(query) then
    returns an empty list on every error, such as missing credentials or a wrong name. C(lookup) returns null, or an
    empty string before ansible-core 2.19. V(query(..., errors='ignore'\) | length == 0) is then true although nothing
    was read. To decide, use M(stackgate.stacksets.operation_gate), or P(stackgate.stacksets.gate#filter) with a result
    of M(stackgate.stacksets.operation_results_info). Neither passes if nothing was read.
  - A lookup in a variable, such as in C(vars) or C(group_vars), reads from AWS at every use of the variable, for each
    host. To read once, set a fact with M(ansible.builtin.set_fact), and C(run_once) for several hosts.
  - Use C(query), which always returns a list. C(lookup) does not return a list for one row.
  - Unknown options are rejected.
  - To omit an option from a call, set it to null, V(operation_id=wanted | default(none, true\)). C(omit) works only for
    task options, and is an error here. In a variable that sets an option, use the option's default instead, such as
    V(default('SELF', true\)). Before ansible-core 2.19, null in a template is an empty string.
  - The keyword C(environment) does not affect lookups. Set credentials in the environment in which Ansible is started.
  - C(module_defaults) do not affect lookups. Set variables such as C(stackgate_stacksets_region) and
    C(stackgate_stacksets_call_as) instead. Each option lists where it can be set.
  - If several rows have the same account, Region and organizational unit, only the worst is returned (FAILED,
    CANCELLED, RUNNING, PENDING, any other, SUCCEEDED). A row without an account or a Region is a separate target.
seealso:
  - module: stackgate.stacksets.operation_results_info
  - module: stackgate.stacksets.operations_info
  - name: ListStackSetOperationResults
    description: The AWS API that is read.
    link: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackSetOperationResults.html
"""

EXAMPLES = r"""
- name: Read the failed results once
  ansible.builtin.set_fact:
    failed_results: >-
      {{ query('stackgate.stacksets.operation_results', 'org-baseline', statuses=['FAILED'], region='eu-west-1') }}

- name: Show them
  ansible.builtin.debug:
    msg: "{{ item.account }} {{ item.region }} {{ item.status_reason }}"
  loop: "{{ failed_results }}"
  loop_control:
    label: "{{ item.account }} {{ item.region }}"

- name: Show the accounts that failed or were cancelled, in three stack sets
  ansible.builtin.debug:
    msg: "{{ item.stack_set_name }}: {{ item.account }} {{ item.region }}"
  vars:
    stackgate_stacksets_region: eu-west-1
    stack_sets: [org-baseline, org-logging, org-network]
  loop: "{{ query('stackgate.stacksets.operation_results', *stack_sets, statuses=['FAILED', 'CANCELLED']) }}"
  loop_control:
    label: "{{ item.account }} {{ item.region }}"

- name: Continue only if the gate passes, because a list without failures does not prove success
  stackgate.stacksets.operation_gate:
    stack_set_name: org-baseline
    operation_id: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
    region: eu-west-1

- name: Count one operation's results by status
  ansible.builtin.debug:
    msg: "{{ item.0 }}: {{ item.1 | length }}"
  loop: >-
    {{ query('stackgate.stacksets.operation_results', 'org-baseline',
             operation_id='5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e', region='eu-west-1')
       | groupby('status') | map('list') }}
  loop_control:
    label: "{{ item.0 }}"
"""

RETURN = r"""
_raw:
  description:
    - The rows of all stack sets, in the order given, as one flat list. Every key is present, null if AWS sent no value.
  type: list
  elements: dict
  contains:
    stack_set_name:
      description: The stack set's name as given. For an ARN, the unique ID in it.
      type: str
      sample: org-baseline
    operation_id:
      description: The operation's ID.
      type: str
      sample: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
    account:
      description: The account ID.
      type: str
      sample: "111122223333"
    region:
      description: The Region.
      type: str
      sample: eu-west-1
    status:
      description: C(PENDING), C(RUNNING), C(SUCCEEDED), C(FAILED) or C(CANCELLED).
      type: str
      sample: FAILED
    status_reason:
      description: AWS's reason. It is untrusted text and never templated.
      type: str
      sample: Cancelled since failure tolerance has exceeded
    account_gate_result:
      description: The result of the account gate function. C(SKIPPED) is normal without such a function.
      type: dict
      contains:
        status:
          description: C(SUCCEEDED), C(FAILED) or C(SKIPPED).
          type: str
          sample: SKIPPED
        status_reason:
          description: AWS's reason.
          type: str
          sample: Function not found
      sample: {status: SKIPPED, status_reason: Function not found}
    organizational_unit_id:
      description: The targeted organizational unit. Null for self-managed stack sets.
      type: str
      sample: ou-ab12-1a2b3c4d
"""

from ansible.errors import AnsibleLookupError
from ansible_collections.amazon.aws.plugins.plugin_utils.lookup import AWSLookupBase

from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import worst_rows
from ansible_collections.stackgate.stacksets.plugins.module_utils._validation import check_texts
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._lookup import (
    read_all,
    read_requests,
    refuse_truncated,
    templated_variables,
)
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._plugin_errors import (
    CredentialErrors,
    refuse_unknown_options,
    translated_errors,
)
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._vaulted import TakesVaulted, decrypted


class LookupModule(CredentialErrors, TakesVaulted, AWSLookupBase):
    def run(self, terms, variables=None, **kwargs):
        refuse_unknown_options(self, set(kwargs) - {"wantlist"}, AnsibleLookupError)  # query() is lookup(wantlist=True)
        super().run(terms, templated_variables(self, variables), **kwargs)
        rows, terms = [], decrypted(terms)
        with translated_errors(AnsibleLookupError, {**self.given, "stack_set_name": terms}):
            check_texts(self.given)
            for request, result in read_all(self, read_requests(terms, self.get_options())):
                refuse_truncated(self, request, result)
                operation_id = result.operation["operation_id"] if result.operation else None
                about = {"stack_set_name": request.stack_set.value, "operation_id": operation_id}
                rows += [{**about, **row} for row in worst_rows(result.reading.rows)]
        return rows
