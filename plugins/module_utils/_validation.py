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
from datetime import date, datetime, timezone
from typing import Any

from ._errors import OptionError
from ._text import SHOWN_LIMIT, one_line, shown

CALL_AS = ("SELF", "DELEGATED_ADMIN")
PAGE_SIZE_LIMIT = 100  # ListStackSetOperationResults: MaxResults, 1 to 100

_OPERATION_ID = re.compile(r"[a-zA-Z0-9][-a-zA-Z0-9]{0,127}")  # API: ClientRequestToken
_ACCOUNT = re.compile("[0-9]{12}")
# YAML takes an account's id that begins with a zero, and has no 8 and no 9, for an octal number below this one.
_OCTAL_IDS = 8**11

# The texts that YAML may read as something else, and what to give where quotes do not help.
WITHOUT_QUOTES = {
    "stack_set_name": "use the stack set's unique ID (name:uuid) or its ARN",
    "operation_id": "omit the option to read the most recent operation",
    **dict.fromkeys(("region", "aws_region", "ec2_region"), "set AWS_REGION in the environment"),
    **dict.fromkeys(("profile", "aws_profile"), "set AWS_PROFILE in the environment"),
}


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
        raise OptionError(option, f"is {shown(value)}", "Set true or false (in a template: | bool).")
    return value


def check_limit(options: Mapping[str, Any], option: str) -> int | None:
    """Return a whole number from 0 on, or None for no limit."""
    value = options[option]
    if value is not None and (not is_whole_number(value) or value < 0):
        raise OptionError(option, f"is {shown(value)}", "Set a whole number, 0 or more (in a template: | int).")
    return value


def check_list(value: Any, option: str) -> list[Any]:
    """Return a list, an empty one for null. A string is one element, even with commas in it. So is what
    YAML read in one.
    """
    if isinstance(value, (str, int, float, date)):
        return [value]
    if value is not None and not isinstance(value, (list, tuple)):
        raise OptionError(option, f"is {shown(value)}", "Set a list.")
    return list(value or [])


def check_seconds(options: Mapping[str, Any], option: str, least: int) -> float:
    """Return seconds, ``least`` or more."""
    value = options[option]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value < float("inf"):
        raise OptionError(option, f"is {shown(value)}", f"Set seconds, {least} or more.")
    return float(value)


def check_choices(value: Any, choices: Sequence[str], option: str) -> tuple[str, ...]:
    """Return words out of ``choices``, each once, in the order given; none of them means all."""
    wanted = check_list(value, option)
    for word in wanted:
        if word not in choices:
            raise OptionError(option, f"has {shown(word)}", f"Choose from {', '.join(choices)}, or omit it for all.")
    return tuple(dict.fromkeys(wanted))


def check_call_as(value: Any, option: str = "call_as") -> str:
    """Return SELF or DELEGATED_ADMIN."""
    if value not in CALL_AS:
        raise OptionError(option, f"is {shown(value)}", f"Set {' or '.join(CALL_AS)}.")
    return value


def check_max_items(value: Any) -> int | None:
    """Return how many rows to read at most, None for all."""
    if value is None:
        return None
    if not is_whole_number(value) or value < 1:
        raise OptionError("max_items", f"is {shown(value)}", "Set 1 or more, or omit it to read everything.")
    return value


def check_page_size(value: Any) -> int:
    """Return how many rows a page of AWS's may have."""
    if not is_whole_number(value) or not 1 <= value <= PAGE_SIZE_LIMIT:
        raise OptionError("page_size", f"is {shown(value)}", f"Set 1 to {PAGE_SIZE_LIMIT}.")
    return value


def _read_by_yaml(value: Any) -> str | None:
    """What YAML read as this value, which is not text: ``0123 as that``; None where it reads nothing so.

    ansible-core 2.19 and newer do that with the extra variables of AWX too, which are texts in quotes.
    """
    if isinstance(value, bool):
        return f"{'yes' if value else 'no'} as that"
    if isinstance(value, int) and value >= 0:
        return f"{one_line(f'0{value:o}', SHOWN_LIMIT)} as that"
    if isinstance(value, (int, float)):
        return "it as a number"
    if isinstance(value, date):
        return "it as a time" if isinstance(value, datetime) else "it as a date"
    return None


def check_text(value: Any, option: str, remedy: str, problem: str = "is {}") -> None:
    """Refuse what YAML read in a string; anything else that is not a string is for others to refuse."""
    read = _read_by_yaml(value)
    if read:
        raise OptionError(option, f"{problem.format(shown(value))}, not a string: YAML reads {read}", remedy)


def check_texts(options: Mapping[str, Any], ways: Mapping[str, str] | None = None) -> None:
    """Refuse what YAML read in a string, of the options that ``ways`` has: what to do where quotes do not help."""
    for option, way in (ways or WITHOUT_QUOTES).items():
        check_text(options.get(option), option, f"Put it in quotes. If quotes do not help, as in AWX, {way}.")


def check_operation_id(value: Any) -> str | None:
    """Return an operation's id, None for the most recent operation."""
    if not is_given(value):
        return None
    check_texts({"operation_id": value})
    if not isinstance(value, str) or not _OPERATION_ID.fullmatch(value):
        raise OptionError(
            "operation_id",
            f"{shown(value)} is not an operation ID",
            "An ID has 1 to 128 letters, digits and hyphens.",
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
        problem = "has no UTC offset"
    except (AttributeError, ValueError, OverflowError):
        pass
    raise OptionError(
        option,
        f"{shown(value)} {problem}",
        "Set ISO 8601 with Z or an offset, for example now(utc=true, fmt='%Y-%m-%dT%H:%M:%SZ').",
    )


def check_account(value: Any, option: str, remedy: str) -> str:
    """Return an account's id. A number of 12 digits can only be that account; in a shorter one YAML read another id."""
    text = str(value) if is_whole_number(value) else value
    if isinstance(text, str) and _ACCOUNT.fullmatch(text):
        return str(text)
    problem = f"has {shown(value)}, which is not an account ID of 12 digits"
    # Ansible converts a number to a string, where it accepts strings.
    if isinstance(text, str) and re.fullmatch("0|[1-9][0-9]{0,9}", text) and int(text) < _OCTAL_IDS:
        problem += f": YAML reads {int(text):012o} as that"
    raise OptionError(option, problem, remedy)


def check_account_names(value: Any) -> dict[str, str]:
    """Return names of accounts by their ids."""
    option = "account_names"
    remedy = (
        'Set a dict of IDs and names, both in quotes: {"111122223333": "production"}. If quotes do not help, as in'
        """ AWX, write it as JSON in a string: '{"012345670123": "production"}'."""
    )
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise OptionError(option, f"is {shown(value)}, not a dict", remedy)
    names = {}
    for key in value:
        account, name = check_account(key, option, remedy), value[key]
        if not is_given(name):
            continue
        check_text(name, option, remedy, f"has {{}} as the name of {account}")
        if not isinstance(name, str):
            raise OptionError(option, f"has {shown(name)} as the name of {account}", remedy)
        names[account] = str(name)
    return names
