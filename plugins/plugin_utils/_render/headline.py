# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The first two lines of a report. Pure.

They hold no foreign text: a status that AWS does not document is counted, and not named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import severity
from ansible_collections.stackgate.stacksets.plugins.module_utils._validation import is_whole_number

_ADJECTIVES = {
    "FAILED": "failed",
    "CANCELLED": "cancelled",
    "RUNNING": "running",
    "PENDING": "pending",
    "SUCCEEDED": "successful",
}


class Unread(NamedTuple):
    """That not all results were read: ``what`` says it in the headline (``other statuses were not read``);
    ``statuses`` are those that were read, empty for all of them.
    """

    what: str = ""
    statuses: tuple[str, ...] = ()


def shown_statuses(by_status: Mapping[str, int]) -> list[tuple[str, int]]:
    """The statuses that occur, with how many, the worst first."""
    return sorted(((status, number) for status, number in by_status.items() if number), key=_worst)


def _worst(status: tuple[str, int]) -> tuple[int, str]:
    return severity(status[0]), status[0]


def headline(counts: Mapping[str, Any], unread: Unread | None = None) -> str:
    """How many results did not succeed, of how many; and that not all results were read, where that is so.

    ``counts`` are a Tally's. ``1 of 2 results failed``; ``3 failed results; other statuses were not read``.
    """
    by_status = counts["by_status"]
    if unread and unread.statuses:
        return f"{_of_some_statuses(by_status, unread.statuses)}; {unread.what}"
    total, failed, cancelled = counts["total"], by_status["FAILED"], by_status["CANCELLED"]
    rest = total - failed - cancelled - by_status["SUCCEEDED"]
    said = _in_words(failed, cancelled, total)
    if rest:
        of = "" if said else _of(total)
        said.append(f"{rest:,}{of} {'has' if rest == 1 else 'have'} not ended")
    if not total:
        return "No results were read" if unread else "There are no results"
    if unread:
        return f"{', '.join(said) or f'{total:,}{_results(total)} succeeded'}; {unread.what}"
    return ", ".join(said) or (f"All {total:,} results succeeded" if total > 1 else "The only result succeeded")


def _in_words(failed: int, cancelled: int, total: int | None = None) -> list[str]:
    """``2 of 9 results failed``, ``1 was cancelled``: the first with how many results there are."""
    said: list[str] = []
    for number, verb in ((failed, "failed"), (cancelled, "was cancelled" if cancelled == 1 else "were cancelled")):
        if number:
            of = "" if said else _of(total) if total else _results(number)
            said.append(f"{number:,}{of} {verb}")
    return said


def _of(total: int) -> str:
    return f" of {total:,}{_results(total)}"


def _results(number: int) -> str:
    return " result" if number == 1 else " results"


def _of_some_statuses(by_status: Mapping[str, int], statuses: Sequence[str]) -> str:
    """``3 failed, 340 cancelled results``. No foreign text: a status that AWS does not document is ``other``."""
    said = [f"{number:,} {_ADJECTIVES[name]}" for name, number in shown_statuses(by_status) if name in _ADJECTIVES]
    others = sum(number for name, number in by_status.items() if name not in _ADJECTIVES)
    said += [f"{others:,} other"] if others else []
    if said:
        return ", ".join(said) + _results(sum(by_status.values()))
    return f"No {' or '.join(_ADJECTIVES[name] for name in statuses if name in _ADJECTIVES)} results"


def subheadline(operation: Mapping[str, Any], counts: Mapping[str, Any]) -> str:
    """That AWS calls the operation SUCCEEDED although results did not succeed, and what it tolerates; or nothing."""
    said = _in_words(counts["by_status"]["FAILED"], counts["by_status"]["CANCELLED"])
    if not said or operation.get("status") != "SUCCEEDED":
        return ""
    return f"AWS reports SUCCEEDED although {' and '.join(said)}{_tolerance(operation)}"


def _tolerance(operation: Mapping[str, Any]) -> str:
    """What the operation tolerates. API: StackSetOperationPreferences, both are of accounts in each Region."""
    preferences = operation.get("operation_preferences") or {}
    tolerated = (
        ("failure_tolerance_count", "{:,} account{} in each Region"),
        ("failure_tolerance_percentage", "{}% of the accounts in each Region"),
    )
    for name, words in tolerated:
        number: Any = preferences.get(name)
        if is_whole_number(number) and number > 0:
            return f": the failure tolerance is {words.format(number, '' if number == 1 else 's')}"
    return ""
