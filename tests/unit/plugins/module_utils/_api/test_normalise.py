# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS's answers as rows and operations: AWS's names in snake_case, and every key always there."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.normalise import (
    normalise_operation,
    normalise_operation_summary,
    normalise_row,
    repair_xml,
)


def test_a_full_row_has_its_names_in_snake_case():
    assert normalise_row(
        {
            "Account": "111122223333",
            "Region": "eu-west-1",
            "Status": "FAILED",
            "StatusReason": "why",
            "AccountGateResult": {"Status": "SKIPPED", "StatusReason": "no function"},
            "OrganizationalUnitId": "ou-ab12-1a2b3c4d",
        }
    ) == {
        "account": "111122223333",
        "region": "eu-west-1",
        "status": "FAILED",
        "status_reason": "why",
        "account_gate_result": {"status": "SKIPPED", "status_reason": "no function"},
        "organizational_unit_id": "ou-ab12-1a2b3c4d",
    }


@pytest.mark.parametrize("empty", [{}, {"OrganizationalUnitId": "", "StatusReason": "", "AccountGateResult": {}}])
def test_every_key_is_there_whatever_aws_left_out(empty):
    assert normalise_row(empty) == {
        "account": None,
        "region": None,
        "status": None,
        "status_reason": None,
        "account_gate_result": {"status": None, "status_reason": None},
        "organizational_unit_id": None,
    }


def test_our_names_are_those_of_amazon_aws():
    transform = pytest.importorskip("ansible.module_utils.common.dict_transformations").camel_dict_to_snake_dict
    full = {
        "Account": "111122223333",
        "Region": "eu-west-1",
        "Status": "FAILED",
        "StatusReason": "why",
        "AccountGateResult": {"Status": "SKIPPED", "StatusReason": "x"},
        "OrganizationalUnitId": "o",
    }
    assert normalise_row(full) == transform(full)


def test_every_key_is_there_and_times_are_utc():
    fact = normalise_operation(
        {
            "OperationId": "op-1",
            "Action": "UPDATE",
            "Status": "SUCCEEDED",
            "CreationTimestamp": datetime(2026, 11, 2, 9, 15, tzinfo=timezone(timedelta(hours=1))),
            "StatusDetails": {"FailedStackInstancesCount": 0},
            "OperationPreferences": {"RegionOrder": ["eu-west-1"], "FailureToleranceCount": 5},
            "AdministrationRoleARN": "arn:aws:iam::111122223333:role/x",
        }
    )
    assert fact["creation_timestamp"] == "2026-11-02T08:15:00+00:00"
    assert fact["end_timestamp"] is None
    assert fact["status_details"] == {"failed_stack_instances_count": 0}
    assert fact["operation_preferences"]["region_order"] == ["eu-west-1"]
    assert fact["operation_preferences"]["concurrency_mode"] is None
    assert fact["administration_role_arn"] == "arn:aws:iam::111122223333:role/x"
    assert fact["deployment_targets"] is None
    assert fact["stack_set_drift_detection_details"] is None
    assert fact["retain_stacks"] is None


def test_times_are_utc_wherever_the_machine_is(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        fact = normalise_operation_summary({"EndTimestamp": datetime(2026, 11, 2, 8, 15, tzinfo=timezone.utc)})
    finally:
        monkeypatch.undo()
        time.tzset()
    assert fact["end_timestamp"] == "2026-11-02T08:15:00+00:00"


def test_a_summary_has_the_keys_of_summaries_only():
    fact = normalise_operation_summary({"OperationId": "op-1"})
    assert "stack_set_id" not in fact
    assert fact["status_details"] is None


def test_an_empty_text_of_an_operation_is_null_as_in_a_row():
    found = normalise_operation({"StatusReason": "", "AdministrationRoleARN": "", "StatusDetails": {}})
    assert (found["status_reason"], found["administration_role_arn"], found["status_details"]) == (None, None, None)
    assert normalise_operation_summary({"StatusReason": ""})["status_reason"] is None


@pytest.mark.parametrize(
    ("body", "repaired"),
    [
        (b"a&#x1b;b", b"a&#xFFFD;b"),
        (b"a&#27;&#0;&#x0;&#x00001B;", b"a" + b"&#xFFFD;" * 4),
        (b"&#xD800;&#xFFFE;&#x110000;&#99999999;", b"&#xFFFD;" * 4),
        (b"&#xD7FF;&#xE000;&#xFFFD;&#x10000;&#x10FFFF;", None),
        (b"&#xDFFF;&#xFFFE;&#xFFFF;&#x110000;&#x1f;", b"&#xFFFD;" * 5),
        (b"a\x1bb\x00", "a\ufffdb\ufffd".encode()),
        (b"&#9;&#10;&#xd;&#x20;&#xe9;&#x1F600;\t\n\r", None),
        (b"&amp;#x1b; &#; &#x; &#xzz; &#1a; &lt;\xc3\xa9\x7f", None),
    ],
)
def test_a_character_that_xml_can_not_hold_is_replaced_and_no_other(body, repaired):
    answer = {"body": body}
    repair_xml(answer, operation_model=None)
    assert answer["body"] == (body if repaired is None else repaired)


def test_a_body_that_is_no_bytes_is_left_alone():
    answer = {"body": object()}
    repair_xml(answer)
    assert repair_xml({}) is None and not isinstance(answer["body"], bytes)


@given(st.text())
def test_whatever_a_text_holds_the_parser_takes_it(text):
    referred = "".join(f"&#{ord(character)};" for character in text)
    for written in (escape(text).encode(errors="surrogatepass"), referred.encode()):
        answer = {"body": b"<a>" + written + b"</a>"}
        repair_xml(answer)
        if written.isascii():
            assert len(ElementTree.fromstring(answer["body"]).text or "") == len(text)
