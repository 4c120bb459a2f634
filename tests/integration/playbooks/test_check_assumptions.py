# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook that compares what AWS sends with what is taken for granted, by its name in the collection."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from emulator.client import operation, row, rows

BOOK = "stackgate.stacksets.check_assumptions"
READS = {"ListStackSetOperations", "DescribeStackSetOperation", "ListStackSetOperationResults"}
HOSTILE = "{{ lookup('pipe', 'id') }} {{ 1/0 }} in 111122223333"
THE_STACK_SET = ("-e", "stack_set_name=org-baseline")


def created(day):
    return f"2026-11-{day:02}T08:15:00Z"


@pytest.fixture
def check(ansible, tmp_path):
    """Run it as another playbook imports it, and keep its facts."""
    keep = {
        "name": "Keep",
        "keep": {
            "content": "{{ {'findings': check_findings | default([]), 'summary': check_summary} | to_json }}",
            "dest": str(tmp_path / "kept-0-report.json"),
        },
    }
    plays = [{"import_playbook": BOOK}, {"hosts": "localhost", "gather_facts": False, "tasks": [keep]}]
    (tmp_path / "wrapper.yml").write_text(yaml.safe_dump(plays))

    def run(*options, **environment):
        play = ansible.book(tmp_path / "wrapper.yml", *(options or THE_STACK_SET), **environment)
        assert play.code == 0, play.output
        return play

    return run


def findings(play):
    return {one["operation_id"]: one for one in play.kept["report"]["findings"]}


def shown(play):
    """What the last two tasks show, an operation's lines by its id."""
    parts = re.findall(r"^ok: \[localhost\](?: => \(item=([^\n]*)\))? => (\{\n.*?^\})$", play.output, re.M | re.S)
    return {name: json.loads(text)["msg"] for name, text in parts}


def test_counts_and_rows_that_differ_are_reported_for_each_operation_and_for_all(ansible, emulator):
    generate = {"accounts": 40, "regions": 3, "failed": 3, "cancelled": 4, "reasons": [HOSTILE]}
    made = rows(accounts=5, regions=1)

    def counted(name, day, **count):
        return operation(name, generate=generate, creation_timestamp=created(day), **count)

    emulator.stack_set(
        "org-baseline",
        [
            counted("op-no-count", 1, failed_stack_instances_count=None),
            counted("op-high", 2, failed_stack_instances_count=9),
            counted("op-both", 3, failed_stack_instances_count=7),
            counted("op-usual", 4),
            operation(
                "op-odd",
                "STOPPED",
                rows=[*made, *made[:2], row("111122223333", status="SUSPENDED"), row("222233334444", status="PENDING")],
                creation_timestamp=created(5),
            ),
        ],
    )
    play = ansible.book(BOOK, *THE_STACK_SET)
    assert play.code == 0, play.output
    lines = {name: "\n".join(said) for name, said in shown(play).items()}
    assert list(lines) == ["op-odd", "op-usual", "op-both", "op-high", "op-no-count", ""]
    assert lines["op-no-count"].startswith("UPDATE operation op-no-count is SUCCEEDED, with 120 results.")
    counts = "AWS's count of failed stack instances:"
    assert f"{counts} absent. FAILED results: 3. Difference: (not known)." in lines["op-no-count"]
    assert f"{counts} 9. FAILED results: 3. Difference: 6." in lines["op-high"]
    assert f"{counts} 7. FAILED results: 3. Difference: 4." in lines["op-both"]
    assert f"{counts} 3. FAILED results: 3. Difference: 0.\nCANCELLED results: 4. Results" in lines["op-usual"]
    odd = "Results that have not ended: 1. Results sent more than once: 2. Statuses not known here: SUSPENDED."
    assert odd in lines["op-odd"]
    assert (
        "Without status_reason: SUCCEEDED 113.\nWithout account_gate_result.status: CANCELLED 4." in lines["op-usual"]
    )
    for answer in (
        "Operations looked at: 5. Left out, for they have not ended: none.",
        "AWS sends its count of failed stack instances: in 4 of 5 operations.",
        "The count differs from the FAILED results: in 2 of 4 (op-both, op-high).",
        "The count takes in CANCELLED results: in 1 of 3 that have a count and CANCELLED results;"
        " it leaves them out in 1.",
        "The listings by status agree with that of all results: in 5 of 5 operations.",
        "status_reason is absent: in 0 of 12 FAILED and 0 of 16 CANCELLED results looked at.",
        "Statuses of results that are not known here: SUSPENDED.",
        "Results that have not ended: in 1 operations. Results sent more than once: in 1.",
    ):
        assert answer in lines[""].split("\n")
    assert "https://github.com/stackgate/stackgate.stacksets/issues" in lines[""]
    # It only reads, and what it shows can be put into an issue.
    assert {call["action"] for call in emulator.log()} == READS
    assert "changed=0" in play.output
    assert not re.search(r"\b\d{12}\b", play.output)
    for foreign in ("lookup", "uid=", "Cancelled since", "Function not found"):
        assert foreign not in play.output


@pytest.mark.once
def test_absent_fields_units_pages_and_a_listing_by_status_that_lacks_rows_are_reported(check, emulator):
    units = ["ou-ab12-11111111", "ou-ab12-22222222"]
    twice = [row("111122223333", status="FAILED", reason="This account is suspended.", unit=unit) for unit in units]
    bare = {"Account": "222233334444", "Region": "eu-west-1", "Status": "FAILED"}
    emulator.stack_set(
        "org-baseline",
        [
            operation("op-pages", generate={"accounts": 250}, end_timestamp=None, creation_timestamp=created(2)),
            operation("op-fields", rows=[*twice, bare], creation_timestamp=created(3)),
            operation(
                "op-lacking",
                generate={"accounts": 9, "failed": 2},
                states=[{"after_calls": 1, "generate": {"accounts": 9, "failed": 1}}],
                creation_timestamp=created(1),
            ),
        ],
    )
    emulator.fault(empty_pages=2, when={"page": 2, "status": None})
    emulator.fault(empty_pages=1, when={"page": 1, "status": "FAILED"}, times=2)
    play = check()
    found = findings(play)
    assert found["op-pages"]["pages"] == {"count": 5, "rows": 250, "empty": 2, "smallest": 100, "largest": 100}
    by_status = {"count": 8, "rows": 250, "empty": 1, "smallest": 100, "largest": 100}
    assert found["op-pages"]["pages_by_status"] == by_status
    assert "end_timestamp" in found["op-pages"]["absent"]
    assert "status" not in found["op-pages"]["absent"]
    fields = found["op-fields"]
    for name in ("no_reason", "no_gate", "no_unit"):
        assert fields[name]["by_status"]["FAILED"] == 1, name
    assert (fields["suspended"]["total"], fields["in_several_units"]) == (2, 1)
    summary = "\n".join(play.kept["report"]["summary"])
    assert "at most 100 rows, at least 100 where another followed; 2 of 7 were empty and another followed." in summary
    assert "at most 100 rows, at least 100 where another followed; 2 of 19 were empty and another followed." in summary
    assert (
        "organizational_unit_id is absent: in 260 of 262 results looked at. Targets with more than one: 1." in summary
    )
    assert "status_reason is absent: in 1 of 4 FAILED and 0 of 0 CANCELLED results looked at." in summary
    assert not re.search(r"\b\d{12}\b|ou-ab12", play.output + summary)
    assert [found[name]["filter_agrees"] for name in ("op-fields", "op-pages", "op-lacking")] == [True, True, False]
    assert "The listings by status agree with that of all results: no." in shown(play)["op-lacking"]
    assert "The listings by status agree with that of all results: in 2 of 3 operations." in summary


@pytest.mark.once
def test_only_so_many_operations_and_fields_are_looked_at_over_the_connection_asked_for(check, emulator):
    generate = {"accounts": 130, "regions": 2, "failed": 110}
    ended = [operation(f"op-{day}", generate=generate, creation_timestamp=created(day)) for day in range(1, 8)]
    running = operation("op-8", "RUNNING", generate=generate, creation_timestamp=created(8))
    emulator.stack_set("org-baseline", [*ended, running], call_as="DELEGATED_ADMIN")
    limits = ("-e", "check_operations=3", "-e", "check_rows=100")
    connection = ("-e", "call_as=DELEGATED_ADMIN", "-e", "region=eu-central-1")
    play = check(*THE_STACK_SET, *limits, *connection, AWS_REGION=None, AWS_DEFAULT_REGION=None)
    assert {(call["call_as"], call["region"]) for call in emulator.log()} == {("DELEGATED_ADMIN", "eu-central-1")}
    assert list(findings(play)) == ["op-7", "op-6"]
    assert {call["operation_id"] for call in emulator.log()} == {None, "op-7", "op-6"}
    one = findings(play)["op-7"]
    assert (one["total"], one["looked_at"]["total"], one["filter_tells"]) == (260, 100, False)
    summary = play.kept["report"]["summary"]
    assert summary[0] == "Operations looked at: 2. Left out, for they have not ended: op-8 RUNNING."
    assert "The listings by status agree with that of all results: in 0 of 0 operations." in summary
    assert len(play.output) < 10_000


@pytest.mark.once
def test_what_is_wrong_in_the_input_is_said_before_any_call(ansible, emulator):
    emulator.stack_set("org-baseline", operation("op-1", generate={"accounts": 2}))
    for options, message in (
        ((), "Name the stack set: -e stack_set_name=org-baseline"),
        (("-e", "stack_set_name="), "Name the stack set: -e stack_set_name=org-baseline"),
        ((*THE_STACK_SET, "-e", "check_operations=0"), "Give 1 to 50."),
        ((*THE_STACK_SET, "-e", "check_operations=many"), "Give 1 to 50."),
    ):
        play = ansible.book(BOOK, *options)
        assert play.code != 0
        assert message in " ".join(play.output.split())
    assert emulator.log() == []


@pytest.mark.once
def test_without_an_operation_that_has_ended_there_is_nothing_to_compare(ansible, emulator):
    emulator.stack_set("org-baseline", [])
    play = ansible.book(BOOK, *THE_STACK_SET)
    assert play.code == 0, play.output
    assert shown(play)[""] == ["Operations looked at: 0. Left out, for they have not ended: none."]
    assert [call["action"] for call in emulator.log()] == ["ListStackSetOperations"]


@pytest.mark.once
def test_a_reading_that_breaks_shows_no_rows(ansible, emulator):
    generate = {"accounts": 150, "failed": 120}
    emulator.stack_set("org-baseline", operation("op-1", generate=generate))
    denied = {"error": "AccessDenied", "status": 403, "message": "not authorized", "times": None}
    emulator.fault(**denied, when={"page": 2, "status": "FAILED"})
    play = ansible.book(BOOK, *THE_STACK_SET)
    assert play.code == 0, play.output
    lines = shown(play)["op-1"]
    assert "Results whose fields were looked at: FAILED 100." in lines
    assert "The listings by status agree with that of all results: (not known)." in lines
    emulator.fault(**denied, when={"page": 2, "status": None})
    broken = ansible.book(BOOK, *THE_STACK_SET)
    assert broken.code != 0
    assert "may not call cloudformation:ListStackSetOperationResults" in " ".join(broken.output.split())
    assert not re.search(r"\b\d{12}\b", play.output + broken.output)
