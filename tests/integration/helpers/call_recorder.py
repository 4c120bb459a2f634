# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands between a client and the emulator, and notes what the emulator's log lacks: STS, and whose keys signed."""

from __future__ import annotations

import http.client
import http.server
import re
import threading
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit


class Call(NamedTuple):
    action: str
    access_key: str


@contextmanager
def recorded(endpoint_url):
    """A URL that leads to this endpoint, and the calls that went there."""
    calls = []

    class Passes(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            signed_by = re.search("Credential=([^/]+)/", self.headers["Authorization"])
            calls.append(Call(parse_qs(body.decode())["Action"][0], signed_by[1]))
            onward = http.client.HTTPConnection(urlsplit(endpoint_url).netloc, timeout=60)
            onward.request("POST", self.path, body, dict(self.headers))
            answer = onward.getresponse()
            said = answer.read()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers.get("Content-Type", "text/xml"))
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_unused):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Passes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", calls
    finally:
        server.shutdown()
        server.server_close()
