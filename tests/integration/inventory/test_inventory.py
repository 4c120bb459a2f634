# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory through real ansible-inventory and ansible-playbook: hosts, variables, groups, warnings."""

from __future__ import annotations

import copy
import json
import shlex

import pytest
from emulator.client import operation, row
from integration.helpers.inventory_files import configuration, groups_of, hosts_of, one_line, several, shown

FAILING = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
HEADER = "jinja2:variable_start_string:'[[',variable_end_string:']]'\n"
# What AWS sends, and what the hosts' variables have of it: nothing that would begin a template.
HOSTILE = {
    "{{ lookup('ansible.builtin.pipe', 'touch MARKER') }}": "{ { lookup('ansible.builtin.pipe', 'touch MARKER') }}",
    "{% set x = lookup('ansible.builtin.pipe', 'touch MARKER') %}{{ x }}": (
        "{ % set x = lookup('ansible.builtin.pipe', 'touch MARKER') %}{ { x }}"
    ),
    f"#{HEADER}[[ lookup('ansible.builtin.pipe', 'touch MARKER') ]]": (
        f"# {HEADER}[[ lookup('ansible.builtin.pipe', 'touch MARKER') ]]"
    ),
    "{# gone #}": "{ # gone #}",
    "{{{ 7 * 191 }}}": "{ { { 7 * 191 }}}",
    "{ { 7 * 191 }} {": "{ { 7 * 191 }} { ",
    "{ not found }}": "{ not found }}",
}


@pytest.fixture
def two_units(emulator):
    """One account failed under one of two organizational units; two rows that are nobody's."""
    rows = [
        row("111122223333", "eu-west-1", "SUCCEEDED", unit="ou-ab12-1a2b3c4d"),
        row("111122223333", "eu-west-1", "FAILED", "Denied", unit="ou-ab12-5e6f7a8b"),
        row("111122223333", "eu-west-1", "SUCCEEDED", unit="ou-ab12-9c0d1e2f"),
        row("000000000001", "us-east-1", "SUCCEEDED", gate=None),
        {"Region": "eu-west-1", "Status": "FAILED"},
        {"Account": "000000000002", "Status": "CANCELLED"},
    ]
    emulator.stack_set("org-baseline", [operation("op-1", rows=rows)])
    return emulator


def test_a_host_for_each_account_and_region_with_the_worst_of_its_results(ansible, two_units, tmp_path):
    path = configuration(tmp_path, account_names={"111122223333": "shop"})
    ran = ansible.inventory(path, "--list")
    assert "2 results have no account or no Region" in one_line(ran)
    inventory = json.loads(ran.stdout)
    assert hosts_of(inventory) == {
        "111122223333_eu-west-1": {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "stackset_account": "111122223333",
            "stackset_region": "eu-west-1",
            "stackset_status": "FAILED",
            "stackset_status_reason": "Denied",
            "stackset_account_gate_result": {
                "status": "SKIPPED",
                "status_reason": "Function not found: arn:aws:lambda:eu-west-1:111122223333:function:"
                "AWSCloudFormationStackSetAccountGate",
            },
            "stackset_organizational_unit_id": "ou-ab12-5e6f7a8b",
            "stackset_stack_set_name": "org-baseline",
            "stackset_operation_id": "op-1",
            "stackset_operation_status": "SUCCEEDED",
            "stackset_account_name": "shop",
        },
        "000000000001_us-east-1": {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "stackset_account": "000000000001",
            "stackset_region": "us-east-1",
            "stackset_status": "SUCCEEDED",
            "stackset_status_reason": None,
            "stackset_account_gate_result": {"status": None, "status_reason": None},
            "stackset_organizational_unit_id": None,
            "stackset_stack_set_name": "org-baseline",
            "stackset_operation_id": "op-1",
            "stackset_operation_status": "SUCCEEDED",
            "stackset_account_name": None,
        },
    }
    assert groups_of(inventory) == {
        "status_failed": ["111122223333_eu-west-1"],
        "status_succeeded": ["000000000001_us-east-1"],
        "region_eu_west_1": ["111122223333_eu-west-1"],
        "region_us_east_1": ["000000000001_us-east-1"],
        "ou_ou_ab12_5e6f7a8b": ["111122223333_eu-west-1"],
    }
    # The mark is for what could be a template: AWX and people read the rest as it is.
    assert inventory["_meta"]["hostvars"]["111122223333_eu-west-1"]["stackset_account"] == "111122223333"


@pytest.mark.once
def test_the_default_groups_are_those_of_their_expressions(ansible, two_units, tmp_path, collections):
    by_default = groups_of(shown(ansible, configuration(tmp_path, strict=True)))
    # With a variable of the user's own the expressions are evaluated one by one.
    evaluated = groups_of(shown(ansible, configuration(tmp_path, strict=True, compose={"own": "1"})))
    assert evaluated == by_default
    assert "status_failed" in by_default


def test_groups_and_variables_of_ones_own(ansible, two_units, tmp_path):
    path = configuration(
        tmp_path,
        strict=True,
        compose={"role": "'arn:aws:iam::' ~ stackset_account ~ ':role/x'", "ansible_connection": "'ssh'"},
        groups={"unsuccessful": "stackset_status in ['FAILED', 'CANCELLED']"},
        keyed_groups=[{"key": "role", "prefix": "role"}],
    )
    inventory = shown(ansible, path)
    variables = hosts_of(inventory)["111122223333_eu-west-1"]
    assert variables["role"] == "arn:aws:iam::111122223333:role/x"
    assert variables["ansible_connection"] == "ssh"
    assert groups_of(inventory) == {
        "unsuccessful": ["111122223333_eu-west-1"],
        "role_arn_aws_iam__111122223333_role_x": ["111122223333_eu-west-1"],
        "role_arn_aws_iam__000000000001_role_x": ["000000000001_us-east-1"],
    }


@pytest.mark.once
def test_an_expression_that_fails_is_an_error_only_when_strict(ansible, two_units, tmp_path):
    # Of the second host only.
    compose = {"broken": "stackset_nothing.x if stackset_account == '000000000001' else 1"}
    assert len(hosts_of(shown(ansible, configuration(tmp_path, compose=compose)))) == 2
    # Beside an inventory that can be read Ansible goes on with whatever hosts there are.
    ran = ansible.inventory(configuration(tmp_path, compose=compose, strict=True), "-i", "other,", "--graph")
    assert "Could not set broken for host" in one_line(ran)
    assert "--other" in ran.stdout
    assert "-1" not in ran.stdout, "hosts of an inventory that is an error"


def test_a_play_over_the_accounts_that_failed_runs_on_the_controller(ansible, two_units, tmp_path):
    play = ansible.play(
        """
        - name: A module
          ansible.builtin.ping:
        - name: Show
          keep: "[inventory_hostname, stackset_account, ansible_python_interpreter == ansible_playbook_python]"
          as: seen
        """,
        "-i",
        str(configuration(tmp_path)),
        play={"hosts": "status_failed"},
        ANSIBLE_PYTHON_INTERPRETER="/nowhere/python",
    )
    assert play.code == 0, play.output
    assert play.kept["seen"] == ["111122223333_eu-west-1", "111122223333", True]
    assert "000000000001" not in play.output


def test_foreign_text_is_never_templated(ansible, emulator, tmp_path):
    marker = tmp_path / "marker"
    texts, broken = ([text.replace("MARKER", str(marker)) for text in some] for some in (HOSTILE, HOSTILE.values()))
    rows = [row(f"{number:012}", status="FAILED", reason=text) for number, text in enumerate(texts)]
    for one, text in zip(rows, texts, strict=True):
        one["AccountGateResult"] = {"Status": "FAILED", "StatusReason": text}
    rows += [row("9" * 12, unit=texts[0])]
    emulator.stack_set("org-baseline", [operation("op-1", rows=rows)])
    path = configuration(
        tmp_path,
        account_names={"9" * 12: texts[0]},
        compose={"why": "stackset_status_reason", "more": "'Because: ' ~ stackset_status_reason"},
        groups={"denied": "'Denied' in (stackset_status_reason or '')"},
        keyed_groups=[
            {"key": "stackset_status_reason", "prefix": "why"},
            {"key": "stackset_status", "prefix": "status"},
        ],
    )
    names = ["stackset_status_reason", "stackset_account_gate_result", "why", "more", "fact"]
    tasks = [
        {"name": "Show", "ansible.builtin.debug": {"msg": "{{ stackset_status_reason }} {{ why }} {{ more }}"}},
        {"name": "Name", "ansible.builtin.debug": {"msg": "{{ stackset_account_name | default('', true) }}"}},
        {"name": "In an argument", "ansible.builtin.set_fact": {"fact": "{{ why }}", "all": "{{ vars | string }}"}},
        *(
            {"name": "Keep", "keep": f"ansible_play_hosts | sort | map('extract', hostvars, '{name}')", "as": name}
            for name in names
        ),
    ]
    listing = tmp_path / "listing.json"
    listed = shown(ansible, path)
    listing.write_text(json.dumps(listed))
    # As AWX does: what was listed is kept, and handed to the job by a script.
    script = tmp_path / "script.sh"
    script.write_text(f"#!/bin/sh\ncat {shlex.quote(str(listing))}\n")
    script.chmod(0o755)
    # YAML has no mark.
    snapshot = tmp_path / "snapshot.yml"
    assert ansible.inventory(path, "--list", "--yaml", "--output", str(snapshot)).returncode == 0
    for source in (path, script, snapshot):
        play = ansible.play(copy.deepcopy(tasks), "-i", str(source), play={"hosts": "all"})
        assert play.code == 0, play.output
        for name in ("stackset_status_reason", "why", "fact"):
            assert play.kept[name][: len(broken)] == broken, (source, name)
        assert play.kept["more"][: len(broken)] == [f"Because: {text}" for text in broken]
        gates = play.kept["stackset_account_gate_result"]
        assert [gate["status_reason"] for gate in gates[: len(broken)]] == broken
    groups = groups_of(listed)
    assert any(name.startswith("why_____lookup__ansible_builtin_pipe___") for name in groups), groups
    assert not marker.exists()


@pytest.mark.once
def test_templates_in_the_configuration_know_lookups_and_extra_variables(ansible, two_units, tmp_path):
    path = configuration(
        tmp_path,
        stack_set_name="{{ lookup('ansible.builtin.env', 'THE_NAME') }}",
        operation_id="{{ the_operation | default('op-9') }}",
        region="{{ lookup('ansible.builtin.env', 'THE_REGION') }}",
    )
    environment = {"THE_NAME": "org-baseline", "THE_REGION": "us-west-2"}
    ran = ansible.inventory(path, "--graph", "-e", "the_operation=op-1", **environment)
    assert "@status_failed" in ran.stdout, ran.stderr
    assert {call["operation_id"] for call in two_units.log()} == {"op-1"}
    assert {call["region"] for call in two_units.log()} == {"us-west-2"}


def test_what_hosts_do_not_show_is_warned_of(ansible, emulator, tmp_path):
    unaccounted = "has ended, but 2 of its stack instances are unaccounted for"
    cases = {
        "at-work": ("RUNNING", None, None, "has not ended, its status is RUNNING"),
        "ended-badly": ("FAILED", 3, None, unaccounted),
        "counted": ("SUCCEEDED", 1, None, None),
        "not-counted": ("SUCCEEDED", None, None, None),
        # AWS's count of failures says nothing of rows that were read without the failed ones.
        "good-ones": ("SUCCEEDED", 3, ["SUCCEEDED"], None),
        "failed-ones": ("SUCCEEDED", 3, ["FAILED"], unaccounted),
    }
    for name, (status, count, _statuses, _warning) in cases.items():
        rows = [row("111122223333", status="FAILED"), row("111122223334")]
        emulator.stack_set(name, [operation(f"op-{name}", status, rows=rows, failed_stack_instances_count=count)])
    asked = {name: {"stack_set_name": name, "statuses": case[2]} for name, case in cases.items()}
    ran = several(ansible, tmp_path, asked, "--graph")
    warned = one_line(ran)
    for name, (_status, _count, _statuses, warning) in cases.items():
        assert (f"Operation op-{name} " in warned) is (warning is not None), name
        assert warning is None or f"Operation op-{name} {warning}" in warned
    for host in ("111122223333_eu-west-1", "111122223334_eu-west-1"):
        assert host in ran.stdout


@pytest.mark.once
def test_a_stack_set_without_operations_is_a_warning_and_no_hosts(ansible, emulator, tmp_path):
    emulator.stack_set("org-baseline", [])
    ran = ansible.inventory(configuration(tmp_path, cache=True), **FAILING)
    assert ran.returncode == 0
    assert "Stack set org-baseline has no operations" in one_line(ran)
    assert "eu-west-1" not in ran.stdout


@pytest.mark.once
def test_thousands_of_rows(ansible, emulator, tmp_path):
    emulator.stack_set("org-baseline", [operation("op-1", generate={"accounts": 1000, "regions": 4, "failed": 300})])
    ran = ansible.inventory(configuration(tmp_path), "--graph", "status_failed")
    assert ran.stdout.count("|--") == 300
    assert len(emulator.log("ListStackSetOperationResults")) == 40
