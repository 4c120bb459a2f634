# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Poll until the operation has ended and its rows are accounted for, and decide; or look once whether it has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .._api.client import StackSets
from .._api.deadline import LEAST, Deadline
from .._api.throttling import PATIENCE, Patience
from .._backoff import Surroundings, backed_off
from .._errors import ReadError
from .._gate.evaluate import (
    all_read,
    decide,
    failed_count,
    failed_rows,
    is_explained,
    needs_agreement,
    proven,
    unnamed_failures,
)
from .._gate.model import (
    Decision,
    Evidence,
    Missing,
    Violation,
)
from .._gate.policy import Policy
from .._rows.operations import (
    TERMINAL,
    in_front,
    operation_fact,
    operation_summary_fact,
)
from .._text import one_line
from .._validation import PAGE_SIZE_LIMIT, GateRequest
from .evidence import Look, whole_is_needed
from .latest import (
    created_between,
    none_or_several,
    several,
    told_by,
)

_CLOCK_TOLERANCE = 0.001

# What another look may bring, by the option that says how long to wait for it or what to do without it.
_WAITED_FOR = ("wait_timeout", "settle_timeout", "max_unaccounted")


def patience_of(request: GateRequest, surroundings: Surroundings) -> Patience:
    """What waits outlasts what passes for as long as it has time."""
    return Patience(surroundings, float("inf") if request.wait else PATIENCE)


class Wait:
    """A wait for one decision.

    ``operation`` (AWS's), ``look``, ``newer`` (facts of operations) and ``progress`` are what is known so far, also
    after an error.
    """

    def __init__(self, stack_sets: StackSets, request: GateRequest, policy: Policy, surroundings: Surroundings) -> None:
        self._stack_sets = stack_sets
        self._request = request
        self._policy = policy
        self._surroundings = surroundings
        self._created_before = request.created_before
        self._polls_alike = 0  # since the status changed
        self._ended_at: float | None = None  # before the task began: negative
        self._last_looks = 0  # begun when the time to settle was over
        self._violations: dict[Any, Violation] = {}  # proven after the end: the verdict is failed from the first on
        self._most: tuple[Look, Evidence] | None = None  # since then, the look with the most failures
        self._digest = ""
        self._digest_at = 0.0
        self.operation_id = request.operation_id
        self.operation: dict[str, Any] | None = None
        self.look = Look(policy)
        self.newer: list[dict[str, Any]] = []
        self.progress: dict[str, Any] = {
            "operation_id": request.operation_id,
            "status": None,
            "failed_stack_instances_count": None,
            "in_front": None,
            "elapsed": 0.0,
        }

    @property
    def calls(self) -> int:
        """How many requests were sent to AWS."""
        return self._stack_sets.calls

    def run(self) -> Decision:
        """Poll until there is a decision. Raises ReadError, and whatever ``sleep`` raises."""
        while True:
            decision = self.poll()
            if decision:
                return decision
            self._surroundings.sleep(self.pause())

    def poll(self) -> Decision | None:
        """One poll; None where it takes another, after a ``pause``. Raises ReadError, and whatever ``sleep`` raises."""
        self._limit_calls(None if self._request.wait else self._request.reading_timeout)
        try:
            decision = self._poll()
            return self._closed(decision) if decision and self._violations else decision
        except ReadError as error:
            if not self._violations or not (error.passes(True) or error.out_of_time):
                raise
            return self._closed()
        finally:
            # The thread of its calls ends with it: hundreds of waits must not keep one each until the next poll.
            self._stack_sets.deadline = Deadline()
            self._polls_alike += 1
            self.progress.update(operation_id=self.operation_id, elapsed=round(self._surroundings.elapsed(), 1))

    def pause(self) -> float:
        """How many seconds to wait until the next poll."""
        left = self._left()
        # Two looks must lie apart by wait_sleep to say something together, even where the time is over.
        least = self._request.wait_sleep if self._digest and left < self._request.wait_sleep else 0.0
        seconds = backed_off(self._request.wait_sleep, self._polls_alike - 1, self._surroundings.random())
        return max(min(seconds, left), least, 0.0)

    def undecided(self, missing: Missing) -> Decision:
        """The decision where the wait ends early: what was proven before stays so."""
        if self._violations:
            return self._closed()._replace(missing=(missing,))
        decision = decide(self._evidence(), self._policy)
        return decision._replace(verdict="inconclusive", violations=(), missing=(missing,))

    def _evidence(self, **known: Any) -> Evidence:
        """What the look at hand shows."""
        return Evidence(operation_fact(self.operation), self.look.counts, self.look.read, self.look.whole, **known)

    def _poll(self) -> Decision | None:
        if self.operation_id is None:
            missing = self._resolve()
            if missing:
                final = missing.option == "operation_id"
                return self.undecided(missing) if final or self._left() <= 0 else None
        self.operation = self._stack_sets.describe_operation(self.operation_id)
        operation = operation_fact(self.operation)
        status, before = operation["status"], self.progress["status"]
        if status != before:
            self._polls_alike = 0
        self.progress.update(status=status, failed_stack_instances_count=failed_count(operation))
        if status not in TERMINAL:
            return self._at_work(operation)
        if self._ended_at is None:
            # Seen at its end at once: it may have been there for long. Else it ended since the last poll.
            self._ended_at = self._surroundings.elapsed() - (0.0 if before else self._age())
        return self._ended(operation)

    def _resolve(self) -> Missing | None:
        """Pin ``latest`` to an id, or say what stands against it."""
        qualified = self._qualified(self._created_before)
        missing = none_or_several(qualified, self._request.created_after, self._created_before)
        if not missing:
            self.operation_id = qualified[0]["OperationId"]
            self._created_before = self._created_before or told_by(self._stack_sets.time)
        return missing

    def _qualified(self, before: Any = None) -> list[Mapping[str, Any]]:
        return created_between(self._stack_sets.operations(PAGE_SIZE_LIMIT), self._request.created_after, before)

    def _at_work(self, operation: Mapping[str, Any]) -> Decision | None:
        self._ended_at = None
        over = self._left() <= 0
        if not over and not (self._request.fail_fast and _may_have_failed(operation)):
            return None
        if self._request.wait:
            # At the end of the time what the rows show so far is worth some seconds and no more.
            self._limit_calls(min(LEAST, self._request.reading_timeout) if over else self._request.reading_timeout)
        missing: tuple[Missing, ...] = ()
        self.look = Look(self._policy)
        try:
            if over and operation["status"] == "QUEUED":
                missing = self._queued()
            self.look.take(self._pages, operation, whole=False)
        except ReadError as error:
            if not over or not (error.passes(True) or error.out_of_time):
                raise
        decision = decide(self._evidence(missing=missing), self._policy, self._request.fail_fast)
        return decision if over or decision.verdict == "failed" else None

    def _queued(self) -> tuple[Missing, ...]:
        """Which operation a queued one waits for: told where it can be found out, never a reason to fail."""
        try:
            front = in_front(self._stack_sets.operations(PAGE_SIZE_LIMIT), self.operation or {})
        except ReadError:
            return ()
        self.progress["in_front"] = front
        if not front:
            return ()
        message = f"The operation has not ended: it is QUEUED behind {one_line(front, 130)}."
        return (Missing("operation", message, "wait_timeout"),)

    def _ended(self, operation: Mapping[str, Any]) -> Decision | None:
        began = self._surroundings.elapsed()
        if self._request.wait:
            self._limit_calls(self._request.reading_timeout)
        whole = self._request.whole_reading or whole_is_needed(operation, self._policy)
        self.look = look = Look(self._policy)
        look.take(self._pages, operation, whole)
        agreed, last = self._agreed(look, began), began >= self._settled_by()
        self._last_looks += last
        missing = () if agreed and all_read(look) else self._unconfirmed()
        evidence = self._evidence(agreed=agreed, last=last, missing=missing)
        decision = decide(evidence, self._policy)
        violations = self._violations | {(one.rule, one.group): one for one in decision.violations}
        if not violations and decision.verdict == "inconclusive" and self._may_settle(operation, decision, last):
            return None
        rivals = self._rivals()
        if rivals:
            self._violations = {}  # of an operation that may not be the one that is meant
            return decision._replace(verdict="inconclusive", missing=(*decision.missing, rivals))
        if not violations:
            return decision
        self._violations = violations
        self._keep_most(evidence)
        told = is_explained(self._violations.values(), evidence, self._policy) or not look.complete
        return decision if told or last or not self._request.wait else None

    def _keep_most(self, evidence: Evidence) -> None:
        if self._most is None or _failures(evidence) >= _failures(self._most[1]):
            self._most = self.look, evidence

    def _closed(self, decision: Decision | None = None) -> Decision:
        """The answer of a gate that was proven to be closed, by the look with the most failures.

        ``decision`` is the last one, whose ``missing`` may be more.
        """
        if self.look is not self._most[0]:
            self._keep_most(self._evidence())  # an error may have ended a look that shows more
        self.look, evidence = self._most
        most = decide(evidence, self._policy)
        violations = {(one.rule, one.group): one for one in most.violations}
        missing = dict.fromkeys((*most.missing, *(decision.missing if decision else ())))
        return most._replace(
            verdict="failed", violations=tuple({**self._violations, **violations}.values()), missing=tuple(missing)
        )

    def _agreed(self, look: Look, began: float) -> bool:
        """Whether this look and an earlier one, at least ``wait_sleep`` before, saw the same."""
        digest = look.digest()
        if digest == self._digest:
            return began - self._digest_at >= self._request.wait_sleep - _CLOCK_TOLERANCE
        self._digest, self._digest_at = digest, self._surroundings.elapsed()
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
        counts = self.look.counts
        unconfirmed = needs_agreement(operation, counts) or unnamed_failures(counts) or self._unconfirmed()
        return not last or (self._last_looks == 1 and bool(unconfirmed))

    def _rivals(self) -> Missing | None:
        """What stands against this operation where another one may be meant as well; newer ones are kept."""
        if self._request.created_after is None:
            return None
        others = [one for one in self._qualified() if one.get("OperationId") != self.operation_id]
        rivals = created_between(others, self._request.created_after, self._created_before)
        if rivals:
            return several([*rivals, {"OperationId": self.operation_id}])
        self.newer = [operation_summary_fact(one) for one in others]
        return None

    def _age(self) -> float:
        """For how many seconds the operation has been at its end, by AWS's own clock; 0 where that is not known."""
        end, now = (self.operation or {}).get("EndTimestamp"), self._stack_sets.time
        return max(0.0, (now - end).total_seconds()) if end and now else 0.0

    def _settled_by(self) -> float:
        return (self._ended_at or 0.0) + self._request.settle_timeout

    def _left(self) -> float:
        """Seconds left of the phase that the wait is in."""
        if not self._request.wait:
            return 0.0
        until = self._request.wait_timeout if self._ended_at is None else self._settled_by()
        return until - self._surroundings.elapsed()

    def _left_to_ask(self) -> float:
        """Seconds for which an error that passes is outlasted: less where it could only keep a closed gate waiting."""
        rest = self._request.wait_timeout - self._surroundings.elapsed()
        return self._left() if self._violations else max(self._left(), rest)

    def _limit_calls(self, seconds: float | None) -> None:
        """From now on all calls together take no longer; in any case what waits has no more time than it waits."""
        waiting = self._left_to_ask if self._request.wait else None
        clock, stop = self._surroundings.elapsed, self._surroundings.stop
        self._stack_sets.deadline = Deadline(seconds, clock, waiting, stop)

    def _pages(self, status: str | None) -> Iterable[list[dict[str, Any]]]:
        return self._stack_sets.result_pages(self.operation_id, status)


def _failures(evidence: Evidence) -> tuple[int, int]:
    return failed_rows(evidence.counts), evidence.counts["by_status"]["CANCELLED"]


def poll_once(
    stack_sets: StackSets, request: GateRequest, policy: Policy, elapsed: Callable[[], float]
) -> dict[str, Any]:
    """A look at whether the operation has ended, which keeps nothing and decides nothing.

    ``poll_again``: it has not, nor is there anything else to decide now, or an error passes by itself. ``problem`` is
    that error in a word or two; with ``poll_again_if_reached`` it passes if AWS answered an earlier poll.
    ``created_before``: up to when what is created may be meant, once ``latest`` is found and AWS tells its time.
    """
    stack_sets.deadline = Deadline(request.reading_timeout, elapsed, lambda: request.wait_timeout - elapsed())
    try:
        found = _found_by_poll(stack_sets, request, policy)
    except ReadError as error:
        found = {
            "poll_again": error.passes(False),
            "poll_again_if_reached": error.passes(True),
            "problem": error.brief,
        }
    return {**found, "calls": stack_sets.calls}


def _found_by_poll(stack_sets: StackSets, request: GateRequest, policy: Policy) -> dict[str, Any]:
    operation_id, before = request.operation_id, request.created_before
    if operation_id:
        operation = operation_fact(stack_sets.describe_operation(operation_id))
    else:
        qualified = created_between(stack_sets.operations(PAGE_SIZE_LIMIT), request.created_after, before)
        if len(qualified) != 1:
            return {"poll_again": not qualified}
        operation = operation_summary_fact(qualified[0])
        operation_id, before = operation["operation_id"], before or told_by(stack_sets.time)
    at_work = operation["status"] not in TERMINAL
    if at_work and request.fail_fast and _may_have_failed(operation):
        look = Look(policy)
        look.take(lambda status: stack_sets.result_pages(operation_id, status), operation, whole=False)
        at_work = not proven(look.counts, policy)
    return {
        "poll_again": at_work,
        "operation_id": operation_id,
        "status": operation["status"],
        "failed_stack_instances_count": failed_count(operation),
        "created_before": before.isoformat() if before else None,
    }


def _may_have_failed(operation: Mapping[str, Any]) -> bool:
    """Whether an operation at work may have bad rows. AWS counts the failures in its description."""
    return failed_count(operation) != 0 or operation["status"] == "STOPPING"
