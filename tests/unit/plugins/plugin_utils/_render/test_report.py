# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report says: its headline, what it does not know, and the order of everything in it."""

from __future__ import annotations

import time

import pytest

pytest.importorskip("ansible.errors")

from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.operations import parse_time
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.headline import shown_statuses
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.report import Cause
from ansible_collections.stackgate.stacksets.tests.unit.helpers.reports import (
    MIXED,
    OPERATION_ID,
    operation,
    reported,
    result,
    row,
)

GOOD, FAILED, CANCELLED, RUNNING = (
    row(account, status=status)
    for account, status in (
        ("1" * 12, "SUCCEEDED"),
        ("2" * 12, "FAILED"),
        ("3" * 12, "CANCELLED"),
        ("4" * 12, "RUNNING"),
    )
)


@pytest.mark.parametrize(
    ("rows", "headline", "verdict"),
    [
        ([], "There are no results", "unknown"),
        ([GOOD], "The only result succeeded", "good"),
        ([GOOD, {**GOOD, "region": "us-east-1"}], "All 2 results succeeded", "good"),
        ([GOOD, FAILED], "1 of 2 results failed", "bad"),
        ([FAILED], "1 of 1 result failed", "bad"),
        ([GOOD, CANCELLED], "1 of 2 results was cancelled", "bad"),
        ([CANCELLED, {**CANCELLED, "region": "x"}], "2 of 2 results were cancelled", "bad"),
        ([FAILED, CANCELLED], "1 of 2 results failed, 1 was cancelled", "bad"),
        ([GOOD, FAILED, RUNNING, {**RUNNING, "region": "x"}], "1 of 4 results failed, 2 have not ended", "bad"),
        ([GOOD, RUNNING], "1 of 2 results has not ended", "unknown"),
        ([GOOD, {**GOOD, "account": "5" * 12, "status": "SLEEPING"}], "1 of 2 results has not ended", "unknown"),
        ([GOOD, {**GOOD, "account": "5" * 12, "status": None}], "1 of 2 results has not ended", "unknown"),
    ],
)  # fmt: skip
def test_the_headline_counts_what_did_not_succeed(rows, headline, verdict):
    report = reported(result(rows))
    assert (report.headline, report.verdict) == (headline, verdict)


def partial(rows, statuses=None, **more):
    return result(rows, complete=False, statuses=statuses, **more)


@pytest.mark.parametrize(
    ("value", "headline"),
    [
        (partial([FAILED], ["FAILED"]), "1 failed result; other statuses were not read"),
        (
            partial([FAILED, CANCELLED], ["FAILED", "CANCELLED"]),
            "1 failed, 1 cancelled results; other statuses were not read",
        ),
        (partial([CANCELLED], ["FAILED", "CANCELLED"]), "1 cancelled result; other statuses were not read"),
        (partial([], ["FAILED", "CANCELLED"]), "No failed or cancelled results; other statuses were not read"),
        (partial([GOOD], ["SUCCEEDED"]), "1 successful result; other statuses were not read"),
        (partial([FAILED], ["FAILED"], truncated=True), "1 failed result; other results were not read"),
        (partial([FAILED], ["FAILED"], failed=True, msg="x"), "1 failed result; other results were not read"),
        (partial([{**GOOD, "status": "SLEEPING*"}], ["FAILED"]), "1 other result; other statuses were not read"),
        (partial([GOOD, FAILED], truncated=True), "1 of 2 results failed; other results were not read"),
        (partial([GOOD]), "1 result succeeded; other results were not read"),
        (partial([GOOD, FAILED], failed=True, msg="x"), "1 of 2 results failed; other results were not read"),
        (partial([], failed=True, msg="x"), "No results were read"),
        ([FAILED], "1 failed result; other results may exist"),
        ([GOOD, FAILED], "1 of 2 results failed"),
        ({"operation": None, "operation_results": [], "complete": False}, "There are no results"),
    ],
)  # fmt: skip
def test_the_headline_says_where_not_all_was_read(value, headline):
    assert reported(value).headline == headline


@pytest.mark.parametrize(
    ("rows", "preferences", "said"),
    [
        ([FAILED], None, " although 1 result failed"),
        ([FAILED, CANCELLED], {}, " although 1 result failed and 1 was cancelled"),
        ([CANCELLED], {"failure_tolerance_count": None}, " although 1 result was cancelled"),
        (
            [FAILED, {**FAILED, "region": "x"}],
            {"failure_tolerance_count": 5},
            " although 2 results failed: the failure tolerance is 5 accounts in each Region",
        ),
        (
            [FAILED],
            {"failure_tolerance_count": 1},
            " although 1 result failed: the failure tolerance is 1 account in each Region",
        ),
        (
            [FAILED],
            {"failure_tolerance_percentage": 10, "failure_tolerance_count": 0},
            " although 1 result failed: the failure tolerance is 10% of the accounts in each Region",
        ),
        ([FAILED], {"failure_tolerance_count": "<b>"}, " although 1 result failed"),
    ],
)
def test_the_second_line_says_that_aws_calls_it_succeeded(rows, preferences, said):
    about = operation(failed=len(rows), operation_preferences=preferences)
    assert reported(result([GOOD, *rows], about)).subheadline == f"AWS reports SUCCEEDED{said}"


def test_there_is_no_second_line_where_aws_agrees_or_nothing_failed():
    assert reported(result([GOOD, FAILED], operation("FAILED", failed=1))).subheadline == ""
    assert reported(result([GOOD, RUNNING])).subheadline == ""
    assert reported([GOOD, FAILED]).subheadline == ""


RETRY = (
    "aws cloudformation update-stack-instances --stack-set-name org-baseline --accounts 222222222222"
    " --regions eu-west-1"
)


def test_the_commands_retry_what_did_not_succeed():
    options = {"region": "us-east-1"}
    assert reported(result([GOOD, FAILED]), **options).retry_commands == (f"{RETRY} --region us-east-1",)
    (delegated,) = reported(result([GOOD, FAILED]), call_as="DELEGATED_ADMIN", **options).retry_commands
    assert delegated == f"{RETRY} --call-as DELEGATED_ADMIN --region us-east-1"
    long = [row(f"{number:012}", status="FAILED") for number in range(3000)]
    assert len(reported(result(long), **options).retry_commands[0]) > 39_000


@pytest.mark.parametrize(
    ("value", "options"),
    [
        (result([GOOD, FAILED]), {}),
        (result([GOOD]), {"region": "x"}),
        (partial([FAILED], ["FAILED"]), {"region": "x"}),
        ([GOOD, FAILED], {"region": "x", "operation": operation(failed=1)}),
        (result([GOOD, FAILED], operation("RUNNING")), {"region": "x"}),
        (result([GOOD, FAILED], operation(failed=2)), {"region": "x"}),
        (result([GOOD, RUNNING, FAILED]), {"region": "x"}),
        (result([GOOD, FAILED], operation(failed=1, action="DETECT_DRIFT")), {"region": "x"}),
        (result([GOOD, {**FAILED, "account": None}]), {"region": "x"}),
        (result([row(f"{number:012}", status="FAILED") for number in range(5000)]), {"region": "x"}),
        (result([GOOD, FAILED], operation(failed=1, stack_set_id=None)), {"region": "x"}),
    ],
    ids=["Region", "good", "partial", "rows", "running", "unlisted", "unfinished", "drift", "unnamed", "many", "name"],
)  # fmt: skip
def test_there_are_no_commands_where_they_may_be_wrong(value, options):
    assert reported(value, **options).retry_commands == ()


@pytest.mark.parametrize("status", ["FAILED", "STOPPED"])
def test_an_operation_that_failed_is_bad_whatever_its_rows_say(status):
    assert reported(result([GOOD], operation(status))).verdict == "bad"


@pytest.mark.parametrize(
    ("value", "options", "remark"),
    [
        (result([GOOD], complete=False), {}, "These are not all results: the reading was limited"),
        (result([GOOD], truncated=True), {}, "These are not all results: the reading was limited"),
        (result([GOOD], failed=True, msg="Expired"), {}, "The reading failed. These results were read before"),
        (result([GOOD], operation("RUNNING")), {}, "The operation has not ended. Results may be missing"),
        (result([GOOD], operation("SLEEPING")), {}, "The operation has not ended"),
        (result([]), {}, "The operation has ended without results"),
        (result([FAILED], operation(failed=3)), {}, "AWS counts 2 more failed stack instances than these results"),
        (
            result([GOOD], operation(stack_set_drift_detection_details={"drifted_stack_instances_count": 2})),
            {},
            "2 stack instances have drifted; the results do not show which.",
        ),
        ([GOOD], {}, "The operation's status is not known"),
        ([], {}, "The operation's status is not known"),
        ({"operation": None, "operation_results": [], "complete": False}, {}, "The stack set has no operations."),
        (
            {"operation": None, "operation_results": [], "failed": True, "msg": "Denied"},
            {},
            "The reading failed. These results were read before the error: Denied",
        ),
        ([FAILED], {"operation": operation(failed=1)}, "No result here succeeded, so other results may be missing"),
    ],
)  # fmt: skip
def test_what_the_rows_do_not_tell_is_a_remark_and_no_good_report(value, options, remark):
    report = reported(value, **options)
    assert [str(one)[: len(remark)] for one in report.remarks] == [remark]
    assert report.verdict != "good"


@pytest.mark.parametrize(
    ("value", "options"),
    [(result([GOOD]), {}), ([GOOD], {"operation": operation()}), (result([GOOD, FAILED]), {})],
    ids=["result", "rows", "failures"],
)
def test_a_whole_reading_of_an_operation_that_ended_needs_no_remark(value, options):
    assert reported(value, **options).remarks == ()


def test_one_stack_instance_that_drifted_is_one():
    about = operation(stack_set_drift_detection_details={"drifted_stack_instances_count": 1})
    (remark,) = reported(result([GOOD], about)).remarks
    assert str(remark) == "1 stack instance has drifted; the results do not show which."


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], ""),
        ([row(None, None)], ""),
        ([GOOD], " in 1 account and 1 Region"),
        ([GOOD, FAILED, {**FAILED, "region": "x"}], " in 2 accounts and 2 Regions"),
        ([row(None)], " in 1 Region"),
        ([row(f"{number:012}", None) for number in range(1000)], " in 1,000 accounts"),
    ],
)
def test_where_the_results_are(rows, said):
    assert reported(result(rows)).where == said


def test_a_failed_reading_and_an_operation_without_rows_are_two_remarks():
    remarks = reported(result([], operation("RUNNING"), failed=True, msg="Expired")).remarks
    assert list(map(str, remarks)) == [
        "The reading failed. These results were read before the error: Expired",
        "The operation has not ended. Results may be missing or may still change. Status: RUNNING",
    ]


def test_rows_that_have_not_ended_are_not_counted_as_failures_that_aws_hides():
    assert reported(result([GOOD, RUNNING])).remarks == ()


def test_trouble_comes_first():
    report = reported(result(MIXED))
    assert [(one.status, one.cause) for one in report.results] == [
        ("FAILED", 1),
        ("FAILED", 1),
        ("FAILED", 2),
        ("FAILED", 3),
        ("CANCELLED", 0),
        ("RUNNING", 0),
        ("PENDING", 0),
        ("SLEEPING", 0),
        ("SUCCEEDED", 0),
        ("SUCCEEDED", 0),
        ("SUCCEEDED", 0),
    ]
    assert [(cause.number, cause.count) for cause in report.causes] == [(1, 2), (2, 1), (3, 1)]
    assert report.causes[0].reason.startswith("Account <account> should have")


def test_the_order_of_the_rows_does_not_matter():
    assert reported(result(MIXED)) == reported(result(MIXED[::-1]))


def test_the_explanation_has_the_account_gates_reason_where_that_failed():
    gates = [{"status": "FAILED", "status_reason": "Not on Fridays"}, {"status": "FAILED", "status_reason": None}, None]
    said = [reported([row(status="FAILED", reason="Gate closed", gate=gate)]).results[0].explanation for gate in gates]
    assert said == ["Gate closed Account gate: Not on Fridays", "Gate closed Account gate: FAILED", "Gate closed"]


def test_names_the_operation_and_the_console():
    names = {"111122223333": "production"}
    report = reported(result([GOOD, row()]), account_names=names, region="eu-west-1")
    assert (report.stack_set_name, report.operation_id) == ("org-baseline", OPERATION_ID)
    assert {one.name for one in report.results} == {"", "production"}
    assert report.console_url.startswith("https://eu-west-1.console.aws.amazon.com/")
    assert reported(result([GOOD])).console_url == ""
    assert reported(result([GOOD]), stack_set_name="mine").stack_set_name == "mine"
    lookup = reported([row(stack_set_name="org-logging", operation_id="op-9")])
    assert (lookup.stack_set_name, lookup.operation_id) == ("org-logging", "op-9")


def test_what_aws_left_out_is_empty_and_counted():
    report = reported([row(None, None, None)])
    assert report.results[0][:6] == ("", "", "", "", "", "")
    assert (report.regions, dict(report.by_region)[""]["FAILED"]) == (("",), 0)
    assert sum(report.by_region[""].values()) == 1


def test_text_of_others_is_one_line_without_controls_and_credentials():
    reason = "a\nb\x1b[2J \u202e c AKIAABCDEFGHIJKLMNOP"
    (found,) = reported([row(status="FAILED", reason=reason)]).results
    assert found.reason == r"a b\x1b[2J \u202e c ****"
    assert len(reported([row(reason="x" * 10_000)]).results[0].reason) == 4000


def test_everything_a_report_says():
    about = operation(
        "FAILED",
        failed=5,
        status_reason="Too\nmany",
        stack_set_drift_detection_details={"drifted_stack_instances_count": 1200},
    )
    value = result(MIXED, about, failed=True, msg="Expired\x1b[0m")
    names = {"000000000001": "shop\x1b", "999999999999": "none of these"}
    report = reported(value, account_names=names, region="eu-west-1")
    results, causes = report.results, report.causes
    assert report._replace(results=(), causes=())._asdict() == {
        "stack_set_name": "org-baseline",
        "operation_id": OPERATION_ID,
        "action": "UPDATE",
        "operation_status": "FAILED",
        "operation_reason": "Too many",
        "began": "2026-11-02T08:15:00+00:00",
        "ended": "2026-11-02T08:42:31+00:00",
        "console_url": "https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacksets/"
        f"org-baseline%3A8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a/operations/{OPERATION_ID}",
        "verdict": "bad",
        "headline": "4 of 11 results failed, 1 was cancelled, 3 have not ended; other results were not read",
        "subheadline": "",
        "remarks": (
            ("The reading failed. These results were read before the error:", "Expired\\x1b[0m"),
            ("AWS counts 1 more failed stack instance than these results show.", ""),
            ("1,200 stack instances have drifted; the results do not show which.", ""),
        ),
        "reading_complete": False,
        "total": 11,
        "by_status": {"PENDING": 1, "RUNNING": 1, "SUCCEEDED": 3, "FAILED": 4, "CANCELLED": 1, "SLEEPING": 1},
        "by_region": {
            "eu-west-1": {"PENDING": 1, "RUNNING": 0, "SUCCEEDED": 2, "FAILED": 2, "CANCELLED": 0, "SLEEPING": 1},
            "us-east-1": {"PENDING": 0, "RUNNING": 1, "SUCCEEDED": 1, "FAILED": 2, "CANCELLED": 1},
        },
        "accounts": 6,
        "regions": ("eu-west-1", "us-east-1"),
        "has_units": True,
        "results": (),
        "causes": (),
        "names": {"000000000001": "shop\\x1b", "999999999999": "none of these"},
        "retry_commands": (),
    }
    assert results[0]._asdict() == {
        "account": "000000000002",
        "name": "",
        "region": "eu-west-1",
        "unit": "ou-b",
        "status": "FAILED",
        "reason": "Account 000000000002 should have 'Stacks' role with trust relationship to Role 'Admin'.",
        "account_gate_status": "SKIPPED",
        "account_gate_reason": "Function not found",
        "cause": 1,
    }
    assert [(one.account, one.name) for one in results[-3:]] == [
        ("000000000001", "shop\\x1b"),
        ("000000000001", "shop\\x1b"),
        ("000000000006", ""),
    ]
    assert causes == (
        Cause(
            1,
            "Account <account> should have 'Stacks' role with trust relationship to Role 'Admin'.",
            2,
            "Account 000000000002 should have 'Stacks' role with trust relationship to Role 'Admin'.",
            ("000000000002", "000000000003"),
            ("eu-west-1",),
        ),
        Cause(2, "", 1, "", ("000000000005",), ("us-east-1",)),
        Cause(3, "The bucket already exists", 1, "The bucket already exists", ("000000000003",), ("us-east-1",)),
    )


def test_nothing_is_nothing():
    report = reported([])
    about = ("stack_set_name", "operation_id", "action", "operation_status", "operation_reason", "began", "ended")
    assert [getattr(report, name) for name in (*about, "console_url")] == [""] * 8
    assert (report.regions, report.has_units, report.by_region) == ((), False, {})


def test_statuses_are_shown_the_worst_first_and_only_where_they_occur():
    counts = {"SUCCEEDED": 3, "B": 1, "A": 1, "PENDING": 0, "FAILED": 1, "CANCELLED": 2, "RUNNING": 1}
    assert shown_statuses(counts) == [
        ("FAILED", 1),
        ("CANCELLED", 2),
        ("RUNNING", 1),
        ("A", 1),
        ("B", 1),
        ("SUCCEEDED", 3),
    ]


@pytest.fixture
def tokyo(monkeypatch):
    """A machine's own time must not matter."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("tokyo")
@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026-11-02T10:15:00.250000+02:00", "2026-11-02T08:15:00.250000+00:00"),
        ("2026-11-02T08:15:00+00:00", "2026-11-02T08:15:00+00:00"),
        ("2026-11-02T08:15:00", "2026-11-02T08:15:00+00:00"),
    ],
)
def test_times_are_in_utc_wherever_it_runs(written, said):
    assert parse_time(written).isoformat() == said


@pytest.mark.parametrize("written", ["", "soon", "2026-13-02T08:15:00"])
def test_what_is_no_time_is_none(written):
    assert parse_time(written) is None
