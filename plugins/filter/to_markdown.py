# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: to_markdown
short_description: Write a StackSet operation's results as Markdown for a comment or a chat
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Writes the headline, the operation, notes about missing information, counts, and the causes of failure with their
    accounts and Regions.
  - The text is cut to O(max_length) and says how much is omitted.
positional: _input
options:
  max_length:
    description:
      - Maximum number of characters, at least 2000. The smallest causes are omitted first.
    type: int
    default: 4000
extends_documentation_fragment:
  - stackgate.stacksets._rows
  - stackgate.stacksets._report
seealso:
  - module: stackgate.stacksets.operation_results_info
  - plugin: stackgate.stacksets.to_html
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

- name: Create the comment
  ansible.builtin.set_fact:
    comment: "{{ read | stackgate.stacksets.to_markdown(region='eu-west-1') }}"

- name: Show the comment
  ansible.builtin.debug:
    msg: "{{ comment.splitlines() }}"
"""

RETURN = r"""
_value:
  description: The text.
  type: str
  sample: |
    ### :x: `org-baseline`: 3 of 120 results failed

    AWS reports SUCCEEDED although 3 results failed: the failure tolerance is 5 accounts in each Region.

    `UPDATE` operation `5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e` is `SUCCEEDED`.

    3 `FAILED`, 117 `SUCCEEDED` in 40 accounts and 3 Regions.

    **Regions:** `eu-west-1` 3 FAILED.

    **Causes**

    1. 3 x `Access denied` in `000000000003`, `000000000007`, `000000000011`; `eu-west-1`
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.stackgate.stacksets.plugins.plugin_utils._filters.report import report_filter
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.markdown import to_markdown


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"to_markdown": report_filter(to_markdown, ("max_length",))}
