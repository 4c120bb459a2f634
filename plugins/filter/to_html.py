# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: to_html
short_description: Write a StackSet operation's results as one HTML page
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Writes a self-contained page. It needs no network and no other file, and is readable without scripts.
  - The page shows the operation, counts, the causes of failure with their accounts, AWS CLI commands for a retry, a map
    of accounts by Region, and all results with a search. It supports phones, dark mode and printing.
  - The page's content security policy allows only its own script.
positional: _input
extends_documentation_fragment:
  - stackgate.stacksets._rows
  - stackgate.stacksets._report
seealso:
  - module: stackgate.stacksets.operation_results_info
  - plugin: stackgate.stacksets.to_markdown
    plugin_type: filter
  - plugin: stackgate.stacksets.to_junit
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

- name: Write the page
  ansible.builtin.copy:
    content: >-
      {{ read | stackgate.stacksets.to_html(region='eu-west-1', account_names={'000000000001': 'production'}) }}
    dest: org-baseline.html
    mode: "0640"
"""

RETURN = r"""
_value:
  description: The page.
  type: str
  sample: |
    <!doctype html>
    <html lang="en">
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.stackgate.stacksets.plugins.plugin_utils._filters.report import report_filter
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render._html.page import to_html


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"to_html": report_filter(to_html)}
