# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The map of accounts by Region: all results are in it, and what is in most trouble comes first."""

from __future__ import annotations

import pytest

pytest.importorskip("ansible.errors")

from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render._html.map import map_of, units
from ansible_collections.stackgate.stacksets.tests.unit.helpers.reports import MIXED, reported, result, row


def test_each_cell_of_the_map_is_the_result_of_its_account_and_region_and_all_results_are_in_it():
    report = reported(result(MIXED))
    seen = []
    for unit in units(report):
        for line in unit.lines:
            assert len(line.cells) == len(report.regions)
            for region, cell in zip(report.regions, line.cells, strict=True):
                assert cell is None or (cell.account, cell.region, cell.unit) == (line.account, region, unit.id)
                seen += [cell] if cell else []
    assert sorted(seen) == sorted(report.results)
    (without,) = [line for unit in units(report) for line in unit.lines if line.account == "000000000006"]
    assert [bool(cell) for cell in without.cells] == [True, False]


def test_trouble_comes_first():
    first, second = units(reported(result(MIXED)))
    assert (first.id, second.id) == ("ou-b", "ou-a")
    assert [line.account[-1] for line in first.lines] == ["3", "2", "5", "4", "6"]
    assert (first.statuses[0], second.statuses) == (("FAILED", 4), [("SUCCEEDED", 2)])
    assert (first.accounts, second.accounts) == (5, 1)


def test_nothing_is_nothing():
    assert units(reported([])) == []


def test_a_line_of_the_map_has_the_accounts_name():
    report = reported(result(MIXED), account_names={"000000000003": "payments"})
    assert [line.name for line in units(report)[0].lines] == ["payments", "", "", "", ""]


def test_an_account_of_two_units_has_a_line_in_each():
    rows = [row(unit="ou-a"), row(unit="ou-b", status="FAILED")]
    assert [(unit.id, unit.statuses) for unit in units(reported(result(rows)))] == [
        ("ou-b", [("FAILED", 1)]),
        ("ou-a", [("SUCCEEDED", 1)]),
    ]


def test_units_without_trouble_are_in_the_order_of_their_ids_and_more_trouble_comes_first():
    rows = [
        row("1" * 12, unit="ou-c"),
        row("2" * 12, unit="ou-b"),
        row("3" * 12, "a", "CANCELLED", unit="ou-d"),
        row("4" * 12, "a", "FAILED", unit="ou-e"),
        row("5" * 12, "a", "FAILED", unit="ou-f"),
        row("5" * 12, "b", "FAILED", unit="ou-f"),
        row("6" * 12, "a", "SLEEPING", unit="ou-g"),
    ]
    assert [unit.id for unit in units(reported(result(rows)))] == ["ou-f", "ou-e", "ou-d", "ou-g", "ou-b", "ou-c"]


def test_an_account_whose_result_names_no_region_has_another_line_for_the_others():
    lines = units(reported(result([row(region="", status="FAILED"), row()])))[0].lines
    assert [[cell and cell.status for cell in line.cells] for line in lines] == [["FAILED", None], [None, "SUCCEEDED"]]


def test_a_result_without_an_account_or_a_region_has_a_line_of_its_own():
    rows = [row("", status="SUCCEEDED"), row(None, status="FAILED"), row(), row(region="", status="CANCELLED"), row()]
    lines = units(reported(result(rows)))[0].lines
    shown = [(line.account, [cell and cell.status for cell in line.cells]) for line in lines]
    assert shown == [
        ("", [None, "FAILED"]),
        ("111122223333", ["CANCELLED", None]),
        ("", [None, "SUCCEEDED"]),
        ("111122223333", [None, "SUCCEEDED"]),
    ]


@pytest.mark.parametrize(
    ("accounts", "failed", "is_folded"),
    [(50, 1, False), (51, 1, True), (51, 0, True), (51, 51, False), (50, 0, False), (0, 0, False)],
)
def test_above_50_accounts_those_without_trouble_are_folded_away(accounts, failed, is_folded):
    rows = [
        row(f"{number:012}", region, "FAILED" if number < failed and region == "a" else "SUCCEEDED")
        for number in range(accounts)
        for region in "ab"
    ]
    drawn = map_of(reported(result(rows)))
    assert (drawn.troubled, drawn.fine, drawn.is_folded) == (failed, accounts - failed, is_folded)


def test_few_regions_have_room_for_words_and_very_many_are_scrolled():
    def width(regions):
        return map_of(reported(result([row(region=f"region-{number}") for number in range(regions)]))).width

    assert [width(regions) for regions in (1, 6, 7, 24, 25)] == ["few", "few", "many", "many", "most"]
