# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: operation_results
short_description: What CloudFormation StackSet operations did in every account and Region
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Reads the results of one operation of each stack set named, on the controller, and returns them as one flat list of
    rows, one for each account and Region.
  - The rows are those of M(stackgate.stacksets.operation_results_info), each with C(stack_set_name) and
    C(operation_id) beside them.
  - An error in the middle of a reading is an error of the lookup; its message has the token that resumes the reading.
options:
  _terms:
    description:
      - The stack sets, each by its name, its unique id (C(name:uuid)) or its ARN, as EventBridge sends it.
      - Name only one where O(operation_id) or O(starting_token) is given.
    type: list
    elements: str
    required: true
  on_truncated:
    description:
      - What to do where O(max_items) keeps rows back. A flat list has no room for the token that resumes the reading.
      - With V(error) the lookup fails; with V(warn) it returns the rows it has and warns, with the token.
    type: str
    choices: [error, warn]
    default: error
  max_items:
    description:
      - Return at most so many rows of each stack set, at least 1. Left out, all of them.
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
  - While an operation is at work, what fails later is not in its rows yet, and an operation may have no rows at all. No
    failed row is no proof of success; M(stackgate.stacksets.operation_results_info) returns the operation's status and
    the counts beside the rows.
  - C(errors) is ansible-core's own argument, for every lookup, and no plugin gets to see it. With C(errors='ignore') or
    C(errors='warn') every error of this one (no such stack set, no credentials, a reading that broke) becomes an empty
    list of C(query()), and null of C(lookup()) (an empty text before ansible-core 2.19). So the condition
    C(query(..., errors='ignore') | length == 0) is true where nothing was read. To go on, take
    M(stackgate.stacksets.operation_gate), or P(stackgate.stacksets.gate#filter) over a result of
    M(stackgate.stacksets.operation_results_info). Neither passes on nothing.
  - A lookup in a variable, such as in C(vars) or C(group_vars), is evaluated again at every use of the variable, for
    each host. Every evaluation reads AWS again. To read once, set a fact with M(ansible.builtin.set_fact) (and
    C(run_once) where there are many hosts), and use the fact.
  - Use C(query()), which always returns a list; C(lookup()) makes something else of a list of one row.
  - An unknown option is refused, as it would otherwise be ignored without a word.
  - To leave an option out of a call, give it null, C(operation_id=wanted | default(none, true)). C(omit) is for the
    options of tasks, and an error here. A variable that sets an option takes what the option would be,
    C(default('SELF', true)), for before ansible-core 2.19 null in a template is an empty text.
  - C(environment) of a play or a task is for its modules. A lookup runs in Ansible's own process, so the environment
    that its credentials can come from is the one in which Ansible was started.
  - C(module_defaults) do not reach lookups. Set the variables C(stackgate_stacksets_region),
    C(stackgate_stacksets_call_as) and their like instead; every option says where it can be set.
  - Of two rows for the same account, Region and organizational unit the worst stays (FAILED, CANCELLED, RUNNING,
    PENDING, any other, SUCCEEDED). A row without an account or a Region is a target of its own.
seealso:
  - module: stackgate.stacksets.operation_results_info
  - module: stackgate.stacksets.operations_info
  - name: ListStackSetOperationResults
    description: The AWS API that is read.
    link: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackSetOperationResults.html
"""

EXAMPLES = r"""
- name: Read the failed results once, and keep them
  ansible.builtin.set_fact:
    failed_results: >-
      {{ query('stackgate.stacksets.operation_results', 'org-baseline', statuses=['FAILED'], region='eu-west-1') }}

- name: Show them
  ansible.builtin.debug:
    msg: "{{ item.account }} {{ item.region }} {{ item.status_reason }}"
  loop: "{{ failed_results }}"
  loop_control:
    label: "{{ item.account }} {{ item.region }}"

- name: Name the accounts that failed or were left out, in three stack sets
  ansible.builtin.debug:
    msg: "{{ item.stack_set_name }}: {{ item.account }} {{ item.region }}"
  vars:
    stackgate_stacksets_region: eu-west-1
    stack_sets: [org-baseline, org-logging, org-network]
  loop: "{{ query('stackgate.stacksets.operation_results', *stack_sets, statuses=['FAILED', 'CANCELLED']) }}"
  loop_control:
    label: "{{ item.account }} {{ item.region }}"

- name: Go on only if all is well, which a list without failures does not say
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
    - The rows of all stack sets named, in the order of their names, as one flat list. Every key is always there, null
      where AWS sent nothing.
  type: list
  elements: dict
  contains:
    stack_set_name:
      description: The stack set's name as it was asked of AWS. For an ARN, the unique id in it.
      type: str
      sample: org-baseline
    operation_id:
      description: The operation's id.
      type: str
      sample: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
    account:
      description: The account's id.
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
      description: AWS's reason, a text that others wrote. It is never templated.
      type: str
      sample: Cancelled since failure tolerance has exceeded
    account_gate_result:
      description: What the account gate function said. C(SKIPPED) is normal, it means that there is no such function.
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
      description: The organizational unit that was targeted. Null for self-managed stack sets.
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
