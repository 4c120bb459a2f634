# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate while it waits: what it shows, and how it ends when it is told to."""

from __future__ import annotations

import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml
from emulator.client import operation
from integration.helpers.processes import (
    MARK,
    TIMEOUT,
    end_module,
    interrupt,
    marked,
    needs_proc,
    running_with,
    started,
    until,
)
from integration.helpers.several_gates import polled

GATE = "stackgate.stacksets.operation_gate"
OPERATION = "5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e"
LONG = 120  # seconds that an answer may take in the emulator
BEFORE = "0b7e66d1-9a53-4e0c-8f27-3c4d5e6f7a8b"


def advancing(emulator, name="baseline", when="after_calls"):
    """Queued behind another operation, then at work, then at its end with a failure inside."""
    generate = {"accounts": 20, "regions": 1}
    emulator.stack_set(
        name,
        [
            operation(BEFORE, "RUNNING", creation_timestamp="2026-11-02T08:00:00Z"),
            operation(
                OPERATION,
                "QUEUED",
                creation_timestamp="2026-11-02T08:15:00Z",
                rows=[],
                failed_stack_instances_count="auto",
                states=[
                    {when: 1, "status": "RUNNING", "generate": {**generate, "failed": 1, "running": 12}},
                    {when: 3, "status": "SUCCEEDED", "generate": {**generate, "failed": 1}},
                ],
            ),
        ],
        stack_set_id=f"{name}:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a",
    )


def endless(emulator, name="baseline"):
    """Always at work."""
    emulator.stack_set(
        name, operation(OPERATION, "RUNNING", generate={"accounts": 9, "regions": 1, "failed": 1, "running": 8})
    )


def gate(name="baseline", **options):
    return {"stack_set_name": name, "operation_id": OPERATION, "wait_sleep": 1, **options}


def task(*args, **options):
    return {"name": "Wait", GATE: gate(*args, **options)}


def play_of(tmp_path, *tasks):
    """A playbook of gates."""
    path = tmp_path / "gate.yml"
    path.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    return path


LINES = [
    r"baseline 5d1f2a44…: QUEUED, 0 failed, \d+s",
    r"baseline 5d1f2a44…: RUNNING, 1 failed, \d+s",
    r"baseline 5d1f2a44…: SUCCEEDED, 1 failed, \d+s",
]


def shown_lines(output):
    return re.findall(r"^\[localhost\] (.*)$", output, re.MULTILINE)


def test_progress_is_a_line_for_each_change_on_stderr_and_quiet_unless_asked(ansible, emulator, tmp_path):
    advancing(emulator)
    advancing(emulator, "quiet")
    book = play_of(tmp_path, task("quiet", max_failed=1), task(max_failed=1, show_progress=True))
    # With -v nothing else is run.
    play = ansible.book(book, "-v")
    assert play.code == 0, play.output
    lines = shown_lines(play.errors)
    assert len(lines) == len(LINES) and all(map(re.fullmatch, LINES, lines)), play.output
    assert shown_lines(play.output) == lines, "on stdout they would break callbacks that write one document"
    looked = [call["stack_set_name"].split(":")[0] for call in emulator.log("DescribeStackSetOperation")]
    assert looked == ["quiet"] * 4 + ["baseline"] * 5, "a poll is one Describe, and the last run has one more"
    rows = [call["stack_set_name"].split(":")[0] for call in emulator.log("ListStackSetOperationResults")]
    assert rows.count("quiet") == rows.count("baseline") == 4
    assert emulator.log("ListStackSetOperations") == []


@pytest.mark.once
@pytest.mark.parametrize("latest", [False, True])
def test_with_progress_the_result_is_the_same(ansible, emulator, latest):
    which = {"operation_id": "latest", "created_after": "2026-11-02T08:10:00Z"} if latest else {}
    results = []
    for run in (lambda arguments: ansible.module(arguments, GATE), lambda arguments: polled(ansible, arguments)):
        # The emulator counts calls of Describe, and a poll for the latest lists operations.
        advancing(emulator, when="after_seconds" if latest else "after_calls")
        results.append(run(gate(fail_on_closed=False, wait_timeout=60, **which)).result)
        for differs in ("calls", "operation"):  # time stamps, and the polls' own calls
            del results[-1][differs]
        results[-1]["progress"]["elapsed"] = None
    assert results[0] == results[1]
    assert results[0]["gate"]["verdict"] == "failed"


FORGED = [
    {"watch": {"elapsed": 0}},
    {"watch": {"elapsed": 0, "status": "SUCCEEDED", "ended_at": 0}, "operation_id": OPERATION},
    {"poll_only": True},
    {"watch": {"elapsed": 0}, "operations": [{"stack_set_name": "failed"}]},
    {"poll_only": True, "operations": [{"stack_set_name": "failed"}]},
    {"poll_again": False, "progress": {"status": "SUCCEEDED"}},
    {"gate": {"passed": True, "verdict": "passed"}},
    {"created_before": "2026-11-02T08:00:00Z"},
]


def test_nothing_that_a_task_brings_opens_the_gate(ansible, emulator):
    endless(emulator)
    emulator.stack_set("failed", operation(OPERATION, generate={"accounts": 3, "regions": 1, "failed": 3}))
    tasks = []
    for number, forged in enumerate(FORGED):
        for shown in (False, True):
            options = {**gate(show_progress=shown, wait_timeout=1, fail_on_closed=False), **forged}
            if "operations" in forged:
                del options["stack_set_name"]
            tasks += [
                {GATE: options, "register": "gated", "ignore_errors": True},
                {"keep": "[gated is failed, gated.gate.passed | default(false)]", "as": f"{number} {shown}"},
            ]
    play = ansible.play(tasks)
    assert len(play.kept) == 2 * len(FORGED), play.output
    assert set(map(tuple, play.kept.values())) == {(True, False)}, play.kept


@pytest.mark.once
@pytest.mark.parametrize(
    ("error", "run"), [("Throttling", "once"), ("ServiceUnavailable", "polled"), ("reset", "once")]
)
def test_what_passes_is_outlasted_and_the_limit_kept(ansible, emulator, error, run):
    fault = {"reset": "before"} if error == "reset" else {"error": error, "status": 503}
    scripted = {"aws_config": {"retries": {"total_max_attempts": 2}}, "wait_timeout": 4}
    emulator.stack_set("baseline", operation(OPERATION, generate={"accounts": 2, "regions": 1}))
    runs = {"once": lambda: ansible.module(gate(**scripted), GATE), "polled": lambda: polled(ansible, gate(**scripted))}
    emulator.fault("DescribeStackSetOperation", 3, **fault)
    assert runs[run]().result["gate"]["passed"] is True
    emulator.fault("DescribeStackSetOperation", None, **fault)
    began = time.monotonic()
    task = runs[run]()
    took = time.monotonic() - began
    assert (task.status, task.result["gate"]["verdict"]) == ("FAILED!", "inconclusive")
    # The last run's one call may take a few seconds, and the machine may be busy.
    assert 3 <= took < 30
    assert ("retrying" in task.output) is (run == "polled")


@pytest.mark.once
def test_a_wait_that_times_out_is_inconclusive_and_says_what_it_saw(ansible, emulator):
    endless(emulator)
    status, result, _output = ansible.module(gate(wait_timeout=2), GATE)
    assert status == "FAILED!"
    assert result["gate"]["verdict"] == "inconclusive"
    assert result["msg"].startswith("Gate inconclusive: The operation has not ended: it is RUNNING.")
    assert f"Raise wait_timeout, or run the task again with operation_id={OPERATION}" in result["msg"]
    assert len(result["unsuccessful"]) == 1
    assert result["retry_targets"] is None
    assert result["progress"]["status"] == "RUNNING"


@pytest.mark.once
def test_fail_fast_closes_while_the_operation_is_at_work(ansible, emulator):
    endless(emulator)
    result = ansible.module(gate(fail_fast=True), GATE).result
    assert result["gate"]["verdict"] == "failed"
    assert result["operation"]["status"] == "RUNNING"
    assert len(emulator.log("DescribeStackSetOperation")) == 1


@needs_proc
@pytest.mark.once
@pytest.mark.parametrize(("number", "shown"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_a_signal_leaves_nothing_running(ansible, emulator, tmp_path, number, shown):
    endless(emulator)
    book = play_of(tmp_path, task(show_progress=shown))
    with marked() as mark, started(book, ansible.environment, mark) as process:
        until(lambda: len(emulator.log("DescribeStackSetOperation")) >= 2, "two polls")
        interrupt(process, number, mark)


@needs_proc
@pytest.mark.once
def test_the_keyword_timeout_leaves_a_closed_gate_and_nothing_running(ansible_processes, emulator, tmp_path):
    endless(emulator)
    endless(emulator, "quiet")
    quiet = {**task("quiet", fail_on_closed=False), "timeout": 6, "ignore_errors": True}
    shown = {**task(show_progress=True, fail_on_closed=False), "timeout": 6}
    with marked() as mark:
        play = ansible_processes.book(play_of(tmp_path, quiet, shown), **{MARK: mark})
        until(lambda: not running_with(mark), "the end of the module")
    assert play.code == 2
    assert {call["stack_set_name"] for call in emulator.log("DescribeStackSetOperation")} == {"baseline", "quiet"}
    assert play.output.count("fatal: ") == 2
    said = r"the task's timeout ended the wait \(baseline 5d1f2a44…: running, 1 failed, \d+s\)"
    assert re.search(said, play.output.lower()), play.output
    assert '"verdict": "inconclusive"' in play.output


@needs_proc
@pytest.mark.once
@pytest.mark.parametrize("shown", [False, True])
def test_a_module_that_is_told_to_end_still_says_what_it_knows(ansible_processes, emulator, tmp_path, shown):
    endless(emulator)
    book = play_of(tmp_path, task(show_progress=shown))
    with ThreadPoolExecutor(1) as thread, marked() as mark:
        running = thread.submit(ansible_processes.book, book, **{MARK: mark})
        if shown:
            # The module runs during a poll only, so that one has to be caught that waits for its answer.
            emulator.fault("DescribeStackSetOperation", 1, delay=LONG)
        asked = "DescribeStackSetOperation"
        until(lambda: emulator.log(asked) if shown else len(emulator.log(asked)) >= 2, "a poll")
        end_module(mark, "operation_gate", times=2)
        play = running.result(TIMEOUT)
    assert play.code == 2
    assert ("The wait was interrupted by SIGTERM." in play.output) is not shown
    assert '"verdict": "inconclusive"' in play.output
    assert '"status": "RUNNING"' in play.output
