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
)

LONG = 120  # seconds that an answer may take in the emulator


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


@pytest.mark.once
def test_each_has_the_whole_of_wait_timeout_and_no_more(ansible, emulator):
    endless(emulator, "org-a")
    endless(emulator, "org-b")
    scripted(emulator, "org-c")
    task = several(ansible, entries("org-a", "org-b", "org-c"), wait_timeout=3, concurrency=1)
    assert task.status == "FAILED!"
    assert task.result["gate"]["verdict"] == "inconclusive"
    assert verdicts(task.result) == [("org-a", "inconclusive"), ("org-b", "inconclusive"), ("org-c", "passed")]
    assert all(one["progress"]["elapsed"] >= 3 for one in task.result["gates"][:2])
    assert set(polls(emulator)) == {"org-a", "org-b", "org-c"}


@needs_proc
@pytest.mark.once
def test_the_keyword_timeout_leaves_a_closed_gate_and_nothing_running(ansible_processes, emulator, tmp_path):
    scripted(emulator, "org-a")
    endless(emulator, "org-b")
    book = book_of(tmp_path, entries("org-a", "org-b"), gate={"show_progress": True}, timeout=6)
    with marked() as mark:
        play = ansible_processes.book(book, **{MARK: mark})
        until(lambda: not running_with(mark), "the end of the module")
    result = play.kept["gated"]
    assert (result["failed"], result["gate"]["verdict"], result["gate"]["passed"]) == (True, "inconclusive", False)
    assert re.search(r"the task's timeout ended the wait \(2 operations, waiting for \d+s\)", result["msg"].lower())
    assert polls(emulator)["org-b"] >= 1


@needs_proc
@pytest.mark.once
def test_a_module_that_is_told_to_end_once_or_more_still_says_what_it_knows(ansible_processes, emulator, tmp_path):
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
        end_module(mark, "operation_gate", times=3)
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
    assert missing == [(name, "interrupted", "The wait was interrupted by SIGTERM.") for name in ("org-b", "slow")]
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
