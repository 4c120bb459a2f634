# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many gates at once from one playbook, and whether each of them said what is true of its own stack set."""

from __future__ import annotations

from typing import Any, NamedTuple

import yaml
from emulator.client import operation, rows

ACTIONS = ("ListStackSetOperationResults", "DescribeStackSetOperation", "ListStackSetOperations")
LONG_AGO = "2020-01-01T00:00:00Z"
SINCE = "2021-01-01T00:00:00Z"


class Gate(NamedTuple):
    """A host's gate: what it is told, what AWS knows, and what is true in the end."""

    host: str
    options: dict[str, Any]
    operations: list[dict[str, Any]]
    verdict: str
    bad: list[dict[str, Any]]


def gates(number: int) -> list[Gate]:
    """So many gates of eight kinds in turn. No two have the same rows, so that one host's are seen in another's."""
    return [_KINDS[at % len(_KINDS)](f"gate-{at:03}", at) for at in range(number)]


def _gate(host, at, bad=0, limit=0, status="SUCCEEDED", running=False, options=None, before=(), cancelled=0, **script):
    accounts = {"accounts": 10 + at, "regions": 1 + at % 3, "seed": at}
    end = {"generate": {**accounts, "failed": bad, "cancelled": cancelled}}
    if running:
        at_work = {**accounts, "failed": min(bad, 1), "running": 6, "pending": 2}
        script["states"] = [{"after_calls": 1 + at % 3, "status": status, **end}]
        made = operation("op-1", "RUNNING", generate=at_work, **script)
    else:
        made = operation("op-1", status, **end, **script)
    return Gate(
        host,
        {"operation_id": "op-1", "max_failed": limit, **(options or {})},
        [*before, made],
        "passed" if bad <= limit and status == "SUCCEEDED" else "failed",
        [row for row in rows(**end["generate"]) if row["Status"] != "SUCCEEDED"],
    )


def _clean(host, at):
    return _gate(host, at)


def _one_too_many(host, at):
    limit = at % 5
    return _gate(host, at, bad=limit + 1, limit=limit)


def _tolerated(host, at):
    return _gate(host, at, bad=1 + at % 5, limit=1 + at % 5)


def _at_work_then_clean(host, at):
    return _gate(host, at, running=True)


def _at_work_then_one_too_many(host, at):
    return _gate(host, at, running=True, bad=2 + at % 4, limit=1 + at % 4)


def _latest(host, at):
    older = operation("op-0", "SUCCEEDED", creation_timestamp=LONG_AGO, generate={"accounts": 3, "failed": 3})
    options = {"operation_id": "latest", "created_after": SINCE}
    return _gate(host, at, running=True, bad=at % 2 + 1, limit=1, options=options, before=[older])


def _listed_late(host, at):
    return _gate(host, at, running=True, bad=3, limit=2 + at // 8 % 2, listing_lag={"calls": 5})


def _ended_badly(host, at):
    return _gate(host, at, running=True, status="FAILED", bad=4, limit=4, cancelled=3)


_KINDS = (
    _clean,
    _one_too_many,
    _tolerated,
    _at_work_then_clean,
    _at_work_then_one_too_many,
    _latest,
    _listed_late,
    _ended_badly,
)


def throttle(emulator, **when) -> None:
    """AWS throttles those of all calls, whoever sends them: ``every=2``, each second one; ``share=0.5``, any half."""
    for action in ACTIONS:
        emulator.fault(action=action, error="Throttling", times=None, when=when)


def run(ansible, emulator, directory, all_gates: list[Gate], forks: int):
    """One playbook with a host for each gate: the result of each by its host, and whether the next task ran there."""
    for gate in all_gates:
        emulator.stack_set(gate.host, gate.operations)
    hosts = {gate.host: {"told": gate.options} for gate in all_gates}
    inventory = directory / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"gated": {"hosts": hosts, "vars": {"ansible_connection": "local"}}}))
    book = directory / "gates.yml"
    book.write_text(_BOOK.replace("KEPT", str(directory / "kept-0-gates.json")))
    play = ansible.book(book, "--inventory", str(inventory), "--forks", str(forks))
    assert "gates" in play.kept, play.output
    results, went_on = play.kept["gates"]
    return {gate.host: (result, reached) for gate, result, reached in zip(all_gates, results, went_on, strict=True)}


_BOOK = """
- name: Gate all of them at once
  hosts: gated
  gather_facts: false
  strategy: free
  tasks:
    - name: Gate
      stackgate.stacksets.operation_gate:
        stack_set_name: "{{ inventory_hostname }}"
        operation_id: "{{ told.operation_id }}"
        created_after: "{{ told.created_after | default(omit) }}"
        max_failed: "{{ told.max_failed }}"
        max_reported: 1000
        wait_sleep: 1
      register: gated

    - name: Go on
      ansible.builtin.set_fact:
        went_on: true

- name: Keep what they said
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Keep
      ansible.builtin.copy:
        content: "{{ [results, went_on] | to_json }}"
        dest: "KEPT"
        mode: "0600"
      vars:
        results: "{{ groups['gated'] | map('extract', hostvars, 'gated') | list }}"
        went_on: "{{ groups['gated'] | map('extract', hostvars) | map(attribute='went_on', default=false) | list }}"
"""


def assert_all_true(ran, all_gates: list[Gate], emulator) -> None:
    """Every host has the verdict and the bad rows of its own stack set, and no call is unaccounted for."""
    wrong = {}
    for gate in all_gates:
        result, went_on = ran[gate.host]
        decision = result.get("gate", {})
        said = (
            decision.get("verdict"),
            went_on,
            _places(result.get("unsuccessful", []), "account", "region", "status"),
        )
        true = (gate.verdict, gate.verdict == "passed", _places(gate.bad, "Account", "Region", "Status"))
        if said != true:
            wrong[gate.host] = {"said": said, "true": true, "msg": result.get("msg")}
    assert not wrong, f"{len(wrong)} of {len(all_gates)}: {wrong}"
    assert sum(result["calls"] for result, _went_on in ran.values()) == len(emulator.log())


def assert_half_was_throttled(emulator) -> None:
    for action in ACTIONS:
        answers = [entry["answer"] for entry in emulator.log(action)]
        throttled = answers.count("error Throttling")
        assert 0.2 * len(answers) <= throttled <= 0.8 * len(answers), action
        assert throttled, action


def _places(all_rows, *names):
    return sorted(tuple(row[name] for name in names) for row in all_rows)
