# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An endpoint that answers from pages written beforehand, so that what is measured is the client and not a server.

python canned.py ROWS LATENCY COUNTS prints the port and serves one operation of so many rows, under any name, until its
standard input ends; each answer comes LATENCY seconds after it was asked for. COUNTS is JSON, {"failed": 100}; without
any one row in a thousand failed.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from emulator.rows import generate

PAGE = 100
FAILED_EVERY = 1000
STATUSES = (None, "PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED")
XML = 'xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"'
ABOUT = "<ResponseMetadata><RequestId>3e8b4a52-7a41-4d0e-9c47-6d1d0f3e5b11</RequestId></ResponseMetadata>"


def made(number: int, counts: dict[str, int]) -> list[dict]:
    """The rows that are served: those that failed are the last."""
    counts = counts or {"failed": number // FAILED_EVERY}
    rows = generate({"accounts": -(-number // 20), "regions": 20, "count": number, **counts})
    return sorted(rows, key=lambda row: row["Status"] == "FAILED")


def _elements(values: dict) -> str:
    return "".join(
        f"<{name}>{_elements(value) if isinstance(value, dict) else escape(value)}</{name}>"
        for name, value in values.items()
    )


def _answer(action: str, result: str) -> bytes:
    body = f"<{action}Response {XML}><{action}Result>{result}</{action}Result>{ABOUT}</{action}Response>".encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def answers(rows: list[dict]) -> dict[tuple, bytes]:
    """Every answer there is, by action, status and token: the token is the page's number."""
    failed = sum(row["Status"] == "FAILED" for row in rows)
    operation = (
        "<StackSetOperation><OperationId>op-1</OperationId><Action>UPDATE</Action><Status>SUCCEEDED</Status>"
        "<CreationTimestamp>2026-11-02T08:00:00.000Z</CreationTimestamp>"
        "<EndTimestamp>2026-11-02T08:20:00.000Z</EndTimestamp>"
        f"<StatusDetails><FailedStackInstancesCount>{failed}</FailedStackInstancesCount></StatusDetails>"
        "</StackSetOperation>"
    )
    ready = {("DescribeStackSetOperation", None, None): _answer("DescribeStackSetOperation", operation)}
    for status in STATUSES:
        members = [f"<member>{_elements(row)}</member>" for row in rows if status in (None, row["Status"])]
        for page, start in enumerate(range(0, max(len(members), 1), PAGE)):
            more = f"<NextToken>{page + 1}</NextToken>" if start + PAGE < len(members) else ""
            result = f"<Summaries>{''.join(members[start : start + PAGE])}</Summaries>{more}"
            key = ("ListStackSetOperationResults", status, str(page) if page else None)
            ready[key] = _answer(key[0], result)
    return ready


class Pages:
    """Answers each call with a page that is there already."""

    def __init__(self, rows: list[dict], latency: float) -> None:
        self._ready = answers(rows)
        self._latency = latency
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)

    def run(self) -> None:
        print(self._listener.getsockname()[1], flush=True)
        threading.Thread(target=self._accept, daemon=True).start()
        sys.stdin.read()

    def _accept(self) -> None:
        while True:
            connection, _address = self._listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as sent:
            while sent.readline():
                length = 0
                while line := sent.readline().strip():
                    name, _colon, value = line.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                asked = {name: values[0] for name, values in parse_qs(sent.read(length).decode()).items()}
                key = (asked["Action"], asked.get("Filters.member.1.Values"), asked.get("NextToken"))
                if self._latency:
                    time.sleep(self._latency)
                connection.sendall(self._ready[key])


def main() -> None:
    rows, latency, counts = sys.argv[1:]
    Pages(made(int(rows), json.loads(counts)), float(latency)).run()


if __name__ == "__main__":
    main()
