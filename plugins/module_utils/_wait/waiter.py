# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Waits until one operation has ended and its rows are accounted for, and decides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from .._api.client import StackSetClient
from .._api.deadline import MIN_CALL_SECONDS, Deadline
from .._api.throttling import ThrottleRetry, retry_seconds
from .._backoff import Clock, backoff_delay
from .._errors import ReadError
from .._gate.counts import failed_count, failed_row_count, needs_confirmation, unnamed_failures
from .._gate.evaluate import evaluate, is_explained
from .._gate.model import Decision, Evidence, Missing, MissingKind, Verdict, Violation
from .._gate.policy import Policy
from .._rows.operations import operation_ahead, parse_time
from .._rows.types import TERMINAL_STATUSES, Operation, OperationSummary, Row
from .._text import one_line
from .evidence import EvidenceCollector, may_have_failed, needs_all_rows
from .gate_request import GateRequest
from .latest import created_between, latest_creation_bound, no_single_match, several_match

_CLOCK_TOLERANCE = 0.001  # seconds

# What another reading may bring, by the option that says how long to wait for it or what to do without it.
_WAITED_FOR = ("wait_timeout", "settle_timeout", "max_unaccounted")


def throttle_retry_for(request: GateRequest, clock: Clock, client: Any) -> ThrottleRetry:
    """The retries of a gate. One that waits retries errors that pass by themselves until its wait ends, any other as a
    reading does.
    """
    return ThrottleRetry(clock, float("inf") if request.wait else retry_seconds(client))


class OperationWaiter:
    """Waits for one decision.

    ``operation_id``, ``operation``, ``collector`` (the last reading of rows), ``newer_operations`` and ``progress`` are
    what is known so far, also after an error.
    """

    def __init__(self, stack_set: StackSetClient, request: GateRequest, policy: Policy, clock: Clock) -> None:
        self._stack_set = stack_set
        self._request = request
        self._policy = policy
        self._clock = clock
        # Only latest has it, and must have it: without it no operation would qualify.
        self._created_after = request.created_after or datetime.max.replace(tzinfo=timezone.utc)
        self._created_before = request.created_before
        self._polls_since_change = 0  # since the status changed
        self._ended_at: float | None = None  # before the task began: negative
        self._final_readings = 0  # begun when the time to settle was over
        self._violations: dict[Any, Violation] = {}  # definite after the end: the gate is closed from the first on
        self._most_failures: tuple[EvidenceCollector, Evidence] | None = None  # the reading since then that has them
        self._digest = ""
        self._digest_at = 0.0
        self.operation_id = request.operation_id
        self.operation: Operation | None = None
        self.collector = EvidenceCollector(policy)
        self.newer_operations: list[OperationSummary] = []
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
        return self._stack_set.calls

    def run(self) -> Decision:
        """Poll until there is a decision. Raises ReadError, and whatever ``sleep`` raises."""
        while True:
            decision = self.poll()
            if decision:
                return decision
            self._clock.sleep(self.delay())

    def poll(self) -> Decision | None:
        """One poll; None where it takes another, after a ``delay``. Raises ReadError, and whatever ``sleep`` raises."""
        self._limit_calls(None if self._request.wait else self._request.reading_timeout)
        try:
            decision = self._poll()
            return self._closed_decision(decision) if decision and self._violations else decision
        except ReadError as error:
            if not self._violations or not (error.is_transient(True) or error.is_timeout):
                raise
            return self._closed_decision()
        finally:
            # The thread of its calls ends with it: hundreds of waits must not keep one each until the next poll.
            self._stack_set.deadline = Deadline()
            self._polls_since_change += 1
            self.progress.update(operation_id=self.operation_id, elapsed=round(self._clock.elapsed(), 1))

    def delay(self) -> float:
        """How many seconds to wait until the next poll."""
        remaining = self._remaining()
        # Two readings must be wait_sleep apart to confirm each other, even where the time is over.
        least = self._request.wait_sleep if self._digest and remaining < self._request.wait_sleep else 0.0
        delay = backoff_delay(self._request.wait_sleep, self._polls_since_change - 1, self._clock.random())
        return max(min(delay, remaining), least, 0.0)

    def interrupted_decision(self, missing: Missing) -> Decision:
        """The decision where the wait ends early: a gate that was closed for good stays so."""
        if self._violations:
            return self._closed_decision()._replace(missing=(missing,))
        decision = evaluate(self._evidence(), self._policy)
        return decision._replace(verdict=Verdict.INCONCLUSIVE, violations=(), missing=(missing,))

    def _evidence(self, **known: Any) -> Evidence:
        """What the last reading shows."""
        return self.collector.evidence(self.operation, **known)

    def _poll(self) -> Decision | None:
        if self.operation_id is None:
            missing = self._find_latest()
            if missing:
                final = missing.option == "operation_id"
                return self.interrupted_decision(missing) if final or self._remaining() <= 0 else None
        self.operation = operation = self._stack_set.describe_operation(self.operation_id or "")
        status, before = operation["status"], self.progress["status"]
        if status != before:
            self._polls_since_change = 0
        self.progress.update(status=status, failed_stack_instances_count=failed_count(operation))
        if status not in TERMINAL_STATUSES:
            return self._decide_at_work(operation)
        if self._ended_at is None:
            # Seen at its end at once: it may have been there for long. Else it ended since the last poll.
            self._ended_at = self._clock.elapsed() - (0.0 if before else self._seconds_since_end(operation))
        return self._decide_ended(operation)

    def _find_latest(self) -> Missing | None:
        """Take the operation that ``latest`` means, or say why there is none."""
        qualified = self._qualified(self._created_before)
        missing = no_single_match(qualified, self._created_after, self._created_before)
        if not missing:
            self.operation_id = qualified[0]["operation_id"]
            self._created_before = self._created_before or latest_creation_bound(self._stack_set.aws_time)
        return missing

    def _qualified(self, before: datetime | None = None) -> list[OperationSummary]:
        return created_between(self._stack_set.list_operations(), self._created_after, before)

    def _decide_at_work(self, operation: Operation) -> Decision | None:
        self._ended_at = None
        over = self._remaining() <= 0
        if not over and not (self._request.fail_fast and may_have_failed(operation)):
            return None
        if self._request.wait:
            # At the end of the time what the rows show so far is worth some seconds and no more.
            seconds = self._request.reading_timeout
            self._limit_calls(min(MIN_CALL_SECONDS, seconds) if over else seconds)
        missing: tuple[Missing, ...] = ()
        self.collector = EvidenceCollector(self._policy)
        try:
            if over and operation["status"] == "QUEUED":
                missing = self._queued(operation)
            self.collector.collect(self._pages, operation, all_rows=False)
        except ReadError as error:
            if not over or not (error.is_transient(True) or error.is_timeout):
                raise
        decision = evaluate(self._evidence(missing=missing), self._policy, self._request.fail_fast)
        return decision if over or decision.verdict is Verdict.FAILED else None

    def _queued(self, operation: Operation) -> tuple[Missing, ...]:
        """Which operation a queued one waits for: told where it can be found out, never a reason to fail."""
        try:
            ahead = operation_ahead(self._stack_set.list_operations(), operation)
        except ReadError:
            return ()
        self.progress["in_front"] = ahead
        if not ahead:
            return ()
        message = f"The operation has not ended: it is QUEUED and waits for {one_line(ahead, 130)}."
        return (Missing(MissingKind.OPERATION, message, "wait_timeout"),)

    def _decide_ended(self, operation: Operation) -> Decision | None:
        began = self._clock.elapsed()
        if self._request.wait:
            self._limit_calls(self._request.reading_timeout)
        all_rows = self._request.whole_reading or needs_all_rows(operation, self._policy)
        self.collector = EvidenceCollector(self._policy)
        self.collector.collect(self._pages, operation, all_rows)
        confirmed, over = self._is_confirmed(began), began >= self._settled_by()
        self._final_readings += over
        evidence = self._evidence(confirmed=confirmed, settle_time_over=over)
        if not (confirmed and evidence.complete):
            evidence = evidence._replace(missing=self._unconfirmed())
        decision = evaluate(evidence, self._policy)
        violations = self._violations | _by_rule(decision)
        if not violations and decision.verdict is Verdict.INCONCLUSIVE and self._may_settle(evidence, decision):
            return None
        other = self._other_candidates()
        if other:
            self._violations = {}  # of an operation that may not be the one that is meant
            return decision._replace(verdict=Verdict.INCONCLUSIVE, missing=(*decision.missing, other))
        if not violations:
            return decision
        self._violations = violations
        self._keep_most_failures(evidence)
        explained = is_explained(self._violations.values(), evidence, self._policy) or not self.collector.complete
        return decision if explained or over or not self._request.wait else None

    def _keep_most_failures(self, evidence: Evidence) -> tuple[EvidenceCollector, Evidence]:
        kept = self._most_failures
        if kept is None or _failures(evidence) >= _failures(kept[1]):
            kept = self.collector, evidence
        self._most_failures = kept
        return kept

    def _closed_decision(self, decision: Decision | None = None) -> Decision:
        """The answer of a gate that is closed for good, by the reading with the most failures.

        ``decision`` is the last one, whose ``missing`` may be more.
        """
        if self._most_failures and self.collector is self._most_failures[0]:
            kept = self._most_failures
        else:
            kept = self._keep_most_failures(self._evidence())  # an error may have ended a reading that shows more
        self.collector, evidence = kept
        most = evaluate(evidence, self._policy)
        violations = self._violations | _by_rule(most)
        missing = dict.fromkeys((*most.missing, *(decision.missing if decision else ())))
        return most._replace(verdict=Verdict.FAILED, violations=tuple(violations.values()), missing=tuple(missing))

    def _is_confirmed(self, began: float) -> bool:
        """Whether this reading and an earlier one, at least ``wait_sleep`` before, saw the same."""
        digest = self.collector.digest()
        if digest == self._digest:
            return began - self._digest_at >= self._request.wait_sleep - _CLOCK_TOLERANCE
        self._digest, self._digest_at = digest, self._clock.elapsed()
        return False

    def _unconfirmed(self) -> tuple[Missing, ...]:
        """What one reading alone does not show, though AWS's count of failures agrees with it."""
        if self._policy.expected_results is None:
            return ()
        message = "expected_results counts every result, and no second reading has confirmed their number yet."
        return (Missing(MissingKind.SETTLED, message, "settle_timeout"),)

    def _may_settle(self, evidence: Evidence, decision: Decision) -> bool:
        """Whether another reading may bring what is missing."""
        waited_for = (missing.option in _WAITED_FOR or missing.what is MissingKind.ROWS for missing in decision.missing)
        if not self._request.wait or not all(waited_for):
            return False
        # What the last reading saw may be true and only lack another that confirms it: there is one more for that.
        operation, counts = evidence.operation or {}, evidence.counts
        unconfirmed = needs_confirmation(operation, counts) or unnamed_failures(counts) or self._unconfirmed()
        return not evidence.settle_time_over or (self._final_readings == 1 and bool(unconfirmed))

    def _other_candidates(self) -> Missing | None:
        """What is missing where `latest` may mean another operation too, else None. Keeps newer ones in
        ``newer_operations``.
        """
        if self._request.created_after is None:
            return None
        others = [one for one in self._qualified() if one["operation_id"] != self.operation_id]
        candidates = created_between(others, self._created_after, self._created_before)
        if candidates:
            return several_match([*(one["operation_id"] for one in candidates), self.operation_id])
        self.newer_operations = others
        return None

    def _seconds_since_end(self, operation: Operation) -> float:
        """For how many seconds the operation has been at its end, by AWS's own clock; 0 where that is not known."""
        end, now = parse_time(operation["end_timestamp"]), self._stack_set.aws_time
        return max(0.0, (now - end).total_seconds()) if end and now else 0.0

    def _settled_by(self) -> float:
        return (self._ended_at or 0.0) + self._request.settle_timeout

    def _remaining(self) -> float:
        """Seconds left of the phase that the wait is in."""
        if not self._request.wait:
            return 0.0
        until = self._request.wait_timeout if self._ended_at is None else self._settled_by()
        return until - self._clock.elapsed()

    def _remaining_to_retry(self) -> float:
        """For how many seconds an error that passes is retried. Fewer where the gate is closed for good already, for a
        retry would only delay the answer.
        """
        rest = self._request.wait_timeout - self._clock.elapsed()
        return self._remaining() if self._violations else max(self._remaining(), rest)

    def _limit_calls(self, seconds: float | None) -> None:
        """Limit the time of all further calls together to ``seconds`` (None: no limit). A gate that waits is limited by
        the time that is left of its wait, too.
        """
        wait_remaining = self._remaining_to_retry if self._request.wait else None
        self._stack_set.deadline = Deadline(seconds, self._clock.elapsed, wait_remaining, self._clock.stop)

    def _pages(self, status: str | None) -> Iterable[list[Row]]:
        return self._stack_set.result_pages(self.operation_id or "", status)


def _by_rule(decision: Decision) -> dict[Any, Violation]:
    return {(violation.rule, violation.group): violation for violation in decision.violations}


def _failures(evidence: Evidence) -> tuple[int, int]:
    return failed_row_count(evidence.counts), evidence.counts["by_status"]["CANCELLED"]
