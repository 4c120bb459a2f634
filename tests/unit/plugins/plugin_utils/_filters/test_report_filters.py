# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters that write reports: what they refuse, and what any input makes of them."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree

import pytest

pytest.importorskip("ansible.errors")
pytest.importorskip("hypothesis")

from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackgate.stacksets.tests.unit.helpers.hostile import hostile_settings, json_values, texts
from ansible_collections.stackgate.stacksets.tests.unit.helpers.reports import FILTERS, operation, result, row

pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")

NAMES = sorted(FILTERS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("value", "options", "message"),
    [
        ("[]", {}, "The input is a string, '[]'. Pass operation_results"),
        ({"summary": {}}, {}, "it is a result of summary_only=true"),
        (
            [row(stack_set_name="a", operation_id="1"), row(stack_set_name="b", operation_id="2")],
            {},
            "has rows of 2 operations",
        ),
        ([row()], {"title": "x"}, "No such argument: title. The arguments are operation, stack_set_name, call_as,"),
        ([row()], {"operation": {}}, "operation has no operation_id"),
        (result([row()]), {"operation": operation()}, "operation is set, but the input contains its operation"),
        ([row(operation_id="op-2")], {"operation": operation()}, "but the rows belong to op-2"),
        ([row()], {"call_as": "ADMIN"}, "call_as is 'ADMIN'. Set SELF or DELEGATED_ADMIN."),
        (result([row()], statuses="FAILED"), {}, "The input's statuses is 'FAILED', not a list of statuses."),
        ([row()], {"region": 1}, "region is 1, not a string"),
        ([row()], {"stack_set_name": ["x"]}, "stack_set_name is ['x'], not a string"),
        ([row()], {"account_names": "x"}, "account_names is 'x', not a dict"),
        ([row()], {"account_names": {123: "x"}}, "account_names has 123, which is not an account ID of 12 digits: "),
        ([row()], {"account_names": {"111122223333": []}}, "account_names has [] as the name of 111122223333"),
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused(name, value, options, message):
    with pytest.raises(AnsibleFilterError) as error:
        FILTERS[name](value, **options)
    assert str(error.value).startswith(f"stackgate.stacksets.{name}: ")
    assert message in str(error.value)


def test_markdowns_own_argument_is_named_among_its_arguments():
    with pytest.raises(AnsibleFilterError, match="account_names, max_length"):
        FILTERS["to_markdown"]([row()], title="x")
    with pytest.raises(AnsibleFilterError, match=r"No such argument: max_length\. "):
        FILTERS["to_html"]([row()], max_length=3000)


@pytest.mark.parametrize("name", NAMES)
def test_names_may_be_left_out(name):
    assert FILTERS[name]([row()]) == FILTERS[name]([row()], account_names=None, region=None, operation=None)


maybe = st.one_of(st.none(), texts)
statuses = st.one_of(maybe, st.sampled_from(["SUCCEEDED", "FAILED", "CANCELLED", "RUNNING"]))
rows = st.lists(
    st.builds(
        row,
        maybe,
        st.one_of(maybe, st.just("eu-west-1")),
        statuses,
        maybe,
        maybe,
        st.fixed_dictionaries({"status": statuses, "status_reason": maybe}),
    ),
    max_size=5,
)
operations = st.builds(
    operation,
    st.one_of(texts.filter(bool), st.sampled_from(["SUCCEEDED", "RUNNING", "STOPPED"])),
    st.one_of(st.none(), st.integers(0, 9)),
    **dict.fromkeys(("action", "status_reason", "creation_timestamp", "end_timestamp", "stack_set_id"), maybe),
)
accounts = st.dictionaries(st.from_regex("[0-9]{12}", fullmatch=True), texts, max_size=2)


@hostile_settings
@given(rows, operations, accounts)
def test_whatever_strangers_write_each_format_holds(facts, about, names):
    value = result(facts, about)
    written = {name: FILTERS[name](value, account_names=names, region="eu-west-1") for name in NAMES}
    for text in written.values():
        text.encode()
        assert all(char.isprintable() or char in "\r\n" for line in text.splitlines() for char in line)
    lines = list(csv.reader(io.StringIO(written["to_csv"], newline="")))
    targets = {(one["account"] or None, one["region"] or None, one["organizational_unit_id"] or None) for one in facts}
    assert len(lines) >= 1 + len(targets)
    assert {len(line) for line in lines} == {11}
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for line in lines for cell in line)
    suites = ElementTree.fromstring(written["to_junit"].encode())
    for suite in suites:
        assert int(suite.get("tests")) == len(list(suite.iter("testcase"))) > 0
        assert suite.get("name") and suite.get("package")
    assert len(written["to_markdown"]) <= 4000
    assert written["to_html"].count("<script>") == 1


@hostile_settings
@given(rows, operations)
def test_the_shortest_markdown_has_room_for_any_head(facts, about):
    text = FILTERS["to_markdown"](result(facts, about, failed=True, msg="m" * 999), max_length=2000, region="eu-west-1")
    assert len(text) <= 2000


@pytest.mark.parametrize("name", NAMES)
@hostile_settings
@given(
    value=st.one_of(
        json_values, st.fixed_dictionaries({"operation_results": json_values}, optional={"msg": json_values})
    ),
    options=st.dictionaries(st.sampled_from(["operation", "account_names", "region", "stack_set_name"]), json_values),
)
def test_any_input_gives_a_report_or_says_what_is_wanted(name, value, options):
    try:
        FILTERS[name](value, **options).encode()
    except AnsibleFilterError as error:
        assert str(error).startswith(f"stackgate.stacksets.{name}: ")
        assert str(error).isprintable()
