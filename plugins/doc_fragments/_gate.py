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
      - How many results may be C(FAILED), in each O(scope). At the limit is within it.
      - Left out, it is 0, unless O(max_failed_percentage) is given.
    type: int
  max_failed_percentage:
    description:
      - How many of a hundred results may be C(FAILED), in each O(scope), from 0 to 100. At the limit is within it.
      - It is a share of the C(SUCCEEDED) and C(FAILED) results, each target counted once, without the ignored ones.
      - Together with O(max_failed) both must hold.
    type: float
  max_cancelled:
    description:
      - How many results may be C(CANCELLED), in each O(scope).
    type: int
    default: 0
  scope:
    description:
      - Where O(max_failed), O(max_failed_percentage) and O(max_cancelled) are counted, in the whole operation, or in
        each Region or each organizational unit by itself.
      - Results without an organizational unit are a group of their own.
    type: str
    choices: [operation, region, organizational_unit]
    default: operation
  expected_results:
    description:
      - How many results there must be, no more and no fewer, the ignored ones among them.
      - The module reads all results for it, and takes two readings that agree.
    type: int
  min_results:
    description:
      - How many results there must be at least, the ignored ones among them.
    type: int
  accept_operation_statuses:
    description:
      - What the operation's own status may be in the end.
      - An operation that is C(FAILED) or C(STOPPED) may have left targets out, so to accept one takes
        O(expected_results).
    type: list
    elements: str
    choices: [SUCCEEDED, FAILED, STOPPED]
    default: [SUCCEEDED]
  max_unaccounted:
    description:
      - How many stack instances may be unaccounted for once the time to settle is over. Those are failures that AWS
        counts and no row shows, and rows that are not at an end although the operation is.
      - The way out where AWS's count and its rows differ for good. What is unaccounted for may have failed.
    type: int
    default: 0
  allow_empty:
    description:
      - Whether an operation without any result, or with ignored ones only, may pass.
    type: bool
    default: false
  max_drifted:
    description:
      - How many stack instances may have drifted, by the operation's own drift details.
      - A C(DETECT_DRIFT) operation is inconclusive without it, and any other operation is inconclusive with it.
    type: int
  ignore_accounts:
    description:
      - Accounts whose C(FAILED) results are ignored, as texts of 12 digits. They are counted and reported as ignored.
      - The ids take quotes, for YAML reads C(012345670123) as the number 1402433619, which is refused. Where quotes do
        not help, as in AWX, give a text with a comma behind each id, V(012345670123,098765432109,).
    type: list
    elements: str
    default: []
  ignore_reasons:
    description:
      - A list of Python regular expressions. C(FAILED) results in whose status reason one of them is found are
        ignored. They are counted and reported as ignored.
      - A text is one pattern, whole. It is not split at commas.
      - One that matches every reason is refused, and so is a list written as a text, such as V(["is suspended"]), for
        as a pattern it finds single characters.
      - A pattern that YAML reads as a number, or as true or false, takes quotes. Where quotes do not help, as in AWX,
        write it in another way, V((?:1234\)).
    type: raw
    default: []
"""
