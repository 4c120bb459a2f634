# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""An operation's results as hosts of an inventory, and as what a cache keeps of them. Pure.

A *target* is an account in a Region, and a host. Results are kept as plain JSON data, so that hosts, groups and
variables are made in one way whether AWS answered or the cache.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.normalise import normalise_row
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.request import ResultsRequest
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.results_reader import ReadResult
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.counts import unaccounted
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import Tally, worst_rows
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.types import TERMINAL_STATUSES, Row
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import one_line

Fact = Mapping[str, Any]

# What AWS sends for account and Region, and nothing that a pattern of hosts or a template would take for its own.
_OF_A_NAME = re.compile(r"[0-9A-Za-z-]+")
_EMPTY_ROW = normalise_row({})


class Results(NamedTuple):
    """One complete reading: the operation (None: the stack set has none) and its rows, one for each target."""

    operation: Mapping[str, Any] | None
    rows: list[Row]

    @property
    def ended(self) -> bool:
        return self.operation is not None and self.operation["status"] in TERMINAL_STATUSES

    def unaccounted(self, statuses: tuple[str, ...]) -> int:
        """What AWS says happened and the rows do not show; 0 while the operation is at work."""
        if not self.ended:
            return 0
        tally = Tally()
        tally.add(self.rows)
        # AWS counts failures, which says nothing of rows that were read without those.
        failed_rows_were_read = not statuses or "FAILED" in statuses
        return unaccounted(self.operation or {} if failed_rows_were_read else {}, tally.counts())

    def is_final(self, statuses: tuple[str, ...]) -> bool:
        """Whether a later reading of this operation would show the same."""
        return self.ended and not self.unaccounted(statuses)


def results_of(result: ReadResult) -> Results:
    """What a reading gave, with one row for each target."""
    return Results(result.operation, worst_rows(result.reading.rows))


def can_be_host(row: Fact) -> bool:
    """Whether a host can be named after this row's account and Region."""
    return all(_OF_A_NAME.fullmatch(row[key] or "") for key in ("account", "region"))


def targets(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """One row for each host, by the host's name. Of several organizational units the worst row stays."""
    # The rules of worst_rows, with one unit for all.
    comparable: Iterator[dict[str, Any]]
    comparable = ({**row, "organizational_unit_id": None, "row": row} for row in rows if can_be_host(row))
    return {f"{one['account']}_{one['region']}": one["row"] for one in worst_rows(comparable)}


def hosts(results: Results, stack_set_name: str, names: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The variables of each host, by the host's name."""
    return {
        host: host_variables(row, results.operation or {}, stack_set_name, names)
        for host, row in targets(results.rows).items()
    }


def host_variables(row: Fact, operation: Fact, stack_set_name: str, names: Mapping[str, str]) -> dict[str, Any]:
    """A host's variables; the account's name only where there are ``names`` at all."""
    values = {
        **row,
        "stack_set_name": stack_set_name,
        "operation_id": operation.get("operation_id"),
        "operation_status": operation.get("status"),
    }
    if names:
        values["account_name"] = names.get(row["account"])
    return {f"stackset_{key}": value for key, value in values.items()}


def default_groups(variables: Mapping[str, Any]) -> list[str]:
    """The groups that the default of keyed_groups stands for, before their names are made safe."""
    values = {
        "status": (variables["stackset_status"] or "").lower(),
        "region": variables["stackset_region"],
        "ou": variables["stackset_organizational_unit_id"],
    }
    return [f"{prefix}_{value}" for prefix, value in values.items() if value]


def doubts(request: ResultsRequest, results: Results) -> Iterator[str]:
    """What the hosts do not show, in words."""
    operation: Mapping[str, Any] = results.operation or {}
    operation_id = one_line(operation.get("operation_id"))
    if operation and not results.ended:
        yield (
            f"Operation {operation_id} has not ended, its status is {one_line(operation.get('status'))}. Accounts that"
            " fail later may be missing or in another group."
        )
    lacking = results.unaccounted(request.statuses)
    if lacking:
        yield (
            f"Operation {operation_id} has ended, but {lacking} of its stack instances are unaccounted for: AWS"
            " counts failures that it does not list, or results are not final. Failed accounts may be missing. Read the"
            " inventory again later."
        )
    nameless = sum(not can_be_host(row) for row in results.rows)
    if nameless:
        yield f"{nameless} results have no account or no Region for a host name and are omitted."


def cached_question(request: ResultsRequest, connection: Mapping[str, Any]) -> dict[str, Any]:
    """What a kept answer has to be the answer to: all that decides which rows AWS sends."""
    about = {
        "stack_set_name": request.stack_set.value,
        "operation_id": request.operation_id,
        "call_as": request.call_as,
        "statuses": list(request.statuses),
        **connection,
    }
    return json.loads(json.dumps(about))


def to_cache(question: Mapping[str, Any], results: Results) -> dict[str, Any]:
    """An entry for the cache: data of JSON's own types, whatever Ansible knows about the values besides."""
    entry = {"question": question, "operation": results.operation, "rows": results.rows}
    return json.loads(json.dumps(entry))


def from_cache(entry: Any, question: Mapping[str, Any]) -> Results | None:
    """The results that an entry holds; None where it answers another question, or is not what was put there."""
    if not isinstance(entry, dict) or entry.get("question") != question:
        return None
    operation, rows = entry.get("operation"), entry.get("rows")
    if not isinstance(operation, dict) or not operation.keys() >= {"operation_id", "status", "status_details"}:
        return None
    if not isinstance(rows, list) or not all(_is_row(row) for row in rows):
        return None
    return Results(operation, rows)


def _is_row(row: Any) -> bool:
    if not isinstance(row, dict) or row.keys() != _EMPTY_ROW.keys():
        return False
    gate = row["account_gate_result"]
    if not isinstance(gate, dict) or gate.keys() != _EMPTY_ROW["account_gate_result"].keys():
        return False
    texts = [value for key, value in row.items() if key != "account_gate_result"]
    return all(value is None or isinstance(value, str) for value in [*texts, *gate.values()])
