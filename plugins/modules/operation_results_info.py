#!/usr/bin/python
# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: operation_results_info
short_description: What a CloudFormation StackSet operation did in every account and Region
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Reads the results of one operation of a CloudFormation stack set, one row for each account and Region, to the last
    page of AWS's C(ListStackSetOperationResults).
  - Also where AWS calls the operation C(SUCCEEDED), for that only means that its failure tolerance was not exceeded.
  - An error in the middle of a reading fails the task, with the rows so far and a token that resumes after them.
  - Calls C(DescribeStackSetOperation) and C(ListStackSetOperationResults), and C(ListStackSetOperations) where
    O(operation_id) is left out. Each page is retried by itself; O(aws_config) tunes how.
options:
  summary_only:
    description:
      - Return RV(summary) without RV(operation_results). The rows are counted page by page and not kept, so that
        100,000 of them need little memory, and the task's result stays small.
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
    details: What it returns is what AWS says at that moment.
notes:
  - AWS's listing is eventually consistent; for a while after the end of an operation it can lack rows or show old ones.
    Compare RV(operation.status_details) with RV(summary).
  - Of two rows for the same account, Region and organizational unit the worst stays (FAILED, CANCELLED, RUNNING,
    PENDING, any other, SUCCEEDED). AWS promises an account for self-managed stack sets only. A row without an account
    or a Region stays as it is, for nothing tells whether another one is about the same target. O(max_items),
    RV(next_token) and RV(truncated) count rows as AWS sent them.
  - ansible-runner, and so AWX, leaves a task's result of over 700,000 characters (about 2,000 rows) out of the job's
    events. A warning says when that happens. O(statuses) and O(summary_only) keep results small, and the lookup hands
    many rows over faster.
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

- name: Name the accounts that failed, even where the operation succeeded
  ansible.builtin.debug:
    msg: "{{ item.account }} in {{ item.region }}: {{ item.status_reason }}"
  loop: "{{ baseline.operation_results | selectattr('status', 'eq', 'FAILED') }}"
  loop_control:
    label: "{{ item.account }} {{ item.region }}"

- name: Let AWS pick out the failed and cancelled ones
  stackgate.stacksets.operation_results_info:
    stack_set_name: org-baseline
    operation_id: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
    statuses: [FAILED, CANCELLED]
    region: eu-west-1
  register: unsuccessful

- name: Count their accounts
  ansible.builtin.debug:
    msg: "{{ unsuccessful.summary.accounts }} accounts were not updated"

- name: Go on only if the whole result says that all is well, which a list without failures does not
  ansible.builtin.assert:
    that: (baseline | stackgate.stacksets.gate).passed
    fail_msg: "{{ (baseline | stackgate.stacksets.gate).msg }}"

- name: Count a very large operation without its rows, as a delegated administrator
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
  description: What was read, in a sentence. After a failure, what went wrong.
  returned: always
  type: str
  sample: >-
    UPDATE operation 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e of stack set org-baseline is SUCCEEDED: 120 results in 40
    accounts and 3 Regions, 117 SUCCEEDED, 3 FAILED.
stack_set_name:
  description: O(stack_set_name) as it was given.
  returned: success
  type: str
  sample: org-baseline
operation:
  description:
    - The operation as C(DescribeStackSetOperation) shows it, in snake_case. Every key is always there, null where AWS
      sent nothing. A structure that AWS did not send is one null. Times are ISO 8601 in UTC.
    - Null where the stack set has no operations.
    - After a failure, null where it came before the operation was read.
  returned: always, and on failure once results were asked for
  type: dict
  contains:
    operation_id:
      description: Its id.
      type: str
      sample: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
    action:
      description: C(CREATE), C(UPDATE), C(DELETE) or C(DETECT_DRIFT).
      type: str
      sample: UPDATE
    status:
      description:
        - C(QUEUED), C(RUNNING), C(STOPPING), C(SUCCEEDED), C(FAILED) or C(STOPPED).
        - C(SUCCEEDED) means that the failure tolerance was not exceeded; there can be failed results.
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
          description: How many stack instances failed; one account in three Regions counts three.
          type: int
          sample: 3
      sample: {failed_stack_instances_count: 3}
    creation_timestamp:
      description: When it was asked for.
      type: str
      sample: "2026-11-02T08:15:00+00:00"
    end_timestamp:
      description: When it ended.
      type: str
      sample: "2026-11-02T08:42:31+00:00"
    operation_preferences:
      description: Concurrency, Region order and failure tolerance, with the keys of AWS's structure in snake_case.
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
      description: The unique id of the stack set.
      type: str
      sample: org-baseline:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a
    retain_stacks:
      description: For a C(DELETE), whether the stacks themselves are left in place.
      type: bool
      sample: null
    administration_role_arn:
      description: The role that the stack set's own account uses.
      type: str
      sample: arn:aws:iam::111122223333:role/AWSCloudFormationStackSetAdministrationRole
    execution_role_name:
      description: The role in each target account.
      type: str
      sample: AWSCloudFormationStackSetExecutionRole
    deployment_targets:
      description: The targets of a service-managed stack set, with the keys of AWS's structure in snake_case.
      type: dict
      sample:
        accounts: null
        accounts_url: null
        organizational_unit_ids: [ou-ab12-1a2b3c4d]
        account_filter_type: null
    stack_set_drift_detection_details:
      description:
        - What a C(DETECT_DRIFT) operation found, with the keys of AWS's structure in snake_case.
      type: dict
      sample: null
operation_results:
  description:
    - One row for each account and Region (and organizational unit). Every key is always there, null where AWS sent
      nothing.
    - After a failure, the rows that were read before, cut to what every callback can carry.
  returned: when O(summary_only=false), and on failure once results were asked for
  type: list
  elements: dict
  contains:
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
      sample: >-
        ResourceLogicalId:Trail, ResourceType:AWS::CloudTrail::Trail, ResourceStatusReason:User is not authorized
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
          sample: >-
            Function not found:
            arn:aws:lambda:eu-west-1:111122223333:function:AWSCloudFormationStackSetAccountGate
      sample: {status: SKIPPED, status_reason: Function not found}
    organizational_unit_id:
      description: The organizational unit that was targeted. Null for self-managed stack sets.
      type: str
      sample: ou-ab12-1a2b3c4d
summary:
  description: Counts over the rows read; after a failure, over those in RV(operation_results).
  returned: always, and on failure once results were asked for
  type: dict
  contains:
    total:
      description: How many rows, each target counted once.
      type: int
      sample: 300
    by_status:
      description: Rows by status. All five statuses are always there.
      type: dict
      sample: {PENDING: 0, RUNNING: 0, SUCCEEDED: 297, FAILED: 3, CANCELLED: 0}
    by_region:
      description: The same for each Region. Rows without one stand under C(none).
      type: dict
      sample:
        eu-west-1: {PENDING: 0, RUNNING: 0, SUCCEEDED: 147, FAILED: 3, CANCELLED: 0}
        us-east-1: {PENDING: 0, RUNNING: 0, SUCCEEDED: 150, FAILED: 0, CANCELLED: 0}
    by_organizational_unit:
      description: The same for each organizational unit. Rows without one stand under C(none).
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
  description: O(statuses) as they were asked for. Null for all.
  returned: always, and on failure once results were asked for
  type: list
  elements: str
  sample: [FAILED]
next_token:
  description:
    - Given as O(starting_token), it goes on after the last row returned. Null where nothing remains.
    - After a failure, null where nothing was read yet.
  returned: always, and on failure once results were asked for
  type: str
  sample: eyJOZXh0VG9rZW4iOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAxMH0=
truncated:
  description: Whether O(max_items) kept rows back.
  returned: success
  type: bool
  sample: false
complete:
  description:
    - Whether these are all rows that AWS lists for the operation. Without O(statuses) and O(starting_token), not
      truncated, and without an error. False where the stack set has no operations.
    - P(stackgate.stacksets.gate#filter) passes only on a result that is complete.
  returned: always, and on failure once results were asked for
  type: bool
  sample: true
error:
  description: What went wrong, for machines, in the form of amazon.aws's modules.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - AWS's code, such as V(AccessDenied), or the name of the SDK's exception, such as V(EndpointConnectionError).
        - Or one of this collection's, which are V(InvalidOption), V(ReadingTimeout), V(TokenRepeated),
          V(NoOperationId), V(UnsupportedPython), and V(Failed) where amazon.aws itself fails the module.
      type: str
      sample: AccessDenied
    message:
      description: AWS's or the SDK's own words, on one line. Where the code is this collection's, the reason.
      type: str
      sample: User is not authorized to perform cloudformation:DescribeStackSetOperation
  sample: {code: AccessDenied, message: "User is not authorized to perform cloudformation:DescribeStackSetOperation"}
response_metadata:
  description: What AWS says about its answer.
  returned: on failure, where AWS answered
  type: dict
  contains:
    request_id:
      description: The request's id, for AWS Support.
      type: str
      sample: 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9
    http_status_code:
      description: The HTTP status.
      type: int
      sample: 403
    http_headers:
      description: The HTTP headers.
      type: dict
      sample: {content-type: text/xml, date: "Mon, 02 Nov 2026 08:15:00 GMT"}
    retry_attempts:
      description: How often the SDK asked again.
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
