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
      - The registered result of M(stackgate.stacksets.operation_results_info), its C(operation_results), or rows of
        P(stackgate.stacksets.operation_results#lookup). They may come from a file or an artifact of another job.
      - To pass them to another job, use P(ansible.builtin.to_json#filter) in M(ansible.builtin.set_stats), and
        P(ansible.builtin.from_json#filter) in the next job. Otherwise, in AWX, ansible-core 2.19 and newer read account
        IDs as numbers, which the filter rejects.
    type: raw
    required: true
notes:
  - If several rows have the same account, Region and organizational unit, only the worst counts (FAILED, CANCELLED,
    RUNNING, PENDING, any other, SUCCEEDED). A row without an account or a Region is a separate target.
  - Other input is rejected, such as a result of C(summary_only=true), of a loop, or of the AWS CLI.
"""
