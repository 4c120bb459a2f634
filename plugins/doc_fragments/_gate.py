# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not use it.
"""The rules of a gate: the module and the filter have them under the same names."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  max_failed:
    description:
      - The maximum number of C(FAILED) results in each O(scope).
      - The default is 0, unless O(max_failed_percentage) is set.
    type: int
  max_failed_percentage:
    description:
      - The maximum percentage of C(FAILED) results in each O(scope), from 0 to 100.
      - It is a percentage of the C(SUCCEEDED) and C(FAILED) results, counting each target once, without ignored
        results.
      - If O(max_failed) is also set, both limits apply.
    type: float
  max_cancelled:
    description:
      - The maximum number of C(CANCELLED) results in each O(scope).
    type: int
    default: 0
  scope:
    description:
      - Whether O(max_failed), O(max_failed_percentage) and O(max_cancelled) apply to the operation, to each Region or
        to each organizational unit.
      - Results without a Region or an organizational unit are a separate group.
    type: str
    choices: [operation, region, organizational_unit]
    default: operation
  expected_results:
    description:
      - The exact number of results required, including ignored ones.
      - The module then reads all results, and two readings must agree.
    type: int
  min_results:
    description:
      - The minimum number of results, including ignored ones.
    type: int
  accept_operation_statuses:
    description:
      - The accepted final statuses of the operation.
      - C(FAILED) and C(STOPPED) require O(expected_results), because such an operation may have skipped targets.
    type: list
    elements: str
    choices: [SUCCEEDED, FAILED, STOPPED]
    default: [SUCCEEDED]
  max_unaccounted:
    description:
      - The maximum number of stack instances that stay unaccounted for. These are failures that AWS counts but does not
        list, and results that are unfinished although the operation has ended.
      - Use it if AWS's count and its results differ permanently. Unaccounted stack instances may have failed.
    type: int
    default: 0
  allow_empty:
    description:
      - Whether an operation without results, or with ignored results only, may pass.
    type: bool
    default: false
  max_drifted:
    description:
      - The maximum number of drifted stack instances, according to the operation's drift details.
      - Set it for C(DETECT_DRIFT) operations only. They are inconclusive without it, and other operations with it.
    type: int
  ignore_accounts:
    description:
      - IDs of accounts whose C(FAILED) results are ignored, as strings of 12 digits. They are counted and reported as
        ignored.
      - Quote the IDs, because YAML reads C(012345670123) as the number 1402433619, which is rejected. Where quotes have
        no effect, as in AWX, give a string with a comma after each ID, V(012345670123,098765432109,).
    type: list
    elements: str
    default: []
  ignore_reasons:
    description:
      - A list of Python regular expressions. C(FAILED) results are ignored if one of them matches anywhere in the
        status reason. They are counted and reported as ignored.
      - A string is one pattern. It is not split at commas.
      - A pattern that matches every reason is rejected. So is a list written as a string, such as V(["is suspended"]),
        because as a pattern it matches single characters.
      - Quote a pattern that YAML reads as a number or a boolean. Where quotes have no effect, as in AWX, write the
        pattern differently, V((?:1234\)).
    type: raw
    default: []
"""
