# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What a process remembers of settled operations, so that an expression that is templated again does not read again.

An answer is kept only where no later reading is expected to show another one. An operation that has ended is settled,
for all questions about it, by

* a complete reading of at least its PENDING, RUNNING and FAILED rows, if there is a row, nothing is unaccounted for,
  AWS's count vouches for it (``needs_agreement`` of the gate says no), and the operation ended a while ago; or
* two whole readings, a while apart, that agree.

Nothing is written to a disk, and the memory has no clock of its own: pure.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any, NamedTuple

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.client import Answer
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.pagination import START
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.evaluate import (
    needs_agreement,
    unaccounted,
    unnamed_failures,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.operations import TERMINAL, operation_fact
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import STATUSES, UNSUCCESSFUL, Tally
from ansible_collections.stackgate.stacksets.plugins.module_utils._validation import Request
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._question import Question

MOST_ANSWERS = 16
MOST_ROWS = 100_000  # of all answers together
MOST_NOTES = 256  # operations, and questions, of which a few words are kept
APART = 15.0  # seconds between two readings that can agree: operation_gate's default of wait_sleep
SETTLING = 120.0  # seconds after an operation's end: operation_gate's default of settle_timeout

Rows = Sequence[Mapping[str, Any]]

_AT_WORK = ("PENDING", "RUNNING")
_ENDED = frozenset(("SUCCEEDED", *UNSUCCESSFUL))  # an allow-list: a status that AWS invents tomorrow is not an end


def first_rows(asked: Request) -> Request:
    """A reading of one row: one that is at work, if there is any, or else one that succeeded.

    In the direction in which rows move: one that leaves these listings meanwhile is in those that are read afterwards.
    """
    statuses = (*_AT_WORK, "SUCCEEDED")
    return asked._replace(statuses=statuses, starts=(START,) * len(statuses), max_items=1)


class _Kept(NamedTuple):
    """What is kept of a Reading. The Reading itself holds the client, and that the credentials."""

    rows: Rows
    next_token: str | None


class _Seen:
    """What one reading shows of an operation (its fact) that has ended; ``first`` as for ``Memory.add``."""

    def __init__(self, asked: Request, reading: Any, operation: Mapping[str, Any], first: Rows | None) -> None:
        rows = reading.rows
        self.asked_for = frozenset(asked.statuses or STATUSES)
        none_at_work = first is not None and all(row.get("Status") == "SUCCEEDED" for row in first)
        self.read = self.asked_for.union(_AT_WORK) if none_at_work else self.asked_for
        self.complete = reading.next_token is None and all(start == START for start in asked.starts)
        self.whole = self.complete and not asked.statuses
        self.is_of_rows = bool(rows or first)
        self.all_ended = all(row.get("Status") in _ENDED for row in rows)
        self._numbers = Counter(row.get("Status") for row in rows)
        self._tally = Tally()
        self._tally.add(rows)
        counts = self._tally.counts()
        failures_lack = "FAILED" not in self.read or unaccounted(operation, counts)
        self.lacks_nothing = self.complete and self.all_ended and not failures_lack
        settles = not needs_agreement(operation, {"total": 1}) and not unnamed_failures(counts)
        self.vouched_for = self.lacks_nothing and settles

    def digest(self) -> str:
        return self._tally.digest()

    def numbers(self) -> dict[str, int]:
        """How many rows there are of each status that was read."""
        return {status: self._numbers[status] for status in self.read}

    def fits(self, numbers: Mapping[str, int]) -> bool:
        """Whether this is of the same rows. One listing may be older than another; what is limited can't be counted."""
        if not self.complete:
            return self.all_ended
        common = self.asked_for & numbers.keys()
        return self.all_ended and all(self._numbers[status] == numbers[status] for status in common)


class _Known:
    """What was learned of one operation that has ended."""

    def __init__(self) -> None:
        self.digest: str | None = None  # of the first of the whole readings that agree so far, and when it was over
        self.at = 0.0
        self.numbers: dict[str, int] | None = None  # of the reading that settled it

    def agrees(self, digest: str, began: float, ended: float) -> bool:
        """Whether a whole reading shows what an earlier one showed, a while ago; if not it is remembered instead."""
        if digest == self.digest:
            return began - self.at >= APART
        self.digest, self.at = digest, ended
        return False


class Memory:
    """Answers about settled operations; the least recently used are forgotten first. Several threads may share it.

    ``elapsed`` is a clock that never goes back, ``now`` tells the time since the epoch, both in seconds. The lock is
    held for moments, never during a call to AWS.
    """

    def __init__(self, elapsed: Callable[[], float], now: Callable[[], float]) -> None:
        self.elapsed = elapsed
        self._now = now
        self._lock = threading.Lock()
        self._answers: OrderedDict[Question, Answer] = OrderedDict()
        self._operations: OrderedDict[tuple[Any, ...], _Known] = OrderedDict()
        self._promising: OrderedDict[Question, float] = OrderedDict()

    def answer(self, question: Question) -> Answer | None:
        """The answer that was kept, if it was."""
        with self._lock:
            if question not in self._answers:
                return None
            self._answers.move_to_end(question)
            return self._answers[question]

    def wants_first_rows(self, question: Question) -> bool:
        """Whether ``first_rows``, read before this is asked again, should settle it.

        So it is where the last answer lacked no failure, and did not say whether rows are at work.
        """
        with self._lock:
            return self.elapsed() >= self._promising.get(question, inf)

    def add(self, question: Question, answer: Answer, began: float, first: Rows | None = None) -> None:
        """Learn from an answer whose reading began at ``began`` (of ``elapsed``), and keep it if that is settled.

        ``first`` are the rows of ``first_rows``, where those were read before.
        """
        operation = operation_fact(answer.operation) or {}
        if question.asked.operation_id is None or operation.get("status") not in TERMINAL:
            return
        seen = _Seen(question.asked, answer.reading, operation, first)
        vouched = seen.vouched_for and self._is_old(answer.operation)
        ended = self.elapsed()
        with self._lock:
            known = _put(self._operations, question.operation, self._operations.get(question.operation) or _Known())
            settled = vouched and seen.read.issuperset(_AT_WORK)
            if seen.whole and not settled:
                settled = known.agrees(seen.digest(), began, ended) and seen.lacks_nothing
            if settled and seen.is_of_rows:
                known.numbers = seen.numbers()
            worth_it_from = self._promising.pop(question, -inf)
            if known.numbers is not None and seen.fits(known.numbers):
                self._keep(question, Answer(answer.operation, _Kept(answer.reading.rows, answer.reading.next_token)))
            elif vouched and not seen.asked_for.issuperset(_AT_WORK):
                # Not at once again where it has just been in vain.
                _put(self._promising, question, worth_it_from if first is None else ended + APART)

    def _is_old(self, operation: Mapping[str, Any]) -> bool:
        """Whether the listing has had its time since the end: SUCCEEDED rows lag too, and AWS counts only failures."""
        end = operation.get("EndTimestamp")
        return end is not None and self._now() - end.timestamp() >= SETTLING

    def _keep(self, question: Question, answer: Answer) -> None:
        if len(answer.reading.rows) > MOST_ROWS:
            return
        _put(self._answers, question, answer, MOST_ANSWERS)
        while sum(len(kept.reading.rows) for kept in self._answers.values()) > MOST_ROWS:
            self._answers.popitem(last=False)


def _put(entries: OrderedDict[Any, Any], key: Any, value: Any, most: int = MOST_NOTES) -> Any:
    """The value, put in as the one used last; the one used least recently is dropped where there are too many."""
    entries[key] = value
    entries.move_to_end(key)
    if len(entries) > most:
        entries.popitem(last=False)
    return value
