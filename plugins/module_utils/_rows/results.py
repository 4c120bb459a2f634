# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Rows of results: duplicates, counts, causes of failure, targets to retry. Pure.

A *target* is what a row is about: account, Region and organizational unit. AWS promises the account for self-managed
stack sets only (API: StackSetOperationResultSummary). A row without an account or a Region, an *unnamed* one, is a
target of its own: nothing tells whether another such row is about the same.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from .reason_masks import Parts, common_parts, reason_key, shown_reason, split_reason
from .types import IGNORED, ROW_STATUSES, UNSUCCESSFUL_STATUSES, Row

# The key for rows without a Region, a unit or a status: a key is a string in JSON, and no id of AWS's looks like it.
NONE = "none"

# Two rows for one target: page order is not time, so the worse one stays and a good row never hides a bad one.
# An ignored row hides none but a good one either.
_SEVERITY = {"FAILED": 0, "CANCELLED": 1, "RUNNING": 2, "PENDING": 3, IGNORED: 5, "SUCCEEDED": 6}
_UNKNOWN_SEVERITY = 4

AnyRow = TypeVar("AnyRow", bound=Mapping[str, Any])


def worst_rows(rows: Iterable[AnyRow]) -> list[AnyRow]:
    """One row for each target, in the order of their first ones.

    Of several for one target the worst stays: FAILED, CANCELLED, RUNNING, PENDING, unknown, SUCCEEDED. Where rows
    name their stack set and operation, as the lookup's do, each operation has targets of its own.
    """
    kept: dict[Any, AnyRow] = {}
    for number, row in enumerate(rows):
        target = target_of(row) or number
        known = kept.setdefault(target, row)
        if known is not row and severity(row["status"]) < severity(known["status"]):
            kept[target] = row
    return list(kept.values())


def target_of(row: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """What other rows about the same target have in common with this one; None for an unnamed one, which has none."""
    account, region = row["account"], row["region"]
    if not account or not region:
        return None
    return row.get("stack_set_name"), row.get("operation_id"), account, region, row["organizational_unit_id"]


def severity(status: str | None) -> int:
    """A status's place in the order that decides between two rows for one target, the worst at 0."""
    return _SEVERITY.get(status or "", _UNKNOWN_SEVERITY)


class Tally:
    """Counts rows without keeping them: of each target only the worst status is kept. Unnamed rows are counted one by
    one, by Region, unit and status.

    100,000 rows need a few MB: the strings are shared, one small dict per Region and organizational unit.
    ``ignores`` says of a FAILED row whether it is counted as IGNORED.
    """

    def __init__(self, ignores: Callable[[Row], bool] | None = None) -> None:
        self._ignores = ignores
        self._groups: dict[tuple[Any, Any], dict[Any, Any]] = defaultdict(dict)
        self._counts: dict[tuple[Any, Any], dict[Any, int]] = defaultdict(lambda: defaultdict(int))
        self._unnamed: Counter[tuple[Any, Any, Any]] = Counter()
        self._accounts_of_unnamed: set[str] = set()
        self._strings: dict[Any, Any] = {}

    def add(self, rows: Iterable[Row]) -> None:
        """Count rows."""
        share = self._strings.setdefault
        ignores = self._ignores
        for row in rows:
            # A filter's rows are the user's, in which nothing may be an empty string.
            region, unit = place = row["region"] or None, row["organizational_unit_id"] or None
            account, status = row["account"] or None, row["status"] or None
            if ignores and status == "FAILED" and ignores(row):
                status = IGNORED
            if not account or not region:
                self._unnamed[region, unit, status] += 1
                self._accounts_of_unnamed.update([account] if account else [])
                continue
            group, counts = self._groups[place], self._counts[place]
            if account not in group:
                group[share(account, account)] = share(status, status)
                counts[status] += 1
                continue
            counts[status] += 0
            if severity(status) < severity(group[account]):
                counts[group[account]] -= 1
                counts[status] += 1
                group[account] = share(status, status)

    def counts(self) -> dict[str, Any]:
        """``total``, ``by_status`` (all five statuses, and any other that was met), and the same by Region and by
        organizational unit (``none``: rows without one); ``unnamed``: the same of unnamed rows alone. Costs no more for
        many rows than for few.
        """
        named = [(*place, status, number) for place, group in self._counts.items() for status, number in group.items()]
        unnamed = [(*group, number) for group, number in self._unnamed.items()]
        return {**_counted(named + unnamed), "unnamed": _counted(unnamed)}

    def summary(self) -> dict[str, Any]:
        """The ``counts`` but ``unnamed``, and how many different ``accounts`` and ``regions``."""
        accounts = set(self._accounts_of_unnamed)
        for group in self._groups.values():
            accounts.update(group)
        counts = self.counts()
        del counts["unnamed"]
        return {**counts, "accounts": len(accounts), "regions": len(counts["by_region"].keys() - {NONE})}

    def digest(self, statuses: Collection[str] | None = None) -> str:
        """A string that is the same for two tallies of the same targets in the same statuses, in whatever order.

        With ``statuses`` it is about the rows in one of those alone; an ignored row is FAILED.
        """
        named = [
            (region, unit, status, account)
            for (region, unit), group in self._groups.items()
            for account, status in group.items()
        ]
        unnamed = [(*group, number) for group, number in self._unnamed.items()]
        lines = [
            repr(one)
            for one in (*named, *unnamed)
            if statuses is None or (one[2] if one[2] != IGNORED else "FAILED") in statuses
        ]
        return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _counted(numbers: Iterable[tuple[Any, Any, Any, int]]) -> dict[str, Any]:
    """The counts of numbers by Region, unit and status."""
    by_status = _zeros()
    by_region: dict[str, dict[str, int]] = {}
    by_unit: dict[str, dict[str, int]] = {}
    for region, unit, status, number in numbers:
        here = by_region.setdefault(region or NONE, _zeros())
        there = by_unit.setdefault(unit or NONE, _zeros())
        # One that no target ended with has been met all the same, which matters where it is an unknown one.
        by_status.setdefault(status or NONE, 0)
        if number:
            for counts in (by_status, here, there):
                counts[status or NONE] = counts.get(status or NONE, 0) + number
    return {
        "total": sum(by_status.values()),
        "by_status": by_status,
        "by_region": dict(sorted(by_region.items())),
        "by_organizational_unit": dict(sorted(by_unit.items())),
    }


def _zeros() -> dict[str, int]:
    return dict.fromkeys(ROW_STATUSES, 0)


def failure_groups(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """FAILED rows by cause, the largest group first.

    Each group: ``reason`` (masked where its rows differ), ``key`` (the same for the same cause in any operation),
    ``count``, ``sample`` (its first row), ``accounts`` and ``regions`` (sorted), ``account_count``, ``region_count``.
    """
    members: dict[str, list[Row]] = defaultdict(list)
    common: dict[str, Parts] = {}
    for row in rows:
        if row["status"] == "FAILED":
            parts = split_reason(row["status_reason"])
            key = reason_key(parts)
            members[key].append(row)
            common[key] = common_parts(common.get(key, parts), parts)
    groups = [_group(key, common[key], rows_of_group) for key, rows_of_group in members.items()]
    return sorted(groups, key=lambda group: (-group["count"], group["reason"], group["key"]))


def _group(key: str, parts: Parts, rows: list[Row]) -> dict[str, Any]:
    accounts = sorted({row["account"] for row in rows if row["account"]})
    regions = sorted({row["region"] for row in rows if row["region"]})
    return {
        "reason": shown_reason(parts),
        "key": key,
        "count": len(rows),
        "account_count": len(accounts),
        "region_count": len(regions),
        "sample": rows[0],
        "accounts": accounts,
        "regions": regions,
    }


def retry_targets(rows: Iterable[Row], complete: bool = True) -> list[dict[str, Any]] | None:
    """The FAILED and CANCELLED (account, Region) pairs as groups whose accounts x Regions are those pairs, no more.

    Each group: ``accounts``, ``regions`` (both sorted) and ``organizational_unit_id`` (None when self-managed). Every
    pair is in exactly one group. None where the pairs can't be known: the rows are not ``complete``, or one of them
    lacks its account or Region.
    """
    if not complete:
        return None
    pairs: dict[tuple[str, str], str] = {}
    for row in rows:
        if row["status"] not in UNSUCCESSFUL_STATUSES:
            continue
        if not row["account"] or not row["region"]:
            return None
        pair = (row["account"], row["region"])
        unit = row["organizational_unit_id"] or ""
        # A target met under two units is retried once, under the same unit whatever the order of the rows.
        pairs[pair] = min(unit, pairs.get(pair, unit))
    units: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for pair, unit in pairs.items():
        units[unit].append(pair)
    return [
        {"accounts": accounts, "regions": regions, "organizational_unit_id": unit or None}
        for unit, members in sorted(units.items())
        for accounts, regions in _rectangles(members)
    ]


def _rectangles(pairs: list[tuple[str, str]]) -> list[tuple[list[str], list[str]]]:
    """An exact cover of pairs by products: accounts with the same Regions, or Regions with the same accounts."""
    by_account = _group_by_partners(pairs)
    by_region = _group_by_partners([(region, account) for account, region in pairs])
    if len(by_region) < len(by_account):
        return sorted((accounts, regions) for regions, accounts in by_region)
    return sorted(by_account)


def _group_by_partners(pairs: list[tuple[str, str]]) -> list[tuple[list[str], list[str]]]:
    partners: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        partners[one].add(other)
    groups: dict[frozenset[str], list[str]] = defaultdict(list)
    for one, others in partners.items():
        groups[frozenset(others)].append(one)
    return [(sorted(ones), sorted(others)) for others, ones in groups.items()]
