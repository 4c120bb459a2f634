# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook for job templates on every ansible-core: inputs, refusals, and the statistic that it hands on."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import yaml
from ansible.release import __version__
from emulator.client import operation

PLAYBOOK = Path(__file__).resolve().parents[3] / "playbooks" / "gate.yml"
ASKED = {"gate_stack_set_name": "org-baseline", "gate_operation_id": "op-1"}
# Whether Ansible gives AWX's texts the type that YAML would.
READS_TYPES = tuple(int(part) for part in __version__.split(".")[:2]) >= (2, 19)


@pytest.fixture
def run(run_playbook):
    """Run it with these words of the command line and extra variables."""
    return partial(run_playbook, "gate")


def scripted(emulator, reason=None, **generate):
    one = operation("op-1", generate={"accounts": 20, "regions": 2, **generate})
    if reason is not None:
        row = {"Account": "111122223333", "Region": "eu-west-1", "Status": "FAILED", "StatusReason": reason}
        one = operation("op-1", rows=[row], failed_stack_instances_count=1)
    emulator.stack_set("org-baseline", [one])


def test_an_open_gate_ends_well_and_hands_its_decision_on(run, emulator, inventory):
    scripted(emulator)
    ran = run(*inventory, **ASKED)
    assert ran.code == 0, ran.output
    assert ran.statistic == {
        "passed": True,
        "verdict": "passed",
        "message": ran.statistic["message"],
        "stack_set_name": "org-baseline",
        "operation_id": "op-1",
        "operation_status": "SUCCEEDED",
        "call_as": "SELF",
        "counts": ran.statistic["counts"],
        "violations": [],
        "missing": [],
        "failure_groups": [],
        "retry_targets": [],
        "retry_commands": [],
        "gates": [],
        "console_url": ran.statistic["console_url"],
        "inputs": ran.statistic["inputs"],
        "cut": [],
    }
    assert ran.statistic["message"].startswith("Gate passed")
    assert ran.statistic["counts"]["failed"] == 0
    assert ran.statistic["console_url"].startswith("https://eu-west-1.console")


def test_a_closed_gate_fails_and_hands_on_what_to_retry(run, emulator):
    scripted(emulator, failed=3, cancelled=2)
    ran = run(**ASKED)
    assert ran.code == 2
    assert (ran.statistic["passed"], ran.statistic["verdict"]) == (False, "failed")
    assert [one["rule"] for one in ran.statistic["violations"]] == ["max_failed", "max_cancelled"]
    assert sum(len(one["accounts"]) * len(one["regions"]) for one in ran.statistic["retry_targets"]) == 5
    assert len(ran.statistic["retry_commands"]) == len(ran.statistic["retry_targets"])
    assert {"reason", "key", "count", "account_count", "region_count", "accounts", "accounts_text", "regions"} == set(
        ran.statistic["failure_groups"][0]
    )
    for one in ran.statistic["failure_groups"] + ran.statistic["retry_targets"]:
        assert one["accounts_text"] == "".join(f"{account}," for account in one["accounts"])
    shown = ran.output.partition("CUSTOM STATS")[0]
    assert "Gate failed: 3 FAILED, and max_failed is 0." in shown
    for key in ("failure_groups:", "unsuccessful:", "account_gate_result", '"operation":'):
        assert key not in shown, "what is shown of the result is its message alone"


def test_without_failing_the_statistic_alone_says_it_and_that_violations_are_cut(run, emulator):
    regions = [f"eu-west-{number}" for number in range(1, 26)]
    scripted(emulator, accounts=1, regions=regions, failed=25)
    ran = run(**ASKED, gate_scope="region", gate_fail_on_closed="false")
    assert ran.code == 0
    assert ran.statistic["passed"] is False
    assert len(ran.statistic["violations"]) == 20
    assert ran.statistic["cut"] == ["violations"]


@pytest.mark.parametrize("words", [("--tags", "deploy"), ("--tags", "untagged", "--skip-tags", "all")])
def test_it_gates_whatever_tags_are_asked_for(run, emulator, words):
    scripted(emulator, failed=3)
    ran = run(*words, **ASKED)
    assert (ran.code, ran.statistic["verdict"]) == (2, "failed")


@pytest.mark.parametrize(
    "words",
    [("--limit", "web1"), ("--skip-tags", "always"), ("--skip-tags", "tagged"), ("--start-at-task", "Not here")],
    ids=" ".join,
)
def test_where_ansible_leaves_the_play_out_it_ends_well_without_a_statistic(ansible, emulator, words):
    """Nothing in a play helps against that, as its first lines and the guide say, so the next node asks for it."""
    scripted(emulator, failed=3)
    given = ("-e", json.dumps(ASKED), *words)
    play = ansible.book("stackgate.stacksets.gate", *given, ANSIBLE_SHOW_CUSTOM_STATS="true")
    assert play.code == 0
    assert "stackset_gate" not in play.output
    assert emulator.log() == []


def test_several_operations_are_one_gate(run, emulator):
    scripted(emulator)
    emulator.stack_set("org-network", [operation("op-1", generate={"accounts": 20, "failed": 3})])
    lines = (
        "# those of today\r\n  stack_set_name=org-baseline\r\n \t\n"
        """{"stack_set_name": "org-network", "max_failed": 3, "ignore_reasons": ["never \\\\[seen\\\\], {3}"]}\n"""
    )
    ran = run(gate_operations=lines, gate_operation_id="op-1")
    assert ran.code == 0, ran.output
    assert (ran.statistic["passed"], ran.statistic["counts"]["failed"]) == (True, 3)
    assert ran.statistic["gates"] == [
        {"stack_set_name": name, "operation_id": "op-1", "passed": True, "verdict": "passed"}
        for name in ("org-baseline", "org-network")
    ]


@pytest.mark.parametrize(
    ("lines", "number", "shown"),
    [
        ("stack_set_name=org-baseline\n\n- stack_set_name: org-network\n", 3, '"- stack_set_name: org-network"'),
        ('[{"stack_set_name": "org-baseline"}]', 1, '"[{\\"stack_set_name\\": \\"org-baseline\\"}]"'),
        pytest.param("stack_set_name=a # b", 1, '"stack_set_name=a # b"', marks=pytest.mark.once),
        # Ansible would drop the backslash, and the pattern would ignore more.
        pytest.param("stack_set_name=a ignore_reasons=1\\.2", 1, "ignore_reasons=1", marks=pytest.mark.once),
        pytest.param("\n\ufeffstack_set_name=a", 2, '"\\ufeffstack_set_name=a"', marks=pytest.mark.once),
        pytest.param("stack_set_name=a\u00a0operation_id=b", 1, "\\u00a0", marks=pytest.mark.once),
    ],
    ids=["YAML", "JSON", "a comment behind", "a backslash", "a byte order mark", "a no-break space"],
)
def test_a_line_that_is_no_operation_is_refused_by_its_number(run, emulator, lines, number, shown):
    ran = run(gate_operations=lines, gate_operation_id="op-1")
    assert (ran.code, ran.statistic["verdict"]) == (2, "inconclusive")
    told = f"Line {number} of gate_operations is not an operation:"
    assert ran.statistic["message"].startswith(told) and "Set one operation per line" in ran.statistic["message"]
    assert shown in ran.statistic["message"]
    assert emulator.log() == []


@pytest.mark.once
def test_lines_without_an_operation_count_as_not_given(run, emulator):
    scripted(emulator)
    ran = run(gate_operations=" \n# stack_set_name=org-network\n", gate_operation_id="op-1")
    assert ran.statistic["message"].startswith("Set gate_stack_set_name")
    assert run(**ASKED, gate_operations=" \n# stack_set_name=org-network\n").code == 0


def test_of_several_operations_those_that_did_not_pass_are_handed_on_first(run, emulator):
    scripted(emulator)
    emulator.stack_set("org-network", [operation("op-1", generate={"accounts": 20, "failed": 3})])
    ran = run(
        gate_operations=[
            {"stack_set_name": "org-baseline"},
            {"stack_set_name": "org-network"},
            {"stack_set_name": "org-none"},
        ],
        gate_operation_id="op-1",
    )
    assert ran.code == 2
    assert [(one["stack_set_name"], one["verdict"]) for one in ran.statistic["gates"]] == [
        ("org-network", "failed"),
        ("org-none", "inconclusive"),
        ("org-baseline", "passed"),
    ]
    assert "3 operations, 1 failed, 1 inconclusive, 1 passed" in ran.statistic["message"]


@pytest.mark.once
def test_the_inputs_are_the_modules_options(ansible):
    (play,) = yaml.safe_load(PLAYBOOK.read_text())
    inputs = [name.removeprefix("gate_") for name in play["vars"]["stackset_gate_inputs"]]
    command = [str(Path(sys.executable).parent / "ansible-doc"), "-j", "stackgate.stacksets.operation_gate"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    options = json.loads(ran.stdout)["stackgate.stacksets.operation_gate"]["doc"]["options"]
    keys = {"access_key", "secret_key", "session_token"}
    assert set(inputs) == set(options) - keys - {"poll_only", "debug_botocore_endpoint_logs"}


REASON = "Account {} is suspended, [sic]"
FAILURES = {"111122223333": REASON, "444455556666": "no access", "777788889999": "no access"}


def failures(*accounts):
    return [
        {"Account": account, "Region": "eu-west-1", "Status": "FAILED", "StatusReason": FAILURES[account]}
        for account in accounts
    ]


@pytest.mark.parametrize(
    ("given", "ignored", "failed"),
    [
        (
            {
                "gate_ignore_reasons": "never seen, .* \r\n \r\n\nis suspended, \\[sic\\]$\r\n",
                "gate_ignore_accounts": "444455556666, 888899990000\n777788889999",
            },
            ["111122223333", "444455556666", "777788889999"],
            [],
        ),
        pytest.param(
            {"gate_ignore_reasons": ["is suspended"], "gate_ignore_accounts": "444455556666"},
            ["111122223333", "444455556666"],
            ["777788889999"],
            marks=pytest.mark.once,
        ),
    ],
    ids=["texts", "a list and a single one"],
)
def test_several_accounts_and_reasons_come_as_lines_of_text(run, emulator, given, ignored, failed):
    rows = failures(*ignored, *failed)
    emulator.stack_set("org-baseline", [operation("op-1", rows=rows, failed_stack_instances_count=len(rows))])
    ran = run(**ASKED, **given, gate_allow_empty="yes")
    assert ran.statistic["counts"]["ignored"] == len(ignored)
    assert ran.statistic["counts"]["failed"] == len(failed)
    assert ran.code == (2 if failed else 0), ran.output


# As ansible-core 2.19 and newer take it for a number where it is alone, and as they never do.
OCTAL = "012345670123"
IGNORED = (OCTAL, "098765432109", "123456789012")


@pytest.mark.parametrize(
    "text",
    [
        "{},{},{}",
        "{}, {}, {}",
        "{} {} {}",
        "{}\n{}\n{}\n",
        "{}\r\n\r\n{},\r\n{}\r\n",
        '["{}", "{}",\n"{}"]',
    ],
    ids=["commas", "commas and blanks", "blanks", "lines", "CRLF", "JSON"],
)
def test_what_may_be_text_may_have_any_mark_between(run, emulator, text):
    rows = [{"Account": one, "Region": "eu-west-1", "Status": "FAILED", "StatusReason": "Denied"} for one in IGNORED]
    script = {"rows": rows, "failed_stack_instances_count": 3}
    emulator.stack_set("org-baseline", [operation("op-1", "STOPPED", **script)])
    statuses = text.format("SUCCEEDED", "STOPPED", "FAILED")
    names = re.sub(r"(?<=\w)(\"?)(?=[^\w\"]|$)", r"\1=of_it", text.format(*IGNORED))
    if text.startswith("["):
        names = json.dumps({one: "of it" for one in IGNORED}, indent=2).replace("\n", "\r\n")
    ran = run(
        **ASKED,
        gate_ignore_accounts=text.format(*IGNORED),
        gate_accept_operation_statuses=statuses,
        gate_account_names=names,
        gate_expected_results=3,
        gate_allow_empty=True,
        gate_wait_sleep=1,
    )
    assert ran.code == 0, ran.output
    assert ran.statistic["counts"]["ignored"] == 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({**ASKED, "gate_ignore_accounts": OCTAL}, "a comma after each"),
        ({**ASKED, "gate_ignore_accounts": [OCTAL]}, f"YAML reads {OCTAL} as that"),
        ({**ASKED, "gate_account_names": {OCTAL: "x"}}, f"YAML reads {OCTAL} as that"),
        ({**ASKED, "gate_ignore_reasons": "0123"}, "(?:1234)"),
        ({**ASKED, "gate_operation_id": "0123"}, "write the operation as a string in operations: "),
        ({**ASKED, "gate_stack_set_name": "no"}, "unique ID (name:uuid) or its ARN"),
        ({**ASKED, "gate_profile": "0123"}, "AWS_PROFILE"),
    ],
)
@pytest.mark.skipif(not READS_TYPES, reason="these stay texts before ansible-core 2.19")
def test_a_text_that_came_as_something_else_is_refused_with_what_helps_in_awx(run, emulator, given, said):
    scripted(emulator)
    ran = run(**given)
    assert (ran.code, ran.statistic["verdict"]) == (2, "inconclusive")
    assert said in ran.statistic["message"]
    assert emulator.log() == []


@pytest.mark.parametrize(
    "given",
    [
        {**ASKED, "gate_ignore_accounts": f"{OCTAL},"},
        {**ASKED, "gate_ignore_accounts": "123456789012"},
        {"gate_operations": "stack_set_name=org-baseline operation_id=op-1"},
        {**ASKED, "gate_operation_id": "latest", "gate_created_after": "2020-11-02T08:15:00Z"},
        {**ASKED, "gate_max_failed_percentage": "1.2", "gate_max_failed": "~" if READS_TYPES else ""},
    ],
    ids=["an id and a comma", "an id without a zero", "an operation in a line", "a time", "a number and null"],
)
def test_what_helps_in_awx_does(run, emulator, given):
    scripted(emulator)
    assert run(**given).code == 0


def test_a_time_that_is_no_text_is_taken(ansible, emulator, tmp_path):
    scripted(emulator)
    (tmp_path / "vars.yml").write_text(
        "gate_stack_set_name: org-baseline\ngate_operation_id: latest\ngate_created_after: 2020-11-02T08:15:00Z\n"
    )
    assert ansible.book("stackgate.stacksets.gate", "-e", f"@{tmp_path / 'vars.yml'}").code == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({}, "Set gate_stack_set_name and gate_operation_id", marks=pytest.mark.once),
        ({"gate_stack_set_name": "org-baseline", "gate_operation_id": ""}, "Set gate_stack_set_name"),
        ({**ASKED, "gate_min_result": 40}, "gate_min_result is not an input of this playbook. Correct or remove it."),
        pytest.param({**ASKED, "gate_max_failed": "many"}, "max_failed", marks=pytest.mark.once),
    ],
)
def test_bad_input_fails_before_any_call_and_the_next_node_knows(run, emulator, given, said):
    scripted(emulator)
    ran = run(**given)
    assert ran.code == 2
    assert (ran.statistic["passed"], ran.statistic["verdict"]) == (False, "inconclusive")
    assert said in ran.statistic["message"]
    assert ran.output.count("FAILED!") == 1
    assert emulator.log() == []


@pytest.mark.once
def test_an_error_of_aws_fails_with_an_inconclusive_gate(run, emulator):
    scripted(emulator, failed=3)
    emulator.fault("ListStackSetOperationResults", error="AccessDenied", message="no", times=None)
    ran = run(**ASKED, gate_fail_on_closed=False)
    assert ran.code == 2
    assert (ran.statistic["passed"], ran.statistic["verdict"]) == (False, "inconclusive")
    assert ran.statistic["message"].count("Access denied") == 1


def test_a_gate_that_ansible_cannot_run_fails(run, emulator):
    """Its result has neither a decision nor an error of ours."""
    scripted(emulator)
    ran = run(**ASKED, ansible_python_interpreter="/nowhere/python3")
    assert (ran.code, ran.statistic["passed"], ran.statistic["verdict"]) == (2, False, "inconclusive")
    assert emulator.log() == []


# The path is in the environment, for it may have quotes.
HOSTILE = "{{ lookup('pipe', 'touch \"$TOUCHED\"') }} {% for x in y %} {# #} \x85\u202e {{{{ '{{' }} <script>"
# It changes what begins a template, in the text that it stands at the beginning of.
HEADER = (
    "#jinja2:variable_start_string:'[[',variable_end_string:']]'\n[[ lookup('pipe', 'touch \"$TOUCHED\"') ]] of another"
)


def test_a_reason_is_no_template_for_this_playbook_or_the_next(run, emulator, tmp_path, ansible):
    ansible.environment["TOUCHED"] = str(tmp_path / "touched")
    rows = [
        {"Account": "111122223333", "Region": "eu-west-1", "Status": "FAILED", "StatusReason": HOSTILE},
        {"Account": "111122223333", "Region": "eu-west-2", "Status": "FAILED", "StatusReason": HEADER},
    ]
    emulator.stack_set("org-baseline", operation("op-1", rows=rows, failed_stack_instances_count=2))
    ran = run(**ASKED)
    assert ran.code == 2
    reasons = [group["reason"] for group in ran.statistic["failure_groups"]]
    assert len(reasons) == 2 and all("lookup('pipe'" in reason for reason in reasons)
    assert not re.search(r"\{[{%#]|#jinja2:", json.dumps(ran.statistic))
    # Whoever hands them to another playbook as they are, which AWX does not do, runs nothing either.
    (tmp_path / "artifacts.json").write_text(json.dumps({"stackset_gate": ran.statistic}))
    play = ansible.play(
        [{"name": "Keep", "keep": "stackset_gate", "as": "gate"}], "-e", f"@{tmp_path / 'artifacts.json'}"
    )
    assert play.kept["gate"] == ran.statistic
    assert not (tmp_path / "touched").exists()
