# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: report_options
short_description: Check the options of the role stackgate.stacksets.report
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Checks the options of P(stackgate.stacksets.report#role) before anything is read, and returns what its tasks take.
  - It is a part of the role. What it returns may change in any release, so call the role, not this filter.
  - Where options are wrong it returns an error that names all of them and says what to give, and nothing else.
  - The options of the reading are checked only. The role's task takes them as they are.
positional: _input, result
options:
  _input:
    description:
      - The role's options by their names, but for C(report_result). An empty text and null count as not given.
    type: dict
    required: true
  result:
    description:
      - The role's C(report_result), of which only matters whether it is given. Left out, the options are not checked
        against it.
    type: raw
notes:
  - The module checks what is for the reading alone, such as C(report_reading_timeout), before it calls AWS.
seealso:
  - plugin: stackgate.stacksets.report
    plugin_type: role
"""

EXAMPLES = r"""
- name: Check options as the role does
  ansible.builtin.assert:
    that: not (options | stackgate.stacksets.report_options).error
  vars:
    options:
      report_stack_set_name: org-baseline
      report_dest: stackset_report
      report_formats: html, csv
"""

RETURN = r"""
_value:
  description: The options, checked. What was not given has its default, or is left out where there is none.
  type: dict
  contains:
    error:
      description: What is wrong, empty where nothing is. With an error there is no other key.
      type: str
      sample: ""
    reads:
      description: Whether the operation is to be read.
      type: bool
      sample: true
    about:
      description: The arguments that the filters for all formats take.
      type: dict
      sample: {stack_set_name: org-baseline, region: eu-west-1}
    files:
      description: The names of the files by their formats.
      type: dict
      sample: {html: report.html, csv: report.csv}
    dest:
      description: The directory.
      type: str
      sample: stackset_report
    mode:
      description: The permissions of the files.
      type: str
      sample: "0640"
    directory_mode:
      description: The permissions of the directory.
      type: str
      sample: "0750"
    max_length:
      description: How many characters the Markdown may have.
      type: int
      sample: 4000
    csv_bom:
      description: Whether the CSV begins with a byte order mark.
      type: bool
      sample: false
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.stackgate.stacksets.plugins.plugin_utils._filters.report_options import options_or_error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"report_options": options_or_error}
