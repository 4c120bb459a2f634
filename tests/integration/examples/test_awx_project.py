# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example AWX project, run by ansible-runner as AWX runs jobs: what AWX would show, and hand to the next node."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from emulator.client import operation
from integration.helpers.awx_jobs import RESULT_LIMIT

pytestmark = pytest.mark.once

PROJECT = Path(__file__).resolve().parents[3] / "examples" / "awx"
SURVEY = json.loads((PROJECT / "survey_gate.json").read_text())
DECIDE = "Wait and decide"
ASKED = {"gate_stack_set_name": "org-baseline", "gate_operation_id": "op-1"}
ARTIFACT_LIMIT = 150_000


def scripted(emulator, states=(), **generate):
    generate = {"accounts": 20, "regions": 2, **generate}
    status = "RUNNING" if states else "SUCCEEDED"
    # With AWS's count of failures one look at an operation that has ended is enough.
    script = {"generate": generate, "states": list(states), "failed_stack_instances_count": "auto"}
    emulator.stack_set("org-baseline", [operation("op-1", status, **script)])


def test_an_open_gate_is_a_job_that_succeeds_and_hands_its_decision_on(job, emulator):
    end = {"after_calls": 1, "status": "SUCCEEDED", "generate": {"accounts": 20, "regions": 2}}
    scripted(emulator, [end], running=40)
    ran = job(**ASKED, gate_wait_sleep=1)
    assert ran.succeeded, ran.output
    gate = ran.artifacts["stackset_gate"]
    assert gate["passed"] is True
    assert (gate["stack_set_name"], gate["operation_id"], gate["operation_status"]) == (
        "org-baseline",
        "op-1",
        "SUCCEEDED",
    )
    assert (gate["failure_groups"], gate["retry_targets"], gate["cut"]) == ([], [], [])
    assert ran.result(DECIDE)["gate"]["verdict"] == "passed"
    lines = re.findall(r"org-baseline op-1: ([A-Z]+)", ran.output)
    assert lines == ["RUNNING", "SUCCEEDED"], "progress is shown"
    assert "WARNING" not in ran.output


def test_a_wait_without_a_change_shows_a_line_a_minute(job, emulator):
    """Else AWX's timeout for idle jobs would end it. Nothing but the time makes this line: one look lies before it."""
    end = {"after_calls": 1, "status": "SUCCEEDED", "generate": {"accounts": 2}}
    scripted(emulator, [end], running=2)
    ran = job(**ASKED, gate_wait_sleep=61)
    assert ran.succeeded, ran.output
    lines = re.findall(r"org-baseline op-1: (\w+).*, (?:(\d+)m)?\d+s", ran.output)
    assert lines == [("RUNNING", ""), ("RUNNING", "1"), ("SUCCEEDED", "1")]


def test_a_closed_gate_fails_its_job_which_tells_causes_and_what_to_retry(job, emulator):
    scripted(emulator, failed=3, cancelled=2)
    ran = job(**ASKED)
    assert not ran.succeeded
    result = ran.result(DECIDE)
    gate = ran.artifacts["stackset_gate"]
    assert gate["passed"] is False
    assert gate["verdict"] == "failed"
    assert gate["message"] == result["msg"]
    assert gate["counts"] == result["gate"]["counts"]
    assert (
        [{**one, "accounts_text": ""} for one in result["retry_targets"]]
        == [{**one, "accounts_text": ""} for one in gate["retry_targets"]]
        != []
    )
    assert gate["retry_commands"] == result["retry_commands"]
    assert sum(group["count"] for group in gate["failure_groups"]) == 3
    # AWX shows the first 1,024 bytes of an event's text.
    (failed,) = [event for event in ran.events if event["event"] == "runner_on_failed"]
    assert "3 FAILED, and max_failed is 0" in failed["stdout"].encode()[:1024].decode(errors="replace")


def test_the_answers_of_the_survey_are_inputs_of_the_playbook(play, emulator):
    scripted(emulator, failed=3)
    defaults = {question["variable"]: question["default"] for question in SURVEY["spec"]}
    inputs = yaml.safe_load((PROJECT.parents[1] / "playbooks/gate.yml").read_text())[0]["vars"]["stackset_gate_inputs"]
    assert set(defaults) <= set(inputs)
    closed = play(**{**defaults, **ASKED})
    assert not closed.succeeded and "max_failed is 0" in closed.output
    tolerant = {"gate_max_failed": 2, "gate_scope": "region", "gate_wait_timeout": 60, "gate_wait_sleep": 1}
    opened = play(**{**defaults, **ASKED, **tolerant})
    assert opened.succeeded, opened.output


@pytest.mark.parametrize(
    ("count", "more", "cut"),
    [
        (10_100, {"gate_max_reported": 1000}, ["failure_groups"]),  # the gate closes without having read all
        (3_000, {}, ["failure_groups", "retry_targets"]),
    ],
)
def test_the_largest_result_stays_in_the_events_and_the_artifact_is_bounded(job, emulator, count, more, cut):
    """Every account fails for a long reason of its own, in few Regions: nothing can be grouped."""
    rows = [
        {
            "Account": f"{100_000_000_000 + 7 * number}",
            "Region": f"eu-west-{number % 37}",
            "Status": "FAILED",
            "StatusReason": f"{'é' * 900} {letters(number % 40)}",
        }
        for number in range(count)
    ]
    emulator.stack_set("org-baseline", [operation("op-1", rows=rows, failed_stack_instances_count="auto")])
    ran = job(**ASKED, **more)
    result = ran.result(DECIDE)
    assert result["gate"]["verdict"] == "failed", "ansible-runner has not emptied it"
    sizes = [len(json.dumps(event["event_data"].get("res", ""))) for event in ran.events]
    artifact = len(json.dumps(ran.artifacts))
    print(f"{count:,} failures: largest result {max(sizes):,} characters, artifact {artifact:,}")
    assert max(sizes) < RESULT_LIMIT
    assert artifact < ARTIFACT_LIMIT
    gate = ran.artifacts["stackset_gate"]
    assert (gate["cut"], gate["retry_targets"], gate["retry_commands"]) == (cut, None, [])
    assert gate["counts"]["complete"] is False
    assert gate["counts"]["failed"] == min(count, 10_000)
    assert sum(group["count"] for group in gate["failure_groups"]) > 0


def letters(number):
    """A number in letters, which no mask takes for an id."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def flat(text):
    return " ".join(text.split())


PASSED = {
    "passed": True,
    "stack_set_name": "org-baseline",
    "operation_id": "op-1",
    "gates": [],
    "message": "Gate passed.",
}
SEVERAL = {
    "passed": True,
    "stack_set_name": None,
    "operation_id": None,
    "gates": [
        {"stack_set_name": "org-network", "operation_id": "op-7", "passed": True, "verdict": "passed"},
        {"stack_set_name": "org-baseline", "operation_id": "op-1", "passed": True, "verdict": "passed"},
    ],
}
LAUNCHED = {"deploy_stack_set_name": "org-baseline", "gate_operation_id": "op-1"}


@pytest.mark.parametrize(
    "given",
    [
        {**LAUNCHED, "stackset_gate": PASSED},
        {**LAUNCHED, "stackset_gate": SEVERAL},
        {"deploy_stack_set_name": "org-baseline", "gate_operation_id": "", "stackset_gate": SEVERAL},
        {**LAUNCHED, "gate_operation_id": "latest", "stackset_gate": PASSED},
        {"deploy_stack_set_name": "org-baseline", "stackset_gate": PASSED},
        {
            **LAUNCHED,
            "go_on_stack_set_name": "org-network",
            "go_on_operation_id": "op-7",
            "stackset_gate": SEVERAL,
        },
    ],
    ids=["one", "several", "any of several", "latest", "any", "named here"],
)
def test_it_goes_on_for_the_stack_set_and_the_operation_that_passed(play, given):
    ran = play("go_on.yml", "--tags", "deploy", **given)
    assert ran.succeeded, ran.output
    assert " is in place, by operation op-" in flat(ran.output)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"stackset_gate": PASSED, "gate_operation_id": "op-1"},
            "Set deploy_stack_set_name when you launch the workflow",
        ),
        (LAUNCHED, "This job received no decision of a gate on org-baseline, so it stops."),
        ({**LAUNCHED, "stackset_gate": "passed"}, "This job received no decision of a gate on"),
        ({**LAUNCHED, "stackset_gate": {}}, "This job received no decision of a gate on"),
        (
            {**LAUNCHED, "stackset_gate": {**PASSED, "stack_set_name": "org-network"}},
            "decided on org-network, not on org-baseline, so this job stops.",
        ),
        (
            {**LAUNCHED, "stackset_gate": {**PASSED, "stack_set_name": None}},
            "decided on no stack set, not on org-baseline",
        ),
        ({**LAUNCHED, "stackset_gate": {"passed": True}}, "decided on no stack set, not on org-baseline"),
        (
            {**LAUNCHED, "stackset_gate": {**PASSED, "operation_id": "op-2"}},
            "decided on org-baseline op-2, not on operation op-1",
        ),
        # The operation of another stack set's gate.
        (
            {**LAUNCHED, "gate_operation_id": "op-7", "stackset_gate": SEVERAL},
            "decided on org-network op-7, org-baseline op-1, not on operation op-7",
        ),
        # As core 2.19 and newer read it where AWX has 0123.
        (
            {**LAUNCHED, "gate_operation_id": 83, "stackset_gate": {**PASSED, "operation_id": 83}},
            "The operation's ID is 83, which is not a string, so this job stops.",
        ),
        ({**LAUNCHED, "stackset_gate": {**PASSED, "operation_id": 83}}, "decided on no operation, not on"),
        (
            {"deploy_stack_set_name": False, "stackset_gate": {**PASSED, "stack_set_name": False}},
            "Set deploy_stack_set_name",
        ),
        ({**LAUNCHED, "stackset_gate": {**PASSED, "passed": False}}, "org-baseline did not pass its gate"),
        ({**LAUNCHED, "stackset_gate": {**PASSED, "passed": "false"}}, "org-baseline did not pass its gate"),
        ({**LAUNCHED, "stackset_gate": {**PASSED, "passed": "passed"}}, "org-baseline did not pass its gate"),
        ({**LAUNCHED, "stackset_gate": {**PASSED, "passed": 1}}, "org-baseline did not pass its gate"),
    ],
)
def test_it_does_not_go_on_for_anything_else(play, given, said):
    ran = play("go_on.yml", **given)
    assert not ran.succeeded
    assert said in flat(ran.output)
    assert " is in place, by operation " not in flat(ran.output)
