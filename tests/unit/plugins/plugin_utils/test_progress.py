# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of a wait: polls bring lines and the time of the last run, and never the task's result."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.stackgate.stacksets.plugins.plugin_utils import _progress
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._progress import Progress, duration
from ansible_collections.stackgate.stacksets.tests.unit.helpers.waiting import FakeClock

NAME, OPERATION = "org-baseline", "5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e"
TASK = {"stack_set_name": NAME, "operation_id": OPERATION, "show_progress": True, "max_failed": 2}
DECIDED = {"msg": "Gate passed: well.", "gate": {"passed": True, "verdict": "passed"}}
START = f"{NAME} 5d1f2a44…:"


class TaskTimeoutError(BaseException):
    """As ansible-core names its own."""


@pytest.fixture
def clock():
    return FakeClock()


def at_work(status="RUNNING", failed=0, **more):
    found = {"operation_id": OPERATION, "status": status, "failed_stack_instances_count": failed}
    return {"failed": True, "poll_again": True, **found, "created_before": None, "calls": 1, **more}


def ended(status="SUCCEEDED", **more):
    return at_work(status, **more) | {"poll_again": False}


def problem(name="throttled by AWS", again=True, if_reached=True):
    return {"failed": True, "poll_again": again, "poll_again_if_reached": if_reached, "problem": name, "calls": 2}


def run(clock, *polls, task=TASK, last=DECIDED, **more):
    """The result, the lines shown and the arguments of each run of the module."""
    lines, asked, left = [], [], [*polls, last]

    def execute(arguments):
        asked.append(dict(arguments))
        outcome = left.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return {name: dict(value) if isinstance(value, dict) else value for name, value in outcome.items()}

    result = Progress({**task, **more}, execute, lines.append, clock).run()
    assert not left
    return result, lines, asked


def test_the_last_run_has_the_tasks_own_arguments_but_for_the_time_left(clock):
    result, _lines, asked = run(clock, at_work(), at_work(), ended())
    assert result == DECIDED
    assert asked == [
        {**TASK, "wait_timeout": 3600, "poll_only": True},
        {**TASK, "wait_timeout": 3585, "poll_only": True},
        {**TASK, "wait_timeout": 3562, "poll_only": True},
        {**TASK, "wait_timeout": 3562},
    ]
    assert clock.slept == [15, 22.5]


@pytest.mark.parametrize(
    "brought",
    [
        *(ended(status) for status in ("SUCCEEDED", "FAILED", "STOPPED")),
        ended("RUNNING", failed=3),
        {"failed": True, "msg": "stack_set_name is empty."},
        {"failed": True, "poll_again": False, "calls": 1},
        {"failed": True, "msg": "MODULE FAILURE", "rc": 1},
        {"unreachable": True},
        {"gate": {"passed": True, "verdict": "passed"}, "status": "SUCCEEDED", "poll_again": False},
        problem("AccessDenied", again=False, if_reached=False),
        problem("EndpointConnectionError", again=False),
        {},
    ],
)
def test_whatever_a_poll_brings_leads_to_the_last_run_which_decides(clock, brought):
    result, _lines, asked = run(clock, brought, last={"gate": {"passed": False, "verdict": "failed"}, "failed": True})
    assert (result["gate"]["verdict"], result["failed"]) == ("failed", True)
    assert ["poll_only" in arguments for arguments in asked] == [True, False]
    assert asked[-1]["wait_timeout"] == 3600


def test_so_does_the_end_of_the_time(clock):
    _result, _lines, asked = run(clock, *[at_work()] * 4, wait_timeout=60)
    assert (clock.slept, asked[-1]["wait_timeout"]) == ([15, 22.5, 22.5], 0)


@pytest.mark.parametrize(("polls", "timeout", "left"), [(2, 16, 1), (2, "16", 1), (2, 15, 0), (1, 1, 1)])
def test_the_time_left_is_in_whole_seconds(clock, polls, timeout, left):
    _result, _lines, asked = run(clock, *[at_work()] * (polls - 1), ended(), wait_timeout=timeout)
    assert [arguments["wait_timeout"] for arguments in asked[-2:]] == [left, left]


@pytest.mark.parametrize(
    ("task", "slept"),
    [
        ({}, [15, 22.5, 33.75, 50.62, 60, 60]),
        ({"wait_sleep": 90}, [90] * 6),
        ({"wait_sleep": "1"}, [1, 1.5, 2.25, 3.38, 5.06, 7.59]),
    ],
)
def test_polls_grow_apart_to_a_minute(clock, task, slept):
    run(clock, *[at_work()] * 6, ended(), **task)
    assert clock.slept == slept


def test_a_new_status_is_polled_closely_again(clock):
    run(clock, *(at_work(status) for status in ("QUEUED", "QUEUED", "RUNNING", "RUNNING")), ended())
    assert clock.slept == [15, 22.5, 15, 22.5]


def test_what_passes_is_polled_again_and_named(clock):
    _result, lines, asked = run(clock, problem(), problem("503"), at_work(), problem(), ended())
    assert len(asked) == 6
    assert [line.rpartition(", ")[0] for line in lines] == [
        f"{START} throttled by AWS, retrying",
        f"{START} 503, retrying",
        f"{START} RUNNING, 0 failed",
        f"{START} throttled by AWS, retrying",
        f"{START} SUCCEEDED, 0 failed",
    ]


def test_what_could_be_reached_before_is_polled_again(clock):
    gone = problem("EndpointConnectionError", again=False)
    assert len(run(clock, at_work(), gone, gone, ended())[2]) == 5
    assert len(run(clock, problem(), gone, ended())[2]) == 4


def test_an_error_that_does_not_pass_is_named_and_left_to_the_last_run(clock):
    _result, lines, asked = run(clock, problem("AccessDenied", again=False, if_reached=False))
    assert (lines, len(asked)) == ([f"{START} AccessDenied, 0s"], 2)


def test_a_line_is_shown_only_where_something_changes(clock):
    polls = [at_work("QUEUED"), at_work("QUEUED"), at_work(failed=1), at_work(failed=1), ended()]
    _result, lines, _asked = run(clock, *polls)
    assert lines == [
        f"{START} QUEUED, 0 failed, 0s",
        f"{START} RUNNING, 1 failed, 37s",
        f"{START} SUCCEEDED, 0 failed, 1m15s",
    ]


@pytest.mark.parametrize(
    ("operation_id", "shown"), [("op-1", "op-1"), ("123456789012", "123456789012"), ("1234567890123", "12345678…")]
)
def test_an_id_is_cut_to_what_the_eye_needs(clock, operation_id, shown):
    _result, lines, _asked = run(clock, ended("S" * 50) | {"operation_id": operation_id})
    assert lines == [f"{NAME} {shown}: {'S' * 37}..., 0 failed, 0s"]


def test_an_error_of_many_words_is_cut(clock):
    _result, lines, _asked = run(clock, problem("E" * 70, again=False), operation_id=None, stack_set_name="n" * 130)
    assert lines == [f"{'n' * 125}... : {'E' * 57}..., retrying, 0s"]


@pytest.mark.parametrize("task", [TASK, {"operations": {"a": "b"}}])
def test_a_refused_task_shows_nothing(monkeypatch, task):
    monkeypatch.setattr(_progress, "LINE_INTERVAL", 0.001)
    lines, ticked = [], threading.Event()
    wait = threading.Event.wait

    def waited(event, timeout=None):
        ticked.set() if timeout == 0.001 else None
        return wait(event, timeout)

    monkeypatch.setattr(threading.Event, "wait", waited)

    def execute(arguments):
        assert "poll_only" in arguments or wait(ticked, 60)
        return {"failed": True, "msg": "stack_set_name is empty."}

    Progress(task, execute, lines.append).run()
    assert lines == []


def test_without_a_clock_of_its_own_it_has_that_of_the_process(monkeypatch):
    slept = []
    monkeypatch.setattr(_progress.Process, "sleep", lambda process, seconds: slept.append(seconds))
    outcomes = iter([at_work(), ended(), DECIDED])
    assert Progress(TASK, lambda arguments: next(outcomes), print).run() == DECIDED
    assert 15 <= slept[0] <= 18


def test_a_count_that_aws_does_not_give_is_left_out(clock):
    assert run(clock, ended(failed=None))[1] == [f"{START} SUCCEEDED, 0s"]


def test_the_latest_that_was_found_is_kept_to(clock):
    task = {**TASK, "operation_id": "latest", "created_after": "2026-11-02T08:00:00Z"}
    found = {"created_before": "2026-11-02T08:15:01+00:00"}
    polls = [{"poll_again": True, "calls": 1}, at_work(**found), ended(**found)]
    _result, lines, asked = run(clock, *polls, task=task)
    assert ["created_before" in arguments for arguments in asked] == [False, False, True, True]
    assert asked[-1] == {**task, **found, "wait_timeout": 3570}
    assert lines == [
        f"{NAME} latest: no operation yet, 0s",
        f"{START} RUNNING, 0 failed, 15s",
        f"{START} SUCCEEDED, 0 failed, 30s",
    ]


@pytest.mark.parametrize(
    ("stack_set_name", "shown"),
    [
        ("org-baseline:5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e", "org-baseline"),
        ("arn:aws:cloudformation:eu-west-1:111122223333:stackset/org-baseline:5d1f2a44-2ef7", "org-baseline"),
        ("a/b/c/org:d:e", "org"),
        ("a\x1b[31m\nb", "a\\x1b[31m b"),
    ],
)
def test_names_are_short_and_harmless(clock, stack_set_name, shown):
    _result, lines, _asked = run(clock, ended("S\x1b[1m\n"), stack_set_name=stack_set_name, operation_id="short-id")
    assert lines[0].startswith(f"{shown} 5d1f2a44…: S\\x1b[1m")
    assert all(line.isprintable() for line in lines)


def test_calls_and_time_are_of_the_whole_task(clock):
    last = {**DECIDED, "calls": 6, "progress": {"status": "SUCCEEDED", "elapsed": 0.4}}
    clock.now = 0.26
    result, _lines, _asked = run(clock, at_work(), problem(), {"poll_again": False}, last=last)
    assert (result["calls"], result["progress"]["elapsed"]) == (9, 30.3)


@pytest.mark.parametrize(
    "options",
    [{"wait": False}, {"wait": "no"}, {"wait": "perhaps"}, {"wait_timeout": "soon"}, {"wait_sleep": [1]}]
    + [{"wait_timeout": timeout} for timeout in (0, -5, "-5")],
)
def test_without_waiting_and_with_what_is_refused_there_is_no_poll(clock, options):
    result, lines, asked = run(clock, **options)
    assert (result, lines, asked) == (DECIDED, [], [{**TASK, **options}])


@pytest.mark.parametrize("forged", [{"poll_only": True}, {"watch": {"elapsed": 0}}, {"created_before": "never"}])
def test_whatever_a_task_brings_is_for_the_last_run(clock, forged):
    _result, _lines, asked = run(clock, {"failed": True, "msg": "Unsupported parameters"}, **forged)
    assert asked[-1] == {**TASK, **forged, "wait_timeout": 3600}


@pytest.mark.parametrize("operations", [["a=b"] * 500, [], "a=b,c=d", {"a": "b"}])
def test_several_gates_run_once(clock, operations):
    task = {"operations": operations, "show_progress": True}
    result, lines, asked = run(clock, task=task)
    assert (result, lines, asked) == (DECIDED, [], [task])


@pytest.mark.parametrize(
    ("task", "line"),
    [
        (TASK, f"{START} SUCCEEDED, 0 failed, "),
        ({"operations": [{"stack_set_name": "a"}] * 500}, "500 operations, waiting for "),
        ({"operations": "a=b,c=d"}, "2 operations, waiting for "),
    ],
)
def test_a_timer_shows_that_the_last_run_is_at_work_and_stops_with_it(monkeypatch, task, line):
    monkeypatch.setattr(_progress, "LINE_INTERVAL", 0.01)
    lines, thrice = [], threading.Event()

    def show(text):
        lines.append(text)
        if len(lines) >= 3:
            thrice.set()

    def execute(arguments):
        if "poll_only" in arguments:
            return ended()
        assert thrice.wait(60)
        return DECIDED

    assert Progress(task, execute, show).run() == DECIDED
    assert {text.removesuffix("0s") for text in lines} == {line}
    timers = [thread for thread in threading.enumerate() if thread.name == "progress"]
    for thread in timers:
        thread.join(60)
    assert not any(thread.is_alive() for thread in timers)


def test_the_timer_ends_with_a_run_that_raises(monkeypatch, clock):
    monkeypatch.setattr(_progress, "LINE_INTERVAL", 0.01)
    with pytest.raises(KeyError):
        run(clock, last=KeyError("ours"), wait=False)
    for thread in threading.enumerate():
        if thread.name == "progress":
            thread.join(60)
            assert not thread.is_alive()


def test_without_a_change_there_is_a_line_a_minute():
    assert _progress.LINE_INTERVAL == 60


@pytest.mark.parametrize("polls", [[], [at_work(failed=1)]])
def test_the_keyword_timeout_leaves_a_closed_gate_that_says_what_is_known(clock, polls):
    result, _lines, asked = run(clock, *polls, last=TaskTimeoutError())
    assert asked[-1]["poll_only"] is True
    assert (result["failed"], result["timedout"]) == (True, True)
    assert result["error"] == {"code": "TaskTimeout", "message": "The task's timeout ended the wait."}
    assert result["gate"] == {"passed": False, "verdict": "inconclusive"}
    known = f"{START} RUNNING, 1 failed, 15s" if polls else "0s"
    assert result["msg"].startswith(f"Gate inconclusive: The task's timeout ended the wait ({known}). Next: set")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), KeyError("ours")])
def test_whatever_else_is_raised_is_raised(clock, error):
    with pytest.raises(type(error)):
        run(clock, last=error)


def test_a_poll_that_was_told_to_end_leaves_no_time_to_wait(clock):
    _result, _lines, asked = run(clock, at_work(), {"failed": True, "interrupted": True})
    assert asked[-1] == {**TASK, "wait_timeout": 0}


@pytest.mark.parametrize(("seconds", "shown"), [(9.9, "9s"), (130, "2m10s"), (240, "4m00s"), (3725, "1h02m05s")])
def test_time_is_shown_as_people_say_it(seconds, shown):
    assert duration(seconds) == shown
