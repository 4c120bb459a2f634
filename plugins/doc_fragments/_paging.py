# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not use it.
"""Options that limit a listing, named as in the AWS CLI."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  page_size:
    description:
      - How many to ask AWS for in one call, 1 to 100. It changes the number of calls, never what is returned.
    type: int
    default: 100
"""

    LIMIT = r"""
options:
  max_items:
    description:
      - Return at most so many, at least 1. Left out, everything is returned.
    type: int
"""
