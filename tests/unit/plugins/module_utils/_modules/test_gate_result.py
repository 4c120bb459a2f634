# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a gate returns, and that any callback can carry it."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("boto3")

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.client import StackSetClient
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.normalise import normalise_row
from ansible_collections.stackgate.stacksets.plugins.module_utils._backoff import Clock
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import Interrupted, OptionError, ReadError
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.evaluate import evaluate
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.policy import policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.gate_options import waiting_options
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.gate_result import (
    _no_targets,
    gate_result,
    refusal_result,
    was_interrupted,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.options import stack_set_options
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait import evidence as evidence_module
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.gate_request import gate_request
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.waiter import OperationWaiter
from ansible_collections.stackgate.stacksets.tests.unit.helpers.scripted_wire import answer, new_client, refusal

CARRIED = 700_000  # characters: ansible-runner and AWX drop a larger result
OPERATION_ID = "5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e"
UNIQUE = "org-baseline:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a"
OPTIONS = {
    **{name: option.get("default") for name, option in {**stack_set_options(), **waiting_options()}.items()},
    "stack_set_name": "org-baseline",
    "operation_id": OPERATION_ID,
    "wait": False,
}


def row(account, status="FAILED", reason=None, region="eu-west-1", unit=None, gate=None):
    return {
        "Account": f"{account:012}",
        "Region": region,
        "Status": status,
        "StatusReason": reason,
        "OrganizationalUnitId": unit,
        "AccountGateResult": {"Status": "SKIPPED", "StatusReason": gate},
    }


def result(rows, status="SUCCEEDED", failed=None, listing=answer, action="UPDATE", **options):
    """The result of a gate that reads these rows, each status in one page; ``failed`` is AWS's count."""
    if failed is None:
        failed = sum(one["Status"] == "FAILED" for one in rows)
    about = {
        "OperationId": OPERATION_ID,
        "StackSetId": UNIQUE,
        "Action": action,
        "Status": status,
        "StatusDetails": {"FailedStackInstancesCount": failed},
    }

    def handler(call):
        if call["Action"] == "DescribeStackSetOperation":
            return answer("DescribeStackSetOperation", StackSetOperation=about)
        wanted = call.get("Filters.member.1.Values")
        return listing(
            "ListStackSetOperationResults", Summaries=[one for one in rows if wanted in (None, one["Status"])]
        )

    request = gate_request({**OPTIONS, **{name: options[name] for name in options if name not in policy({})._fields}})
    stack_set = StackSetClient(new_client(handler), request.stack_set, request.call_as)
    rules = policy(options)
    wait = OperationWaiter(stack_set, request, rules, Clock(lambda: 0.0, lambda seconds: None, lambda: 0.0))
    try:
        ending = wait.run()
    except ReadError as error:
        ending = error
    return gate_result(ending, wait, request, "eu-west-1")


def test_a_closed_gate_has_all_that_a_playbook_needs():
    fact = result(
        [row(1, reason="Rate exceeded", gate="none"), row(2, "CANCELLED"), row(3, "SUCCEEDED")],
        account_names={"000000000001": "payments"},
    )
    assert set(fact) == {
        *("msg", "gate", "operation", "unsuccessful", "truncated", "failure_groups", "retry_targets"),
        *("retry_commands", "newer_operations", "console_url", "progress", "calls", "error"),
    }
    assert fact["error"] == {"code": "GateFailed", "message": "1 FAILED, and max_failed is 0."}
    assert (fact["gate"]["passed"], fact["gate"]["verdict"], fact["truncated"]) == (False, "failed", False)
    assert [(one["account"], one["account_name"]) for one in fact["unsuccessful"]] == [
        ("000000000001", "payments"),
        ("000000000002", None),
    ]
    assert fact["unsuccessful"][0]["account_gate_result"] == {"status": "SKIPPED", "status_reason": "none"}
    assert [(one["reason"], one["count"]) for one in fact["failure_groups"]] == [("Rate exceeded", 1)]
    assert fact["retry_targets"] == [
        {"accounts": ["000000000001", "000000000002"], "regions": ["eu-west-1"], "organizational_unit_id": None}
    ]
    assert len(fact["retry_commands"]) == 1
    assert fact["retry_commands"][0] in fact["msg"]
    assert fact["console_url"].endswith(f"/operations/{OPERATION_ID}")
    assert fact["console_url"] in fact["msg"]
    assert fact["operation"]["operation_id"] == OPERATION_ID
    assert fact["calls"] == 5
    json.dumps(fact)


def test_no_names_no_column_for_them():
    assert "account_name" not in result([row(1)])["unsuccessful"][0]


def test_an_open_gate_has_nothing_to_retry():
    fact = result([row(3, "SUCCEEDED")])
    assert (fact["gate"]["passed"], fact["unsuccessful"], fact["retry_targets"], fact["retry_commands"]) == (
        True,
        [],
        [],
        [],
    )
    assert "https://" not in fact["msg"]


def test_what_is_missing_comes_with_its_way_out():
    (missing,) = result([row(1)], failed=3, max_failed=9)["gate"]["missing"]
    assert (missing["what"], missing["option"]) == ("unaccounted", "max_unaccounted")
    assert "accept the difference with max_unaccounted=2" in missing["way_out"]


def test_ignored_rows_are_shown_apart_and_are_not_retried():
    fact = result([row(1, reason="suspended"), row(2, "SUCCEEDED")], ignore_reasons=["suspended"])
    assert [one["account"] for one in fact["gate"]["ignored"]] == ["000000000001"]
    assert (fact["unsuccessful"], fact["retry_targets"], fact["failure_groups"], fact["truncated"]) == (
        [],
        [],
        [],
        False,
    )


@pytest.mark.parametrize(("most", "shown", "truncated"), [(0, 0, True), (2, 2, True), (3, 3, False), (4, 3, False)])
def test_rows_beyond_max_reported_are_kept_back_and_that_is_said(most, shown, truncated):
    rows = [row(1, "CANCELLED"), row(2), row(3)]
    fact = result(rows, max_reported=most)
    assert (len(fact["unsuccessful"]), fact["truncated"]) == (shown, truncated)
    assert [one["status"] for one in fact["unsuccessful"]] == ["FAILED", "FAILED", "CANCELLED"][:shown]
    assert len(fact["retry_targets"][0]["accounts"]) == 3, "what to retry is complete"


def test_long_reasons_are_cut_where_they_are_shown():
    fact = result([row(1, reason="x" * 9999, gate="y" * 9999)])
    shown = fact["unsuccessful"][0]
    assert shown["status_reason"] == "x" * 497 + "..."
    assert shown["account_gate_result"]["status_reason"] == "y" * 497 + "..."
    assert len(fact["failure_groups"][0]["reason"]) == 500
    assert "sample" not in fact["failure_groups"][0]


@pytest.mark.parametrize(
    ("rows", "more"),
    [
        ([row(1)], {"failed": 2}),
        ([row(1), row(2, "PENDING")], {}),
        ([row(1)], {"status": "RUNNING"}),
        ([], {}),
    ],
    ids=["unaccounted", "a row at work", "operation at work", "no rows"],
)
def test_targets_that_are_not_all_known_are_null(rows, more):
    fact = result(rows, **more)
    assert (fact["retry_targets"], fact["retry_commands"]) == (None, [])


def test_targets_are_null_where_rows_were_not_all_kept(monkeypatch):
    monkeypatch.setattr(evidence_module, "KEPT_ROWS", 2)
    fact = result([row(1), row(2), row(3)])
    assert (fact["retry_targets"], fact["truncated"], len(fact["unsuccessful"])) == (None, True, 2)


def test_targets_are_null_where_a_listing_broke_off_and_what_was_seen_is_there():
    def listing(action, Summaries):
        return (
            refusal("AccessDenied")
            if Summaries and Summaries[0]["Status"] == "CANCELLED"
            else answer(action, Summaries=Summaries)
        )

    fact = result([row(1), row(2, "CANCELLED")], listing=listing)
    assert (fact["gate"]["verdict"], fact["gate"]["violations"]) == ("inconclusive", [])
    assert [one["account"] for one in fact["unsuccessful"]] == ["000000000001"]
    assert (fact["retry_targets"], fact["truncated"]) == (None, True)
    assert "Access denied" in fact["msg"]
    assert fact["gate"]["missing"][0]["what"] == "error"


@pytest.mark.parametrize(("limit", "why"), [(2, "there are too many to return"), (9, "not all results were read")])
def test_a_listing_that_broke_off_is_told_from_one_that_is_too_long(monkeypatch, limit, why):
    monkeypatch.setattr(evidence_module, "KEPT_ROWS", limit)
    collector = evidence_module.EvidenceCollector(policy({}))

    def pages(status):
        yield [normalise_row(row(1)), normalise_row(row(2))] if status == "FAILED" else []
        if status == "FAILED":
            raise ReadError("why")

    operation = {"status": "SUCCEEDED"}
    try:
        collector.collect(pages, operation, all_rows=False)
    except ReadError:
        assert limit == 9
    decision = evaluate(collector.evidence(operation), policy({}))
    assert _no_targets(collector.unsuccessful, decision, operation, collector).startswith(why)


def test_an_option_that_is_refused_closes_the_gate_too():
    assert refusal_result(OptionError("scope", "is x", "Give y.")) == {
        "msg": "scope is x. Give y.",
        "gate": {"passed": False, "verdict": "inconclusive"},
        "error": {"code": "InvalidOption", "message": "scope is x. Give y."},
    }


def test_an_inconclusive_gate_says_so_in_its_error_and_a_pass_has_none():
    closed = result([row(1, "SUCCEEDED")], failed=3)
    assert closed["error"]["code"] == "GateInconclusive"
    assert closed["error"]["message"] == closed["gate"]["missing"][0]["message"]
    assert "error" not in result([row(1, "SUCCEEDED")])


def test_an_error_of_aws_is_there_for_machines_too():
    fact = result([row(1)], listing=lambda action, Summaries: refusal("AccessDenied", "User x may not."))
    assert fact["error"] == {"code": "AccessDenied", "message": "User x may not."}
    assert fact["response_metadata"]["http_status_code"] == 400
    assert set(fact["response_metadata"]) == {"request_id", "http_status_code", "http_headers", "retry_attempts"}


def test_an_interruption_has_a_code():
    request = gate_request(OPTIONS)
    stack_set = StackSetClient(new_client(None), request.stack_set, request.call_as)
    wait = OperationWaiter(stack_set, request, policy({}), Clock(lambda: 0.0, lambda seconds: None, lambda: 0.0))
    assert gate_result(Interrupted("SIGTERM"), wait, request, "r")["error"] == {
        "code": "Interrupted",
        "message": "SIGTERM",
    }


def test_a_failure_without_a_name_leaves_nothing_to_retry_and_the_message_says_why():
    fact = result([{**row(1), "Account": None}, row(2), row(3)])
    assert (fact["retry_targets"], fact["retry_commands"], len(fact["unsuccessful"])) == (None, [], 3)
    assert "retry_targets is null because 1 of these results has no account or no Region." in fact["msg"]


@pytest.mark.parametrize(
    ("rows", "more", "why"),
    [
        ([row(1)], {"failed": 2}, "some results are not listed yet, or have not ended"),
        ([row(1), row(2, "PENDING")], {}, "some results are not listed yet, or have not ended"),
        ([row(one, reason="no", unit=f"ou-{one:08}") for one in range(5000)], {}, "there are too many to return"),
    ],
)
def test_the_message_says_why_there_is_nothing_to_retry(rows, more, why):
    assert f"retry_targets is null because {why}" in result(rows, **more)["msg"]


MANY = 10_000
CROWDS = {
    "one cause": [row(one, reason="Rate exceeded") for one in range(MANY)],
    "a cause each": [row(one, reason=f"cause {one}") for one in range(MANY)],
    "long causes": [row(one, reason=f"cause {one}" + "x" * 900, gate="y" * 900) for one in range(MANY)],
    "foreign causes": [row(one, reason=f"{one}" + "€" * 600, gate="\x85" * 600) for one in range(MANY)],
    "a unit each": [row(one, reason="no", unit=f"ou-ab12-{one:08}") for one in range(MANY)],
    "regions": [row(one // 20, reason=f"cause {one % 7}", region=f"ap-{one % 20}") for one in range(MANY)],
    "cancelled": [row(one, "CANCELLED") for one in range(MANY)],
}


@pytest.mark.parametrize("crowd", CROWDS)
def test_any_callback_can_carry_the_result(crowd):
    fact = result(CROWDS[crowd], max_reported=1000)  # with fewer it is a part of this one
    assert len(json.dumps(fact)) < CARRIED
    assert fact["gate"]["verdict"] == "failed"
    assert fact["gate"]["counts"]["failed"] + fact["gate"]["counts"]["cancelled"] == MANY
    assert fact["truncated"] is True
    assert len(fact["failure_groups"]) <= 20


def test_very_many_targets_to_retry_are_null_rather_than_some_of_them():
    fact = result([row(one, reason="no", unit=f"ou-ab12-{one:08}") for one in range(5000)])
    assert (fact["retry_targets"], fact["retry_commands"]) == (None, [])
    assert fact["gate"]["counts"]["failed"] == 5000


def test_of_very_many_ignored_rows_a_hundred_are_shown():
    rows = [row(one, reason="suspended") for one in range(MANY)]
    fact = result([*rows, row(MANY, "SUCCEEDED")], ignore_reasons=["suspended"])
    assert (fact["gate"]["verdict"], fact["gate"]["counts"]["ignored"]) == ("passed", MANY)
    assert len(fact["gate"]["ignored"]) == 100


def test_any_callback_can_carry_ignored_rows_with_long_foreign_reasons():
    rows = [row(one, reason="suspended " + "€" * 600, gate="€" * 600) for one in range(200)]
    rows += [row(one, reason=f"{one}" + "€" * 600, gate="€" * 600) for one in range(200, 5000)]
    assert len(json.dumps(result(rows, ignore_reasons=["suspended"]))) < CARRIED


UNITS = 2000  # AWS's quota of organizational units


def test_any_callback_can_carry_a_violation_in_each_of_very_many_units():
    rows = [row(one, reason=f"{one}" + "x" * 600, unit=f"ou-ab12-{one % UNITS:08}") for one in range(MANY)]
    fact = result(rows, scope="organizational_unit", max_reported=1000)
    assert len(json.dumps(fact)) < CARRIED


def test_any_callback_can_carry_very_many_commands():
    rows = [row(one, reason="no", unit=f"ou-ab12-{one:08}") for one in range(900)]
    fact = result(rows, stack_set_name="n" * 128, scope="organizational_unit", max_reported=1000)
    assert len(json.dumps(fact)) < CARRIED


@pytest.mark.parametrize(("what", "early"), [("error", True), ("interrupted", True), ("settled", False)])
def test_what_was_kept_from_a_decision_is_known(what, early):
    assert was_interrupted({"gate": {"missing": [{"what": what}]}}) is early
