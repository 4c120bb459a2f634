# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults: which request one strikes (pure), and what it does to the connection (raw sockets)."""

from __future__ import annotations

import os
import random
import socket
import struct
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from emulator.paging import Place

# What comes instead of the read, which then never happens; and what is done to its answer.
INSTEAD = ("error", "http", "body")
UPON = ("truncate", "delay", "drip", "extra", "empty_pages", "return_token")
KINDS = (*INSTEAD, "reset", *UPON)


@dataclass(frozen=True)
class Occasion:
    """The request a fault may strike. The page is None for what has no pages, or for an unknown token."""

    action: str
    stack_set_name: str
    page: int | None
    status: str | None
    place: Place | None


@dataclass
class Fault:
    """One scripted fault and how often it may still strike."""

    action: str
    kind: str
    value: Any
    status: int | None = None
    message: str | None = None
    when: dict[str, Any] = field(default_factory=dict)
    stack_set_name: str | None = None
    left: int | None = 1
    _met: int = 0
    _dice: random.Random = field(default_factory=lambda: random.Random(0), repr=False)

    @property
    def instead(self) -> bool:
        return self.kind in INSTEAD or (self.kind == "reset" and self.value == "before")

    def strikes(self, occasion: Occasion) -> bool:
        """Whether it strikes this request; asking counts."""
        if self.left == 0 or not self._fits(occasion):
            return False
        self._met += 1
        if self._met % self.when.get("every", 1):
            return False
        if self._dice.random() >= self.when.get("share", 1):
            return False
        if self.left is not None:
            self.left -= 1
        return True

    def _fits(self, occasion: Occasion) -> bool:
        if self.action != occasion.action:
            return False
        if self.stack_set_name is not None and self.stack_set_name not in _names(occasion.stack_set_name):
            return False
        if "status" in self.when and self.when["status"] != occasion.status:
            return False
        if "page" in self.when and self.when["page"] != occasion.page:
            return False
        if "page_from" in self.when and (occasion.page is None or occasion.page < self.when["page_from"]):
            return False
        if self.kind == "return_token":
            return occasion.place is not None and occasion.place.seen(self.value) is not None
        if self.kind == "empty_pages":
            # Else a fault without an end would put empty pages before the same page forever.
            return occasion.place is not None and not occasion.place.filled
        return True


def _names(stack_set_name: str) -> tuple[str, str]:
    return stack_set_name, stack_set_name.partition(":")[0]


class HungUpError(ConnectionError):
    """The socket has been dealt with. werkzeug takes any ConnectionError for a client that left, and writes nothing."""


def reset(sock: socket.socket) -> None:
    """End the connection with a TCP reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # close() would wait for werkzeug's own files on this socket. Putting another socket under the same number closes
    # the real one at once, and leaves werkzeug something harmless to read the end of.
    harmless, other = socket.socketpair()
    other.close()
    os.dup2(harmless.fileno(), sock.fileno())
    harmless.close()
    raise HungUpError


def send(
    sock: socket.socket, status: int, headers: dict[str, Any], body: str, share: float = 1.0, drip: float = 0.0
) -> None:
    """The head of an answer, which announces all of its body, and that share of it; byte by byte with a ``drip``."""
    data = body.encode()
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Content-Length: {len(data)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items() if name.lower() != "content-length"]
    sock.sendall("\r\n".join([*lines, "", ""]).encode() + (b"" if drip else data[: int(len(data) * share)]))
    for byte in data if drip else b"":
        time.sleep(drip)
        sock.sendall(bytes([byte]))  # raises when the client has gone, which ends it


def hang_up(sock: socket.socket) -> None:
    """End the connection as if all had been said."""
    sock.shutdown(socket.SHUT_WR)
    raise HungUpError
