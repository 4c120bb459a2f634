# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several gates in one task of a job, run by ansible-runner as AWX runs jobs: its event keeps the result."""

from __future__ import annotations

import pytest
import yaml
from emulator.client import operation
from integration.helpers.awx_jobs import RESULT_LIMIT, run_job
from integration.helpers.several_gates import (
    ALL_GOOD,
    GATE,
    OPERATION,
    asked,
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
    assert "300 operations, 299 failed, 1 passed" in failed["stdout"].encode()[:1024].decode(errors="replace")


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
    assert result["msg"].startswith("Gate inconclusive: 500 operations, 500 inconclusive. a000bbb")
    assert "Access denied" in result["msg"][:900]


def test_as_many_as_there_can_be_with_the_longest_names_stay_in_the_event(job, denied, emulator):
    ran = job(gates(denied, concurrency=50, show_progress=True))
    assert_all_told(ran.result(TASK, "runner_on_failed"), denied, emulator)


def test_accounts_and_ok_results_are_no_more_than_asked_for(ansible, emulator):
    scripted(emulator, "org-a", generate={**ALL_GOOD, "failed": 8})
    result = several(ansible, entries("org-a", "org-a"), max_reported=3, fail_on_closed=False).result
    assert [len(one["unsuccessful"]) for one in result["gates"]] == [3, 3]
    assert [one["truncated"] for one in result["gates"]] == [True, True]
