# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""One reading of an operation's results: one listing (all rows, or one status), or several statuses side by side.

ListStackSetOperationResults filters by at most one status, so several statuses are several listings. Without
``max_items`` they are read at the same time; with it one after another, in the order asked, so that no page is
fetched whose rows the limit keeps back. Either way the rows come in the order asked.

The resume token of one listing is the AWS CLI's. That of several holds, per status, the listing's own token, "" for
one to read from its start, null for a finished one; and the operation, so that it can't be taken for another's.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from .pagination import (
    START,
    Fetch,
    Listing,
    Position,
    TokenError,
    decode_object,
    encode_object,
)

OnPage = Callable[["list[Any]"], None]

MAX_THREADS = 5  # as many as there are statuses; the SDK's connection pool holds ten


def parse_starting_token(
    token: str | None, statuses: Sequence[str], operation_id: str | None
) -> tuple[Position | None, ...]:
    """Where each listing of a reading begins; None for one that the token says is finished. Raises TokenError."""
    if token is None:
        return (START,) * max(1, len(statuses))
    several = decode_object(token) or {}
    listings = several.get("Listings")
    if listings is None:
        if len(statuses) > 1:
            raise TokenError("is not a resume token of a reading of several statuses")
        return (Position.decode(token),)
    if not isinstance(listings, dict) or not all(isinstance(place, (str, type(None))) for place in listings.values()):
        raise TokenError("is not a resume token")
    if list(listings) != list(statuses):
        raise TokenError(f"belongs to a reading of the statuses {', '.join(listings)}")
    if several.get("OperationId") != operation_id:
        raise TokenError("belongs to a reading of another operation")
    return tuple(None if place is None else Position.decode(place) if place else START for place in listings.values())


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
        self._pages: list[tuple[int, bool]] = []  # each page's rows as AWS sent them, and whether another follows
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
        return self._statuses == [None] and self._start_positions == [START]

    @property
    def count(self) -> int:
        """How many rows were read, kept or not."""
        return sum(listing.count for listing in self._listings if listing)

    @property
    def pages(self) -> dict[str, int | None]:
        """How AWS's pages came: RETURN of operation_results_info, ``pages``."""
        followed = [size for size, follows in self._pages if follows]
        return {
            "count": len(self._pages),
            "rows": sum(size for size, _follows in self._pages),
            "empty": followed.count(0),
            # The last page of a listing is short by nature, and says nothing.
            "smallest": min(filter(None, followed), default=None),
            "largest": max((size for size, _follows in self._pages), default=None),
        }

    @property
    def next_token(self) -> str | None:
        places = list(self._positions())
        if len(places) == 1:
            return places[0].encode() if places[0] else None
        if all(place is None for place in places) or all(place == START for place in places):
            return None
        tokens = {
            status: place and (place.encode() or "") for status, place in zip(self._statuses, places, strict=True)
        }
        return encode_object({"OperationId": self._operation_id, "Listings": tokens})

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
        fetch = self._noted(self._fetch_for(self._statuses[index]))
        listing = Listing(fetch, max_items, self._page_size, self._start_positions[index] or START)
        self._listings[index] = listing
        return listing

    def _noted(self, fetch: Fetch) -> Fetch:
        def noted(token: str | None, limit: int | None) -> tuple[list[Any] | None, str | None]:
            rows, following = fetch(token, limit)
            self._pages.append((len(rows or ()), bool(following)))  # of several threads: append is one step
            return rows, following

        return noted

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
