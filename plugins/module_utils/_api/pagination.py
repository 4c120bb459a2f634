# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Iterates over any token-paged listing.

A listing is described by one callable, ``fetch(token, page_size) -> (rows, next_token)``; nothing here knows what
is listed, or by which client. The resume tokens are those of the AWS CLI (base64 of JSON with the service's token
and, for a position in the middle of a page, the number of its rows to skip), so a listing begun by one can be
finished by the other.
"""

from __future__ import annotations

import base64
import binascii
import json
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

Fetch = Callable[["str | None", "int | None"], "tuple[list[Any] | None, str | None]"]

SERVICE_TOKEN_LIMIT = 1024  # ListStackSetOperationResults: NextToken, 1 to 1024 characters
RESUME_TOKEN_LIMIT = 16384  # a token of several listings holds several service tokens, base64 twice


class TokenError(ValueError):
    """A string that no listing can be resumed with. Its message completes the sentence "starting_token ..."."""


class TokenRepeated(Exception):
    """The service answered with a token that was followed before: to continue would be a loop."""


class Position(NamedTuple):
    """A place between two rows: ``skip`` rows into the page that ``token`` fetches (None: the first page)."""

    token: str | None = None
    skip: int = 0

    def encode(self) -> str | None:
        """The resume token of this place, as the AWS CLI writes it; None for the very start."""
        if self == START:
            return None
        place: dict[str, Any] = {"NextToken": self.token}
        if self.skip:
            place["boto_truncate_amount"] = self.skip
        return encode_object(place)

    @classmethod
    def decode(cls, text: str) -> Position:
        """Read a resume token: the AWS CLI's, ours (they are the same), or a bare token of the service.

        Raises TokenError.
        """
        place = decode_object(text)
        if place is None:
            if len(text) > SERVICE_TOKEN_LIMIT:
                raise TokenError(f"is longer than any AWS token ({SERVICE_TOKEN_LIMIT} characters)")
            return cls(text)
        token, skip = place.get("NextToken"), place.get("boto_truncate_amount", 0)
        if (
            set(place) - {"NextToken", "boto_truncate_amount"}
            or not isinstance(token, (str, type(None)))
            or (token is not None and not 0 < len(token) <= SERVICE_TOKEN_LIMIT)
            or not isinstance(skip, int)
            or isinstance(skip, bool)
            or skip < 0
            or (token is None and not skip)
        ):
            raise TokenError("is not a resume token")
        return cls(token, skip)


START = Position()


def encode_object(value: dict[str, Any]) -> str:
    """A JSON object as one opaque word."""
    return base64.b64encode(json.dumps(value).encode()).decode()


def decode_object(text: str) -> dict[str, Any] | None:
    """The JSON object inside an opaque word; None where the word holds none, as a service's own token.

    Raises TokenError for a string that cannot be a token.
    """
    if not text:
        raise TokenError("is empty")
    if len(text) > RESUME_TOKEN_LIMIT:
        raise TokenError(f"is longer than any resume token ({RESUME_TOKEN_LIMIT} characters)")
    if not text.isascii() or not text.isprintable() or " " in text:
        raise TokenError("has spaces or characters that no token has")
    try:
        value = json.loads(base64.b64decode(text, validate=True).decode())
    except (binascii.Error, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


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


def resume_token(
    positions: Sequence[Position | None], statuses: Sequence[str | None], operation_id: str | None
) -> str | None:
    """The token that resumes a reading of these listings at these places (None: finished), for parse_starting_token.

    None where nothing remains, or where nothing was read from the start. The token of one listing is its own, the AWS
    CLI's. That of several holds, per status, the listing's own token, "" for one to read from its start, null for a
    finished one; and the operation, so that it can't be taken for another's.
    """
    if len(positions) == 1:
        return positions[0].encode() if positions[0] else None
    if all(place is None for place in positions) or all(place == START for place in positions):
        return None
    tokens = {status: place and (place.encode() or "") for status, place in zip(statuses, positions, strict=True)}
    return encode_object({"OperationId": operation_id, "Listings": tokens})


class Listing:
    """One listing, page by page: iterate it for lists of rows, at most ``max_items`` rows in all.

    At any moment, also after ``fetch`` or the iteration itself raised, ``position`` is the place after the last of the
    ``count`` rows handed out, None at the end: nothing that was read need be read again. ``position_after(n)`` is the
    place after the first n rows, for a caller that can keep only those.

    Raises what ``fetch`` raises, and TokenRepeated after the page whose token was followed before.

    ``max_items`` counts rows as the service sent them. The page size is the same for all pages (no API page says that
    it may change under a token); a listing that wants fewer rows than a page asks for no more than it wants.
    """

    def __init__(
        self,
        fetch: Fetch,
        max_items: int | None = None,
        page_size: int | None = None,
        start: Position = START,
    ) -> None:
        self._fetch = fetch
        self._max_items = sys.maxsize if max_items is None else max_items
        self._page_size = page_size
        if page_size and max_items:
            self._page_size = min(page_size, max_items + start.skip)
        self._pages: list[tuple[int, Position]] = [(0, start)]  # rows handed out before a page, and its position
        self.position: Position | None = start
        self.count = 0

    def position_after(self, count: int) -> Position | None:
        """The place after the first ``count`` rows handed out; ``position`` where there were no more."""
        if count >= self.count:
            return self.position
        before, place = self._pages[bisect_right(self._pages, count, key=lambda page: page[0]) - 1]
        return Position(place.token, place.skip + count - before)

    def __iter__(self) -> Iterator[list[Any]]:
        seen = {self.position.token if self.position else None}
        while self.position and self.count < self._max_items:
            token, skip = self.position
            rows, following = self._fetch(token, self._page_size)
            arrived = rows or []
            following = following or None
            kept = arrived[skip : skip + self._max_items - self.count]
            circle = following is not None and following in seen
            if skip + len(kept) < len(arrived):
                self.position = Position(token, skip + len(kept))
            elif circle:
                # Who resumes asks for this page again: its rows are skipped, its next token may be sound then.
                self.position = Position(token, max(skip, len(arrived)))
            elif following:
                # A page shorter than the rows to skip: the rest is skipped in the next one, for the token may have
                # been made with larger pages.
                self.position = Position(following, max(0, skip - len(arrived)))
            else:
                self.position = None
            if kept:
                self._pages.append((self.count, Position(token, skip)))
            self.count += len(kept)
            yield kept
            if circle and self.count < self._max_items:
                raise TokenRepeated
            seen.add(following)
