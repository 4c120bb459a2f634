# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters, given anything: they work, or give the documented error; no row opens a gate that it should not."""

from __future__ import annotations

import pytest

pytest.importorskip("ansible.errors")
pytest.importorskip("hypothesis")

from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackgate.stacksets.plugins.filter.gate import FilterModule as Gate
from ansible_collections.stackgate.stacksets.plugins.filter.group_failures import FilterModule as GroupFailures
from ansible_collections.stackgate.stacksets.plugins.filter.retry_targets import FilterModule as RetryTargets
from ansible_collections.stackgate.stacksets.plugins.filter.summarize import FilterModule as Summarize
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.policy import DEFAULTS
from ansible_collections.stackgate.stacksets.tests.unit.helpers.hostile import hostile_settings, json_values, texts

# A text of 64 KiB is one of the inputs, which Hypothesis would rather not describe.
pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")

FILTERS = {
    name: function
    for module in (Gate, GroupFailures, RetryTargets, Summarize)
    for name, function in module().filters().items()
}

anything = st.one_of(json_values, texts)
statuses = st.one_of(anything, st.sampled_from(["SUCCEEDED", "SUCCEEDED", "FAILED", "CANCELLED", "RUNNING"]))
rows = st.one_of(
    anything,
    st.fixed_dictionaries(
        {
            "account": st.one_of(texts, st.just("111122223333")),
            "region": texts,
            "status": statuses,
            "status_reason": st.one_of(st.none(), texts),
            "organizational_unit_id": st.one_of(st.none(), texts),
            "account_gate_result": st.one_of(
                anything, st.just({"status": "SKIPPED", "status_reason": None}), st.just(None)
            ),
        },
        optional={"stack_set_name": texts, "operation_id": texts},
    ),
)
operations = st.one_of(
    anything,
    st.fixed_dictionaries(
        {"operation_id": texts, "status": st.one_of(texts, st.just("SUCCEEDED"))},
        optional={
            "action": st.one_of(st.none(), texts),
            "status_reason": st.one_of(st.none(), texts),
            "status_details": st.one_of(
                anything, st.fixed_dictionaries({"failed_stack_instances_count": st.one_of(anything, st.just(0))})
            ),
        },
    ),
)
inputs = st.one_of(
    anything,
    st.lists(rows, max_size=3),
    st.fixed_dictionaries(
        {"operation_results": st.one_of(anything, st.lists(rows, max_size=3))},
        optional={
            "operation": operations,
            "complete": st.one_of(anything, st.just(True)),
            "truncated": st.one_of(anything, st.just(False)),
            "failed": anything,
            "msg": anything,
        },
    ),
)


def filtered(name, value, **arguments):
    """What the filter gives, None where it refuses."""
    try:
        return FILTERS[name](value, **arguments)
    except AnsibleFilterError as error:
        message = str(error)
        assert message.startswith(f"stackgate.stacksets.{name}: ")
        assert message.isprintable()
        assert len(message) < 1500
        return None


@pytest.mark.parametrize("name", ["summarize", "group_failures", "retry_targets"])
@hostile_settings
@given(value=inputs)
def test_a_filter_works_or_says_what_it_wants(name, value):
    filtered(name, value)


@hostile_settings
@given(
    inputs, st.one_of(st.none(), operations), st.dictionaries(st.sampled_from(sorted(DEFAULTS)), anything, max_size=2)
)
def test_the_gate_works_or_says_what_it_wants(value, operation, policy):
    decision = filtered("gate", value, operation=operation, **policy)
    assert decision is None or decision["msg"].isprintable()


GOOD_ROW = {
    "account": "111122223333",
    "region": "eu-west-1",
    "status": "SUCCEEDED",
    "status_reason": None,
    "organizational_unit_id": None,
    "account_gate_result": {"status": "SKIPPED", "status_reason": None},
}
GOOD_OPERATION = {
    "operation_id": "op-1",
    "status": "SUCCEEDED",
    "action": "UPDATE",
    "status_reason": None,
    "status_details": {"failed_stack_instances_count": 0},
    "stack_set_drift_detection_details": None,
}
GOOD = {
    "operation_results": [GOOD_ROW, {**GOOD_ROW, "region": "us-east-1"}],
    "operation": GOOD_OPERATION,
    "complete": True,
    "truncated": False,
    "failed": False,
}
values = st.one_of(
    anything,
    st.sampled_from([True, False, None, 0, 1, "FAILED", "RUNNING", "", "SUCCEEDED ", "succeeded", "111122223333"]),
)
changes = st.one_of(
    st.tuples(st.sampled_from(["complete", "truncated", "failed", "operation", "operation_results"]), values),
    st.tuples(st.tuples(st.just("operation"), st.sampled_from(sorted(GOOD_OPERATION))), values),
    st.tuples(st.tuples(st.just("row"), st.sampled_from(sorted(GOOD_ROW))), values),
    st.tuples(st.just("count"), values),
)


def changed(change):
    """A result that passes, with one thing in it replaced."""
    what, value = change
    first, *others = GOOD["operation_results"]
    if what == "count":
        details = {"failed_stack_instances_count": value}
        return {**GOOD, "operation": {**GOOD_OPERATION, "status_details": details}}
    if what[0] == "operation":
        return {**GOOD, "operation": {**GOOD_OPERATION, what[1]: value}}
    if what[0] == "row":
        return {**GOOD, "operation_results": [{**first, what[1]: value}, *others]}
    return {**GOOD, what: value}


def may_pass(result):
    """The rule in words of its own: whole, ended well, nothing failed, no row that is not SUCCEEDED, none missing."""
    about = result["operation"]
    return (
        result["complete"] is True
        and not result["truncated"]
        and not result["failed"]
        and (about["status"], about["action"]) != ("SUCCEEDED", "DETECT_DRIFT")
        and about["status"] == "SUCCEEDED"
        and about["status_details"] == {"failed_stack_instances_count": 0}
        and [row["status"] for row in result["operation_results"]] == ["SUCCEEDED"] * 2
    )


def test_what_is_good_passes():
    assert filtered("gate", GOOD)["passed"] is True


@hostile_settings
@given(changes)
def test_nothing_that_is_changed_opens_the_gate_unless_it_does_not_matter(change):
    result = changed(change)
    decision = filtered("gate", result)
    assert not (decision and decision["passed"]) or may_pass(result)
