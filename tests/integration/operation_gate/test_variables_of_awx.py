# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gate's options from extra variables as AWX writes them, ``!unsafe '...'``. ansible-core 2.19 and newer read YAML's
types in them all the same: numbers, true and false, times.
"""

from __future__ import annotations

from datetime import date, datetime, timezone

import pytest
from ansible.release import __version__
from emulator.client import operation, row

GATE = "stackgate.stacksets.operation_gate"
READS_TYPES = tuple(int(part) for part in __version__.split(".")[:2]) >= (2, 19)
OCTAL, NUMBER, NEITHER = "012345670123", "123456789012", "098765432109"
VARIABLES = f"""\
octal: !unsafe '{OCTAL}'
number: !unsafe '{NUMBER}'
commas: !unsafe '{OCTAL},{NEITHER},{NUMBER},'
names: !unsafe '{{"{OCTAL}": "no", "{NUMBER}": "0123"}}'
typed_names: {{!unsafe '{OCTAL}': !unsafe 'no'}}
id: !unsafe '0123'
name_no: !unsafe 'no'
day: !unsafe '2026-11-02'
early: !unsafe '2020-11-02T08:15:00Z'
local: !unsafe '2026-11-02T08:15:00'
pattern: !unsafe '1234'
"""
LATEST = {"operation_id": "latest", "created_after": "{{ early }}"}

# The options, and what the gate says. Three results FAILED.
TAKEN = {
    "a number of 12 digits": ({"ignore_accounts": "{{ number }}"}, "Gate failed: 2 FAILED"),
    "a list of it": ({"ignore_accounts": ["{{ number }}"]}, "Gate failed: 2 FAILED"),
    "a text with commas": ({"ignore_accounts": "{{ commas }}"}, "Gate passed"),
    "a list of it with commas": ({"ignore_accounts": ["{{ commas }}"]}, "Gate passed"),
    "commas in an entry": ({"operations": [{"ignore_accounts": "{{ commas }}"}]}, "Gate passed"),
    "commas in an entry that is text": (
        {"operations": ["stack_set_name=org-baseline operation_id=0123 ignore_accounts='{{ commas }}'"]},
        "Gate passed",
    ),
    "one comma in it": (
        {"operations": [f"stack_set_name=org-baseline operation_id=0123 ignore_accounts={OCTAL}, max_failed=1"]},
        "2 FAILED, and max_failed is 1",
    ),
    "names as JSON": ({"account_names": "{{ names }}"}, f"{OCTAL} (no)"),
    "a time": (LATEST, "Gate failed: 3 FAILED"),
    "a time while progress is shown": ({**LATEST, "show_progress": True}, "Gate failed: 3 FAILED"),
    "a time in an entry": ({"operations": [LATEST]}, "3 FAILED"),
    "a time without quotes": (
        {"operation_id": "latest", "created_after": datetime(2020, 11, 2, 8, 15, tzinfo=timezone.utc)},
        "Gate failed: 3 FAILED",
    ),
}
# The options, what is said where they are no texts, and where they are.
TYPED = {
    "an account": (
        {"ignore_accounts": "{{ octal }}"},
        f"ignore_accounts has '1402433619', which is not an account ID of 12 digits: YAML reads {OCTAL} as that. Put",
        "Gate failed: 2 FAILED",
    ),
    "an account in an entry": (
        {"operations": [{"ignore_accounts": ["{{ octal }}"]}]},
        "operations[0].ignore_accounts has '1402433619', which is not an account ID",
        "2 FAILED",
    ),
    "names": (
        {"account_names": "{{ typed_names }}"},
        f"account_names has '1402433619', which is not an account ID of 12 digits: YAML reads {OCTAL} as that. Set",
        f"{OCTAL} (no)",
    ),
    "a stack set": (
        {"stack_set_name": "{{ name_no }}"},
        "stack_set_name is False, not a string: YAML reads no as that. Put it in quotes. If quotes do not help, as in"
        " AWX, use the stack set's unique ID (name:uuid) or its ARN.",
        "Stack set no was not found",
    ),
    "an operation": (
        {"operation_id": "{{ id }}"},
        "operation_id is 83, not a string: YAML reads 0123 as that. Put it in quotes. If quotes do not help, as in"
        " AWX, write the operation as a string in operations: stack_set_name=NAME operation_id=ID.",
        "Gate failed: 3 FAILED",
    ),
    "an operation while progress is shown": (
        {"operation_id": "{{ id }}", "show_progress": True},
        "operation_id is 83, not a string",
        "Gate failed: 3 FAILED",
    ),
    "an operation in an entry": (
        {"operations": [{"operation_id": "{{ day }}"}]},
        "operations[0].operation_id is 2026-11-02, not a string: YAML reads it as a date.",
        "Operation 2026-11-02 was not found",
    ),
    "a profile by its other name": (
        {"aws_profile": "{{ name_no }}"},
        "aws_profile is False, not a string",
        "profile",
    ),
    "a pattern": ({"ignore_reasons": "{{ pattern }}"}, "ignore_reasons has 1234, which is not a string.", "3 FAILED"),
}
# The options, and what every ansible-core makes the gate say.
WRONG = {
    "a time of no place": ({**LATEST, "created_after": "{{ local }}"}, "has no UTC offset. Set ISO"),
    "a day": ({**LATEST, "created_after": "{{ day }}"}, "created_after '2026-11-02' has no UTC offset"),
    "a list as a pattern": ({"ignore_reasons": '["AWS"]'}, "a list in a string"),
    "a day without quotes": ({**LATEST, "created_after": date(2026, 11, 2)}, "'2026-11-02' has no UTC offset"),
    "no without quotes": ({"stack_set_name": False}, "stack_set_name is False, not a string: YAML reads no as that."),
    "an octal id without quotes": ({"operation_id": 83}, "operation_id is 83, not a string: YAML reads 0123 as that."),
    "a Region without quotes": ({"region": 83}, "region is 83, not a string"),
    "an account without quotes": ({"ignore_accounts": [int(OCTAL, 8)]}, f"YAML reads {OCTAL} as that."),
    "a name without quotes": ({"account_names": {OCTAL: False}}, f"account_names has False as the name of {OCTAL}"),
}


@pytest.fixture
def said(ansible, emulator, tmp_path):
    """What the gate says of each case."""
    rows = [row(account, status="FAILED", reason="Denied by AWS") for account in (OCTAL, NUMBER, NEITHER)]
    one = operation("0123", rows=[*rows, row("111122223333")], failed_stack_instances_count="auto")
    emulator.stack_set("org-baseline", one)
    (tmp_path / "extravars.yml").write_text(VARIABLES)

    def said(cases):
        tasks = []
        for number, (options, *_said) in enumerate(cases.values()):
            given = {"operation_id": "0123", **options}
            if "operations" in options:
                given["operations"] = [
                    one if isinstance(one, str) else {"stack_set_name": "org-baseline", **one}
                    for one in options["operations"]
                ]
            else:
                given = {"stack_set_name": "org-baseline", **given}
            tasks += [
                {"name": "Gate", GATE: given, "register": "gated", "ignore_errors": True},
                {"name": "Keep", "keep": "gated.msg", "as": f"{number:02}"},
            ]
        play = ansible.play(tasks, "-e", "@extravars.yml")
        assert play.code == 0, play.output
        return {case: play.kept[f"{number:02}"] for number, case in enumerate(cases)}

    return said


def test_what_stays_a_text_and_what_can_be_but_one_is_taken(said):
    messages = said(TAKEN)
    assert {case: messages[case] for case, (_options, words) in TAKEN.items() if words not in messages[case]} == {}


def test_what_is_no_text_any_more_is_refused_before_any_call_with_what_to_give(said, emulator):
    messages = said(TYPED)
    for case, (_options, refused, taken) in TYPED.items():
        assert (refused if READS_TYPES else taken) in messages[case], case
    assert (emulator.log() == []) is READS_TYPES


def test_what_no_quotes_help_is_refused_on_every_ansible(said, emulator):
    messages = said(WRONG)
    assert {case: messages[case] for case, (_options, words) in WRONG.items() if words not in messages[case]} == {}
    assert emulator.log() == []
