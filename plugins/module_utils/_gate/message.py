# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""A decision in words, so that the message alone lets somebody act. Pure.

Callbacks and AWX show the beginning of a message: the verdict and its reason, the operation, the counts, the largest
cause and the beginning of the next step are in its first 900 characters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._rows.sentences import operation_clause, quoted_reason
from .._rows.types import ROW_STATUSES
from .._text import count_of, first_of, one_line
from .model import Decision, MissingKind
from .remediation import next_step

_NAMES_SHOWN = 3  # accounts and Regions of a cause
_WHY_LIMIT = 260
_NAME_LIMIT = 36
_BEGINNING = 900  # characters that every callback and AWX show
_NEXT_LIMIT = 100  # of them for the beginning of the next step

Groups = Sequence[Mapping[str, Any]]


def message(
    decision: Decision,
    operation: Mapping[str, Any] | None,
    stack_set_name: str,
    groups: Groups = (),
    *,
    operation_id: str | None = None,
    account_names: Mapping[str, str] | None = None,
    console_url: str | None = None,
    retry_commands: Sequence[str] = (),
    no_targets: str | None = None,
    in_filter: bool = False,
) -> str:
    """What the gate decided about an operation (None: there is none), and why, and what to do.

    ``groups`` are failure groups. ``no_targets``: why what to retry is not known; None where it is. ``in_filter``: the
    decision is the filter's, over given rows; there the stack set's name may be empty: not known.
    """
    names = account_names or {}
    about = [
        _operation_sentence(operation, stack_set_name),
        _counts_sentence(decision) if operation else "",
        _unlisted_sentence(decision, operation_id, in_filter),
    ]
    step = next_step(decision, operation, operation_id, retry_commands, no_targets, in_filter)
    largest = f"Largest cause: {_cause(groups[0], names, 90)}" if groups else ""
    verdict = f"Gate {decision.verdict.value}:"
    space = _BEGINNING - len(" ".join([verdict, "", *about, largest, step[:_NEXT_LIMIT]]))
    said = " ".join(filter(None, [f"{verdict} {_reasons(decision, space)}".rstrip(), *about, largest]))
    space = _BEGINNING - len(f"{said} {step[:_NEXT_LIMIT]}")
    console = f"In the console: {console_url}" if console_url and not decision.passed else ""
    return " ".join(filter(None, [said, _further_causes(groups[1:], names, space), step, console]))


def _reasons(decision: Decision, space: int) -> str:
    if decision.passed:
        return f"{'; '.join(decision.tolerated)}." if decision.tolerated else ""
    about = [one_line(one.message, _WHY_LIMIT) for one in decision.violations]
    ended_by = decision.ended_by(MissingKind.ERROR, MissingKind.INTERRUPTED)
    if not ended_by:
        about = about or [one_line(one.message, _WHY_LIMIT) for one in decision.missing]
    why = " ".join(about[:2]) + (f" ({len(about) - 2} more in gate)" if len(about) > 2 else "")
    if not ended_by:
        return why
    # Whole where it fits, for its end says what to do; what else is missing follows from it.
    return f"{why} {one_line(ended_by, max(space - len(why), _WHY_LIMIT))}".strip()


def _operation_sentence(operation: Mapping[str, Any] | None, stack_set_name: str) -> str:
    if not operation:
        return f"The stack set is {one_line(stack_set_name, 60)}." if stack_set_name else ""
    return f"{operation_clause(operation, stack_set_name)}.{quoted_reason(operation)}"


def _counts_sentence(decision: Decision) -> str:
    counts = decision.counts
    by_status = counts["by_status"]
    shown = [
        f"{'' if name in decision.exact else 'at least '}{by_status[name]:,} {name}"
        for name in ROW_STATUSES
        if by_status[name] or (name == "FAILED" and name in decision.exact)
    ]
    shown += [f"{number:,} {one_line(name, 40)}" for name, number in by_status.items() if name not in ROW_STATUSES]
    ignored = f" ({counts['ignored']:,} FAILED ignored)" if counts["ignored"] else ""
    return f"Results{'' if counts['complete'] else ' read'}: {', '.join(shown)}{ignored}." if shown else ""


def _unlisted_sentence(decision: Decision, operation_id: str | None, in_filter: bool) -> str:
    """Where failures that AWS counts are not listed, and the gate is closed for good whatever they are."""
    counted, listed = decision.counts["failed_stack_instances_count"] or 0, decision.counts["by_status"]["FAILED"]
    if not decision.violations or listed >= counted or decision.ended_by(MissingKind.ERROR):
        return ""
    named = f" with operation_id={one_line(operation_id, 130)}" if operation_id else ""
    again = "read the operation again with operation_results_info" if in_filter else f"run the task again{named}"
    return f"AWS counts {count_of(counted, 'failure')} and lists {listed:,} so far. To see the rest, {again}."


def _cause(group: Mapping[str, Any], names: Mapping[str, str], limit: int) -> str:
    reason = one_line(group["reason"], limit) or "no reason given"
    accounts = [
        f"{account} ({one_line(names[account], 20)})" if account in names else account for account in group["accounts"]
    ]
    several = f"{len(accounts):,} accounts ({{}})"
    where = [_named("account {}", several, accounts), _named("Region {}", "Regions {}", group["regions"])]
    return f'{group["count"]:,} x "{reason}"{" in " if any(where) else ""}{", ".join(filter(None, where))}.'


def _named(one: str, several: str, names: Sequence[str]) -> str:
    """The names in the words for one or for several of them; empty for none."""
    shown = first_of(names, _NAMES_SHOWN, _NAME_LIMIT)
    return (several if len(names) > 1 else one).format(shown) if names else ""


def _further_causes(groups: Groups, names: Mapping[str, str], space: int) -> str:
    """Further causes as far as they fit, and how many more there are."""
    said = ""
    for number, group in enumerate(groups):
        left = f" {len(groups) - number:,} more in failure_groups."
        cause = f" Then: {_cause(group, names, 80)}"
        if len(said + cause + left) > space:
            return (said + left).strip()
        said += cause
    return said.strip()
