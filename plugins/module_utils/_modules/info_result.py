# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What a task returns: facts of a reading, and a failed task's share of them, in sizes that callbacks can carry.

ansible-runner, and so AWX, replaces a task's result of over ``MAX_EVENT_RES`` characters (700,000 unless its
environment says otherwise) by an empty one in the job's events, failed tasks included.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .._api.results_reader import Reading, ReadResult
from .._errors import StackSetsError
from .._rows.results import Tally, worst_rows
from .._rows.sentences import results_sentence

EVENT_LIMIT = 700_000


def success_result(result: ReadResult, tally: Tally | None = None) -> dict[str, Any]:
    """The result of a reading; with a ``tally`` that counted its rows, without the rows."""
    reading = result.reading
    token = reading.next_token
    rows = _rows(reading, tally)
    return {
        "msg": results_sentence(result.operation, result.stack_set_name, rows["summary"], _unread(reading)),
        "stack_set_name": result.stack_set_name,
        "operation": result.operation,
        **rows,
        "statuses": reading.statuses,
        "next_token": token,
        "truncated": token is not None,
        "complete": reading.covers_all_rows and token is None,
    }


def failure_result(error: StackSetsError, environment: Mapping[str, str], tally: Tally | None = None) -> dict[str, Any]:
    """The result of a failed reading: the message, and what was read before as far as a callback can carry it."""
    reading = error.reading
    if reading is None:
        return {"msg": error.message, **error.facts}
    kept = reading.count
    if not tally:
        # Half of the limit: the message, the token and the task's own arguments are in the result too.
        kept = _rows_within(reading, event_limit(environment) // 2)
    return {
        "msg": f"{error.message}{_what_remains(reading, kept, bool(tally))}",
        "operation": error.operation,
        **_rows(reading, tally),
        "statuses": reading.statuses,
        "next_token": reading.next_token,
        "complete": False,
        **error.facts,
    }


def size_warning(result: Mapping[str, Any], environment: Mapping[str, str]) -> str | None:
    """A warning where the runner that this task runs under would drop its result; None where it fits."""
    if "MAX_EVENT_RES" not in environment:
        return None
    size, limit = len(str(result)), event_limit(environment)
    if size <= limit:
        return None
    return (
        f"This result has about {size:,} characters. ansible-runner and AWX omit a result of over {limit:,}"
        " (MAX_EVENT_RES) from the job's events. The playbook itself still has it. To read less, use"
        " statuses=FAILED,CANCELLED, summary_only=true, max_items, or the lookup stackgate.stacksets.operation_results."
    )


def event_limit(environment: Mapping[str, str]) -> int:
    """How many characters of a result an event may hold."""
    limit = environment.get("MAX_EVENT_RES", "")
    return int(limit) if limit.isdecimal() else EVENT_LIMIT


def _rows(reading: Reading, tally: Tally | None) -> dict[str, Any]:
    if tally:
        return {"summary": tally.summary()}
    rows = reading.rows
    counts = Tally()
    counts.add(rows)
    return {"operation_results": worst_rows(rows), "summary": counts.summary()}


def _unread(reading: Reading) -> list[str]:
    """What was not read, of all results that AWS lists."""
    notes = {
        "other statuses were not read": reading.statuses,
        "results before starting_token were not read": reading.resumed,
        "more remain, see next_token": reading.next_token,
    }
    return [note for note, applies in notes.items() if applies]


def _rows_within(reading: Reading, size: int) -> int:
    """Cut a reading to what is ``size`` characters as text. Returns the number of rows kept."""
    for count, row in enumerate(reading.rows):
        size -= len(json.dumps(row)) + 2
        if size < 0:
            reading.keep_first(count)
            return count
    return reading.count


def _what_remains(reading: Reading, kept: int, counted: bool) -> str:
    if not reading.count:
        return ""
    if counted:
        shown = "summary counts them"
    elif kept == reading.count:
        shown = "operation_results has them"
    else:
        shown = f"operation_results has the first {kept:,}"
    resume = " To resume after them, set starting_token to next_token." if reading.next_token else ""
    return f" {reading.count:,} rows were read before the error: {shown}.{resume}"
