# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stack sets for several gates in one task, and what such a task says of each."""

from __future__ import annotations

from emulator.client import operation
from integration.helpers.ansible_commands import Task

from ansible_collections.stackgate.stacksets.plugins.plugin_utils._progress import Progress

GATE = "stackgate.stacksets.operation_gate"
OPERATION = "5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e"
ROWS = 8
CREATED = "2026-11-02T08:00:00Z"
ENDED = "2026-11-02T08:05:00Z"
ALL_GOOD = {"accounts": 4, "regions": ["eu-west-1", "us-east-1"]}


def scripted(emulator, name, status="SUCCEEDED", operation_id=OPERATION, states=(), **script):
    """A stack set with one operation. Its results are 8, unless rows are given; ``generate`` says how they went."""
    if "rows" not in script:
        script["generate"] = {**ALL_GOOD, **script.pop("generate", {})}
    times = {"creation_timestamp": CREATED, "end_timestamp": ENDED}
    emulator.stack_set(
        name,
        operation(operation_id, status, states=list(states), **{**times, **script}),
        stack_set_id=f"{name}:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a",
    )


def at_work(emulator, name, polls, status="RUNNING", **end):
    """One that so many polls see at work, and the next one at its end, SUCCEEDED with these results."""
    generate = {**ALL_GOOD, "running": 5}
    states = [{"after_calls": polls, "status": "SUCCEEDED", "generate": {**ALL_GOOD, **end}}]
    scripted(emulator, name, status, generate=generate, states=states if polls else ())


def endless(emulator, name):
    """One that is always at work."""
    at_work(emulator, name, polls=0)


def entries(*names, **options):
    return [{"stack_set_name": name, **options} for name in names]


def asked(operations, **options):
    """The arguments of one task, which need not wait long."""
    return {"operations": operations, "operation_id": OPERATION, "wait_sleep": 1, **options}


def several(ansible, operations, **options):
    """A gate for each of these."""
    return ansible.module(asked(operations, **options), GATE)


def polled(ansible, arguments):
    """What the action plugin does where progress is shown: polls, and a run that decides. It shows the output."""
    lines = []
    result = Progress(arguments, lambda each: ansible.module(each, GATE).result, lines.append).run()
    result.pop("invocation", None)
    return Task("FAILED!" if result.get("failed") else "SUCCESS", result, "\n".join(lines))


def verdicts(result):
    """What was decided of each, in the order in which it was returned."""
    return [(one["stack_set_name"], one["gate"]["verdict"]) for one in result["gates"]]


def polls(emulator):
    """How often each operation was asked for."""
    names = [call["stack_set_name"].partition(":")[0] for call in emulator.log("DescribeStackSetOperation")]
    return {name: names.count(name) for name in names}
