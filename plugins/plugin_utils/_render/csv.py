# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""A report as CSV (RFC 4180): every result, trouble first, safe to open in a spreadsheet. Pure."""

from __future__ import annotations

import csv
import io

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import shown
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.report import Report

COLUMNS = (
    "stack_set_name",
    "operation_id",
    "account",
    "account_name",
    "region",
    "organizational_unit_id",
    "status",
    "status_reason",
    "account_gate_status",
    "account_gate_status_reason",
    "reading_complete",
)

# A spreadsheet takes a cell for a formula by its first character, some also by the wide forms of East Asian fonts. No
# text of a report begins with a blank, a tab or a line break, which some skip. (OWASP: CSV Injection.)
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


# By it spreadsheets know UTF-8; some take a file without it for another encoding.
_BYTE_ORDER_MARK = "\ufeff"
_COMPLETE = {True: "true", False: "false", None: ""}


def to_csv(report: Report, bom: bool = False) -> str:
    """One line for each result, with the names of ``COLUMNS`` above, behind a byte order mark if ``bom``. A cell that a
    spreadsheet would take for a formula has an apostrophe before it, which makes it text. Raises OptionError.
    """
    if not isinstance(bom, bool):
        raise OptionError("bom", f"is {shown(bom)}", "Set true or false.")
    stream = io.StringIO()
    if bom:
        stream.write(_BYTE_ORDER_MARK)
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for result in report.results:
        cells = (
            report.stack_set_name,
            report.operation_id,
            result.account,
            result.name,
            result.region,
            result.unit,
            result.status,
            result.reason,
            result.account_gate_status,
            result.account_gate_reason,
            _COMPLETE[report.reading_complete],
        )
        writer.writerow(map(_inert, cells))
    return stream.getvalue()


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
