# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the filters take as rows, what they refuse, and what they say."""

from __future__ import annotations

import pytest

pytest.importorskip("ansible.errors")

from ansible.errors import AnsibleFilterError
from jinja2 import Undefined

from ansible_collections.stackgate.stacksets.plugins.filter.gate import FilterModule as Gate
from ansible_collections.stackgate.stacksets.plugins.filter.group_failures import FilterModule as GroupFailures
from ansible_collections.stackgate.stacksets.plugins.filter.retry_targets import FilterModule as RetryTargets
from ansible_collections.stackgate.stacksets.plugins.filter.summarize import FilterModule as Summarize
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.normalise import (
    normalise_operation,
    normalise_row,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.policy import DEFAULTS
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import Tally, failure_groups

FILTERS = {
    name: function
    for module in (Gate, GroupFailures, RetryTargets, Summarize)
    for name, function in module().filters().items()
}
gate, group_failures, retry_targets, summarize = (
    FILTERS[name] for name in ("gate", "group_failures", "retry_targets", "summarize")
)


def aws_row(account="111122223333", region="eu-west-1", status="SUCCEEDED", reason=None, unit=None):
    return {
        "Account": account,
        "Region": region,
        "Status": status,
        "StatusReason": reason,
        "OrganizationalUnitId": unit,
        "AccountGateResult": {"Status": "SKIPPED", "StatusReason": "Function not found"},
    }


def row(*words, **more):
    about = {key: more.pop(key) for key in ("stack_set_name", "operation_id") if key in more}
    return {**about, **normalise_row(aws_row(*words, **more))}


def some(**numbers):
    """So many rows of each status, each of an account of its own."""
    statuses = [status for status, number in numbers.items() for _row in range(number)]
    return [row(f"{number:012}", status=status) for number, status in enumerate(statuses)]


def operation(status="SUCCEEDED", failed=0, operation_id="op-1", action="UPDATE"):
    """``failed`` is AWS's own count; None where it gives none."""
    details = {} if failed is None else {"FailedStackInstancesCount": failed}
    return normalise_operation(
        {
            "OperationId": operation_id,
            "Action": action,
            "Status": status,
            "StatusDetails": details,
            "StackSetId": "org-baseline:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a",
        }
    )


def result(rows, about=None, **more):
    """A result of operation_results_info."""
    about = operation(failed=sum(one["status"] == "FAILED" for one in rows)) if about is None else about
    return {"operation": about, "operation_results": rows, "truncated": False, "complete": True, **more}


class Lazy(dict):
    """A dict that has its members only by their keys, as ansible-core's containers do since 2.19."""

    def items(self):
        raise AssertionError("items")

    values = items


class Text(str):
    """A str that knows where it comes from."""


def lazy(value):
    if isinstance(value, dict):
        return Lazy({key: lazy(member) for key, member in dict(value).items()})
    if isinstance(value, list):
        return [lazy(member) for member in value]
    return Text(value) if isinstance(value, str) else value


SMALL = [
    row(status="FAILED", reason="Account 111122223333 has no role"),
    row("444455556666", status="FAILED", reason="Account 444455556666 has no role"),
    row("444455556666", "us-east-1", "CANCELLED", unit="ou-1"),
    row("777788889999"),
]


@pytest.mark.parametrize(
    "given", [SMALL, tuple(SMALL), result(SMALL), result(SMALL, complete=False), lazy(SMALL), lazy(result(SMALL))]
)
def test_rows_alone_and_a_result_are_taken_and_the_answers_are_the_modules(given):
    tally = Tally()
    tally.add(
        [
            row(status="FAILED"),
            row("444455556666", status="FAILED"),
            row("444455556666", "us-east-1", "CANCELLED", unit="ou-1"),
            row("777788889999"),
        ]
    )
    assert summarize(given) == tally.summary()
    (group,) = group_failures(given)
    assert group == {
        "reason": "Account <account> has no role",
        "key": failure_groups(SMALL)[0]["key"],
        "count": 2,
        "account_count": 2,
        "region_count": 1,
        "accounts": ["111122223333", "444455556666"],
        "regions": ["eu-west-1"],
        "sample": SMALL[0],
    }


def test_the_lookups_keys_stay_in_the_sample_and_others_go():
    about = {"stack_set_name": "org-baseline", "operation_id": "op-1"}
    (group,) = group_failures([{**SMALL[0], **about, "account_name": "payments"}])
    assert group["sample"] == {**about, **SMALL[0]}


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_rows_for_a_target_the_worst_counts_once(order):
    twice = [row(status="SUCCEEDED"), row(status="FAILED", reason="x"), row(status="CANCELLED")][::order]
    assert summarize(twice)["by_status"] == {"PENDING": 0, "RUNNING": 0, "SUCCEEDED": 0, "FAILED": 1, "CANCELLED": 0}
    assert [group["count"] for group in group_failures([*twice, *twice])] == [1]
    decision = gate(twice, operation=operation(failed=1), max_failed=1, expected_results=1)
    assert decision["counts"]["total"] == 1
    assert decision["passed"] is True


SEVERAL = [row(status="FAILED", reason="x", stack_set_name=name, operation_id=name[-1]) for name in ("set-1", "set-2")]


def test_one_target_of_several_operations_is_several_failures():
    (group,) = group_failures(SEVERAL)
    assert group["count"] == 2


@pytest.mark.parametrize("name", ["summarize", "retry_targets", "gate"])
@pytest.mark.parametrize(
    "rows",
    [
        SEVERAL,
        # Ids of operations can be chosen, so two stack sets may have the same.
        [row(stack_set_name="set-1", operation_id="op"), row(stack_set_name="set-2", operation_id="op")],
        [row(stack_set_name="set-1", operation_id="op-1"), row()],
    ],
)
def test_rows_of_several_operations_are_refused_where_they_would_be_mixed_up(name, rows):
    with pytest.raises(AnsibleFilterError, match=r"has rows of 2 operations .*set-1.*Pass rows of one operation"):
        FILTERS[name](rows)


def without(key):
    return {name: value for name, value in row().items() if name != key}


REFUSED = {
    "text": ("[]", r"The input is a string, '\[\]'. .*from_json"),
    "null": (None, "The input is null. Pass operation_results"),
    "undefined": (Undefined(name="read"), "The input is undefined. Pass operation_results"),
    "number": (5, "The input is 5"),
    "bytes": (b"[]", "The input is b'\\[\\]'"),
    "summary only": (
        {"summary": {}, "operation": None, "changed": False},
        "has no operation_results: it is a result of summary_only=true. Read the operation without summary_only",
    ),
    "loop": ({"results": [result(SMALL)], "changed": False}, "the result of a loop.*separately"),
    "failed loop": ({"results": [], "failed": True, "msg": "One or more items failed"}, "the result of a loop"),
    "skipped": ({"changed": False, "skipped": True}, "a skipped task"),
    "failed": ({"failed": True, "msg": "AWS\nwent away"}, "a failed task, AWS went away. Fix that"),
    "one row": (row(), "it is a single row. Pass a list"),
    "a dict": ({"stdout": "", "rc": 0}, "a dict without operation_results; its keys are stdout, rc. Pass"),
    "empty dict": ({}, "a dict without operation_results; it is empty"),
    "aws answer": ({"Summaries": [aws_row()]}, "a response of the AWS CLI or boto3 .its keys are Summaries.*Read"),
    "aws row": (aws_row(), "a response of the AWS CLI or boto3"),
    "aws rows": (
        [aws_row()],
        "rows with keys of the AWS CLI or boto3 .its keys are Account, Region.*Read the operation",
    ),
    "results": ([result(SMALL)], "a list of task results, not of rows. Pass them separately"),
    "texts": (["FAILED"], "a list whose row 1 is 'FAILED', not a dict"),
    "lists": ([row(), [row()]], "a list whose row 2 is .*, not a dict"),
    "undefined row": ([row(), Undefined()], "a list whose row 2 is undefined, not a dict"),
    "no rows in result": (result([], operation_results=None), "The input's operation_results is null, not a list"),
    "text in result": (result([], operation_results="x"), "The input's operation_results is 'x', not a list"),
    "complete is a text": (result(SMALL, complete="true"), "The input's complete is 'true', not true or false"),
    "truncated is a text": (result(SMALL, truncated="no"), "The input's truncated is 'no', not true or false"),
    "failed is a number": (result(SMALL, failed=0), "The input's failed is 0, not true or false"),
    "stack_set_name is a number": (result(SMALL, stack_set_name=83), "The input's stack_set_name is 83, not a string"),
    "operation is a text": (result(SMALL, about="op-1"), "The input's operation is 'op-1'. Pass an operation that"),
    "a number for an account": (
        [row(), {**row(), "account": 111122223333}],
        "a number for the account in row 2, 1111.*Pass rows as a string",
    ),
    "a number for a status": ([{**row(), "status": 5}], "status in row 1 of the input is 5, not a string"),
    "a dict for a reason": (
        [{**row(), "status_reason": {}}],
        "status_reason in row 1 of the input is {}, not a string",
    ),
    "a text for the gate": ([{**row(), "account_gate_result": "SKIPPED"}], "account_gate_result in row 1 .*not a dict"),
    "a number in the gate": (
        [{**row(), "account_gate_result": {"status": 1}}],
        "account_gate_result.status in row 1 of the input is 1, not a string",
    ),
    "a number for an operation": ([row(operation_id=7)], "operation_id in row 1 of the input is 7, not a string"),
    **{
        f"no {key}": ([row(), without(key)], f"The input has no {key} in row 2; its keys are .*Pass operation_results")
        for key in row()
    },
}


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_rows_is_refused_with_what_it_is_and_the_remedy(name, case):
    given, message = REFUSED[case]
    with pytest.raises(AnsibleFilterError, match=f"(?s)^stackgate.stacksets.{name}: .*{message}") as caught:
        FILTERS[name](given)
    # The wrapped error says nothing more, and nothing of a foreign text can break the line.
    assert caught.value.__cause__ is None
    assert "\n" not in str(caught.value)


def test_null_members_are_rows_all_the_same():
    empty = {**dict.fromkeys(row()), "status": "FAILED"}
    assert summarize([empty])["by_status"]["FAILED"] == 1
    assert group_failures([empty])[0]["sample"]["account_gate_result"] == {"status": None, "status_reason": None}
    assert retry_targets([empty]) is None


def test_no_rows_are_rows():
    assert summarize([])["total"] == 0
    assert group_failures([]) == []
    assert retry_targets([]) == []


TARGETS = [
    {"accounts": ["111122223333", "444455556666"], "regions": ["eu-west-1"], "organizational_unit_id": None},
    {"accounts": ["444455556666"], "regions": ["us-east-1"], "organizational_unit_id": "ou-1"},
]


def test_what_to_retry():
    assert retry_targets(SMALL) == retry_targets(result(SMALL)) == TARGETS
    assert retry_targets(result(some(SUCCEEDED=3))) == []


@pytest.mark.parametrize(
    "part",
    [
        result(SMALL, complete=False),
        {key: value for key, value in result(SMALL).items() if key != "complete"},
        result(SMALL, truncated=True),
        result(SMALL, failed=True, msg="AWS went away"),
        result(SMALL, about=operation("RUNNING", failed=2)),
        result(SMALL, about=operation(failed=3)),
        result([*SMALL, row("888899990000", status="RUNNING")]),
        result([]),
        {**result([]), "operation": None},
    ],
)
def test_what_to_retry_is_not_known_of_a_result_that_may_lack_some(part):
    assert retry_targets(part) is None
    assert retry_targets(part, complete=True) is None


def test_rows_alone_can_be_said_to_be_a_part():
    assert retry_targets(SMALL, complete=False) is None
    assert retry_targets(result(SMALL), complete=False) is None
    with pytest.raises(AnsibleFilterError, match=r"complete is 'yes'. Set true or false"):
        retry_targets(SMALL, complete="yes")


def test_the_gate_passes_on_a_whole_result_and_fails_on_a_failure():
    passed = gate(result(some(SUCCEEDED=3)))
    assert (passed["passed"], passed["verdict"], passed["missing"]) == (True, "passed", [])
    assert passed["counts"]["complete"] is True
    assert passed["msg"].startswith("Gate passed: UPDATE operation op-1 of stack set org-baseline:8a1f")
    failed = gate(result(SMALL), max_failed=1, max_cancelled=1)
    assert (failed["passed"], failed["verdict"]) == (False, "failed")
    assert [(one["rule"], one["limit"], one["actual"]) for one in failed["violations"]] == [("max_failed", 1, 2)]
    assert '2 x "Account <account> has no role" in 2 accounts (111122223333, 444455556666)' in failed["msg"]
    assert gate(result(SMALL), max_failed=2, max_cancelled=1)["passed"] is True


def missing(decision):
    assert decision["passed"] is False
    assert decision["verdict"] == "inconclusive"
    return [one["what"] for one in decision["missing"]]


@pytest.mark.parametrize(
    ("part", "whats"),
    [
        (result(some(SUCCEEDED=3), complete=False), ["rows"]),
        (result(some(SUCCEEDED=3), complete=None), ["rows"]),
        ({key: value for key, value in result(some(SUCCEEDED=3)).items() if key != "complete"}, ["rows"]),
        (result(some(SUCCEEDED=3), truncated=True), ["rows"]),
        (result(some(SUCCEEDED=3), failed=True, msg="AWS went away"), ["error"]),
        (result(some(SUCCEEDED=3), about=operation("RUNNING")), ["operation"]),
        (result(some(SUCCEEDED=3), about=operation("RUNNING"), complete=False), ["operation"]),
        (result(some(SUCCEEDED=3), about=operation("INVENTED")), ["operation_status"]),
        (result(some(SUCCEEDED=3), about=operation(failed=1)), ["unaccounted"]),
        (result(some(SUCCEEDED=3, RUNNING=1)), ["unaccounted"]),
        (result(some(SUCCEEDED=3, INVENTED=1)), ["row_status"]),
        (result(some(SUCCEEDED=3), about=operation(failed=None)), ["settled"]),
        (result([]), ["settled", "settled"]),
        ({**result([]), "operation": None}, ["rows_operation"]),
        (some(SUCCEEDED=3), ["rows_operation"]),
        (some(FAILED=3), ["rows_operation"]),
        ([], ["rows_operation"]),
    ],
)
def test_what_rows_cannot_show_is_no_pass(part, whats):
    assert missing(gate(part)) == whats
    assert all(one["message"] and one["way_out"] for one in gate(part)["missing"])


@pytest.mark.parametrize("allowed", [{}, {"allow_empty": True}, {"allow_empty": True, "expected_results": 0}])
def test_no_rows_never_pass(allowed):
    assert "settled" in missing(gate(result([]), **allowed))
    assert "settled" in missing(gate([], operation=operation(), **allowed))


@pytest.mark.parametrize(
    "allowed",
    [
        {},
        {"allow_empty": True},
        {"allow_empty": True, "expected_results": 0},
        {"allow_empty": True, "expected_results": 0, "max_unaccounted": 9, "max_failed_percentage": 100},
    ],
)
@pytest.mark.parametrize("about", [{}, {"operation": operation()}], ids=["no operation", "an operation"])
def test_what_a_lookup_makes_of_an_ignored_error_never_passes(allowed, about):
    """query() makes a list without rows of it, lookup() null, or an empty text before ansible-core 2.19."""
    assert gate([], **about, **allowed)["passed"] is False
    for nothing in (None, "", Undefined()):
        with pytest.raises(AnsibleFilterError, match=r"The input is (null|a string, ''|undefined)\. Pass |Give "):
            gate(nothing, **about, **allowed)


@pytest.mark.parametrize("status", ["FAILED", "STOPPED"])
def test_an_operation_that_did_not_succeed_is_the_modules_to_settle(status):
    accepted = {"accept_operation_statuses": [status], "expected_results": 3}
    assert missing(gate(result(some(SUCCEEDED=3), about=operation(status)), **accepted)) == ["settled"]
    assert gate(result(some(SUCCEEDED=3), about=operation(status)))["verdict"] == "failed"


def test_a_part_can_close_the_gate_and_never_open_it():
    for part in (gate(result(SMALL, truncated=True)), gate(some(FAILED=1), operation=operation(failed=1))):
        assert part["verdict"] == "failed"
        assert part["counts"]["complete"] is False


@pytest.mark.parametrize("statuses", [{"FAILED": 1}, {"CANCELLED": 1}, {"FAILED": 1, "CANCELLED": 1}])
def test_rows_alone_of_the_bad_statuses_are_taken_for_a_part(statuses):
    about = operation(failed=statuses.get("FAILED", 0))
    lenient = {"max_failed": 1, "max_cancelled": 1}
    assert missing(gate(some(**statuses), operation=about, **lenient)) == ["whole"]
    counted = gate(some(**statuses), operation=about, expected_results=sum(statuses.values()), **lenient)
    assert counted["passed"] is True
    assert gate(some(**statuses), operation=about, expected_results=9, **lenient)["verdict"] == "failed"
    assert gate(some(**statuses, SUCCEEDED=1), operation=about, **lenient)["passed"] is True


def test_rows_alone_that_lack_a_failure_that_aws_counts_do_not_pass():
    assert missing(gate(some(SUCCEEDED=3), operation=operation(failed=1))) == ["unaccounted"]
    assert gate(some(SUCCEEDED=3), operation=operation(failed=1), max_unaccounted=1)["passed"] is True


def test_ignored_failures_are_reported_as_they_are_and_not_named_as_a_cause():
    rows = [*some(SUCCEEDED=2), row(status="FAILED", reason="suspended {{ 1/0 }}")]
    decision = gate(result(rows), ignore_reasons=["suspended"])
    assert decision["passed"] is True
    assert decision["counts"]["ignored"] == 1
    assert decision["ignored"] == [rows[-1]]
    assert "1/0" not in decision["msg"]


def test_the_filter_does_not_speak_of_options_that_only_the_module_has():
    for given in (result([]), result(some(SUCCEEDED=1), about=operation("RUNNING")), result(some(RUNNING=1))):
        for word in ("settle_timeout", "wait_timeout", "run the task"):
            assert word not in gate(given)["msg"]
        assert "operation_gate with operation_id=op-1" in gate(given)["msg"]
        assert "operation_gate with operation_id=op-1" in gate(given)["missing"][0]["way_out"]


def test_the_words_name_what_is_known_and_no_more():
    named = [{**one, "stack_set_name": "org-baseline", "operation_id": "op-1"} for one in some(SUCCEEDED=1)]
    assert "of stack set org-baseline is SUCCEEDED" in gate(named, operation=operation())["msg"]
    bare = {key: value for key, value in operation().items() if key != "stack_set_id"}
    assert "UPDATE operation op-1 is SUCCEEDED" in gate(some(SUCCEEDED=1), operation=bare)["msg"]
    assert "None" not in gate(some(SUCCEEDED=1))["msg"]


def changed(**members):
    return {**operation(), **members}


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ("op-1", "operation is 'op-1'. Pass an operation that stackgate.stacksets.operation_results_info"),
        (Undefined(), "operation is undefined"),
        ([operation()], "operation is \\["),
        ({}, "operation has no operation_id; it is empty"),
        ({"OperationId": "op-1", "Status": "SUCCEEDED"}, "has no operation_id; its keys are OperationId, Status"),
        (result(SMALL), "operation has no operation_id; its keys are operation, operation_results"),
        (changed(status=None), "operation has no status"),
        (changed(operation_id=""), "operation has no operation_id"),
        (changed(action=5), "operation.action is 5, not a string"),
        (changed(status_details=3), "operation.status_details is 3, not a dict"),
        (
            changed(status_details={"failed_stack_instances_count": "3"}),
            "operation.status_details.failed_stack_instances_count is '3'. Pass",
        ),
        (
            changed(status_details={"failed_stack_instances_count": -1}),
            "operation.status_details.failed_stack_instances_count is -1. Pass",
        ),
        (
            changed(stack_set_drift_detection_details={"drifted_stack_instances_count": True}),
            "drifted_stack_instances_count is True",
        ),
    ],
)
def test_an_operation_that_is_none_is_refused(about, message):
    with pytest.raises(AnsibleFilterError, match=message):
        gate(some(SUCCEEDED=1), operation=about)


def test_the_operation_must_be_that_of_the_rows():
    rows = [row(operation_id="op-1", stack_set_name="org-baseline")]
    assert gate(rows, operation=operation())["passed"] is True
    with pytest.raises(AnsibleFilterError, match="operation is op-2, but the rows belong to op-1"):
        gate(rows, operation=operation(operation_id="op-2"))
    with pytest.raises(AnsibleFilterError, match="operation is op-2, but the rows belong to op-1"):
        gate(result(rows, about=operation(operation_id="op-2")))
    with pytest.raises(AnsibleFilterError, match=r"operation is set, but the input contains its operation. Omit it"):
        gate(result(rows), operation=operation())


def test_arguments_that_nobody_knows_are_refused_with_those_there_are():
    with pytest.raises(
        AnsibleFilterError, match=r"No such argument: max_fail, wait. The arguments are operation, max_f"
    ):
        gate(result(SMALL), wait=False, max_fail=3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_failed": "3"}, "max_failed is '3'. Set a whole number"),
        ({"max_failed_percentage": 101}, "max_failed_percentage is 101"),
        ({"scope": "account"}, "scope is 'account'"),
        ({"ignore_reasons": ["."]}, "matches every reason"),
        ({"accept_operation_statuses": ["FAILED"]}, "without expected_results"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(options, message):
    with pytest.raises(AnsibleFilterError, match=f"^stackgate.stacksets.gate: .*{message}"):
        gate(result(SMALL), **options)


def test_the_policy_has_the_modules_names():
    assert gate(result(some(SUCCEEDED=1)), **DEFAULTS)["passed"] is True


def test_a_hundred_thousand_rows_are_no_trouble():
    rows = some(SUCCEEDED=99_997, FAILED=3)
    assert summarize(rows)["total"] == 100_000
    assert gate(result(rows), max_failed=3)["passed"] is True
