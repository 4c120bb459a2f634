# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Checks of options: a value that is refused names its option and the remedy. Pure.

Everything here raises OptionError, and nothing knows what an option is for. Ansible hands over subclasses of str, int,
list and dict that also know where they come from: nothing asks for an exact type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ._errors import OptionError
from ._text import shown

CALL_AS = ("SELF", "DELEGATED_ADMIN")
PAGE_SIZE_LIMIT = 100  # ListStackSetOperationResults: MaxResults, 1 to 100

_OPERATION_ID = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]{0,127}")  # API: ClientRequestToken


def is_whole_number(value: Any) -> bool:
    """Whether this is a whole number; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_given(value: Any) -> bool:
    """Whether an option has a value; an empty text, as an optional variable leaves it, is none."""
    return value is not None and value != ""


def check_flag(options: Mapping[str, Any], option: str) -> bool:
    """Return true or false as it was given."""
    value = options[option]
    if not isinstance(value, bool):
        raise OptionError(option, f"is {shown(value)}", "Give true or false (in a template: | bool).")
    return value


def check_limit(options: Mapping[str, Any], option: str) -> int | None:
    """Return a whole number from 0 on, or None for no limit."""
    value = options[option]
    if value is not None and (not is_whole_number(value) or value < 0):
        raise OptionError(option, f"is {shown(value)}", "Give a whole number, 0 or more (in a template: | int).")
    return value


def check_list(value: Any, option: str) -> list[Any]:
    """Return a list, an empty one for null. A text is one element, whole: what is in it may hold commas."""
    if isinstance(value, str):
        return [value]
    if value is not None and not isinstance(value, (list, tuple)):
        raise OptionError(option, f"is {shown(value)}", "Give a list.")
    return list(value or [])


def check_seconds(options: Mapping[str, Any], option: str, least: int) -> float:
    """Return seconds, ``least`` or more."""
    value = options[option]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value < float("inf"):
        raise OptionError(option, f"is {shown(value)}", f"Give seconds, {least} or more.")
    return float(value)


def check_choices(value: Any, choices: Sequence[str], option: str) -> tuple[str, ...]:
    """Return words out of ``choices``, each once, in the order given; none of them means all."""
    wanted = check_list(value, option)
    for word in wanted:
        if word not in choices:
            raise OptionError(option, f"names {shown(word)}", f"It takes {', '.join(choices)}, or none for all.")
    return tuple(dict.fromkeys(wanted))


def check_call_as(value: Any) -> str:
    """Return SELF or DELEGATED_ADMIN."""
    if value not in CALL_AS:
        raise OptionError("call_as", f"is {shown(value)}", f"It is one of {', '.join(CALL_AS)}.")
    return value


def check_max_items(value: Any) -> int | None:
    """Return how many rows to read at most, None for all."""
    if value is None:
        return None
    if not is_whole_number(value) or value < 1:
        raise OptionError("max_items", f"is {shown(value)}", "Give 1 or more, or leave it out to read everything.")
    return value


def check_page_size(value: Any) -> int:
    """Return how many rows a page of AWS's may have."""
    if not is_whole_number(value) or not 1 <= value <= PAGE_SIZE_LIMIT:
        raise OptionError("page_size", f"is {shown(value)}", f"AWS takes 1 to {PAGE_SIZE_LIMIT} rows a page.")
    return value


def check_operation_id(value: Any) -> str | None:
    """Return an operation's id, None for the most recent operation."""
    if not is_given(value):
        return None
    if not isinstance(value, str) or not _OPERATION_ID.fullmatch(value):
        raise OptionError(
            "operation_id",
            f"{shown(value)} is not the id of an operation",
            "An id has 1 to 128 letters, digits and hyphens; leave the option out for the most recent operation.",
        )
    return value


def check_time(value: Any, option: str) -> datetime:
    """Return a time that is given in ISO 8601 with its offset from UTC."""
    # botocore's own dependency, for Python 3.10 knows a part of ISO 8601 only. Only modules check times, so that the
    # controller need not have it.
    from dateutil.parser import isoparse

    problem = "is not a time"
    try:
        time = isoparse(value.strip())
        if time.tzinfo is not None:
            return time.astimezone(timezone.utc)
        problem = "does not say its offset from UTC"
    except (AttributeError, ValueError, OverflowError):
        pass
    raise OptionError(
        option,
        f"{shown(value)} {problem}",
        "Give ISO 8601 with Z or an offset, for example now(utc=true, fmt='%Y-%m-%dT%H:%M:%SZ').",
    )


def check_account_names(value: Any) -> dict[str, str]:
    """Return names of accounts by their ids."""
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
