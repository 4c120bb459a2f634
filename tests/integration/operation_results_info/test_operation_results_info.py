# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module and its group, as users run them."""

from __future__ import annotations

import pytest
from emulator.client import operation, rows

REGIONS = ["eu-west-1", "eu-central-1", "us-east-1", "ap-southeast-2"]
JINJA = "{{ lookup('pipe', 'id') }} {% for x in range(9) %}x{% endfor %}"


def small(name="org-baseline", **script):
    """A SUCCEEDED operation of 80 rows that hides three failures."""
    generate = {"accounts": 20, "regions": REGIONS, "failed": 3, "reasons": [JINJA, "no role"], **script}
    return name, [operation("op-1", generate=generate, creation_timestamp="2026-11-02T08:15:00Z")]


def pairs(results):
    return sorted((one["account"], one["region"]) for one in results)


def test_thousands_of_results_arrive_once_each_and_every_page_is_asked_for_once(ansible, emulator):
    generate = {"accounts": 620, "regions": 20, "count": 12345, "failed": 40, "cancelled": 600}
    emulator.stack_set("org-baseline", [operation("op-1", status="FAILED", generate=generate)])
    task = ansible.module({"stack_set_name": "org-baseline", "operation_id": "op-1"})
    assert task.status == "SUCCESS"
    expected = sorted((row["Account"], row["Region"]) for row in rows(**generate))
    assert len(set(expected)) == 12345
    assert pairs(task.result["operation_results"]) == expected
    assert task.result["summary"]["by_status"] == {
        "PENDING": 0,
        "RUNNING": 0,
        "SUCCEEDED": 11705,
        "FAILED": 40,
        "CANCELLED": 600,
    }
    assert (task.result["truncated"], task.result["next_token"], task.result["changed"]) == (False, None, False)
    calls = emulator.log()
    assert [call["action"] for call in calls[:1]] == ["DescribeStackSetOperation"]
    pages = calls[1:]
    assert [call["page"] for call in pages] == list(range(1, 125))
    assert {call["max_results"] for call in pages} == {100}
    assert {call["call_as"] for call in calls} == {"SELF"}
    assert {call["status"] for call in pages} == {None}


def test_ad_hoc_in_one_line(ansible, emulator):
    emulator.stack_set(*small())
    task = ansible.task("stack_set_name=org-baseline statuses=FAILED,CANCELLED max_items=2")
    assert task.status == "SUCCESS"
    assert len(task.result["operation_results"]) == 2
    assert task.result["truncated"] is True
    assert [call["status"] for call in emulator.log("ListStackSetOperationResults")] == ["FAILED"]


def test_several_statuses_are_one_filtered_listing_each_in_the_order_asked(ansible, emulator):
    emulator.stack_set(*small(cancelled=5, running=2))
    task = ansible.module({"stack_set_name": "org-baseline", "statuses": ["CANCELLED", "FAILED", "PENDING"]})
    statuses = [one["status"] for one in task.result["operation_results"]]
    assert statuses == ["CANCELLED"] * 5 + ["FAILED"] * 3
    calls = emulator.log("ListStackSetOperationResults")
    assert sorted(call["status"] for call in calls) == ["CANCELLED", "FAILED", "PENDING"]


@pytest.mark.once
def test_the_limit_is_asked_of_aws_and_the_token_resumes(ansible, emulator):
    emulator.stack_set(*small())
    options = {"stack_set_name": "org-baseline", "operation_id": "op-1", "max_items": 30}
    first = ansible.module(options).result
    second = ansible.module({**options, "max_items": 50, "starting_token": first["next_token"]}).result
    assert second["truncated"] is False
    assert len(set(pairs(first["operation_results"] + second["operation_results"]))) == 80
    calls = emulator.log("ListStackSetOperationResults")
    assert [(call["max_results"], call["page"]) for call in calls] == [(30, 1), (50, 2)]


@pytest.mark.once
@pytest.mark.parametrize("call_as", ["SELF", "DELEGATED_ADMIN"])
def test_call_as_is_on_every_call(ansible, emulator, call_as):
    name, operations = small()
    emulator.stack_set(name, operations, call_as=call_as)
    task = ansible.module({"stack_set_name": "org-baseline", "call_as": call_as, "page_size": 40})
    assert task.status == "SUCCESS"
    log = emulator.log()
    assert [call["action"] for call in log] == [
        "ListStackSetOperations",
        "DescribeStackSetOperation",
        "ListStackSetOperationResults",
        "ListStackSetOperationResults",
    ]
    assert {call["call_as"] for call in log} == {call_as}


def test_the_summary_alone_leaves_the_rows_out(ansible, emulator):
    emulator.stack_set(*small())
    task = ansible.module({"stack_set_name": "org-baseline", "summary_only": True})
    assert "operation_results" not in task.result
    assert task.result["summary"]["by_status"]["FAILED"] == 3
    assert task.result["operation"]["status"] == "SUCCEEDED"


@pytest.mark.once
def test_the_most_recent_operation_is_found_whatever_the_order(ansible, emulator):
    def one(number, day):
        return operation(
            f"op-{number}", creation_timestamp=f"2026-11-{day:02}T08:15:00Z", generate={"accounts": 1, "regions": 1}
        )

    emulator.stack_set("org-baseline", [one(1, 3), one(2, 9), one(3, 5)])
    task = ansible.module({"stack_set_name": "org-baseline"})
    assert task.result["operation"]["operation_id"] == "op-2"
    listed = ansible.module(
        {"stack_set_name": "org-baseline", "page_size": 2, "max_items": 2}, "stackgate.stacksets.operations_info"
    )
    assert [one["operation_id"] for one in listed.result["operations"]] == ["op-2", "op-3"]
    assert listed.result["truncated"] is True
    assert listed.result["operations"][0]["creation_timestamp"] == "2026-11-09T08:15:00+00:00"


def test_a_stack_set_without_operations_gives_nothing_and_a_warning(ansible, emulator):
    emulator.stack_set("org-baseline", [])
    task = ansible.task({"stack_set_name": "org-baseline"})
    assert (task.result["operation"], task.result["operation_results"]) == (None, [])
    assert task.result["msg"] == "Stack set org-baseline has no operations."
    assert task.output.count("so there are no results to read") == 1
    assert "Passing `warnings`" not in task.output, "amazon.aws hands warnings over in a way that is deprecated"


@pytest.mark.once
def test_a_moving_operation_read_by_several_statuses_is_warned_of(ansible, emulator):
    emulator.stack_set("org-baseline", [operation("op-1", "RUNNING", generate={"accounts": 9, "running": 4})])
    task = ansible.module({"stack_set_name": "org-baseline", "statuses": ["PENDING", "RUNNING"]})
    assert "not one snapshot" in task.output
    assert len(task.result["operation_results"]) == 4


def test_three_throttles_on_page_40_repeat_page_40_and_nothing_else(ansible, emulator):
    generate = {"accounts": 620, "regions": 20, "count": 12345}
    emulator.stack_set("org-baseline", [operation("op-1", generate=generate)])
    emulator.fault(error="Throttling", message="Rate exceeded", times=3, when={"page": 40})
    task = ansible.module({"stack_set_name": "org-baseline", "operation_id": "op-1", "summary_only": True})
    assert task.status == "SUCCESS"
    assert task.result["summary"]["total"] == 12345
    pages = [call["page"] for call in emulator.log("ListStackSetOperationResults")]
    assert pages == [*range(1, 40), 40, 40, 40, *range(40, 125)]


@pytest.mark.once
def test_throttling_that_outlasts_the_sdks_retries_delays_a_reading_and_loses_nothing(ansible, emulator):
    emulator.stack_set(*small())
    emulator.fault("ListStackSetOperationResults", error="Throttling", message="Rate exceeded", times=4)
    options = {"stack_set_name": "org-baseline", "aws_config": {"retries": {"mode": "standard"}}}  # three attempts
    result = ansible.module(options).result
    assert result["operation_results"] == ansible.module(options).result["operation_results"]
    answers = [call["answer"] for call in emulator.log("ListStackSetOperationResults")]
    assert answers == ["error Throttling"] * 4 + [answers[-1]] * 2


@pytest.mark.once
def test_who_says_how_often_to_try_is_obeyed(ansible, emulator):
    emulator.stack_set(*small())
    emulator.fault("DescribeStackSetOperation", error="Throttling", message="Rate exceeded", times=None)
    task = ansible.module({"stack_set_name": "org-baseline"}, AWS_MAX_ATTEMPTS="2")
    assert task.result["error"]["code"] == "Throttling"
    assert len(emulator.log("DescribeStackSetOperation")) == 2


@pytest.mark.once
def test_check_mode_reads_the_same(ansible, emulator):
    emulator.stack_set(*small())
    options = {"stack_set_name": "org-baseline"}
    plain, checked = ansible.module(options), ansible.task(options, options=("--check",))
    assert checked.result["operation_results"] == plain.result["operation_results"]
    assert checked.result["changed"] is False


def test_foreign_text_reaches_debug_as_text(ansible, emulator):
    emulator.stack_set(*small())
    play = ansible.play(
        """
        - name: Read
          stackgate.stacksets.operation_results_info:
            stack_set_name: org-baseline
          register: read
        - name: Show from the module
          ansible.builtin.debug:
            msg: "{{ (read.operation_results | selectattr('status', 'eq', 'FAILED') | first).status_reason }}"
        - name: Keep from the module
          keep: read.operation_results | map(attribute='status_reason') | select | unique | sort
          as: module
        - name: Keep from the lookup
          keep: >-
            query('stackgate.stacksets.operation_results', 'org-baseline')
            | map(attribute='status_reason') | select | unique | sort
          as: lookup
        - name: Show from the lookup
          vars:
            reasons: "{{ query('stackgate.stacksets.operation_results', 'org-baseline', statuses=['FAILED']) }}"
          ansible.builtin.debug:
            msg: "{{ item.status_reason }}"
          loop: "{{ reasons }}"
        """
    )
    assert play.code == 0, play.output
    assert play.kept["module"] == play.kept["lookup"] == sorted([JINJA, "no role"])
    assert play.output.count("lookup('pipe', 'id')") >= 3
    assert "uid=" not in play.output


@pytest.mark.parametrize("group", [pytest.param("all", marks=pytest.mark.once), "aws"])
def test_module_defaults_reach_both_modules_by_group(ansible, emulator, group):
    emulator.stack_set(*small())
    environment = {"AWS_REGION": None, "AWS_DEFAULT_REGION": None, "AWS_URL": None, "AWS_ENDPOINT_URL": None}
    play = ansible.play(
        """
        - name: Read
          stackgate.stacksets.operation_results_info:
            stack_set_name: org-baseline
            statuses: [FAILED]
          register: read
        - name: List
          stackgate.stacksets.operations_info:
            stack_set_name: org-baseline
          register: listed
        - name: Keep
          keep: "[read.operation_results | length, listed.operations | length]"
          as: counts
        """,
        play={
            "module_defaults": {
                f"group/stackgate.stacksets.{group}": {"region": "eu-west-1", "endpoint_url": emulator.endpoint_url}
            }
        },
        **environment,
    )
    assert play.code == 0, play.output
    assert play.kept["counts"] == [3, 1]
    assert {call["region"] for call in emulator.log()} == {"eu-west-1"}


def test_a_later_task_is_held_back(ansible, emulator):
    emulator.stack_set(*small())
    play = ansible.play(
        """
        - name: Read
          stackgate.stacksets.operation_results_info:
            stack_set_name: org-baseline
          register: read
        - name: Branch
          ansible.builtin.debug:
            msg: must not be seen
          when: read.operation_results | selectattr('status', 'ne', 'SUCCEEDED') | length == 0
        - name: Gate
          ansible.builtin.assert:
            that: read.summary.by_status.FAILED == 0
            fail_msg: "{{ read.summary.by_status.FAILED }} failed although AWS says {{ read.operation.status }}"
        - name: Never
          ansible.builtin.debug:
            msg: must not be seen
        """
    )
    assert play.code != 0
    assert "3 failed although AWS says SUCCEEDED" in play.output
    assert '"msg": "must not be seen"' not in play.output
    assert "skipping: [localhost]" in play.output


@pytest.mark.once
def test_an_answer_that_the_runner_would_drop_is_warned_of(ansible, emulator):
    emulator.stack_set(*small())
    options = {"stack_set_name": "org-baseline"}
    assert "MAX_EVENT_RES" not in ansible.module(options, MAX_EVENT_RES="700000").output
    task = ansible.module(options, MAX_EVENT_RES="5000")
    assert "over 5,000 (MAX_EVENT_RES)" in task.output
    assert len(task.result["operation_results"]) == 80
