# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of a wait: what it hands to the next poll, and that it ends with Ansible."""

from __future__ import annotations

import os

import pytest

pytest.importorskip("boto3")

from ansible_collections.stackgate.stacksets.plugins.plugin_utils._progress import Pauses, Polls
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._progress_many import ManyPolls, polls_of

GATE = {"passed": True, "verdict": "passed", "violations": [], "missing": [], "ignored": []}
COUNTS = {
    **dict.fromkeys(("total", "failed", "cancelled", "ignored", "unaccounted", "failed_stack_instances_count"), 0),
    "by_status": {"SUCCEEDED": 3},
    "complete": False,
}


def gated(name):
    return {
        "stack_set_name": name,
        "operation_id": "op",
        "msg": "Gate passed: well.",
        "gate": {**GATE, "counts": COUNTS},
        "calls": 6,
    }


def round_of(gates, statuses, **more):
    """What the module returns for a round of polls."""
    waiting = [{"operation_id": "op", "status": status} for status in statuses]
    return {
        "changed": False,
        "fails": False,
        "fail_on_closed": True,
        "gates": gates,
        "statuses": statuses,
        "watch": {"operations": waiting},
        "pause": 0.0,
        **more,
    }


def run(*rounds):
    """The result, the lines shown, and what each round was asked for."""
    shown, asked, left = [], [], list(rounds)

    def execute(arguments):
        asked.append(arguments)
        return left.pop(0)

    operations = [{"stack_set_name": name} for name in "abc"]
    result = ManyPolls({"operations": operations, "region": "eu-west-1"}, shown.append).run(execute)
    assert not left
    return result, [line.rpartition("; ")[0] for line in shown], asked


def test_what_has_decided_is_not_asked_for_again():
    result, shown, asked = run(
        round_of([None, gated("b"), None], ["RUNNING", "QUEUED"]),
        round_of([None, gated("c")], ["RUNNING"]),
        round_of([gated("a")], []),
    )
    assert [[one["stack_set_name"] for one in each["operations"]] for each in asked] == [
        ["a", "b", "c"],
        ["a", "c"],
        ["a"],
    ]
    assert [[one["status"] for one in each["watch"].get("operations", [])] for each in asked] == [
        [],
        ["RUNNING", "QUEUED"],
        ["RUNNING"],
    ]
    assert [each["watch"]["elapsed"] for each in asked] == sorted(each["watch"]["elapsed"] for each in asked)
    assert {each["region"] for each in asked} == {"eu-west-1"}
    assert [one["stack_set_name"] for one in result["gates"]] == ["a", "b", "c"]
    assert (result["gate"]["passed"], result["changed"], result.get("failed")) == (True, False, None)
    assert shown == [
        "1 of 3 decided: 1 passed; 1 QUEUED, 1 RUNNING",
        "2 of 3 decided: 2 passed; 1 RUNNING",
        "3 of 3 decided: 3 passed",
    ]


def test_a_line_is_shown_only_where_the_numbers_change():
    waiting = round_of([None] * 3, ["RUNNING"] * 3)
    _result, shown, _asked = run(waiting, waiting, waiting, round_of([gated("a"), gated("b"), gated("c")], []))
    assert shown == ["0 of 3 decided; 3 RUNNING", "3 of 3 decided: 3 passed"]


def test_what_fails_in_an_early_round_fails_the_task():
    result, _shown, _asked = run(
        round_of([gated("a"), None, None], ["RUNNING"] * 2, fails=True, fail_on_closed=False),
        round_of([gated("b"), gated("c")], [], fail_on_closed=False),
    )
    assert result["failed"]


def test_warnings_of_all_rounds_are_kept():
    result, _shown, _asked = run(
        round_of([gated("a"), None, None], ["RUNNING"] * 2, warnings=["one"]),
        round_of([gated("b"), gated("c")], [], warnings=["two"]),
    )
    assert result["warnings"] == ["one", "two"]


@pytest.mark.parametrize("operations", [["a=b"], "a=b,c=d", []])
def test_several_waits_are_told_together_in_whatever_form_they_are_named(operations):
    assert isinstance(polls_of({"operations": operations}, print), ManyPolls)


@pytest.mark.parametrize("arguments", [{}, {"operations": None}, {"operations": {"a": "b"}}])
def test_one_wait_and_what_the_module_refuses_are_told_by_themselves(arguments):
    assert isinstance(polls_of(arguments, print), Polls)


def test_what_the_module_refuses_is_the_result():
    refused = {"failed": True, "msg": "operations[0].stack_set_name is empty."}
    assert run(refused)[0] == refused


def test_a_wait_ends_with_ansible(monkeypatch):
    pauses = Pauses()
    assert pauses.sleep(0) is None
    monkeypatch.setattr(os, "getppid", lambda: 1)
    with pytest.raises(SystemExit):
        pauses.sleep(0)
