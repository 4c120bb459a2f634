# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""A gate's policy: what an operation's results may look like for the next task to run. Pure.

The module hands its options over as Ansible parsed them, the filter its arguments as the template gave them: both are
checked here. Everything raises OptionError.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from .._errors import OptionError
from .._rows.types import TERMINAL_STATUSES, Row
from .._text import one_line, shown
from .._validation import check_account, check_flag, check_limit, check_list

SCOPES = ("operation", "region", "organizational_unit")

DEFAULTS: dict[str, Any] = {
    "max_failed": None,
    "max_failed_percentage": None,
    "max_cancelled": 0,
    "scope": "operation",
    "expected_results": None,
    "min_results": None,
    "accept_operation_statuses": ["SUCCEEDED"],
    "max_unaccounted": 0,
    "allow_empty": False,
    "max_drifted": None,
    "ignore_accounts": [],
    "ignore_reasons": [],
}

# Reasons of unlike kinds. A pattern that is found in all of them tells nothing apart.
_UNLIKE_REASONS = (
    "Rate exceeded",
    "This account is suspended.",
    "Cancelled since failure tolerance has exceeded",
    "ResourceLogicalId:Trail, ResourceType:AWS::CloudTrail::Trail, ResourceStatusReason:Limit is 5",
    "Account 111122223333 should have 'Admin' role with trust relationship to Role 'Stacks'.",
)


class Policy(NamedTuple):
    """Limits of the gate; None where a rule is not asked for. ``scope`` says where the first three are counted."""

    max_failed: int | None
    max_failed_percentage: Fraction | None
    max_cancelled: int
    scope: str
    expected_results: int | None
    min_results: int | None
    accept_operation_statuses: tuple[str, ...]
    max_unaccounted: int
    allow_empty: bool
    max_drifted: int | None
    ignore_accounts: frozenset[str]
    ignore_reasons: tuple[re.Pattern[str], ...]

    def ignores(self, row: Row) -> bool:
        """Whether a FAILED row is ignored."""
        if row["account"] in self.ignore_accounts:
            return True
        reason = row["status_reason"] or ""
        return any(pattern.search(reason) for pattern in self.ignore_reasons)  # none of them matches an empty one


def policy(options: Mapping[str, Any]) -> Policy:
    """The options of a policy, by their documented names; one that is left out has its default."""
    given = {**DEFAULTS, **{name: value for name, value in options.items() if name in DEFAULTS}}
    percentage = _percentage(given["max_failed_percentage"])
    max_failed = check_limit(given, "max_failed")
    accepted = _accepted(given["accept_operation_statuses"])
    expected = check_limit(given, "expected_results")
    unsuccessful = [status for status in accepted if status != "SUCCEEDED"]
    if unsuccessful and expected is None:
        raise OptionError(
            "accept_operation_statuses",
            f"accepts {' and '.join(unsuccessful)} without expected_results",
            "Set expected_results too: such an operation may have skipped targets.",
        )
    return Policy(
        max_failed=0 if max_failed is None and percentage is None else max_failed,
        max_failed_percentage=percentage,
        max_cancelled=check_limit(given, "max_cancelled") or 0,
        scope=_scope(given["scope"]),
        expected_results=expected,
        min_results=check_limit(given, "min_results"),
        accept_operation_statuses=accepted,
        max_unaccounted=check_limit(given, "max_unaccounted") or 0,
        allow_empty=check_flag(given, "allow_empty"),
        max_drifted=check_limit(given, "max_drifted"),
        ignore_accounts=_accounts(given["ignore_accounts"]),
        ignore_reasons=_patterns(given["ignore_reasons"]),
    )


def _percentage(value: Any) -> Fraction | None:
    if value is None:
        return None
    # By way of its text: 33.3 is meant as 333/1000, not as the binary number next to it.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 100:
        raise OptionError(
            "max_failed_percentage", f"is {shown(value)}", "Set a number from 0 to 100 (in a template: | float)."
        )
    return Fraction(str(value))


def _scope(value: Any) -> str:
    if value not in SCOPES:
        raise OptionError("scope", f"is {shown(value)}", f"Set one of {', '.join(SCOPES)}.")
    return value


def _accepted(value: Any) -> tuple[str, ...]:
    option = "accept_operation_statuses"
    accepted = check_list(value, option)
    remedy = f"Set one or more of {', '.join(TERMINAL_STATUSES)}."
    if not accepted:
        raise OptionError(option, "is empty, so no operation could pass", remedy)
    for status in accepted:
        if status not in TERMINAL_STATUSES:
            raise OptionError(option, f"has {shown(status)}", remedy)
    return tuple(dict.fromkeys(str(status) for status in accepted))


def _accounts(value: Any) -> frozenset[str]:
    option = "ignore_accounts"
    remedy = (
        "Put account IDs in quotes. If quotes do not help, as in AWX, write a string with a comma after each ID:"
        " 012345670123,"
    )
    accounts: list[Any] = []
    for element in check_list(value, option):
        # Ansible splits a string with commas into a list for a module; nothing follows the last comma.
        accounts += element.split(",") if isinstance(element, str) else [element]
    return frozenset(check_account(account, option, remedy) for account in accounts if account != "")


def _patterns(value: Any) -> tuple[re.Pattern[str], ...]:
    option = "ignore_reasons"
    patterns = []
    for text in check_list(value, option):
        if not isinstance(text, str):
            raise OptionError(
                option,
                f"has {shown(text)}, which is not a string",
                "Put regular expressions in quotes. If quotes do not help, as in AWX, write one that YAML reads as a"
                " string, for example (?:1234).",
            )
        if _is_list(text):
            raise OptionError(
                option,
                f"has {shown(text)}, a list in a string, which as a pattern matches single characters",
                "Set a list, or one pattern.",
            )
        try:
            pattern = re.compile(text)
        except (re.error, OverflowError, RecursionError) as error:
            raise OptionError(
                option,
                f"has {shown(text)}, which is not a regular expression ({one_line(error, 120)})",
                "Set Python regular expressions, for example (?i)suspended.",
            ) from error
        # Nobody can tell what spaces alone mean, and many reasons hold them.
        if not text.strip() or pattern.search("") or all(pattern.search(reason) for reason in _UNLIKE_REASONS):
            raise OptionError(
                option,
                f"has {shown(text)}, which matches every reason",
                "Match only the reasons to ignore, for example (?i)account is suspended. A string is one pattern; set a"
                " list for several.",
            )
        patterns.append(pattern)
    return tuple(patterns)


def _is_list(text: str) -> bool:
    """Whether this is a list as JSON or YAML write it. As a pattern it is a class of characters, and opens a gate."""
    if re.fullmatch(r"\s*\[[^\]]*\]\s*", text):
        return True
    try:
        return isinstance(json.loads(text), list)
    except (ValueError, RecursionError):
        return False
