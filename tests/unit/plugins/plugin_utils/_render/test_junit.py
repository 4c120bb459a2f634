# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as JUnit XML: what is green, what is red, and the form that schemas ask for."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

pytest.importorskip("ansible.errors")

from ansible_collections.stackgate.stacksets.tests.unit.helpers.reports import FILTERS, MIXED, operation, result, row

to_junit = FILTERS["to_junit"]


def suites(value, **options):
    """The outcome of each case, by suite and case."""
    found = {}
    for suite in ElementTree.fromstring(to_junit(value, **options).encode()):
        found[suite.get("name")] = {
            case.get("name"): [(outcome.tag, outcome.get("type")) for outcome in case]
            for case in suite.iter("testcase")
        }
    return found


def test_a_suite_for_each_region_and_a_case_for_each_account():
    failed, cancelled = [("failure", "FAILED")], [("failure", "CANCELLED")]
    assert suites(result(MIXED)) == {
        "eu-west-1": {
            "000000000001": [],
            "000000000002": failed,
            "000000000003": failed,
            "000000000004": [("error", "PENDING")],
            "000000000005": [("error", "SLEEPING")],
            "000000000006": [],
        },
        "us-east-1": {
            "000000000001": [],
            "000000000002": cancelled,
            "000000000003": failed,
            "000000000004": [("error", "RUNNING")],
            "000000000005": failed,
        },
    }


def test_names_of_accounts_and_reasons_are_told():
    text = to_junit(result([row(status="FAILED", reason="Denied")]), account_names={"111122223333": "production"})
    (case,) = ElementTree.fromstring(text.encode()).iter("testcase")
    assert (case.get("name"), case.get("classname")) == ("111122223333 (production)", "org-baseline.eu-west-1")
    assert (case[0].get("message"), case[0].text) == ("Denied", "Denied")


def test_a_long_reason_is_whole_in_the_text_and_short_in_the_message():
    """Readers list messages, and GitLab refuses a file of more than 30 MB."""
    reason = "The policy " + "denies it " * 300 + "at the end"
    value = result([row(status="FAILED", reason=reason)], operation("FAILED", failed=1, status_reason=reason))
    outcomes = list(ElementTree.fromstring(to_junit(value).encode()).iter("failure"))
    assert [one.text for one in outcomes] == [f"The operation is FAILED: {reason}", reason]
    assert [one.get("message") for one in outcomes] == [
        f"The operation is FAILED: The policy {'denies it ' * 12}"[:-1] + "...",
        f"The policy {'denies it ' * 14}"[:-1] + "...",
    ]


@pytest.mark.parametrize(("reason", "message"), [("x" * 160, "x" * 160), ("x" * 161, "x" * 157 + "...")])
def test_a_message_has_its_limit_also_where_it_is_one_word(reason, message):
    (failure,) = ElementTree.fromstring(to_junit([row(status="FAILED", reason=reason)]).encode()).iter("failure")
    assert (failure.get("message"), failure.text) == (message, reason)


def test_of_several_units_the_worst_result_of_an_account_is_its_case():
    rows = [row(unit="ou-a"), row(unit="ou-b", status="FAILED"), row(unit="ou-c", status="CANCELLED")]
    assert suites(result(rows))["eu-west-1"] == {"111122223333": [("failure", "FAILED")]}


def test_what_aws_left_out_has_a_name_and_is_no_pass():
    assert suites([row(None, None, None)])["no Region"] == {"no account 1": [("error", "no status")]}


def test_each_result_without_a_name_is_a_case_with_a_number():
    found = suites([row(None), row(None, status="FAILED"), row(), row(region=None), row(region="")])
    assert found["eu-west-1"] == {
        "no account 1": [("failure", "FAILED")],
        "no account 2": [],
        "111122223333": [],
    }
    assert list(found["no Region"]) == ["111122223333 1", "111122223333 2"]


@pytest.mark.parametrize("status", ["FAILED", "STOPPED"])
def test_an_operation_that_failed_is_a_failure(status):
    about = operation(status, status_reason="Tolerance exceeded")
    assert suites(result([row()], about))["operation"] == {"status": [("failure", status)]}
    assert f'message="The operation is {status}: Tolerance exceeded"' in to_junit(result([row()], about))
    assert f'message="The operation is {status}"' in to_junit(result([row()], operation(status)))


@pytest.mark.parametrize(
    "value",
    [
        result([]),
        result([row()], complete=False),
        result([row()], failed=True, msg="Expired"),
        result([row()], operation("RUNNING")),
        result([row()], operation(failed=1)),
        [row()],
    ],
    ids=["no results", "a part", "a failed reading", "at work", "hidden failures", "rows by themselves"],
)
def test_what_is_not_known_is_an_error(value):
    assert suites(value)["operation"] == {"remark 1": [("error", "unknown")]}


def test_where_all_is_known_there_is_no_other_suite():
    assert list(suites(result([row()]))) == ["eu-west-1"]
    assert list(suites([row()], operation=operation())) == ["eu-west-1"]


def test_the_counts_of_a_suite_are_those_of_its_cases_and_it_has_the_form_that_schemas_ask_for():
    (first, second) = ElementTree.fromstring(to_junit(result(MIXED)).encode())
    assert [first.get(key) for key in ("tests", "failures", "errors")] == ["6", "2", "2"]
    assert [second.get(key) for key in ("tests", "failures", "errors")] == ["5", "3", "1"]
    for number, suite in enumerate((first, second)):
        assert (suite.get("id"), suite.get("package"), suite.get("time")) == (str(number), "org-baseline", "0")
        assert suite.get("timestamp") == "2026-11-02T08:15:00"
        tags = [element.tag for element in suite]
        assert tags == ["properties", *["testcase"] * int(suite.get("tests")), "system-out", "system-err"]


@pytest.mark.parametrize(
    ("began", "timestamp"),
    [
        ("2026-11-02T10:15:00.250000+02:00", "2026-11-02T08:15:00"),
        ("2026-11-02T08:15:00", "2026-11-02T08:15:00"),
        (None, "1970-01-01T00:00:00"),
        ("soon", "1970-01-01T00:00:00"),
    ],
)
def test_a_timestamp_is_in_utc_and_never_missing(began, timestamp):
    value = result([row()], operation(creation_timestamp=began))
    assert ElementTree.fromstring(to_junit(value).encode())[0].get("timestamp") == timestamp


def test_every_word_of_it():
    rows = [
        row("000000000001", reason="Fine"),
        row("000000000002", status="CANCELLED"),
        row("000000000003", status=None),
    ]
    about = operation("STOPPED", failed=1, status_reason="By hand")
    text = to_junit(result(rows, about), region="eu-west-1", account_names={"000000000001": "shop"})
    properties = """\
    <properties>
      <property name="headline" value="1 of 3 results was cancelled, 1 has not ended" />
      <property name="stack_set_name" value="org-baseline" />
      <property name="operation_id" value="5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e" />
      <property name="action" value="UPDATE" />
      <property name="operation_status" value="STOPPED" />
      <property name="console_url" value="https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1\
#/stacksets/org-baseline%3A8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a/operations/5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e" />
    </properties>"""
    remark = "AWS counts 1 more failed stack instance than these results show."
    assert (
        text
        == f"""\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="operation" package="org-baseline" id="0" timestamp="2026-11-02T08:15:00" hostname="localhost"\
 tests="2" failures="1" errors="1" time="0">
{properties}
    <testcase name="status" classname="org-baseline.operation" time="0">
      <failure type="STOPPED" message="The operation is STOPPED: By hand">The operation is STOPPED: By hand</failure>
    </testcase>
    <testcase name="remark 1" classname="org-baseline.operation" time="0">
      <error type="unknown" message="{remark}">{remark}</error>
    </testcase>
    <system-out />
    <system-err />
  </testsuite>
  <testsuite name="eu-west-1" package="org-baseline" id="1" timestamp="2026-11-02T08:15:00" hostname="localhost"\
 tests="3" failures="1" errors="1" time="0">
{properties}
    <testcase name="000000000001 (shop)" classname="org-baseline.eu-west-1" time="0" />
    <testcase name="000000000002" classname="org-baseline.eu-west-1" time="0">
      <failure type="CANCELLED" message="No reason given.">No reason given.</failure>
    </testcase>
    <testcase name="000000000003" classname="org-baseline.eu-west-1" time="0">
      <error type="no status" message="No reason given.">No reason given.</error>
    </testcase>
    <system-out />
    <system-err />
  </testsuite>
</testsuites>
"""
    )


def test_that_aws_calls_it_succeeded_is_a_property():
    text = to_junit(result([row(), row("2" * 12, status="CANCELLED")]))
    properties = {one.get("name"): one.get("value") for one in ElementTree.fromstring(text.encode()).iter("property")}
    assert properties["headline"] == "1 of 2 results was cancelled"
    assert properties["subheadline"] == "AWS reports SUCCEEDED although 1 result was cancelled"


def test_a_part_of_the_results_is_an_error_and_its_headline_says_so():
    part = result([row(status="FAILED")], complete=False, statuses=["FAILED"])
    (first, _region) = ElementTree.fromstring(to_junit(part).encode())
    assert (first.get("name"), first.get("errors")) == ("operation", "1")
    assert first.find(".//property").get("value") == "1 failed result; other statuses were not read"


ARN = "arn:aws:cloudformation:eu-west-1:111122223333:stackset/org-new:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a"


@pytest.mark.parametrize(("named", "options"), [(None, {"stack_set_name": "org-new"}), ("org-new", {}), (ARN, {})])
def test_a_stack_set_without_operations_is_named(named, options):
    """No operation names it: the result does, as it was asked for, or the option."""
    nothing = {"operation": None, "operation_results": [], "complete": True, "stack_set_name": named}
    (suite,) = ElementTree.fromstring(to_junit(nothing, **options).encode())
    assert (suite.get("name"), suite.get("package"), suite.get("errors")) == ("operation", "org-new", "1")
    (case,) = suite.iter("testcase")
    assert (case.get("classname"), case[0].tag) == ("org-new.operation", "error")
    assert case[0].text == "The stack set has no operations."


def test_without_a_name_the_stack_set_is_called_that():
    (suite, _operation) = sorted(
        ElementTree.fromstring(to_junit([row(None, None)]).encode()), key=lambda suite: suite.get("name")
    )
    assert (suite.get("name"), suite.get("package")) == ("no Region", "stack set")
    (case,) = suite.iter("testcase")
    assert (case.get("name"), case.get("classname")) == ("no account 1", "stack set.no Region")
    assert [one.get("name") for one in suite.iter("property")] == ["headline"]
