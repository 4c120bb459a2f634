# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What a gate reads of an operation's rows: the bad ones, the good ones only as far as a rule needs.

AWS's filter takes one status, so each status is a listing. They are read in the direction in which rows move
(PENDING, RUNNING, then FAILED and CANCELLED), so that a row that moves meanwhile is met at least once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .._gate.evaluate import enough, needs_agreement, proven
from .._gate.model import Counts
from .._gate.policy import Policy
from .._rows.operations import TERMINAL
from .._rows.results import (
    UNSUCCESSFUL,
    Row,
    Tally,
    row_facts,
    target_of,
)

# Unsuccessful rows that are kept and, once the gate is known to be closed, read: enough for all targets of a large
# organization, so that what to retry is complete, and few enough for memory and for AWS.
KEPT_ROWS = 10_000

# The pages of one listing of results, of one status or (None) of all.
Pages = Callable[["str | None"], Iterable[list[dict[str, Any]]]]


class Look:
    """One look at an operation's rows; what it has seen stays, also where a page could not be read."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._tally = Tally(policy.ignores)
        self._kept: list[dict[str, Any]] = []
        self._lost = False
        self.read: frozenset[str] = frozenset()
        self.whole = False

    @property
    def counts(self) -> Counts:
        return self._tally.counts()

    def digest(self) -> str:
        """The same for two looks that saw the same targets in the same statuses, of those that were read to the end."""
        if self.whole:
            return f"whole {self._tally.digest()}"
        return f"{' '.join(sorted(self.read))} {self._tally.digest(self.read)}"

    def take(self, pages: Pages, operation: Mapping[str, Any], whole: bool) -> None:
        """Read what a decision on this operation (its fact) needs; ``whole``: every row, of whatever status."""
        if whole:
            for page in pages(None):
                self._add(page)
            self.whole = True
            return
        ended = operation.get("status") in TERMINAL
        if ended:
            for status in ("PENDING", "RUNNING"):
                self._until(pages, status, self._more_than_accepted)
        not_accepted = ended and operation["status"] not in self._policy.accept_operation_statuses
        for status in UNSUCCESSFUL:
            self._until(pages, status, lambda: self.full and (not_accepted or self._closed()))
        if ended and not not_accepted and not self._closed() and not self._more_than_accepted():
            self._until(pages, "SUCCEEDED", self._enough)

    @property
    def unsuccessful(self) -> list[dict[str, Any]]:
        """FAILED and CANCELLED rows as facts, FAILED first, without the ignored ones."""
        facts = row_facts(row for row in self._kept if not self._is_ignored(row))
        return sorted(facts, key=lambda fact: UNSUCCESSFUL.index(fact["status"]))

    @property
    def ignored(self) -> list[dict[str, Any]]:
        """FAILED rows that the policy ignores, as facts."""
        # A target that did not succeed for another reason too shows the other, as in the counts.
        shown = {target_of(fact) for fact in self.unsuccessful} - {None}
        facts = row_facts(row for row in self._kept if self._is_ignored(row))
        return [fact for fact in facts if target_of(fact) not in shown]

    @property
    def complete(self) -> bool:
        """Whether ``unsuccessful`` and ``ignored`` are all that AWS lists."""
        return not self._lost and (self.whole or self.read >= set(UNSUCCESSFUL))

    @property
    def full(self) -> bool:
        """Whether it keeps as many unsuccessful rows as it may."""
        return len(self._kept) >= KEPT_ROWS

    def _until(self, pages: Pages, status: str, done: Callable[[], bool]) -> None:
        if status == "SUCCEEDED" and done():
            return
        for page in pages(status):
            self._add(page)
            if done():
                return
        self.read |= {status}

    def _add(self, page: list[dict[str, Any]]) -> None:
        self._tally.add(page)
        bad = [row for row in page if row.get("Status") in UNSUCCESSFUL]
        room = KEPT_ROWS - len(self._kept)
        self._kept += bad[:room]
        self._lost = self._lost or len(bad) > room

    def _is_ignored(self, summary: Row) -> bool:
        return summary.get("Status") == "FAILED" and self._policy.ignores(summary)

    def _closed(self) -> bool:
        return bool(proven(self.counts, self._policy))

    def _more_than_accepted(self) -> bool:
        by_status = self.counts["by_status"]
        return by_status["PENDING"] + by_status["RUNNING"] > self._policy.max_unaccounted

    def _enough(self) -> bool:
        return enough(self.counts, self._policy)


def whole_is_needed(operation: Mapping[str, Any], policy: Policy) -> bool:
    """Whether the decision on an ended operation (its fact) needs every row, because no filter and no count will do."""
    return operation.get("status") in policy.accept_operation_statuses and (
        policy.expected_results is not None or needs_agreement(operation, {"total": 1})
    )
