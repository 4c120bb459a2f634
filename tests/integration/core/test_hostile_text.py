# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Foreign text through real Ansible: it arrives as it is, is never templated, and does nothing to a terminal."""

from __future__ import annotations

import re

import pytest
from emulator.client import operation, rows

pytestmark = pytest.mark.once

MODULE = "stackgate.stacksets.operation_results_info"
GATE = "stackgate.stacksets.operation_gate"
LOOKUP = "stackgate.stacksets.operation_results"

# What XML can carry. Where it is obeyed, the first three leave a file behind, or show a secret.
TEXTS = [
    "{{ lookup('ansible.builtin.pipe', 'touch MARKER') }}",
    "{% set _ = lookup('ansible.builtin.pipe', 'touch MARKER') %}",
    "$(touch MARKER) `touch MARKER`; touch MARKER",
    "{{ 7 * 191 }} {{ lookup('env', 'AWS_SECRET_ACCESS_KEY') }} {{ hostvars }} {# gone #}",
    "\x9b31mred\x9b0m \x9d0;title\x9c",
    "\u202egnp.exe\u202c \u2066isolate\u2069 \u200b\ufeff",
    "line\n[ERROR]: all is lost\nok: [localhost]\u2028\u2029\x85next",
    "<script>alert(1)</script><img src=x onerror=alert(1)> ]]> &amp; <!--",
    "!!python/object/apply:os.system ['touch MARKER']",
    "!unsafe '{{ 1 }}'\n--- \n- a: b",
    "=cmd|' /C calc'!A1",
    "{0} {asked} %s %(x)d \\x1b[2J \\N{BELL}",
    "long " + "x" * 65536,
]
# What a terminal would obey or reorder: C0 but the line break, C1, Unicode's bidirectional and invisible characters.
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@pytest.fixture
def texts(tmp_path):
    return [text.replace("MARKER", str(tmp_path / "marker")) for text in TEXTS]


@pytest.fixture
def hostile(emulator, texts):
    """Every text in every place where foreign text comes from."""
    found = [
        {
            "Account": f"{number:012}",
            "Region": "eu-west-1",
            "Status": "FAILED",
            "StatusReason": text,
            "OrganizationalUnitId": text[:200],
            "AccountGateResult": {"Status": "FAILED", "StatusReason": text},
        }
        for number, text in enumerate(texts)
    ]
    about = operation("op-1", status_reason="".join(texts[:4]), rows=[*found, *rows(accounts=["9" * 12], regions=1)])
    emulator.stack_set("org-baseline", [about])
    return emulator


def reasons(read):
    return [row["status_reason"] for row in read if row["status"] == "FAILED"]


def test_rows_arrive_as_they_are_and_nothing_in_them_is_done(ansible, hostile, texts, tmp_path):
    play = ansible.play(
        f"""
        - name: Read
          {MODULE}:
            stack_set_name: org-baseline
          register: read
        - name: Look up
          ansible.builtin.set_fact:
            found: "{{{{ query('{LOOKUP}', 'org-baseline') }}}}"
        - name: Keep as a fact
          ansible.builtin.set_fact:
            reasons: "{{{{ read.operation_results | map(attribute='status_reason') | list }}}}"
            sentence: "The first is {{{{ read.operation_results[0].status_reason }}}}"
        - name: Show each
          ansible.builtin.debug:
            msg: "{{{{ item.status_reason }}}} {{{{ item.organizational_unit_id }}}}"
          loop: "{{{{ read.operation_results }}}}"
        - name: Decide by one
          ansible.builtin.debug:
            msg: Not this one.
          when: item.status_reason == 'Function not found'
          loop: "{{{{ found }}}}"
          loop_control:
            label: "{{{{ item.status_reason }}}}"
        - name: Write them
          ansible.builtin.copy:
            content: "{{{{ found | map(attribute='status_reason') | select | join('\\n') }}}}"
            dest: "{tmp_path}/written"
            mode: "0600"
        - name: Keep
          keep: "[read.operation_results, found, reasons, sentence, read.operation.status_reason]"
          as: all
        """,
        "-v",
    )
    assert play.code == 0, play.output[-2000:]
    module, lookup, as_fact, sentence, about = play.kept["all"]
    assert reasons(module) == reasons(lookup) == texts
    assert [reason for reason in as_fact if reason] == texts
    assert sentence == f"The first is {texts[0]}"
    assert about == "".join(texts[:4])
    assert (tmp_path / "written").read_text(newline="") == "\n".join(texts)
    assert not (tmp_path / "marker").exists()
    assert "1337" not in play.output
    assert hostile.facts["secret_access_key"] not in play.output


def test_the_filters_take_them_for_data(ansible, hostile, texts, tmp_path):
    play = ansible.play(
        f"""
        - name: Read
          {MODULE}:
            stack_set_name: org-baseline
          register: read
        - name: Keep
          keep: >-
            [read | stackgate.stacksets.group_failures, read | stackgate.stacksets.summarize,
            read | stackgate.stacksets.retry_targets, read | stackgate.stacksets.gate]
          as: all
        """
    )
    assert play.code == 0, play.output[-2000:]
    groups, summary, targets, decision = play.kept["all"]
    assert sum(group["count"] for group in groups) == len(texts)
    assert {group["sample"]["status_reason"] for group in groups} <= set(texts)
    assert set(summary["by_organizational_unit"]) == {*(text[:200] for text in texts), "none"}
    assert sum(len(target["accounts"]) for target in targets) == len(texts)
    assert decision["verdict"] == "failed"
    assert not OBEYED.search(decision["msg"])
    assert not (tmp_path / "marker").exists()


def test_a_closed_gates_message_and_progress_are_harmless(ansible, hostile, tmp_path):
    options = {
        "stack_set_name": "org-baseline",
        "operation_id": "op-1",
        "scope": "{{ item }}",
        "show_progress": True,
        "account_names": {f"{number:012}": text[:100] for number, text in enumerate(TEXTS)},
    }
    gate = {"register": "gate", "ignore_errors": True, "loop": ["operation", "organizational_unit"]}
    play = ansible.play(
        [{"name": "Gate", GATE: options, **gate}, {"name": "Keep", "keep": "gate.results", "as": "gates"}]
    )
    gates = play.kept["gates"]
    assert [gate["gate"]["verdict"] for gate in gates] == ["failed", "failed"]
    assert not OBEYED.search("".join(gate["msg"] for gate in gates))
    lines = [line for line in play.output.splitlines() if line.startswith("[localhost] ")]
    assert len(lines) >= 2
    assert not OBEYED.search("".join(lines))
    assert not (tmp_path / "marker").exists()


def test_a_foreign_operation_that_is_waited_behind_is_named_harmlessly(ansible, emulator, tmp_path):
    ahead = operation(f"op {TEXTS[4]} {TEXTS[5]} {TEXTS[0]}", "RUNNING", creation_timestamp="2026-11-01T00:00:00Z")
    queued = operation("op-1", "QUEUED", creation_timestamp="2026-11-02T00:00:00Z")
    emulator.stack_set("org-baseline", [ahead, queued])
    options = {"stack_set_name": "org-baseline", "operation_id": "op-1", "wait_timeout": 1, "wait_sleep": 1}
    play = ansible.play(
        [
            {"name": "Gate", GATE: {**options, "show_progress": True}, "register": "gate", "ignore_errors": True},
            {"name": "Keep", "keep": "gate.msg", "as": "msg"},
        ]
    )
    assert "QUEUED and waits for op \\x9b31m" in play.kept["msg"]
    assert not OBEYED.search(play.kept["msg"])
    lines = [line for line in play.output.splitlines() if line.startswith("[localhost] ")]
    assert "QUEUED" in lines[-1]
    assert not OBEYED.search("".join(lines))


def refuse(emulator, texts):
    """Let AWS refuse a stack set for each text, in the text's words; the stack sets' names."""
    names = [f"hostile-{number}" for number in range(len(texts))]
    for name, text in zip(names, texts, strict=True):
        emulator.fault("DescribeStackSetOperation", stack_set_name=name, error="New", message=text, times=None)
    return names


def test_awss_own_words_in_an_error_are_harmless(ansible, emulator, texts):
    for name in refuse(emulator, texts):
        for task in (
            ansible.module({"stack_set_name": name, "operation_id": "op-1"}),
            ansible.lookup(name, operation_id="op-1"),
        ):
            assert "AWS rejected DescribeStackSetOperation" in task.result["msg"]
            assert not OBEYED.search(task.result["msg"])


def test_awss_own_words_in_an_error_do_nothing_to_ansible_and_to_the_screen(ansible, emulator, texts, tmp_path):
    # Those with a template, and all that a terminal would obey.
    told = [*(text for text in texts if re.search("{[{%]", text)), "".join(filter(OBEYED.search, texts))]
    assert len(told) > 4
    tasks = []
    for number, name in enumerate(refuse(emulator, told)):
        found = f"{{{{ query('{LOOKUP}', '{name}', operation_id='op-1') }}}}"
        for kind, task in {
            "read": {MODULE: {"stack_set_name": name, "operation_id": "op-1"}},
            "looked": {"ansible.builtin.set_fact": {"found": found}},
        }.items():
            tasks.append({"name": name, **task, "register": f"{kind}_{number}", "ignore_errors": True})
    names = ", ".join(f"read_{number}.msg, looked_{number}.msg" for number in range(len(told)))
    play = ansible.play([*tasks, {"name": "Keep", "keep": f"[{names}]", "as": "messages"}])
    assert len(play.kept["messages"]) == 2 * len(told)
    for message in play.kept["messages"]:
        assert "AWS rejected DescribeStackSetOperation" in message
        assert not OBEYED.search(message)
    assert not OBEYED.search(play.output)
    assert not (tmp_path / "marker").exists()
