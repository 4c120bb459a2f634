# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations in order, and their times."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from time import tzset

import pytest

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.normalise import normalise_operation_summary
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.operations import (
    matching,
    newest_first,
    operation_ahead,
    parse_time,
)


def at(hour):
    return datetime(2026, 11, 2, hour, 15, tzinfo=timezone.utc)


def operation(name, status="SUCCEEDED", hour=None, action="UPDATE"):
    created = {} if hour is None else {"CreationTimestamp": at(hour)}
    return normalise_operation_summary({"OperationId": name, "Status": status, "Action": action, **created})


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-02T08:15:00+00:00", at(8)),
        ("2026-11-02T09:15:00+01:00", at(8)),
        ("2026-11-02T08:15:00", at(8)),
        ("2026-11-02T08:15:00.250000+00:00", at(8) + timedelta(milliseconds=250)),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_a_time_is_in_utc_and_what_is_no_time_is_none(text, time, monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    tzset()
    try:
        found = parse_time(text)
    finally:
        monkeypatch.undo()
        tzset()
    assert found == time
    assert found is None or found.tzinfo is timezone.utc


def test_a_fraction_of_a_second_decides_which_is_newer():
    times = [at(8), at(8) + timedelta(milliseconds=1), at(8) + timedelta(milliseconds=20)]
    operations = [
        {**operation(str(number)), "creation_timestamp": time.isoformat()} for number, time in enumerate(times)
    ]
    assert [one["operation_id"] for one in newest_first(operations)] == ["2", "1", "0"]


def test_the_newest_comes_first_and_those_without_a_time_last():
    operations = [operation("none"), operation("early", hour=1), operation("late", hour=9)]
    assert [one["operation_id"] for one in newest_first(operations)] == ["late", "early", "none"]


def test_filters_take_what_matches_both_and_nothing_means_any():
    operations = [operation("1", "FAILED"), operation("2", "SUCCEEDED"), operation("3", "FAILED", action="CREATE")]

    def ids(actions, statuses):
        return [one["operation_id"] for one in matching(operations, actions, statuses)]

    assert ids([], []) == ["1", "2", "3"]
    assert ids(["UPDATE"], []) == ["1", "2"]
    assert ids([], ["FAILED"]) == ["1", "3"]
    assert ids(["UPDATE", "CREATE"], ["FAILED"]) == ["1", "3"]
    assert ids(["UPDATE"], ["FAILED"]) == ["1"]


QUEUED = operation("mine", "QUEUED", 9)


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], None),
        ([operation("busy", "RUNNING", 8)], "busy"),
        ([operation("busy", "STOPPING", 8)], "busy"),
        ([operation("first", "QUEUED", 8)], "first"),
        ([operation("busy", "RUNNING", 7), operation("first", "QUEUED", 8)], "busy"),
        ([operation("one", "QUEUED", 7), operation("two", "QUEUED", 8)], "two"),
        ([operation("done", status, 8) for status in ("SUCCEEDED", "FAILED", "STOPPED")], None),
        ([operation("later", "RUNNING", 10)], None),
        ([operation("at once", "RUNNING", 9)], "at once"),
        ([operation("timeless", "RUNNING")], "timeless"),
        ([operation("new", "INVENTED_TOMORROW", 8)], "new"),
    ],
)
def test_a_queued_operation_waits_for_one_that_began_before_it_and_has_not_ended(others, expected):
    assert operation_ahead([*others, QUEUED], QUEUED) == expected
    assert operation_ahead([QUEUED, *reversed(others)], QUEUED) == expected
