#!/usr/bin/python
# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: operation_gate
short_description: Wait for a CloudFormation StackSet operation, and go on only if its results allow it
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Waits until a StackSet operation has ended and its results are accounted for, and decides by the rules given whether
    the next task may run.
  - It fails closed. The gate passes only if the operation has ended, AWS's listing of its results has caught up with
    it, and every rule holds on all of them. What it cannot know in time is inconclusive, which is no pass.
  - It looks at the results, not at the operation's word, for an operation that C(SUCCEEDED) can hide C(FAILED) results.
  - One task gates one operation, or with O(operations) those of many stack sets. It reads those at the same time, over
    one connection, and decides each and all.
  - It only reads.
options:
  stack_set_name:
    description:
      - The stack set, by its name, its unique id (C(name:uuid)) or its ARN, as EventBridge sends it.
      - An ARN of another Region than the connection's is refused.
      - YAML reads a name such as C(no) as false. It takes quotes. Where quotes do not help, as in AWX, give the unique
        id or the ARN.
      - Either this or O(operations) is needed.
    type: str
    required: false
  operations:
    description:
      - Gate several operations in one task, at most 500, all of them in the Region and the account of the connection.
      - The task passes if all of them pass. Each is waited for and decided by itself, and one that fails, or that AWS
        does not answer for, keeps none of the others from its decision.
      - What an entry leaves out is as it is for the task.
    type: list
    elements: dict
    suboptions:
      stack_set_name:
        description: The stack set, as in O(stack_set_name).
        type: str
        required: true
      operation_id:
        description: Instead of O(operation_id).
        type: str
      created_after:
        description: Instead of O(created_after).
        type: str
      created_before:
        description: Instead of O(created_before).
        type: str
      max_failed:
        description: Instead of O(max_failed).
        type: int
      max_failed_percentage:
        description: Instead of O(max_failed_percentage).
        type: float
      max_cancelled:
        description: Instead of O(max_cancelled).
        type: int
      scope:
        description: Instead of O(scope).
        type: str
        choices: [operation, region, organizational_unit]
      expected_results:
        description: Instead of O(expected_results).
        type: int
      min_results:
        description: Instead of O(min_results).
        type: int
      accept_operation_statuses:
        description: Instead of O(accept_operation_statuses).
        type: list
        elements: str
        choices: [SUCCEEDED, FAILED, STOPPED]
      max_unaccounted:
        description: Instead of O(max_unaccounted).
        type: int
      allow_empty:
        description: Instead of O(allow_empty).
        type: bool
      max_drifted:
        description: Instead of O(max_drifted).
        type: int
      ignore_accounts:
        description: Instead of O(ignore_accounts).
        type: list
        elements: str
      ignore_reasons:
        description: Instead of O(ignore_reasons).
        type: raw
  concurrency:
    description:
      - How many of O(operations) are asked about at the same time, from 1 to 50, over one client. Where AWS throttles
        one of them for longer than the SDK asks again, all of them pause.
    type: int
    default: 10
  operation_id:
    description:
      - The operation's id, as the task that started it returned it. It is required, in O(operations) for each entry
        unless it is given for the task.
      - V(latest) stands for the one operation that was created at O(created_after) or later. The gate finds it once and
        keeps to it. Where two qualify it is inconclusive, and one that appears later is reported.
      - An id of digits takes quotes, for YAML reads C(0123) as the number 83, which is refused. Where quotes do not
        help, as in AWX, give an entry of O(operations) that is text, V(stack_set_name=org-baseline operation_id=0123).
    type: str
  created_after:
    description:
      - Only and always with O(operation_id=latest), a time before the operation was started, ISO 8601 with C(Z) or an
        offset from UTC. It may be without quotes.
    type: str
  created_before:
    description:
      - Only with O(operation_id=latest), the time up to which the operation was created, in the same form as
        O(created_after). Where two were created in between the gate is inconclusive. Later ones are reported in
        RV(newer_operations).
      - Left out, it is AWS's time when the gate finds the operation, and a second.
    type: str
  wait:
    description:
      - Whether to wait. With V(false) the gate decides on what is there now. An operation that has not ended, and
        results that only a second reading could confirm, are inconclusive then.
    type: bool
    default: true
  wait_timeout:
    description:
      - For how many seconds to wait for the operation's end. Throttling, AWS's own faults and connections that break
        are outlasted as long as there is time.
    type: int
    default: 3600
  wait_sleep:
    description:
      - How many seconds to wait between two polls at first, at least 1. The waits grow up to a minute.
    type: int
    default: 15
  settle_timeout:
    description:
      - For how many seconds after the operation's end to wait for AWS's listing of the results to catch up.
      - A gate that is closed for good by O(accept_operation_statuses), O(max_failed) or O(max_cancelled) waits as well,
        until the failures that AWS counts are listed, or two readings agree where AWS gives no count. So its answer has
        the causes. With V(0) it answers at once.
      - What passes by itself is outlasted as long, or for the rest of O(wait_timeout), whichever is longer.
    type: int
    default: 120
  fail_fast:
    description:
      - Whether to close the gate while the operation is still at work, once O(max_failed) or O(max_cancelled) is
        exceeded.
    type: bool
    default: false
  whole_reading:
    description:
      - Read every result, whatever its status. Otherwise the gate asks AWS for the bad ones, and for C(SUCCEEDED) ones
        only as far as a rule needs them, which can't show a status that AWS invents some day.
    type: bool
    default: false
  fail_on_closed:
    description:
      - Whether the task fails where the gate does not pass. With V(false) it returns RV(gate) for a C(when).
      - An error of AWS or of the connection fails the task in any case.
    type: bool
    default: true
  show_progress:
    description:
      - Whether to show on the controller how the wait goes, a line on each change and at least one a minute. The lines
        go to stderr.
      - It is the controller then that polls, with a run of the module each time, and the module that decides when the
        operation has ended. With O(operations) the module runs once, and the lines say no more than how long it has.
      - Nothing is shown with C(async), in check mode and with C(no_log).
    type: bool
    default: false
  max_reported:
    description:
      - How many unsuccessful results to return at most, from 0 to 1000. Ansible prints them where the gate fails.
    type: int
    default: 20
  account_names:
    description:
      - Names of accounts by their ids, to be put beside the ids in RV(msg) and RV(unsuccessful). Both take quotes, for
        YAML reads C(012345670123) and a name such as C(no) as something else, which is refused.
      - Where quotes do not help, as in AWX, give JSON as a text, V({"012345670123":"production"}).
    type: dict
    default: {}
  poll_only:
    description:
      - Look once whether the operation has ended, and decide nothing. The action plugin that shows progress asks for
        it. It is not for playbooks, and a task that has it fails.
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
    details: It shows progress where O(show_progress=true), and otherwise runs the module as any other.
  async:
    description: Supports being used with the C(async) keyword.
    support: full
notes:
  - It needs C(cloudformation:DescribeStackSetOperation) and C(cloudformation:ListStackSetOperationResults), and for
    O(operation_id=latest) and for naming the operation in front of a queued one
    C(cloudformation:ListStackSetOperations).
  - Of two rows for the same account, Region and organizational unit the worst counts, and it counts once. A row without
    an account or a Region counts as a target of its own where it is bad. It helps to reach neither O(min_results) nor
    O(expected_results), and is no C(SUCCEEDED) of O(max_failed_percentage).
  - Ignore rules touch C(FAILED) results only. A target with a failure that is ignored and another one that is not has
    failed.
  - A status of an operation or of a result that this version does not know is never a pass.
  - The task keyword C(timeout) ends the task from outside. Use O(wait_timeout), so that the gate can still say what it
    knows.
  - C(SIGTERM) and C(SIGINT) end the wait, and the task returns what is known by then. Further signals are ignored.
seealso:
  - module: stackgate.stacksets.operation_results_info
  - module: stackgate.stacksets.operations_info
  - plugin: stackgate.stacksets.gate
    plugin_type: filter
  - module: community.aws.cloudformation_stack_set
  - name: DescribeStackSetOperation
    description: The AWS API that decides whether the operation has ended.
    link: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackSetOperation.html
"""

EXAMPLES = r"""
- name: Go on only if the operation reached every target
  stackgate.stacksets.operation_gate:
    stack_set_name: org-baseline
    operation_id: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
    region: eu-west-1

- name: Tolerate a failure in each Region, and suspended accounts anywhere
  stackgate.stacksets.operation_gate:
    stack_set_name: org-baseline
    operation_id: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
    max_failed: 1
    scope: region
    ignore_reasons: ["(?i)account is suspended"]
    region: eu-west-1

- name: Gate the operation that began in this play, and branch on the answer
  stackgate.stacksets.operation_gate:
    stack_set_name: org-baseline
    operation_id: latest
    created_after: "2026-11-02T08:00:00Z"
    max_failed_percentage: 2.5
    fail_on_closed: false
    show_progress: true
    region: eu-west-1
  register: baseline

- name: Go on only if this play reached every target of three stack sets
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

- name: Show those that did not pass
  ansible.builtin.debug:
    msg: "{{ item.stack_set_name }}: {{ item.msg }}"
  loop: "{{ all_three.gates | rejectattr('gate.passed') }}"
  loop_control:
    label: "{{ item.stack_set_name }}"

- name: Show how to retry what failed
  ansible.builtin.debug:
    var: baseline.retry_commands
  when: not baseline.gate.passed

- name: Stop here if the gate is closed, with its message alone
  ansible.builtin.fail:
    msg: "{{ baseline.msg }}"
  when: not baseline.gate.passed
"""

RETURN = r"""
msg:
  description:
    - The decision in words, with the reason, the counts, the largest causes and the next step. Of a pass it says first
      what was tolerated, and where not all results were read it says C(at least).
  returned: always
  type: str
  sample: >-
    Gate failed: 3 FAILED, and max_failed is 0. UPDATE operation 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e of stack set
    org-baseline is SUCCEEDED. Results read: 3 FAILED.
gates:
  description:
    - With O(operations), each gate in their order, with all the keys that the result of one gate has (RV(msg),
      RV(gate), RV(operation) and so on), and C(stack_set_name) and C(operation_id).
    - One that did not pass has RV(error) too.
    - Where they would be too large together for AWX, some have their message cut, C(passed) and C(verdict) alone in
      RV(gate), null for what there is no room for, and C(truncated). Those that did not pass are the last to be cut.
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
    - The decision. With O(operations) that on all of them. It is V(passed) where all passed and V(failed) where one
      failed, its counts are sums (null where one is not known), and violations, missing and ignored name their
      C(stack_set_name) and C(operation_id).
    - A task that Ansible or amazon.aws itself refuses, for an unknown option or for want of a Region, fails without it.
  returned: unless Ansible or amazon.aws itself refuses the task
  type: dict
  contains:
    passed:
      description: Whether the next task may run.
      type: bool
      sample: false
    verdict:
      description: V(passed), V(failed), or V(inconclusive) where that can't be known.
      type: str
      sample: failed
    violations:
      description:
        - The rules that do not hold. C(rule) is the option's name, C(scope) is where it is counted, C(group) the Region
          or organizational unit (V(none) for rows without one, null for the whole operation), C(limit) what the option
          allows, C(actual) what there is. At most 200 of them.
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
          C(option) that waits for it or accepts it knowingly (or null), and the C(way_out) in words.
      type: list
      elements: dict
      sample: []
    counts:
      description: What was counted, each target once.
      type: dict
      contains:
        total:
          description: How many results were read, the ignored ones among them.
          type: int
          sample: 3
        by_status:
          description: Results by AWS's status.
          type: dict
          sample: {PENDING: 0, RUNNING: 0, SUCCEEDED: 0, FAILED: 3, CANCELLED: 0}
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
          description: Whether all results were read. If not, there are at least so many.
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
      description: The ignored results, at most 100 of them.
      type: list
      elements: dict
      sample: []
operation:
  description:
    - The operation, with the keys that RV(stackgate.stacksets.operation_results_info#module:operation) has. Null where
      none was found.
  returned: for one operation, when the options were accepted
  type: dict
  sample:
    operation_id: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
    action: UPDATE
    status: SUCCEEDED
    status_reason: null
    status_details: {failed_stack_instances_count: 3}
unsuccessful:
  description:
    - FAILED and CANCELLED results, FAILED first, without the ignored ones, at most O(max_reported). Long reasons are
      cut. With O(account_names) each has C(account_name).
  returned: for one operation, when the options were accepted
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
  returned: for one operation, when the options were accepted
  type: bool
  sample: false
failure_groups:
  description:
    - FAILED results by cause, the largest group first, at most 20. Reasons are one cause where they differ in nothing
      but what is generated, such as accounts, Regions, ids and times.
  returned: for one operation, when the options were accepted
  type: list
  elements: dict
  contains:
    reason:
      description:
        - The reason that they share. What is generated in it is masked where it is not the same in all of them. Of a
          very long reason, the first 500 words.
      type: str
      sample: Account <account> should have 'Stacks' role with trust relationship to Role 'Admin'.
    key:
      description: The same for the same cause, in whatever operation or stack set.
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
    - What failed or was cancelled, as groups that fit UpdateStackInstances. The accounts times the Regions of a group
      are targets to retry, all of them, and nothing else. The ignored ones are not among them.
    - Null where they are not all known, also where one names no account or no Region, or too many to return. RV(msg)
      says why.
  returned: for one operation, when the options were accepted
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
    - The AWS CLI's commands that retry RV(retry_targets), one for each. A stack set without managed execution runs one
      operation at a time.
    - Empty where the targets are not known, and for a C(DETECT_DRIFT).
  returned: for one operation, when the options were accepted
  type: list
  elements: str
  sample:
    - >-
      aws cloudformation update-stack-instances --stack-set-name org-baseline --accounts 111122223333 --regions
      eu-west-1 eu-west-2 us-east-1 --region eu-west-1
newer_operations:
  description: With O(operation_id=latest), operations that were created after the gate had found its own.
  returned: for one operation, when the options were accepted
  type: list
  elements: dict
  sample: []
console_url:
  description: The operation's page in AWS's console. Null where the operation or the Region's console is not known.
  returned: for one operation, when the options were accepted
  type: str
  sample: >-
    https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacksets/org-baseline%3A8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a/operations/5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
progress:
  description: How the wait went, at the last poll.
  returned: for one operation, when the options were accepted
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
      description: The operation that a queued one still waits for at the end of O(wait_timeout), where it is known.
      type: str
      sample: null
    elapsed:
      description: Seconds since the task began.
      type: float
      sample: 130.2
calls:
  description: How many requests were sent to AWS, retries among them.
  returned: when the options were accepted
  type: int
  sample: 14
error:
  description: What went wrong, for machines, in the form of amazon.aws's modules.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - AWS's code, such as V(AccessDenied), or the name of the SDK's exception, such as V(EndpointConnectionError).
        - Or one of this collection's, which are V(GateFailed), V(GateInconclusive), V(InvalidOption), V(Interrupted) by
          a signal, V(TaskTimeout) by the keyword C(timeout) while progress is shown, V(ReadingTimeout), V(NoAnswer)
          before the wait was over, V(TokenRepeated), V(NoOperationId), V(UnsupportedPython), and V(Failed) where
          amazon.aws itself fails the module.
      type: str
      sample: GateFailed
    message:
      description: AWS's or the SDK's own words, on one line. Where the code is this collection's, the reason.
      type: str
      sample: 3 FAILED, and max_failed is 0.
  sample: {code: GateFailed, message: "3 FAILED, and max_failed is 0."}
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
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.operation_gate import (
    argument_spec,
    run_module,
)


def main():
    run_module(StackSetsModule(**argument_spec()))


if __name__ == "__main__":
    main()
