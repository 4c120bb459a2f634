# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""A report's map of accounts by Regions, by organizational unit, what is in most trouble first. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import severity
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.report import Report, Result


class Line(NamedTuple):
    """An account in the map: its results by Region, None where there is none. A result that lacks its account or
    Region has a line of its own.
    """

    account: str
    name: str
    cells: tuple[Result | None, ...]


class Unit(NamedTuple):
    """The accounts of one organizational unit, and their results by status; the id is empty where rows have none."""

    id: str
    by_status: Mapping[str, int]
    lines: tuple[Line, ...]


def units(report: Report) -> list[Unit]:
    """The accounts by the report's ``regions``, the units and accounts in most trouble first."""
    columns = {region: number for number, region in enumerate(report.regions)}
    lines: dict[str, dict[tuple[str, int], list[Result | None]]]
    lines = defaultdict(lambda: defaultdict(lambda: [None] * len(columns)))
    for number, result in enumerate(report.results, 1):
        account = result.account, 0 if result.is_named else number
        cells, column = lines[result.unit][account], columns[result.region]
        # They come trouble first, and a good one never hides a bad one.
        cells[column] = cells[column] or result
    found = [
        Unit(unit, _counted(accounts.values()), tuple(_sorted_lines(accounts, report.names)))
        for unit, accounts in lines.items()
    ]
    return sorted(found, key=lambda unit: (_much_trouble(unit.lines), unit.id))


def _counted(lines: Iterable[Sequence[Result | None]]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for cells in lines:
        for cell in filter(None, cells):
            counts[cell.status] += 1
    return dict(counts)


def _sorted_lines(accounts: Mapping[tuple[str, int], Sequence[Result | None]], names: Mapping[str, str]) -> list[Line]:
    lines = [Line(account, names.get(account, ""), tuple(cells)) for (account, _number), cells in accounts.items()]
    return sorted(lines, key=lambda line: (_much_trouble([line]), line.account))


def _much_trouble(lines: Iterable[Line]) -> list[int]:
    """Smaller for more trouble: the numbers of results that did not succeed, by severity."""
    numbers = [0] * severity("SUCCEEDED")
    for line in lines:
        for cell in filter(None, line.cells):
            if not cell.succeeded:
                numbers[severity(cell.status)] -= 1
    return numbers
