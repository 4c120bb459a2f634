# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: summarize
short_description: Count a StackSet operation's results by status, Region and organizational unit
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Counts rows already read, as M(stackgate.stacksets.operation_results_info) does in C(summary).
  - Rows of several operations are rejected.
positional: _input
extends_documentation_fragment:
  - stackgate.stacksets._rows
seealso:
  - module: stackgate.stacksets.operation_results_info
  - plugin: stackgate.stacksets.operation_results
    plugin_type: lookup
  - plugin: stackgate.stacksets.group_failures
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the results of the most recent operation
  ansible.builtin.set_fact:
    results: "{{ query('stackgate.stacksets.operation_results', 'org-baseline', region='eu-west-1') }}"

- name: Count the results of one Region
  ansible.builtin.debug:
    var: results | selectattr('region', 'eq', 'us-east-1') | stackgate.stacksets.summarize
"""

RETURN = r"""
_value:
  description: The counts, each target once.
  type: dict
  contains:
    total:
      description: Number of rows.
      type: int
      sample: 300
    by_status:
      description: Rows by status. All five statuses are included.
      type: dict
      sample: {PENDING: 0, RUNNING: 0, SUCCEEDED: 297, FAILED: 3, CANCELLED: 0}
    by_region:
      description: The same for each Region. C(none) contains rows without one.
      type: dict
      sample:
        eu-west-1: {PENDING: 0, RUNNING: 0, SUCCEEDED: 147, FAILED: 3, CANCELLED: 0}
        us-east-1: {PENDING: 0, RUNNING: 0, SUCCEEDED: 150, FAILED: 0, CANCELLED: 0}
    by_organizational_unit:
      description: The same for each organizational unit. C(none) contains rows without one.
      type: dict
      sample:
        none: {PENDING: 0, RUNNING: 0, SUCCEEDED: 297, FAILED: 3, CANCELLED: 0}
    accounts:
      description: Number of accounts.
      type: int
      sample: 150
    regions:
      description: Number of Regions.
      type: int
      sample: 2
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import Tally
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._filters.rows import row_filter, rows_of_one_operation


@row_filter
def summarize(value: Any) -> dict[str, Any]:
    tally = Tally()
    tally.add(rows_of_one_operation(value).rows)
    return tally.summary()


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"summarize": summarize}
