# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not use it.
"""What the filters over rows take."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  _input:
    description:
      - Rows as M(stackgate.stacksets.operation_results_info) returns them in C(operation_results), or its whole
        registered result; rows of P(stackgate.stacksets.operation_results#lookup); or either out of a file or an
        earlier job's artifact.
      - Hand them to another job as a text, with P(ansible.builtin.to_json#filter) in M(ansible.builtin.set_stats) and
        P(ansible.builtin.from_json#filter) in the next job. From AWX, ansible-core 2.19 and newer would otherwise take
        account ids for numbers, which the filter refuses.
    type: raw
    required: true
notes:
  - Of two rows for the same account, Region and organizational unit the worst counts (FAILED, CANCELLED, RUNNING,
    PENDING, any other, SUCCEEDED). A row without an account or a Region is a target of its own.
  - What is not rows is refused, such as a result of C(summary_only=true), of a loop, or of the AWS CLI.
"""
