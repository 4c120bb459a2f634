# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Several gates in one task. An entry's own options replace those of the task; each gate waits and decides by itself,
and all share one client.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._api.client import StackSetClient
from .._backoff import Clock
from .._errors import Interrupted, OptionError, ReadError
from .._gate.model import Decision
from .._gate.policy import Policy, policy
from .._text import shown
from .._validation import check_account_names, is_given, is_whole_number
from .._wait.gate_request import LATEST, GateRequest, gate_request
from .._wait.process import Process
from .._wait.scheduler import PollScheduler
from .._wait.waiter import OperationWaiter, throttle_retry_for
from .batch_result import batch_entry
from .gate_result import gate_result

MAX_OPERATIONS = 500  # what is said of each has to fit into a callback's event, all together
MAX_CONCURRENCY = 50
# Of these an empty text is as if it were left out. In a rule it is refused.
_WHICH_OPERATION = ("operation_id", "created_after", "created_before")


class BatchGate(NamedTuple):
    """One gate of a task: what it needs, and its rules."""

    request: GateRequest
    policy: Policy


def batch_gates(options: Mapping[str, Any]) -> list[BatchGate]:
    """The gates of a task that has ``operations``, in their order. Raises OptionError, which names the entry."""
    entries = options["operations"]
    if options.get("stack_set_name") is not None:
        raise OptionError("operations", "is set together with stack_set_name", "Omit one of them.")
    if not entries:
        raise OptionError(
            "operations", "is empty, so there is nothing to gate", "Add an operation, or skip the task with when."
        )
    if len(entries) > MAX_OPERATIONS:
        raise OptionError(
            "operations",
            f"has {len(entries)} entries",
            f"Set at most {MAX_OPERATIONS} in one task: | batch({MAX_OPERATIONS}) makes lists for a loop.",
        )
    names = check_account_names(options.get("account_names"))
    common = {**options, "account_names": None}  # checked once for all
    found = []
    for number, entry in enumerate(entries):
        own = {
            name: value
            for name, value in entry.items()
            if (is_given(value) if name in _WHICH_OPERATION else value is not None)
        }
        given = {**common, **own}
        if own.get("operation_id", LATEST) != LATEST:
            # The task's are for operations that are found by them.
            given |= {name: own.get(name) for name in ("created_after", "created_before")}
        try:
            found.append(BatchGate(gate_request(given)._replace(account_names=names), policy(given)))
        except OptionError as error:
            raise error.within(entry_name(number)) from error
    return found


def entry_name(number: int) -> str:
    """An entry of the option, as messages call it."""
    return f"operations[{number}]"


def concurrency(options: Mapping[str, Any]) -> int:
    """How many threads read for them."""
    value = options["concurrency"]
    if not is_whole_number(value) or not 1 <= value <= MAX_CONCURRENCY:
        raise OptionError("concurrency", f"is {shown(value)}", f"Set 1 to {MAX_CONCURRENCY}.")
    return value


def decide_all(client: Any, gates: Sequence[BatchGate], process: Process, threads: int) -> list[dict[str, Any]]:
    """The result of each gate, in their order; an Interrupted ends them, and is told in theirs.

    Raises OptionError where an ARN's Region is not the client's.
    """
    scheduler = PollScheduler(Clock(process.elapsed, process.sleep, random.random), threads)
    clock = scheduler.clock
    retry = throttle_retry_for(gates[0].request, clock, client)  # one for all: they slow down together
    waiters = []
    for number, (request, rules) in enumerate(gates):
        try:
            stack_set = StackSetClient(
                client, request.stack_set, request.call_as, retry=retry, page_size=request.page_size
            )
        except OptionError as error:
            raise error.within(entry_name(number)) from error
        waiters.append(OperationWaiter(stack_set, request, rules, clock))

    def conclude(number: int, waiter: OperationWaiter, ending: Decision | ReadError | Interrupted) -> dict[str, Any]:
        request = gates[number].request
        result = gate_result(ending, waiter, request, client.meta.region_name, len(gates))
        return batch_entry(request.stack_set.value, result)

    return scheduler.run(waiters, conclude, process.exit_if_abandoned)
