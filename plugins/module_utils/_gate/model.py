# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What a gate decides from, and what it decides, as plain data. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Counts = Mapping[str, Any]  # of a Tally


class Violation(NamedTuple):
    """A broken rule. ``group`` is the Region or organizational unit where ``scope`` is one, else None."""

    rule: str
    scope: str
    group: str | None
    limit: Any
    actual: Any
    message: str


class Missing(NamedTuple):
    """What can't be known, as a sentence; ``option`` is the one that waits for it or accepts it knowingly, or None."""

    what: str
    message: str
    option: str | None = None


class Evidence(NamedTuple):
    """What is known of an operation.

    ``operation`` is its fact; ``counts`` are a Tally's, ignored rows under IGNORED. ``read`` has the statuses whose
    rows were read to their end; ``whole`` says that all rows were, of whatever status. ``agreed``: an earlier reading,
    a while before, showed the same. ``last``: the time to settle is over. ``missing`` is what the reader knows to lack.
    """

    operation: Mapping[str, Any] | None
    counts: Counts
    read: frozenset[str]
    whole: bool = False
    agreed: bool = False
    last: bool = False
    missing: tuple[Missing, ...] = ()


class Decision(NamedTuple):
    """``verdict`` is passed, failed or inconclusive; ``counts`` are those of the fact, see RETURN of operation_gate.

    For the message: ``exact`` has the statuses of which all rows were counted. ``tolerated`` says of a pass what the
    options accept.
    """

    verdict: str
    violations: tuple[Violation, ...]
    missing: tuple[Missing, ...]
    counts: dict[str, Any]
    exact: frozenset[str] = frozenset()
    tolerated: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return self.verdict == "passed"

    def fact(self) -> dict[str, Any]:
        """As playbooks see it."""
        return {
            "passed": self.passed,
            "verdict": self.verdict,
            "violations": [violation._asdict() for violation in self.violations],
            "missing": [missing._asdict() for missing in self.missing],
            "counts": self.counts,
        }
