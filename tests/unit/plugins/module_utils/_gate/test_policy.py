# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a policy may say, and how the rest is refused."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.policy import DEFAULTS, policy
from ansible_collections.stackgate.stacksets.tests.unit.helpers.rows import new_row

NUMBERS = ["max_failed", "max_cancelled", "expected_results", "min_results", "max_unaccounted", "max_drifted"]
WHOLE = "Set a whole number, 0 or more (in a template: | int)."
HUNDRED = "Set a number from 0 to 100 (in a template: | float)."
NO_ID = "not an account ID of 12 digits"
IDS = (
    "Put account IDs in quotes. If quotes do not help, as in AWX, write a string with a comma after each ID:"
    " 012345670123,"
)
PATTERNS = (
    "Put regular expressions in quotes. If quotes do not help, as in AWX, write one that YAML reads as"
    " a string, for example (?:1234)."
)


def row(account="111122223333", reason=None):
    return new_row(account, status="FAILED", reason=reason)


def refused(**options):
    with pytest.raises(OptionError) as caught:
        policy(options)
    return caught.value


def test_the_defaults_allow_nothing_bad():
    rules = policy({})
    assert (rules.max_failed, rules.max_cancelled, rules.max_unaccounted, rules.allow_empty) == (0, 0, 0, False)
    assert (rules.max_failed_percentage, rules.expected_results, rules.min_results, rules.max_drifted) == (None,) * 4
    assert (rules.scope, rules.accept_operation_statuses) == ("operation", ("SUCCEEDED",))
    assert not rules.ignores(row(reason="Account is suspended"))


def test_left_out_and_null_are_the_same():
    assert policy({**DEFAULTS, "ignore_accounts": None, "ignore_reasons": None, "max_cancelled": None}) == policy({})


def test_options_of_others_are_left_to_them():
    assert policy({"stack_set_name": 5, "wait": "x"}) == policy({})


@pytest.mark.parametrize("option", NUMBERS)
@pytest.mark.parametrize("value", [-1, 1.0, "1", True, False, [1], float("nan")])
def test_a_limit_is_a_whole_number(option, value):
    error = refused(**{option: value})
    assert error.option == option
    assert error.message.startswith(f"{option} is {value!r}. ")
    assert error.message.endswith(WHOLE)


@pytest.mark.parametrize("option", NUMBERS)
@pytest.mark.parametrize("value", [0, 7])
def test_zero_and_more_are_limits(option, value):
    assert getattr(policy({option: value}), option) == value


@pytest.mark.parametrize(
    "value", [-0.1, 100.1, 101, "10", "10%", True, False, float("nan"), float("inf"), float("-inf"), [10]]
)
def test_a_percentage_is_a_number_from_0_to_100(value):
    error = refused(max_failed_percentage=value)
    assert error.option == "max_failed_percentage"
    assert error.message == f"max_failed_percentage is {value!r}. {HUNDRED}"


@pytest.mark.parametrize(
    ("value", "exact"),
    [(0, 0), (100, 100), (33.3, Fraction(333, 10)), (0.1, Fraction(1, 10)), (1e-7, Fraction("1e-7"))],
)
def test_a_percentage_is_meant_as_it_is_written(value, exact):
    rules = policy({"max_failed_percentage": value})
    assert (rules.max_failed_percentage, rules.max_failed) == (exact, None)


def test_values_that_know_their_origin_are_values():
    class TaggedNumber(int):
        pass

    class TaggedFraction(float):
        pass

    class TaggedText(str):
        pass

    rules = policy(
        {
            "max_failed": TaggedNumber(3),
            "max_failed_percentage": TaggedFraction(2.5),
            "scope": TaggedText("region"),
            "ignore_accounts": [TaggedText("111122223333")],
            "ignore_reasons": [TaggedText("suspended")],
        }
    )
    assert (rules.max_failed, rules.max_failed_percentage, rules.scope) == (3, Fraction(5, 2), "region")
    assert rules.ignores(row())
    assert rules.ignores(row("999999999999", "suspended"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scope": "account"}, "scope is 'account'. Set one of operation, region, organizational_unit."),
        ({"scope": None}, "scope is null. Set one of operation, region, organizational_unit."),
        ({"scope": ["region"]}, "scope is ['region']. Set one of operation, region, organizational_unit."),
        ({"allow_empty": "yes"}, "allow_empty is 'yes'. Set true or false (in a template: | bool)."),
        ({"allow_empty": 1}, "allow_empty is 1. Set true or false (in a template: | bool)."),
        ({"allow_empty": None}, "allow_empty is null. Set true or false (in a template: | bool)."),
        (
            {"accept_operation_statuses": []},
            "accept_operation_statuses is empty, so no operation could pass. Set one or more of SUCCEEDED, FAILED,"
            " STOPPED.",
        ),
        (
            {"accept_operation_statuses": ["RUNNING"]},
            "accept_operation_statuses has 'RUNNING'. Set one or more of SUCCEEDED, FAILED, STOPPED.",
        ),
        (
            {"accept_operation_statuses": ["succeeded"]},
            "accept_operation_statuses has 'succeeded'. Set one or more of SUCCEEDED, FAILED, STOPPED.",
        ),
        ({"accept_operation_statuses": "SUCCEEDED,FAILED"}, "accept_operation_statuses has 'SUCCEEDED,FAILED'. Set"),
        (
            {"accept_operation_statuses": ["SUCCEEDED", "FAILED"]},
            "accept_operation_statuses accepts FAILED without expected_results. Set expected_results too: such an"
            " operation may have skipped targets.",
        ),
        (
            {"accept_operation_statuses": ["STOPPED", "FAILED"], "min_results": 5},
            "accept_operation_statuses accepts STOPPED and FAILED without expected_results. Set expected_results too:"
            " such an operation may have skipped targets.",
        ),
        ({"ignore_accounts": "111122223333;444455556666"}, "ignore_accounts has '111122223333;444455556666', which is"),
        ({"ignore_accounts": ["11112222333"]}, f"ignore_accounts has '11112222333', which is {NO_ID}. {IDS}"),
        ({"ignore_accounts": ["111122223333\n"]}, f"ignore_accounts has '111122223333\\n', which is {NO_ID}. {IDS}"),
        ({"ignore_accounts": [" 111122223333"]}, f"ignore_accounts has ' 111122223333', which is {NO_ID}. {IDS}"),
        ({"ignore_accounts": ["111122223333\u00a0"]}, "ignore_accounts has '111122223333\\xa0', which is no"),
        ({"ignore_accounts": ["١١١١٢٢٢٢٣٣٣٣"]}, "ignore_accounts has "),
        ({"ignore_accounts": {"111122223333": True}}, "ignore_accounts is {'111122223333': True}. Set a list."),
        ({"ignore_reasons": {"suspended": True}}, "ignore_reasons is {'suspended': True}. Set a list."),
        ({"ignore_reasons": [5]}, f"ignore_reasons has 5, which is not a string. {PATTERNS}"),
        ({"ignore_reasons": [None]}, f"ignore_reasons has null, which is not a string. {PATTERNS}"),
        ({"ignore_reasons": 1234}, f"ignore_reasons has 1234, which is not a string. {PATTERNS}"),
        ({"ignore_reasons": False}, f"ignore_reasons has False, which is not a string. {PATTERNS}"),
        (
            {"ignore_reasons": [date(2026, 11, 2)]},
            f"ignore_reasons has 2026-11-02, which is not a string. {PATTERNS}",
        ),
        ({"ignore_reasons": ["("]}, "ignore_reasons has '(', which is not a regular expression (missing )"),
        ({"ignore_reasons": ["a{99999999999999999999}"]}, "which is not a regular expression"),
    ],
)
def test_a_bad_option_is_named_with_its_remedy(options, message):
    error = refused(**options)
    assert message in error.message
    assert error.option == next(iter(options))
    assert error.message.startswith(f"{error.option} ")
    assert error.message.count(". ") >= 1, "the remedy follows the problem"


@pytest.mark.parametrize(
    "pattern",
    [
        ".*",
        ".",
        "",
        "\\w",
        "e?",
        ".+",
        "^",
        "$",
        "\\s",
        "(?s).*",
        "^(?!x)",
        "^(?!This)",
        "(?!.*AWS)^",
        "e|R",
        "|x",
        "  ",
        "\n",
    ],
)
def test_a_pattern_that_matches_every_reason_is_refused(pattern):
    error = refused(ignore_reasons=["suspended", pattern])
    assert error.option == "ignore_reasons"
    assert f"ignore_reasons has {pattern!r}, which matches every reason. Match only the reasons" in error.message


@pytest.mark.parametrize(
    "pattern",
    [
        # The first two are not in every one of the policy's unlike reasons.
        *('["AWS"]', "[no]", '["kms:Decrypt", "is suspended"]', "['is suspended']", "[is suspended, closed]"),
        *(' ["is suspended"]\n', '["[Aa]ccount is suspended"]', '["a]", ["b"]]', "[]", "[0-9]", "[a-z]", "[\\s\\S]"),
    ],
)
def test_a_list_written_as_text_is_a_class_of_characters_and_refused(pattern):
    for value in (pattern, ["suspended", pattern]):
        assert refused(ignore_reasons=value).message == (
            f"ignore_reasons has {pattern!r}, a list in a string, which as a pattern matches single characters."
            " Set a list, or one pattern."
        )


@pytest.mark.parametrize(
    "pattern",
    [
        "suspended",
        "(?i)account is suspended",
        "^This account",
        "Rate exceeded",
        "ResourceType:AWS::CloudTrail::Trail",
        r"Account \d{12} should have '.*' role",
        "Cancelled since failure tolerance",
        "(?:1234)",
        "[Aa]ccount is suspended",
        "[Aa]ccount is [Ss]uspende[d]",
        '"is suspended"',
        '{"a": ["b"]}',
    ],
)
def test_a_pattern_that_names_something_is_taken(pattern):
    assert [one.pattern for one in policy({"ignore_reasons": [pattern]}).ignore_reasons] == [pattern]


@pytest.mark.parametrize(
    "text",
    [
        "kms:Decrypt on resource: key/[0-9]+, because no resource-based policy allows",
        "suspended\nor closed",
        "suspended; closed",
        "a b c, d",
    ],
)
def test_a_text_is_one_pattern_whole(text):
    rules = policy({"ignore_reasons": text})
    assert rules == policy({"ignore_reasons": [text]})
    assert [one.pattern for one in rules.ignore_reasons] == [text]


def test_of_a_text_with_a_comma_no_part_ignores_a_failure():
    rules = policy({"ignore_reasons": "kms:Decrypt on key/[0-9]+, because no resource-based policy allows"})
    assert rules.ignores(row(None, "kms:Decrypt on key/5, because no resource-based policy allows it"))
    assert not rules.ignores(row(None, "s3:PutObject, because no resource-based policy allows it"))
    assert not rules.ignores(row(None, "kms:Decrypt on key/5"))


@pytest.mark.parametrize(
    "value",
    [
        "012345670123,098765432109,123456789012",
        "012345670123,098765432109,123456789012,",
        # What Ansible makes of these for a module.
        ["012345670123", "098765432109", "123456789012", ""],
        ["012345670123,", "098765432109,", "123456789012,"],
        # What YAML makes of 123456789012.
        ["012345670123", "098765432109", 123456789012],
    ],
)
def test_accounts_may_have_commas_behind_them_and_a_number_of_12_digits_is_one(value):
    assert policy({"ignore_accounts": value}).ignore_accounts == {"012345670123", "098765432109", "123456789012"}


@pytest.mark.parametrize("value", ["", ",", [""], []])
def test_where_there_is_no_account_none_is_ignored(value):
    assert policy({"ignore_accounts": value}) == policy({})


def test_one_number_of_12_digits_is_a_list_of_one():
    for number in (10**11, 123456789012, 10**12 - 1):
        assert policy({"ignore_accounts": number}).ignore_accounts == {str(number)}


@pytest.mark.parametrize(
    ("number", "account"),
    [(1402433619, "012345670123"), (0, "000000000000"), (8, "000000000010"), (8**11 - 1, "077777777777")],
)
def test_a_shorter_number_is_refused_with_the_account_that_yaml_read_it_from(number, account):
    """Ansible makes a text of it, for a module."""
    for value in (number, str(number)):
        for accounts in (value, [value], ["111122223333", value]):
            assert refused(ignore_accounts=accounts).message == (
                f"ignore_accounts has {value!r}, which is {NO_ID}: YAML reads {account} as that. {IDS}"
            )


@pytest.mark.parametrize(
    "value",
    [
        *(8**11, 10**11 - 1, 10**12, -1, True, False, 1.5, float("nan"), None, date(2026, 11, 2)),
        *(datetime(2026, 11, 2, 8), "8589934592", "007", "-1", "1e3", "False"),
    ],
)
def test_what_yaml_can_not_have_read_an_account_as_is_refused_without_a_guess(value):
    assert refused(ignore_accounts=[value]).message.partition(", which is ")[2] == f"{NO_ID}. {IDS}"


@pytest.mark.parametrize(
    ("option", "text"), [("ignore_accounts", "111122223333"), ("accept_operation_statuses", "SUCCEEDED")]
)
def test_a_text_is_a_list_of_one(option, text):
    assert policy({option: text}) == policy({option: [text]})


def test_a_pattern_is_found_anywhere_in_the_reason_and_an_account_is_met_whole():
    rules = policy({"ignore_reasons": ["is suspended"], "ignore_accounts": ["111122223333"]})
    assert rules.ignores(row("999999999999", "Account 999999999999 is suspended."))
    assert rules.ignores(row("111122223333", "whatever"))
    assert not rules.ignores(row("999999999999", "Rate exceeded"))
    assert not rules.ignores(row("999999999999", None))
    assert not rules.ignores(row(None, None))


def test_accepted_with_expected_results_and_each_status_once():
    rules = policy({"accept_operation_statuses": ["FAILED", "STOPPED", "FAILED"], "expected_results": 0})
    assert rules.accept_operation_statuses == ("FAILED", "STOPPED")


@pytest.mark.parametrize("pattern", ["(?\x1b)", "(?P\x1b[2J"])
def test_what_a_pattern_holds_is_shown_harmlessly(pattern):
    assert refused(ignore_reasons=[pattern]).message.isprintable()


anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.text("aé.*?[]()\\0", max_size=4))
)


@given(st.dictionaries(st.sampled_from(sorted(DEFAULTS)), anything))
def test_any_options_work_or_are_refused_by_name(options):
    try:
        policy(options)
    except OptionError as error:
        assert error.option in DEFAULTS
        assert error.message.startswith(f"{error.option} ")
        assert error.message.isprintable()
