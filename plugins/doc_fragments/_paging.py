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
      - How many items to request in one call, from 1 to 100. It does not affect what is returned.
    type: int
    default: 100
"""

    LIMIT = r"""
options:
  max_items:
    description:
      - The maximum number of items to return, at least 1. By default, all are returned.
    type: int
"""
