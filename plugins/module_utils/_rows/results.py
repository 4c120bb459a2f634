# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Result rows as facts: names, duplicates, counts, causes of failure, targets to retry. Pure.

A *row* is one account in one Region: StackSetOperationResultSummary. As a fact it is a dict with the keys
``account``, ``region``, ``status``, ``status_reason``, ``account_gate_result`` (``status``, ``status_reason``) and
``organizational_unit_id``; every key is always there, None where AWS sent nothing or an empty text.

A *target* is what a row is about: account, Region and organizational unit. AWS promises the account for self-managed
stack sets only (API: StackSetOperationResultSummary). A row without an account or a Region, an *unnamed* one, is a
target of its own: nothing tells whether another such row is about the same.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

# API: StackSetOperationResultSummary, Status
STATUSES = ("PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED")
UNSUCCESSFUL = ("FAILED", "CANCELLED")
# Not AWS's: FAILED rows that a gate's policy leaves out of account. In a Tally, and nowhere else.
IGNORED = "IGNORED"

# The key for rows without a Region, a unit or a status, for a key must be a text in JSON; no id of AWS's looks like it.
NONE = "none"

# Two rows for one target: page order is not time, so the worse one stays and a good row never hides a bad one.
# An ignored row hides none but a good one either.
_SEVERITY = {"FAILED": 0, "CANCELLED": 1, "RUNNING": 2, "PENDING": 3, IGNORED: 5, "SUCCEEDED": 6}
_UNKNOWN_SEVERITY = 4

Row = Mapping[str, Any]


def row_fact(summary: Row) -> dict[str, Any]:
    """One StackSetOperationResultSummary, as boto3 gives it, as a fact."""
    get = summary.get
    gate = get("AccountGateResult") or {}
    return {
        "account": get("Account") or None,
        "region": get("Region") or None,
        "status": get("Status") or None,
        "status_reason": get("StatusReason") or None,
        "account_gate_result": {
            "status": gate.get("Status") or None,
            "status_reason": gate.get("StatusReason") or None,
        },
        "organizational_unit_id": get("OrganizationalUnitId") or None,
    }


def row_facts(summaries: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows as facts, one for each target, by the rules of ``worst_facts``."""
    return worst_facts(map(row_fact, summaries))


def worst_facts(facts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One fact for each target, in the order of their first ones.

    Of several for one target the worst stays: FAILED, CANCELLED, RUNNING, PENDING, unknown, SUCCEEDED. Where facts
    name their stack set and operation, as the lookup's do, each operation has targets of its own.
    """
    kept: dict[Any, dict[str, Any]] = {}
    for number, fact in enumerate(facts):
        target = target_of(fact) or number
        known = kept.setdefault(target, fact)
        if known is not fact and severity(fact["status"]) < severity(known["status"]):
            kept[target] = fact
    return list(kept.values())


def target_of(fact: Row) -> tuple[Any, ...] | None:
    """What other facts about the same target have in common with this one; None for an unnamed one, which has none."""
    account, region = fact["account"], fact["region"]
    if not account or not region:
        return None
    return fact.get("stack_set_name"), fact.get("operation_id"), account, region, fact["organizational_unit_id"]


def severity(status: str | None) -> int:
    """A status's place in the order that decides between two rows for one target, the worst at 0."""
    return _SEVERITY.get(status or "", _UNKNOWN_SEVERITY)


def summary_of(fact: Row) -> dict[str, Any]:
    """A fact as the StackSetOperationResultSummary that it was made of, for what counts those."""
    gate = fact["account_gate_result"]
    return {
        "Account": fact["account"],
        "Region": fact["region"],
        "Status": fact["status"],
        "StatusReason": fact["status_reason"],
        "AccountGateResult": {"Status": gate["status"], "StatusReason": gate["status_reason"]},
        "OrganizationalUnitId": fact["organizational_unit_id"],
    }


class Tally:
    """Counts over rows that need not be kept: for each target its worst status, and no more. Unnamed rows are counted
    one by one, by Region, unit and status.

    100,000 rows need a few MB: the texts are shared, one small dict per Region and organizational unit.
    ``ignores`` says of a FAILED row whether it is counted as IGNORED.
    """

    def __init__(self, ignores: Callable[[Row], bool] | None = None) -> None:
        self._ignores = ignores
        self._groups: dict[tuple[Any, Any], dict[Any, Any]] = defaultdict(dict)
        self._counts: dict[tuple[Any, Any], dict[Any, int]] = defaultdict(lambda: defaultdict(int))
        self._unnamed: Counter[tuple[Any, Any, Any]] = Counter()
        self._accounts_of_unnamed: set[str] = set()
        self._texts: dict[Any, Any] = {}

    def add(self, summaries: Iterable[Row]) -> None:
        """Count rows as boto3 gives them."""
        share = self._texts.setdefault
        ignores = self._ignores
        for summary in summaries:
            get = summary.get
            region, unit = place = (get("Region") or None, get("OrganizationalUnitId") or None)
            account, status = get("Account") or None, get("Status") or None
            if ignores and status == "FAILED" and ignores(summary):
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
        """A text that is the same for two tallies of the same targets in the same statuses, in whatever order.

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
    return dict.fromkeys(STATUSES, 0)


# What differs from one target to the next in reasons that have one cause. Longer forms stand before those they hold.
_MASKS = tuple(
    (re.compile(pattern), mask)
    for pattern, mask in (
        (r"\barn:aws[a-z-]*:[^\s\"'<>,;()\[\]]*[^\s\"'<>,;()\[\].:]", "<arn>"),
        (r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b", "<uuid>"),
        (r"(?<![0-9A-Za-z])[0-9]{12}(?![0-9A-Za-z])", "<account>"),
        (
            r"\b(?:us|eu|ap|ca|sa|me|af|il|mx|cn)(?:-gov|-isob?|-iso[ef])?"
            r"-(?:north|south|east|west|central)(?:east|west)?-[0-9](?:[a-f]\b|\b)",
            "<region>",
        ),
        (r"(?<![0-9A-Za-z])(?=[0-9a-z]*[0-9])(?=[0-9a-z]*[a-z])[0-9a-z]{12,}(?![0-9A-Za-z])", "<id>"),
        (r"(?<![0-9A-Za-z])(?=[0-9A-Z]*[0-9])(?=[0-9A-Z]*[A-Z])[0-9A-Z]{12,}(?![0-9A-Za-z])", "<id>"),
    )
)


def masked_reason(reason: str | None) -> str:
    """A reason with ARNs, UUIDs, account ids, Regions, request ids and hashes replaced by their kind."""
    text = " ".join((reason or "").split())
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text


def failure_groups(facts: Iterable[Row]) -> list[dict[str, Any]]:
    """FAILED rows by cause, the largest group first.

    Each group: ``reason`` (masked), ``count``, ``sample`` (its first row, the reason unmasked), ``accounts`` and
    ``regions`` (sorted).
    """
    groups: dict[str, list[Row]] = defaultdict(list)
    for fact in facts:
        if fact["status"] == "FAILED":
            groups[masked_reason(fact["status_reason"])].append(fact)
    return [
        {
            "reason": reason,
            "count": len(rows),
            "sample": rows[0],
            "accounts": sorted({row["account"] for row in rows if row["account"]}),
            "regions": sorted({row["region"] for row in rows if row["region"]}),
        }
        for reason, rows in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    ]


def retry_targets(facts: Iterable[Row], complete: bool = True) -> list[dict[str, Any]] | None:
    """The FAILED and CANCELLED (account, Region) pairs as groups whose accounts x Regions are those pairs, no more.

    Each group: ``accounts``, ``regions`` (both sorted) and ``organizational_unit_id`` (None when self-managed). Every
    pair is in exactly one group. None where the pairs can't be known: the rows are not ``complete``, or one of them
    lacks its account or Region.
    """
    if not complete:
        return None
    pairs: dict[tuple[str, str], str] = {}
    for fact in facts:
        if fact["status"] not in UNSUCCESSFUL:
            continue
        if not fact["account"] or not fact["region"]:
            return None
        pair = (fact["account"], fact["region"])
        unit = fact["organizational_unit_id"] or ""
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
    by_account = _alike(pairs)
    by_region = _alike([(region, account) for account, region in pairs])
    if len(by_region) < len(by_account):
        return sorted((accounts, regions) for regions, accounts in by_region)
    return sorted(by_account)


def _alike(pairs: list[tuple[str, str]]) -> list[tuple[list[str], list[str]]]:
    partners: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        partners[one].add(other)
    groups: dict[frozenset[str], list[str]] = defaultdict(list)
    for one, others in partners.items():
        groups[frozenset(others)].append(one)
    return [(sorted(ones), sorted(others)) for others, ones in groups.items()]
