# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate's decisions, as users get them from real Ansible."""

from __future__ import annotations

import json
import shlex

import pytest
from emulator.client import operation

GATE = "stackgate.stacksets.operation_gate"
OPERATION = "5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e"
SUSPENDED = "This account is suspended. To remove this instance from the stack set, run DeleteStackInstances."
ROLE = "Account {account} should have 'Stacks' role with trust relationship to Role 'Admin'."
HOSTILE = "{{ lookup('pipe', 'id') }} \u202e{% for x in range(9) %}x{% endfor %}"


def scripted(emulator, status="SUCCEEDED", name="org-baseline", stack_set=None, **script):
    """A stack set whose one operation has 40 rows in two Regions, unless said otherwise."""
    generate = {"accounts": 20, "regions": ["eu-west-1", "us-east-1"], "reasons": [ROLE], **script.pop("generate", {})}
    if "rows" not in script:
        script["generate"] = generate
    emulator.stack_set(name, operation(OPERATION, status, **script), **(stack_set or {}))


def row(account, region, status, reason=None, unit=None):
    given = {
        "Account": account,
        "Region": region,
        "Status": status,
        "StatusReason": reason,
        "OrganizationalUnitId": unit,
    }
    return {name: value for name, value in given.items() if value is not None}


def gate(ansible, options=None, **more):
    """One ad-hoc run of the gate on the operation of `scripted`."""
    return ansible.module(
        {"stack_set_name": "org-baseline", "operation_id": OPERATION, **(options or {}), **more}, GATE
    )


def test_a_closed_gate_says_all_that_is_needed_to_act(ansible, emulator):
    bad = [
        row("111122223333", region, "FAILED", ROLE.format(account="111122223333"))
        for region in ("eu-west-1", "us-east-1")
    ]
    bad += [row("444455556666", "eu-west-1", "FAILED", HOSTILE), row("444455556666", "us-east-1", "CANCELLED")]
    good = [row(f"{number:012}", "eu-west-1", "SUCCEEDED") for number in range(150)]
    scripted(emulator, rows=bad + good, status_reason="Three of them did not make it")
    options = {"account_names": {"111122223333": "sandbox-7"}, "max_reported": 2}
    task = ansible.task({"stack_set_name": "org-baseline", "operation_id": OPERATION, **options}, GATE)
    result = task.result
    assert task.status == "FAILED!"
    assert result["gate"]["verdict"] == "failed" and result["gate"]["passed"] is False
    assert [(broken["rule"], broken["limit"], broken["actual"]) for broken in result["gate"]["violations"]] == [
        ("max_failed", 0, 3),
        ("max_cancelled", 0, 1),
    ]
    beginning = result["msg"][:900]
    for word in (
        "Gate failed: 3 FAILED, and max_failed is 0.",
        "UPDATE operation 5d1f2a44",
        "is SUCCEEDED. AWS says: Three of them did not make it.",
        "3 FAILED, 1 CANCELLED",
        "111122223333 (sandbox-7)",
        "eu-west-1, us-east-1",
        "Next: fix the cause, then retry",
    ):
        assert word in beginning
    assert "console.aws.amazon.com" in result["msg"]
    assert "\u202e" not in result["msg"] and "{{ lookup('pipe', 'id') }}" in result["msg"]
    assert [one["status_reason"] for one in result["unsuccessful"]] == [bad[0]["StatusReason"], bad[1]["StatusReason"]]
    assert result["unsuccessful"][0]["account_name"] == "sandbox-7"
    assert result["truncated"] is True
    assert [group["count"] for group in result["failure_groups"]] == [2, 1]
    assert result["retry_targets"] == [
        {
            "accounts": ["111122223333", "444455556666"],
            "regions": ["eu-west-1", "us-east-1"],
            "organizational_unit_id": None,
        }
    ]
    assert result["retry_commands"] == [
        "aws cloudformation update-stack-instances --stack-set-name org-baseline --accounts 111122223333 444455556666"
        " --regions eu-west-1 us-east-1 --region eu-west-1"
    ]
    assert result["changed"] is False
    assert result["calls"] == len(emulator.log())
    assert [call["status"] for call in emulator.log("ListStackSetOperationResults")] == [
        "PENDING",
        "RUNNING",
        "FAILED",
        "CANCELLED",
    ]


@pytest.mark.once
def test_a_playbook_branches_on_the_decision(ansible, emulator):
    scripted(emulator, generate={"failed": 2})
    play = ansible.play(
        f"""
        - {GATE}:
            stack_set_name: org-baseline
            operation_id: {OPERATION}
            fail_on_closed: false
          register: baseline
        - ansible.builtin.debug:
            msg: never
          when: baseline.gate.passed
        - ansible.builtin.debug:
            msg: instead
          when: baseline.gate.verdict == 'failed'
        - keep: baseline
          as: closed
        - {GATE}:
            stack_set_name: org-baseline
            operation_id: {OPERATION}
            max_failed: 2
          register: tolerant
        - keep: tolerant
          as: open
        """
    )
    assert play.code == 0, play.output
    assert '"msg": "instead"' in play.output and "never" not in play.output
    assert play.kept["closed"]["gate"]["violations"][0]["message"] == "2 FAILED, and max_failed is 0."
    assert play.kept["open"]["gate"]["verdict"] == "passed"
    assert play.kept["open"]["msg"].startswith("Gate passed: ")


UNITS = [
    *(row(f"{number:012}", "eu-west-1", "SUCCEEDED", unit="ou-ab12-11111111") for number in range(9)),
    row("000000000009", "eu-west-1", "FAILED", SUSPENDED, unit="ou-ab12-11111111"),
    *(row(f"{number:012}", "us-east-1", "SUCCEEDED") for number in range(9)),
    row("000000000009", "us-east-1", "FAILED", "Access denied"),
]


@pytest.mark.parametrize(
    ("policy", "verdict", "violated"),
    [
        ({"max_failed_percentage": 10}, "passed", []),
        ({"max_failed_percentage": 0, "scope": "region"}, "failed", [("eu-west-1", 10.0), ("us-east-1", 10.0)]),
        (
            {"scope": "organizational_unit", "ignore_reasons": ["(?i)account is suspended"]},
            "failed",
            [("none", 1)],
        ),
        ({"ignore_accounts": ["000000000009"], "min_results": 20}, "passed", []),
        ({"max_failed": 2, "expected_results": 21}, "failed", [(None, 20)]),
    ],
)
@pytest.mark.once
def test_rules(ansible, emulator, policy, verdict, violated):
    scripted(emulator, rows=UNITS)
    # The operation ended longer ago than AWS's listing may lag, so what its rows lack, they lack for good.
    result = gate(ansible, fail_on_closed=False, wait_sleep=1, **policy).result
    assert result["gate"]["verdict"] == verdict
    assert [(broken["group"], broken["actual"]) for broken in result["gate"]["violations"]] == violated


@pytest.mark.once
def test_what_is_ignored_is_counted_and_shown(ansible, emulator):
    scripted(emulator, rows=UNITS)
    result = gate(ansible, ignore_reasons=["account is suspended"], max_failed=1).result
    assert result["gate"]["counts"]["ignored"] == 1
    assert [(one["account"], one["status_reason"]) for one in result["gate"]["ignored"]] == [
        ("000000000009", SUSPENDED)
    ]
    assert "(1 FAILED ignored)" in result["msg"]
    assert [one["region"] for one in result["unsuccessful"]] == ["us-east-1"]
    assert result["retry_targets"] == [
        {"accounts": ["000000000009"], "regions": ["us-east-1"], "organizational_unit_id": None}
    ]


def test_a_text_is_one_pattern_however_it_is_given(ansible, emulator):
    """Its second half, a pattern of its own, would ignore a failure that nobody named."""
    pattern = "kms:Decrypt on resource: key/[0-9]+, because no resource-based policy allows"
    other = "s3:PutObject on resource: logs, because no resource-based policy allows the action"
    named = "kms:Decrypt on resource: key/5, because no resource-based policy allows the action"
    reasons = {"org-other": other, "org-named": named}
    for name, reason in reasons.items():
        rows = [row("111122223333", "eu-west-1", "FAILED", reason), row("111122223333", "eu-west-2", "SUCCEEDED")]
        emulator.stack_set(name, [operation(OPERATION, status="SUCCEEDED", rows=rows)])
    which = {"stack_set_name": "{{ item }}", "operation_id": OPERATION}
    ways = {
        "option": {**which, "ignore_reasons": pattern},
        "variable": {**which, "ignore_reasons": "{{ pattern }}"},
        "entry": {"operations": [{**which, "ignore_reasons": pattern}]},
        "words": {"operations": [f"stack_set_name={{{{ item }}}} operation_id={OPERATION} ignore_reasons='{pattern}'"]},
        "json": {
            "operations": ['{{ {"stack_set_name": item, "operation_id": id, "ignore_reasons": pattern} | to_json }}']
        },
    }
    tasks = []
    for way, options in ways.items():
        tasks += [
            {GATE: {**options, "fail_on_closed": False}, "loop": list(reasons), "register": "gated"},
            {"keep": "gated.results | map(attribute='gate.passed') | list", "as": way},
        ]
    tasks += [
        {"stackgate.stacksets.operation_results_info": which, "loop": list(reasons), "register": "read"},
        {
            "keep": "[read.results[0] | stackgate.stacksets.gate(ignore_reasons=pattern),"
            " read.results[1] | stackgate.stacksets.gate(ignore_reasons=pattern)] | map(attribute='passed')",
            "as": "filter",
        },
    ]
    # Ansible would drop the backslash, and the dot would be any character.
    wider = f"stack_set_name=org-other operation_id={OPERATION} ignore_reasons=s3\\.PutObject"
    tasks += [
        {GATE: {"operations": [wider]}, "register": "gated", "ignore_errors": True},
        {"keep": "gated.msg", "as": "refused"},
    ]
    play = ansible.play(tasks, play={"vars": {"pattern": pattern, "id": OPERATION}})
    assert play.kept.pop("refused").startswith("operations[0] is a string with a backslash, 'stack_set_name=org-other ")
    assert play.kept == {key: [False, True] for key in (*ways, "filter")}, play.output
    adhoc = ansible.task(f"stack_set_name=org-other operation_id={OPERATION} ignore_reasons='{pattern}'", GATE)
    assert (adhoc.status, adhoc.result["gate"]["verdict"]) == ("FAILED!", "failed")


@pytest.mark.parametrize(
    ("script", "options", "verdict", "said"),
    [
        ({"status": "FAILED"}, {}, "failed", "The operation is FAILED, and accept_operation_statuses is SUCCEEDED."),
        (
            {"status": "STOPPED", "generate": {"cancelled": 3}},
            {"accept_operation_statuses": ["STOPPED"], "expected_results": 40, "max_cancelled": 3},
            "passed",
            "is STOPPED",
        ),
        ({"status": "RUNNING"}, {"wait": False}, "inconclusive", "has not ended: it is RUNNING"),
        ({"failed_stack_instances_count": 3}, {}, "inconclusive", "accept the difference with max_unaccounted=3"),
        ({"failed_stack_instances_count": None}, {}, "passed", "40 SUCCEEDED"),
        ({"rows": []}, {}, "failed", "The operation has no results, and allow_empty is false"),
        ({"rows": [row("111122223333", "eu-west-1", "MELTED")]}, {"whole_reading": True}, "inconclusive", "MELTED"),
        (
            {
                "action": "DETECT_DRIFT",
                "fields": {"StackSetDriftDetectionDetails": {"DriftedStackInstancesCount": 2}},
            },
            {"max_drifted": 1},
            "failed",
            "2 stack instances drifted, and max_drifted is 1",
        ),
        (
            {"action": "DELETE", "generate": {"failed": 1}, "fields": {"RetainStacks": True}},
            {},
            "failed",
            "retains the stacks (RetainStacks)",
        ),
    ],
)
@pytest.mark.once
def test_what_the_operation_itself_decides(ansible, emulator, script, options, verdict, said):
    scripted(emulator, **script)
    task = gate(ansible, {"wait_sleep": 1, **options})
    assert task.result["gate"]["verdict"] == verdict, task.result["msg"]
    assert task.status == ("SUCCESS" if verdict == "passed" else "FAILED!")
    assert said in task.result["msg"]


@pytest.mark.once
def test_latest_is_one_operation_or_none(ansible, emulator):
    generate = {"accounts": 2, "regions": 1}
    emulator.stack_set(
        "org-baseline",
        [
            operation("op-1", creation_timestamp="2026-11-02T08:00:00Z", generate=generate),
            operation("op-2", creation_timestamp="2026-11-02T09:00:00Z", generate=generate),
        ],
    )
    ask = {"operation_id": "latest", "fail_on_closed": False}
    both = gate(ansible, ask, created_after="2026-11-02T08:00:00Z").result
    assert both["gate"]["verdict"] == "inconclusive"
    assert "2 operations match operation_id=latest: op-1, op-2." in both["msg"]
    assert "operation_id" in both["gate"]["missing"][0]["way_out"]
    one = gate(ansible, ask, created_after="2026-11-02T10:00:00+02:00", wait=True).result
    assert one["gate"]["verdict"] == "inconclusive"
    one = gate(ansible, ask, created_after="2026-11-02T10:00:01+02:00").result
    assert (one["gate"]["verdict"], one["operation"]["operation_id"]) == ("passed", "op-2")
    none = gate(ansible, ask, created_after="2026-11-02T10:00:00Z", wait=False).result
    assert "No operation was created at 2026-11-02T10:00:00+00:00 or later." in none["msg"]


@pytest.mark.once
def test_a_service_managed_set_is_retried_through_its_units(ansible, emulator):
    rows = [row("111122223333", "eu-west-1", "FAILED", "no", "ou-ab12-11111111")]
    scripted(emulator, rows=rows, stack_set={"call_as": "DELEGATED_ADMIN"})
    result = gate(ansible, call_as="DELEGATED_ADMIN").result
    assert result["retry_commands"] == [
        "aws cloudformation update-stack-instances --stack-set-name org-baseline --deployment-targets"
        " OrganizationalUnitIds=ou-ab12-11111111,Accounts=111122223333,AccountFilterType=INTERSECTION"
        " --regions eu-west-1 --call-as DELEGATED_ADMIN --region eu-west-1"
    ]
    assert {call["call_as"] for call in emulator.log()} == {"DELEGATED_ADMIN"}


@pytest.mark.once
@pytest.mark.parametrize("unit", [None, "ou-ab12-11111111"])
@pytest.mark.parametrize("script", [{"action": "UPDATE"}, {"action": "DELETE", "fields": {"RetainStacks": True}}])
def test_the_commands_that_retry_are_ones_that_the_aws_cli_takes(ansible, emulator, capsys, script, unit):
    from awscli.clidriver import create_clidriver

    scripted(emulator, rows=[row("111122223333", "eu-west-1", "FAILED", "no", unit)], **script)
    [command] = gate(ansible).result["retry_commands"]
    program, *words = shlex.split(command)
    assert program == "aws"
    # The skeleton of an answer is what the AWS CLI shows where it accepts a command's parameters, without sending it.
    code = create_clidriver().main([*words, "--generate-cli-skeleton", "output"])
    said = capsys.readouterr()
    assert code == 0, said.err
    assert "OperationId" in json.loads(said.out)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"operation_id": "latest"}, "operation_id is latest without created_after"),
        ({"max_failed_percentage": 101}, "max_failed_percentage is 101.0. Set a number from 0 to 100"),
        ({"ignore_reasons": ["("]}, "is not a regular expression"),
        ({"created_before": "2026-11-02T08:00:00Z"}, "created_before is set together with the operation's ID"),
        ({"scope": "account"}, "value of scope must be one of"),
    ],
)
@pytest.mark.once
def test_a_wrong_option_is_refused_before_any_call(ansible, emulator, options, said):
    scripted(emulator)
    task = gate(ansible, {**options, "fail_on_closed": False})
    assert task.status == "FAILED!"
    assert said in task.result["msg"]
    assert task.result["error"] == {"code": "InvalidOption", "message": task.result["msg"]}
    assert emulator.log() == []


def test_each_row_without_an_account_is_a_target_of_its_own(ansible, emulator):
    nobodys = {"Region": "eu-west-1", "Status": "FAILED", "StatusReason": "Denied"}
    scripted(emulator, rows=[nobodys] * 3 + [row("111122223333", "eu-west-1", "SUCCEEDED")])
    closed = gate(ansible, max_failed=2).result
    assert [violation["actual"] for violation in closed["gate"]["violations"]] == [3]
    assert (len(closed["unsuccessful"]), closed["retry_targets"]) == (3, None)
    assert "retry_targets is null because 3 of these results have no account or no Region." in closed["msg"]
    # Within the limit it takes a second reading.
    opened = gate(ansible, max_failed=3, wait_sleep=1)
    assert opened.status == "SUCCESS", opened.result["msg"]
    assert gate(ansible, max_failed=3, wait=False).result["gate"]["verdict"] == "inconclusive"
    options = {"stack_set_name": "org-baseline", "operation_id": OPERATION}
    read = ansible.module(options, "stackgate.stacksets.operation_results_info").result
    assert (read["summary"]["total"], read["summary"]["accounts"], len(read["operation_results"])) == (4, 1, 4)
    assert [one["account"] for one in ansible.lookup("org-baseline", operation_id=OPERATION).result["rows"]].count(
        None
    ) == 3


def test_an_error_fails_the_task_whatever_fail_on_closed_says_and_keeps_the_evidence(ansible, emulator):
    scripted(emulator, generate={"failed": 3})
    emulator.fault(error="AccessDenied", times=None, when={"status": "CANCELLED"})
    task = gate(ansible, fail_on_closed=False)
    assert task.status == "FAILED!"
    assert task.result["gate"]["verdict"] == "inconclusive"
    assert "cloudformation:ListStackSetOperationResults" in task.result["msg"]
    assert task.result["error"]["code"] == "AccessDenied"
    assert len(task.result["unsuccessful"]) == 3
    assert task.result["retry_targets"] is None
    assert task.result["operation"]["operation_id"] == OPERATION


def test_keywords_of_a_task_work_as_for_any_module(ansible, emulator, tmp_path):
    scripted(emulator)
    environment = {name: value for name, value in emulator.env().items() if value}
    task = {GATE: {"operation_id": OPERATION, "show_progress": True}, "environment": environment, "register": "gated"}
    play = ansible.play(
        [
            {**task, "check_mode": True, "delegate_to": "localhost"},
            {"keep": "gated.gate.passed", "as": "checked"},
            {**task, "async": 60, "poll": 1},
            {"keep": "gated.gate.passed", "as": "async"},
            {**task, "no_log": True},
            {"keep": "gated.gate.passed", "as": "hidden"},
        ],
        play={
            "module_defaults": {"group/stackgate.stacksets.all": {"stack_set_name": "org-baseline", "page_size": 50}},
            "vars": {"ansible_async_dir": str(tmp_path / "async")},
        },
        # What is not in the task's own environment is nowhere.
        **dict.fromkeys(environment),
    )
    assert play.code == 0, play.output
    assert play.kept == {"checked": True, "async": True, "hidden": True}
    assert "[localhost] org-baseline" not in play.output, "not in check mode, not async, not under no_log"
