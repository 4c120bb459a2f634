# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of a listing and the tokens that lead from one to the next. Pure."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, replace
from typing import Any

# AWS allows tokens of 1,024 characters. The first of each walk is that long, so that whoever keeps or sends one
# is tried with the worst; the rest are shorter, to keep logs readable. Base64 brings the + / = that need escaping.
_FIRST_BYTES = 768
_BYTES = 96


@dataclass(frozen=True)
class Place:
    """Where in a listing a page begins."""

    listing: tuple[Any, ...]
    state: int = 0
    offset: int = 0
    page: int = 1
    empty_left: int = 0
    filled: bool = False
    token: str | None = None
    previous: str | None = None
    first: str | None = None

    def seen(self, which: str) -> str | None:
        """A token that this walk has had already: the first, the one it came with, or the one before that."""
        return {"first": self.first, "same": self.token, "previous": self.previous}[which]


class Tokens:
    """Every token given out and what it stands for. They mean nothing to anyone else: nothing is written in them."""

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}

    def place(self, token: str) -> Place | None:
        return self._places.get(token)

    def lead_to(self, place: Place, came_from: Place) -> str:
        """A fresh token for that place."""
        size = _BYTES if came_from.token else _FIRST_BYTES
        token = base64.b64encode(os.urandom(size)).decode()
        first = came_from.first or token
        self._places[token] = replace(place, token=token, previous=came_from.token, first=first)
        return token


def cut(items: list[Any], place: Place, size: int) -> tuple[list[Any], Place | None]:
    """The items of one page, and where the next one begins."""
    end = place.offset + size
    following = replace(place, offset=end, page=place.page + 1, filled=False) if end < len(items) else None
    return items[place.offset : end], following
