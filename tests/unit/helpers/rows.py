# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows as the collection has them, said in few words."""

from __future__ import annotations


def new_row(account="111122223333", region="eu-west-1", status="SUCCEEDED", reason=None, unit=None, gate=(None, None)):
    """A Row; ``gate`` is the account gate's status and its reason."""
    return {
        "account": account,
        "region": region,
        "status": status,
        "status_reason": reason,
        "account_gate_result": {"status": gate[0], "status_reason": gate[1]},
        "organizational_unit_id": unit,
    }
