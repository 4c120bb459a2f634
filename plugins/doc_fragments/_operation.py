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
      - The stack set, by its name, its unique id (C(name:uuid)) or its ARN, as EventBridge sends it.
      - An ARN of another Region than the connection's is refused.
      - YAML reads a name such as C(no) as false. It takes quotes. Where quotes do not help, as in AWX, give the unique
        id or the ARN.
    type: str
    required: true
"""

    READING = r"""
options:
  call_as:
    description:
      - V(SELF) to call from the stack set's own account, the administrator or management account.
      - V(DELEGATED_ADMIN) to call from an account that is a delegated administrator for service-managed stack sets.
        Without it such an account does not find the stack set.
      - It is sent with every call.
    type: str
    choices: [SELF, DELEGATED_ADMIN]
    default: SELF
  reading_timeout:
    description:
      - For how many seconds one reading of a stack set may go on, all its calls and their retries together; at least 1.
      - When the time is over, the reading ends as with any other error. Nothing waits longer, not even for an answer
        that comes byte by byte, or for a listing that has no end.
      - The default is for the largest stack set, of 1,000 pages, at a second a page and with throttling.
    type: int
    default: 1800
"""

    RESULTS = r"""
options:
  operation_id:
    description:
      - The operation to read.
      - Left out, the stack set's most recent operation by its creation time is read. AWS lists operations with a
        delay, so one that began a moment ago may not be seen yet; name it where you can.
      - An empty text counts as left out.
      - An id of digits takes quotes, for YAML reads C(0123) as the number 83.
    type: str
  statuses:
    description:
      - Read only results of these statuses. Left out, all results are read, in one listing.
      - With one status AWS does the filtering. With several, each is a listing of its own (AWS's filter takes one
        status). They are read at the same time, and their rows come in the order of this list. Together with
        O(max_items) they are read one after another and the reading stops at the limit.
      - Several listings of an operation that is still at work are not one snapshot; a warning says so.
    type: list
    elements: str
    choices: [PENDING, RUNNING, SUCCEEDED, FAILED, CANCELLED]
"""

    RESUMING = r"""
options:
  starting_token:
    description:
      - Go on after an earlier reading, from the token that it gave.
      - The tokens of a reading of all results, or of one status, are those of the AWS CLI's C(--starting-token), in
        both directions.
      - The token of a reading of several statuses knows where each of them stands. It belongs to the same
        O(operation_id) and the same O(statuses) in the same order, and is refused with others.
      - It needs O(operation_id), for the most recent operation may be another one by then.
    type: str
"""
