# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not use it.
"""What the filters that write a report take besides the rows."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  operation:
    description:
      - The operation that the rows belong to, from C(operation) of M(stackgate.stacksets.operation_results_info) or
        C(operations) of M(stackgate.stacksets.operations_info). Not needed for a complete result, which contains it.
      - Without it, the report says that the operation's status is unknown.
    type: dict
  stack_set_name:
    description:
      - The stack set's name. The default is the name in the lookup's rows or in the operation's C(stack_set_id).
    type: str
  region:
    description:
      - The Region of the stack set. With it, the report links to the operation in the AWS console, and the HTML page
        has the AWS CLI commands that retry unsuccessful results.
    type: str
  call_as:
    description:
      - The C(call_as) that the operation was read with. The retry commands use it.
    type: str
    choices: [SELF, DELEGATED_ADMIN]
    default: SELF
  account_names:
    description:
      - A dictionary of account IDs and names. The report shows the names next to the IDs. Quote IDs and names, because
        YAML reads C(012345670123) or C(no) as another value, which is rejected.
      - A string is also accepted, as JSON, V({"012345670123":"production"}), or with C(ID=NAME) on each line.
    type: dict
    default: {}
notes:
  - The same rows always produce the same text.
  - Rows of several operations are rejected.
  - The report says what the rows do not show, such as a failed or limited reading, an operation that has not ended,
    failures that AWS counts but does not list, and drift.
  - Untrusted text is put on one line, without control characters or apparent credentials. It is cut at 4,000
    characters, and escaped for the format.
"""
