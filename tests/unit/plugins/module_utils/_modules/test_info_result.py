# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task returns, and how large it may be."""

from __future__ import annotations

import json

import pytest

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.normalise import normalise_operation
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.pagination import START, Position
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.results_reader import Reading, ReadResult
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError, ReadError
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.info_result import (
    EVENT_LIMIT,
    failure_result,
    size_warning,
    success_result,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import Tally
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.types import ROW_STATUSES
from ansible_collections.stackgate.stacksets.tests.unit.helpers.rows import new_row


def reading_of(total, fail=False, reason="x", max_items=None, **part):
    def fetch_for(status):
        def fetch(token, page_size):
            start = int(token or 0)
            if fail and start >= total:
                raise ReadError("AWS went away.")
            end = min(start + 100, total)
            rows = [new_row(f"{number:012}", status="FAILED", reason=reason) for number in range(start, end)]
            return rows, str(end) if fail or end < total else None

        return fetch

    return Reading(fetch_for, "op", max_items=max_items, **part)


def interrupted(total, reason="x", on_page=None):
    reading = reading_of(total, fail=True, reason=reason)
    with pytest.raises(ReadError) as caught:
        reading.run(on_page)
    caught.value.reading = reading
    caught.value.operation = normalise_operation({"OperationId": "op", "Status": "RUNNING"})
    return caught.value


def test_a_whole_reading_has_its_rows_and_no_token():
    reading = reading_of(250)
    reading.run()
    result = success_result(ReadResult(normalise_operation({"OperationId": "op"}), reading, "org-baseline"))
    assert len(result["operation_results"]) == 250
    assert result["summary"]["total"] == 250
    assert (result["next_token"], result["truncated"], result["complete"]) == (None, False, True)
    assert result["operation"]["operation_id"] == "op"
    assert result["stack_set_name"] == "org-baseline"


def test_a_limited_reading_says_so():
    reading = reading_of(250, max_items=10)
    reading.run()
    result = success_result(ReadResult(normalise_operation({}), reading, "org-baseline"))
    assert (len(result["operation_results"]), result["truncated"], result["complete"]) == (10, True, False)
    assert Position.decode(result["next_token"]) == Position(None, 10)


def test_with_the_summary_alone_the_rows_are_left_out_not_empty():
    tally, reading = Tally(), reading_of(250)
    reading.run(tally.add)
    result = success_result(ReadResult(normalise_operation({}), reading, "org-baseline"), tally)
    assert result["complete"] is True
    assert "operation_results" not in result
    assert result["summary"]["by_status"]["FAILED"] == 250


@pytest.mark.parametrize(
    "part",
    [
        {"statuses": ["FAILED"]},
        {"statuses": ROW_STATUSES, "start_positions": [START] * 5},
        {"start_positions": [Position("100")]},
    ],
)
def test_some_statuses_or_a_later_part_are_not_complete(part):
    tally = Tally()
    for on_page, counted in ((None, None), (tally.add, tally)):
        reading = reading_of(250, **part)
        reading.run(on_page)
        result = success_result(ReadResult(normalise_operation({}), reading, "org-baseline"), counted)
        assert (result["truncated"], result["complete"]) == (False, False)


@pytest.mark.parametrize("tally", [None, Tally()])
def test_a_row_that_aws_sent_twice_is_counted_once(tally):
    row = new_row(status="FAILED")
    reading = Reading(lambda status: lambda token, page_size: ([row, row], None), "op")
    reading.run(tally and tally.add)
    result = success_result(ReadResult(normalise_operation({}), reading, "org-baseline"), tally)
    assert result["summary"]["total"] == 1


def test_no_operation_is_not_a_complete_one():
    result = success_result(ReadResult(None, Reading.empty(), "org-baseline"))
    assert result["complete"] is False
    assert result["msg"] == "Stack set org-baseline has no operations."


@pytest.mark.parametrize(
    ("part", "statuses", "said"),
    [
        ({}, None, "250 results in 250 accounts and 1 Region, 250 FAILED."),
        (
            {"statuses": ["FAILED"]},
            ["FAILED"],
            "250 results in 250 accounts and 1 Region, 250 FAILED; other statuses were not read.",
        ),
        (
            {"max_items": 10},
            None,
            "10 results in 10 accounts and 1 Region, 10 FAILED; more remain, see next_token.",
        ),
        (
            {"start_positions": [Position("240")]},
            None,
            "10 results in 10 accounts and 1 Region, 10 FAILED; results before starting_token were not read.",
        ),
        (
            {"statuses": ["FAILED"], "max_items": 1},
            ["FAILED"],
            "1 result in 1 account and 1 Region, 1 FAILED; other statuses were not read; more remain, see next_token.",
        ),
    ],
)
def test_the_sentence_says_what_was_read_and_what_was_not(part, statuses, said):
    reading = reading_of(250, **part)
    reading.run()
    operation = normalise_operation({"OperationId": "op", "Status": "SUCCEEDED"})
    result = success_result(ReadResult(operation, reading, "org-baseline"))
    assert result["msg"] == f"Operation op of stack set org-baseline is SUCCEEDED: {said}"
    assert result["statuses"] == statuses


def test_a_failed_task_has_the_rows_so_far_and_the_token_behind_them():
    result = failure_result(interrupted(250), {})
    assert result["complete"] is False
    assert len(result["operation_results"]) == 250
    assert result["summary"]["total"] == 250
    assert Position.decode(result["next_token"]) == Position("250")
    assert result["msg"].startswith("AWS went away. 250 rows were read before the error: operation_results has them")
    assert result["operation"]["status"] == "RUNNING"
    assert result["error"]["message"] == "AWS went away."


def test_a_refused_option_has_its_message_and_its_error_and_no_more():
    message = "max_items is 0. Give 1."
    error = {"code": "InvalidOption", "message": message}
    assert failure_result(OptionError("max_items", "is 0", "Give 1."), {}) == {"msg": message, "error": error}


def test_a_failure_before_the_first_page_promises_nothing():
    result = failure_result(interrupted(0), {})
    assert result["msg"] == "AWS went away."
    assert (result["operation_results"], result["next_token"], result["complete"]) == ([], None, False)


def test_a_failed_count_keeps_its_summary_and_token():
    tally = Tally()
    result = failure_result(interrupted(250, on_page=tally.add), {}, tally)
    assert "operation_results" not in result
    assert result["summary"]["total"] == 250
    assert Position.decode(result["next_token"]) == Position("250")
    assert "summary counts them" in result["msg"]


@pytest.mark.parametrize("limit", ["700000", "50000", "junk", ""])
@pytest.mark.parametrize("reason", ["x" * 300, "{'\"\\\n" * 60, "大" * 300, "\x00" * 300])
def test_a_failed_task_stays_under_the_runners_limit_whatever_the_rows_hold(limit, reason):
    result = failure_result(interrupted(3000, reason), {"MAX_EVENT_RES": limit})
    size = int(limit) if limit.isdecimal() else EVENT_LIMIT
    assert len(str(result)) < size
    assert len(json.dumps(result)) < size
    kept = len(result["operation_results"])
    assert 0 < kept < 3000
    assert " 3,000 rows were read before the error: " in result["msg"]
    # The token goes on after the last row kept, not after the last row read.
    place = Position.decode(result["next_token"])
    assert int(place.token or 0) + place.skip == kept
    assert f"operation_results has the first {kept}" in result["msg"]


def test_a_row_too_large_for_any_callback_is_not_kept_but_can_be_read_again():
    result = failure_result(interrupted(1, reason="x" * 800000), {})
    assert (result["operation_results"], result["next_token"]) == ([], None)


def test_an_answer_that_the_runner_would_drop_is_warned_of():
    result = {"operation_results": ["x" * 100]}
    assert size_warning(result, {}) is None
    assert size_warning(result, {"MAX_EVENT_RES": "700000"}) is None
    warning = size_warning(result, {"MAX_EVENT_RES": "100"})
    assert "over 100 (MAX_EVENT_RES)" in warning
    assert "summary_only" in warning
