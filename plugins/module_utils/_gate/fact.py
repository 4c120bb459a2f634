# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""A decision as playbooks see it, in sizes that a callback can carry. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .._rows.types import Row
from .model import Decision
from .remediation import remedy

_REASON_LIMIT = 500  # characters
_MAX_IGNORED = 100
_IGNORED_SIZE = 50_000  # characters of JSON
_MAX_VIOLATIONS = 200


def decision_fact(
    decision: Decision, ignored: Sequence[Row], operation_id: str | None, in_filter: bool = False
) -> dict[str, Any]:
    """A decision as playbooks see it: RETURN of operation_gate, ``gate``."""
    return {
        "passed": decision.passed,
        "verdict": decision.verdict.value,
        "violations": [{**one._asdict(), "rule": one.rule.value} for one in decision.violations[:_MAX_VIOLATIONS]],
        "missing": [
            {**one._asdict(), "what": one.what.value, "way_out": remedy(one, decision, operation_id, in_filter)}
            for one in decision.missing
        ],
        "counts": decision.counts,
        "ignored": list(rows_within(ignored[:_MAX_IGNORED], _IGNORED_SIZE)),
    }


def rows_within(rows: Iterable[Row], size: int) -> Iterator[dict[str, Any]]:
    """As many of the rows, their reasons cut, as fit into ``size`` characters of JSON."""
    for row in rows:
        fact = cut_reasons(row)
        size -= len(json.dumps(fact))
        if size < 0:
            return
        yield fact


def cut_reasons(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row whose reasons are cut to a few hundred characters."""
    gate = row["account_gate_result"]
    return {
        **row,
        "status_reason": cut_text(row["status_reason"]),
        "account_gate_result": {**gate, "status_reason": cut_text(gate["status_reason"])},
    }


def cut_text(text: str | None) -> str | None:
    """A reason of a few hundred characters at most."""
    return text if text is None or len(text) <= _REASON_LIMIT else text[: _REASON_LIMIT - 3] + "..."
