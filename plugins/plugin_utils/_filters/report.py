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
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.remediation import console_url
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import one_line, shown
from ansible_collections.stackgate.stacksets.plugins.module_utils._validation import check_account_names
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._filters.rows import (
    GivenRows,
    operation_for,
    row_filter,
    rows_of_one_operation,
)
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.report import Remark, Report, report

_OPTIONS = ("operation", "stack_set_name", "region", "account_names")


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
    region = _text(options, "region")
    url = console_url(region, about.get("stack_set_id"), about.get("operation_id"))
    return report(
        rows.rows,
        operation,
        stack_set_name=_text(options, "stack_set_name") or name,
        operation_id=operation_id,
        account_names=account_names(options.get("account_names")),
        console_url=url,
        remarks=tuple(_remarks(rows)),
    )


def account_names(value: Any) -> dict[str, str]:
    """Names of accounts by their ids, of a text too, as a module takes one: JSON, or ID=NAME in each line."""
    if isinstance(value, str):
        # No dict is refused as it is; older versions of ansible-core raise ValueError of some.
        with suppress(TypeError, ValueError):
            value = check_type_dict(" ".join(value.strip().splitlines()))
    return check_account_names(value)


def _text(options: Mapping[str, Any], option: str) -> str | None:
    value = options.get(option)
    if value is not None and not isinstance(value, str):
        raise OptionError(option, f"is {shown(value)}, not a text", "Give a text, or leave it out.")
    return value or None


def _remarks(rows: GivenRows) -> Iterator[Remark]:
    if rows.error is not None:
        yield Remark("The reading failed, and these are the results read before:", rows.error)
    elif rows.from_module and rows.operation is None:
        yield Remark("The stack set has no operations.")
    elif rows.are_all is False:
        yield Remark("These are not all results: the reading was limited, to some statuses or to a number of rows.")
    elif rows.are_all is None and rows.rows and not any(row["status"] == "SUCCEEDED" for row in rows.rows):
        yield Remark("No result here succeeded, so these may be some of the results only.")
