# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: to_junit
short_description: Write a StackSet operation's results as JUnit XML
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Writes a test suite for each Region and a test case for each account, for tools that show test results.
  - C(SUCCEEDED) passes; C(FAILED) and C(CANCELLED) are failures; any other status is an error.
  - A suite named C(operation) is added if something is wrong with the whole operation. An operation that is C(FAILED)
    or C(STOPPED) is a failure. Each note of the report, for example that there are no results, is an error.
  - If an account has several results in a Region, from several organizational units, the worst is used. A result
    without an account or a Region is a numbered test case of its own.
positional: _input
extends_documentation_fragment:
  - stackgate.stacksets._rows
  - stackgate.stacksets._report
seealso:
  - module: stackgate.stacksets.operation_results_info
  - plugin: stackgate.stacksets.to_html
    plugin_type: filter
  - plugin: stackgate.stacksets.to_markdown
    plugin_type: filter
  - plugin: stackgate.stacksets.to_csv
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the results of the most recent operation
  stackgate.stacksets.operation_results_info:
    stack_set_name: org-baseline
    region: eu-west-1
  register: read

- name: Write the file for the CI system
  ansible.builtin.copy:
    content: "{{ read | stackgate.stacksets.to_junit }}"
    dest: org-baseline.junit.xml
    mode: "0640"
"""

RETURN = r"""
_value:
  description:
    - The document. Write it as UTF-8. It is valid against the schemas of Apache Ant's JUnit report and of Jenkins.
  type: str
  sample: |
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites>
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.stackgate.stacksets.plugins.plugin_utils._filters.report import report_filter
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.junit import to_junit


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"to_junit": report_filter(to_junit)}
