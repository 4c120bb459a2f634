# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a gate asks of AWS, and the memory that it takes, over very many rows."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from emulator.client import operation

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.client import StackSetClient
from ansible_collections.stackgate.stacksets.plugins.module_utils._backoff import Clock
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.policy import policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.gate_options import waiting_options
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.options import stack_set_options
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.gate_request import gate_request
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.waiter import OperationWaiter

pytestmark = pytest.mark.once

DEFAULTS = {name: option.get("default") for name, option in {**stack_set_options(), **waiting_options()}.items()}


def evaluate(aws, stack_set, **options):
    """One gate in this process: its decision, and its peak of memory in bytes."""
    given = {**DEFAULTS, "stack_set_name": stack_set, "operation_id": "op-1", "wait_sleep": 1, **options}
    request = gate_request(given)
    wait = OperationWaiter(
        StackSetClient(aws, request.stack_set, request.call_as),
        request,
        policy(given),
        Clock(time.monotonic, time.sleep, lambda: 0.0),
    )
    tracemalloc.start()
    try:
        return wait.run(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def large(server):
    """100,000 rows and 1,000 rows, with three FAILED in each."""
    server.reset()
    for name, accounts in (("large", 5000), ("small", 50)):
        generate = {"accounts": accounts, "regions": 20, "failed": 3}
        server.stack_set(name, operation("op-1", generate=generate, failed_stack_instances_count="auto"))
    return server


@pytest.mark.parametrize(("limit", "verdict"), [(0, "failed"), (3, "passed")])
def test_a_hundred_thousand_rows_take_six_calls_and_the_memory_of_a_thousand(large, aws, limit, verdict):
    evaluate(aws, "small", max_failed=limit)  # what boto3 loads once is not the gate's
    peaks = {}
    for name in ("small", "large"):
        large.clear_log()
        decision, peaks[name] = evaluate(aws, name, max_failed=limit)
        assert decision.verdict == verdict
        assert decision.counts["failed"] == 3
        assert len(large.log()) <= 6
    assert peaks["large"] < 1.5 * peaks["small"], peaks


def test_a_percentage_is_read_only_until_it_can_no_longer_be_exceeded(large, aws):
    large.clear_log()
    decision, _peak = evaluate(aws, "large", max_failed_percentage=1)
    assert decision.verdict == "passed"
    # 3 of 300 are one percent, so 297 good rows are enough: three pages of a thousand.
    assert [call["status"] for call in large.log()[1:]] == [
        "PENDING",
        "RUNNING",
        "FAILED",
        "CANCELLED",
        *["SUCCEEDED"] * 3,
    ]


def test_a_proven_violation_ends_the_reading(large, aws):
    large.clear_log()
    decision, _peak = evaluate(aws, "large", max_failed=2, max_failed_percentage=50, min_results=5000)
    assert decision.verdict == "failed"
    assert "SUCCEEDED" not in [call["status"] for call in large.log()]
