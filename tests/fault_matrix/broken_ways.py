# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways to AWS that are broken below what the emulator can break: raw sockets on this machine, each doing one thing."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import NamedTuple

import trustme

Serve = Callable[[socket.socket], None]


class BrokenWays(NamedTuple):
    """Where each of them begins: URLs of endpoints and of proxies."""

    refused: str
    silent: str
    garbage: str
    mangled: str
    untrusted: str
    refusing_proxy: str
    no_proxy_there: str
    unknown_name: str = "http://cloudformation.invalid"  # RFC 2606: a name that never resolves


@contextmanager
def broken_ways() -> Iterator[BrokenWays]:
    with ExitStack() as stack:
        served = (_say_nothing, _say_garbage, _say_no_utf_8, _refuse_to_connect, _tls())
        silent, garbage, mangled, proxy, untrusted = (stack.enter_context(_listening(serve)) for serve in served)
        closed = f"http://127.0.0.1:{stack.enter_context(_not_listening())}"
        yield BrokenWays(
            refused=closed,
            silent=f"http://127.0.0.1:{silent}",
            garbage=f"http://127.0.0.1:{garbage}",
            mangled=f"http://127.0.0.1:{mangled}",
            untrusted=f"https://127.0.0.1:{untrusted}",
            refusing_proxy=f"http://127.0.0.1:{proxy}",
            no_proxy_there=closed,
        )


@contextmanager
def _not_listening() -> Iterator[int]:
    # Bound, so that nobody else gets the port, and not listening, so that whoever connects is refused.
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@contextmanager
def _listening(serve: Serve) -> Iterator[int]:
    ended = threading.Event()

    def accept() -> None:
        while not ended.is_set():
            with suppress(OSError):  # whatever a client does to its own connection is its own affair
                connection, _address = listener.accept()
                threading.Thread(target=_served, args=(serve, connection), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        ended.set()
        thread.join()


def _served(serve: Serve, connection: socket.socket) -> None:
    with connection, suppress(OSError):
        connection.settimeout(30)
        serve(connection)


def _say_nothing(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def _say_garbage(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"\x00\xff SSH-2.0 \r\n\r\n")


def _say_no_utf_8(connection: socket.socket) -> None:
    connection.recv(65536)
    body = b"<DescribeStackSetOperationResponse><StatusReason>\xff\xfe\x80</StatusReason>"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    connection.sendall(head.encode() + body)


def _refuse_to_connect(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def _tls() -> Serve:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(65536)

    return serve
