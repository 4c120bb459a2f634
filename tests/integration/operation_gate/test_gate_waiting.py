# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate while it waits: what it shows, and how it ends when it is told to."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
import yaml
from emulator.client import operation
from integration.helpers.processes import TIMEOUT, needs_proc, running_with, until

GATE = "stackgate.stacksets.operation_gate"
OPERATION = "5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e"
BEFORE = "0b7e66d1-9a53-4e0c-8f27-3c4d5e6f7a8b"


def advancing(emulator):
    """Queued behind another operation, then at work, then at its end with a failure inside."""
    generate = {"accounts": 20, "regions": 1}
    emulator.stack_set(
        "baseline",
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
        stack_set_id="baseline:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a",
    )


def endless(emulator):
    """Always at work."""
    emulator.stack_set(
        "baseline", operation(OPERATION, "RUNNING", generate={"accounts": 9, "regions": 1, "failed": 1, "running": 8})
    )


def play_of(tmp_path, **options):
    """A playbook of one gate."""
    task = {"stack_set_name": "baseline", "operation_id": OPERATION, "wait_sleep": 1, **options.pop("gate", {})}
    path = tmp_path / "gate.yml"
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [{"name": "Wait", GATE: task, **options}]}
    path.write_text(yaml.safe_dump([play]))
    return path


LINES = [
    r"baseline 5d1f2a44…: QUEUED behind 0b7e66d1…, 0 failed, \d+s",
    r"baseline 5d1f2a44…: RUNNING, 1 failed, at least 8 done, \d+s",
    r"baseline 5d1f2a44…: SUCCEEDED, 1 failed, at least \d+ done, \d+s",
]


@pytest.mark.parametrize(
    ("options", "switches", "shown"),
    [
        ({"show_progress": True}, (), True),
        pytest.param({}, ("-v",), True, marks=pytest.mark.once),
        pytest.param({}, (), False, marks=pytest.mark.once),
        pytest.param({"show_progress": False}, ("-v",), False, marks=pytest.mark.once),
    ],
)
def test_progress_is_a_line_for_each_change_and_quiet_unless_asked(
    ansible, emulator, tmp_path, options, switches, shown
):
    advancing(emulator)
    play = ansible.book(play_of(tmp_path, gate={"max_failed": 1, **options}), *switches)
    assert play.code == 0, play.output
    lines = re.findall(r"^\[localhost\] (.*)$", play.output, re.MULTILINE)
    assert len(lines) == (len(LINES) if shown else 0)
    for line, expected in zip(lines, LINES, strict=False):
        assert re.fullmatch(expected, line)
    described = [call["answer"] for call in emulator.log("DescribeStackSetOperation")]
    assert described == ["operation QUEUED", "operation RUNNING", "operation RUNNING", "operation SUCCEEDED"]
    if not shown:
        assert emulator.log("ListStackSetOperations") == [], "what nobody sees is not asked for"


@pytest.mark.once
def test_poll_by_poll_gives_the_same_result_as_one_run(ansible, emulator):
    arguments = {"stack_set_name": "baseline", "operation_id": OPERATION, "wait_sleep": 1, "fail_on_closed": False}
    results = []
    for shown in (True, False):
        advancing(emulator)
        result = ansible.module({**arguments, "show_progress": shown}, GATE).result
        for differs in ("progress", "calls", "operation"):  # time stamps, and what is counted for the eye only
            del result[differs]
        results.append(result)
    assert results[0] == results[1]
    assert results[0]["gate"]["verdict"] == "failed"


@pytest.mark.once
def test_progress_is_in_the_job_of_a_runner(ansible, emulator, tmp_path):
    advancing(emulator)
    project = tmp_path / "job" / "project"
    project.mkdir(parents=True)
    play_of(project, gate={"show_progress": True})
    command = [
        Path(sys.executable).parent / "ansible-runner",
        "run",
        tmp_path / "job",
        "-p",
        "gate.yml",
        "--ident",
        "1",
    ]
    ran = subprocess.run(
        command, env=ansible.environment, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    job = tmp_path / "job" / "artifacts" / "1"
    stdout = (job / "stdout").read_text()
    assert ran.returncode == 2, ran.stdout + ran.stderr
    lines = re.findall(r"\[localhost\] (baseline .*?)\s*$", stdout, re.MULTILINE)
    assert len(lines) == len(LINES) and all(map(re.fullmatch, LINES, lines)), stdout
    events = [json.loads(path.read_text()) for path in (job / "job_events").glob("*.json")]
    [failed] = [event for event in events if event["event"] == "runner_on_failed"]
    assert failed["event_data"]["res"]["gate"]["verdict"] == "failed"
    assert "max_failed is 0" in failed["event_data"]["res"]["msg"]


@pytest.mark.once
def test_a_wait_that_times_out_is_inconclusive_and_says_what_it_saw(ansible, emulator):
    endless(emulator)
    arguments = {"stack_set_name": "baseline", "operation_id": OPERATION, "wait_sleep": 1, "wait_timeout": 2}
    task = ansible.module(arguments, GATE)
    assert task.status == "FAILED!"
    assert task.result["gate"]["verdict"] == "inconclusive"
    assert task.result["msg"].startswith("Gate inconclusive: The operation has not ended: it is RUNNING.")
    assert f"Raise wait_timeout, or run the task again with operation_id={OPERATION}" in task.result["msg"]
    assert len(task.result["unsuccessful"]) == 1
    assert task.result["retry_targets"] is None
    assert task.result["progress"]["status"] == "RUNNING"


@pytest.mark.once
def test_fail_fast_closes_while_the_operation_is_at_work(ansible, emulator):
    endless(emulator)
    arguments = {"stack_set_name": "baseline", "operation_id": OPERATION, "wait_sleep": 1, "fail_fast": True}
    task = ansible.module(arguments, GATE)
    assert task.result["gate"]["verdict"] == "failed"
    assert task.result["operation"]["status"] == "RUNNING"
    assert len(emulator.log("DescribeStackSetOperation")) == 1


@needs_proc
@pytest.mark.once
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("shown", [True, False])
def test_a_signal_leaves_nothing_running(ansible, emulator, tmp_path, number, shown):
    endless(emulator)
    mark = f"run-{uuid.uuid4()}"
    process = subprocess.Popen(
        [Path(sys.executable).parent / "ansible-playbook", play_of(tmp_path, gate={"show_progress": shown})],
        cwd=tmp_path,
        env={**ansible.environment, "STACKGATE_TEST_RUN": mark},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        until(lambda: len(emulator.log("DescribeStackSetOperation")) >= 2, "two polls")
        # As a terminal's Ctrl-C does, and as AWX's cancel: to the whole group.
        os.killpg(process.pid, number)
        until(lambda: process.poll() is not None, "the end of ansible-playbook")
        until(lambda: not running_with(mark), "the end of what it started")
        assert process.returncode != 0
    finally:
        for left in running_with(mark):
            os.kill(left, signal.SIGKILL)
        process.stdout.close()
        process.wait()


@needs_proc
@pytest.mark.once
@pytest.mark.parametrize("shown", [True, False])
def test_the_keyword_timeout_leaves_nothing_running(ansible, emulator, tmp_path, shown):
    endless(emulator)
    mark = f"run-{uuid.uuid4()}"
    play = ansible.book(
        play_of(tmp_path, gate={"show_progress": shown, "fail_on_closed": False}, timeout=6), STACKGATE_TEST_RUN=mark
    )
    assert play.code == 2
    assert len(emulator.log("DescribeStackSetOperation")) >= 1
    if shown:
        assert "the task's timeout ended the wait" in " ".join(play.output.lower().split())
        assert '"verdict": "inconclusive"' in play.output
        assert f'"operation_id": "{OPERATION}"' in play.output
    until(lambda: not running_with(mark), "the end of the module")


@needs_proc
@pytest.mark.once
def test_a_module_that_is_told_to_end_still_says_what_it_knows(ansible, emulator, tmp_path):
    endless(emulator)
    mark = f"run-{uuid.uuid4()}"
    command = [Path(sys.executable).parent / "ansible-playbook", play_of(tmp_path, gate={"show_progress": False})]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**ansible.environment, "STACKGATE_TEST_RUN": mark},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    until(lambda: len(emulator.log("DescribeStackSetOperation")) >= 2, "two polls")
    for one in running_with(mark):
        words = Path(f"/proc/{one}/cmdline").read_text().split("\0")
        if words[-2].endswith("AnsiballZ_operation_gate.py") and "sh" not in words[0].rsplit("/", 1)[-1]:
            os.kill(one, signal.SIGTERM)
    output, _errors = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 2
    assert "The wait was ended by SIGTERM." in output
    assert '"verdict": "inconclusive"' in output
    assert '"status": "RUNNING"' in output
