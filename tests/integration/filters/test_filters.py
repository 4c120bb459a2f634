# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters in playbooks: over what module and lookup return, over files and artifacts, and over what is no rows."""

from __future__ import annotations

import copy
import json

import pytest
import yaml
from emulator.client import operation

NAME = "stackgate.stacksets"
HOSTILE = "{{ 1/0 }} {% raw %} {{ lookup('pipe', 'id') }}"
READ = {"name": "Read", f"{NAME}.operation_results_info": {"stack_set_name": "org-baseline"}, "register": "read"}


def after_reading(tasks):
    return [copy.deepcopy(READ), *yaml.safe_load(tasks)]


class AsAwx(yaml.SafeDumper):
    """How AWX hands a job the artifacts that an earlier one of its workflow left by set_stats: each text is !unsafe."""


AsAwx.add_representer(str, lambda dumper, text: dumper.represent_scalar("!unsafe", text))


GENERATED = {"accounts": 10, "regions": 2, "failed": 3, "cancelled": 1, "reasons": [HOSTILE]}


@pytest.fixture
def stack_sets(emulator):
    emulator.stack_set("org-baseline", [operation("op-1", generate=GENERATED)])
    emulator.stack_set("org-logging", [operation("op-2", generate={"accounts": 5, "regions": 2})])
    return emulator


def test_one_answer_over_the_module_the_lookup_a_file_and_an_artifact(ansible, stack_sets, tmp_path):
    asked = {
        "summary": "{} | stackgate.stacksets.summarize",
        "groups": "{} | stackgate.stacksets.group_failures",
        "targets": "{} | stackgate.stacksets.retry_targets",
        "gate": "{} | stackgate.stacksets.gate(max_failed=1)",
        "tolerant": "{} | stackgate.stacksets.gate(max_failed=3, max_cancelled=1)",
    }
    sources = {
        "module": "read",
        "lookup": "query('stackgate.stacksets.operation_results', 'org-baseline')",
        "file": "(lookup('ansible.builtin.file', playbook_dir ~ '/result.json') | from_json)",
        "artifact": "(artifact | from_json)",
    }

    def expression(name, source):
        words = asked[name].format(sources[source])
        return words.replace("gate(", "gate(operation=read.operation, ") if source == "lookup" else words

    keeps = [
        {"name": f"{name} of {source}", "keep": expression(name, source), "as": f"{name}-{source}"}
        for name in asked
        for source in sources
    ]
    result = ansible.module({"stack_set_name": "org-baseline"}).result
    (tmp_path / "result.json").write_text(json.dumps(result))
    (tmp_path / "artifact.yml").write_text(yaml.dump({"artifact": json.dumps(result), "loose": result}, Dumper=AsAwx))
    own = {"name": "The module's own", "keep": "read.summary", "as": "own"}
    loose = {
        "name": "Not as a text",
        "ansible.builtin.debug": {"msg": "{{ loose | stackgate.stacksets.summarize }}"},
        "ignore_errors": True,
    }
    play = ansible.play([*after_reading("[]"), own, *keeps, loose], "-e", f"@{tmp_path}/artifact.yml")
    assert play.code == 0, play.output
    # Since ansible-core 2.19 an !unsafe text of digits is a number, an octal one where it begins with a zero.
    ending = " ".join(play.output.split("TASK [Not as a text]")[1].split())
    assert "Pass rows as a string, with to_json and from_json" in ending or '"total": 20' in ending
    kept = play.kept
    assert {len(kept[f"targets-{source}"]) for source in sources} <= {1, 2, 3, 4}
    for source in sources:
        assert kept[f"summary-{source}"] == kept["own"]
        assert kept[f"targets-{source}"] == kept["targets-module"]
        (group,) = kept[f"groups-{source}"]
        assert (group["count"], group["sample"]["status_reason"]) == (3, HOSTILE)
        assert (kept[f"gate-{source}"]["verdict"], kept[f"tolerant-{source}"]["passed"]) == ("failed", True)
        assert HOSTILE.partition("{%")[0] in kept[f"gate-{source}"]["msg"]
    assert kept["gate-lookup"].keys() == kept["gate-module"].keys()
    assert {key: value for key, value in kept["gate-lookup"].items() if key != "msg"} == {
        key: value for key, value in kept["gate-module"].items() if key != "msg"
    }


def test_foreign_text_stays_text_wherever_the_answers_go(ansible, stack_sets, tmp_path):
    rows = ansible.module({"stack_set_name": "org-baseline"}).result["operation_results"]
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    play = ansible.play(
        after_reading(f"""
        - name: Set facts
          ansible.builtin.set_fact:
            groups_found: "{{{{ read | {NAME}.group_failures }}}}"
            decision: "{{{{ read | {NAME}.gate(ignore_accounts=['000000000000']) }}}}"
            of_file: >-
              {{{{ lookup('ansible.builtin.file', playbook_dir ~ '/rows.json') | from_json | {NAME}.group_failures }}}}
        - name: Show the facts
          ansible.builtin.debug:
            msg: "{{{{ item.reason }}}} {{{{ item.sample.status_reason }}}} {{{{ decision.msg }}}}"
          loop: "{{{{ groups_found }}}}"
          loop_control:
            label: "{{{{ item.reason }}}}"
        - name: Stop
          ansible.builtin.assert:
            that: decision.passed
            fail_msg: "{{{{ decision.msg }}}}"
          ignore_errors: true
        - name: Keep
          keep: "[groups_found, decision, of_file]"
          as: all
        """)
    )
    assert play.code == 0, play.output
    groups, decision, of_file = play.kept["all"]
    assert groups == of_file
    assert groups[0]["reason"] == groups[0]["sample"]["status_reason"] == HOSTILE
    assert "1/0" in decision["msg"] and "lookup('pipe', 'id')" in decision["msg"]
    assert "uid=" not in play.output
    assert "...ignoring" in play.output.split("TASK [Stop]")[1]
    assert "division" not in play.output


def harmless(ansible, emulator):
    """Results as tasks register them, as variables of a play. Those are templates, so no reason may look like one."""
    emulator.stack_set("org-baseline", [operation("op-1", generate={**GENERATED, "reasons": ["Denied"]})])
    tasks = {
        "read": {"stack_set_name": "org-baseline"},
        "part": {"stack_set_name": "org-baseline", "statuses": ["SUCCEEDED", "FAILED"]},
        "truncated": {"stack_set_name": "org-logging", "max_items": 3},
        "counted": {"stack_set_name": "org-logging", "summary_only": True},
    }
    return {"vars": {name: ansible.module(arguments).result for name, arguments in tasks.items()}}


@pytest.mark.once
def test_a_playbook_branches_and_loops_over_the_answers(ansible, stack_sets):
    play = ansible.play(
        f"""
        - name: Never
          ansible.builtin.debug:
            msg: must not be seen
          when: (read | {NAME}.gate).passed
        - name: Several stack sets
          keep: >-
            query('stackgate.stacksets.operation_results', 'org-baseline', 'org-logging')
            | groupby('stack_set_name') | map('last') | map('{NAME}.summarize') | map(attribute='total')
          as: totals
        - name: Complete or not
          keep: "[read.complete, part.complete, truncated.complete, counted.complete]"
          as: complete
        - name: A part does not pass, however much is allowed
          keep: >-
            [(part | {NAME}.gate(max_failed=3, max_cancelled=1)).verdict, (truncated | {NAME}.gate).verdict,
             part | {NAME}.retry_targets,
             (query('stackgate.stacksets.operation_results', 'org-baseline', statuses=['FAILED'])
              | {NAME}.gate(operation=read.operation, max_failed=3)).missing[0].what,
             (read.operation_results | {NAME}.gate).missing[0].what]
          as: parts
        - name: One Region by itself
          keep: >-
            read.operation_results | selectattr('region', 'eq', read.operation_results[0].region)
            | {NAME}.summarize
          as: region
        """,
        play=harmless(ansible, stack_sets),
    )
    assert play.code == 0, play.output
    assert "must not be seen" not in play.output.split("TASK [Several stack sets]")[0].split("TASK [Never]")[1]
    assert play.kept["totals"] == [20, 10]
    assert play.kept["complete"] == [True, False, False, True]
    assert play.kept["parts"] == ["inconclusive", "inconclusive", None, "whole", "rows_operation"]
    assert play.kept["region"]["total"] == 10


@pytest.mark.once
def test_what_is_no_rows_is_an_error_that_says_what_it_is(ansible, stack_sets):
    cli = json.dumps({"Summaries": [{"Account": "111122223333", "Region": "eu-west-1", "Status": "FAILED"}]})
    cases = {
        f"'[]' | {NAME}.summarize": "stackgate.stacksets.summarize: The input is a string, '[]'. Pass",
        f"nowhere | {NAME}.group_failures": "undefined",
        f"counted | {NAME}.retry_targets": "it is a result of summary_only=true. Read the operation without",
        f"looped | {NAME}.gate": "it is the result of a loop, with a result for each item in results. Pass them",
        f"[counted] | {NAME}.gate": "The input has no account in row 1; its keys are",
        f"looped.results | {NAME}.gate": "is a list of task results, not of rows",
        f"skipped | {NAME}.summarize": "it is the result of a skipped task",
        f"failed | {NAME}.summarize": "it is the result of a failed task, Stack set nowhere was not found",
        f"({cli} | {NAME}.summarize)": "it is a response of the AWS CLI or boto3 (its keys are Summaries)",
        f"({cli}.Summaries | {NAME}.summarize)": "rows with keys of the AWS CLI or boto3 (its keys are Account,",
        f"read | {NAME}.gate(max_fail=1)": "stackgate.stacksets.gate: No such argument: max_fail. The arguments are",
        f"read | {NAME}.gate(max_failed='1')": "max_failed is '1'. Set a whole number",
        f"read | {NAME}.gate(operation=read.operation)": "operation is set, but the input contains its operation",
        f"read.operation_results | {NAME}.gate(operation=read)": "operation has no operation_id; its keys are",
        f"query('{NAME}.operation_results', 'org-logging') | {NAME}.gate(operation=read.operation)": (
            "operation is op-1, but the rows belong to op-2"
        ),
        f"query('{NAME}.operation_results', 'org-logging', 'org-baseline') | {NAME}.summarize": (
            "has rows of 2 operations (org-logging op-2, org-baseline op-1). Pass rows of one operation"
        ),
    }
    before = f"""
        - name: Loop
          {NAME}.operation_results_info:
            stack_set_name: "{{{{ item }}}}"
          loop: [org-baseline]
          register: looped
        - name: Skip
          {NAME}.operation_results_info:
            stack_set_name: org-baseline
          when: false
          register: skipped
        - name: Fail
          {NAME}.operation_results_info:
            stack_set_name: nowhere
          ignore_errors: true
          register: failed
        """
    tasks = yaml.safe_load(before)
    for number, expression in enumerate(cases):
        tasks.append(
            {
                "name": f"Case {number}",
                "ansible.builtin.debug": {"msg": "{{ " + expression + " }}"},
                "ignore_errors": True,
            }
        )
    play = ansible.play(tasks, play=harmless(ansible, stack_sets))
    parts = play.output.split("TASK [Case ")[1:]
    assert len(parts) == len(cases), play.output
    for (expression, message), part in zip(cases.items(), parts, strict=True):
        # In colours and boxes or not, some versions of ansible-core break lines at the terminal's width.
        assert message in " ".join(part.split()), f"{expression}\n{part}"
        assert "fatal:" in part
        assert "Traceback" not in part
