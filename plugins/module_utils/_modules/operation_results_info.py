# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The module operation_results_info: its argument spec, and what it does."""

from __future__ import annotations

import os
from typing import Any

from ansible.module_utils.common.warnings import warn

from .._api.client import connect
from .._api.request import read_request
from .._api.results_reader import read_results
from .._errors import StackSetsError
from .._rows.results import Tally
from .._rows.types import ROW_STATUSES
from .info_result import failure_result, size_warning, success_result
from .module import StackSetsModule
from .options import connection_options, stack_set_options


def argument_spec() -> dict[str, Any]:
    """What AnsibleModule takes."""
    return {
        "argument_spec": {
            **connection_options(),
            **stack_set_options(),
            "max_items": {"type": "int"},
            "operation_id": {"type": "str"},
            "statuses": {"type": "list", "elements": "str", "choices": list(ROW_STATUSES)},
            "starting_token": {"type": "str", "no_log": False},
            "summary_only": {"type": "bool", "default": False},
        },
        "required_by": {"starting_token": "operation_id"},
        "supports_check_mode": True,
    }


def run_module(module: StackSetsModule) -> None:
    """Read, and end the module."""
    tally = Tally() if module.params["summary_only"] else None
    try:
        request = read_request(module.params)
        read = read_results(connect(module.client), request, warn, tally.add if tally else None)
    except StackSetsError as error:
        module.fail_json(**failure_result(error, os.environ, tally))
    result = success_result(read, tally)
    warning = size_warning(result, os.environ)
    if warning:
        # Not module.warn: amazon.aws 11 hands those to exit_json in a way that ansible-core deprecates.
        warn(warning)
    module.exit_json(changed=False, **result)
