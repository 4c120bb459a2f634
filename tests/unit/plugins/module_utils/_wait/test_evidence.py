# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a gate reads of the rows, in which order and how far, and what it keeps of them."""

from __future__ import annotations

import pytest

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import ReadError
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.policy import policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import retry_targets
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.types import ROW_STATUSES
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait import evidence
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.evidence import (
    EvidenceCollector,
    needs_all_rows,
)
from ansible_collections.stackgate.stacksets.tests.unit.helpers.gating import operation
from ansible_collections.stackgate.stacksets.tests.unit.helpers.rows import new_row

BAD = ["PENDING", "RUNNING", "FAILED", "CANCELLED"]


def row(account, status, reason=None, region="eu-west-1"):
    return new_row(str(account), region, status, reason)


def pages_of(status, *sizes, reason=None):
    """Pages of so many rows each, of accounts of their own."""
    return [
        [row(f"{status}-{page}-{number}", status, reason) for number in range(size)] for page, size in enumerate(sizes)
    ]


class Listings:
    """AWS's listings, by status or (None) whole; ``read`` has what was taken of them: a name for each page.

    An exception among the pages is raised in its place.
    """

    def __init__(self, *more, **pages):
        self._pages = {None: more[0] if more else [[]], **{status: [[]] for status in ROW_STATUSES}, **pages}
        self.read = []

    def __call__(self, status):
        for page in self._pages[status]:
            self.read.append(status)
            if isinstance(page, Exception):
                raise page
            yield page


def ended(status="SUCCEEDED", failed=0, action="UPDATE"):
    return operation(status, action, failed)


def collected(listings, about=None, all_rows=False, **rules):
    collector = EvidenceCollector(policy(rules))
    collector.collect(listings, about or ended(), all_rows)
    return collector


def test_the_bad_rows_are_read_in_the_direction_in_which_rows_move():
    listings = Listings(SUCCEEDED=pages_of("SUCCEEDED", 100, 100, 100))
    collector = collected(listings)
    assert listings.read == [*BAD, "SUCCEEDED"], "one good page shows that there are rows"
    assert collector.statuses_read == set(BAD)
    assert not collector.evidence(ended()).complete


def test_every_page_of_the_bad_rows_is_read():
    listings = Listings(FAILED=pages_of("FAILED", 100, 0, 7), CANCELLED=pages_of("CANCELLED", 2, 1))
    collector = collected(listings, max_failed=200, max_cancelled=9)
    assert listings.read == ["PENDING", "RUNNING", "FAILED", "FAILED", "FAILED", "CANCELLED", "CANCELLED"]
    assert (collector.counts["by_status"]["FAILED"], collector.counts["by_status"]["CANCELLED"]) == (107, 3)
    assert collector.complete


def test_a_tolerated_bad_row_shows_that_there_are_rows():
    listings = Listings(FAILED=pages_of("FAILED", 1), SUCCEEDED=pages_of("SUCCEEDED", 100))
    collected(listings, max_failed=1)
    assert listings.read == BAD


def test_an_ignored_row_does_not():
    listings = Listings(FAILED=pages_of("FAILED", 1, reason="suspended"), SUCCEEDED=pages_of("SUCCEEDED", 100, 100))
    collected(listings, ignore_reasons=["suspended"])
    assert listings.read == [*BAD, "SUCCEEDED"]


def test_empty_pages_of_good_rows_are_no_end():
    listings = Listings(SUCCEEDED=pages_of("SUCCEEDED", 0, 0, 1, 100))
    collected(listings)
    assert listings.read == [*BAD, "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]


def test_no_rows_at_all_are_looked_for_to_the_end():
    listings = Listings()
    collector = collected(listings, allow_empty=True)
    assert listings.read == [*BAD, "SUCCEEDED"]
    assert collector.evidence(ended()).complete


@pytest.mark.parametrize(
    ("failed", "percentage", "pages"),
    [
        (10, 10, 1),  # 10 of 110
        (20, 10, 2),  # 20 of 220: 180 good rows are needed
        (25, 10, 3),  # 25 of 325: 225 are
        (100, 50, 1),  # 100 of 200, exactly
        (101, 50, 2),
        (3, 100, 0),
        (99, 1, 5),  # never within: all of them
    ],
)
def test_a_percentage_reads_good_rows_until_it_can_no_longer_be_exceeded(failed, percentage, pages):
    listings = Listings(FAILED=pages_of("FAILED", failed), SUCCEEDED=pages_of("SUCCEEDED", *[100] * 5))
    collected(listings, ended(failed=failed), max_failed_percentage=percentage)
    assert listings.read == [*BAD, *["SUCCEEDED"] * pages]


def test_a_percentage_in_each_region_reads_until_none_exceeds_it():
    def good(region):
        return [row(number, "SUCCEEDED", region=region) for number in range(9)]

    failed = [row("f", "FAILED", region="us-east-1")]
    listings = Listings(FAILED=[failed], SUCCEEDED=[good("eu-west-1"), good("us-east-1"), good("eu-west-2")])
    collected(listings, max_failed_percentage=10, scope="region")
    assert listings.read == [*BAD, "SUCCEEDED", "SUCCEEDED"]


@pytest.mark.parametrize(("least", "pages"), [(1, 1), (100, 1), (101, 2), (250, 3), (999, 3)])
def test_min_results_reads_good_rows_until_there_are_so_many(least, pages):
    listings = Listings(SUCCEEDED=pages_of("SUCCEEDED", 100, 100, 50))
    collected(listings, min_results=least)
    assert listings.read == [*BAD, *["SUCCEEDED"] * pages]


def test_min_results_counts_the_bad_ones_too():
    listings = Listings(FAILED=pages_of("FAILED", 3), SUCCEEDED=pages_of("SUCCEEDED", 97, 100))
    collected(listings, max_failed=3, min_results=100)
    assert listings.read == [*BAD, "SUCCEEDED"]


@pytest.mark.parametrize("bad", [{"FAILED": pages_of("FAILED", 1)}, {"CANCELLED": pages_of("CANCELLED", 1)}])
def test_no_good_row_is_read_where_a_violation_is_proven(bad):
    listings = Listings(**bad, SUCCEEDED=pages_of("SUCCEEDED", 100))
    collector = collected(listings, min_results=50)
    assert listings.read == BAD
    assert collector.complete


@pytest.mark.parametrize("status", ["FAILED", "STOPPED"])
def test_no_good_row_is_read_of_an_operation_that_is_not_accepted(status):
    listings = Listings(SUCCEEDED=pages_of("SUCCEEDED", 100))
    collected(listings, ended(status))
    assert listings.read == BAD


@pytest.mark.parametrize("status", ["PENDING", "RUNNING"])
def test_rows_at_work_after_the_end_are_read_no_further_than_to_more_than_is_accepted(status):
    listings = Listings(**{status: pages_of(status, 2, 2, 2)}, SUCCEEDED=pages_of("SUCCEEDED", 100))
    collector = collected(listings, max_unaccounted=2)
    assert listings.read.count(status) == 2
    assert "SUCCEEDED" not in listings.read, "the gate can't pass on this"
    assert status not in collector.statuses_read
    assert {"FAILED", "CANCELLED"} <= collector.statuses_read, "what could close it is read"


def test_rows_at_work_that_are_accepted_are_read_to_their_end():
    listings = Listings(PENDING=pages_of("PENDING", 2, 1), RUNNING=pages_of("RUNNING", 1, 1))
    assert collected(listings, max_unaccounted=5).statuses_read == set(BAD)


@pytest.mark.parametrize("status", ["RUNNING", "STOPPING", "QUEUED", "INVENTED_TOMORROW"])
def test_while_the_operation_is_at_work_only_failures_are_of_interest(status):
    listings = Listings(FAILED=pages_of("FAILED", 0), SUCCEEDED=pages_of("SUCCEEDED", 100))
    collected(listings, ended(status))
    assert listings.read == ["FAILED", "CANCELLED"]


def test_a_whole_reading_is_one_listing_to_its_end():
    mixed = [[row(1, "FAILED"), row(2, "SUCCEEDED")], [], [row(3, "INVENTED_TOMORROW")]]
    listings = Listings(mixed)
    collector = collected(listings, all_rows=True)
    assert listings.read == [None, None, None]
    assert (
        collector.all_rows_read,
        collector.complete,
        collector.evidence(ended()).complete,
        collector.counts["total"],
    ) == (True, True, True, 3)
    assert [fact["account"] for fact in collector.unsuccessful] == ["1"]


@pytest.mark.parametrize(
    ("operation", "rules", "needed"),
    [
        (ended(), {}, False),
        (ended(), {"expected_results": 5}, True),
        (ended(failed=None), {}, True),
        (ended("FAILED"), {}, False),
        (ended("STOPPED"), {"expected_results": 5}, False),
        (ended("STOPPED"), {"expected_results": 5, "accept_operation_statuses": ["STOPPED"]}, True),
        (ended(), {"max_failed_percentage": 5, "min_results": 5}, False),
    ],
)
def test_a_whole_reading_is_needed_where_no_count_vouches_for_the_rows(operation, rules, needed):
    assert needs_all_rows(operation, policy(rules)) is needed


def test_unsuccessful_rows_are_failed_first_and_without_the_ignored_ones():
    listings = Listings(
        [[row(1, "CANCELLED"), row(2, "FAILED", "suspended"), row(3, "FAILED", "why"), row(4, "SUCCEEDED")]]
    )
    collector = collected(listings, all_rows=True, ignore_reasons=["suspended"])
    assert [(fact["account"], fact["status"]) for fact in collector.unsuccessful] == [
        ("3", "FAILED"),
        ("1", "CANCELLED"),
    ]
    assert [fact["account"] for fact in collector.ignored] == ["2"]


def test_ignore_rules_touch_failed_rows_only():
    listings = Listings(CANCELLED=[[row("111122223333", "CANCELLED", "suspended")]])
    collector = collected(listings, ignore_accounts=["111122223333"], ignore_reasons=["suspended"])
    assert ([fact["status"] for fact in collector.unsuccessful], collector.ignored) == (["CANCELLED"], [])
    assert collector.counts["by_status"]["CANCELLED"] == 1


def test_a_status_that_was_read_in_part_is_not_compared():
    pages = {"FAILED": [[row(1, "FAILED", "suspended")]], "SUCCEEDED": pages_of("SUCCEEDED", 1, 1, 1)}
    others = {**pages, "SUCCEEDED": pages["SUCCEEDED"][::-1]}
    rules = {"ignore_reasons": ["suspended"]}
    assert collected(Listings(**pages), **rules).digest() == collected(Listings(**others), **rules).digest()
    assert collected(Listings(**pages), **rules).digest() != collected(Listings(), **rules).digest()
    whole = collected(Listings(pages["FAILED"] + pages["SUCCEEDED"]), all_rows=True, **rules)
    assert whole.digest() != collected(Listings(**pages), **rules).digest()


def test_a_failure_without_a_name_hides_no_ignored_one():
    rows = [{**row(1, "FAILED", reason), "account": None} for reason in ("suspended", "why", "suspended")]
    collector = collected(Listings(FAILED=[rows]), ignore_reasons=["suspended"])
    assert (len(collector.unsuccessful), len(collector.ignored)) == (1, 2)


@pytest.mark.parametrize("order", [["suspended", "why"], ["why", "suspended"]])
def test_a_target_with_an_ignored_and_another_failure_has_failed_by_the_other(order):
    listings = Listings(FAILED=[[row(1, "FAILED", reason)] for reason in order])
    collector = collected(listings, ignore_reasons=["suspended"])
    assert [fact["status_reason"] for fact in collector.unsuccessful] == ["why"]
    assert collector.ignored == []
    assert collector.counts["by_status"]["FAILED"] == 1


def test_a_target_with_an_ignored_failure_that_was_also_cancelled_is_shown_as_it_is_counted():
    listings = Listings(FAILED=[[row(1, "FAILED", "suspended")]], CANCELLED=[[row(1, "CANCELLED")]])
    collector = collected(listings, ignore_reasons=["suspended"])
    assert collector.counts["by_status"]["CANCELLED"] == 1
    assert [fact["status"] for fact in collector.unsuccessful] == ["CANCELLED"]
    assert len(retry_targets(collector.unsuccessful)) == 1


@pytest.fixture
def three_kept(monkeypatch):
    monkeypatch.setattr(evidence, "KEPT_ROWS", 3)


def test_a_closed_gate_stops_reading_where_no_more_rows_are_kept(three_kept):
    listings = Listings(FAILED=pages_of("FAILED", 2, 2, 2, 2), CANCELLED=pages_of("CANCELLED", 2, 2))
    collector = collected(listings)
    assert listings.read == ["PENDING", "RUNNING", "FAILED", "FAILED", "CANCELLED"]
    assert (len(collector.unsuccessful), collector.complete) == (3, False)
    assert collector.counts["by_status"]["FAILED"] == 4, "what was read is counted"


def test_a_gate_that_may_open_reads_on_and_says_that_rows_were_lost(three_kept):
    listings = Listings(FAILED=pages_of("FAILED", 2, 2, 2), SUCCEEDED=pages_of("SUCCEEDED", 1))
    collector = collected(listings, max_failed=6)
    assert listings.read == ["PENDING", "RUNNING", "FAILED", "FAILED", "FAILED", "CANCELLED"]
    assert (len(collector.unsuccessful), collector.complete, collector.counts["by_status"]["FAILED"]) == (3, False, 6)
    assert collector.statuses_read == set(BAD)


def test_a_whole_reading_keeps_no_more_rows_than_others(three_kept):
    collector = collected(Listings(pages_of("FAILED", 2, 2)), all_rows=True)
    assert (len(collector.unsuccessful), collector.complete, collector.counts["total"]) == (3, False, 4)


def test_as_many_rows_as_are_kept_are_complete(three_kept):
    collector = collected(Listings(FAILED=pages_of("FAILED", 2, 1)), max_failed=3)
    assert (len(collector.unsuccessful), collector.complete) == (3, True)


@pytest.mark.parametrize("whole", [False, True])
def test_what_was_seen_before_an_error_stays(whole):
    pages = [*pages_of("FAILED", 2), ReadError("Access denied.", "AccessDenied")]
    listings = Listings(pages, FAILED=pages)
    collector = EvidenceCollector(policy({}))
    with pytest.raises(ReadError):
        collector.collect(listings, ended(), all_rows=whole)
    assert (collector.counts["by_status"]["FAILED"], len(collector.unsuccessful)) == (2, 2)
    assert (
        collector.complete,
        collector.all_rows_read,
        collector.evidence(ended()).complete,
        "FAILED" in collector.statuses_read,
    ) == (False,) * 4


def test_two_readings_that_saw_the_same_targets_in_the_same_statuses_agree_in_whatever_order():
    def digest(*rows):
        return collected(Listings([list(rows)]), all_rows=True).digest()

    one, other = row(1, "FAILED", "why"), row(2, "SUCCEEDED")
    assert digest(one, other) == digest(other, {**one, "status_reason": "because"})
    assert digest(one, other) != digest(one)
    assert digest(one, other) != digest(one, {**other, "status": "RUNNING"})
