# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of results: duplicates, counts, causes and targets."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import (
    Tally,
    failure_groups,
    retry_targets,
    worst_rows,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.types import IGNORED, ROW_STATUSES
from ansible_collections.stackgate.stacksets.tests.unit.helpers.rows import new_row

WORST_FIRST = ["FAILED", "CANCELLED", "RUNNING", "PENDING", "INVENTED_TOMORROW", "SUCCEEDED"]


def failed_row(account, region, status="FAILED", reason=None, unit=None):
    return new_row(account, region, status, reason, unit)


@pytest.mark.parametrize("worse", range(len(WORST_FIRST)))
@pytest.mark.parametrize("better", range(len(WORST_FIRST)))
def test_of_two_rows_for_a_target_the_worst_stays_wherever_it_stands(worse, better):
    if worse > better:
        worse, better = better, worse
    for order in ([worse, better], [better, worse]):
        rows = [new_row(status=WORST_FIRST[index], reason=str(index)) for index in order]
        facts = worst_rows(rows)
        assert [(one["status"], one["status_reason"]) for one in facts] == [(WORST_FIRST[worse], str(worse))]


@pytest.mark.parametrize("statuses", [("FAILED", "FAILED"), ("INVENTED_TOMORROW", "INVENTED_LATER")])
def test_of_two_rows_for_a_target_that_are_equally_bad_the_first_stays(statuses):
    rows = [new_row(status=status, reason=str(number)) for number, status in enumerate(statuses)]
    assert worst_rows(rows) == rows[:1]
    tally = Tally()
    tally.add(rows)
    assert tally.counts()["by_status"][statuses[0]] == tally.counts()["total"] == 1


def test_the_same_account_under_two_units_is_two_targets():
    rows = [new_row(unit="ou-1"), new_row(unit="ou-2"), new_row(unit=None)]
    assert len(worst_rows(rows)) == 3


def test_the_same_target_in_two_operations_is_two_targets():
    for key in ("stack_set_name", "operation_id"):
        facts = [{key: name, **new_row()} for name in ("1", "2", "1")]
        assert worst_rows(facts) == facts[:2]


def test_facts_keep_the_order_of_first_rows():
    rows = [new_row("2", status="SUCCEEDED"), new_row("1"), new_row("2", status="FAILED")]
    assert [(one["account"], one["status"]) for one in worst_rows(rows)] == [("2", "FAILED"), ("1", "SUCCEEDED")]


rows_of_any_kind = st.lists(
    st.builds(
        new_row,
        st.sampled_from(["1", "2", "3", None]),
        st.sampled_from(["eu-west-1", "us-east-1", "eu-west-1", "us-east-1", None]),
        st.sampled_from([*WORST_FIRST, None]),
        unit=st.sampled_from([None, "ou-1", "ou-2"]),
    ),
    max_size=30,
)


@given(rows_of_any_kind, st.integers(1, 7))
def test_the_tally_counts_what_the_facts_show_however_the_rows_come(rows, size):
    tally = Tally()
    for start in range(0, len(rows), size):
        tally.add(rows[start : start + size])
    summary, facts = tally.summary(), worst_rows(rows)
    assert summary["total"] == len(facts)
    for status in {one["status"] for one in facts} | set(ROW_STATUSES):
        assert summary["by_status"][status or "none"] == sum(one["status"] == status for one in facts)
    for key, name in (("by_region", "region"), ("by_organizational_unit", "organizational_unit_id")):
        expected = Counter(one[name] or "none" for one in facts)
        assert {group: sum(counts.values()) for group, counts in summary[key].items()} == expected
    assert summary["accounts"] == len({one["account"] for one in facts} - {None})
    assert summary["regions"] == len({one["region"] for one in facts} - {None})
    unnamed = [one for one in facts if not one["account"] or not one["region"]]
    assert tally.counts()["unnamed"]["total"] == len(unnamed)
    assert Counter(tally.counts()["unnamed"]["by_status"]) == Counter(one["status"] or "none" for one in unnamed)


@pytest.mark.parametrize("empty", [None, ""])
@pytest.mark.parametrize("lacking", ["account", "region"])
def test_a_row_without_an_account_or_a_region_is_a_target_of_its_own(lacking, empty):
    rows = [{**new_row(status=status), lacking: empty} for status in ("FAILED", "FAILED", "SUCCEEDED")]
    assert [one["status"] for one in worst_rows(rows)] == ["FAILED", "FAILED", "SUCCEEDED"]
    assert counted(*rows) == {"FAILED": 2, "SUCCEEDED": 1}
    assert failure_groups(worst_rows(rows))[0]["count"] == 2
    assert retry_targets(worst_rows(rows)) is None


def test_nothing_is_called_none_as_python_does():
    tally = Tally()
    tally.add([new_row(None, None, None), new_row(region=None, status=None), new_row(None, status=None)])
    counts = tally.summary()
    assert (counts["accounts"], counts["regions"], set(counts["by_region"])) == (1, 1, {"none", "eu-west-1"})
    assert counts["by_status"]["none"] == 3
    assert "None" not in str(counts)


def test_a_target_that_turns_out_worse_is_counted_among_those_that_are_as_bad():
    assert counted(new_row("1", status="FAILED"), new_row("2"), new_row("2", status="FAILED"), new_row("2")) == {
        "FAILED": 2
    }
    assert counted(new_row("1"), new_row("1", status="CANCELLED"), new_row("1", status="FAILED")) == {"FAILED": 1}


def test_the_summary_of_a_small_operation():
    tally = Tally()
    tally.add([new_row("1"), new_row("2", status="FAILED"), new_row("1", "us-east-1", unit="ou-1")])
    one = {"PENDING": 0, "RUNNING": 0, "SUCCEEDED": 1, "FAILED": 0, "CANCELLED": 0}
    mixed = {**one, "FAILED": 1}
    assert tally.summary() == {
        "total": 3,
        "by_status": {**mixed, "SUCCEEDED": 2},
        "by_region": {"eu-west-1": mixed, "us-east-1": one},
        "by_organizational_unit": {"none": mixed, "ou-1": one},
        "accounts": 2,
        "regions": 2,
    }


def test_the_summary_of_nothing_still_has_all_five_statuses():
    assert Tally().summary() == {
        "total": 0,
        "by_status": dict.fromkeys(ROW_STATUSES, 0),
        "by_region": {},
        "by_organizational_unit": {},
        "accounts": 0,
        "regions": 0,
    }


def test_a_status_that_nobody_knows_is_counted_under_its_name():
    tally = Tally()
    tally.add([new_row(status="INVENTED_TOMORROW")])
    assert tally.summary()["by_status"]["INVENTED_TOMORROW"] == 1


def test_failure_groups_put_the_largest_first_and_name_accounts_and_regions():
    facts = [
        failed_row("444455556666", "eu-west-1", reason="Account 444455556666 has no role"),
        failed_row("111122223333", "us-east-1", reason="Limit exceeded"),
        failed_row("111122223333", "eu-west-1", reason="Account 111122223333 has no role"),
        failed_row("111122223333", "eu-north-1", status="CANCELLED", reason="Account 1 has no role"),
        failed_row("777788889999", "eu-west-1", status="SUCCEEDED"),
        failed_row("777788889999", "us-east-1", reason=None),
    ]
    groups = failure_groups(facts)
    assert [(group["reason"], group["count"]) for group in groups] == [
        ("Account <account> has no role", 2),
        ("", 1),
        ("Limit exceeded", 1),
    ]
    assert groups[0]["accounts"] == ["111122223333", "444455556666"]
    assert groups[0]["regions"] == ["eu-west-1"]
    assert groups[0]["sample"] == facts[0]
    assert [(group["account_count"], group["region_count"]) for group in groups] == [(2, 1), (1, 1), (1, 1)]
    assert len({group["key"] for group in groups}) == 3


def test_a_group_masks_what_differs_and_keeps_its_key_whatever_its_rows_are():
    reason = "Account {} has no vpc-{} in {}"
    rows = [
        failed_row("1", "eu-west-1", reason=reason.format("111122223333", "1a2b3c4d", "eu-west-1")),
        failed_row("1", "eu-west-2", reason=reason.format("111122223333", "5e6f7a8b", "eu-west-1")),
        failed_row("2", "eu-west-2", reason=reason.format("444455556666", "5e6f7a8b", "eu-west-1")),
    ]
    found = [failure_groups(rows[:number])[0] for number in (1, 2, 3)]
    assert [one["reason"] for one in found] == [
        "Account 111122223333 has no vpc-1a2b3c4d in eu-west-1",
        "Account 111122223333 has no vpc-<id> in eu-west-1",
        "Account <account> has no vpc-<id> in eu-west-1",
    ]
    assert len({one["key"] for one in found}) == 1


def test_rows_without_an_account_or_a_region_are_in_none():
    (group,) = failure_groups([failed_row(None, None, reason="x"), failed_row("1", None, reason="x")])
    assert (group["count"], group["account_count"], group["region_count"]) == (2, 1, 0)


def pairs_of(targets):
    return [(account, region) for group in targets for account in group["accounts"] for region in group["regions"]]


cells = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "3", "4", "5"]),
        st.sampled_from(["eu-west-1", "eu-west-2", "us-east-1"]),
        st.sampled_from(WORST_FIRST),
        st.sampled_from([None, "ou-1", "ou-2"]),
    ),
    max_size=40,
)


@given(cells, st.randoms())
def test_retry_targets_cover_the_unsuccessful_pairs_once_and_no_other(cells, random_order: random.Random):
    facts = [failed_row(account, region, status, unit=unit) for account, region, status, unit in cells]
    expected = {(a, r) for a, r, status, _unit in cells if status in ("FAILED", "CANCELLED")}
    targets = retry_targets(facts)
    assert sorted(pairs_of(targets)) == sorted(expected)
    for group in targets:
        units = {f["organizational_unit_id"] for f in facts if f["account"] in group["accounts"]}
        assert group["organizational_unit_id"] in units
    shuffled = list(facts)
    random_order.shuffle(shuffled)
    assert retry_targets(shuffled) == targets


def test_accounts_that_failed_everywhere_are_one_group():
    facts = [failed_row(account, region) for account in ("2", "1") for region in ("us-east-1", "eu-west-1")]
    assert retry_targets(facts) == [
        {"accounts": ["1", "2"], "regions": ["eu-west-1", "us-east-1"], "organizational_unit_id": None}
    ]


def test_a_target_under_two_units_is_retried_once_under_the_same_unit_whatever_the_order():
    facts = [failed_row("1", "eu-west-1", unit="ou-2"), failed_row("1", "eu-west-1", unit="ou-1")]
    expected = [{"accounts": ["1"], "regions": ["eu-west-1"], "organizational_unit_id": "ou-1"}]
    assert retry_targets(facts) == retry_targets(facts[::-1]) == expected


def test_regions_are_grouped_where_that_makes_fewer_groups():
    # Two Regions that share no account pattern by account, but one by Region.
    facts = [failed_row(a, "eu-west-1") for a in "12"] + [failed_row(a, "us-east-1") for a in "23"]
    assert len(retry_targets(facts)) == 2


def test_an_account_is_in_one_group_where_regions_would_make_no_fewer():
    facts = [failed_row("1", "eu-west-1"), failed_row("1", "us-east-1"), failed_row("2", "eu-west-1")]
    groups = [(group["accounts"], group["regions"]) for group in retry_targets(facts)]
    assert groups == [(["1"], ["eu-west-1", "us-east-1"]), (["2"], ["eu-west-1"])]


def test_nothing_to_retry_is_an_empty_list_and_unknown_is_null():
    assert retry_targets([failed_row("1", "eu-west-1", "SUCCEEDED")]) == []
    assert retry_targets([failed_row("1", "eu-west-1")], complete=False) is None
    assert retry_targets([failed_row(None, "eu-west-1")]) is None
    assert retry_targets([failed_row("1", None)]) is None


def ignores(row):
    return row["status_reason"] == "suspended"


def counted(*rows):
    tally = Tally(ignores)
    tally.add(rows)
    return {status: number for status, number in tally.counts()["by_status"].items() if number}


SUSPENDED = new_row(status="FAILED", reason="suspended")


def test_failed_rows_that_are_ignored_are_counted_apart():
    assert counted(SUSPENDED, new_row("2", status="FAILED"), new_row("3")) == {IGNORED: 1, "FAILED": 1, "SUCCEEDED": 1}


@pytest.mark.parametrize("status", ["SUCCEEDED", "CANCELLED", "RUNNING", "PENDING", "INVENTED_TOMORROW"])
def test_only_failed_rows_can_be_ignored(status):
    assert counted({**SUSPENDED, "status": status}) == {status: 1}


@pytest.mark.parametrize("other", WORST_FIRST)
def test_an_ignored_row_hides_none_of_its_target_but_a_good_one(other):
    shown = IGNORED if other == "SUCCEEDED" else other
    assert counted(SUSPENDED, new_row(status=other)) == counted(new_row(status=other), SUSPENDED) == {shown: 1}


def test_counts_are_those_of_every_region_and_unit_and_what_is_in_none():
    tally = Tally(ignores)
    tally.add([SUSPENDED, new_row("2", "us-east-1", "FAILED", unit="ou-1"), new_row("3", None, "NEW")])
    counts = tally.counts()
    assert counts["total"] == 3
    zeros = dict.fromkeys(ROW_STATUSES, 0)
    assert counts["by_region"] == {
        "none": {**zeros, "NEW": 1},
        "eu-west-1": {**zeros, IGNORED: 1},
        "us-east-1": {**zeros, "FAILED": 1},
    }
    assert counts["by_organizational_unit"] == {
        "none": {**zeros, "NEW": 1, IGNORED: 1},
        "ou-1": {**zeros, "FAILED": 1},
    }


@given(rows_of_any_kind, st.randoms(use_true_random=False))
def test_the_digest_is_that_of_targets_and_statuses_in_whatever_order_and_pages(rows, random_order):
    # Of two statuses for one target that are both unknown, the first stays: there is one of them here.
    rows = [{**one, "status": one["status"] or "SUCCEEDED"} for one in rows]
    shuffled = [*rows, *(one for one in rows[:3] if one["account"] and one["region"])]
    random_order.shuffle(shuffled)
    once, again = Tally(), Tally()
    once.add(rows)
    for one in shuffled:
        again.add([one])
    assert once.digest() == again.digest()


def test_the_digest_of_some_statuses_is_that_of_their_rows_and_an_ignored_one_is_failed():
    def digest(*rows, statuses):
        tally = Tally(ignores)
        tally.add(rows)
        return tally.digest(statuses)

    good, pending = new_row("2"), new_row("3", status="PENDING")
    for statuses in ({"FAILED"}, {"FAILED", "PENDING"}):
        assert digest(SUSPENDED, good, statuses=statuses) == digest(SUSPENDED, statuses=statuses)
        assert digest(SUSPENDED, good, statuses=statuses) != digest(good, statuses=statuses)
    assert digest(SUSPENDED, pending, statuses={"FAILED"}) == digest(SUSPENDED, statuses={"FAILED"})
    assert digest(SUSPENDED, pending, statuses={"PENDING"}) == digest(pending, statuses={"PENDING"})
    assert digest(SUSPENDED, pending, statuses={"PENDING"}) != digest(SUSPENDED, statuses={"PENDING"})


@given(rows_of_any_kind, rows_of_any_kind)
def test_different_targets_or_statuses_have_different_digests(rows, others):
    def of(some):
        tally = Tally()
        tally.add(some)
        keys = ("account", "region", "organizational_unit_id", "status")
        facts = [{**one, "account": one["account"] if one["region"] else None} for one in worst_rows(some)]
        return tally.digest(), sorted(repr([one[key] for key in keys]) for one in facts)

    (digest, facts), (other_digest, other_facts) = of(rows), of(others)
    assert (digest == other_digest) == (facts == other_facts)
