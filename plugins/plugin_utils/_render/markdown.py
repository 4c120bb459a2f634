# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""A report as Markdown for a comment or a chat: trouble first, cut to a length, and what is cut is said. Pure.

Foreign text stands in code spans, where it can't be markup, HTML, a link or a mention. There is no table, for a code
span can't hold a table's bar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import first_of, one_line, shown
from ansible_collections.stackgate.stacksets.plugins.module_utils._validation import is_whole_number
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.headline import shown_statuses
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.report import (
    Cause,
    Remark,
    Report,
)

MAX_LENGTH = 4000
LEAST_LENGTH = 2000  # the head, with every text in it as long as it may be, and the line that says what is left out
_MOST = 5  # accounts and Regions of one cause
_MOST_PLACES = 10
_MARKS = {"good": "\u2705", "bad": "\u274c", "unknown": "\u26a0\ufe0f"}


def to_markdown(report: Report, max_length: int = MAX_LENGTH) -> str:
    """At most ``max_length`` characters, line breaks among them. Raises OptionError."""
    if not is_whole_number(max_length) or max_length < LEAST_LENGTH:
        raise OptionError("max_length", f"is {shown(max_length)}", f"Set a whole number, {LEAST_LENGTH} or more.")
    text = "\n\n".join(_head(report))
    left = list(report.causes)

    def fits(more: str, rest: Sequence[Cause]) -> bool:
        return len(text) + len(more) + len(_left_out(rest)) < max_length

    for block in _further(report):
        if fits(f"\n\n{block}", left):
            text += f"\n\n{block}"
    while left:
        item = ("\n" if left[0].number > 1 else "\n\n**Causes**\n\n") + _cause(left[0], report.names)
        if not fits(item, left[1:]):
            break
        text += item
        left.pop(0)
    return f"{text}{_left_out(left)}\n"


def _head(report: Report) -> Iterator[str]:
    name = f"{_code(report.stack_set_name, 128)}: " if report.stack_set_name else ""
    yield f"### {_MARKS[report.verdict]} {name}{report.headline}"
    if report.subheadline:
        yield f"{report.subheadline}."
    if report.operation_id:
        action = f"{_code(report.action, 20)} operation" if report.action else "Operation"
        status = f" is {_code(report.operation_status, 20)}" if report.operation_status else ""
        reason = f": {_code(report.operation_reason, 120)}" if report.operation_reason else ""
        yield f"{action} {_code(report.operation_id, 128)}{status}{reason}."
    if report.remarks:
        yield "\n".join(_remark(remark) for remark in report.remarks[:_MOST])
    if report.total:
        yield f"{_counts(report.by_status)}{report.where}."


def _remark(remark: Remark) -> str:
    quote = f" {_code(remark.quote, 120)}" if remark.quote else ""
    return f"- **Note:** {remark.text}{quote}"


def _further(report: Report) -> Iterator[str]:
    yield from _places(report)
    if report.console_url:
        yield f"[Open in the AWS console]({report.console_url})"


def _places(report: Report) -> Iterator[str]:
    """Where it went wrong, by Region."""
    troubled = [
        f"{_code(region, 24) if region else 'no Region'} {number:,} FAILED"
        for region, by_status in report.by_region.items()
        if (number := by_status["FAILED"])
    ]
    if troubled:
        yield f"**Regions:** {first_of(troubled, _MOST_PLACES)}."


def _cause(cause: Cause, names: Mapping[str, str]) -> str:
    accounts = [
        f"{_code(account, 20)} ({_code(names[account], 40)})" if names.get(account) else _code(account, 20)
        for account in cause.accounts
    ]
    regions = [_code(region, 24) for region in cause.regions]
    reason = _code(cause.sample if cause.count == 1 else cause.reason, 400) if cause.reason else "no reason given"
    where = "; ".join(filter(None, (first_of(accounts, _MOST), first_of(regions, _MOST))))
    return f"{cause.number}. {cause.count:,} x {reason}{f' in {where}' if where else ''}"


def _counts(by_status: Mapping[str, int]) -> str:
    return first_of(
        [f"{number:,} {_code(status or 'no status', 20)}" for status, number in shown_statuses(by_status)], _MOST_PLACES
    )


def _left_out(causes: Sequence[Cause]) -> str:
    if not causes:
        return ""
    failed = sum(cause.count for cause in causes)
    more = f"{len(causes):,} more cause{'s' if len(causes) > 1 else ''}"
    return f"\n\nNot shown: {more}, with {failed:,} failed result{'s' if failed > 1 else ''}."


def _code(text: str, limit: int) -> str:
    """A code span. A backtick would end it, so it becomes an apostrophe."""
    return f"`{one_line(text, limit).replace('`', chr(39))}`"
