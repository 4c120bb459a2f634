# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The module operation_gate: its argument spec, and what it does."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.warnings import warn

from .._api.client import StackSetClient, connect
from .._backoff import Clock
from .._errors import Interrupted, ReadError, StackSetsError
from .._gate.model import Decision
from .._gate.policy import policy
from .._text import one_line
from .._wait.gate_request import gate_request
from .._wait.poll import poll_once
from .._wait.process import Process
from .._wait.waiter import OperationWaiter, throttle_retry_for
from .gate_options import gated_options, policy_options, waiting_options
from .gate_result import gate_result, poll_result, refusal_result, was_interrupted
from .module import StackSetsModule
from .options import connection_options

Result = dict[str, Any]


def argument_spec() -> dict[str, Any]:
    """What AnsibleModule takes."""
    return {
        "argument_spec": {**connection_options(), **gated_options(), **waiting_options(), **policy_options()},
        "mutually_exclusive": [("stack_set_name", "operations"), ("operations", "poll_only")],
        "required_one_of": [("stack_set_name", "operations")],
        "supports_check_mode": True,
    }


def run_module(module: StackSetsModule) -> None:
    """Gate, and end the module: a gate that is closed fails it, unless ``fail_on_closed`` is false."""
    several, poll = module.params["operations"] is not None, module.params["poll_only"]
    run = _gate_several if several else _poll if poll else _gate_one
    try:
        result, fails = run(module, Process())
    except (StackSetsError, Interrupted) as error:  # of an option, or before anything was asked for
        result, fails = refusal_result(error), True
    if fails or (module.params["fail_on_closed"] and not result["gate"]["passed"]):
        module.fail_json(**result)
    result.pop("error", None)  # a closed gate that the user branches on is no failure
    module.exit_json(changed=False, **result)


def _gate_one(module: StackSetsModule, process: Process) -> tuple[Result, bool]:
    request, rules = gate_request(module.params), policy(module.params)
    clock = Clock(process.elapsed, process.sleep, random.random)
    waiter = None
    ending: Decision | ReadError | Interrupted
    try:
        with process.interruptible():
            client = connect(module.client)
            retry = throttle_retry_for(request, clock, client)
            stack_set = StackSetClient(
                client, request.stack_set, request.call_as, retry=retry, page_size=request.page_size
            )
            waiter = OperationWaiter(stack_set, request, rules, clock)
            ending = waiter.run()
    except (ReadError, Interrupted) as error:
        if waiter is None:
            raise
        ending = error
    result = gate_result(ending, waiter, request, stack_set.region)
    _warn_of_newer(stack_set.name, result)
    return result, was_interrupted(result)


def _poll(module: StackSetsModule, process: Process) -> tuple[Result, bool]:
    request, rules = gate_request(module.params), policy(module.params)
    found: Result
    try:
        with process.interruptible():
            client = connect(module.client)
            stack_set = StackSetClient(client, request.stack_set, request.call_as, page_size=request.page_size)
            found = poll_once(stack_set, request, rules, process.elapsed)
    except Interrupted:
        found = {"interrupted": True}
    return poll_result(found), True


def _gate_several(module: StackSetsModule, process: Process) -> tuple[Result, bool]:
    # Python compiles what Ansible sends along again for each task: a gate of one operation need not wait for these.
    from .batch import batch_gates, concurrency, decide_all
    from .batch_result import aggregate, without_nulls

    gates, threads = batch_gates(module.params), concurrency(module.params)
    module.params["operations"] = without_nulls(module.params["operations"])
    with process.interruptible():
        entries = decide_all(connect(module.client, threads), gates, process, threads)
    for entry in entries:
        _warn_of_newer(entry["stack_set_name"], entry)
    return aggregate(entries), any(was_interrupted(entry) for entry in entries)


def _warn_of_newer(stack_set_name: str, result: Mapping[str, Any]) -> None:
    for operation in result["newer_operations"]:
        newer = one_line(operation["operation_id"], 130)
        warn(f"A newer operation of {stack_set_name}, which this gate did not check, has started: {newer}.")
