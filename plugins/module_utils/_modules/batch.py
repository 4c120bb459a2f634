# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The gates of one task: each waits and decides by itself, over one client."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from .._api.client import StackSets
from .._backoff import Surroundings
from .._errors import OptionError
from .._wait.process import Process
from .._wait.scheduler import run_all, stoppable
from .._wait.waiter import Wait, patience_of
from .batch_request import Gate, place
from .batch_result import entry
from .gate_result import concluded


def decide_all(client: Any, gates: Sequence[Gate], process: Process, threads: int) -> list[dict[str, Any]]:
    """The result of each gate, in their order; an Interrupted ends them, and is told in theirs.

    Raises OptionError where an ARN's Region is not the client's.
    """
    surroundings = stoppable(Surroundings(process.elapsed, process.sleep, random.random))
    patience = patience_of(gates[0].request, surroundings)  # one for all: they slow down together
    waits = []
    for number, (request, policy) in enumerate(gates):
        try:
            stack_sets = StackSets(client, request.stack_set, request.call_as, patience=patience)
        except OptionError as error:
            raise error.within(place(number)) from error
        waits.append(Wait(stack_sets, request, policy, surroundings))

    def conclude(number: int, wait: Wait, ending: Any) -> dict[str, Any]:
        request = gates[number].request
        return entry(request.stack_set.value, concluded(ending, wait, request, client.meta.region_name, len(gates)))

    return run_all(waits, conclude, threads, surroundings, process.glance)
