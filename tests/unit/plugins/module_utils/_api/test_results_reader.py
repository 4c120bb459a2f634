# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several listings read as one: order, limits, resuming, interruptions."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.pagination import (
    START,
    Position,
    TokenError,
    TokenRepeated,
    encode_object,
    parse_starting_token,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.results_reader import MAX_THREADS, Reading

STATUSES = ["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]
OPERATION = "5d1f2a44-op"


class Listings:
    """A listing per status: rows (status, number), pages of three; ``fail_at`` gives the call at which one breaks."""

    def __init__(self, totals, fail_at=None):
        self.totals, self.fail_at = totals, fail_at or {}
        self.calls = {status: [] for status in totals}

    def __call__(self, status):
        def fetch(token, page_size):
            calls = self.calls[status]
            calls.append((token, page_size))
            if len(calls) == self.fail_at.get(status):
                raise ConnectionError(status)
            offset = int(token or 0)
            end = min(offset + min(3, page_size or 3), self.totals[status])
            rows = [(status, number) for number in range(offset, end)]
            return rows, str(end) if end < self.totals[status] else None

        return fetch

    def rows(self, statuses):
        return [(status, number) for status in statuses for number in range(self.totals[status])]


def resumed(listings, statuses, token, **limits):
    return Reading(listings, OPERATION, statuses, parse_starting_token(token, statuses, OPERATION), **limits)


def test_one_listing_of_all_rows_asks_without_a_status():
    listings = Listings({None: 7})
    reading = Reading(listings, OPERATION, page_size=2)
    reading.run()
    assert reading.rows == listings.rows([None])
    assert reading.next_token is None
    assert [size for _token, size in listings.calls[None]] == [2, 2, 2, 2]


def test_rows_of_several_statuses_come_in_the_order_asked():
    listings = Listings({"FAILED": 4, "CANCELLED": 5, "PENDING": 0})
    reading = Reading(listings, OPERATION, ["FAILED", "PENDING", "CANCELLED"], [START] * 3)
    reading.run()
    assert reading.rows == listings.rows(["FAILED", "PENDING", "CANCELLED"])
    assert reading.next_token is None
    assert reading.count == 9


def test_several_statuses_are_read_at_the_same_time():
    together = threading.Barrier(3, timeout=20)

    def fetch_for(status):
        def fetch(token, page_size):
            together.wait()  # breaks unless three listings ask at once
            return [status], None

        return fetch

    reading = Reading(fetch_for, OPERATION, STATUSES[:3], [START] * 3)
    reading.run()
    assert reading.rows == STATUSES[:3]


def test_there_are_never_more_threads_than_the_bound():
    alive = set()

    def fetch_for(status):
        def fetch(token, page_size):
            alive.add(threading.get_ident())
            return [status], None

        return fetch

    many = [str(number) for number in range(40)]
    Reading(fetch_for, OPERATION, many, [START] * 40).run()
    assert len(alive) <= MAX_THREADS


def test_with_a_limit_no_page_is_asked_for_whose_rows_it_keeps_back():
    listings = Listings({"FAILED": 4, "CANCELLED": 5})
    reading = Reading(listings, OPERATION, ["FAILED", "CANCELLED"], [START] * 2, max_items=4, page_size=100)
    reading.run()
    assert reading.rows == listings.rows(["FAILED"])
    assert listings.calls == {"FAILED": [(None, 4), ("3", 4)], "CANCELLED": []}
    assert reading.next_token


def test_rows_handed_over_are_not_kept():
    taken = []
    reading = Reading(Listings({"FAILED": 4, "CANCELLED": 5}), OPERATION, ["FAILED", "CANCELLED"], [START] * 2)
    reading.run(taken.extend)
    assert sorted(taken) == sorted(Listings({"FAILED": 4, "CANCELLED": 5}).rows(["CANCELLED", "FAILED"]))
    assert reading.rows == []
    assert reading.count == 9


totals = st.dictionaries(st.sampled_from(STATUSES), st.integers(0, 12), min_size=2)


@given(totals, st.lists(st.tuples(st.integers(1, 9), st.integers(1, 4)), max_size=8))
def test_limited_and_resumed_every_row_comes_once_in_order(totals, cuts):
    listings, statuses = Listings(totals), list(totals)
    rows, token = [], None
    for limit, page_size in [*cuts, (None, None)]:
        reading = resumed(listings, statuses, token, max_items=limit, page_size=page_size)
        reading.run()
        rows += reading.rows
        token = reading.next_token
        if token is None:
            break
    assert rows == listings.rows(statuses)


@given(totals, st.data())
def test_interrupted_and_resumed_every_row_comes_once(totals, data):
    statuses = list(totals)
    fail_at = data.draw(st.dictionaries(st.sampled_from(statuses), st.integers(1, 5)))
    wanted = data.draw(st.integers(0, 60))
    reading = resumed(Listings(totals, fail_at), statuses, None)
    with suppress(ConnectionError):
        reading.run()
    # How far the other threads got is chance, so it must not decide what is drawn.
    kept = min(wanted, reading.count)
    rows = reading.rows[:kept]
    reading.keep_first(kept)
    assert reading.rows == rows
    rest = resumed(Listings(totals), statuses, reading.next_token)
    if reading.next_token is not None or kept == 0:
        rest.run()
    assert sorted(rows + rest.rows) == sorted(Listings(totals).rows(statuses))


def test_when_one_listing_breaks_what_the_others_read_is_kept():
    listings = Listings({"FAILED": 3, "CANCELLED": 9}, fail_at={"CANCELLED": 2})
    reading = Reading(listings, OPERATION, ["FAILED", "CANCELLED"], [START] * 2)
    with pytest.raises(ConnectionError):
        reading.run()
    assert ("CANCELLED", 0) in reading.rows
    assert reading.next_token


def test_who_waits_inside_a_fetch_is_told_when_another_listing_breaks():
    stop, waits = threading.Event(), threading.Event()

    def fetch_for(status):
        def fetch(token, page_size):
            if status == "FAILED":
                waits.wait(20)
                raise ConnectionError
            waits.set()
            assert stop.wait(20)
            return ["row"], None

        return fetch

    reading = Reading(fetch_for, OPERATION, ["FAILED", "CANCELLED"], [START] * 2, stop=stop)
    with pytest.raises(ConnectionError):
        reading.run()
    assert reading.rows == ["row"]


def test_the_first_error_is_told_also_where_another_listing_ends_before_it():
    stop = threading.Event()

    def fetch_for(status):
        def fetch(token, page_size):
            if status == "PENDING":
                raise ConnectionError("the cause")
            assert stop.wait(20)
            raise TimeoutError("gave up")

        return fetch

    for _each in range(50):
        stop.clear()
        reading = Reading(fetch_for, OPERATION, ["FAILED", "CANCELLED", "PENDING"], [START] * 3, stop=stop)
        with pytest.raises(ConnectionError, match="the cause"):
            reading.run()


def test_a_reading_that_ends_well_stops_nobody():
    stop = threading.Event()
    Reading(Listings({"FAILED": 1, "CANCELLED": 1}), OPERATION, ["FAILED", "CANCELLED"], [START] * 2, stop=stop).run()
    assert not stop.is_set()


def test_nothing_read_from_the_start_leaves_no_token():
    reading = Reading(Listings({None: 5}, fail_at={None: 1}), OPERATION)
    with pytest.raises(ConnectionError):
        reading.run()
    assert (reading.rows, reading.next_token) == ([], None)


def test_a_circle_in_one_of_several_listings_is_an_error():
    def fetch_for(status):
        return lambda token, size: ([status], "again" if status == "FAILED" else None)

    reading = Reading(fetch_for, OPERATION, ["FAILED", "CANCELLED"], [START] * 2)
    with pytest.raises(TokenRepeated):
        reading.run()


def test_the_reading_of_nothing_is_empty_and_whole():
    reading = Reading.empty()
    assert (reading.rows, reading.next_token, reading.count) == ([], None, 0)


SEVERAL = encode_object({"OperationId": OPERATION, "Listings": {"FAILED": "tok", "CANCELLED": ""}})


def test_the_token_of_several_statuses_says_where_each_stands():
    assert parse_starting_token(SEVERAL, ["FAILED", "CANCELLED"], OPERATION) == (Position("tok"), START)


def test_without_a_token_everything_begins_at_its_start():
    assert parse_starting_token(None, [], None) == (START,)
    assert parse_starting_token(None, ["FAILED", "CANCELLED"], None) == (START, START)


@pytest.mark.parametrize(
    ("token", "statuses", "operation", "why"),
    [
        (SEVERAL, ["CANCELLED", "FAILED"], OPERATION, "FAILED, CANCELLED"),
        (SEVERAL, ["FAILED"], OPERATION, "FAILED, CANCELLED"),
        (SEVERAL, [], OPERATION, "FAILED, CANCELLED"),
        (SEVERAL, ["FAILED", "CANCELLED"], "another", "another operation"),
        ("AQICAHi", ["FAILED", "CANCELLED"], OPERATION, "several statuses"),
        (Position("tok").encode(), ["FAILED", "CANCELLED"], OPERATION, "several statuses"),
        (encode_object({"OperationId": OPERATION, "Listings": ["FAILED"]}), ["FAILED"], OPERATION, "resume token"),
        (encode_object({"OperationId": OPERATION, "Listings": {"FAILED": 3}}), ["FAILED"], OPERATION, "resume token"),
        ("", [], OPERATION, "empty"),
    ],
)
def test_a_token_of_another_reading_is_refused(token, statuses, operation, why):
    with pytest.raises(TokenError, match=why):
        parse_starting_token(token, statuses, operation)
