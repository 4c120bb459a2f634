# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What a gate needs to wait and to read, checked before any call to AWS. Everything raises OptionError."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from .._api.request import StackSetName, check_stack_set_name
from .._errors import OptionError
from .._text import shown
from .._validation import (
    check_account_names,
    check_call_as,
    check_operation_id,
    check_page_size,
    check_seconds,
    check_time,
    is_given,
    is_whole_number,
)

LATEST = "latest"
MAX_REPORTED_LIMIT = 1000  # a failed task's result has to fit into a callback's event


class GateRequest(NamedTuple):
    """The checked options of a gate; the times are in seconds.

    ``operation_id`` is None for the one operation created from ``created_after`` to ``created_before`` (None: now).
    """

    stack_set: StackSetName
    operation_id: str | None
    created_after: datetime | None
    created_before: datetime | None
    call_as: str
    wait: bool
    wait_timeout: float
    wait_sleep: float
    settle_timeout: float
    reading_timeout: float
    page_size: int
    fail_fast: bool
    whole_reading: bool
    max_reported: int
    account_names: Mapping[str, str]


def gate_request(options: Mapping[str, Any]) -> GateRequest:
    """The options of operation_gate but for its policy, by the names that its documentation gives them."""
    if options.get("stack_set_name") is None:
        raise OptionError(
            "stack_set_name",
            "is missing, and so is operations",
            "Set one of them.",
        )
    operation, after, before = _which_operation(options)
    return GateRequest(
        stack_set=check_stack_set_name(options.get("stack_set_name")),
        operation_id=operation,
        created_after=after,
        created_before=before,
        call_as=check_call_as(options.get("call_as")),
        wait=options["wait"],
        wait_timeout=check_seconds(options, "wait_timeout", 0),
        wait_sleep=check_seconds(options, "wait_sleep", 1),
        settle_timeout=check_seconds(options, "settle_timeout", 0),
        reading_timeout=check_seconds(options, "reading_timeout", 1),
        page_size=check_page_size(options.get("page_size")),
        fail_fast=options["fail_fast"],
        whole_reading=options["whole_reading"],
        max_reported=_max_reported(options.get("max_reported")),
        account_names=check_account_names(options.get("account_names")),
    )


def _which_operation(options: Mapping[str, Any]) -> tuple[str | None, datetime | None, datetime | None]:
    remedy = (
        "Set the operation's ID, which the task that started it returned, or operation_id=latest with created_after, a"
        " time before it was started."
    )
    value = options.get("operation_id")
    given = {option: options[option] for option in ("created_after", "created_before") if is_given(options.get(option))}
    if not is_given(value):
        raise OptionError("operation_id", "is missing", remedy)
    if value != LATEST:
        for option in given:
            raise OptionError(option, "is set together with the operation's ID", "Omit one of them.")
        return check_operation_id(value), None, None
    if "created_after" not in given:
        raise OptionError("operation_id", "is latest without created_after, so any operation could match", remedy)
    after = check_time(given["created_after"], "created_after")
    before = check_time(given["created_before"], "created_before") if "created_before" in given else None
    if before and before < after:
        raise OptionError(
            "created_before", f"is {before.isoformat()}, earlier than created_after", "Set a later time, or omit it."
        )
    return None, after, before


def _max_reported(value: Any) -> int:
    if not is_whole_number(value) or not 0 <= value <= MAX_REPORTED_LIMIT:
        raise OptionError(
            "max_reported",
            f"is {shown(value)}",
            f"Set 0 to {MAX_REPORTED_LIMIT}. The lookup stackgate.stacksets.operation_results has no limit.",
        )
    return value
