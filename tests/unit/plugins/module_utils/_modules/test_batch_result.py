# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several gates' results as one: the verdict on all, the words, the sums, and what a callback can carry."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("hypothesis")

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackgate.stacksets.plugins.module_utils._modules import batch_result as _many_result
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.batch import MAX_OPERATIONS
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.batch_result import (
    aggregate,
    batch_entry,
    without_nulls,
)

STATUSES = ("PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED")


def counts(failed=0, succeeded=0, unaccounted=0, counted=0, complete=True):
    by_status = {**dict.fromkeys(STATUSES, 0), "FAILED": failed, "SUCCEEDED": succeeded}
    return {
        "total": failed + succeeded,
        "by_status": by_status,
        "failed": failed,
        "cancelled": 0,
        "ignored": 0,
        "unaccounted": unaccounted,
        "failed_stack_instances_count": counted,
        "complete": complete,
    }


def gated(name="org-a", verdict="passed", msg=None, violations=(), missing=(), details="", code=None, **about):
    """A gate's result; one that did not pass has a reason and, of that or of AWS's ``code``, an error."""
    if verdict == "failed" and not violations:
        violations = [{"rule": "max_failed", "message": "So it is."}]
    if verdict == "inconclusive" and not missing:
        missing = [{"what": "error" if code else "settled", "message": "Not settled."}]
    gates_own = {"failed": "GateFailed", "inconclusive": "GateInconclusive"}.get(verdict)
    error = {"error": {"code": code or gates_own, "message": f"{name}'s"}} if code or gates_own else {}
    return batch_entry(
        name,
        {
            "msg": msg or f"Gate {verdict}: so it is.",
            "gate": {
                "passed": verdict == "passed",
                "verdict": verdict,
                "violations": list(violations),
                "missing": list(missing),
                "counts": counts(**about),
                "ignored": [],
            },
            "operation": {"status": "SUCCEEDED"},
            "unsuccessful": [details],
            "truncated": False,
            "failure_groups": [],
            "retry_targets": [],
            "retry_commands": [],
            "newer_operations": [],
            "console_url": None,
            "progress": {"operation_id": f"op-{name}"},
            "calls": 5,
            **error,
        },
    )


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        (["passed"], "passed"),
        (["passed", "passed"], "passed"),
        (["passed", "inconclusive"], "inconclusive"),
        (["inconclusive", "failed", "passed"], "failed"),
        (["passed", "passed", "failed"], "failed"),
    ],
)
def test_all_pass_or_it_is_no_pass(verdicts, verdict):
    gate = aggregate([gated(verdict=one) for one in verdicts])["gate"]
    assert (gate["verdict"], gate["passed"]) == (verdict, verdict == "passed")


@given(st.lists(st.sampled_from(["passed", "failed", "inconclusive"]), min_size=1, max_size=30))
def test_it_passes_only_where_each_has_passed(verdicts):
    result = aggregate([gated(verdict=one) for one in verdicts])
    assert result["gate"]["passed"] == (set(verdicts) == {"passed"})
    assert [one["gate"]["verdict"] for one in result["gates"]] == verdicts


def test_each_gate_is_there_with_its_name_in_the_order_asked():
    found = aggregate([gated("c"), gated("a", "failed"), gated("b")])["gates"]
    assert [(one["stack_set_name"], one["operation_id"]) for one in found] == [
        ("c", "op-c"),
        ("a", "op-a"),
        ("b", "op-b"),
    ]
    assert {one["unsuccessful"][0] for one in found} == {""}, "with all that it has"


def test_counts_are_sums_and_calls_too():
    result = aggregate(
        [gated(failed=1, succeeded=2, counted=1), gated(failed=3, unaccounted=2, counted=5, complete=False)]
    )
    assert result["gate"]["counts"] == {**counts(4, 2, 2, 6, complete=False)}
    assert result["calls"] == 10


@pytest.mark.parametrize("unknown", ["unaccounted", "counted"])
def test_a_sum_of_what_is_not_known_is_not_known(unknown):
    sums = aggregate([gated(), gated(**{unknown: None})])["gate"]["counts"]
    assert sums["unaccounted" if unknown == "unaccounted" else "failed_stack_instances_count"] is None
    assert sums["failed"] == 0


def test_a_status_that_only_one_has_is_counted():
    one, other = gated(), gated()
    other["gate"]["counts"]["by_status"]["ODD"] = 3
    assert aggregate([one, other])["gate"]["counts"]["by_status"]["ODD"] == 3


def test_violations_and_what_is_missing_say_whose_they_are():
    broken = {"rule": "max_failed", "message": "3 FAILED, and max_failed is 0."}
    lacking = {"what": "settled", "message": "not yet"}
    gate = aggregate([gated("a", "failed", violations=[broken]), gated("b", "inconclusive", missing=[lacking])])["gate"]
    assert gate["violations"] == [{"stack_set_name": "a", "operation_id": "op-a", **broken}]
    assert gate["missing"] == [{"stack_set_name": "b", "operation_id": "op-b", **lacking}]


def test_the_message_names_those_that_did_not_pass_the_failed_ones_first():
    entries = [gated("a"), gated("b", "inconclusive"), gated("c", "failed")]
    assert aggregate(entries)["msg"] == (
        "Gate failed: 3 operations, 1 failed, 1 inconclusive, 1 passed. c failed: So it is. b inconclusive: Not"
        " settled. Next: see gates for the message, targets and commands of each. If one is inconclusive, run the task"
        " again; it only reads."
    )


def test_what_is_ignored_says_whose_it_is():
    entries = [gated("a"), gated("b")]
    entries[1]["gate"]["ignored"] = [{"account": "000000000001"}]
    listed = aggregate(entries)["gate"]["ignored"]
    assert listed == [{"stack_set_name": "b", "operation_id": "op-b", "account": "000000000001"}]


def test_each_that_did_not_pass_is_told_with_its_reason():
    names = [f"org-{number}" for number in range(60)]
    said = aggregate([gated(name, "failed") for name in names])["msg"]
    assert [f" {name} failed: So it is." in said for name in names] == [True] * 60
    assert "more did not pass" not in said
    assert said.index(" org-20 ") < said.index("Next: ") < 900


def test_of_a_long_reason_the_beginning_is_told_in_whole_words():
    reason = "Denied: op-1.5. Allow it. AWS says: no. " + "Look it up. " * 30
    one = gated("a", "inconclusive", missing=[{"what": "error", "message": reason}])
    assert "a inconclusive: Denied: op-1.5. Allow it. AWS says: no. Look it up. Look" in aggregate([one])["msg"]
    assert "Look it up. Look it ... Next: " in aggregate([one])["msg"]


def test_each_clause_ends_with_one_full_stop():
    for message, end in (("So it is.", "So it is. Next: "), ("Denied (AWS answered X.)", "(AWS answered X.). Next: ")):
        one = gated("a", "inconclusive", missing=[{"what": "error", "message": message}])
        assert end in aggregate([one])["msg"]


def test_what_aws_refused_is_the_error_of_the_task():
    refused = gated("a", "inconclusive", code="AccessDenied")
    result = aggregate([gated("b", "failed"), refused])
    assert result["error"]["code"] == "AccessDenied", "it fails the task whatever the user branches on"


def test_what_aws_answered_goes_along():
    refused = {**gated("a", "inconclusive", code="AccessDenied"), "response_metadata": {"http_status_code": 403}}
    assert aggregate([gated("b"), refused])["response_metadata"] == {"http_status_code": 403}


def test_verdicts_are_counted_the_most_frequent_first():
    verdicts = ["passed", "inconclusive", "failed", "passed", "inconclusive", "inconclusive"]
    said = aggregate([gated(str(number), verdict) for number, verdict in enumerate(verdicts)])["msg"]
    assert said.startswith("Gate failed: 6 operations, 3 inconclusive, 2 passed, 1 failed. ")
    assert "2 operations, 1 inconclusive, 1 passed. " in aggregate([gated("a"), gated("b", "inconclusive")])["msg"]


def test_a_violation_comes_before_the_error_that_ended_the_reading():
    one = gated("a", "failed", missing=[{"what": "error", "message": "Denied."}], code="AccessDenied")
    assert "a failed: So it is. Next: " in aggregate([one])["msg"]


@pytest.mark.parametrize(
    ("verdicts", "code", "message"),
    [
        (["passed", "inconclusive", "failed", "failed"], "GateFailed", "2's"),
        (["passed", "inconclusive"], "GateInconclusive", "1's"),
    ],
)
def test_the_error_is_that_of_the_first_with_the_verdict(verdicts, code, message):
    entries = [gated(str(number), verdict) for number, verdict in enumerate(verdicts)]
    assert aggregate(entries)["error"] == {"code": code, "message": message}


def test_a_pass_has_no_error():
    assert "error" not in aggregate([gated()])


def test_a_reason_is_cut_between_words():
    long = {"rule": "max_failed", "message": "word " * 100}
    said = aggregate([gated("a", "failed", violations=[long])])["msg"]
    assert f"a failed: {'word ' * 31}... Next: " in said


def test_the_message_of_a_pass_is_short():
    assert aggregate([gated("a"), gated("b")])["msg"] == "Gate passed: 2 operations, 2 passed."


def test_a_pass_says_what_is_tolerated():
    entries = [gated("a", failed=2), gated("b", failed=1, unaccounted=3)]
    entries[1]["gate"]["counts"] |= {"cancelled": 4, "ignored": 5}
    assert aggregate(entries)["msg"] == (
        "Gate passed: 2 operations, 2 passed; tolerated: 3 FAILED, 5 FAILED but ignored, 4 CANCELLED, 3"
        " unaccounted for."
    )
    assert "tolerated" not in aggregate([gated("a", "failed", failed=2)])["msg"]


def test_many_that_did_not_pass_are_named_as_far_as_there_is_room():
    said = aggregate([gated(f"{number:02}{'n' * 165}", "failed") for number in range(40)])["msg"]
    assert len(said) < 4050
    told = said.count("failed: So it is.")
    assert 15 < told < 25
    assert said.endswith(f"n failed: So it is. {40 - told} more did not pass.")
    assert said.index("Next: ") < 750
    assert said.index("03nnn") < 900 - 100


def test_hostile_words_are_made_harmless():
    said = aggregate([gated("a", "failed", violations=[{"message": "\x1b[31mred\nTASK [ok]"}])])["msg"]
    assert said.isprintable()


def test_those_that_failed_keep_what_they_have_where_room_is_scarce():
    entries = [gated(f"p{number}", details="p" * 60_000) for number in range(8)]
    entries += [gated("f", "failed", "Gate failed: why.", details="f" * 60_000)]
    found = aggregate(entries)["gates"]
    assert found[-1] == entries[-1]
    assert [one["truncated"] for one in found].count(True) > 1
    brief = next(one for one in found if one["truncated"])
    assert set(brief) == set(entries[0])
    assert brief["gate"] == {"passed": True, "verdict": "passed"}
    assert (brief["stack_set_name"], brief["operation_id"], brief["calls"]) == ("p5", "op-p5", 5)
    assert (brief["unsuccessful"], brief["operation"]) == (None, None)


def with_size(size, **about):
    """A gate whose JSON has so many characters."""
    return gated(**about, details="d" * (size - len(json.dumps(gated(**about)))))


@pytest.mark.parametrize(("over", "whole"), [(0, True), (1, False)])
def test_a_gate_is_whole_up_to_the_last_character_that_there_is_room_for(over, whole):
    (found,) = aggregate([with_size(_many_result._GATES_SIZE + over, msg="Gate passed: " + "w" * 200)])["gates"]
    assert found["truncated"] != whole
    assert len(found["msg"]) == (213 if whole else 120)
    assert found["msg"].startswith("Gate passed: www")


def test_briefs_leave_room_for_as_many_whole_ones_as_fit():
    brief = len(json.dumps({**aggregate([with_size(500_000)])["gates"][0]}))
    room = _many_result._GATES_SIZE - 2 * brief
    found = aggregate([with_size(brief + room), with_size(brief + 1), with_size(brief)])["gates"]
    assert [one["truncated"] for one in found] == [True, False, False]


@pytest.mark.parametrize(("over", "listed"), [(0, 2), (1, 1)])
def test_lists_of_all_gates_go_as_far_as_there_is_room(over, listed):
    first = {"message": "m" * 1000}
    taken = sum(
        len(json.dumps({"stack_set_name": "org-a", "operation_id": "op-org-a", **one}))
        for one in (first, {"message": ""})
    )
    second = {"message": "m" * (_many_result._LISTED_SIZE - taken + over)}
    gate = aggregate([gated(violations=[first, second, {"message": ""}], missing=[first])])["gate"]
    assert (len(gate["violations"]), len(gate["missing"])) == (listed, 1)


def test_as_many_as_one_task_takes_fit_into_an_event_with_the_longest_names():
    long = {"violations": [{"message": "m" * 260}] * 5, "missing": [{"what": "rows", "message": "m" * 260}] * 5}
    entries = [
        gated(f"{number:03}{'n' * 162}", "failed", "Gate failed: " + "w" * 900, details="d" * 2000, **long)
        for number in range(MAX_OPERATIONS)
    ]
    for one in entries:
        one["operation_id"] = "o" * 128
    result = aggregate(entries)
    arguments = [{"stack_set_name": "n" * 165, "operation_id": "o" * 128}] * MAX_OPERATIONS
    assert len(str({**result, "invocation": {"module_args": {"operations": arguments}}})) < 700_000
    assert {one["gate"]["verdict"] for one in result["gates"]} == {"failed"}
    json.dumps(result)


def test_what_an_entry_left_out_is_not_repeated():
    assert without_nulls([{"stack_set_name": "a", "max_failed": 0, "scope": None}]) == [
        {"stack_set_name": "a", "max_failed": 0}
    ]
