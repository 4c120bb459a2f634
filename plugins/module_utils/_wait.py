# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Poll until the operation has ended and its rows are accounted for, and decide.

The wait is a series of polls, and what must be known from one to the next is a Watch, plain data: the module can do
them all in one run, or one in each run with the controller sleeping in between, with the same result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ansible_collections.stackgate.stacksets.plugins.module_utils._deadline import Deadline
from ansible_collections.stackgate.stacksets.plugins.module_utils._decision import Decision, Evidence, Missing
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import ReadError
from ansible_collections.stackgate.stacksets.plugins.module_utils._evidence import Look, whole_is_needed
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate import (
    all_read,
    decide,
    failed_count,
    needs_agreement,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._latest import (
    created_since,
    none_or_several,
    several,
    was_another,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._operations import (
    TERMINAL,
    in_front,
    operation_fact,
    operation_summary_fact,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._pagination import START
from ansible_collections.stackgate.stacksets.plugins.module_utils._patience import PATIENCE, Patience
from ansible_collections.stackgate.stacksets.plugins.module_utils._policy import Policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._stack_sets import StackSets
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import one_line
from ansible_collections.stackgate.stacksets.plugins.module_utils._validate import PAGE_SIZE_LIMIT, GateRequest
from ansible_collections.stackgate.stacksets.plugins.module_utils._watch import (
    LONGEST_SLEEP,
    Surroundings,
    Watch,
    backed_off,
)

_CLOCK_TOLERANCE = 0.001

# What another look may bring, by the option that says how long to wait for it or what to do without it.
_WAITED_FOR = ("wait_timeout", "settle_timeout", "max_unaccounted")

# Counting for the eye: at most so often, over at most so many pages.
COUNT_INTERVAL = 60.0
COUNT_PAGES = 5


def patience_of(request: GateRequest, surroundings: Surroundings) -> Patience:
    """A wait asks again by itself, for as long as it has time, but not at once."""
    return Patience(surroundings, request.wait_sleep if request.wait else PATIENCE)


class Wait:
    """A wait for one decision.

    ``operation`` (AWS's), ``look`` and ``newer`` (facts of operations) are what is known so far, also after an error.
    """

    def __init__(
        self,
        stack_sets: StackSets,
        request: GateRequest,
        policy: Policy,
        surroundings: Surroundings,
        watch: Watch | None = None,
        counting: bool = False,
    ) -> None:
        self._stack_sets = stack_sets
        self._request = request
        self._policy = policy
        self._surroundings = surroundings
        self._counting = counting
        self.watch = watch or Watch()
        self.watch.operation_id = self.watch.operation_id or request.operation_id
        self._calls_before = self.watch.calls
        self.operation: dict[str, Any] | None = None
        self.look = Look(policy)
        self.newer: list[dict[str, Any]] = []

    def run(self) -> Decision:
        """Poll until there is a decision. Raises ReadError, and whatever ``sleep`` raises."""
        while True:
            decision = self.poll()
            if decision:
                return decision
            self._surroundings.sleep(self.pause())

    def poll(self) -> Decision | None:
        """One poll; None where it takes another, after a ``pause``. Raises ReadError."""
        self.watch.throttled = False
        try:
            return self._poll()
        except ReadError as error:
            self.watch.throttled = error.throttled
            if not error.throttled or self._left() <= 0:
                raise
            return None
        finally:
            self.watch.polls_alike += 1
            self.watch.calls = self._calls_before + self._stack_sets.calls
            self.watch.elapsed = self._surroundings.elapsed()

    def pause(self) -> float:
        """How many seconds to wait until the next poll."""
        left = self._left()
        # Two looks must lie apart by wait_sleep to say something together, even where the time is over.
        least = self._request.wait_sleep if self.watch.digest and left < self._request.wait_sleep else 0.0
        seconds = backed_off(self._request.wait_sleep, self.watch.polls_alike - 1, self._surroundings.random())
        return max(min(seconds, left), least, 0.0)

    def state(self) -> dict[str, Any]:
        """What the next poll must know."""
        return asdict(self.watch)

    def forget_rows(self) -> None:
        """Let go of the rows. A poll that is at work in another thread goes on with its own."""
        self.look = Look(self._policy)

    def undecided(self, *missing: Missing) -> Decision:
        """The decision that the evidence so far allows, where the wait ends early."""
        operation = operation_fact(self.operation)
        evidence = Evidence(operation, self.look.counts, self.look.read, self.look.whole, missing=missing)
        return decide(evidence, self._policy)._replace(verdict="inconclusive", violations=())

    def _poll(self) -> Decision | None:
        self._stack_sets.deadline = Deadline(self._request.reading_timeout, self._surroundings.elapsed)
        if self.watch.operation_id is None:
            missing = self._resolve()
            if missing:
                final = missing.option == "operation_id"
                return self.undecided(missing) if final or self._left() <= 0 else None
        self.operation = self._stack_sets.describe_operation(self.watch.operation_id)
        operation = operation_fact(self.operation)
        status, before = operation["status"], self.watch.status
        if status != before:
            self.watch.polls_alike, self.watch.in_front, self.watch.counted_at = 0, None, None
        self.watch.status, self.watch.failed = status, failed_count(operation)
        if status not in TERMINAL:
            return self._at_work(operation)
        if self.watch.ended_at is None:
            # Seen at its end at once: it may have been there for long. Else it ended since the last poll.
            self.watch.ended_at = self._surroundings.elapsed() - (0.0 if before else self._age())
        return self._ended(operation)

    def _resolve(self) -> Missing | None:
        """Pin ``latest`` to an id, or say what stands against it."""
        qualified = self._qualified()
        missing = none_or_several(qualified, self._request.created_after)
        if not missing:
            self.watch.operation_id = qualified[0]["OperationId"]
            self.watch.pinned_at = self._stack_sets.time.isoformat() if self._stack_sets.time else None
        return missing

    def _qualified(self) -> list[Mapping[str, Any]]:
        return created_since(self._stack_sets.operations(PAGE_SIZE_LIMIT), self._request.created_after)

    def _at_work(self, operation: Mapping[str, Any]) -> Decision | None:
        self.watch.ended_at = None
        over = self._left() <= 0
        if operation["status"] == "QUEUED" and (over or (self._counting and self._due())):
            self._name_in_front()
        # AWS counts the failures in its description, so rows are looked at only where there may be bad ones.
        suspicious = self.watch.failed != 0 or operation["status"] == "STOPPING"
        if over or (self._request.fail_fast and suspicious):
            self.look = Look(self._policy)
            self.look.take(self._pages, operation, whole=False)
            evidence = Evidence(operation, self.look.counts, self.look.read, missing=self._queued())
            decision = decide(evidence, self._policy, self._request.fail_fast)
            if over or decision.verdict == "failed":
                return decision
        self._count()
        return None

    def _queued(self) -> tuple[Missing, ...]:
        if not self.watch.in_front:
            return ()
        message = f"The operation has not ended: it is QUEUED behind {one_line(self.watch.in_front, 130)}."
        return (Missing("operation", message, "wait_timeout"),)

    def _ended(self, operation: Mapping[str, Any]) -> Decision | None:
        began = self._surroundings.elapsed()
        self.look = look = Look(self._policy)
        look.take(self._pages, operation, self._request.whole_reading or whole_is_needed(operation, self._policy))
        agreed, last = self._agreed(look, began), began >= self._settled_by()
        self.watch.last_looks += last
        missing = () if agreed else self._unconfirmed()
        evidence = Evidence(operation, look.counts, look.read, look.whole, agreed, last, missing)
        decision = decide(evidence, self._policy)
        by_status = decision.counts["by_status"]
        self._is_done(decision.counts["total"] - by_status["PENDING"] - by_status["RUNNING"])
        if decision.verdict == "inconclusive" and self._may_settle(operation, decision, last):
            return None
        return self._still_the_latest(decision)

    def _agreed(self, look: Look, began: float) -> bool:
        """Whether this look and an earlier one, at least ``wait_sleep`` before, saw the same."""
        watch = self.watch
        digest = f"{'whole' if look.whole else ' '.join(sorted(look.read))} {look.digest()}"
        if digest == watch.digest:
            return all_read(look) and began - watch.digest_at >= self._request.wait_sleep - _CLOCK_TOLERANCE
        watch.digest, watch.digest_at = digest, self._surroundings.elapsed()
        return False

    def _unconfirmed(self) -> tuple[Missing, ...]:
        """What one look alone does not show, though AWS's count of failures agrees with it."""
        if self._policy.expected_results is None:
            return ()
        message = "expected_results counts every row, and one more may not be listed yet: no second look agreed."
        return (Missing("settled", message, "settle_timeout"),)

    def _may_settle(self, operation: Mapping[str, Any], decision: Decision, last: bool) -> bool:
        """Whether another look may bring what is missing; ``last``: this one began when the time to settle was over."""
        waited_for = (missing.option in _WAITED_FOR or missing.what == "rows" for missing in decision.missing)
        if not self._request.wait or not all(waited_for):
            return False
        # What the last look saw may be true and only lack another that agrees: it may be looked at once more.
        unconfirmed = needs_agreement(operation, self.look.counts) or bool(self._unconfirmed())
        return not last or (self.watch.last_looks == 1 and unconfirmed)

    def _still_the_latest(self, decision: Decision) -> Decision:
        """The decision, unless ``latest`` was another operation when it was pinned; newer ones are kept."""
        if self._request.created_after is None:
            return decision
        others = [one for one in self._qualified() if one.get("OperationId") != self.watch.operation_id]
        pinned_at = datetime.fromisoformat(self.watch.pinned_at) if self.watch.pinned_at else None
        if was_another(others, pinned_at):
            missing = several([*others, {"OperationId": self.watch.operation_id}])
            return decision._replace(verdict="inconclusive", missing=(*decision.missing, missing))
        self.newer = [operation_summary_fact(one) for one in others]
        return decision

    def _age(self) -> float:
        """For how many seconds the operation has been at its end, by AWS's own clock; 0 where that is not known."""
        end, now = (self.operation or {}).get("EndTimestamp"), self._stack_sets.time
        return max(0.0, (now - end).total_seconds()) if end and now else 0.0

    def _settled_by(self) -> float:
        return (self.watch.ended_at or 0.0) + self._request.settle_timeout

    def _left(self) -> float:
        """Seconds left of the phase that the wait is in."""
        if not self._request.wait:
            return 0.0
        until = self._request.wait_timeout if self.watch.ended_at is None else self._settled_by()
        if self.watch.throttled:
            # Who is told to come back later does so, also where the operation ended long ago.
            until = max(until, self._request.wait_timeout)
        return until - self._surroundings.elapsed()

    def _pages(self, status: str | None) -> Iterable[list[dict[str, Any]]]:
        """A listing that throttling delays: it goes on where it was, as long as there is time."""
        place, throttled = START, 0
        while place is not None:
            try:
                for page in self._stack_sets.result_pages(self.watch.operation_id, status, place):
                    yield page.rows
                    place, throttled = page.after, 0
            except ReadError as error:
                self.watch.throttled = error.throttled
                left = self._left()
                if not error.throttled or left <= 0:
                    raise
                self._surroundings.sleep(min(self._request.wait_sleep * 2**throttled, LONGEST_SLEEP, left))
                self.watch.throttled = False
                throttled = min(throttled + 1, 10)

    def _due(self) -> bool:
        at = self.watch.counted_at
        return at is None or self._surroundings.elapsed() - at >= COUNT_INTERVAL

    def _name_in_front(self) -> None:
        """Which operation a queued one waits for: told where it can be found out, never a reason to fail."""
        self.watch.counted_at = self._surroundings.elapsed()
        try:
            self.watch.in_front = in_front(self._stack_sets.operations(PAGE_SIZE_LIMIT), self.operation or {})
        except ReadError:
            self.watch.in_front = None

    def _count(self) -> None:
        """How many rows are done, for the eye only, so bounded and never a reason to fail."""
        if not self._counting or self.watch.status == "QUEUED" or not self._due():
            return
        self.watch.counted_at = self._surroundings.elapsed()
        done = 0
        try:
            for number, page in enumerate(self._stack_sets.result_pages(self.watch.operation_id, "SUCCEEDED"), 1):
                done += len(page.rows)
                if number >= COUNT_PAGES:
                    break
        except ReadError:
            return
        self._is_done(done + (self.watch.failed or 0))

    def _is_done(self, number: int) -> None:
        # A listing that lags, or that was not read to its end, may show fewer than an earlier one did.
        self.watch.done = max(number, self.watch.done or 0)
