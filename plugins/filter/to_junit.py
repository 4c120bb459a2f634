# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: to_junit
short_description: Write a StackSet operation's results as JUnit XML, accounts as tests
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Writes a suite for each Region with a case for each account, so that whatever shows tests shows accounts.
  - C(SUCCEEDED) passes; C(FAILED) and C(CANCELLED) are failures; any other status is an error.
  - What the results do not tell is an error as well, and an operation that is C(FAILED) or C(STOPPED) a failure, in a
    suite C(operation) that is there only then. Without results nothing is green.
  - Of several results for an account in a Region, of several organizational units, the worst is shown. A result without
    an account or a Region is a case of its own, with a number.
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
- name: Read what the last operation did
  stackgate.stacksets.operation_results_info:
    stack_set_name: org-baseline
    region: eu-west-1
  register: read

- name: Write it where the CI looks for tests
  ansible.builtin.copy:
    content: "{{ read | stackgate.stacksets.to_junit }}"
    dest: org-baseline.junit.xml
    mode: "0640"
"""

RETURN = r"""
_value:
  description:
    - The document, to be written as UTF-8. It is valid against the schemas of Apache Ant's JUnit report and of Jenkins.
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
