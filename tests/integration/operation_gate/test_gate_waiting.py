# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate while it waits: what it shows, and how it ends when it is told to."""

from __future__ import annotations

import re
import signal
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
BEFORE = "0b7e66d1-9a53-4e0c-8f27-3c4d5e6f7a8b"


def advancing(emulator, name="baseline"):
    """Queued behind another operation, then at work, then at its end with a failure inside."""
    generate = {"accounts": 20, "regions": 1}
    emulator.stack_set(
        name,
        [
            operation(BEFORE, "RUNNING", creation_timestamp="2026-11-02T08:00:00Z"),
            operation(
                OPERATION,
                "QUEUED",
                rows=[],
                failed_stack_instances_count="auto",
                states=[
                    {"after_calls": 1, "status": "RUNNING", "generate": {**generate, "failed": 1, "running": 12}},
                    {"after_calls": 3, "status": "SUCCEEDED", "generate": {**generate, "failed": 1}},
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
    r"baseline 5d1f2a44…: QUEUED behind 0b7e66d1…, 0 failed, \d+s",
    r"baseline 5d1f2a44…: RUNNING, 1 failed, at least 8 done, \d+s",
    r"baseline 5d1f2a44…: SUCCEEDED, 1 failed, at least \d+ done, \d+s",
]


def shown_lines(output):
    return re.findall(r"^\[localhost\] (.*)$", output, re.MULTILINE)


def test_progress_is_a_line_for_each_change_and_quiet_unless_asked(ansible, emulator, tmp_path):
    advancing(emulator)
    advancing(emulator, "quiet")
    book = play_of(tmp_path, task("quiet", max_failed=1), task(max_failed=1, show_progress=True))
    play = ansible.book(book)
    assert play.code == 0, play.output
    lines = shown_lines(play.output)
    assert len(lines) == len(LINES) and all(map(re.fullmatch, LINES, lines)), play.output
    described = [call["answer"] for call in emulator.log("DescribeStackSetOperation")]
    assert described == ["operation QUEUED", "operation RUNNING", "operation RUNNING", "operation SUCCEEDED"] * 2
    # What nobody sees is not asked for.
    asked_in_front = {call["stack_set_name"].split(":")[0] for call in emulator.log("ListStackSetOperations")}
    assert asked_in_front == {"baseline"}


@pytest.mark.once
def test_who_runs_with_v_sees_progress_unless_told_otherwise(ansible, emulator, tmp_path):
    for name in ("baseline", "quiet"):
        emulator.stack_set(name, operation(OPERATION, generate={"accounts": 2, "regions": 1}))
    play = ansible.book(play_of(tmp_path, task("quiet", show_progress=False), task()), "-v")
    assert play.code == 0, play.output
    assert [line.partition(",")[0] for line in shown_lines(play.output)] == ["baseline 5d1f2a44…: SUCCEEDED"]


@pytest.mark.once
def test_poll_by_poll_gives_the_same_result_as_one_run(ansible, emulator):
    advancing(emulator)
    told = polled(ansible, gate(fail_on_closed=False))
    assert len(told.output.splitlines()) == len(LINES)
    advancing(emulator)
    results = [told.result, ansible.module(gate(fail_on_closed=False), GATE).result]
    for result in results:
        for differs in ("progress", "calls", "operation"):  # time stamps, and what is counted for the eye only
            del result[differs]
    assert results[0] == results[1]
    assert results[0]["gate"]["verdict"] == "failed"


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
def test_the_keyword_timeout_leaves_nothing_running(ansible_processes, emulator, tmp_path):
    endless(emulator)
    endless(emulator, "quiet")
    quiet = {**task("quiet", show_progress=False, fail_on_closed=False), "timeout": 6, "ignore_errors": True}
    shown = {**task(show_progress=True, fail_on_closed=False), "timeout": 6}
    with marked() as mark:
        play = ansible_processes.book(play_of(tmp_path, quiet, shown), **{MARK: mark})
        until(lambda: not running_with(mark), "the end of the module")
    assert play.code == 2
    assert {call["stack_set_name"] for call in emulator.log("DescribeStackSetOperation")} == {"baseline", "quiet"}
    assert play.output.count("fatal: ") == 2
    assert play.output.lower().count("the task's timeout ended the wait") >= 1, play.output
    assert '"verdict": "inconclusive"' in play.output
    assert f'"operation_id": "{OPERATION}"' in play.output


@needs_proc
@pytest.mark.once
def test_a_module_that_is_told_to_end_still_says_what_it_knows(ansible_processes, emulator, tmp_path):
    endless(emulator)
    book = play_of(tmp_path, task(show_progress=False))
    with ThreadPoolExecutor(1) as thread, marked() as mark:
        running = thread.submit(ansible_processes.book, book, **{MARK: mark})
        until(lambda: len(emulator.log("DescribeStackSetOperation")) >= 2 or running.done(), "two polls")
        end_module(mark, "operation_gate")
        play = running.result(TIMEOUT)
    assert play.code == 2
    assert "The wait was ended by SIGTERM." in play.output
    assert '"verdict": "inconclusive"' in play.output
    assert '"status": "RUNNING"' in play.output
