# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every parser, given anything: it works, or it gives the documented error, in words that harm nobody."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("hypothesis")

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.normalise import normalise_row
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.pagination import (
    Position,
    TokenError,
    parse_starting_token,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.request import (
    check_stack_set_name,
    operations_request,
    read_request,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.policy import DEFAULTS, policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.batch import batch_gates, concurrency
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.gate_options import (
    gated_options,
    waiting_options,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.options import (
    stack_set_options,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import failure_groups
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import one_line
from ansible_collections.stackgate.stacksets.plugins.module_utils._validation import check_operation_id, check_time
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.gate_request import gate_request
from ansible_collections.stackgate.stacksets.tests.unit.helpers.hostile import (
    HARMFUL,
    UNIQUE,
    hostile_settings,
    json_values,
    texts,
    tokens,
)

# A text of 64 KiB is one of the inputs, which Hypothesis would rather not describe.
pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")

GIVEN = {"max_items": None, **{name: option.get("default") for name, option in stack_set_options().items()}}
GATED = {name: option.get("default") for name, option in {**gated_options(), **waiting_options()}.items()}
READABLE = {**GIVEN, "stack_set_name": "a", "operation_id": "op", "statuses": None, "starting_token": None}
GATEABLE = {**GATED, "stack_set_name": "a", "operation_id": "op"}


def works_or_is_refused(parse, *arguments, options=None):
    """What the parser gives, None where it refuses."""
    try:
        return parse(*arguments)
    except OptionError as error:
        assert error.message.isprintable()
        assert error.message.startswith(error.option)
        assert len(error.message) < 1000
        assert ". " in error.message, "the remedy follows the problem"
        assert options is None or error.option in options
        return None


@hostile_settings
@given(texts)
def test_a_stack_sets_name(text):
    name = works_or_is_refused(check_stack_set_name, text, options=["stack_set_name"])
    if name:
        assert re.fullmatch(r"[A-Za-z][-A-Za-z0-9]{0,127}(:[-A-Za-z0-9]{36})?", name.value)
        assert text.endswith(name.value)


@hostile_settings
@given(texts)
def test_an_arn_in_another_region(text):
    name = works_or_is_refused(check_stack_set_name, f"arn:aws:cloudformation:{text}:111122223333:stackset/{UNIQUE}")
    if name:
        works_or_is_refused(name.check_region, "eu-west-1", options=["stack_set_name"])


@hostile_settings
@given(texts)
def test_an_operations_id(text):
    found = works_or_is_refused(check_operation_id, text, options=["operation_id"])
    assert found is None or re.fullmatch(r"[A-Za-z0-9][-A-Za-z0-9]{0,127}", found)


@hostile_settings
@given(texts)
def test_a_time(text):
    found = works_or_is_refused(lambda value: check_time(value, "created_after"), text, options=["created_after"])
    assert found is None or found.tzinfo is not None


@hostile_settings
@given(tokens)
def test_a_token(text):
    try:
        place = Position.decode(text)
    except TokenError as error:
        assert "\n" not in one_line(error)
    else:
        assert place.token is None or 0 < len(place.token) <= 1024
        assert place.skip >= 0
        assert Position.decode(place.encode()) == place


@hostile_settings
@given(tokens, st.lists(st.sampled_from(["FAILED", "CANCELLED", "RUNNING"]), max_size=3, unique=True))
def test_a_token_of_several_listings(text, statuses):
    given_options = {**READABLE, "statuses": statuses, "starting_token": text}
    found = works_or_is_refused(read_request, given_options, options=["starting_token"])
    if found:
        assert found.start_positions == parse_starting_token(text, tuple(statuses), "op")
        assert len(found.start_positions) == max(1, len(statuses))


@hostile_settings
@given(st.sampled_from(sorted(READABLE)), json_values)
def test_any_option_of_a_reading(option, value):
    works_or_is_refused(read_request, {**READABLE, option: value}, options=READABLE)


@hostile_settings
@given(st.sampled_from(["call_as", "actions", "statuses", "max_items", "page_size", "reading_timeout"]), json_values)
def test_any_option_of_a_listing_of_operations(option, value):
    options = {**GIVEN, "stack_set_name": "a"}
    works_or_is_refused(operations_request, {**options, option: value}, options=[*options, "actions", "statuses"])


@hostile_settings
@given(
    st.sampled_from(
        [
            "stack_set_name",
            "operation_id",
            "created_after",
            "created_before",
            "call_as",
            "max_reported",
            "reading_timeout",
        ]
    ),
    json_values,
)
def test_any_option_of_a_gate(option, value):
    works_or_is_refused(gate_request, {**GATEABLE, option: value}, options=GATEABLE)


ENTRY = st.dictionaries(
    st.sampled_from(["stack_set_name", "operation_id", "created_after", "created_before", *sorted(DEFAULTS)]),
    json_values,
)


@hostile_settings
@given(st.lists(ENTRY, max_size=3), json_values)
def test_any_entry_of_several_gates(entries, number):
    options = {**GATED, "operation_id": "op", "operations": entries, "concurrency": number}
    for parse in (batch_gates, concurrency):
        try:
            parse(options)
        except OptionError as error:
            assert error.message.isprintable()
            assert error.message.startswith(("operations", "concurrency"))
            assert len(error.message) < 1000


@hostile_settings
@given(st.dictionaries(st.sampled_from(sorted(DEFAULTS)), json_values, max_size=3))
def test_any_policy(options):
    works_or_is_refused(policy, options, options=DEFAULTS)


@hostile_settings
@given(texts)
def test_any_text_as_a_pattern(text):
    works_or_is_refused(policy, {"ignore_reasons": [text]}, options=["ignore_reasons"])


foreign = st.one_of(st.none(), texts)
summaries = st.fixed_dictionaries(
    {},
    optional={
        "Account": foreign,
        "Region": foreign,
        "Status": st.one_of(foreign, st.just("FAILED")),
        "StatusReason": foreign,
        "OrganizationalUnitId": foreign,
        "AccountGateResult": st.one_of(
            st.none(), st.fixed_dictionaries({}, optional={"Status": foreign, "StatusReason": foreign})
        ),
    },
)


@hostile_settings
@given(st.lists(summaries, max_size=5))
def test_any_row(rows):
    facts = [normalise_row(row) for row in rows]
    for row, fact in zip(rows, facts, strict=True):
        assert fact["status_reason"] == (row.get("StatusReason") or None), "as it came: it is data"
    groups = failure_groups(facts)
    assert sum(group["count"] for group in groups) <= len(facts)


@pytest.mark.parametrize("text", HARMFUL, ids=range(len(HARMFUL)))
def test_no_harmful_text_is_a_name_or_an_id(text):
    assert works_or_is_refused(check_stack_set_name, text) is None
    assert works_or_is_refused(check_operation_id, text) is None
