# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not use it.
"""Options that name a stack set, and one of its operations."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  stack_set_name:
    description:
      - The name, unique ID (C(name:uuid)) or ARN of the stack set.
      - The Region of an ARN must match the connection's Region.
      - Quote a name that YAML reads as a boolean, such as C(no). Where quotes have no effect, as in AWX, use the unique
        ID or the ARN.
    type: str
    required: true
requirements:
  - python >= 3.10
"""

    READING = r"""
options:
  call_as:
    description:
      - V(SELF) to call from the account that owns the stack set, the administrator or management account.
      - V(DELEGATED_ADMIN) to call from a delegated administrator account for service-managed stack sets. Without it,
        such an account does not find the stack set.
      - It applies to every call.
    type: str
    choices: [SELF, DELEGATED_ADMIN]
    default: SELF
  reading_timeout:
    description:
      - How many seconds one reading of a stack set may take, including all calls and their retries; at least 1.
      - A reading that takes longer ends with an error, even during a slow response or an endless listing.
      - The default suits the largest stack set, with 1,000 pages at one second a page, and throttling.
    type: int
    default: 1800
"""

    RESULTS = r"""
options:
  operation_id:
    description:
      - The ID of the operation to read.
      - The default is the stack set's most recently created operation. AWS lists new operations with a delay, so set
        the ID if you know it.
      - An empty string counts as not set.
      - Quote an ID of digits, because YAML reads C(0123) as the number 83.
    type: str
  statuses:
    description:
      - Read only results with these statuses. By default, all results are read.
      - AWS filters by one status. Several statuses are read concurrently, as separate listings, and returned in
        the order of this list. With O(max_items), they are read in this order up to the limit.
      - For an operation in progress, a warning says that several listings are not one snapshot.
    type: list
    elements: str
    choices: [PENDING, RUNNING, SUCCEEDED, FAILED, CANCELLED]
"""

    RESUMING = r"""
options:
  starting_token:
    description:
      - The token that an earlier reading returned, to resume after it.
      - Tokens for all results or for one status are interchangeable with those of the AWS CLI's C(--starting-token).
      - A token for several statuses is valid only with the same O(operation_id) and the same O(statuses) in the same
        order.
      - Requires O(operation_id), because another operation may be the most recent one by then.
    type: str
"""
