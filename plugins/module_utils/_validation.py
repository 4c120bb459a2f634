# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What users give, refused with option and remedy before any call to AWS.

Modules and lookup hand their options over as Ansible parsed them; the rules stand here once. Everything raises
OptionError.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple

from ._api.pagination import Position, TokenError
from ._api.results_reader import starts
from ._errors import OptionError
from ._rows.operations import ACTIONS, OPERATION_STATUSES
from ._rows.results import STATUSES
from ._text import one_line, shown

CALL_AS = ("SELF", "DELEGATED_ADMIN")
LATEST = "latest"
MAX_REPORTED_LIMIT = 1000  # a failed task's result has to fit into a callback's event
READING_TIMEOUT = 1800  # the largest stack set has 1,000 pages: at a second a page, and with throttling
PAGE_SIZE_LIMIT = 100  # ListStackSetOperationResults: MaxResults, 1 to 100

_NAME_LIMIT = 128  # CreateStackSet: StackSetName
_NAME = r"[a-zA-Z][-a-zA-Z0-9]*"
_UNIQUE_ID = _NAME + r":[a-zA-Z0-9]{8}(?:-[a-zA-Z0-9]{4}){3}-[a-zA-Z0-9]{12}"
_NAME_OR_ID = re.compile(rf"{_NAME}|{_UNIQUE_ID}")
_ARN = re.compile(
    rf"arn:aws[a-z-]*:cloudformation:(?P<region>[a-z0-9-]{{1,63}}):[0-9]{{12}}:stackset/(?P<id>{_UNIQUE_ID})"
)
_OPERATION_ID = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]{0,127}")  # API: ClientRequestToken


class StackSetName(NamedTuple):
    """A stack set as AWS is asked for it, and the Region that an ARN names (None: any)."""

    value: str
    region: str | None

    def check_region(self, region: str | None) -> None:
        """Refuse an ARN of another Region than the connection's."""
        if self.region and region and self.region != region:
            raise OptionError(
                "stack_set_name",
                f"is the ARN of a stack set in {self.region}, the connection's Region is {region}",
                f"Set region to {self.region}, or name the stack set itself.",
            )


class Request(NamedTuple):
    """One reading of one operation's results, fit to be asked for.

    ``statuses`` is empty for all rows; ``starts`` has a Position per listing, None for one that is finished.
    """

    stack_set: StackSetName
    operation_id: str | None
    call_as: str
    statuses: tuple[str, ...]
    max_items: int | None
    page_size: int
    starts: tuple[Position | None, ...]
    reading_timeout: float


def request(options: Mapping[str, Any]) -> Request:
    """The options of a reading, by the names that the plugins' documentation gives them."""
    operation = operation_id(options.get("operation_id"))
    wanted = statuses(options.get("statuses"), STATUSES)
    return Request(
        stack_set=stack_set_name(options.get("stack_set_name")),
        operation_id=operation,
        call_as=call_as(options.get("call_as")),
        statuses=wanted,
        max_items=max_items(options.get("max_items")),
        page_size=page_size(options.get("page_size")),
        starts=_starting_token(options.get("starting_token"), wanted, operation),
        reading_timeout=_seconds(options, "reading_timeout", 1),
    )


class OperationsRequest(NamedTuple):
    """A listing of a stack set's operations, fit to be asked for; no actions or statuses means any."""

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
        stack_set=stack_set_name(options.get("stack_set_name")),
        call_as=call_as(options.get("call_as")),
        actions=statuses(options.get("actions"), ACTIONS, "actions"),
        statuses=statuses(options.get("statuses"), OPERATION_STATUSES),
        max_items=max_items(options.get("max_items")),
        page_size=page_size(options.get("page_size")),
        reading_timeout=_seconds(options, "reading_timeout", 1),
    )


class GateRequest(NamedTuple):
    """A gate's question, fit to be asked; the times are in seconds.

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
            "Name one stack set, or several in operations.",
        )
    operation, after, before = _gated_operation(options)
    return GateRequest(
        stack_set=stack_set_name(options.get("stack_set_name")),
        operation_id=operation,
        created_after=after,
        created_before=before,
        call_as=call_as(options.get("call_as")),
        wait=options["wait"],
        wait_timeout=_seconds(options, "wait_timeout", 0),
        wait_sleep=_seconds(options, "wait_sleep", 1),
        settle_timeout=_seconds(options, "settle_timeout", 0),
        reading_timeout=_seconds(options, "reading_timeout", 1),
        fail_fast=options["fail_fast"],
        whole_reading=options["whole_reading"],
        max_reported=_max_reported(options.get("max_reported")),
        account_names=account_names(options.get("account_names")),
    )


def account_names(value: Any) -> dict[str, str]:
    """Names of accounts by their ids, for reports and messages. Raises OptionError."""
    remedy = 'Give a dict of ids and names, the ids quoted: {"111122223333": "production"}.'
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise OptionError("account_names", f"is {shown(value)}, not a dict", remedy)
    names = {}
    for key in value:
        account = str(key)
        # YAML takes an id without quotes for a number, and for an octal one where it begins with a zero.
        if not re.fullmatch("[0-9]{12}", account):
            raise OptionError("account_names", f"has {shown(key)}, which is no account's id of 12 digits", remedy)
        name = value[key]
        if name is not None and not isinstance(name, (str, int)):
            raise OptionError("account_names", f"has {shown(name)} as the name of {account}", remedy)
        if name not in (None, ""):
            names[account] = str(name)
    return names


def stack_set_name(value: Any) -> StackSetName:
    """A name, a unique id or an ARN; the ARN (as EventBridge sends it) becomes the unique id."""
    option = "stack_set_name"
    remedy = (
        "Give a stack set's name (letters, digits and hyphens, a letter first), its unique id (name:uuid) or its ARN"
        " (arn:aws:cloudformation:REGION:ACCOUNT:stackset/name:uuid)."
    )
    if not isinstance(value, str) or not value:
        raise OptionError(option, "is empty" if value in (None, "") else "is not a text", remedy)
    arn = _ARN.fullmatch(value)
    name = arn["id"] if arn else value
    if not _NAME_OR_ID.fullmatch(name):
        raise OptionError(option, f"{shown(value)} is neither a name, a unique id nor a stack set's ARN", remedy)
    if len(name.split(":")[0]) > _NAME_LIMIT:
        raise OptionError(option, f"{shown(value)} is longer than {_NAME_LIMIT} characters", remedy)
    return StackSetName(name, arn["region"] if arn else None)


def operation_id(value: Any) -> str | None:
    """An operation's id; None for the most recent operation."""
    if value is None:
        return None
    if not isinstance(value, str) or not _OPERATION_ID.fullmatch(value):
        raise OptionError(
            "operation_id",
            f"{shown(value)} is not the id of an operation" if value != "" else "is empty",
            "An id has 1 to 128 letters, digits and hyphens; leave the option out for the most recent operation.",
        )
    return value


def call_as(value: Any) -> str:
    if value not in CALL_AS:
        raise OptionError("call_as", f"is {shown(value)}", f"It is one of {', '.join(CALL_AS)}.")
    return value


def statuses(value: Any, known: Sequence[str], option: str = "statuses") -> tuple[str, ...]:
    """Statuses to read, each once, in the order asked; none of them means all."""
    wanted = value or []
    if not isinstance(wanted, (list, tuple)):
        raise OptionError(option, f"is {shown(value)}", "Give a list.")
    for status in wanted:
        if status not in known:
            raise OptionError(option, f"names {shown(status)}", f"It takes {', '.join(known)}, or none for all.")
    return tuple(dict.fromkeys(wanted))


def max_items(value: Any) -> int | None:
    if value is None:
        return None
    if not is_whole(value) or value < 1:
        raise OptionError("max_items", f"is {shown(value)}", "Give 1 or more, or leave it out to read everything.")
    return value


def page_size(value: Any) -> int:
    if not is_whole(value) or not 1 <= value <= PAGE_SIZE_LIMIT:
        raise OptionError("page_size", f"is {shown(value)}", f"AWS takes 1 to {PAGE_SIZE_LIMIT} rows a page.")
    return value


def _gated_operation(options: Mapping[str, Any]) -> tuple[str | None, datetime | None, datetime | None]:
    remedy = (
        "Give the operation's id (the task that started it returned it), or operation_id=latest with created_after, a"
        " time before it was started."
    )
    value = options.get("operation_id")
    given = {
        option: options[option] for option in ("created_after", "created_before") if options.get(option) is not None
    }
    if value is None:
        raise OptionError("operation_id", "is missing", remedy)
    if value != LATEST:
        for option in given:
            raise OptionError(option, "is given for an operation that has an id", "Leave one of them out.")
        return operation_id(value), None, None
    if "created_after" not in given:
        raise OptionError("operation_id", "is latest without created_after: it could be anybody's", remedy)
    after, before = (
        utc_time(given[name], name) if name in given else None for name in ("created_after", "created_before")
    )
    if before and before < after:
        raise OptionError(
            "created_before", f"is {before.isoformat()}, before created_after", "Give a later time, or leave it out."
        )
    return None, after, before


def utc_time(value: Any, option: str) -> datetime:
    """A time with its offset from UTC, ISO 8601."""
    try:
        # Python 3.10 knows no Z.
        time = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", value.strip()))
    except (AttributeError, ValueError):
        time = None
    if time is None or time.tzinfo is None:
        problem = "is not a time" if time is None else "does not say its offset from UTC"
        raise OptionError(
            option,
            f"{shown(value)} {problem}",
            "Give ISO 8601 with Z or an offset, for example now(utc=true, fmt='%Y-%m-%dT%H:%M:%SZ').",
        )
    return time.astimezone(timezone.utc)


def _seconds(options: Mapping[str, Any], option: str, least: int) -> float:
    value = options[option]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value < float("inf"):
        raise OptionError(option, f"is {shown(value)}", f"Give seconds, {least} or more.")
    return float(value)


def _max_reported(value: Any) -> int:
    if not is_whole(value) or not 0 <= value <= MAX_REPORTED_LIMIT:
        raise OptionError(
            "max_reported",
            f"is {shown(value)}",
            f"Give 0 to {MAX_REPORTED_LIMIT}; the lookup stackgate.stacksets.operation_results reads any number.",
        )
    return value


def _starting_token(value: Any, wanted: tuple[str, ...], operation: str | None) -> tuple[Position | None, ...]:
    remedy = "Give next_token of a reading with the same stack_set_name, operation_id and statuses, or leave it out."
    if value is not None and not isinstance(value, str):
        raise OptionError("starting_token", "is not a text", remedy)
    if value is not None and operation is None:
        raise OptionError(
            "starting_token",
            "is given without operation_id: the most recent operation may be another one by now",
            "Add operation_id (operation.operation_id in the result that gave the token).",
        )
    try:
        return starts(value, wanted, operation)
    except TokenError as error:
        raise OptionError("starting_token", one_line(error), remedy) from error


def is_whole(value: Any) -> bool:
    """Whether this is a whole number; true and false are none."""
    # Not by its exact type: Ansible hands over numbers that also know where they come from.
    return isinstance(value, int) and not isinstance(value, bool)
