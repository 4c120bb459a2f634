# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Argument specs of the gate alone; the documentation is in the module and in doc fragment ``_gate``."""

from __future__ import annotations

from typing import Any

from .._gate.policy import DEFAULTS, SCOPES
from .._rows.types import TERMINAL_STATUSES
from .options import stack_set_options


def policy_options() -> dict[str, Any]:
    """The rules of a gate, which the filter C(gate) takes under the same names."""
    spec: dict[str, Any] = {
        "max_failed": {"type": "int"},
        "max_failed_percentage": {"type": "float"},
        "max_cancelled": {"type": "int"},
        "scope": {"type": "str", "choices": list(SCOPES)},
        "expected_results": {"type": "int"},
        "min_results": {"type": "int"},
        "accept_operation_statuses": {"type": "list", "elements": "str", "choices": list(TERMINAL_STATUSES)},
        "max_unaccounted": {"type": "int"},
        "allow_empty": {"type": "bool"},
        "max_drifted": {"type": "int"},
        "ignore_accounts": {"type": "list", "elements": "str"},
        # Ansible splits the text of a list at commas, which patterns hold: the policy takes it as one pattern.
        "ignore_reasons": {"type": "raw"},
    }
    for option, default in DEFAULTS.items():
        if default is not None:
            spec[option]["default"] = default
    return spec


def gated_options() -> dict[str, Any]:
    """Which operations a gate is for: one, or several with rules of their own."""
    which = {name: {"type": "str"} for name in ("operation_id", "created_after", "created_before")}
    # Without defaults: what an entry leaves out is as it is for the task.
    rules = {
        name: {key: value for key, value in option.items() if key != "default"}
        for name, option in policy_options().items()
    }
    return {
        **stack_set_options(),
        "stack_set_name": {"type": "str"},
        **which,
        "operations": {
            "type": "list",
            "elements": "dict",
            "options": {"stack_set_name": {"type": "str", "required": True}, **which, **rules},
        },
        "concurrency": {"type": "int", "default": 10},
    }


def waiting_options() -> dict[str, Any]:
    """How a gate waits and what it returns."""
    return {
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "int", "default": 3600},
        "wait_sleep": {"type": "int", "default": 15},
        "settle_timeout": {"type": "int", "default": 120},
        "fail_fast": {"type": "bool", "default": False},
        "whole_reading": {"type": "bool", "default": False},
        "fail_on_closed": {"type": "bool", "default": True},
        "show_progress": {"type": "bool", "default": False},
        "max_reported": {"type": "int", "default": 20},
        "account_names": {"type": "dict", "default": {}},
        "poll_only": {"type": "bool", "default": False},
    }
