# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nodes of the example workflow, one after the other: each is handed what those before it have handed on."""

from __future__ import annotations

import json

import pytest
from emulator.client import operation

# Of digits below 8 behind a zero, with others behind it, and without one: ansible-core 2.19 and newer take the first
# and the last for numbers.
OCTAL, ZERO, PLAIN = ACCOUNTS = ("012345670123", "098765432109", "123456789012")
SUSPENDED, CLOSED = "012345670777", "012345670770"
REASONS = {
    **{OCTAL: "Limit is 5", ZERO: "Limit is 5", PLAIN: "Rate exceeded"},
    **{SUSPENDED: "Suspended", CLOSED: "1.2 {{ 7 }}"},
}
LAUNCHED = {"deploy_stack_set_name": "org-baseline", "deploy_region": "eu-west-1"}
# What the template of the gate has, and no other node.
RULES = {
    "gate_ignore_accounts": f"{SUSPENDED},",
    "gate_ignore_reasons": r"\A1\.2 {{ 7 }}\Z",
    "gate_max_failed": 1,
    "gate_min_results": 4,
    "gate_account_names": json.dumps({OCTAL: "0123"}),
    "gate_wait_sleep": 1,
}


def flat(text):
    return " ".join(text.split())


def rows(failed=(), succeeded=(), regions=("eu-west-1",)):
    return [
        {"Account": account, "Region": region, "Status": status, "StatusReason": reason}
        for accounts, status in ((failed, "FAILED"), (succeeded, "SUCCEEDED"))
        for account in accounts
        for region in regions
        for reason in [REASONS[account] if status == "FAILED" else None]
    ]


def scripted(emulator, **operations):
    emulator.stack_set(
        "org-baseline",
        [
            operation(name.replace("_", "-"), rows=given, failed_stack_instances_count="auto")
            for name, given in operations.items()
        ],
    )


def deployed_and_gated(run, emulator, given, **rules):
    """The artifacts of the first two nodes, the second of which failed."""
    scripted(emulator, op_1=given)
    deployed = run("deploy.yml", **LAUNCHED)
    assert deployed.succeeded, deployed.output
    assert deployed.artifacts == {
        "gate_stack_set_name": "org-baseline",
        "gate_operation_id": "op-1",
        "gate_region": "eu-west-1",
        "gate_call_as": "SELF",
    }
    gated = run("gate.yml", **{**deployed.artifacts, **RULES, **rules})
    assert not gated.succeeded, gated.output
    assert gated.artifacts["stackset_gate"]["verdict"] == "failed", gated.output
    return {**deployed.artifacts, **gated.artifacts, **LAUNCHED}


def in_next_node(run, tmp_path, handed_on):
    """What the next node has of ``stackset_gate``, as its own Ansible sees it."""
    project = tmp_path / "next"
    project.mkdir(exist_ok=True)
    (project / "next.yml").write_text(
        "- hosts: localhost\n  gather_facts: false\n  tasks:\n"
        "    - ansible.builtin.set_stats:\n        data: {seen: '={{ stackset_gate | to_json }}'}\n"
    )
    seen = run("next.yml", project=project, **handed_on)
    assert seen.succeeded, seen.output
    return json.loads(seen.artifacts["seen"][1:])


@pytest.fixture(params=["play", pytest.param("job", marks=pytest.mark.once)])
def run(request):
    """Each way to run a node."""
    return request.getfixturevalue(request.param)


def test_account_ids_are_texts_at_every_step_and_what_failed_is_retried_by_the_same_rules(
    run, emulator, calls, tmp_path
):
    failed = [*ACCOUNTS, SUSPENDED, CLOSED]
    handed_on = deployed_and_gated(run, emulator, rows(failed, ["111122223333"]))
    gate = handed_on["stackset_gate"]
    assert gate["counts"]["ignored"] == 2 and gate["counts"]["failed"] == 3
    (target,) = gate["retry_targets"]
    assert (target["accounts"], target["accounts_text"]) == (sorted(ACCOUNTS), f"{OCTAL},{ZERO},{PLAIN},")
    assert {one["accounts_text"] for one in gate["failure_groups"]} == {f"{OCTAL},{ZERO},", f"{PLAIN},"}

    seen = in_next_node(run, tmp_path, handed_on)
    for name in ("failure_groups", "retry_targets"):
        for before, after in zip(gate[name], seen[name], strict=True):
            assert after["accounts_text"] == before["accounts_text"]
            assert after["accounts_text"].rstrip(",").split(",") == before["accounts"]
            assert {**after, "accounts": None} == {**before, "accounts": None}
    assert {**seen, "failure_groups": None, "retry_targets": None} == {
        **gate,
        "failure_groups": None,
        "retry_targets": None,
    }

    refused = run("go_on.yml", **handed_on)
    assert not refused.succeeded
    assert "org-baseline did not pass its gate, so this job stops. Gate failed" in flat(refused.output)

    ignored = {**rows([OCTAL])[0], "StatusReason": REASONS[CLOSED]}
    scripted(emulator, op_2=[ignored, *rows([PLAIN], [ZERO])])
    retried = run("remediate.yml", deploy_tolerance=3, **handed_on)
    assert retried.succeeded, retried.output
    assert [line.partition("update-stack-instances ")[2] for line in calls.read_text().splitlines()[1:]] == [
        f"--stack-set-name org-baseline --accounts {OCTAL} {ZERO} {PLAIN} --regions eu-west-1 --region eu-west-1"
        " --operation-preferences FailureToleranceCount=3 --output json"
    ]
    gate = retried.artifacts["stackset_gate"]
    assert retried.artifacts["gate_operation_id"] == gate["operation_id"] == "op-2"
    assert (gate["passed"], gate["stack_set_name"]) == (True, "org-baseline")
    assert (gate["counts"]["total"], gate["counts"]["failed"], gate["counts"]["ignored"]) == (3, 1, 1)
    given = {name: str(value) for name, value in json.loads(gate["inputs"]).items()}
    assert {name: given.get(name) for name in RULES} == {
        **{name: str(value) for name, value in RULES.items()},
        "gate_min_results": None,
    }

    went_on = run("go_on.yml", **{**handed_on, **retried.artifacts})
    assert went_on.succeeded, went_on.output
    assert "org-baseline is in place, by operation op-2." in flat(went_on.output)


@pytest.mark.parametrize(
    ("again", "passed", "said"),
    [
        # Together as many as the gate tolerates of the whole operation.
        ([PLAIN], True, "2 operations, 2 passed; tolerated: 1 FAILED"),
        ([OCTAL, ZERO], False, "2 FAILED, and max_failed is 1"),
    ],
)
def test_several_retries_have_no_more_failures_together_than_the_limit(play, emulator, calls, again, passed, said):
    both = ("eu-west-1", "eu-west-2")
    handed_on = deployed_and_gated(
        play, emulator, rows([OCTAL, ZERO], regions=both) + rows([PLAIN]), gate_max_failed=2, gate_min_results=""
    )
    groups = handed_on["stackset_gate"]["retry_targets"]
    assert [len(one["accounts"]) * len(one["regions"]) for one in groups] == [4, 1]
    fine = [one for one in (OCTAL, ZERO) if one not in again]
    first = rows([one for one in again if one != PLAIN], [], ["eu-west-1"]) + rows([], fine, ["eu-west-1"])
    first += rows([], [OCTAL, ZERO], ["eu-west-2"])
    second = rows([PLAIN] if PLAIN in again else [], [] if PLAIN in again else [PLAIN])
    scripted(emulator, op_2=first, op_3=second)
    retried = play("remediate.yml", **handed_on)
    gate = retried.artifacts["stackset_gate"]
    assert retried.succeeded is passed, retried.output
    assert gate["passed"] is passed
    assert said in gate["message"]
    assert {one["operation_id"] for one in gate["gates"]} == {"op-2", "op-3"}
    assert retried.artifacts["gate_operation_id"] == "op-3"
    went_on = play("go_on.yml", **{**handed_on, **retried.artifacts})
    assert went_on.succeeded is passed
    assert ("is in place, by operation op-2, op-3." in flat(went_on.output)) is passed


def test_a_retry_without_a_result_for_each_of_its_targets_is_no_pass(play, emulator, calls):
    handed_on = deployed_and_gated(play, emulator, rows(ACCOUNTS))
    scripted(emulator, op_2=rows([], [OCTAL, PLAIN]))
    retried = play("remediate.yml", **handed_on)
    assert not retried.succeeded
    assert "2 results, and expected_results is 3" in retried.artifacts["stackset_gate"]["message"]


GATE = {
    "passed": False,
    "message": "Gate failed. { { 1/0 }}",
    "stack_set_name": "org-baseline",
    "operation_id": "op-1",
    "inputs": " {}",
    "retry_targets": [{"accounts": [OCTAL], "regions": ["eu-west-1"]}],
    "retry_commands": ["aws cloudformation update-stack-instances --stack-set-name org-baseline"],
    "cut": [],
    "gates": [],
}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "This job received no decision of a gate, so it changed nothing. The gate before it was cancelled"),
        ({"stackset_gate": "passed"}, "This job received no decision of a gate"),
        (
            {"stackset_gate": {**GATE, "retry_commands": [], "retry_targets": None}},
            "Not all targets to retry are known, so this job changed nothing. Gate failed.",
        ),
        (
            {"stackset_gate": {**GATE, "retry_commands": [], "retry_targets": None, "cut": ["retry_targets"]}},
            "The targets to retry are known, but too many to pass on to this job, so it changed nothing. The gate's",
        ),
        (
            {"stackset_gate": {**GATE, "gates": [{"stack_set_name": "org-network"}], "retry_commands": []}},
            "decided on several operations, so this job changed nothing. Retry each in a separate workflow. Gate",
        ),
        ({"stackset_gate": {**GATE, "inputs": None}}, "The gate before this job did not pass on its inputs"),
        (
            {"stackset_gate": GATE, "deploy_stack_set_name": "org-network"},
            "decided on org-baseline, not on org-network, so this job changed nothing",
        ),
    ],
)
def test_where_it_can_not_be_retried_by_the_same_rules_nothing_is(play, emulator, calls, given, said):
    ran = play("remediate.yml", **given)
    assert not ran.succeeded
    assert said in flat(ran.output)
    assert (ran.artifacts, calls.read_text(), emulator.log()) == ({}, "", [])


def test_in_check_mode_no_operation_is_started_and_a_sentence_says_so(play, emulator, calls):
    for playbook, given, command in (
        ("deploy.yml", {**LAUNCHED, "deploy_arguments": "--a b"}, "update-stack-set --stack-set-name=org-baseline"),
        ("remediate.yml", {"stackset_gate": GATE}, "update-stack-instances --stack-set-name org-baseline"),
    ):
        ran = play(playbook, "--check", **given)
        assert not ran.succeeded
        assert ran.output.count("FAILED!") == 1
        assert "Check mode starts no operation, so there is nothing to gate." in flat(ran.output)
        assert f"It then runs aws cloudformation {command}" in flat(ran.output)
        assert (ran.artifacts, calls.read_text(), emulator.log()) == ({}, "", [])


def test_the_deployment_takes_lines_of_arguments_and_refuses_what_is_no_text(play, calls):
    lines = "--capabilities=CAPABILITY_IAM\r\n\n  --parameters=ParameterKey=Team,UsePreviousValue=true  \n"
    assert play("deploy.yml", **LAUNCHED, deploy_arguments=lines).succeeded
    assert play("deploy.yml", **LAUNCHED, deploy_arguments=lines.split()).succeeded
    ends = "--output=json --capabilities=CAPABILITY_IAM --parameters=ParameterKey=Team,UsePreviousValue=true"
    assert [line.endswith(ends) for line in calls.read_text().splitlines()] == [True, True]
    for given, said in (
        # As core 2.19 and newer read it where AWX has the text no.
        ({**LAUNCHED, "deploy_stack_set_name": False}, "set the stack set's unique ID (name:uuid) or its ARN"),
        ({**LAUNCHED, "deploy_region": ""}, "Set deploy_stack_set_name and deploy_region."),
        ({**LAUNCHED, "deploy_arguments": ["--a", 83]}, "deploy_arguments contains 83, which is not a string."),
    ):
        ran = play("deploy.yml", **given)
        assert not ran.succeeded
        assert said in flat(ran.output)
    assert len(calls.read_text().splitlines()) == 2
