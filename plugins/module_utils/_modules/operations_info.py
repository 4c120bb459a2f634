# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The module operations_info: its argument spec, and what it does."""

from __future__ import annotations

from typing import Any

from .._api.client import connect
from .._api.request import operations_request
from .._api.results_reader import read_operations
from .._errors import StackSetsError
from .._rows.sentences import operations_sentence
from .._rows.types import ACTIONS, OPERATION_STATUSES
from .module import StackSetsModule
from .options import connection_options, stack_set_options


def argument_spec() -> dict[str, Any]:
    """What AnsibleModule takes."""
    return {
        "argument_spec": {
            **connection_options(),
            **stack_set_options(),
            "max_items": {"type": "int"},
            "actions": {"type": "list", "elements": "str", "choices": list(ACTIONS)},
            "statuses": {"type": "list", "elements": "str", "choices": list(OPERATION_STATUSES)},
        },
        "supports_check_mode": True,
    }


def run_module(module: StackSetsModule) -> None:
    """Read, and end the module."""
    try:
        request = operations_request(module.params)
        operations, truncated = read_operations(connect(module.client), request)
    except StackSetsError as error:
        module.fail_json(msg=error.message, operations=error.operations, **error.facts)
    chosen = bool(request.actions or request.statuses)
    msg = operations_sentence(operations, request.stack_set.value, chosen, truncated)
    module.exit_json(changed=False, msg=msg, operations=operations, truncated=truncated)
