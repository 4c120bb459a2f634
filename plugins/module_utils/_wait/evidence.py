# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What a gate reads of an operation's rows: the bad ones, the good ones only as far as a rule needs.

AWS's filter takes one status, so each status is a listing. They are read in the direction in which rows move
(PENDING, RUNNING, then FAILED and CANCELLED), so that a row that moves while they are read is met at least once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .._gate.counts import failed_count, needs_confirmation, unfinished_row_count
from .._gate.evaluate import definite_violations, succeeded_rows_suffice
from .._gate.model import Counts, Evidence
from .._gate.policy import Policy
from .._rows.results import Tally, target_of, worst_rows
from .._rows.types import TERMINAL_STATUSES, UNFINISHED_STATUSES, UNSUCCESSFUL_STATUSES, OperationSummary, Row

# Unsuccessful rows that are kept and, once the gate is known to be closed, read: enough for all targets of a large
# organization, so that what to retry is complete, and few enough for memory and for AWS.
KEPT_ROWS = 10_000

# The pages of one listing of results, of one status or (None) of all.
Pages = Callable[["str | None"], Iterable[list[Row]]]


class EvidenceCollector:
    """Reads an operation's rows once; what it has read stays, also where a page could not be read.

    ``statuses_read`` and ``all_rows_read`` are as in Evidence.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._tally = Tally(policy.ignores)
        self._unsuccessful_rows: list[Row] = []
        self._rows_dropped = False
        self.statuses_read: frozenset[str] = frozenset()
        self.all_rows_read = False

    @property
    def counts(self) -> Counts:
        return self._tally.counts()

    def evidence(self, operation: Mapping[str, Any] | None, **known: Any) -> Evidence:
        """What was read, as evidence about this operation; ``known`` are further fields of it."""
        return Evidence(operation, self.counts, self.statuses_read, self.all_rows_read, **known)

    def digest(self) -> str:
        """The same for two that saw the same targets in the same statuses, of those that were read to the end."""
        if self.all_rows_read:
            return f"all {self._tally.digest()}"
        return f"{' '.join(sorted(self.statuses_read))} {self._tally.digest(self.statuses_read)}"

    def collect(self, pages: Pages, operation: Mapping[str, Any], all_rows: bool) -> None:
        """Read what a decision on this operation needs; ``all_rows``: every row, of whatever status."""
        if all_rows:
            for page in pages(None):
                self._add(page)
            self.all_rows_read = True
            return
        ended = operation.get("status") in TERMINAL_STATUSES
        if ended:
            for status in UNFINISHED_STATUSES:
                self._read_until(self._more_than_accepted, pages, status)
        not_accepted = ended and operation["status"] not in self._policy.accept_operation_statuses
        for status in UNSUCCESSFUL_STATUSES:
            self._read_until(lambda: self.row_limit_reached and (not_accepted or self._gate_is_closed()), pages, status)
        undecided = ended and not not_accepted and not self._gate_is_closed() and not self._more_than_accepted()
        if undecided and not self._succeeded_rows_suffice():
            self._read_until(self._succeeded_rows_suffice, pages, "SUCCEEDED")

    @property
    def unsuccessful(self) -> list[Row]:
        """FAILED and CANCELLED rows, FAILED first, without the ignored ones."""
        rows = worst_rows(row for row in self._unsuccessful_rows if not self._is_ignored(row))
        return sorted(rows, key=lambda row: UNSUCCESSFUL_STATUSES.index(row["status"] or ""))

    @property
    def ignored(self) -> list[Row]:
        """FAILED rows that the policy ignores."""
        # A target that did not succeed for another reason too shows the other, as in the counts.
        shown = {target_of(row) for row in self.unsuccessful} - {None}
        rows = worst_rows(row for row in self._unsuccessful_rows if self._is_ignored(row))
        return [row for row in rows if target_of(row) not in shown]

    @property
    def complete(self) -> bool:
        """Whether ``unsuccessful`` and ``ignored`` are all that AWS lists."""
        return not self._rows_dropped and (self.all_rows_read or self.statuses_read >= set(UNSUCCESSFUL_STATUSES))

    @property
    def row_limit_reached(self) -> bool:
        """Whether it keeps as many unsuccessful rows as it may."""
        return len(self._unsuccessful_rows) >= KEPT_ROWS

    def _read_until(self, done: Callable[[], bool], pages: Pages, status: str) -> None:
        for page in pages(status):
            self._add(page)
            if done():
                return
        self.statuses_read |= {status}

    def _add(self, page: list[Row]) -> None:
        self._tally.add(page)
        bad = [row for row in page if row["status"] in UNSUCCESSFUL_STATUSES]
        free = KEPT_ROWS - len(self._unsuccessful_rows)
        self._unsuccessful_rows += bad[:free]
        self._rows_dropped = self._rows_dropped or len(bad) > free

    def _is_ignored(self, row: Row) -> bool:
        return row["status"] == "FAILED" and self._policy.ignores(row)

    def _gate_is_closed(self) -> bool:
        return bool(definite_violations(self.counts, self._policy))

    def _more_than_accepted(self) -> bool:
        return unfinished_row_count(self.counts) > self._policy.max_unaccounted

    def _succeeded_rows_suffice(self) -> bool:
        return succeeded_rows_suffice(self.counts, self._policy)


def needs_all_rows(operation: Mapping[str, Any], policy: Policy) -> bool:
    """Whether the decision on an ended operation needs every row, because no filter and no count will do."""
    return operation.get("status") in policy.accept_operation_statuses and (
        policy.expected_results is not None or needs_confirmation(operation, {"total": 1})
    )


def may_have_failed(operation: OperationSummary) -> bool:
    """Whether an operation at work may have bad rows. AWS counts the failures in its description."""
    return failed_count(operation) != 0 or operation["status"] == "STOPPING"
