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
      - The operation that rows by themselves belong to, as M(stackgate.stacksets.operation_results_info) returns it in
        C(operation), or as one of C(operations) of M(stackgate.stacksets.operations_info). A whole result has its own.
      - Without one the report says that it does not know how the operation stands.
    type: dict
  stack_set_name:
    description:
      - The stack set's name. Left out, the one that the rows of the lookup name, or the one in the operation's
        C(stack_set_id).
    type: str
  region:
    description:
      - The Region of the stack set. With it the report has a link to the operation's page in the AWS console, and the
        page has the AWS CLI's commands that retry what did not succeed.
    type: str
  call_as:
    description:
      - The C(call_as) that the operation was read with. The commands that retry take it over.
    type: str
    choices: [SELF, DELEGATED_ADMIN]
    default: SELF
  account_names:
    description:
      - Names of accounts by their ids, to be put beside the ids. Both take quotes, for YAML reads C(012345670123) and a
        name such as C(no) as something else, which is refused.
      - A text is taken as well, with JSON in it, V({"012345670123":"production"}), or C(ID=NAME) in each line.
    type: dict
    default: {}
notes:
  - The same rows give the same text, whenever it is written.
  - Rows of several operations are refused.
  - What the rows do not tell is said in the report. A reading that failed or was limited, an operation that has not
    ended, failures that AWS counts and does not list, drift.
  - Text of others is on one line, without control characters and without what looks like a credential, cut at 4,000
    characters, and escaped for the format.
"""
