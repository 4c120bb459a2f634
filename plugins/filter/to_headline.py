# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: to_headline
short_description: Summarize a StackSet operation's results in one line
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Returns the first line of a report, for the subject of an email, a chat message, or the end of a job.
  - The line says if not all results were read.
  - It contains only numbers and AWS's terms, and no untrusted text.
positional: _input
extends_documentation_fragment:
  - stackgate.stacksets._rows
  - stackgate.stacksets._report
seealso:
  - module: stackgate.stacksets.operation_results_info
  - plugin: stackgate.stacksets.to_markdown
    plugin_type: filter
  - plugin: stackgate.stacksets.report
    plugin_type: role
"""

EXAMPLES = r"""
- name: Read the results of the most recent operation
  stackgate.stacksets.operation_results_info:
    stack_set_name: org-baseline
    region: eu-west-1
  register: read

- name: Show the headline
  ansible.builtin.debug:
    msg: "{{ read | stackgate.stacksets.to_headline }}"
"""

RETURN = r"""
_value:
  description: The line.
  type: str
  sample: 3 of 120 results failed
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.stackgate.stacksets.plugins.plugin_utils._filters.report import report_filter
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.report import Report


def to_headline(report: Report) -> str:
    return report.headline


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"to_headline": report_filter(to_headline)}
