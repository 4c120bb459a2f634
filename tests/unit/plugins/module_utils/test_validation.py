# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused before any call, and how it is said."""

from __future__ import annotations

from datetime import date, datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.pagination import START, Position, encode_object
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.request import (
    check_stack_set_name,
    operations_request,
    read_request,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.gate_options import waiting_options
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.options import (
    stack_set_options,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._validation import (
    check_account_names,
    check_texts,
    check_time,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.gate_request import gate_request

UNIQUE = "org-baseline:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a"
DEFAULTS = {name: option.get("default") for name, option in stack_set_options().items()}
GOOD = {**DEFAULTS, "stack_set_name": "org-baseline", "operation_id": "5d1f2a44-op"}


@pytest.mark.parametrize("name", ["a", "org-baseline", "X" * 128, UNIQUE])
def test_names_and_unique_ids_are_taken_as_they_are(name):
    assert check_stack_set_name(name) == (name, None)


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_an_arn_becomes_its_unique_id(partition):
    arn = f"arn:{partition}:cloudformation:cn-north-1:111122223333:stackset/{UNIQUE}"
    assert check_stack_set_name(arn) == (UNIQUE, "cn-north-1")


@pytest.mark.parametrize(
    "name",
    [
        "",
        None,
        7,
        ["org-baseline"],
        "1st",
        "-x",
        "under_score",
        "two words",
        "org-baseline\n",
        "X" * 129,
        "ünicode",
        "org-baseline:not-a-uuid",
        "org-baseline:",
        "{{ lookup('pipe', 'id') }}",
        f"arn:aws:cloudformation:eu-west-1:111122223333:stack/{UNIQUE}",
        "arn:aws:cloudformation:eu-west-1:111122223333:stackset/org-baseline",
        f"arn:aws:s3:eu-west-1:111122223333:stackset/{UNIQUE}",
        f"arn:aws:cloudformation:eu-west-1:1111:stackset/{UNIQUE}",
    ],
)
def test_what_is_no_stack_set_is_refused_with_what_would_be_one(name):
    with pytest.raises(OptionError, match=r"^stack_set_name .*name:uuid") as caught:
        check_stack_set_name(name)
    assert caught.value.option == "stack_set_name"
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"operation_id": "-x"}, "operation_id '-x' is not an operation ID"),
        ({"operation_id": "a b"}, "operation_id"),
        ({"operation_id": "x" * 129}, "operation_id"),
        ({"operation_id": "op\n"}, "operation_id 'op\\n' is not an operation ID"),
        ({"operation_id": " op"}, "operation_id ' op' is not an operation ID"),
        ({"operation_id": " "}, "operation_id ' ' is not an operation ID"),
        (
            {"operation_id": 83},
            "operation_id is 83, not a string: YAML reads 0123 as that. Put it in quotes. If quotes",
        ),
        ({"operation_id": ["op"]}, "operation_id ['op'] is not an operation ID"),
        ({"call_as": "self"}, "call_as is 'self'. Set SELF or DELEGATED_ADMIN"),
        ({"call_as": None}, "call_as"),
        ({"statuses": ["failed"]}, "statuses has 'failed'. Choose from PENDING, RUNNING, SUCCEEDED, FAILED, CANCELLED"),
        ({"statuses": ["STOPPED"]}, "statuses has 'STOPPED'"),
        ({"statuses": [None]}, "statuses has null"),
        ({"statuses": "FAILED,CANCELLED"}, "statuses has 'FAILED,CANCELLED'. Choose from"),
        ({"max_items": 0}, "max_items is 0. Set 1 or more"),
        ({"max_items": -1}, "max_items is -1"),
        ({"max_items": True}, "max_items is True"),
        ({"page_size": 0}, "page_size is 0. Set 1 to 100"),
        ({"page_size": 101}, "page_size is 101"),
        ({"page_size": None}, "page_size is null"),
        ({"reading_timeout": 0}, "reading_timeout is 0. Set seconds, 1 or more"),
        ({"reading_timeout": None}, "reading_timeout is null"),
        ({"reading_timeout": float("inf")}, "reading_timeout is inf"),
        ({"starting_token": ""}, "starting_token is empty"),
        ({"starting_token": "two words"}, "starting_token has spaces"),
        ({"starting_token": 5}, "starting_token is not a string"),
        ({"starting_token": "tok", "operation_id": None}, "starting_token is set without operation_id"),
        ({"starting_token": "tok", "statuses": ["FAILED", "CANCELLED"]}, "starting_token is not a resume token of"),
    ],
)
def test_a_bad_option_is_named_with_its_remedy(options, message):
    with pytest.raises(OptionError) as caught:
        read_request({**GOOD, **options})
    assert message in caught.value.message
    assert caught.value.message.count(". ") >= 1, "the remedy follows the problem"


def test_a_good_request_has_all_that_a_reading_needs():
    asked = read_request({**GOOD, "statuses": ["FAILED"], "max_items": 5, "starting_token": "tok"})
    assert asked.stack_set.value == "org-baseline"
    assert asked.operation_id == "5d1f2a44-op"
    assert (asked.statuses, asked.max_items, asked.page_size) == (("FAILED",), 5, 100)
    assert asked.start_positions == (Position("tok"),)


def test_an_empty_id_is_as_if_it_were_left_out():
    assert read_request({**GOOD, "operation_id": ""}).operation_id is None
    asked = gate_request({**GATED, "created_after": "", "created_before": ""})
    assert (asked.operation_id, asked.created_after, asked.created_before) == ("5d1f2a44-op", None, None)


def test_what_is_left_out_means_everything_of_the_most_recent_operation():
    asked = read_request({**DEFAULTS, "stack_set_name": "a"})
    assert (asked.operation_id, asked.statuses, asked.max_items, asked.start_positions) == (None, (), None, (START,))


def test_what_a_token_holds_is_shown_harmlessly():
    token = encode_object({"OperationId": "5d1f2a44-op", "Listings": {"\x1b[2J\n": ""}})
    with pytest.raises(OptionError) as caught:
        read_request({**GOOD, "starting_token": token})
    assert caught.value.message.isprintable()


def test_values_that_know_their_origin_are_values():
    class TaggedNumber(int):
        pass

    class TaggedText(str):
        pass

    asked = read_request(
        {**GOOD, "stack_set_name": TaggedText("a"), "page_size": TaggedNumber(7), "max_items": TaggedNumber(3)}
    )
    assert (asked.stack_set.value, asked.page_size, asked.max_items) == ("a", 7, 3)


def test_a_status_named_twice_is_read_once():
    assert read_request({**GOOD, "statuses": ["FAILED", "CANCELLED", "FAILED"]}).statuses == ("FAILED", "CANCELLED")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"actions": ["UPDATED"]}, "actions has 'UPDATED'"),
        ({"statuses": ["CANCELLED"]}, "statuses has 'CANCELLED'"),
        ({"max_items": 0}, "max_items"),
        ({"page_size": 101}, "page_size"),
        ({"stack_set_name": ""}, "stack_set_name"),
    ],
)
def test_a_listing_of_operations_is_held_to_the_same_rules(options, message):
    with pytest.raises(OptionError, match=message):
        operations_request({**GOOD, **options})


LATEST = {"operation_id": "latest", "created_after": "2026-11-02T08:00:00Z"}
GATED = {
    **{name: option.get("default") for name, option in {**stack_set_options(), **waiting_options()}.items()},
    "stack_set_name": "org-baseline",
    "operation_id": "5d1f2a44-op",
}


def test_a_gate_is_asked_about_one_operation():
    asked = gate_request({**GATED, "account_names": {111122223333: "payments"}})
    assert (asked.stack_set.value, asked.operation_id, asked.created_after) == ("org-baseline", "5d1f2a44-op", None)
    assert (asked.wait_timeout, asked.wait_sleep, asked.settle_timeout, asked.max_reported) == (3600, 15, 120, 20)
    assert asked.account_names == {"111122223333": "payments"}


NO_ID = "not an account ID of 12 digits"
NAMES = (
    'Set a dict of IDs and names, both in quotes: {"111122223333": "production"}. If quotes do not help, as in AWX,'
    """ write it as JSON in a string: '{"012345670123": "production"}'."""
)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({1402433619: "x"}, f"has 1402433619, which is {NO_ID}: YAML reads 012345670123 as that"),
        # What arrives in a module, by way of JSON.
        (
            {"1402433619": "x"},
            "has '1402433619', which is not an account ID of 12 digits: YAML reads 012345670123 as that",
        ),
        ({99999999999: "x"}, "has 99999999999, which is not an account ID of 12 digits"),
        ({True: "x"}, "has True, which is not an account ID of 12 digits"),
        ({"sandbox": "x"}, "has 'sandbox', which is not an account ID of 12 digits"),
        ({"111122223333,": "x"}, "has '111122223333,', which is not an account ID of 12 digits"),
        ({"111122223333": False}, "has False as the name of 111122223333, not a string: YAML reads no as that"),
        ({111122223333: True}, "has True as the name of 111122223333, not a string: YAML reads yes as that"),
        ({"111122223333": 83}, "has 83 as the name of 111122223333, not a string: YAML reads 0123 as that"),
        ({"111122223333": 0}, "has 0 as the name of 111122223333, not a string: YAML reads 00 as that"),
        ({"111122223333": 1.2}, "has 1.2 as the name of 111122223333, not a string: YAML reads it as a number"),
        ({"111122223333": -7}, "has -7 as the name of 111122223333, not a string: YAML reads it as a number"),
        (
            {"111122223333": date(2026, 11, 2)},
            "has 2026-11-02 as the name of 111122223333, not a string: YAML reads it as a date",
        ),
        ({"111122223333": ["x"]}, "has ['x'] as the name of 111122223333"),
        ("111122223333=x", "is '111122223333=x', not a dict"),
        ([], "is [], not a dict"),
    ],
)
def test_names_and_their_accounts_are_texts(names, message):
    with pytest.raises(OptionError) as caught:
        check_account_names(names)
    assert caught.value.message == f"account_names {message}. {NAMES}"


def test_an_account_without_a_name_has_none():
    names = {"111122223333": None, "222233334444": "", "012345670123": "no", 333344445555: "~", "444455556666": "0123"}
    assert check_account_names(names) == {"012345670123": "no", "333344445555": "~", "444455556666": "0123"}
    assert check_account_names(None) == {}


QUOTES = "Put it in quotes. If quotes do not help, as in AWX,"
UNIQUE_ID = "use the stack set's unique ID (name:uuid) or its ARN"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"stack_set_name": False},
            f"stack_set_name is False, not a string: YAML reads no as that. {QUOTES} {UNIQUE_ID}.",
        ),
        ({"stack_set_name": True}, "stack_set_name is True, not a string: YAML reads yes as that. "),
        ({"operation_id": 83}, "operation_id is 83, not a string: YAML reads 0123 as that. "),
        ({"operation_id": 10**200}, "..."),
        ({"operation_id": date(2026, 11, 2)}, "operation_id is 2026-11-02, not a string: YAML reads it as a date. "),
        (
            {"operation_id": datetime(2026, 11, 2, 8, tzinfo=timezone.utc)},
            "operation_id is 2026-11-02 08:00:00+00:00, not a string: YAML reads it as a time. ",
        ),
        ({"profile": 1.2}, f"profile is 1.2, not a string: YAML reads it as a number. {QUOTES} set AWS_PROFILE in the"),
        (
            {"region": 0},
            f"region is 0, not a string: YAML reads 00 as that. {QUOTES} set AWS_REGION in the environment.",
        ),
        ({"aws_region": 0}, "aws_region is 0"),
    ],
)
def test_what_yaml_read_in_a_text_is_told_from_one(options, message):
    with pytest.raises(OptionError) as caught:
        check_texts(options)
    assert message in caught.value.message
    assert len(caught.value.message) < 400


def test_texts_and_what_others_refuse_are_left_to_them():
    check_texts({"stack_set_name": "no", "operation_id": "0123", "region": None, "profile": ["x"], "wait": False})


def test_the_latest_may_be_one_created_before_a_time():
    latest = {**GATED, "operation_id": "latest", "created_after": "2026-11-02T09:00:00+01:00"}
    assert gate_request(latest).created_before is None
    for before in ("2026-11-02T08:00:00Z", "2026-11-02T08:00:00.500000Z"):
        assert gate_request({**latest, "created_before": before}).created_before >= datetime(
            2026, 11, 2, 8, tzinfo=timezone.utc
        )


def test_the_latest_is_one_created_after_a_time():
    asked = gate_request({**GATED, "operation_id": "latest", "created_after": "2026-11-02T09:00:00+01:00"})
    assert (asked.operation_id, asked.created_after) == (None, datetime(2026, 11, 2, 8, tzinfo=timezone.utc))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"operation_id": None}, "operation_id is missing. Set the operation's ID"),
        ({"operation_id": ""}, "operation_id is missing. Set the operation's ID"),
        ({"operation_id": "Latest!"}, "operation_id 'Latest!' is not an operation ID"),
        (
            {"operation_id": "latest"},
            "operation_id is latest without created_after, so any operation could match. Set",
        ),
        ({"created_after": "2026-11-02T08:00:00Z"}, "created_after is set together with the operation's ID. Omit"),
        ({"created_before": "2026-11-02T08:00:00Z"}, "created_before is set together with the operation's ID. Omit"),
        ({"operation_id": "latest", "created_before": "2026-11-02T08:00:00Z"}, "operation_id is latest without"),
        ({**LATEST, "created_before": "tomorrow"}, "created_before 'tomorrow' is not a time. Set ISO"),
        ({"operation_id": "latest", "created_after": ""}, "operation_id is latest without created_after"),
        (
            {**LATEST, "created_before": "2026-11-02T07:59:59Z"},
            "created_before is 2026-11-02T07:59:59+00:00, earlier than created_after. Set a later time",
        ),
        ({"operation_id": "latest", "created_after": "yesterday"}, "created_after 'yesterday' is not a time. Set ISO"),
        ({"wait_timeout": -1}, "wait_timeout is -1. Set seconds, 0 or more."),
        ({"wait_sleep": 0}, "wait_sleep is 0. Set seconds, 1 or more."),
        ({"wait_sleep": 0.5}, "wait_sleep is 0.5. Set seconds, 1 or more."),
        ({"settle_timeout": -1}, "settle_timeout is -1. Set seconds, 0 or more."),
        ({"settle_timeout": True}, "settle_timeout is True. Set"),
        ({"wait_timeout": float("inf")}, "wait_timeout is inf. Set"),
        ({"wait_timeout": float("nan")}, "wait_timeout is nan. Set"),
        ({"wait_timeout": "60"}, "wait_timeout is '60'. Set"),
        ({"max_reported": -1}, "max_reported is -1. Set 0 to 1000"),
        ({"max_reported": 1001}, "max_reported is 1001. Set 0 to 1000"),
        ({"max_reported": True}, "max_reported is True. Set 0 to 1000"),
        ({"max_reported": None}, "max_reported is null. Set 0 to 1000"),
        ({"call_as": "ROOT"}, "call_as is 'ROOT'. Set"),
        ({"stack_set_name": ""}, "stack_set_name is empty. Set"),
    ],
)
def test_a_gate_that_can_not_be_asked_is_refused_with_its_remedy(options, message):
    with pytest.raises(OptionError) as caught:
        gate_request({**GATED, **options})
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize("option", ["wait_timeout", "settle_timeout", "max_reported"])
def test_zero_is_a_time_and_a_number(option):
    assert getattr(gate_request({**GATED, option: 0}), option) == 0


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-02T08:00:00Z",
        "2026-11-02T08:00:00z",
        " 2026-11-02T08:00:00Z\n",
        "2026-11-02 08:00:00+00:00",
        "2026-11-02T09:30:00+01:30",
        "2026-11-02T08:00:00.000+00:00",
        "2026-11-02T08:00:00.0Z",
        "2026-11-02T08:00:00+0000",
        "2026-11-02T08:00:00-00",
        "2026-11-02T08:00Z",
        "2026-11-02T08Z",
        "20261102T080000Z",
        "2026-W45-1T08:00:00Z",
        "2026-306T08:00:00,0Z",
    ],
)
def test_a_time_with_its_offset_is_taken(text):
    assert check_time(text, "created_after") == datetime(2026, 11, 2, 8, tzinfo=timezone.utc)


@pytest.mark.parametrize("text", ["2026-11-02T08:00:00", "2026-11-02", "2026-11-02 08:00"])
def test_a_time_without_its_offset_could_be_any(text):
    with pytest.raises(OptionError, match=r"has no UTC offset\. Set ISO 8601 with Z or an offset"):
        check_time(text, "created_after")


@pytest.mark.parametrize(
    "value",
    [
        *("", "now", "Z", "1762070400", "2026-11-02T08:00:60Z", "2026-11-02T08:00:00 Z", "٢٠٢٦-11-02T08:00:00Z"),
        *(
            "0001-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
            1762070400,
            datetime(2026, 11, 2),
            ["x"],
            "\x1b[2J",
        ),
    ],
)
def test_what_is_no_time_is_refused(value):
    with pytest.raises(OptionError, match="is not a time") as caught:
        check_time(value, "created_after")
    assert caught.value.message.isprintable()


anything = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.text(max_size=9), max_size=3))


@given(
    st.fixed_dictionaries(
        {
            "stack_set_name": st.one_of(anything, st.just("a")),
            "operation_id": st.one_of(anything, st.just("a")),
            "call_as": st.one_of(anything, st.just("SELF")),
            "statuses": anything,
            "max_items": anything,
            "page_size": st.one_of(anything, st.just(100)),
            "starting_token": anything,
            "reading_timeout": st.one_of(anything, st.just(1800)),
        }
    )
)
def test_any_options_work_or_are_refused_in_printable_words(options):
    try:
        asked = read_request(options)
    except OptionError as error:
        assert error.message.isprintable()
        assert error.option in options
    else:
        assert asked.stack_set.value.isascii()
