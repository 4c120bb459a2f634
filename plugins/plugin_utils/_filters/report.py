# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""A report over given rows: what the filters that write one take, checked, and what they return."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from ansible.module_utils.common.validation import check_type_dict

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError, StackSetsError
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.counts import unaccounted
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.remediation import console_url, retry_commands
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import Tally, retry_targets
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.types import (
    TERMINAL_STATUSES,
    UNSUCCESSFUL_STATUSES,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import one_line, shown
from ansible_collections.stackgate.stacksets.plugins.module_utils._validation import check_account_names, check_call_as
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._filters.rows import (
    GivenRows,
    operation_for,
    row_filter,
    rows_of_one_operation,
)
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.headline import Unread
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.report import Remark, Report, report

_OPTIONS = ("operation", "stack_set_name", "call_as", "region", "account_names")
# More commands, or longer ones, would be heavy on a page: retry_targets gives them to a program.
_COMMANDS_SIZE = 50_000


def report_filter(render: Callable[..., str], further: tuple[str, ...] = ()) -> Callable[..., str]:
    """The filter that writes a report by ``render``, of the same name, which takes the options in ``further`` too."""

    def filtered(value: Any, **options: Any) -> str:
        own = {option: options.pop(option) for option in further if option in options}
        return render(report_of(value, options, further), **own)

    filtered.__name__ = render.__name__
    return row_filter(filtered)


def report_of(value: Any, options: Mapping[str, Any], further: tuple[str, ...] = ()) -> Report:
    """The report over rows of one operation. Raises StackSetsError."""
    unknown = sorted(set(options) - set(_OPTIONS))
    if unknown:
        names = ", ".join((*_OPTIONS, *further))
        raise StackSetsError(f"No such argument: {one_line(', '.join(unknown))}. The arguments are {names}.")
    rows = rows_of_one_operation(value)
    operation = operation_for(rows, options.get("operation"))
    name, operation_id = rows.named_operations[0] if rows.named_operations else (None, None)
    about = operation or {}
    stack_set_name = _text(options, "stack_set_name") or stack_set_of(name)
    call_as = check_call_as("SELF" if options.get("call_as") is None else options["call_as"])
    region = _text(options, "region")
    url = console_url(region, about.get("stack_set_id"), about.get("operation_id"))
    return report(
        rows.rows,
        operation,
        stack_set_name=stack_set_name,
        operation_id=operation_id,
        account_names=account_names(options.get("account_names")),
        console_url=url,
        remarks=tuple(_remarks(rows)),
        unread=_unread(rows),
        reading_complete=rows.are_all,
        retry_commands=_retry_commands(rows, about, stack_set_name, call_as, region),
    )


def account_names(value: Any) -> dict[str, str]:
    """Names of accounts by their IDs, also from a string as a module takes one: JSON, or ID=NAME in each line."""
    if isinstance(value, str):
        # No dict is refused as it is; older versions of ansible-core raise ValueError of some.
        with suppress(TypeError, ValueError):
            value = check_type_dict(" ".join(value.strip().splitlines()))
    return check_account_names(value)


def stack_set_of(asked: str | None) -> str:
    """A stack set's name, also out of its unique id or its ARN; empty for None."""
    return (asked or "").split("/")[-1].split(":")[0]


def _text(options: Mapping[str, Any], option: str) -> str | None:
    value = options.get(option)
    if value is not None and not isinstance(value, str):
        raise OptionError(option, f"is {shown(value)}, not a string", "Set a string, or omit the option.")
    return value or None


def _unread(rows: GivenRows) -> Unread | None:
    """What to say of results that were not read; None where all were, or nobody knows."""
    if rows.are_all or (rows.from_module and rows.operation is None and rows.error is None):
        return None
    if rows.are_all is None:
        # The lookup's rows. They are those of some statuses where none succeeded, if not of a bad operation.
        return Unread("other results may exist", UNSUCCESSFUL_STATUSES) if _none_succeeded(rows) else None
    by_status_alone = rows.statuses and rows.error is None and not rows.truncated
    return Unread(f"other {'statuses' if by_status_alone else 'results'} were not read", rows.statuses)


def _none_succeeded(rows: GivenRows) -> bool:
    return bool(rows.rows) and not any(row["status"] == "SUCCEEDED" for row in rows.rows)


def _retry_commands(
    rows: GivenRows, operation: Mapping[str, Any], stack_set_name: str | None, call_as: str, region: str | None
) -> list[str]:
    """The commands that retry what did not succeed; none where the rows may not be all, or the Region is not known."""
    name = stack_set_name or str(operation.get("stack_set_id") or "").partition(":")[0]
    if not rows.are_all or not region or not name or operation.get("status") not in TERMINAL_STATUSES:
        return []
    tally = Tally()
    tally.add(rows.rows)
    if unaccounted(operation, tally.counts()):
        return []
    commands = retry_commands(retry_targets(rows.rows), operation, name, call_as, region)
    return commands if sum(map(len, commands)) <= _COMMANDS_SIZE else []


def _remarks(rows: GivenRows) -> Iterator[Remark]:
    if rows.error is not None:
        yield Remark("The reading failed. These results were read before the error:", rows.error)
    elif rows.from_module and rows.operation is None:
        yield Remark("The stack set has no operations.")
    elif rows.are_all is False:
        yield Remark("These are not all results: the reading was limited to some statuses or to a number of results.")
    elif rows.are_all is None and _none_succeeded(rows):
        yield Remark("No result here succeeded, so other results may be missing.")
