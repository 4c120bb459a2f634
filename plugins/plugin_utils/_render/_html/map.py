# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""A report's map of accounts by Region, by organizational unit, what is in most trouble first. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import severity
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.headline import shown_statuses
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.report import Report, Result

# Lines: a larger map shows those in trouble alone.
_MOST_SHOWN = 50
# Up to how many Regions: few have room for words, and many fit a large screen.
_WIDTHS = (("few", 6), ("many", 24))


class Line(NamedTuple):
    """An account in the map: its results by Region, None where there is none. A result that lacks its account or
    Region has a line of its own.
    """

    account: str
    name: str
    cells: tuple[Result | None, ...]

    @property
    def troubled(self) -> bool:
        return any(not cell.succeeded for cell in self.cells if cell)


class Unit(NamedTuple):
    """The accounts of one organizational unit, and their results by status, the worst first. The id is empty where rows
    have none.
    """

    id: str
    statuses: Sequence[tuple[str, int]]
    lines: tuple[Line, ...]

    @property
    def accounts(self) -> int:
        return len({line.account for line in self.lines if line.account})

    @property
    def troubled(self) -> bool:
        return any(line.troubled for line in self.lines)


class Map(NamedTuple):
    """The map: ``troubled`` lines are those in which something did not succeed, ``fine`` the others. It is folded where
    it shows those in trouble alone until all are asked for. ``width`` is the style for so many Regions.
    """

    units: Sequence[Unit]
    troubled: int
    fine: int
    width: str

    @property
    def is_folded(self) -> bool:
        return self.fine > 0 and self.troubled + self.fine > _MOST_SHOWN


def map_of(report: Report) -> Map:
    """The report's map."""
    shown = units(report)
    troubled = sum(line.troubled for unit in shown for line in unit.lines)
    lines = sum(len(unit.lines) for unit in shown)
    width = next((name for name, most in _WIDTHS if len(report.regions) <= most), "most")
    return Map(shown, troubled, lines - troubled, width)


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
        Unit(unit, shown_statuses(_counted(accounts.values())), tuple(_sorted_lines(accounts, report.names)))
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
