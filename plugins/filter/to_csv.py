# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: to_csv
short_description: Write a StackSet operation's results as CSV
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Writes a header and a line for each result, failures first. The columns are C(stack_set_name), C(operation_id),
    C(account), C(account_name), C(region), C(organizational_unit_id), C(status), C(status_reason),
    C(account_gate_status), C(account_gate_status_reason), C(reading_complete).
  - C(reading_complete) is C(true) if the lines are all results of the operation, and C(false) if the reading was
    limited or failed. It is empty for a list of rows, which does not show this.
  - It is safe to open in a spreadsheet. A value that looks like a formula begins with an apostrophe.
  - Account IDs can begin with zeros. Import the column as text, because spreadsheets and many other programs otherwise
    convert it to numbers.
positional: _input
options:
  bom:
    description:
      - Whether the text begins with a byte order mark, by which spreadsheets recognize UTF-8. Without it, LibreOffice,
        for example, may show other characters instead of those outside ASCII.
    type: bool
    default: false
extends_documentation_fragment:
  - stackgate.stacksets._rows
  - stackgate.stacksets._report
seealso:
  - module: stackgate.stacksets.operation_results_info
  - plugin: stackgate.stacksets.to_html
    plugin_type: filter
  - plugin: stackgate.stacksets.to_markdown
    plugin_type: filter
  - plugin: stackgate.stacksets.to_junit
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the results of the most recent operation
  stackgate.stacksets.operation_results_info:
    stack_set_name: org-baseline
    region: eu-west-1
  register: read

- name: Write the CSV
  ansible.builtin.copy:
    content: "{{ read | stackgate.stacksets.to_csv }}"
    dest: org-baseline.csv
    mode: "0640"

- name: Write the CSV for spreadsheets
  ansible.builtin.copy:
    content: "{{ read | stackgate.stacksets.to_csv(bom=true) }}"
    dest: org-baseline-spreadsheet.csv
    mode: "0640"
"""

RETURN = r"""
_value:
  description:
    - The lines, each ending with a carriage return and a line feed (RFC 4180). Write them as UTF-8.
  type: str
  sample: |
    stack_set_name,operation_id,account,account_name,region,organizational_unit_id,status,status_reason,account_gate_status,account_gate_status_reason,reading_complete
    org-baseline,5d1f2a44,000000000003,,eu-west-1,,FAILED,Access denied,SKIPPED,Function not found,true
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.stackgate.stacksets.plugins.plugin_utils._filters.report import report_filter
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.csv import to_csv


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"to_csv": report_filter(to_csv, ("bom",))}
