# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What a gate decides from, and what it decides, as plain data. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

from .._rows.types import ROW_STATUSES

Counts = Mapping[str, Any]  # of a Tally


class Verdict(str, Enum):
    """What a gate came to; the worst of several is the first here."""

    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    PASSED = "passed"


class Rule(str, Enum):
    """A rule of a policy, by the option that sets it."""

    ACCEPT_OPERATION_STATUSES = "accept_operation_statuses"
    MAX_FAILED = "max_failed"
    MAX_FAILED_PERCENTAGE = "max_failed_percentage"
    MAX_CANCELLED = "max_cancelled"
    EXPECTED_RESULTS = "expected_results"
    MIN_RESULTS = "min_results"
    ALLOW_EMPTY = "allow_empty"
    MAX_DRIFTED = "max_drifted"


class MissingKind(str, Enum):
    """What is missing for a decision: RETURN of operation_gate, ``missing``."""

    OPERATION = "operation"  # it has not ended, or is not found
    OPERATION_STATUS = "operation_status"  # this version does not know it
    ACTION = "action"  # this version does not know it
    DRIFT = "drift"
    ROWS = "rows"  # not all were read
    ROW_STATUS = "row_status"  # this version does not know it
    SETTLED = "settled"
    UNACCOUNTED = "unaccounted"
    ERROR = "error"  # AWS or the connection ended the reading
    INTERRUPTED = "interrupted"
    # Of a filter's rows:
    ROWS_OPERATION = "rows_operation"
    WHOLE = "whole"


class Violation(NamedTuple):
    """A broken rule. ``group`` is the Region or organizational unit where ``scope`` is one, else None."""

    rule: Rule
    scope: str
    group: str | None
    limit: Any
    actual: Any
    message: str


class Missing(NamedTuple):
    """What the gate lacks for a decision. ``message`` is a sentence; ``option`` is the option that waits for it, or
    accepts that it is missing, None where there is none.
    """

    what: MissingKind
    message: str
    option: str | None = None


class Evidence(NamedTuple):
    """What is known of an operation; ``operation`` is an Operation, or what a filter was given for one.

    ``counts`` are a Tally's, ignored rows under IGNORED. ``statuses_read`` has the statuses whose rows were read to
    their end; ``all_rows_read`` says that all rows were, of whatever status. ``confirmed``: an earlier reading, a while
    before, showed the same. ``settle_time_over``: rows that are not listed by now are not waited for. ``missing`` is
    what the reader knows to lack.
    """

    operation: Mapping[str, Any] | None
    counts: Counts
    statuses_read: frozenset[str]
    all_rows_read: bool = False
    confirmed: bool = False
    settle_time_over: bool = False
    missing: tuple[Missing, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether everything there is to list was read to its end."""
        return self.all_rows_read or self.statuses_read >= set(ROW_STATUSES)


class Decision(NamedTuple):
    """``counts`` are those that playbooks see: RETURN of operation_gate, ``gate.counts``.

    For the message: ``exact`` has the statuses of which all rows were counted. ``tolerated`` says of a pass what the
    options accept.
    """

    verdict: Verdict
    violations: tuple[Violation, ...]
    missing: tuple[Missing, ...]
    counts: dict[str, Any]
    exact: frozenset[str] = frozenset()
    tolerated: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return self.verdict is Verdict.PASSED

    def ended_by(self, *what: MissingKind) -> str | None:
        """What ended the reading, as a sentence, if one of these did."""
        return next((missing.message for missing in self.missing if missing.what in what), None)
