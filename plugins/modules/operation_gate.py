#!/usr/bin/python
# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: operation_gate
short_description: Wait for a CloudFormation StackSet operation and check its results
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Waits for a StackSet operation to end, reads its results, and decides whether the next task may run.
  - O(stack_set_name) and O(operation_id) identify the operation.
  - O(max_failed) sets how many results may be C(FAILED). The default is 0.
  - O(ignore_reasons) ignores failures by status reason, such as those of suspended accounts.
  - O(wait_timeout) sets how many seconds to wait for the operation to end. The default is one hour.
  - O(fail_on_closed=false) returns the decision instead of failing the task.
  - The gate fails closed. It passes only if the operation has ended, AWS's list of results is up to date, and every
    rule holds for all results. If it cannot determine this in time, the verdict is V(inconclusive), which does not
    pass.
  - The gate checks the results because a C(SUCCEEDED) operation can have C(FAILED) results.
  - O(operations) gates many stack sets in one task. The gates run concurrently over one connection.
  - The module changes nothing in AWS.
options:
  stack_set_name:
    description:
      - The name, unique ID (C(name:uuid)) or ARN of the stack set.
      - The Region of an ARN must match the connection's Region.
      - Quote a name that YAML reads as a boolean, such as C(no). Where quotes have no effect, as in AWX, use the unique
        ID or the ARN.
      - Either this option or O(operations) is required.
    type: str
    required: false
  operations:
    description:
      - The operations to gate in one task, at most 500, all in the Region and account of the connection.
      - The task passes if all of them pass. Each gate waits and decides separately. A failure or an AWS error in one
        does not affect the others.
      - An entry inherits the options of the task that it does not set.
    type: list
    elements: dict
    suboptions:
      stack_set_name:
        description: The stack set, as in O(stack_set_name).
        type: str
        required: true
      operation_id:
        description: Overrides O(operation_id) for this operation.
        type: str
      created_after:
        description: Overrides O(created_after) for this operation.
        type: str
      created_before:
        description: Overrides O(created_before) for this operation.
        type: str
      max_failed:
        description: Overrides O(max_failed) for this operation.
        type: int
      max_failed_percentage:
        description: Overrides O(max_failed_percentage) for this operation.
        type: float
      max_cancelled:
        description: Overrides O(max_cancelled) for this operation.
        type: int
      scope:
        description: Overrides O(scope) for this operation.
        type: str
        choices: [operation, region, organizational_unit]
      expected_results:
        description: Overrides O(expected_results) for this operation.
        type: int
      min_results:
        description: Overrides O(min_results) for this operation.
        type: int
      accept_operation_statuses:
        description: Overrides O(accept_operation_statuses) for this operation.
        type: list
        elements: str
        choices: [SUCCEEDED, FAILED, STOPPED]
      max_unaccounted:
        description: Overrides O(max_unaccounted) for this operation.
        type: int
      allow_empty:
        description: Overrides O(allow_empty) for this operation.
        type: bool
      max_drifted:
        description: Overrides O(max_drifted) for this operation.
        type: int
      ignore_accounts:
        description: Overrides O(ignore_accounts) for this operation.
        type: list
        elements: str
      ignore_reasons:
        description: Overrides O(ignore_reasons) for this operation.
        type: raw
  concurrency:
    description:
      - How many of O(operations) to read concurrently, from 1 to 50.
      - If AWS still throttles one of them after the SDK's retries, all of them pause.
    type: int
    default: 10
  operation_id:
    description:
      - The ID that AWS returned when the operation was started. Required, for the task or for each entry of
        O(operations).
      - V(latest) selects the only operation created at O(created_after) or later. If several qualify, the gate is
        inconclusive. Once it has selected an operation, it reports newer ones in RV(newer_operations).
      - Quote an ID of digits, because YAML reads C(0123) as the number 83, which is rejected. Where quotes have no
        effect, as in AWX, use an entry of O(operations) that is a string,
        V(stack_set_name=org-baseline operation_id=0123).
    type: str
  created_after:
    description:
      - A time before the operation was started, in ISO 8601 with C(Z) or a UTC offset. Quotes are optional.
      - Required with O(operation_id=latest), not allowed otherwise.
    type: str
  created_before:
    description:
      - A time after the operation was started, in the format of O(created_after). Allowed only with
        O(operation_id=latest).
      - If several operations were created between the two times, the gate is inconclusive. Later operations are
        reported in RV(newer_operations).
      - The default is AWS's time when the gate finds the operation, plus one second.
    type: str
  wait:
    description:
      - Whether to wait. With V(false), the gate decides from the current state. It is inconclusive if the operation has
        not ended, or if the decision requires a second reading.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait for the operation to end. Until then, the gate retries after throttling, AWS server
        errors and broken connections.
    type: int
    default: 3600
  wait_sleep:
    description:
      - How many seconds to wait between two polls at first, at least 1. The interval grows up to a minute.
    type: int
    default: 15
  settle_timeout:
    description:
      - How many seconds to wait for AWS's list of results to catch up after the operation ends.
      - If O(accept_operation_statuses), O(max_failed) or O(max_cancelled) has already closed the gate, it still waits,
        so that its message has the causes. It waits until every failure that AWS counts is listed or, without a count,
        until two readings agree. With V(0), it answers immediately.
      - Transient errors are retried for this time or for the rest of O(wait_timeout), whichever is longer.
    type: int
    default: 120
  fail_fast:
    description:
      - Whether to close the gate as soon as O(max_failed) or O(max_cancelled) is exceeded, even if the operation is
        still in progress.
    type: bool
    default: false
  whole_reading:
    description:
      - Whether to read all results, whatever their status. By default, the gate reads C(SUCCEEDED) results only if a
        rule needs them. It then cannot detect a status that AWS adds in the future.
    type: bool
    default: false
  fail_on_closed:
    description:
      - Whether the task fails if the gate does not pass. With V(false), the task returns RV(gate) for use in C(when).
      - An error of AWS or of the connection always fails the task.
    type: bool
    default: true
  show_progress:
    description:
      - Whether to show the progress of the wait on the controller. It prints a line to stderr for each change, and at
        least one a minute.
      - Each poll is then a run of the module, and the last run decides. With O(operations), the module runs once, and
        the lines show only the elapsed time.
      - Progress is not shown with C(async), in check mode or with C(no_log).
    type: bool
    default: false
  max_reported:
    description:
      - The maximum number of unsuccessful results to return, from 0 to 1000. Ansible prints them if the task fails.
    type: int
    default: 20
  account_names:
    description:
      - A dictionary of account IDs and names. RV(msg) and RV(unsuccessful) show the names next to the IDs.
      - Quote IDs and names, because YAML reads C(012345670123) or C(no) as another value, which is rejected. Where
        quotes have no effect, as in AWX, give a JSON string, V({"012345670123":"production"}).
    type: dict
    default: {}
  poll_only:
    description:
      - Not for playbooks. The action plugin uses it to check whether the operation has ended. A task that sets it
        fails.
    type: bool
    default: false
extends_documentation_fragment:
  - stackgate.stacksets._operation
  - stackgate.stacksets._operation.reading
  - stackgate.stacksets._paging
  - stackgate.stacksets._gate
  - stackgate.stacksets._attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  action:
    description: >-
      Indicates this has a corresponding action plugin so some parts of the options can be executed on the controller.
    support: full
    details: It shows progress with O(show_progress=true), and rejects values that YAML misreads.
  async:
    description: Supports being used with the C(async) keyword.
    support: full
notes:
  - Required permissions are C(cloudformation:DescribeStackSetOperation) and
    C(cloudformation:ListStackSetOperationResults). C(cloudformation:ListStackSetOperations) is required for
    O(operation_id=latest), and to name the operation ahead of a queued one.
  - If several results have the same account, Region and organizational unit, only the worst counts.
  - A result without an account or a Region is a separate target if it is unsuccessful. It does not count toward
    O(min_results) or O(expected_results), or as C(SUCCEEDED) for O(max_failed_percentage).
  - O(ignore_accounts) and O(ignore_reasons) apply only to C(FAILED) results. A target with one ignored failure and
    another failure has failed.
  - The gate never passes if an operation or a result has a status that this version does not know.
  - Use O(wait_timeout) instead of the task keyword C(timeout), which ends the task before the gate can report what it
    knows.
  - After C(SIGTERM) or C(SIGINT), the task stops waiting and returns what is known. Further signals are ignored.
seealso:
  - module: stackgate.stacksets.operation_results_info
  - module: stackgate.stacksets.operations_info
  - plugin: stackgate.stacksets.gate
    plugin_type: filter
  - module: community.aws.cloudformation_stack_set
  - name: DescribeStackSetOperation
    description: The AWS API that shows whether the operation has ended.
    link: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackSetOperation.html
"""

EXAMPLES = r"""
- name: Continue only if the operation succeeded in every account and Region
  stackgate.stacksets.operation_gate:
    stack_set_name: org-baseline
    operation_id: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
    region: eu-west-1

- name: Allow one failure in each Region and ignore suspended accounts
  stackgate.stacksets.operation_gate:
    stack_set_name: org-baseline
    operation_id: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
    max_failed: 1
    scope: region
    ignore_reasons: ["(?i)account is suspended"]
    region: eu-west-1

- name: Gate the operation that this play started, and return the decision
  stackgate.stacksets.operation_gate:
    stack_set_name: org-baseline
    operation_id: latest
    created_after: "2026-11-02T08:00:00Z"
    max_failed_percentage: 2.5
    fail_on_closed: false
    show_progress: true
    region: eu-west-1
  register: baseline

- name: Gate three stack sets
  stackgate.stacksets.operation_gate:
    operations:
      - stack_set_name: org-baseline
      - stack_set_name: org-logging
        max_failed: 2
      - stack_set_name: org-network
        operation_id: op-1
    operation_id: latest
    created_after: "2026-11-02T08:00:00Z"
    region: eu-west-1
  register: all_three

- name: Show the gates that did not pass
  ansible.builtin.debug:
    msg: "{{ item.stack_set_name }}: {{ item.msg }}"
  loop: "{{ all_three.gates | rejectattr('gate.passed') }}"
  loop_control:
    label: "{{ item.stack_set_name }}"

- name: Show the commands that retry the failed targets
  ansible.builtin.debug:
    var: baseline.retry_commands
  when: not baseline.gate.passed

- name: Fail with the message alone if the gate is closed
  ansible.builtin.fail:
    msg: "{{ baseline.msg }}"
  when: not baseline.gate.passed
"""

RETURN = r"""
msg:
  description:
    - The decision, with the reason, the counts, the largest causes and the next step. A pass lists first what was
      tolerated. C(at least) means that not all results were read.
  returned: always
  type: str
  sample: >-
    Gate failed: 3 FAILED, and max_failed is 0. UPDATE operation 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e of stack set
    org-baseline is SUCCEEDED. Results read: 3 FAILED.
gates:
  description:
    - With O(operations), the result of each gate in the same order. Each has all keys of a single gate (RV(msg),
      RV(gate), RV(operation) and so on), and C(stack_set_name) and C(operation_id).
    - A gate that did not pass also has RV(error).
    - If they are too large together for AWX, some are shortened. Their message is cut, RV(gate) has only C(passed) and
      C(verdict), other keys are null, and C(truncated) is true. Gates that did not pass are shortened last.
  returned: with O(operations)
  type: list
  elements: dict
  sample:
    - stack_set_name: org-baseline
      operation_id: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
      msg: "Gate passed: UPDATE operation 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e of stack set org-baseline is SUCCEEDED."
      gate: {passed: true, verdict: passed}
      truncated: true
gate:
  description:
    - The decision. With O(operations), the decision for all of them. It is V(passed) if all passed, and V(failed) if
      one failed. Counts are sums, or null if one is unknown. Violations, missing and ignored entries have
      C(stack_set_name) and C(operation_id).
    - Not returned if Ansible or amazon.aws rejects the task, for example because of an unknown option or a missing
      Region.
  returned: unless Ansible or amazon.aws rejects the task
  type: dict
  contains:
    passed:
      description: Whether the next task may run.
      type: bool
      sample: false
    verdict:
      description: V(passed), V(failed), or V(inconclusive) if the gate cannot determine which.
      type: str
      sample: failed
    violations:
      description:
        - The rules that were violated, at most 200. C(rule) is the option, C(scope) is where it is counted, and
          C(group) is the Region or organizational unit. C(group) is V(none) for results without one, and null for the
          whole operation. C(limit) is the allowed value, and C(actual) is the value found.
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
        - What else prevents a pass. Each entry has C(what), a C(message), the C(option) that waits for it or accepts it
          (or null), and the C(way_out) in words.
      type: list
      elements: dict
      sample: []
    counts:
      description: The counts, with each target counted once.
      type: dict
      contains:
        total:
          description: How many results were read, including ignored ones.
          type: int
          sample: 3
        by_status:
          description: Results by status.
          type: dict
          sample: {PENDING: 0, RUNNING: 0, SUCCEEDED: 0, FAILED: 3, CANCELLED: 0}
        failed:
          description: FAILED results, without ignored ones.
          type: int
          sample: 3
        cancelled:
          description: CANCELLED results.
          type: int
          sample: 0
        ignored:
          description: FAILED results that O(ignore_accounts) and O(ignore_reasons) ignore.
          type: int
          sample: 0
        unaccounted:
          description: >-
            Failures that AWS counts but does not list, and unfinished results. Null until the operation has ended.
          type: int
          sample: 0
        failed_stack_instances_count:
          description: AWS's own count of failed stack instances, or null.
          type: int
          sample: 3
        complete:
          description: Whether all results were read. If not, the counts are minimums.
          type: bool
          sample: false
      sample:
        total: 3
        by_status: {PENDING: 0, RUNNING: 0, SUCCEEDED: 0, FAILED: 3, CANCELLED: 0}
        failed: 3
        cancelled: 0
        ignored: 0
        unaccounted: 0
        failed_stack_instances_count: 3
        complete: false
    ignored:
      description: The ignored results, at most 100.
      type: list
      elements: dict
      sample: []
operation:
  description:
    - The operation, with the keys of RV(stackgate.stacksets.operation_results_info#module:operation). Null if none was
      found.
  returned: for one operation, if the options were accepted
  type: dict
  sample:
    operation_id: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
    action: UPDATE
    status: SUCCEEDED
    status_reason: null
    status_details: {failed_stack_instances_count: 3}
unsuccessful:
  description:
    - FAILED and CANCELLED results, FAILED first, without ignored ones, at most O(max_reported). Long reasons are cut.
      With O(account_names), each has C(account_name).
  returned: for one operation, if the options were accepted
  type: list
  elements: dict
  sample:
    - account: "111122223333"
      region: eu-west-1
      status: FAILED
      status_reason: Account 111122223333 should have 'Stacks' role with trust relationship to Role 'Admin'.
      account_gate_result: {status: SKIPPED, status_reason: Function not found}
      organizational_unit_id: null
truncated:
  description: Whether there are more unsuccessful results than RV(unsuccessful) has.
  returned: for one operation, if the options were accepted
  type: bool
  sample: false
failure_groups:
  description:
    - FAILED results by cause, largest group first, at most 20. Reasons that differ only in generated parts, such as
      accounts, Regions, IDs and times, are one cause.
  returned: for one operation, if the options were accepted
  type: list
  elements: dict
  contains:
    reason:
      description:
        - The shared reason. Generated parts that differ are masked. A long reason is cut after 500 words.
      type: str
      sample: Account <account> should have 'Stacks' role with trust relationship to Role 'Admin'.
    key:
      description: An identifier of the cause, the same in every operation and stack set.
      type: str
      sample: c2f1a6c0de94b7a3
    count:
      description: How many results.
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
retry_targets:
  description:
    - Failed and cancelled targets, in groups that fit UpdateStackInstances. Retry every account of a group in every
      Region of that group. Ignored results are not included.
    - Null if not all targets are known, if one has no account or no Region, or if there are too many to return. RV(msg)
      gives the reason.
  returned: for one operation, if the options were accepted
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
retry_commands:
  description:
    - An AWS CLI command for each of RV(retry_targets). Without managed execution, a stack set runs one operation at a
      time.
    - Empty if the targets are not known, and for C(DETECT_DRIFT).
  returned: for one operation, if the options were accepted
  type: list
  elements: str
  sample:
    - >-
      aws cloudformation update-stack-instances --stack-set-name org-baseline --accounts 111122223333 --regions
      eu-west-1 eu-west-2 us-east-1 --region eu-west-1
newer_operations:
  description: With O(operation_id=latest), operations created after the gate selected its operation.
  returned: for one operation, if the options were accepted
  type: list
  elements: dict
  sample: []
console_url:
  description: The operation's page in the AWS console. Null if the operation or the console of the Region is unknown.
  returned: for one operation, if the options were accepted
  type: str
  sample: >-
    https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacksets/org-baseline%3A8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a/operations/5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
progress:
  description: The state of the wait at the last poll.
  returned: for one operation, if the options were accepted
  type: dict
  contains:
    operation_id:
      description: The operation that is gated.
      type: str
      sample: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
    status:
      description: The operation's status.
      type: str
      sample: SUCCEEDED
    failed_stack_instances_count:
      description: AWS's own count of failed stack instances, or null.
      type: int
      sample: 3
    in_front:
      description: If the operation is still queued at the end of O(wait_timeout), the operation ahead of it, or null.
      type: str
      sample: null
    elapsed:
      description: Seconds since the task started.
      type: float
      sample: 130.2
calls:
  description: How many requests were sent to AWS, including retries.
  returned: if the options were accepted
  type: int
  sample: 14
error:
  description: The error in machine-readable form, as in the modules of amazon.aws.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - The AWS error code, such as V(AccessDenied), or the name of the SDK exception, such as
          V(EndpointConnectionError).
        - The codes of this collection are V(GateFailed), V(GateInconclusive), V(InvalidOption), V(Interrupted) (by a
          signal), V(TaskTimeout) (by the keyword C(timeout) while progress is shown), V(ReadingTimeout), V(NoAnswer)
          (before the wait ended), V(TokenRepeated), V(NoOperationId), V(UnsupportedPython), and V(Failed) if amazon.aws
          fails the module.
      type: str
      sample: GateFailed
    message:
      description: The message of AWS or the SDK, on one line. For a code of this collection, the reason.
      type: str
      sample: 3 FAILED, and max_failed is 0.
  sample: {code: GateFailed, message: "3 FAILED, and max_failed is 0."}
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
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.operation_gate import (
    argument_spec,
    run_module,
)


def main():
    run_module(StackSetsModule(**argument_spec()))


if __name__ == "__main__":
    main()
