# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What a report says, whatever it is written in: the order of importance, and what the rows do not tell. Pure.

All text in it is one line without control characters or credentials, and no more than that: a renderer escapes it for
the format that it writes. Nothing depends on a clock, so the same rows give the same report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.counts import unaccounted, unfinished_row_count
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.reason_masks import (
    reason_key,
    split_reason,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import Tally, failure_groups, severity
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.sentences import in_places
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.types import (
    ROW_STATUSES,
    TERMINAL_STATUSES,
    Row,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import one_line
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.headline import Unread, headline, subheadline

# Longer than any reason that AWS is known to send; a page of a report is not the place for more.
_TEXT_LIMIT = 4000


class Result(NamedTuple):
    """One row: an account in a Region (and unit). Empty texts where AWS sent nothing; ``cause`` is 0 for no failure."""

    account: str
    name: str
    region: str
    unit: str
    status: str
    reason: str
    account_gate_status: str
    account_gate_reason: str
    cause: int

    @property
    def is_named(self) -> bool:
        """Whether account and Region are known; otherwise it may be about any target."""
        return bool(self.account and self.region)

    @property
    def succeeded(self) -> bool:
        return self.status == "SUCCEEDED"

    @property
    def explanation(self) -> str:
        """The reason, and the account gate's where that is what failed."""
        gate = (
            f"Account gate: {self.account_gate_reason or self.account_gate_status}"
            if self.account_gate_status == "FAILED"
            else ""
        )
        return " ".join(filter(None, (self.reason, gate)))


@dataclass(frozen=True)
class Cause:
    """A failure group, numbered from 1 for the largest; ``sample`` is one reason of it as AWS wrote it."""

    number: int
    reason: str
    count: int
    sample: str
    accounts: tuple[str, ...]
    regions: tuple[str, ...]

    @property
    def where(self) -> str:
        return in_places(len(self.accounts), len(self.regions))


class Remark(NamedTuple):
    """What the rows do not tell: a sentence of ours, and what AWS said, if it quotes that."""

    text: str
    quote: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, self))


class Report(NamedTuple):
    """Everything a report says, trouble first.

    ``verdict`` is ``bad`` where something failed or was cancelled, ``unknown`` where the rows do not tell all, and
    ``good`` otherwise. ``headline`` counts what did not succeed, and says where not all results were read;
    ``subheadline`` says that AWS calls the operation SUCCEEDED nevertheless, and is empty otherwise. ``remarks`` say
    what the rows do not tell. ``reading_complete`` is whether the rows are all of the operation, None where nobody
    knows. ``retry_commands`` are the AWS CLI's commands for what did not succeed; none where the caller does not know
    them. Times are as AWS gives them, ISO 8601 in UTC.
    """

    stack_set_name: str
    operation_id: str
    action: str
    operation_status: str
    operation_reason: str
    began: str
    ended: str
    console_url: str
    verdict: str
    headline: str
    subheadline: str
    remarks: tuple[Remark, ...]
    reading_complete: bool | None
    total: int
    by_status: Mapping[str, int]
    by_region: Mapping[str, Mapping[str, int]]
    accounts: int
    regions: tuple[str, ...]
    has_units: bool
    results: tuple[Result, ...]
    causes: tuple[Cause, ...]
    names: Mapping[str, str]
    retry_commands: tuple[str, ...]

    @property
    def where(self) -> str:
        return in_places(self.accounts, len([region for region in self.regions if region]))


def report(
    rows: Sequence[Row],
    operation: Mapping[str, Any] | None,
    *,
    stack_set_name: str | None = None,
    operation_id: str | None = None,
    account_names: Mapping[str, str] | None = None,
    console_url: str | None = None,
    remarks: Sequence[Remark] = (),
    unread: Unread | None = None,
    reading_complete: bool | None = None,
    retry_commands: Sequence[str] = (),
) -> Report:
    """The report over rows, one for each target, and their operation as the modules return it.

    ``operation_id`` is what the rows name, for where the operation is not known; ``remarks`` is what the caller knows
    about the rows that they do not tell themselves, ``unread`` that they are not all (None: they may be all).
    """
    about = operation or {}
    # Two readings may list the same rows in another order.
    rows = sorted(rows, key=_target)
    tally = Tally()
    tally.add(rows)
    counts = tally.summary()
    if operation or rows or not remarks:
        remarks = (*remarks, *_remarks(operation, counts))
    remarks = tuple(Remark(remark.text, _text(remark.quote)) for remark in remarks)
    names = {_text(account): _text(name) for account, name in (account_names or {}).items()}
    groups = failure_groups(rows)
    numbers = {group["key"]: number for number, group in enumerate(groups, 1)}
    results = sorted((_result(row, names, numbers) for row in rows), key=_trouble)
    regions = tuple(sorted({result.region for result in results}))
    return Report(
        stack_set_name=_text(stack_set_name or str(about.get("stack_set_id") or "").partition(":")[0]),
        operation_id=_text(about.get("operation_id") or operation_id),
        action=_text(about.get("action")),
        operation_status=_text(about.get("status")),
        operation_reason=_text(about.get("status_reason")),
        began=_text(about.get("creation_timestamp")),
        ended=_text(about.get("end_timestamp")),
        console_url=console_url or "",
        verdict=_verdict(about.get("status"), counts, remarks),
        headline=headline(counts, unread),
        subheadline=subheadline(about, counts),
        remarks=remarks,
        reading_complete=reading_complete,
        total=counts["total"],
        by_status=_counted(results),
        by_region={region: _counted(one for one in results if one.region == region) for region in regions},
        accounts=counts["accounts"],
        regions=regions,
        has_units=any(result.unit for result in results),
        results=tuple(results),
        causes=tuple(_cause(number, group) for number, group in enumerate(groups, 1)),
        names=names,
        retry_commands=tuple(_whole_line(command) for command in retry_commands),
    )


def _text(value: Any) -> str:
    if not value:
        return ""
    text = str(value)
    return _line(text) if len(text) <= _TEXT_LIMIT else one_line(text, _TEXT_LIMIT)


def _whole_line(text: str) -> str:
    """For a command, which is of no use in part."""
    return one_line(text, len(text) * 10)  # an escape has at most ten characters


# Accounts, Regions, units and most reasons come again and again.
@lru_cache(maxsize=4096)
def _line(text: str) -> str:
    return one_line(text, _TEXT_LIMIT)


def _counted(results: Iterable[Result]) -> dict[str, int]:
    """By status, all five of AWS's and whatever else there is."""
    counts = dict.fromkeys(ROW_STATUSES, 0)
    for result in results:
        counts[result.status] = counts.get(result.status, 0) + 1
    return counts


def _target(row: Row) -> tuple[str, str, str]:
    return row["account"] or "", row["region"] or "", row["organizational_unit_id"] or ""


def _result(row: Row, names: Mapping[str, str], numbers: Mapping[str, int]) -> Result:
    account = _text(row["account"])
    failed = row["status"] == "FAILED"
    return Result(
        account=account,
        name=names.get(account, ""),
        region=_text(row["region"]),
        unit=_text(row["organizational_unit_id"]),
        status=_text(row["status"]),
        reason=_text(row["status_reason"]),
        account_gate_status=_text(row["account_gate_result"]["status"]),
        account_gate_reason=_text(row["account_gate_result"]["status_reason"]),
        cause=numbers[reason_key(split_reason(row["status_reason"]))] if failed else 0,
    )


def _trouble(result: Result) -> tuple[Any, ...]:
    return severity(result.status), result.cause, result.account, result.region, result.unit


def _cause(number: int, group: Mapping[str, Any]) -> Cause:
    return Cause(
        number=number,
        reason=_text(group["reason"]),
        count=group["count"],
        sample=_text(group["sample"]["status_reason"]),
        accounts=tuple(map(_text, group["accounts"])),
        regions=tuple(map(_text, group["regions"])),
    )


def _verdict(status: str | None, counts: Mapping[str, Any], remarks: Sequence[Remark]) -> str:
    by_status = counts["by_status"]
    if by_status["FAILED"] or by_status["CANCELLED"] or status in ("FAILED", "STOPPED"):
        return "bad"
    return "unknown" if remarks or by_status["SUCCEEDED"] < counts["total"] or not counts["total"] else "good"


def _remarks(operation: Mapping[str, Any] | None, counts: Mapping[str, Any]) -> Iterator[Remark]:
    if operation is None:
        yield Remark("The operation's status is not known, so results may be missing or may still change.")
        return
    if operation.get("status") not in TERMINAL_STATUSES:
        status = str(operation.get("status") or "")
        yield Remark("The operation has not ended. Results may be missing or may still change. Status:", status)
    else:
        if not counts["total"]:
            yield Remark(
                "The operation has ended without results: it had no targets, or AWS does not list its results yet."
            )
        hidden = unaccounted(operation, counts) - unfinished_row_count(counts)
        if hidden:
            instances = "stack instance" if hidden == 1 else "stack instances"
            yield Remark(f"AWS counts {hidden:,} more failed {instances} than these results show.")
    drifted = (operation.get("stack_set_drift_detection_details") or {}).get("drifted_stack_instances_count")
    if drifted:
        have = "stack instance has" if drifted == 1 else "stack instances have"
        yield Remark(f"{drifted:,} {have} drifted; the results do not show which.")
