# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What a reading needs, checked before any call to AWS. Everything raises OptionError."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._errors import OptionError
from .._rows.types import ACTIONS, OPERATION_STATUSES, ROW_STATUSES
from .._text import one_line, shown
from .._validation import (
    check_call_as,
    check_choices,
    check_max_items,
    check_operation_id,
    check_page_size,
    check_seconds,
    check_texts,
)
from .pagination import Position, TokenError, parse_starting_token

_NAME_LIMIT = 128  # CreateStackSet: StackSetName
_NAME = r"[a-zA-Z][-a-zA-Z0-9]*"
_UNIQUE_ID = _NAME + r":[a-zA-Z0-9]{8}(?:-[a-zA-Z0-9]{4}){3}-[a-zA-Z0-9]{12}"
_NAME_OR_ID = re.compile(rf"{_NAME}|{_UNIQUE_ID}")
_ARN = re.compile(
    rf"arn:aws[a-z-]*:cloudformation:(?P<region>[a-z0-9-]{{1,63}}):[0-9]{{12}}:stackset/(?P<id>{_UNIQUE_ID})"
)


class StackSetName(NamedTuple):
    """A stack set as AWS is asked for it, and the Region that an ARN names (None: any)."""

    value: str
    region: str | None

    def check_region(self, region: str | None) -> None:
        """Refuse an ARN of another Region than the connection's."""
        if self.region and region and self.region != region:
            raise OptionError(
                "stack_set_name",
                f"is the ARN of a stack set in {self.region}, but the Region of the connection is {region}",
                f"Set region to {self.region}, or use the name of the stack set.",
            )


class ResultsRequest(NamedTuple):
    """The checked options for reading an operation's results.

    ``statuses`` is empty for all rows; ``start_positions`` has a Position for each listing, None for one that is
    finished.
    """

    stack_set: StackSetName
    operation_id: str | None
    call_as: str
    statuses: tuple[str, ...]
    max_items: int | None
    page_size: int
    start_positions: tuple[Position | None, ...]
    reading_timeout: float


def read_request(options: Mapping[str, Any]) -> ResultsRequest:
    """The options of a reading, by the names that the plugins' documentation gives them."""
    operation = check_operation_id(options.get("operation_id"))
    statuses = check_choices(options.get("statuses"), ROW_STATUSES, "statuses")
    return ResultsRequest(
        stack_set=check_stack_set_name(options.get("stack_set_name")),
        operation_id=operation,
        call_as=check_call_as(options.get("call_as")),
        statuses=statuses,
        max_items=check_max_items(options.get("max_items")),
        page_size=check_page_size(options.get("page_size")),
        start_positions=_start_positions(options.get("starting_token"), statuses, operation),
        reading_timeout=check_seconds(options, "reading_timeout", 1),
    )


class OperationsRequest(NamedTuple):
    """The checked options for listing a stack set's operations; no actions or statuses means any."""

    stack_set: StackSetName
    call_as: str
    actions: tuple[str, ...]
    statuses: tuple[str, ...]
    max_items: int | None
    page_size: int
    reading_timeout: float


def operations_request(options: Mapping[str, Any]) -> OperationsRequest:
    """The options of a listing of operations, by the names that the module's documentation gives them."""
    return OperationsRequest(
        stack_set=check_stack_set_name(options.get("stack_set_name")),
        call_as=check_call_as(options.get("call_as")),
        actions=check_choices(options.get("actions"), ACTIONS, "actions"),
        statuses=check_choices(options.get("statuses"), OPERATION_STATUSES, "statuses"),
        max_items=check_max_items(options.get("max_items")),
        page_size=check_page_size(options.get("page_size")),
        reading_timeout=check_seconds(options, "reading_timeout", 1),
    )


def check_stack_set_name(value: Any) -> StackSetName:
    """A name, a unique id or an ARN; the ARN (as EventBridge sends it) becomes the unique id."""
    option = "stack_set_name"
    remedy = (
        "Set the stack set's name (letters, digits and hyphens, a letter first), its unique ID (name:uuid) or its ARN"
        " (arn:aws:cloudformation:REGION:ACCOUNT:stackset/name:uuid)."
    )
    check_texts({option: value})
    if not isinstance(value, str) or not value:
        raise OptionError(option, "is empty" if value in (None, "") else "is not a string", remedy)
    arn = _ARN.fullmatch(value)
    name = arn["id"] if arn else value
    if not _NAME_OR_ID.fullmatch(name):
        raise OptionError(option, f"{shown(value)} is not the name, unique ID or ARN of a stack set", remedy)
    if len(name.split(":")[0]) > _NAME_LIMIT:
        raise OptionError(option, f"{shown(value)} is longer than {_NAME_LIMIT} characters", remedy)
    return StackSetName(name, arn["region"] if arn else None)


def _start_positions(value: Any, statuses: tuple[str, ...], operation: str | None) -> tuple[Position | None, ...]:
    remedy = "Set next_token of a reading with the same stack_set_name, operation_id and statuses, or omit it."
    if value is not None and not isinstance(value, str):
        raise OptionError("starting_token", "is not a string", remedy)
    if value is not None and operation is None:
        raise OptionError(
            "starting_token",
            "is set without operation_id, and the most recent operation may be another one now",
            "Add operation_id (operation.operation_id of the result that returned the token).",
        )
    try:
        return parse_starting_token(value, statuses, operation)
    except TokenError as error:
        raise OptionError("starting_token", one_line(error), remedy) from error
