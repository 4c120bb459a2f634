# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as CSV."""

from __future__ import annotations

import csv
import io

import pytest

pytest.importorskip("ansible.errors")

from ansible.errors import AnsibleFilterError

from ansible_collections.stackgate.stacksets.tests.unit.helpers.reports import FILTERS, MIXED, OPERATION_ID, result, row

to_csv = FILTERS["to_csv"]


def table(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_result_is_a_line_trouble_first():
    lines = table(to_csv(result(MIXED), account_names={"000000000003": "payments"}))
    assert len(lines) == len(MIXED)
    assert lines[1] == {
        "stack_set_name": "org-baseline",
        "operation_id": OPERATION_ID,
        "reading_complete": "true",
        "account": "000000000003",
        "account_name": "payments",
        "region": "eu-west-1",
        "organizational_unit_id": "ou-b",
        "status": "FAILED",
        "status_reason": "Account 000000000003 should have 'Stacks' role with trust relationship to Role 'Admin'.",
        "account_gate_status": "SKIPPED",
        "account_gate_status_reason": "Function not found",
    }
    assert {(line["account"], line["region"], line["status"]) for line in lines} == {
        (one["account"], one["region"], one["status"]) for one in MIXED
    }


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (result([row()]), "true"),
        (result([row()], complete=False, statuses=["SUCCEEDED"]), "false"),
        (result([row()], truncated=True), "false"),
        (result([row()], failed=True, msg="Expired"), "false"),
        ([row()], ""),
    ],
    ids=["whole", "of some statuses", "limited", "failed", "rows by themselves"],
)
def test_each_line_says_whether_the_lines_are_all(value, said):
    assert [line["reading_complete"] for line in table(to_csv(value))] == [said]


def test_a_byte_order_mark_comes_first_where_it_is_asked_for():
    plain, marked = to_csv(result(MIXED)), to_csv(result(MIXED), bom=True)
    assert marked == f"\ufeff{plain}"
    assert marked.encode().decode("utf-8-sig") == to_csv(result(MIXED), bom=False) == plain


@pytest.mark.parametrize(("bom", "shown"), [("true", "'true'"), (1, "1"), (None, "null"), ([], r"\[\]")])
def test_a_mark_is_asked_for_by_true_or_false(bom, shown):
    with pytest.raises(AnsibleFilterError, match=rf"bom is {shown}\. Set true or false\."):
        to_csv(result([row()]), bom=bom)


def test_lines_end_as_rfc_4180_says_and_no_rows_leave_the_head():
    assert to_csv(result([])).count("\r\n") == 1
    assert to_csv(result([row(), row("2" * 12)])).count("\n") == 3


@pytest.mark.parametrize(
    "begin", ["=", "+", "-", "@", " =", "\t=", "\r=", "\n@", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
)
def test_what_a_spreadsheet_would_take_for_a_formula_is_text(begin):
    (line,) = table(to_csv([row(reason=f"{begin}cmd|' /C calc'!A1")]))
    assert line["status_reason"].startswith("'")
    (named,) = table(to_csv([row()], account_names={"111122223333": f"{begin}1+1"}))
    assert named["account_name"].startswith("'")


@pytest.mark.parametrize("reason", ["a=b", "", "1-2", 'say "hi", twice', "a;b,c", "'quoted"])
def test_other_text_stays_as_it_is(reason):
    (line,) = table(to_csv([row(reason=reason)]))
    assert line["status_reason"] == reason
