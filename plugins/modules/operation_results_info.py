#!/usr/bin/python
# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: operation_results_info
short_description: Read the results of a CloudFormation StackSet operation
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Reads all pages of the results of one StackSet operation, and returns one row for each account and Region.
  - A C(SUCCEEDED) operation can have failed results. The status only means that the failure tolerance was not exceeded.
  - An error during a reading fails the task, which returns the rows so far and a token that resumes after them.
  - Calls C(DescribeStackSetOperation), C(ListStackSetOperationResults) and, without O(operation_id),
    C(ListStackSetOperations). Each page is retried separately, as O(aws_config) configures.
options:
  summary_only:
    description:
      - Whether to return RV(summary) without RV(operation_results). This needs little memory even for 100,000 rows, and
        keeps the task's result small.
    type: bool
    default: false
extends_documentation_fragment:
  - stackgate.stacksets._operation
  - stackgate.stacksets._operation.reading
  - stackgate.stacksets._operation.results
  - stackgate.stacksets._operation.resuming
  - stackgate.stacksets._paging
  - stackgate.stacksets._paging.limit
  - stackgate.stacksets._attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  idempotent:
    details: It returns what AWS reports at that moment.
notes:
  - AWS's list of results is eventually consistent. For some time after an operation ends, it can lack rows or show old
    ones. Compare RV(operation.status_details) with RV(summary).
  - If several rows have the same account, Region and organizational unit, only the worst is returned (FAILED,
    CANCELLED, RUNNING, PENDING, any other, SUCCEEDED). Rows without an account or a Region are all returned. AWS
    guarantees an account only for self-managed stack sets. O(max_items), RV(next_token) and RV(truncated) count the
    rows that AWS sent.
  - ansible-runner and AWX omit a task's result of over 700,000 characters (about 2,000 rows) from the job's events. A
    warning says so. O(statuses) and O(summary_only) keep results small. The lookup returns many rows faster.
seealso:
  - module: stackgate.stacksets.operations_info
  - plugin: stackgate.stacksets.operation_results
    plugin_type: lookup
  - plugin: stackgate.stacksets.group_failures
    plugin_type: filter
  - plugin: stackgate.stacksets.retry_targets
    plugin_type: filter
  - module: community.aws.cloudformation_stack_set
  - name: ListStackSetOperationResults
    description: The AWS API that is read.
    link: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackSetOperationResults.html
"""

EXAMPLES = r"""
- name: Read all results of the most recent operation
  stackgate.stacksets.operation_results_info:
    stack_set_name: org-baseline
    region: eu-west-1
  register: baseline

- name: Show the accounts that failed, even if the operation succeeded
  ansible.builtin.debug:
    msg: "{{ item.account }} in {{ item.region }}: {{ item.status_reason }}"
  loop: "{{ baseline.operation_results | selectattr('status', 'eq', 'FAILED') }}"
  loop_control:
    label: "{{ item.account }} {{ item.region }}"

- name: Read only failed and cancelled results
  stackgate.stacksets.operation_results_info:
    stack_set_name: org-baseline
    operation_id: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
    statuses: [FAILED, CANCELLED]
    region: eu-west-1
  register: unsuccessful

- name: Show the number of their accounts
  ansible.builtin.debug:
    msg: "{{ unsuccessful.summary.accounts }} accounts were not updated"

- name: Continue only if the gate passes on the complete result
  ansible.builtin.assert:
    that: (baseline | stackgate.stacksets.gate).passed
    fail_msg: "{{ (baseline | stackgate.stacksets.gate).msg }}"

- name: Count the results of a large operation, as a delegated administrator
  stackgate.stacksets.operation_results_info:
    stack_set_name: org-guardrails
    call_as: DELEGATED_ADMIN
    summary_only: true
    region: eu-west-1
  register: counted

- name: Read a thousand results, then the next thousand
  block:
    - name: Read the first thousand
      stackgate.stacksets.operation_results_info:
        stack_set_name: org-baseline
        max_items: 1000
        region: eu-west-1
      register: first

    - name: Read the next thousand
      stackgate.stacksets.operation_results_info:
        stack_set_name: org-baseline
        operation_id: "{{ first.operation.operation_id }}"
        max_items: 1000
        starting_token: "{{ first.next_token }}"
        region: eu-west-1
      register: second
      when: first.truncated
"""

RETURN = r"""
msg:
  description: A summary of what was read. On failure, the error.
  returned: always
  type: str
  sample: >-
    UPDATE operation 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e of stack set org-baseline is SUCCEEDED: 120 results in 40
    accounts and 3 Regions, 117 SUCCEEDED, 3 FAILED.
stack_set_name:
  description: The value of O(stack_set_name).
  returned: success
  type: str
  sample: org-baseline
operation:
  description:
    - The operation from C(DescribeStackSetOperation), in snake_case. Every key is present. Values and structures that
      AWS did not send are null. Times are ISO 8601 in UTC.
    - Null if the stack set has no operations, or if an error occurred before the operation was read.
  returned: on success, and on failure after results were requested
  type: dict
  contains:
    operation_id:
      description: The operation's ID.
      type: str
      sample: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
    action:
      description: C(CREATE), C(UPDATE), C(DELETE) or C(DETECT_DRIFT).
      type: str
      sample: UPDATE
    status:
      description:
        - C(QUEUED), C(RUNNING), C(STOPPING), C(SUCCEEDED), C(FAILED) or C(STOPPED).
        - C(SUCCEEDED) means that the failure tolerance was not exceeded. Results can have failed.
      type: str
      sample: SUCCEEDED
    status_reason:
      description: AWS's reason for the status.
      type: str
      sample: null
    status_details:
      description: AWS's own count of failed stack instances.
      type: dict
      contains:
        failed_stack_instances_count:
          description: How many stack instances failed. One account in three Regions counts as three.
          type: int
          sample: 3
      sample: {failed_stack_instances_count: 3}
    creation_timestamp:
      description: When the operation was created.
      type: str
      sample: "2026-11-02T08:15:00+00:00"
    end_timestamp:
      description: When the operation ended.
      type: str
      sample: "2026-11-02T08:42:31+00:00"
    operation_preferences:
      description: Concurrency, Region order and failure tolerance, in snake_case.
      type: dict
      sample:
        region_concurrency_type: PARALLEL
        region_order: null
        failure_tolerance_count: 5
        failure_tolerance_percentage: null
        max_concurrent_count: null
        max_concurrent_percentage: 25
        concurrency_mode: SOFT_FAILURE_TOLERANCE
    stack_set_id:
      description: The unique ID of the stack set.
      type: str
      sample: org-baseline:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a
    retain_stacks:
      description: For C(DELETE), whether the stacks are retained.
      type: bool
      sample: null
    administration_role_arn:
      description: The administration role.
      type: str
      sample: arn:aws:iam::111122223333:role/AWSCloudFormationStackSetAdministrationRole
    execution_role_name:
      description: The execution role in each target account.
      type: str
      sample: AWSCloudFormationStackSetExecutionRole
    deployment_targets:
      description: The targets of a service-managed stack set, in snake_case.
      type: dict
      sample:
        accounts: null
        accounts_url: null
        organizational_unit_ids: [ou-ab12-1a2b3c4d]
        account_filter_type: null
    stack_set_drift_detection_details:
      description:
        - The findings of a C(DETECT_DRIFT) operation, in snake_case.
      type: dict
      sample: null
operation_results:
  description:
    - One row for each account and Region (and organizational unit). Every key is present, null if AWS sent no value.
    - On failure, the rows that were read before it, as far as their size allows.
  returned: with O(summary_only=false), on success, and on failure after results were requested
  type: list
  elements: dict
  contains:
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
      sample: >-
        ResourceLogicalId:Trail, ResourceType:AWS::CloudTrail::Trail, ResourceStatusReason:User is not authorized
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
          sample: >-
            Function not found:
            arn:aws:lambda:eu-west-1:111122223333:function:AWSCloudFormationStackSetAccountGate
      sample: {status: SKIPPED, status_reason: Function not found}
    organizational_unit_id:
      description: The targeted organizational unit. Null for self-managed stack sets.
      type: str
      sample: ou-ab12-1a2b3c4d
summary:
  description: Counts of the rows read. On failure, counts of RV(operation_results).
  returned: on success, and on failure after results were requested
  type: dict
  contains:
    total:
      description: How many rows, counting each target once.
      type: int
      sample: 300
    by_status:
      description: Rows by status. All five statuses are present.
      type: dict
      sample: {PENDING: 0, RUNNING: 0, SUCCEEDED: 297, FAILED: 3, CANCELLED: 0}
    by_region:
      description: The same for each Region. Rows without one are under C(none).
      type: dict
      sample:
        eu-west-1: {PENDING: 0, RUNNING: 0, SUCCEEDED: 147, FAILED: 3, CANCELLED: 0}
        us-east-1: {PENDING: 0, RUNNING: 0, SUCCEEDED: 150, FAILED: 0, CANCELLED: 0}
    by_organizational_unit:
      description: The same for each organizational unit. Rows without one are under C(none).
      type: dict
      sample:
        none: {PENDING: 0, RUNNING: 0, SUCCEEDED: 297, FAILED: 3, CANCELLED: 0}
    accounts:
      description: How many different accounts.
      type: int
      sample: 150
    regions:
      description: How many different Regions.
      type: int
      sample: 2
statuses:
  description: The value of O(statuses). Null for all statuses.
  returned: on success, and on failure after results were requested
  type: list
  elements: str
  sample: [FAILED]
next_token:
  description:
    - Use it as O(starting_token) to resume after the last row returned. Null if no rows remain.
    - On failure, null if nothing was read.
  returned: on success, and on failure after results were requested
  type: str
  sample: eyJOZXh0VG9rZW4iOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAxMH0=
truncated:
  description: Whether O(max_items) left rows unread.
  returned: success
  type: bool
  sample: false
complete:
  description:
    - Whether these are all rows that AWS lists for the operation. False with O(statuses), with O(starting_token), if
      RV(truncated), on failure, or if the stack set has no operations.
    - P(stackgate.stacksets.gate#filter) passes only on a complete result.
  returned: on success, and on failure after results were requested
  type: bool
  sample: true
error:
  description: The error in machine-readable form, as in the modules of amazon.aws.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - The AWS error code, such as V(AccessDenied), or the name of the SDK exception, such as
          V(EndpointConnectionError).
        - The codes of this collection are V(InvalidOption), V(ReadingTimeout), V(TokenRepeated), V(NoOperationId),
          V(UnsupportedPython), and V(Failed) if amazon.aws fails the module.
      type: str
      sample: AccessDenied
    message:
      description: The message of AWS or the SDK, on one line. For a code of this collection, the reason.
      type: str
      sample: User is not authorized to perform cloudformation:DescribeStackSetOperation
  sample: {code: AccessDenied, message: "User is not authorized to perform cloudformation:DescribeStackSetOperation"}
response_metadata:
  description: Metadata of the AWS response.
  returned: on failure, if AWS responded
  type: dict
  contains:
    request_id:
      description: The request ID, for AWS Support.
      type: str
      sample: 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9
    http_status_code:
      description: The HTTP status code.
      type: int
      sample: 403
    http_headers:
      description: The HTTP headers.
      type: dict
      sample: {content-type: text/xml, date: "Mon, 02 Nov 2026 08:15:00 GMT"}
    retry_attempts:
      description: The number of retries by the SDK.
      type: int
      sample: 0
boto3_version:
  description: The version of boto3.
  returned: failure
  type: str
  sample: 1.44.8
botocore_version:
  description: The version of botocore.
  returned: failure
  type: str
  sample: 1.44.8
"""

import json
import sys

# Before any import of this collection's or of the SDK's, which older Pythons can't take.
if sys.version_info < (3, 10):
    found = f"{sys.executable} is Python {sys.version.split()[0]}"
    message = f"This module needs Python 3.10 or newer, and {found}. Set ansible_python_interpreter to a newer one."
    json.dump({"failed": True, "msg": message, "error": {"code": "UnsupportedPython", "message": message}}, sys.stdout)
    raise SystemExit(1)

from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.module import StackSetsModule
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.operation_results_info import (
    argument_spec,
    run_module,
)


def main():
    run_module(StackSetsModule(**argument_spec()))


if __name__ == "__main__":
    main()
