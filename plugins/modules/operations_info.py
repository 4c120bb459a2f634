#!/usr/bin/python
# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: operations_info
short_description: List the operations of a CloudFormation stack set
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Lists the operations of one CloudFormation stack set, newest first by creation time.
  - All operations are read before any is omitted, because AWS documents no order for C(ListStackSetOperations).
options:
  actions:
    description:
      - Return only operations with these actions. By default, all are returned.
    type: list
    elements: str
    choices: [CREATE, UPDATE, DELETE, DETECT_DRIFT]
  statuses:
    description:
      - Return only operations with these statuses. By default, all are returned.
    type: list
    elements: str
    choices: [QUEUED, RUNNING, STOPPING, SUCCEEDED, FAILED, STOPPED]
extends_documentation_fragment:
  - stackgate.stacksets._operation
  - stackgate.stacksets._operation.reading
  - stackgate.stacksets._paging
  - stackgate.stacksets._paging.limit
  - stackgate.stacksets._attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - AWS's list is eventually consistent, so it may not include a new operation yet.
seealso:
  - module: stackgate.stacksets.operation_results_info
  - plugin: stackgate.stacksets.operation_results
    plugin_type: lookup
  - name: ListStackSetOperations
    description: The AWS API that is read.
    link: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackSetOperations.html
"""

EXAMPLES = r"""
- name: List the last five updates
  stackgate.stacksets.operations_info:
    stack_set_name: org-baseline
    actions: [UPDATE]
    max_items: 5
    region: eu-west-1
  register: updates

- name: Read the results of the previous update
  stackgate.stacksets.operation_results_info:
    stack_set_name: org-baseline
    operation_id: "{{ updates.operations[1].operation_id }}"
    region: eu-west-1
  when: updates.operations | length > 1
"""

RETURN = r"""
msg:
  description: The number of operations and the newest one. On failure, the error.
  returned: always
  type: str
  sample: >-
    Stack set org-baseline: 12 operations; the newest is UPDATE operation 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e, which
    is SUCCEEDED.
operations:
  description:
    - The operations, newest first, in snake_case. Every key is present. Values and structures that AWS did not send
      are null. Times are ISO 8601 in UTC.
    - On failure, the operations that were read before it.
  returned: unless Ansible or amazon.aws rejects the task
  type: list
  elements: dict
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
      description: C(QUEUED), C(RUNNING), C(STOPPING), C(SUCCEEDED), C(FAILED) or C(STOPPED).
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
truncated:
  description: Whether O(max_items) omitted older operations.
  returned: success
  type: bool
  sample: false
error:
  description: The error in machine-readable form, as in the modules of amazon.aws.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - The AWS error code, such as V(AccessDenied), or the name of the SDK exception, such as
          V(EndpointConnectionError).
        - The codes of this collection are V(InvalidOption), V(ReadingTimeout), V(TokenRepeated), V(UnsupportedPython),
          and V(Failed) if amazon.aws fails the module.
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
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.operations_info import (
    argument_spec,
    run_module,
)


def main():
    run_module(StackSetsModule(**argument_spec()))


if __name__ == "__main__":
    main()
