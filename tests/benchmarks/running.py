# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs what is measured: a function alone in a process, a task in a playbook, a command, beside the server of pages."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
RETRY_SECONDS = 1800  # seconds until something counts as hung


class Server:
    """canned.py with so many rows, each answer ``latency`` seconds late; ``counts`` of the rows by status."""

    def __init__(self, rows: int, latency: float = 0.0, **counts: int) -> None:
        self.rows = rows
        self._command = [sys.executable, str(HERE / "canned.py"), str(rows), str(latency), json.dumps(counts)]

    def __enter__(self) -> Server:
        self._process = subprocess.Popen(
            self._command, env=environment(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.port = int(self._process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_error: object) -> None:
        with self._process:
            self._process.stdin.close()

    def milliseconds_a_page(self, pages: int = 100) -> float:
        """What the server itself takes, by a client that does not look at what it gets."""
        client = http.client.HTTPConnection("127.0.0.1", self.port)
        start = time.perf_counter()
        for _page in range(pages):
            client.request("POST", "/", "Action=ListStackSetOperationResults")
            client.getresponse().read()
        return (time.perf_counter() - start) / pages * 1000


def cores() -> str:
    """The processors, in words."""
    return f"{os.cpu_count()} shared cores"


def environment(server: Server | None = None, **further: str) -> dict[str, str]:
    """That of everything measured: no settings of the caller's, no way to AWS, and the server's address."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BOTO"))}
    paths = [str(HERE), str(HERE.parent), *os.environ["ANSIBLE_COLLECTIONS_PATH"].split(os.pathsep)]
    return {
        **kept,
        # The core needs nothing of Ansible but its place in the tree.
        "PYTHONPATH": os.pathsep.join(paths),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret-of-anyone",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "no_proxy": "127.0.0.1",
        "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),
        **({"AWS_ENDPOINT_URL": server.url} if server else {}),
        **further,
    }


def command(server: Server, *words: str, **further: str) -> float:
    """Seconds that a command takes, what it prints read and thrown away."""
    start = time.perf_counter()
    ran = subprocess.run(
        list(words),
        env=environment(server, **further),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=RETRY_SECONDS,
        check=False,
    )
    taken = time.perf_counter() - start
    if ran.returncode:
        sys.exit(f"{' '.join(words)} failed:\n{ran.stdout}\n{ran.stderr}")
    return taken


def tasks(server: Server, playbook: str, **variables: object) -> list[float]:
    """Seconds that each task of a playbook takes, from its start on the controller to its (last) result there.

    The start of Ansible itself is not counted. What Ansible does when it first meets a module is.
    """
    with tempfile.NamedTemporaryFile() as seconds:
        command(
            server,
            "ansible-playbook",
            str(HERE / playbook),
            "--extra-vars",
            json.dumps({"ansible_python_interpreter": sys.executable, **variables}),
            ANSIBLE_CALLBACK_PLUGINS=str(HERE / "callback"),
            ANSIBLE_CALLBACKS_ENABLED="task_seconds",
            ANSIBLE_LOCALHOST_WARNING="false",
            ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
            STACKGATE_TASK_SECONDS=seconds.name,
        )
        return json.loads(Path(seconds.name).read_text(encoding="utf-8"))


def alone(server: Server, name: str) -> dict[str, float]:
    """What ``run(client)`` of a module takes alone in a process, where everything is loaded: see alone.py."""
    ran = subprocess.run(
        [sys.executable, str(HERE / "alone.py"), name, server.url],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=RETRY_SECONDS,
        check=False,
    )
    if ran.returncode:
        sys.exit(f"{name} failed:\n{ran.stderr}")
    return json.loads(ran.stdout)
