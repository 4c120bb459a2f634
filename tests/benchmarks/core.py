# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the core, with the defaults of the modules."""

from __future__ import annotations

import time
from typing import Any

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.client import StackSetClient
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.request import read_request
from ansible_collections.stackgate.stacksets.plugins.module_utils._backoff import Clock
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.policy import policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.gate_options import waiting_options
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.options import (
    stack_set_options,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.gate_request import gate_request
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.waiter import (
    OperationWaiter,
    throttle_retry_for,
)

DEFAULTS = {name: option.get("default") for name, option in {**stack_set_options(), **waiting_options()}.items()}
ASKED = {**DEFAULTS, "stack_set_name": "large", "operation_id": "op-1"}
READING = read_request(ASKED)


def decided(client: Any, whole_reading: bool) -> int:
    """A gate that passes: how many rows it read for that."""
    given = {**ASKED, "whole_reading": whole_reading, "max_failed": 10**6}
    asked = gate_request(given)
    clock = Clock(time.monotonic, time.sleep, lambda: 0.0)
    retry = throttle_retry_for(asked, clock, client)
    stack_set = StackSetClient(client, asked.stack_set, asked.call_as, retry=retry)
    decision = OperationWaiter(stack_set, asked, policy(given), clock).run()
    if not decision.passed:
        raise AssertionError(decision)
    return decision.counts["total"]
