# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results as hosts, and as what a cache keeps: the pure side of the inventory, and what is a template in it."""

from __future__ import annotations

import copy

import pytest

pytest.importorskip("ansible.plugins.loader")

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.normalise import (
    normalise_operation,
    normalise_row,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.request import read_request
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.results_reader import Reading, ReadResult
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import ReadError
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._inventory.hosts import (
    SESSION_NAME,
    as_data,
    as_template,
    assumed,
)
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._inventory.targets import (
    Results,
    cached_question,
    default_groups,
    doubts,
    from_cache,
    host_variables,
    hosts,
    results_of,
    targets,
    to_cache,
)
from ansible_collections.stackgate.stacksets.tests.unit.helpers.rows import new_row

ACCOUNT = "111122223333"


def fact(account=ACCOUNT, region="eu-west-1", status="SUCCEEDED", unit=None, reason=None):
    return normalise_row(
        {
            "Account": account,
            "Region": region,
            "Status": status,
            "OrganizationalUnitId": unit,
            "StatusReason": reason,
        }
    )


def an_operation(status="SUCCEEDED", failed=None):
    details = {} if failed is None else {"StatusDetails": {"FailedStackInstancesCount": failed}}
    return normalise_operation({"OperationId": "op-1", "Status": status, "Action": "UPDATE", **details})


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)])
def test_of_several_units_the_worst_row_is_the_host(order):
    rows = [
        fact(status="SUCCEEDED", unit="ou-1"),
        fact(status="FAILED", unit="ou-2"),
        fact(status="RUNNING", unit="ou-3"),
    ]
    found = targets([rows[index] for index in order])
    assert found == {f"{ACCOUNT}_eu-west-1": rows[1]}


def test_hosts_are_in_the_order_of_their_rows():
    rows = [fact("3" * 12), fact("1" * 12), fact("3" * 12, "us-east-1")]
    assert list(targets(rows)) == ["3" * 12 + "_eu-west-1", "1" * 12 + "_eu-west-1", "3" * 12 + "_us-east-1"]


@pytest.mark.parametrize(
    ("account", "region"),
    [
        (None, "eu-west-1"),
        (ACCOUNT, None),
        ("{{ x }}", "eu-west-1"),
        (ACCOUNT, "a b"),
        (ACCOUNT, "eu[1:3]"),
        ("a\n", "b"),
    ],
)
def test_what_can_name_no_host_is_none(account, region):
    assert targets([fact(account, region, "FAILED"), fact()]) == {f"{ACCOUNT}_eu-west-1": fact()}


def test_the_variables_of_a_host():
    row = fact(status="FAILED", unit="ou-1", reason="no")
    variables = host_variables(row, an_operation("FAILED"), "org-baseline", {})
    assert variables == {
        **{f"stackset_{key}": value for key, value in row.items()},
        "stackset_stack_set_name": "org-baseline",
        "stackset_operation_id": "op-1",
        "stackset_operation_status": "FAILED",
    }
    named = host_variables(row, an_operation(), "org-baseline", {ACCOUNT: "shop"})
    assert named["stackset_account_name"] == "shop"
    assert host_variables(row, an_operation(), "org-baseline", {"1" * 12: "x"})["stackset_account_name"] is None


def test_default_groups_leave_out_what_is_null():
    def groups(row):
        return default_groups(host_variables(row, an_operation(), "org-baseline", {}))

    assert groups(fact(status="FAILED", unit="ou-1")) == ["status_failed", "region_eu-west-1", "ou_ou-1"]
    assert groups(fact(status=None)) == ["region_eu-west-1"]


@pytest.mark.parametrize(
    ("operation", "statuses", "ended", "lacking"),
    [
        (None, (), False, 0),
        (an_operation("RUNNING", 9), (), False, 0),
        (an_operation("WONDERING", 9), (), False, 0),
        (an_operation("SUCCEEDED"), (), True, 1),  # the row that is RUNNING
        (an_operation("FAILED", 1), (), True, 1),
        (an_operation("STOPPED", 4), (), True, 4),
        (an_operation("STOPPED", 4), ("FAILED", "RUNNING"), True, 4),
        (an_operation("STOPPED", 4), ("RUNNING",), True, 1),
    ],
)
def test_what_is_unaccounted_for(operation, statuses, ended, lacking):
    results = Results(operation, [fact(status="FAILED"), fact("1" * 12, status="RUNNING"), fact("2" * 12)])
    assert (results.ended, results.unaccounted(statuses)) == (ended, lacking)
    assert results.is_final(statuses) is False


def test_only_what_has_ended_and_is_accounted_for_is_final():
    rows = [fact(status="FAILED")]
    assert Results(an_operation("SUCCEEDED", 1), rows).is_final(())
    assert Results(an_operation("FAILED"), rows).is_final(())
    assert not Results(an_operation("RUNNING"), rows).is_final(())
    assert not Results(an_operation("SUCCEEDED", 2), rows).is_final(())
    assert not Results(None, []).is_final(())


ASKED = {"stack_set_name": "org-baseline", "call_as": "SELF", "page_size": 100, "reading_timeout": 60}
CONNECTION = {"region": "eu-west-1", "endpoint_url": None, "profile": None, "assume_role_arn": None}
RESULTS = Results(an_operation(), [fact(status="FAILED", reason="no")])


def about(connection=None, **changed):
    return cached_question(read_request({**ASKED, **changed}), {**CONNECTION, **(connection or {})})


def test_what_was_kept_comes_back():
    entry = to_cache(about(), RESULTS)
    assert from_cache(copy.deepcopy(entry), about()) == RESULTS
    assert from_cache(entry, about(page_size=7)) == RESULTS


@pytest.mark.parametrize(
    "other",
    [
        about(stack_set_name="org-logging"),
        about(operation_id="op-1"),
        about(call_as="DELEGATED_ADMIN"),
        about(statuses=["FAILED"]),
        *(about({name: "other"}) for name in CONNECTION),
    ],
)
def test_what_answers_another_question_is_nothing(other):
    assert from_cache(to_cache(about(), RESULTS), other) is None
    assert from_cache(to_cache(other, RESULTS), about()) is None


def test_an_entry_is_data_of_its_own():
    class Marked(str):
        """Stands for the texts that ansible-core marks."""

    row = {**fact(), "status_reason": Marked("x")}
    entry = to_cache(about(), Results(an_operation(), [row]))
    assert entry["rows"][0]["status_reason"].__class__ is str
    row["status"] = "FAILED"
    assert entry["rows"][0]["status"] == "SUCCEEDED"
    assert about(stack_set_name=Marked("org-baseline"))["stack_set_name"].__class__ is str


def damaged():
    whole = to_cache(about(), RESULTS)
    yield from (None, [], "x", {}, 5, {"question": about()})
    for name, values in {"operation": (None, {}, [], "x"), "rows": (None, {}, "x", [1], [{}], [None])}.items():
        for value in values:
            yield {**whole, name: value}
    row = whole["rows"][0]
    for changed in (
        {**row, "account": 5},
        {**row, "more": None},
        {key: value for key, value in row.items() if key != "status"},
        {**row, "account_gate_result": None},
        {**row, "account_gate_result": {"status": None}},
        {**row, "account_gate_result": {"status": [], "status_reason": None}},
    ):
        yield {**whole, "rows": [row, changed]}


@pytest.mark.parametrize("entry", list(damaged()))
def test_a_damaged_entry_is_nothing(entry):
    assert from_cache(entry, about()) is None


def templated(value):
    """What Ansible makes of a variable's value."""
    from ansible.parsing.dataloader import DataLoader
    from ansible.template import Templar

    return Templar(loader=DataLoader(), variables={"value": value, "x": "done"}).template(value)


def test_what_is_ours_is_templated_and_what_is_others_is_not():
    assert templated(as_template("{{ x }}")) == "done"
    for text, broken in (
        ("{{ x }}", "{ { x }}"),
        ("{% set y = x %}{{ y }}", "{ % set y = x %}{ { y }}"),
        ("{# x #}", "{ # x #}"),
        ("{{{ x }}}", "{ { { x }}}"),
        ("#jinja2:variable_start_string:'['\n[ x }}", "# jinja2:variable_start_string:'['\n[ x }}"),
        ("a {{ x }}", "a { { x }}"),
        ("ends in {", "ends in { "),
    ):
        for value in (as_data(text), as_template(broken)):  # with its mark, and read from a file, where it has none
            assert templated(value) == broken
        assert templated(as_data({"status": {"reason": text}})) == {"status": {"reason": broken}}
    for value in (None, 5, True, "", "111122223333", "eu-west-1", "two words", '{"a": {}}', "{ x", "#jinja"):
        assert templated(as_data(value)) == value


class Sts:
    def __init__(self, answer):
        self.answer = answer
        self.asked = None

    def assume_role(self, **asked):
        self.asked = asked
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_a_roles_credentials_are_named_as_amazon_aws_takes_them():
    sts = Sts({"Credentials": {"AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c", "Expiration": 1}})
    assert assumed(sts, "arn") == {
        "profile_name": None,
        "aws_access_key_id": "a",
        "aws_secret_access_key": "b",
        "aws_session_token": "c",
    }
    assert sts.asked == {"RoleArn": "arn", "RoleSessionName": SESSION_NAME}
    assert 2 <= len(SESSION_NAME) <= 64


@pytest.mark.parametrize("answer", [RuntimeError("no Signature=abc123 here."), {}, {"Credentials": None}])
def test_a_role_that_is_refused_is_an_error_in_words(answer):
    with pytest.raises(ReadError, match=r"The role arn could not be assumed\. AWS credentials could not be") as caught:
        assumed(Sts(answer), "arn")
    assert "abc123" not in caught.value.message


REQUESTED = read_request(
    {
        "stack_set_name": "org-baseline",
        "operation_id": "op-1",
        "call_as": "SELF",
        "page_size": 100,
        "reading_timeout": 60,
    }
)
FAILED_ONLY = REQUESTED._replace(statuses=("FAILED",))
CANCELLED_ONLY = REQUESTED._replace(statuses=("CANCELLED",))


@pytest.mark.parametrize(
    ("results", "asked", "said"),
    [
        (Results(None, []), REQUESTED, []),
        (Results(an_operation(failed=0), [fact()]), REQUESTED, []),
        (Results(an_operation(failed=1), [fact(status="FAILED")]), FAILED_ONLY, []),
        (Results(an_operation(failed=3), []), CANCELLED_ONLY, []),
        (
            Results(an_operation("RUN\x1bNING", failed=3), []),
            REQUESTED,
            [
                "Operation op-1 has not ended, its status is RUN\\x1bNING. Accounts that fail later may be missing or"
                " in another group."
            ],
        ),
        (
            Results(an_operation(failed=3), [fact(status="FAILED"), fact(None), fact("1" * 12, None), fact("a b")]),
            REQUESTED,
            [
                "Operation op-1 has ended, but 2 of its stack instances are unaccounted for: AWS counts failures that"
                " it does not list, or results are not final. Failed accounts may be missing. Read the inventory again"
                " later.",
                "3 results have no account or no Region for a host name and are omitted.",
            ],
        ),
    ],
    ids=["no operation", "settled", "failed only", "cancelled only", "at work", "unaccounted"],
)
def test_what_the_hosts_do_not_show_is_said(results, asked, said):
    assert list(doubts(asked, results)) == said


def test_a_kept_answer_is_one_to_the_same_question():
    connection = {"region": "eu-west-1", "endpoint_url": None, "profile": None, "assume_role_arn": None}
    assert cached_question(FAILED_ONLY, connection) == {
        "stack_set_name": "org-baseline",
        "operation_id": "op-1",
        "call_as": "SELF",
        "statuses": ["FAILED"],
        **connection,
    }


def test_hosts_have_their_operations_facts_beside_their_own():
    found = hosts(Results(an_operation(), [fact(), fact("2" * 12)]), "org-baseline", {ACCOUNT: "shop"})
    assert list(found) == [f"{ACCOUNT}_eu-west-1", "222222222222_eu-west-1"]
    first, second = found.values()
    assert first == host_variables(fact(), an_operation(), "org-baseline", {ACCOUNT: "shop"})
    assert (first["stackset_account_name"], second["stackset_account_name"]) == ("shop", None)
    assert first["stackset_operation_status"] == "SUCCEEDED"
    (lonely,) = hosts(Results(None, [fact()]), "org-baseline", {}).values()
    assert (lonely["stackset_operation_id"], lonely["stackset_stack_set_name"]) == (None, "org-baseline")


def test_of_two_rows_for_a_target_one_is_kept():
    row = new_row(ACCOUNT, status="FAILED")
    operation = an_operation()
    reading = Reading(lambda status: lambda token, limit: ([row, row], None))
    reading.run()
    assert results_of(ReadResult(operation, reading, "org-baseline")) == Results(operation, [row])


@pytest.mark.parametrize(
    ("results", "statuses", "final"),
    [
        (Results(an_operation(failed=1), []), ("CANCELLED",), True),
        (Results(an_operation(failed=1), []), ("FAILED",), False),
        (Results(None, []), (), False),
        (Results(an_operation("RUNNING"), [fact()]), (), False),
        (Results(an_operation(failed=1), [fact()]), (), False),
        (Results(an_operation(failed=1), [fact(status="FAILED")]), (), True),
    ],
)
def test_only_what_will_not_change_is_final(results, statuses, final):
    assert results.is_final(statuses) is final


def test_an_entry_needs_no_more_of_its_operation_than_is_used():
    operation = {"operation_id": "op-1", "status": "SUCCEEDED", "status_details": {}}
    entry = {"question": {}, "operation": operation, "rows": [fact()]}
    assert from_cache(entry, {}) == Results(operation, [fact()])
