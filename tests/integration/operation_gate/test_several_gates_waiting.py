# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several gates in one task while they wait: none waits for another, and each is told when all of them are ended."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
import yaml
from integration.helpers.processes import TIMEOUT, needs_proc, running_with, until
from integration.helpers.several_gates import (
    GATE,
    OPERATION,
    asked,
    at_work,
    endless,
    entries,
    polls,
    scripted,
    several,
    verdicts,
    without_times,
)

LINE = re.compile(r"^\[localhost\] (\d of \d decided.*); \d+s$", re.MULTILINE)


def book_of(tmp_path, operations, **keywords):
    """A playbook of one task, whose result is kept in a file, however it ends."""
    task = {"name": "Wait", GATE: asked(operations, **keywords.pop("gate", {})), "register": "gated", **keywords}
    kept = {"content": "{{ gated | to_json }}", "dest": str(tmp_path / "kept-0-gated.json")}
    tasks = [{**task, "ignore_errors": True}, {"name": "Keep", "keep": kept}]
    path = tmp_path / "gate.yml"
    path.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    return path


def test_those_that_end_are_decided_whatever_becomes_of_the_others(ansible, emulator):
    endless(emulator, "org-a")
    at_work(emulator, "org-b", polls=1)
    at_work(emulator, "org-c", polls=2, failed=1)
    scripted(emulator, "org-d")
    every = ("org-a", "org-b", "org-c", "org-d")
    task = several(ansible, entries(*every), concurrency=1, wait_timeout=10)
    assert verdicts(task.result) == [
        ("org-a", "inconclusive"),
        ("org-b", "passed"),
        ("org-c", "failed"),
        ("org-d", "passed"),
    ]
    lasting, *others = (one["progress"]["elapsed"] for one in task.result["gates"])
    assert lasting >= 10 and max(others) < lasting, "nobody waits for it"
    told = polls(emulator)
    assert {name: told[name] for name in every[1:]} == {"org-b": 2, "org-c": 3, "org-d": 1}
    # A second and a half, two and a quarter, and so on, with up to a fifth more.
    assert 3 <= told["org-a"] <= 7
    assert "The operation has not ended: it is RUNNING." in task.result["gates"][0]["msg"]


@pytest.mark.once
@pytest.mark.parametrize("concurrency", [1, 3])
def test_so_many_are_asked_about_at_the_same_time_and_no_more(ansible, emulator, concurrency):
    names = [f"org-{number}" for number in range(9)]
    for name in names:
        scripted(emulator, name)
    emulator.fault("DescribeStackSetOperation", None, delay=1)
    result = several(ansible, entries(*names), concurrency=concurrency).result
    ended = sorted(one["progress"]["elapsed"] for one in result["gates"])
    # One that follows on the same thread begins when the other is done.
    apart = [after - before for before, after in zip(ended, ended[concurrency:], strict=False)]
    assert min(apart) >= 0.8, ended
    assert result["gate"]["passed"] is True


@pytest.mark.once
def test_they_are_asked_about_at_the_same_time(ansible, emulator):
    names = [f"org-{number}" for number in range(8)]
    for name in names:
        scripted(emulator, name)
    emulator.fault("DescribeStackSetOperation", None, delay=3)
    result = several(ansible, entries(*names), concurrency=8).result
    assert result["gate"]["passed"] is True
    assert max(one["progress"]["elapsed"] for one in result["gates"]) < 3 * 8


@pytest.fixture
def advancing(emulator):
    """One at its end, one that fails after two polls and one that passes after three, queued at first."""

    def script():
        scripted(emulator, "org-a")
        at_work(emulator, "org-b", polls=2, failed=2)
        scripted(
            emulator,
            "org-c",
            "QUEUED",
            rows=[],
            states=[
                {"after_calls": 1, "status": "RUNNING"},
                {"after_calls": 3, "status": "SUCCEEDED", "generate": {"accounts": 2}},
            ],
        )
        return entries("org-a", "org-b", "org-c")

    return script


POLLS = {"org-a": 1, "org-b": 3, "org-c": 4}


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
    ansible, emulator, tmp_path, advancing, options, switches, shown
):
    play = ansible.book(book_of(tmp_path, advancing(), gate=options), *switches)
    assert play.kept["gated"]["gate"]["verdict"] == "failed", play.output
    lines = LINE.findall(play.output)
    assert len(re.findall(r"^\[localhost\] \d", play.output, re.MULTILINE)) == len(lines)
    assert polls(emulator) == POLLS, "a decided one is not asked for again"
    if shown:
        assert lines[0] == "1 of 3 decided: 1 passed; 1 QUEUED, 1 RUNNING"
        assert lines[-1] == "3 of 3 decided: 2 passed, 1 failed"
        assert len(lines) == len(set(lines)), "a line without a change"
        told = [re.sub(r"\d of 3 decided", "", line) for line in lines]
        assert set(told[1:-1]) <= {
            ": 1 passed; 2 RUNNING",
            ": 1 failed, 1 passed; 1 RUNNING",
            ": 1 failed, 1 passed; 1 QUEUED",
            ": 2 passed; 1 RUNNING",
        }
        assert len(told) >= 3
    else:
        assert lines == [] and " decided" not in play.output


@pytest.mark.once
def test_poll_by_poll_gives_the_same_result_as_one_run(ansible, emulator, advancing):
    results = []
    for shown in (True, False):
        task = several(ansible, advancing(), show_progress=shown, fail_on_closed=False)
        assert task.status == "SUCCESS"
        results.append(without_times(task.result))
    assert results[0] == results[1]
    assert verdicts(results[0]) == [("org-a", "passed"), ("org-b", "failed"), ("org-c", "passed")]
    assert polls(emulator) == {name: 2 * number for name, number in POLLS.items()}


@pytest.mark.once
@pytest.mark.parametrize("shown", [False, True])
def test_one_that_changes_is_asked_for_more_often_than_one_that_does_not(ansible, emulator, shown):
    states = [{"after_calls": number, "status": ("QUEUED", "RUNNING")[number % 2]} for number in range(1, 8)]
    scripted(emulator, "restless", "QUEUED", rows=[], states=[*states, {"after_calls": 8, "status": "FAILED"}])
    endless(emulator, "dull")
    options = {"fail_on_closed": False, "show_progress": shown, "wait_timeout": 20}
    result = several(ansible, entries("dull", "restless"), **options).result
    assert verdicts(result) == [("dull", "inconclusive"), ("restless", "failed")]
    told = polls(emulator)
    assert told["restless"] == 9
    # Its pauses grow from one second by half each time, up to the end of wait_timeout.
    assert 4 <= told["dull"] < 9


@pytest.mark.once
@pytest.mark.parametrize("shown", [False, True])
def test_each_has_the_whole_of_wait_timeout_and_no_more(ansible, emulator, shown):
    endless(emulator, "org-a")
    endless(emulator, "org-b")
    scripted(emulator, "org-c")
    task = several(ansible, entries("org-a", "org-b", "org-c"), wait_timeout=3, show_progress=shown, concurrency=1)
    assert task.status == "FAILED!"
    assert task.result["gate"]["verdict"] == "inconclusive"
    assert verdicts(task.result) == [("org-a", "inconclusive"), ("org-b", "inconclusive"), ("org-c", "passed")]
    assert all(one["progress"]["elapsed"] >= 3 for one in task.result["gates"][:2])
    assert set(polls(emulator)) == {"org-a", "org-b", "org-c"}


@needs_proc
@pytest.mark.once
def test_the_keyword_timeout_leaves_what_is_known(ansible, emulator, tmp_path):
    scripted(emulator, "org-a", generate={"failed": 1})
    endless(emulator, "org-b")
    scripted(emulator, "org-c")
    mark = f"run-{uuid.uuid4()}"
    book = book_of(tmp_path, entries("org-a", "org-b", "org-c"), gate={"show_progress": True}, timeout=10)
    play = ansible.book(book, STACKGATE_TEST_RUN=mark)
    result = play.kept["gated"]
    assert (result["failed"], result["gate"]["verdict"], result["gate"]["passed"]) == (True, "inconclusive", False)
    assert "the task's timeout ended the wait" in result["msg"].lower()
    assert verdicts(result) == [("org-a", "failed"), ("org-c", "passed")]
    assert len(result["gates"][0]["unsuccessful"]) == 1
    told = polls(emulator)
    assert (told["org-a"], told["org-c"]) == (1, 1) and told["org-b"] >= 3
    assert LINE.findall(play.output) == ["2 of 3 decided: 1 failed, 1 passed; 1 RUNNING"], "one line, for one change"
    until(lambda: not running_with(mark), "the end of the module")


def end_module(mark):
    """SIGTERM to the module itself, and to nothing that Ansible started it with."""
    for one in running_with(mark):
        words = Path(f"/proc/{one}/cmdline").read_text().split("\0")
        if words[-2].endswith("AnsiballZ_operation_gate.py") and "sh" not in words[0].rsplit("/", 1)[-1]:
            os.kill(one, signal.SIGTERM)


@needs_proc
@pytest.mark.once
def test_a_module_that_is_told_to_end_still_says_what_it_knows(ansible, emulator, tmp_path):
    scripted(emulator, "org-a", generate={"failed": 1})
    endless(emulator, "org-b")
    endless(emulator, "slow")
    scripted(emulator, "org-c")
    # An answer that nobody waits for any more must not keep the others from being told.
    emulator.fault("DescribeStackSetOperation", 1, stack_set_name="slow", delay=TIMEOUT * 2)
    mark = f"run-{uuid.uuid4()}"
    book = book_of(tmp_path, entries("org-a", "org-b", "slow", "org-c"), gate={"show_progress": False})
    process = subprocess.Popen(
        [Path(sys.executable).parent / "ansible-playbook", book],
        cwd=tmp_path,
        env={**ansible.environment, "STACKGATE_TEST_RUN": mark},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        until(lambda: polls(emulator).get("org-b", 0) >= 2, "two polls")
        began = time.monotonic()
        end_module(mark)
        output, _errors = process.communicate(timeout=TIMEOUT)
        assert time.monotonic() - began < TIMEOUT
    finally:
        for left in running_with(mark):
            os.kill(left, signal.SIGKILL)
    result = json.loads((tmp_path / "kept-0-gated.json").read_text())
    assert result["failed"] is True, output
    assert verdicts(result) == [
        ("org-a", "failed"),
        ("org-b", "inconclusive"),
        ("slow", "inconclusive"),
        ("org-c", "passed"),
    ]
    assert result["gate"]["verdict"] == "failed"
    missing = [(one["stack_set_name"], one["what"], one["message"]) for one in result["gate"]["missing"]]
    assert missing == [(name, "interrupted", "The wait was ended by SIGTERM.") for name in ("org-b", "slow")]
    assert len(result["gates"][0]["unsuccessful"]) == 1
    assert [one["progress"]["status"] for one in result["gates"]] == ["SUCCEEDED", "RUNNING", None, "SUCCEEDED"]
    assert all(one["operation_id"] == OPERATION for one in result["gates"])


@needs_proc
@pytest.mark.once
@pytest.mark.parametrize("shown", [True, False])
def test_a_signal_leaves_nothing_running(ansible, emulator, tmp_path, shown):
    for name in ("org-a", "org-b", "org-c"):
        endless(emulator, name)
    mark = f"run-{uuid.uuid4()}"
    book = book_of(tmp_path, entries("org-a", "org-b", "org-c"), gate={"show_progress": shown})
    process = subprocess.Popen(
        [Path(sys.executable).parent / "ansible-playbook", book],
        cwd=tmp_path,
        env={**ansible.environment, "STACKGATE_TEST_RUN": mark},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        until(lambda: polls(emulator).get("org-c", 0) >= 2, "two polls")
        # As a terminal's Ctrl-C does, and as AWX's cancel: to the whole group.
        os.killpg(process.pid, signal.SIGINT)
        until(lambda: process.poll() is not None, "the end of ansible-playbook")
        until(lambda: not running_with(mark), "the end of what it started")
        assert process.returncode != 0
    finally:
        for left in running_with(mark):
            os.kill(left, signal.SIGKILL)
        process.stdout.close()
        process.wait()
