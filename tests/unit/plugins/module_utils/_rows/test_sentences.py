# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reading gave, in a sentence."""

from __future__ import annotations

import pytest

from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import Tally
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.sentences import (
    operations_sentence,
    results_sentence,
)
from ansible_collections.stackgate.stacksets.tests.unit.helpers.rows import new_row

BEGINNING = "UPDATE operation op-1 of stack set org-baseline is"


def about(status="SUCCEEDED", failed=0, **more):
    return {
        "operation_id": "op-1",
        "action": "UPDATE",
        "status": status,
        "status_reason": None,
        "status_details": {"failed_stack_instances_count": failed},
        **more,
    }


def said(rows, operation=None, unread=()):
    tally = Tally()
    tally.add(rows)
    return results_sentence(operation or about(), "org-baseline", tally.summary(), unread)


GOOD = [new_row(f"{number:012}", region) for number in range(39) for region in ("eu-west-1", "us-east-1", "x")]
FAILED = [new_row("999999999999", region, "FAILED") for region in ("eu-west-1", "us-east-1", "x")]


@pytest.mark.parametrize(
    ("rows", "operation", "unread", "sentence"),
    [
        (
            GOOD + FAILED,
            about(failed=3),
            (),
            "SUCCEEDED: 120 results in 40 accounts and 3 Regions, 117 SUCCEEDED, 3 FAILED.",
        ),
        (GOOD[:1], about(), (), "SUCCEEDED: 1 result in 1 account and 1 Region, 1 SUCCEEDED."),
        ([], about(), (), "SUCCEEDED: no results."),
        ([], about("QUEUED"), (), "QUEUED: no results so far."),
        (
            GOOD[:3],
            about("RUNNING", failed=2),
            (),
            "RUNNING: 3 results in 1 account and 3 Regions, 3 SUCCEEDED so far.",
        ),
        ([new_row(None, None, "FAILED")], about(), (), "SUCCEEDED: 1 result, 1 FAILED."),
        (
            FAILED,
            about(failed=5),
            (),
            "SUCCEEDED: 3 results in 1 account and 3 Regions, 3 FAILED; AWS counts 5 failed stack instances.",
        ),
        ([], about(failed=1), (), "SUCCEEDED: no results; AWS counts 1 failed stack instance."),
        (
            FAILED,
            about(failed=5),
            ["more remain"],
            "SUCCEEDED: 3 results in 1 account and 3 Regions, 3 FAILED; more remain.",
        ),
        ([], about("FAILED", status_reason="Too\nmany."), (), "FAILED: no results. AWS says: Too many."),
        ([new_row("1", "r", "a\x1b[1m")], about(), (), r"SUCCEEDED: 1 result in 1 account and 1 Region, 1 a\x1b[1m."),
        ([], {"status": None, "action": "UPDATE", "operation_id": "op-1"}, (), "none: no results so far."),
    ],
)  # fmt: skip
def test_a_reading_in_a_sentence(rows, operation, unread, sentence):
    assert said(rows, operation, unread) == f"{BEGINNING} {sentence}"


def test_a_delete_that_leaves_the_stacks_says_so():
    operation = about(action="DELETE", retain_stacks=True)
    assert ", which retains the stacks (RetainStacks), is SUCCEEDED" in said([], operation)
    assert "RetainStacks" not in said([], {**operation, "retain_stacks": False})
    assert "RetainStacks" not in said([], {**operation, "action": "UPDATE"})


def cut(text, length):
    return f"{text[: length - 3]}..."


def test_foreign_text_is_cut():
    name, action, number, status, reason = "n" * 999, "a" * 999, "o" * 999, "s" * 999, "r" * 999
    operation = about(status, operation_id=number, action=action, status_reason=reason)
    named = f"{cut(action, 20)} operation {cut(number, 130)}"
    assert results_sentence(operation, name, {"total": 0, "by_status": {}}) == (
        f"{named[0].upper()}{named[1:]} of stack set {cut(name, 60)} is {cut(status, 40)}: no results so far."
        f" AWS says: {cut(reason, 120).rstrip('.')}."
    )
    assert f", 1 {cut(status, 40)}." in said([new_row("1", "r", status)])
    assert operations_sentence([operation], name, chosen=False, truncated=False) == (
        f"Stack set {cut(name, 60)}: 1 operation; the newest is {named}, which is {cut(status, 40)}."
    )
    assert results_sentence(None, name, {}) == f"Stack set {cut(name, 60)} has no operations."


@pytest.mark.parametrize(("reason", "shown"), [("Full.", "Full."), ("X", "X."), ("AXX", "AXX.")])
def test_aws_reason_ends_with_one_full_stop(reason, shown):
    assert said([], about("FAILED", status_reason=reason)).endswith(f": no results. AWS says: {shown}")


def test_a_stack_set_whose_name_is_not_known():
    sentence = results_sentence(about(), "", {"total": 0, "by_status": {"FAILED": 0}})
    assert sentence == "UPDATE operation op-1 is SUCCEEDED: no results."


def test_a_stack_set_without_operations():
    assert results_sentence(None, "org-baseline", {}) == "Stack set org-baseline has no operations."


@pytest.mark.parametrize(
    ("operations", "chosen", "truncated", "sentence"),
    [
        ([], False, False, " has no operations."),
        ([], True, False, " has no matching operations."),
        ([about()], False, False, ": 1 operation; the newest is UPDATE operation op-1, which is SUCCEEDED."),
        (
            [about("RUNNING", operation_id="op-2"), about()],
            True,
            True,
            ": 2 matching operations; the newest is UPDATE operation op-2, which is RUNNING;"
            " max_items left older ones out.",
        ),
        (
            [about("x\x1b", action=None)],
            False,
            False,
            r": 1 operation; the newest is operation op-1, which is x\x1b.",
        ),
    ],
)
def test_operations_in_a_sentence(operations, chosen, truncated, sentence):
    found = operations_sentence(operations, "org-baseline", chosen=chosen, truncated=truncated)
    assert found == f"Stack set org-baseline{sentence}"
