# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup in playbooks: same rows, its own rules."""

from __future__ import annotations

import re

import pytest
from emulator.client import operation

ARN = "arn:aws:cloudformation:eu-west-1:111122223333:stackset/org-arn:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a"


@pytest.fixture
def stack_sets(emulator):
    generate = {"accounts": 10, "regions": 3, "failed": 4, "cancelled": 2}
    emulator.stack_set("org-baseline", [operation("op-1", generate=generate)])
    emulator.stack_set("org-logging", [operation("op-2", generate={"accounts": 1, "regions": 1})])
    emulator.stack_set(
        "org-arn", [operation("op-3", generate={"accounts": 2, "regions": 1})], stack_set_id=ARN.split("/")[1]
    )
    return emulator


def test_a_flat_list_in_the_order_of_the_names_says_where_each_row_is_from(ansible, stack_sets):
    play = ansible.play(
        f"""
        - name: Several
          keep: query('stackgate.stacksets.operation_results', 'org-logging', '{ARN}', 'org-baseline')
          as: rows
        - name: One row is a list too
          keep: query('stackgate.stacksets.operation_results', 'org-logging')
          as: single
        """
    )
    assert play.code == 0, play.output
    rows = play.kept["rows"]
    assert [row["stack_set_name"] for row in rows] == ["org-logging"] + [ARN.split("/")[1]] * 2 + ["org-baseline"] * 30
    assert {row["operation_id"] for row in rows} == {"op-1", "op-2", "op-3"}
    assert len(play.kept["single"]) == 1
    about = ("stack_set_name", "operation_id")
    ours = [{key: value for key, value in row.items() if key not in about} for row in rows[3:]]
    assert ours == ansible.module({"stack_set_name": "org-baseline"}).result["operation_results"]


def test_options_can_be_set_by_variable_environment_and_ini(ansible, stack_sets, tmp_path):
    (tmp_path / "ansible.cfg").write_text("[stackgate_stacksets]\npage_size = 4\n")
    play = ansible.play(
        """
        - name: By ini and environment
          keep: query('stackgate.stacksets.operation_results', 'org-baseline', statuses=['FAILED'])
          as: ini
        - name: By variable
          vars:
            stackgate_stacksets_page_size: 3
            caller: SELF
            stackgate_stacksets_call_as: "{{ caller }}"
            stackgate_stacksets_aws_config:
              retries:
                total_max_attempts: 1
          keep: query('stackgate.stacksets.operation_results', 'org-baseline', statuses=['FAILED'])
          as: variable
        """,
        STACKGATE_STACKSETS_CALL_AS="SELF",
    )
    assert play.code == 0, play.output
    calls = stack_sets.log("ListStackSetOperationResults")
    assert [call["max_results"] for call in calls] == [4, 3, 3]
    assert {call["call_as"] for call in calls} == {"SELF"}
    ansible.environment["STACKGATE_STACKSETS_CALL_AS"] = "DELEGATED_ADMIN"
    assert "not a delegated administrator" in ansible.lookup("org-baseline").result["msg"]


def test_what_a_lookup_refuses(ansible, stack_sets):
    cases = {
        "'org-baseline', max_item=3": "No such option: max_item. The options are access_key",
        "'org-baseline', max_items=3": "max_items=3 left out results of stack set org-baseline. Set",
        "'org-baseline', max_items=0": "max_items is 0. Set 1 or more",
        "'org-baseline', page_size=101": "page_size is 101. Set 1 to 100",
        "'org-baseline', statuses=['failed']": "statuses",
        "'org-baseline', starting_token='tok'": "starting_token is set without operation_id",
        "'org-baseline', operation_id=' op-1'": "operation_id ' op-1' is not an operation ID",
        "'org-baseline', operation_id='op-9'": "Operation op-9 was not found",
        "'org-baseline', aws_config={'retries': 5}": "aws_config is rejected by the SDK",
        "'org-baseline', 'org-logging', operation_id='op-1'": "operation_id is set for 2 stack sets",
        "'a', 'b', operation_id='x', starting_token='t'": "It belongs to one. Query them separately",
        "'nowhere'": "Stack set nowhere was not found in eu-west-1",
        "'org-baseline', ''": "stack_set_name is empty",
        "['org-baseline']": "_terms has a list",
        "83": "stack_set_name is 83, not a string: YAML reads 0123 as that",
        "false": "stack_set_name is False, not a string: YAML reads no as that",
        "'org-baseline', operation_id=83": "operation_id is 83, not a string: YAML reads 0123 as that",
        "'org-baseline', profile=true": "profile is True, not a string: YAML reads yes as that",
        "*[]": "_terms has no stack set",
        "['org-baseline', 'org-logging']": "_terms has a list. Pass its elements",
    }
    tasks = "".join(
        f"""
        - name: Case {number}
          ansible.builtin.debug:
            msg: "{{{{ query('stackgate.stacksets.operation_results', {arguments}) }}}}"
          ignore_errors: true
        """
        for number, arguments in enumerate(cases)
    )
    play = ansible.play(tasks)
    parts = play.output.split("TASK [Case ")[1:]
    assert len(parts) == len(cases)
    for (arguments, message), part in zip(cases.items(), parts, strict=True):
        assert message in part, arguments
        assert "fatal:" in part, arguments
        assert "Traceback" not in part


def test_an_ignored_error_looks_like_no_failure_and_what_the_pages_show_does_not_pass(ansible, stack_sets):
    """``errors`` is ansible-core's own: it takes it away, and the plugin's errors with it."""
    about = {"operation_id": "op-1", "status": "SUCCEEDED", "status_details": {"failed_stack_instances_count": 0}}
    ignored = "'stackgate.stacksets.operation_results', 'nowhere', errors='ignore'"
    decide = "stackgate.stacksets.gate(operation=about, allow_empty=true, expected_results=0)"
    play = ansible.play(
        f"""
        - name: A list
          keep: "[query({ignored}), query({ignored.replace("ignore", "warn")})]"
          as: lists
        - name: Nothing
          keep: lookup({ignored}) | default('', true)
          as: nothing
        - name: By the length
          ansible.builtin.debug:
            msg: went on by the length
          when: query({ignored}) | length == 0
        - name: Decided over a list
          keep: (query({ignored}) | {decide}).passed
          as: passed
        - name: Decided over nothing
          ansible.builtin.debug:
            msg: went on by nothing
          when: (lookup({ignored}) | {decide}).passed
          ignore_errors: true
        - name: Read
          stackgate.stacksets.operation_results_info:
            stack_set_name: nowhere
          register: read
          ignore_errors: true
        - name: Decided over a task that failed
          ansible.builtin.debug:
            msg: went on by a task that failed
          when: (read | stackgate.stacksets.gate).passed
          ignore_errors: true
        """,
        play={"vars": {"about": about}},
    )
    assert play.code == 0, play.output
    assert play.kept == {"lists": [[], []], "nothing": "", "passed": False}
    assert re.findall(r'"msg": "(went on by [^"]+)"', play.output) == ["went on by the length"]
    assert "gate: The input is " in play.output


def test_options_that_may_be_left_out_and_an_environment_that_a_lookup_never_sees(ansible, stack_sets):
    """As the notes say: null leaves an option out of a call, and a variable takes what the option would be."""
    play = ansible.play(
        """
        - name: Null
          keep: >-
            query('stackgate.stacksets.operation_results', 'org-logging', operation_id=wanted | default(none, true),
                  region=wanted | default(none, true), call_as=wanted | default(none, true),
                  page_size=wanted | default(none, true), statuses=wanted | default(none, true)) | length
          as: by_null
        - name: In variables
          vars:
            stackgate_stacksets_region: "{{ wanted | default('', true) }}"
            stackgate_stacksets_call_as: "{{ wanted | default('SELF', true) }}"
            stackgate_stacksets_page_size: "{{ wanted | default(100, true) }}"
          keep: query('stackgate.stacksets.operation_results', 'org-logging') | length
          as: by_variables
        - name: omit
          ansible.builtin.debug:
            msg: "{{ query('stackgate.stacksets.operation_results', 'org-logging', page_size=wanted | default(omit)) }}"
          ignore_errors: true
        """,
        play={"environment": {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}},
    )
    assert play.code == 0, play.output
    assert (play.kept["by_null"], play.kept["by_variables"]) == (1, 1)
    assert "fatal:" in play.output.split("TASK [omit]")[1]
    assert {call["region"] for call in stack_sets.log()} == {"eu-west-1"}


def test_a_truncated_reading_can_be_had_by_asking(ansible, stack_sets):
    play = ansible.play(
        """
        - name: Some
          keep: query('stackgate.stacksets.operation_results', 'org-baseline', max_items=3, on_truncated='warn')
          as: rows
        """
    )
    assert play.code == 0, play.output
    assert len(play.kept["rows"]) == 3
    assert "left out results" in play.output
    assert [call["max_results"] for call in stack_sets.log("ListStackSetOperationResults")] == [3]


def test_an_error_in_the_middle_is_an_error_with_the_token(ansible, stack_sets):
    stack_sets.fault(error="ExpiredToken", status=403, message="expired", when={"page": 2})
    said = ansible.lookup("org-baseline", page_size=20).result["msg"]
    assert "credentials have expired" in said
    assert "20 rows were read before the error. Set operation_id=op-1 and starting_token=" in said


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        (["AWS_REGION", "AWS_DEFAULT_REGION"], "requires a region and none was found"),
        (["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], "No AWS credentials were found"),
    ],
)
def test_what_the_connection_lacks_is_said(ansible, stack_sets, missing, message):
    ansible.environment.update(dict.fromkeys(missing))
    assert message in ansible.lookup("org-baseline").result["msg"]
    assert stack_sets.log() == []


def test_every_reading_is_checked_before_the_first_call(ansible, stack_sets):
    assert "under_score" in ansible.lookup("org-baseline", "under_score").result["msg"]
    assert stack_sets.log() == []


def test_in_a_variable_it_reads_at_every_use_and_for_a_fact_once(ansible, stack_sets):
    query = "{{ query('stackgate.stacksets.operation_results', 'org-baseline', operation_id='op-1') }}"
    use = {"ansible.builtin.debug": {"msg": "{{ item }}: {{ read | length }}"}, "loop": [1, 2, 3], "vars": {}}
    in_a_variable = {**use, "name": "In a variable", "vars": {"read": query}, "when": "read | length == 30"}
    play = ansible.play([in_a_variable])
    assert play.code == 0, play.output
    assert play.output.count(": 30") == 3
    # The condition and the message of each item.
    assert len(stack_sets.log("ListStackSetOperationResults")) == 6
    stack_sets.clear_log()
    play = ansible.play([{"name": "Read", "ansible.builtin.set_fact": {"read": query}}, {**use, "name": "As a fact"}])
    assert play.code == 0, play.output
    assert play.output.count(": 30") == 3
    assert len(stack_sets.log("ListStackSetOperationResults")) == 1
