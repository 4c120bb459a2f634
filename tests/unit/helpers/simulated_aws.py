# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS's StackSets reads, simulated at the wire below a real boto3 client, with a clock that sleeps and calls advance.

Operations and their rows advance with time. DescribeStackSetOperation tells the truth of the moment. A listing of
results is planned as a whole when its first page is asked for: from an older state, which may be older than that of an
earlier listing; with rows that move between its pages, so that they are met twice, in two states, or not at all; in
any order, on pages that hold fewer rows than asked for, or none and a token. ListStackSetOperations lags too.

The boundary of what a reader can know
--------------------------------------

Nobody can tell a listing that is complete from one that lacks rows for good, unless something vouches for it. So the
simulator does its worst within these bounds, and no gate could do with less:

1. Of an operation that SUCCEEDED, with a count of failures that is not too low, FAILED rows may lag for any time or
   never be listed: the count tells. Where the count is too low, its FAILED rows are listed from the operation's end on.
2. SUCCEEDED rows may lag for any time. Where they are never listed at all, nothing tells, and the histories must not
   ask for an exact number of results that such a row would break.
3. Rows of any other outcome (CANCELLED, a status unknown to us, a row that never ends) are counted nowhere. Of an
   operation that SUCCEEDED and has a count, they are listed from its end on; AWS documents CANCELLED only for
   operations that were stopped or exceeded their failure tolerance, so that there should be none.
4. Where nothing vouches for the rows (AWS gives no count, the operation did not succeed, or the number of all rows is
   what matters, so that they are listed without a filter) or a listing shows none, two listings that begin at least
   ``apart`` seconds from each other, after the operation's end, and show the same, are not both wrong. Apart from that
   they too lag for any time, so that of two such readings one may be wrong, and two wrong ones may agree if they
   follow each other sooner.
5. A target's rows are listed together: where AWS lists several for one target, none of them lags behind another. So
   rule 3 holds for a target if it holds for one of its rows.
6. Of the operations that could be the latest, all are listed by the second ListStackSetOperations after the one that
   showed the first of them, at the latest.
7. A row without an account or a Region may be listed twice too, and nothing shows that it is. But two listings that
   begin at least ``apart`` seconds from each other, after the operation's end, and show one with a failure, are not
   both wrong.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from math import inf
from typing import Any, NamedTuple

from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from ansible_collections.stackgate.stacksets.tests.unit.helpers.scripted_wire import answer, new_client, refusal

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=timezone.utc)  # second 0 of every simulation

TERMINAL = ("SUCCEEDED", "FAILED", "STOPPED")
# Of several rows for one target the first of these counts, any other status before the last one.
WORST_FIRST = ("FAILED", "CANCELLED", "RUNNING", "PENDING")


def worst(statuses: Any) -> str:
    """Of several statuses of one target, the one that counts."""
    found = set(statuses)
    return next(
        (status for status in (*WORST_FIRST, *sorted(found - {*WORST_FIRST, "SUCCEEDED"})) if status in found),
        "SUCCEEDED",
    )


class Target(NamedTuple):
    """One account in one Region. All times are seconds of the simulation's clock.

    PENDING, from ``begins`` on RUNNING, from ``odd_from`` on in a status that nobody knows, from ``ends`` on as
    ``outcomes`` say: pairs of status and reason, several where AWS lists several rows for it.
    """

    account: str | None
    region: str | None
    unit: str | None
    outcomes: tuple[tuple[str, str | None], ...]
    begins: float = -inf
    odd_from: float = inf
    ends: float = -inf
    hidden_until: float = -inf
    hidden_share: float = 1.0  # of the listings until then

    @property
    def is_named(self) -> bool:
        return bool(self.account and self.region)

    @property
    def status(self) -> str:
        return worst(status for status, _reason in self.outcomes)

    def at(self, time: float) -> tuple[tuple[str, str | None], ...]:
        if time >= self.ends:
            return self.outcomes
        status = "PENDING" if time < self.begins else "RUNNING" if time < self.odd_from else "SUSPENDING"
        return ((status, None),)


class Operation(NamedTuple):
    """``phases`` are pairs of a time and the status from then on, the first at ``created``.

    ``details`` and ``failed_count`` say what Describe tells of failures. ``drifted`` is final ``drift_known_at``;
    before that AWS says that it is at work, and counts fewer. ``late``: how many listings of operations lack it.
    """

    operation_id: str
    phases: tuple[tuple[float, str], ...]
    targets: tuple[Target, ...] = ()
    action: str = "UPDATE"
    details: bool = True
    failed_count: int | None = 0
    end_told: bool = True
    drifted: int | None = None
    drift_known_at: float = -inf
    late: int = 0

    @property
    def created(self) -> float:
        return self.phases[0][0]

    @property
    def ended(self) -> float:
        time, status = self.phases[-1]
        return time if status in TERMINAL else inf

    @property
    def status(self) -> str:
        """The final one."""
        return self.phases[-1][1]

    @property
    def counted(self) -> bool:
        return self.details and self.failed_count is not None

    def status_at(self, time: float) -> str:
        return [status for since, status in self.phases if since <= time][-1]

    def is_sure(self, target: Target) -> bool:
        """Whether the boundary has this target listed from the operation's end on: nothing else tells of it."""
        if not self.counted or self.status != "SUCCEEDED":
            return False
        too_low = (self.failed_count or 0) < sum(one.status == "FAILED" for one in self.targets)
        # By all its rows: one that is counted vouches for no other of the same target.
        statuses = {status for status, _reason in target.outcomes}
        return bool(statuses - {"SUCCEEDED", "FAILED"}) or (too_low and "FAILED" in statuses)


PASSING = (
    refusal("Throttling", "Rate exceeded"),
    refusal("ServiceUnavailable", status=503),
    refusal("InternalFailure", status=500),
    ConnectionClosedError(endpoint_url="https://cloudformation.eu-west-1.amazonaws.com/"),
    ReadTimeoutError(endpoint_url="https://cloudformation.eu-west-1.amazonaws.com/"),
)


class Behaviour(NamedTuple):
    """How badly AWS lists. Shares are probabilities; ``calm_at``: the time from which on listings are true, but for
    targets hidden beyond it.
    """

    seed: int = 0
    calm_at: float = -inf
    stale: float = 0.0  # share of listings from an older state
    moved: float = 0.0  # share of rows that move between pages
    page: int = 100
    empty: float = 0.0  # share of pages that are empty with a token, and of listings that end with one
    refused: float = 0.0  # share of calls that AWS does not answer for a reason that passes
    refused_until: float = inf
    latency: float = 0.1
    dated: bool = True
    apart: float = 15.0


@dataclass
class _Listing:
    began: float
    key: frozenset[Any]
    true: bool


@dataclass
class SimulatedAWS:
    """One stack set's reads. ``now`` is its clock; ``elapsed`` and ``sleep`` are what a waiting reader needs."""

    operations: tuple[Operation, ...]
    behaviour: Behaviour
    recent_from: float = -inf  # operations created from then on may be taken for the latest
    now: float = 0.0
    calls: int = 0
    listings: int = 0  # of results, begun
    wrong: bool = False  # whether the last look, from Describe on, met a listing that was not the truth
    recent_shown_at: float | None = None  # when an operation that may be the latest was first listed
    _pages: dict[str, tuple[list[dict[str, Any]], str | None]] = field(default_factory=dict)
    _earlier: dict[Any, list[_Listing]] = field(default_factory=dict)
    _operations_listed: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.behaviour.seed)

    def client(self) -> Any:
        """A boto3 client of this AWS. There is one for all, so it belongs to whoever asked last."""
        return _client_of(self)

    def elapsed(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert 0 <= seconds < inf
        self.now += seconds

    def answer(self, parameters: dict[str, str]) -> tuple[Any, ...]:
        """The wire's answer to one request."""
        self.calls += 1
        self.now += self.behaviour.latency
        about = {"date": format_datetime(self._time(self.now), usegmt=True)} if self.behaviour.dated else {}
        if self.now < self.behaviour.refused_until and self._random.random() < self.behaviour.refused:
            error = self._random.choice(PASSING)
            return error if isinstance(error, Exception) else (*error, about)
        action = parameters["Action"]
        if action == "ListStackSetOperations":
            return (*self._operations(parameters), about)
        found = [one for one in self.operations if one.operation_id == parameters["OperationId"]]
        assert found, f"asked for an operation that there is not: {parameters}"
        if action == "DescribeStackSetOperation":
            self.wrong = False
            return (*answer(action, StackSetOperation=self._description(found[0])), about)
        assert action == "ListStackSetOperationResults"
        token = parameters.get("NextToken")
        if token is None:
            token = self._begin(found[0], parameters)
        rows, following = self._pages[token]
        return (*answer(action, Summaries=rows, NextToken=following), about)

    def _time(self, seconds: float) -> datetime:
        return START + timedelta(seconds=seconds)

    def _summary(self, operation: Operation) -> dict[str, Any]:
        ended = self.now >= operation.ended
        failed = operation.failed_count
        if failed is not None and not ended:
            failed = min(failed, sum(one.status == "FAILED" and one.ends <= self.now for one in operation.targets))
        return {
            "OperationId": operation.operation_id,
            "Action": operation.action,
            "Status": operation.status_at(self.now),
            "CreationTimestamp": self._time(operation.created).isoformat(),
            "EndTimestamp": self._time(operation.ended).isoformat() if ended and operation.end_told else None,
            "StatusDetails": {"FailedStackInstancesCount": failed} if operation.details else None,
        }

    def _description(self, operation: Operation) -> dict[str, Any]:
        drift = None
        if operation.action == "DETECT_DRIFT":
            known = self.now >= operation.drift_known_at
            drift = {
                "DriftedStackInstancesCount": operation.drifted if known or not operation.drifted else 0,
                "InProgressStackInstancesCount": 0 if known else 1,
            }
        return {
            **self._summary(operation),
            "StackSetId": "simulated:5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e",
            "StackSetDriftDetectionDetails": drift,
        }

    def _operations(self, parameters: dict[str, str]) -> tuple[int, bytes]:
        listed, _colon, number = (parameters.get("NextToken") or "").partition(":")
        if not listed:
            self._operations_listed += 1
            announced = self.recent_shown_at is not None
            shown = [
                one
                for one in self.operations
                if one.created <= self.now and (announced or one.late < self._operations_listed)
            ]
            if any(one.created >= self.recent_from for one in shown) and not announced:
                self.recent_shown_at = self.now
            self._random.shuffle(shown)
            listed = f"operations{self._operations_listed}"
            for page, following in enumerate([*shown[1:], None], 1):
                rows = [self._summary(shown[page - 1])] if shown else []
                self._pages[f"{listed}:{page}"] = rows, f"{listed}:{page + 1}" if following else None
            number = "1"
        rows, following = self._pages[f"{listed}:{number}"]
        return answer("ListStackSetOperations", Summaries=rows, NextToken=following)

    def _begin(self, operation: Operation, parameters: dict[str, str]) -> str:
        """Plan a listing; the token of its first page."""
        wanted = parameters.get("Filters.member.1.Values")
        self.listings += 1
        plan, truth = list(self._plan(operation, wanted)), list(self._truth(operation, wanted))
        key, true_key = _key(plan), _key(truth)
        if self.now >= operation.ended:
            earlier = self._earlier.setdefault((operation.operation_id, wanted), [])
            # Whether there is any row shows in the listing of all, or of the good ones.
            shown = plan or wanted not in (None, "SUCCEEDED")
            unnamed = any(row["Status"] == "FAILED" and not (row["Account"] and row["Region"]) for row in plan)
            vouched = (
                operation.counted and operation.status == "SUCCEEDED" and shown and wanted is not None and not unnamed
            )
            if not vouched and any(
                not one.true and one.key == key and self.now - one.began >= self.behaviour.apart - 0.01
                for one in earlier
            ):
                plan, key = truth, true_key
            earlier.append(_Listing(self.now, key, key == true_key))
        self.wrong = self.wrong or key != true_key
        return self._paged(plan, int(parameters.get("MaxResults") or 100))

    def _plan(self, operation: Operation, wanted: str | None) -> Iterator[dict[str, Any]]:
        chance, behaviour = self._random.random, self.behaviour
        calm, ended = self.now >= behaviour.calm_at, self.now >= operation.ended
        # An older state of any age up to the operation's beginning, when nothing was listed.
        oldest = operation.created - 1
        stale = not calm and chance() < behaviour.stale
        time = self._random.uniform(max(oldest, self.now - self._random.choice((20, 300, inf))), self.now)
        order = list(operation.targets)
        if not calm:
            self._random.shuffle(order)
        twice = []
        for target in order:
            if ended and operation.is_sure(target):
                yield from _rows(target, self.now, wanted)
                continue
            hidden = self.now < target.hidden_until and chance() < target.hidden_share
            moves = not calm and chance() < behaviour.moved
            if hidden or (stale and time < operation.created):
                continue
            if not moves or chance() < 0.5:
                yield from _rows(target, time if stale else self.now, wanted)
                if moves:
                    twice.append(target)
        for target in twice:
            yield from _rows(target, self._random.uniform(max(oldest, self.now - 120), self.now), wanted)

    def _truth(self, operation: Operation, wanted: str | None) -> Iterator[dict[str, Any]]:
        for target in operation.targets:
            if target.hidden_until < inf or operation.is_sure(target):
                yield from _rows(target, self.now, wanted)

    def _paged(self, rows: list[dict[str, Any]], most: int) -> str:
        pages: list[list[dict[str, Any]]] = []
        left = list(rows)
        while left:
            size = 0 if self._random.random() < self.behaviour.empty else min(most, self.behaviour.page)
            pages.append(left[:size])
            left = left[size:]
        if not pages or self._random.random() < self.behaviour.empty:
            pages.append([])
        for number, page in enumerate(pages):
            following = f"results{self.listings}:{number + 1}" if number + 1 < len(pages) else None
            self._pages[f"results{self.listings}:{number}"] = page, following
        return f"results{self.listings}:0"


def _rows(target: Target, time: float, wanted: str | None) -> Iterator[dict[str, Any]]:
    for status, reason in target.at(time):
        if wanted in (None, status):
            yield {
                "Account": target.account,
                "Region": target.region,
                "Status": status,
                "StatusReason": reason,
                "OrganizationalUnitId": target.unit,
            }


def _key(rows: list[dict[str, Any]]) -> frozenset[Any]:
    """What a listing shows, whatever the order and however often; of a row without a name, also how often."""
    statuses: dict[Any, set[str]] = {}
    unnamed: Counter[Any] = Counter()
    for row in rows:
        if row["Account"] and row["Region"]:
            target = row["Account"], row["Region"], row["OrganizationalUnitId"]
            statuses.setdefault(target, set()).add(row["Status"])
        else:
            unnamed[row["Region"], row["OrganizationalUnitId"], row["Status"]] += 1
    return frozenset([*((target, worst(found)) for target, found in statuses.items()), *unnamed.items()])


_one_client: Any = None
_current: SimulatedAWS | None = None


def _client_of(aws: SimulatedAWS) -> Any:
    # To make a client takes longer than a hundred histories.
    global _one_client, _current
    _current = aws
    if _one_client is None:
        _one_client = new_client(_answer)
    return _one_client


def _answer(parameters: dict[str, str]) -> tuple[Any, ...]:
    return _current.answer(parameters)
