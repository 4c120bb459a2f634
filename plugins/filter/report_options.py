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
  - Checks the options of P(stackgate.stacksets.report#role) before anything is read, and returns the values that its
    tasks use.
  - Use the role, not this filter. The return value may change in any release.
  - If options are invalid, it returns only an error that lists all of them and says how to correct them.
  - Options for reading are checked but not returned.
positional: _input, result
options:
  _input:
    description:
      - The role's options by name, without C(report_result). An empty string and null count as not set.
    type: dict
    required: true
  result:
    description:
      - The role's C(report_result). The filter checks only whether it is set. If omitted, the options are not checked
        against it.
    type: raw
notes:
  - The module itself checks options that only it uses, such as C(report_reading_timeout), before it calls AWS.
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
  description: The checked options. An option that is not set has its default, or is omitted if it has none.
  type: dict
  contains:
    error:
      description: The error, or an empty string. With an error, no other key is returned.
      type: str
      sample: ""
    reads:
      description: Whether the role reads the operation.
      type: bool
      sample: true
    about:
      description: The arguments for the filters of all formats.
      type: dict
      sample: {stack_set_name: org-baseline, region: eu-west-1}
    files:
      description: The file names by format.
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
      description: Maximum number of characters of the Markdown.
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
