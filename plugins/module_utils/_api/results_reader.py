# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""One reading of an operation's results: one listing (all rows, or one status), or several statuses at the same time.

This is where module, lookup and inventory meet: ``read_results`` is the whole of a reading, from checked options to
rows.

ListStackSetOperationResults filters by at most one status, so several statuses are several listings. Without
``max_items`` they are read at the same time; with it one after another, in the order asked, so that no page is
fetched whose rows the limit keeps back. Either way the rows come in the order asked.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, NamedTuple

from .._errors import ReadError
from .._rows.operations import matching
from .._rows.types import TERMINAL_STATUSES, Operation, OperationSummary
from .._text import one_line
from .client import StackSetClient
from .deadline import Deadline
from .pagination import START, Fetch, Listing, Position, resume_token
from .request import OperationsRequest, ResultsRequest
from .throttling import ThrottleRetry, retry_seconds

OnPage = Callable[["list[Any]"], None]
Warn = Callable[[str], None]

MAX_THREADS = 5  # as many as there are statuses; the SDK's connection pool holds ten


class ReadResult(NamedTuple):
    """What a reading gave: the operation (None: the stack set has none), the reading of its rows, and the stack set as
    it was asked for.
    """

    operation: Operation | None
    reading: Reading
    stack_set_name: str


class Reading:
    """The listings of one operation's results, read as one.

    ``fetch_for(status)`` gives the callable that fetches a page of the listing of one status, None for all rows.
    ``run`` reads; afterwards, also when it raised, ``rows`` are the rows as they were fetched and ``next_token``
    resumes after the last of them: None where nothing remains, or where nothing was read from the start. ``stop`` is
    set when one of several listings has failed: a ``fetch`` that waits for something need not wait any longer.
    """

    def __init__(
        self,
        fetch_for: Callable[[str | None], Fetch],
        operation_id: str | None = None,
        statuses: Sequence[str] = (),
        start_positions: Sequence[Position | None] = (START,),
        max_items: int | None = None,
        page_size: int | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        self._fetch_for = fetch_for
        self._operation_id = operation_id
        self._statuses: list[str | None] = list(statuses) or [None]
        self._start_positions = list(start_positions)
        self._max_items = max_items
        self._page_size = page_size
        self._stop = stop or threading.Event()
        self._listings: list[Listing | None] = [None] * len(self._statuses)
        self._rows: list[list[Any]] = [[] for _status in self._statuses]
        self._kept = sys.maxsize

    @classmethod
    def empty(cls) -> Reading:
        """The reading of an operation that does not exist: no listing, no rows."""
        return cls(lambda status: lambda token, limit: (None, None), start_positions=(None,))

    @property
    def rows(self) -> list[Any]:
        rows = self._rows[0] if len(self._rows) == 1 else [row for rows in self._rows for row in rows]
        return rows[: self._kept] if len(rows) > self._kept else rows

    @property
    def covers_all_rows(self) -> bool:
        """Whether every row is read, were it not for a limit or an error: no statuses, and from the first row on."""
        return self._statuses == [None] and not self.resumed

    @property
    def resumed(self) -> bool:
        """Whether it began behind the first row of a listing."""
        return any(position != START for position in self._start_positions)

    @property
    def statuses(self) -> list[str] | None:
        """The statuses that were asked for; None for all rows."""
        return [status for status in self._statuses if status] or None

    @property
    def count(self) -> int:
        """How many rows were read, kept or not."""
        return sum(listing.count for listing in self._listings if listing)

    @property
    def next_token(self) -> str | None:
        return resume_token(list(self._positions()), self._statuses, self._operation_id)

    def keep_first(self, count: int) -> None:
        """Keep the first ``count`` rows; ``next_token`` resumes after those."""
        self._kept = count

    def run(self, on_page: OnPage | None = None) -> None:
        """Read everything that was asked for; ``on_page`` is given the rows page by page, and they are not kept then.

        Raises what a ``fetch`` raises, and TokenRepeated. Where one of several listings fails the others end after
        the page they are at, and what they read is kept.
        """
        todo = [index for index, start in enumerate(self._start_positions) if start is not None]
        if self._max_items is None and len(todo) > 1:
            self._read_at_once(todo, on_page)
            return
        left = self._max_items
        for index in todo:
            if left == 0:
                break
            listing = self._listing(index, left)
            for page in listing:
                self._deliver(index, page, on_page)
            if left is not None:
                left -= listing.count

    def _read_at_once(self, todo: list[int], on_page: OnPage | None) -> None:
        lock = threading.Lock()
        errors: list[BaseException] = []

        def walk(index: int) -> None:
            try:
                for page in self._listing(index, None):
                    with lock:
                        self._deliver(index, page, on_page)
                    if self._stop.is_set():
                        return
            except BaseException as error:
                # Before the stop, so that the first is the cause, and no other that only gave up because of it.
                errors.append(error)
                self._stop.set()
                raise

        with ThreadPoolExecutor(min(len(todo), MAX_THREADS)) as threads:
            try:
                walks = [threads.submit(walk, index) for index in todo]
                for done in as_completed(walks):
                    if done.exception():
                        raise errors[0]
            except BaseException:  # of a walk, or an interruption of this thread
                self._stop.set()
                raise

    def _listing(self, index: int, max_items: int | None) -> Listing:
        fetch = self._fetch_for(self._statuses[index])
        listing = Listing(fetch, max_items, self._page_size, self._start_positions[index] or START)
        self._listings[index] = listing
        return listing

    def _deliver(self, index: int, page: list[Any], on_page: OnPage | None) -> None:
        if on_page:
            on_page(page)
        else:
            self._rows[index] += page

    def _positions(self) -> Iterator[Position | None]:
        left = self._kept
        for start, listing in zip(self._start_positions, self._listings, strict=True):
            if listing is None:
                yield start
            else:
                yield listing.position_after(left)
                left -= min(left, listing.count)


def read_results(client: Any, request: ResultsRequest, warn: Warn, on_page: OnPage | None = None) -> ReadResult:
    """A complete reading: find the operation, describe it, read its rows (page by page to ``on_page``, where given).

    Raises OptionError before any call, or ReadError with the operation and the rows so far. ``warn`` is told what
    the rows alone don't show.
    """
    retry = ThrottleRetry(seconds=retry_seconds(client))
    deadline = Deadline(request.reading_timeout)
    stack_set = StackSetClient(client, request.stack_set, request.call_as, deadline, retry, request.page_size)
    operation_id = request.operation_id
    if operation_id is None:
        operations = stack_set.list_operations()
        if not operations:
            warn(f"Stack set {stack_set.name} has no operations, so there are no results to read.")
            return ReadResult(None, Reading.empty(), stack_set.name)
        operation_id = operations[0]["operation_id"] or ""
    operation = stack_set.describe_operation(operation_id)
    if len(request.statuses) > 1 and operation["status"] not in TERMINAL_STATUSES:
        warn(
            f"Operation {operation_id} is {one_line(operation['status'])}, so the listings of"
            f" {', '.join(request.statuses)} are not one snapshot. A result that changed its status between them may be"
            " missing. Read all results (without statuses), or read again after the operation has ended."
        )
    reading = Reading(
        lambda status: stack_set.fetch_results(operation_id, status),
        operation_id,
        request.statuses,
        request.start_positions,
        request.max_items,
        request.page_size,
        retry.cancelled,
    )
    try:
        with stack_set.listing_errors("ListStackSetOperationResults", operation_id):
            reading.run(on_page)
    except ReadError as error:
        error.operation, error.reading = operation, reading
        raise
    return ReadResult(operation, reading, stack_set.name)


def read_operations(client: Any, request: OperationsRequest) -> tuple[list[OperationSummary], bool]:
    """The operations asked for, newest first, and whether ``max_items`` left some out.

    Raises OptionError before any call, or ReadError with the operations so far.
    """
    deadline = Deadline(request.reading_timeout)
    retry = ThrottleRetry(seconds=retry_seconds(client))
    stack_set = StackSetClient(client, request.stack_set, request.call_as, deadline, retry, request.page_size)
    operations = matching(stack_set.list_operations(), request.actions, request.statuses)
    kept = operations[: request.max_items]
    return kept, len(kept) < len(operations)
