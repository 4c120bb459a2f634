# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What several gates in one task return: each, all together, and no more than a callback can carry. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from .._gate.model import Verdict
from .._text import one_line, whole_words

# ansible-runner and AWX drop a result of over 700,000 characters. The task's own arguments are in it too, which for 500
# entries with the longest names have some 170,000.
_GATES_SIZE = 380_000
_LISTED_SIZE = 30_000
_BEGINNING = 900  # characters of a message that every callback and AWX show
_MESSAGE_SIZE = 4_000
_REASON_LIMIT = 160
_BRIEF_LIMIT = 120

_NEXT = (
    "Next: see gates for the message, targets and commands of each. If one is inconclusive, run the task again; it only"
    " reads."
)

Entry = Mapping[str, Any]

_WORST_FIRST = [verdict.value for verdict in Verdict]


def batch_entry(stack_set_name: str, result: Mapping[str, Any]) -> dict[str, Any]:
    """One gate's result as one of several: RETURN of operation_gate, ``gates``."""
    return {"stack_set_name": stack_set_name, "operation_id": result["progress"]["operation_id"], **result}


def aggregate(entries: Sequence[Entry]) -> dict[str, Any]:
    """The result of the task. It has passed where all have; it has failed where one has."""
    verdicts = Counter(one["gate"]["verdict"] for one in entries)
    verdict = next(name for name in _WORST_FIRST if verdicts[name])
    return {
        "msg": _message(entries, verdict, verdicts),
        "gate": {
            "passed": verdict == Verdict.PASSED.value,
            "verdict": verdict,
            "violations": _listed(entries, "violations"),
            "missing": _listed(entries, "missing"),
            "counts": _counts([one["gate"]["counts"] for one in entries]),
            "ignored": _listed(entries, "ignored"),
        },
        "gates": fit_to_event(entries),
        "calls": sum(one["calls"] for one in entries),
        **_error(entries, verdict),
    }


def _worst_first(entry: Entry) -> int:
    return _WORST_FIRST.index(entry["gate"]["verdict"])


def without_nulls(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The entries of the option as they were given: Ansible adds a null for everything left out."""
    return [{name: value for name, value in one.items() if value is not None} for one in entries]


def _message(entries: Sequence[Entry], verdict: str, verdicts: Counter[str]) -> str:
    tolerated = _tolerated(entries) if verdict == Verdict.PASSED.value else ""
    most_first = sorted(verdicts, key=lambda name: (-verdicts[name], _WORST_FIRST.index(name)))
    numbers = ", ".join(f"{verdicts[name]} {name}" for name in most_first)
    said = f"Gate {verdict}: {len(entries)} operations, {numbers}{tolerated}."
    closed = sorted((one for one in entries if not one["gate"]["passed"]), key=_worst_first)
    clauses = [f" {_clause(one)}" for one in closed]
    # As many as leave the next step in the beginning, and the others after it.
    while clauses and len(said + clauses[0] + _NEXT) < _BEGINNING:
        said += clauses.pop(0)
    said += f" {_NEXT}" if closed else ""
    while clauses and len(said + clauses[0]) < _MESSAGE_SIZE:
        said += clauses.pop(0)
    return said + (f" {len(clauses)} more did not pass." if clauses else "")


def _tolerated(entries: Sequence[Entry]) -> str:
    """What the passes rest on beside results that succeeded."""
    counts = _counts([one["gate"]["counts"] for one in entries])
    found = {
        "failed": "FAILED",
        "ignored": "FAILED but ignored",
        "cancelled": "CANCELLED",
        "unaccounted": "unaccounted for",
    }
    said = [f"{counts[name]:,} {words}" for name, words in found.items() if counts[name]]
    return f"; tolerated: {', '.join(said)}" if said else ""


def _clause(one: Entry) -> str:
    """What a gate that did not pass is called, its verdict, and the beginning of its first reason."""
    gate = one["gate"]
    reason = (gate["violations"] or gate["missing"])[0]
    why = whole_words(reason["message"], _REASON_LIMIT)
    return f"{one_line(one['stack_set_name'])} {gate['verdict']}: {why}{'' if why.endswith('.') else '.'}"


def _error(entries: Sequence[Entry], verdict: str) -> dict[str, Any]:
    """``error`` of the task: AWS's or an interruption's, which fails it in any case, before that of a closed gate."""
    closed = [one for one in entries if not one["gate"]["passed"]]
    ended_early = [one for one in closed if one["error"]["code"] not in ("GateFailed", "GateInconclusive")]
    of_verdict = [one for one in closed if one["gate"]["verdict"] == verdict]
    first = next(iter([*ended_early, *of_verdict]), {})
    return {name: first[name] for name in ("error", "response_metadata") if name in first}


def _listed(entries: Sequence[Entry], what: str) -> list[dict[str, Any]]:
    """The members of this list of all gates, each with whose it is, as many as fit."""
    listed: list[dict[str, Any]] = []
    free = _LISTED_SIZE
    for one in entries:
        for member in one["gate"][what]:
            named = {"stack_set_name": one["stack_set_name"], "operation_id": one["operation_id"], **member}
            free -= len(json.dumps(named))
            if free < 0:
                return listed
            listed.append(named)
    return listed


def _counts(counts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The sums; null where one of them is not known."""
    by_status: Counter[str] = Counter()
    for one in counts:
        by_status.update(one["by_status"])
    sums = {
        name: None if any(one[name] is None for one in counts) else sum(one[name] for one in counts)
        for name in counts[0]
        if name != "by_status"
    }
    return {**sums, "by_status": dict(by_status), "complete": all(one["complete"] for one in counts)}


def fit_to_event(entries: Sequence[Entry]) -> list[Entry]:
    """As many gates with all they have as fit into an event, those that did not pass first; the others are brief."""
    briefs = [_brief(one) for one in entries]
    free = _GATES_SIZE - sum(len(json.dumps(one)) for one in briefs)
    kept: list[Entry] = list(briefs)
    for index, one in sorted(enumerate(entries), key=lambda at: at[1]["gate"]["passed"]):
        more = len(json.dumps(one)) - len(json.dumps(briefs[index]))
        if more <= free:
            free -= more
            kept[index] = one
    return kept


def _brief(one: Entry) -> dict[str, Any]:
    gate = one["gate"]
    kept = {name: one[name] for name in ("stack_set_name", "operation_id", "calls")}
    return {
        **dict.fromkeys(one),
        **kept,
        "msg": whole_words(one["msg"], _BRIEF_LIMIT),
        "gate": {"passed": gate["passed"], "verdict": gate["verdict"]},
        "truncated": True,
    }
