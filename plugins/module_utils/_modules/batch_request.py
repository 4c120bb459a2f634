# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What is asked of several gates in one task: each with the options of the task, its own before those. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .._errors import OptionError
from .._gate.policy import Policy, policy
from .._text import shown
from .._validation import (
    LATEST,
    GateRequest,
    account_names,
    gate_request,
    is_whole,
)

MOST_OPERATIONS = 500  # what is said of each has to fit into a callback's event, all together
MOST_THREADS = 50


class Gate(NamedTuple):
    """One gate's question and its rules."""

    request: GateRequest
    policy: Policy


def gates(options: Mapping[str, Any]) -> list[Gate]:
    """The gates of a task that has ``operations``, in their order. Raises OptionError, which names the entry."""
    entries = options["operations"]
    if options.get("stack_set_name") is not None:
        raise OptionError("operations", "is given together with stack_set_name", "Leave one of them out.")
    if not entries:
        raise OptionError(
            "operations", "is empty, and nothing is no pass", "Name an operation, or skip the task with when."
        )
    if len(entries) > MOST_OPERATIONS:
        raise OptionError(
            "operations",
            f"has {len(entries)} entries",
            f"Give at most {MOST_OPERATIONS} to one task, and the others to another.",
        )
    names = account_names(options.get("account_names"))
    common = {**options, "account_names": None}  # checked once for all
    asked = []
    for number, entry in enumerate(entries):
        own = {name: value for name, value in entry.items() if value is not None}
        given = {**common, **own}
        if own.get("operation_id", LATEST) != LATEST:
            # The task's are for operations that are found by them.
            given |= {name: own.get(name) for name in ("created_after", "created_before")}
        try:
            asked.append(Gate(gate_request(given)._replace(account_names=names), policy(given)))
        except OptionError as error:
            raise error.within(place(number)) from error
    return asked


def place(number: int) -> str:
    """Where an entry is, as messages say it."""
    return f"operations[{number}]"


def threads(options: Mapping[str, Any]) -> int:
    """How many threads read for them."""
    value = options["concurrency"]
    if not is_whole(value) or not 1 <= value <= MOST_THREADS:
        raise OptionError("concurrency", f"is {shown(value)}", f"Give 1 to {MOST_THREADS}.")
    return value
