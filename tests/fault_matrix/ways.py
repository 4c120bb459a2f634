# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Meets a fault through the real module, lookup and gate, and says what came of it, in words that do not change."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from emulator.client import Emulator
from integration.helpers.ansible_commands import Ansible

from fault_matrix.broken_ways import BrokenWays
from fault_matrix.faults import FAILED, OPERATION_ID, Fault, Promise, script

WAYS = {"module": "module", "lookup": "lookup", "open_gate": "gate that may pass", "closed_gate": "gate that may not"}
_MODULE = "stackgate.stacksets.operation_results_info"
_GATE = "stackgate.stacksets.operation_gate"
# Two attempts and short waits: what has to be seen is the end, and the defaults' are the same but longer.
_QUICK = {"connect_timeout": 2, "read_timeout": 2, "retries": {"mode": "standard", "total_max_attempts": 2}}
_GATE_QUICK = {"wait_sleep": 1, "wait_timeout": 4, "settle_timeout": 1}
_LIMITS = {"open_gate": FAILED, "closed_gate": FAILED - 1}
_WORST_FIRST = ("FAILED", "CANCELLED", "RUNNING", "PENDING", None, "SUCCEEDED")
_TOKEN = re.compile(r"starting_token=(\S+) to resume")


class Met(NamedTuple):
    """What came of a fault in one way: as a Promise, in words, and whether it is what was promised."""

    way: str
    promise: Promise
    seen: str
    kept: bool


def meet(fault: Fault, ansible: Ansible, emulator: Emulator, ways: BrokenWays) -> list[Met]:
    """Each way while the fault is there; then what is done when all is well again."""
    emulator.reset()
    wanted = {way: promise for way, promise in zip(WAYS, fault.promises, strict=True) if promise}
    for way in wanted:
        emulator.stack_set(_name(way), [script(fault)])
        for strike in fault.strikes:
            emulator.fault(stack_set_name=_name(way), **strike)
    elsewhere = dict(fault.way(ways)) if fault.way else {}
    during = _run(ansible, {way: _options(fault, way, elsewhere) for way in wanted})
    emulator.heal()
    again = {way: _resume(fault, way, result) for way, result in during.items() if _is_worth_repeating(way, result)}
    after = _run(ansible, again) if again else {}
    truth = _truth(script(fault)["rows"])
    return [_met(way, promise, during[way], after.get(way), truth) for way, promise in wanted.items()]


def _name(way: str) -> str:
    return f"fault-{way.replace('_', '-')}"


def _options(fault: Fault, way: str, elsewhere: Mapping[str, Any]) -> dict[str, Any]:
    options = {**fault.options, **elsewhere, "operation_id": OPERATION_ID}
    options["aws_config"] = {**_QUICK, **elsewhere.get("aws_config", {}), **fault.options.get("aws_config", {})}
    if way in _LIMITS:
        options |= {**_GATE_QUICK, **fault.gate_options, "max_failed": _LIMITS[way]}
    return options


def _is_worth_repeating(way: str, result: Mapping[str, Any]) -> bool:
    return bool(result.get("failed")) and way != "closed_gate"


def _resume(fault: Fault, way: str, result: Mapping[str, Any]) -> dict[str, Any]:
    options = _options(fault, way, {})
    token = _token(result)
    if token and not fault.from_start:
        options["starting_token"] = token
    return options


def _token(result: Mapping[str, Any]) -> str | None:
    found = _TOKEN.search(result.get("msg", ""))
    return result.get("next_token") or (found and found[1])


def _run(ansible: Ansible, wanted: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    results = {}
    for way, options in wanted.items():
        if way == "lookup":
            task = ansible.lookup(_name(way), **options)
            results[way] = {"operation_results": task.result.pop("rows", []), **task.result}
        else:
            task = ansible.module({"stack_set_name": _name(way), **options}, _GATE if way in _LIMITS else _MODULE)
            results[way] = task.result
        assert "Traceback" not in task.output, task.output
        assert "Unexpected failure" not in task.output, task.output
    return results


def _truth(summaries: Iterable[Mapping[str, Any]]) -> Counter[tuple[Any, ...]]:
    """The targets, each once, with its worst status."""
    worst: dict[tuple[str, str], str | None] = {}
    for row in summaries:
        target, status = (row["Account"], row["Region"]), row.get("Status")
        worst[target] = min(worst.get(target, "SUCCEEDED"), status, key=_badness)
    return Counter((*target, status) for target, status in worst.items())


def _badness(status: str | None) -> int:
    return _WORST_FIRST.index(status if status in _WORST_FIRST else None)


def _rows(*results: Mapping[str, Any] | None) -> Counter[tuple[Any, ...]]:
    rows = [row for result in results if result for row in result.get("operation_results", [])]
    return Counter((row["account"], row["region"], row["status"]) for row in rows)


def _met(
    way: str,
    promise: Promise,
    during: Mapping[str, Any],
    after: Mapping[str, Any] | None,
    truth: Counter[tuple[Any, ...]],
) -> Met:
    cause = _cause(during.get("msg", ""))
    if way in _LIMITS:
        verdict = during["gate"]["verdict"]
        seen = verdict if verdict == "passed" else f"{verdict}: {cause}"
        well = during["gate"]["passed"] is (verdict == "passed") is not during.get("failed", False)
        if after:
            seen += f"; run again: {after['gate']['verdict']}"
            well = well and after["gate"]["verdict"] == promise.again
        return Met(way, promise, seen, well and verdict == promise.outcome and promise.naming in during.get("msg", ""))
    if not during.get("failed"):
        rows = _rows(during)
        seen = f"{rows.total()} rows" if rows == truth else "not the rows that there are"
        return Met(way, promise, seen, promise.outcome == "rows" and rows == truth and rows.total() == promise.kept)
    # A lookup returns nothing when it fails: its token leads to the rows behind those that it read.
    said = re.search(r"(\d+) rows were read before", during["msg"])
    kept = int(said[1]) if said else 0
    rest = _rows(after)
    if way == "lookup":
        whole = rest.total() == truth.total() - (kept if _token(during) and rest != truth else 0) and rest <= truth
    else:
        shown = _rows(during)
        whole = shown.total() == kept and (rest if rest == truth else shown + rest) == truth
    then = f"the token brings the other {rest.total()}" if rest != truth else f"read again: {rest.total()}"
    seen = f"fails: {cause}; {kept} rows kept; {then if whole else 'and then not the rows that there are'}"
    well = whole and promise.outcome == "fails" and promise.naming in during["msg"] and kept == promise.kept
    return Met(way, promise, seen, well)


def _cause(message: str) -> str:
    """The beginning of a message, as far as it is ours and the same each time."""
    own = re.sub(r"^.*?(?=Gate (?:failed|inconclusive): )|^.*?lookup plugin '[^']*'[^:]*: |^Gate \w+: ", "", message)
    own = re.sub(r"^Gate \w+: ", "", own)
    first = re.split(r"(?<=\w)(?:\. |: | \()", own, maxsplit=1)[0]
    return re.sub(r"\bfault-[a-z-]+", "…", first).rstrip(".")


def promised(way: str, promise: Promise) -> str:
    """A promise in words."""
    if promise.outcome == "rows":
        return f"{promise.kept} rows"
    naming = f', "{promise.naming}"' if promise.naming else ""
    if promise.outcome == "fails":
        return f"fails{naming}; {promise.kept} rows kept; then the rest"
    then = f"; run again: {promise.again}" if promise.outcome != "passed" and way == "open_gate" else ""
    return f"{promise.outcome}{naming}{then}"
