# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several gates in one task: each decides for itself, and all of them together decide for the task."""

from __future__ import annotations

import pytest
from integration.helpers.several_gates import (
    ENDED,
    GATE,
    OPERATION,
    ROWS,
    asked,
    at_work,
    entries,
    polls,
    scripted,
    several,
    verdicts,
)
from load.gates import ACTIONS, assert_all_true, gates

LATER = "0c9d8e7f-6a5b-4c3d-8e2f-1a0b9c8d7e6f"
DENIED = "User: arn:aws:iam::111122223333:user/deploy is not authorized to perform that"
HOSTILE = "{{ 7 * 191 }} \u202e{% raw %} {{ lookup('pipe', 'touch MARKER') }}"


@pytest.fixture
def mixed(emulator):
    """Gates of all kinds of verdicts, the ones that pass between the others."""
    scripted(emulator, "hides-failures", generate={"failed": 2})
    scripted(emulator, "passes")
    scripted(emulator, "denied")
    scripted(emulator, "unsettled", failed_stack_instances_count=3)
    scripted(emulator, "passes-too", generate={"accounts": 5})
    emulator.fault("DescribeStackSetOperation", None, stack_set_name="denied", error="AccessDenied", message=DENIED)
    return entries("hides-failures", "passes", "absent", "denied", "unsettled", "passes-too")


def test_none_of_them_hides_another(ansible, emulator, mixed):
    task = ansible.task(asked(mixed, settle_timeout=0), GATE)
    result = task.result
    assert task.status == "FAILED!"
    assert (result["gate"]["verdict"], result["gate"]["passed"], result["changed"]) == ("failed", False, False)
    assert verdicts(result) == [
        ("hides-failures", "failed"),
        ("passes", "passed"),
        ("absent", "inconclusive"),
        ("denied", "inconclusive"),
        ("unsettled", "inconclusive"),
        ("passes-too", "passed"),
    ]
    assert {one["operation_id"] for one in result["gates"]} == {OPERATION}
    failed, passed, absent, denied, unsettled, _passed_too = result["gates"]
    assert failed["msg"].startswith("Gate failed: 2 FAILED, and max_failed is 0.")
    assert [row["status"] for row in failed["unsuccessful"]] == ["FAILED"] * 2
    targets = {(row["account"], row["region"]) for row in failed["unsuccessful"]}
    assert {tuple(command.split()[6:9:2]) for command in failed["retry_commands"]} == targets
    assert all("--stack-set-name hides-failures " in command for command in failed["retry_commands"])
    assert (passed["unsuccessful"], passed["retry_commands"], passed["truncated"]) == ([], [], False)
    assert "Stack set absent was not found in eu-west-1" in absent["msg"]
    assert absent["operation"] is None
    assert (
        "are not allowed to call cloudformation:DescribeStackSetOperation" in denied["msg"] and DENIED in denied["msg"]
    )
    assert [missing["option"] for missing in unsettled["gate"]["missing"]] == ["max_unaccounted"]
    assert "accept the difference with max_unaccounted=3" in unsettled["msg"]
    assert {one["stack_set_name"]: one["calls"] for one in result["gates"]} == {
        name: len([call for call in emulator.log() if call["stack_set_name"] == name])
        for name in ("hides-failures", "passes", "absent", "denied", "unsettled", "passes-too")
    }


@pytest.mark.once
def test_together_they_are_sums_and_lists_that_name_each(ansible, emulator, mixed):
    result = several(ansible, mixed, settle_timeout=0).result
    gate = result["gate"]
    assert gate["counts"] == {
        "total": 2 + ROWS + ROWS + 10,
        "by_status": {"PENDING": 0, "RUNNING": 0, "SUCCEEDED": ROWS + ROWS + 10, "FAILED": 2, "CANCELLED": 0},
        "failed": 2,
        "cancelled": 0,
        "ignored": 0,
        "unaccounted": None,
        "failed_stack_instances_count": None,
        "complete": False,
    }
    (violation,) = gate["violations"]
    assert (violation["stack_set_name"], violation["operation_id"]) == ("hides-failures", OPERATION)
    assert (violation["rule"], violation["limit"], violation["actual"]) == ("max_failed", 0, 2)
    assert [(one["stack_set_name"], one["operation_id"], one["what"]) for one in gate["missing"]] == [
        ("absent", OPERATION, "error"),
        ("denied", OPERATION, "error"),
        ("unsettled", OPERATION, result["gates"][4]["gate"]["missing"][0]["what"]),
    ]
    assert all(one["way_out"] for one in gate["missing"])
    beginning = result["msg"][:900]
    assert beginning.startswith(
        "Gate failed: 6 operations, 3 inconclusive, 2 passed, 1 failed. hides-failures failed: "
    )
    for words in (
        "2 FAILED, and max_failed is 0.",
        "absent inconclusive: ",
        "denied inconclusive: ",
        "unsettled",
        "Next: ",
    ):
        assert words in beginning
    assert "passes" not in result["msg"]
    assert result["calls"] == len(emulator.log())


@pytest.mark.once
def test_the_beginning_of_the_message_has_the_next_step_however_long_the_names_are(ansible, emulator):
    names = [f"a{number}{'b' * 126}" for number in range(7)]
    for name in names:
        scripted(emulator, name, status_reason="It is what it is. " * 20, generate={"failed": 2})
    result = several(ansible, entries(*names)).result
    assert result["gate"]["verdict"] == "failed"
    assert result["msg"].startswith("Gate failed: 7 operations, 7 failed. a0bbb")
    assert all(name[:30] in result["msg"] for name in names[:6])
    assert "Next: see gates for" in result["msg"][:900]


@pytest.mark.once
def test_each_says_what_it_says_alone(ansible, mixed):
    gates = several(ansible, mixed, settle_timeout=0, fail_on_closed=False).result["gates"]
    common = asked(mixed, settle_timeout=0)
    del common["operations"]
    for options, one in zip(mixed, gates, strict=True):
        alone = ansible.module({**common, **options}, GATE).result
        one["progress"]["elapsed"] = alone["progress"]["elapsed"]
        alone["changed"] = one["changed"] = False
        for name in ("failed", "boto3_version", "botocore_version", "response_metadata"):
            alone.pop(name, None)
        one.pop("response_metadata", None)  # each call has another request id
        assert one == {"stack_set_name": options["stack_set_name"], "operation_id": OPERATION, **alone}


def test_all_pass_or_the_task_does_not(ansible, emulator):
    scripted(emulator, "org-a")
    scripted(emulator, "org-b")
    both = entries("org-a", "org-b")
    task = several(ansible, both)
    assert task.status == "SUCCESS"
    assert (task.result["gate"]["passed"], task.result["gate"]["verdict"]) == (True, "passed")
    assert task.result["msg"] == "Gate passed: 2 operations, 2 passed."
    scripted(emulator, "org-b", generate={"failed": 1})
    assert several(ansible, both).status == "FAILED!"
    task = several(ansible, both, fail_on_closed=False)
    assert task.status == "SUCCESS"
    assert (task.result["gate"]["passed"], task.result["gate"]["verdict"]) == (False, "failed")


@pytest.mark.once
def test_an_error_of_one_fails_the_task_in_any_case(ansible, emulator):
    scripted(emulator, "org-a")
    at_work(emulator, "org-b", polls=1)
    scripted(emulator, "org-c")
    emulator.fault(when={"status": "CANCELLED"}, times=None, stack_set_name="org-a", error="AccessDenied")
    options = {"fail_on_closed": False}
    task = several(ansible, entries("org-a", "org-b", "org-c"), **options)
    assert task.status == "FAILED!"
    assert task.result["gate"]["verdict"] == "inconclusive"
    assert verdicts(task.result) == [("org-a", "inconclusive"), ("org-b", "passed"), ("org-c", "passed")]
    # Without an error, what is inconclusive is told and no more.
    emulator.heal()
    scripted(emulator, "org-a", "RUNNING")
    task = several(ansible, entries("org-a", "org-c"), wait=False, **options)
    assert task.status == "SUCCESS"
    assert verdicts(task.result) == [("org-a", "inconclusive"), ("org-c", "passed")]


@pytest.mark.once
def test_the_rules_of_an_entry_come_before_those_of_the_task(ansible, emulator):
    for name in ("strict", "as-the-task", "tolerant", "ignoring", "a-share"):
        scripted(emulator, name, generate={"accounts": ["111122223333", "444455556666"], "failed": 2, "seed": 1})
    scripted(emulator, "stopped", "STOPPED", generate={"cancelled": 2})
    scripted(emulator, "stopped-too", "STOPPED", generate={"cancelled": 2})
    operations = [
        {"stack_set_name": "strict", "max_failed": 0},
        {"stack_set_name": "as-the-task"},
        {"stack_set_name": "tolerant", "max_failed": 2},
        {"stack_set_name": "ignoring", "ignore_accounts": ["111122223333", "444455556666"], "max_failed": 0},
        {"stack_set_name": "a-share", "max_failed": 2, "max_failed_percentage": 49.9},
        {
            "stack_set_name": "stopped",
            "accept_operation_statuses": ["STOPPED"],
            "expected_results": ROWS,
            "max_cancelled": 2,
        },
        {"stack_set_name": "stopped-too", "max_cancelled": 2},
    ]
    result = several(ansible, operations, max_failed=1, fail_on_closed=False).result
    assert verdicts(result) == [
        ("strict", "failed"),
        ("as-the-task", "failed"),
        ("tolerant", "passed"),
        ("ignoring", "passed"),
        ("a-share", "failed"),
        ("stopped", "passed"),
        ("stopped-too", "failed"),
    ]
    broken = [(one["stack_set_name"], one["rule"], one["limit"], one["actual"]) for one in result["gate"]["violations"]]
    assert broken == [
        ("strict", "max_failed", 0, 2),
        ("as-the-task", "max_failed", 1, 2),
        ("a-share", "max_failed_percentage", 49.9, 50.0),
        ("stopped-too", "accept_operation_statuses", ["SUCCEEDED"], "STOPPED"),
    ]
    assert [(one["stack_set_name"], one["account"]) for one in result["gate"]["ignored"]] == [
        ("ignoring", one["account"]) for one in result["gates"][0]["unsuccessful"]
    ]
    assert result["gate"]["counts"]["ignored"] == 2


@pytest.mark.once
def test_an_entry_may_be_a_text(ansible, emulator):
    scripted(emulator, "org-a", generate={"failed": 2})
    at_work(emulator, "org-b", polls=1, failed=1)
    texts = ["stack_set_name=org-a max_failed=2", "stack_set_name=org-b"]
    result = several(ansible, texts).result
    assert verdicts(result) == [("org-a", "passed"), ("org-b", "failed")]
    result = several(ansible, [*texts[:1], *entries("org-b", max_failed="1")]).result
    assert verdicts(result) == [("org-a", "passed"), ("org-b", "passed")]


@pytest.mark.once
def test_all_entries_may_be_one_text(ansible, emulator):
    scripted(emulator, "org-a", generate={"failed": 2})
    at_work(emulator, "org-b", polls=1, failed=1)
    result = several(ansible, "stack_set_name=org-a max_failed=2,stack_set_name=org-b").result
    assert verdicts(result) == [("org-a", "passed"), ("org-b", "failed")], result["msg"]


@pytest.mark.once
def test_the_latest_of_each_and_one_with_an_id(ansible, emulator):
    for name in ("org-a", "org-b"):
        scripted(
            emulator, name, operation_id=f"{name}-1", creation_timestamp="2026-11-02T09:00:00Z", end_timestamp=None
        )
    scripted(emulator, "org-c", creation_timestamp="2020-01-01T00:00:00Z", generate={"failed": 1})
    scripted(emulator, "too-old", creation_timestamp="2026-11-02T08:59:59Z")
    mine = [*entries("org-a", "org-b"), *entries("org-c", operation_id=OPERATION, max_failed=1)]
    options = {"operation_id": "latest", "created_after": "2026-11-02T11:00:00+02:00", "wait_timeout": 1}
    task = several(ansible, mine, **options)
    assert task.status == "SUCCESS", task.result["msg"]
    assert [one["operation_id"] for one in task.result["gates"]] == ["org-a-1", "org-b-1", OPERATION]
    assert {call["stack_set_name"] for call in emulator.log("ListStackSetOperations")} == {"org-a", "org-b"}
    task = several(ansible, [*mine, *entries("too-old")], **options)
    assert verdicts(task.result)[-1] == ("too-old", "inconclusive")
    assert "No operation was created at 2026-11-02T09:00:00+00:00 or later." in task.result["gates"][-1]["msg"]
    earlier = entries("too-old", operation_id="latest", created_after="2026-11-02T08:59:59Z")
    assert several(ansible, [*mine, *earlier], **options).status == "SUCCESS"


@pytest.mark.once
def test_an_entry_may_ask_for_the_latest_with_the_time_of_the_task(ansible, emulator):
    scripted(emulator, "org-a")
    scripted(emulator, "org-b", operation_id=LATER)
    mine = [*entries("org-a", operation_id="latest"), *entries("org-b", operation_id=LATER)]
    task = several(ansible, mine, operation_id=None, created_after="2026-11-02T08:00:00Z")
    assert task.status == "SUCCESS", task.result["msg"]
    assert [one["operation_id"] for one in task.result["gates"]] == [OPERATION, LATER]


@pytest.mark.once
def test_the_latest_of_each_is_waited_for_while_it_is_at_work(ansible, emulator):
    scripted(emulator, "org-a")
    emulator.stack_set(
        "org-b",
        [
            {"operation_id": OPERATION, "status": "RUNNING", "creation_timestamp": ENDED, "generate": {"accounts": 2},
             "states": [{"after_calls": 2, "status": "SUCCEEDED"}]},
        ],
    )  # fmt: skip
    options = {"operation_id": "latest", "created_after": "2026-11-02T08:00:00Z"}
    task = several(ansible, entries("org-a", "org-b"), **options)
    assert [one["newer_operations"] for one in task.result["gates"]] == [[], []]
    assert polls(emulator) == {"org-a": 1, "org-b": 3}


@pytest.mark.once
def test_keywords_of_a_task_work_as_for_any_module(ansible, emulator, tmp_path):
    scripted(emulator, "org-a")
    scripted(emulator, "org-b", generate={"failed": 1})
    at_work(emulator, "org-c", polls=1)
    task = {GATE: {"operations": "{{ names | map('regex_replace', '^', 'stack_set_name=') | list }}"}}
    task = {**task, "register": "gated", "vars": {"names": ["org-a"]}}
    closed = {**task[GATE], "fail_on_closed": False}
    play = ansible.play(
        [
            {**task, "async": 60, "poll": 1, GATE: {**task[GATE], "show_progress": True}},
            {"keep": "gated.gates | map(attribute='gate.passed') | list", "as": "async"},
            {**task, "check_mode": True, "no_log": True, GATE: {**task[GATE], "show_progress": True}},
            {"keep": "gated.gate.passed", "as": "hidden"},
            {
                **task,
                GATE: {**closed, "wait": False},
                "vars": {"names": ["org-a", "org-c"]},
                "until": "gated.gate.passed",
                "retries": 5,
                "delay": 0,
            },
            {"keep": "[gated.attempts, gated.gate.passed]", "as": "until"},
            {**task, GATE: closed, "vars": {"names": ["org-a", "org-b"]}},
            {
                "ansible.builtin.debug": {"msg": "{{ item.stack_set_name }}: {{ item.msg }}"},
                "loop": "{{ gated.gates | rejectattr('gate.passed') | list }}",
                "loop_control": {"label": "{{ item.stack_set_name }}"},
            },
            {"ansible.builtin.debug": {"msg": "never"}, "when": "gated.gate.passed"},
        ],
        play={
            "module_defaults": {"group/stackgate.stacksets.all": {"operation_id": OPERATION, "wait_sleep": 1}},
            "vars": {"ansible_async_dir": str(tmp_path / "async")},
        },
    )
    assert play.code == 0, play.output
    assert play.kept == {"async": [True], "hidden": True, "until": [2, True]}
    assert '"org-b: Gate failed: 1 FAILED, and max_failed is 0.' in play.output.replace('"msg": ', "")
    assert "org-a: Gate" not in play.output and '"never"' not in play.output
    assert "waiting for" not in play.output


@pytest.mark.once
def test_names_of_accounts_are_put_beside_all_of_them(ansible, emulator):
    for name in ("org-a", "org-b"):
        scripted(emulator, name, generate={"accounts": ["111122223333"], "failed": 1})
    result = several(ansible, entries("org-a", "org-b"), account_names={"111122223333": "sandbox-7"}).result
    assert [row["account_name"] for one in result["gates"] for row in one["unsuccessful"]] == ["sandbox-7"] * 2
    assert all("111122223333 (sandbox-7)" in one["msg"] for one in result["gates"])


@pytest.mark.once
def test_the_same_stack_set_may_be_there_twice(ansible, emulator):
    scripted(emulator, "org-a", generate={"failed": 1})
    result = several(ansible, [*entries("org-a"), *entries("org-a", max_failed=1)]).result
    assert verdicts(result) == [("org-a", "failed"), ("org-a", "passed")]


@pytest.mark.once
def test_hostile_text_of_one_stays_data(ansible, emulator, tmp_path):
    marker = tmp_path / "marker"
    hostile = HOSTILE.replace("MARKER", str(marker))
    row = {"Account": "111122223333", "Region": "eu-west-1", "Status": "FAILED", "StatusReason": hostile}
    scripted(emulator, "org-a", rows=[row], status_reason=hostile)
    tasks = []
    for name, shown in (("org-b", True), ("org-c", False)):
        at_work(emulator, name, polls=1)
        options = asked(entries("org-a", name), fail_on_closed=False, show_progress=shown)
        tasks += [
            {GATE: options, "register": "gated"},
            {"ansible.builtin.set_fact": {"said": "{{ gated.msg }} {{ gated.gates[0].msg }}"}},
            {"ansible.builtin.debug": {"msg": "{{ item.unsuccessful }}"}, "loop": "{{ gated.gates }}"},
            {"keep": "[gated.gates[0], said]", "as": name},
        ]
    play = ansible.play(tasks, "-v")
    assert play.code == 0, play.output
    assert set(play.kept) == {"org-b", "org-c"}
    for one, said in play.kept.values():
        assert one["operation"]["status_reason"] == hostile
        assert [found["status_reason"] for found in one["unsuccessful"]] == [hostile]
        assert "{{ 7 * 191 }}" in one["msg"] and "\u202e" not in one["msg"]
        assert "{{ 7 * 191 }}" in said and "\u202e" not in said
    assert "1337" not in play.output and not marker.exists()


@pytest.mark.once
def test_all_tell_the_truth_while_half_of_all_calls_are_throttled(ansible, emulator):
    for action in ACTIONS:
        emulator.fault(action, None, when={"share": 0.5}, error="Throttling")
    all_gates = gates(16)  # two of each kind
    for gate in all_gates:
        emulator.stack_set(gate.host, gate.operations)
    operations = [{"stack_set_name": gate.host, **gate.options} for gate in all_gates]
    # The SDK's own pauses would make most of the time.
    config = {"retries": {"total_max_attempts": 2}}
    result = several(ansible, operations, max_reported=1000, operation_id=None, aws_config=config).result
    assert [one["stack_set_name"] for one in result["gates"]] == [gate.host for gate in all_gates]
    ran = {one["stack_set_name"]: (one, one["gate"]["passed"]) for one in result["gates"]}
    assert_all_true(ran, all_gates, emulator)
    throttled = [call["action"] for call in emulator.log() if call["answer"] == "error Throttling"]
    assert all(throttled.count(action) >= 1 for action in ACTIONS)
    assert len(throttled) >= len(emulator.log()) / 3
