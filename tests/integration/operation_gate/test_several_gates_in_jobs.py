# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several gates in one task of a job, run by ansible-runner as AWX runs jobs: its event keeps the result."""

from __future__ import annotations

import json

import pytest
import yaml
from emulator.client import operation
from integration.helpers.awx_jobs import RESULT_LIMIT, run_job
from integration.helpers.several_gates import (
    ALL_GOOD,
    GATE,
    OPERATION,
    asked,
    at_work,
    endless,
    entries,
    scripted,
    several,
    verdicts,
)

pytestmark = pytest.mark.once

TASK = "Gate all of them"
MOST = 500
ALIKE = ("stack_set_name", "operation_id", "calls", "msg", "gate", "truncated")


@pytest.fixture
def job(ansible, tmp_path):
    def run(*tasks):
        project = tmp_path / "project"
        project.mkdir()
        (project / "gates.yml").write_text(
            yaml.safe_dump([{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}])
        )
        # The arguments are in the events, as they are in those of older versions in any case.
        environment = {**ansible.environment, "ANSIBLE_INJECT_INVOCATION": "true"}
        return run_job(tmp_path / "job", project, "gates.yml", {}, environment)

    return run


def gates(operations, name=TASK, keywords=None, **options):
    return {"name": name, GATE: asked(operations, **options), **(keywords or {})}


def failing(emulator, name, number, reasons):
    """All results FAILED, for so many reasons, which are as long as AWS's."""
    texts = [f"{'abcdefghij'[number % 10] * 20} {letters(number)} {'x y ' * 100}" for number in range(reasons)]
    rows = [
        {"Account": f"{100_000_000_000 + 7 * at}", "Region": "eu-west-1", "Status": "FAILED", "StatusReason": reason}
        for at, reason in zip(range(number), texts * number, strict=False)
    ]
    emulator.stack_set(name, operation(OPERATION, rows=rows, failed_stack_instances_count="auto"))


def letters(number):
    """A number in letters, which no mask takes for an id."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def result_of(ansible, operations, **options):
    """The result of a module, with its arguments, as it may be in an event."""
    result = several(ansible, operations, **options).result
    return {**result, "invocation": {"module_args": asked(operations, **options)}}


def assert_carried(result):
    """ansible-runner has not emptied it, or wouldn't."""
    size = len(str(result))
    print(f"{len(result['gates'])} gates: {size:,} characters")
    assert size < RESULT_LIMIT


def assert_brief(one):
    assert one["truncated"] is True
    assert set(one["gate"]) == {"passed", "verdict"}
    assert one["msg"].startswith(f"Gate {one['gate']['verdict']}: ") and len(one["msg"]) <= 120
    assert all(value is None for name, value in one.items() if name not in ALIKE)


def test_the_result_of_many_failures_stays_in_the_event(job, emulator):
    names = [f"org-{number:03}" for number in range(300)]
    for name in names[:-1]:
        failing(emulator, name, 20, reasons=20)
    scripted(emulator, names[-1])
    ran = job(gates(entries(*names)))
    assert not ran.succeeded
    result = ran.result(TASK, "runner_on_failed")
    assert_carried(result)
    assert verdicts(result) == [(name, "failed") for name in names[:-1]] + [(names[-1], "passed")]
    assert result["gate"]["counts"]["failed"] == 299 * 20
    brief = [one for one in result["gates"] if set(one["gate"]) == {"passed", "verdict"}]
    whole = [one for one in result["gates"] if one not in brief]
    for one in brief:
        assert_brief(one)
    assert brief and whole
    assert all(1 <= len(one["unsuccessful"]) <= 20 for one in whole if not one["gate"]["passed"])
    assert {one["operation_id"] for one in result["gates"]} == {OPERATION}
    # AWX shows the first 1,024 bytes of an event's text.
    (failed,) = [event for event in ran.events if event["event"] == "runner_on_failed"]
    assert "of 300 operations 299 failed, 1 passed" in failed["stdout"].encode()[:1024].decode(errors="replace")


@pytest.fixture
def denied(emulator):
    """As many gates as one task takes, with the longest names and errors."""
    names = [f"a{number:03}{'b' * 124}" for number in range(MOST)]
    said = "User: arn:aws:sts::111122223333:assumed-role/deploy/session is not authorized to perform that, " + "x" * 600
    scripted(emulator, names[0])
    emulator.fault("DescribeStackSetOperation", None, error="AccessDenied", message=said)
    return entries(*names, operation_id="c" * 128, max_failed=3, scope="region")


def assert_all_told(result, operations, emulator):
    assert_carried(result)
    assert verdicts(result) == [(one["stack_set_name"], "inconclusive") for one in operations]
    assert len(emulator.log()) == MOST
    assert {one["what"] for one in result["gate"]["missing"]} == {"error"}
    assert result["msg"].startswith("Gate inconclusive: of 500 operations 500 inconclusive. a000bbb")
    assert "Access denied" in result["msg"][:900]


def test_as_many_as_there_can_be_with_the_longest_names_stay_in_the_event(job, denied, emulator):
    ran = job(gates(denied, concurrency=50, show_progress=True))
    assert_all_told(ran.result(TASK, "runner_on_failed"), denied, emulator)


def test_as_many_as_there_can_be_would_stay_in_the_event_without_progress_too(ansible, denied, emulator):
    assert_all_told(result_of(ansible, denied, concurrency=50), denied, emulator)


def test_those_that_pass_are_brief_where_there_is_no_room(ansible, emulator):
    names = [f"org-{number:03}" for number in range(MOST - 1)]
    for name in names:
        scripted(emulator, name)
    failing(emulator, "org-bad", 2, reasons=2)
    result = result_of(ansible, entries(*names, "org-bad"), concurrency=20)
    assert result["failed"] is True
    assert_carried(result)
    assert verdicts(result) == [(name, "passed") for name in names] + [("org-bad", "failed")]
    assert len(result["gates"][-1]["unsuccessful"]) == 2
    brief = [one for one in result["gates"] if one["truncated"] and one["gate"]["passed"]]
    for one in brief:
        assert_brief(one)
    assert 0 < len(brief) < MOST - 1, "as many as there is room for have all they have"


def test_progress_leaves_no_trace_in_the_arguments(job, emulator):
    tasks = []
    for name, shown in (("org-a", False), ("org-c", True)):
        at_work(emulator, name, polls=1)
        scripted(emulator, "org-b", generate={"failed": 1})
        operations = [*entries(name, max_failed=2), *entries("org-b", ignore_reasons=["already"])]
        tasks.append(gates(operations, name, {"ignore_errors": True}, show_progress=shown))
    ran = job(*tasks)
    assert ran.output.count("1 of 2 decided: 1 failed; 1 RUNNING") == 1
    quiet, shown = (json.dumps(ran.result(name, "runner_on_failed")) for name in ("org-a", "org-c"))
    results = [json.loads(quiet), json.loads(shown.replace("org-c", "org-a"))]
    told = [result["invocation"]["module_args"] for result in results]
    assert [told[number].pop("show_progress") for number in range(2)] == [False, True]
    assert told[1].pop("watch", None) is None and told[0].pop("watch", None) is None
    assert told[0] == told[1]
    assert told[1]["operations"] == tasks[0][GATE]["operations"]
    for result in results:
        del result["invocation"]
        for one in result["gates"]:
            one["progress"]["elapsed"] = None
    assert {name: value for name, value in results[1].items() if name in results[0]} == results[0]


def test_what_is_known_when_the_keyword_timeout_ends_it_stays_in_the_event(job, emulator):
    names = [f"org-{number:02}" for number in range(40)]
    for name in names:
        failing(emulator, name, 20, reasons=20)
    endless(emulator, "org-last")
    options = {"show_progress": True, "concurrency": 20, "wait_sleep": 6}
    ran = job(gates(entries(*names, "org-last"), keywords={"timeout": 15}, **options))
    assert not ran.succeeded
    result = ran.result(TASK, "runner_on_failed")
    assert result["gate"]["verdict"] == "inconclusive", "ansible-runner has emptied it"
    assert_carried(result)
    assert verdicts(result) == [(name, "failed") for name in names]


def test_accounts_and_ok_results_are_no_more_than_asked_for(ansible, emulator):
    scripted(emulator, "org-a", generate={**ALL_GOOD, "failed": 8})
    result = several(ansible, entries("org-a", "org-a"), max_reported=3, fail_on_closed=False).result
    assert [len(one["unsuccessful"]) for one in result["gates"]] == [3, 3]
    assert [one["truncated"] for one in result["gates"]] == [True, True]
