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

from ansible_collections.stackgate.stacksets.plugins.module_utils._decision import Decision
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate_result import decided, not_decided
from ansible_collections.stackgate.stacksets.plugins.module_utils._many_asked import Gate, place
from ansible_collections.stackgate.stacksets.plugins.module_utils._many_result import entry
from ansible_collections.stackgate.stacksets.plugins.module_utils._many_waits import Rest, Waits
from ansible_collections.stackgate.stacksets.plugins.module_utils._process import Process
from ansible_collections.stackgate.stacksets.plugins.module_utils._stack_sets import StackSets
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait import Wait, patience_of
from ansible_collections.stackgate.stacksets.plugins.module_utils._watch import Surroundings, Watch


class Many:
    """``entries`` has the result of each gate, None for one that has not ended.

    ``watches``: where an earlier poll left them, which asks for one poll and no more; None: until all have ended.
    Raises OptionError where an ARN's Region is not the client's.
    """

    def __init__(self, client: Any, gates: Sequence[Gate], process: Process, watches: Sequence[Watch] | None) -> None:
        self._gates = gates
        self._process = process
        rest = Rest()
        surroundings = Surroundings(process.elapsed, rest.sleep, random.random)
        patience = patience_of(gates[0].request, surroundings)  # one for all: they slow down together
        self._waits = []
        for number, (request, policy) in enumerate(gates):
            try:
                stack_sets = StackSets(client, request.stack_set, request.call_as, patience=patience)
            except OptionError as error:
                raise error.within(place(number)) from error
            watch = watches[number] if watches is not None else None
            self._waits.append(Wait(stack_sets, request, policy, surroundings, watch))
        self._region = client.meta.region_name
        self._polls = Waits(self._waits, self._entry, process.elapsed, rest, again=watches is None)

    def run(self, threads: int) -> list[dict[str, Any] | None]:
        """Wait for all, or poll those that are due; the ``entries``."""
        with self._process.interruptible():
            self._polls.run(threads, self._process.glance)
        return self._polls.results

    def go_on(self) -> dict[str, Any]:
        """What the next poll must know, and when it is due: for the controller, which shows the progress meanwhile."""
        entries = self._polls.results
        waiting = [wait for wait, one in zip(self._waits, entries, strict=True) if one is None]
        due = min((wait.watch.due for wait in waiting), default=0.0)
        return {
            "gates": entries,
            "watch": {"operations": [wait.state() for wait in waiting]},
            "pause": max(due - self._process.elapsed(), 0.0),
            "statuses": [wait.watch.status for wait in waiting],
        }

    def _entry(self, number: int, wait: Wait, ending: Any) -> dict[str, Any]:
        request = self._gates[number].request
        conclude = decided if isinstance(ending, Decision) else not_decided
        return entry(request.stack_set.value, conclude(ending, wait, request, self._region, len(self._gates)))
