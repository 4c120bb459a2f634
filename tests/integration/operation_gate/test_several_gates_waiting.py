# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several gates in one task while they wait: none waits for another, and each is told when all of them are ended."""

from __future__ import annotations

import re
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml
from integration.helpers.processes import (
    MARK,
    end_module,
    interrupt,
    marked,
    needs_proc,
    running_with,
    started,
    until,
)
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

LONG = 120  # seconds that an answer may take in the emulator
LINE = re.compile(r"^\[localhost\] (\d of \d decided.*); \d+s$", re.MULTILINE)


def book_of(tmp_path, operations, first=None, **keywords):
    """A playbook of one task, after another one or not, whose result is kept in a file, however it ends."""
    task = {"name": "Wait", GATE: asked(operations, **keywords.pop("gate", {})), "register": "gated", **keywords}
    kept = {"content": "{{ gated | to_json }}", "dest": str(tmp_path / "kept-0-gated.json")}
    tasks = [*([first] if first else []), {**task, "ignore_errors": True}, {"name": "Keep", "keep": kept}]
    path = tmp_path / "gate.yml"
    path.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    return path


def test_those_that_end_are_decided_whatever_becomes_of_the_others(ansible, emulator):
    endless(emulator, "org-a")
    at_work(emulator, "org-b", polls=1)
    at_work(emulator, "org-c", polls=2, failed=1)
    scripted(emulator, "org-d")
    every = ("org-a", "org-b", "org-c", "org-d")
    task = several(ansible, entries(*every), concurrency=1, wait_timeout=8)
    assert verdicts(task.result) == [
        ("org-a", "inconclusive"),
        ("org-b", "passed"),
        ("org-c", "failed"),
        ("org-d", "passed"),
    ]
    lasting, *others = (one["progress"]["elapsed"] for one in task.result["gates"])
    assert lasting >= 8 and max(others) < lasting, "nobody waits for it"
    told = polls(emulator)
    assert {name: told[name] for name in every[1:]} == {"org-b": 2, "org-c": 3, "org-d": 1}
    # A second and a half, two and a quarter, and so on, with up to a fifth more.
    assert 3 <= told["org-a"] <= 7
    assert "The operation has not ended: it is RUNNING." in task.result["gates"][0]["msg"]


@pytest.mark.once
def test_so_many_are_asked_about_at_the_same_time_and_no_more(ansible, emulator):
    names = [f"org-{number}" for number in range(6)]
    for name in names:
        scripted(emulator, name)
    emulator.fault("DescribeStackSetOperation", None, delay=2)
    result = several(ansible, entries(*names), concurrency=3).result
    ended = sorted(one["progress"]["elapsed"] for one in result["gates"])
    # One that follows on the same thread begins when the other is done.
    apart = [after - before for before, after in zip(ended, ended[3:], strict=False)]
    assert min(apart) >= 1.8, ended
    assert max(ended) < 2 * len(names), "they are asked about one after the other"
    assert result["gate"]["passed"] is True


def advancing(emulator, task=""):
    """One at its end, one that fails after two polls and one that passes after three, queued at first."""
    names = [f"org-{one}{task}" for one in "abc"]
    scripted(emulator, names[0])
    at_work(emulator, names[1], polls=2, failed=2)
    scripted(
        emulator,
        names[2],
        "QUEUED",
        rows=[],
        states=[
            {"after_calls": 1, "status": "RUNNING"},
            {"after_calls": 3, "status": "SUCCEEDED", "generate": {"accounts": 2}},
        ],
    )
    return entries(*names)


POLLS = {"org-a": 1, "org-b": 3, "org-c": 4}


def assert_told(lines):
    """A line for each change of the numbers of the three that advance."""
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


def test_progress_is_a_line_for_each_change_and_quiet_unless_asked(ansible, emulator, tmp_path):
    quiet = {GATE: asked(advancing(emulator, "-quiet"), fail_on_closed=False)}
    play = ansible.book(book_of(tmp_path, advancing(emulator), gate={"show_progress": True}, first=quiet))
    assert play.kept["gated"]["gate"]["verdict"] == "failed", play.output
    lines = LINE.findall(play.output)
    assert len(re.findall(r"^\[localhost\] \d", play.output, re.MULTILINE)) == len(lines)
    assert_told(lines)
    told = {**POLLS, **{f"{name}-quiet": number for name, number in POLLS.items()}}
    assert polls(emulator) == told, "a decided one is not asked for again"


@pytest.mark.once
def test_who_runs_with_v_sees_progress_unless_told_otherwise(ansible, emulator, tmp_path):
    quiet = {GATE: asked(entries("quiet-a", "quiet-b"), show_progress=False)}
    for name in ("org-a", "org-b", "quiet-a", "quiet-b"):
        scripted(emulator, name)
    play = ansible.book(book_of(tmp_path, entries("org-a", "org-b"), first=quiet), "-v")
    assert play.code == 0, play.output
    assert re.findall(r"^\[localhost\] (\d of \d decided.*); \d+s$", play.output, re.MULTILINE) == [
        "2 of 2 decided: 2 passed"
    ]


@pytest.mark.once
def test_poll_by_poll_gives_the_same_result_as_one_run(ansible, emulator):
    tasks = [several(ansible, advancing(emulator), shown=shown, fail_on_closed=False) for shown in (True, False)]
    assert [task.status for task in tasks] == ["SUCCESS"] * 2
    assert_told([line.rpartition(";")[0] for line in tasks[0].output.splitlines()])
    by_polls, at_once = (without_times(task.result) for task in tasks)
    assert by_polls == at_once
    assert verdicts(at_once) == [("org-a", "passed"), ("org-b", "failed"), ("org-c", "passed")]
    assert polls(emulator) == {name: 2 * number for name, number in POLLS.items()}


@pytest.mark.once
def test_one_that_changes_is_asked_for_more_often_than_one_that_does_not(ansible, emulator):
    states = [{"after_calls": number, "status": ("QUEUED", "RUNNING")[number % 2]} for number in range(1, 7)]
    scripted(emulator, "restless", "QUEUED", rows=[], states=[*states, {"after_calls": 7, "status": "FAILED"}])
    endless(emulator, "dull")
    result = several(ansible, entries("dull", "restless"), fail_on_closed=False, wait_timeout=15).result
    assert verdicts(result) == [("dull", "inconclusive"), ("restless", "failed")]
    told = polls(emulator)
    assert told["restless"] == 8
    # Its pauses grow from one second by half each time, up to the end of wait_timeout.
    assert 3 <= told["dull"] < 8


@pytest.mark.once
@pytest.mark.parametrize("shown", [False, True])
def test_each_has_the_whole_of_wait_timeout_and_no_more(ansible, emulator, shown):
    endless(emulator, "org-a")
    endless(emulator, "org-b")
    scripted(emulator, "org-c")
    task = several(ansible, entries("org-a", "org-b", "org-c"), wait_timeout=3, shown=shown, concurrency=1)
    assert task.status == "FAILED!"
    assert task.result["gate"]["verdict"] == "inconclusive"
    assert verdicts(task.result) == [("org-a", "inconclusive"), ("org-b", "inconclusive"), ("org-c", "passed")]
    assert all(one["progress"]["elapsed"] >= 3 for one in task.result["gates"][:2])
    assert set(polls(emulator)) == {"org-a", "org-b", "org-c"}


@needs_proc
@pytest.mark.once
def test_the_keyword_timeout_leaves_what_is_known(ansible_processes, emulator, tmp_path):
    scripted(emulator, "org-a", generate={"failed": 1})
    endless(emulator, "org-b")
    scripted(emulator, "org-c")
    gate = {"show_progress": True, "wait_sleep": 3}
    book = book_of(tmp_path, entries("org-a", "org-b", "org-c"), gate=gate, timeout=10)
    with marked() as mark:
        play = ansible_processes.book(book, **{MARK: mark})
        until(lambda: not running_with(mark), "the end of the module")
    result = play.kept["gated"]
    assert (result["failed"], result["gate"]["verdict"], result["gate"]["passed"]) == (True, "inconclusive", False)
    assert "the task's timeout ended the wait" in result["msg"].lower()
    assert verdicts(result) == [("org-a", "failed"), ("org-c", "passed")]
    assert len(result["gates"][0]["unsuccessful"]) == 1
    told = polls(emulator)
    assert (told["org-a"], told["org-c"]) == (1, 1) and told["org-b"] >= 2
    assert LINE.findall(play.output) == ["2 of 3 decided: 1 failed, 1 passed; 1 RUNNING"], "one line, for one change"


@needs_proc
@pytest.mark.once
def test_a_module_that_is_told_to_end_still_says_what_it_knows(ansible_processes, emulator, tmp_path):
    scripted(emulator, "org-a", generate={"failed": 1})
    endless(emulator, "org-b")
    endless(emulator, "slow")
    scripted(emulator, "org-c")
    # An answer that nobody waits for any more must not keep the others from being told.
    emulator.fault("DescribeStackSetOperation", 1, stack_set_name="slow", delay=LONG)
    book = book_of(tmp_path, entries("org-a", "org-b", "slow", "org-c"), gate={"show_progress": False})
    with ThreadPoolExecutor(1) as thread, marked() as mark:
        running = thread.submit(ansible_processes.book, book, **{MARK: mark})
        until(lambda: polls(emulator).get("org-b", 0) >= 2 or running.done(), "two polls")
        end_module(mark, "operation_gate")
        play = running.result(LONG - 20)
    result = play.kept["gated"]
    assert result["failed"] is True, play.output
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
def test_a_signal_leaves_nothing_running(ansible, emulator, tmp_path):
    for name in ("org-a", "org-b", "org-c"):
        endless(emulator, name)
    book = book_of(tmp_path, entries("org-a", "org-b", "org-c"), gate={"show_progress": False})
    with marked() as mark, started(book, ansible.environment, mark) as process:
        until(lambda: polls(emulator).get("org-c", 0) >= 2, "two polls")
        interrupt(process, signal.SIGINT, mark)
