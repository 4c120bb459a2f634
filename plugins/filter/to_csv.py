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
  - Writes a line for each result, trouble first, under a line with the columns' names. C(stack_set_name),
    C(operation_id), C(account), C(account_name), C(region), C(organizational_unit_id), C(status), C(status_reason),
    C(account_gate_status), C(account_gate_status_reason), C(reading_complete).
  - C(reading_complete) is C(true) where the lines are all results of the operation. It is C(false) where the reading
    was limited or failed, and empty for rows by themselves, of which nobody knows it.
  - It is safe to open in a spreadsheet. What would be taken for a formula has an apostrophe before it.
  - Account ids are digits, and may begin with zeros. A spreadsheet and many other programs take them for numbers unless
    they are told to read the column as text.
positional: _input
options:
  bom:
    description:
      - Whether a byte order mark begins the text. By it spreadsheets know that it is UTF-8. Without it LibreOffice, for
        example, may show other characters for those that are not ASCII.
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
- name: Read what the last operation did
  stackgate.stacksets.operation_results_info:
    stack_set_name: org-baseline
    region: eu-west-1
  register: read

- name: Write a table of it
  ansible.builtin.copy:
    content: "{{ read | stackgate.stacksets.to_csv }}"
    dest: org-baseline.csv
    mode: "0640"

- name: Write one for spreadsheets
  ansible.builtin.copy:
    content: "{{ read | stackgate.stacksets.to_csv(bom=true) }}"
    dest: org-baseline-spreadsheet.csv
    mode: "0640"
"""

RETURN = r"""
_value:
  description:
    - The lines, each with a carriage return and a line feed at its end, as RFC 4180 says. To be written as UTF-8.
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
